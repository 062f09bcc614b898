"""Which items a person gets: the least taken first, never an image that they have had.

A control item comes early, at a place nobody can foresee.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from functools import cache
from uuid import UUID

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, UUIDField

from netgloss.server.prepared import Given, Prepared
from netgloss.server.tasks.kinds import KINDS, kind_of, kinds
from netgloss.server.tasks.models import OPEN, Assignment, Batch, Item
from netgloss.server.tasks.transactions import CrowdedError, skips_locked_rows

__all__ = ["barring", "early_places", "pick", "pick_controls"]

_EARLY = 4  # a control item stands at a position from 1 to this, or to as many as there are
# Which control items are drawn, and their places, must not be guessed.
_dice = random.SystemRandom()


def pick_controls(batch: Batch) -> list[Item]:
    """Control items for a new batch, as many as are due, that the person has not had.

    Args:
        batch: With its task and person at hand; the person is locked.
    """
    task = batch.task
    due = kind_of(task.name).controls_due(task, batch.person)
    if min(due, task.batch_size) <= 0:
        return []
    fresh = _fresh(task.name, task.name, batch.person_id).filter(expected__isnull=False)
    keys = list(fresh.values_list("pk", flat=True))
    drawn = _dice.sample(keys, min(due, task.batch_size, len(keys)))
    return _one_an_image(Item.objects.filter(pk__in=drawn))


def pick(batch: Batch, count: int, patient: bool, but_for: Iterable[Item] = ()) -> list[Item]:
    """Up to ``count`` items for the batch, the least taken first, locked.

    Rows that others hold are passed over, so that nobody waits. Only where too few are left is
    the queue joined.

    Args:
        batch: With its task and person at hand.
        count: How many are wanted.
        patient: Queue for items that others hold.
        but_for: Items whose images are in the batch already.

    Raises:
        CrowdedError: Too few rows are free, and the person did not queue.
    """
    chosen: list[Item] = []
    taken = {item.image for item in but_for}
    while len(chosen) < count:
        found = _one_an_image(_least_taken(batch, count - len(chosen), patient, taken))
        if not found:
            break
        chosen += found
        taken |= {item.image for item in found}
    if len(chosen) < count and not patient and skips_locked_rows():
        raise CrowdedError
    return chosen


def _least_taken(batch: Batch, count: int, patient: bool, but_for: set[str]) -> list[Item]:
    """Items with a free slot that may be in the batch, the least taken first, locked."""
    if not (batch.wishes or but_for):
        usual = _usual(batch.task_id, count, patient, tuple(KINDS))
        return usual.all(task=batch.task_id, person=batch.person_id)
    free = _free(batch.task_id, batch.task_id, batch.person_id)
    free = kind_of(batch.task_id).eligible(batch, free).exclude(image__in=but_for)
    return list(_locked(free, count, patient))


@cache
def _usual(task: str, count: int, patient: bool, _kinds: tuple[str, ...]) -> Prepared[Item]:
    """Of a batch for which nothing was asked: compiled, as most are. All kinds bar images."""
    given = Given("task", CharField()), Given("person", UUIDField())
    return Prepared(lambda: _locked(_free(task, *given), count, patient))


def _free(kind: str, task: str | Given, person: UUID | Given) -> QuerySet[Item]:
    return _fresh(kind, task, person).filter(expected__isnull=True, taken__lt=F("quota"))


def _locked(items: QuerySet[Item], count: int, patient: bool) -> QuerySet[Item]:
    rows = items.order_by("taken", "order")
    return rows.select_for_update(skip_locked=not patient, no_key=True, of=("self",))[:count]


def barring(task: str, person: UUID | Given) -> QuerySet[Assignment]:
    """The person's assignments whose images they must not be given in this task.

    Those of the task itself. Besides, for a task that hides its images, those of every other task,
    and for every other task those that are open in a task that hides them.

    Args:
        task: The task's name.
        person: The person's key, or where it is given later.
    """
    theirs, present = Assignment.objects.filter(person=person), kinds()
    if kind_of(task).hides_images:
        # All of them by name: an index then finds an image at once.
        return theirs.filter(task__in=[kind.name for kind in present])
    hiding = [kind.name for kind in present if kind.hides_images]
    return theirs.filter(Q(task=task) | Q(task__in=hiding, state=OPEN))


def early_places(count: int, size: int) -> list[int]:
    """Where the control items stand: early, and first only where they are all there is.

    Args:
        count: How many control items there are.
        size: How many items the batch holds.

    Example:
        >>> early_places(0, 10)
        []
        >>> early_places(1, 2)
        [1]
        >>> early_places(1, 1)
        [0]
    """
    if count == size:
        return list(range(size))
    last = min(max(_EARLY, count), size - 1)
    return sorted(_dice.sample(range(1, last + 1), count))


def _fresh(kind: str, task: str | Given, person: UUID | Given) -> QuerySet[Item]:
    """The task's items whose images the person may see."""
    had = barring(kind, person).filter(image=OuterRef("image"))
    # Written as a value to compare with: SQLite then walks the index in the order that is asked
    # for, and stops once it has enough.
    return Item.objects.filter(~Exists(had), task=task, retired__in=[False])


def _one_an_image(items: Iterable[Item]) -> list[Item]:
    return list({item.image: item for item in items}.values())
