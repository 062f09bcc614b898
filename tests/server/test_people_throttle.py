"""Guessing is slowed down, nobody learns who has an account, and no address is kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest

PASSWORD = "seven green lobsters"
ANN = {"name": "Ann", "password": PASSWORD, "email": "ann@example.org"}
WRONG = {"login": "Ann", "password": "wrong"}

Visits = Callable[[], Any]


def later(seconds: float) -> None:
    """As if so much time had gone by."""
    from django.db.models import F

    from netgloss.server.people.models import Attempts

    Attempts.objects.update(until=F("until") - timedelta(seconds=seconds))


def test_after_ten_wrong_passwords_not_even_the_right_one_is_heard(visitor: Visits) -> None:
    visitor().post("/accounts", ANN)
    for _ in range(10):
        assert visitor().post("/session", WRONG).status_code == 401
    answer = visitor().post("/session", {**WRONG, "password": PASSWORD})
    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == "too_often"
    assert 0 < answer.json()["error"]["seconds"] <= 900
    later(901)
    assert visitor().post("/session", {**WRONG, "password": PASSWORD}).status_code == 200


def test_signing_in_rightly_does_not_use_tries_up(visitor: Visits) -> None:
    visitor().post("/accounts", ANN)
    for _ in range(12):
        right = visitor().post("/session", {"login": "Ann", "password": PASSWORD})
        assert right.status_code == 200


def test_one_persons_wrong_guesses_do_not_lock_out_another_network(visitor: Visits) -> None:
    visitor().post("/accounts", ANN)
    for _ in range(11):
        visitor().post("/session", WRONG)
    elsewhere = visitor()
    elsewhere.client.defaults["REMOTE_ADDR"] = "192.0.2.77"
    assert elsewhere.post("/session", {**WRONG, "password": PASSWORD}).status_code == 200


def test_guesses_from_many_networks_still_end(
    visitor: Visits, monkeypatch: pytest.MonkeyPatch
) -> None:
    from netgloss.server.people.throttle import LIMITS, Limit

    assert LIMITS["sign-in to a name"] == Limit(60, 3600)
    monkeypatch.setitem(LIMITS, "sign-in to a name", Limit(6, 3600))  # sixty take long
    visitor().post("/accounts", ANN)
    statuses = []
    for number in range(7):
        somebody = visitor()
        somebody.client.defaults["REMOTE_ADDR"] = f"192.0.2.{number}"
        statuses.append(somebody.post("/session", WRONG).status_code)
    assert statuses == 6 * [401] + [429]


def test_guesses_at_the_same_moment_count_as_many(visitor: Visits) -> None:
    """A check before and a count after would let all of them through."""
    from django.db import connections

    visitor().post("/accounts", ANN)
    people, statuses = [visitor() for _ in range(16)], []

    def guess(somebody: Any) -> None:
        statuses.append(somebody.post("/session", WRONG).status_code)
        connections.close_all()

    threads = [Thread(target=guess, args=(somebody,)) for somebody in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == 10 * [401] + 6 * [429]


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(visitor: Visits) -> None:
    visitor().post("/accounts", ANN)
    logins = ("Ann", "Nobody", "ann@example.org", "nobody@example.org")
    answers = [visitor().post("/session", {"login": n, "password": "wrong"}) for n in logins]
    assert len({(answer.status_code, answer.content) for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1


@pytest.mark.parametrize(
    ("known", "unknown"), [("Ann", "Nobody"), ("ann@example.org", "nobody@example.org")]
)
def test_an_unknown_name_costs_as_many_hashes_as_a_known_one(
    visitor: Visits, monkeypatch: pytest.MonkeyPatch, known: str, unknown: str
) -> None:
    """The time of a log-in is that of its hashes; so they are counted."""
    from netgloss.server.people.passwords import Argon2

    hashed: list[str] = []
    for method in ("encode", "verify"):
        real = getattr(Argon2, method)

        def counted(self: Any, *args: Any, real: Any = real, **options: Any) -> Any:
            hashed.append(real.__name__)
            return real(self, *args, **options)

        monkeypatch.setattr(Argon2, method, counted)
    visitor().post("/accounts", ANN)
    counts = []
    for login in (known, unknown):
        hashed.clear()
        visitor().post("/session", {"login": login, "password": "wrong"})
        counts.append(len(hashed))
    assert counts[0] == counts[1] > 0


def test_signing_up_does_not_tell_whether_an_address_is_known(visitor: Visits) -> None:
    from netgloss.server.people.models import Person

    visitor().post("/accounts", ANN)
    answers = [
        visitor().post("/accounts", {"name": name, "password": PASSWORD, "email": email})
        for name, email in (("Ben", "ann@example.org"), ("Cid", "cid@example.org"))
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert [answer.json()["person"]["email"] for answer in answers] == [
        "ann@example.org",
        "cid@example.org",
    ]
    # And whoever signed up with somebody's address got nothing of theirs.
    Person.objects.filter(name="Ben").update(password=Person.objects.get(name="Cid").password)
    body = visitor().post("/session", {"login": "ann@example.org", "password": PASSWORD}).json()
    assert body["person"]["name"] in {"Ann", "Ben"}


def test_a_shared_address_opens_the_account_whose_password_is_given(visitor: Visits) -> None:
    for name in ("Ann", "Ben"):
        body = {"name": name, "password": f"lobsters of {name}s", "email": "home@example.org"}
        visitor().post("/accounts", body)
    for name in ("Ann", "Ben"):
        body = {"login": "home@example.org", "password": f"lobsters of {name}s"}
        assert visitor().post("/session", body).json()["person"]["name"] == name


def test_neither_an_address_nor_a_name_is_kept(visitor: Visits) -> None:
    from django.core import serializers

    from netgloss.server.people.models import Attempts

    somebody = visitor()
    somebody.client.defaults["REMOTE_ADDR"] = "203.0.113.9"
    somebody.post("/session", WRONG)
    assert Attempts.objects.count() == 3
    kept = serializers.serialize("json", Attempts.objects.all())
    assert "203.0.113.9" not in kept
    assert "ann" not in kept.lower()
    assert all(len(key) == 64 for key in Attempts.objects.values_list("key", flat=True))


def test_what_counts_no_more_is_forgotten(visitor: Visits) -> None:
    from netgloss.server.people.models import Attempts
    from netgloss.server.people.throttle import forget_ended

    visitor().post("/session", WRONG)
    forget_ended()
    assert Attempts.objects.count() == 3
    later(901)
    forget_ended()
    assert Attempts.objects.count() == 1  # the name's, which lasts an hour


@pytest.mark.parametrize(
    ("proxied", "address", "forwarded", "meant"),
    [
        (False, "192.0.2.1", "198.51.100.9", "192.0.2.1"),
        (True, "127.0.0.1", "1.2.3.4, 198.51.100.9", "198.51.100.9"),
        (True, "127.0.0.1", "", "127.0.0.1"),
        (False, "2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::"),
        (False, "unix:", "", ""),
    ],
)
def test_an_address_is_the_one_that_cannot_be_made_up(
    django_ready: None, proxied: bool, address: str, forwarded: str, meant: str
) -> None:
    from django.test import RequestFactory, override_settings

    from netgloss.server.people.throttle import address_of

    request = RequestFactory().get("/", REMOTE_ADDR=address, HTTP_X_FORWARDED_FOR=forwarded)
    with override_settings(BEHIND_PROXY=proxied):
        assert address_of(request) == meant
