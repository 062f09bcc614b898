"""Control items: how accurate a person is, how sure that is, what their vote weighs (methods 13).

With r of n controls right the accuracy has the posterior Beta(2 + r, 1 + n - r): people are held
for right two times out of three until they show otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from netgloss.errors import DataError, OptionError
from netgloss.evaluation.distances import (
    SET_DISTANCES,
    Distance,
    likeness_blocks,
    require_distance,
)
from netgloss.evaluation.long_format import Coded, code
from netgloss.evaluation.votes import AGREEMENTS

__all__ = ["PRIOR", "control_accuracy", "vote_weight"]

PRIOR = (2.0, 1.0)
"""Right and wrong controls that everybody is credited with beforehand (methods 13)."""

_ALIKE = 0.5  # a set is right where it is at least this like the true one


def control_accuracy(
    data: pd.DataFrame,
    controls: Mapping[Any, Any] | pd.Series[Any],
    distance: Distance = "nominal",
    *,
    confidence: float = 0.9,
    prior: tuple[float, float] = PRIOR,
) -> pd.DataFrame:
    """How accurate each person is on the units whose truth is known.

    Args:
        data: Columns person, unit and value.
        controls: Unit to its true value; a set of words with ``jaccard`` and ``masi``.
        distance: How a value is held against the truth: the same (``nominal``), or a set at
            least half as like it as it could be (``jaccard``, ``masi``).
        confidence: Chance that the accuracy lies between ``low`` and ``high``.
        prior: Right and wrong answers credited beforehand, both above 0.

    Returns:
        One row a person of the table: ``controls`` answered, ``right``, ``accuracy`` (the
        posterior's mean), ``low``, ``high``.

    Raises:
        DataError: The table lacks a column, has a second answer, or values of another kind.
        OptionError: There is no such distance, or a number is out of range.

    Source:
        Methods 13: Beta(a0 + correct, b0 + wrong) with the prior (2, 1).

    Example:
        >>> said = [("al", 1, "fur"), ("al", 2, "sky"), ("bo", 1, "sky"), ("bo", 3, "sky")]
        >>> table = pd.DataFrame(said, columns=["person", "unit", "value"])
        >>> control_accuracy(table, {1: "fur", 2: "sky"})["accuracy"].to_dict()
        {'al': 0.8, 'bo': 0.5}
    """
    from scipy.special import betaincinv

    require_distance(distance, AGREEMENTS)
    if not (0 < confidence < 1 and min(prior) > 0):
        raise OptionError(
            f"confidence {confidence} and prior {prior}: give a confidence between 0 and 1, "
            "and a prior above 0"
        )
    coded = code(data, sets=distance in SET_DISTANCES)
    right, asked = _right(coded, dict(controls), distance)
    count = np.bincount(coded.person[asked], minlength=len(coded.people))
    hits = np.bincount(coded.person[right], minlength=len(coded.people))
    a, b = prior[0] + hits, prior[1] + count - hits
    tail = (1 - confidence) / 2
    return pd.DataFrame(
        {
            "controls": count,
            "right": hits,
            "accuracy": a / (a + b),
            "low": betaincinv(a, b, tail),
            "high": betaincinv(a, b, 1 - tail),
        },
        index=pd.Index(coded.people, name="person"),
    )


def vote_weight(accuracy: ArrayLike, chance: float) -> NDArray[np.float64]:
    """What a vote weighs: 1 from somebody who is always right, 0 from somebody who guesses.

    Args:
        accuracy: Shares of right answers, any shape.
        chance: The share that guessing gets right: 1 over the number of choices; 0 where
            guessing is hopeless, as with words.

    Raises:
        OptionError: ``chance`` is not in [0, 1).

    Source:
        Methods 13: w = max(0, (accuracy - chance) / (1 - chance)).

    Example:
        >>> vote_weight([1.0, 0.75, 0.4], chance=0.5).tolist()
        [1.0, 0.5, 0.0]
    """
    if not 0 <= chance < 1:
        raise OptionError(f"chance {chance}: give a share of at least 0 and below 1")
    shares = np.asarray(accuracy, dtype=np.float64)
    return np.maximum(0.0, (shares - chance) / (1 - chance))


def _right(
    coded: Coded, controls: dict[Any, Any], distance: Distance
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which answers to controls are right, and which answers are to controls, shape (row,)."""
    truth = np.array([unit in controls for unit in coded.units], dtype=bool)
    asked = truth[coded.unit]
    right = np.zeros(len(asked), dtype=bool)
    for row in np.flatnonzero(asked).tolist():
        said, true = coded.values[coded.value[row]], controls[coded.units[coded.unit[row]]]
        right[row] = said == true if distance == "nominal" else _alike(said, true, distance)
    return right, asked


def _alike(said: frozenset[Any], true: Any, distance: Distance) -> bool:
    if isinstance(true, str):
        raise DataError(f"control with the truth {true!r}: a collection of words was expected")
    if said == frozenset(true):
        return True
    [(_, _, likeness)] = likeness_blocks([said, frozenset(true)], distance)
    return bool(likeness[0, 1] >= _ALIKE)
