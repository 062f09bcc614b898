"""Findings: each concept tested against the predicted label and ranked by Cramér's V (SECA C5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netgloss.concepts.chi_square import chi_square, cramers_v, p_value
from netgloss.concepts.counts import Matrix, as_rows, encode, label_counts
from netgloss.concepts.expression import column_texts
from netgloss.concepts.findings import Testing, findings
from netgloss.concepts.readiness import require_label, same_columns, usable
from netgloss.concepts.table import KINDS, ConceptTable
from netgloss.progress import Tracker, untracked

__all__ = [
    "COLUMNS",
    "ConceptStatistics",
    "concept_statistics",
    "rank",
]

COLUMNS = (
    "rank",
    "concept",
    "kind",
    "label",
    "cramers_v",
    "chi2",
    "p_value",
    "q_value",
    "p_exact",
    "test",
    "count",
    "frequency",
    "association",
    "residual",
    "labels",
    "absent",
    "shared",
    "aliases",
    "status",
)


@dataclass(frozen=True)
class ConceptStatistics:
    """Every concept of a table tested at once, as arrays in the order of its columns.

    NOT x has the same χ², V and p as x; its count is ``images - count``.
    """

    classes: list[str]
    sizes: NDArray[np.int64]
    present: NDArray[np.int64]
    count: NDArray[np.int64]
    chi2: NDArray[np.float64]
    cramers_v: NDArray[np.float64]
    p_value: NDArray[np.float64]


def concept_statistics(matrix: Matrix, labels: NDArray[np.generic]) -> ConceptStatistics:
    """Tests every column of a 0/1 table against the labels in one contraction.

    Args:
        matrix: 0/1, dense or sparse, shape (image, concept).
        labels: The predicted label of each image, shape (image,).

    Source:
        SECA, section 4 (C5).

    Example:
        >>> found = concept_statistics(np.eye(4)[:, :1], np.array(["a", "b", "b", "b"]))
        >>> found.chi2.tolist(), found.cramers_v.tolist()
        ([4.0], [1.0])
    """
    classes, codes, sizes = encode(labels)
    present = label_counts(as_rows(matrix), codes, len(classes))
    chi2 = chi_square(present, sizes)
    return ConceptStatistics(
        classes=classes,
        sizes=sizes,
        present=present,
        count=present.sum(axis=0),
        chi2=chi2,
        cramers_v=cramers_v(chi2, int(sizes.sum())),
        p_value=p_value(chi2, len(classes)),
    )


def rank(
    table: ConceptTable,
    *,
    label: str | None = None,
    kinds: Sequence[str] = KINDS,
    explore: bool = False,
    pairs: Literal["all", "significant"] = "all",
    min_support: float = 0.03,
    min_images: int = 5,
    top: int = 1000,
    keep_redundant: bool = False,
    track: Tracker = untracked,
    **testing: Any,
) -> pd.DataFrame:
    """Ranks the concepts by how strongly they go with the predicted label.

    Args:
        table: The concept table.
        label: Only findings that speak for this label (residual above 1.96), ranked by its φ.
        kinds: Which concepts are tested; they are one family for the correction.
        explore: Add NOT x for every significant x, and x AND y with x and y negated or not.
        pairs: Which concepts are combined: ``all``, which finds words that mean something only
            together, or ``significant``, the paper's reading.
        min_support: Share of the images that a combination and both its sides must hold on.
        min_images: The same as a number; the stricter of the two counts.
        top: How many combinations are kept, the strongest first.
        keep_redundant: Keep combinations that say no more than one of their sides, as published.
        track: Tells how far the combinations are.
        **testing: The fields of :class:`~netgloss.concepts.findings.Testing`.

    Returns:
        One row a finding, strongest first; equal V share a rank (1, 1, 3). Columns: rank,
        concept, kind, label (the one with the largest residual), cramers_v, chi2, p_value,
        q_value, p_exact (where counts are small) and test, count, frequency, association (φ) and
        residual by label, labels (residual above 1.96), absent (below -1.96), shared, aliases
        (concepts on the same images), status (significant, not significant, constant).

    Raises:
        NetglossError: The table is empty, has one label only or lacks the one asked for.

    Source:
        SECA, section 4 (C5): χ² test, Cramér's V, frequency analysis, NOT and AND.
    """
    how = Testing(**testing)
    chosen = usable(table).subset(kinds)
    if label is not None:
        require_label(table, label)
    rows = as_rows(chosen.matrix)
    classes, codes, sizes = encode(chosen.labels)
    present = label_counts(rows, codes, len(classes))
    names = chosen.concepts["concept"].tolist()
    frame = findings(names, chosen.concepts["kind"].tolist(), present, classes, sizes, how)
    frame["aliases"] = _aliases(chosen)
    if explore and len(frame):
        from netgloss.concepts.exploration import Search, explored

        search = Search(pairs, min_support, min_images, top, keep_redundant, label)
        frame = explored(frame, chosen, search, how, track)
    return _ranked(frame, label)


def _ranked(frame: pd.DataFrame, label: str | None) -> pd.DataFrame:
    """Sorts by V (or the label's φ), then χ², and gives equal values one rank."""
    strength = frame["cramers_v"]
    if label is not None:
        frame = frame[np.array([label in found for found in frame["labels"]], dtype=bool)]
        strength = pd.Series([phi[label] for phi in frame["association"]], frame.index, dtype=float)
    # Twelve digits: equal tables of other classes may differ in the last bit.
    strength = strength.round(12)
    order = pd.DataFrame({"strength": -strength, "chi2": -frame["chi2"].round(9)})
    frame = frame.loc[order.sort_values(["strength", "chi2"], kind="stable").index]
    places = strength.rank(method="min", ascending=False).loc[frame.index].astype(int)
    return frame.assign(rank=places).reset_index(drop=True)[list(COLUMNS)]


def _aliases(table: ConceptTable) -> list[list[str]]:
    texts = column_texts(table)
    return [
        [texts[other] for other in group if other != number]
        for number, group in enumerate(same_columns(table))
    ]
