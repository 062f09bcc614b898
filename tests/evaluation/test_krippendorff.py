"""Alpha against the published table, its definition pair by pair, and its laws."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netgloss.errors import DataError, OptionError
from netgloss.evaluation.distances import DISTANCES, likeness_blocks
from netgloss.evaluation.krippendorff import agreement, krippendorff_alpha

# Four observers, twelve units; 0 stands for an answer that was not given (Krippendorff 2011).
CLASSIC = """
1101 2232 3333 3333 2222 1234 4444 1121 2222 0555 0011 0030
"""


def table(rows: list[tuple[Any, Any, Any]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["person", "unit", "value"])


def classic() -> pd.DataFrame:
    return table(
        [
            (person, unit, int(digit) or None)
            for unit, digits in enumerate(CLASSIC.split())
            for person, digit in enumerate(digits)
        ]
    )


def slow_distance(a: Any, b: Any, kind: str, totals: Counter[Any]) -> float:
    if kind == "nominal":
        return float(a != b)
    if kind == "interval":
        return float((a - b) ** 2)
    if kind == "ordinal":
        low, high = sorted((a, b))
        between = sum(count for value, count in totals.items() if low <= value <= high)
        return float((between - (totals[low] + totals[high]) / 2) ** 2) if low != high else 0.0
    if not a | b:
        return 0.0
    weight = 1.0
    if kind == "masi" and a != b:
        weight = 2 / 3 if a <= b or b <= a else 1 / 3
    return 1 - weight * len(a & b) / len(a | b)


def slow_alpha(units: list[list[Any]], kind: str) -> tuple[float, float, float]:
    """Alpha, D_o and D_e by the definition, one pair after the other."""
    units = [unit for unit in units if len(unit) > 1]
    totals = Counter(value for unit in units for value in unit)
    n = sum(totals.values())
    inside = sum(
        slow_distance(a, b, kind, totals) / (len(unit) - 1)
        for unit in units
        for a, b in itertools.permutations(unit, 2)
    )
    among = sum(
        totals[a] * totals[b] * slow_distance(a, b, kind, totals)
        for a, b in itertools.permutations(totals, 2)
    )
    if len(totals) < 2:
        return float("nan"), inside / n if n else float("nan"), 0.0
    return 1 - (inside / n) / (among / (n * (n - 1))), inside / n, among / (n * (n - 1))


NUMBERS = st.integers(-3, 3)
SETS = st.frozensets(st.sampled_from("abcd"))


@pytest.mark.parametrize(("kind", "alpha"), [("nominal", 0.743), ("ordinal", 0.815)])
def test_the_published_table_gives_the_published_values(kind: Any, alpha: float) -> None:
    assert krippendorff_alpha(classic(), kind) == pytest.approx(alpha, abs=5e-4)
    assert krippendorff_alpha(classic(), "interval") == pytest.approx(0.849, abs=5e-4)


def test_the_published_table_has_forty_pairable_answers() -> None:
    found = agreement(classic(), resamples=0)
    assert (found.units, found.people, found.answers, found.resamples) == (11, 4, 40, 0)
    assert np.isnan(found.low)


@pytest.mark.parametrize("kind", DISTANCES)
@given(data=st.data())
@settings(max_examples=40)
def test_every_distance_equals_its_definition(kind: Any, data: st.DataObject) -> None:
    value = SETS if kind in ("jaccard", "masi") else NUMBERS
    units = data.draw(st.lists(st.lists(value, max_size=5), min_size=1, max_size=6))
    rows = [(p, u, v) for u, unit in enumerate(units) for p, v in enumerate(unit)]
    found = agreement(table(rows), kind, resamples=0)
    expected = slow_alpha(units, kind)
    assert (found.alpha, found.observed) == pytest.approx(expected[:2], rel=1e-9, nan_ok=True)
    if not np.isnan(expected[0]):
        assert found.expected == pytest.approx(expected[2], rel=1e-9)


@pytest.mark.parametrize("kind", ["nominal", "ordinal", "interval", "masi"])
def test_the_interval_equals_a_bootstrap_of_whole_tables(kind: Any) -> None:
    rng = np.random.default_rng(5)
    units = [rng.integers(0, 4, 3).tolist() for _ in range(9)]
    if kind == "masi":
        units = [[frozenset("abcd"[:number]) for number in unit] for unit in units]
    rows = [(p, u, v) for u, unit in enumerate(units) for p, v in enumerate(unit)]
    found = agreement(table(rows), kind, resamples=60, confidence=0.8, seed=3)
    picks = np.random.default_rng(3).integers(9, size=(60, 9))
    slow = [slow_alpha([units[number] for number in pick], kind)[0] for pick in picks]
    assert [found.low, found.high] == pytest.approx(np.quantile(slow, [0.1, 0.9]), rel=1e-9)


def test_with_two_people_it_is_scott_s_pi_with_its_small_sample_correction() -> None:
    rng = np.random.default_rng(1)
    first, second = rng.integers(0, 3, (2, 40))
    rows = [("a", n, v) for n, v in enumerate(first)] + [("b", n, v) for n, v in enumerate(second)]
    share = np.bincount(np.concatenate([first, second])) / 80
    chance = float((share**2).sum())
    pi = ((first == second).mean() - chance) / (1 - chance)
    assert krippendorff_alpha(table(rows)) == pytest.approx(1 - (1 - pi) * 79 / 80, rel=1e-12)


def test_perfect_agreement_is_one_and_one_value_everywhere_is_undefined() -> None:
    agreed = table([(p, u, u) for p in "abc" for u in range(4)])
    assert krippendorff_alpha(agreed) == krippendorff_alpha(agreed, "interval") == 1
    same = table([(p, u, 0.1) for p in "abc" for u in range(4)])
    for kind in ("nominal", "ordinal", "interval"):
        found = agreement(same, kind)
        assert np.isnan([found.alpha, found.low, found.high]).all()
        assert (found.observed, found.expected, found.resamples) == (0, 0, 0)


def test_units_with_one_answer_change_nothing() -> None:
    alone = pd.concat([classic(), table([(0, "x", 9), (1, "y", 8)])])
    assert krippendorff_alpha(alone, "interval") == pytest.approx(
        krippendorff_alpha(classic(), "interval"), rel=1e-12
    )
    assert np.isnan(krippendorff_alpha(table([("a", 1, "x"), ("b", 2, "x")])))


def test_the_order_of_rows_and_the_names_of_people_and_units_change_nothing() -> None:
    mixed = classic().sample(frac=1, random_state=4)
    renamed = mixed.assign(person=mixed["person"].map("P{}".format), unit=-mixed["unit"])
    for kind in ("nominal", "ordinal", "interval"):
        expected = krippendorff_alpha(classic(), kind)
        assert krippendorff_alpha(renamed, kind) == pytest.approx(expected, rel=1e-12)


def test_interval_bears_another_unit_of_measurement_and_ordinal_any_rising_scale() -> None:
    data = classic()
    shifted = data.assign(value=data["value"] * 0.1 + 1e6)
    assert krippendorff_alpha(shifted, "interval") == pytest.approx(
        krippendorff_alpha(data, "interval"), rel=1e-6
    )
    bent = data.assign(value=np.exp(data["value"].astype(float)))
    assert krippendorff_alpha(bent, "ordinal") == pytest.approx(
        krippendorff_alpha(data, "ordinal"), rel=1e-12
    )
    assert krippendorff_alpha(bent, "interval") != pytest.approx(
        krippendorff_alpha(data, "interval"), abs=0.05
    )


def test_an_ordered_categorical_keeps_its_order() -> None:
    levels = ["none", "few", "many"]
    rng = np.random.default_rng(2)
    data = table([(p, u, int(rng.integers(3))) for p in range(3) for u in range(10)])
    words = pd.Categorical([levels[v] for v in data["value"]], categories=levels, ordered=True)
    assert krippendorff_alpha(data.assign(value=words), "ordinal") == pytest.approx(
        krippendorff_alpha(data, "ordinal"), rel=1e-12
    )
    with pytest.raises(DataError, match="no order"):
        krippendorff_alpha(data.assign(value=words.as_unordered()), "ordinal")


@settings(max_examples=40)
@given(st.lists(st.lists(st.sampled_from("abc"), max_size=4), min_size=1, max_size=5))
def test_sets_of_one_word_are_nominal_values(units: list[list[str]]) -> None:
    rows = [(p, u, v) for u, unit in enumerate(units) for p, v in enumerate(unit)]
    alone = table([(p, u, [v]) for p, u, v in rows])
    expected = pytest.approx(krippendorff_alpha(table(rows)), rel=1e-9, nan_ok=True)
    assert krippendorff_alpha(alone, "jaccard") == expected
    assert krippendorff_alpha(alone, "masi") == expected


def test_random_answers_agree_by_chance_and_more_units_narrow_the_interval() -> None:
    rng = np.random.default_rng(0)
    widths = []
    for units in (50, 800):
        rows = [(p, u, int(rng.integers(4))) for u in range(units) for p in range(3)]
        found = agreement(table(rows))
        assert found.low < 0 < found.high
        widths.append(found.high - found.low)
    assert widths[1] == pytest.approx(widths[0] / 4, rel=0.3)


def test_an_interval_needs_two_units() -> None:
    one = agreement(table([("a", 1, "x"), ("b", 1, "y"), ("c", 1, "x")]))
    assert one.alpha == pytest.approx(slow_alpha([["x", "y", "x"]], "nominal")[0])
    assert np.isnan([one.low, one.high]).all()


def test_many_distinct_sets_come_in_blocks_that_fit_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(8)
    sets = [frozenset(rng.choice(9, rng.integers(0, 5), replace=False).tolist()) for _ in range(60)]
    data = table([(p, u, sets[3 * u + p]) for u in range(20) for p in range(3)])
    whole = agreement(data, "masi", resamples=50)
    monkeypatch.setattr("netgloss.evaluation.distances._BLOCK_CELLS", 100)
    monkeypatch.setattr("netgloss.evaluation.distances._DENSE_CELLS", 0)
    monkeypatch.setattr("netgloss.evaluation.krippendorff._BATCH_CELLS", 600)
    parts = agreement(data, "masi", resamples=50)
    assert vars(parts) == pytest.approx(vars(whole), rel=1e-12)
    distinct = list(dict.fromkeys(sets))
    assert len(list(likeness_blocks(distinct, "masi"))) > 10


@pytest.mark.parametrize(
    ("rows", "kind", "message"),
    [
        ([("a", 1, "x"), ("a", 1, "y")], "nominal", "row 1 is a second answer of person 'a'"),
        ([("a", None, "x")], "nominal", "row 0 has no unit"),
        ([("a", 1, "x"), ("b", 1, "y")], "interval", "value 'x' is no number"),
        ([("a", 1, float("inf")), ("b", 1, 2.0)], "ordinal", "value inf is no number"),
        ([("a", 1, "fur")], "jaccard", "row 0 has the value 'fur'; a collection"),
        ([("a", 1, ["fur"])], "nominal", "a collection; a single value was expected"),
    ],
)
def test_what_cannot_be_compared_is_refused(rows: Any, kind: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        krippendorff_alpha(table(rows), kind)


def test_options_that_do_not_exist_are_refused() -> None:
    with pytest.raises(OptionError, match="distance 'cosine' is not known"):
        krippendorff_alpha(classic(), "cosine")  # type: ignore[arg-type]  # there is none
    with pytest.raises(OptionError, match="confidence"):
        agreement(classic(), confidence=1)
    with pytest.raises(DataError, match="column 'unit' is missing"):
        krippendorff_alpha(classic().drop(columns="unit"))
