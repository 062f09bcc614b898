"""What a person does with an image: see it, write a draft, answer it, correct the answer.

An answer is acknowledged only after it is committed. Each submit carries a key, and a retry with
the same key gets the same receipt. The server's clock says how long somebody took.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict, cast
from uuid import UUID

from django.db.models import Count, Q, UUIDField
from django.utils import timezone

from netgloss.errors import StudyError
from netgloss.server.errors import RequestError
from netgloss.server.people.models import Person
from netgloss.server.prepared import Given, Prepared, save_fields
from netgloss.server.tasks.batches import lock_batch_of, replace
from netgloss.server.tasks.kinds import kind_of
from netgloss.server.tasks.models import ANSWERED, GONE, OPEN, Assignment, Batch
from netgloss.server.tasks.slots import hold_again, lease_end
from netgloss.server.tasks.transactions import in_transaction

__all__ = ["Receipt", "mark_opened", "save_draft", "seconds_to_wait", "submit"]

_LONGEST_GAP = 60.0  # seconds; who does nothing for longer is away
_CORRECTIONS = 50

_NOT_THEIRS = "There is no such image for you."
_GONE = "This image has gone to somebody else in the meantime; the batch now holds another one."
_RETIRED = "This image is no longer part of the study; your answer to it stands."
_RENEWED = "The images of this study are being renewed; please try again in a minute."


class Receipt(TypedDict):
    """That an answer is kept, and how far the batch is."""

    position: int
    done: int
    size: int


@dataclass(frozen=True)
class _Held:
    """An assignment that its person may work on, locked together with its batch."""

    assignment: Assignment
    now: datetime


def mark_opened(assignment_id: UUID, person: Person) -> float:
    """Starts the clock when an image is first shown; returns the seconds to wait.

    Shown again, the clock goes on from now: in between the person was elsewhere.

    Raises:
        RequestError: 404, 403 ``excluded``, or 409 ``gone`` or ``finished``.
    """

    def work(patient: bool) -> float | RequestError:
        held = _hold(assignment_id, person, patient)
        if isinstance(held, RequestError):
            return held
        assignment = held.assignment
        assignment.opened_at = assignment.opened_at or held.now
        assignment.seen_at = held.now
        save_fields(assignment, "opened_at", "seen_at")
        return seconds_to_wait(assignment, held.now)

    return in_transaction(work)


def save_draft(assignment_id: UUID, person: Person, number: int, body: Any) -> int:
    """Keeps an unfinished answer; returns its number.

    Args:
        assignment_id: The assignment.
        person: Whose it is.
        number: Counts the page's drafts upwards; the same draft again is fine.
        body: What the page sent.

    Raises:
        RequestError: 404; 403 ``excluded``; 409 ``gone``, ``finished`` or ``stale``: a newer
            draft is there, which ``number`` and ``body`` give; 422: the body is malformed; 503
            ``renewed``.
    """

    def work(patient: bool) -> int | RequestError:
        held = _hold(assignment_id, person, patient)
        if isinstance(held, RequestError):
            return held
        assignment = held.assignment
        draft = _checked(assignment, body, draft=True)
        if number > assignment.draft_number:
            _spend(assignment, held.now)
            assignment.draft, assignment.draft_number = draft, number
            save_fields(assignment, "draft", "draft_number", "seconds", "seen_at")
        elif number < assignment.draft_number or draft != assignment.draft:
            return _stale(assignment)
        return number

    return in_transaction(work)


def submit(assignment_id: UUID, person: Person, key: UUID, body: Any) -> Receipt:
    """Keeps an answer, or corrects it while the batch is open.

    Args:
        assignment_id: The assignment.
        person: Whose it is.
        key: Made by the page, one for each answer; a retry carries the same.
        body: What the page sent.

    Raises:
        RequestError: 404; 403 ``excluded``; 409 ``gone``, ``finished``, ``too_soon`` (with
            ``seconds_to_wait``) or ``too_many`` corrections; 422: the body is incomplete or
            malformed (with ``where``); 503 ``renewed``: the heat map is not there at this moment.
    """

    def work(patient: bool) -> Receipt | RequestError:
        held = _hold(assignment_id, person, patient, key)
        if isinstance(held, RequestError):
            return held
        assignment = held.assignment
        known = _receipt_of(assignment, key)
        if known is not None:
            return known
        checked = _checked(assignment, body)
        refusal = _too_soon(assignment, held.now) or _too_many(assignment)
        if refusal is not None:
            return refusal
        return _keep(held, key, checked)

    return in_transaction(work)


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


def _hold(
    assignment_id: UUID, person: Person, patient: bool, key: UUID | None = None
) -> _Held | RequestError:
    """The assignment, locked, its lease renewed and its slot held again if it was lost.

    Args:
        assignment_id: The assignment.
        person: Whose it must be.
        patient: Queue for items that others hold.
        key: A submit's: one that was acknowledged is not turned down later.
    """
    batch = lock_batch_of(assignment_id, person, _NOT_THEIRS)
    assignment = _lock_assignment(assignment_id, batch)
    if key is not None and _receipt_of(assignment, key) is not None:
        return _Held(assignment, timezone.now())
    if assignment.state == GONE:
        return RequestError(409, "gone", _GONE)
    if batch.finished_at is not None:
        return RequestError(409, "finished", "This batch is finished; its answers stand.")
    if assignment.item.retired and assignment.state == ANSWERED:
        return RequestError(409, "gone", _RETIRED)
    if _is_lost(assignment):
        replace(assignment, patient)
        return RequestError(409, "gone", _GONE)
    _renew(assignment)
    return _Held(assignment, timezone.now())


def _is_lost(assignment: Assignment) -> bool:
    """Whether nobody is asked about its item any more, or others hold all of its slots."""
    if assignment.item.retired:
        return True
    return _has_lapsed(assignment) and not hold_again([assignment])


def _has_lapsed(assignment: Assignment) -> bool:
    """Whether its slot went to somebody else; a control item never had one."""
    return assignment.state == OPEN and assignment.slot is None and not assignment.control


_locked: Prepared[Assignment] = Prepared(
    lambda: (
        Assignment.objects.select_related("item")
        .select_for_update(of=("self",), no_key=True)
        .filter(pk=Given("id", UUIDField()), batch=Given("batch", UUIDField()))
    )
)


def _lock_assignment(assignment_id: UUID, batch: Batch) -> Assignment:
    assignment = _locked.first(id=assignment_id, batch=batch.pk)
    if assignment is None:
        # It moved between two statements, as a guest's does who signs in to an account.
        raise RequestError(404, "unknown", _NOT_THEIRS)
    assignment.batch, assignment.task = batch, batch.task
    return assignment


def _renew(assignment: Assignment) -> None:
    """Renews the leases of the whole batch, once a good part of the time is over.

    Who works on the first image still means to do the tenth.
    """
    until = lease_end(assignment.task)
    if until - assignment.leased_until > (until - timezone.now()) / 4:
        assignment.leased_until = until
        assignment.batch.assignments.filter(state=OPEN).update(leased_until=until)


def _spend(assignment: Assignment, now: datetime) -> None:
    """Adds the time since the last action; who was away for long is not paid for it."""
    if assignment.seen_at is not None:
        gap = (now - assignment.seen_at).total_seconds()
        assignment.seconds += min(max(gap, 0.0), _LONGEST_GAP)
    assignment.seen_at = now


def _stale(assignment: Assignment) -> RequestError:
    return RequestError(
        409,
        "stale",
        "A newer version of this answer is kept already, perhaps from another window.",
        number=assignment.draft_number,
        body=assignment.draft if assignment.draft is not None else assignment.answer,
    )


def _receipt_of(assignment: Assignment, key: UUID) -> Receipt | None:
    """What a submit with this key was told, be it the last or one corrected since."""
    if assignment.key == key and assignment.receipt is not None:
        return cast(Receipt, assignment.receipt)
    for corrected in assignment.earlier:
        if corrected["key"] == str(key):
            return cast(Receipt, corrected["receipt"])
    return None


def _checked(assignment: Assignment, body: Any, draft: bool = False) -> dict[str, Any]:
    """The body as it is kept.

    Raises:
        RequestError: 422; 503 ``renewed``: the heat map is not there at this moment.
    """
    try:
        return kind_of(assignment.task_id).check(assignment, body, draft)
    except StudyError as fault:
        # Pages try again by themselves; once heat maps are there again, or known to be gone, they
        # hear which.
        raise RequestError(503, "renewed", _RENEWED) from fault


def _too_soon(assignment: Assignment, now: datetime) -> RequestError | None:
    """The refusal of an answer given faster than anybody can look; the clock starts at the latest.

    Starting it here keeps a page that never said "opened" from waiting for ever.
    """
    if assignment.opened_at is None:
        assignment.opened_at = assignment.seen_at = now
        save_fields(assignment, "opened_at", "seen_at")
    wait = seconds_to_wait(assignment, now)
    if wait <= 0 or assignment.state == ANSWERED:
        return None
    return RequestError(
        409, "too_soon", "Please look at the image a little longer.", seconds_to_wait=wait
    )


def _too_many(assignment: Assignment) -> RequestError | None:
    if len(assignment.earlier) < _CORRECTIONS:
        return None
    return RequestError(409, "too_many", "This answer was corrected too often; it stands now.")


def _keep(held: _Held, key: UUID, body: dict[str, Any]) -> Receipt:
    """Writes the answer; an earlier one goes to the corrected ones."""
    assignment = held.assignment
    _spend(assignment, held.now)
    if assignment.state == ANSWERED:
        assignment.earlier = [*assignment.earlier, _corrected(assignment)]
    else:
        assignment.answered_at = held.now
    receipt = _receipt(assignment)
    assignment.state, assignment.answer, assignment.draft = ANSWERED, body, None
    assignment.key, assignment.receipt = key, dict(receipt)
    if assignment.control and assignment.item.expected is not None:
        kind = kind_of(assignment.task_id)
        assignment.passed = kind.passes(body, assignment.item.expected)
    save_fields(assignment, *_KEPT)
    return receipt


def _receipt(assignment: Assignment) -> Receipt:
    """How far the batch is once this assignment is answered; its lock keeps others out."""
    found = _progress.first(batch=assignment.batch_id, this=assignment.pk)
    size, others = found or (1, 0)
    return Receipt(position=assignment.position, done=others + 1, size=size)


_progress: Prepared[tuple[int, int]] = Prepared(
    lambda: (
        Assignment.objects.filter(batch=Given("batch", UUIDField()))
        .exclude(state=GONE)
        .order_by()
        .values("batch")
        .annotate(
            size=Count("pk"),
            others=Count("pk", filter=Q(state=ANSWERED) & ~Q(pk=Given("this", UUIDField()))),
        )
        .values_list("size", "others")
    )
)


_KEPT = (
    "state",
    "answer",
    "draft",
    "key",
    "receipt",
    "earlier",
    "passed",
    "answered_at",
    "opened_at",
    "seen_at",
    "seconds",
)


def _corrected(assignment: Assignment) -> dict[str, Any]:
    return {
        "key": str(assignment.key),
        "receipt": assignment.receipt,
        "body": assignment.answer,
        "seconds": assignment.seconds,
    }
