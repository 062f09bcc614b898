"""Asks the public advisory databases about the pinned packages; ``make audit`` runs it.

Of the Python packages everything in ``constraints.txt`` counts, of the front end's what is shipped
or builds it. Ends with 1 if something is known against a package. A database that cannot be reached
is said in one line and is no failure: it says nothing, neither good nor bad.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

__all__ = ["Answer", "main", "python_packages", "reachable", "tell", "web_packages"]

ROOT = Path(__file__).resolve().parents[1]
OSV = "https://api.osv.dev/v1/query"
# What web/ is built with; the other packages there check and format it.
BUILDS = ("svelte", "vite", "@sveltejs/vite-plugin-svelte")
_PATIENCE = 600


@dataclass(frozen=True)
class Answer:
    """What a database knows.

    Args:
        about: Which packages it was asked about.
        findings: One line for each advisory that holds.
        unknown: Why it could not be asked, or about what; empty where it was.
    """

    about: str
    findings: tuple[str, ...] = ()
    unknown: str = ""


def python_packages(constraints: Path = ROOT / "constraints.txt", osv: str = OSV) -> Answer:
    """What OSV knows about every package of a constraints file.

    Args:
        constraints: Exact versions, one a line.
        osv: The address of the database.
    """
    # OSV rather than PyPI: a mirror of PyPI without advisories is taken for one without findings.
    given = ("-r", str(constraints), "--no-deps", "--disable-pip", "--format", "json")
    asked = ("--vulnerability-service", "osv", "--osv-url", osv, "--progress-spinner", "off")
    said, complaint = _run(sys.executable, "-m", "pip_audit", *given, *asked)
    about = f"the Python packages of {constraints.name}"
    if said is None or "dependencies" not in said:
        return Answer(about, unknown=complaint)
    rows = said["dependencies"]
    findings = [
        f"{row['name']} {row['version']}: {one['id']}, mended in "
        f"{', '.join(one['fix_versions']) or 'no version yet'}"
        for row in rows
        for one in row.get("vulns", ())
    ]
    skipped = [row["name"] for row in rows if "skip_reason" in row]
    return Answer(about, tuple(findings), f"nothing is said of {_few(skipped)}" if skipped else "")


def web_packages(web: Path = ROOT / "web", registry: str = "") -> Answer:
    """What npm's registry knows about the packages that the front end ships or is built with.

    Args:
        web: The folder of the lock file.
        registry: The registry's address; npm's own setting where empty.
    """
    about = f"the packages that build {web.name}/"
    node = _build_script().find_node()
    if node is None:
        return Answer(about, unknown="there is no Node.js here")
    address = ("--registry", registry) if registry else ()
    quick = ("--fetch-retries", "1", "--fetch-timeout", "20000")
    said, complaint = _run(*node.npm, "audit", "--json", *quick, *address, folder=web)
    if said is None or "vulnerabilities" not in said:
        return Answer(about, unknown=_npms_reason(said) or complaint)
    built = set(reachable(json.loads((web / "package-lock.json").read_text()), BUILDS))
    findings = [
        f"{name} {one['range']}: {_titles(one)}"
        for name, one in said["vulnerabilities"].items()
        if built.intersection(one["nodes"])
    ]
    return Answer(about, tuple(findings))


def reachable(lock: Mapping[str, Any], roots: Iterable[str]) -> Iterator[str]:
    """The folders of a lock file's packages that the roots need, the roots' own first.

    Args:
        lock: A package-lock.json of version 3.
        roots: Names of packages.

    Example:
        >>> lock = {"packages": {"node_modules/a": {"dependencies": {"b": "1"}},
        ...                      "node_modules/b": {}, "node_modules/c": {}}}
        >>> list(reachable(lock, ["a"]))
        ['node_modules/a', 'node_modules/b']
    """
    packages = lock["packages"]
    waiting = [("", name) for name in roots]
    seen = set()
    while waiting:
        place, name = waiting.pop(0)
        found = _resolved(packages, place, name)
        if found and found not in seen:
            seen.add(found)
            yield found
            for kind in ("dependencies", "optionalDependencies", "peerDependencies"):
                waiting += [(found, needed) for needed in packages[found].get(kind, ())]


def tell(answers: Iterable[Answer]) -> tuple[list[str], int]:
    """The lines to print, and the exit status: 1 with a finding, else 0.

    Args:
        answers: Of the databases.

    Example:
        >>> tell([Answer("a", unknown="no network")])[0]
        ['a: could not be checked (no network); that says nothing about them, so try again online']
    """
    lines, status = [], 0
    for answer in answers:
        lines += [f"{answer.about}: {finding}" for finding in answer.findings]
        if answer.unknown:
            lines.append(
                f"{answer.about}: could not be checked ({answer.unknown}); "
                "that says nothing about them, so try again online"
            )
        elif not answer.findings:
            lines.append(f"{answer.about}: nothing is known against them")
        status = max(status, int(bool(answer.findings)))
    return lines, status


def main(osv: str = OSV, registry: str = "") -> int:
    """Prints what the databases know; the exit status.

    Args:
        osv: As in :func:`python_packages`.
        registry: As in :func:`web_packages`.
    """
    lines, status = tell([python_packages(osv=osv), web_packages(registry=registry)])
    print(*lines, sep="\n")
    return status


def _run(*command: str, folder: Path = ROOT) -> tuple[Any, str]:
    """What a program wrote as JSON, None where it wrote none, and the last line it complained."""
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False, timeout=_PATIENCE
        )
    except (OSError, subprocess.TimeoutExpired) as fault:
        return None, type(fault).__name__
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    # Of a Python fault the kind is enough; what is in brackets goes on for lines.
    complaint = lines[-1].partition("(")[0].strip() if lines else "no reason given"
    try:
        return json.loads(done.stdout), complaint
    except json.JSONDecodeError:
        return None, complaint


def _resolved(packages: Mapping[str, Any], place: str, name: str) -> str:
    """The folder where Node.js finds a package that one in ``place`` asks for; empty: nowhere."""
    while True:
        candidate = f"{place}/node_modules/{name}".lstrip("/")
        if candidate in packages:
            return candidate
        if not place:
            return ""
        place = place.rpartition("node_modules/")[0].rstrip("/")


def _npms_reason(said: Any) -> str:
    if not isinstance(said, dict):
        return ""
    error = said.get("error") or {}
    status = f"the registry answered {said['statusCode']}" if "statusCode" in said else ""
    return str(error.get("summary") or status or said.get("message", ""))[:200]


def _titles(advisory: Mapping[str, Any]) -> str:
    """What is wrong with a package, or through which others."""
    return "; ".join(
        f"{one['title']} ({one['url']})" if isinstance(one, dict) else f"through {one}"
        for one in advisory["via"]
    )


def _few(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} others"


def _build_script() -> Any:
    """``web/build.py``, which knows where Node.js is."""
    spec = spec_from_file_location("web_build", ROOT / "web" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    sys.exit(main())
