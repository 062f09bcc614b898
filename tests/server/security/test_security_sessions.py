"""Sessions, addresses and headers: what a browser can be made to do, keep or believe."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any
from urllib.parse import urlsplit

from netgloss.server.people.passwords import Argon2

KEY = "netgloss_session"
PASSWORD = "seven green lobsters"
WAYS: dict[str, Callable[[Any], Any]] = {
    "as a guest": lambda browser: browser.post("/guests"),
    "with a new account": lambda browser: browser.post(
        "/accounts", {"name": "Vera", "password": PASSWORD}
    ),
    "with an account": lambda browser: browser.post(
        "/session", {"login": "organiser", "password": PASSWORD}
    ),
    "by a panel's link": lambda browser: browser.client.get("/from/prolific?PROLIFIC_PID=P1"),
}
# Somebody who is signed in already stays who they are.
STAY = ("as a guest", "with a new account")
ELSEWHERE = (
    "//evil.example",
    "//evil.example/annotate",
    "///evil.example/%2e%2e",
    "/\\evil.example",
    "/%5cevil.example",
    "/%2f%2fevil.example",
    "/https://evil.example",
    "/sign-in?next=https://evil.example",
    "/annotate?next=//evil.example",
    "/from/prolific?PROLIFIC_PID=1&next=https://evil.example",
    "/from/prolific?PROLIFIC_PID=1&task=/evil.example",
    "/from/prolific?PROLIFIC_PID=https://evil.example",
    "/from/prolific?PROLIFIC_PID=1%0d%0aLocation:%20https://evil.example",
    "/mturk?workerId=W1&assignmentId=A1&hitId=H1&turkSubmitTo=https://evil.example",
    "/%0d%0aSet-Cookie:%20netgloss_session=planted",
)
OUTSIDE = (
    "/static/../settings.py",
    "/static/%2e%2e/settings.py",
    "/static/..%2fsettings.py",
    "/static/%2e%2e%2f%2e%2e%2f.netgloss/server/secret",
    "/static//etc/passwd",
    "/static/%00",
    "/assets/../../settings.py",
    "/pictures/..%2f..%2f.netgloss%2fserver%2fsecret.webp",
    "/pictures/%2e%2e/%2e%2e/answers.sqlite3.webp",
    "/pictures/../images.parquet",
    "/../answers.sqlite3",
    "/.netgloss/server/secret",
    "/study.toml",
    "/api/organise/export?format=../../study.toml",
    "/api/forms/..%2f..%2fstudy",
    "/api/tasks/..%2f..%2fstudy",
)
EVERYWHERE = ("/", "/annotate", "/organise", "/mturk-not", "/mturk/", "/mturk/x", "/MTURK",
           "/api/docs", "/api/openapi.json", "/api/health", "/plain.css", "/no.such",
           "/from/nowhere", "/from/prolific?PROLIFIC_PID=1", "/pictures/x.webp")  # fmt: skip


def key_of(browser: Any) -> str:
    found = browser.client.cookies.get(KEY)
    return found.value if found else ""


def test_a_planted_session_is_worth_nothing_once_somebody_signs_in(cast: Any, visitor: Any) -> None:
    """Whoever planted the key knows it still, and must not become who signed in with it."""
    for planted, way in product(("nobody", "guest", "account"), WAYS):
        if planted != "nobody" and way in STAY:
            continue
        with cast.people[planted].passing():
            attacker, victim = cast.people[planted].browser, visitor()
            known = attacker.get("/me").json()["person"]
            before = key_of(attacker) or "0" * 32
            victim.client.cookies[KEY] = before
            assert WAYS[way](victim).status_code < 400, way
            arrived = victim.get("/me").json()["person"]
            assert arrived is not None
            assert key_of(victim) != before, (planted, way)
            still = attacker.get("/me").json()["person"]
            assert still in (None, known)
            assert still != arrived


def test_an_account_made_in_a_planted_session_is_not_the_planters(cast: Any, visitor: Any) -> None:
    attacker, victim = cast.people["guest"].browser, visitor()
    victim.client.cookies[KEY] = key_of(attacker)
    assert WAYS["with a new account"](victim).status_code == 201
    assert attacker.get("/me").json()["person"] is None


def test_a_cookie_that_was_made_up_is_nobody_and_no_fault(visitor: Any) -> None:
    for made_up in ("", "x", "0" * 32, "a" * 5000, "..%2f..", "\x7f", "1; DROP TABLE", "é"):
        browser = visitor()
        browser.client.cookies[KEY] = made_up
        assert browser.get("/me").json()["person"] is None


def test_no_address_leads_to_another_site(database: None) -> None:
    from django.test import Client

    for path in ELSEWHERE:
        answer = Client().generic("GET", path)
        where = urlsplit(answer.headers.get("Location", ""))
        assert where.scheme == where.netloc == "", path
        assert where.path in ("", "/annotate", "/sign-in")
        assert "evil.example" not in str(answer.headers)
        assert "planted" not in str(answer.headers)


def test_the_way_to_https_stays_on_this_host(django_ready: None) -> None:
    from django.test import Client, override_settings

    with override_settings(SECURE_SSL_REDIRECT=True, ALLOWED_HOSTS=["study.example.org"]):
        for path in ELSEWHERE:
            answer = Client().generic("GET", path, headers={"Host": "study.example.org"})
            assert answer.status_code == 301
            assert urlsplit(answer.headers["Location"])[:2] == ("https", "study.example.org")
        for host in ("evil.example", "study.example.org.evil.example", "study.example.org@evil.x"):
            answer = Client().get("/", headers={"Host": host})
            assert answer.status_code == 400
            assert "Location" not in answer.headers


def test_no_address_reaches_a_file_beside_the_pages(cast: Any) -> None:
    from django.conf import settings

    inside = (settings.SECRET_KEY, "MIDDLEWARE", "root:", "[images]", "PAR1", "SQLite format")
    for path, role in product(OUTSIDE, ("nobody", "organiser")):
        answer = cast.people[role].browser.client.generic("GET", path)
        content = b"".join(answer).decode("latin-1")
        assert answer.status_code in (200, 404, 422), path
        assert not any(secret in content for secret in inside), path


def test_every_answer_says_what_a_browser_may_do_with_it(database: None, headers: Any) -> None:
    from django.test import Client

    for path in EVERYWHERE:
        answer = Client().get(path)
        kept = answer.headers.get("Cache-Control", "")
        assert {name: answer.headers.get(name) for name in headers} == headers, path
        assert "public" not in kept or path == "/plain.css"
        if path.startswith("/api/"):
            assert kept == "no-store"


def test_a_refused_host_or_verb_is_answered_with_the_same_headers(
    database: None, headers: Any
) -> None:
    from django.test import Client, override_settings

    with override_settings(ALLOWED_HOSTS=["study.example.org"]):
        refused = [Client().get("/"), Client().get("/api/me")]
    refused += [Client().post("/annotate"), Client(enforce_csrf_checks=True).post("/")]
    for answer in refused:
        assert answer.status_code in (400, 405)
        assert {name: answer.headers.get(name) for name in headers} == headers


def test_pictures_need_no_cookie_and_set_none(cast: Any) -> None:
    from django.test import Client

    batch = cast.people["guest"].ask("GET", cast.path("/batches/{batch}")).json()
    address = batch["assignments"][0]["shown"]["image"]
    answer = Client().get(address)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"].startswith("private")
    assert not answer.cookies
    for verb in ("POST", "PUT", "DELETE", "PATCH"):
        assert Client(enforce_csrf_checks=True).generic(verb, address).status_code == 405


def test_cookies_travel_only_encrypted_where_people_come_by_https(django_ready: None) -> None:
    """In a process of its own: the settings are read once."""
    import os
    import subprocess
    import sys

    code = (
        "import django; django.setup()\n"
        "from django.core.checks import run_checks, Tags\n"
        "found = run_checks(tags=[Tags.security], include_deployment_checks=True)\n"
        "print([one.id for one in found])"
    )
    given = {"NETGLOSS_HTTPS": "1", "NETGLOSS_ADDRESS": "https://study.example.org"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={**os.environ, **given, "NETGLOSS_HOSTS": "study.example.org"},
    )  # fmt: skip
    assert done.stdout.strip() == "[]", "Django's own list for a server on the internet"


def test_a_hash_of_a_password_is_costly_enough(django_ready: None) -> None:
    """OWASP's least for Argon2id: 19 MiB and two rounds."""
    assert Argon2.memory_cost >= 19 * 1024
    assert Argon2.time_cost >= 2
