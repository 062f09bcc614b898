"""Dawid and Skene's model against their data, a slow second implementation, and known truth."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from netgloss.errors import DataError, OptionError
from netgloss.evaluation.climbing import EMOptions
from netgloss.evaluation.dawid_skene import dawid_skene
from netgloss.evaluation.votes import vote

# Table 1 of Dawid and Skene (1979): 45 patients judged by five anaesthetists, the first of whom
# judged each three times; the first three digits are his.
ANAESTHETISTS = """
1111111 3334334 1122122 2223121 2223222 2223322 1222111 3333433 2222223 2322223 4444444 2223343
1111111 2223212 1211111 1112111 1111111 1111111 2222221 2221322 2222222 2222221 2223222 2212222
1111111 1111111 2322222 1111111 1111111 1121121 1111111 3333233 1111111 2222222 2223232 4334343
2212232 2323233 3333432 1111111 1111111 1212111 2322222 1211111 2222222
"""
PUBLISHED: dict[str, Any] = {"few": 0, "credit": (0, 0), "options": EMOptions(smoothing=0)}


def table(rows: list[tuple[Any, Any, Any]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["person", "unit", "value"])


def anaesthetists() -> pd.DataFrame:
    return table(
        [
            (max(0, place - 2), patient, int(digit))
            for patient, digits in enumerate(ANAESTHETISTS.split(), start=1)
            for place, digit in enumerate(digits)
        ]
    )


def simulated(
    accuracies: list[float], units: int, values: int, seed: int, answers: float = 1.0
) -> tuple[pd.DataFrame, np.ndarray]:
    """People who are right as often as said and err evenly, and the truth."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(values, size=units)
    rows = []
    for person, accuracy in enumerate(accuracies):
        for unit in np.flatnonzero(rng.random(units) < answers):
            error = (truth[unit] + rng.integers(1, values)) % values
            said = truth[unit] if rng.random() < accuracy else error
            rows.append((person, int(unit), int(said)))
    return table(rows), truth


def slow_fit(
    data: pd.DataFrame, rounds: int, right: float, wrong: float, *, coin: bool
) -> tuple[np.ndarray, list[float]]:
    """The posterior and the log-likelihood a round, one answer after the other.

    Everybody is credited with ``right`` answers of each truth, and ``wrong`` of each error.
    """
    people, units, values = (sorted(data[name].unique()) for name in data.columns)
    answers = [
        (people.index(p), units.index(u), values.index(v))
        for p, u, v in data.itertuples(index=False)
    ]
    K = len(values)
    T = np.zeros((len(units), K))
    for _, i, v in answers:
        T[i, v] += 1
    T /= T.sum(axis=1, keepdims=True)
    history = []
    for _ in range(rounds):
        prior = T.mean(axis=0)
        pi = np.zeros((len(people), K, K))
        for j, i, v in answers:
            pi[j, :, v] += T[i]
        for j in range(len(people)):
            if coin:
                hits = (np.trace(pi[j]) + right) / (pi[j].sum() + right + (K - 1) * wrong)
                pi[j] = (1 - hits) / (K - 1)
                np.fill_diagonal(pi[j], hits)
            else:
                pi[j] += wrong + (right - wrong) * np.eye(K)
                sums = pi[j].sum(axis=1, keepdims=True)
                pi[j] = np.where(sums > 0, pi[j] / np.where(sums > 0, sums, 1), 1 / K)
        joint = np.tile(prior, (len(units), 1))
        for j, i, v in answers:
            joint[i] *= pi[j, :, v]
        history.append(float(np.log(joint.sum(axis=1)).sum()))
        T = joint / joint.sum(axis=1, keepdims=True)
    return T, history


def test_the_published_data_give_the_published_shares() -> None:
    found = dawid_skene(anaesthetists(), **PUBLISHED)
    assert found.prior.round(2).tolist() == [0.40, 0.42, 0.11, 0.07]
    # The first anaesthetist's errors where the truth is 1.
    assert found.table(0).round(2).iloc[0].tolist() == [0.89, 0.11, 0.00, 0.00]
    assert found.climb.converged


@pytest.mark.parametrize("coin", [False, True])
@pytest.mark.parametrize(("smoothing", "credit"), [(0.0, (0, 0)), (0.3, (0, 0)), (0.1, (3, 1))])
def test_it_equals_the_slow_implementation(
    smoothing: float, credit: tuple[float, float], coin: bool
) -> None:
    options = EMOptions(smoothing=smoothing, tolerance=0, rounds=25)
    few = math.inf if coin else 0
    for data in (anaesthetists(), simulated([0.9, 0.7, 0.6, 0.4], 40, 3, seed=2, answers=0.6)[0]):
        found = dawid_skene(data, few=few, credit=credit, options=options)
        right = smoothing + credit[0]
        wrong = smoothing + credit[1] / (data["value"].nunique() - 1)
        posterior, history = slow_fit(data, len(found.climb.scores), right, wrong, coin=coin)
        np.testing.assert_allclose(found.posterior.to_numpy(), posterior, atol=1e-9)
        assert found.log_likelihood == pytest.approx(history[-1], rel=1e-12)
        if not smoothing:
            assert list(found.climb.scores) == pytest.approx(history, rel=1e-10)


@pytest.mark.parametrize("few", [0, 15, math.inf])
@pytest.mark.parametrize(("smoothing", "credit"), [(0.0, (0, 0)), (1.0, (0, 0)), (0.01, (4, 2))])
def test_the_score_never_falls(few: float, smoothing: float, credit: tuple[float, float]) -> None:
    for seed in range(5):
        data, _ = simulated([0.9, 0.8, 0.6, 0.5, 0.2], 30, 4, seed, answers=0.5)
        options = EMOptions(smoothing, tolerance=0)
        found = dawid_skene(data, few=few, credit=credit, options=options)
        scores = np.array(found.climb.scores)
        assert len(scores) > 5
        assert (np.diff(scores[:-1]) >= -1e-9 * abs(scores[-1])).all()


def test_with_one_person_a_unit_it_says_what_that_person_said() -> None:
    rng = np.random.default_rng(0)
    rows = [(int(rng.integers(4)), unit, "abc"[rng.integers(3)]) for unit in range(30)]
    found = dawid_skene(table(rows), **PUBLISHED)
    assert found.labels().tolist() == [value for _, _, value in rows]


def test_six_people_from_excellent_to_guessing_beat_their_own_vote() -> None:
    skills = [0.9, 0.85, 0.8, 0.7, 0.5, 0.34]
    model, votes = [], []
    for seed in range(5):
        data, truth = simulated(skills, 500, 3, seed)
        found = dawid_skene(data)
        model.append((found.labels().to_numpy() == truth).mean())
        votes.append((vote(data)["value"].to_numpy() == truth).mean())
        assert abs(found.people["accuracy"] - skills).max() < 0.07
    # Ten such crowds gave .964 and .916 on average, and a gain of .040 at least.
    assert np.mean(model) > 0.95
    assert min(np.subtract(model, votes)) > 0.02


def test_somebody_who_always_says_the_opposite_is_as_good_as_an_expert() -> None:
    data, truth = simulated([0.95, 0.75, 0.75, 0.0], 300, 2, seed=1)
    found = dawid_skene(data)
    assert found.people["accuracy"].iloc[3] < 0.1
    assert (found.labels() == truth).mean() > 0.98
    assert (vote(data)["value"] == truth).mean() < 0.8


def few_answers(
    values: int, answers: int, skills: tuple[float, float], seed: int
) -> tuple[pd.DataFrame, np.ndarray]:
    """Many people with a few answers each, so that a unit has about three."""
    rng = np.random.default_rng(seed)
    people = 900 // answers
    accuracies = rng.uniform(*skills, people).tolist()
    return simulated(accuracies, 300, values, seed, answers / 300)


def mean_right(values: int, answers: int, skills: tuple[float, float], **options: Any) -> float:
    shares = []
    for seed in range(3):
        data, truth = few_answers(values, answers, skills, seed)
        labels = dawid_skene(data, **options).labels()
        shares.append((labels.to_numpy() == truth[labels.index]).mean())
    return float(np.mean(shares))


def test_coins_are_surer_than_tables_where_everybody_answers_little() -> None:
    coins = mean_right(5, 15, (0.35, 0.95), few=math.inf)
    assert coins > mean_right(5, 15, (0.35, 0.95), few=0) + 0.01
    assert coins > mean_right(5, 15, (0.35, 0.95), few=0, credit=(0, 0)) + 0.03


def test_the_credit_keeps_the_model_from_falling_behind_the_vote() -> None:
    # All people are equally good, so the vote is the best that can be done.
    votes = []
    for seed in range(3):
        data, truth = few_answers(2, 6, (0.76, 0.76), seed)
        found = vote(data)
        votes.append((found["value"].to_numpy() == truth[found["unit"]]).mean())
    assert mean_right(2, 6, (0.76, 0.76)) > np.mean(votes) - 0.05
    assert mean_right(2, 6, (0.76, 0.76), credit=(0, 0)) < np.mean(votes) - 0.08


def test_people_with_few_answers_get_a_coin_and_the_others_a_table() -> None:
    data, _ = simulated([0.9, 0.9, 0.6], 40, 3, seed=4)
    data = data[(data["person"] < 2) | (data["unit"] < 10)]
    found = dawid_skene(data)
    assert found.people["coin"].tolist() == [False, False, True]
    for person in range(3):
        np.testing.assert_allclose(found.table(person).sum(axis=1), 1)
    wrong = found.table(2).to_numpy()[~np.eye(3, dtype=bool)]
    assert np.ptp(wrong) == 0
    own = (found.table(1).to_numpy().diagonal() * found.prior).sum()
    assert found.people["accuracy"].iloc[1] == pytest.approx(own)


def test_one_value_only_is_certain() -> None:
    found = dawid_skene(table([("a", 1, "x"), ("b", 1, "x"), ("a", 2, "x")]))
    assert found.posterior["x"].tolist() == [1, 1]
    assert (found.log_likelihood, found.people["accuracy"].tolist()) == (0, [1, 1])


def test_choices_that_nobody_took_count_among_the_errors() -> None:
    rows = [("a", 1, "x"), ("b", 1, "x"), ("c", 1, "y"), ("a", 2, "y"), ("b", 2, "y")]
    found = dawid_skene(table(rows), choices=["x", "y", "z"])
    assert found.posterior.columns.tolist() == ["x", "y", "z"]
    assert found.posterior["z"].max() < 1e-6
    with pytest.raises(DataError, match="row 2 has the value 'y', which is not a choice"):
        dawid_skene(table(rows), choices=["x", "z"])


def test_the_order_of_the_rows_changes_nothing() -> None:
    data, _ = simulated([0.9, 0.7, 0.5], 30, 3, seed=7)
    first, second = dawid_skene(data), dawid_skene(data.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(first.posterior, second.posterior)
    pd.testing.assert_frame_equal(first.people, second.people)


def test_being_asked_again_counts_again() -> None:
    once = [("a", 1, "x"), ("b", 1, "y"), ("c", 1, "x"), ("a", 2, "y"), ("b", 2, "y")]
    before = dawid_skene(table(once), few=math.inf)
    again = dawid_skene(table([*once, ("c", 1, "x"), ("c", 1, "x")]), few=math.inf)
    assert again.posterior.loc[1, "x"] > before.posterior.loc[1, "x"] + 0.2
    assert again.people.loc["c", "answers"] == 3


def test_what_cannot_be_weighed_is_refused() -> None:
    with pytest.raises(DataError, match="no row has a value"):
        dawid_skene(table([("a", 1, None)]))
    with pytest.raises(OptionError, match="few -1"):
        dawid_skene(table([("a", 1, "x")]), few=-1)
    with pytest.raises(OptionError, match=r"credit \(-1, 0\)"):
        dawid_skene(table([("a", 1, "x")]), credit=(-1, 0))
    with pytest.raises(OptionError, match="at least one round"):
        EMOptions(rounds=0)
    free = table([("a", unit, f"word {unit}") for unit in range(9000)])
    with pytest.raises(DataError, match=r"over 512 MB; pass few=math.inf"):
        dawid_skene(free)
    with pytest.raises(DataError, match="person 'z' gave no answer"):
        dawid_skene(table([("a", 1, "x")])).table("z")
