"""An item's slots: who holds one, who loses it, who gets it back.

Every change of a slot is made while the item's row is locked, so that counting the holders is
exact, and a slot is given to a person only while theirs is, so that nobody is excluded meanwhile.
Rows are locked in one order: task, person, batch, assignments, items, and last what a kind of task
keeps about the person. On SQLite a writing transaction locks everything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache, reduce
from operator import or_

from django.db.models import (
    BigAutoField,
    CharField,
    Count,
    DateTimeField,
    OuterRef,
    Q,
    Subquery,
    UUIDField,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from netgloss.server.errors import RequestError
from netgloss.server.people.models import Person
from netgloss.server.prepared import Given, Prepared, PreparedChange
from netgloss.server.tasks.models import ANSWERED, OPEN, Assignment, Item, Task
from netgloss.server.tasks.transactions import in_transaction

__all__ = [
    "free_lapsed",
    "free_slots",
    "hold_again",
    "lease_end",
    "lock_person",
    "lowest_free",
    "recount",
    "release",
    "take_back_slots",
]

_AT_ONCE = 1000
_COMPILED = 20  # items of a query; a batch rarely has more


def lease_end(task: Task) -> datetime:
    """Until when an assignment of the task is kept for a person who acts now."""
    return timezone.now() + timedelta(minutes=task.lease_minutes)


def lock_person(person: Person) -> Person:
    """The person as they are now, locked; call it in a transaction.

    Raises:
        RequestError: 401: they have been deleted in the meantime.
    """
    found = _person.first(id=person.pk)
    if found is None:
        raise RequestError(401, "sign_in", "Your account is no longer there; please sign in again.")
    return found


_person: Prepared[Person] = Prepared(
    lambda: Person.objects.select_for_update(no_key=True).filter(pk=Given("id", UUIDField()))
)


def lowest_free(items: Sequence[Item]) -> dict[int, int]:
    """The lowest free slot of each item that has one, by the item's key; lock the items first.

    Args:
        items: Items, locked.
    """
    held: dict[int, set[int | None]] = defaultdict(set)
    for keys in _some([item.pk for item in items]):
        for key, slot in _holders(len(keys)).all(**_numbered(keys)):
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
    for keys in _some(sorted(set(items))):
        _recount(len(keys)).run(**_numbered(keys))


def _some(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    """The keys, a few at a time: a query is compiled for each number of them."""
    for start in range(0, len(keys), _COMPILED):
        yield keys[start : start + _COMPILED]


@cache
def _holders(number: int) -> Prepared[tuple[int, int | None]]:
    """The slots held of so many items."""
    return Prepared(
        lambda: (
            Assignment.objects.filter(_any_of("item", number), slot__isnull=False)
            .order_by()
            .values_list("item_id", "slot")
        )
    )


@cache
def _recount(number: int) -> PreparedChange:
    holders = (
        Assignment.objects.filter(item=OuterRef("pk"), slot__isnull=False)
        .order_by()
        .values("item")
        .annotate(number=Count("pk"))
        .values("number")
    )
    taken = {"taken": Coalesce(Subquery(holders), 0)}
    return PreparedChange(lambda: (Item.objects.filter(_any_of("pk", number)), taken))


def _any_of(field: str, number: int) -> Q:
    """That a field has one of so many values."""
    values = (Given(f"key{place}", BigAutoField()) for place in range(number))
    return reduce(or_, (Q(**{field: value}) for value in values))


def _numbered(keys: Iterable[int]) -> dict[str, int]:
    return {f"key{place}": key for place, key in enumerate(keys)}


def free_lapsed(task: Task) -> int:
    """Takes the slots of leases that have run out; returns how many.

    Rows that somebody is working on at this moment are passed over. Call it in a transaction.
    """
    return _release(_run_out.all(task=task.pk, now=timezone.now()))


_run_out: Prepared[Assignment] = Prepared(
    lambda: (
        Assignment.objects.filter(
            task=Given("task", CharField()),
            state=OPEN,
            slot__isnull=False,
            answered_at__isnull=True,  # as the index says it
            leased_until__lt=Given("now", DateTimeField()),
        )
        .select_for_update(skip_locked=True, of=("self", "item"), no_key=True)
        .select_related("item")
        .only("pk", "item__id")[:_AT_ONCE]
    )
)


def free_slots(person: Person) -> int:
    """Takes all slots of a person, so that others are asked instead; returns how many.

    What they answered stays. For a person who is excluded or about to be deleted.

    Raises:
        RequestError: 401: they have been deleted in the meantime.
    """

    def work(_patient: bool) -> int:
        lock_person(person)
        rows = Assignment.objects.filter(person=person, slot__isnull=False).order_by("pk")
        held = list(rows.select_for_update(no_key=True))
        _lock(held)
        return _release(held)

    return in_transaction(work)


def take_back_slots(person: Person) -> int:
    """Gives a re-admitted person's answers slots again where some are free; returns how many.

    An answer without a slot does not count: others have been asked in the meantime.

    Raises:
        RequestError: 401: they have been deleted in the meantime.
    """

    def work(_patient: bool) -> int:
        lock_person(person)
        without = Assignment.objects.filter(
            person=person, slot__isnull=True, state=ANSWERED, control=False
        )
        waiting = list(without.order_by("answered_at", "pk").select_for_update(no_key=True))
        return len(_give(_lock(waiting), waiting))

    return in_transaction(work)


def hold_again(assignments: Sequence[Assignment]) -> list[Assignment]:
    """Gives open assignments that lost their slots free ones; returns those that got one.

    Nobody is asked about a retired item any more. Call it in a transaction that has locked the
    person and the assignments.
    """
    return _give(_lock(assignments, retired=False), assignments)


def release(assignments: Sequence[Assignment]) -> None:
    """Takes the slots of assignments that hold any; they are locked in this transaction."""
    held = [assignment for assignment in assignments if assignment.slot is not None]
    _lock(held)
    _release(held)
    for assignment in held:
        assignment.slot = None


def _lock(assignments: Sequence[Assignment], **which: bool) -> dict[int, Item]:
    """The assignments' items, locked in the order of their keys, so that two never lock crosswise.

    Args:
        assignments: Of which the items.
        **which: Only such items.
    """
    if not assignments:
        return {}
    rows = Item.objects.filter(pk__in={one.item_id for one in assignments}, **which)
    return {item.pk: item for item in rows.order_by("pk").select_for_update(no_key=True)}


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
