"""χ², V, residuals, exact tests and corrections against scipy and against their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.stats.contingency import association

from netgloss.concepts.chi_square import (
    adjust,
    bias_corrected_v,
    chi_square,
    cramers_v,
    exact_p,
    has_small_counts,
    noise_floor,
    p_value,
    residuals,
)
from netgloss.errors import NetglossError


def drawn(classes: int, concepts: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    sizes = generator.integers(20, 200, classes)
    return generator.binomial(sizes[:, None], generator.random((classes, concepts))), sizes


@pytest.mark.parametrize("classes", [2, 3, 7, 60])
@pytest.mark.parametrize("yates", [False, True])
def test_chi_square_v_and_p_equal_scipy(classes: int, yates: bool) -> None:
    present, sizes = drawn(classes, 50)
    chi2 = chi_square(present, sizes, yates=yates)
    p = p_value(chi2, classes)
    for number in range(50):
        table = np.stack([present[:, number], sizes - present[:, number]])
        expected = stats.chi2_contingency(table, correction=yates)
        assert chi2[number] == pytest.approx(expected.statistic, rel=1e-12)
        assert p[number] == pytest.approx(expected.pvalue, rel=1e-11, abs=1e-300)
        if not yates:
            v = cramers_v(chi2[number : number + 1], int(sizes.sum()))[0]
            assert v == pytest.approx(association(table, "cramer"), rel=1e-12)


def test_yates_is_the_only_difference_between_the_two_published_values() -> None:
    present, sizes = np.array([[40], [15]]), np.array([50, 50])
    plain = cramers_v(chi_square(present, sizes), 100)[0]
    corrected = cramers_v(chi_square(present, sizes, yates=True), 100)[0]
    assert (round(plain, 3), round(corrected, 3)) == (0.503, 0.482)


def test_two_classes_v_is_the_correlation() -> None:
    generator = np.random.default_rng(3)
    codes, held = generator.integers(0, 2, (2, 80))
    sizes = np.bincount(codes)
    present = np.bincount(codes, weights=held).astype(np.int64)[:, None]
    v = cramers_v(chi_square(present, sizes), 80)[0]
    assert v == pytest.approx(abs(np.corrcoef(codes, held)[0, 1]), rel=1e-12)
    phi = residuals(present, sizes)[1, 0] / np.sqrt(80)
    assert phi == pytest.approx(np.corrcoef(codes, held)[0, 1], rel=1e-12)


def test_squared_residual_is_one_class_s_chi_square_against_the_rest() -> None:
    present, sizes = drawn(4, 20)
    d = residuals(present, sizes)
    for code in range(4):
        two = np.stack([present[code], present.sum(axis=0) - present[code]])
        rest = np.array([sizes[code], sizes.sum() - sizes[code]])
        assert d[code] ** 2 == pytest.approx(chi_square(two, rest), rel=1e-12)


def test_not_has_the_same_chi_square_and_opposite_residuals() -> None:
    present, sizes = drawn(3, 20)
    assert chi_square(sizes[:, None] - present, sizes) == pytest.approx(
        chi_square(present, sizes), rel=1e-12
    )
    assert residuals(sizes[:, None] - present, sizes) == pytest.approx(-residuals(present, sizes))


def test_constant_concepts_and_one_class_say_nothing() -> None:
    sizes = np.array([3, 4])
    present = np.array([[0, 3], [0, 4]])
    assert chi_square(present, sizes).tolist() == [0, 0]
    assert residuals(present, sizes).tolist() == [[0, 0], [0, 0]]
    assert exact_p(present, sizes).tolist() == [1, 1]
    assert p_value(chi_square(np.array([[2]]), np.array([5])), 1).tolist() == [1]


def test_bias_corrected_v_follows_bergsma() -> None:
    present, sizes = drawn(3, 30, seed=5)
    chi2 = chi_square(present, sizes)
    n = int(sizes.sum())
    expected = [
        np.sqrt(max(0, value / n - 2 / (n - 1)) / min(3 - 4 / (n - 1) - 1, 2 - 1 / (n - 1) - 1))
        for value in chi2
    ]
    assert bias_corrected_v(chi2, n, 3) == pytest.approx(expected, rel=1e-12)


def test_bias_corrected_v_is_near_zero_where_the_plain_one_is_not() -> None:
    generator = np.random.default_rng(0)
    sizes = np.array([10, 10, 10])
    present = generator.binomial(10, 0.5, (3, 2000))
    chi2 = chi_square(present, sizes)
    assert cramers_v(chi2, 30).mean() > 0.2
    assert bias_corrected_v(chi2, 30, 3).mean() < 0.12


@pytest.mark.parametrize("classes", [2, 5])
def test_noise_floor_is_where_chance_ends(classes: int) -> None:
    generator = np.random.default_rng(1)
    sizes = np.full(classes, 300 // classes)
    present = generator.binomial(sizes[:, None], 0.5, (classes, 20_000))
    v = cramers_v(chi_square(present, sizes), int(sizes.sum()))
    assert np.quantile(v, 0.95) == pytest.approx(noise_floor(300, classes), rel=0.05)
    assert np.quantile(v, 0.5) == pytest.approx(noise_floor(300, classes, 0.5), rel=0.05)


def test_cochran_s_rule_is_read_from_expected_counts() -> None:
    generator = np.random.default_rng(2)
    sizes = np.array([12, 20, 9])
    present = generator.binomial(sizes[:, None], generator.random(200))
    for column, broken in zip(present.T, has_small_counts(present, sizes), strict=True):
        expected = stats.contingency.expected_freq(np.stack([column, sizes - column]))
        rule = (expected >= 1 - 1e-12).all() and (expected >= 5 - 1e-12).mean() >= 0.8
        assert broken == (not rule)


def test_two_labels_use_fisher_s_test() -> None:
    sizes = np.array([6, 9])
    present = np.array([[0, 1, 6, 3, 3], [9, 2, 9, 0, 0]])
    expected = [
        stats.fisher_exact(np.stack([column, sizes - column])).pvalue for column in present.T
    ]
    assert exact_p(present, sizes) == pytest.approx(expected, rel=1e-12)


def test_monte_carlo_p_approaches_full_enumeration() -> None:
    sizes, column = np.array([4, 3, 5]), np.array([3, 0, 1])
    observed = chi_square(column[:, None], sizes)[0]
    exact = sum(
        stats.multivariate_hypergeom.pmf([i, j, 4 - i - j], sizes, 4)
        for i in range(5)
        for j in range(5 - i)
        if j <= 3
        and 4 - i - j <= 5
        and chi_square(np.array([[i], [j], [4 - i - j]]), sizes)[0] >= observed - 1e-9
    )
    p = exact_p(column[:, None], sizes, permutations=99_999)[0]
    assert p == pytest.approx(exact, abs=0.005)


def test_monte_carlo_p_does_not_depend_on_its_neighbours() -> None:
    sizes = np.array([4, 3, 5])
    present = np.array([[3, 2, 0], [0, 2, 1], [1, 2, 2]])
    together = exact_p(present, sizes)
    alone = [exact_p(present[:, n : n + 1], sizes)[0] for n in range(3)]
    assert together.tolist() == alone
    assert together.min() >= 1 / 10_000


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 1), max_size=30))
def test_corrections_follow_their_definitions(values: list[float]) -> None:
    p = np.array(values)
    m = len(p)
    harmonic = sum(1 / k for k in range(1, m + 1))
    ordered = np.sort(p)
    for number, value in enumerate(p):
        place = int(np.searchsorted(ordered, value, side="right"))
        bh = min([1.0] + [m * ordered[j - 1] / j for j in range(place, m + 1)])
        by = min([1.0] + [harmonic * m * ordered[j - 1] / j for j in range(place, m + 1)])
        first = int(np.searchsorted(ordered, value, side="left"))
        holm = min(1.0, max((m - j) * ordered[j] for j in range(first + 1)))
        assert adjust(p, "bh")[number] == pytest.approx(bh, rel=1e-9)
        assert adjust(p, "by")[number] == pytest.approx(by, rel=1e-9)
        assert adjust(p, "holm")[number] == pytest.approx(holm, rel=1e-9)
    assert adjust(p, "none").tolist() == values
    if values:
        for method in ("bh", "by"):
            assert adjust(p, method) == pytest.approx(
                stats.false_discovery_control(p, method=method)
            )


def test_an_unknown_correction_is_named() -> None:
    with pytest.raises(NetglossError, match="'bonferoni' is not known"):
        adjust(np.array([0.5]), "bonferoni")  # type: ignore[arg-type]  # there is none
