"""The concept table: columns of a region, persons' shares, and the file."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netgloss.concepts.table import ConceptTable, concept_columns
from netgloss.errors import DataError, NetglossError, StudyError

WORDS = st.sampled_from(["", "hair", "claw", "lobster_claw", "black", "short", "旗", "or"])
REGIONS = st.lists(
    st.tuples(
        st.sampled_from("abcd"),
        st.sampled_from(["P1", "P2", "P3"]),
        WORDS,
        st.lists(WORDS, max_size=3),
    ),
    max_size=12,
)


def frame(regions: list[tuple[str, str, str, list[str]]]) -> pd.DataFrame:
    return pd.DataFrame(regions, columns=["image", "person", "type", "attributes"])


def said(*regions: tuple[str, str, str, list[str]], share: float = 0.0) -> dict[str, list[str]]:
    images = sorted({region[0] for region in regions})
    table = ConceptTable.build(
        frame(list(regions)), dict.fromkeys(images, "van"), images, min_worker_share=share
    )
    return {
        image: [key for key in table.keys if table.column(table.position[key])[row]]
        for row, image in enumerate(table.images)
    }


def test_one_attribute_makes_a_pair_and_no_combination() -> None:
    assert said(("a", "P1", "stripe", ["orange"])) == {
        "a": ["type:stripe", "attribute:orange", "pair:orange-stripe"]
    }


def test_two_attributes_make_two_pairs_and_one_sorted_combination() -> None:
    assert said(("a", "P1", "hair", ["short", "black"])) == {
        "a": [
            "type:hair",
            "attribute:black",
            "attribute:short",
            "pair:black-hair",
            "pair:short-hair",
            "combination:black-short-hair",
        ]
    }


def test_a_pair_needs_one_region_for_both_words() -> None:
    columns = said(("a", "P1", "hair", []), ("a", "P1", "", ["black"]))["a"]
    assert columns == ["type:hair", "attribute:black"]


def test_type_and_attribute_of_one_name_are_two_columns() -> None:
    assert said(("a", "P1", "orange", ["orange"]))["a"][:2] == ["type:orange", "attribute:orange"]


def test_a_share_counts_the_image_s_own_persons() -> None:
    regions = [
        ("a", "P1", "sky", []),
        ("a", "P2", "road", []),
        ("b", "P3", "sky", []),
        ("b", "P3", "sky", []),
    ]
    assert said(*regions, share=0.6) == {"a": [], "b": ["type:sky"]}
    assert said(*regions, share=0.5)["a"] == ["type:road", "type:sky"]


def test_a_person_who_named_nothing_counts_for_the_share() -> None:
    answers = pd.DataFrame({"image": ["a", "a", "a"], "person": ["P1", "P2", "P3"]})
    options = {"answers": answers, "min_worker_share": 0.5}
    table = ConceptTable.build(frame([("a", "P1", "sky", [])]), {"a": "van"}, ["a"], **options)
    assert table.keys == []


def test_images_without_answers_or_label_stay_out() -> None:
    labels = pd.Series({"a": "van", "b": "van", "c": None, "d": "van"}, dtype=object)
    table = ConceptTable.build(frame([("a", "P1", "sky", [])]), labels, ["a", "b", "c"])
    assert list(table.images) == ["a", "b"]
    assert table.column(0).tolist() == [True, False]
    assert table.without_label == 1


def test_a_hyphen_in_a_word_is_refused() -> None:
    with pytest.raises(DataError, match=r"'t-shirt' holds a hyphen.*t_shirt|'t-shirt'.*with _"):
        said(("a", "P1", "t-shirt", []))


@pytest.mark.parametrize("none", [None, float("nan"), pd.NA, [], np.array([], dtype=object)])
def test_no_attributes_may_be_written_in_any_way(none: object) -> None:
    regions = frame([("a", "P1", "sky", [])])
    regions["attributes"] = pd.Series([none], dtype=object)
    assert ConceptTable.build(regions, {"a": "van"}, ["a"]).keys == ["type:sky"]


def test_attributes_in_one_text_are_refused() -> None:
    regions = pd.DataFrame([("a", "P1", "hair", "short, black")], columns=frame([]).columns)
    with pytest.raises(DataError, match="'short, black' are one text; a list"):
        ConceptTable.build(regions, {"a": "van"}, ["a"])


@settings(deadline=None)
@given(REGIONS, st.sampled_from([0.0, 0.34, 0.5, 1.0]))
def test_columns_match_a_definition_by_sets(
    regions: list[tuple[str, str, str, list[str]]], share: float
) -> None:
    answers = pd.DataFrame(
        {
            "image": [*"abcd", *[r[0] for r in regions]],
            "person": ["P9"] * 4 + [r[1] for r in regions],
        }
    )
    table = ConceptTable.build(
        frame(regions),
        dict.fromkeys("abcd", "van"),
        list("abcd"),
        answers=answers,
        min_worker_share=share,
    )
    for image in "abcd":
        persons = {"P9"} | {region[1] for region in regions if region[0] == image}
        for key in {key for r in regions for key in concept_columns(r[2], tuple(r[3]))}:
            naming = {
                person
                for place, person, noun, words in regions
                if place == image and key in concept_columns(noun, tuple(words))
            }
            expected = bool(naming) and len(naming) / len(persons) >= share
            held = (
                key in table.position
                and table.column(table.position[key])[list("abcd").index(image)]
            )
            assert held == expected


@settings(deadline=None)
@given(REGIONS)
def test_saving_and_loading_gives_the_same_table(
    regions: list[tuple[str, str, str, list[str]]],
) -> None:
    table = ConceptTable.build(frame(regions), dict(zip("abcd", "xyxy", strict=True)), list("abcd"))
    with tempfile.TemporaryDirectory() as folder:
        table.save(Path(folder) / "concepts.parquet")
        again = ConceptTable.load(Path(folder) / "concepts.parquet")
    assert again.keys == table.keys
    assert list(again.images) == list(table.images)
    assert again.labels.tolist() == table.labels.tolist()
    assert (again.matrix != table.matrix).nnz == 0


def test_the_file_is_plain_booleans(tmp_path: Path) -> None:
    regions = frame([("a", "P1", "sky", ["blue"])])
    ConceptTable.build(regions, {"a": "van", "b": "bus"}, ["a", "b"]).save(tmp_path / "c.parquet")
    stored = pd.read_parquet(tmp_path / "c.parquet")
    assert stored.columns.tolist() == [
        "image", "label", "type:sky", "attribute:blue", "pair:blue-sky",
    ]  # fmt: skip
    assert stored["type:sky"].dtype == np.bool_


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"image": ["a"]}, "'label' is missing"),
        ({"image": ["a", "a"], "label": ["x", "y"]}, "'a' stands in two rows"),
        ({"image": ["a"], "label": ["x"], "colour:red": [True]}, "'colour:red' is not a boolean"),
        ({"image": ["a"], "label": ["x"], "type:red": ["yes"]}, "'type:red' is not a boolean"),
    ],
)
def test_a_foreign_file_is_refused(
    tmp_path: Path, columns: dict[str, list[object]], message: str
) -> None:
    pd.DataFrame(columns).to_parquet(tmp_path / "c.parquet")
    with pytest.raises(DataError, match=message):
        ConceptTable.load(tmp_path / "c.parquet")


def test_a_missing_file_is_the_study_s_fault(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="not there"):
        ConceptTable.load(tmp_path / "c.parquet")


def test_subset_keeps_the_images() -> None:
    table = ConceptTable.build(
        frame([("a", "P1", "sky", ["blue"])]), {"a": "van", "b": "bus"}, ["a", "b"]
    )
    part = table.subset(["pair"])
    assert part.keys == ["pair:blue-sky"]
    assert part.column(0).tolist() == [True, False]
    with pytest.raises(NetglossError, match="kind 'colour' is not known"):
        table.subset(["colour"])
