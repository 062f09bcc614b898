"""Who is asking: guests, accounts, sessions, tokens, and what an attacker gets."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest

PASSWORD = "seven green lobsters"
ANN = {"name": "Ann", "password": PASSWORD}

Visits = Callable[[], Any]


def test_somebody_new_is_nobody_and_gets_the_csrf_cookie(visitor: Visits) -> None:
    somebody = visitor()
    body = somebody.get("/me").json()
    assert body["person"] is None
    assert body["study"] == {"title": "study"}
    assert somebody.client.cookies["netgloss_csrf"]["samesite"] == "Lax"


def test_a_guest_becomes_an_account_on_the_same_row(visitor: Visits) -> None:
    from netgloss.server.people.models import Person

    somebody = visitor()
    assert somebody.post("/guests").status_code == 201
    guest = Person.objects.get()
    made = somebody.post("/accounts", {**ANN, "email": "Ann@Example.org"})
    assert made.status_code == 201, made.content
    assert made.json()["person"] == {
        "kind": "account",
        "role": "participant",
        "name": "Ann",
        "email": "ann@example.org",
        "pseudonym": guest.pseudonym,
    }
    assert Person.objects.get().id == guest.id


def test_asking_to_be_a_guest_again_changes_nobody(visitor: Visits) -> None:
    from netgloss.server.people.models import Person

    somebody = visitor()
    first = somebody.post("/guests").json()
    assert somebody.post("/guests").json() == first
    assert Person.objects.count() == 1


@pytest.mark.parametrize("login", ["Ann", "ANN ", "ａｎｎ", "ann@example.org", " Ann@Example.ORG"])
def test_signing_in_goes_by_name_or_by_email(visitor: Visits, login: str) -> None:
    visitor().post("/accounts", {**ANN, "email": "ann@example.org"})
    body = visitor().post("/session", {"login": login, "password": PASSWORD})
    assert body.status_code == 200, body.content
    assert body.json()["person"]["name"] == "Ann"


def test_the_session_key_changes_at_every_step_up(visitor: Visits) -> None:
    """Session fixation: a key that somebody else knew or planted is worth nothing afterwards."""
    somebody, keys = visitor(), []
    somebody.client.cookies["netgloss_session"] = "planted-by-somebody-else-0000000"
    somebody.post("/guests")
    keys.append(somebody.client.cookies["netgloss_session"].value)
    somebody.post("/accounts", ANN)
    keys.append(somebody.client.cookies["netgloss_session"].value)
    other = visitor()
    other.client.cookies["netgloss_session"] = keys[0]
    assert other.get("/me").json()["person"] is None
    other.client.cookies["netgloss_session"] = "planted-by-somebody-else-0000000"
    other.post("/session", {"login": "Ann", "password": PASSWORD})
    keys.append(other.client.cookies["netgloss_session"].value)
    assert len({*keys, "planted-by-somebody-else-0000000"}) == 4
    cookie = somebody.client.cookies["netgloss_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert int(cookie["max-age"]) == 90 * 24 * 3600


def test_signing_out_ends_the_session_for_good(visitor: Visits) -> None:
    somebody = visitor()
    somebody.post("/accounts", ANN)
    key = somebody.client.cookies["netgloss_session"].value
    assert somebody.delete("/session").status_code == 204
    somebody.client.cookies["netgloss_session"] = key
    assert somebody.get("/me").json()["person"] is None


@pytest.mark.parametrize(
    ("verb", "path", "body"),
    [
        ("POST", "/guests", {}),
        ("POST", "/accounts", ANN),
        ("POST", "/session", {"login": "Ann", "password": PASSWORD}),
        ("DELETE", "/session", None),
        ("DELETE", "/me", None),
        ("POST", "/password-resets", {"email": "ann@example.org"}),
        ("POST", "/password-resets/confirm", {"person": "0", "token": "0", "password": PASSWORD}),
        ("POST", "/invitations/abc", {}),
    ],
)
def test_unsafe_verbs_need_the_csrf_header(
    visitor: Visits, verb: str, path: str, body: Any
) -> None:
    from netgloss.server.people.models import Person

    somebody = visitor()
    somebody.post("/guests")
    for header in ("", "0" * 64):
        answer = somebody.ask(verb, path, body, **{"X-CSRF-Token": header})
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "csrf"
    assert Person.objects.filter(kind="guest").count() == 1


def test_another_sites_page_cannot_send_a_request(visitor: Visits) -> None:
    answer = visitor().ask("POST", "/guests", {}, Origin="https://evil.example")
    assert answer.status_code == 403


def test_a_bearer_token_needs_neither_cookie_nor_csrf_header(visitor: Visits) -> None:
    from django.test import Client

    made = Client(enforce_csrf_checks=True).post(
        "/api/panel-tokens",
        {"panel": "mturk", "person": "W1", "study": "H1", "session": "A1"},
        content_type="application/json",
    )
    assert made.status_code == 201, made.content
    assert made.json()["person"]["kind"] == "panel"
    bearer = {"Authorization": f"Bearer {made.json()['token']}"}
    frame = Client(enforce_csrf_checks=True)
    me = frame.get("/api/me", headers=bearer).json()
    assert me["person"] == made.json()["person"]
    assert frame.delete("/api/me", headers=bearer).status_code == 204
    assert frame.get("/api/me", headers=bearer).status_code == 401


@pytest.mark.parametrize("broken", ["{}_", "x{}", "x", ""])
def test_a_broken_token_is_nobody_even_beside_a_good_cookie(visitor: Visits, broken: str) -> None:
    from netgloss.server.people.auth import issue_token
    from netgloss.server.people.models import Person

    somebody = visitor()
    somebody.post("/guests")
    token = broken.format(issue_token(Person.objects.get()))
    assert somebody.ask("GET", "/me", None, Authorization=f"Bearer {token}").status_code == 401


def test_a_token_ends_after_a_day_and_with_the_password(
    visitor: Visits, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    from netgloss.server.people.auth import issue_token
    from netgloss.server.people.models import Person

    somebody = visitor()
    somebody.post("/accounts", ANN)
    person = Person.objects.get()
    token = {"Authorization": f"Bearer {issue_token(person)}"}
    assert visitor().ask("GET", "/me", None, **token).status_code == 200
    now = time.time()
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: now + 24 * 3600 + 1)
        assert visitor().ask("GET", "/me", None, **token).status_code == 401
    person.set_password("another one entirely")
    person.save()
    assert visitor().ask("GET", "/me", None, **token).status_code == 401


def test_an_organisers_address_is_404_for_everybody_else(visitor: Visits) -> None:
    from django.test import RequestFactory

    from netgloss.server.errors import RequestError
    from netgloss.server.people.auth import organiser
    from netgloss.server.people.models import Person

    somebody = visitor()
    somebody.post("/accounts", ANN)
    request = RequestFactory().get("/")
    request.user = Person.objects.get()
    with pytest.raises(RequestError) as refused:
        organiser(request)
    assert refused.value.status == 404
    request.user.role = "organiser"
    assert organiser(request) == request.user


def test_an_excluded_person_may_still_see_and_delete_what_they_gave(visitor: Visits) -> None:
    from django.utils import timezone

    from netgloss.server.people.models import Person

    somebody = visitor()
    somebody.post("/guests")
    Person.objects.update(excluded_at=timezone.now(), excluded_why="too fast")
    refused = somebody.post("/tasks/annotate/batch")
    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == "excluded"
    assert somebody.get("/me/data").json()["person"]["excluded_why"] == "too fast"
    assert somebody.delete("/me").status_code == 204


def test_a_taken_name_is_refused_however_it_is_written(visitor: Visits) -> None:
    visitor().post("/accounts", ANN)
    for name in ("Ann", "ann", "ＡＮＮ", " aNN "):
        answer = visitor().post("/accounts", {"name": name, "password": PASSWORD})
        assert answer.status_code == 409, name
        assert answer.json()["error"]["code"] == "name_taken"


def test_two_who_take_a_name_at_once_do_not_both_get_it(visitor: Visits) -> None:
    from netgloss.server.people.models import Person

    people, statuses = [visitor() for _ in range(8)], []

    def sign_up(somebody: Any) -> None:
        from django.db import connections

        statuses.append(somebody.post("/accounts", ANN).status_code)
        connections.close_all()

    threads = [Thread(target=sign_up, args=(somebody,)) for somebody in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201] + 7 * [409]
    assert Person.objects.filter(kind="account").count() == 1


@pytest.mark.parametrize(
    "password", ["short", "12345678901", "password1", "Annabella-1", "x" * 300, ""]
)
def test_a_password_that_is_easy_to_guess_is_refused(visitor: Visits, password: str) -> None:
    from netgloss.server.people.models import Person

    somebody = visitor()
    somebody.post("/guests")
    answer = somebody.post("/accounts", {"name": "Annabella", "password": password})
    assert answer.status_code == 422
    assert answer.json()["error"]["message"]
    assert Person.objects.get().kind == "guest"


def test_an_account_is_not_made_twice(visitor: Visits) -> None:
    somebody = visitor()
    somebody.post("/accounts", ANN)
    again = somebody.post("/accounts", {"name": "Ben", "password": PASSWORD})
    assert again.json()["error"]["code"] == "signed_in"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"login": "Ann"},
        {"login": ["Ann"], "password": PASSWORD},
        {"login": "Ann\0", "password": PASSWORD},
        {"login": "a\0@example.org", "password": PASSWORD},
        {"login": "Ann", "password": "\0"},
        {"login": "\ud800", "password": PASSWORD},
    ],
)
def test_nonsense_is_refused_and_never_a_fault(visitor: Visits, body: Any) -> None:
    assert visitor().post("/session", body).status_code in {401, 422}


def test_passwords_are_kept_as_argon2_hashes_at_owasps_cost(visitor: Visits) -> None:
    from netgloss.server.people.models import Person

    visitor().post("/accounts", ANN)
    assert Person.objects.get().password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
