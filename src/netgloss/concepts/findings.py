"""One row a finding: every number of a concept's test against the predicted label (SECA C5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netgloss.concepts.chi_square import (
    Correction,
    adjust,
    bias_corrected_v,
    chi_square,
    cramers_v,
    exact_p,
    has_small_counts,
    p_value,
    residuals,
)
from netgloss.errors import OptionError

__all__ = ["SPEAKS", "Testing", "findings"]

# The two-sided 95 % point of the normal distribution: where a residual speaks for a label.
SPEAKS = 1.96


@dataclass(frozen=True)
class Testing:
    """How a finding is tested.

    Attributes:
        alpha: A finding is significant where its q-value is at most this.
        correction: For the number of tests: ``bh``, ``by``, ``holm`` or ``none`` (the paper).
        small: Where expected counts are small, q comes from the χ² p-value all the same
            (``chi2``, as published) or from the exact one (``exact``).
        bias_corrected: Report Bergsma's V in place of the plain one.
        yates: Yates' correction with two labels.
        permutations: Tables drawn for an exact p-value with three labels or more.
        seed: Of those draws.
    """

    alpha: float = 0.05
    correction: Correction = "bh"
    small: Literal["chi2", "exact"] = "chi2"
    bias_corrected: bool = False
    yates: bool = False
    permutations: int = 9999
    seed: int = 0

    def __post_init__(self) -> None:
        if self.small not in ("chi2", "exact"):
            raise OptionError(f"small {self.small!r} is not known; use chi2 or exact")
        if not 0 < self.alpha <= 1:
            raise OptionError(f"alpha is {self.alpha}; it is above 0 and at most 1")

    def decisive_p(
        self, present: NDArray[np.int64], sizes: NDArray[np.int64], p: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """The p-values that enter the correction: χ² ones, or exact ones where counts are small."""
        if self.small == "chi2":
            return p
        few = has_small_counts(present, sizes)
        decided = p.copy()
        decided[few] = self.exact(present[:, few], sizes)
        return decided

    def exact(self, present: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.float64]:
        """Exact p-values with this test's draws and seed."""
        return exact_p(present, sizes, permutations=self.permutations, seed=self.seed)

    def effect(self, chi2: NDArray[np.float64], images: int, classes: int) -> NDArray[np.float64]:
        """Cramér's V, plain or bias-corrected."""
        if self.bias_corrected:
            return bias_corrected_v(chi2, images, classes)
        return cramers_v(chi2, images)


def findings(
    names: Sequence[str],
    kinds: Sequence[str],
    present: NDArray[np.int64],
    classes: Sequence[str],
    sizes: NDArray[np.int64],
    how: Testing,
    q: NDArray[np.float64] | None = None,
) -> pd.DataFrame:
    """One row a concept with every number of its test, unranked and in the order given.

    Args:
        names: What each finding is called, shape (concept,).
        kinds: Of which kind it is, shape (concept,).
        present: Images of each label with it, shape (label, concept).
        classes: The labels.
        sizes: Images of each label.
        how: The test's options.
        q: Corrected p-values; the rows are a family of their own when None.
    """
    images, count = int(sizes.sum()), present.sum(axis=0)
    varies = (count > 0) & (count < images)
    chi2 = chi_square(present, sizes, yates=how.yates)
    p = p_value(chi2, len(classes))
    if q is None:
        q = np.ones(len(p))
        q[varies] = adjust(how.decisive_p(present, sizes, p)[varies], how.correction)
    d = residuals(present, sizes)
    exact, test = _small_tests(present, sizes, varies, how)
    found = np.where(q <= how.alpha, "significant", "not significant")
    frame: dict[str, Any] = {
        "concept": list(names),
        "kind": list(kinds),
        "label": _primary(d, classes, varies),
        "cramers_v": how.effect(chi2, images, len(classes)),
        "chi2": chi2,
        "p_value": p,
        "q_value": q,
        "p_exact": exact,
        "test": test,
        "count": count,
        "frequency": _by_label(present / sizes[:, None], classes),
        "association": _by_label(d / np.sqrt(images), classes),
        "residual": _by_label(d, classes),
        "labels": _where(d > SPEAKS, classes),
        "absent": _where(d < -SPEAKS, classes),
        "shared": _is_shared(present / sizes[:, None]),
        "aliases": [[] for _ in names],
        "status": np.where(varies, found, "constant"),
    }
    return pd.DataFrame(frame)


def _primary(
    d: NDArray[np.float64], classes: Sequence[str], varies: NDArray[np.bool_]
) -> list[str | None]:
    first = d.argmax(axis=0)
    return [
        classes[code] if known else None for code, known in zip(first.tolist(), varies, strict=True)
    ]


def _by_label(values: NDArray[np.float64], classes: Sequence[str]) -> list[dict[str, float]]:
    return [dict(zip(classes, column, strict=True)) for column in values.T.tolist()]


def _where(chosen: NDArray[np.bool_], classes: Sequence[str]) -> list[list[str]]:
    return [[classes[code] for code in np.flatnonzero(column).tolist()] for column in chosen.T]


def _is_shared(frequency: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Concepts common in every class and nearly equally so (SECA C5, frequency analysis)."""
    least, most = frequency.min(axis=0), frequency.max(axis=0)
    shared: NDArray[np.bool_] = (least >= 0.25) & (most < 1.5 * least)
    return shared


def _small_tests(
    present: NDArray[np.int64], sizes: NDArray[np.int64], varies: NDArray[np.bool_], how: Testing
) -> tuple[NDArray[np.float64], NDArray[np.str_]]:
    """The exact p-value where Cochran's rule asks for one (else NaN), and each test's name."""
    few = has_small_counts(present, sizes) & varies
    exact = np.full(len(few), np.nan)
    if few.any():
        exact[few] = how.exact(present[:, few], sizes)
    name = "fisher" if len(sizes) == 2 else "permutation"
    return exact, np.where(few, name, "chi2")
