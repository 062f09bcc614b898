"""Control games: an easy map early on, by which careless players are known (methods 7 and 13)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import CharField, Count, Q, QuerySet, UUIDField
from django.utils.crypto import salted_hmac

from netgloss.evidence.clusters.reading import METHOD, read_layers
from netgloss.server.people.models import Person
from netgloss.server.play.options import options_of
from netgloss.server.prepared import Given, Prepared
from netgloss.server.tasks.evidence import StoredEvidence, stored_evidence
from netgloss.server.tasks.models import ANSWERED, Assignment, Item, Task

__all__ = ["EXPECTED", "choose_control", "depths", "is_control_due"]

EXPECTED: dict[str, Any] = {"right": True}
"""What is expected of a control game: that it is won."""

# Tells the control that was chosen here from those that the organiser marked.
_CHOSEN = {**EXPECTED, "chosen": True}
_FIRST = 3  # the thesis's third game
_EARLIEST, _LATEST = 2, 5
_APART = 4  # games from one control to the next, where there are several


def is_control_due(task: Task, person: Person) -> bool:
    """Whether the person's next game is a control.

    ``task.controls`` says how many each person has: the first in the third game, or where the
    organiser has it drawn, and each further one four games later.

    Args:
        task: The task.
        person: Who is about to get a game, locked.
    """
    if not task.controls:
        return False
    games, controls = _played.first(task=task.pk, person=person.pk) or (0, 0)
    if controls >= task.controls:
        return False
    return games + 1 >= _first(task, person) + _APART * controls


def _over() -> QuerySet[Assignment, tuple[int, int]]:
    """How many games of somebody are over, and how many of these were controls."""
    over = Q(state=ANSWERED)  # not in the filter: SQLite would look through everybody's games
    theirs = Assignment.objects.filter(
        task=Given("task", CharField()), person=Given("person", UUIDField())
    )
    counted = (
        theirs.order_by()
        .values("task")
        .annotate(games=Count("pk", over), controls=Count("pk", over & Q(control=True)))
    )
    return counted.values_list("games", "controls")


_played: Prepared[tuple[int, int]] = Prepared(_over)


def choose_control(task: Task) -> None:
    """Makes the heaviest map of the deepest layer the control where there is none.

    Of an image that was classified rightly, where there is one: the task must be easy. Where
    nobody is to have a control, the map that was chosen is one like any other again; those that
    the organiser marked stay marked.

    Args:
        task: Locked.

    Raises:
        StudyError: The heat maps cannot be looked at.
    """
    if not task.controls:
        Item.objects.filter(task=task, expected__chosen=True).update(expected=None)
        return
    items = Item.objects.filter(task=task, retired=False)
    if items.filter(expected__isnull=False).exists():
        return
    layers = list(items.order_by().values_list("layer", flat=True).distinct())
    if not layers:  # the heat maps are gone, and cannot be looked at either
        return
    depth, stored = depths(task.method), stored_evidence(task.method)
    deepest = max(layers, key=lambda layer: depth.get(layer, -1))
    heaviest = list(items.filter(layer=deepest).order_by("-weight", "pk"))
    chosen = next((one for one in heaviest if _is_right(stored, one)), heaviest[0])
    Item.objects.filter(pk=chosen.pk).update(expected=_CHOSEN)


def depths(method: str) -> dict[str, int]:
    """How deep each layer of the served study lies, 0 for the shallowest.

    Empty for a method of which nobody wrote down how its layers follow each other.

    Args:
        method: The evidence method.

    Raises:
        StudyError: The table of layers cannot be read.
    """
    if method != METHOD:
        return {}
    layers = read_layers(settings.STUDY)
    return {str(name): int(depth) for name, depth in zip(layers.layer, layers.depth, strict=True)}


def _first(task: Task, person: Person) -> int:
    if options_of(task).control == "third":
        return _FIRST
    drawn = salted_hmac("netgloss.play.control", person.pk.hex).digest()[0]
    return _EARLIEST + drawn % (_LATEST - _EARLIEST + 1)


def _is_right(stored: StoredEvidence, item: Item) -> bool:
    return bool(stored.row(item.evidence).target == stored.image(item.evidence).truth)
