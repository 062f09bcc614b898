"""SECA's experiment on annotators (section 6.4, methods 9): what does a crowd find of the experts'?

A crowd of three an image and an expert look at the same heat maps; the crowd's words are taken
as typed, and reconciled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from netgloss.concepts.table import ConceptTable
from netgloss.experiments.agreement import significant
from netgloss.experiments.crowd_page import figure, page
from netgloss.experiments.kept import RunOptions, measured
from netgloss.experiments.matching import exact, matched, meant, similar
from netgloss.experiments.runs import Prepared, Run, heat_maps, prepare
from netgloss.progress import Tracker, untracked
from netgloss.words.options import PRESETS, WordOptions

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from netgloss.answers.populations import Population
    from netgloss.experiments.matching import Similarity
    from netgloss.scenes.granularity import AttributeLevel, TypeLevel
    from netgloss.scenes.scene import Entity

__all__ = [
    "NAME",
    "THRESHOLDS",
    "Options",
    "Voices",
    "agreements",
    "compared",
    "figure",
    "habits",
    "listen",
    "page",
    "run",
]

NAME = "crowd"

THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9)

_COLUMNS = (
    "types",
    "attributes",
    "people",
    "words",
    "matching",
    "threshold",
    "kind",
    "measure",
    "value",
)

_LEVELS: tuple[tuple[TypeLevel, AttributeLevel], ...] = (("E3", "A2"), ("E2", "A2"), ("E1", "A1a"))
"""The experts' granularities, fine to coarse; the crowd's words stay as they are."""


@dataclass(frozen=True)
class Options(RunOptions):
    """What is run; see :class:`~netgloss.experiments.kept.RunOptions`.

    Args:
        embedding: What says how alike two words are, in reconciliation and in matching; see
            :func:`netgloss.words.embeddings.parse_embedding`. ``ngrams`` knows letters only.
    """

    embedding: str = "ngrams"


@dataclass(frozen=True)
class Voices:
    """What a population said about heat maps.

    Args:
        answers: As ``answers.parquet`` holds them.
        terms: As ``terms.parquet`` holds them.
        labels: Image to the class that the network predicts.
    """

    answers: pd.DataFrame
    terms: pd.DataFrame
    labels: Mapping[str, str]

    def table(self, options: WordOptions) -> ConceptTable:
        """The concepts that these words stand for.

        Args:
            options: What the words stage does with them.
        """
        from netgloss.words.terms import apply_vocabulary, typed_terms
        from netgloss.words.vocabulary import build_vocabulary

        typed = typed_terms(self.answers, self.terms)
        classes = sorted(set(self.labels.values()))
        vocabulary = build_vocabulary(typed, options, class_names=classes)
        people = self.answers[["answer", "image", "person"]]
        areas = apply_vocabulary(vocabulary.frame, self.terms).merge(people, on="answer")
        images = self.answers["image"].unique()
        return ConceptTable.build(areas, self.labels, images, answers=self.answers)


def run(work: Path, options: Options | None = None, track: Tracker = untracked) -> pd.DataFrame:
    """One row a measurement, as :func:`agreements` and :func:`habits` give them.

    Args:
        work: Where pictures, networks and finished runs are kept.
        options: What is run.
        track: Draws progress, one item a set and seed.

    Returns:
        Columns set, network, seed, images, types and attributes (the experts' granularity),
        people, words, matching, threshold, kind, measure, value; empty where one does not apply.

    Raises:
        OptionError: A set, a network or the embedding is unknown.
    """
    from netgloss.words.embeddings import parse_embedding

    options = options or Options()
    parse_embedding(options.embedding)
    folder = work / f"{NAME}-{options.embedding.replace('/', '_').replace(':', '-')}"
    return measured(_measure, options, folder, track)


def compared(prepared: Prepared, embedding: str = "ngrams", seed: int = 0) -> pd.DataFrame:
    """How a crowd and experts work, and what of the experts' concepts the crowd finds.

    Args:
        prepared: The study with its heat maps, and the truth.
        embedding: What says how alike two words are.
        seed: Of the people.

    Returns:
        The rows of :func:`run` without set, network and seed.
    """
    import pandas as pd

    from netgloss.answers.populations import CROWD, EXPERT

    heat, labels = dict(heat_maps(prepared.study)), _labels(prepared)
    crowd = listen(heat, prepared.truth, labels, CROWD, seed)
    experts = {}
    for types, attributes in _LEVELS:
        people = replace(EXPERT, types=types, attributes=attributes)
        experts[types, attributes] = listen(heat, prepared.truth, labels, people, seed)
    rows: list[dict[str, Any]] = [
        {"people": people, "measure": measure, "value": value}
        for people, voices in (("experts", experts[_LEVELS[0]]), ("crowd", crowd))
        for measure, value in habits(voices, heat)
    ]
    # Experts agree on their words, so theirs are taken as typed.
    references = {level: voices.table(_as_typed()) for level, voices in experts.items()}
    for words, how in _word_options(embedding).items():
        table = crowd.table(how)
        for (types, attributes), reference in references.items():
            level = {"people": "crowd", "words": words, "types": types, "attributes": attributes}
            rows += [level | row for row in agreements(table, reference, embedding)]
    frame = pd.DataFrame(rows, columns=list(_COLUMNS))
    frame.insert(0, "images", len(heat))
    return frame


def listen(
    heat: Mapping[str, NDArray[np.floating]],
    truth: Mapping[str, Sequence[Entity]],
    labels: Mapping[str, str],
    population: Population,
    seed: int = 0,
) -> Voices:
    """What a population says about heat maps.

    Args:
        heat: Image to its heat map, shape (height, width).
        truth: Image to what can be seen on it.
        labels: Image to the class that the network predicts.
        population: Who looks.
        seed: Of everything random about them.
    """
    from netgloss.answers.format import to_tables
    from netgloss.answers.simulate import simulate

    said = simulate(heat.items(), truth, population, seed=seed)
    return Voices(*to_tables(said), labels)


def agreements(
    crowd: ConceptTable, experts: ConceptTable, embedding: str = "ngrams"
) -> Iterator[dict[str, Any]]:
    """Precision, recall and error of V of the crowd's significant concepts.

    Args:
        crowd: What the crowd named.
        experts: What the experts named on the same images.
        embedding: What says how alike two words are.

    Yields:
        matching (``same name``, the embedding's name, ``known synonyms``), threshold, kind
        (``all``, ``type``, ``attribute``, ``pair``), measure, value.

    Source:
        SECA, section 6.1.2; methods 9, crowd against trained.
    """
    found, reference = significant(crowd), significant(experts)
    for matching, alike, thresholds in _matchings(embedding):
        for threshold in thresholds:
            for kind, values in matched(found, reference, alike, threshold).items():
                for measure, value in values.items():
                    yield {
                        "matching": matching,
                        "threshold": threshold,
                        "kind": kind,
                        "measure": measure,
                        "value": value,
                    }


def habits(voices: Voices, heat: Mapping[str, NDArray[np.floating]]) -> Iterator[tuple[str, float]]:
    """How people worked: boxes, coverage of the salient areas, time, words.

    Args:
        voices: What they said.
        heat: What they looked at.

    Yields:
        Name and value of each property.
    """
    from netgloss.answers.trust import summary
    from netgloss.evidence.salient import coverage

    told = summary(voices.answers, voices.terms)
    image_of = dict(zip(voices.answers["answer"], voices.answers["image"], strict=True))
    drawn = voices.terms.dropna(subset=["x0"])
    corners = list(zip(*(drawn[name] for name in ("x0", "y0", "x1", "y1")), strict=True))
    by_answer: dict[str, list[Any]] = {answer: [] for answer in voices.answers["answer"]}
    by_image: dict[str, list[Any]] = {image: [] for image in voices.answers["image"]}
    for answer, box in zip(drawn["answer"], corners, strict=True):
        by_answer[answer].append(box)
        by_image[image_of[answer]].append(box)
    alone = [coverage(heat[image_of[answer]], boxes) for answer, boxes in by_answer.items()]
    together = [coverage(heat[image], boxes) for image, boxes in by_image.items()]
    yield "people", told["people"]
    yield "people an image", told["answers"] / told["images"]
    yield "boxes a person and image", told["boxes"] / told["answers"]
    yield "coverage by one person", float(np.mean(alone))
    yield "coverage by all of an image", float(np.mean(together))
    yield "median seconds an image", told["median_seconds"]
    yield "distinct types typed", told["distinct_types"]
    yield "distinct attributes typed", told["distinct_attributes"]


def _measure(run: Run, work: Path, options: Options) -> pd.DataFrame:
    return compared(prepare(run, work), options.embedding, run.seed)


def _word_options(embedding: str) -> dict[str, WordOptions]:
    clusters: Any = "none" if embedding == "none" else "auto"
    reconciled = replace(PRESETS["default"], embedding=embedding, clusters=clusters)
    return {"as typed": _as_typed(), "reconciled": reconciled}


def _as_typed() -> WordOptions:
    """Case, spaces and stop-words are settled, but no spelling and no synonym."""
    return replace(
        PRESETS["default"], spelling="none", embedding="none", clusters="none", join_spacing=False
    )


def _matchings(embedding: str) -> Iterator[tuple[str, Similarity, tuple[float, ...]]]:
    yield "same name", exact, (1.0,)
    if embedding != "none":
        yield embedding.partition(":")[0], similar(embedding), THRESHOLDS
    yield "known synonyms", meant, (1.0,)


def _labels(prepared: Prepared) -> dict[str, str]:
    images = prepared.study.images().dropna(subset=["prediction"])
    return dict(zip(images["image"], images["prediction"], strict=True))
