from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netgloss.errors import DataError
from netgloss.store.tables import write_csv
from netgloss.words.edits import EDITED, detect_edits, read_vocabulary
from netgloss.words.normalise import as_typed
from netgloss.words.options import PRESETS
from netgloss.words.vocabulary import build_vocabulary

COLUMNS = ["raw", "kind", "concept", "step", "count"]
ROWS = [
    ("lobster_claw", "type", "lobster_claw", "as typed", 9),
    ("claw", "type", "claw", "as typed", 3),
    ("red", "attribute", "red", "as typed", 4),
]


def _write(path: Path, rows: list[tuple[str, str, str, str, int]]) -> Path:
    write_csv(pd.DataFrame(rows, columns=COLUMNS), path)
    return path


def _listed(frame: pd.DataFrame) -> list[list[str]]:
    return [list(map(str, row)) for row in frame.to_numpy().tolist()]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text(max_size=10), min_size=1, max_size=5))
def test_any_vocabulary_comes_back_from_its_file(
    tmp_path_factory: pytest.TempPathFactory, typed: list[str]
) -> None:
    raws = sorted({as_typed(text) for text in typed} - {""}) or ["claw"]
    frame = pd.DataFrame({"raw": [*raws, "fin"], "kind": "type", "count": 1, "people": 1})
    built = build_vocabulary(frame.drop_duplicates("raw"), PRESETS["default"]).frame
    path = tmp_path_factory.mktemp("study") / "vocabulary.csv"
    write_csv(built, path)
    assert _listed(read_vocabulary(path)) == _listed(built)
    assert detect_edits(path, path).empty


def test_a_changed_concept_is_an_edit_in_the_form_of_a_concept_name(tmp_path: Path) -> None:
    before = _write(tmp_path / "before.csv", ROWS)
    after = _write(
        tmp_path / "after.csv", [ROWS[0], (*ROWS[1][:2], "Lobster-Claw", "x", 3), ROWS[2]]
    )
    assert _listed(detect_edits(after, before)) == [["claw", "type", "lobster_claw"]]


def test_an_emptied_an_added_and_a_formerly_edited_row_are_edits(tmp_path: Path) -> None:
    before = _write(tmp_path / "before.csv", [*ROWS, ("fin", "type", "wing", EDITED, 1)])
    rows = [
        (*ROWS[0][:2], "", "as typed", 9),
        ("gill", "type", "gill", "", 0),
        ("fin", "type", "wing", EDITED, 1),
    ]
    after = _write(tmp_path / "after.csv", rows)
    found = _listed(detect_edits(after, before))
    assert found == [
        ["lobster_claw", "type", ""],
        ["gill", "type", "gill"],
        ["fin", "type", "wing"],
    ]


def test_without_a_copy_only_marked_rows_are_edits(tmp_path: Path) -> None:
    path = _write(tmp_path / "now.csv", [*ROWS, ("fin", "type", "wing", EDITED, 1)])
    assert _listed(detect_edits(path, tmp_path / "gone.csv")) == [["fin", "type", "wing"]]
    assert detect_edits(tmp_path / "gone.csv", path).empty


def test_an_edit_lasts_over_reruns(tmp_path: Path) -> None:
    typed = pd.DataFrame(
        [("lobster_claw", "type", 9, 2), ("pincer", "type", 2, 1), ("red", "attribute", 3, 1)],
        columns=["raw", "kind", "count", "people"],
    )
    current, last = tmp_path / "vocabulary.csv", tmp_path / "last.csv"
    first = build_vocabulary(typed, PRESETS["default"]).frame
    write_csv(first, last)
    write_csv(first.assign(concept=["lobster_claw", "Lobster claw", "red"]), current)
    for _ in range(3):
        edits = detect_edits(current, last)
        frame = build_vocabulary(typed, PRESETS["default"], edits=edits).frame
        assert frame[["concept", "step"]].to_numpy().tolist() == [
            ["lobster_claw", "as typed"],
            ["lobster_claw", EDITED],
            ["red", "as typed"],
        ]
        write_csv(frame, last)
        write_csv(frame, current)


def test_an_edit_of_a_term_that_nobody_types_now_waits_for_it() -> None:
    typed = pd.DataFrame([("claw", "type", 1, 1)], columns=["raw", "kind", "count", "people"])
    edits = pd.DataFrame([("pincer", "type", "claw")], columns=["raw", "kind", "concept"])
    frame = build_vocabulary(typed, PRESETS["default"], edits=edits).frame
    assert frame.to_numpy().tolist()[1] == ["pincer", "type", "claw", EDITED, 0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("raw,concept\na,b\n", "line 1 lacks the column 'kind'"),
        ("raw,kind,concept\na,noun,b\n", "line 2 has the kind 'noun'; write type or attribute"),
        ("raw,kind,concept\n,type,b\n", "line 2 has no raw term"),
        ("raw,kind,concept,count\na,type,b,many\n", "line 2 has the count 'many'"),
        ("raw,kind,concept\na,type,b\na,type,c\n", "line 3 .* but line 2 gives it 'b'"),
    ],
)
def test_a_broken_vocabulary_is_refused_with_its_line(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "vocabulary.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_vocabulary(path)


def test_a_vocabulary_saved_by_a_spreadsheet_is_read(tmp_path: Path) -> None:
    path = tmp_path / "vocabulary.csv"
    path.write_bytes("﻿raw,kind,concept\r\nétoile, Type ,Étoile\r\n".encode())
    assert _listed(read_vocabulary(path)) == [["étoile", "type", "étoile", "", "0"]]
