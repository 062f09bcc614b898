"""SECA's experiment on granularity (section 6.3, methods 9): how finely must people describe?

The same experts look at the same heat maps and name what they see at each granularity; the
finest, E3 with A2, is the reference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from netgloss.experiments.agreement import KINDS, compare, significant
from netgloss.experiments.granularity_page import STRONGEST, figure, page
from netgloss.experiments.kept import RunOptions, measured
from netgloss.experiments.runs import Prepared, Run, annotate, prepare
from netgloss.progress import Tracker, untracked
from netgloss.scenes.granularity import (
    ATTRIBUTE_LEVELS,
    TYPE_LEVELS,
    coarse_type,
    coarser_attributes,
)
from netgloss.words.normalise import concept_name, tokens

if TYPE_CHECKING:
    import pandas as pd

    from netgloss.concepts.table import ConceptTable
    from netgloss.scenes.granularity import AttributeLevel, TypeLevel
    from netgloss.scenes.scene import Entity

__all__ = [
    "NAME",
    "Coarser",
    "Options",
    "against",
    "coarser",
    "described",
    "figure",
    "page",
    "run",
]

NAME = "granularity"

Coarser = Callable[[str], str]
"""A concept with its kind to the concept that the coarser words make of it."""

_FINEST: tuple[TypeLevel, AttributeLevel] = ("E3", "A2")


@dataclass(frozen=True)
class Options(RunOptions):
    """What is run; see :class:`~netgloss.experiments.kept.RunOptions`."""


def run(work: Path, options: Options | None = None, track: Tracker = untracked) -> pd.DataFrame:
    """One row a run and granularity: set, network, seed, types, attributes, :func:`against`'s.

    Args:
        work: Where pictures, networks and finished runs are kept.
        options: What is run.
        track: Draws progress, one item a set and seed.

    Raises:
        OptionError: A set or a network is unknown.
    """
    return measured(_measure, options or Options(), work / NAME, track)


def described(prepared: Prepared, seed: int = 0) -> pd.DataFrame:
    """What experts find at every granularity on the same heat maps.

    Args:
        prepared: The study with its heat maps, and the truth.
        seed: Of the experts.

    Returns:
        One row a granularity: types, attributes, and what :func:`against` gives.
    """
    import pandas as pd

    from netgloss.answers.populations import EXPERT

    entities = [one for seen in prepared.truth.values() for one in seen]
    tables = {}
    for types in TYPE_LEVELS:
        for attributes in ATTRIBUTE_LEVELS:
            name = f"expert-{types}-{attributes}"
            experts = replace(EXPERT, name=name, types=types, attributes=attributes)
            # Clusters would join words that the granularity holds apart.
            tables[types, attributes] = annotate(prepared, experts, seed=seed, embedding="none")
    fine = tables[_FINEST]
    return pd.DataFrame(
        {"types": types, "attributes": attributes}
        | against(table, fine, coarser(entities, types, attributes))
        for (types, attributes), table in tables.items()
    )


def coarser(entities: Iterable[Entity], types: TypeLevel, attributes: AttributeLevel) -> Coarser:
    """What becomes of a fine concept where people speak at that granularity.

    Args:
        entities: Everything that can be seen on the pictures.
        types: Granularity of the types.
        attributes: Granularity of the attributes.

    Raises:
        DataError: There is no such granularity.
    """
    seen = list(entities)
    said = {one.type: coarse_type(one, types) for one in seen}
    nouns = {_name(fine): _name(coarse) for fine, coarse in said.items()}
    every = {name for one in seen for name in one.attributes}
    looks = {
        _name(fine): _name(coarse) for fine, coarse in coarser_attributes(every, attributes).items()
    }
    return lambda key: _translated(key, nouns, looks)


def against(coarse: ConceptTable, fine: ConceptTable, say: Coarser) -> dict[str, Any]:
    """Compares what coarse words find with what fine words find.

    Args:
        coarse: What people said in coarse words.
        fine: What they said in fine words about the same images.
        say: From :func:`coarser`.

    Returns:
        images, concepts and significant (how many), precision, recall, v_changes_by,
        same_as_or, and strongest (the strongest significant concepts with kind and V).

    Source:
        SECA, section 6.1.2; methods 9, granularity.
    """
    found, exact = significant(coarse), significant(fine)
    in_coarse_words = exact.groupby(say, sort=False).max()
    agreement = compare(found, in_coarse_words)
    ranked = found.round(12).sort_values(ascending=False, kind="stable")
    return {
        "images": len(coarse.images),
        "concepts": int(coarse.concepts["kind"].isin(KINDS).sum()),
        "significant": len(found),
        "precision": agreement["precision"],
        "recall": agreement["recall"],
        "v_changes_by": agreement["mae"],
        "same_as_or": _same_as_or(coarse, fine, say),
        "strongest": "; ".join(f"{key} {v:.2f}" for key, v in ranked.head(STRONGEST).items()),
    }


def _measure(run: Run, work: Path, _: Options) -> pd.DataFrame:
    return described(prepare(run, work), run.seed)


def _translated(key: str, nouns: Mapping[str, str], looks: Mapping[str, str]) -> str:
    """The coarse concept of a fine type, attribute or pair; unknown words stay."""
    kind, _, concept = key.partition(":")
    *adjectives, noun = concept.split("-")
    if kind == "attribute":
        adjectives, noun = [noun], ""
    said = [looks.get(word, word) for word in adjectives]
    return f"{kind}:{'-'.join([*said, nouns.get(noun, noun)] if noun else said)}"


def _same_as_or(coarse: ConceptTable, fine: ConceptTable, say: Coarser) -> float:
    """Share of the coarse columns that are the OR of their fine columns."""
    place = {image: row for row, image in enumerate(fine.images)}
    order = np.array([place[image] for image in coarse.images])
    joined: dict[str, Any] = {}
    for key, number in fine.position.items():
        if key.partition(":")[0] in KINDS:
            column = fine.column(number)[order]
            joined[say(key)] = joined.get(say(key), False) | column
    keys = {key for key in coarse.position if key.partition(":")[0] in KINDS} | set(joined)
    same = [
        key in joined
        and key in coarse.position
        and bool((coarse.column(coarse.position[key]) == joined[key]).all())
        for key in keys
    ]
    return float(np.mean(same)) if same else float("nan")


def _name(words: str) -> str:
    return concept_name(tokens(words))
