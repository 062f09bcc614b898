"""Reads Label Studio's JSON export: rectangles with labels, free texts and choices."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from netgloss.answers.fitting import (
    PERCENT,
    Corners,
    Draft,
    Imported,
    Region,
    Size,
    finish,
)
from netgloss.answers.reading import (
    Findings,
    clean_text,
    number,
    quote,
    read_json,
    split_attributes,
    text,
)
from netgloss.errors import DataError
from netgloss.progress import Tracker, untracked

__all__ = ["read_label_studio"]

_RECTANGLES = {"rectangle", "rectanglelabels", "labels", "textarea", "choices", "taxonomy"}


def read_label_studio(
    path: Path,
    images: pd.DataFrame,
    *,
    skip_unknown: bool = False,
    track: Tracker = untracked,
) -> Imported:
    """The answers of a Label Studio export in the format called JSON.

    A region's type is what stands in its text field named ``type``, else its label. Its
    attributes stand in its text field, choices or taxonomy named ``attributes``. A turned
    rectangle becomes the upright one around it. Cancelled annotations are left out.

    Args:
        path: The JSON file.
        images: The study's images: ``image``, ``width``, ``height``.
        skip_unknown: Leave out answers about images that the study does not have.
        track: Shows how far the reading is.

    Raises:
        DataError: Anything in the file is malformed; every fault is listed by task.
    """
    tasks = read_json(path)
    if not isinstance(tasks, list):
        raise DataError(f"{path}: a list of tasks was expected; export from Label Studio as JSON")
    findings = Findings(path)
    drafts: list[Draft] = []
    for count, task in enumerate(track(tasks, total=len(tasks), what="reading tasks"), start=1):
        where = f"task {task.get('id', count) if isinstance(task, dict) else count}"
        with findings.at(where):
            drafts.extend(_read_task(task, where, findings))
    return finish(drafts, images, findings, skip_unknown=skip_unknown)


def _read_task(task: Any, where: str, findings: Findings) -> Iterator[Draft]:
    if not isinstance(task, dict) or not isinstance(task.get("annotations"), list):
        raise DataError("no list 'annotations'; export as JSON, not as JSON-MIN")
    names = _image_names(task.get("data"))
    for count, annotation in enumerate(task["annotations"], start=1):
        place = f"{where}, annotation {count}"
        with findings.at(place):
            if not isinstance(annotation, dict):
                raise DataError(f"{quote(annotation)} is not a JSON object")
            if annotation.get("was_cancelled"):
                findings.note("cancelled annotations left out")
                continue
            yield _read_annotation(annotation, names, place, findings)


def _image_names(data: Any) -> tuple[str, ...]:
    """The names a task's image may have in the study: ``image``, else any text of the data."""
    given = data if isinstance(data, dict) else {}
    values = [given["image"]] if "image" in given else list(given.values())
    names = [clean_text(value) for value in values if isinstance(value, str) and value.strip()]
    if not names:
        raise DataError("its data name no image; 'image' was expected")
    return tuple(names)


def _read_annotation(
    annotation: Mapping[str, Any], names: tuple[str, ...], where: str, findings: Findings
) -> Draft:
    results = annotation.get("result")
    if not isinstance(results, list):
        raise DataError("no list 'result'")
    own = annotation.get("netgloss")
    own = own if isinstance(own, dict) else {}
    person = _person(own.get("person", annotation.get("completed_by")))
    seconds = annotation.get("lead_time")
    unique = annotation.get("unique_id") or annotation.get("id")
    return Draft(
        where=where,
        names=names,
        person=person,
        seconds=None if seconds is None else number(seconds, "lead_time", least=0),
        regions=tuple(_read_regions(results, where, findings)),
        key=("label-studio", person, text(unique, "id")),
        answer=text(own.get("answer"), "answer"),
        task=text(own.get("task"), "task") or "annotate",
        source=text(own.get("source"), "source"),
    )


def _person(completed_by: Any) -> str:
    if isinstance(completed_by, dict):
        completed_by = completed_by.get("id") or completed_by.get("email")
    return text(completed_by, "completed_by", needed=True)


def _read_regions(results: Sequence[Any], where: str, findings: Findings) -> Iterator[Region]:
    """The regions of one annotation, each from all results that share its id."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for count, result in enumerate(results, start=1):
        with findings.at(f"{where}, result {count}"):
            if not isinstance(result, dict):
                raise DataError(f"{quote(result)} is not a JSON object")
            if result.get("type") == "relation":
                continue
            if not isinstance(result.get("value"), dict):
                raise DataError("no object 'value'")
            groups.setdefault(str(result.get("id", f"#{count}")), []).append(result)
    for name, group in groups.items():
        place = f"{where}, region {quote(name)}"
        foreign = {str(result.get("type")) for result in group} - _RECTANGLES
        if foreign:
            findings.note(f"regions of type {', '.join(sorted(foreign))} left out")
            continue
        with findings.at(place):
            yield from _read_region(group, place, findings)


def _read_region(
    group: Sequence[dict[str, Any]], where: str, findings: Findings
) -> Iterator[Region]:
    types = _named(group, "type") or _labels(group)
    attributes = _named(group, "attributes")
    placed = next((result for result in group if _is_placed(result["value"])), None)
    if not types and not attributes and placed is None:
        findings.note("results named neither type nor attributes left out")
        return
    corners, frame = _place(placed, findings) if placed else (None, None)
    for kind in types or [""]:
        yield Region(where, kind, tuple(attributes), corners, frame)


def _labels(group: Sequence[dict[str, Any]]) -> list[str]:
    return [
        text(label, "label")
        for result in group
        for kind in ("rectanglelabels", "labels")
        for label in _list(result["value"].get(kind))
    ]


def _named(group: Sequence[dict[str, Any]], name: str) -> list[str]:
    """The texts that stand in a region's fields of one name; only attributes are parted."""
    found: list[str] = []
    for result in group:
        if str(result.get("from_name", "")).casefold() != name:
            continue
        value = result["value"]
        for typed in _list(value.get("text")):
            words = text(typed, name)
            found += split_attributes(words) if name == "attributes" else [words]
        found += [text(choice, name) for choice in _list(value.get("choices"))]
        found += [text(_list(path)[-1], name) for path in _list(value.get("taxonomy")) if path]
    return [words for words in found if words.strip() or name == "type"]


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _is_placed(value: Mapping[str, Any]) -> bool:
    return all(side in value for side in ("x", "y", "width", "height"))


def _place(result: Mapping[str, Any], findings: Findings) -> tuple[Corners, Size]:
    """A rectangle's corners, and the frame they count on."""
    value = result["value"]
    if number(result.get("image_rotation", 0), "image_rotation"):
        raise DataError("its image was turned in Label Studio; turn it back and export again")
    x, y = (number(value[side], side) for side in ("x", "y"))
    width, height = (number(value[side], side, least=0) for side in ("width", "height"))
    turned = number(value.get("rotation", 0), "rotation")
    if "original_width" not in result:
        if turned:
            raise DataError("a turned rectangle needs 'original_width' and 'original_height'")
        return (x, y, x + width, y + height), PERCENT
    frame = _side(result, "original_width"), _side(result, "original_height")
    across, down = frame[0] / 100, frame[1] / 100
    corners = x * across, y * down, (x + width) * across, (y + height) * down
    if turned:
        findings.note("turned rectangles replaced by the upright ones around them")
        corners = _around(corners, turned)
    return corners, frame


def _side(result: Mapping[str, Any], name: str) -> float:
    side = number(result.get(name), name)
    if side < 1:
        raise DataError(f"{name} {quote(result.get(name))} is smaller than 1")
    return side


def _around(corners: Corners, degrees: float) -> Corners:
    """The upright rectangle around one turned clockwise about its upper left corner."""
    x0, y0, x1, y1 = corners
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    right, low = x1 - x0, y1 - y0
    offsets = [(0.0, 0.0), (right, 0.0), (0.0, low), (right, low)]
    across = [x0 + x * cos - y * sin for x, y in offsets]
    down = [y0 + x * sin + y * cos for x, y in offsets]
    return min(across), min(down), max(across), max(down)
