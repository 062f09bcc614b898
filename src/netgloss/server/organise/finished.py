"""The answers that count, as rows of the database and in the answer format."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from netgloss.server.errors import RequestError
from netgloss.server.tasks.kinds import kind_of
from netgloss.server.tasks.models import ANSWERED, Assignment, Task

if TYPE_CHECKING:
    from netgloss.answers.format import Answer

__all__ = ["answers_of", "finished", "task_of"]

_AT_ONCE = 1000
# What an answer is made of; most of a row says how it came about and would double the time.
_NEEDED = ("task", "image", "seconds", "answer", "control", "person__id")


def task_of(name: str) -> Task:
    """The task of this name.

    Raises:
        RequestError: 404: there is none.
    """
    found = Task.objects.filter(name=name).first()
    if found is None:
        raise RequestError(404, "unknown", "There is no such task.")
    return found


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
    """Yields the task's answers under pseudonyms, those about one image together.

    They come in pieces from the database, so that any number of them takes the same memory.

    Args:
        task: The task.
        excluded: With those of excluded people.
        controls: With those of control items.
    """
    kind = kind_of(task.name)
    rows = finished(task, excluded=excluded, controls=controls).select_related("person")
    rows = rows.only(*_NEEDED).order_by("image", "answered_at", "pk")
    for assignment in rows.iterator(chunk_size=_AT_ONCE):
        yield kind.to_answer(assignment)
