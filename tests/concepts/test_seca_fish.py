"""Numbers that an independent rebuild of a published study gives (SECA, fish task)."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from netgloss.concepts.table import ConceptTable

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "seca-fish"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the published data is not beside us")
BASE = ("type", "attribute", "pair")


def reconciled() -> Any:
    """The authors' reconciliation: whole terms looked up, then their hand-made map."""
    from importlib.resources import files

    from symspellpy import SymSpell, Verbosity

    speller = SymSpell(max_dictionary_edit_distance=2, prefix_length=7)
    words = files("symspellpy") / "frequency_dictionary_en_82_765.txt"
    speller.load_dictionary(str(words), term_index=0, count_index=1)
    renamed = json.loads((FOLDER / "word_map.json").read_text(encoding="utf-8"))

    def concept(raw: str) -> str:
        term = raw.strip().lower()
        if not term:
            return ""
        found = speller.lookup(term, Verbosity.TOP, max_edit_distance=2, include_unknown=True)
        return str(renamed.get(found[0].term, found[0].term))

    return concept


@pytest.fixture(scope="module")
def table() -> ConceptTable:
    concept = reconciled()
    with (FOLDER / "annotations_output.csv").open(encoding="utf-8", newline="") as file:
        answers = list(csv.DictReader(file))
    with (FOLDER / "labels_predictions.csv").open(encoding="utf-8", newline="") as file:
        labels = {row["image"]: row["predicted_label"] for row in csv.DictReader(file)}
    regions = [
        {
            "image": Path(answer["Input.original_image_url"]).name,
            "person": answer["WorkerId"],
            "type": concept(box["object_label"]),
            "attributes": [concept(word) for word in box["attributes_label"].split(",")],
        }
        for answer in answers
        for box in json.loads(answer["Answer.annotation_data"])
    ]
    annotated = [Path(answer["Input.original_image_url"]).name for answer in answers]
    return ConceptTable.build(pd.DataFrame(regions), labels, annotated)


def test_columns_and_raw_significance(table: ConceptTable) -> None:
    assert table.concepts["kind"].value_counts()[list(BASE)].tolist() == [74, 22, 233]
    found = table.rank(kinds=BASE, correction="none")
    significant = found[found["p_value"] <= 0.05]["kind"].value_counts()
    assert significant[list(BASE)].tolist() == [40, 14, 86]


@pytest.mark.parametrize(
    ("kind", "concept", "count", "chi2", "cramers_v"),
    [
        ("type", "lobster_claw", 81, 221.9178, 0.8601),
        ("type", "trout_body", 77, 207.1749, 0.8310),
        ("attribute", "orange", 80, 187.0909, 0.7897),
        ("type", "shark_body", 69, 179.2208, 0.7729),
        ("type", "lobster_body", 69, 179.2208, 0.7729),
        ("type", "trout_wing", 60, 150.0000, 0.7071),
        ("type", "water", 51, 115.8044, 0.6213),
        ("type", "fingers", 52, 76.6749, 0.5056),
    ],
)
def test_published_findings(
    table: ConceptTable, kind: str, concept: str, count: int, chi2: float, cramers_v: float
) -> None:
    found = table.rank(kinds=[kind]).set_index("concept").loc[concept]
    assert found["count"] == count
    assert found["chi2"] == pytest.approx(chi2, abs=5e-5)
    assert found["cramers_v"] == pytest.approx(cramers_v, abs=5e-5)


def test_equal_effects_share_a_rank(table: ConceptTable) -> None:
    found = table.rank(kinds=["type"])
    assert found["rank"].head(6).tolist() == [1, 2, 3, 3, 5, 6]
    assert set(found["concept"][2:4]) == {"shark_body", "lobster_body"}


def test_pairs_and_queries(table: ConceptTable) -> None:
    pair = table.rank(kinds=["pair"]).set_index("concept").loc["orange-lobster_claw"]
    assert pair["count"] == 64
    assert pair["cramers_v"] == pytest.approx(0.7365, abs=5e-5)
    result = table.query("orange-lobster_claw AND NOT water")
    assert result.finding["count"] == 64
    assert result.finding["cramers_v"] == pytest.approx(0.7365, abs=5e-5)
    assert len(result.matching()) == 64
    assert result.contradicting() == []


def test_or_joins_the_parts_of_one_animal(table: ConceptTable) -> None:
    parts = table.query("shark_body OR shark_wing OR shark_head")
    assert parts.finding["label"] == "great_white_shark"
    assert parts.finding["cramers_v"] > table.query("shark_body").finding["cramers_v"]


def test_292_rules(table: ConceptTable) -> None:
    found = table.rules(kinds=BASE, max_body=0, keep_redundant=True)
    assert len(found) == 292
    lengths = found["body"].map(len).value_counts().sort_index()
    assert lengths.tolist() == [41, 105, 99, 38, 8, 1]
    every = table.rules(kinds=BASE, max_body=0, keep_redundant=True, min_lift=None)
    assert len(every) == 292
