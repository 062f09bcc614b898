"""A batch: handed out whole or not at all, resumed, mended where leases ran out, finished.

All assignments of a batch are made in one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import CharField, Q, QuerySet, UUIDField
from django.utils import timezone

from netgloss.server.errors import RequestError
from netgloss.server.people.auth import require_admitted
from netgloss.server.people.models import Person
from netgloss.server.people.panels import completion
from netgloss.server.prepared import Given, Prepared, insert, save_fields
from netgloss.server.tasks.evidence import or_try_later
from netgloss.server.tasks.items import task_of
from netgloss.server.tasks.kinds import kind_of
from netgloss.server.tasks.models import GONE, OPEN, Assignment, Batch, Consent, Item, Task
from netgloss.server.tasks.picking import early_places, pick, pick_controls
from netgloss.server.tasks.slots import (
    free_lapsed,
    hold_again,
    lease_end,
    lock_person,
    lowest_free,
    recount,
    release,
)
from netgloss.server.tasks.texts import version
from netgloss.server.tasks.transactions import in_transaction
from netgloss.server.tasks.visits import cut_short, done, finished_on, is_one_visit

__all__ = [
    "find_batch",
    "finish_batch",
    "has_consented",
    "open_batch",
    "replace",
    "resume_batch",
]

_NO_BATCH = "There is no such batch."


def open_batch(
    task_name: str,
    person: Person,
    panel_session: str = "",
    wishes: Mapping[str, Any] | None = None,
    after: UUID | None = None,
) -> Batch:
    """The person's open batch, or a new one.

    Args:
        task_name: The task's name.
        person: Who asks.
        panel_session: What a panel calls this visit; kept with the batch. A visit has as many
            batches as the kind of task says.
        wishes: What the person asks of a new batch, by the kind of task; None: nothing.
        after: A batch that is finished before, if it is not yet; None: none.

    Raises:
        RequestError: 404 for an unknown task or batch; 403 ``excluded``; 409 ``unfinished``,
            ``consent_needed``, ``paused``, ``enough``, ``nothing_left``, or ``visit_done`` with
            the ``batch`` that this visit ended with; 422 ``malformed`` wishes; 503 ``renewed``.
            After a refusal of 409 the batch before is finished, unless it is ``unfinished``.
    """

    def work(patient: bool) -> Batch | RequestError:
        # Those who queue lock it, and so queue one behind the other.
        task = task_of(task_name, locked=patient)
        locked = lock_person(person)
        require_admitted(locked)
        batch = _ended(_lock_open(task, locked), after, locked)
        # Looked up behind the lock: a batch that was being finished meanwhile counts.
        if (had := finished_on(person, panel_session, task.name)) is not None:
            return _visit_done(had)
        if batch is not None:
            _mend(batch, patient)
            if _is_alive(batch):
                _carry_on(batch, panel_session)
                return batch
            _close(batch)
        refusal = _refusal(task, locked, panel_session)
        if refusal is not None:
            return refusal
        asked = kind_of(task.name).check_wishes(task, wishes or {})
        new = Batch(task=task, person=locked, panel_session=panel_session, wishes=asked)
        return _hand_out(new, patient)

    return in_transaction(work)


def resume_batch(batch_id: UUID, person: Person) -> Batch:
    """The batch, each lapsed assignment in it held again or replaced.

    Raises:
        RequestError: 404: this person has no such batch; 403 ``excluded``.
    """
    batch = find_batch(batch_id, person)
    if not _lapsed(batch).exists():
        return batch

    def work(patient: bool) -> Batch:
        if patient:
            task_of(batch.task_id, locked=True)
        locked = _lock(batch_id, person)
        _mend(locked, patient)
        return locked

    return in_transaction(work)


def find_batch(batch_id: UUID, person: Person) -> Batch:
    """The person's batch with its task.

    Raises:
        RequestError: 404: this person has no such batch.
    """
    found = Batch.objects.select_related("task").filter(pk=batch_id, person=person).first()
    if found is None:
        raise RequestError(404, "unknown", _NO_BATCH)
    return found


def finish_batch(batch_id: UUID, person: Person) -> Batch:
    """The batch, finished; finishing again changes nothing.

    Raises:
        RequestError: 404: this person has no such batch; 403 ``excluded``; 409 ``unfinished``:
            some images of it have no answer yet; ``positions`` says which.
    """

    def work(_patient: bool) -> Batch:
        batch = _lock(batch_id, person)
        if batch.finished_at is None:
            _finish(batch)
        return batch

    return in_transaction(work)


def has_consented(task: Task, person: Person) -> bool:
    """Whether the person agreed to the task's consent text as it stands; true without a text."""
    if not task.consent:
        return True
    text = version(task.consent)
    return _consent.first(task=task.pk, person=person.pk, text=text) is not None


_consent: Prepared[tuple[int]] = Prepared(
    lambda: Consent.objects.filter(
        task=Given("task", CharField()),
        person=Given("person", UUIDField()),
        text=Given("text", CharField()),
    ).values_list("pk")
)


def replace(assignment: Assignment, patient: bool) -> None:
    """Writes an assignment off as gone and puts another image in its place, if one is left.

    Call it in a transaction that has locked the person, the batch and the assignment.

    Args:
        assignment: Open, with its task and batch at hand.
        patient: Queue for items that others hold.
    """
    release([assignment])
    assignment.state = GONE
    assignment.save(update_fields=["state"])
    batch = assignment.batch
    items = [] if batch.task.paused else pick(batch, 1, patient)
    _assign(batch, items, [assignment.position])


def _refusal(task: Task, person: Person, panel_session: str) -> RequestError | None:
    """Why the person gets no new batch of the task; None where they do."""
    if not has_consented(task, person):
        return RequestError(409, "consent_needed", "Please read and accept the consent page first.")
    if task.paused:
        return RequestError(409, "paused", "This task is paused; please come back later.")
    if task.max_batches and _batches_done(task, person) >= task.max_batches:
        thanks = "You have done all the batches that one person can do. Thank you!"
        return RequestError(409, "enough", thanks, **_code(task, person, panel_session))
    return None


def _code(task: Task, person: Person, panel_session: str) -> dict[str, Any]:
    """The panel's code, for whoever was to do more on this visit than there is."""
    last = cut_short(person, panel_session, task.name)
    return {} if last is None else {"completion": completion(person, last)}


def _batches_done(task: Task, person: Person) -> int:
    """Finished batches that hold an answer: one whose images all went to others does not count."""
    return done(Batch.objects.filter(task=task, person=person)).count()


def _visit_done(batch: Batch) -> RequestError:
    return RequestError(
        409,
        "visit_done",
        "You have done what you were sent for. Thank you!",
        batch=str(batch.pk),
    )


def _ended(batch: Batch | None, after: UUID | None, person: Person) -> Batch | None:
    """The open batch; None where there is none, or where it was to be finished and is now.

    Raises:
        RequestError: 404: the person has no such batch; 409 ``unfinished``.
    """
    if after is None:
        return batch
    if batch is not None and batch.pk == after:
        _finish(batch)
        return None
    find_batch(after, person)
    return batch


def _finish(batch: Batch) -> None:
    """Finishes a locked batch.

    Raises:
        RequestError: 409 ``unfinished``; ``positions`` says which images have no answer yet.
    """
    positions = [position for (position,) in _missing.all(batch=batch.pk)]
    if positions:
        raise RequestError(
            409,
            "unfinished",
            f"{_images(len(positions))} of this batch still to be answered.",
            positions=positions,
        )
    _close(batch)


_missing: Prepared[tuple[int]] = Prepared(
    lambda: (
        Assignment.objects.filter(batch=Given("batch", UUIDField()), state=OPEN)
        .order_by("position")
        .values_list("position")
    )
)


def _carry_on(batch: Batch, panel_session: str) -> None:
    """Gives an open batch to the visit on which it goes on, which is the one it is paid by."""
    if is_one_visit(panel_session) and batch.panel_session != panel_session:
        batch.panel_session = panel_session
        batch.save(update_fields=["panel_session"])


def _hand_out(batch: Batch, patient: bool) -> Batch | RequestError:
    """A new batch with all its assignments; the person's lock keeps it the only one.

    Args:
        batch: Not yet stored.
        patient: Queue for items that others hold.
    """
    free_lapsed(batch.task)
    controls = pick_controls(batch)
    wanted = batch.task.batch_size - len(controls)
    regular = pick(batch, wanted, patient, but_for=controls) if wanted else []
    if wanted and not regular:
        thanks = "Nothing is left for you to do here at the moment. Thank you!"
        code = _code(batch.task, batch.person, batch.panel_session)
        return RequestError(409, "nothing_left", thanks, **code)
    insert([batch])
    size = len(controls) + len(regular)
    early = early_places(len(controls), size)
    others = [place for place in range(size) if place not in early]
    _assign(batch, [*controls, *regular], [*early, *others])
    return batch


def _assign(batch: Batch, items: Sequence[Item], places: Sequence[int]) -> None:
    """Makes the assignments: each regular item's lowest free slot, none for a control item."""
    regular = [item for item in items if item.expected is None]
    slots = lowest_free(regular) if regular else {}
    made = [
        _assignment(batch, item, place, slots.get(item.pk))
        for item, place in zip(items, places, strict=False)
    ]
    if made:
        insert(made)
    if regular:
        recount(item.pk for item in regular)


def _assignment(batch: Batch, item: Item, place: int, slot: int | None) -> Assignment:
    """An assignment of the batch, dealt but not yet stored.

    Raises:
        RequestError: 503 ``renewed``: its heat map is not there at this moment.
    """
    made = Assignment(
        task=batch.task,
        item=item,
        person_id=batch.person_id,
        batch=batch,
        image=item.image,
        position=place,
        control=item.expected is not None,
        slot=slot,
        quota=item.quota,
        leased_until=lease_end(batch.task),
    )
    kind = kind_of(batch.task_id)
    if kind.one_by_one:
        made.opened_at = made.seen_at = timezone.now()
    with or_try_later():
        made.course = kind.deal(made)
    return made


def _lock_open(task: Task, person: Person) -> Batch | None:
    batch = _open.first(task=task.pk, person=person.pk)
    if batch is not None:
        batch.task, batch.person = task, person
    return batch


_open: Prepared[Batch] = Prepared(
    lambda: Batch.objects.select_for_update(no_key=True).filter(
        task=Given("task", CharField()),
        person=Given("person", UUIDField()),
        finished_at__isnull=True,
    )
)


def _lock(batch_id: UUID, person: Person) -> Batch:
    """The batch with its task, locked together with the person, who comes first.

    This keeps the person's own other requests waiting, and whoever wants to exclude them.

    Raises:
        RequestError: 404: the person has no such batch; 403 ``excluded``.
    """
    batch = _by_id.first(key=batch_id, person=person.pk)
    if batch is None:
        raise RequestError(404, "unknown", _NO_BATCH)
    require_admitted(batch.person)
    return batch


_by_id: Prepared[Batch] = Prepared(
    lambda: (
        Batch.objects.select_related("task", "person")
        .filter(pk=Given("key", UUIDField()), person=Given("person", UUIDField()))
        .select_for_update(of=("person", "self"), no_key=True)
    )
)


def _lapsed(batch: Batch) -> QuerySet[Assignment]:
    """Open assignments whose slots went to others, or whose heat maps are no longer there."""
    without_slot = Q(slot__isnull=True, control=False)
    return batch.assignments.filter(without_slot | Q(item__retired=True), state=OPEN)


def _mend(batch: Batch, patient: bool) -> None:
    """Holds the batch's open assignments again; replaces those whose items are full or retired."""
    rows = _lapsed(batch).select_for_update(of=("self",), no_key=True)
    lapsed = list(rows.order_by("position"))
    held = {assignment.pk for assignment in hold_again(lapsed)} if lapsed else set()
    for assignment in lapsed:
        if assignment.pk not in held:
            assignment.batch, assignment.task = batch, batch.task
            replace(assignment, patient)
    again = {"leased_until": lease_end(batch.task)}
    if kind_of(batch.task_id).one_by_one:
        again["seen_at"] = timezone.now()  # in between the person was elsewhere
    batch.assignments.filter(state=OPEN).update(**again)


def _is_alive(batch: Batch) -> bool:
    """Whether anything in the batch is still the person's."""
    return batch.assignments.exclude(state=GONE).exists()


def _close(batch: Batch) -> None:
    batch.finished_at = timezone.now()
    save_fields(batch, "finished_at")


def _images(count: int) -> str:
    return "One image is" if count == 1 else f"{count} images are"
