"""Pages: the front end at every page's address, what a browser may do with it, and the rest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

PAGES = (
    "/",
    "/annotate",
    "/sign-in",
    "/sign-up",
    "/reset",
    "/reset/0123abcd/c0ffee-0123456789",
    "/join/aB3_-x",
    "/me",
    "/organise",
    "/organise/people",
    "/organise/settings",
    "/whatever",
)
FILES = ("/index.php", "/.env", "/static/none.js", "/static/x", "/assets/a.js", "/robots.txt")


@pytest.fixture
def front_end(django_ready: None, tmp_path: Path) -> Iterator[Path]:
    """A built front end of one page and one script."""
    from django.test import override_settings

    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>The front end</title>")
    (tmp_path / "assets" / "index-B6cDSUMR.js").write_text("let a;")
    (tmp_path / "favicon.svg").write_text("<svg/>")
    with override_settings(FRONT_END=tmp_path, STATIC_ROOT=tmp_path):
        yield tmp_path


def get(path: str, **headers: str) -> Any:
    from django.test import Client

    return Client().get(path, headers=headers)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_the_front_end(front_end: Path, path: str) -> None:
    answer = get(path)
    assert answer.status_code == 200
    assert b"The front end" in answer.content
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", FILES)
def test_an_unknown_file_is_not_the_front_end(front_end: Path, path: str) -> None:
    answer = get(path)
    assert answer.status_code == 404
    assert b"The front end" not in answer.content
    assert b'<a href="/">' in answer.content, "nobody is left in a dead end"


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/nothing", "/api/me/", "/api/organise/x"])
def test_an_unknown_address_of_the_api_says_so_as_json(front_end: Path, path: str) -> None:
    answer = get(path)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


def test_an_organisers_address_looks_unknown_to_others(front_end: Path, database: None) -> None:
    assert get("/api/organise/overview").content == get("/api/organise/no-such").content


@pytest.mark.parametrize("path", ["/../secret", "/static/../settings.py", "/static/%2e%2e/api.py"])
def test_no_address_leads_out_of_the_front_end(front_end: Path, path: str) -> None:
    answer = get(path)
    assert b"SECRET_KEY" not in answer.content
    assert answer.status_code in {200, 404}


def test_without_a_build_the_page_says_how_to_make_one(front_end: Path) -> None:
    (front_end / "index.html").unlink()
    answer = get("/")
    assert answer.status_code == 503
    assert b"make web" in answer.content


@pytest.mark.parametrize("path", ["/", "/annotate", "/no.such", "/api/docs", "/plain.css"])
def test_nothing_comes_from_elsewhere_and_nothing_may_be_framed(front_end: Path, path: str) -> None:
    headers = get(path).headers
    policy = dict(
        part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_only_mechanical_turks_page_may_be_framed_and_only_by_it(front_end: Path) -> None:
    answer = get("/mturk?assignmentId=ASSIGNMENT_ID_NOT_AVAILABLE&hitId=H1")
    assert answer.status_code == 200
    assert "X-Frame-Options" not in answer.headers
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors https://worker.mturk.com https://workersandbox.mturk.com;" in policy
    # From the forms' addresses Amazon sends people on to the page that frames this one.
    forms = "https://www.mturk.com https://workersandbox.mturk.com https://worker.mturk.com"
    assert f"form-action 'self' {forms};" in policy
    assert not answer.cookies


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/static/assets/index-B6cDSUMR.js", "public, max-age=31536000, immutable"),
        ("/static/favicon.svg", "max-age=60, public"),
    ],
)
def test_files_with_a_hash_are_kept_for_a_year(front_end: Path, path: str, kept: str) -> None:
    from django.test import Client

    answer = Client().get(path)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == kept
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Content-Security-Policy" in answer.headers
    answer.close()


def test_a_build_made_while_the_server_runs_is_served_at_once(front_end: Path) -> None:
    import shutil

    from django.test import Client

    running = Client()
    assert running.get("/static/assets/index-B6cDSUMR.js").getvalue() == b"let a;"
    fresh = front_end.with_name("fresh")
    (fresh / "assets").mkdir(parents=True)
    (fresh / "index.html").write_text("<!doctype html><title>Newer</title>")
    (fresh / "assets" / "index-C7dETVNS.js").write_text("let b;")
    front_end.rename(front_end.with_name("old"))
    # Between the two moves of a build: pages that are open need files that may be gone by now.
    assert running.get("/static/none.js").status_code == 404
    fresh.rename(front_end)
    assert running.get("/static/assets/index-C7dETVNS.js").getvalue() == b"let b;"
    assert running.get("/static/assets/index-B6cDSUMR.js").status_code == 404
    shutil.rmtree(front_end.with_name("old"))


def test_answers_about_a_person_stay_out_of_caches(front_end: Path, database: None) -> None:
    assert get("/api/me").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("verb", ["post", "put", "delete"])
def test_pages_are_only_read(front_end: Path, verb: str) -> None:
    from django.test import Client

    assert getattr(Client(), verb)("/annotate").status_code == 405


def test_a_host_that_is_not_ours_is_refused(front_end: Path) -> None:
    from django.test import override_settings

    with override_settings(ALLOWED_HOSTS=["study.example.org"]):
        assert get("/", Host="study.example.org").status_code == 200
        assert get("/", Host="evil.example").status_code == 400


def test_a_fault_says_nothing_of_what_is_inside(
    front_end: Path, database: None, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    from django.test import Client

    from netgloss.server.people import accounts

    def fail(_request: Any) -> None:
        raise RuntimeError("the secret is 42")

    monkeypatch.setattr(accounts, "sign_in_guest", fail)
    answer = Client(raise_request_exception=False).post("/api/guests")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "fault"
    assert b"42" not in answer.content
    assert "the secret is 42" in caplog.text, "but the log says it"


def test_the_reference_lists_every_operation_without_scripts(front_end: Path) -> None:
    from netgloss.server.api import api

    text = get("/api/docs").content.decode()
    for path, verbs in api.get_openapi_schema()["paths"].items():
        for verb in verbs:
            assert f"<code>{verb.upper()} {path}</code>" in text
    assert "<script" not in text
    assert "style=" not in text
    assert "http://" not in text
    assert "https://" not in text


def test_a_log_line_names_neither_persons_nor_what_they_sent(
    front_end: Path, visitor: Any, caplog: pytest.LogCaptureFixture
) -> None:
    import json
    import logging

    from netgloss.server.logs import JsonLines

    for logger in ("netgloss.server", "django.request"):
        caplog.set_level(logging.DEBUG, logger)
    somebody = visitor()
    somebody.client.get("/from/prolific?PROLIFIC_PID=5f3a9c&STUDY_ID=s1&SESSION_ID=t1")
    somebody.post("/accounts", {"name": "Ann", "password": "seven green lobsters"})
    somebody.get("/invitations/a-token-that-nobody-has")
    somebody.client.get("/reset/0123/c0ffee-token")
    lines = [json.loads(JsonLines().format(record)) for record in caplog.records]
    assert {"verb", "route", "status", "milliseconds"} <= set(lines[-1])
    text = json.dumps(
        [line for line in lines if line["logger"].startswith(("netgloss", "django.req"))]
    )
    for secret in ("5f3a9c", "Ann", "lobsters", "a-token", "c0ffee", "127.0.0.1"):
        assert secret not in text
