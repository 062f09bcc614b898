"""What ``make audit`` says where something is known, nothing is known, and nobody can be asked."""

from __future__ import annotations

import gzip
import json
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

NOBODY = "http://127.0.0.1:9/"
Advise = Callable[[Any], Any]


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = spec_from_file_location("audit", Path(__file__).with_name("audit.py"))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def database() -> Iterator[Callable[[Advise], str]]:
    """Starts databases of advisories that answer as they are told; their addresses."""
    running: list[ThreadingHTTPServer] = []

    def start(advise: Advise) -> str:
        class Answering(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    asked = gzip.decompress(asked)
                self.say(200, advise(json.loads(asked)))

            def do_GET(self) -> None:
                self.say(404, {})

            def say(self, status: int, body: Any) -> None:
                said = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_: Any) -> None:
                """Keeps quiet."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        return f"http://127.0.0.1:{server.server_port}/"

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.fixture
def constraints(tmp_path: Path) -> Path:
    pytest.importorskip("pip_audit", reason="make audit installs it")
    place = tmp_path / "constraints.txt"
    place.write_text("django==5.2.0\nnh3==0.3.0\n")
    return place


@pytest.fixture
def npm(audit: ModuleType) -> None:
    if audit._build_script().find_node() is None:
        pytest.skip("there is no Node.js here")


def osv(asked: Any) -> Any:
    if asked["package"]["name"] != "django":
        return {}
    return {
        "vulns": [
            {
                "id": "PYSEC-0000-1",
                "summary": "s",
                "published": "2026-01-01T00:00:00Z",
                "affected": [
                    {
                        "package": {"name": "django", "ecosystem": "PyPI"},
                        "ranges": [{"type": "ECOSYSTEM", "events": [{"fixed": "5.2.1"}]}],
                        "versions": ["5.2.0"],
                    }
                ],
            }
        ]
    }


def advisory(name: str) -> Advise:
    """A registry that knows something against every version of a package."""
    found = {
        "id": 1,
        "title": "Runs what it should not",
        "url": "https://advisories.example/1",
        "severity": "high",
        "vulnerable_versions": "*",
    }
    return lambda asked: {name: [found]} if name in asked else {}


def test_a_finding_is_named_with_its_remedy_and_fails(
    audit: ModuleType, constraints: Path, database: Any
) -> None:
    answer = audit.python_packages(constraints, database(osv))
    lines, status = audit.tell([answer])
    assert status == 1
    assert lines == [
        "the Python packages of constraints.txt: django 5.2.0: PYSEC-0000-1, mended in 5.2.1"
    ]


def test_where_nothing_is_known_that_is_said(
    audit: ModuleType, constraints: Path, database: Any
) -> None:
    answer = audit.python_packages(constraints, database(lambda _: {}))
    assert audit.tell([answer]) == (
        ["the Python packages of constraints.txt: nothing is known against them"],
        0,
    )


def test_a_database_that_cannot_be_asked_is_one_line_and_no_failure(
    audit: ModuleType, constraints: Path
) -> None:
    lines, status = audit.tell([audit.python_packages(constraints, NOBODY)])
    assert status == 0
    assert len(lines) == 1
    assert "could not be checked (" in lines[0]
    assert "says nothing about them" in lines[0]


def test_packages_of_which_nothing_is_said_are_not_called_clean(
    audit: ModuleType, constraints: Path, database: Any
) -> None:
    constraints.write_text("django==5.2.0\nnh3==not-a-version\n")
    lines, _ = audit.tell([audit.python_packages(constraints, database(lambda _: {}))])
    assert not any("nothing is known against" in line for line in lines)


@pytest.mark.parametrize(("name", "counts"), [("vite", True), ("prettier", False)])
def test_of_the_front_end_only_what_builds_it_counts(
    audit: ModuleType, npm: None, database: Any, name: str, counts: bool
) -> None:
    answer = audit.web_packages(registry=database(advisory(name)))
    assert answer.unknown == ""
    assert any(name in finding for finding in answer.findings) == counts
    assert audit.tell([answer])[1] == int(counts)


def test_a_registry_that_cannot_be_asked_is_one_line_and_no_failure(
    audit: ModuleType, npm: None
) -> None:
    lines, status = audit.tell([audit.web_packages(registry=NOBODY)])
    assert status == 0
    assert len(lines) == 1
    assert "could not be checked (" in lines[0]


def test_everything_that_is_built_with_is_in_the_lock_file(audit: ModuleType) -> None:
    lock = json.loads((audit.ROOT / "web" / "package-lock.json").read_text())
    built = list(audit.reachable(lock, audit.BUILDS))
    assert {f"node_modules/{name}" for name in audit.BUILDS} <= set(built)
    assert len(built) > len(audit.BUILDS)
