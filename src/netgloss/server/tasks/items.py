"""A task's items, made from the study's stored evidence."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import CharField, F, QuerySet
from django.db.models.functions import Greatest

from netgloss.errors import StudyError
from netgloss.server.errors import RequestError
from netgloss.server.prepared import Given, Prepared
from netgloss.server.tasks.kinds import Candidate, kind_of, kinds
from netgloss.server.tasks.models import Item, Task
from netgloss.server.tasks.transactions import in_transaction

if TYPE_CHECKING:
    from netgloss.study import Study

__all__ = ["Synced", "set_quota", "set_up", "set_up_all", "sync_items", "task_of"]

_AT_ONCE = 1000


@dataclass(frozen=True)
class Synced:
    """What one synchronisation did.

    Attributes:
        new: Items made now.
        retired: Items whose heat map has gone since; nobody is asked about them any more.
        returned: Retired items whose heat map is there again.
    """

    new: int
    retired: int
    returned: int


def task_of(name: str, *, locked: bool = False) -> Task:
    """The task of this name.

    Args:
        name: The kind of task.
        locked: Until the transaction that this is called in ends.

    Raises:
        RequestError: 404: there is none.
    """
    found = (_locked if locked else _present).first(name=name) if "\0" not in name else None
    if found is None:
        raise RequestError(404, "unknown", "There is no such task.")
    return found


def _by_name() -> QuerySet[Task]:
    return Task.objects.filter(name=Given("name", CharField()))


_present: Prepared[Task] = Prepared(_by_name)
_locked: Prepared[Task] = Prepared(lambda: _by_name().select_for_update(no_key=True))


def set_up_all(study: Study) -> list[Task]:
    """Every task that the study has heat maps for, made if it is new, with its items.

    A task whose heat maps have gone since stays, and nobody is asked about its items any more.

    Args:
        study: The study.

    Raises:
        StudyError: The study has no heat maps that people could be asked about.
    """
    done = [set_up(study, kind.name) for kind in kinds() if kind.methods(study)]
    if not done:
        raise _no_evidence(study)
    for task in Task.objects.exclude(name__in=[task.name for task in done]):
        _rest(task)
    return done


def set_up(study: Study, name: str = "annotate") -> Task:
    """The task, made with its defaults if it is new, with the items that the study has now.

    Args:
        study: The study.
        name: The kind of task.

    Raises:
        StudyError: The study has no heat maps that the task could ask about.
    """
    kind = kind_of(name)
    methods = kind.methods(study)
    if not methods:
        raise _no_evidence(study)
    defaults = {
        "title": kind.title,
        "method": methods[0],
        "consent": kind.consent,
        "instructions": kind.instructions,
        **kind.defaults,
    }
    task, _ = Task.objects.get_or_create(name=name, defaults=defaults)
    sync_items(study, task)
    return task


def sync_items(study: Study, task: Task) -> Synced:
    """Makes the task's items agree with the study's heat maps; again changes nothing.

    What was answered stays. An item whose heat map has gone is retired; where another map now has
    its identifier, the old item gives that up.

    Args:
        study: The study.
        task: The task; its method says which heat maps.

    Raises:
        StudyError: The study has no heat maps of the method.
    """
    kind = kind_of(task.name)
    wanted = {one.evidence: one for one in kind.items(study, task.method)}

    def work(_patient: bool) -> Synced:
        synced = _sync(task, wanted)
        kind.synced(task)
        return synced

    return in_transaction(work)


def set_quota(task: Task, quota: int) -> None:
    """Gives every item of the task this quota; where more slots are held, as many as are held.

    Args:
        task: The task.
        quota: Answers an item, 1 or more.
    """

    def work(_patient: bool) -> None:
        Task.objects.filter(pk=task.pk).update(quota=quota)
        # In the order in which everybody locks them.
        items = task.items.order_by("pk").select_for_update(no_key=True)
        list(items.values_list("pk", flat=True))
        task.items.update(quota=Greatest(F("taken"), quota))

    in_transaction(work)
    task.quota = quota


def _rest(task: Task) -> None:
    """Retires all items of a task; they return with their heat maps."""
    in_transaction(lambda _patient: _sync(task, {}))


def _no_evidence(study: Study) -> StudyError:
    return StudyError(
        f"{study.folder}: no heat maps yet; make them with: "
        f"netgloss extract {study.folder} smoothgrad"
    )


def _sync(task: Task, wanted: Mapping[str, Candidate]) -> Synced:
    Task.objects.select_for_update(no_key=True).get(pk=task.pk)
    present = list(task.items.only("pk", "evidence", "image", "layer", "weight", "retired"))
    gone = [item for item in present if not _is(item, wanted) and not item.retired]
    back = [item for item in present if _is(item, wanted) and item.retired]
    _rename(item for item in present if item.evidence in wanted and not _is(item, wanted))
    _retire(gone, retired=True)
    _retire(back, retired=False)
    known = {item.evidence for item in present if _is(item, wanted)}
    new = [_item(task, one) for name, one in wanted.items() if name not in known]
    Item.objects.bulk_create(new, batch_size=_AT_ONCE)
    return Synced(len(new), len(gone), len(back))


def _is(item: Item, wanted: Mapping[str, Candidate]) -> bool:
    """Whether the item's heat map is still the same one: of the same image, layer and weight.

    Cluster maps that are made anew with other options get the identifiers of the old ones.
    """
    one = wanted.get(item.evidence)
    return one is not None and (one.image, one.layer, one.weight) == (
        item.image,
        item.layer,
        item.weight,
    )


def _rename(items: Iterable[Item]) -> None:
    for item in items:
        item.evidence = f"replaced/{item.pk}"
        item.save(update_fields=["evidence"])


def _retire(items: list[Item], *, retired: bool) -> None:
    for start in range(0, len(items), _AT_ONCE):
        keys = [item.pk for item in items[start : start + _AT_ONCE]]
        Item.objects.filter(pk__in=keys).update(retired=retired)


def _item(task: Task, one: Candidate) -> Item:
    return Item(
        task=task,
        evidence=one.evidence,
        image=one.image,
        layer=one.layer,
        weight=one.weight,
        quota=task.quota,
        order=_order(task.name, one.evidence),
    )


def _order(task: str, evidence: str) -> int:
    """A place in a shuffle that later items do not disturb, below 2^31."""
    digest = hashlib.blake2b(f"{task}\n{evidence}".encode(), digest_size=4).digest()
    return int.from_bytes(digest) >> 1
