"""Holds what Amazon lists against what the study's own database knows; neither is believed alone.

The key of both is the worker and the assignment together: an assignment that somebody gave back is
handed to the next worker under the same identifier.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db.models import Max, QuerySet
from django.utils import timezone

from netgloss.server.mturk.assignments import APPROVED, REJECTED, HandedIn, Listed
from netgloss.server.people.panels import failed_controls
from netgloss.server.tasks.models import Assignment, Batch
from netgloss.server.tasks.visits import done

__all__ = ["PANEL", "Line", "State", "reconcile"]

PANEL = "mturk"
"""The panel under which the frame signs workers in."""

Key = tuple[str, str]  # the worker, and "HIT/ASSIGNMENT" as a batch keeps it


class State(StrEnum):
    """Where an assignment stands, as both sides see it together."""

    ready = "handed in and finished here"
    unfinished = "handed in, but not finished here"
    failed = "handed in, but failed every control image"
    excluded = "handed in, but the person is excluded"
    approved = "approved"
    rejected = "rejected"
    missing = "finished here, but not handed in"
    working = "at work"
    returned = "returned or expired"


@dataclass(frozen=True)
class Line:
    """One worker's assignment.

    Attributes:
        hit: Amazon's identifier of the HIT.
        assignment: Of the assignment.
        worker: Of the worker.
        state: Where it stands.
        amazon: What Amazon says: ``Submitted``, ``Approved``, ``Rejected``; empty: not handed in.
        here: What the database says: ``finished``, ``failed``, ``excluded``, ``open``; empty: the
            worker has no batch of this assignment.
        batch: The batch's identifier; empty where there is none.
    """

    hit: str
    assignment: str
    worker: str
    state: State
    amazon: str
    here: str
    batch: str


def reconcile(listed: Sequence[Listed]) -> list[Line]:
    """Every assignment that Amazon or the database knows of, what Amazon lists first.

    Args:
        listed: The study's HITs as Amazon lists them.
    """
    ours = _ours({one.hit for one in listed})
    # The last to have begun it holds an assignment, unless somebody has handed it in.
    holders = {session: worker for worker, session in ours}
    lines = []
    for row in (row for one in listed for row in one.handed_in):
        session = f"{row.hit}/{row.assignment}"
        holders[session] = row.worker
        lines.append(_handed_in(row, ours.pop((row.worker, session), None)))
    seconds = {one.hit: one.seconds for one in listed}
    for (worker, session), batch in ours.items():
        hit, _, assignment = session.partition("/")
        over = batch.last_at + timedelta(seconds=seconds[hit]) < timezone.now()
        state = _left(batch, holds=holders[session] == worker, over=over)
        lines.append(Line(hit, assignment, worker, state, "", batch.here, batch.id))
    return lines


@dataclass(frozen=True)
class _Ours:
    """What the database knows of a worker's assignment."""

    id: str
    finished: bool
    failed: bool
    excluded: bool
    last_at: datetime

    @property
    def here(self) -> str:
        if self.excluded:
            return "excluded"
        if not self.finished:
            return "open"
        return "failed" if self.failed else "finished"


_HANDED_IN = {
    "finished": State.ready,
    "failed": State.failed,
    "excluded": State.excluded,
}
_DECIDED = {APPROVED: State.approved, REJECTED: State.rejected}


def _handed_in(row: HandedIn, batch: _Ours | None) -> Line:
    here = batch.here if batch else ""
    state = _DECIDED.get(row.status) or _HANDED_IN.get(here, State.unfinished)
    known = batch.id if batch else ""
    return Line(row.hit, row.assignment, row.worker, state, row.status, here, known)


def _left(batch: _Ours, *, holds: bool, over: bool) -> State:
    """Of a batch whose worker has handed in nothing.

    Args:
        batch: The batch.
        holds: Whether the assignment is still this worker's, as far as is known.
        over: Whether the time that a worker may take has passed since they did anything.
    """
    if not holds:
        return State.returned
    if batch.finished:
        return State.missing
    return State.returned if over else State.working


def _ours(hits: Collection[str]) -> dict[Key, _Ours]:
    """The batches that were begun in one of these HITs, by worker and assignment."""
    batches = Batch.objects.filter(person__panel=PANEL).exclude(panel_session="")
    finished = set(done(batches).values_list("pk", flat=True))
    controls = _control_results(batches)
    found: dict[Key, _Ours] = {}
    rows = batches.select_related("person").annotate(seen_at=Max("assignments__seen_at"))
    for batch in rows.order_by("started_at"):
        if batch.panel_session.partition("/")[0] not in hits:
            continue
        key = (batch.person.panel_person, batch.panel_session)
        if key in found and found[key].finished:
            continue
        found[key] = _Ours(
            id=str(batch.pk),
            finished=batch.pk in finished,
            failed=failed_controls(controls[batch.pk]),
            excluded=batch.person.excluded_at is not None,
            last_at=batch.seen_at or batch.started_at,
        )
    return found


def _control_results(batches: QuerySet[Batch]) -> dict[UUID, list[bool | None]]:
    """How the control images of each batch went."""
    results: dict[UUID, list[bool | None]] = defaultdict(list)
    rows = Assignment.objects.filter(batch__in=batches, control=True)
    for batch, passed in rows.values_list("batch_id", "passed"):
        results[batch].append(passed)
    return results
