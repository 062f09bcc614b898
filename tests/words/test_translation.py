"""The dictionary that people fill in: nothing of theirs is lost, and faults say their line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netgloss.errors import DataError
from netgloss.words.normalise import as_typed, normalise
from netgloss.words.translation import (
    Translation,
    Translations,
    read_translations,
    write_translations,
)

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
keys = texts.map(normalise).filter(bool)
english = texts.map(as_typed).filter(bool)


@settings(max_examples=50)
@given(
    st.dictionaries(keys, st.builds(Translation, english, st.booleans()), max_size=4),
    st.lists(keys, max_size=3),
)
def test_what_people_filled_in_survives_every_run(
    tmp_path_factory: pytest.TempPathFactory,
    entries: dict[str, Translation],
    missing: list[str],
) -> None:
    path = tmp_path_factory.mktemp("study") / "translations.csv"
    write_translations(path, Translations(entries), missing, dict.fromkeys(missing, 3))
    read = read_translations(path)
    assert read.entries == {**dict.fromkeys(missing, Translation()), **entries}
    before = path.read_bytes()
    write_translations(path, read, missing, dict.fromkeys(missing, 3))
    assert path.read_bytes() == before


def test_words_to_fill_in_come_first_the_frequent_ones_before_the_rare(tmp_path: Path) -> None:
    path = tmp_path / "translations.csv"
    known = Translations({"esso": Translation("Esso", True), "old": Translation()})
    write_translations(path, known, ["vela", "ruota"], {"ruota": 9, "vela": 2, "esso": 20})
    assert path.read_text() == (
        "raw,english,checked,count\nruota,,,9\nvela,,,2\nesso,Esso,yes,20\n"
    )


def test_a_missing_file_is_an_empty_dictionary(tmp_path: Path) -> None:
    assert read_translations(tmp_path / "translations.csv") == Translations()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("raw\nruota\n", "lacks the column 'english'"),
        ("raw,english\n,wheel\n", "line 2 has no raw word"),
        ("raw,english\nruota,wheel\nRuota,tyre\n", "line 3 translates 'ruota' as 'tyre', but line"),
        ("raw,english,checked\nruota,wheel,perhaps\n", "line 2 has checked 'perhaps'"),
    ],
)
def test_a_fault_is_told_with_its_line(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "translations.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=why):
        read_translations(path)


def test_of_two_rows_of_a_word_the_filled_in_one_counts(tmp_path: Path) -> None:
    path = tmp_path / "translations.csv"
    path.write_text("raw,english,checked\nruota,,\nRuota,wheel,X\nruota,wheel,\n")
    assert read_translations(path).entries == {"ruota": Translation("wheel", checked=True)}


class Phrasebook:
    """A translator of one language that writes down what it was asked."""

    def __init__(self, language: str, words: Mapping[str, str]) -> None:
        self.language, self.words = language, words
        self.asked: list[tuple[tuple[str, ...], str]] = []

    def translate(self, words: Sequence[str], language: str) -> Mapping[str, str]:
        self.asked.append((tuple(words), language))
        known = self.words if language == self.language else {}
        return {word: known[word] for word in words if word in known}


def test_a_translator_is_asked_only_for_what_nobody_filled_in() -> None:
    book = Phrasebook("de", {"rad": "wheel", "esso": "it", "leer": ""})
    known = Translations({"esso": Translation("Esso", True), "rad": Translation()})
    found = known.asking(book, ["esso", "rad", "leer", "fin"], ["it", "de"])
    open_words = ("rad", "leer", "fin")
    assert book.asked == [(open_words, "it"), (open_words, "de")]
    assert found.entries == {"esso": Translation("Esso", True), "rad": Translation("wheel")}
    assert found.translate(["rad", "fin"], "de") == {"rad": "wheel"}
