"""x AND y for all pairs of concepts by products, their NOT variants by inclusion-exclusion.

From ``N(x AND y)`` a label follow the tables of x AND NOT y, NOT x AND y and NOT x AND NOT y
(SECA C5, exploration); no combination is ever laid out as a column.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netgloss.concepts.chi_square import chi_square, cramers_v, p_value
from netgloss.concepts.counts import Matrix, as_rows, encode, label_counts, pair_blocks

__all__ = ["PairStatistics", "Variant", "pair_statistics", "variants"]


@dataclass(frozen=True)
class PairStatistics:
    """Combinations of two concepts, all tested, as arrays of shape (combination,).

    Attributes:
        first: Column of the one side.
        second: Column of the other, always above ``first``.
        negated: Whether each side stands under NOT, shape (combination, 2).
        count: Images on which the combination holds.
        chi2: χ² against the label.
        cramers_v: Its Cramér's V.
        p_value: Its p-value.
    """

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    negated: NDArray[np.bool_]
    count: NDArray[np.int64]
    chi2: NDArray[np.float64]
    cramers_v: NDArray[np.float64]
    p_value: NDArray[np.float64]


@dataclass(frozen=True)
class Variant:
    """The pairs of one block with the same sides under NOT.

    Attributes:
        negated: Which sides stand under NOT.
        present: Images of each label on which both sides hold, shape (label, pair).
        sides: Images of each label on which each side holds, shape (label, pair).
    """

    negated: tuple[bool, bool]
    present: NDArray[np.int64]
    sides: tuple[NDArray[np.int64], NDArray[np.int64]]


def pair_statistics(
    matrix: Matrix, labels: NDArray[np.generic], *, negations: bool = False
) -> PairStatistics:
    """Tests x AND y for every pair of columns, and with ``negations`` its three NOT variants.

    Args:
        matrix: 0/1, dense or sparse, shape (image, concept).
        labels: The predicted label of each image, shape (image,).
        negations: Test x AND NOT y, NOT x AND y and NOT x AND NOT y as well.

    Source:
        SECA, section 4 (C5). Counts by ``XᵀX`` a label, NOT by inclusion-exclusion.

    Example:
        >>> table = np.array([[1, 1], [1, 0], [0, 1], [0, 0]])
        >>> found = pair_statistics(table, np.array(["a", "b", "b", "b"]))
        >>> found.count.tolist(), found.cramers_v.tolist()
        ([1], [1.0])
    """
    classes, codes, sizes = encode(labels)
    rows = as_rows(matrix)
    singles = label_counts(rows, codes, len(classes))
    parts = []
    for first, second, both in pair_blocks(rows, codes, len(classes)):
        for variant in variants(singles, sizes, first, second, both, negations):
            chi2 = chi_square(variant.present, sizes)
            negated = np.tile(np.array(variant.negated), (len(first), 1))
            parts.append((first, second, negated, variant.present.sum(axis=0), chi2))
    if not parts:
        none = np.empty(0, dtype=np.int64)
        parts = [(none, none, np.empty((0, 2), dtype=bool), none, np.empty(0))]
    first, second, negated, count, chi2 = (
        np.concatenate(column) if len(parts) > 1 else column[0]
        for column in zip(*parts, strict=True)
    )
    images = int(sizes.sum())
    return PairStatistics(
        first=first,
        second=second,
        negated=negated,
        count=count,
        chi2=chi2,
        cramers_v=cramers_v(chi2, images),
        p_value=p_value(chi2, len(classes)),
    )


def variants(
    singles: NDArray[np.int64],
    sizes: NDArray[np.int64],
    first: NDArray[np.intp],
    second: NDArray[np.intp],
    both: NDArray[np.int64],
    negations: bool,
) -> Iterator[Variant]:
    """Yields the tables of x AND y and, by inclusion-exclusion, of its NOT variants."""
    x, y = singles[:, first], singles[:, second]
    yield Variant((False, False), both, (x, y))
    if negations:
        not_x, not_y = sizes[:, None] - x, sizes[:, None] - y
        yield Variant((False, True), x - both, (x, not_y))
        yield Variant((True, False), y - both, (not_x, y))
        yield Variant((True, True), not_x - y + both, (not_x, not_y))
