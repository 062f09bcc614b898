"""χ², Cramér's V, residuals, exact p-values and corrections on arrays of counts (SECA C5).

Every function takes ``present``, the images of each label that carry the concept, with the label
on the first axis, and ``sizes``, the images of each label. The contingency table of a concept is
the pair (present, sizes - present).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from netgloss.errors import OptionError

__all__ = [
    "Correction",
    "adjust",
    "bias_corrected_v",
    "chi_square",
    "cramers_v",
    "exact_p",
    "has_small_counts",
    "noise_floor",
    "p_value",
    "p_value_within",
    "residuals",
]

# Degrees of freedom up to which the p-value is summed term by term.
_FEW_FREEDOM = 40

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]
Correction = Literal["bh", "by", "holm", "none"]


def chi_square(present: Counts, sizes: Counts, *, yates: bool = False) -> Floats:
    """Pearson's χ² of each concept against the label; 0 for a constant concept.

    Args:
        present: Images of each label with the concept, shape (label, ...).
        sizes: Images of each label, all above 0, shape (label,).
        yates: Apply Yates' correction where there are two labels, as scipy does unasked. Off,
            so that two-class and many-class tasks compare.

    Source:
        SECA, section 4 (C5). Both columns deviate by the same amount, so
        χ² = Σ_c (n·O_c1 - n_1·n_c)² / n_c / (n_1·(n - n_1)), on exact integers.

    Example:
        >>> chi_square(np.array([[40], [15]]), np.array([50, 50])).round(2).tolist()
        [25.25]
    """
    images = int(sizes.sum())
    count = present.sum(axis=0)
    deviation = np.zeros(count.shape)
    for row, size in zip(present, sizes.tolist(), strict=True):
        off = (images * row - count * size).astype(np.float64)
        if yates and len(sizes) == 2:
            off = np.abs(off)
            off -= np.minimum(off, images / 2)
        deviation += off * off / size
    spread = count.astype(np.float64) * (images - count)
    chi2: Floats = np.divide(deviation, spread, out=np.zeros(count.shape), where=spread > 0)
    return chi2


def p_value_within(both: Counts, side: Counts) -> Floats:
    """p-value of y against the label among the images that have x; 1 where y is constant there.

    Args:
        both: Images of each label with x and y, shape (label, ...).
        side: Images of each label with x, same shape; at least ``both``.

    Source:
        The sum of :func:`chi_square` with the images of x in place of all images, and one degree
        of freedom less for each label that x never goes with.

    Example:
        >>> both, side = np.array([[40], [15]]), np.array([[50], [50]])
        >>> p_value_within(both, side) == p_value(chi_square(both, side[:, 0]), 2)
        array([ True])
    """
    count, images = both.sum(axis=0), side.sum(axis=0)
    deviation = np.zeros(count.shape)
    for row, size in zip(both, side, strict=True):
        off = (images * row - count * size).astype(np.float64)
        deviation += np.divide(off * off, size, out=np.zeros(count.shape), where=size > 0)
    spread = count.astype(np.float64) * (images - count)
    chi2 = np.divide(deviation, spread, out=np.zeros(count.shape), where=spread > 0)
    classes, p = (side > 0).sum(axis=0), np.ones(count.shape)
    for number in np.unique(classes).tolist():
        p[classes == number] = p_value(chi2[classes == number], number)
    return p


def cramers_v(chi2: Floats, images: int) -> Floats:
    """Cramér's V in [0, 1]: √(χ²/n), since a concept has two values whatever the classes."""
    return np.sqrt(chi2 / images)


def bias_corrected_v(chi2: Floats, images: int, classes: int) -> Floats:
    """Bergsma's V, whose mean under independence is near 0 at any number of images.

    Source:
        Bergsma (2013): φ̃² = max(0, χ²/n - (C-1)/(n-1)) over min(C̃-1, 2̃-1).
    """
    if images < 2:
        return np.zeros_like(chi2)
    phi = np.maximum(0.0, chi2 / images - (classes - 1) / (images - 1))
    rows = classes - (classes - 1) ** 2 / (images - 1)
    columns = 2 - 1 / (images - 1)
    least = min(rows - 1, columns - 1)
    return np.sqrt(phi / least) if least > 0 else np.zeros_like(chi2)


def p_value(chi2: Floats, classes: int) -> Floats:
    """Chance of a χ² at least this large under independence, C - 1 degrees of freedom.

    Source:
        Q(a + 1, x) = Q(a, x) + xᵃe⁻ˣ/Γ(a + 1) from Q(½, x) = erfc(√x) or Q(1, x) = e⁻ˣ, at
        a = (C-1)/2 and x = χ²/2: over a hundred times as fast as the general function, which
        many classes fall back to.
    """
    freedom = classes - 1
    if freedom < 1:
        return np.ones_like(chi2)
    if freedom > _FEW_FREEDOM:
        general: Floats = special.chdtrc(float(freedom), chi2)
        return general
    half = chi2 / 2
    falling = np.exp(-half)
    a, p = (0.5, special.erfc(np.sqrt(half))) if freedom % 2 else (1.0, falling)
    term = np.sqrt(half / np.pi) * 2 * falling if freedom % 2 else half * falling
    while a < freedom / 2:
        p = p + term
        a += 1
        term = term * half / a
    return np.minimum(p, 1.0)


def residuals(present: Counts, sizes: Counts) -> Floats:
    """Adjusted standardised residuals d of the column "present", shape as ``present``.

    Above 1.96 the label carries the concept more often than chance allows. d/√n is the signed
    one-against-rest φ of that label; with two labels d² = χ². 0 for a constant concept.

    Source:
        d_c = (O_c1 - E_c1) / √(E_c1 (1 - n_c/n)(1 - n_1/n)).
    """
    images = int(sizes.sum())
    count = present.sum(axis=0)
    size = sizes.reshape((-1,) + (1,) * count.ndim)
    off = (images * present - count * size).astype(np.float64)
    spread = (count * (images - count)).astype(np.float64) * (size * (images - size) / images)
    d: Floats = np.divide(off, np.sqrt(spread), out=np.zeros(off.shape), where=spread > 0)
    return d


def has_small_counts(present: Counts, sizes: Counts) -> NDArray[np.bool_]:
    """Whether Cochran's rule is broken: an expected count below 1, or over a fifth below 5."""
    images = int(sizes.sum())
    count = present.sum(axis=0)
    size = sizes.reshape((-1,) + (1,) * count.ndim)
    # n·E, so that an expected count of exactly 5 is not below 5.
    with_it, without = size * count, size * (images - count)
    least = np.minimum(with_it.min(axis=0), without.min(axis=0))
    below = (with_it < 5 * images).sum(axis=0) + (without < 5 * images).sum(axis=0)
    broken: NDArray[np.bool_] = (least < images) | (below > 0.2 * 2 * len(sizes))
    return broken


def exact_p(present: Counts, sizes: Counts, *, permutations: int = 9999, seed: int = 0) -> Floats:
    """p-values that hold at any count: Fisher's test for two labels, else Monte-Carlo χ².

    The Monte-Carlo test draws tables with both margins fixed and gives
    (1 + #{χ*² ≥ χ²}) / (1 + permutations); one draw serves all concepts of the same count.

    Args:
        present: Images of each label with the concept, shape (label, concept).
        sizes: Images of each label, shape (label,).
        permutations: Tables drawn a count; the smallest p is 1/(1 + permutations).
        seed: Makes two runs agree, whatever other concepts are tested beside.

    Returns:
        One p-value a concept; 1 for a constant concept.
    """
    count = present.sum(axis=0)
    p = np.ones(count.shape)
    if len(sizes) == 2:
        tables, where = np.unique(present, axis=1, return_inverse=True)
        return _fisher(tables, sizes)[where.reshape(-1)]
    chi2 = chi_square(present, sizes)
    for total in np.unique(count):
        if 0 < total < sizes.sum():
            same = count == total
            drawn = _drawn_chi_squares(int(total), sizes, permutations, seed)
            # Equal tables in another order may differ in the last bit.
            reached = permutations - np.searchsorted(drawn, chi2[same] * (1 - 1e-9))
            p[same] = (1 + reached) / (1 + permutations)
    return p


def adjust(p: Floats, method: Correction = "bh") -> Floats:
    """Corrects p-values for the number of tests in their family.

    Args:
        p: The p-values of one family, shape (test,).
        method: ``bh`` (Benjamini-Hochberg, share of false discoveries), ``by``
            (Benjamini-Yekutieli, the same under any dependence), ``holm`` (chance of one false
            discovery), or ``none``.

    Raises:
        OptionError: The method has another name.

    Example:
        >>> adjust(np.array([0.01, 0.02, 0.03, 0.5])).round(3).tolist()
        [0.04, 0.04, 0.04, 0.5]
    """
    if method not in ("bh", "by", "holm", "none"):
        raise OptionError(f"correction {method!r} is not known; use bh, by, holm or none")
    if method == "none" or not len(p):
        return p.copy()
    order = np.argsort(p, kind="stable")
    ranks = np.arange(1, len(p) + 1)
    # Written out because scipy.stats, which has them, takes longer to import than all the rest.
    if method == "holm":
        steps = np.maximum.accumulate(p[order] * ranks[::-1])
    else:
        dependence = float(np.sum(1 / ranks)) if method == "by" else 1.0
        scaled = p[order] * dependence * len(p) / ranks
        steps = np.minimum.accumulate(scaled[::-1])[::-1]
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(steps, 1.0)
    return adjusted


def noise_floor(images: int, classes: int = 2, share: float = 0.95) -> float:
    """The V that this share of meaningless concepts stay below at this number of images.

    Example:
        >>> round(noise_floor(300), 3), round(noise_floor(300, share=0.5), 3)
        (0.113, 0.039)
    """
    return float(np.sqrt(special.chdtri(classes - 1, 1 - share) / images))


def _fisher(tables: Counts, sizes: Counts) -> Floats:
    from scipy.stats import fisher_exact

    return np.array(
        [fisher_exact(np.stack([column, sizes - column])).pvalue for column in tables.T]
    )


def _drawn_chi_squares(count: int, sizes: Counts, draws: int, seed: int) -> Floats:
    """Sorted χ² of tables drawn under independence with this many images carrying the concept."""
    generator = np.random.default_rng([seed, count])
    tables = generator.multivariate_hypergeometric(sizes, count, size=draws, method="marginals")
    return np.sort(chi_square(tables.T, sizes))
