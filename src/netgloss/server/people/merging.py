"""A guest's work, moved to the account they sign in to.

Nobody has an image twice, so what collides with the account's own work stays with the guest, and
so do the slots it holds. A batch in which nothing collides moves whole; of another one the
answers that do not collide move, as a finished batch.
"""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from netgloss.server.people.models import Person
from netgloss.server.tasks.kinds import kinds
from netgloss.server.tasks.models import ANSWERED, Assignment, Batch, Consent, Form
from netgloss.server.tasks.picking import barring
from netgloss.server.tasks.transactions import in_transaction

__all__ = ["merge"]


def merge(guest: Person, account: Person) -> None:
    """Moves what the guest gave to the account; the guest goes once nothing is left of it.

    Args:
        guest: A guest, or somebody whom a panel sent. The panel's identifier moves along where
            the account has none, so that the same person sent again is still the same.
        account: Who they are. Nothing moves where either is excluded.
    """
    in_transaction(lambda _patient: _merge(guest, account))


def _merge(guest: Person, account: Person) -> None:
    # In a fixed order, so that two merges at the same moment cannot wait for each other.
    both = Person.objects.filter(id__in=(guest.id, account.id)).order_by("id")
    # As they are now: an exclusion that was under way has ended, or waits.
    if any(one.excluded_at is not None for one in both.select_for_update()):
        return
    # Locked before it is read, as the engine does: a submit in flight ends first and moves along.
    batches = Batch.objects.filter(person=guest).order_by("started_at")
    for batch in batches.select_for_update(no_key=True):
        _move_batch(batch, account)
    _move_forms(guest, account)
    _move_consents(guest, account)
    _move_panel(guest, account)
    for kind in kinds():
        kind.merged(guest, account)
    if not Assignment.objects.filter(person=guest).exists():
        Person.objects.filter(pk=guest.pk).delete()


def _move_batch(batch: Batch, account: Person) -> None:
    rows = list(batch.assignments.all())
    had, barred = _images(batch.task_id, account)
    free = [row for row in rows if row.image not in (had if row.state == ANSWERED else barred)]
    open_batches = Batch.objects.filter(
        person=account, task_id=batch.task_id, finished_at__isnull=True
    )
    may_stay_open = batch.finished_at is not None or not open_batches.exists()
    if len(free) == len(rows) and may_stay_open:
        Assignment.objects.filter(batch=batch).update(person=account)
        Form.objects.filter(batch=batch).update(person=account)
        Batch.objects.filter(pk=batch.pk).update(person=account)
        return
    answered = [row.pk for row in free if row.state == ANSWERED]
    if answered:
        _move_answers(batch, answered, account)


def _images(task: str, account: Person) -> tuple[set[str], set[str]]:
    """The images that the account had in the task, and those it must not be shown in it.

    An answer reveals nothing any more, even where its image is hidden from the account elsewhere.
    """
    theirs = Assignment.objects.filter(person=account, task=task)
    barred = barring(task, account.pk)
    had, hidden = (set(rows.values_list("image", flat=True)) for rows in (theirs, barred))
    return had, hidden


def _move_answers(batch: Batch, answered: list[UUID], account: Person) -> None:
    """Moves some of a batch's answers, and the forms about it, to a finished batch."""
    moved = Batch.objects.create(
        task_id=batch.task_id,
        person=account,
        started_at=batch.started_at,
        finished_at=batch.finished_at or timezone.now(),
        panel_session=batch.panel_session,
    )
    Assignment.objects.filter(pk__in=answered).update(batch=moved, person=account)
    Form.objects.filter(batch=batch).update(batch=moved, person=account)


def _move_forms(guest: Person, account: Person) -> None:
    """Forms about a task as a whole, which the account has not filled in."""
    filled = set(Form.objects.filter(person=account, batch=None).values_list("task_id", "name"))
    for form in Form.objects.filter(person=guest, batch=None):
        if (form.task_id, form.name) not in filled:
            Form.objects.filter(pk=form.pk).update(person=account)


def _move_consents(guest: Person, account: Person) -> None:
    given = set(Consent.objects.filter(person=account).values_list("task_id", "text"))
    for consent in Consent.objects.filter(person=guest):
        if (consent.task_id, consent.text) not in given:
            Consent.objects.filter(pk=consent.pk).update(person=account)


def _move_panel(guest: Person, account: Person) -> None:
    if not guest.panel or account.panel:
        return
    panel, person = guest.panel, guest.panel_person
    Person.objects.filter(pk=guest.pk).update(panel="", panel_person="")
    account.panel, account.panel_person = panel, person
    account.save(update_fields=["panel", "panel_person"])
