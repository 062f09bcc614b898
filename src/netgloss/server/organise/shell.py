"""Hands over from the command line, while the server runs or after it has stopped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from netgloss.answers.format import Merge
from netgloss.answers.forms import write_forms
from netgloss.errors import StudyError
from netgloss.server.database import database_settings
from netgloss.server.environment import Environment
from netgloss.study import Study

__all__ = ["export_forms_from", "hand_over_from", "reach_database"]


def hand_over_from(folder: Path, database: str = "") -> dict[str, Merge]:
    """What :func:`~netgloss.server.organise.handover.hand_over_each` does, in a process of its own.

    Args:
        folder: The study folder.
        database: ``postgresql://user:password@host/name`` or ``sqlite:///path``; empty for
            ``answers.sqlite3`` in the study folder.

    Raises:
        StudyError: There is no study, nobody has answered on a server, or the database does not
            answer.
        OptionError: The address of the database is none.
    """
    study = reach_database(folder, database)
    from netgloss.server.organise.handover import hand_over_each

    return hand_over_each(study)


def export_forms_from(folder: Path, kind: str, path: Path, database: str = "") -> None:
    """Writes the forms that people have filled in on the server into a file.

    Those of excluded people are left out.

    Args:
        folder: The study folder.
        kind: A key of :data:`~netgloss.answers.forms.FORM_FORMATS`.
        path: The file to write.
        database: As :func:`hand_over_from` takes it.

    Raises:
        DataError: There is no such kind.
        StudyError: There is no study, or its server's database does not answer; nobody has filled
            in a form yet; or the file cannot be written.
        OptionError: The address of the database is none.
    """
    reach_database(folder, database)
    from netgloss.server.organise.filled import forms_of
    from netgloss.server.organise.finished import reading
    from netgloss.server.tasks.models import Form, Task

    with reading(folder):
        if not Form.objects.filter(person__excluded_at__isnull=True).exists():
            raise StudyError(f"{folder}: nobody has filled in a form on its server yet")
        rows = (row for task in Task.objects.order_by("name") for row in forms_of(task))
        write_forms(kind, rows, path)


def reach_database(folder: Path, database: str = "") -> Study:
    """The study, with Django set up to ask its server's database; once a process.

    Args:
        folder: The study folder.
        database: As :func:`hand_over_from` takes it.

    Raises:
        StudyError: As :func:`hand_over_from` raises it.
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
    return study


def _require_file(folder: Path, database: str) -> None:
    """Looks before Django does, which would make an empty database where there is none."""
    known = database_settings(database, folder)
    place = Path(known["NAME"])
    if known["ENGINE"].endswith("sqlite3") and not place.is_file():
        raise StudyError(
            f"{place}: not there, so nobody has answered on a server; start one with: "
            f"netgloss serve {folder}, or say where its database is: --database URL"
        )
