"""Finished answers, games and filled-in forms as files that are sent while they are made."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from urllib.parse import quote

from django.http import StreamingHttpResponse

from netgloss.answers.export import stream_answers
from netgloss.answers.forms import FORM_FORMATS, stream_forms
from netgloss.answers.game_files import GAME_FORMATS, stream_games
from netgloss.server.errors import RequestError
from netgloss.server.organise.filled import forms_of
from netgloss.server.organise.finished import answers_of, games_of
from netgloss.server.play.players import TASK as PLAY
from netgloss.server.tasks.models import Task
from netgloss.study import Study

__all__ = ["KINDS", "export", "export_forms"]

KINDS = {
    "csv": ("csv", "text/csv; charset=utf-8"),
    "json": ("json", "application/json"),
    "parquet": ("parquet", "application/vnd.apache.parquet"),
    "coco": ("coco.json", "application/json"),
    "label-studio": ("label-studio.json", "application/json"),
}
"""The ending of the file's name and the content's type, by the kind of file."""


def export(
    study: Study, task: Task, kind: str, *, excluded: bool = False, controls: bool = False
) -> StreamingHttpResponse:
    """The task's answers, or its games, as a file to keep; memory does not grow with it.

    Args:
        study: The study.
        task: The task.
        kind: A key of :data:`KINDS`.
        excluded: With the answers of excluded people.
        controls: With those to control items.

    Raises:
        DataError: There is no such kind.
        RequestError: 422: games have no boxes, which is all that the format can hold.
    """
    if task.name == PLAY:
        _require_table("Games", kind, GAME_FORMATS)
        games = games_of(task, excluded=excluded, controls=controls)
        return _sent(study, task.name, kind, stream_games(kind, games))
    answers = answers_of(task, excluded=excluded, controls=controls)
    return _sent(study, task.name, kind, stream_answers(kind, answers, study.images()))


def export_forms(
    study: Study, task: Task, kind: str, *, excluded: bool = False
) -> StreamingHttpResponse:
    """The task's filled-in forms as a file to keep, a row a question.

    Args:
        study: The study.
        task: The task.
        kind: A key of :data:`~netgloss.answers.forms.FORM_FORMATS`.
        excluded: With those of excluded people.

    Raises:
        RequestError: 422: forms have no boxes, which is all that the format can hold.
    """
    _require_table("Forms", kind, FORM_FORMATS)
    rows = forms_of(task, excluded=excluded)
    return _sent(study, f"{task.name}-forms", kind, stream_forms(kind, rows))


def _require_table(what: str, kind: str, known: Collection[str]) -> None:
    if kind not in known:
        listed = " or ".join(known)
        raise RequestError(422, "malformed", f"{what} are exported as {listed}.", where="format")


def _sent(study: Study, what: str, kind: str, parts: Iterator[bytes]) -> StreamingHttpResponse:
    ending, content_type = KINDS[kind]
    name = quote(f"{study.folder.resolve().name}-{what}.{ending}")
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
        "Cache-Control": "no-store",
    }
    return StreamingHttpResponse(parts, content_type=content_type, headers=headers)
