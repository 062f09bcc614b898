"""Votes: what most people said, with weights, and how each agrees with all others (methods 13)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netgloss.errors import DataError
from netgloss.evaluation.distances import (
    SET_DISTANCES,
    Distance,
    require_distance,
    row_likeness,
)
from netgloss.evaluation.long_format import Coded, Floats, code, sums

__all__ = ["AGREEMENTS", "agreement_with_others", "vote"]

AGREEMENTS: tuple[Distance, ...] = ("nominal", *SET_DISTANCES)
"""Distances by which a person's agreement with the others can be taken."""


def vote(
    data: pd.DataFrame, weights: Mapping[Any, float] | pd.Series[float] | None = None
) -> pd.DataFrame:
    """What most people said about each unit.

    Report it with and without weights: where the two differ, look.

    Args:
        data: Columns person, unit and value.
        weights: How much each person's vote counts, 0 or more; everybody the same when None. A
            person without a weight does not count.

    Returns:
        One row a unit, in order: ``unit``, ``value`` (of equals the first), ``share`` of the
        weight that it got, ``votes`` with a weight above 0, and whether it is ``tied``. Where
        nobody's vote counts, the value is missing and the share NaN.

    Raises:
        DataError: The table lacks a column or has a second answer; a weight is negative.

    Source:
        Methods 13: Σ_j w_j·1[label].

    Example:
        >>> said = [("al", 1, "fur"), ("bo", 1, "sky"), ("cy", 1, "sky")]
        >>> table = pd.DataFrame(said, columns=["person", "unit", "value"])
        >>> vote(table)["value"].tolist(), vote(table, {"al": 0.9, "bo": 0.2})["value"].tolist()
        (['sky'], ['fur'])
    """
    coded = code(data)
    weight = np.ones(len(coded.people))
    if weights is not None:
        given = dict(weights)
        weight = np.array([given.get(person, 0.0) for person in coded.people], dtype=np.float64)
        if not (weight >= 0).all():
            wrong = coded.people[int(np.flatnonzero(~(weight >= 0))[0])]
            raise DataError(f"person {wrong!r} has the weight {given[wrong]}; give 0 or more")
    return _winners(coded, weight[coded.person])


def agreement_with_others(
    data: pd.DataFrame, distance: Distance = "nominal", counted: Collection[Any] | None = None
) -> pd.DataFrame:
    """How far each person agrees with what all others said of the same units.

    A person's own vote never counts. With single values a unit is agreed on where the value is
    the majority's of the others, in part where theirs is tied; with sets it is the mean likeness
    (1 - distance) to the set of each other.

    Args:
        data: Columns person, unit and value.
        distance: ``nominal``, or for sets ``jaccard`` or ``masi``.
        counted: The people who count among the others; everybody when None.

    Returns:
        One row a person: ``agreement`` in [0, 1], and how many units were ``compared``; those
        that nobody else answered tell nothing, and without another it is NaN.

    Raises:
        DataError: The table lacks a column, has a second answer, or values of another kind.
        OptionError: There is no such distance.

    Source:
        Methods 13: agreement with the leave-one-out majority.

    Example:
        >>> said = [("al", 1, "fur"), ("bo", 1, "sky"), ("cy", 1, "sky")]
        >>> table = pd.DataFrame(said, columns=["person", "unit", "value"])
        >>> agreement_with_others(table)["agreement"].tolist()
        [0.0, 0.5, 0.5]
    """
    require_distance(distance, AGREEMENTS)
    coded = code(data, sets=distance in SET_DISTANCES)
    counts = np.ones(len(coded.people), dtype=np.intp)
    if counted is not None:
        chosen = set(counted)
        counts = np.array([person in chosen for person in coded.people], dtype=np.intp)
    own = counts[coded.person]
    others = np.bincount(coded.unit[own > 0], minlength=len(coded.units))[coded.unit] - own
    if distance in SET_DISTANCES:
        agreed = (_likeness_sums(coded, own, distance) - own) / np.maximum(others, 1)
    else:
        agreed = _with_majority(coded, own)
    shared = others > 0
    people = len(coded.people)
    compared = np.bincount(coded.person[shared], minlength=people)
    total = sums(coded.person[shared], agreed[shared], people)
    share = np.divide(total, compared, out=np.full(people, np.nan), where=compared > 0)
    index = pd.Index(coded.people, name="person")
    return pd.DataFrame({"agreement": share, "compared": compared}, index=index)


def _winners(coded: Coded, weight: Floats) -> pd.DataFrame:
    cells = pd.DataFrame({"unit": coded.unit, "value": coded.value, "weight": weight})
    cells["votes"] = weight > 0
    given = cells.groupby(["unit", "value"], as_index=False)[["weight"]].sum()
    top = given.groupby("unit")["weight"].transform("max")
    whole = given.groupby("unit")["weight"].sum()
    # Equal weights in another order may differ in the last bit.
    best = given[(given["weight"] >= top * (1 - 1e-12)) & (top > 0)]
    first = best.groupby("unit").first().reindex(range(len(coded.units)))
    ties = best.groupby("unit").size().reindex(first.index, fill_value=0)
    values = [None if np.isnan(n) else coded.values[int(n)] for n in first["value"]]
    return pd.DataFrame(
        {
            "unit": coded.units,
            "value": pd.Series(values, dtype=object),
            "share": first["weight"].to_numpy() / whole.where(whole > 0).to_numpy(),
            "votes": cells.groupby("unit")["votes"].sum().to_numpy(),
            "tied": (ties > 1).to_numpy(),
        }
    )


def _with_majority(coded: Coded, own: NDArray[np.intp]) -> Floats:
    """Each answer's agreement with the majority of the others, shape (row,).

    A value's rival is the strongest of the unit's other values, and the person's own vote is
    taken from their value before the two are held against each other.

    Args:
        coded: The answers.
        own: Whether each answer's person counts among the others, 0 or 1, shape (row,).
    """
    rows = pd.DataFrame({"unit": coded.unit, "value": coded.value, "votes": own})
    cells = rows.groupby(["unit", "value"], as_index=False)["votes"].sum()
    ordered = cells.sort_values(["unit", "votes"], ascending=[True, False])
    place = ordered.groupby("unit").cumcount()
    first = ordered[place == 0].set_index("unit")
    second = ordered[place == 1].set_index("unit")["votes"].reindex(first.index, fill_value=0)
    leads = cells["value"] == cells["unit"].map(first["value"])
    cells["rival"] = np.where(leads, cells["unit"].map(second), cells["unit"].map(first["votes"]))
    levels = cells.groupby(["unit", "votes"]).size().rename("rivals").reset_index()
    levels = levels.rename(columns={"votes": "rival"})
    cells = cells.merge(levels, on=["unit", "rival"], how="left").fillna({"rivals": 0})
    # A value is no rival of its own, even where it has as many votes.
    cells["rivals"] -= cells["votes"] == cells["rival"]
    found = rows[["unit", "value"]].merge(cells, on=["unit", "value"], how="left")
    left, rival = found["votes"].to_numpy() - own, found["rival"].to_numpy()
    tied = (left == rival) & (rival > 0)
    return np.where(left > rival, 1.0, np.where(tied, 1 / (found["rivals"].to_numpy() + 1), 0.0))


def _likeness_sums(coded: Coded, own: NDArray[np.intp], distance: Distance) -> Floats:
    """How alike each answer is to all that count of its unit in sum, shape (row,)."""
    from scipy import sparse

    shape = (len(coded.units), len(coded.values))
    # Answers that do not count stay as zeros, so that they get a sum, too.
    cells = (own.astype(np.float64), (coded.unit, coded.value))
    counts = sparse.coo_array(cells, shape=shape).tocsr()
    counts.sort_indices()
    alike = row_likeness(counts, coded.values, distance)
    row = np.repeat(np.arange(shape[0]), np.diff(counts.indptr))
    place = np.searchsorted(row * shape[1] + counts.indices, coded.unit * shape[1] + coded.value)
    return alike[place]
