"""Reads batch results of Amazon Mechanical Turk: boxes drawn on one or several images a task."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from netgloss.answers.fitting import Corners, Draft, Imported, Region, finish
from netgloss.answers.reading import (
    Findings,
    clean_text,
    number,
    parse_json,
    quote,
    split_attributes,
    text,
)
from netgloss.errors import DataError
from netgloss.progress import Tracker, untracked
from netgloss.store.tables import read_csv_rows

__all__ = ["read_mturk"]

_ANSWER = re.compile(r"Answer\.annotation_data_?(\d*)", re.IGNORECASE)
_INPUT = re.compile(r"Input\..*image.*", re.IGNORECASE)


@dataclass(frozen=True)
class _Slot:
    """The place of one image in every row: its answer column and its possible name columns."""

    number: str
    answer: str
    names: tuple[str, ...]


def read_mturk(
    path: Path,
    images: pd.DataFrame,
    *,
    skip_unknown: bool = False,
    track: Tracker = untracked,
) -> Imported:
    """The answers of an MTurk batch-results CSV; rejected assignments are left out.

    One image a task: ``Answer.annotation_data`` and any ``Input.`` column that names an image.
    Several: ``Answer.annotation_data0`` and up, each paired with the ``Input.`` columns of the
    same number; the seconds of the assignment are shared out evenly among its images.

    Args:
        path: The CSV, with ``WorkerId`` and, where known, ``AssignmentId``,
            ``AssignmentStatus`` and ``WorkTimeInSeconds``.
        images: The study's images: ``image``, ``width``, ``height``.
        skip_unknown: Leave out answers about images that the study does not have.
        track: Shows how far the reading is.

    Raises:
        DataError: Anything in the file is malformed; every fault is listed by line.

    Source:
        SECA, section 4 (C2); the columns are those of its published batches.
    """
    rows = read_csv_rows(path)
    findings = Findings(path)
    if not rows:
        return Imported((), ("the file holds no assignment",))
    slots = _slots(path, list(rows[0]))
    drafts: list[Draft] = []
    for row in track(rows, total=len(rows), what="reading assignments"):
        if row.get("AssignmentStatus", "").strip().casefold() == "rejected":
            findings.note("rejected assignments left out")
            continue
        with findings.at(f"line {row['#']}"):
            drafts.extend(_read_assignment(row, slots, findings))
    return finish(drafts, images, findings, skip_unknown=skip_unknown)


def _slots(path: Path, columns: Sequence[str]) -> list[_Slot]:
    """Pairs each answer column with the columns that may name its image."""
    answers = {match[1]: name for name in columns if (match := _ANSWER.fullmatch(name))}
    inputs = sorted(filter(_INPUT.fullmatch, columns), key=lambda name: "heatmap" in name.lower())
    if "WorkerId" not in columns or not answers or not inputs:
        raise DataError(
            f"{path}: an MTurk batch has the columns 'WorkerId', 'Answer.annotation_data' and "
            "'Input.image_url' (or numbered ones); at least one of them is missing"
        )
    slots = [_Slot(which, name, _named(inputs, which)) for which, name in answers.items()]
    lonely = [quote(slot.answer) for slot in slots if not slot.names]
    if lonely:
        raise DataError(
            f"{path}: {', '.join(lonely)} has no 'Input.' column of the same number that names "
            "its image; rename the columns so that their numbers agree"
        )
    return slots


def _named(inputs: Sequence[str], which: str) -> tuple[str, ...]:
    if not which:
        return tuple(inputs)
    return tuple(name for name in inputs if re.findall(r"\d+", name)[-1:] == [which])


def _read_assignment(
    row: Mapping[str, str], slots: Sequence[_Slot], findings: Findings
) -> Iterator[Draft]:
    person = text(row["WorkerId"], "WorkerId", needed=True)
    worked = row.get("WorkTimeInSeconds", "").strip()
    seconds = number(worked, "WorkTimeInSeconds", least=0) if worked else None
    answered = [slot for slot in slots if row[slot.answer].strip()]
    findings.note("images without an answer left out", len(slots) - len(answered))
    for slot in answered:
        where = f"line {row['#']}" + (f", image {slot.number}" if slot.number else "")
        with findings.at(where):
            names = tuple(name for column in slot.names if (name := row[column].strip()))
            if not names:
                raise DataError(f"{' and '.join(map(quote, slot.names))} name no image")
            yield Draft(
                where=where,
                names=tuple(map(clean_text, names)),
                person=person,
                seconds=None if seconds is None else seconds / len(answered),
                regions=_read_regions(row[slot.answer], where, findings),
                key=("mturk", row.get("AssignmentId", "").strip() or person, slot.number),
            )


def _read_regions(cell: str, where: str, findings: Findings) -> tuple[Region, ...]:
    items = parse_json(cell)
    if not isinstance(items, list):
        raise DataError(f"{quote(cell)} is not a JSON list of boxes")
    regions = []
    for count, item in enumerate(items, start=1):
        place = f"{where}, box {count}"
        with findings.at(place):
            regions.append(_read_region(item, place))
    return tuple(regions)


def _read_region(item: Any, where: str) -> Region:
    if not isinstance(item, dict):
        raise DataError(f"{quote(item)} is not a JSON object")
    needed = ("left", "top", "width", "height", "object_label")
    missing = [quote(name) for name in needed if name not in item]
    if missing:
        raise DataError(f"{', '.join(missing)} missing")
    return Region(
        where=where,
        type=text(item["object_label"], "object_label"),
        attributes=split_attributes(text(item.get("attributes_label"), "attributes_label")),
        corners=_corners(item),
    )


def _corners(item: Mapping[str, Any]) -> Corners:
    left, top = (number(item[name], name) for name in ("left", "top"))
    width, height = (number(item[name], name, least=0) for name in ("width", "height"))
    return left, top, left + width, top + height
