"""What a person makes out in a picture of which only a part is uncovered (methods 6, masks).

Whoever plays sees the picture and nothing else, so what shows is read from its pixels: how bright
each is, against the whole picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netgloss.errors import DataError
from netgloss.scenes.scene import Entity

if TYPE_CHECKING:
    from netgloss.vision.geometry import Placement

__all__ = ["Sight", "as_shown", "look", "uncover"]

LEAST_SHOWN, LEAST_AMONG = 0.2, 0.05
"""A thing is made out where this share of it shows and takes this share of what shows (the
numbers of methods 9's annotators)."""
LEAST_WHOLE = 0.5
"""So is one of which this share shows, however small it is."""
LEAST_FILLED = 1 / 3
"""And one that takes this share of what shows, however little of it that is, such as a sky."""


@dataclass(frozen=True, eq=False)
class Sight:
    """A thing that can be made out.

    Args:
        place: Its number among the picture's things.
        entity: The thing.
        shown: Share of it that shows, in [0, 1].
        among: Share of what shows that belongs to it, in [0, 1].
    """

    place: int
    entity: Entity
    shown: float
    among: float


def look(
    shown: NDArray[np.uint8], pixels: NDArray[np.uint8], entities: Sequence[Entity]
) -> tuple[Sight, ...]:
    """The things that can be made out in an uncovered part of a picture, in their order.

    Args:
        shown: The picture on black as it is shown, shape (height, width, 3).
        pixels: The whole picture, of the same shape.
        entities: What is in the picture.

    Raises:
        DataError: The pictures or the entities' masks differ in size.
    """
    return _Whole(pixels, entities).look(shown)


def uncover(
    pixels: NDArray[np.uint8],
    heat: NDArray[np.floating],
    entities: Sequence[Entity],
    place: Placement | None = None,
) -> tuple[tuple[Sight, ...], ...]:
    """What can be made out of a picture at each of a game's steps; the first shows least.

    Args:
        pixels: The whole picture, shape (height, width, 3).
        heat: The map that is uncovered, at any size.
        entities: What is in the picture.
        place: Where the map lies on the picture; None for all of it.

    Raises:
        DataError: The picture and the entities' masks differ in size.

    Source:
        Methods 6, masks: the hottest 2 % to 30 % in six steps.
    """
    from netgloss.vision.reveal import STEPS, revealed, visibility

    whole, things = as_shown(pixels, entities)
    shape = (whole.shape[0], whole.shape[1])
    eye = _Whole(whole, things)
    return tuple(
        eye.look(revealed(whole, visibility(heat, shape, step, place)))
        for step in range(len(STEPS))
    )


def as_shown(
    pixels: NDArray[np.uint8], entities: Sequence[Entity]
) -> tuple[NDArray[np.uint8], tuple[Entity, ...]]:
    """The whole picture and its things at the size at which the game shows it.

    Args:
        pixels: At its own size, shape (height, width, 3).
        entities: What is in it, with masks of that size.
    """
    from netgloss.vision.reveal import shown_pixels

    shown = shown_pixels(pixels)
    if shown.shape == pixels.shape:
        return pixels, tuple(entities)
    return shown, tuple(replace(one, mask=_scaled(one.mask, shown.shape)) for one in entities)


class _Whole:
    """A whole picture and its things, ready to be held against what shows of it."""

    def __init__(self, pixels: NDArray[np.uint8], entities: Sequence[Entity]) -> None:
        self._shape, self._entities = pixels.shape, entities
        if any(one.mask.shape != pixels.shape[:2] for one in entities):
            raise DataError(
                f"the picture has the size {pixels.shape[:2]} and a thing's mask another one; "
                "both have to be of one size"
            )
        self._bright = np.maximum(pixels.sum(axis=2, dtype=np.float32), 1)
        self._masks = np.array([one.mask.ravel() for one in entities], np.float32)
        self._areas = [max(int(np.count_nonzero(one.mask)), 1) for one in entities]

    def look(self, shown: NDArray[np.uint8]) -> tuple[Sight, ...]:
        """See :func:`look`."""
        if shown.shape != self._shape:
            raise DataError(
                f"the uncovered picture has the size {shown.shape[:2]}, the whole one "
                f"{self._shape[:2]}; both have to be of one size"
            )
        amount = np.minimum(shown.sum(axis=2, dtype=np.float32) / self._bright, 1)
        total = float(amount.sum())
        if not self._entities or not total:
            return ()
        seen = (self._masks @ amount.ravel()).tolist()
        return tuple(
            Sight(place, self._entities[place], part / area, part / total)
            for place, (part, area) in enumerate(zip(seen, self._areas, strict=True))
            if _made_out(part / area, part / total)
        )


def _scaled(mask: NDArray[np.bool_], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    from PIL import Image

    size = (shape[1], shape[0])
    return np.asarray(Image.fromarray(mask).resize(size, Image.Resampling.NEAREST), dtype=bool)


def _made_out(shown: float, among: float) -> bool:
    enough = shown >= LEAST_SHOWN and among >= LEAST_AMONG
    return enough or shown >= LEAST_WHOLE or among >= LEAST_FILLED
