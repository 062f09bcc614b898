"""Forgotten passwords: a link by mail that works once, for an hour."""

from __future__ import annotations

import logging
from threading import Thread
from uuid import UUID

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMessage
from django.http import HttpRequest

from netgloss.server.errors import RequestError
from netgloss.server.people import throttle
from netgloss.server.people.accounts import check_new_password
from netgloss.server.people.models import ACCOUNT, Person

__all__ = ["confirm_reset", "request_reset"]

_LOG = logging.getLogger("netgloss.server.people")
_MOST_ACCOUNTS = 10
_TEXT = """Hello,

somebody, probably you, has forgotten a password of this study:
{address}

Within an hour, a new password can be chosen here:
{links}

If it was not you, there is nothing to do: the old password stays.
"""


def request_reset(request: HttpRequest, email: str) -> Thread | None:
    """Sends the accounts of this address a link each; says nothing about whether there are any.

    The mail goes out beside the request, so that its time does not tell either.

    Args:
        request: Who asks.
        email: As typed.

    Returns:
        The thread that sends; None where there is nothing to send.

    Raises:
        RequestError: 429 ``too_often``, for a network address that asks for many.
    """
    throttle.spend("reset from an address", throttle.address_of(request))
    typed = email.strip().lower()
    try:
        throttle.spend("reset of an e-mail", typed)
    except RequestError:
        return None
    persons = _accounts(typed)
    if not persons:
        return None
    sender = Thread(target=_send, args=(_mail(typed, persons),), name="reset mail")
    sender.start()
    return sender


def confirm_reset(request: HttpRequest, person: str, token: str, password: str) -> None:
    """Sets the new password; every session of the person ends, and so does the link.

    Args:
        request: Who asks.
        person: From the link.
        token: From the link.
        password: As typed.

    Raises:
        RequestError: 410 ``reset``: the link was used, has ended or is broken; 422 ``password``;
            429 ``too_often``.
    """
    throttle.spend("reset link from an address", throttle.address_of(request))
    found = _account(person)
    if found is None or not default_token_generator.check_token(found, token):
        raise RequestError(
            410, "reset", "This link was used before or has ended; ask for a new one."
        )
    check_new_password(password, found)
    old = found.password
    found.set_password(password)
    # Only if nobody was faster with the same link.
    changed = Person.objects.filter(pk=found.pk, password=old).update(password=found.password)
    if not changed:
        raise RequestError(
            410, "reset", "This link was used before or has ended; ask for a new one."
        )


def _accounts(email: str) -> list[Person]:
    if not email or "\0" in email:
        return []
    return list(Person.objects.filter(kind=ACCOUNT, email=email)[:_MOST_ACCOUNTS])


def _account(person: str) -> Person | None:
    try:
        return Person.objects.filter(kind=ACCOUNT, pk=UUID(person)).first()
    except ValueError:
        return None


def _mail(email: str, persons: list[Person]) -> EmailMessage:
    """The mail, with links to the address that the settings say, never to one from a request."""
    base = settings.PUBLIC_ADDRESS
    links = "\n".join(
        f"{person.name}: {base}/reset/{person.id.hex}/{default_token_generator.make_token(person)}"
        for person in persons
    )
    body = _TEXT.format(address=base, links=links)
    return EmailMessage("A new password for Netgloss", body, to=[email])


def _send(mail: EmailMessage) -> None:
    try:
        mail.send()
    except Exception as fault:  # whatever the mail server does; nobody waits for it
        _LOG.error("mail not sent", extra={"about": {"reason": type(fault).__name__}})
