"""Writes what was answered on the server into the study, where every other stage finds it."""

from __future__ import annotations

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from netgloss.answers.format import Merge, merge_answers
from netgloss.answers.games import merge_games
from netgloss.errors import StudyError
from netgloss.server.organise.finished import answers_of, games_of, reading
from netgloss.server.play.players import TASK as PLAY
from netgloss.server.tasks.models import Task
from netgloss.store.locks import writing
from netgloss.store.records import read_record, write_record
from netgloss.study import Study

__all__ = ["hand_over", "hand_over_each"]

_STAGE = "handover"

_WAIT_SECONDS = 30.0


def hand_over(study: Study) -> Merge:
    """Makes the study's answers and games agree with the server's, and counts both together.

    Args:
        study: The study.

    Returns:
        How many answers and games are new, changed, unchanged and taken out.

    Raises:
        StudyError: As :func:`hand_over_each` raises it.
    """
    merges = hand_over_each(study).values()
    names = ("new", "changed", "unchanged", "removed")
    return Merge(*(sum(getattr(merge, name) for merge in merges) for name in names))


def hand_over_each(study: Study) -> dict[str, Merge]:
    """Makes the study's answers and games agree with the server's; others stay as they are.

    What was handed over before and counts no longer, since its person was excluded or has deleted
    themselves, is taken out of the study again. What another database handed over is not touched.
    Answers to control images stay behind. Control games come along, since they tell whose games
    count.

    Args:
        study: The study.

    Returns:
        How many are new, changed, unchanged and taken out, of ``answers`` and of ``games``.

    Raises:
        StudyError: The database does not answer or has no tables yet; another process is writing
            answers or games; the disk refuses.
    """
    with writing(study.folder, _STAGE, _WAIT_SECONDS):
        with reading(study.folder):
            born = _birth()
            play, others = _tasks()
            answers = [answer for task in others for answer in answers_of(task)]
            games = [game for task in play for game in games_of(task, controls=True)]
        counting = {one.answer for one in answers} | {one.answer for one in games}
        before = _handed_over(study, born)
        # Written down first: after a crash in between, nothing is in the study unknown.
        _write_down(study, born, before | counting)
        gone = before - counting
        merges = {
            "answers": merge_answers(study.folder, answers, without=gone),
            "games": merge_games(study.folder, games, without=gone),
        }
        _write_down(study, born, counting)
    return merges


def _tasks() -> tuple[list[Task], list[Task]]:
    """The tasks whose answers are games, and the others."""
    tasks = list(Task.objects.order_by("name"))
    return [one for one in tasks if one.name == PLAY], [one for one in tasks if one.name != PLAY]


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
