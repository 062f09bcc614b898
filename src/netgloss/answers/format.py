"""The answer format: what one person said about one image, as objects and as two tables."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from netgloss.errors import DataError
from netgloss.store.locks import writing
from netgloss.store.tables import read_table, write_table

__all__ = [
    "Answer",
    "Box",
    "Merge",
    "answer_id",
    "from_tables",
    "merge_answers",
    "read_answers",
    "to_tables",
]

_ANSWERS = {
    "answer": "string",
    "task": "string",
    "person": "string",
    "image": "string",
    "seconds": "float64",
    "source": "string",
}
_TERMS = {
    "answer": "string",
    "box": "Int32",
    "type": "string",
    "attributes": "object",
    "x0": "float64",
    "y0": "float64",
    "x1": "float64",
    "y1": "float64",
}
_STORED = {
    "string": pa.string(),
    "float64": pa.float64(),
    "Int32": pa.int32(),
    "object": pa.list_(pa.string()),
}


@dataclass(frozen=True)
class Box:
    """One thing a person pointed at: its noun, its adjectives and, if drawn, where it is.

    Coordinates are kept to a thousandth of a pixel, so that formats which store sizes or
    percentages give back the very same box.

    Args:
        type: The noun as typed; may be empty.
        attributes: The adjectives as typed.
        x0: Left edge in pixels of the original image; None where no box was drawn.
        y0: Upper edge.
        x1: Right edge, exclusive.
        y1: Lower edge, exclusive.

    Raises:
        DataError: Some coordinates are missing or not finite, the box has no area, or there is
            neither a type nor an attribute nor a place.

    Example:
        >>> Box("claw", ("orange", "big"), 10, 20, 50, 60.00004)
        Box(type='claw', attributes=('orange', 'big'), x0=10.0, y0=20.0, x1=50.0, y1=60.0)
        >>> Box("sea").drawn
        False
    """

    type: str
    attributes: tuple[str, ...] = ()
    x0: float | None = None
    y0: float | None = None
    x1: float | None = None
    y1: float | None = None

    def __post_init__(self) -> None:
        corners = self.x0, self.y0, self.x1, self.y1
        given = [corner for corner in corners if corner is not None]
        if given:
            if len(given) < 4 or not all(math.isfinite(corner) for corner in given):
                raise DataError(f"box {corners} needs four finite coordinates, or none")
            for name, corner in zip(("x0", "y0", "x1", "y1"), given, strict=True):
                object.__setattr__(self, name, round(float(corner), 3) + 0.0)  # no -0.0
            self._check_area()
        elif not self.type and not self.attributes:
            raise DataError("a box needs a type, an attribute or a place; this one has none")
        object.__setattr__(self, "attributes", tuple(self.attributes))

    @property
    def drawn(self) -> bool:
        """Whether the person drew where it is."""
        return self.x0 is not None

    @property
    def corners(self) -> tuple[float, float, float, float] | None:
        """(x0, y0, x1, y1) in pixels, or None where no box was drawn."""
        if self.x0 is None or self.y0 is None or self.x1 is None or self.y1 is None:
            return None
        return self.x0, self.y0, self.x1, self.y1

    def _check_area(self) -> None:
        assert self.corners is not None
        x0, y0, x1, y1 = self.corners
        if x1 <= x0 or y1 <= y0:
            raise DataError(f"box {self.corners} has no area; x0 < x1 and y0 < y1 are needed")


@dataclass(frozen=True)
class Answer:
    """What one person said about one image in one task.

    Args:
        answer: Stable identifier; see :func:`answer_id`.
        task: ``annotate``.
        person: Who said it.
        image: The image's identifier in the study.
        seconds: Time spent on this image; None where nobody took it.
        source: Name of the file or program it came from.
        boxes: What was said; empty when nothing was recognisable.
    """

    answer: str
    task: str
    person: str
    image: str
    seconds: float | None
    source: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True)
class Merge:
    """How many answers were new, replaced an older version, stood there already or went."""

    new: int
    changed: int
    unchanged: int
    removed: int = 0


def answer_id(*parts: str | int) -> str:
    """An answer's stable identifier: sixteen hexadecimal digits made from what sets it apart.

    Args:
        parts: For example the kind of file, the person and the image.

    Example:
        >>> answer_id("csv", "ann", "cat.png") == answer_id("csv", "ann", "cat.png")
        True
        >>> answer_id("csv", "a", "b/c") == answer_id("csv", "a/b", "c")
        False
    """
    return _digest([str(part) for part in parts])


def to_tables(answers: Iterable[Answer]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The answers as the tables ``answers`` and ``terms`` of the study folder.

    Example:
        >>> fur = Answer("1", "annotate", "ann", "cat.png", 9.0, "paper", (Box("fur"),))
        >>> answers, terms = to_tables([fur])
        >>> terms[["answer", "box", "type"]].to_dict("records")
        [{'answer': '1', 'box': 0, 'type': 'fur'}]
    """
    answers = list(answers)
    rows = [(a.answer, a.task, a.person, a.image, a.seconds, a.source) for a in answers]
    terms = [
        (answer.answer, number, box.type, list(box.attributes), box.x0, box.y0, box.x1, box.y1)
        for answer in answers
        for number, box in enumerate(answer.boxes)
    ]
    return _frame(rows, _ANSWERS), _frame(terms, _TERMS)


def from_tables(answers: pd.DataFrame, terms: pd.DataFrame) -> tuple[Answer, ...]:
    """The answers of the two tables as objects, in the order of ``answers``.

    Raises:
        DataError: A row of ``terms`` is no box.
    """
    boxes: dict[str, list[Box]] = {}
    for row in terms.sort_values(["answer", "box"], kind="stable")[list(_TERMS)].itertuples():
        corners = [_known(value) for value in (row.x0, row.y0, row.x1, row.y1)]
        boxes.setdefault(row.answer, []).append(Box(row.type, tuple(row.attributes), *corners))
    return tuple(
        Answer(
            answer=row.answer,
            task=row.task,
            person=row.person,
            image=row.image,
            seconds=_known(row.seconds),
            source=row.source,
            boxes=tuple(boxes.get(row.answer, ())),
        )
        for row in answers[list(_ANSWERS)].itertuples()
    )


def read_answers(study: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The study's tables ``answers`` and ``terms``; empty ones while nobody has answered.

    Args:
        study: The study folder.

    Returns:
        The columns of the answer format; missing seconds and coordinates are NaN, attributes
        are lists.

    Raises:
        StudyError: A table is half-written or lacks a column.
    """
    answers, terms = _load(study)
    return answers.drop(columns="revision"), terms.drop(columns="revision")


def merge_answers(study: Path, new: Sequence[Answer], *, without: Collection[str] = ()) -> Merge:
    """Adds answers to the study, replaces those that changed, and counts both.

    Answers are told apart by their identifier. One that stands there already is left alone, also
    when only the name of its source differs, so importing the same file again changes nothing.

    A process that dies on the way leaves the tables as before or as after. Each version of an
    answer has a revision, which both tables carry; the terms of the new versions are written
    beside those of the old, then replacing ``answers.parquet`` switches all answers over at once.

    Args:
        study: The study folder.
        new: The answers; of several with one identifier the last counts.
        without: Identifiers of answers to take out; one that is also among ``new`` stays.

    Raises:
        StudyError: Another process is writing answers, or the disk refuses.
    """
    latest = {answer.answer: answer for answer in new}
    with writing(study, "answers"):
        answers, terms = _load(study)
        known = dict(zip(answers["answer"], answers["revision"], strict=True))
        revisions = {name: _revision(answer) for name, answer in latest.items()}
        incoming = {name: rev for name, rev in revisions.items() if known.get(name) != rev}
        gone = {name for name in without if name in known and name not in latest}
        if incoming or gone:
            said = [latest[name] for name in incoming]
            _commit(study, (answers, terms), said, incoming, gone)
    changed = sum(name in known for name in incoming)
    return Merge(len(incoming) - changed, changed, len(latest) - len(incoming), len(gone))


def _commit(
    study: Path,
    old: tuple[pd.DataFrame, pd.DataFrame],
    incoming: Sequence[Answer],
    revisions: dict[str, str],
    gone: Collection[str],
) -> None:
    """Writes the incoming answers, with their revisions by identifier, and leaves out the gone."""
    answers, terms = old
    new_answers, new_terms = to_tables(incoming)
    for frame in (new_answers, new_terms):
        frame["revision"] = frame["answer"].map(revisions).astype("string")
    replaced = [*revisions, *gone]
    kept = ~answers["answer"].isin(replaced)
    _write(study, "terms", pd.concat([terms, new_terms], ignore_index=True))
    _write(study, "answers", pd.concat([answers[kept], new_answers], ignore_index=True))
    if not kept.all():
        live = terms[~terms["answer"].isin(replaced)]
        _write(study, "terms", pd.concat([live, new_terms], ignore_index=True))


def _load(study: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both tables with their revisions; terms that no answer stands for are left out."""
    answers, terms = _load_pair(study)
    key = ["answer", "revision"]
    live = terms.set_index(key).index.isin(answers.set_index(key).index)
    return answers, terms[live].reset_index(drop=True)


def _load_pair(study: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both tables as they stand, read again when a writer switched them over in between."""
    while (version := _version(study)) is not None:
        pair = _read(study, "answers"), _read(study, "terms")
        if _version(study) == version:
            return pair
    stamp = {"revision": "string"}
    return _frame([], {**_ANSWERS, **stamp}), _frame([], {**_TERMS, **stamp})


def _version(study: Path) -> tuple[int, int] | None:
    try:
        status = _place(study, "answers").stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns


def _read(study: Path, name: str) -> pd.DataFrame:
    kinds = {**_columns(name), "revision": "string"}
    frame = read_table(_place(study, name), list(kinds)).astype(kinds)
    if "attributes" in frame:
        frame["attributes"] = frame["attributes"].map(list)
    return frame


def _write(study: Path, name: str, frame: pd.DataFrame) -> None:
    kinds = {**_columns(name), "revision": "string"}
    schema = pa.schema([(column, _STORED[kind]) for column, kind in kinds.items()])
    write_table(frame, _place(study, name), schema)


def _columns(name: str) -> dict[str, str]:
    return _ANSWERS if name == "answers" else _TERMS


def _place(study: Path, name: str) -> Path:
    return study / "answers" / f"{name}.parquet"


def _revision(answer: Answer) -> str:
    """Tells two versions of one answer apart; the file's name is no part of what was said."""
    boxes = [(box.type, box.attributes, box.corners) for box in answer.boxes]
    return _digest([answer.task, answer.person, answer.image, _float(answer.seconds), boxes])


def _digest(parts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def _float(value: float | None) -> float | None:
    return None if value is None else float(value)


def _known(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _frame(rows: Sequence[tuple[Any, ...]], kinds: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(kinds)).astype(kinds)
