"""Control items against SciPy's beta distribution."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from netgloss.errors import DataError, OptionError
from netgloss.evaluation.controls import control_accuracy, vote_weight


def said(values: dict[str, str]) -> pd.DataFrame:
    """What people said of the units 0, 1, and so on: one letter a unit, a dot for no answer."""
    rows = [(p, u, v) for p, text in values.items() for u, v in enumerate(text) if v != "."]
    return pd.DataFrame(rows, columns=["person", "unit", "value"])


CONTROLS = {0: "x", 1: "y", 2: "x", 9: "z"}


def test_the_posterior_is_the_beta_distribution_of_hits_and_misses() -> None:
    found = control_accuracy(said({"a": "xyxq", "b": "yyx", "c": ".x", "d": "...x"}), CONTROLS)
    assert found["controls"].tolist() == [3, 3, 1, 0]
    assert found["right"].tolist() == [3, 2, 0, 0]
    beta = stats.beta(2 + found["right"], 1 + found["controls"] - found["right"])
    np.testing.assert_allclose(found["accuracy"], beta.mean(), rtol=1e-12)
    np.testing.assert_allclose(found[["low", "high"]].T, beta.ppf([[0.05], [0.95]]), rtol=1e-9)


def test_another_prior_and_confidence_are_kept() -> None:
    found = control_accuracy(said({"a": "xy"}), CONTROLS, confidence=0.5, prior=(1, 1))
    np.testing.assert_allclose(
        found[["accuracy", "low", "high"]].iloc[0],
        [3 / 4, *stats.beta(3, 1).ppf([0.25, 0.75])],
    )


def test_a_set_is_right_where_it_is_half_like_the_true_one() -> None:
    rows = [("a", 0, ["fin", "sea"]), ("b", 0, ["fin", "sea", "sky"]), ("c", 0, ["sky"])]
    data = pd.DataFrame([*rows, ("d", 0, [])], columns=["person", "unit", "value"])
    found = control_accuracy(data, {0: {"fin"}, 1: {"sky"}}, "jaccard")
    assert found["right"].tolist() == [1, 0, 0, 0]
    assert control_accuracy(data, {0: set()}, "jaccard")["right"].tolist() == [0, 0, 0, 1]
    # One set holds the other: MASI counts that for two thirds.
    assert control_accuracy(data, {0: {"fin"}}, "masi")["right"].tolist() == [0, 0, 0, 0]


def test_a_guesser_weighs_nothing_and_a_perfect_person_one() -> None:
    weights = vote_weight([0.0, 0.25, 0.5, 1.0], chance=0.25)
    assert weights.tolist() == pytest.approx([0, 0, 1 / 3, 1])
    assert vote_weight(0.6, chance=0).tolist() == 0.6


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(OptionError, match="chance 1"):
        vote_weight([0.5], chance=1)
    with pytest.raises(OptionError, match="prior"):
        control_accuracy(said({"a": "x"}), CONTROLS, prior=(0, 1))
    data = pd.DataFrame([("a", 0, ["fin"])], columns=["person", "unit", "value"])
    with pytest.raises(DataError, match="control with the truth 'fin'"):
        control_accuracy(data, {0: "fin"}, "jaccard")
