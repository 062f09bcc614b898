"""Questionnaires against their published scoring and SciPy's intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from netgloss.errors import DataError, OptionError
from netgloss.evaluation.questionnaires import (
    NASA_TLX,
    QUESTIONNAIRES,
    SECA_DIFFICULTY,
    SUS,
    Questionnaire,
    questionnaire,
)
from netgloss.evaluation.scores import cronbach_alpha, score, summarise


def filled(which: Questionnaire, *people: list[float | None]) -> pd.DataFrame:
    rows = [
        (person, item, value)
        for person, values in enumerate(people)
        for item, value in zip(which.names, values, strict=True)
    ]
    return pd.DataFrame(rows, columns=["person", "item", "value"])


def scores(which: Questionnaire, *people: list[float | None], **options: Any) -> list[float]:
    return score(which, filled(which, *people), **options).people["score"].tolist()


def test_the_questionnaires_are_the_published_ones() -> None:
    assert [len(one.items) for one in QUESTIONNAIRES.values()] == [10, 6, 4]
    assert [item.is_reversed for item in SUS.items] == [False, True] * 5
    assert not any(item.is_reversed for item in (*NASA_TLX.items, *SECA_DIFFICULTY.items))
    assert (NASA_TLX.items[3].low, NASA_TLX.items[3].high) == ("perfectly", "I failed")
    assert len(NASA_TLX.values) == 21
    assert SECA_DIFFICULTY.values == (1, 2, 3, 4, 5)
    for one in QUESTIONNAIRES.values():
        assert len(set(one.names)) == len({item.text for item in one.items}) == len(one.items)
        assert questionnaire(one.name) is one


def test_sus_runs_from_0_over_50_to_100() -> None:
    assert scores(SUS, [5, 1] * 5, [3] * 10, [1, 5] * 5) == [100, 50, 0]


@settings(max_examples=50)
@given(st.lists(st.integers(1, 5), min_size=10, max_size=10))
def test_sus_equals_its_published_rule(values: list[int]) -> None:
    odd = sum(value - 1 for value in values[0::2])
    even = sum(5 - value for value in values[1::2])
    assert scores(SUS, values) == pytest.approx([2.5 * (odd + even)])


@settings(max_examples=50)
@given(st.lists(st.integers(0, 20), min_size=6, max_size=6))
def test_raw_tlx_is_ten_times_the_mean(halves: list[int]) -> None:
    values = [half / 2 for half in halves]
    assert scores(NASA_TLX, values) == pytest.approx([10 * np.mean(values)])


def test_difficulty_is_the_mean_and_each_item_has_its_own() -> None:
    found = score(SECA_DIFFICULTY, filled(SECA_DIFFICULTY, [4, 3, 3, 4], [2, 3, 5, None]))
    assert found.people["score"].tolist() == [3.5, 3.25]
    assert found.items["mean"].tolist() == [3, 3, 4, 4]
    assert found.items["n"].tolist() == [2, 2, 2, 1]


def test_an_item_left_out_counts_as_the_middle_and_is_reported() -> None:
    gaps = [[5, 1] * 4 + [5, None], [5, 1] * 5]
    found = score(SUS, filled(SUS, *gaps))
    assert found.people["score"].tolist() == [95, 100]
    assert (found.people["missing"].tolist(), found.imputed, found.dropped) == ([1, 0], 1, 0)
    rows = filled(SUS, *gaps).dropna()
    pd.testing.assert_frame_equal(score(SUS, rows).people, found.people)
    strict = score(SUS, rows, missing="drop")
    assert strict.people["score"].to_dict() == {1: 100}
    assert (strict.imputed, strict.dropped, strict.summary.n) == (0, 1, 1)
    assert strict.items["n"].tolist() == [1] * 10


def test_the_interval_is_student_s() -> None:
    values = np.random.default_rng(0).normal(70, 12, 23)
    found = summarise(values, 0.9)
    low, high = stats.t(22, values.mean(), stats.sem(values)).interval(0.9)
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-9)
    assert (found.n, found.sd) == (23, pytest.approx(values.std(ddof=1)))


def test_one_person_has_a_mean_and_no_interval() -> None:
    one = score(SUS, filled(SUS, [4] * 10))
    assert one.summary.mean == 50
    assert np.isnan([one.summary.sd, one.summary.low, one.summary.high]).all()
    assert np.isnan(one.cronbach_alpha)
    nobody = score(SUS, filled(SUS))
    assert (nobody.summary.n, len(nobody.people)) == (0, 0)
    assert np.isnan(nobody.summary.mean)


def test_cronbach_s_alpha_follows_from_the_mean_covariance() -> None:
    rng = np.random.default_rng(3)
    items = rng.normal(size=(60, 1)) + rng.normal(size=(60, 7))
    covariance = np.cov(items.T)
    apart = covariance[~np.eye(7, dtype=bool)].mean()
    expected = 7 * apart / (covariance.diagonal().mean() + 6 * apart)
    assert cronbach_alpha(items) == pytest.approx(expected, rel=1e-10)
    assert cronbach_alpha(np.repeat(items[:, :1], 5, axis=1)) == pytest.approx(1)


def test_cronbach_s_alpha_is_undefined_where_all_sums_are_the_same() -> None:
    assert np.isnan(cronbach_alpha(np.array([[0.1, 0.2], [0.2, 0.1], [0.15, 0.15]])))
    assert np.isnan(cronbach_alpha(np.ones((5, 1))))


def test_items_are_turned_before_their_consistency_is_taken() -> None:
    rng = np.random.default_rng(1)
    liking = rng.integers(1, 6, 40)
    people = [[v, 6 - v] * 5 for v in liking.tolist()]
    assert score(SUS, filled(SUS, *people)).cronbach_alpha == pytest.approx(1)
    # Whoever left something out is not part of it.
    with_gap = [*people, [5, None] + [5, 5] * 4]
    assert score(SUS, filled(SUS, *with_gap)).cronbach_alpha == pytest.approx(1)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("a", "sus_11", 3)], "row 0 answers 'sus_11', which is no item of sus"),
        ([("a", "sus_01", 3), ("a", "sus_01", 4)], "row 1 is a second answer of person 'a'"),
        ([("a", "sus_01", 6)], "value 6; sus takes numbers from 1 to 5 in steps of 1"),
        ([("a", "sus_01", 2.5)], "row 0 has the value 2.5"),
        ([("a", "sus_01", "agree")], "row 0 has the value 'agree'"),
        ([(None, "sus_01", 2)], "row 0 has no person"),
    ],
)
def test_what_is_not_on_the_form_is_refused(rows: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        score(SUS, pd.DataFrame(rows, columns=["person", "item", "value"]))


def test_options_that_do_not_exist_are_refused() -> None:
    with pytest.raises(OptionError, match="missing 'mean' is not known"):
        score(SUS, filled(SUS), missing="mean")  # type: ignore[arg-type]  # there is none
    with pytest.raises(OptionError, match="confidence 1"):
        summarise(np.ones(3), 1)
    with pytest.raises(OptionError, match="questionnaire 'susi' is not known"):
        questionnaire("susi")
