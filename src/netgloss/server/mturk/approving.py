"""Approves, and thereby pays, what both Amazon and the study's database say is done.

Nothing is ever rejected: a rejection harms a worker, and whether it is deserved a person decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from netgloss.errors import StudyError
from netgloss.progress import Tracker, untracked
from netgloss.server.mturk.reconciling import Line, State
from netgloss.server.mturk.requester import refusals

__all__ = ["Approval", "approve"]


@dataclass(frozen=True)
class Approval:
    """What became of one assignment.

    Attributes:
        line: The assignment.
        approved: Whether Amazon has approved it.
        fault: Why not; empty where it was approved, and in a dry run.
    """

    line: Line
    approved: bool
    fault: str = ""


def approve(
    lines: Sequence[Line], client: Any, *, dry: bool = False, track: Tracker = untracked
) -> list[Approval]:
    """Every assignment that is ready, approved; what Amazon refuses does not stop the others.

    Done again, it approves nothing a second time: what is approved is not ready any more.

    Args:
        lines: From :func:`~netgloss.server.mturk.reconciling.reconcile`.
        client: A boto3 client.
        dry: Only say which.
        track: Shows the progress.
    """
    ready = [line for line in lines if line.state is State.ready]
    if dry:
        return [Approval(line, approved=False) for line in ready]
    return [_approve(line, client) for line in track(ready, total=len(ready), what="approving")]


def _approve(line: Line, client: Any) -> Approval:
    try:
        with refusals("approve it"):
            # Without an override: what somebody has rejected meanwhile stays rejected.
            client.approve_assignment(AssignmentId=line.assignment, OverrideRejection=False)
    except StudyError as fault:
        return Approval(line, approved=False, fault=str(fault))
    return Approval(line, approved=True)
