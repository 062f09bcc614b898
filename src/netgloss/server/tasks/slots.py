"""An item's slots: who holds one, who loses it, who gets it back.

Every change of a slot is made while the item's row is locked, so that counting the holders is
exact. On SQLite a writing transaction locks everything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from netgloss.server.people.models import Person
from netgloss.server.tasks.models import ANSWERED, OPEN, Assignment, Item, Task
from netgloss.server.tasks.transactions import in_transaction

__all__ = [
    "free_lapsed",
    "free_slots",
    "hold_again",
    "lease_end",
    "lowest_free",
    "recount",
    "release",
    "take_back_slots",
]

_AT_ONCE = 1000


def lease_end(task: Task) -> datetime:
    """Until when an assignment of the task is kept for a person who acts now."""
    return timezone.now() + timedelta(minutes=task.lease_minutes)


def lowest_free(items: Sequence[Item]) -> dict[int, int]:
    """The lowest free slot of each item that has one, by the item's key; lock the items first.

    Args:
        items: Items, locked.
    """
    held: dict[int, set[int | None]] = defaultdict(set)
    holders = Assignment.objects.filter(item__in=items, slot__isnull=False)
    for key, slot in holders.values_list("item_id", "slot"):
        held[key].add(slot)
    free = {}
    for item in items:
        if len(held[item.pk]) < item.quota:
            free[item.pk] = next(n for n in range(1, item.quota + 1) if n not in held[item.pk])
    return free


def recount(items: Iterable[int]) -> None:
    """Writes down how many slots of each item are held; lock the items first.

    Counted, not added to: a number that is wrong for whatever reason mends itself.
    """
    holders = (
        Assignment.objects.filter(item=OuterRef("pk"), slot__isnull=False)
        .order_by()
        .values("item")
        .annotate(number=Count("pk"))
        .values("number")
    )
    Item.objects.filter(pk__in=set(items)).update(taken=Coalesce(Subquery(holders), 0))


def free_lapsed(task: Task) -> int:
    """Takes the slots of leases that have run out; returns how many.

    Rows that somebody is working on at this moment are passed over. Call it in a transaction.
    """
    lapsed = (
        Assignment.objects.filter(
            task=task, state=OPEN, slot__isnull=False, leased_until__lt=timezone.now()
        )
        .select_for_update(skip_locked=True, of=("self", "item"), no_key=True)
        .select_related("item")
        .only("pk", "item__id")[:_AT_ONCE]
    )
    return _release(list(lapsed))


def free_slots(person: Person) -> int:
    """Takes all slots of a person, so that others are asked instead; returns how many.

    What they answered stays. For a person who is excluded or about to be deleted.
    """

    def work(_patient: bool) -> int:
        held = Assignment.objects.filter(person=person, slot__isnull=False)
        items = _lock(held.values("item"))
        return _release(list(held.filter(item__in=items).select_for_update(no_key=True)))

    return in_transaction(work)


def take_back_slots(person: Person) -> int:
    """Gives a re-admitted person's answers slots again where some are free; returns how many.

    An answer without a slot does not count: others have been asked in the meantime.
    """

    def work(_patient: bool) -> int:
        without = Assignment.objects.filter(
            person=person, slot__isnull=True, state=ANSWERED, control=False
        )
        items = _lock(without.values("item"))
        waiting = without.filter(item__in=items).order_by("answered_at")
        return len(_give(items, list(waiting.select_for_update(no_key=True))))

    return in_transaction(work)


def hold_again(assignments: Sequence[Assignment]) -> list[Assignment]:
    """Gives open assignments that lost their slots free ones; returns those that got one.

    Nobody is asked about a retired item any more. Call it in a transaction that has locked the
    assignments.
    """
    items = _lock([assignment.item_id for assignment in assignments], Q(retired=False))
    return _give(items, assignments)


def release(assignments: Sequence[Assignment]) -> None:
    """Takes the slots of assignments that hold any; they are locked in this transaction."""
    held = [assignment for assignment in assignments if assignment.slot is not None]
    _lock([assignment.item_id for assignment in held])
    _release(held)
    for assignment in held:
        assignment.slot = None


def _lock(items: Any, which: Q | None = None) -> dict[int, Item]:
    """The items, locked in the order of their keys, so that two cannot lock crosswise."""
    if isinstance(items, list) and not items:
        return {}
    rows = Item.objects.filter(which or Q(), pk__in=items).order_by("pk")
    return {item.pk: item for item in rows.select_for_update(no_key=True)}


def _give(items: Mapping[int, Item], assignments: Iterable[Assignment]) -> list[Assignment]:
    """Gives each assignment a slot of its item while there are any."""
    free = lowest_free(list(items.values()))
    given = []
    for assignment in assignments:
        slot = free.pop(assignment.item_id, None)
        if slot is not None:
            assignment.slot, assignment.quota = slot, items[assignment.item_id].quota
            given.append(assignment)
    Assignment.objects.bulk_update(given, ["slot", "quota"])
    recount(assignment.item_id for assignment in given)
    return given


def _release(held: Sequence[Assignment]) -> int:
    """Takes the slots of assignments that are locked together with their items."""
    if held:
        Assignment.objects.filter(pk__in=[one.pk for one in held]).update(slot=None)
        recount(one.item_id for one in held)
    return len(held)
