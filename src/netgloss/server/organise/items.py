"""The items of a task as the organiser sees them, and which of them are controls."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q

from netgloss.server.errors import RequestError
from netgloss.server.organise.play import ENDS
from netgloss.server.pictures import Picture, item_address
from netgloss.server.play.players import TASK as PLAY
from netgloss.server.tasks.kinds import kind_of
from netgloss.server.tasks.models import ANSWERED, Item, Task

__all__ = ["items", "pictures", "set_control"]


def items(task: Task, after: int, limit: int, *, controls: bool = False) -> dict[str, Any]:
    """The items, those that nobody is asked about any more among them.

    Args:
        task: The task.
        after: ``next`` of the page before; 0 for the first.
        limit: Rows at most.
        controls: Only control items.

    Returns:
        ``rows``, and ``next``, None on the last page. ``outcomes`` (won, lost, resigned) are those
        of games, None in other tasks.
    """
    chosen = Item.objects.filter(task=task, pk__gt=after)
    if controls:
        chosen = chosen.filter(expected__isnull=False)
    page = list(_counted(chosen.order_by("pk"))[: limit + 1])
    return {
        "rows": [_row(item) for item in page[:limit]],
        "next": page[limit - 1].pk if len(page) > limit else None,
    }


def pictures(images: Iterable[str]) -> dict[str, str]:
    """The address of each image's thumbnail, as far as people are or were asked about it.

    With the heat map that is annotated; of an image that is only played, with its heaviest map.

    Args:
        images: Their names.
    """
    # Of several the last counts, and tasks are named "annotate" and "play".
    rows = Item.objects.filter(image__in=set(images)).order_by("-task_id", "weight", "pk")
    found = rows.values_list("image", "pk")
    return {image: item_address(Picture.THUMBNAIL, item) for image, item in found}


def set_control(item_id: int, expected: Any) -> dict[str, Any]:
    """The row of the item, made a control or an item like any other.

    Args:
        item_id: The item.
        expected: What its kind of task expects, for example ``{"types": ["claw"]}``; None for
            an item like any other.

    Raises:
        RequestError: 404: there is no such item; 422: the expectation could never be met.
    """
    item = Item.objects.filter(pk=item_id).first()
    if item is None:
        raise RequestError(404, "unknown", "There is no such image.")
    if expected is not None:
        expected = kind_of(item.task_id).expectation(expected)
    Item.objects.filter(pk=item_id).update(expected=expected)
    return _row(_counted(Item.objects.filter(pk=item_id)).get())


def _counted(rows: Any) -> Any:
    """With ``answers``: by people who count, not as a control; those of games by their outcome."""
    counts = Q(
        assignments__state=ANSWERED,
        assignments__control=False,
        assignments__person__excluded_at__isnull=True,
    )
    games = counts & Q(assignments__task=PLAY)
    outcomes = {
        name: Count("assignments", games & Q(assignments__answer__outcome=ended.value))
        for name, ended in ENDS.items()
    }
    return rows.annotate(answers=Count("assignments", counts), **outcomes)


def _row(item: Any) -> dict[str, Any]:
    return {
        "id": item.pk,
        "image": item.image,
        "picture": item_address(Picture.THUMBNAIL, item.pk),
        "answers": item.answers,
        "taken": item.taken,
        "quota": item.quota,
        "control": item.expected,
        "retired": item.retired,
        "layer": item.layer,
        "weight": item.weight,
        "outcomes": {name: getattr(item, name) for name in ENDS} if item.task_id == PLAY else None,
    }
