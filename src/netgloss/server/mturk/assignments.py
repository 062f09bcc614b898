"""What Amazon lists: the assignments of a study's HITs that workers have handed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from netgloss.progress import Tracker, untracked
from netgloss.server.mturk.published import Hit
from netgloss.server.mturk.requester import code_of, refusals

__all__ = ["APPROVED", "REJECTED", "SUBMITTED", "HandedIn", "Listed", "list_assignments"]

SUBMITTED, APPROVED, REJECTED = "Submitted", "Approved", "Rejected"
"""What Amazon calls what was handed in, before and after it is decided on."""

_A_PAGE = 100  # as many as Amazon gives at once
_FORGOTTEN = "AWS.MechanicalTurk.HITDoesNotExist"


@dataclass(frozen=True)
class HandedIn:
    """An assignment that a worker has handed in.

    Args:
        hit: Amazon's identifier of the HIT.
        assignment: Of the assignment. Given back and taken by somebody else, it stays the same.
        worker: Of the worker who handed it in.
        status: What became of it.
    """

    hit: str
    assignment: str
    worker: str
    status: str


@dataclass(frozen=True)
class Listed:
    """A HIT with what Amazon says about it.

    Args:
        hit: Amazon's identifier.
        ends_at: When nobody can find it any more.
        seconds: How long a worker may take.
        people: How many may do it.
        handed_in: What was handed in; work that goes on or was given back is not listed.
    """

    hit: str
    ends_at: datetime
    seconds: int
    people: int
    handed_in: tuple[HandedIn, ...]


def list_assignments(client: Any, hits: Sequence[Hit], track: Tracker = untracked) -> list[Listed]:
    """Every HIT with all that was handed in, however many pages Amazon makes of it.

    A HIT that Amazon no longer knows is left out: it forgets them some months after their end.

    Args:
        client: A boto3 client.
        hits: What the study has published.
        track: Shows the progress.

    Raises:
        StudyError: Credentials are missing, Amazon refuses, or it cannot be reached.
    """
    asked = track(hits, total=len(hits), what="asking Amazon")
    return [one for hit in asked if (one := _listed(client, hit.hit)) is not None]


def _listed(client: Any, hit: str) -> Listed | None:
    with refusals(f"list the assignments of HIT {hit}"):
        about = _about(client, hit)
        if about is None:
            return None
        pages = client.get_paginator("list_assignments_for_hit").paginate(
            HITId=hit,
            AssignmentStatuses=[SUBMITTED, APPROVED, REJECTED],
            PaginationConfig={"PageSize": _A_PAGE},
        )
        rows = [row for page in pages for row in page.get("Assignments", [])]
    return Listed(
        hit=hit,
        ends_at=about["Expiration"],
        seconds=int(about["AssignmentDurationInSeconds"]),
        people=int(about["MaxAssignments"]),
        handed_in=tuple(
            HandedIn(hit, row["AssignmentId"], row["WorkerId"], row["AssignmentStatus"])
            for row in rows
        ),
    )


def _about(client: Any, hit: str) -> dict[str, Any] | None:
    """What Amazon says about a HIT; None where there is no such HIT any more."""
    from botocore.exceptions import ClientError

    try:
        about: dict[str, Any] = client.get_hit(HITId=hit)["HIT"]
    except ClientError as fault:
        if code_of(fault) != _FORGOTTEN:
            raise
        return None
    return about
