"""Sessions in the database, found by a prepared query: each request of a person asks for one."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.models import Session
from django.db.models import CharField, DateTimeField
from django.utils import timezone

from netgloss.server.prepared import Given, Prepared

__all__ = ["SessionStore"]

_valid: Prepared[Session] = Prepared(
    lambda: Session.objects.filter(
        session_key=Given("key", CharField()), expire_date__gt=Given("now", DateTimeField())
    )
)


class SessionStore(DatabaseSessions):
    """Django's sessions in the database; only the lookup differs."""

    def _get_session_from_db(self) -> Session | None:
        """The session that has not ended; without one the key is forgotten."""
        found = _valid.first(key=self.session_key, now=timezone.now())
        if found is None:
            self._session_key = None
        return found
