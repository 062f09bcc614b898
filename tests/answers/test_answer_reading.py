from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netgloss.answers.reading import (
    Findings,
    agreed,
    clean_text,
    join_attributes,
    number,
    parse_json,
    split_attributes,
    text,
)
from netgloss.errors import DataError

TYPED = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@settings(deadline=None)
@given(st.lists(TYPED.filter(str.strip)))
def test_joined_attributes_come_apart_again(attributes: list[str]) -> None:
    assert split_attributes(join_attributes(attributes)) == tuple(attributes)


@settings(deadline=None)
@given(TYPED)
def test_no_attribute_is_blank(cell: str) -> None:
    assert all(attribute.strip() for attribute in split_attributes(cell))


def test_simple_attributes_are_written_simply() -> None:
    assert join_attributes(["big", "red"]) == "big, red"
    assert join_attributes([" big"]) == '[" big"]'
    assert split_attributes("[1, 2]") == ("[1", "2]")


@settings(deadline=None)
@given(st.text(st.characters()))
def test_cleaned_texts_can_be_written_and_stay_as_they_are(value: str) -> None:
    cleaned = clean_text(value)
    cleaned.encode("utf-8")
    assert "\0" not in cleaned
    assert clean_text(cleaned) == cleaned
    if not any(character == "\0" or "\ud800" <= character <= "\udfff" for character in value):
        assert cleaned == value


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53))
def test_numbers_are_read_from_numbers_and_texts(value: float) -> None:
    assert number(value, "x") == number(f" {value!r} ", "x") == value


@pytest.mark.parametrize(
    "value", [None, True, [1], "", "x", "1_0", "0x1", math.nan, "-inf", 10**400, {}]
)
def test_what_is_no_number_is_quoted(value: object) -> None:
    with pytest.raises(DataError, match=r"width .* is not a"):
        number(value, "width")


def test_texts_are_told_from_lists_and_truth_values() -> None:
    assert text(None, "type") == ""
    assert text(3, "person", needed=True) == "3"
    for value in (True, [], {}):
        with pytest.raises(DataError, match="is not a text"):
            text(value, "type")


def test_the_parts_of_an_answer_must_agree() -> None:
    assert agreed([None, 3, "", 3], "seconds") == 3
    assert agreed([None, ""], "seconds") is None
    with pytest.raises(DataError, match="two seconds, 3 and 4"):
        agreed([3, 4], "seconds")


def outcome(raw: str | bytes) -> str:
    try:
        parse_json(raw)
    except DataError as error:
        return str(error)
    return "JSON"


@settings(deadline=None)
@given(st.text(max_size=30) | st.binary(max_size=30))
def test_any_json_is_read_or_refused_in_words(raw: str | bytes) -> None:
    assert "JSON" in outcome(raw)


def test_findings_list_ten_problems_and_count_the_rest() -> None:
    findings = Findings(Path("batch.csv"))
    findings.check()
    for line in range(12):
        with findings.at(f"line {line}"):
            raise DataError("broken")
    with pytest.raises(DataError, match="line 9: broken; and 2 more; mend the file"):
        findings.check()
