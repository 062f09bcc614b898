"""A database that is away for a moment: what is said of it, and that it is said shortly."""

from __future__ import annotations

import logging
import sqlite3

from django.db import InterfaceError, OperationalError

__all__ = ["RETRY_SECONDS", "is_away", "shorten"]

RETRY_SECONDS = 2
"""After which it is worth asking again."""

# PostgreSQL's SQLSTATEs: connection faults, too little of something, and an operator's intervention
# such as a stop. A connection that breaks has none.
_AWAY = ("08", "53", "57P")
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_PRIMARY = 0xFF  # of SQLite's codes; the rest says which kind


def is_away(fault: BaseException | None) -> bool:
    """Whether the database could not be reached or had no room, so that trying again can help.

    Args:
        fault: Any exception, or None.

    Example:
        >>> is_away(OperationalError("the connection is lost"))
        True
        >>> is_away(ValueError("of another kind"))
        False
    """
    if isinstance(fault, InterfaceError):
        return True
    if not isinstance(fault, OperationalError):
        return False
    cause = fault.__cause__
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & _PRIMARY in _BUSY
    state = getattr(cause, "sqlstate", None)
    return state is None or str(state).startswith(_AWAY)


def shorten(record: logging.LogRecord) -> bool:
    """Leaves the first line of why where a log record carries an outage's whole trace.

    Each request of an outage has the same trace to tell. Django calls this as a log filter.

    Args:
        record: Changed in place; always kept.
    """
    fault = record.exc_info[1] if record.exc_info else None
    if is_away(fault):
        why = str(fault).strip().partition("\n")[0]
        record.exc_info, record.exc_text = None, None
        record.about = {"why": why}
    return True
