"""How far two values lie apart: nominal, ordinal, interval, Jaccard and MASI (methods 13).

Krippendorff's alpha and the agreement with the others ask for sums of distances over many pairs.
Nominal values give them by counting; ordinal and interval values through positions on a line, where
the sum of (x - y)² over all pairs of n values is 2(n Σx² - (Σx)²); sets through the likeness 1 - d
of the distinct ones, in blocks of rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netgloss.errors import DataError, OptionError
from netgloss.evaluation.long_format import Floats

__all__ = [
    "DISTANCES",
    "SET_DISTANCES",
    "Distance",
    "Sparse",
    "likeness_blocks",
    "positions",
    "require_distance",
    "row_likeness",
]

Distance = Literal["nominal", "ordinal", "interval", "jaccard", "masi"]
DISTANCES: tuple[Distance, ...] = get_args(Distance)
SET_DISTANCES: tuple[Distance, ...] = ("jaccard", "masi")
"""Distances between collections of things said."""

Sparse = Any  # scipy.sparse.csr_array; SciPy is imported where it is needed

# Cells of one block of likenesses (32 MB).
_BLOCK_CELLS = 1 << 22
# Cells up to which the sets are held as a dense table (128 MB).
_DENSE_CELLS = 1 << 25


def require_distance(name: str, known: Sequence[str] = DISTANCES) -> None:
    """Checks that there is such a distance.

    Raises:
        OptionError: There is none.
    """
    if name not in known:
        raise OptionError(f"distance {name!r} is not known; choose among {', '.join(known)}")


def likeness_blocks(
    sets: Sequence[frozenset[Any]], distance: Distance
) -> Iterator[tuple[int, int, Floats]]:
    """Yields the likeness 1 - d of distinct sets to each other, in blocks of rows.

    Jaccard's d is 1 - |A∩B|/|A∪B|. MASI's d is 1 - M|A∩B|/|A∪B|, where M is 1 for equal sets, 2/3
    where one holds the other and 1/3 otherwise. Two empty sets are alike; an empty one and
    another are not.

    Args:
        sets: Sets, each once.
        distance: ``jaccard`` or ``masi``.

    Yields:
        First row, last row (exclusive) and the rows, shape (stop - start, set).

    Source:
        Methods 13. Passonneau (2006) for MASI.

    Example:
        >>> sets = [frozenset("ab"), frozenset("abc")]
        >>> [(_, _, rows)] = likeness_blocks(sets, "masi")
        >>> rows.round(3).tolist()
        [[1.0, 0.444], [0.444, 1.0]]
    """
    members, sizes = _membership(sets)
    step = max(1, _BLOCK_CELLS // max(1, len(sets)))
    for start in range(0, len(sets), step):
        stop = min(start + step, len(sets))
        yield start, stop, _set_likeness(members, sizes, start, stop, distance)


def row_likeness(counts: Sparse, values: Sequence[Any], distance: Distance) -> Floats:
    """How alike each entry's value is to all values of its row, itself included, in sum.

    Args:
        counts: How often each row (a unit) got each value, shape (row, value).
        values: The distinct values.
        distance: ``nominal``, ``jaccard`` or ``masi``.

    Returns:
        One sum a stored entry of ``counts``, in its order, shape (entry,).
    """
    if distance not in SET_DISTANCES:
        # A unit's value is like nothing there but its own repetitions.
        same: Floats = counts.data.astype(np.float64)
        return same
    row = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    sums = np.zeros(counts.nnz)
    for start, stop, likeness in likeness_blocks(values, distance):
        inside = np.flatnonzero((counts.indices >= start) & (counts.indices < stop))
        # Rows of counts in slices, so that the product stays within one block's size.
        step = max(1, _BLOCK_CELLS // (stop - start))
        for first in range(0, counts.shape[0], step):
            part = inside[(row[inside] >= first) & (row[inside] < first + step)]
            product = counts[first : first + step] @ likeness.T
            sums[part] = product[row[part] - first, counts.indices[part] - start]
    return sums


def positions(values: Sequence[Any], distance: Distance, column: pd.Series[Any]) -> Floats:
    """Where the sorted values lie on a line, centred; for ``ordinal`` only their order counts.

    Args:
        values: The distinct values in rising order.
        distance: ``ordinal`` or ``interval``.
        column: Where they come from; an ordered categorical has its own order.

    Raises:
        DataError: A value is no finite number, nor an ordered categorical with ``ordinal``.
    """
    if isinstance(column.dtype, pd.CategoricalDtype) and distance == "ordinal":
        if not column.dtype.ordered:
            raise DataError("the answers: the categories have no order; give them one (ordered)")
        return np.arange(len(values), dtype=np.float64)
    numbers = np.array([_number(value, distance) for value in values], dtype=np.float64)
    return numbers - numbers.mean() if len(numbers) else numbers


def _number(value: Any, distance: Distance) -> float:
    try:
        number = float(value) if not isinstance(value, str) else np.nan
    except (TypeError, ValueError):
        number = np.nan
    if not np.isfinite(number):
        advice = "finite numbers, or an ordered categorical" if distance == "ordinal" else "numbers"
        raise DataError(f"the answers: value {value!r} is no number; {distance} needs {advice}")
    return number


def _membership(sets: Sequence[frozenset[Any]]) -> tuple[Any, NDArray[np.int64]]:
    """Which set holds which word, shape (set, word), and how many words each holds."""
    from scipy import sparse

    sizes = np.array([len(one) for one in sets], dtype=np.int64)
    words = pd.factorize(np.array([word for one in sets for word in one], dtype=object))[0]
    edges = np.concatenate([[0], np.cumsum(sizes)])
    width = int(words.max()) + 1 if len(words) else 1
    ones = np.ones(len(words), dtype=np.float32)
    held = sparse.csr_array((ones, words, edges), shape=(len(sets), width))
    return (held.toarray() if len(sets) * width <= _DENSE_CELLS else held), sizes


def _set_likeness(
    members: Any, sizes: NDArray[np.int64], start: int, stop: int, distance: Distance
) -> Floats:
    both = members[start:stop] @ members.T
    both = (both if isinstance(both, np.ndarray) else both.toarray()).astype(np.float64)
    mine, theirs = sizes[start:stop, None], sizes[None, :]
    # Two empty sets are alike; among distinct sets only one is empty, so 1/1 is met by itself.
    nothing = (mine == 0) & (theirs == 0)
    likeness: Floats = (both + nothing) / np.maximum(mine + theirs - both, 1)
    if distance == "masi":
        nested = both == np.minimum(mine, theirs)
        likeness *= np.where(nested, np.where(mine == theirs, 1.0, 2 / 3), 1 / 3)
    return likeness
