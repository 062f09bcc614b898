"""Writes a study's answers as CSV, COCO or Label Studio JSON; reading them gives them back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from netgloss.answers.coco import attribute_names
from netgloss.answers.fitting import Size, image_sizes
from netgloss.answers.format import Answer, Box, from_tables, read_answers
from netgloss.answers.plain import COLUMNS
from netgloss.answers.reading import join_attributes, quote
from netgloss.errors import DataError, StudyError
from netgloss.store.atomic import write_text
from netgloss.store.tables import write_csv

__all__ = ["WRITERS", "export_answers", "write_coco", "write_label_studio", "write_plain"]

Writer = Callable[[Sequence[Answer], Path, pd.DataFrame], None]


def export_answers(study: Path, kind: str, path: Path, images: pd.DataFrame) -> int:
    """Writes all answers of the study into one file and says how many they are.

    Importing the file gives the same answers: identifiers, words, boxes and times.

    Args:
        study: The study folder.
        kind: ``csv``, ``coco`` or ``label-studio``.
        path: The file to write.
        images: The study's images: ``image``, ``width``, ``height``.

    Raises:
        DataError: There is no such kind, or Label Studio needs the size of an image that the
            study does not know.
        StudyError: Nobody has answered yet, or the file cannot be written.
    """
    if kind not in WRITERS:
        raise DataError(f"{quote(kind)} is no kind of export; there are {', '.join(WRITERS)}")
    answers = from_tables(*read_answers(study))
    if not answers:
        raise StudyError(f"{study}: has no answers yet; import or simulate some first")
    WRITERS[kind](answers, path, images)
    return len(answers)


def write_plain(answers: Sequence[Answer], path: Path, images: pd.DataFrame) -> None:  # noqa: ARG001 - one signature for all writers
    """Writes the CSV that :func:`netgloss.answers.plain.read_plain` reads, a row a box."""
    rows = [row for answer in answers for row in _rows(answer)]
    write_csv(pd.DataFrame(rows, columns=list(COLUMNS)), path)


def write_coco(answers: Sequence[Answer], path: Path, images: pd.DataFrame) -> None:
    """Writes COCO JSON; a list ``answers`` beside it holds what COCO has no place for."""
    sizes = image_sizes(images)
    names = list(dict.fromkeys(answer.image for answer in answers))
    numbers = {name: count for count, name in enumerate(names, start=1)}
    drawn = [
        (answer, order, box)
        for answer in answers
        for order, box in enumerate(answer.boxes)
        if box.drawn
    ]
    types = sorted({box.type for _, _, box in drawn})
    kinds = {name: count for count, name in enumerate(types, start=1)}
    annotations = [
        {
            "id": count,
            "image_id": numbers[answer.image],
            "category_id": kinds[box.type],
            **_coco_box(box),
            "person": answer.person,
            "answer": answer.answer,
            "box": order,
        }
        for count, (answer, order, box) in enumerate(drawn, start=1)
    ]
    _write_json(
        path,
        {
            "images": [_coco_image(name, numbers[name], sizes.get(name)) for name in names],
            "categories": [{"id": count, "name": name} for name, count in kinds.items()],
            "annotations": annotations,
            "answers": [_coco_record(answer, numbers) for answer in answers],
        },
    )


def write_label_studio(answers: Sequence[Answer], path: Path, images: pd.DataFrame) -> None:
    """Writes Label Studio JSON: a task an image, an annotation an answer, free-text fields."""
    sizes = image_sizes(images)
    tasks: dict[str, dict[str, Any]] = {}
    for count, answer in enumerate(answers, start=1):
        empty = {"id": len(tasks) + 1, "data": {"image": answer.image}, "annotations": []}
        task = tasks.setdefault(answer.image, empty)
        size = sizes.get(answer.image)
        results = [
            result
            for order, box in enumerate(answer.boxes)
            for result in _label_studio_results(answer.image, f"box-{order}", box, size)
        ]
        task["annotations"].append(
            {
                "id": count,
                "was_cancelled": False,
                "lead_time": answer.seconds,
                "result": results,
                "netgloss": _own(answer),
            }
        )
    _write_json(path, list(tasks.values()))


WRITERS: Mapping[str, Writer] = {
    "csv": write_plain,
    "coco": write_coco,
    "label-studio": write_label_studio,
}
"""The writer of each kind of file."""


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


def _coco_record(answer: Answer, numbers: Mapping[str, int]) -> dict[str, Any]:
    unplaced = [
        {"box": order, "type": box.type, "attributes": list(box.attributes)}
        for order, box in enumerate(answer.boxes)
        if not box.drawn
    ]
    own = _own(answer)
    return {
        "id": own.pop("answer"),
        "image_id": numbers[answer.image],
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


def _write_json(path: Path, value: Any) -> None:
    write_text(path, json.dumps(value, ensure_ascii=False) + "\n")
