from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netgloss.answers import format as answer_format
from netgloss.answers.format import (
    Answer,
    Box,
    Merge,
    answer_id,
    from_tables,
    merge_answers,
    read_answers,
    to_tables,
)
from netgloss.errors import DataError, StudyError


def make(name: str, *boxes: Box, seconds: float | None = 9.0) -> Answer:
    return Answer(name, "annotate", "ann", f"{name}.png", seconds, "test", boxes)


OLD = [
    make("one", Box("claw", ("big", "red"), 1, 2, 3, 4), Box("sea")),
    make("two", Box("fin", (), 0, 0, 9, 9)),
]
CHANGED = replace(OLD[0], seconds=11.0, boxes=(Box("pincer", ("blue",), 5, 5, 8, 8),))
NEW = [CHANGED, make("three", seconds=None)]
EXPECTED = {CHANGED, OLD[1], NEW[1]}


def stored(study: Path) -> set[Answer]:
    return set(from_tables(*read_answers(study)))


@pytest.mark.parametrize(
    "corners",
    [(1, 2, 3, None), (1, 2, 1, 4), (3, 2, 1, 4), (0, 0, float("nan"), 4), (0, 0, 0.0001, 4)],
)
def test_a_box_without_an_area_is_refused(corners: tuple[float | None, ...]) -> None:
    with pytest.raises(DataError, match="box"):
        Box("claw", (), *corners)


def test_a_box_that_says_nothing_is_refused() -> None:
    with pytest.raises(DataError, match="none"):
        Box("")


def test_coordinates_are_kept_to_a_thousandth_of_a_pixel() -> None:
    assert Box("claw", (), -0.0001, 1 / 3, 2 / 3, 1) == Box("claw", (), 0, 0.333, 0.667, 1)


def test_identifiers_depend_on_every_part_and_on_nothing_else() -> None:
    assert answer_id("csv", "ann", "cat.png", 1) == answer_id("csv", "ann", "cat.png", "1")
    assert len({answer_id("a", "b/c"), answer_id("a/b", "c"), answer_id("a", "b", "c")}) == 3


def test_a_study_without_answers_has_empty_tables_of_the_right_kinds(tmp_path: Path) -> None:
    answers, terms = read_answers(tmp_path)
    assert list(answers) == ["answer", "task", "person", "image", "seconds", "source"]
    assert list(terms) == ["answer", "box", "type", "attributes", "x0", "y0", "x1", "y1"]
    assert len(answers) == len(terms) == 0
    assert str(terms["box"].dtype) == "Int32"
    assert merge_answers(tmp_path, []) == Merge(0, 0, 0)


def test_the_tables_have_the_documented_columns_and_types(tmp_path: Path) -> None:
    merge_answers(tmp_path, [make("empty", seconds=None)])
    before = pd.read_parquet(tmp_path / "answers" / "terms.parquet", dtype_backend="pyarrow")
    merge_answers(tmp_path, OLD)
    after = pd.read_parquet(tmp_path / "answers" / "terms.parquet", dtype_backend="pyarrow")
    assert list(before.dtypes) == list(after.dtypes)
    _, terms = read_answers(tmp_path)
    assert terms["attributes"].tolist() == [["big", "red"], [], []]
    assert terms["box"].tolist() == [0, 1, 0]
    assert terms["x0"].isna().tolist() == [False, True, False]


BOXES = st.builds(
    lambda kind, attributes, corner, size, drawn: Box(
        kind,
        tuple(attributes),
        *((corner, corner, corner + size, corner + size) if drawn else ()),
    ),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
    st.lists(st.text(st.characters(exclude_categories=["Cs"]))),
    st.floats(0, 1e6),
    st.floats(0.01, 1e6),
    st.booleans(),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(BOXES, max_size=3), max_size=4))
def test_tables_and_objects_hold_the_same(said: list[list[Box]]) -> None:
    answers = tuple(make(str(count), *boxes) for count, boxes in enumerate(said))
    assert from_tables(*to_tables(answers)) == answers


def test_importing_again_changes_nothing_on_disk(tmp_path: Path) -> None:
    assert merge_answers(tmp_path, OLD) == Merge(2, 0, 0)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "answers").iterdir()}
    assert merge_answers(tmp_path, from_tables(*read_answers(tmp_path))) == Merge(0, 0, 2)
    renamed = [replace(answer, source="annotations (1).csv") for answer in OLD]
    assert merge_answers(tmp_path, renamed) == Merge(0, 0, 2)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "answers").iterdir()} == before


def test_new_answers_are_added_and_changed_ones_replaced(tmp_path: Path) -> None:
    merge_answers(tmp_path, OLD)
    assert merge_answers(tmp_path, [*NEW, OLD[1]]) == Merge(1, 1, 1)
    assert stored(tmp_path) == EXPECTED
    on_disk = pd.read_parquet(tmp_path / "answers" / "terms.parquet")
    assert sorted(on_disk["type"]) == ["fin", "pincer"]
    assert merge_answers(tmp_path, OLD) == Merge(0, 1, 1)
    assert stored(tmp_path) == {*OLD, NEW[1]}


def test_of_two_versions_in_one_import_the_last_counts(tmp_path: Path) -> None:
    assert merge_answers(tmp_path, [OLD[0], CHANGED]) == Merge(1, 0, 0)
    assert stored(tmp_path) == {CHANGED}


def test_answers_are_taken_out_with_their_terms(tmp_path: Path) -> None:
    merge_answers(tmp_path, OLD)
    assert merge_answers(tmp_path, [], without=["one", "never there"]) == Merge(0, 0, 0, 1)
    assert stored(tmp_path) == {OLD[1]}
    assert pd.read_parquet(tmp_path / "answers" / "terms.parquet")["answer"].tolist() == ["two"]
    assert merge_answers(tmp_path, [CHANGED], without=["one", "two"]) == Merge(1, 0, 0, 1)
    assert stored(tmp_path) == {CHANGED}


KILLED_MERGE = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_answer_format import NEW
from netgloss.answers.format import merge_answers

left, swap = int(sys.argv[3]), Path.replace

def dying(self, target):
    global left
    left -= 1
    if left < 0:
        os._exit(9)
    return swap(self, target)

Path.replace = dying
merge_answers(Path(sys.argv[2]), NEW)
"""


@pytest.mark.parametrize("renames", [0, 1, 2, 3])
def test_a_process_killed_between_files_leaves_the_old_answers_or_the_new(
    tmp_path: Path, renames: int
) -> None:
    merge_answers(tmp_path, OLD)
    arguments = [str(Path(__file__).parent), str(tmp_path), str(renames)]
    command = [sys.executable, "-c", KILLED_MERGE, *arguments]
    assert subprocess.run(command, check=False).returncode == (0 if renames == 3 else 9)
    assert stored(tmp_path) == (set(OLD) if renames < 2 else EXPECTED)
    merge_answers(tmp_path, NEW)
    assert stored(tmp_path) == EXPECTED


@pytest.mark.parametrize("failing", ["terms", "answers"])
def test_a_full_disk_keeps_what_was_there(
    tmp_path: Path, failing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    merge_answers(tmp_path, OLD)
    whole = pd.DataFrame.to_parquet

    def full(frame: pd.DataFrame, path: Path, **options: object) -> None:
        whole(frame, path, **options)
        if ("box" in frame) == (failing == "terms"):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", full)
    with pytest.raises(StudyError, match="disk is full"):
        merge_answers(tmp_path, NEW)
    assert stored(tmp_path) == set(OLD)
    monkeypatch.undo()
    assert merge_answers(tmp_path, NEW) == Merge(1, 1, 0)
    assert stored(tmp_path) == EXPECTED


def test_a_reader_that_a_writer_overtakes_reads_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    merge_answers(tmp_path, OLD)
    plain, overtaken = answer_format._read, []

    def read(study: Path, name: str) -> pd.DataFrame:
        if name == "terms" and not overtaken:
            overtaken.append(True)
            merge_answers(study, NEW)
        return plain(study, name)

    monkeypatch.setattr(answer_format, "_read", read)
    assert stored(tmp_path) == EXPECTED


def test_a_second_writer_is_told_to_wait(tmp_path: Path) -> None:
    from netgloss.store.locks import writing

    with writing(tmp_path, "answers"), pytest.raises(StudyError, match="another process"):
        merge_answers(tmp_path, OLD)
