from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netgloss.concepts.table import ConceptTable
from netgloss.experiments.agreement import BATCHES, KINDS, compare, significant


def _values(**found: float) -> pd.Series:
    return pd.Series(found, dtype=float)


def _table(images: int = 90, seed: int = 0) -> ConceptTable:
    """Three classes; some types and colours go with one of them, most go with none."""
    rng = np.random.default_rng(seed)
    labels = {f"i{n}": "abc"[n % 3] for n in range(images)}
    rows = []
    for image, label in labels.items():
        for number in range(8):
            likely = 0.8 if number < 2 and label == "ab"[number] else 0.3
            if rng.random() < likely:
                colour = "red" if label == "c" and rng.random() < 0.7 else "blue"
                rows.append((image, "P", f"thing{number}", [colour, "big"]))
    regions = pd.DataFrame(rows, columns=["image", "person", "type", "attributes"])
    return ConceptTable.build(regions, labels, list(labels))


concepts = st.dictionaries(
    st.sampled_from([f"type:{letter}" for letter in "abcdefgh"]), st.floats(0, 1), max_size=8
)


@given(concepts)
def test_a_reference_agrees_with_itself(found: dict[str, float]) -> None:
    reference = pd.Series(found, dtype=float)
    same = compare(reference, reference)
    shares = {name: value for name, value in same.items() if not math.isnan(value)}
    for name, value in shares.items():
        if name.startswith(("precision", "recall")):
            assert value == 1
        elif name.startswith(("wrong", "mae")):
            assert value == 0
    assert math.isnan(same["recall"]) == (not found)


@given(concepts, concepts)
def test_compare_is_what_the_definition_says_one_by_one(
    said: dict[str, float], true: dict[str, float]
) -> None:
    got = compare(pd.Series(said, dtype=float), pd.Series(true, dtype=float))
    both = set(said) & set(true)
    assert got["precision"] == pytest.approx(len(both) / len(said) if said else np.nan, nan_ok=True)
    assert got["recall"] == pytest.approx(len(both) / len(true) if true else np.nan, nan_ok=True)
    off = [abs(said[key] - true[key]) for key in both]
    assert got["mae"] == pytest.approx(np.mean(off) if off else np.nan, nan_ok=True)
    filled = [abs(said.get(key, 0.0) - v) for key, v in true.items()]
    assert got["mae_missing_as_0"] == pytest.approx(
        np.mean(filled) if filled else np.nan, nan_ok=True
    )
    assert sum(got[f"wrong_{batch}"] for batch in BATCHES) == got["wrong"] == len(said) - len(both)
    weights = [sum(_in(batch, v) for v in true.values()) for batch in BATCHES]
    hits = [got[f"recall_{batch}"] * n for batch, n in zip(BATCHES, weights, strict=True) if n]
    assert sum(hits) == pytest.approx(len(both))


def _in(batch: str, value: float) -> bool:
    low, high = (float(edge) for edge in batch.split("-"))
    value = round(value, 12)
    return low <= value < high or value == high == 1


def test_a_batch_holds_its_lower_end_and_the_last_one_holds_one() -> None:
    reference = _values(a=0.2, b=1.0, c=0.6 - 1e-16, d=0.39)
    got = compare(_values(a=0.2, b=1.0), reference)
    assert got["recall_0.2-0.4"] == 0.5
    assert got["recall_0.8-1.0"] == 1
    assert got["recall_0.6-0.8"] == 0
    assert math.isnan(got["recall_0.0-0.2"])
    assert got["recall_over_0.4"] == 0.5


def test_wrong_concepts_are_counted_where_the_sample_puts_them() -> None:
    got = compare(_values(a=0.9, x=0.1, y=0.5), _values(a=0.3, b=0.1))
    assert (got["wrong"], got["wrong_0.0-0.2"], got["wrong_0.4-0.6"]) == (2, 1, 1)
    assert got["precision_over_0.2"] == 0.5
    assert got["mae"] == got["mae_0.2-0.4"] == pytest.approx(0.6)
    assert got["mae_missing_as_0"] == pytest.approx(0.35)


def test_an_empty_sample_has_no_precision_and_an_empty_reference_no_recall() -> None:
    some, none = _values(a=0.5), _values()
    missed = compare(none, some)
    assert math.isnan(missed["precision"])
    assert math.isnan(missed["mae"])
    assert missed["recall"] == 0
    invented = compare(some, none)
    assert math.isnan(invented["recall"])
    assert (invented["precision"], invented["wrong"]) == (0, 1)


def test_significant_is_what_rank_finds_without_correction() -> None:
    table = _table()
    ranked = table.rank(correction="none", kinds=KINDS)
    slow = ranked[ranked["status"] == "significant"]
    keys = (slow["kind"] + ":" + slow["concept"]).tolist()
    fast = significant(table)
    assert 0 < len(fast) < len(ranked)
    assert dict(zip(keys, slow["cramers_v"], strict=True)) == pytest.approx(fast.to_dict())
    assert not [key for key in fast.index if key.startswith("combination:")]


def test_some_images_are_tested_as_a_table_of_their_own() -> None:
    table = _table()
    chosen = np.random.default_rng(1).permutation(90)[:50]
    alone = ConceptTable(
        images=[table.images[number] for number in chosen],
        labels=table.labels[chosen],
        concepts=table.concepts,
        matrix=table.matrix[chosen],
    )
    pd.testing.assert_series_equal(significant(table, images=chosen), significant(alone))


def test_nothing_is_significant_where_the_network_says_one_thing() -> None:
    table = _table()
    only_a = np.flatnonzero(table.labels == "a")
    assert significant(table, images=only_a).empty
