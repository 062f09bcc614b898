"""Words of other languages said in English by a dictionary that people check (thesis, 5.1.4).

A machine gets single words wrong, because it does not see the picture: the Italian "esso" is "it",
but on a gas pump it is Esso. What a person wrote into ``translations.csv`` therefore wins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from netgloss.errors import DataError
from netgloss.store.tables import read_csv_rows, write_csv
from netgloss.words.normalise import as_typed, normalise

__all__ = [
    "FILE",
    "LEFT_OUT",
    "Translation",
    "Translations",
    "Translator",
    "read_translations",
    "write_translations",
]

FILE = "translations.csv"
"""The dictionary's name in the study folder."""

LEFT_OUT = "-"
"""What a person writes for a word that is to count nowhere."""

_YES = frozenset({"yes", "y", "true", "1", "x"})
_NO = frozenset({"", "no", "n", "false", "0"})


class Translator(Protocol):
    """Says words in English: a program, a service, a dictionary."""

    def translate(self, words: Sequence[str], language: str) -> Mapping[str, str]:
        """The English of the words that it knows; the others are missing.

        Args:
            words: In lower case, each once.
            language: The language that they may be in, an ISO 639-1 code; empty when unknown.
        """
        ...


@dataclass(frozen=True)
class Translation:
    """What stands for one word.

    Args:
        english: The word or words; empty while nobody knows, :data:`LEFT_OUT` for none.
        checked: Whether a person looked at it.
    """

    english: str = ""
    checked: bool = False


@dataclass(frozen=True)
class Translations:
    """The study's dictionary, which is a :class:`Translator` too.

    Attributes:
        entries: What stands for each word, by the word in lower case.

    Example:
        >>> known = Translations({"esso": Translation("Esso", checked=True)})
        >>> known.translate(["esso", "ruota"], "it")
        {'esso': 'Esso'}
    """

    entries: Mapping[str, Translation] = field(default_factory=dict)

    def translate(self, words: Sequence[str], language: str) -> dict[str, str]:  # noqa: ARG002 - as every translator takes it
        """The English of the words that somebody has filled in."""
        return {
            word: self.entries[word].english
            for word in words
            if word in self.entries and self.entries[word].english
        }

    def asking(
        self, translator: Translator, words: Sequence[str], languages: Iterable[str] = ("",)
    ) -> Translations:
        """The same dictionary with what another translator says to words that it lacks.

        Args:
            translator: Asked once a language, for the words that are still unknown.
            words: In lower case.
            languages: In the order in which to ask.
        """
        found = dict(self.entries)
        for language in languages:
            open_words = [word for word in words if not found.get(word, Translation()).english]
            said = translator.translate(open_words, language) if open_words else {}
            found |= {word: Translation(said[word]) for word in open_words if said.get(word)}
        return replace(self, entries=found)


def read_translations(path: Path) -> Translations:
    """The dictionary in a CSV with the columns raw, english and, if it is there, checked.

    Args:
        path: The file; a missing one is an empty dictionary.

    Raises:
        DataError: A column is missing, a word is empty or stands there twice with two meanings, or
            ``checked`` is neither yes nor no.
    """
    if not path.is_file():
        return Translations()
    entries: dict[str, Translation] = {}
    lines: dict[str, str] = {}
    for row in read_csv_rows(path):
        word, entry = _entry(row, path)
        known = entries.get(word)
        if known and known.english and entry.english and known.english != entry.english:
            raise DataError(
                f"{path}: line {row['#']} translates {word!r} as {entry.english!r}, but line "
                f"{lines[word]} as {known.english!r}; keep one"
            )
        if known is None or not known.english or (entry.english and entry.checked):
            entries[word], lines[word] = entry, row["#"]
    return Translations(entries)


def write_translations(
    path: Path, known: Translations, missing: Iterable[str], counts: Mapping[str, int]
) -> None:
    """Writes the dictionary with an empty row for each missing word, the most frequent first.

    Rows that somebody filled in stay, also those of words that nobody types any more.

    Args:
        path: The file.
        known: What it holds so far.
        missing: Words to fill in.
        counts: In how many games each word was given.
    """
    import pandas as pd

    kept = {word: entry for word, entry in known.entries.items() if entry.english}
    rows = {**dict.fromkeys(missing, Translation()), **kept}
    order = sorted(rows, key=lambda word: (bool(rows[word].english), -counts.get(word, 0), word))
    frame = pd.DataFrame(
        {
            "raw": order,
            "english": [rows[word].english for word in order],
            "checked": ["yes" if rows[word].checked else "" for word in order],
            "count": [counts.get(word, 0) for word in order],
        }
    )
    write_csv(frame, path)


def _entry(row: Mapping[str, str], path: Path) -> tuple[str, Translation]:
    for column in ("raw", "english"):
        if column not in row:
            raise DataError(f"{path}: line 1 lacks the column {column!r} (raw,english,checked)")
    word = normalise(row["raw"])
    if not word:
        raise DataError(f"{path}: line {row['#']} has no raw word; fill it in or delete the line")
    said = row.get("checked", "").strip().casefold()
    if said not in _YES | _NO:
        raise DataError(f"{path}: line {row['#']} has checked {said!r}; write yes or nothing")
    return word, Translation(as_typed(row["english"]), said in _YES)
