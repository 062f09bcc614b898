"""Sessions in the database, each read with who is signed in: every request asks for both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth import get_user as find_user
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.db.models import CharField, DateTimeField
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from netgloss.server.people.models import Person, Session
from netgloss.server.prepared import Given, Prepared

__all__ = ["SessionStore", "know_the_person", "person_of"]

_valid: Prepared[Session] = Prepared(
    lambda: Session.objects.select_related("person").filter(
        session_key=Given("key", CharField()), expire_date__gt=Given("now", DateTimeField())
    )
)


class SessionStore(DatabaseSessions):
    """Django's sessions in the database, which remember whose they are beside their content.

    Attributes:
        found: Who was signed in when the session was read; None where nobody was.
    """

    found: Person | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """The table."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """The row of this content."""
        row = cast(Session, super().create_model_instance(data))
        row.person_id = data.get(SESSION_KEY)
        return row

    def _get_session_from_db(self) -> Session | None:
        """The session that has not ended; without one the key is forgotten."""
        row = _valid.first(key=self.session_key, now=timezone.now())
        if row is None:
            self._session_key = None
        else:
            self.found = row.person
        return row


def know_the_person(
    handler: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: sets ``request.user``, from the row that the session itself was read from."""

    def handle(request: HttpRequest) -> HttpResponse:
        request.user = cast(Person, SimpleLazyObject(lambda: _person(request)))
        return handler(request)

    return handle


def person_of(request: HttpRequest) -> Person | AnonymousUser:
    """Who is signed in, as ``request.user``, which stands in for them until then.

    What is asked of a stand-in passes through it, which takes its time.

    Args:
        request: Behind :func:`know_the_person`.
    """
    if isinstance(vars(request).get("user"), SimpleLazyObject):
        request.user = cast(Person, _person(request))
    return request.user


def _person(request: HttpRequest) -> Person | AnonymousUser:
    """Who is signed in; Django itself looks wherever the row says anything unusual."""
    session = cast(SessionStore, request.session)
    key, proof = session.get(SESSION_KEY), session.get(HASH_SESSION_KEY, "")
    person = session.found
    if person is None or str(person.pk) != key:
        return find_user(request)
    if not constant_time_compare(proof, person.get_session_auth_hash()):
        return find_user(request)
    return person
