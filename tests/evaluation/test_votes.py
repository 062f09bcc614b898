"""Votes and the agreement with all others against loops over people."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netgloss.errors import DataError, OptionError
from netgloss.evaluation.distances import Distance
from netgloss.evaluation.votes import agreement_with_others, vote


def table(rows: list[tuple[Any, Any, Any]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["person", "unit", "value"])


def rows_of(value: st.SearchStrategy[Any]) -> st.SearchStrategy[list[tuple[int, int, Any]]]:
    """Answers of up to six people to up to five units."""
    cells = st.dictionaries(st.tuples(st.integers(0, 5), st.integers(0, 4)), value, min_size=1)
    return cells.map(lambda said: [(p, u, v) for (p, u), v in said.items()])


def slow_majority(own: Any, others: list[Any]) -> float:
    votes = Counter(others)
    best = [value for value, count in votes.items() if count == max(votes.values())]
    return 1 / len(best) if own in best else 0.0


def slow_likeness(own: frozenset[str], others: list[frozenset[str]]) -> float:
    return float(np.mean([len(own & o) / len(own | o) if own | o else 1.0 for o in others]))


COUNTED = st.none() | st.sets(st.integers(0, 5))


@settings(max_examples=60)
@given(rows_of(st.sampled_from("xyz")), COUNTED)
def test_agreement_is_that_with_the_majority_of_everybody_else(
    rows: list[Any], counted: set[int] | None
) -> None:
    check(rows, "nominal", counted, slow_majority)


@settings(max_examples=40)
@given(rows_of(st.frozensets(st.sampled_from("abc"))), COUNTED)
def test_agreement_of_sets_is_the_mean_likeness_to_everybody_else(
    rows: list[Any], counted: set[int] | None
) -> None:
    check(rows, "jaccard", counted, slow_likeness)


def check(rows: list[Any], distance: Distance, counted: set[int] | None, slow: Any) -> None:
    found = agreement_with_others(table(rows), distance, counted)
    counts = set(range(6)) if counted is None else counted
    for person in {p for p, _, _ in rows}:
        alike = []
        for p, unit, value in rows:
            others = [v for q, u, v in rows if u == unit and q != person and q in counts]
            if p == person and others:
                alike.append(slow(value, others))
        expected = np.mean(alike) if alike else np.nan
        assert found.loc[person, "compared"] == len(alike)
        assert found.loc[person, "agreement"] == pytest.approx(expected, rel=1e-9, nan_ok=True)


def test_a_person_s_own_vote_does_not_count() -> None:
    found = agreement_with_others(table([("al", 1, "x"), ("bo", 1, "y")]))
    assert found["agreement"].tolist() == [0, 0]
    alone = agreement_with_others(table([("al", 1, "x"), ("bo", 2, "y")]))
    assert alone["agreement"].isna().all()
    assert alone["compared"].tolist() == [0, 0]


@settings(max_examples=40)
@given(rows_of(st.sampled_from("xyz")), st.lists(st.integers(0, 4), min_size=6, max_size=6))
def test_a_vote_with_whole_weights_counts_people_as_often(
    rows: list[Any], weights: list[int]
) -> None:
    found = vote(table(rows), dict(enumerate(weights))).set_index("unit")
    for unit in {u for _, u, _ in rows}:
        counts = Counter(v for p, u, v in rows if u == unit for _ in range(weights[p]))
        if not counts:
            assert found.loc[unit, "value"] is None
            assert np.isnan(found.loc[unit, "share"])
            continue
        best = sorted(v for v in counts if counts[v] == max(counts.values()))
        assert found.loc[unit, "value"] == best[0]
        assert found.loc[unit, "tied"] == (len(best) > 1)
        assert found.loc[unit, "share"] == pytest.approx(counts[best[0]] / counts.total())
        assert found.loc[unit, "votes"] == sum(u == unit and weights[p] > 0 for p, u, _ in rows)


def test_equal_weights_in_another_order_tie() -> None:
    rows = [("a", 1, "x"), ("b", 1, "x"), ("c", 1, "x"), ("d", 1, "y")]
    found = vote(table(rows), {"a": 0.1, "b": 0.2, "c": 0.3, "d": 0.6})
    assert found["tied"].tolist() == [True]


def test_what_cannot_be_counted_is_refused() -> None:
    with pytest.raises(DataError, match="person 'a' has the weight -1"):
        vote(table([("a", 1, "x")]), {"a": -1})
    with pytest.raises(OptionError, match="distance 'interval' is not known"):
        agreement_with_others(table([("a", 1, 2)]), "interval")
