"""What a person is told about themselves and the tasks, in four queries."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Count
from ninja import Schema

from netgloss.server.people.models import Person
from netgloss.server.tasks.models import ANSWERED, Assignment, Batch, Consent, Task
from netgloss.server.tasks.texts import version

__all__ = ["Me", "about"]


class Myself(Schema):
    """A person, as they see themselves."""

    kind: str
    role: str
    name: str
    email: str
    pseudonym: str


class TaskOverview(Schema):
    """A task, and how far the person is with it."""

    name: str
    title: str
    paused: bool
    consented: bool
    answered: int
    open_batch: str | None


class StudyOverview(Schema):
    """The study that this server serves."""

    title: str


class Me(Schema):
    """Who is asking, the study, and its tasks."""

    person: Myself | None
    study: StudyOverview
    tasks: list[TaskOverview]


def about(person: Person | AnonymousUser) -> dict[str, Any]:
    """The body of :class:`Me` for whoever asks.

    Args:
        person: The person, or nobody.
    """
    known = person if isinstance(person, Person) else None
    return {
        "person": known,
        "study": {"title": settings.STUDY.resolve().name},
        "tasks": _tasks(known),
    }


def _tasks(person: Person | None) -> list[dict[str, Any]]:
    answered, open_batches, consents = _progress(person) if person else ({}, {}, set())
    return [
        {
            "name": task.name,
            "title": task.title,
            "paused": task.paused,
            "consented": not task.consent or (task.name, version(task.consent)) in consents,
            "answered": answered.get(task.name, 0),
            "open_batch": open_batches.get(task.name),
        }
        for task in Task.objects.order_by("name")
    ]


def _progress(person: Person) -> tuple[dict[str, int], dict[str, str], set[tuple[str, str]]]:
    """Answers a task, the open batch a task, and the consents given."""
    answers = Assignment.objects.filter(person=person, state=ANSWERED).values_list("task_id")
    batches = Batch.objects.filter(person=person, finished_at=None)
    consents = Consent.objects.filter(person=person)
    return (
        dict(answers.annotate(Count("id"))),
        {batch.task_id: str(batch.id) for batch in batches},
        set(consents.values_list("task_id", "text")),
    )
