"""Writes what was answered on the server into the study, where every other stage finds it."""

from __future__ import annotations

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from netgloss.answers.format import Merge, merge_answers
from netgloss.errors import StudyError
from netgloss.server.organise.finished import answers_of, reading
from netgloss.server.tasks.models import Task
from netgloss.store.locks import writing
from netgloss.store.records import read_record, write_record
from netgloss.study import Study

__all__ = ["hand_over"]

_STAGE = "handover"
_WAIT_SECONDS = 30.0


def hand_over(study: Study) -> Merge:
    """Makes the study's answers agree with the server's; answers from elsewhere stay as they are.

    What was handed over before and counts no longer, since its person was excluded or has deleted
    themselves, is taken out of the study again. What another database handed over is not touched.

    Args:
        study: The study.

    Returns:
        How many answers are new, changed, unchanged and taken out.

    Raises:
        StudyError: The database does not answer or has no tables yet; another process is writing
            answers; the disk refuses.
    """
    with writing(study.folder, _STAGE, _WAIT_SECONDS):
        with reading(study.folder):
            born = _birth()
            answers = [answer for task in Task.objects.all() for answer in answers_of(task)]
        counting = {answer.answer for answer in answers}
        before = _handed_over(study, born)
        # Written down first: after a crash in between, nothing is in the study unknown.
        _write_down(study, born, before | counting)
        merge = merge_answers(study.folder, answers, without=before - counting)
        _write_down(study, born, counting)
    return merge


def _birth() -> str:
    """What tells this database from any other: when its first table was made.

    Raises:
        StudyError: It has no tables.
    """
    recorder = MigrationRecorder(connection)
    first = recorder.migration_qs.order_by("id").first() if recorder.has_table() else None
    if first is None:
        raise StudyError(
            "the database has no tables yet, so nobody has answered; start netgloss serve first"
        )
    return str(first.applied.isoformat())


def _handed_over(study: Study, born: str) -> set[str]:
    record = read_record(study.folder, _STAGE)
    known = record.get("options", {}).get("database") == born
    return set(record.get("answers", ())) if known else set()


def _write_down(study: Study, born: str, answers: set[str]) -> None:
    write_record(study.folder, _STAGE, {"database": born}, (), answers=sorted(answers))
