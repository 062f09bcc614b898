"""Two tables side by side: alignment by name, and a p-value that holds its level."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from netgloss.concepts.compare import COLUMNS, compare, same_images
from netgloss.concepts.table import ConceptTable
from netgloss.errors import NetglossError


def table_of(
    held: np.ndarray, labels: np.ndarray, names: list[str], first: int = 0
) -> ConceptTable:
    return ConceptTable(
        images=[str(number + first) for number in range(len(labels))],
        labels=np.asarray(labels, dtype=str),
        concepts=pd.DataFrame({"concept": names, "kind": "type"}),
        matrix=sparse.csc_array(held.astype(np.int8)),
    )


def leaning(
    images: int, chances: list[tuple[float, float]], seed: int, first: int = 0
) -> ConceptTable:
    """Concepts with these chances on images of either label."""
    generator = np.random.default_rng(seed)
    codes = np.arange(images) % 2
    chance = np.array(chances)[:, codes].T
    held = generator.random(chance.shape) < chance
    return table_of(held, codes, [f"c{n}" for n in range(len(chances))], first)


def test_concepts_are_matched_by_kind_and_name() -> None:
    codes = np.array([0, 0, 1, 1])
    a = table_of(np.array([[1, 1], [1, 0], [0, 1], [0, 0]]), codes, ["sky", "road"])
    b = table_of(np.array([[0, 1], [1, 0], [0, 1], [1, 0]]), codes, ["sea", "sky"], first=2)
    found = compare(a, b).set_index("concept")
    assert found.reset_index().columns.tolist() == list(COLUMNS)
    assert found["present_in"].to_dict() == {"sky": "both", "road": "a", "sea": "b"}
    assert found.loc["sky", ["cramers_v_a", "cramers_v_b", "difference"]].tolist() == [1, 0, 1]
    assert found.loc["sky", ["count_a", "count_b"]].tolist() == [2, 2]
    assert pd.isna(found.loc["road", "cramers_v_b"])
    assert pd.isna(found.loc["sea", "p_value"])
    assert found.attrs["same_images"] == same_images(a, b) == 2


def test_a_table_does_not_differ_from_itself() -> None:
    a = leaning(100, [(0.2, 0.8), (0.5, 0.5), (0.9, 0.3)], seed=0)
    found = compare(a, a)
    assert found["difference"].tolist() == [0, 0, 0]
    assert found["p_value"].tolist() == [1, 1, 1]


def test_swapping_the_tables_turns_the_sign() -> None:
    a = leaning(100, [(0.2, 0.8), (0.5, 0.5)], seed=0)
    b = leaning(100, [(0.4, 0.6), (0.1, 0.9)], seed=1)
    forth, back = compare(a, b), compare(b, a)
    assert forth["difference"].tolist() == pytest.approx((-back["difference"]).tolist())
    assert forth["p_value"].tolist() == pytest.approx(back["p_value"].tolist())
    assert forth["cramers_v_a"].tolist() == back["cramers_v_b"].tolist()
    assert (np.diff(forth["difference"].abs()) <= 0).all()


@pytest.mark.parametrize("first", [0, 10_000], ids=["same images", "other images"])
def test_equal_worlds_rarely_differ_significantly(first: int) -> None:
    chances = [(0.25, 0.65)] * 400
    a, b = leaning(200, chances, seed=2), leaning(200, chances, seed=3, first=first)
    p = compare(a, b, rounds=300)["p_value"]
    assert 0.02 < (p < 0.05).mean() < 0.09
    assert 0.4 < p.median() < 0.6


def test_different_worlds_are_told_apart() -> None:
    a = leaning(200, [(0.2, 0.8)] * 50, seed=4)
    b = leaning(200, [(0.4, 0.6)] * 50, seed=5)
    found = compare(a, b, rounds=300)
    assert (found["q_value"] < 0.05).mean() > 0.9
    assert (found["difference"] > 0).all()


def test_two_models_on_the_same_images_are_compared_as_a_pair() -> None:
    a = leaning(200, [(0.3, 0.7)], seed=6)
    labels = a.labels.copy()
    labels[:20] = np.where(labels[:20] == "0", "1", "0")
    paired = table_of(a.matrix.toarray(), labels, ["c0"])
    apart = table_of(a.matrix.toarray(), labels, ["c0"], first=10_000)
    assert compare(a, paired)["difference"][0] == compare(a, apart)["difference"][0]
    assert compare(a, paired)["p_value"][0] < compare(a, apart)["p_value"][0]


def test_the_seed_decides_and_is_kept() -> None:
    a, b = leaning(60, [(0.2, 0.8)], seed=7), leaning(60, [(0.4, 0.6)], seed=8)
    p = compare(a, b, seed=1)["p_value"][0]
    assert compare(a, b, seed=1)["p_value"][0] == p
    assert compare(a, b, seed=2)["p_value"][0] != p


def test_nothing_in_common_has_no_test() -> None:
    codes = np.array([0, 1])
    a, b = table_of(np.eye(2), codes, ["x", "y"]), table_of(np.eye(2), codes, ["u", "v"])
    assert compare(a, b)["p_value"].isna().all()


def test_a_table_with_one_label_is_refused() -> None:
    a = leaning(20, [(0.2, 0.8)], seed=0)
    with pytest.raises(NetglossError, match="every annotated image is predicted '0'"):
        compare(a, table_of(np.ones((3, 1)), np.zeros(3, dtype=int), ["c0"]))
    with pytest.raises(NetglossError, match="rounds is 1"):
        compare(a, a, rounds=1)
