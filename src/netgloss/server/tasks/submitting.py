"""What a person does with an image: see it, write a draft, answer it, correct the answer.

An answer is acknowledged only after it is committed. Each submit carries a key, and a retry with
the same key gets the same receipt.
"""

from __future__ import annotations

from typing import Any, TypedDict, cast
from uuid import UUID

from django.db.models import Count, Q, UUIDField

from netgloss.server.errors import RequestError
from netgloss.server.people.models import Person
from netgloss.server.prepared import Given, Prepared, save_fields
from netgloss.server.tasks.evidence import or_try_later
from netgloss.server.tasks.finishing import After, after
from netgloss.server.tasks.holding import Held, hold, seconds_to_wait, spend, start_clock
from netgloss.server.tasks.kinds import kind_of
from netgloss.server.tasks.models import ANSWERED, GONE, Assignment, Batch
from netgloss.server.tasks.transactions import in_transaction

__all__ = ["Receipt", "mark_opened", "save_draft", "submit"]

_CORRECTIONS = 50


class _Stored(TypedDict):
    """What a submit was told, as it is kept for its repetitions."""

    position: int
    done: int
    size: int
    shown: dict[str, Any] | None


class Receipt(_Stored):
    """That an answer is kept, and how far the batch is.

    Attributes:
        position: Of the image in the batch.
        done: Images of the batch that are answered.
        size: Images of the batch.
        shown: What is shown from then on; None where the answer can still be corrected.
        after: What comes after the batch, of a kind that asks one by one; None for others.
    """

    after: After | None


def mark_opened(assignment_id: UUID, person: Person) -> float:
    """Starts the clock when an image is first shown; returns the seconds to wait.

    Shown again, the clock goes on from now: in between the person was elsewhere.

    Raises:
        RequestError: 404, 403 ``excluded``, or 409 ``gone`` or ``finished``.
    """

    def work(patient: bool) -> float | RequestError:
        held = hold(assignment_id, person, patient)
        if isinstance(held, RequestError):
            return held
        assignment = held.assignment
        start_clock(held)
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
        RequestError: 404; 403 ``excluded``; 409 ``gone``, ``finished``, ``answered``, or
            ``stale``: a newer draft is there, which ``number`` and ``body`` give; 422: the body is
            malformed; 503 ``renewed``.
    """

    def work(patient: bool) -> int | RequestError:
        held = hold(assignment_id, person, patient)
        if isinstance(held, RequestError):
            return held
        assignment = held.assignment
        refusal = _answered(assignment)
        if refusal is not None:
            return refusal
        draft = _checked(assignment, body, draft=True)
        if number > assignment.draft_number:
            spend(held)
            assignment.draft, assignment.draft_number = draft, number
            save_fields(assignment, "draft", "draft_number", "seconds", "seen_at")
        elif number < assignment.draft_number or draft != assignment.draft:
            return _stale(assignment)
        return number

    return in_transaction(work)


def submit(assignment_id: UUID, person: Person, key: UUID, body: Any) -> Receipt:
    """Keeps an answer, or corrects it while the batch is open and its kind of task allows it.

    Args:
        assignment_id: The assignment.
        person: Whose it is.
        key: Made by the page, one for each answer; a retry carries the same.
        body: What the page sent.

    Raises:
        RequestError: 404; 403 ``excluded``; 409 ``gone``, ``finished``, ``answered``,
            ``too_soon`` (with ``seconds_to_wait``), ``too_many`` corrections, or what the kind of
            task says; 422: the body is incomplete or malformed (with ``where``); 503 ``renewed``:
            the heat map is not there at this moment.
    """

    def work(patient: bool) -> tuple[_Stored, Batch] | RequestError:
        held = hold(assignment_id, person, patient, lambda one: _receipt_of(one, key))
        if isinstance(held, RequestError):
            return held
        assignment = held.assignment
        known = _receipt_of(assignment, key)
        if known is not None:
            return known, assignment.batch
        refusal = _answered(assignment)
        if refusal is not None:
            return refusal
        checked = _checked(assignment, body)
        refusal = _too_soon(held) or _too_many(assignment)
        if refusal is not None:
            return refusal
        return _keep(held, key, checked), assignment.batch

    receipt, batch = in_transaction(work)
    comes = after(batch) if kind_of(batch.task_id).one_by_one else None
    return Receipt(**receipt, after=comes)


def _stale(assignment: Assignment) -> RequestError:
    return RequestError(
        409,
        "stale",
        "A newer version of this answer is kept already, perhaps from another window.",
        number=assignment.draft_number,
        body=assignment.draft if assignment.draft is not None else assignment.answer,
    )


def _receipt_of(assignment: Assignment, key: UUID) -> _Stored | None:
    """What a submit with this key was told, be it the last or one corrected since."""
    if assignment.key == key and assignment.receipt is not None:
        return cast(_Stored, assignment.receipt)
    for corrected in assignment.earlier:
        if corrected["key"] == str(key):
            return cast(_Stored, corrected["receipt"])
    return None


def _checked(assignment: Assignment, body: Any, draft: bool = False) -> dict[str, Any]:
    """The body as it is kept.

    Raises:
        RequestError: 409 or 422, as the kind of task says; 503 ``renewed``.
    """
    with or_try_later():
        return kind_of(assignment.task_id).check(assignment, body, draft)


def _answered(assignment: Assignment) -> RequestError | None:
    """The refusal of a second answer where answers cannot be corrected."""
    if assignment.state != ANSWERED or kind_of(assignment.task_id).corrects:
        return None
    return RequestError(409, "answered", "This is answered already; the answer stands.")


def _too_soon(held: Held) -> RequestError | None:
    """The refusal of an answer given faster than anybody can look; the clock starts at the latest.

    Starting it here keeps a page that never said "opened" from waiting for ever.
    """
    assignment = held.assignment
    if start_clock(held):
        save_fields(assignment, "opened_at", "seen_at")
    wait = seconds_to_wait(assignment, held.now)
    if wait <= 0 or assignment.state == ANSWERED:
        return None
    return RequestError(
        409, "too_soon", "Please look at the image a little longer.", seconds_to_wait=wait
    )


def _too_many(assignment: Assignment) -> RequestError | None:
    if len(assignment.earlier) < _CORRECTIONS:
        return None
    return RequestError(409, "too_many", "This answer was corrected too often; it stands now.")


def _keep(held: Held, key: UUID, body: dict[str, Any]) -> _Stored:
    """Writes the answer; an earlier one goes to the corrected ones."""
    assignment, kind = held.assignment, kind_of(held.assignment.task_id)
    spend(held)
    if assignment.state == ANSWERED:
        assignment.earlier = [*assignment.earlier, _corrected(assignment)]
    else:
        assignment.answered_at = held.now
    assignment.state, assignment.answer, assignment.draft = ANSWERED, body, None
    if assignment.control and assignment.item.expected is not None:
        assignment.passed = kind.passes(body, assignment.item.expected)
    kind.settle(assignment)
    receipt = _receipt(assignment)
    assignment.key, assignment.receipt = key, dict(receipt)
    save_fields(assignment, *_KEPT)
    return receipt


def _receipt(assignment: Assignment) -> _Stored:
    """What the person is told of an answer; the batch's lock keeps others out."""
    kind = kind_of(assignment.task_id)
    done, size = (1, 1) if kind.one_by_one else _progress_with(assignment)
    with or_try_later():
        shown = None if kind.corrects else kind.shown(assignment)
    return _Stored(position=assignment.position, done=done, size=size, shown=shown)


def _progress_with(assignment: Assignment) -> tuple[int, int]:
    """How many images of the batch are answered once this one is, and how many there are."""
    found = _progress.first(batch=assignment.batch_id, this=assignment.pk)
    size, others = found or (1, 0)
    return others + 1, size


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
