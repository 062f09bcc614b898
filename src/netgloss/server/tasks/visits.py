"""Visits from a panel: whoever is sent with a session's identifier gets one batch for it."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from netgloss.server.people.models import Person
from netgloss.server.tasks.models import ANSWERED, Assignment, Batch

__all__ = ["done", "finished_on", "is_one_visit"]


def is_one_visit(panel_session: str) -> bool:
    """Whether the panel told one visit from the next.

    Args:
        panel_session: ``STUDY/SESSION``, as a batch keeps it; either part may be empty.

    Example:
        >>> is_one_visit("s1/t1"), is_one_visit("s1/"), is_one_visit("")
        (True, False, False)
    """
    return bool(panel_session.rpartition("/")[2])


def finished_on(person: Person, panel_session: str, task: str = "") -> Batch | None:
    """The batch that the person has finished on this visit; None where they may still have one.

    Args:
        person: Whom the panel sent.
        panel_session: ``STUDY/SESSION``; without a session nobody is limited.
        task: The task's name; empty for any.
    """
    if not is_one_visit(panel_session):
        return None
    found = done(Batch.objects.filter(person=person, panel_session=panel_session))
    if task:
        found = found.filter(task=task)
    return found.order_by("-finished_at").first()


def done(batches: QuerySet[Batch]) -> QuerySet[Batch]:
    """Of these, the finished ones that hold an answer: of another one all images went to others.

    Args:
        batches: Any.
    """
    answered = Assignment.objects.filter(batch=OuterRef("pk"), state=ANSWERED)
    return batches.filter(Exists(answered), finished_at__isnull=False)
