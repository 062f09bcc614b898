"""How well the findings of one sample agree with those of a reference (SECA 6.1.1, methods 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from netgloss.concepts.association import concept_statistics
from netgloss.concepts.counts import as_rows

if TYPE_CHECKING:
    import pandas as pd

    from netgloss.concepts.table import ConceptTable

__all__ = ["ALPHA", "BATCHES", "KINDS", "compare", "mean_or_nan", "significant"]

ALPHA = 0.05
"""The paper's level; p-values are not corrected there."""
KINDS = ("type", "attribute", "pair")
"""What counts as a concept; combinations of attributes are not in the paper."""
BATCHES = ("0.0-0.2", "0.2-0.4", "0.4-0.6", "0.6-0.8", "0.8-1.0")
"""The paper's batches of Cramér's V; each holds its lower end, the last one 1 too."""

_EDGES = (0.2, 0.4, 0.6, 0.8)
_OVER = (0.2, 0.4)


def significant(
    table: ConceptTable, alpha: float = ALPHA, images: NDArray[np.intp] | None = None
) -> pd.Series[Any]:
    """Cramér's V of the significant types, attributes and attribute-type pairs.

    Args:
        table: The concept table.
        alpha: A concept is significant where its p-value is at most this; not corrected.
        images: Numbers of the images to look at; all of them when None.

    Returns:
        Index: the concept with its kind, such as ``pair:orange-stripe``, in the table's order.

    Source:
        SECA, section 4 (C5).
    """
    import pandas as pd

    kept = table.concepts["kind"].isin(KINDS).to_numpy()
    matrix, labels = as_rows(table.matrix), table.labels
    if images is not None:
        matrix, labels = matrix[images], labels[images]
    found = concept_statistics(matrix, labels)
    hit = np.flatnonzero(kept & (found.p_value <= alpha))
    keys = [table.keys[number] for number in hit.tolist()]
    return pd.Series(found.cramers_v[hit], index=pd.Index(keys, dtype=object))


def compare(sample: pd.Series[Any], reference: pd.Series[Any]) -> dict[str, float]:
    """Precision, recall and error of V of a sample's findings.

    Args:
        sample: Concept to V, as :func:`significant` gives it.
        reference: The same of what is taken for the truth.

    Returns:
        - ``found`` and ``reference``: how many concepts each has.
        - ``precision``; ``precision_over_0.2``: among the concepts with a V of .2 or more.
        - ``recall``; ``recall_over_0.2`` and ``_over_0.4``: of the reference's concepts with such
          a V; ``recall_0.0-0.2`` and so on: of one batch.
        - ``wrong``: concepts that the reference lacks; ``wrong_0.0-0.2`` and so on by their V.
        - ``mae``: mean absolute error of V over the concepts of both, and by the reference's
          batch; ``mae_missing_as_0`` over all of the reference, where a miss has V = 0.

        A share or mean of nothing is NaN.

    Source:
        SECA, section 6.1.2; methods 9.
    """
    true = reference.to_numpy(dtype=float)
    said = sample.reindex(reference.index).to_numpy(dtype=float)
    hit = ~np.isnan(said)
    error = np.abs(said - true)
    value = sample.to_numpy(dtype=float)
    right = sample.index.isin(reference.index)
    batch_true, batch_said = _batch(true), _batch(value)
    result = {
        "found": float(len(sample)),
        "reference": float(len(reference)),
        "precision": mean_or_nan(right),
        "recall": mean_or_nan(hit),
        "wrong": float((~right).sum()),
        "mae": mean_or_nan(error[hit]),
        "mae_missing_as_0": mean_or_nan(np.where(hit, error, true)),
        "precision_over_0.2": mean_or_nan(right[_at_least(value, 0.2)]),
    }
    result |= {f"recall_over_{least}": mean_or_nan(hit[_at_least(true, least)]) for least in _OVER}
    for number, name in enumerate(BATCHES):
        own = batch_true == number
        result[f"recall_{name}"] = mean_or_nan(hit[own])
        result[f"wrong_{name}"] = float((~right & (batch_said == number)).sum())
        result[f"mae_{name}"] = mean_or_nan(error[own & hit])
    return result


def mean_or_nan(values: NDArray[Any]) -> float:
    """The mean; NaN of nothing, without numpy's warning."""
    return float(values.mean()) if len(values) else float("nan")


def _at_least(values: NDArray[np.float64], least: float) -> NDArray[np.bool_]:
    """Which V are at least this; a V of .2 may be computed as .19999999999999998."""
    return values.round(12) >= least


def _batch(values: NDArray[np.float64]) -> NDArray[np.intp]:
    """The number of each V's batch."""
    return np.digitize(values.round(12), _EDGES)
