"""Simulated people: they describe what lies under the salient areas of a heat map.

Methods 9, annotation oracle: an entity is reported if enough of the salient heat falls on it,
or enough of it is covered. The people see the evidence and what is in the picture; the class,
the prediction and the planted bias never reach them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from netgloss.answers.format import Answer, Box, answer_id
from netgloss.errors import DataError
from netgloss.evidence.salient import salient_areas
from netgloss.scenes.scene import Entity

__all__ = ["CROWD", "EXPERT", "SYNONYMS", "Population", "Sighting", "mistype", "notice", "simulate"]

LEAST_HEAT = 0.05
"""An entity with this share of the salient heat is reported (methods 9, alpha)."""
LEAST_COVERED = 0.2
"""So is an entity of which this share is salient (methods 9, beta)."""

SYNONYMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "stripe": ("stripes", "band"),
        "light": ("lights", "lamp"),
        "body": ("bodywork", "side"),
        "letters": ("lettering", "text"),
        "wheel": ("wheels", "tire"),
        "window": ("windows", "glass"),
        "road": ("street", "asphalt"),
        "tree": ("trees",),
        "forest": ("woods", "trees"),
        "grass": ("lawn",),
        "grey": ("gray",),
        "dark": ("black",),
    }
)
"""Other words that people have for what is drawn."""

_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


@dataclass(frozen=True)
class Population:
    """How a group of people annotates; the default is an expert, who never errs.

    Args:
        name: What its people are called, with a number behind it.
        size: How many people look at each image.
        miss: Share of the things under a salient area that a person passes over.
        drop_attribute: Share of the adjectives left out.
        synonym: Share of the words replaced by another word for the same thing.
        typo: Share of the words mistyped.
        sloppiness: Standard deviation of a box's edges, as a share of its side.
        seconds: Median time a person spends on an image.
        synonyms: Word to the other words for it.

    Raises:
        DataError: A share is outside 0 to 1, or there are no people.
    """

    name: str = "expert"
    size: int = 1
    miss: float = 0.0
    drop_attribute: float = 0.0
    synonym: float = 0.0
    typo: float = 0.0
    sloppiness: float = 0.0
    seconds: float = 60.0
    synonyms: Mapping[str, Sequence[str]] = field(default_factory=lambda: SYNONYMS)

    def __post_init__(self) -> None:
        for what in ("miss", "drop_attribute", "synonym", "typo"):
            value = getattr(self, what)
            if not 0 <= value <= 1:
                raise DataError(
                    f"population '{self.name}': {what} is {value}; give a share from 0 to 1"
                )
        if self.size < 1 or self.seconds <= 0 or self.sloppiness < 0:
            raise DataError(
                f"population '{self.name}': needs a size of 1 or more, seconds above 0 and a "
                "sloppiness of 0 or more"
            )

    def people(self) -> list[str]:
        """The names of its people."""
        return [f"{self.name}-{number}" for number in range(1, self.size + 1)]


EXPERT = Population()
"""One trained person: names every thing under the salient areas, rightly."""
CROWD = Population(
    "crowd",
    size=3,
    miss=0.15,
    drop_attribute=0.1,
    synonym=0.15,
    typo=0.02,
    sloppiness=0.06,
    seconds=20.0,
)
"""Three people from the street."""


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
        share: Share of the pixels that counts as salient.

    Returns:
        Nothing for a map with nothing in it.

    Raises:
        DataError: The heat map and the entities' masks differ in size.

    Source:
        Methods 9, annotation oracle: alpha = .05 of the salient heat, beta = .2 of the entity.
    """
    salient = np.zeros(heat.shape, dtype=bool)
    for area in salient_areas(heat, share):
        salient |= area.mask
    total = float(heat[salient].sum(dtype=np.float64))
    if not total:
        return []
    sightings = []
    for entity in entities:
        if entity.mask.shape != heat.shape:
            raise DataError(
                f"{entity.name}: its mask has the size {entity.mask.shape}, the heat map "
                f"{heat.shape}; lay the heat map on the original picture first"
            )
        lit = salient & entity.mask
        heated = float(heat[lit].sum(dtype=np.float64)) / total
        covered = lit.sum() / max(int(entity.mask.sum()), 1)
        if lit.any() and (heated >= LEAST_HEAT or covered >= LEAST_COVERED):
            sightings.append(Sighting(entity, _bounds(lit if entity.background else entity.mask)))
    return sightings


def simulate(
    heat_maps: Iterable[tuple[str, NDArray[np.floating]]],
    entities: Mapping[str, Sequence[Entity]],
    population: Population = EXPERT,
    *,
    seed: int = 0,
    share: float = 0.10,
) -> list[Answer]:
    """What every person of the population says about every heat map.

    Args:
        heat_maps: Image identifier and heat map at the image's size, shape (height, width);
            wrap it in a tracker to see how far the work is.
        entities: What can be seen on each image.
        population: Who looks.
        seed: Of everything random; a person's answer about an image depends on nothing else
            than this, the person and the image.
        share: Share of the pixels that counts as salient.

    Raises:
        DataError: An image has no entry in ``entities``, or sizes differ.
    """
    answers = []
    for image, heat in heat_maps:
        if image not in entities:
            raise DataError(
                f"image '{image}': nothing is known of what can be seen on it; "
                "simulated people can only describe drawn pictures"
            )
        sightings = notice(heat, entities[image], share)
        for person in population.people():
            rng = np.random.default_rng([seed, crc32(person.encode()), crc32(image.encode())])
            boxes = (_described(one, population, heat.shape, rng) for one in sightings)
            answers.append(
                Answer(
                    answer=answer_id("simulated", str(seed), person, image),
                    task="annotate",
                    person=person,
                    image=image,
                    seconds=round(population.seconds * float(rng.lognormal(0, 0.3)), 1),
                    source="simulated people",
                    boxes=tuple(box for box in boxes if box is not None),
                )
            )
    return answers


def mistype(word: str, rng: np.random.Generator) -> str:
    """The word with one slip of the fingers: a neighbouring key, a swap, a double, a gap.

    Words of up to three letters stay, since no one could tell what they were.

    Example:
        >>> mistype("stripe", np.random.default_rng(3)) != "stripe"
        True
    """
    if len(word) <= 3:
        return word
    place = int(rng.integers(1, len(word) - 1))  # people see a slip in the first letter
    slips = [
        word[:place] + _beside(word[place], rng) + word[place + 1 :],
        word[:place] + word[place + 1] + word[place] + word[place + 2 :],
        word[:place] + word[place] + word[place:],
        word[:place] + word[place + 1 :],
    ]
    changed = [slip for slip in slips if slip != word]
    return changed[int(rng.integers(len(changed)))]


def _beside(letter: str, rng: np.random.Generator) -> str:
    """A key to the left or right of this one; the letter itself where it is on no row."""
    for row in _KEYBOARD:
        place = row.find(letter)
        if place >= 0:
            near = row[max(place - 1, 0) : place] + row[place + 1 : place + 2]
            return near[int(rng.integers(len(near)))]
    return letter


def _described(
    sighting: Sighting, population: Population, shape: tuple[int, ...], rng: np.random.Generator
) -> Box | None:
    """One box with its words; None where the person passes the thing over."""
    if rng.random() < population.miss:
        return None
    kept = [
        name for name in sighting.entity.attributes if rng.random() >= population.drop_attribute
    ]
    return Box(
        _typed(sighting.entity.type, population, rng),
        tuple(_typed(name, population, rng) for name in kept),
        *_drawn(sighting.box, population.sloppiness, shape, rng),
    )


def _typed(term: str, population: Population, rng: np.random.Generator) -> str:
    """The term as this person types it."""
    others = population.synonyms.get(term, ())
    if others and rng.random() < population.synonym:
        term = others[int(rng.integers(len(others)))]
    words = term.split()
    return " ".join(
        mistype(word, rng) if rng.random() < population.typo else word for word in words
    )


def _drawn(
    box: tuple[int, int, int, int],
    sloppiness: float,
    shape: tuple[int, ...],
    rng: np.random.Generator,
) -> tuple[float, float, float, float]:
    """The box as this person draws it: inside the picture, at least two pixels wide."""
    if not sloppiness:
        return box
    x0, y0, x1, y1 = box
    moves = rng.normal(0, sloppiness, 4).tolist()
    left, right = _span(x0 + moves[0] * (x1 - x0), x1 + moves[1] * (x1 - x0), shape[1])
    top, bottom = _span(y0 + moves[2] * (y1 - y0), y1 + moves[3] * (y1 - y0), shape[0])
    return left, top, right, bottom


def _span(start: float, stop: float, limit: int) -> tuple[float, float]:
    low = min(max(round(start), 0), limit - 2)
    return low, min(max(round(stop), low + 2), limit)


def _bounds(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    rows, columns = np.nonzero(mask)
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1
