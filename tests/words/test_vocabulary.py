from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netgloss.errors import DataError
from netgloss.words.options import PRESETS, WordOptions
from netgloss.words.vocabulary import Vocabulary, build_vocabulary

DEFAULT = PRESETS["default"]


def _typed(*rows: tuple[str, str, int, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["raw", "kind", "count", "people"])


def _nouns(**counts: int) -> pd.DataFrame:
    return _typed(*((raw, "type", count, 1) for raw, count in counts.items()))


def _concepts(vocabulary: Vocabulary) -> dict[str, str]:
    return dict(zip(vocabulary.frame["raw"], vocabulary.frame["concept"], strict=True))


def _steps(vocabulary: Vocabulary) -> dict[str, str]:
    return dict(zip(vocabulary.frame["raw"], vocabulary.frame["step"], strict=True))


def test_every_step_says_why() -> None:
    typed = _typed(
        ("lobster_claw", "type", 90, 2),
        ("lonster claws", "type", 1, 1),
        ("fin of the shark", "type", 2, 1),
        ("shark_fin", "type", 5, 1),
        ("tshirt", "type", 3, 2),
        ("t-shirt", "type", 1, 1),
        ("?!", "type", 1, 1),
        ("of the", "type", 1, 1),
    )
    vocabulary = build_vocabulary(typed, DEFAULT)
    assert list(vocabulary.frame.columns) == ["raw", "kind", "concept", "step", "count"]
    assert vocabulary.frame[["raw", "concept", "step"]].to_numpy().tolist() == [
        ["lobster_claw", "lobster_claw", "as typed"],
        [
            "lonster claws",
            "lobster_claw",
            "spelling: lonster -> lobster; cluster: claws -> claw (1.00)",
        ],
        ["fin of the shark", "shark_fin", "stop-word: of, the; order: fin_shark -> shark_fin"],
        ["shark_fin", "shark_fin", "as typed"],
        ["tshirt", "tshirt", "protected: two people typed it"],
        ["t-shirt", "tshirt", "spacing: t shirt -> tshirt"],
        ["?!", "", "left out: holds no word"],
        ["of the", "", "stop-word: of, the"],
    ]
    assert vocabulary.notes[0] == "Types: 8 as typed, 3 concepts; 2 left out."
    assert vocabulary.says in vocabulary.notes


def test_the_same_clusters_in_any_order_are_one_concept_named_by_the_usual_order() -> None:
    found = _concepts(
        build_vocabulary(_nouns(light_front=1, front_light=9, lights_front=2, wheel=3), DEFAULT)
    )
    assert set(found.values()) == {"front_light", "wheel"}


def test_a_cluster_that_occurs_twice_makes_another_concept() -> None:
    found = _concepts(build_vocabulary(_nouns(dog_head_dog=1, dog_head=9, eye=1, fin=1), DEFAULT))
    assert found["dog_head_dog"] == "dog_head_dog"


def test_a_term_whose_words_share_a_cluster_is_that_cluster() -> None:
    found = _concepts(build_vocabulary(_nouns(claw=9, claw_claws=1, eye=2, fin=2, tail=2), DEFAULT))
    assert found["claw_claws"] == "claw"


def test_types_and_attributes_are_clustered_apart_unless_pooled() -> None:
    rows = [("stripe", "type", 2, 1), ("eye", "type", 2, 1), ("fin", "type", 2, 1)]
    typed = _typed(*rows, ("stripes", "attribute", 9, 1), ("red", "attribute", 2, 1))
    apart = build_vocabulary(typed, DEFAULT)
    pooled = build_vocabulary(typed, replace(DEFAULT, pooled=True))
    assert _concepts(apart)["stripe"] == "stripe"
    assert _concepts(pooled)["stripe"] == "stripes"


def test_the_hand_map_wins_by_raw_and_by_corrected_term() -> None:
    typed = _nouns(lonster_claw=1, lobster_nose=1, sharkfin=1, lobster=90, red_thing=1)
    hand_map = {"Lobster claw": "claw", "lobster nose": "Shark-nose", "sharkfin": "", "red": "x"}
    vocabulary = build_vocabulary(typed, DEFAULT, hand_map=hand_map)
    assert _concepts(vocabulary) == {
        "lonster_claw": "claw",
        "lobster_nose": "shark_nose",
        "sharkfin": "",
        "lobster": "lobster",
        "red_thing": "red_thing",
    }
    steps = _steps(vocabulary)
    assert steps["lonster_claw"] == ("spelling: lonster -> lobster; hand map: lobster_claw -> claw")
    assert steps["sharkfin"] == "hand map: sharkfin -> left out"


def test_an_edit_wins_over_the_hand_map() -> None:
    edits = pd.DataFrame([("claw", "type", "Big claw")], columns=["raw", "kind", "concept"])
    vocabulary = build_vocabulary(_nouns(claw=1), DEFAULT, (), {"claw": "leg"}, edits)
    assert _concepts(vocabulary) == {"claw": "big_claw"}
    assert _steps(vocabulary) == {"claw": "edited by hand"}


def test_class_names_and_listed_words_are_not_corrected() -> None:
    typed = _nouns(muskelunge_head=1, axolotll_head=1, tenchy=1)
    free = _concepts(build_vocabulary(typed, DEFAULT))
    assert free["tenchy"] != "tenchy"
    options = replace(DEFAULT, protected=("Axolotll",))
    kept = build_vocabulary(typed, options, class_names=["muskelunge", "Tenchy"])
    assert set(_concepts(kept).values()) == {"muskelunge_head", "axolotll_head", "tenchy"}
    assert _steps(kept)["tenchy"] == "protected: in a class name"


def test_spelling_none_and_clusters_none_leave_words_as_typed() -> None:
    options = replace(DEFAULT, spelling="none", clusters="none")
    typed = _nouns(lonster=1, claws=1, claw=2, claw_red=3, red_claw=1)
    vocabulary = build_vocabulary(typed, options)
    assert _concepts(vocabulary) == {raw: raw for raw in typed["raw"]}
    assert vocabulary.says == ""
    assert vocabulary.unsure.empty


def test_not_is_no_stop_word() -> None:
    typed = _typed(("not red", "attribute", 1, 1), ("red", "attribute", 1, 1))
    assert len(set(_concepts(build_vocabulary(typed, DEFAULT)).values())) == 2


def test_close_pairs_are_reported_with_their_kind() -> None:
    typed = _typed(*((word, "attribute", 1, 1) for word in ("stripe", "striped", "red", "dark")))
    vocabulary = build_vocabulary(typed, DEFAULT)
    assert vocabulary.unsure[["kind", "token", "other", "merged"]].to_numpy().tolist() == [
        ["attribute", "stripe", "striped", False]
    ]
    assert any("close pairs left apart: 1" in note for note in vocabulary.notes)


def test_a_number_of_clusters_reports_the_merges_it_forces() -> None:
    vocabulary = build_vocabulary(
        _nouns(eye=3, eyes=1, fin=1, shoe=1), replace(DEFAULT, clusters=2)
    )
    assert len(set(_concepts(vocabulary).values())) == 2
    assert vocabulary.unsure["merged"].any()


@pytest.mark.parametrize(
    ("typed", "options", "message"),
    [
        (_typed(), DEFAULT, "hold no term"),
        (_nouns(of_the=2), DEFAULT, "no term is left"),
        (_typed(("?", "type", 1, 1)), DEFAULT, "no term is left"),
        (_nouns(claw=2), replace(DEFAULT, stop_words=("claw",)), "no term is left"),
    ],
)
def test_an_empty_vocabulary_is_refused(
    typed: pd.DataFrame, options: WordOptions, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        build_vocabulary(typed, options)


def test_options_are_plain_values_in_a_record() -> None:
    for options in PRESETS.values():
        assert json.loads(json.dumps(options.as_record())) == options.as_record()


@given(
    st.dictionaries(st.text(min_size=1, max_size=12), st.integers(1, 99), min_size=1, max_size=8)
)
@settings(deadline=None, max_examples=50)
def test_every_typed_term_gets_one_row_and_a_clean_concept(counts: dict[str, int]) -> None:
    typed = _typed(*((raw, "attribute", count, 1) for raw, count in counts.items()))
    typed = pd.concat([typed, _nouns(claw=1)])
    frame = build_vocabulary(typed, DEFAULT).frame
    assert len(frame) == len(typed)
    assert frame["count"].tolist() == typed["count"].tolist()
    for concept, step in zip(frame["concept"], frame["step"], strict=True):
        assert "-" not in concept
        assert " " not in concept
        assert step
