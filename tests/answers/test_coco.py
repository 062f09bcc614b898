from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from netgloss.answers.coco import attribute_names, read_coco
from netgloss.answers.fitting import Imported
from netgloss.answers.format import Box
from netgloss.errors import DataError

IMAGES = pd.DataFrame({"image": ["sea/cat.png", "dog.png"]}).assign(width=200, height=100)


def coco(*annotations: dict[str, Any], **parts: Any) -> dict[str, Any]:
    return {
        "images": [
            {"id": 1, "file_name": "cat.png", "width": 200, "height": 100},
            {"id": 2, "file_name": "dog.png"},
        ],
        "categories": [{"id": 1, "name": "ear"}, {"id": 2, "name": "fur"}],
        "annotations": list(annotations),
        **parts,
    }


def one(**changes: Any) -> dict[str, Any]:
    return {"id": 1, "image_id": 1, "category_id": 1, "bbox": [10, 20, 30, 40], **changes}


def read(tmp_path: Path, data: Any, **options: Any) -> Imported:
    path = tmp_path / "instances.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return read_coco(path, IMAGES, **options)


def test_annotations_of_one_image_are_one_answer(tmp_path: Path) -> None:
    data = coco(one(), one(id=2, image_id=2), one(id=3, category_id=2, bbox=[0, 0, 1.5, 2]))
    cat, dog = read(tmp_path, data).answers
    assert (cat.person, cat.image, cat.seconds, cat.task) == (
        "coco",
        "sea/cat.png",
        None,
        "annotate",
    )
    assert cat.boxes == (Box("ear", (), 10, 20, 40, 60), Box("fur", (), 0, 0, 1.5, 2))
    assert dog.boxes == (Box("ear", (), 10, 20, 40, 60),)


def test_people_and_their_time_are_told_apart(tmp_path: Path) -> None:
    data = coco(one(person="ann", seconds=4), one(annotator=0), one(person="ann", seconds=4.0))
    ann, zero = read(tmp_path, data).answers
    assert (ann.person, ann.seconds, len(ann.boxes)) == ("ann", 4.0, 2)
    assert (zero.person, zero.seconds, len(zero.boxes)) == ("0", None, 1)


@pytest.mark.parametrize(
    ("written", "names"),
    [
        (None, ()),
        ({"soft": True, "pink": True, "wet": False}, ("soft", "pink")),
        ({"colour": "pink", "size": "", "rotation": 12.5, "age": 3}, ("pink",)),
        ({"occluded": True, "track_id": "9"}, ()),
        (["soft", "", "a, b"], ("soft", "a, b")),
        ("soft, pink", ("soft", "pink")),
    ],
)
def test_every_way_to_write_attributes(
    tmp_path: Path, written: Any, names: tuple[str, ...]
) -> None:
    assert attribute_names(written) == names
    assert read(tmp_path, coco(one(attributes=written))).answers[0].boxes[0].attributes == names


def test_boxes_on_a_copy_of_another_size_are_scaled(tmp_path: Path) -> None:
    data = coco(one())
    data["images"][0] |= {"width": 400, "height": 200}
    assert read(tmp_path, data).answers[0].boxes == (Box("ear", (), 5, 10, 20, 30),)


def test_records_of_answers_keep_what_coco_has_no_place_for(tmp_path: Path) -> None:
    record = {
        "id": "abc",
        "image_id": 1,
        "person": "ann",
        "task": "annotate",
        "source": "batch.csv",
        "seconds": 8,
        "unplaced": [{"box": 0, "type": "sky", "attributes": ["blue"]}],
    }
    empty = {"id": "def", "image_id": 2, "person": "bob"}
    data = coco(one(answer="abc", box=1), answers=[record, empty])
    first, second = read(tmp_path, data).answers
    assert (first.answer, first.person, first.source, first.seconds) == (
        "abc",
        "ann",
        "batch.csv",
        8,
    )
    assert first.boxes == (Box("sky", ("blue",)), Box("ear", (), 10, 20, 40, 60))
    assert (second.answer, second.boxes) == ("def", ())


def test_unknown_images_can_be_left_out(tmp_path: Path) -> None:
    data = coco(one(), one(image_id=3), images=[*coco()["images"], {"id": 3, "file_name": "x.png"}])
    with pytest.raises(DataError, match=r"not in the study: 'x\.png'"):
        read(tmp_path, data)
    imported = read(tmp_path, data, skip_unknown=True)
    assert len(imported.answers) == 1
    assert imported.notes == ("answers left out, their images are not in the study: 1",)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "no list 'images'; a COCO file"),
        ({"images": []}, "no list 'annotations'"),
        (coco(3), "annotation 1: 3 is not a JSON object"),
        (coco(one(image_id=9)), "annotation 1: image_id 9 is not among the images"),
        (coco(one(image_id=None)), "image_id is empty"),
        (coco(one(category_id=9)), "category_id 9 is not among the categories"),
        (coco(one(bbox=[1, 2, 3])), r"bbox \[1, 2, 3\] is not a list of x, y, width, height"),
        (coco(one(bbox=[1, 2, -3, 4])), "width -3 is smaller than 0"),
        (coco(one(bbox=[1, 2, "x", 4])), "width 'x' is not a number"),
        (coco(one(bbox=[150, 2, 60, 4])), "lies outside its image of 200 x 100"),
        (coco(one(attributes=3)), "attributes 3 are neither an object nor a list"),
        (coco(one(person=" ")), "person is empty"),
        (coco(one(seconds=1), one(seconds=2)), "gives two seconds, 1.0 and 2.0"),
        (coco(one(), images=[{"id": 1}]), "its image has no 'file_name'"),
        (coco(one(), images=[{"file_name": "cat.png"}]), "image 1: id is empty"),
        (coco(answers=[{"id": "a", "image_id": 1}]), "answer 1: person is empty"),
        (
            coco(one(answer="a"), answers=[{"id": "a", "image_id": 2, "person": "ann"}]),
            "answer 'a' is about another image",
        ),
        (
            coco(answers=[{"id": "a", "image_id": 2, "person": "ann", "unplaced": 3}]),
            "unplaced 3 is not a list",
        ),
    ],
)
def test_malformed_files_are_refused_with_their_place(
    tmp_path: Path, data: Any, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        read(tmp_path, data)


JUNK = [None, True, -1, 1e308, "", "x", [], {}, [3], {"x": [None]}]


def damaged(value: Any) -> Iterator[Any]:
    """Every copy of a JSON value in which one part is replaced by junk."""
    yield from JUNK
    parts = dict(enumerate(value)) if isinstance(value, list) else value
    for key, part in parts.items() if isinstance(parts, dict) else ():
        for other in damaged(part):
            copy = value.copy()
            copy[key] = other
            yield copy


def outcome(tmp_path: Path, data: Any) -> str:
    try:
        return str(read(tmp_path, data))
    except DataError as error:
        return str(error)


def test_a_file_with_any_part_damaged_is_read_or_refused_in_words(tmp_path: Path) -> None:
    record = {"id": "a", "image_id": 1, "person": "ann", "unplaced": [{"box": 0, "type": "sky"}]}
    whole = coco(one(attributes=["a"], seconds=1, answer="a", box=1), answers=[record])
    for data in damaged(whole):
        assert outcome(tmp_path, data).startswith(("Imported(", str(tmp_path)))
