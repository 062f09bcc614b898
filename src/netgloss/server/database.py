"""The database's settings from its address."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from netgloss.errors import OptionError

__all__ = ["database_settings"]

_LOCK_SECONDS = 20
_CONNECT_SECONDS = 10
_RENEWED_AFTER_SECONDS = 60
_PLANNED_AFTER = 5  # times that a query was asked; psycopg's own default


def database_settings(url: str, study: Path) -> dict[str, Any]:
    """Django's ``DATABASES["default"]`` for an address.

    Args:
        url: ``postgresql://user:password@host:port/name``, ``sqlite:///path``, or empty for
            ``answers.sqlite3`` in the study folder. What stands after ``?`` goes to PostgreSQL's
            client, for example ``?host=/run/postgresql`` or ``?sslmode=require``.
        study: The study folder.

    Raises:
        OptionError: The address is of another kind, or names no database.

    Example:
        >>> database_settings("postgresql://ann@db/study", Path())["NAME"]
        'study'
    """
    parts = urlsplit(url)
    if not url or parts.scheme == "sqlite":
        return _sqlite(Path(unquote(parts.path[1:])) if url else study / "answers.sqlite3")
    if parts.scheme not in ("postgresql", "postgres"):
        raise OptionError(
            f"database '{parts.scheme or url}' is of no known kind; give "
            "postgresql://user:password@host/name or sqlite:///path/to/file"
        )
    name = unquote(parts.path[1:])
    if not name:
        raise OptionError("the database's address names no database; add its name: …host/name")
    try:
        port = str(parts.port or "")
    except ValueError as fault:
        raise OptionError(
            "the database's address has a port that is none; write it like …host:5432/name, "
            "and what is special in a password as %40 and the like"
        ) from fault
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": port,
        "OPTIONS": _postgresql_options() | dict(parse_qsl(parts.query)),
        # A look at each request whether the connection still lives would cost a picture 40 % more
        # time. Renewed each minute, one that broke meanwhile costs a request that the page repeats.
        "CONN_MAX_AGE": _RENEWED_AFTER_SECONDS,
    }


def _postgresql_options() -> dict[str, Any]:
    """The database plans what it is asked again and again once a connection, not each time."""
    return {
        "connect_timeout": _CONNECT_SECONDS,
        "server_side_binding": True,
        "prepare_threshold": _PLANNED_AFTER,
    }


def _sqlite(path: Path) -> dict[str, Any]:
    """SQLite that several processes write to without a "database is locked".

    A transaction takes the write lock when it begins, since one that reads first and writes then
    cannot wait for its turn. ``synchronous=FULL`` keeps an acknowledged answer through a power cut.
    """
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path.resolve()),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": _LOCK_SECONDS,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        },
    }
