from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from netgloss.errors import DataError
from netgloss.store.tables import read_table, write_table
from netgloss.words.options import PRESETS
from netgloss.words.terms import apply_vocabulary, typed_terms
from netgloss.words.vocabulary import build_vocabulary

ANSWERS = pd.DataFrame({"answer": ["a1", "a2", "a3"], "person": ["Ada", "Ben", "Ada"]})
TERMS = pd.DataFrame(
    [
        ("a1", 0, "Claw ", ["red", "shiny"]),
        ("a1", 1, "eye", ["black", "black"]),
        ("a2", 0, "Claw", ["red"]),
        ("a3", 0, "", ["red", " "]),
        ("a3", 1, None, None),
        ("a3", 2, "?", []),
    ],
    columns=["answer", "box", "type", "attributes"],
)


@pytest.mark.parametrize("through_parquet", [False, True])
def test_terms_are_counted_with_the_people_who_typed_them(
    tmp_path: Path, through_parquet: bool
) -> None:
    terms = TERMS
    if through_parquet:
        write_table(TERMS, tmp_path / "terms.parquet")
        terms = read_table(tmp_path / "terms.parquet")
    assert typed_terms(ANSWERS, terms).to_numpy().tolist() == [
        ["Claw", "type", 2, 2],
        ["?", "type", 1, 1],
        ["eye", "type", 1, 1],
        ["red", "attribute", 3, 2],
        ["black", "attribute", 2, 1],
        ["shiny", "attribute", 1, 1],
    ]


def test_regions_speak_in_concepts(tmp_path: Path) -> None:
    vocabulary = build_vocabulary(typed_terms(ANSWERS, TERMS), PRESETS["default"]).frame
    vocabulary.loc[vocabulary["raw"] == "shiny", "concept"] = ""
    write_table(TERMS, tmp_path / "terms.parquet")
    regions = apply_vocabulary(vocabulary, read_table(tmp_path / "terms.parquet"))
    assert regions.to_numpy().tolist() == [
        ["a1", 0, "claw", ["red"]],
        ["a1", 1, "eye", ["black"]],
        ["a2", 0, "claw", ["red"]],
        ["a3", 0, "", ["red"]],
        ["a3", 1, "", []],
        ["a3", 2, "", []],
    ]


def test_a_word_may_be_one_concept_as_a_type_and_another_as_an_attribute() -> None:
    vocabulary = pd.DataFrame(
        [("orange", "type", "fruit"), ("orange", "attribute", "orange")],
        columns=["raw", "kind", "concept"],
    )
    terms = pd.DataFrame(
        [("a", 0, "orange", ["orange"])], columns=["answer", "box", "type", "attributes"]
    )
    assert apply_vocabulary(vocabulary, terms)[["type", "attributes"]].to_numpy().tolist() == [
        ["fruit", ["orange"]]
    ]


def test_a_term_that_the_vocabulary_lacks_is_named() -> None:
    vocabulary = pd.DataFrame({"raw": ["claw"], "kind": ["type"], "concept": ["claw"]})
    with pytest.raises(DataError, match="the attribute 'red' is not in the vocabulary"):
        apply_vocabulary(vocabulary, TERMS.head(1).assign(type="claw"))


def test_no_terms_make_empty_frames() -> None:
    none = TERMS.head(0)
    assert typed_terms(ANSWERS, none).empty
    regions = apply_vocabulary(pd.DataFrame(columns=["raw", "kind", "concept"]), none)
    assert regions.empty
    assert list(regions.columns) == ["answer", "box", "type", "attributes"]
