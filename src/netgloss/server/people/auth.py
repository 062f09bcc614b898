"""Who is asking: the session's cookie, or a signed token where a frame has no cookies."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.http import HttpRequest
from ninja.utils import check_csrf

from netgloss.server.errors import RequestError
from netgloss.server.people.models import Person
from netgloss.server.people.sessions import person_of

__all__ = [
    "BACKEND",
    "AnyoneRequest",
    "PersonRequest",
    "anyone",
    "issue_token",
    "known",
    "organiser",
    "panel_session",
    "require_admitted",
    "signed_in",
]

BACKEND = "netgloss.server.people.accounts.NameOrEmail"

_SALT = "netgloss.bearer"
_TOKEN_SECONDS = 24 * 3600
_BEARER = "Bearer "


class AnyoneRequest(HttpRequest):
    """A request behind :func:`anyone`."""

    auth: Person | AnonymousUser


class PersonRequest(HttpRequest):
    """A request behind :func:`known`, :func:`signed_in` or :func:`organiser`."""

    auth: Person


def anyone(request: HttpRequest) -> Person | AnonymousUser:
    """Whoever asks, signed in or not; unsafe verbs with a cookie need the CSRF header.

    Raises:
        RequestError: 403 ``csrf``.
    """
    token = _bearer(request)
    if token is not None:
        return token.person
    if check_csrf(request) is not None:
        raise RequestError(
            403, "csrf", "This page has been open for too long; please load it again."
        )
    user = person_of(request)
    return user if isinstance(user, Person) else AnonymousUser()


def known(request: HttpRequest) -> Person | None:
    """The person who asks, excluded or not; None makes ninja answer 401.

    Raises:
        RequestError: 403 ``csrf``.
    """
    person = anyone(request)
    return person if isinstance(person, Person) else None


def signed_in(request: HttpRequest) -> Person | None:
    """The person who asks and may take part; None makes ninja answer 401.

    Raises:
        RequestError: 403 ``excluded`` with the panel's code for that, or 403 ``csrf``.
    """
    person = known(request)
    if person is not None:
        require_admitted(person)
    return person


def require_admitted(person: Person) -> None:
    """Checks that the person was not excluded.

    Raises:
        RequestError: 403 ``excluded`` with the panel's code for that.
    """
    if person.excluded_at is not None:
        from netgloss.server.people.panels import completion

        raise RequestError(
            403,
            "excluded",
            "You cannot take part in this study any more; please ask its organiser why.",
            completion=completion(person),
        )


def organiser(request: HttpRequest) -> Person:
    """The organiser who asks, in a browser: no frame's token opens these addresses.

    Raises:
        RequestError: 404 for anybody else, as if the address did not exist; 403 ``csrf`` for an
            organiser's browser that another site's page made ask.
    """
    person = person_of(request)
    framed = request.headers.get("Authorization", "").startswith(_BEARER)
    if framed or not isinstance(person, Person) or not person.is_organiser:
        raise RequestError(404, "not_found", "There is nothing at this address.")
    anyone(request)
    return person


def issue_token(person: Person, session: str = "") -> str:
    """A token that stands for the person for a day, for frames that get no cookies.

    Args:
        person: Whom it signs in. It ends early when their password changes or they are deleted.
        session: The panel's session, which the next batch remembers.
    """
    return signing.dumps([person.id.hex, _stamp(person), session], salt=_SALT)


def panel_session(request: HttpRequest) -> str:
    """The session of the panel that sent the person; empty where none did."""
    token = _bearer(request)
    if token is not None:
        return token.session
    return str(request.session.get("panel_session", ""))


@dataclass(frozen=True)
class _Token:
    person: Person
    session: str


def _bearer(request: HttpRequest) -> _Token | None:
    """What the Authorization header says; None where it is not of this kind.

    Raises:
        RequestError: 401 where the token is broken or has ended: cookies are not a second chance.
    """
    header = request.headers.get("Authorization", "")
    if not header.startswith(_BEARER):
        return None
    ended = RequestError(401, "sign_in", "Your session has ended; please open the task again.")
    try:
        person_id, stamp, session = signing.loads(
            header.removeprefix(_BEARER), salt=_SALT, max_age=_TOKEN_SECONDS
        )
    except (signing.BadSignature, ValueError) as fault:
        raise ended from fault
    person = Person.objects.filter(id=person_id).first()
    if person is None or _stamp(person) != stamp:
        raise ended
    return _Token(person, session)


def _stamp(person: Person) -> str:
    """Changes with the password."""
    return person.get_session_auth_hash()[:16]
