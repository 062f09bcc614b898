"""Files of filled-in forms: every kind says the same, and nothing in them runs."""

from __future__ import annotations

import csv
import io
import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import asdict, fields
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netgloss.answers.forms import FORM_FORMATS, FormRow, stream_forms, write_forms
from netgloss.errors import DataError

PAGE = Path(__file__).resolve().parents[2] / "docs" / "answers.md"

# Surrogates are in no file, and the page's texts have none.
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=30)
rows = st.builds(
    FormRow,
    person=st.just("person-1"),
    task=st.just("annotate"),
    batch=st.none() | st.integers(1, 2**31 - 1),
    form=st.just("sus"),
    question=st.just("sus_01"),
    asked=words,
    value=st.none() | st.integers(0, 20).map(lambda half: half / 2),
    words=words,
    filled_at=st.datetimes(datetime(1999, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)).map(
        lambda moment: moment.replace(microsecond=0)
    ),
)


def whole(kind: str, said: list[FormRow]) -> bytes:
    return b"".join(stream_forms(kind, said))


@settings(max_examples=40, deadline=None)
@given(st.lists(rows, max_size=5))
def test_every_kind_of_file_gives_the_rows_back(said: list[FormRow]) -> None:
    assert [
        FormRow(**{**one, "filled_at": datetime.fromisoformat(one["filled_at"])})
        for one in json.loads(whole("json", said))
    ] == said
    table = pq.read_table(io.BytesIO(whole("parquet", said)))
    assert [FormRow(**one) for one in table.to_pylist()] == said
    text = whole("csv", said).decode()
    cells = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [one["batch"] for one in cells] == [str(row.batch or "") for row in said]
    assert [one["value"] and float(one["value"]) for one in cells] == [
        "" if row.value is None else row.value for row in said
    ]
    assert not any(one["words"].startswith(("=", "+", "-", "@", "\t")) for one in cells)


def test_a_file_is_made_while_the_rows_come() -> None:
    drawn = 0
    sent = datetime(2026, 1, 1, tzinfo=UTC)

    def endless() -> Iterator[FormRow]:
        nonlocal drawn
        while True:
            drawn += 1
            # Nothing that could be packed: the first part comes after few rows.
            said = secrets.token_hex(100)
            yield FormRow("person-1", "annotate", 1, "sus", "remark", "", None, said, sent)

    for kind in FORM_FORMATS:
        before = drawn
        assert next(stream_forms(kind, endless()))
        assert drawn - before <= 10_000


def test_an_unknown_kind_is_refused_and_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="'coco' is no kind of file for forms; there are csv"):
        write_forms("coco", [], tmp_path / "forms")
    assert list(tmp_path.iterdir()) == []


def test_the_page_shows_the_file_as_it_is() -> None:
    section = PAGE.read_text(encoding="utf-8").split("## Forms from the web app\n")[1]
    (example,) = re.findall(r"```csv\n(.*?)```", section.split("\n## ")[0], re.DOTALL)
    shown = list(csv.DictReader(io.StringIO(example)))
    assert list(shown[0]) == [field.name for field in fields(FormRow)]
    said = [
        FormRow(
            **{
                **one,
                "batch": int(one["batch"]),
                "value": float(one["value"]) if one["value"] else None,
                "filled_at": datetime.fromisoformat(one["filled_at"]),
            }
        )
        for one in shown
    ]
    assert whole("csv", said).decode() == example
    assert asdict(said[1])["question"] == "remark"
