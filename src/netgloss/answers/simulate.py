"""Simulated people: they describe what lies under the salient areas of a heat map.

Methods 9, annotation oracle: an entity is reported if enough of the salient heat falls on it,
or enough of it is covered. The people see the evidence and what is in the picture; the class,
the prediction and the planted bias never reach them. :func:`notice` says what a careful person
reports; how a population puts that into words and boxes comes after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netgloss.answers.format import Answer, Box, answer_id
from netgloss.answers.habits import HASTE, careless_boxes
from netgloss.answers.populations import EXPERT, Habit, Population, dice
from netgloss.answers.slips import mistype, redraw
from netgloss.errors import DataError
from netgloss.evidence.salient import salient_areas
from netgloss.scenes.granularity import coarse_attributes, coarse_type
from netgloss.scenes.scene import Entity

__all__ = ["Sighting", "describe", "notice", "simulate"]

_SOURCE = "simulated people"
LEAST_HEAT = 0.05
"""An entity with this share of the salient heat is reported (methods 9, alpha)."""
LEAST_COVERED = 0.2
"""So is an entity of which this share is salient (methods 9, beta)."""


@dataclass(frozen=True, eq=False)
class Sighting:
    """An entity that a careful person would report, and where they would draw the box.

    Args:
        entity: The entity.
        box: x0, y0, x1, y1 in pixels, x1 and y1 exclusive: round the whole of a thing, round
            the salient part of the background.
    """

    entity: Entity
    box: tuple[int, int, int, int]


def notice(
    heat: NDArray[np.floating], entities: Sequence[Entity], share: float = 0.10
) -> list[Sighting]:
    """What lies under the salient areas of one heat map, in the order of the entities.

    Args:
        heat: Values of 0 or more at the picture's size, shape (height, width).
        entities: What can be seen on the picture.
        share: Share of the pixels that counts as salient, above 0 and at most 1.

    Returns:
        Nothing for a map with nothing in it.

    Raises:
        DataError: The heat map and the entities' masks differ in size, or the share is out of
            range.

    Source:
        Methods 9, annotation oracle: alpha = .05 of the salient heat, beta = .2 of the entity.
    """
    if not 0 < share <= 1:
        raise DataError(f"salient share {share}: give a share above 0 and at most 1")
    for entity in entities:
        if entity.mask.shape != heat.shape:
            raise DataError(
                f"{entity.name}: its mask has the size {entity.mask.shape}, the heat map "
                f"{heat.shape}; lay the heat map on the original picture first"
            )
    salient = np.zeros(heat.shape, dtype=bool)
    for area in salient_areas(heat, share):
        salient |= area.mask
    hot = np.flatnonzero(salient)
    weights = heat.ravel()[hot].astype(np.float64)
    if not entities or not weights.any():
        return []
    # Only the hot pixels count, which are a tenth of them all.
    lit = np.stack([entity.mask.ravel()[hot] for entity in entities])
    heated = lit.astype(np.float64) @ weights / weights.sum()
    shown = lit.sum(axis=1)
    areas = np.array([max(np.count_nonzero(entity.mask), 1) for entity in entities])
    reported = (shown > 0) & ((heated >= LEAST_HEAT) | (shown / areas >= LEAST_COVERED))
    return [
        Sighting(one, _bounds(one.mask & salient if one.background else one.mask))
        for one, is_reported in zip(entities, reported.tolist(), strict=True)
        if is_reported
    ]


def simulate(
    heat_maps: Iterable[tuple[str, NDArray[np.floating]]],
    entities: Mapping[str, Sequence[Entity]],
    population: Population = EXPERT,
    *,
    seed: int = 0,
    share: float = 0.10,
) -> list[Answer]:
    """What the people of a population say about every heat map.

    Args:
        heat_maps: Image identifier and heat map at the image's size, shape (height, width);
            wrap it in a tracker to see how far the work is.
        entities: What can be seen on each image. A pool's people are shared out over all the
            images in it, whether they have a heat map or not.
        population: Who looks.
        seed: Of everything random; a person's answer about an image depends on nothing else
            than this, the person, the image, its heat map and what can be seen on it.
        share: Share of the pixels that counts as salient.

    Raises:
        DataError: An image has no entry in ``entities``, sizes differ, or a number is out of
            range.
    """
    if seed < 0:
        raise DataError(f"seed {seed}: give a number of 0 or more")
    sees = population.who_sees(entities, seed)
    habits = {person: population.habit(person, seed) for person in population.people()}
    answers = []
    for image, heat in heat_maps:
        if image not in entities:
            raise DataError(
                f"image '{image}': nothing is known of what can be seen on it; "
                "simulated people can only describe drawn pictures"
            )
        sightings = notice(heat, entities[image], share)
        things = [coarse_type(entity, population.types) for entity in entities[image]]
        for person in sees[image]:
            rng, habit = dice(seed, person, image), habits[person]
            seconds = _seconds(population, habit, rng)
            boxes = describe(sightings, population, heat.shape, rng)
            if habit:
                own = dice(seed, person)
                boxes = careless_boxes(habit, boxes, things, heat.shape, own, rng)
            number = answer_id("simulated", str(seed), person, image)
            answers.append(Answer(number, "annotate", person, image, seconds, _SOURCE, boxes))
    return answers


def describe(
    sightings: Sequence[Sighting],
    population: Population,
    shape: tuple[int, ...],
    rng: np.random.Generator,
) -> tuple[Box, ...]:
    """The boxes and words in which a person of the population reports the sightings.

    What is passed over, left out and drawn is settled before the words are, so that two
    granularities of one population differ in their words alone.

    Args:
        sightings: From :func:`notice`.
        population: Who writes; ``bad_faith`` plays no part here.
        shape: The image's (height, width).
        rng: Draws what varies.
    """
    drafts = []
    for sighting in sightings:
        missed = rng.random() < population.miss
        names = sighting.entity.attributes
        left_out = rng.random(len(names)) < population.drop_attribute
        corners = redraw(sighting.box, population.sloppiness, shape, rng)
        if not missed:
            kept = [name for name, out in zip(names, left_out.tolist(), strict=True) if not out]
            drafts.append((sighting.entity, kept, corners))
    return tuple(
        Box(
            _typed(coarse_type(entity, population.types), population, population.synonyms, rng),
            tuple(
                _typed(name, population, population.attribute_synonyms, rng)
                for name in coarse_attributes(kept, population.attributes)
            ),
            *corners,
        )
        for entity, kept, corners in drafts
    )


def _seconds(population: Population, habit: Habit | None, rng: np.random.Generator) -> float:
    """How long this person looked at this image, to a tenth of a second."""
    median = population.seconds * (HASTE[habit] if habit else 1.0)
    return max(round(median * float(rng.lognormal(0, population.spread)), 1), 0.1)


def _typed(
    term: str,
    population: Population,
    synonyms: Mapping[str, Sequence[str]],
    rng: np.random.Generator,
) -> str:
    """The term as this person types it."""
    others = synonyms.get(term, ())
    if others and rng.random() < population.synonym:
        term = others[int(rng.integers(len(others)))]
    return " ".join(
        mistype(word, rng) if rng.random() < population.typo else word for word in term.split()
    )


def _bounds(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """x0, y0, x1, y1 of the smallest box around the mask, x1 and y1 exclusive."""
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
