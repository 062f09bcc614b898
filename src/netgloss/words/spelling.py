"""Corrects spelling by the nearest, then most frequent, dictionary word (SECA, section C3).

Dictionary and search are symspellpy's. Its index over all 82,834 words takes two seconds to
build, so rapidfuzz first finds the few words within reach and symspellpy indexes only those:
a lookup never returns another word, so the results are the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from symspellpy import SymSpell

__all__ = ["Correction", "Speller", "dictionary"]

# Beyond this many words one full index is quicker than a scan of the dictionary for each.
_FEW = 400
# Lifts a word of the study above every dictionary word at the same distance.
_STUDY_FIRST = 10**15


@dataclass(frozen=True)
class Correction:
    """What became of one word.

    Attributes:
        word: As it came in.
        corrected: As it goes on.
        others: Dictionary words at the same distance, most frequent first, at most three;
            where there are any, the correction is a guess.
        kept: Why a word that the dictionary lacks was left alone; empty otherwise.
    """

    word: str
    corrected: str
    others: tuple[str, ...] = ()
    kept: str = ""

    @property
    def step(self) -> str:
        """The correction in words for the vocabulary; empty when there is nothing to tell."""
        if self.corrected != self.word:
            guess = f" (or {', '.join(self.others)})" if self.others else ""
            return f"spelling: {self.word} -> {self.corrected}{guess}"
        return f"protected: {self.kept}" if self.kept else ""


@dataclass(frozen=True)
class Speller:
    """Corrects words, one by one or whole terms at a time.

    In mode ``token`` a word stays when it is protected, has characters other than a to z, has
    three letters or fewer, or stands in the dictionary. A correction may change two letters,
    in words of five letters or fewer one. Words of the study win over dictionary words at the
    same distance, and a three-letter word that lacks one letter of a study word gets it back.

    Mode ``whole`` looks the term up as one string and knows none of these exceptions but
    protection: the way of the authors' published code.

    Attributes:
        protected: Word to the reason why it must stay.
        known: Trusted words of the study and how often they were typed.
        avoided: Words that no correction may lead to.
        mode: ``token`` or ``whole``.
        max_edit_distance: Letters added, dropped, changed or swapped; 2 in the published code.

    Source:
        SECA, section C3 and its published code (Verbosity.TOP, distance 2, unknown words kept).

    Examples:
        >>> Speller(known={"lobster": 90}).correct(["lonster", "claw"])["lonster"].corrected
        'lobster'
    """

    protected: Mapping[str, str] = field(default_factory=dict)
    known: Mapping[str, int] = field(default_factory=dict)
    avoided: Collection[str] = frozenset()
    mode: Literal["token", "whole"] = "token"
    max_edit_distance: int = 2

    def correct(self, words: Iterable[str]) -> dict[str, Correction]:
        """The correction of each distinct word."""
        distinct = list(dict.fromkeys(words))
        results = {word: Correction(word, word) for word in distinct}
        doubtful = [word for word in distinct if self._may_be_wrong(word)]
        if not doubtful:
            return results
        unknown = [word for word in doubtful if word not in dictionary()]
        for word in unknown:
            if word in self.protected:
                results[word] = Correction(word, word, kept=self.protected[word])
        open_words = [word for word in unknown if word not in self.protected]
        index = _index(open_words, self._entries(), self.max_edit_distance)
        for word in open_words:
            results[word] = self._look_up(word, index)
        return results

    def _may_be_wrong(self, word: str) -> bool:
        if self.mode == "whole":
            return True
        plain = word.isascii() and word.isalpha()
        return plain and (
            len(word) > 3 or (len(word) == 3 and bool(self._with_a_letter_more(word)))
        )

    def _with_a_letter_more(self, word: str) -> list[str]:
        """The words of the study that a three-letter word becomes by one letter more."""
        return [
            longer
            for longer in self.known
            if len(longer) == 4 and any(longer[:at] + longer[at + 1 :] == word for at in range(4))
        ]

    def _entries(self) -> dict[str, int]:
        """The words a correction may lead to, with their frequencies."""
        if self.mode == "whole":
            return dictionary()
        entries = {word: n for word, n in dictionary().items() if word not in self.avoided}
        for word, times in self.known.items():
            entries[word] = entries.get(word, 0) + _STUDY_FIRST + times
        return entries

    def _look_up(self, word: str, index: SymSpell) -> Correction:
        from symspellpy import Verbosity

        found = index.lookup(word, Verbosity.CLOSEST, self._reach(word))
        if self.mode == "token" and len(word) == 3:
            longer = self._with_a_letter_more(word)
            found = [each for each in found if each.term in longer]
        if not found:
            return Correction(word, word)
        best = found[0].term
        certain = self.mode == "whole" or best in self.known
        return Correction(word, best, () if certain else tuple(each.term for each in found[1:4]))

    def _reach(self, word: str) -> int:
        """The letters a correction may change: two of five would be another word."""
        if self.mode == "whole":
            return self.max_edit_distance
        return min(self.max_edit_distance, 1 if len(word) <= 5 else 2)


@cache
def dictionary() -> dict[str, int]:
    """The English words that symspellpy carries, with their frequencies; read once.

    The file's own frequency for a word given twice is the sum, as symspellpy reads it.
    """
    file = resources.files("symspellpy") / "frequency_dictionary_en_82_765.txt"
    words: dict[str, int] = {}
    for line in file.read_text(encoding="utf-8-sig").splitlines():
        word, _, times = line.partition(" ")
        words[word] = words.get(word, 0) + int(times)
    return words


def _index(words: list[str], entries: Mapping[str, int], distance: int) -> SymSpell:
    """A symspellpy index over the entries that a lookup of these words can return."""
    from symspellpy import SymSpell

    index = SymSpell(max_dictionary_edit_distance=distance)
    for entry in _within_reach(words, list(entries), distance):
        index.create_dictionary_entry(entry, entries[entry])
    return index


def _within_reach(words: list[str], entries: list[str], distance: int) -> list[str]:
    """The entries at most ``distance`` from any of the words, in their order."""
    if len(words) > _FEW or not words:
        return entries if words else []
    import numpy as np
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import cdist

    distances = cdist(words, entries, scorer=OSA.distance, score_cutoff=distance, dtype=np.uint8)
    near = (distances <= distance).any(axis=0)
    return [entries[place] for place in np.flatnonzero(near)]
