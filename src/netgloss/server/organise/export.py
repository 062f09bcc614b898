"""Finished answers as a file that is sent while it is made."""

from __future__ import annotations

from urllib.parse import quote

from django.http import StreamingHttpResponse

from netgloss.answers.export import stream_answers
from netgloss.server.organise.finished import answers_of
from netgloss.server.tasks.models import Task
from netgloss.study import Study

__all__ = ["KINDS", "export"]

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
    """The task's answers as a file to keep; memory does not grow with it.

    Args:
        study: The study.
        task: The task.
        kind: A key of :data:`KINDS`.
        excluded: With the answers of excluded people.
        controls: With those to control items.

    Raises:
        DataError: There is no such kind.
    """
    answers = answers_of(task, excluded=excluded, controls=controls)
    parts = stream_answers(kind, answers, study.images())
    ending, content_type = KINDS[kind]
    name = quote(f"{study.folder.resolve().name}-{task.name}.{ending}")
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
        "Cache-Control": "no-store",
    }
    return StreamingHttpResponse(parts, content_type=content_type, headers=headers)
