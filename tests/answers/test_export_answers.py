from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netgloss.answers.export import FORMATS, export_answers, stream_answers, write_answers
from netgloss.answers.format import Answer, Box, Merge, merge_answers
from netgloss.answers.readers import READERS, read_file
from netgloss.errors import DataError, StudyError

IMAGES = pd.DataFrame({"image": ["a/1.png", "a/2.png", "=b, c.png"]}).assign(
    width=pd.array([640, 333, 57], dtype="Int32"), height=pd.array([480, 777, 91], dtype="Int32")
)
SIZES = {row.image: (row.width, row.height) for row in IMAGES.itertuples()}

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
AWKWARD = st.sampled_from(
    ["=1+1", "'=1", "''-x", "a,b", "a;b", '"', "[x]", '["x"]', "\r", "\u2028", " x ", "occluded"]
)
NAMES = st.text(st.characters(exclude_categories=["C"]), min_size=1).map(str.strip).filter(bool)


@st.composite
def boxes(draw: st.DrawFn, width: int, height: int) -> Box:
    attributes = draw(st.lists((WORDS | AWKWARD).filter(str.strip), max_size=3))
    corners: list[float] = []
    if draw(st.booleans()):
        x0, y0 = (draw(st.integers(0, side * 1000 - 1)) for side in (width, height))
        x1 = draw(st.integers(x0 + 1, width * 1000))
        y1 = draw(st.integers(y0 + 1, height * 1000))
        corners = [corner / 1000 for corner in (x0, y0, x1, y1)]
    kind = draw(WORDS | AWKWARD)
    if not kind and not attributes and not corners:
        kind = "x"
    return Box(kind, tuple(attributes), *corners)


@st.composite
def answer_lists(draw: st.DrawFn) -> list[Answer]:
    names = draw(st.lists(st.uuids().map(str), unique=True, min_size=1, max_size=4))
    answers = []
    for name in names:
        image = draw(st.sampled_from(sorted(SIZES)))
        answers.append(
            Answer(
                answer=name,
                task=draw(st.sampled_from(["annotate", "name"])),
                person=draw(NAMES),
                image=image,
                seconds=draw(st.none() | st.floats(0, 1e9)),
                source=draw(NAMES | st.just("batch.csv")),
                boxes=tuple(draw(st.lists(boxes(*SIZES[image]), max_size=3))),
            )
        )
    return answers


@pytest.mark.parametrize("kind", FORMATS)
@settings(deadline=None, max_examples=40)
@given(answers=answer_lists())
def test_what_was_exported_is_imported_as_it_was(kind: str, answers: list[Answer]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        write_answers(kind, answers, path, IMAGES)
        imported = READERS[kind](path, IMAGES)
    found = {answer.answer: answer for answer in imported.answers}
    assert found == {answer.answer: answer for answer in answers}
    assert imported.notes == ()


SAID = [
    Answer(
        "1", "annotate", "ann", "a/1.png", 9.5, "x", (Box("=claw", ("1,5 m", "big"), 1, 2, 3, 4),)
    ),
    Answer("2", "annotate", "bob", "a/1.png", None, "x", (Box("sea"),)),
    Answer("3", "annotate", "ann", "a/2.png", 3.0, "x", ()),
]


@pytest.mark.parametrize("kind", FORMATS)
def test_importing_an_export_leaves_the_study_as_it_is(tmp_path: Path, kind: str) -> None:
    merge_answers(tmp_path, SAID)
    assert export_answers(tmp_path, kind, tmp_path / "out", IMAGES) == 3
    imported = read_file(kind, tmp_path / "out", IMAGES)
    assert merge_answers(tmp_path, imported.answers) == Merge(0, 0, 3)


def test_the_csv_holds_nothing_that_a_spreadsheet_runs(tmp_path: Path) -> None:
    write_answers("csv", SAID, tmp_path / "out.csv", IMAGES)
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["type"] == "'=claw"
    assert rows[0]["attributes"] == '["1,5 m", "big"]'
    assert rows[0]["box"] == "1 2 3 4"
    assert not [cell for row in rows for cell in row.values() if cell.startswith(tuple("=+-@"))]


def test_coco_is_what_its_tools_expect(tmp_path: Path) -> None:
    write_answers("coco", SAID, tmp_path / "out.json", IMAGES)
    data = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert data["images"][0] == {"id": 1, "file_name": "a/1.png", "width": 640, "height": 480}
    assert data["categories"] == [{"id": 1, "name": "=claw"}]
    (annotation,) = data["annotations"]
    assert annotation["bbox"] == [1, 2, 2, 2]
    assert annotation["area"] == 4
    assert annotation["attributes"] == {"1,5 m": True, "big": True}


def test_label_studio_boxes_are_in_percent(tmp_path: Path) -> None:
    write_answers("label-studio", SAID, tmp_path / "out.json", IMAGES)
    first, second = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    rectangle, kind, attributes = first["annotations"][0]["result"]
    assert rectangle["value"]["x"] == pytest.approx(100 / 640)
    assert rectangle["value"]["height"] == pytest.approx(200 / 480)
    assert (rectangle["id"], rectangle["original_width"]) == (kind["id"], 640)
    assert attributes["value"]["text"] == ['["1,5 m"]', "big"]
    assert [len(task["annotations"]) for task in (first, second)] == [2, 1]


def test_label_studio_has_a_task_an_image_however_the_answers_lie(tmp_path: Path) -> None:
    merge_answers(tmp_path, [SAID[0], SAID[2], SAID[1]])
    export_answers(tmp_path, "label-studio", tmp_path / "out.json", IMAGES)
    tasks = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert [task["data"]["image"] for task in tasks] == ["a/1.png", "a/2.png"]
    numbers = [annotation["id"] for task in tasks for annotation in task["annotations"]]
    assert numbers == [1, 2, 3]


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_is_sent_while_its_answers_come(kind: str) -> None:
    """Nothing of the size of all answers is waited for: parts come long before the last answer."""
    taken, before_the_last = 0, 0
    count = 12_000

    def coming() -> Iterator[Answer]:
        nonlocal taken
        for taken in range(1, count + 1):
            # Digests, so that Parquet cannot press everything into a single part.
            name = sha256(str(taken).encode()).hexdigest()
            yield replace(SAID[0], answer=name, image=f"a/{taken % 2 + 1}.png")

    parts = []
    for part in stream_answers(kind, coming(), IMAGES):
        parts.append(len(part))
        before_the_last += taken < count
    assert taken == count
    assert before_the_last > 0
    assert len(parts) > 1


def test_label_studio_needs_the_size_of_an_image(tmp_path: Path) -> None:
    unknown = IMAGES.assign(width=pd.array([None, 1, 1], dtype="Int32"))
    with pytest.raises(DataError, match=r"size of image 'a/1\.png' is not known"):
        write_answers("label-studio", SAID, tmp_path / "out.json", unknown)
    assert not (tmp_path / "out.json").exists()


def test_an_unknown_kind_or_an_unanswered_study_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="no answers yet"):
        export_answers(tmp_path, "csv", tmp_path / "out", IMAGES)
    with pytest.raises(
        DataError, match="'voc' is no kind of export; there are csv, json, parquet, coco"
    ):
        export_answers(tmp_path, "voc", tmp_path / "out", IMAGES)
    with pytest.raises(DataError, match="'voc' is no kind of import; there are mturk"):
        read_file("voc", tmp_path / "out", IMAGES)


def test_every_export_can_be_imported() -> None:
    assert set(FORMATS) <= set(READERS)
