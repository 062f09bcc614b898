"""Visits from a panel: whoever is sent with a session's identifier does a fixed amount for it."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from netgloss.server.errors import RequestError
from netgloss.server.people.models import Person
from netgloss.server.prepared import Given
from netgloss.server.tasks.kinds import kind_of, kinds
from netgloss.server.tasks.models import ANSWERED, Assignment, Batch, Task

__all__ = ["batches_of_visit", "cut_short", "done", "finished_on", "is_enough", "is_one_visit"]
__all__ += ["task_to_do"]


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
    """The batch with which the person ended this visit; None where they may still have one.

    Args:
        person: Whom the panel sent.
        panel_session: ``STUDY/SESSION``; without a session nobody is limited.
        task: The task's name; empty for any.
    """
    if not is_one_visit(panel_session):
        return None
    found = done(Batch.objects.filter(person=person, panel_session=panel_session))
    for kind in kinds():
        if task in ("", kind.name):
            ended = found.filter(task=kind.name).order_by("-finished_at")
            if len(ended[: kind.visit_batches]) >= kind.visit_batches:
                return ended.first()
    return None


def cut_short(person: Person, panel_session: str, task: str) -> Batch | None:
    """The last batch of a visit that has begun and cannot go on; None where nothing is owed yet.

    Args:
        person: Whom the panel sent.
        panel_session: ``STUDY/SESSION``.
        task: The task's name.
    """
    if not person.panel or kind_of(task).visit_batches <= 1:
        return None
    of_visit = Batch.objects.filter(person=person, panel_session=panel_session, task=task)
    return done(of_visit).order_by("-finished_at").first()


def task_to_do(wanted: str) -> str:
    """The name of the task that a visit is for: the one that was asked for, else the first.

    Args:
        wanted: A task's name; empty where the study says it.

    Raises:
        RequestError: 404: the study has no such task.
    """
    present = list(Task.objects.order_by("name").values_list("name", flat=True))
    if wanted and wanted not in present:
        raise RequestError(
            404, "unknown", "This link names no task of this study; check it with whoever sent it."
        )
    return wanted or next(iter(present), "annotate")


def batches_of_visit(batch: Batch) -> QuerySet[Batch]:
    """The batches that are paid for together with this one: those of its visit, or it alone.

    Args:
        batch: One of them.
    """
    if kind_of(batch.task_id).visit_batches <= 1:
        return Batch.objects.filter(pk=batch.pk)
    return Batch.objects.filter(
        person=batch.person_id, task=batch.task_id, panel_session=batch.panel_session
    )


def is_enough(batch: Batch) -> bool:
    """Whether the person has done what they were sent for, once this batch is finished.

    Args:
        batch: Finished, or all of it answered.
    """
    wanted = kind_of(batch.task_id).visit_batches
    return wanted <= 1 or done(batches_of_visit(batch), batch.pk).count() >= wanted


def done(batches: QuerySet[Batch], ending: UUID | Given | None = None) -> QuerySet[Batch]:
    """Of these, the finished ones that hold an answer: of another one all images went to others.

    Args:
        batches: Any.
        ending: One that counts as finished; None: none.
    """
    answered = Assignment.objects.filter(batch=OuterRef("pk"), state=ANSWERED)
    finished = Q(finished_at__isnull=False)
    return batches.filter(Exists(answered), finished if ending is None else finished | Q(pk=ending))
