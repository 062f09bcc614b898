"""Words to offer while somebody types: their own, and those that several others use."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from functools import lru_cache
from typing import Any

from netgloss.server.people.models import Person
from netgloss.server.tasks.models import ANSWERED, Assignment, Task
from netgloss.words.normalise import normalise

__all__ = ["Words", "own_words", "shared_words"]

Words = dict[str, list[str]]
"""``types`` and ``attributes``, the most frequent first."""

_MOST = 300  # of each kind
_LATEST = 5000  # answers looked at
_FRESH_SECONDS = 60
_PEOPLE = 2  # a word that only one person uses may be about that person


def own_words(task: Task, person: Person) -> Words:
    """What the person has typed in this task."""
    answers = Assignment.objects.filter(task=task, person=person, state=ANSWERED)
    return _counted(_latest(answers.values_list("person_id", "answer")), people=1)


def shared_words(task: Task) -> Words:
    """What at least two people have typed in this task; up to a minute old."""
    return _shared(task.pk, int(time.monotonic() // _FRESH_SECONDS))


@lru_cache(maxsize=8)
def _shared(task: str, _minute: int) -> Words:
    answers = Assignment.objects.filter(
        task=task, state=ANSWERED, person__excluded_at__isnull=True
    ).values_list("person_id", "answer")
    return _counted(_latest(answers), people=_PEOPLE)


def _latest(answers: Any) -> Iterable[tuple[Hashable, Any]]:
    found: Iterable[tuple[Hashable, Any]] = answers.order_by("-answered_at")[:_LATEST].iterator()
    return found


def _counted(answers: Iterable[tuple[Hashable, Any]], people: int) -> Words:
    """The words by falling frequency.

    >>> red = {"boxes": [{"type": "Claw ", "attributes": ["red"]}]}
    >>> wet = {"boxes": [{"type": "claw", "attributes": ["wet"]}]}
    >>> _counted([("ada", red), ("bob", wet)], people=2)
    {'types': ['claw'], 'attributes': []}
    """
    counts: dict[str, Counter[str]] = {"types": Counter(), "attributes": Counter()}
    users: dict[tuple[str, str], set[Hashable]] = defaultdict(set)
    for person, answer in answers:
        for box in answer["boxes"]:
            typed = [("types", box["type"]), *(("attributes", one) for one in box["attributes"])]
            for kind, word in typed:
                said = normalise(word)
                counts[kind][said] += 1
                users[kind, said].add(person)
    return {
        kind: [
            word
            for word, _ in sorted(counter.items(), key=lambda one: (-one[1], one[0]))
            if len(users[kind, word]) >= people
        ][:_MOST]
        for kind, counter in counts.items()
    }
