"""Tags fall into words of any language, and each word counts once a game."""

from __future__ import annotations

import unicodedata
from typing import Any

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from netgloss.answers.games import Game, to_frame
from netgloss.errors import DataError, OptionError
from netgloss.words.normalise import as_typed, normalise, tokens
from netgloss.words.options import PRESETS, STOP_WORDS
from netgloss.words.stop_words import (
    ENGLISH,
    IRRELEVANT,
    KEPT,
    NEGATIONS,
    languages_known,
    stop_words,
)
from netgloss.words.tags import (
    TagOptions,
    as_answers,
    game_words,
    meanings,
    split,
    tag_words,
    untranslated,
)
from netgloss.words.terms import typed_terms
from netgloss.words.translation import Translation, Translations
from netgloss.words.vocabulary import build_vocabulary


def games(*tags: tuple[str, ...], person: str = "ann") -> pd.DataFrame:
    """A game for each tuple of tags, each about a map of its own."""
    return to_frame(
        Game(f"game-{n}", person, "a.png", f"anv/{n:06}", "cat", None, "cat", "win", 0, 325, said)
        for n, said in enumerate(tags)
    )


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("Red stripe", ("red", "stripe")),
        ("lots,of;commas.and (brackets)", ("lots", "of", "commas", "and", "brackets")),
        ("t-shirt", ("t-shirt",)),
        ("lobster_claw - big", ("lobster_claw", "big")),
        ("driver’s hat", ("drivers", "hat")),
        ("4 wheels, 1.5 m", ("4", "wheels", "1", "5", "m")),
        ("ＦＵＬＬ\u3000ｗｉｄｔｈ", ("full", "width")),
        ("il muso dell'auto", ("il", "muso", "auto")),
        ("l’œil", ("œil",)),
        ("عجلة حمراء", ("عجلة", "حمراء")),
        ("عجلة، نافذة", ("عجلة", "نافذة")),
        ("红色的汽车", ("红色的汽车",)),
        ("赤い車、窓。空", ("赤い車", "窓", "空")),
        ("हिन्दी शब्द", ("हिन्दी", "शब्द")),
        ("плавник акулы", ("плавник", "акулы")),
        ("ล้อสีแดง", ("ล้อสีแดง",)),
        ("🚗", ("🚗",)),
        ("red🚗🚗 ❤️", ("red", "🚗", "🚗", "❤")),
        ("👍🏽", ("👍",)),
        ("🇮🇹", ("🇮🇹",)),
        ("no wheel", ("no wheel",)),
        ("red car without roof but a wheel", ("red", "car", "without roof", "but", "a", "wheel")),
        ("mais", ("mais",)),
        ("a hat, not a helmet", ("a", "hat", "not a helmet")),
        ("no", ()),
        ("© ® � ...", ()),
        ("", ()),
    ],
)
def test_a_tag_falls_into_these_words(tag: str, words: tuple[str, ...]) -> None:
    assert split(tag) == words


def letters(text: str) -> str:
    return "".join(one for one in text if unicodedata.category(one)[0] in "LN")


@given(st.text(st.characters(exclude_characters="'`´‘’‛′"), max_size=30))
def test_no_letter_or_digit_is_lost_or_moved(tag: str) -> None:
    """Whatever the script; but a negation that nothing follows is no word."""
    assume(not set(tokens(tag)) & NEGATIONS)
    assert letters("".join(split(tag))) == letters(normalise(tag))


@given(st.text(max_size=30))
def test_a_word_is_a_stable_key_of_the_vocabulary(tag: str) -> None:
    for word in split(tag):
        assert as_typed(word) == word == normalise(word)
        assert split(word) == (word,)


@given(st.lists(st.text(max_size=12), max_size=5))
def test_a_game_says_each_word_once(tags: list[str]) -> None:
    words = tag_words(games(tuple(tags)))["raw"].tolist()
    assert len(words) == len(set(words))
    assert set(words) == {word for tag in tags if tag.strip() for word in split(tag)}


def test_words_of_games_stand_beside_words_of_boxes() -> None:
    answers, terms = as_answers(games(("red wheel", "wheel"), (), ("wheel",)))
    assert answers["task"].tolist() == ["play"] * 3
    assert " ".join(answers.columns) == "answer task person image seconds source"
    assert terms["type"].tolist() == ["red", "wheel", "wheel"]
    assert terms["box"].tolist() == [0, 1, 0]
    assert terms["attributes"].tolist() == [[], [], []]
    counted = typed_terms(answers, terms).set_index("raw")
    assert counted.loc["wheel", ["kind", "count", "people"]].tolist() == ["type", 2, 1]


def vocabulary(**concepts: str) -> pd.DataFrame:
    return pd.DataFrame({"raw": list(concepts), "kind": "type", "concept": list(concepts.values())})


def test_synonyms_of_one_game_are_one_word() -> None:
    found = game_words(
        games(("pillar column",), ("column", "the")),
        vocabulary(pillar="pillar", column="pillar", the=""),
    )
    assert found.to_dict("list") == {
        "answer": ["game-0", "game-1"],
        "evidence": ["anv/000000", "anv/000001"],
        "word": ["pillar", "pillar"],
    }


def test_an_attribute_of_the_same_name_is_not_asked() -> None:
    words = vocabulary(orange="fruit")
    colours = words.assign(kind="attribute", concept="colour")
    found = game_words(games(("orange",)), pd.concat([colours, words]))
    assert found["word"].tolist() == ["fruit"]


def test_a_word_that_came_after_the_vocabulary_says_what_to_do() -> None:
    with pytest.raises(DataError, match=r"'wheel' .* make the vocabulary again"):
        game_words(games(("red wheel",)), vocabulary(red="red"))


def test_a_person_beats_a_list_and_a_list_beats_a_machine() -> None:
    """The thesis's Esso: a machine says "it", which is nothing; who saw the picture says Esso."""
    machine = TagOptions(translations=Translations({"esso": Translation("it")}))
    assert meanings(["esso"], machine) == {"esso": ("", "translation: esso -> it; stop-word: it")}
    person = Translations({"esso": Translation("Esso", True), "the": Translation("The The", True)})
    found = meanings(["esso", "the"], TagOptions(translations=person))
    assert found["esso"] == ("Esso", "translation: esso -> Esso")
    assert found["the"][0] == "The The"


def test_a_row_for_a_stop_word_counts_even_before_it_is_checked() -> None:
    known = Translations({"della": Translation("Della")})
    options = TagOptions(stop_words=stop_words(["en", "it"]), translations=known)
    assert meanings(["della", "il"], options) == {
        "della": ("Della", "translation: della -> Della"),
        "il": ("", "stop-word: il"),
    }


def test_a_dash_leaves_a_word_out() -> None:
    known = Translations({"cosa": Translation("-")})
    assert meanings(["cosa"], TagOptions(translations=known))["cosa"][0] == ""


def test_a_hand_map_keeps_its_words() -> None:
    options = TagOptions(translations=Translations({"ruota": Translation("wheel", True)}))
    assert meanings(["the", "ruota"], options, {"The": "article", "ruota": "tyre"}) == {}
    # An emoji has no key there, so that an empty one must not catch it.
    assert meanings(["🐟"], options, {"...": "x"}) == {"🐟": ("fish", "emoji: 🐟 -> fish")}


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("the", "stop-word: the"),
        ("seems", "irrelevant: seems"),
        ("not sure", "irrelevant: not sure"),
        ("without the", "stop-word: without the"),
    ],
)
def test_words_that_say_nothing_are_left_out_with_their_reason(word: str, why: str) -> None:
    assert meanings([word], TagOptions()) == {word: ("", why)}


@pytest.mark.parametrize(
    ("picture", "name"),
    [("🚗", "automobile"), ("❤", "heart"), ("★", "star"), ("🖤", "black heart"), ("🇮🇹", "flag")],
)
def test_a_picture_is_called_by_its_name(picture: str, name: str) -> None:
    assert meanings([picture], TagOptions())[picture][0] == name


# Words that people give as features, all in the lists of stopwordsiso or scikit-learn.
FEATURES = (
    "face back line side open front top bottom thin thick fire small big large long round old new "
    "young high low inside outside man men hair eyes bill cry fill full empty part ring room shell "
    "tip mug text number two three keys point area group shed mill mine opposite"
)


def test_no_english_feature_is_a_stop_word() -> None:
    assert not set(FEATURES.split()) & (ENGLISH | IRRELEVANT)


def test_the_stop_words_of_boxes_are_stop_words_of_tags() -> None:
    assert set(STOP_WORDS) <= ENGLISH
    assert not ENGLISH & IRRELEVANT


def test_what_other_languages_keep_is_in_their_list_and_not_left_out() -> None:
    from stopwordsiso import stopwords

    for language, kept in KEPT.items():
        assert kept <= set(stopwords(language)), language
        assert not kept & stop_words([language])
    assert {"della", "il", "sono"} <= stop_words(["it"])
    assert {"der", "und", "ist"} <= stop_words(["de"])
    assert "der" not in stop_words(["en", "it"])


def test_an_unknown_language_is_refused() -> None:
    assert {"ar", "zh", "it"} <= set(languages_known())
    with pytest.raises(OptionError, match="language 'xx'; known: af, ar"):
        stop_words(["en", "xx"])


def test_words_wait_for_a_translation_only_where_they_need_one() -> None:
    words = ["wheel", "ruota", "鳍", "café", "the", "🚗", "4", "esso", "tench", "no ruota"]
    options = TagOptions(translations=Translations({"esso": Translation("Esso")}))
    assert untranslated(words, options, ["en"], ["tench"]) == ["鳍"]
    assert untranslated(words, options, ["en", "it"], ["tench"]) == ["ruota", "鳍", "café"]


def build(said: pd.DataFrame, options: TagOptions, **more: Any) -> pd.DataFrame:
    typed = typed_terms(*as_answers(said))
    meant = meanings(typed["raw"], options)
    built = build_vocabulary(typed, PRESETS[more.pop("preset", "default")], meant=meant, **more)
    return built.frame.set_index("raw")


@pytest.mark.parametrize("preset", ["default", "seca-2021"])
def test_a_translation_meets_the_same_word_typed_in_english(preset: str) -> None:
    known = Translations({"ruota": Translation("Wheel", checked=True)})
    said = games(*([("wheel", "ruota", "seems")] * 6))
    frame = build(said, TagOptions(translations=known), preset=preset)
    assert frame["concept"].to_dict() == {"wheel": "wheel", "ruota": "wheel", "seems": ""}
    assert frame.loc["ruota", "step"].startswith("translation: ruota -> Wheel")
    assert frame.loc["seems", "step"] == "irrelevant: seems"


def test_an_edit_of_the_vocabulary_beats_a_translation() -> None:
    known = Translations({"ruota": Translation("Wheel", checked=True)})
    edits = pd.DataFrame({"raw": ["ruota"], "kind": ["type"], "concept": ["tyre"]})
    frame = build(games(("ruota wheel",)), TagOptions(translations=known), edits=edits)
    assert frame.loc["ruota", ["concept", "step"]].tolist() == ["tyre", "edited by hand"]


def test_an_attribute_means_what_was_typed() -> None:
    """Only nouns are words of tags: "like" may be an adjective that somebody wrote."""
    typed = pd.DataFrame(
        {"raw": ["the", "the"], "kind": ["type", "attribute"], "count": [9, 9], "people": [2, 2]}
    )
    meant = meanings(typed["raw"], TagOptions())
    typed = pd.concat([typed, pd.DataFrame([("fin", "type", 1, 1)], columns=typed.columns)])
    frame = build_vocabulary(typed, PRESETS["seca-2021"], meant=meant).frame
    assert frame["concept"].tolist() == ["", "the", "fin"]
