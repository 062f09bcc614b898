from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netgloss.errors import DataError, StudyError
from netgloss.store.tables import read_csv_rows, read_table, write_csv, write_table


def test_a_table_comes_back_with_its_lists_and_nulls(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": pd.array([1, None], "Int32"), "words": [["x", "y"], []]})
    write_table(frame, tmp_path / "t.parquet")
    back = read_table(tmp_path / "t.parquet")
    assert back["a"].isna().tolist() == [False, True]
    assert [list(words) for words in back["words"]] == [["x", "y"], []]


@pytest.mark.parametrize("cut", [0, 3, 40, -4])
def test_a_half_written_table_is_named_with_the_way_out(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "t.parquet"
    write_table(pd.DataFrame({"a": range(100)}), path)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(StudyError, match=r"t\.parquet: not a whole Parquet file .*; delete it"):
        read_table(path)


def test_a_missing_column_is_an_error(tmp_path: Path) -> None:
    write_table(pd.DataFrame({"a": [1]}), tmp_path / "t.parquet")
    with pytest.raises(StudyError):
        read_table(tmp_path / "t.parquet", ["b"])


CELLS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=12)


@given(rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5))
def test_any_text_survives_the_way_through_csv(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    write_csv(pd.DataFrame(rows, columns=["one", "two"]), path)
    assert [(row["one"], row["two"]) for row in read_csv_rows(path)] == rows


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_no_spreadsheet_runs_what_people_typed(tmp_path: Path, text: str) -> None:
    write_csv(pd.DataFrame({"word": [text]}), tmp_path / "t.csv")
    written = (tmp_path / "t.csv").read_bytes().decode()
    assert f"'{text}" in written
    assert read_csv_rows(tmp_path / "t.csv")[0]["word"] == text


@pytest.mark.parametrize(
    "raw",
    [
        "name,n\r\nÆble,1\r\n".encode("cp1252"),
        "name,n\nÆble,1\n".encode("utf-8-sig"),
        "name,n\nÆble,1".encode(),
        "name,n\r\nÆble,1\r\n".encode("utf-16"),
    ],
)
def test_every_common_encoding_is_read(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "t.csv").write_bytes(raw)
    assert read_csv_rows(tmp_path / "t.csv") == [{"name": "Æble", "n": "1", "#": "2"}]


def test_a_cell_may_hold_line_breaks(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('name,n\n"two\nlines",1\nx\u2028y,2\n', encoding="utf-8")
    rows = read_csv_rows(tmp_path / "t.csv")
    assert [row["name"] for row in rows] == ["two\nlines", "x\u2028y"]
    assert rows[1]["#"] == "4"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "empty"),
        (b"\x89PNG\x00\x00", "not a text file"),
        (b"a,b\n1,2,3\n", r"line 2 has more cells than the header's 2"),
        (b'a,b\n"1,2\n', "not valid CSV"),
    ],
)
def test_what_is_no_table_is_refused_with_its_place(
    tmp_path: Path, raw: bytes, message: str
) -> None:
    (tmp_path / "t.csv").write_bytes(raw)
    with pytest.raises(DataError, match=message):
        read_csv_rows(tmp_path / "t.csv")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.csv: cannot be read"):
        read_csv_rows(tmp_path / "none.csv")
