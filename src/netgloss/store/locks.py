"""One writer a study at a time, across processes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from netgloss.errors import StudyError

__all__ = ["writing"]


@contextmanager
def writing(folder: Path, what: str, seconds: float = 0.5) -> Iterator[None]:
    """Holds the right to write one part of a study.

    The system drops the lock when its process ends, so a killed run blocks nobody.

    Args:
        folder: The study folder.
        what: The part, for example ``evidence-smoothgrad``; each part has its own lock.
        seconds: How long to wait for another process.

    Raises:
        StudyError: Another process is still writing that part.
    """
    from filelock import FileLock, Timeout

    hidden = folder / ".netgloss"
    try:
        hidden.mkdir(exist_ok=True)
        with FileLock(hidden / f"{what}.lock", timeout=seconds):
            yield
    except Timeout as error:
        raise StudyError(
            f"{folder}: another process is writing its {what.replace('-', ' ')}; "
            "wait for it to end, then run this again"
        ) from error
