"""Tags to offer while somebody types: their own earlier ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, cast

from netgloss.server.people.models import Person
from netgloss.server.tasks.models import Assignment, Task
from netgloss.words.normalise import normalise

__all__ = ["own_tags"]

_MOST = 300
_LATEST = 5000  # games looked at


def own_tags(task: Task, person: Person) -> list[str]:
    """The tags that the person has typed in this task, the most frequent first.

    Args:
        task: The task.
        person: Whose.
    """
    # Told by their time: by their state SQLite would look through everybody's games.
    games = Assignment.objects.filter(task=task, person=person, answered_at__isnull=False)
    latest = games.order_by("-answered_at").values_list("answer", flat=True)
    answers = cast("Iterable[dict[str, Any]]", latest[:_LATEST])
    counts = Counter(normalise(tag) for answer in answers for tag in answer["tags"])
    ranked = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return [tag for tag, _ in ranked[:_MOST]]
