"""Looks up a study's assignments from the command line, while its server runs or after it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netgloss.errors import StudyError
from netgloss.progress import Tracker, untracked
from netgloss.server.mturk.assignments import Listed, list_assignments
from netgloss.server.mturk.published import require_hits

if TYPE_CHECKING:
    from netgloss.server.mturk.reconciling import Line

__all__ = ["Found", "look_up"]


@dataclass(frozen=True)
class Found:
    """What both sides say.

    Attributes:
        hits: The study's HITs, with what Amazon lists.
        lines: Every assignment, with where it stands.
        forgotten: HITs that Amazon no longer knows.
    """

    hits: list[Listed]
    lines: list[Line]
    forgotten: list[str]


def look_up(
    study: Path, client: Any, market: str, database: str = "", track: Tracker = untracked
) -> Found:
    """Every assignment that Amazon or the server's database knows of.

    Args:
        study: The study folder.
        client: A boto3 client of the market.
        market: ``sandbox`` or ``live``, where the client leads.
        database: ``postgresql://user:password@host/name`` or ``sqlite:///path``; empty for
            ``answers.sqlite3`` in the study folder.
        track: Shows the progress.

    Raises:
        StudyError: Nothing is published there, Amazon refuses, or the database does not answer.
        OptionError: The address of the database is none.
    """
    from netgloss.server.organise.shell import reach_database

    hits = require_hits(study, market)
    reach_database(study, database)
    # Django has been set up: the tables can be loaded now.
    from django.db import DatabaseError

    from netgloss.server.mturk.reconciling import reconcile

    listed = list_assignments(client, hits, track)
    try:
        lines = reconcile(listed)
    except DatabaseError as fault:
        reason = " ".join(str(fault).split())
        raise StudyError(
            f"{study}: its server's database does not answer ({reason}); check that it runs and "
            "that --database is right"
        ) from fault
    known = {one.hit for one in listed}
    return Found(listed, lines, [hit.hit for hit in hits if hit.hit not in known])
