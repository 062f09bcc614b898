from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netgloss.words.normalise import as_typed, concept_name, normalise, tokens


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Lobster_Claw", ("lobster", "claw")),
        ("  light\tyellow \n", ("light", "yellow")),
        ("t-shirt", ("t", "shirt")),
        ("fish)wing", ("fish", "wing")),
        ("grey'", ("grey",)),
        ("shark’s fin", ("sharks", "fin")),
        ("ＦＵＬＬ ｗｉｄｔｈ", ("full", "width")),
        ("e\u0301toile", ("étoile",)),
        ("ﬁn", ("fin",)),
        ("sh\u200bark \u202eeye", ("shark", "eye")),
        ("soft\u00adware", ("software",)),
        ("4 wheels", ("4", "wheels")),
        ("हिन्दी शब्द", ("हिन्दी", "शब्द")),
        ("青い 縞", ("青い", "縞")),
        ("плавник акулы", ("плавник", "акулы")),
        ("?!", ()),
        ("\u0301", ()),
        ("", ()),
    ],
)
def test_a_typed_term_falls_into_these_words(typed: str, words: tuple[str, ...]) -> None:
    assert tokens(typed) == words


def test_a_term_of_punctuation_has_an_empty_concept_name() -> None:
    assert concept_name(tokens("-_- ...")) == ""


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text())
def test_a_concept_name_is_its_own_concept_name(text: str) -> None:
    name = concept_name(tokens(text))
    assert concept_name(tokens(name)) == name


@given(st.text())
def test_a_concept_name_holds_only_letters_marks_digits_and_underscores(text: str) -> None:
    name = concept_name(tokens(text))
    assert all(letter == "_" or unicodedata.category(letter)[0] in "LMN" for letter in name)
    assert "__" not in name
    assert not name.startswith("_")


@given(st.text(alphabet=st.characters(categories=["Cc", "Cf", "Cs", "Zs", "Lu", "Po"])))
def test_the_form_as_typed_is_printable_and_keeps_its_words(text: str) -> None:
    shown = as_typed(text)
    assert as_typed(shown) == shown
    assert normalise(shown) == normalise(text)
    assert not any(unicodedata.category(letter) in {"Cc", "Cf", "Cs"} for letter in shown)
    shown.encode()
