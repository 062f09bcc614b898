"""Reads answers from COCO JSON: categories are types, ``attributes`` are attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from netgloss.answers.fitting import Corners, Draft, Imported, Region, Size, finish
from netgloss.answers.reading import (
    Findings,
    agreed,
    clean_text,
    number,
    quote,
    read_json,
    split_attributes,
    text,
)
from netgloss.errors import DataError
from netgloss.progress import Tracker, untracked

__all__ = ["attribute_names", "read_coco"]

_CVAT = {"occluded", "outside", "keyframe", "rotation", "track_id"}

Entry = Mapping[str, Any]
_Key = tuple[str, ...]


@dataclass
class _Group:
    """What belongs to one answer: its own record, if the file has one, and its annotations."""

    image: Entry
    person: str
    where: str
    record: Entry = field(default_factory=dict)
    parts: list[tuple[float, Region]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def read_coco(
    path: Path,
    images: pd.DataFrame,
    *,
    skip_unknown: bool = False,
    track: Tracker = untracked,
) -> Imported:
    """The answers of a COCO file; annotations of one person on one image are one answer.

    The person stands in an annotation's ``person`` or ``annotator`` (else ``coco``), the time
    in ``seconds``. ``attributes`` are an object, as CVAT writes it, or a list of texts. Files
    that Netgloss exported also list their ``answers``, so that those without boxes survive.

    Args:
        path: The JSON file.
        images: The study's images: ``image``, ``width``, ``height``.
        skip_unknown: Leave out answers about images that the study does not have.
        track: Shows how far the reading is.

    Raises:
        DataError: Anything in the file is malformed; every fault is listed by annotation.
    """
    data = read_json(path)
    findings = Findings(path)
    parts = {name: _entries(path, data, name) for name in ("images", "annotations", "categories")}
    pictures = _by_id(parts["images"], "image", findings)
    categories = _by_id(parts["categories"], "category", findings)
    groups: dict[_Key, _Group] = {}
    for count, record in enumerate(_entries(path, data, "answers", needed=False), start=1):
        with findings.at(f"answer {count}"):
            _open_group(record, pictures, groups, f"answer {count}")
    annotations = parts["annotations"]
    track_all = track(annotations, total=len(annotations), what="reading annotations")
    for count, entry in enumerate(track_all, start=1):
        where = f"annotation {count}"
        with findings.at(where):
            _add_annotation(entry, pictures, categories, groups, where)
    drafts = []
    for group in groups.values():
        with findings.at(group.where):
            drafts.append(_draft(group))
    return finish(drafts, images, findings, skip_unknown=skip_unknown)


def attribute_names(value: Any) -> tuple[str, ...]:
    """The attributes of an annotation, whichever way its program writes them.

    In an object, a name with the value true is an attribute, and so is a value that is a text
    (``{"colour": "orange"}``); false, numbers and CVAT's own marks such as ``occluded`` are not.

    Example:
        >>> attribute_names({"shiny": True, "colour": "orange", "big": False, "occluded": True})
        ('shiny', 'orange')
        >>> attribute_names(["1,5 m", "big"]), attribute_names("orange, big")
        (('1,5 m', 'big'), ('orange', 'big'))
    """
    if value is None:
        return ()
    if isinstance(value, str):
        return split_attributes(clean_text(value))
    if isinstance(value, list):
        texts = [text(item, "attribute") for item in value]
    elif isinstance(value, dict):
        texts = [
            clean_text(name if mark is True else mark)
            for name, mark in value.items()
            if name not in _CVAT and (mark is True or isinstance(mark, str))
        ]
    else:
        raise DataError(f"attributes {quote(value)} are neither an object nor a list")
    return tuple(item for item in texts if item.strip())


def _entries(path: Path, data: Any, name: str, *, needed: bool = True) -> Sequence[Any]:
    entries = data.get(name, None if needed else []) if isinstance(data, dict) else None
    if not isinstance(entries, list):
        raise DataError(f"{path}: no list '{name}'; a COCO file of object detections was expected")
    return entries


def _by_id(entries: Sequence[Any], what: str, findings: Findings) -> dict[str, Entry]:
    found = {}
    for count, entry in enumerate(entries, start=1):
        with findings.at(f"{what} {count}"):
            found[_id(_object(entry), "id")] = entry
    return found


def _object(entry: Any) -> Entry:
    if not isinstance(entry, dict):
        raise DataError(f"{quote(entry)} is not a JSON object")
    return entry


def _id(entry: Entry, name: str) -> str:
    return text(entry.get(name), name, needed=True)


def _picture(entry: Entry, pictures: Mapping[str, Entry]) -> Entry:
    name = _id(entry, "image_id")
    if name not in pictures:
        raise DataError(f"image_id {quote(entry['image_id'])} is not among the images")
    return pictures[name]


def _open_group(
    record: Any, pictures: Mapping[str, Entry], groups: dict[_Key, _Group], where: str
) -> None:
    """Starts the answer of one record, with the things said that have no place."""
    image = _picture(_object(record), pictures)
    group = _Group(image, text(record.get("person"), "person", needed=True), where, record)
    if record.get("seconds") is not None:
        group.seconds.append(number(record["seconds"], "seconds", least=0))
    unplaced = record.get("unplaced", [])
    if not isinstance(unplaced, list):
        raise DataError(f"unplaced {quote(unplaced)} is not a list")
    for entry in unplaced:
        kind = text(_object(entry).get("type"), "type")
        names = attribute_names(entry.get("attributes"))
        order = number(entry.get("box", len(group.parts)), "box")
        group.parts.append((order, Region(where, kind, names, None)))
    groups["answer", _id(record, "id")] = group


def _add_annotation(
    entry: Any,
    pictures: Mapping[str, Entry],
    categories: Mapping[str, Entry],
    groups: dict[_Key, _Group],
    where: str,
) -> None:
    image = _picture(_object(entry), pictures)
    category = categories.get(_id(entry, "category_id"))
    if category is None:
        raise DataError(f"category_id {quote(entry['category_id'])} is not among the categories")
    region = Region(
        where=where,
        type=text(category.get("name"), "name of the category"),
        attributes=attribute_names(entry.get("attributes")),
        corners=_corners(entry),
        frame=_frame(image),
    )
    group = _group_of(entry, image, groups, where)
    group.parts.append((number(entry.get("box", len(group.parts)), "box"), region))
    if entry.get("seconds") is not None:
        group.seconds.append(number(entry["seconds"], "seconds", least=0))


def _group_of(entry: Entry, image: Entry, groups: dict[_Key, _Group], where: str) -> _Group:
    """The answer an annotation belongs to: its record's, else that of its person and image."""
    recorded = groups.get(("answer", str(entry.get("answer"))))
    if recorded is not None:
        if recorded.image is not image:
            raise DataError(f"answer {quote(entry['answer'])} is about another image")
        return recorded
    names = [entry[name] for name in ("person", "annotator") if entry.get(name) is not None]
    person = text(names[0] if names else "coco", "person", needed=True)
    return groups.setdefault((_id(entry, "image_id"), person), _Group(image, person, where))


def _corners(entry: Entry) -> Corners:
    bbox = entry.get("bbox")
    if not isinstance(bbox, list) or len(bbox) != 4:
        raise DataError(f"bbox {quote(bbox)} is not a list of x, y, width, height")
    x, y = number(bbox[0], "x"), number(bbox[1], "y")
    return x, y, x + number(bbox[2], "width", least=0), y + number(bbox[3], "height", least=0)


def _frame(image: Entry) -> Size | None:
    if image.get("width") is None or image.get("height") is None:
        return None
    return number(image["width"], "width", least=1), number(image["height"], "height", least=1)


def _draft(group: _Group) -> Draft:
    named = [group.image.get(name) for name in ("file_name", "coco_url", "flickr_url")]
    names = tuple(clean_text(name) for name in named if isinstance(name, str) and name.strip())
    if not names:
        raise DataError("its image has no 'file_name'")
    record = group.record
    ordered = sorted(group.parts, key=lambda part: part[0])
    return Draft(
        where=group.where,
        names=names,
        person=group.person,
        seconds=agreed(group.seconds, "seconds"),
        regions=tuple(region for _, region in ordered),
        key=("coco", group.person),
        answer=text(record.get("id"), "id"),
        task=text(record.get("task"), "task") or "annotate",
        source=text(record.get("source"), "source"),
    )
