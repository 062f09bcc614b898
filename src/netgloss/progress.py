"""How long work tells how far it is: the library reports, the front door draws.

Library functions take ``track: Tracker = untracked`` and wrap their loop in it; the command
line passes a tracker that draws a bar with the time left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

__all__ = ["Tracker", "untracked"]

T = TypeVar("T")


class Tracker(Protocol):
    """Passes the items through and shows how many of ``total`` have gone by."""

    def __call__(self, items: Iterable[T], *, total: int, what: str) -> Iterator[T]:
        """Yields ``items`` unchanged; ``what`` names the work for the person who waits."""
        ...


def untracked(items: Iterable[T], *, total: int, what: str) -> Iterator[T]:  # noqa: ARG001
    """Passes the items through in silence: the default of every library function."""
    return iter(items)
