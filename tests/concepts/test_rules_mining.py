"""Class-headed rules against mlxtend, against all bodies enumerated, and within their bounds."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from netgloss.concepts import bodies
from netgloss.concepts import rules as rules_module
from netgloss.concepts.rules import COLUMNS, estimate, rules
from netgloss.concepts.table import ConceptTable
from netgloss.errors import NetglossError


def table_of(held: np.ndarray, labels: np.ndarray) -> ConceptTable:
    return ConceptTable(
        images=[str(number) for number in range(len(labels))],
        labels=np.asarray(labels, dtype=str),
        concepts=pd.DataFrame({"concept": [f"c{n}" for n in range(held.shape[1])], "kind": "type"}),
        matrix=sparse.csc_array(held.astype(np.int8)),
    )


def drawn(
    images: int = 120, concepts: int = 10, classes: int = 3, seed: int = 0, often: float = 0.8
) -> ConceptTable:
    generator = np.random.default_rng(seed)
    codes = generator.integers(0, classes, images)
    chance = generator.random((classes, concepts)) * often
    return table_of(generator.random((images, concepts)) < chance[codes], codes)


def as_dict(found: pd.DataFrame) -> dict[tuple[frozenset[str], str], Any]:
    assert found.columns.tolist() == list(COLUMNS)
    keyed = {(frozenset(row.body), row.label): row for row in found.itertuples()}
    assert len(keyed) == len(found)
    return keyed


def enumerated(table: ConceptTable, longest: int) -> dict[tuple[frozenset[str], str], list[float]]:
    """Every body and label with the numbers of its rule, by the formulas on plain columns."""
    held = table.matrix.toarray().astype(bool)
    names = table.concepts["concept"].tolist()
    every = {}
    for size in range(1, longest + 1):
        for body in combinations(range(len(names)), size):
            inside = held[:, list(body)].all(axis=1)
            for label in np.unique(table.labels):
                of_label = table.labels == label
                if not (inside & of_label).any():
                    continue
                support, cover, prior = (inside & of_label).mean(), inside.mean(), of_label.mean()
                sure = support / cover
                conviction = np.inf if (inside <= of_label).all() else (1 - prior) / (1 - sure)
                key = frozenset(names[column] for column in body), str(label)
                every[key] = [
                    support, sure, sure / prior, support - cover * prior, conviction,
                    (inside & of_label).sum(), inside.sum(),
                ]  # fmt: skip
    return every


@pytest.mark.parametrize("min_support", [0.01, 0.05, 0.2])
@pytest.mark.parametrize("longest", [1, 2, 3, 5])
def test_same_rules_as_all_bodies_enumerated(min_support: float, longest: int) -> None:
    table = drawn()
    found = as_dict(rules(table, min_support=min_support, max_body=longest, keep_redundant=True))
    expected = {
        key: numbers
        for key, numbers in enumerated(table, longest).items()
        if numbers[0] >= min_support and numbers[1] >= 0.3 and numbers[2] > 1 + 1e-12
    }
    assert found.keys() == expected.keys()
    for key, numbers in expected.items():
        assert list(found[key][3:]) == pytest.approx(numbers, rel=1e-12)


@pytest.mark.parametrize("seed", [0, 1])
def test_same_rules_as_mlxtend(seed: int) -> None:
    from mlxtend.frequent_patterns import apriori, association_rules

    table = drawn(250, 14, 2, seed)
    frame = pd.DataFrame(table.matrix.toarray().astype(bool), columns=table.concepts["concept"])
    for label in "01":
        frame[label] = table.labels == label
    sets = apriori(frame, min_support=0.1, use_colnames=True)
    peer = association_rules(sets, metric="confidence", min_threshold=0.3)
    columns = ("support", "confidence", "lift", "leverage", "conviction")
    expected = {
        (row["antecedents"], next(iter(row["consequents"]))): [row[name] for name in columns]
        for _, row in peer.iterrows()
        if len(row["consequents"]) == 1
        and row["consequents"] <= {"0", "1"}
        and not row["antecedents"] & {"0", "1"}
    }
    found = as_dict(rules(table, max_body=0, keep_redundant=True, min_lift=None))
    assert len(expected) > 100
    assert found.keys() == expected.keys()
    for key, numbers in expected.items():
        assert list(found[key][3:8]) == pytest.approx(numbers, rel=1e-12, abs=1e-15)


def test_lift_is_bounded_by_the_label_s_rarity() -> None:
    table = drawn()
    for row in rules(table, min_support=0.02, max_body=0, min_lift=None).itertuples():
        prior = (table.labels == row.label).mean()
        assert row.lift <= 1 / prior + 1e-12
        assert row.lift == pytest.approx(row.confidence / prior)


def test_strongest_lift_first() -> None:
    found = rules(drawn(), min_support=0.05)
    assert (np.diff(found["lift"]) <= 0).all()
    limited = rules(drawn(), min_support=0.05, limit=5)
    pd.testing.assert_frame_equal(limited, found.head(5))


def test_one_label_s_rules_are_the_others_left_out() -> None:
    found = rules(drawn(), min_support=0.05, max_body=0)
    alone = rules(drawn(), min_support=0.05, max_body=0, label="2")
    assert as_dict(alone) == {key: row for key, row in as_dict(alone).items() if key[1] == "2"}
    assert set(as_dict(alone)) == {key for key in as_dict(found) if key[1] == "2"}


def test_bodies_with_an_implied_concept_are_dropped() -> None:
    claw = np.tile([1, 1, 1, 0, 0, 0], 10)
    red_claw = np.tile([1, 1, 0, 0, 0, 0], 10)
    water = np.tile([1, 0, 1, 0, 1, 0], 10)
    labels = np.tile(["lobster", "lobster", "lobster", "shark", "shark", "shark"], 10)
    table = table_of(np.stack([claw, red_claw, water], axis=1), labels)
    lean = set(as_dict(rules(table)))
    every = set(as_dict(rules(table, keep_redundant=True)))
    implied = {key for key in every if key[0] >= {"c0", "c1"}}
    assert implied
    assert lean == every - implied


def test_concepts_on_the_same_images_stand_in_one_rule_only() -> None:
    table = drawn()
    dense = table.matrix.toarray()
    twice = table_of(np.concatenate([dense, dense[:, :4]], axis=1), table.labels)
    pd.testing.assert_frame_equal(rules(twice), rules(table))
    assert len(rules(twice, keep_redundant=True)) > len(rules(table, keep_redundant=True))


@pytest.mark.parametrize("margin", [0.0, 0.1])
def test_a_productive_rule_beats_all_its_shorter_ones(margin: float) -> None:
    table = drawn()
    every = enumerated(table, 4)
    plain = as_dict(rules(table, min_support=0.05, keep_redundant=True))
    kept = as_dict(rules(table, min_support=0.05, keep_redundant=True, productive=margin))
    assert 0 < len(kept) < len(plain)
    for (body, label), row in plain.items():
        shorter = [1.0] + [
            every.get((frozenset(part), label), [0, 0, 0])[2]
            for size in range(1, len(body))
            for part in combinations(body, size)
        ]
        beats = row.lift > max(shorter) + 1e-12 and row.lift >= max(shorter) + margin - 1e-12
        assert ((body, label) in kept) == beats


@pytest.mark.parametrize("cells", [0, 1 << 25], ids=["sparse", "dense"])
def test_the_way_of_counting_does_not_show(monkeypatch: pytest.MonkeyPatch, cells: int) -> None:
    expected = rules(drawn(), min_support=0.05, max_body=0)
    monkeypatch.setattr(bodies, "_DENSE_CELLS", cells)
    pd.testing.assert_frame_equal(rules(drawn(), min_support=0.05, max_body=0), expected)


def test_the_estimate_is_what_the_search_tests() -> None:
    table = drawn(often=1.0)
    size = estimate(table, min_support=0.05, max_body=0, keep_redundant=True)
    every = [body for (body, _), numbers in enumerated(table, 10).items() if numbers[0] >= 0.05]
    lengths = pd.Series([len(body) for body in set(every)]).value_counts().sort_index()
    assert size["frequent"].tolist()[: len(lengths)] == lengths.tolist()
    assert size["candidates"].tolist()[:2] == [10, lengths[1] * (lengths[1] - 1) // 2]
    assert (size["frequent"] <= size["candidates"]).all()
    short = estimate(table, min_support=0.05, max_body=0, keep_redundant=True, budget=40)
    assert short["candidates"].tolist() == [10, 45]
    assert short["frequent"].isna().tolist() == [False, True]


def test_a_search_without_end_is_refused_with_advice_that_helps() -> None:
    table = drawn(concepts=40, often=1.0)
    with pytest.raises(NetglossError) as caught:
        rules(table, min_support=0.01, max_body=0, max_candidates=500)
    message = str(caught.value)
    assert message.startswith("level 2 would test 7.8e+02 bodies, 5.0e+02 at most are tested")
    assert message.endswith("or set max_body to 1")
    advised = float(message.split("about ")[1].split(" or ")[0])
    assert 0.01 < advised < 1
    assert len(rules(table, min_support=0.01, max_body=1, max_candidates=500)) > 0
    search = estimate(table, min_support=advised, max_body=2)
    assert search["candidates"].iloc[1] <= 500


def test_too_many_rules_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules_module, "MAX_RULES", 10)
    with pytest.raises(NetglossError, match="more than 10 rules pass; raise min_support"):
        rules(drawn(), min_support=0.01)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"min_support": 0}, "min_support is 0; it is a share"),
        ({"min_support": 1.5}, "min_support is 1.5"),
        ({"max_body": -1}, "max_body is -1"),
        ({"label": "9"}, "'9' is predicted for no"),
        ({"kinds": ["noun"]}, "kind 'noun' is not known"),
    ],
)
def test_options_out_of_range_are_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(NetglossError, match=message):
        rules(drawn(), **options)


def test_nothing_frequent_gives_an_empty_table() -> None:
    found = rules(drawn(), min_support=1.0)
    assert len(found) == 0
    assert found.columns.tolist() == list(COLUMNS)
    assert len(rules(drawn(), kinds=["pair"])) == 0
