"""One row a person: what they gave, how well, what speaks against them; and leaving them out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from netgloss.server.errors import RequestError
from netgloss.server.organise.figures import known_figures
from netgloss.server.organise.play import standings
from netgloss.server.people.models import Person
from netgloss.server.play.players import TASK as PLAY
from netgloss.server.tasks.engine import free_slots, take_back_slots
from netgloss.server.tasks.models import ANSWERED, Assignment, Batch, Task
from netgloss.server.tasks.transactions import in_transaction

__all__ = ["exclude", "people", "person_row"]

_UNKNOWN: dict[str, Any] = {
    "agreement": None,
    "sensitivity": None,
    "specificity": None,
    "reasons": [],
}


def people(folder: Path, task: Task, after: str, limit: int) -> dict[str, Any]:
    """Everybody who has begun the task, in the order in which they came.

    Args:
        folder: The study folder.
        task: The task.
        after: ``next`` of the page before; empty for the first.
        limit: Rows at most.

    Returns:
        ``rows``, and ``next``, None on the last page.

    Raises:
        RequestError: 422: ``after`` is nothing that was given out.
    """
    began = Batch.objects.filter(task=task, person=OuterRef("pk"))
    rows = Person.objects.filter(Exists(began)).order_by("joined_at", "pk")
    if after:
        joined, key = _place(after)
        rows = rows.filter(Q(joined_at__gt=joined) | Q(joined_at=joined, pk__gt=key))
    page = list(rows[: limit + 1])
    last = page[limit - 1] if len(page) > limit else None
    return {
        "rows": _rows(folder, task, page[:limit]),
        "next": f"{last.joined_at.isoformat()}~{last.pk}" if last else None,
    }


def person_row(folder: Path, task: Task, person: Person) -> dict[str, Any]:
    """The row of one person, as :func:`people` gives it.

    Args:
        folder: The study folder.
        task: The task.
        person: The person.
    """
    [row] = _rows(folder, task, [person])
    return row


def exclude(person_id: UUID, excluded: bool, why: str) -> Person:
    """The person, excluded or taken in again; nothing they gave is deleted.

    Their slots are free for others at once. Taken in again, their answers hold slots again where
    nobody else has them by now. Asking twice changes nothing.

    Args:
        person_id: Whom.
        excluded: Whether they are to be left out.
        why: For the organiser's own memory.

    Raises:
        RequestError: 404: there is nobody; 409 ``is_organiser``.
    """

    def work(_patient: bool) -> Person:
        # Locked until the slots have changed hands, so that the person takes none in between.
        person = Person.objects.select_for_update(no_key=True).filter(pk=person_id).first()
        if person is None:
            raise RequestError(404, "unknown", "There is no such person.")
        if person.is_organiser and excluded:
            raise RequestError(
                409, "is_organiser", "An organiser cannot be excluded; they would be locked out."
            )
        person.excluded_at = (person.excluded_at or timezone.now()) if excluded else None
        person.excluded_why = why if excluded else ""
        person.save(update_fields=["excluded_at", "excluded_why"])
        (free_slots if excluded else take_back_slots)(person)
        return person

    return in_transaction(work)


def _place(after: str) -> tuple[datetime, UUID]:
    """The moment and the key that a cursor stands for."""
    moment, _, key = after.partition("~")
    try:
        # One without a zone, or one that is in no year at all once it is in UTC, was never given.
        given = datetime.fromisoformat(moment)
        return given.replace(tzinfo=given.tzinfo or UTC).astimezone(UTC), UUID(key)
    except (ValueError, OverflowError) as fault:
        raise RequestError(
            422, "malformed", "This page of the list does not exist.", where="after"
        ) from fault


def _rows(folder: Path, task: Task, persons: Sequence[Person]) -> list[dict[str, Any]]:
    """The rows of one page, counted in two queries; in the game with everybody's standing."""
    answered = Assignment.objects.filter(task=task, state=ANSWERED, person__in=persons)
    counts = {row["person"]: row for row in _counts(answered)}
    medians = _medians(answered.filter(control=False))
    figures = known_figures(folder, task.name).get("people", {})
    games = standings(persons) if task.name == PLAY else {}
    return [
        {
            **_about(person),
            **_numbers(counts.get(person.pk, {})),
            "seconds_median": medians.get(person.pk),
            **_judged(figures.get(person.pseudonym, _UNKNOWN), counts.get(person.pk, {}), task),
            "game": games.get(person.pk),
        }
        for person in persons
    ]


def _about(person: Person) -> dict[str, Any]:
    return {
        "id": person.pk,
        "pseudonym": person.pseudonym,
        "kind": person.kind,
        "name": person.name or person.panel_person,
        "panel": person.panel,
        "joined_at": person.joined_at,
        "excluded": person.excluded_at is not None,
        "why": person.excluded_why,
    }


def _counts(answered: QuerySet[Assignment]) -> Iterable[Mapping[str, Any]]:
    by_person = answered.order_by().values("person")
    return by_person.annotate(
        answers=Count("pk", Q(control=False)),
        nothing=Count("pk", Q(control=False, answer__nothing=True)),
        controls_passed=Count("pk", Q(control=True, passed=True)),
        controls_failed=Count("pk", Q(control=True, passed=False)),
    )


def _numbers(counts: Mapping[str, Any]) -> dict[str, int]:
    names = ("answers", "nothing", "controls_passed", "controls_failed")
    return {name: counts.get(name, 0) for name in names}


def _medians(answered: QuerySet[Assignment]) -> dict[UUID, float]:
    """Each person's median time (the lower one of two in the middle), in one query."""
    numbered = answered.annotate(
        rank=Window(RowNumber(), partition_by="person", order_by=F("seconds").asc()),
        number=Window(Count("pk"), partition_by="person"),
    )
    middle = numbered.filter(rank=(F("number") + 1) / 2).order_by()
    return dict(middle.values_list("person", "seconds"))


def _judged(figures: Mapping[str, Any], counts: Mapping[str, Any], task: Task) -> dict[str, Any]:
    """How good the answers are, and what speaks against the person, in sentences."""
    failed, passed = counts.get("controls_failed", 0), counts.get("controls_passed", 0)
    flags = [f"{failed} of {failed + passed} control images failed"] if failed else []
    if failed and task.name == PLAY:
        flags = ["did not win a control game; all their games are left out of the analysis"]
    return {
        "agreement": figures["agreement"],
        "sensitivity": figures["sensitivity"],
        "specificity": figures["specificity"],
        "flags": [*flags, *figures["reasons"]],
    }
