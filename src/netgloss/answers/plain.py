"""Reads answers from a plain CSV, one thing that a person said a row."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from netgloss.answers.fitting import Corners, Draft, Imported, Region, finish
from netgloss.answers.reading import Findings, agreed, number, quote, split_attributes, text
from netgloss.errors import DataError
from netgloss.progress import Tracker, untracked
from netgloss.store.tables import read_csv_rows

__all__ = ["COLUMNS", "read_plain"]

COLUMNS = ("image", "person", "type", "attributes", "box", "seconds", "task", "answer", "source")
"""The columns of a plain CSV; the first three are needed."""

_NEEDED = COLUMNS[:3]
_CORNERS = ("x0", "y0", "x1", "y1")


@dataclass(frozen=True)
class _Row:
    """One row: what was said, and which answer it belongs to."""

    line: str
    answer: str
    image: str
    person: str
    task: str
    source: str
    seconds: float | None
    region: Region


def read_plain(
    path: Path,
    images: pd.DataFrame,
    *,
    skip_unknown: bool = False,
    track: Tracker = untracked,
) -> Imported:
    """The answers of a plain CSV; rows of one person about one image are one answer.

    A row with neither type nor attributes nor box says that the person looked and recognised
    nothing. ``box`` holds ``x0 y0 x1 y1`` in pixels; four columns of these names do as well.

    Args:
        path: The CSV, with the columns ``image``, ``person``, ``type`` and any of
            ``attributes``, ``box``, ``seconds``, ``task``, ``answer``, ``source``.
        images: The study's images: ``image``, ``width``, ``height``.
        skip_unknown: Leave out answers about images that the study does not have.
        track: Shows how far the reading is.

    Raises:
        DataError: Anything in the file is malformed; every fault is listed by line.
    """
    lines = read_csv_rows(path)
    findings = Findings(path)
    if not lines:
        return Imported((), ("the file holds no answer",))
    lines = [{name.casefold(): cell for name, cell in line.items()} for line in lines]
    _check_columns(path, lines[0])
    rows = []
    for line in track(lines, total=len(lines), what="reading rows"):
        with findings.at(f"line {line['#']}"):
            rows.append(_read_row(line))
    drafts = []
    for group in _grouped(rows):
        with findings.at(f"line {group[0].line}"):
            drafts.append(_draft(group))
    return finish(drafts, images, findings, skip_unknown=skip_unknown)


def _check_columns(path: Path, columns: Mapping[str, str]) -> None:
    missing = [quote(name) for name in _NEEDED if name not in columns]
    if missing:
        raise DataError(
            f"{path}: the header lacks {', '.join(missing)}; "
            f"its columns are {', '.join(name for name in columns if name != '#')}"
        )
    some = [name for name in _CORNERS if name in columns]
    if some and len(some) < 4:
        raise DataError(f"{path}: the header has {', '.join(some)}; a box needs x0, y0, x1, y1")


def _read_row(line: Mapping[str, str]) -> _Row:
    seconds = line.get("seconds", "").strip()
    text(line["image"], "image", needed=True)
    return _Row(
        line=line["#"],
        answer=text(line.get("answer"), "answer").strip(),
        image=text(line["image"], "image"),
        person=text(line["person"], "person", needed=True),
        task=text(line.get("task"), "task").strip() or "annotate",
        source=text(line.get("source"), "source"),
        seconds=number(seconds, "seconds", least=0) if seconds else None,
        region=Region(
            where=f"line {line['#']}",
            type=text(line["type"], "type"),
            attributes=split_attributes(text(line.get("attributes"), "attributes")),
            corners=_corners(line),
        ),
    )


def _corners(line: Mapping[str, str]) -> Corners | None:
    """The box of a row, from one column or from four."""
    cells = line.get("box", "").replace(",", " ").split()
    if not cells:
        cells = [cell for name in _CORNERS if (cell := line.get(name, "").strip())]
    if not cells:
        return None
    if len(cells) != 4:
        raise DataError(f"box {quote(' '.join(cells))} needs four numbers: x0 y0 x1 y1")
    x0, y0, x1, y1 = (
        number(cell, name, least=-math.inf) for cell, name in zip(cells, _CORNERS, strict=True)
    )
    if x1 < x0 or y1 < y0:
        raise DataError(f"box {quote(' '.join(cells))} ends before it begins: x0 y0 x1 y1 expected")
    return x0, y0, x1, y1


def _grouped(rows: Sequence[_Row]) -> list[list[_Row]]:
    """The rows of each answer, in the order of their first."""
    groups: dict[tuple[str, ...], list[_Row]] = {}
    for row in rows:
        key = (row.answer,) if row.answer else ("", row.task, row.person, row.image)
        groups.setdefault(key, []).append(row)
    return list(groups.values())


def _draft(rows: Sequence[_Row]) -> Draft:
    first = rows[0]
    # With an answer column, rows of one answer could still name several people or images.
    for what in ("person", "image", "task"):
        agreed([getattr(row, what) for row in rows], what)
    return Draft(
        where=f"line {first.line}",
        names=(first.image,),
        person=first.person,
        seconds=agreed([row.seconds for row in rows], "seconds"),
        regions=tuple(row.region for row in rows),
        key=("csv", first.task, first.person),
        answer=first.answer,
        task=first.task,
        source=agreed([row.source for row in rows], "source") or "",
    )
