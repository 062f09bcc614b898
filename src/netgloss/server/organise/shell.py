"""Hands over from the command line, while the server runs or after it has stopped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from netgloss.answers.format import Merge
from netgloss.errors import StudyError
from netgloss.server.database import database_settings
from netgloss.server.environment import Environment
from netgloss.study import Study

__all__ = ["hand_over_from"]


def hand_over_from(folder: Path, database: str = "") -> Merge:
    """What :func:`~netgloss.server.organise.handover.hand_over` does, in a process of its own.

    Args:
        folder: The study folder.
        database: ``postgresql://user:password@host/name`` or ``sqlite:///path``; empty for
            ``answers.sqlite3`` in the study folder.

    Raises:
        StudyError: There is no study, nobody has answered on a server, or the database does not
            answer.
        OptionError: The address of the database is none.
    """
    study = Study.open(folder)
    _require_file(folder, database)
    replace(Environment.current(), study=str(folder.resolve()), database=database).apply()
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
    except ImproperlyConfigured as fault:
        reason = str(fault).partition("\n")[0]
        raise StudyError(
            f"{folder}: its server's database cannot be asked ({reason}); "
            "for PostgreSQL install netgloss[postgresql]"
        ) from fault
    from netgloss.server.organise.handover import hand_over

    return hand_over(study)


def _require_file(folder: Path, database: str) -> None:
    """Looks before Django does, which would make an empty database where there is none."""
    known = database_settings(database, folder)
    place = Path(known["NAME"])
    if known["ENGINE"].endswith("sqlite3") and not place.is_file():
        raise StudyError(
            f"{place}: not there, so nobody has answered on a server; start one with: "
            f"netgloss serve {folder}, or say where its database is: --database URL"
        )
