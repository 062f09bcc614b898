"""The tree and the rules read off it: exclusive, exhaustive and equal to its predictions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.tree import DecisionTreeClassifier

from netgloss.concepts.table import ConceptTable
from netgloss.concepts.tree import tree
from netgloss.errors import NetglossError


def table_of(held: np.ndarray, labels: np.ndarray, names: list[str] | None = None) -> ConceptTable:
    names = names or [f"c{number}" for number in range(held.shape[1])]
    return ConceptTable(
        images=[str(number) for number in range(len(labels))],
        labels=np.asarray(labels, dtype=str),
        concepts=pd.DataFrame({"concept": names, "kind": "type"}),
        matrix=sparse.csc_array(held.astype(np.int8)),
    )


def drawn(images: int = 300, concepts: int = 20, seed: int = 0) -> ConceptTable:
    generator = np.random.default_rng(seed)
    codes = generator.integers(0, 3, images)
    chance = generator.random((3, concepts))
    return table_of(generator.random((images, concepts)) < chance[codes], codes)


def noise(images: int = 80) -> ConceptTable:
    generator = np.random.default_rng(1)
    return table_of(generator.random((images, 30)) < 0.5, generator.integers(0, 2, images))


def test_rules_are_exclusive_exhaustive_and_what_the_tree_says() -> None:
    table = drawn()
    grown = tree(table)
    held = np.stack([table.query(rule).images["holds"].to_numpy() for rule in grown.rules["rule"]])
    assert (held.sum(axis=0) == 1).all()
    assert grown.rules["count"].tolist() == held.sum(axis=1).tolist()
    assert grown.rules["count"].sum() == 300
    said = grown.rules["label"].to_numpy()[held.argmax(axis=0)]
    model = DecisionTreeClassifier(max_depth=5, min_samples_leaf=5, random_state=0)
    dense = table.matrix.toarray()
    assert said.tolist() == model.fit(dense, table.labels).predict(dense).tolist()
    assert grown.accuracy == pytest.approx((said == table.labels).mean())
    for row, here in zip(grown.rules.itertuples(), held, strict=True):
        assert row.accuracy == pytest.approx((table.labels[here] == row.label).mean())
        assert row.frequency == pytest.approx(here.mean())
        assert row.count >= 5
        assert row.rule.count(" AND ") < 5


def test_importances_sum_to_one_and_speak_for_a_label() -> None:
    table = drawn()
    found = tree(table).importances
    assert found["importance"].sum() == pytest.approx(1)
    assert (np.diff(found["importance"]) <= 0).all()
    labels = table.rank().set_index("concept")["label"]
    assert found["label"].tolist() == labels.loc[found["concept"]].tolist()


def test_concepts_on_the_same_images_are_one_question() -> None:
    table = drawn()
    dense = table.matrix.toarray()
    twice = table_of(np.concatenate([dense, dense], axis=1), table.labels)
    single, doubled = tree(table).importances, tree(twice).importances
    assert doubled["concept"].tolist() == single["concept"].tolist()
    assert doubled["aliases"].tolist() == [[f"c{int(n[1:]) + 20}"] for n in doubled["concept"]]


def test_noise_is_called_overfitting() -> None:
    grown = tree(noise())
    assert grown.cross_validated is not None
    assert grown.accuracy > grown.cross_validated + 0.05
    assert "the tree overfits" in grown.warning
    assert "10 folds" in grown.warning


def test_a_clean_world_is_learnt_without_a_warning() -> None:
    codes = np.arange(60) % 2
    grown = tree(table_of(np.stack([codes, 1 - codes, codes * 0], axis=1), codes))
    assert (grown.accuracy, grown.cross_validated, grown.warning) == (1.0, 1.0, "")
    assert len(grown.rules) == 2


def test_a_rare_label_lessens_the_folds() -> None:
    held = drawn(60).matrix.toarray()
    labels = np.where(np.arange(60) < 4, "rare", "common")
    assert tree(table_of(held, labels)).folds == 4
    alone = tree(table_of(held, np.where(np.arange(60) < 1, "rare", "common")))
    assert (alone.folds, alone.cross_validated) == (0, None)
    assert "'rare' has one image" in alone.warning


def test_one_label_is_one_leaf() -> None:
    grown = tree(table_of(np.eye(6), np.full(6, "van")))
    assert grown.rules.to_dict("records") == [
        {"rule": "", "label": "van", "accuracy": 1.0, "frequency": 1.0, "count": 6}
    ]
    assert grown.text == "van (100% of 6)"
    assert "nothing to tell apart" in grown.warning
    assert len(grown.importances) == 0


def test_the_drawing_has_a_line_a_branch() -> None:
    x, y = np.tile([0, 0, 1, 1], 10), np.tile([0, 1, 0, 1], 10)
    table = table_of(np.stack([x, y], axis=1), np.where(x & y, "a", "b"), ["sky", "or"])
    lines = tree(table).text.splitlines()
    assert sorted(lines) == sorted(
        ['├─ sky', '│  ├─ "or": a (100% of 10)', '│  └─ NOT "or": b (100% of 10)',
         "└─ NOT sky: b (100% of 20)"]
    ) or sorted(lines) == sorted(
        ['├─ "or"', "│  ├─ sky: a (100% of 10)", "│  └─ NOT sky: b (100% of 10)",
         '└─ NOT "or": b (100% of 20)']
    )  # fmt: skip
    assert lines[0].startswith("├─ ")
    assert lines[-1].startswith("└─ NOT ")


def test_two_runs_agree() -> None:
    first, second = tree(drawn()), tree(drawn())
    assert first.text == second.text
    assert first.cross_validated == second.cross_validated


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_depth": 0}, "max_depth is 0"),
        ({"min_samples_leaf": 0}, "min_samples_leaf is 0"),
        ({"kinds": ["pair"]}, "300 images .* and 0 concepts of these kinds"),
    ],
)
def test_options_out_of_range_are_named(options: dict[str, object], message: str) -> None:
    with pytest.raises(NetglossError, match=message):
        drawn().tree(**options)
