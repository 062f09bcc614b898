"""A wheel, installed where there is neither Node.js nor anything else, serves every page."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
STATIC = Path("netgloss", "server", "static")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's wheel, made in a copy of it and without Node.js."""
    project, empty = tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("empty")
    skipped = shutil.ignore_patterns("node_modules", "__pycache__", ".static-*")
    for folder in ("src", "web"):
        shutil.copytree(ROOT / folder, project / folder, ignore=skipped)
    for file in ("hatch_build.py", "pyproject.toml", *(path.name for path in ROOT.glob("*.md"))):
        shutil.copy(ROOT / file, project)
    for file in ROOT.glob("LICENSE*"):
        shutil.copy(file, project)
    if not runpy.run_path(str(project / "web" / "build.py"))["is_current"]():
        pytest.skip("the front end is not built from its sources; `make web` builds it")
    command = [sys.executable, "-m", "pip", "wheel", project, "--no-deps", "-w", project / "dist"]
    if find_spec("hatchling"):
        command.append("--no-build-isolation")
    environment = {**os.environ, "PATH": str(empty), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    made = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if "No matching distribution found for hatchling" in made.stderr:
        pytest.skip("hatchling, which makes the wheel, is not here and cannot be fetched")
    assert made.returncode == 0, made.stdout + made.stderr
    [wheel] = (project / "dist").glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with the wheel, and with what the project needs."""
    place = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place], check=True)
    python = place / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "-q", "--no-deps", "--no-index", wheel], check=True)
    # The packages that it needs are borrowed. A folder named here is searched for packages, but
    # its own .pth files are not read, so that the checkout stays out of sight.
    [packages] = place.glob("lib/python*/site-packages")
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


@pytest.fixture(scope="module")
def served(
    installed: Path,
    serve: Callable[..., Any],
    draw_study: Callable[..., Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:
    empty = {"PATH": str(tmp_path_factory.mktemp("nothing"))}
    program = installed.parent / "netgloss"
    study = draw_study(tmp_path_factory.mktemp("wheel"), images=2)
    return serve(study, netgloss=[program], environment=empty)


def test_the_wheel_holds_what_was_built_and_no_sources_of_it(wheel: Path) -> None:
    names = set(ZipFile(wheel).namelist())
    built = ROOT / "src" / STATIC
    files = [file for file in built.rglob("*") if file.is_file()]
    assert len(files) > 8
    assert {(STATIC / file.relative_to(built)).as_posix() for file in files} <= names
    assert not [name for name in names if name.endswith((".svelte", ".ts")) or "tests" in name]


def test_the_installed_program_is_the_wheels_own(installed: Path) -> None:
    said = subprocess.run(
        [installed, "-c", "import netgloss; print(netgloss.__file__)"],
        capture_output=True,
        text=True,
        check=True,
        env={},
    )
    assert Path(said.stdout.strip()).is_relative_to(installed.parents[1])


def test_every_page_comes_from_the_installed_wheel(served: Any, visit: Any) -> None:
    routes = (ROOT / "web" / "src" / "routes.ts").read_text()
    patterns = re.findall(r'^  \["(/[^"]*)", ', routes, re.MULTILINE)
    assert len(patterns) > 10
    newcomer = visit(served)
    newcomer.be_guest()
    # With these rights every part of the app is fetched.
    served.change("UPDATE people_person SET role = 'organiser'")
    refused: list[str] = []
    kinds: set[str] = set()

    def note(response: Any) -> None:
        path = response.url.removeprefix(served.address)
        if path.startswith("/static/"):
            kinds.add(Path(path).suffix)
        if response.status >= 400 and not path.startswith("/api/"):
            refused.append(f"{path}: {response.status}")

    newcomer.context.on("response", note)
    for pattern in patterns:
        page = newcomer.open(re.sub(":[a-z]+", "none", pattern))
        expect(page.locator("h1")).not_to_be_empty()
        assert page.title()
    assert refused == []
    assert {".js", ".css", ".svg"} <= kinds
    assert newcomer.complaints == []
    assert newcomer.strangers == []
