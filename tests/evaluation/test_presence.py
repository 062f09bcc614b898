"""Marked things against a slow second implementation and known truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from netgloss.errors import DataError
from netgloss.evaluation.climbing import EMOptions
from netgloss.evaluation.presence import presence


def table(rows: list[tuple[Any, Any, Any]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["person", "unit", "value"])


def simulated(
    people: list[tuple[float, float]], units: int, things: int, seen: float, seed: int
) -> tuple[pd.DataFrame, np.ndarray]:
    """People with a sensitivity and a specificity, and what is there (unit, thing)."""
    rng = np.random.default_rng(seed)
    truth = rng.random((units, things)) < rng.uniform(0.05, 0.4, things)
    rows = []
    for person, (sensitivity, specificity) in enumerate(people):
        for unit in np.flatnonzero(rng.random(units) < seen):
            chance = np.where(truth[unit], sensitivity, 1 - specificity)
            marks = np.flatnonzero(rng.random(things) < chance)
            rows.append((person, int(unit), [f"t{number:02}" for number in marks]))
    return table(rows), truth


def slow_fit(data: pd.DataFrame, rounds: int, s: float) -> tuple[np.ndarray, list[float]]:
    """The posterior and the log-likelihood a round, one person, unit and thing at a time."""
    people, units = sorted(data["person"].unique()), sorted(data["unit"].unique())
    things = sorted({thing for said in data["value"] for thing in said})
    seen = {(p, u): set(said) for p, u, said in data.itertuples(index=False)}
    T = np.array(
        [
            [np.mean([t in seen[p, u] for p in people if (p, u) in seen]) for t in things]
            for u in units
        ]
    )
    history = []
    for _ in range(rounds):
        a, b = {}, {}
        for p in people:
            there, hit, absent, left = 2 * s, s, 2 * s, s
            for i, u in enumerate(units):
                for k, t in enumerate(things):
                    if (p, u) in seen:
                        there, absent = there + T[i, k], absent + 1 - T[i, k]
                        if t in seen[p, u]:
                            hit += T[i, k]
                        else:
                            left += 1 - T[i, k]
            a[p], b[p] = hit / there, left / absent
        prior, total = T.mean(axis=0), 0.0
        T = np.zeros_like(T)
        for i, u in enumerate(units):
            for k, t in enumerate(things):
                yes, no = prior[k], 1 - prior[k]
                for p in people:
                    if (p, u) in seen:
                        yes *= a[p] if t in seen[p, u] else 1 - a[p]
                        no *= 1 - b[p] if t in seen[p, u] else b[p]
                T[i, k] = yes / (yes + no)
                total += np.log(yes + no)
        history.append(total)
    return T, history


def test_it_equals_the_slow_implementation() -> None:
    data, _ = simulated([(0.8, 0.95), (0.6, 0.9), (0.9, 0.8), (0.4, 0.97)], 15, 6, 0.7, seed=3)
    found = presence(data, options=EMOptions(0.2, tolerance=0, rounds=15))
    posterior, history = slow_fit(data, len(found.climb.scores), 0.2)
    np.testing.assert_allclose(found.posterior.to_numpy(), posterior, atol=1e-9)
    assert found.log_likelihood == pytest.approx(history[-1], rel=1e-10)


@pytest.mark.parametrize("smoothing", [0.0, 0.01, 1.0])
def test_the_score_never_falls(smoothing: float) -> None:
    for seed in range(4):
        people = [(0.9, 0.99), (0.5, 0.95), (0.7, 0.9), (0.2, 0.8)]
        data, _ = simulated(people, 40, 8, 0.6, seed)
        found = presence(data, options=EMOptions(smoothing, tolerance=0, rounds=60))
        scores = np.array(found.climb.scores)
        assert len(scores) > 5
        assert (np.diff(scores[:-1]) >= -1e-9 * abs(scores[-1])).all()
        if not smoothing:
            assert found.log_likelihood == found.climb.scores[-1]


def test_it_finds_what_is_there_and_how_people_mark() -> None:
    rng = np.random.default_rng(6)
    people = list(zip(rng.uniform(0.3, 0.95, 30), rng.uniform(0.9, 0.999, 30), strict=True))
    data, truth = simulated(people, 250, 20, 6 / 30, seed=6)
    found = presence(data)
    units = found.posterior.index.to_numpy()
    marked = found.marks.pivot(index="unit", columns="value", values="marked")
    marked = marked.reindex(index=units, columns=found.posterior.columns).fillna(0).to_numpy()
    seen = data.groupby("unit").size().loc[units].to_numpy()[:, None]
    right = {
        "model": ((found.posterior > 0.5).to_numpy() == truth[units]).mean(),
        "anybody": ((marked > 0) == truth[units]).mean(),
        "majority": ((marked > seen / 2) == truth[units]).mean(),
    }
    # With six people a unit: .973, .794 and .908.
    assert right["model"] > 0.96
    assert right["model"] > max(right["anybody"], right["majority"]) + 0.04
    errors = np.abs(found.people[["sensitivity", "specificity"]].to_numpy() - np.array(people))
    assert errors[:, 0].mean() < 0.04
    assert errors[:, 1].mean() < 0.01


def test_not_marking_counts_only_for_those_who_saw_the_unit() -> None:
    good = [("al", unit, ["fur"] if unit % 2 else []) for unit in range(10)]
    same = [("bo", unit, ["fur"] if unit % 2 else []) for unit in range(10)]
    only = [("al", 10, ["fur"])]
    unseen = presence(table([*good, *same, *only]))
    seen = presence(table([*good, *same, *only, ("bo", 10, [])]))
    assert unseen.posterior.loc[10, "fur"] > 0.99
    assert seen.posterior.loc[10, "fur"] < 0.9
    assert unseen.marks.set_index("unit").loc[10, ["marked", "seen"]].tolist() == [1, 1]
    assert seen.marks.set_index("unit").loc[10, ["marked", "seen"]].tolist() == [1, 2]


def test_somebody_who_marks_everything_convinces_nobody() -> None:
    rng = np.random.default_rng(1)
    truth = rng.random((60, 4)) < 0.3
    words = [[f"t{k}" for k in np.flatnonzero(row)] for row in truth]
    every = [f"t{k}" for k in range(4)]
    careful = [(p, u, words[u]) for p in "ab" for u in range(60)]
    found = presence(table([*careful, *[("c", u, every) for u in range(60)]]))
    assert ((found.posterior > 0.5).to_numpy() == truth).all()
    assert found.people["specificity"].tolist() == pytest.approx([1, 1, 0], abs=0.01)
    assert found.people["marks"].tolist() == [truth.sum(), truth.sum(), 240]


def test_answers_without_any_mark_are_refused() -> None:
    with pytest.raises(DataError, match="nobody marked anything"):
        presence(table([("a", 1, []), ("b", 1, [])]))
    with pytest.raises(DataError, match="second answer of person 'a'"):
        presence(table([("a", 1, ["x"]), ("a", 1, ["y"])]))
