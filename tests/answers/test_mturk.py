from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from netgloss.answers.format import Answer, Box, merge_answers, read_answers, to_tables
from netgloss.answers.mturk import read_mturk
from netgloss.answers.trust import summary
from netgloss.errors import DataError

IMAGES = pd.DataFrame({"image": [f"sea/{count}.jpg" for count in range(10)]}).assign(
    width=100, height=80
)
URL = "https://host.example/photos/{}.jpg"


def drawn(
    left: Any, top: Any, width: Any, height: Any, kind: Any, words: Any = ""
) -> dict[str, Any]:
    return {
        "left": left,
        "top": top,
        "width": width,
        "height": height,
        "object_label": kind,
        "attributes_label": words,
    }


def row(boxes: Any, image: str = "0", **cells: str) -> dict[str, str]:
    return {
        "AssignmentId": "A1",
        "WorkerId": "W1",
        "AssignmentStatus": "Approved",
        "WorkTimeInSeconds": "30",
        "Input.heatmap_url_of_image": URL.format(image + "_heatmap"),
        "Input.original_image_url": URL.format(image),
        "Answer.annotation_data": boxes if isinstance(boxes, str) else json.dumps(boxes),
        **cells,
    }


def write(path: Path, *rows: dict[str, str], encoding: str = "utf-8", end: str = "\r\n") -> Path:
    with path.open("w", newline="", encoding=encoding) as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator=end)
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_the_published_study_is_read_whole(seca_fish: Path, tmp_path: Path) -> None:
    names = sorted(path.stem for path in (seca_fish / "images").rglob("*.JPEG"))
    images = pd.DataFrame({"image": [f"{name}.JPEG" for name in names]}).assign(
        width=299, height=299
    )
    imported = read_mturk(seca_fish / "annotations_output.csv", images)
    answers, terms = to_tables(imported.answers)
    found = summary(answers, terms)
    assert (found["answers"], found["people"], found["boxes"]) == (300, 2, 1616)
    assert (found["images"], found["distinct_types"], found["without_boxes"]) == (300, 97, 0)
    merge_answers(tmp_path, imported.answers)
    assert merge_answers(tmp_path, imported.answers).unchanged == 300
    assert len(read_answers(tmp_path)[1]) == 1616


def test_the_published_study_agrees_with_a_reading_by_hand(seca_fish: Path) -> None:
    names = sorted(path.name for path in (seca_fish / "images").rglob("*.JPEG"))
    images = pd.DataFrame({"image": names}).assign(width=299, height=299)
    path = seca_fish / "annotations_output.csv"
    found = read_mturk(path, images).answers
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for answer, source in zip(found, rows, strict=True):
        assert answer.image == source["Input.original_image_url"].split("/")[-1]
        assert answer.person == source["WorkerId"]
        assert answer.seconds == int(source["WorkTimeInSeconds"])
        boxes = json.loads(source["Answer.annotation_data"])
        assert [box.type for box in answer.boxes] == [box["object_label"] for box in boxes]
        assert [box.corners for box in answer.boxes] == [
            (b["left"], b["top"], b["left"] + b["width"], b["top"] + b["height"]) for b in boxes
        ]
        assert [", ".join(box.attributes) for box in answer.boxes] == [
            ", ".join(word.strip() for word in b["attributes_label"].split(",")) for b in boxes
        ]


def test_one_image_a_task(tmp_path: Path) -> None:
    path = write(tmp_path / "batch.csv", row([drawn(1, 2, 10, 20, "claw", " big,, red ")], "3"))
    (answer,) = read_mturk(path, IMAGES).answers
    assert answer == Answer(
        answer=answer.answer,
        task="annotate",
        person="W1",
        image="sea/3.jpg",
        seconds=30.0,
        source="batch.csv",
        boxes=(Box("claw", ("big", "red"), 1, 2, 11, 22),),
    )


@pytest.mark.parametrize("name", ["original_image_url{}", "image_url_{}", "image{}_url", "image{}"])
@pytest.mark.parametrize("answer", ["annotation_data{}", "annotation_data_{}"])
def test_ten_images_a_task_share_the_time(tmp_path: Path, name: str, answer: str) -> None:
    cells = {"AssignmentId": "A1", "WorkerId": "W1", "WorkTimeInSeconds": "60"}
    order = list(range(10))
    for count in order[::-1]:
        cells[f"Input.{name}".format(count)] = URL.format(9 - count)
    for count in order:
        boxes = [drawn(count, 0, 5, 5, f"kind {count}")] if count != 4 else []
        cells[f"Answer.{answer}".format(count)] = json.dumps(boxes)
    found = read_mturk(write(tmp_path / "batch.csv", cells), IMAGES).answers
    assert [a.image for a in found] == [f"sea/{9 - count}.jpg" for count in order]
    assert [a.boxes[0].type if a.boxes else "" for a in found] == [
        f"kind {count}" if count != 4 else "" for count in order
    ]
    assert {a.seconds for a in found} == {6.0}
    assert len({a.answer for a in found}) == 10


def test_images_left_blank_get_no_answer_and_no_time(tmp_path: Path) -> None:
    cells = {"WorkerId": "W1", "WorkTimeInSeconds": "60"}
    for count in range(3):
        cells[f"Input.image_url{count}"] = URL.format(count)
        cells[f"Answer.annotation_data{count}"] = "[]" if count else ""
    imported = read_mturk(write(tmp_path / "batch.csv", cells), IMAGES)
    assert [(a.image, a.seconds) for a in imported.answers] == [
        ("sea/1.jpg", 30.0),
        ("sea/2.jpg", 30.0),
    ]
    assert imported.notes == ("images without an answer left out: 1",)


def test_numbers_that_do_not_pair_up_are_refused(tmp_path: Path) -> None:
    cells = {"WorkerId": "W1"}
    for count in range(3):
        cells[f"Input.image_url{count + 1}"] = URL.format(count)
        cells[f"Answer.annotation_data{count}"] = "[]"
    with pytest.raises(DataError, match=r"'Answer\.annotation_data0' has no 'Input\.' column"):
        read_mturk(write(tmp_path / "batch.csv", cells), IMAGES)


def test_rejected_assignments_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = [row("not even JSON", AssignmentStatus="Rejected"), row([], AssignmentId="A2")]
    imported = read_mturk(write(tmp_path / "batch.csv", *rows), IMAGES)
    assert len(imported.answers) == 1
    assert imported.notes == ("rejected assignments left out: 1",)


def test_the_address_of_the_heat_map_is_no_rival_to_that_of_the_image(tmp_path: Path) -> None:
    path = write(
        tmp_path / "batch.csv",
        row([], "2", **{"Input.heatmap_url_of_image": "https://host.example/overlays/2.jpg"}),
    )
    assert read_mturk(path, IMAGES).answers[0].image == "sea/2.jpg"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_spreadsheets_save_is_read(tmp_path: Path, encoding: str, end: str) -> None:
    boxes = json.dumps([drawn(1, 2, 3, 4, "Flüsschen", "blau, groß")], ensure_ascii=False, indent=1)
    path = write(tmp_path / "batch.csv", row(boxes), encoding=encoding, end=end)
    (answer,) = read_mturk(path, IMAGES).answers
    assert answer.boxes == (Box("Flüsschen", ("blau", "groß"), 1, 2, 4, 6),)


MALFORMED = [
    ("[{", "not valid JSON"),
    ("{}", "not a JSON list"),
    ("[" * 100_000, "nested too deeply"),
    ('["claw"]', "line 2, box 1: 'claw' is not a JSON object"),
    ([{"left": 1}], "'top', 'width', 'height', 'object_label' missing"),
    ('[{"left": NaN}]', "NaN is not a number"),
    ([drawn("x", 0, 1, 1, "a")], "left 'x' is not a number"),
    ([drawn(True, 0, 1, 1, "a")], "left True is not a number"),
    ([drawn("1e999", 0, 1, 1, "a")], "left '1e999' is not a finite number"),
    ([drawn(0, 0, -1, 1, "a")], "width -1 is smaller than 0"),
    ([drawn(0, 0, 103, 1, "a")], r"\(0, 0\) to \(103, 1\) lies outside its image of 100 x 80"),
    ([drawn(-3, 0, 9, 1, "a")], "lies outside"),
    ([drawn(0, 0, 1, 1, ["a"])], "object_label .* is not a text"),
]


@pytest.mark.parametrize(("boxes", "message"), MALFORMED)
def test_malformed_boxes_are_refused_with_their_place(
    tmp_path: Path, boxes: Any, message: str
) -> None:
    with pytest.raises(DataError, match=message) as refused:
        read_mturk(write(tmp_path / "batch.csv", row(boxes)), IMAGES)
    assert "line 2" in str(refused.value)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"WorkerId": "  "}, "line 2: WorkerId is empty"),
        ({"WorkTimeInSeconds": "soon"}, "line 2: WorkTimeInSeconds 'soon' is not a number"),
        ({"WorkTimeInSeconds": "-1"}, "line 2: WorkTimeInSeconds '-1' is smaller than 0"),
        ({"Input.original_image_url": URL.format("x")}, "not in the study: '.*x.jpg'"),
    ],
)
def test_malformed_assignments_are_refused(
    tmp_path: Path, cells: dict[str, str], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        read_mturk(write(tmp_path / "batch.csv", row([], **cells)), IMAGES)


@pytest.mark.parametrize("column", ["WorkerId", "Answer.annotation_data"])
def test_a_missing_column_is_named(tmp_path: Path, column: str) -> None:
    cells = row([])
    del cells[column]
    with pytest.raises(DataError, match=f"{column}.*missing"):
        read_mturk(write(tmp_path / "batch.csv", cells), IMAGES)


def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    rows = [row("[", AssignmentId=f"A{count}") for count in range(13)]
    with pytest.raises(DataError, match=r"nothing was imported; .*line 2: .*line 11: .*and 3 more"):
        read_mturk(write(tmp_path / "batch.csv", *rows), IMAGES)


def test_a_box_may_reach_two_pixels_over_the_edge(tmp_path: Path) -> None:
    path = write(tmp_path / "batch.csv", row([drawn(-2, -1, 104, 83, "all")]))
    imported = read_mturk(path, IMAGES)
    assert imported.answers[0].boxes == (Box("all", (), 0, 0, 100, 80),)
    assert imported.notes == ("boxes cut at the edge of their image, at most 2 pixels: 1",)


def test_a_box_without_area_keeps_its_words(tmp_path: Path) -> None:
    boxes = [drawn(5, 5, 0, 9, "claw", "red"), drawn(5, 5, 0, 0, ""), drawn(101, 5, 1, 9, "sea")]
    imported = read_mturk(write(tmp_path / "batch.csv", row(boxes)), IMAGES)
    assert imported.answers[0].boxes == (Box("claw", ("red",)), Box("sea"))
    assert "boxes without area: their words are kept, their place is not: 3" in imported.notes


def test_unknown_images_can_be_left_out(tmp_path: Path) -> None:
    rows = [row([], "77"), row([drawn(0, 0, 1, 1, "claw")], "1", AssignmentId="A2")]
    imported = read_mturk(write(tmp_path / "batch.csv", *rows), IMAGES, skip_unknown=True)
    assert [answer.image for answer in imported.answers] == ["sea/1.jpg"]
    assert imported.notes == ("answers left out, their images are not in the study: 1",)


def test_a_row_given_twice_counts_once_unless_it_differs(tmp_path: Path) -> None:
    same = [row([drawn(0, 0, 1, 1, "claw")])] * 2
    imported = read_mturk(write(tmp_path / "batch.csv", *same), IMAGES)
    assert len(imported.answers) == 1
    assert imported.notes == ("repeated answers left out: 1",)
    with pytest.raises(DataError, match=r"line 3: .* stands already at line 2 and differs"):
        read_mturk(write(tmp_path / "batch.csv", same[0], row([])), IMAGES)


def test_half_an_emoji_does_not_stop_an_import(tmp_path: Path) -> None:
    path = write(tmp_path / "batch.csv", row('[{"left":0,"top":0,"width":1,"height":1,'
                 '"object_label":"claw \\ud83e\\u0000"}]'))  # fmt: skip
    (answer,) = read_mturk(path, IMAGES).answers
    assert answer.boxes[0].type == "claw \ufffd\ufffd"
    merge_answers(tmp_path, [answer])


def test_a_batch_without_assignments_is_said_to_be_empty(tmp_path: Path) -> None:
    path = tmp_path / "batch.csv"
    path.write_text("WorkerId,Answer.annotation_data\n", encoding="utf-8")
    assert read_mturk(path, IMAGES).notes == ("the file holds no assignment",)
