from __future__ import annotations

import pytest

from netgloss.answers.format import Answer, Box, to_tables
from netgloss.answers.trust import Filtering, filter_answers, summary
from netgloss.errors import DataError


def answer(name: str, person: str, seconds: float | None, *boxes: Box) -> Answer:
    return Answer(name, "annotate", person, f"{name}.png", seconds, "test", boxes)


DRAWN = Box("claw", ("big", "red"), 0, 0, 1, 1)
ANSWERS = [
    answer("1", "ann", 5.0, DRAWN, DRAWN, Box("sea", ("red",))),
    answer("2", "ann", 4.9, Box("", ("big",), 0, 0, 2, 2)),
    answer("3", "bob", 1.0, Box("sea")),
    answer("4", "cy", None),
]


def test_fast_answers_go_with_their_terms_and_untimed_ones_stay() -> None:
    answers, terms, report = filter_answers(*to_tables(ANSWERS), min_seconds=5)
    assert answers["answer"].tolist() == ["1", "4"]
    assert set(terms["answer"]) == {"1"}
    assert report == Filtering(kept=2, too_fast=2, untimed=1, people=1)


def test_no_minimum_keeps_everything() -> None:
    tables = to_tables(ANSWERS)
    answers, terms, report = filter_answers(*tables)
    assert answers.equals(tables[0])
    assert terms.equals(tables[1])
    assert report == Filtering(kept=4, too_fast=0, untimed=1, people=0)


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf")])
def test_a_senseless_minimum_is_refused(seconds: float) -> None:
    with pytest.raises(DataError, match="min_seconds"):
        filter_answers(*to_tables(ANSWERS), min_seconds=seconds)


def test_the_summary_counts_what_was_said() -> None:
    assert summary(*to_tables(ANSWERS)) == {
        "people": 3,
        "images": 4,
        "answers": 4,
        "boxes": 3,
        "types": 4,
        "distinct_types": 2,
        "attributes": 6,
        "distinct_attributes": 2,
        "median_seconds": 4.9,
        "without_boxes": 2,
        "empty": 1,
    }


def test_the_summary_of_nothing_is_zero() -> None:
    found = summary(*to_tables([]))
    assert found.pop("median_seconds") is None
    assert set(found.values()) == {0}
