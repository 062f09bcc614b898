"""Matches the concepts of two groups of people who used different words (methods 9, crowd)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from netgloss.errors import OptionError
from netgloss.experiments.agreement import KINDS, mean_or_nan
from netgloss.words.normalise import concept_name, tokens

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Similarity", "exact", "matched", "meant", "similar"]

Similarity = Callable[[str, Sequence[str], Sequence[str]], NDArray[np.float64]]
"""How alike two lists of names are, in [0, 1], shape (first, second); first says their kind,
``type`` or ``attribute``."""


def matched(
    crowd: pd.Series[Any], trained: pd.Series[Any], alike: Similarity, threshold: float
) -> dict[str, dict[str, float]]:
    """Precision, recall and error of V of the crowd's findings, where names may differ.

    Each concept of the crowd stands for the trained people's concept of its kind that is most
    alike, if it is alike enough; a pair has to be in both its parts. Concepts equally alike are
    all meant. Where several of the crowd's stand for one, the largest V counts.

    Args:
        crowd: Concept with its kind to V, as
            :func:`netgloss.experiments.agreement.significant` gives it.
        trained: The same of the trained people.
        alike: How alike two names are.
        threshold: Least similarity of a match.

    Returns:
        For ``all``, ``type``, ``attribute`` and ``pair``: precision, recall, mae; NaN of nothing.

    Source:
        SECA, section 6.1.2; methods 9.
    """
    parts: dict[str, dict[str, NDArray[Any]]] = {}
    for kind in KINDS:
        said, names = _of_kind(crowd, kind)
        true, true_names = _of_kind(trained, kind)
        target = _targets(_likeness(kind, names, true_names, alike), threshold)
        found = np.asarray(target.any(axis=0))
        value = np.where(target, said[:, None], 0.0).max(axis=0, initial=0.0)
        parts[kind] = {
            "precision": np.asarray(target.any(axis=1)),
            "recall": found,
            "mae": np.abs(value - true)[found],
        }
    every = {
        measure: np.concatenate([part[measure] for part in parts.values()])
        for measure in ("precision", "recall", "mae")
    }
    return {
        kind: {measure: mean_or_nan(values) for measure, values in part.items()}
        for kind, part in {"all": every, **parts}.items()
    }


def exact(_: str, first: Sequence[str], second: Sequence[str]) -> NDArray[np.float64]:
    """1 for the same name, else 0."""
    return np.array([[float(name == other) for other in second] for name in first])


def meant(kind: str, first: Sequence[str], second: Sequence[str]) -> NDArray[np.float64]:
    """1 where the second name is what the first is known to mean, else 0.

    The drawn world knows which other words its people have: what a person who knew what each
    word stands for would match.
    """
    synonyms = _synonyms(kind)
    found = np.zeros((len(first), len(second)))
    for row, name in zip(found, first, strict=True):
        meanings = {name} if name in second else synonyms.get(name, frozenset())
        row[[other in meanings for other in second]] = 1.0
    return found


def similar(embedding: str) -> Similarity:
    """Cosine of the means of the vectors of two names' words.

    Args:
        embedding: As :func:`netgloss.words.embeddings.parse_embedding` takes it.

    Raises:
        OptionError: There is no such embedding, or it is ``none``.
    """
    from netgloss.words.embeddings import parse_embedding, to_unit_length

    embedder = parse_embedding(embedding)
    if embedder is None:
        raise OptionError("embedding 'none' says nothing about how alike words are; name another")

    def alike(_: str, first: Sequence[str], second: Sequence[str]) -> NDArray[np.float64]:
        names = [*first, *second]
        words = sorted({word for name in names for word in name.split("_")})
        place = {word: number for number, word in enumerate(words)}
        vectors = embedder.embed(words)
        means = [vectors[[place[word] for word in name.split("_")]].mean(axis=0) for name in names]
        placed = to_unit_length(np.array(means).reshape(len(names), -1))
        cosines: NDArray[np.float64] = placed[: len(first)] @ placed[len(first) :].T
        return cosines

    return alike


def _likeness(
    kind: str, names: Sequence[str], others: Sequence[str], alike: Similarity
) -> NDArray[np.float64]:
    """How alike concepts of one kind are: a pair as much as the less similar of its parts."""
    if not names or not others:
        return np.zeros((len(names), len(others)))
    if kind != "pair":
        return alike(kind, names, others)
    parts = [
        alike(part, [name.split("-")[side] for name in names], [o.split("-")[side] for o in others])
        for side, part in enumerate(("attribute", "type"))
    ]
    return np.minimum(*parts)


def _targets(likeness: NDArray[np.float64], threshold: float) -> NDArray[np.bool_]:
    """Whom each row stands for: the columns that are most alike, and alike enough."""
    if not likeness.size:
        return np.zeros(likeness.shape, dtype=bool)
    best = likeness.max(axis=1, keepdims=True)
    # A cosine of 1 may be computed as .9999999999999998.
    target: NDArray[np.bool_] = (likeness >= best - 1e-9) & (likeness >= threshold - 1e-9)
    return target


def _of_kind(values: pd.Series[Any], kind: str) -> tuple[NDArray[np.float64], list[str]]:
    chosen = [key for key in values.index if key.partition(":")[0] == kind]
    return values[chosen].to_numpy(dtype=float), [key.partition(":")[2] for key in chosen]


@cache
def _synonyms(kind: str) -> Mapping[str, frozenset[str]]:
    """Each other word to the names of what it can mean."""
    from netgloss.answers.synonyms import ATTRIBUTE_SYNONYMS, SYNONYMS

    meanings: dict[str, frozenset[str]] = {}
    for name, others in (SYNONYMS if kind == "type" else ATTRIBUTE_SYNONYMS).items():
        for other in others:
            key = concept_name(tokens(other))
            meanings[key] = meanings.get(key, frozenset()) | {concept_name(tokens(name))}
    return meanings
