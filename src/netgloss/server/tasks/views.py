"""What the page is told of tasks and batches: nothing about classes, files or control items."""

from __future__ import annotations

import logging
from typing import Any

from django.db.models import Count, Q, UUIDField
from django.utils import timezone

from netgloss.errors import StudyError
from netgloss.server.people.models import Person
from netgloss.server.prepared import Given, Prepared
from netgloss.server.tasks.batches import has_consented
from netgloss.server.tasks.holding import seconds_to_wait
from netgloss.server.tasks.kinds import kind_of
from netgloss.server.tasks.models import ANSWERED, GONE, Assignment, Batch, Task
from netgloss.server.tasks.texts import as_html, version

__all__ = ["batch_view", "task_view"]

_LOG = logging.getLogger("netgloss.server.tasks")


def task_view(task: Task, person: Person) -> dict[str, Any]:
    """A task as its page shows it, with how far this person is."""
    progress = Assignment.objects.filter(task=task, person=person, state=ANSWERED).aggregate(
        answered=Count("pk"),
        batches=Count("batch", Q(batch__finished_at__isnull=False), distinct=True),
    )
    return {
        "name": task.name,
        "title": task.title,
        "paused": task.paused,
        "consent": as_html(task.consent),
        "consent_version": version(task.consent),
        "consented": has_consented(task, person),
        "instructions": as_html(task.instructions),
        "batch_size": task.batch_size,
        "min_seconds": task.min_seconds,
        "suggestions": task.suggestions,
        "feedback": task.feedback,
        "forms": task.forms,
        "progress": progress,
    }


def batch_view(batch: Batch) -> dict[str, Any]:
    """A batch with its assignments, in one query.

    Args:
        batch: With its task at hand.
    """
    assignments = _of_batch.all(batch=batch.pk)
    for assignment in assignments:
        assignment.task = batch.task
    return {
        "id": str(batch.pk),
        "task": batch.task_id,
        "size": len(assignments),
        "done": sum(one.state == ANSWERED for one in assignments),
        "finished": batch.finished_at is not None,
        "assignments": [view for one in assignments if (view := _assignment_view(one))],
    }


_of_batch: Prepared[Assignment] = Prepared(
    lambda: (
        Assignment.objects.filter(batch=Given("batch", UUIDField()))
        .exclude(state=GONE)
        .select_related("item")
        .order_by("position")
    )
)


def _assignment_view(assignment: Assignment) -> dict[str, Any] | None:
    """The assignment, or None where its heat map is no longer there, so that the rest is shown."""
    try:
        shown = kind_of(assignment.task_id).shown(assignment)
    except StudyError as fault:
        _LOG.warning("an image cannot be shown: %s", fault)
        return None
    return {
        "id": str(assignment.pk),
        "position": assignment.position,
        "state": assignment.state,
        "shown": shown,
        "draft": assignment.draft,
        "draft_number": assignment.draft_number,
        "answer": assignment.answer,
        "seconds_to_wait": seconds_to_wait(assignment, timezone.now()),
    }
