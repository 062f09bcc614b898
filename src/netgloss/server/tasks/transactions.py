"""One transaction, tried again where two people ran into each other."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import IntegrityError, OperationalError, connection, transaction

from netgloss.server.errors import RequestError
from netgloss.server.tasks.turns import turn

__all__ = ["CrowdedError", "in_transaction", "skips_locked_rows"]

T = TypeVar("T")

_ATTEMPTS = 8
_FIRST_PAUSE = 0.01  # seconds; doubled with each attempt
_RACES = {
    "40001",  # serialization failure
    "40P01",  # deadlock
}


class CrowdedError(Exception):
    """Others hold the rows that are wanted: go back and queue for them."""


def in_transaction(work: Callable[[bool], T | RequestError]) -> T:
    """What ``work`` returns once it is committed; a refusal is raised after the commit.

    A refusal that ``work`` *returns* keeps what was written, such as the image that takes the
    place of one that is gone. One that it raises undoes everything.

    Args:
        work: Called with whether it should queue for rows that others hold: False at first. It
            may be called several times, each time in a transaction of its own.

    Raises:
        RequestError: What ``work`` returned or raised.
    """
    patient = False
    for attempt in range(_ATTEMPTS):
        try:
            with turn(), transaction.atomic():
                outcome = work(patient)
        except CrowdedError:
            patient = True
        except (IntegrityError, OperationalError) as fault:
            if attempt == _ATTEMPTS - 1 or not _is_race(fault):
                raise
            # Two that collided must not collide again at the same moment.
            time.sleep(_FIRST_PAUSE * 2**attempt * random.random())  # noqa: S311 - no secret
        else:
            if isinstance(outcome, RequestError):
                raise outcome
            return outcome
    raise RequestError(503, "busy", "Too many people at once; please try again in a moment.")


def skips_locked_rows() -> bool:
    """Whether the database can pass over rows that others hold; SQLite has one writer at a time."""
    return connection.features.has_select_for_update_skip_locked


def _is_race(fault: IntegrityError | OperationalError) -> bool:
    """Whether trying again can help: a unique value taken in between, or a deadlock."""
    if isinstance(fault, IntegrityError):
        return True
    return getattr(fault.__cause__, "sqlstate", None) in _RACES
