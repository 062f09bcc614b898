from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from netgloss.words import spelling
from netgloss.words.spelling import Speller, dictionary
from netgloss.words.study_words import trusted_words

if TYPE_CHECKING:
    from symspellpy import SymSpell

SLIPS = [
    "blaack", "greem", "heaf", "bpdy", "ornge", "lonster", "mayonaise", "trnasparent", "whte",
    "stomache", "antena", "strippe", "yelow", "reflecton", "headligth", "xqzvkjw", "lobster",
]  # fmt: skip


@pytest.fixture(scope="module")
def whole_index() -> SymSpell:
    """Symspellpy as its makers would use it: the whole dictionary indexed."""
    from symspellpy import SymSpell

    index = SymSpell(max_dictionary_edit_distance=2)
    file = resources.files("symspellpy") / "frequency_dictionary_en_82_765.txt"
    with resources.as_file(file) as path:
        assert index.load_dictionary(path, 0, 1, encoding="utf-8-sig")
    return index


def test_the_dictionary_is_the_one_that_symspellpy_loads(whole_index: SymSpell) -> None:
    assert dictionary() == whole_index.words


def test_whole_terms_are_corrected_as_the_published_code_does(whole_index: SymSpell) -> None:
    from symspellpy import Verbosity

    terms = [*SLIPS, "dog_head", "fish_wing", "gry", "tshirt", "water_ball", "light yellow"]
    found = Speller(mode="whole").correct(terms)
    for term in terms:
        expected = whole_index.lookup(term, Verbosity.TOP, 2, include_unknown=True)[0].term
        assert found[term].corrected == expected, term


def test_few_words_and_many_words_are_corrected_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    few = Speller().correct(SLIPS)
    monkeypatch.setattr(spelling, "_FEW", 1)
    assert Speller().correct(SLIPS) == few


@settings(deadline=None, max_examples=40)
@given(word=st.text(alphabet="abcde", min_size=4, max_size=8))
def test_a_correction_is_the_nearest_then_most_frequent_word(word: str) -> None:
    corrected = Speller().correct([word])[word].corrected
    reach = 1 if len(word) <= 5 else 2
    scored = [
        (OSA.distance(word, other, score_cutoff=reach), -times, other)
        for other, times in _entries_of_length(len(word)).items()
    ]
    nearest = min(scored)
    expected = nearest[2] if nearest[0] <= reach else word
    if word in dictionary():
        expected = word
    assert corrected == expected


def _entries_of_length(length: int) -> dict[str, int]:
    """The part of the dictionary that two edits can reach by length."""
    return {word: n for word, n in dictionary().items() if abs(len(word) - length) <= 2}


def test_words_of_the_study_win_over_dictionary_words_as_near() -> None:
    assert Speller().correct(["lonster"])["lonster"].corrected == "monster"
    mended = Speller(known={"lobster": 3}).correct(["lonster"])["lonster"]
    assert mended.corrected == "lobster"
    assert mended.step == "spelling: lonster -> lobster"


def test_a_nearer_dictionary_word_wins_over_a_word_of_the_study() -> None:
    assert Speller(known={"lobsters": 9}).correct(["lonster"])["lonster"].corrected == "monster"


def test_a_guess_among_dictionary_words_names_the_others() -> None:
    guess = Speller(avoided={"some"}).correct(["stome"])["stome"]
    assert guess.corrected == "store"
    assert guess.step.startswith("spelling: stome -> store (or stone")


def test_a_protected_word_stays_and_says_why() -> None:
    kept = Speller(protected={"tshirt": "two people typed it"}).correct(["tshirt"])["tshirt"]
    assert (kept.corrected, kept.step) == ("tshirt", "protected: two people typed it")


@pytest.mark.parametrize("word", ["bmw", "b2b", "x", "haaièn", "青い", "4x4s", "vw"])
def test_short_and_foreign_words_are_left_alone(word: str) -> None:
    assert Speller().correct([word])[word].corrected == word


def test_a_three_letter_word_gets_the_letter_it_lacks_of_a_study_word() -> None:
    speller = Speller(known={"grey": 300, "bow": 20})
    found = speller.correct(["gry", "bmw", "red"])
    assert found["gry"].corrected == "grey"
    assert found["bmw"].corrected == "bmw"
    assert found["red"].corrected == "red"


def test_the_dictionary_is_not_read_when_no_word_is_in_doubt() -> None:
    dictionary.cache_clear()
    Speller().correct(["red", "4x4", "", "青い"])
    assert dictionary.cache_info().currsize == 0


def test_nothing_is_indexed_when_all_words_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the index was built")

    monkeypatch.setattr("symspellpy.SymSpell.create_dictionary_entry", refuse)
    assert Speller().correct(["lobster", "tench"])["tench"].corrected == "tench"
    with pytest.raises(AssertionError, match="index was built"):
        Speller().correct(["lobstre"])


def test_words_often_typed_are_trusted_and_rare_slips_of_them_are_not() -> None:
    counts = {"tshirt": 37, "lobster": 300, "lobstr": 6, "gead": 1, "crinoid": 2}
    known, reasons = trusted_words(counts, shared={"crinoid"}, class_names=["tench, Tinca tinca"])
    assert reasons == {
        "tshirt": "typed 37 times",
        "lobster": "typed 300 times",
        "crinoid": "two people typed it",
        "tench": "in a class name",
        "tinca": "in a class name",
    }
    assert known["lobster"] == 300


def test_without_sharing_only_the_users_words_are_trusted() -> None:
    counts = {"tshirt": 37}
    _, reasons = trusted_words(counts, {"tshirt"}, ["tench"], ["Sea-cucumber"], share=False)
    assert reasons == {"sea": "on your list", "cucumber": "on your list"}
