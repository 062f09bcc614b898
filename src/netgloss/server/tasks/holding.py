"""An assignment in its person's hands: locked, its slot held, its lease renewed, its clock running.

The server's clock says how long somebody took.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import UUIDField
from django.utils import timezone

from netgloss.server.errors import RequestError
from netgloss.server.people.auth import require_admitted
from netgloss.server.people.models import Person
from netgloss.server.prepared import Given, Prepared
from netgloss.server.tasks.batches import replace
from netgloss.server.tasks.models import ANSWERED, GONE, OPEN, Assignment
from netgloss.server.tasks.slots import hold_again, lease_end

__all__ = ["Held", "hold", "seconds_to_wait", "spend", "start_clock"]

_LONGEST_GAP = 60.0  # seconds; who does nothing for longer is away

_NOT_THEIRS = "There is no such image for you."
_GONE = "This image has gone to somebody else in the meantime; the batch now holds another one."
_RETIRED = "This image is no longer part of the study; your answer to it stands."


@dataclass(frozen=True)
class Held:
    """An assignment that its person may work on, locked together with its batch.

    Attributes:
        assignment: With its item, task and batch at hand.
        now: The moment of the request.
    """

    assignment: Assignment
    now: datetime


def hold(
    assignment_id: UUID,
    person: Person,
    patient: bool,
    knows: Callable[[Assignment], object] | None = None,
) -> Held | RequestError:
    """The assignment, locked, its lease renewed and its slot held again if it was lost.

    Call it in a transaction. A refusal that it returns is to be returned, not raised: what was
    written, such as the image in the place of one that is gone, is kept.

    Args:
        assignment_id: The assignment.
        person: Whose it must be.
        patient: Queue for items that others hold.
        knows: Whether the assignment remembers this very request: what was acknowledged is not
            turned down later.

    Raises:
        RequestError: 404: they have none such; 403 ``excluded``.
    """
    assignment = _lock(assignment_id, person)
    if knows is not None and knows(assignment):
        return Held(assignment, timezone.now())
    if assignment.state == GONE:
        return RequestError(409, "gone", _GONE)
    if assignment.batch.finished_at is not None:
        return RequestError(409, "finished", "This batch is finished; its answers stand.")
    if assignment.item.retired and assignment.state == ANSWERED:
        return RequestError(409, "gone", _RETIRED)
    if _is_lost(assignment):
        replace(assignment, patient)
        return RequestError(409, "gone", _GONE)
    _renew(assignment)
    return Held(assignment, timezone.now())


def start_clock(held: Held) -> bool:
    """Starts the clock if it is not running; returns whether it did. Unsaved.

    Where a page never said that it shows the image, its first action does.
    """
    assignment = held.assignment
    if assignment.opened_at is not None:
        return False
    assignment.opened_at = assignment.seen_at = held.now
    return True


def spend(held: Held) -> None:
    """Adds the time since the last action; who was away for long is not paid for it. Unsaved."""
    assignment, now = held.assignment, held.now
    if assignment.seen_at is not None:
        gap = (now - assignment.seen_at).total_seconds()
        assignment.seconds += min(max(gap, 0.0), _LONGEST_GAP)
    assignment.seen_at = now


def seconds_to_wait(assignment: Assignment, now: datetime | None = None) -> float:
    """How long until an answer is taken; the whole minimum while the image was not shown yet.

    Args:
        assignment: With its task at hand.
        now: The moment; the server's clock when None.
    """
    if assignment.opened_at is None:
        return assignment.task.min_seconds
    since = ((now or timezone.now()) - assignment.opened_at).total_seconds()
    return max(0.0, round(assignment.task.min_seconds - since, 1))


def _is_lost(assignment: Assignment) -> bool:
    """Whether nobody is asked about its item any more, or others hold all of its slots."""
    if assignment.item.retired:
        return True
    return _has_lapsed(assignment) and not hold_again([assignment])


def _has_lapsed(assignment: Assignment) -> bool:
    """Whether its slot went to somebody else; a control item never had one."""
    return assignment.state == OPEN and assignment.slot is None and not assignment.control


def _lock(assignment_id: UUID, person: Person) -> Assignment:
    """The assignment with all it belongs to, locked with its person, who comes first, and batch.

    This keeps the person's own other requests waiting, and whoever wants to exclude them.

    Raises:
        RequestError: 404: the person has none such; 403 ``excluded``.
    """
    assignment = _locked.first(id=assignment_id, person=person.pk)
    if assignment is None:
        raise RequestError(404, "unknown", _NOT_THEIRS)
    batch = assignment.batch
    batch.person, batch.task = assignment.person, assignment.task
    require_admitted(batch.person)
    return assignment


# The task's texts would be read with each draft.
_locked: Prepared[Assignment] = Prepared(
    lambda: (
        Assignment.objects.select_related("person", "batch", "item", "task")
        .defer("task__consent", "task__instructions")
        .select_for_update(of=("person", "batch", "self"), no_key=True)
        .filter(pk=Given("id", UUIDField()), person=Given("person", UUIDField()))
    )
)


def _renew(assignment: Assignment) -> None:
    """Renews the leases of the whole batch, once a good part of the time is over.

    Who works on the first image still means to do the tenth.
    """
    until = lease_end(assignment.task)
    if until - assignment.leased_until > (until - timezone.now()) / 4:
        assignment.leased_until = until
        assignment.batch.assignments.filter(state=OPEN).update(leased_until=until)
