"""From the answer format to long tables of sets: who said which concepts of which image."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from netgloss.concepts.table import KINDS, concept_columns
from netgloss.errors import OptionError
from netgloss.evaluation.long_format import require_columns

__all__ = ["statements"]


def statements(
    answers: pd.DataFrame, regions: pd.DataFrame, kinds: Sequence[str] = ("type",)
) -> pd.DataFrame:
    """What each person said of each image, as a set of concepts.

    Args:
        answers: One row an answer: ``answer``, ``person``, ``image`` and ``seconds``. An answer
            without a region is one that says nothing.
        regions: One row a region: ``answer``, ``type`` (may be empty) and ``attributes`` (a
            list), in the words of the vocabulary.
        kinds: Which concepts count: ``type``, ``attribute``, ``pair``, ``combination``.

    Returns:
        One row an answer: ``person``, ``unit`` (the image), ``value`` (a frozenset of concepts
        with their kind, like the columns of the concept table), ``seconds`` and ``text`` (all
        regions in words, for finding answers that were pasted).

    Raises:
        DataError: A table lacks a column, or a word holds a hyphen.
        OptionError: A kind is unknown.

    Example:
        >>> answers = pd.DataFrame(
        ...     {"answer": ["1"], "person": ["al"], "image": ["a.png"], "seconds": [9.0]})
        >>> regions = pd.DataFrame(
        ...     {"answer": ["1"], "type": ["claw"], "attributes": [["orange"]]})
        >>> said = statements(answers, regions, kinds=["type", "pair"])
        >>> sorted(said["value"][0]), said["text"][0]
        (['pair:orange-claw', 'type:claw'], 'orange claw')
    """
    require_columns(answers, ("answer", "person", "image", "seconds"), "the answers")
    require_columns(regions, ("answer", "type", "attributes"), "the regions")
    for kind in kinds:
        if kind not in KINDS:
            raise OptionError(f"kind {kind!r} is not known; choose among {', '.join(KINDS)}")
    concepts: dict[str, set[str]] = {}
    texts: dict[str, list[str]] = {}
    rows = zip(regions["answer"], regions["type"], regions["attributes"], strict=True)
    for answer, noun, attributes in rows:
        keys = concept_columns(noun, tuple(attributes))
        said = concepts.setdefault(answer, set())
        said.update(key for key in keys if key.partition(":")[0] in kinds)
        texts.setdefault(answer, []).append(" ".join([*sorted(attributes), noun]).strip())
    names = answers["answer"].tolist()
    return pd.DataFrame(
        {
            "person": answers["person"].to_numpy(),
            "unit": answers["image"].to_numpy(),
            "value": pd.Series([frozenset(concepts.get(n, ())) for n in names], dtype=object),
            "seconds": answers["seconds"].to_numpy(),
            "text": pd.Series([", ".join(sorted(texts.get(n, ()))) for n in names], dtype=object),
        }
    )
