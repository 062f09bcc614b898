"""Krippendorff's alpha: how far people agree beyond chance, with its uncertainty (methods 13).

With o_ck the coincidences of the values c and k, D_o = Σ o_ck δ²_ck / n and
D_e = Σ n_c n_k δ²_ck / (n(n-1)), alpha is 1 - D_o/D_e. Both sums are taken over whole units and
over the totals at once; all resamples of the bootstrap go through the same sums.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netgloss.errors import OptionError
from netgloss.evaluation.distances import (
    SET_DISTANCES,
    Distance,
    Sparse,
    likeness_blocks,
    positions,
    require_distance,
    row_likeness,
)
from netgloss.evaluation.long_format import Floats, code, sums
from netgloss.progress import Tracker, untracked

__all__ = ["Agreement", "agreement", "krippendorff_alpha"]

# Cells of one batch of resamples (64 MB).
_BATCH_CELLS = 1 << 23


@dataclass(frozen=True)
class Agreement:
    """How far people agree.

    Attributes:
        alpha: 1 where all agree, 0 at chance, below 0 where they disagree more than by chance;
            NaN where no disagreement could be expected, since everybody always said the same,
            or where no unit has two answers.
        low: Lower end of the interval; NaN with fewer than two units.
        high: Its upper end.
        observed: Mean disagreement within units (D_o).
        expected: Mean disagreement of all values whatever their unit (D_e).
        units: Units with two answers or more; the others tell nothing about agreement.
        people: People with an answer to such a unit.
        answers: Answers to such units.
        resamples: Resamples behind the interval; those without a defined alpha are left out.
    """

    alpha: float
    low: float
    high: float
    observed: float
    expected: float
    units: int
    people: int
    answers: int
    resamples: int


@dataclass(frozen=True, eq=False)
class _Pairable:
    """The units with two answers or more.

    Attributes:
        counts: How often each unit got each value, shape (unit, value).
        sizes: Answers a unit, shape (unit,).
        values: The values that occur in them.
        places: Where the values lie on a line, shape (value,); None for nominal values and sets.
        distance: How far values lie apart.
        people: How many people answered them.
    """

    counts: Sparse
    sizes: NDArray[np.int64]
    values: list[Any]
    places: Floats | None
    distance: Distance
    people: int


def krippendorff_alpha(data: pd.DataFrame, distance: Distance = "nominal") -> float:
    """Krippendorff's alpha of a long table; see :func:`agreement`.

    Args:
        data: Columns person, unit and value; a row a person and unit.
        distance: ``nominal``, ``ordinal``, ``interval``; for sets ``jaccard`` or ``masi``.

    Raises:
        DataError: The table lacks a column, has a second answer, or values of another kind.
        OptionError: There is no such distance.

    Example:
        >>> said = [("al", 1, "fur"), ("bo", 1, "fur"), ("al", 2, "sky"), ("bo", 2, "fur")]
        >>> krippendorff_alpha(pd.DataFrame(said, columns=["person", "unit", "value"]))
        0.0
    """
    table = _pairable(data, distance)
    return float(_alphas(table, np.ones((1, len(table.sizes))), _within(table))[0][0])


def agreement(
    data: pd.DataFrame,
    distance: Distance = "nominal",
    *,
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
    track: Tracker = untracked,
) -> Agreement:
    """Krippendorff's alpha with a bootstrap interval over units.

    Args:
        data: Columns person, unit and value; a row a person and unit. A missing value is an
            answer that was not given; an empty set is one that says nothing.
        distance: ``nominal`` (same or not), ``ordinal`` (numbers or an ordered categorical of
            which only the order counts), ``interval`` (numbers), and for sets of words
            ``jaccard`` or ``masi``, which are used as δ² as they are.
        resamples: How often the units are drawn anew, with replacement; 0 leaves the interval
            out.
        confidence: Share of the resamples between ``low`` and ``high``.
        seed: Makes two runs agree.
        track: Tells how far the batches of resamples are.

    Raises:
        DataError: The table lacks a column, has a second answer, or values of another kind.
        OptionError: There is no such distance, or a number is out of range.

    Source:
        Methods 13. Krippendorff, Content Analysis, chapter on reliability.

    Example:
        >>> said = [("al", 1, 3), ("bo", 1, 3), ("al", 2, 5), ("bo", 2, 4)]
        >>> found = agreement(pd.DataFrame(said, columns=["person", "unit", "value"]), "interval")
        >>> round(found.alpha, 3), found.units, round(found.observed, 2), round(found.expected, 2)
        (0.727, 2, 0.5, 1.83)
    """
    if resamples < 0 or not 0 < confidence < 1:
        raise OptionError(
            f"resamples {resamples} and confidence {confidence}: give 0 or more resamples, "
            "and a confidence between 0 and 1"
        )
    table = _pairable(data, distance)
    within = _within(table)
    alpha, observed, expected = _alphas(table, np.ones((1, len(table.sizes))), within)
    drawn = _bootstrap(table, within, resamples, seed, track)
    low = high = float("nan")
    if len(drawn):
        low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2]).tolist()
    return Agreement(
        alpha=float(alpha[0]),
        low=low,
        high=high,
        observed=float(observed[0]),
        expected=float(expected[0]),
        units=len(table.sizes),
        people=table.people,
        answers=int(table.sizes.sum()),
        resamples=len(drawn),
    )


def _pairable(data: pd.DataFrame, distance: Distance) -> _Pairable:
    """The units that more than one person answered, and the values that occur in them."""
    from scipy import sparse

    require_distance(distance)
    coded = code(data, sets=distance in SET_DISTANCES)
    kept = np.bincount(coded.unit, minlength=len(coded.units))[coded.unit] > 1
    units, unit = np.unique(coded.unit[kept], return_inverse=True)
    numbers, value = np.unique(coded.value[kept], return_inverse=True)
    values = [coded.values[number] for number in numbers.tolist()]
    places = None
    if distance in ("ordinal", "interval"):
        places = positions(values, distance, data["value"])
    cells = (np.ones(len(unit)), (unit, value))
    return _Pairable(
        counts=sparse.coo_array(cells, shape=(len(units), len(values))).tocsr(),
        sizes=np.bincount(unit, minlength=len(units)).astype(np.int64),
        values=values,
        places=places,
        distance=distance,
        people=len(np.unique(coded.person[kept])),
    )


def _within(table: _Pairable) -> Floats:
    """Σ δ² over the ordered pairs of each unit, shape (unit,); empty where places decide it."""
    if table.places is not None:
        return np.empty(0)
    alike = table.counts.data * row_likeness(table.counts, table.values, table.distance)
    unit = np.repeat(np.arange(len(table.sizes)), np.diff(table.counts.indptr))
    shared = sums(unit, alike, len(table.sizes))
    return np.maximum(table.sizes.astype(np.float64) ** 2 - shared, 0.0)


def _alphas(table: _Pairable, weights: Floats, within: Floats) -> tuple[Floats, Floats, Floats]:
    """Alpha, D_o and D_e with each unit taken as often as its weight says.

    Args:
        table: The units.
        weights: How often each unit counts, shape (resample, unit).
        within: From :func:`_within`.
    """
    totals = (table.counts.T @ weights.T).T
    n = totals.sum(axis=1)
    share = weights / (table.sizes - 1)
    if table.places is None:
        observed = share @ within
        expected = n**2 - _alike_in_all(table, totals)
    else:
        places = _ranks(totals) if table.distance == "ordinal" else table.places[None, :]
        observed = _apart_in_units(table, share, places)
        expected = 2 * (n * (totals * places**2).sum(axis=1) - (totals * places).sum(axis=1) ** 2)
    # Counted, not computed: rounding must not turn "nothing to expect" into a number.
    defined = (totals > 0).sum(axis=1) > 1
    observed = _divided(np.maximum(observed, 0.0), n, n > 0)
    expected = _divided(np.where(defined, np.maximum(expected, 0.0), 0.0), n * (n - 1), n > 1)
    return 1 - _divided(observed, expected, defined & (expected > 0)), observed, expected


def _alike_in_all(table: _Pairable, totals: Floats) -> Floats:
    """Σ n_c n_k (1 - δ²) over all pairs of values, shape (resample,)."""
    if table.distance not in SET_DISTANCES:
        squares: Floats = (totals**2).sum(axis=1)
        return squares
    alike = np.zeros(len(totals))
    for start, stop, likeness in likeness_blocks(table.values, table.distance):
        alike += (totals[:, start:stop] * (likeness @ totals.T).T).sum(axis=1)
    return alike


def _apart_in_units(table: _Pairable, share: Floats, places: Floats) -> Floats:
    """Σ_u share_u Σ (x - y)² over the ordered pairs of each unit, shape (resample,)."""
    squares = (table.counts.T @ (share * table.sizes).T).T * places**2
    by_unit = (table.counts @ places.T).T
    apart: Floats = 2 * (squares.sum(axis=1) - (share * by_unit**2).sum(axis=1))
    return apart


def _ranks(totals: Floats) -> Floats:
    """The middle rank of each value, shape (resample, value), centred.

    The ordinal δ between two values counts the values between them and half of both, which is
    the difference of their middle ranks.
    """
    ranks: Floats = np.cumsum(totals, axis=1) - (totals + totals.sum(axis=1, keepdims=True)) / 2
    return ranks


def _bootstrap(
    table: _Pairable, within: Floats, resamples: int, seed: int, track: Tracker
) -> Floats:
    """Alpha of each resample of the units that has one; none with fewer than two units."""
    units = len(table.sizes)
    if units < 2:
        return np.empty(0)
    size = max(1, _BATCH_CELLS // max(units, len(table.values)))
    batches = [min(size, resamples - start) for start in range(0, resamples, size)]
    tracked = track(_drawn(batches, units, seed), total=len(batches), what="Drawing units anew")
    alphas = [_alphas(table, weights, within)[0] for weights in tracked]
    drawn: Floats = np.concatenate([np.empty(0), *alphas])
    return drawn[~np.isnan(drawn)]


def _drawn(batches: list[int], units: int, seed: int) -> Iterator[Floats]:
    """How often each unit is drawn, shape (resample, unit), one batch after the other."""
    generator = np.random.default_rng(seed)
    for size in batches:
        picks = generator.integers(units, size=(size, units)) + np.arange(size)[:, None] * units
        times = np.bincount(picks.ravel(), minlength=size * units)
        yield times.reshape(size, units).astype(np.float64)


def _divided(over: Floats, under: Floats, where: NDArray[np.bool_]) -> Floats:
    """The quotients; NaN where it is not defined."""
    result: Floats = np.divide(over, under, out=np.full(over.shape, np.nan), where=where)
    return result
