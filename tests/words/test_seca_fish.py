"""The published fish study: its types and attributes become the concepts that its authors had."""

from __future__ import annotations

import csv
import json
from itertools import combinations
from pathlib import Path

import pandas as pd
import pytest

from netgloss.words.handmap import read_hand_map
from netgloss.words.options import PRESETS
from netgloss.words.terms import apply_vocabulary, typed_terms
from netgloss.words.vocabulary import Vocabulary, build_vocabulary

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "seca-fish"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the published fish data is not there")

CLASSES = ["American lobster", "great white shark", "tench"]
ATTRIBUTES = (
    "beige black black_white blue blurry brown flakes green grey orange pink red shirt spots stone "
    "stripes teeth transparent white wood yellow yellow_green"
)


def _study() -> tuple[pd.DataFrame, pd.DataFrame]:
    answers, terms = [], []
    with (FOLDER / "annotations_output.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            answers.append((row["AssignmentId"], row["WorkerId"]))
            for place, box in enumerate(json.loads(row["Answer.annotation_data"])):
                attributes = box["attributes_label"].split(",")
                terms.append((row["AssignmentId"], place, box["object_label"], attributes))
    return (
        pd.DataFrame(answers, columns=["answer", "person"]),
        pd.DataFrame(terms, columns=["answer", "box", "type", "attributes"]),
    )


@pytest.fixture(scope="module")
def terms() -> pd.DataFrame:
    return _study()[1]


@pytest.fixture(scope="module")
def typed() -> pd.DataFrame:
    return typed_terms(*_study())


@pytest.fixture(scope="module")
def published(typed: pd.DataFrame) -> Vocabulary:
    hand_map = read_hand_map(FOLDER / "word_map.json")
    return build_vocabulary(typed, PRESETS["seca-2021"], CLASSES, hand_map)


@pytest.fixture(scope="module")
def default(typed: pd.DataFrame) -> Vocabulary:
    return build_vocabulary(typed, PRESETS["default"], CLASSES)


def _of(vocabulary: Vocabulary, kind: str) -> dict[str, str]:
    rows = vocabulary.frame[vocabulary.frame["kind"] == kind]
    return dict(zip(rows["raw"], rows["concept"], strict=True))


def test_the_published_preset_gives_the_published_concepts(published: Vocabulary) -> None:
    types, attributes = _of(published, "type"), _of(published, "attribute")
    assert (len(types), len(set(types.values()))) == (97, 74)
    assert sorted(set(attributes.values())) == ATTRIBUTES.split()
    assert types["lonster_claw"] == "lobster_claw"
    assert attributes["light yellow"] == "yellow"


def test_the_published_preset_is_the_published_code_line_by_line(published: Vocabulary) -> None:
    from importlib import resources

    from symspellpy import SymSpell, Verbosity

    index = SymSpell(max_dictionary_edit_distance=2)
    with resources.as_file(
        resources.files("symspellpy") / "frequency_dictionary_en_82_765.txt"
    ) as path:
        index.load_dictionary(path, 0, 1)
    hand_map = json.loads((FOLDER / "word_map.json").read_text(encoding="utf-8"))
    for raw, concept in zip(published.frame["raw"], published.frame["concept"], strict=True):
        term = raw.strip().lower()
        term = index.lookup(term, Verbosity.TOP, 2, include_unknown=True)[0].term
        assert concept == hand_map.get(term, term), raw


def test_images_counted_with_the_published_concepts(
    published: Vocabulary, terms: pd.DataFrame
) -> None:
    regions = apply_vocabulary(published.frame, terms)
    images = regions.groupby("type")["answer"].nunique()
    counted = {concept: int(images[concept]) for concept in ("lobster_claw", "water", "fingers")}
    assert counted == {"lobster_claw": 81, "water": 51, "fingers": 52}


@pytest.mark.parametrize(
    ("raw", "concept"),
    [
        ("blaack", "black"), ("blacj", "black"), ("gry", "grey"), ("greem", "green"),
        ("grey'", "grey"), ("teeth]", "teeth"), ("dark_greu", "dark_grey"),
        ("loght_yellow", "light_yellow"), ("light yellow", "light_yellow"),
        ("bright_ornge", "bright_orange"), ("dark_grey", "dark_grey"), ("bright_red", "bright_red"),
        ("yellow_green", "green_yellow"), ("tshirt", "tshirt"),
    ],
)  # fmt: skip
def test_the_default_mends_attributes(default: Vocabulary, raw: str, concept: str) -> None:
    assert _of(default, "attribute")[raw] == concept


@pytest.mark.parametrize(
    ("raw", "concept"),
    [
        ("lonster_claw", "lobster_claw"), ("lobste_claw", "lobster_claw"),
        ("lobter_body", "lobster_body"), ("lobster_heaf", "lobster_head"),
        ("shark_nody", "shark_body"), ("shark_mose", "shark_nose"),
        ("sharl_nostril", "shark_nostril"), ("fish)wing", "fish_wing"),
        ("lobster_legs", "lobster_leg"), ("shark_lungs", "shark_lung"), ("finger", "fingers"),
        ("tshirt", "tshirt"), ("trout_head", "trout_head"), ("dog_head", "dog_head"),
        ("shark_wing", "shark_wing"), ("water_ball", "water_ball"), ("mussel", "mussel"),
    ],
)  # fmt: skip
def test_the_default_mends_types(default: Vocabulary, raw: str, concept: str) -> None:
    assert _of(default, "type")[raw] == concept


def test_the_default_merges_nothing_that_its_authors_kept_apart(
    default: Vocabulary, published: Vocabulary
) -> None:
    wrong = []
    for kind in ("type", "attribute"):
        ours, theirs = _of(default, kind), _of(published, kind)
        wrong += [
            {a, b}
            for a, b in combinations(ours, 2)
            if ours[a] == ours[b] and theirs[a] != theirs[b]
        ]
    assert not wrong


def test_words_of_a_class_survive_without_a_hand_map(typed: pd.DataFrame) -> None:
    more = pd.DataFrame([("tench_fin", "type", 1, 1)], columns=typed.columns)
    frame = build_vocabulary(pd.concat([typed, more]), PRESETS["default"], CLASSES).frame
    assert frame["concept"].iloc[-1] == "tench_fin"
