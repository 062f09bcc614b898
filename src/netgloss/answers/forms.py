"""Writes filled-in questionnaires as CSV, JSON or Parquet, a row a question (methods 12)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from netgloss.answers.parts import csv_file, in_blocks, json_list, parquet_file, write_parts
from netgloss.answers.reading import quote
from netgloss.errors import DataError

__all__ = ["FORM_FORMATS", "REMARK", "FormRow", "stream_forms", "write_forms"]

REMARK = "remark"
"""The question under which a form's remark stands."""


@dataclass(frozen=True)
class FormRow:
    """What one person said to one question of one form.

    Args:
        person: The person's pseudonym.
        task: The task that the form is about.
        batch: After which of the person's batches of the task, from 1; None for none.
        form: ``difficulty``, ``sus`` or ``tlx``.
        question: The question's name.
        asked: The question as the person read it.
        value: What was chosen, on the form's own scale; None where it was left out.
        words: A remark; empty in any other row.
        filled_at: When the form was sent.
    """

    person: str
    task: str
    batch: int | None
    form: str
    question: str
    asked: str
    value: float | None
    words: str
    filled_at: datetime


def stream_forms(kind: str, rows: Iterable[FormRow]) -> Iterator[bytes]:
    """The content of a file in parts, made while the rows come; memory stays the same.

    Args:
        kind: A key of :data:`FORM_FORMATS`.
        rows: In the order in which they are to stand there.

    Raises:
        DataError: There is no such kind.

    Example:
        >>> sent = datetime(2026, 11, 21, 9, 30)
        >>> row = FormRow("person-1", "annotate", 1, "sus", "easy", "Easy to use", 4.0, "", sent)
        >>> print(b"".join(stream_forms("csv", [row])).decode().splitlines()[1])
        person-1,annotate,1,sus,easy,Easy to use,4.0,,2026-11-21T09:30:00
    """
    if kind not in FORM_FORMATS:
        known = ", ".join(FORM_FORMATS)
        raise DataError(f"{quote(kind)} is no kind of file for forms; there are {known}")
    return in_blocks(FORM_FORMATS[kind](rows))


def write_forms(kind: str, rows: Iterable[FormRow], path: Path) -> None:
    """Writes the rows into one file, whole or not at all.

    Args:
        kind: A key of :data:`FORM_FORMATS`.
        rows: In the order in which they are to stand there.
        path: The file to write.

    Raises:
        DataError: There is no such kind.
        StudyError: The file cannot be written.
    """
    write_parts(stream_forms(kind, rows), path)


def _csv(rows: Iterable[FormRow]) -> Iterator[bytes]:
    return csv_file(rows, _table)


def _json(rows: Iterable[FormRow]) -> Iterator[bytes]:
    return json_list(_plain(row) for row in rows)


def _parquet(rows: Iterable[FormRow]) -> Iterator[bytes]:
    import pyarrow as pa

    types = {
        "batch": pa.int32(),
        "value": pa.float64(),
        "filled_at": pa.timestamp("us", tz="UTC"),
    }
    names = [field.name for field in fields(FormRow)]
    schema = pa.schema([(name, types.get(name, pa.string())) for name in names])
    return parquet_file((asdict(row) for row in rows), schema)


FORM_FORMATS: Mapping[str, Callable[[Iterable[FormRow]], Iterator[bytes]]] = {
    "csv": _csv,
    "json": _json,
    "parquet": _parquet,
}
"""What makes each kind of file: its content in parts, from the rows."""


def _table(rows: list[FormRow]) -> pd.DataFrame:
    columns = [field.name for field in fields(FormRow)]
    frame = pd.DataFrame([_plain(row) for row in rows], columns=columns)
    # Without it, one batch that is missing would turn the others' numbers into 1.0 and 2.0.
    frame["batch"] = frame["batch"].astype("Int64")
    return frame


def _plain(row: FormRow) -> dict[str, Any]:
    return {**asdict(row), "filled_at": row.filled_at.isoformat(timespec="seconds")}
