"""Ranked findings: their order, their labels, their families and what cannot be tested."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse, stats

from netgloss.concepts.association import COLUMNS, concept_statistics, rank
from netgloss.concepts.chi_square import adjust, exact_p
from netgloss.concepts.table import ConceptTable
from netgloss.errors import NetglossError


def table_of(columns: dict[str, Any], labels: list[str]) -> ConceptTable:
    """A table from columns written as texts of 0 and 1."""
    keys = [key if ":" in key else f"type:{key}" for key in columns]
    matrix = np.array([[int(cell) for cell in column] for column in columns.values()])
    return ConceptTable(
        images=[f"{number}.jpg" for number in range(len(labels))],
        labels=np.array(labels, dtype=str),
        concepts=pd.DataFrame(
            {"concept": [k.split(":")[1] for k in keys], "kind": [k.split(":")[0] for k in keys]}
        ),
        matrix=sparse.csc_array(matrix.reshape(len(keys), len(labels)).T.astype(np.int8)),
    )


def drawn(images: int = 200, concepts: int = 30, classes: int = 3, seed: int = 0) -> ConceptTable:
    generator = np.random.default_rng(seed)
    codes = generator.integers(0, classes, images)
    chance = generator.random((classes, concepts)) ** 2
    held = generator.random((images, concepts)) < chance[codes]
    return table_of(
        {f"c{n}": held[:, n] for n in range(concepts)}, [f"label{code}" for code in codes]
    )


HALVES = ["van"] * 4 + ["ambulance"] * 4
SMALL = {
    "stripe": "00001111",
    "light": "00001110",
    "wheel": "11111111",
    "sky": "11100000",
    "road": "10101010",
    "bulb": "00001110",
}


def test_strongest_first_and_equal_effects_share_a_rank() -> None:
    found = rank(table_of(SMALL, HALVES))
    assert found.columns.tolist() == list(COLUMNS)
    assert found["concept"].tolist() == ["stripe", "light", "sky", "bulb", "wheel", "road"]
    assert found["rank"].tolist() == [1, 2, 2, 2, 5, 5]
    assert found["label"].tolist()[:4] == ["ambulance", "ambulance", "van", "ambulance"]


def test_a_constant_concept_is_kept_but_not_tested() -> None:
    found = rank(table_of(SMALL, HALVES)).set_index("concept")
    wheel = found.loc["wheel"]
    assert (wheel["status"], wheel["cramers_v"], wheel["p_value"]) == ("constant", 0, 1)
    assert pd.isna(wheel["label"])
    tested = found.drop(index="wheel")
    assert tested["q_value"].tolist() == pytest.approx(
        stats.false_discovery_control(tested["p_value"]).tolist()
    )


def test_aliases_are_the_concepts_on_the_same_images() -> None:
    found = rank(table_of(SMALL, HALVES)).set_index("concept")["aliases"]
    assert found["light"] == ["bulb"]
    assert found["bulb"] == ["light"]
    assert found["stripe"] == []


def test_numbers_by_label_follow_their_definitions() -> None:
    table = drawn()
    held = table.matrix.toarray().astype(bool)
    for row in rank(table).itertuples():
        column = held[:, int(row.concept[1:])]
        for name, share in row.frequency.items():
            chosen = table.labels == name
            assert share == pytest.approx(column[chosen].mean())
            phi = np.corrcoef(column, chosen)[0, 1]
            assert row.association[name] == pytest.approx(phi)
            assert row.residual[name] == pytest.approx(phi * np.sqrt(len(column)))
        assert row.label == max(row.residual, key=row.residual.get)
        assert row.labels == [name for name, d in row.residual.items() if d > 1.96]
        assert row.absent == [name for name, d in row.residual.items() if d < -1.96]


def test_a_label_s_findings_are_ranked_by_its_own_association() -> None:
    table = drawn()
    every = rank(table)
    found = rank(table, label="label1")
    assert 0 < len(found) < len(every)
    assert set(found["concept"]) == {
        row.concept for row in every.itertuples() if row.residual["label1"] > 1.96
    }
    phi = [association["label1"] for association in found["association"]]
    assert phi == sorted(phi, reverse=True)
    assert found["rank"].tolist()[0] == 1


def test_shared_concepts_are_common_and_even_in_every_class() -> None:
    columns = {"even": "10101010", "lean": "11100100", "rare": "10001000", "edge": "11001110"}
    shared = rank(table_of(columns, HALVES)).set_index("concept")["shared"]
    assert shared.to_dict() == {"even": True, "lean": False, "rare": True, "edge": False}


def test_kinds_are_the_family() -> None:
    table = table_of({**SMALL, "attribute:stripe": "00001111"}, HALVES)
    found = rank(table, kinds=["attribute"])
    assert found["concept"].tolist() == ["stripe"]
    assert found["q_value"][0] == found["p_value"][0]
    both = rank(table)
    assert both["kind"][:2].tolist() == ["type", "attribute"]
    assert both["aliases"][0] == ["attribute:stripe"]


def test_small_counts_get_an_exact_p_beside_the_published_one() -> None:
    found = rank(table_of(SMALL, HALVES)).set_index("concept")
    stripe = found.loc["stripe"]
    assert stripe["p_value"] == pytest.approx(stats.chi2.sf(8, 1))
    assert stripe["p_exact"] == pytest.approx(stats.fisher_exact([[4, 0], [0, 4]]).pvalue)
    assert stripe["test"] == "fisher"
    many = rank(drawn(2000)).set_index("concept")
    trusted = many[many["test"] == "chi2"]
    assert len(trusted) > 0
    assert trusted["p_exact"].isna().all()


def test_exact_p_decides_where_asked() -> None:
    table = drawn(60, seed=4)
    plain, exact = rank(table), rank(table, small="exact")
    assert plain.set_index("concept")["p_value"].equals(
        exact.set_index("concept")["p_value"].loc[plain["concept"]]
    )
    few = exact["test"] == "permutation"
    assert few.any()
    decisive = exact["p_exact"].where(few, exact["p_value"])
    tested = exact["status"] != "constant"
    assert exact["q_value"][tested].tolist() == pytest.approx(
        adjust(decisive[tested].to_numpy()).tolist()
    )
    present = concept_statistics(table.matrix, table.labels)
    p = exact_p(present.present, present.sizes)
    number = int(exact["concept"][few].iloc[0][1:])
    assert exact["p_exact"][few].iloc[0] == p[number]


@pytest.mark.parametrize("correction", ["bh", "by", "holm", "none"])
def test_significance_is_read_from_the_corrected_value(correction: str) -> None:
    found = rank(drawn(80), correction=correction, alpha=0.01)
    tested = found[found["status"] != "constant"]
    assert ((tested["q_value"] <= 0.01) == (tested["status"] == "significant")).all()
    assert (tested["q_value"] >= tested["p_value"] - 1e-15).all()


def test_an_effect_too_sure_for_floating_point_still_ranks_first() -> None:
    half = 1000
    labels = ["van"] * half + ["ambulance"] * half
    nearly = "0" * (half + 1) + "1" * (half - 1)
    found = rank(table_of({"nearly": nearly, "wholly": "0" * half + "1" * half}, labels))
    assert found["p_value"].tolist() == [0, 0]
    assert found["concept"].tolist() == ["wholly", "nearly"]


def test_options_reach_the_numbers() -> None:
    table = table_of(SMALL, HALVES)
    assert rank(table, yates=True)["chi2"][0] == pytest.approx(
        stats.chi2_contingency([[4, 0], [0, 4]]).statistic
    )
    assert (rank(table, bias_corrected=True)["cramers_v"] <= 1).all()
    with pytest.raises(NetglossError, match="small 'fisher' is not known"):
        rank(table, small="fisher")
    with pytest.raises(NetglossError, match="alpha is 5"):
        rank(table, alpha=5)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (table_of({"sky": ""}, []), "no image with both answers and a predicted label"),
        (table_of({}, ["van", "bus"]), "nobody named a concept on any of the 2 images"),
        (table_of({"sky": "10"}, ["van", "van"]), "every annotated image is predicted 'van'"),
    ],
)
def test_what_cannot_be_tested_is_said(table: ConceptTable, message: str) -> None:
    with pytest.raises(NetglossError, match=message):
        table.rank()


def test_an_unknown_label_lists_the_known() -> None:
    with pytest.raises(NetglossError, match=r"'bus' is predicted for no .* ambulance, van"):
        rank(table_of(SMALL, HALVES), label="bus")


def test_a_kind_that_nobody_used_gives_no_rows() -> None:
    found = rank(table_of(SMALL, HALVES), kinds=["pair"], explore=True)
    assert len(found) == 0
    assert found.columns.tolist() == list(COLUMNS)
    assert len(rank(table_of(SMALL, HALVES), kinds=["pair"], label="van")) == 0
