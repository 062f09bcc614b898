"""Writes answers as CSV, JSON, Parquet, COCO or Label Studio JSON; reading them gives them back.

Every format is a stream of parts, so that a server sends a file that it never holds as a whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count, groupby
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any

import pandas as pd

from netgloss.answers.coco import attribute_names
from netgloss.answers.fitting import Size, image_sizes
from netgloss.answers.format import Answer, Box, from_tables, read_answers
from netgloss.answers.parts import csv_file, in_blocks, write_parts
from netgloss.answers.plain import COLUMNS
from netgloss.answers.reading import join_attributes, quote
from netgloss.answers.records import json_parts, parquet_parts
from netgloss.errors import DataError, StudyError

__all__ = ["FORMATS", "export_answers", "stream_answers", "write_answers"]

Format = Callable[[Iterable[Answer], pd.DataFrame], Iterator[bytes]]

# COCO's records wait in memory up to this size, then in a temporary file.
_IN_MEMORY = 8 * 2**20


def export_answers(study: Path, kind: str, path: Path, images: pd.DataFrame) -> int:
    """Writes all answers of the study into one file and says how many they are.

    Importing the file gives the same answers: identifiers, words, boxes and times.

    Args:
        study: The study folder.
        kind: A key of :data:`FORMATS`.
        path: The file to write.
        images: The study's images: ``image``, ``width``, ``height``.

    Raises:
        DataError: There is no such kind, or Label Studio needs the size of an image that the
            study does not know.
        StudyError: Nobody has answered yet, or the file cannot be written.
    """
    _require_format(kind)
    answers = from_tables(*read_answers(study))
    if not answers:
        raise StudyError(f"{study}: has no answers yet; import or simulate some first")
    places = {name: place for place, name in enumerate(dict.fromkeys(a.image for a in answers))}
    write_answers(kind, sorted(answers, key=lambda answer: places[answer.image]), path, images)
    return len(answers)


def write_answers(kind: str, answers: Iterable[Answer], path: Path, images: pd.DataFrame) -> None:
    """Writes answers into one file, whole or not at all.

    Args:
        kind: A key of :data:`FORMATS`.
        answers: Those about one image stand together.
        path: The file to write.
        images: The study's images: ``image``, ``width``, ``height``.

    Raises:
        DataError: As :func:`stream_answers`.
        StudyError: The file cannot be written.
    """
    write_parts(stream_answers(kind, answers, images), path)


def stream_answers(kind: str, answers: Iterable[Answer], images: pd.DataFrame) -> Iterator[bytes]:
    """The content of a file in parts, made while the answers come; memory stays the same.

    Args:
        kind: A key of :data:`FORMATS`.
        answers: Those about one image stand together.
        images: The study's images: ``image``, ``width``, ``height``.

    Raises:
        DataError: There is no such kind; while it runs, Label Studio needs the size of an image
            that the study does not know.

    Example:
        >>> fur = Answer("1", "annotate", "ann", "cat.png", 9.0, "paper", (Box("fur"),))
        >>> images = pd.DataFrame({"image": ["cat.png"], "width": [20], "height": [10]})
        >>> print(b"".join(stream_answers("csv", [fur], images)).decode().splitlines()[1])
        cat.png,ann,fur,,,9.0,annotate,1,paper
    """
    _require_format(kind)
    return in_blocks(FORMATS[kind](answers, images))


def _require_format(kind: str) -> None:
    """Checks that there is such a format.

    Raises:
        DataError: There is none.
    """
    if kind not in FORMATS:
        raise DataError(f"{quote(kind)} is no kind of export; there are {', '.join(FORMATS)}")


def _plain(answers: Iterable[Answer], images: pd.DataFrame) -> Iterator[bytes]:  # noqa: ARG001 - one signature for all formats
    """The CSV that :func:`netgloss.answers.plain.read_plain` reads, a row a box."""
    return csv_file(answers, _table)


def _coco(answers: Iterable[Answer], images: pd.DataFrame) -> Iterator[bytes]:
    """COCO JSON; a list ``answers`` beside it holds what COCO has no place for."""
    sizes = image_sizes(images)
    numbers: dict[str, int] = {}
    kinds: dict[str, int] = {}
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as records:
        yield b'{"annotations": ['
        yield from _listed(_coco_annotations(answers, numbers, kinds, records))
        yield b'], "answers": ['
        records.seek(0)
        yield from records
        entries = (_coco_image(name, number, sizes.get(name)) for name, number in numbers.items())
        yield b'], "images": ['
        yield from _listed(entries)
        yield b'], "categories": ['
        yield from _listed({"id": number, "name": name} for name, number in kinds.items())
        yield b"]}\n"


def _coco_annotations(
    answers: Iterable[Answer],
    numbers: dict[str, int],
    kinds: dict[str, int],
    records: SpooledTemporaryFile[bytes],
) -> Iterator[dict[str, Any]]:
    """The annotations; numbers images and types as they come, and puts the records aside."""
    identifiers = count(1)
    for answer in answers:
        number = numbers.setdefault(answer.image, len(numbers) + 1)
        records.write(b",\n" * (records.tell() > 0) + _json(_coco_record(answer, number)))
        for order, box in enumerate(answer.boxes):
            if not box.drawn:
                continue
            yield {
                "id": next(identifiers),
                "image_id": number,
                "category_id": kinds.setdefault(box.type, len(kinds) + 1),
                **_coco_box(box),
                "person": answer.person,
                "answer": answer.answer,
                "box": order,
            }


def _label_studio(answers: Iterable[Answer], images: pd.DataFrame) -> Iterator[bytes]:
    """Label Studio JSON: a task an image, an annotation an answer, free-text fields."""
    yield b"["
    yield from _listed(_label_studio_tasks(answers, image_sizes(images)))
    yield b"]\n"


def _label_studio_tasks(
    answers: Iterable[Answer], sizes: Mapping[str, Size]
) -> Iterator[dict[str, Any]]:
    numbers = count(1)
    by_image = groupby(answers, key=lambda answer: answer.image)
    for number, (image, group) in enumerate(by_image, start=1):
        size = sizes.get(image)
        annotations = [_label_studio_annotation(one, next(numbers), size) for one in group]
        yield {"id": number, "data": {"image": image}, "annotations": annotations}


def _label_studio_annotation(answer: Answer, number: int, size: Size | None) -> dict[str, Any]:
    results = [
        result
        for order, box in enumerate(answer.boxes)
        for result in _label_studio_results(answer.image, f"box-{order}", box, size)
    ]
    return {
        "id": number,
        "was_cancelled": False,
        "lead_time": answer.seconds,
        "result": results,
        "netgloss": _own(answer),
    }


FORMATS: Mapping[str, Format] = {
    "csv": _plain,
    "json": json_parts,
    "parquet": parquet_parts,
    "coco": _coco,
    "label-studio": _label_studio,
}
"""What makes each kind of file: its content in parts, from answers and the study's images."""


def _table(answers: list[Answer]) -> pd.DataFrame:
    rows = [row for answer in answers for row in _rows(answer)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _rows(answer: Answer) -> list[tuple[Any, ...]]:
    """An answer's rows; one with empty words where nothing was recognisable."""
    said = [
        (box.type, join_attributes(box.attributes), " ".join(map(_short, box.corners or ())))
        for box in answer.boxes
    ]
    return [
        (
            answer.image,
            answer.person,
            *words,
            answer.seconds,
            answer.task,
            answer.answer,
            answer.source,
        )
        for words in said or [("", "", "")]
    ]


def _short(value: float) -> str:
    return repr(value).removesuffix(".0")


def _coco_image(name: str, number: int, size: Size | None) -> dict[str, Any]:
    sides = {"width": int(size[0]), "height": int(size[1])} if size else {}
    return {"id": number, "file_name": name, **sides}


def _coco_box(box: Box) -> dict[str, Any]:
    assert box.corners is not None
    x0, y0, x1, y1 = box.corners
    width, height = round(x1 - x0, 3), round(y1 - y0, 3)
    return {
        "bbox": [x0, y0, width, height],
        "area": round(width * height, 3),
        "iscrowd": 0,
        "attributes": _coco_attributes(box),
    }


def _coco_attributes(box: Box) -> dict[str, bool] | list[str]:
    """As CVAT writes them where that can be read back, else a list."""
    marks = dict.fromkeys(box.attributes, True)
    return marks if attribute_names(marks) == box.attributes else list(box.attributes)


def _coco_record(answer: Answer, number: int) -> dict[str, Any]:
    unplaced = [
        {"box": order, "type": box.type, "attributes": list(box.attributes)}
        for order, box in enumerate(answer.boxes)
        if not box.drawn
    ]
    own = _own(answer)
    return {
        "id": own.pop("answer"),
        "image_id": number,
        **own,
        "seconds": answer.seconds,
        "unplaced": unplaced,
    }


def _own(answer: Answer) -> dict[str, str]:
    return {
        "answer": answer.answer,
        "task": answer.task,
        "person": answer.person,
        "source": answer.source,
    }


def _label_studio_results(
    image: str, region: str, box: Box, size: Size | None
) -> list[dict[str, Any]]:
    """The results of one region: its rectangle, if drawn, and its two text fields."""
    place: dict[str, float] = {}
    frame: dict[str, int] = {}
    if box.corners is not None:
        if size is None:
            raise DataError(
                f"the size of image {quote(image)} is not known, and Label Studio wants boxes "
                "in percent; put the image back into the study, or export as csv or coco"
            )
        place, frame = _percent(box.corners, size)
    common = {"id": region, "to_name": "image", **frame}
    results: list[dict[str, Any]] = []
    if place:
        results.append({**common, "from_name": "box", "type": "rectangle", "value": place})
    fields = {"type": [box.type] if box.type else [], "attributes": _fields(box)}
    for name, texts in fields.items():
        if texts:
            value = {**place, "text": texts}
            results.append({**common, "from_name": name, "type": "textarea", "value": value})
    return results


def _fields(box: Box) -> list[str]:
    return [join_attributes([attribute]) for attribute in box.attributes]


def _percent(
    corners: tuple[float, float, float, float], size: Size
) -> tuple[dict[str, float], dict[str, int]]:
    x0, y0, x1, y1 = corners
    across, down = 100 / size[0], 100 / size[1]
    place = {
        "x": x0 * across,
        "y": y0 * down,
        "width": (x1 - x0) * across,
        "height": (y1 - y0) * down,
        "rotation": 0.0,
    }
    return place, {"original_width": int(size[0]), "original_height": int(size[1])}


def _listed(entries: Iterable[Any]) -> Iterator[bytes]:
    """The entries of a JSON list, one a line, without its brackets."""
    for place, entry in enumerate(entries):
        yield (b",\n" if place else b"\n") + _json(entry)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
