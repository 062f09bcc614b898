"""Word vectors that say how alike two tokens are (SECA, section C3), and the offline default."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from netgloss.errors import OptionError
from netgloss.words.forms import base_form

__all__ = ["Embedder", "NGrams", "parse_embedding", "stand_alone", "to_unit_length"]


class Embedder(Protocol):
    """Places tokens in a space where alike ones are close."""

    @property
    def name(self) -> str:
        """The provider's short name."""
        ...

    @property
    def says(self) -> str:
        """One sentence on what it can and cannot merge, for the report."""
        ...

    @property
    def merge_from(self) -> float:
        """Cosine from which two tokens may become one concept unasked."""
        ...

    @property
    def report_from(self) -> float:
        """Cosine from which a pair left apart is worth a person's look."""
        ...

    def embed(self, tokens: Sequence[str]) -> NDArray[np.float64]:
        """One vector of length 1 a token, shape (token, dimension)."""
        ...


class NGrams:
    """Hashed character n-grams of a token's base form: needs no file and no network.

    Two forms of one word ("claw", "claws"; "grey", "gray") get the same vector. Other tokens
    are as alike as their letters, which says little about what they mean ("light", "flight"),
    so nothing below a cosine of 0.9 is merged.

    Args:
        shortest: Letters of the shortest n-gram; FastText's 3.
        longest: Letters of the longest; FastText's 6.
        dimensions: Length of the vectors; n-grams are hashed into it.

    Examples:
        >>> claw, claws, clam = NGrams().embed(["claw", "claws", "clam"])
        >>> round(float(claw @ claws), 2), float(claw @ clam) < 0.9
        (1.0, True)
    """

    name = "ngrams"
    says = (
        "Character n-grams merge plurals and spelling variants of a word (claw, claws); "
        "they know no synonyms (belly, stomach)."
    )
    merge_from = 0.9
    report_from = 0.5

    def __init__(self, shortest: int = 3, longest: int = 6, dimensions: int = 4096) -> None:
        self.shortest = shortest
        self.longest = longest
        self.dimensions = dimensions

    def embed(self, tokens: Sequence[str]) -> NDArray[np.float64]:
        """One vector of length 1 a token, shape (token, dimensions)."""
        vectors = np.zeros((len(tokens), self.dimensions))
        for row, token in zip(vectors, tokens, strict=True):
            for gram in self._grams(f"<{base_form(token)}>"):
                row[crc32(gram.encode()) % self.dimensions] += 1.0
        return to_unit_length(vectors)

    def _grams(self, marked: str) -> list[str]:
        """All n-grams of the marked word, and the word itself, so that none is without."""
        return [marked] + [
            marked[start : start + size]
            for size in range(self.shortest, self.longest + 1)
            for start in range(len(marked) - size + 1)
        ]


def to_unit_length(vectors: NDArray[np.floating]) -> NDArray[np.float64]:
    """The vectors divided by their lengths; zeros stay zeros."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1.0), dtype=np.float64)


def stand_alone(vectors: NDArray[np.floating]) -> NDArray[np.float64]:
    """Unit vectors in which every zero vector has a dimension of its own.

    A token that a provider does not know has no vector; left at zero, all of them would lie on
    one spot and be merged.
    """
    unknown = np.flatnonzero(~vectors.any(axis=1))
    extra = np.zeros((len(vectors), len(unknown)))
    extra[unknown, np.arange(len(unknown))] = 1.0
    return np.hstack([to_unit_length(vectors), extra])


def parse_embedding(text: str) -> Embedder | None:
    """The embedder that a setting names; None for ``none``.

    Args:
        text: ``ngrams``, ``fasttext:PATH``, ``sentences:PATH``, ``wordnet``, ``wordnet:PATH``
            or ``none``.

    Raises:
        OptionError: There is no such provider.
        DataError: Its file is missing.

    Examples:
        >>> parse_embedding("ngrams").name
        'ngrams'
    """
    from netgloss.words.vectors import FastText, Sentences
    from netgloss.words.wordnet import WordNet

    kind, _, place = text.strip().partition(":")
    if kind == "wordnet":
        return WordNet(Path(place).expanduser() if place else None)
    if kind in {"fasttext", "sentences"} and place:
        path = Path(place).expanduser()
        return FastText(path) if kind == "fasttext" else Sentences(path)
    if text.strip() in {"ngrams", "none"}:
        return NGrams() if text.strip() == "ngrams" else None
    raise OptionError(
        f"embedding {text!r} is not known; choose ngrams, fasttext:PATH, sentences:PATH, "
        "wordnet, wordnet:PATH or none"
    )
