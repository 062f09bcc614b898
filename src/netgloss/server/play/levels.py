"""How hard a game is: heavier maps are easier (thesis, section 5.2.3 and Figure 27).

Players used fewer hints with maps of higher weight. Where the organiser allows it, they choose
among thirds of the maps by weight.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, F, OuterRef, QuerySet

from netgloss.server.people.models import Person
from netgloss.server.tasks.models import Item, Task
from netgloss.server.tasks.picking import barring

__all__ = ["LEVELS", "games_left", "of_level"]

LEVELS = ("easy", "medium", "hard")
"""The heaviest third of the maps, the middle one, and the lightest."""


def of_level(task: Task, items: QuerySet[Item], level: str) -> QuerySet[Item]:
    """Those of the items whose weight makes them so hard.

    Args:
        task: The task; the thirds are those of all its maps.
        items: Any of its items.
        level: One of :data:`LEVELS`.
    """
    lower, upper = _bounds(task)
    if level == "easy":
        return items.filter(weight__gte=upper)
    if level == "hard":
        return items.filter(weight__lt=lower)
    return items.filter(weight__gte=lower, weight__lt=upper)


def games_left(task: Task, person: Person) -> list[dict[str, Any]]:
    """How many more games of each level there are for the person: one an image at most.

    Args:
        task: The task.
        person: Who wants to play.
    """
    had = barring(task.name, person.pk).filter(image=OuterRef("image"))
    free = _regular(task).filter(~Exists(had), taken__lt=F("quota"))
    return [
        {
            "name": level,
            "games_left": of_level(task, free, level).aggregate(n=Count("image", distinct=True))[
                "n"
            ],
        }
        for level in LEVELS
    ]


def _bounds(task: Task) -> tuple[float, float]:
    """The weights at which the middle and the upper third begin."""
    weights = _regular(task).order_by("weight").values_list("weight", flat=True)
    number = weights.count()
    if number == 0:
        return 0.0, 0.0
    lower, upper = (weights[place] for place in (number // 3, 2 * number // 3))
    return lower, upper


def _regular(task: Task) -> QuerySet[Item]:
    return Item.objects.filter(task=task, retired=False, expected__isnull=True)
