"""Answers as records, one an answer with its boxes inside: the formats JSON and Parquet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from netgloss.answers.fitting import Corners, Draft, Imported, Region, finish
from netgloss.answers.format import Answer, Box
from netgloss.answers.parts import json_list, parquet_file
from netgloss.answers.reading import Findings, number, quote, read_json, text
from netgloss.errors import DataError
from netgloss.progress import Tracker, untracked

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "as_record",
    "json_parts",
    "parquet_parts",
    "read_json_records",
    "read_parquet_records",
]

_CORNERS = ("x0", "y0", "x1", "y1")


def as_record(answer: Answer) -> dict[str, Any]:
    """The answer in plain values, its boxes inside it.

    Example:
        >>> fur = Answer("1", "annotate", "ann", "cat.png", 9.0, "paper", (Box("fur"),))
        >>> as_record(fur)["boxes"]
        [{'type': 'fur', 'attributes': [], 'x0': None, 'y0': None, 'x1': None, 'y1': None}]
    """
    return {
        "answer": answer.answer,
        "task": answer.task,
        "person": answer.person,
        "image": answer.image,
        "seconds": answer.seconds,
        "source": answer.source,
        "boxes": [_box_record(box) for box in answer.boxes],
    }


def json_parts(answers: Iterable[Answer], images: pd.DataFrame) -> Iterator[bytes]:  # noqa: ARG001 - one signature for all formats
    """Yields a JSON list with an answer a line."""
    return json_list(as_record(answer) for answer in answers)


def parquet_parts(answers: Iterable[Answer], images: pd.DataFrame) -> Iterator[bytes]:  # noqa: ARG001 - one signature for all formats
    """Yields a Parquet file with a row an answer; ``boxes`` is a list of structures."""
    return parquet_file((as_record(answer) for answer in answers), _schema())


def read_json_records(
    path: Path,
    images: pd.DataFrame,
    *,
    skip_unknown: bool = False,
    track: Tracker = untracked,
) -> Imported:
    """The answers of a JSON list of records, as :func:`json_parts` writes it.

    Args:
        path: The JSON file.
        images: The study's images: ``image``, ``width``, ``height``.
        skip_unknown: Leave out answers about images that the study does not have.
        track: Shows how far the reading is.

    Raises:
        DataError: Anything in the file is malformed; every fault is listed by answer.
    """
    records = read_json(path)
    if not isinstance(records, list):
        raise DataError(f"{path}: a list of answers was expected")
    return _read(records, path, images, skip_unknown, track)


def read_parquet_records(
    path: Path,
    images: pd.DataFrame,
    *,
    skip_unknown: bool = False,
    track: Tracker = untracked,
) -> Imported:
    """The answers of a Parquet file, as :func:`parquet_parts` writes it.

    Args:
        path: The Parquet file.
        images: The study's images: ``image``, ``width``, ``height``.
        skip_unknown: Leave out answers about images that the study does not have.
        track: Shows how far the reading is.

    Raises:
        DataError: It is no Parquet file, or anything in it is malformed.
    """
    import pyarrow as pa
    from pyarrow import parquet

    try:
        records = parquet.read_table(path).to_pylist()
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise DataError(f"{path}: not a whole Parquet file ({reason}); export it again") from error
    return _read(records, path, images, skip_unknown, track)


def _read(
    records: list[Any], path: Path, images: pd.DataFrame, skip_unknown: bool, track: Tracker
) -> Imported:
    findings, drafts = Findings(path), []
    for count, record in enumerate(track(records, total=len(records), what="reading answers"), 1):
        with findings.at(f"answer {count}"):
            drafts.append(_draft(record, f"answer {count}"))
    return finish(drafts, images, findings, skip_unknown=skip_unknown)


def _draft(record: Any, where: str) -> Draft:
    if not isinstance(record, dict):
        raise DataError(f"{quote(record)} is not an object")
    boxes = record.get("boxes")
    if not isinstance(boxes, list):
        raise DataError(f"boxes {quote(boxes)} is not a list")
    seconds = record.get("seconds")
    person = text(record.get("person"), "person", needed=True)
    task = text(record.get("task"), "task") or "annotate"
    return Draft(
        where=where,
        names=(text(record.get("image"), "image", needed=True),),
        person=person,
        seconds=None if seconds is None else number(seconds, "seconds", least=0),
        regions=tuple(_region(box, f"{where}, box {n}") for n, box in enumerate(boxes, 1)),
        key=("json", task, person),
        answer=text(record.get("answer"), "answer"),
        task=task,
        source=text(record.get("source"), "source"),
    )


def _region(box: Any, where: str) -> Region:
    if not isinstance(box, dict):
        raise DataError(f"box {quote(box)} is not an object")
    attributes = box.get("attributes")
    if attributes is not None and not isinstance(attributes, list):
        raise DataError(f"attributes {quote(attributes)} is not a list")
    named = tuple(text(attribute, "attribute") for attribute in attributes or ())
    return Region(where, text(box.get("type"), "type"), named, _corners(box))


def _corners(box: Mapping[str, Any]) -> Corners | None:
    given = [name for name in _CORNERS if box.get(name) is not None]
    if not given:
        return None
    if len(given) < len(_CORNERS):
        raise DataError(f"a box has {', '.join(given)}; it needs x0, y0, x1, y1, or none of them")
    x0, y0, x1, y1 = (number(box[name], name) for name in _CORNERS)
    return x0, y0, x1, y1


def _box_record(box: Box) -> dict[str, Any]:
    corners = dict(zip(_CORNERS, box.corners or (None,) * 4, strict=True))
    return {"type": box.type, "attributes": list(box.attributes), **corners}


def _schema() -> pa.Schema:
    import pyarrow as pa

    texts = ("answer", "task", "person", "image")
    box = [("type", pa.string()), ("attributes", pa.list_(pa.string()))]
    box += [(name, pa.float64()) for name in _CORNERS]
    return pa.schema(
        [
            *((name, pa.string()) for name in texts),
            ("seconds", pa.float64()),
            ("source", pa.string()),
            ("boxes", pa.list_(pa.struct(box))),
        ]
    )
