"""The filled-in forms that count, question by question under pseudonyms (methods 12)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, OuterRef, Subquery

from netgloss.answers.forms import REMARK, FormRow
from netgloss.server.tasks.forms import FORMS
from netgloss.server.tasks.models import Batch, Form, Task

__all__ = ["forms_of"]

_AT_ONCE = 1000


def forms_of(task: Task, *, excluded: bool = False) -> Iterator[FormRow]:
    """Yields what people said to each question of the task's forms, in the order they were sent.

    They come in pieces from the database, so that any number of them takes the same memory.

    Args:
        task: The task.
        excluded: With those of excluded people.
    """
    rows = Form.objects.filter(task=task).select_related("person")
    if not excluded:
        rows = rows.filter(person__excluded_at__isnull=True)
    rows = rows.annotate(number=_number()).order_by("filled_at", "pk")
    for form in rows.iterator(chunk_size=_AT_ONCE):
        yield from _rows(form)


def _number() -> Subquery:
    """Which of the person's batches of the task it is, from 1; null for a form about none."""
    earlier = Batch.objects.filter(
        task=OuterRef("task"),
        person=OuterRef("person"),
        started_at__lte=OuterRef("batch__started_at"),
    )
    counted = earlier.order_by().values("person").annotate(number=Count("pk"))
    return Subquery(counted.values("number"))


def _rows(form: Any) -> Iterator[FormRow]:
    """A row a question in the form's own order, and one for the remark where there is one."""
    questions = FORMS[form.name].items
    said = [(one.name, one.text, form.answers.get(one.name), "") for one in questions]
    if form.remark:
        said.append((REMARK, "", None, form.remark))
    for question, asked, value, words in said:
        yield FormRow(
            person=form.person.pseudonym,
            task=form.task_id,
            batch=form.number,
            form=form.name,
            question=question,
            asked=asked,
            value=value,
            words=words,
            filled_at=form.filled_at,
        )
