"""The answers that count, as rows of the database and in the answer format."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.db.utils import DatabaseError

from netgloss.errors import StudyError
from netgloss.server.annotate.kind import Annotate
from netgloss.server.play.games import to_game
from netgloss.server.tasks.models import ANSWERED, Assignment, Task

if TYPE_CHECKING:
    from netgloss.answers.format import Answer
    from netgloss.answers.games import Game

__all__ = ["answers_of", "finished", "games_of", "reading"]

_AT_ONCE = 1000
# What an answer is made of; most of a row says how it came about and would double the time.
_NEEDED = ("task", "image", "seconds", "answer", "control", "person__id")
_NEEDED_OF_GAMES = (*_NEEDED, "course", "passed", "item__evidence")


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """Says in a sentence why the database cannot be read.

    Args:
        folder: The study folder.

    Raises:
        StudyError: The database does not answer, or is that of something else.
    """
    try:
        yield
    except DatabaseError as fault:
        reason = str(fault).strip().partition("\n")[0]
        raise StudyError(
            f"{folder}: what people gave on the server cannot be read ({reason}); "
            "is the address of its database right?"
        ) from fault


def finished(task: Task, *, excluded: bool = False, controls: bool = False) -> QuerySet[Assignment]:
    """The task's answered assignments.

    Args:
        task: The task.
        excluded: With those of excluded people.
        controls: With those of control items.
    """
    rows = Assignment.objects.filter(task=task, state=ANSWERED)
    if not excluded:
        rows = rows.filter(person__excluded_at__isnull=True)
    return rows if controls else rows.filter(control=False)


def answers_of(task: Task, *, excluded: bool = False, controls: bool = False) -> Iterator[Answer]:
    """Yields an annotation task's answers under pseudonyms, those about one image together.

    They come in pieces from the database, so that any number of them takes the same memory.

    Args:
        task: The task.
        excluded: With those of excluded people.
        controls: With those of control items.
    """
    kind = Annotate()
    rows = finished(task, excluded=excluded, controls=controls).select_related("person")
    rows = rows.only(*_NEEDED).order_by("image", "answered_at", "pk")
    for assignment in rows.iterator(chunk_size=_AT_ONCE):
        yield kind.to_answer(assignment)


def games_of(task: Task, *, excluded: bool = False, controls: bool = False) -> Iterator[Game]:
    """Yields a play task's games under pseudonyms, in the order in which they ended.

    They come in pieces from the database, so that any number of them takes the same memory.

    Args:
        task: The task.
        excluded: With those of excluded people.
        controls: With control games.
    """
    rows = finished(task, excluded=excluded, controls=controls).select_related("person", "item")
    rows = rows.only(*_NEEDED_OF_GAMES).order_by("answered_at", "pk")
    for assignment in rows.iterator(chunk_size=_AT_ONCE):
        yield to_game(assignment)
