"""What a person knows of classes: which things, and which looks of them, go with which class.

Learned from labelled pictures alone, as a table of likelihoods; nothing of a network is in it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from netgloss.errors import DataError
from netgloss.scenes.scene import Entity

if TYPE_CHECKING:
    from netgloss.vision.images import Image

__all__ = ["FAINT", "Clue", "Knowledge"]

FAINT = math.log(2)
"""A sign that is not even twice as frequent with one class as with another says nothing."""

_DOUBT = 3.0  # pictures with and without a sign that a person thinks of beside those they saw

Sign = tuple[str, str]
"""A look and a thing, such as ``("orange", "stripe")``; the thing alone has an empty look."""


@dataclass(frozen=True)
class Clue:
    """What a thing says about the class.

    Args:
        sign: What about it says most.
        evidence: Class to the logarithm of how likely the sign is with it.
    """

    sign: Sign
    evidence: Mapping[str, float]

    def gain(self, label: str) -> float:
        """How much more likely the sign is with that class than with the next best one, as a log.

        Args:
            label: One of the classes in ``evidence``.
        """
        others = [value for name, value in self.evidence.items() if name != label]
        return self.evidence[label] - max(others, default=self.evidence[label])

    @property
    def strength(self) -> float:
        """How far apart the likeliest and the least likely class are, as a log."""
        return max(self.evidence.values()) - min(self.evidence.values())


class Knowledge:
    """How often each sign was in the pictures of each class.

    Args:
        pictures: Image to its class and to what is in it.

    Raises:
        DataError: There is no picture.

    Example:
        >>> import numpy as np
        >>> stripe = Entity("stripe", ("orange",), np.ones((1, 1), bool))
        >>> pictures = {f"{n}.png": ("ambulance", [stripe]) for n in range(9)}
        >>> known = Knowledge(pictures | {f"{n}.jpg": ("van", []) for n in range(9)})
        >>> round(known.clue(stripe, ("ambulance", "van")).gain("ambulance"), 2)
        1.39
    """

    def __init__(self, pictures: Mapping[str, tuple[str, Sequence[Entity]]]) -> None:
        if not pictures:
            raise DataError("nobody can learn a class without a picture of it; give some pictures")
        self._seen = {image: (label, _signs(of)) for image, (label, of) in pictures.items()}
        self._pictures = Counter(label for label, _ in self._seen.values())
        self._with: Counter[tuple[str, Sign]] = Counter()
        self._clues: dict[tuple[str, tuple[str, ...], tuple[str, ...], str], Clue] = {}
        for label, signs in self._seen.values():
            self._with.update((label, sign) for sign in signs)

    @classmethod
    def of(cls, images: Iterable[Image], truth: Mapping[str, Sequence[Entity]]) -> Knowledge:
        """What somebody knows who has seen these images, each with its class.

        Args:
            images: Their true classes are known.
            truth: What is in each.

        Raises:
            DataError: The class of an image is unknown, or there is no image.
        """
        pictures = {}
        for image in images:
            if image.truth is None:
                raise DataError(
                    f"image '{image.image}': its class is not known, so nobody can learn from it; "
                    "make the study from a folder of pictures by class"
                )
            pictures[image.image] = (image.truth, truth[image.image])
        return cls(pictures)

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes, sorted."""
        return tuple(sorted(self._pictures))

    def likelihood(self, sign: Sign, label: str, without: str = "") -> float:
        """How likely the sign is in a picture of the class, in (0, 1).

        Args:
            sign: A look and a thing.
            label: The class; of one that was never seen a person expects anything.
            without: An image that was not among those learned from.
        """
        pictures, having = self._pictures[label], self._with[label, sign]
        own, signs = self._seen.get(without, ("", frozenset()))
        if own == label:
            pictures, having = pictures - 1, having - (sign in signs)
        return (having + _DOUBT) / (pictures + 2 * _DOUBT)

    def clue(self, entity: Entity, options: Collection[str], without: str = "") -> Clue:
        """What a thing says about the class: by its name or by one of its looks, whichever more.

        Args:
            entity: A thing that is seen.
            options: The classes in question.
            without: The image that it is seen on, of which nothing may be known.
        """
        # Kept, since all who play a map ask for the same.
        key = (entity.type, entity.attributes, tuple(options), without)
        if key not in self._clues:
            clues = [
                Clue(sign, {one: math.log(self.likelihood(sign, one, without)) for one in options})
                for sign in _signs_of(entity)
            ]
            # Of equal ones the first, the thing itself: looks are told only where they matter.
            self._clues[key] = max(clues, key=lambda clue: round(clue.strength, 9))
        return self._clues[key]


def _signs(entities: Iterable[Entity]) -> frozenset[Sign]:
    return frozenset(sign for entity in entities for sign in _signs_of(entity))


def _signs_of(entity: Entity) -> list[Sign]:
    """The thing itself, then each of its looks."""
    return [("", entity.type), *((look, entity.type) for look in entity.attributes)]
