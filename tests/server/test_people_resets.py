"""A forgotten password: the link works once, for an hour, and nobody learns who has an account."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import pytest

OLD, NEW = "seven green lobsters", "eight blue tenches"
ANN = {"name": "Ann", "password": OLD, "email": "ann@example.org"}

Visits = Callable[[], Any]


@pytest.fixture
def mails(database: None) -> Iterator[Callable[[], list[Any]]]:
    """What was sent, once every mail that is on its way has arrived."""
    import threading

    from django.core import mail
    from django.test import override_settings

    mail.outbox = []

    def sent() -> list[Any]:
        for thread in threading.enumerate():
            if thread.name == "reset mail":
                thread.join()
        return mail.outbox

    backend = "django.core.mail.backends.locmem.EmailBackend"
    with override_settings(EMAIL_BACKEND=backend, PUBLIC_ADDRESS="https://study.example.org"):
        yield sent


def link(text: str) -> dict[str, str]:
    """Person and token of the first link in a mail."""
    found = re.search(r"https://study\.example\.org/reset/(\w+)/([\w-]+)", text)
    assert found, text
    return {"person": found[1], "token": found[2]}


def test_a_forgotten_password_is_replaced(visitor: Visits, mails: Any) -> None:
    signed_in = visitor()
    signed_in.post("/accounts", ANN)
    assert visitor().post("/password-resets", {"email": " Ann@example.org"}).status_code == 202
    (mail,) = mails()
    assert mail.to == ["ann@example.org"]
    body = {**link(mail.body), "password": NEW}
    assert visitor().post("/password-resets/confirm", body).status_code == 204
    assert signed_in.get("/me").json()["person"] is None, "the old session must end"
    login = {"login": "Ann"}
    assert visitor().post("/session", {**login, "password": OLD}).status_code == 401
    assert visitor().post("/session", {**login, "password": NEW}).status_code == 200


def test_a_link_works_once(visitor: Visits, mails: Any) -> None:
    visitor().post("/accounts", ANN)
    visitor().post("/password-resets", {"email": "ann@example.org"})
    body = {**link(mails()[0].body), "password": NEW}
    visitor().post("/password-resets/confirm", body)
    again = visitor().post("/password-resets/confirm", {**body, "password": "nine red trout"})
    assert again.status_code == 410
    assert again.json()["error"]["code"] == "reset"


def test_a_link_used_twice_at_once_works_once(visitor: Visits, mails: Any) -> None:
    from django.db import connections

    visitor().post("/accounts", ANN)
    visitor().post("/password-resets", {"email": "ann@example.org"})
    where, people, statuses = link(mails()[0].body), [visitor() for _ in range(6)], []

    def use(somebody: Any) -> None:
        answer = somebody.post("/password-resets/confirm", {**where, "password": NEW})
        statuses.append(answer.status_code)
        connections.close_all()

    threads = [Thread(target=use, args=(somebody,)) for somebody in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [204] + 5 * [410]


def test_a_link_ends_after_an_hour(
    visitor: Visits, mails: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import datetime, timedelta

    from django.contrib.auth.tokens import PasswordResetTokenGenerator

    visitor().post("/accounts", ANN)
    visitor().post("/password-resets", {"email": "ann@example.org"})
    body = {**link(mails()[0].body), "password": NEW}
    late = datetime.now() + timedelta(seconds=3602)
    monkeypatch.setattr(PasswordResetTokenGenerator, "_now", lambda _self: late)
    assert visitor().post("/password-resets/confirm", body).status_code == 410


def test_a_link_ends_when_its_person_signs_in(visitor: Visits, mails: Any) -> None:
    from netgloss.server.people.models import Person

    visitor().post("/accounts", ANN)
    Person.objects.update(last_login=None)  # a link knows the last one by the second only
    visitor().post("/password-resets", {"email": "ann@example.org"})
    body = {**link(mails()[0].body), "password": NEW}
    visitor().post("/session", {"login": "Ann", "password": OLD})
    assert visitor().post("/password-resets/confirm", body).status_code == 410


def test_nobody_learns_whether_an_address_is_known(visitor: Visits, mails: Any) -> None:
    visitor().post("/accounts", ANN)
    answers = [
        visitor().post("/password-resets", {"email": email})
        for email in ("ann@example.org", "nobody@example.org", "no address", "a\0b@example.org", "")
    ]
    assert len({(answer.status_code, answer.content) for answer in answers}) == 1
    assert len(mails()) == 1


def test_the_request_does_not_wait_for_the_mail_server(
    visitor: Visits, mails: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else its time would tell who has an account."""
    from threading import Event

    from django.core.mail import EmailMessage

    visitor().post("/accounts", ANN)
    slow, send = Event(), EmailMessage.send
    monkeypatch.setattr(EmailMessage, "send", lambda mail: slow.wait() and send(mail))
    answer = visitor().post("/password-resets", {"email": "ann@example.org"})
    assert answer.status_code == 202
    from django.core import mail

    assert mail.outbox == []
    slow.set()
    assert len(mails()) == 1


def test_a_mail_server_that_fails_is_in_the_log_without_the_address(
    visitor: Visits, mails: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from django.core.mail import EmailMessage

    def refuse(_mail: Any) -> None:
        raise smtplib.SMTPRecipientsRefused({"ann@example.org": (550, b"no")})

    monkeypatch.setattr(EmailMessage, "send", refuse)
    visitor().post("/accounts", ANN)
    assert visitor().post("/password-resets", {"email": "ann@example.org"}).status_code == 202
    assert mails() == []
    (record,) = [one for one in caplog.records if one.getMessage() == "mail not sent"]
    assert record.about == {"reason": "SMTPRecipientsRefused"}
    assert "ann@" not in caplog.text


def test_the_link_never_leads_where_a_request_says(visitor: Visits, mails: Any) -> None:
    """Else somebody asks with another Host and the person's token goes to that site."""
    visitor().post("/accounts", ANN)
    somebody = visitor()
    somebody.client.defaults["HTTP_HOST"] = "evil.example"
    somebody.post("/password-resets", {"email": "ann@example.org"})
    (mail,) = mails()
    assert "evil" not in mail.body
    assert link(mail.body)


def test_at_most_three_mails_an_hour_go_to_an_address(visitor: Visits, mails: Any) -> None:
    visitor().post("/accounts", ANN)
    answers = [visitor().post("/password-resets", {"email": "ann@example.org"}) for _ in range(5)]
    assert {answer.status_code for answer in answers} == {202}
    assert len(mails()) == 3


def test_one_mail_has_a_link_for_each_account_of_the_address(visitor: Visits, mails: Any) -> None:
    for name in ("Ann", "Ben"):
        visitor().post("/accounts", {**ANN, "name": name})
    visitor().post("/password-resets", {"email": "ann@example.org"})
    (mail,) = mails()
    assert "Ann: https://study" in mail.body
    assert "Ben: https://study" in mail.body


@pytest.mark.parametrize(
    "spoil",
    [
        {"token": "x"},
        {"token": "abc-0123456789abcdef"},
        {"person": "nobody"},
        {"person": "0" * 32},
        {"person": "\0"},
    ],
)
def test_a_made_up_link_is_refused(visitor: Visits, mails: Any, spoil: dict[str, str]) -> None:
    visitor().post("/accounts", ANN)
    visitor().post("/password-resets", {"email": "ann@example.org"})
    body = {**link(mails()[0].body), "password": NEW, **spoil}
    answer = visitor().post("/password-resets/confirm", body)
    assert answer.status_code == 410
    assert visitor().post("/session", {"login": "Ann", "password": OLD}).status_code == 200


def test_a_weak_new_password_leaves_the_link_usable(visitor: Visits, mails: Any) -> None:
    visitor().post("/accounts", ANN)
    visitor().post("/password-resets", {"email": "ann@example.org"})
    where = link(mails()[0].body)
    weak = visitor().post("/password-resets/confirm", {**where, "password": "1234"})
    assert weak.status_code == 422
    assert visitor().post("/password-resets/confirm", {**where, "password": NEW}).status_code == 204
