"""Groups of simulated people: how they look, what words they have, and who sees which image.

Methods 9, worker noise model; the pool follows SECA's tasks of ten images for three people each
(section 6.1.2).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args
from zlib import crc32

import numpy as np

from netgloss.answers.synonyms import ATTRIBUTE_SYNONYMS, SYNONYMS
from netgloss.errors import DataError
from netgloss.scenes.granularity import AttributeLevel, TypeLevel, check_levels

__all__ = ["BATCH", "CROWD", "EXPERT", "HABITS", "Habit", "Population", "dice"]

BATCH = 10
"""Images that the same people see together where a population has a pool."""

Habit = Literal["random words", "copy-paste", "too fast"]
HABITS: tuple[Habit, ...] = get_args(Habit)
"""What people do who are not serious."""

_SHARES = ("miss", "drop_attribute", "synonym", "typo", "bad_faith")


@dataclass(frozen=True)
class Population:
    """How a group of people annotates; the default is an expert, who never errs.

    Args:
        name: What its people are called, with a number behind it.
        size: How many people look at each image.
        pool: How many people there are in all; 0 for the same ``size`` people at every image.
        miss: Share of the things under a salient area that a person passes over.
        drop_attribute: Share of the adjectives left out.
        synonym: Share of the terms replaced by another term for the same thing.
        typo: Share of the words mistyped.
        sloppiness: Standard deviation of a box's edges, as a share of its side.
        seconds: Median time a person spends on an image.
        spread: Standard deviation of the logarithm of that time.
        bad_faith: Share of the people who are not serious; each has one of :data:`HABITS`.
        types: How finely they name things; see :func:`netgloss.scenes.granularity.coarse_type`.
        attributes: How finely they name looks; see
            :func:`netgloss.scenes.granularity.coarse_attribute`.
        synonyms: Type to the other words for it.
        attribute_synonyms: Attribute to the other words for it.

    Raises:
        DataError: A share is outside 0 to 1, there are too few people, a number is out of range
            or a granularity is not known.

    Example:
        >>> Population("crowd", size=3, pool=2)
        Traceback (most recent call last):
        netgloss.errors.DataError: population 'crowd': a pool of 2 is too few for a size of 3; \
give 0 for no pool, or 3 or more
    """

    name: str = "expert"
    size: int = 1
    pool: int = 0
    miss: float = 0.0
    drop_attribute: float = 0.0
    synonym: float = 0.0
    typo: float = 0.0
    sloppiness: float = 0.0
    seconds: float = 60.0
    spread: float = 0.3
    bad_faith: float = 0.0
    types: TypeLevel = "E3"
    attributes: AttributeLevel = "A2"
    # By a factory: before Python 3.12 a mapping proxy has no hash, so it cannot be a default.
    synonyms: Mapping[str, Sequence[str]] = field(
        default_factory=lambda: SYNONYMS, hash=False, repr=False
    )
    attribute_synonyms: Mapping[str, Sequence[str]] = field(
        default_factory=lambda: ATTRIBUTE_SYNONYMS, hash=False, repr=False
    )

    def __post_init__(self) -> None:
        for what in _SHARES:
            if not 0 <= getattr(self, what) <= 1:
                self._refuse(f"{what} is {getattr(self, what)}; give a share from 0 to 1")
        if self.size < 1:
            self._refuse(f"size is {self.size}; at least one person has to look at each image")
        if self.pool and self.pool < self.size:
            self._refuse(
                f"a pool of {self.pool} is too few for a size of {self.size}; "
                f"give 0 for no pool, or {self.size} or more"
            )
        if not 0 < self.seconds < math.inf:
            self._refuse(f"seconds is {self.seconds}; give a time above 0")
        for what in ("sloppiness", "spread"):
            if not 0 <= getattr(self, what) < math.inf:
                self._refuse(f"{what} is {getattr(self, what)}; give a number of 0 or more")
        try:
            check_levels(self.types, self.attributes)
        except DataError as error:
            raise DataError(f"population '{self.name}': {error}") from error

    def people(self) -> tuple[str, ...]:
        """The names of all its people."""
        return tuple(f"{self.name}-{number}" for number in range(1, (self.pool or self.size) + 1))

    def habit(self, person: str, seed: int) -> Habit | None:
        """What a person does who is not serious; None for a serious one.

        Args:
            person: One of :meth:`people`.
            seed: As in :func:`netgloss.answers.simulate.simulate`.
        """
        rng = dice(seed, person, "habit")
        careless = rng.random() < self.bad_faith
        return HABITS[int(rng.integers(len(HABITS)))] if careless else None

    def who_sees(self, images: Iterable[str], seed: int) -> dict[str, tuple[str, ...]]:
        """Image to the ``size`` people who look at it.

        The images of a pool are shuffled and go out in batches of :data:`BATCH`, each to those
        who have had the fewest so far. A batch thus holds images of all classes, and no person's
        manner can be taken for a class's.

        Args:
            images: Their order does not matter.
            seed: Of the shuffling and of the choice among equals.
        """
        people = self.people()
        if not self.pool:
            return dict.fromkeys(images, people)
        rng = dice(seed, self.name, "batches")
        order = rng.permutation(np.array(sorted(set(images)), dtype=object)).tolist()
        had = dict.fromkeys(people, 0)
        seen: dict[str, tuple[str, ...]] = {}
        for start in range(0, len(order), BATCH):
            queue = sorted(rng.permutation(people).tolist(), key=had.__getitem__)
            chosen = tuple(sorted(queue[: self.size], key=people.index))
            for person in chosen:
                had[person] += 1
            seen.update(dict.fromkeys(order[start : start + BATCH], chosen))
        return seen

    def _refuse(self, why: str) -> None:
        raise DataError(f"population '{self.name}': {why}")


def dice(seed: int, *about: str) -> np.random.Generator:
    """A generator of its own for what the words name, such as a person and an image.

    Example:
        >>> dice(1, "ann", "cat.png").random() == dice(1, "ann", "cat.png").random()
        True
    """
    return np.random.default_rng([seed, *(crc32(name.encode()) for name in about)])


EXPERT = Population()
"""One trained person: names every thing under the salient areas, rightly."""
CROWD = Population(
    "crowd",
    size=3,
    pool=30,
    miss=0.15,
    drop_attribute=0.1,
    synonym=0.15,
    typo=0.02,
    sloppiness=0.06,
    seconds=168.0,
    spread=0.38,
    bad_faith=0.05,
)
"""Three people an image from a platform; its times are those of SECA's crowd (section 6.4.1:
28 minutes for ten images, with a standard deviation of 11)."""
