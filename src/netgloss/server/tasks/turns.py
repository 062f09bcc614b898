"""A queue before SQLite's one writer, across threads and processes.

SQLite itself has none: who finds it busy looks again after a while, up to a tenth of a second
later, and may find that others were quicker each time. Nothing depends on the queue but how long
one waits; who writes without joining it is waited for as ever.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Lock

from django.conf import settings
from django.db import connection

__all__ = ["turn"]

_among_threads = Lock()


@contextmanager
def turn() -> Iterator[None]:
    """Waits until it is this thread's turn to write; at once where others can write as well.

    Inside a transaction it is this thread's turn already.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block or _is_passing():
        yield
        return
    with _among_threads, _among_processes(settings.STUDY):
        yield


def _is_passing() -> bool:
    return bool(connection.settings_dict["NAME"] == ":memory:")


@contextmanager
def _among_processes(study: Path) -> Iterator[None]:
    if sys.platform == "win32":  # its locks have no queue either
        yield
        return
    import fcntl

    descriptor = _opened(study)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


@cache
def _opened(study: Path) -> int:
    """The file that is locked; open as long as the process lives."""
    place = study / ".netgloss" / "server" / "turns"
    place.parent.mkdir(parents=True, exist_ok=True)
    return os.open(place, os.O_CREAT | os.O_RDWR, 0o600)
