from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from netgloss.answers.fitting import Imported
from netgloss.answers.format import Box
from netgloss.answers.label_studio import read_label_studio
from netgloss.errors import DataError

IMAGES = pd.DataFrame({"image": ["sea/cat.png", "dog.png"]}).assign(width=200, height=100)


def region(kind: str, name: str = "label", key: str = "r1", **value: Any) -> dict[str, Any]:
    """A result as Label Studio writes it: 10 % to 60 % across, 20 % to 70 % down."""
    return {
        "id": key,
        "from_name": name,
        "to_name": "image",
        "type": kind,
        "original_width": 200,
        "original_height": 100,
        "image_rotation": 0,
        "value": {"x": 10, "y": 20, "width": 50, "height": 50, "rotation": 0, **value},
    }


def annotation(*results: Any, **more: Any) -> dict[str, Any]:
    return {"id": 5, "completed_by": 7, "lead_time": 4.5, "result": list(results), **more}


def task(*annotations: Any, image: str = "/data/upload/3/1a2b3c4d-cat.png") -> dict[str, Any]:
    return {"id": 31, "data": {"image": image}, "annotations": list(annotations)}


def read(tmp_path: Path, *tasks: Any, **options: Any) -> Imported:
    path = tmp_path / "export.json"
    path.write_text(json.dumps(tasks), encoding="utf-8")
    return read_label_studio(path, IMAGES, **options)


def test_a_labelled_rectangle(tmp_path: Path) -> None:
    ear = region("rectanglelabels", rectanglelabels=["ear"])
    (answer,) = read(tmp_path, task(annotation(ear))).answers
    assert (answer.person, answer.image, answer.seconds) == ("7", "sea/cat.png", 4.5)
    assert answer.source == "export.json"
    assert answer.boxes == (Box("ear", (), 20, 20, 120, 70),)


@pytest.mark.parametrize(
    "parts",
    [
        [("rectanglelabels", "label", {"rectanglelabels": ["ear"]})],
        [("rectangle", "box", {}), ("labels", "label", {"labels": ["ear"]})],
        [("rectangle", "box", {}), ("textarea", "type", {"text": ["ear"]})],
        [("rectangle", "box", {}), ("textarea", "Type", {"text": "ear"})],
        [
            ("rectanglelabels", "label", {"rectanglelabels": ["Region"]}),
            ("textarea", "type", {"text": ["ear"]}),
        ],
    ],
)
@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("textarea", {"text": ["pink, soft"]}),
        ("textarea", {"text": ["pink", "soft"]}),
        ("choices", {"choices": ["pink", "soft"]}),
        ("taxonomy", {"taxonomy": [["colour", "pink"], ["soft"]]}),
    ],
)
def test_every_documented_way_to_give_type_and_attributes(
    tmp_path: Path, parts: list[tuple[str, str, dict[str, Any]]], kind: str, value: dict[str, Any]
) -> None:
    results = [region(form, name, **fields) for form, name, fields in parts]
    results.append(region(kind, "attributes", **value))
    (answer,) = read(tmp_path, task(annotation(*results))).answers
    assert answer.boxes == (Box("ear", ("pink", "soft"), 20, 20, 120, 70),)


def test_two_labels_on_one_rectangle_are_two_things(tmp_path: Path) -> None:
    both = region("rectanglelabels", rectanglelabels=["ear", "fur"])
    (answer,) = read(tmp_path, task(annotation(both))).answers
    assert [box.type for box in answer.boxes] == ["ear", "fur"]


def test_words_about_the_whole_image_have_no_box(tmp_path: Path) -> None:
    words = {"id": "w", "from_name": "type", "type": "textarea", "value": {"text": ["sky"]}}
    (answer,) = read(tmp_path, task(annotation(words))).answers
    assert answer.boxes == (Box("sky"),)


def test_nothing_recognisable_is_an_answer_and_a_cancelled_one_is_none(tmp_path: Path) -> None:
    imported = read(tmp_path, task(annotation(), annotation(was_cancelled=True)))
    assert [answer.boxes for answer in imported.answers] == [()]
    assert imported.notes == ("cancelled annotations left out: 1",)


def test_people_of_one_task_are_told_apart(tmp_path: Path) -> None:
    people = [7, {"id": 8, "email": "x@example.org"}, {"email": "y@example.org"}]
    imported = read(tmp_path, task(*(annotation(completed_by=person) for person in people)))
    assert [answer.person for answer in imported.answers] == ["7", "8", "y@example.org"]
    assert len({answer.answer for answer in imported.answers}) == 3


def test_a_copy_half_as_large_gives_the_same_box(tmp_path: Path) -> None:
    result = region("rectanglelabels", rectanglelabels=["ear"])
    result |= {"original_width": 100, "original_height": 50}
    (answer,) = read(tmp_path, task(annotation(result))).answers
    assert answer.boxes == (Box("ear", (), 20, 20, 120, 70),)


def test_old_exports_without_the_original_size(tmp_path: Path) -> None:
    result = region("rectanglelabels", rectanglelabels=["ear"])
    del result["original_width"], result["original_height"]
    (answer,) = read(tmp_path, task(annotation(result))).answers
    assert answer.boxes == (Box("ear", (), 20, 20, 120, 70),)


def test_another_shape_of_image_is_refused(tmp_path: Path) -> None:
    result = region("rectanglelabels", rectanglelabels=["ear"]) | {"original_height": 200}
    with pytest.raises(DataError, match="has 200 x 200 pixels, the study says 200 x 100"):
        read(tmp_path, task(annotation(result)))


def test_a_quarter_turn_swaps_the_sides(tmp_path: Path) -> None:
    # Clockwise about the upper left corner (100, 20): 40 wide and 30 high become 30 and 40.
    turned = region("rectangle", x=50, y=20, width=20, height=30, rotation=90)
    words = region("textarea", "type", text=["ear"])
    imported = read(tmp_path, task(annotation(turned, words)))
    assert imported.answers[0].boxes == (Box("ear", (), 70, 20, 100, 60),)
    assert imported.notes == ("turned rectangles replaced by the upright ones around them: 1",)


def test_other_shapes_and_relations_are_left_out(tmp_path: Path) -> None:
    polygon = region("polygonlabels", polygonlabels=["ear"], points=[[0, 0], [1, 1], [1, 0]])
    relation = {"type": "relation", "from_id": "r1", "to_id": "r2"}
    stray = {"id": "q", "from_name": "quality", "type": "choices", "value": {"choices": ["good"]}}
    imported = read(tmp_path, task(annotation(polygon, relation, stray)))
    assert imported.answers[0].boxes == ()
    assert set(imported.notes) == {
        "regions of type polygonlabels left out: 1",
        "results named neither type nor attributes left out: 1",
    }


@pytest.mark.parametrize(
    "image",
    ["/data/local-files/?d=photos/sea/cat.png", "https://host.example/sea/cat.png", "cat"],
)
def test_images_go_by_the_names_that_label_studio_gives_them(tmp_path: Path, image: str) -> None:
    (answer,) = read(tmp_path, task(annotation(), image=image)).answers
    assert answer.image == "sea/cat.png"


def test_the_image_may_stand_under_another_name(tmp_path: Path) -> None:
    data = {"id": 1, "data": {"picture": "dog.png", "note": 3}, "annotations": [annotation()]}
    assert read(tmp_path, data).answers[0].image == "dog.png"


def test_unknown_images_can_be_left_out(tmp_path: Path) -> None:
    tasks = [task(annotation(), image="fox.png"), task(annotation())]
    with pytest.raises(DataError, match=r"not in the study: 'fox\.png' .*--skip-unknown"):
        read(tmp_path, *tasks)
    assert len(read(tmp_path, *tasks, skip_unknown=True).answers) == 1


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ({"id": 1, "data": {}, "ear": []}, "task 1: no list 'annotations'; .* not as JSON-MIN"),
        (3, "task 1: no list 'annotations'"),
        ({"id": 1, "data": {"n": 3}, "annotations": []}, "task 1: its data name no image"),
        (task(3), "task 31, annotation 1: 3 is not a JSON object"),
        (task({"id": 1, "completed_by": 3}), "no list 'result'"),
        (task(annotation(completed_by=None)), "completed_by is empty"),
        (task(annotation(lead_time=-1)), "lead_time -1 is smaller than 0"),
        (task(annotation(3)), "annotation 1, result 1: 3 is not a JSON object"),
        (task(annotation({"id": "a"})), "result 1: no object 'value'"),
        (task(annotation(region("rectangle", x="a"))), "region 'r1': x 'a' is not a number"),
        (task(annotation(region("rectangle", width=-5))), "width -5 is smaller than 0"),
        (task(annotation(region("rectangle", width=95))), "lies outside its image"),
        (task(annotation(region("labels", labels=[["a"]]))), "label .* is not a text"),
        (
            task(annotation(region("rectangle") | {"original_width": 0})),
            "original_width 0 is smaller than 1",
        ),
        (
            task(annotation(region("rectangle") | {"image_rotation": 90})),
            "its image was turned in Label Studio",
        ),
    ],
)
def test_malformed_exports_are_refused_with_their_place(
    tmp_path: Path, broken: Any, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        read(tmp_path, broken)


def test_what_is_no_export_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    for content, message in [
        ("{}", "a list of tasks was expected"),
        ("[" * 100_000, "nested too deeply"),
        ("[1e", "not valid JSON"),
        ('[{"x": Infinity}]', "Infinity is not a number"),
    ]:
        path.write_text(content, encoding="utf-8")
        with pytest.raises(DataError, match=message):
            read_label_studio(path, IMAGES)
    with pytest.raises(DataError, match="cannot be read"):
        read_label_studio(tmp_path / "missing.json", IMAGES)


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


def test_an_export_with_any_part_damaged_is_read_or_refused_in_words(tmp_path: Path) -> None:
    own = {"answer": "a", "person": "ann", "task": "annotate", "source": "batch.csv"}
    fields = [
        region("rectanglelabels", rectanglelabels=["ear"]),
        region("textarea", "attributes", text=["pink"]),
        region("taxonomy", "attributes", taxonomy=[["colour", "grey"]]),
    ]
    for data in damaged(task(annotation(*fields, netgloss=own, unique_id="u"))):
        assert outcome(tmp_path, data).startswith(("Imported(", str(tmp_path)))
