"""WordNet's synonyms and is-a relations as vectors, read from its plain-text files (man wndb)."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from netgloss.errors import DataError
from netgloss.words.embeddings import stand_alone
from netgloss.words.forms import base_form

__all__ = ["Database", "Synset", "WordNet"]

Synset = tuple[str, int]
"""Part of speech (``noun`` or ``adj``) and byte offset in its data file."""

_PARTS = ("noun", "adj")
# What leads one step up: hypernym and instance hypernym of a noun; the head that a satellite
# adjective is similar to.
_UP = {"noun": {"@", "@i"}, "adj": {"&"}}
# Endings and what replaces them to find the base form (man morphy).
_ENDINGS = {
    "noun": (
        ("ses", "s"), ("xes", "x"), ("zes", "z"), ("ches", "ch"), ("shes", "sh"),
        ("men", "man"), ("ies", "y"), ("s", ""),
    ),
    "adj": (("er", ""), ("est", ""), ("er", "e"), ("est", "e")),
}  # fmt: skip


class Database:
    """The noun and adjective files of one WordNet.

    Args:
        place: A folder with ``index.noun`` and its kin, an ``nltk_data`` folder that holds one
            (unpacked or as ``wordnet.zip``), or such an archive.

    Raises:
        DataError: A file is missing.
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        self._files = {
            f"{kind}.{part}": _read(place, f"{kind}.{part}")
            for part in _PARTS
            for kind in ("index", "data")
        }
        self._exceptions = {
            part: dict(_pairs(_read(place, f"{part}.exc", optional=True))) for part in _PARTS
        }

    def senses(self, token: str, part: str) -> list[Synset]:
        """The synsets of a word or of its base form, most usual first; empty when unknown."""
        for form in self._forms(token, part):
            line = self._index_line(form, part)
            if line:
                synsets = int(line[2])
                return [(part, int(offset)) for offset in line[-synsets:]]
        return []

    def words(self, synset: Synset) -> list[str]:
        """The words that share a synset's meaning."""
        cells = self._data_line(synset)
        return [cells[4 + 2 * place].lower() for place in range(int(cells[3], 16))]

    def ancestors(self, synset: Synset, steps: int) -> dict[Synset, int]:
        """The synset and all above it, with the fewest steps up to each, at most ``steps``."""
        reached = {synset: 0}
        edge = [synset]
        for step in range(1, steps + 1):
            edge = [up for low in edge for up in self._above(low) if up not in reached]
            reached.update(dict.fromkeys(edge, step))
        return reached

    def _above(self, synset: Synset) -> list[Synset]:
        part = synset[0]
        cells = self._data_line(synset)
        if part == "adj" and cells[2] != "s":  # a head's "similar" leads down to its satellites
            return []
        start = 4 + 2 * int(cells[3], 16)
        pointers = cells[start + 1 : start + 1 + 4 * int(cells[start])]
        return [
            (part, int(offset))
            for symbol, offset in zip(pointers[::4], pointers[1::4], strict=True)
            if symbol in _UP[part]
        ]

    def _forms(self, token: str, part: str) -> list[str]:
        """The forms under which the index may hold the word, likeliest first."""
        regular = [
            token[: -len(ending)] + instead
            for ending, instead in _ENDINGS[part]
            if token.endswith(ending) and len(token) > len(ending) + 1
        ]
        exception = self._exceptions[part].get(token)
        # The base form first: "legs" and "eyes" have entries of their own with odd meanings.
        return [exception] if exception else [base_form(token), token, *regular]

    def _index_line(self, form: str, part: str) -> list[str]:
        text = self._files[f"index.{part}"]
        start = text.find(f"\n{form} ".encode())
        if start < 0:
            return []
        return text[start + 1 : text.index(b"\n", start + 1)].decode().split()

    def _data_line(self, synset: Synset) -> list[str]:
        part, offset = synset
        text = self._files[f"data.{part}"]
        line = text[offset : text.find(b"\n", offset)].decode(errors="replace").split()
        if not line or line[0] != f"{offset:08d}":
            raise DataError(
                f"{self.place}: data.{part} has no entry at byte {offset}; "
                "its files are damaged or of different versions, so install WordNet again"
            )
        return line


class WordNet:
    """Vectors over WordNet's synsets: one entry a meaning and one a step up its is-a relations.

    A token's meanings count by their rank (1, 1/2, 1/4), and each step up counts half. Words
    of one meaning have cosine 1, parent and child about 0.5, sisters (red, blue) about 0.25;
    other meanings of either word lower it, so that an ambiguous word is merged with care.
    A token that WordNet lacks is left alone.

    Args:
        place: Where the database lies (see :class:`Database`); None searches ``WNSEARCHDIR``,
            ``WNHOME``, ``NLTK_DATA`` and the usual folders.

    Raises:
        DataError: There is no WordNet at that place, or in any of the usual ones.
    """

    name = "wordnet"
    says = (
        "WordNet merges plurals, irregular ones too, and synonyms with one main meaning in common "
        "(gray, grey); ambiguous words and words it lacks stay apart."
    )
    merge_from = 0.55
    report_from = 0.35
    meanings = 3
    steps = 4

    def __init__(self, place: Path | None = None) -> None:
        self.place = _find(place)

    def embed(self, tokens: Sequence[str]) -> NDArray[np.float64]:
        """One vector of length 1 a token, shape (token, synset)."""
        rows = [self._weights(token) for token in tokens]
        columns = {synset: place for place, synset in enumerate(sorted(set().union(*rows)))}
        vectors = np.zeros((len(tokens), max(len(columns), 1)))
        for vector, row in zip(vectors, rows, strict=True):
            for synset, weight in row.items():
                vector[columns[synset]] = weight
        return stand_alone(vectors)

    def _weights(self, token: str) -> dict[Synset, float]:
        database = _open(self.place)
        weights: dict[Synset, float] = {}
        for part in _PARTS:
            for rank, sense in enumerate(database.senses(token, part)[: self.meanings]):
                for synset, step in database.ancestors(sense, self.steps).items():
                    weights[synset] = weights.get(synset, 0.0) + 0.5 ** (rank + step)
        return weights


@lru_cache(maxsize=2)
def _open(place: Path) -> Database:
    return Database(place)


def _find(place: Path | None) -> Path:
    """The folder or archive that holds the files."""
    for candidate in [place] if place else _usual_places():
        for inner in ("", "dict", "wordnet", "corpora/wordnet", "corpora/wordnet.zip"):
            path = candidate / inner
            if (path / "index.noun").is_file() or (path.suffix == ".zip" and path.is_file()):
                return path
    where = str(place) if place else "the usual folders"
    raise DataError(
        f"no WordNet in {where}; install Debian's wordnet-base, or name the folder that holds "
        "index.noun as wordnet:PATH"
    )


def _usual_places() -> list[Path]:
    named = [os.environ.get(name, "") for name in ("WNSEARCHDIR", "WNHOME")]
    nltk = os.environ.get("NLTK_DATA", "").split(os.pathsep)
    fixed = ["/usr/share/wordnet", "/usr/share/nltk_data", "/usr/local/share/nltk_data"]
    return [*(Path(each) for each in (*named, *nltk, *fixed) if each), Path.home() / "nltk_data"]


def _read(place: Path, name: str, *, optional: bool = False) -> bytes:
    try:
        if place.suffix != ".zip":
            return (place / name).read_bytes()
        with zipfile.ZipFile(place) as archive:
            return archive.read(f"wordnet/{name}")
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        if optional:
            return b""
        raise DataError(
            f"{place}: WordNet's {name} cannot be read; install WordNet again"
        ) from error


def _pairs(text: bytes) -> list[tuple[str, str]]:
    """Irregular form and base form of each line of an exception list."""
    lines = [line.split() for line in text.decode(errors="replace").splitlines()]
    return [(cells[0], cells[1]) for cells in lines if len(cells) > 1]
