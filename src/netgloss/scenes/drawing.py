"""What a picture is planned with: strokes, parts made of them, light and dice.

A picture is first a plan (parts made of strokes, in units of the picture's side), then pixels
(:mod:`netgloss.scenes.painting`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, groupby, pairwise
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Colour",
    "Frame",
    "Light",
    "Part",
    "Point",
    "Points",
    "Stroke",
    "box",
    "ellipse",
    "fade",
    "jitter",
    "line",
    "polygon",
    "pooled",
    "stream",
]

Colour = tuple[int, ...]
Point = tuple[float, float]
Points = NDArray[np.float64]
"""Shape (point, 2) unless said otherwise."""


class Stroke(NamedTuple):
    """One shape in one colour; lengths are in units of the picture's side, y points down.

    A picture has some two hundred, and a named tuple is made three times as fast as a frozen
    dataclass.

    Args:
        shape: ``polygon``, ``box``, ``ellipse``, ``line`` or ``fade``.
        points: The corners; two opposite ones for a box, an ellipse and a fade. An array is kept
            as it is until all points of a picture become fine ones at once.
        colour: RGB or RGBA, 0 to 255.
        size: Corner radius of a box, thickness of a line.
        second: The colour that a fade reaches at its lower edge.
    """

    shape: str
    points: Sequence[Point] | Points
    colour: Colour
    size: float = 0.0
    second: Colour = (0, 0, 0)

    @property
    def translucent(self) -> bool:
        """Whether what lies behind can be seen through it."""
        return len(self.colour) == 4 and self.colour[3] < 255

    def __eq__(self, other: object) -> bool:
        """Whether both paint the same; a tuple's own comparison knows no arrays."""
        if not isinstance(other, Stroke):
            return NotImplemented
        looks = [(one.shape, one.colour, one.size, one.second) for one in (self, other)]
        return looks[0] == looks[1] and np.array_equal(self.points, other.points)

    def __ne__(self, other: object) -> bool:
        """The opposite; a tuple brings its own."""
        return not self == other


@dataclass(frozen=True)
class Part:
    """One thing of a plan: what it is and the strokes that paint it.

    Args:
        type: What it is.
        attributes: How it looks.
        strokes: Painted in this order.
        background: Whether it belongs to the place.
    """

    type: str
    attributes: tuple[str, ...]
    strokes: tuple[Stroke, ...]
    background: bool = False


@dataclass(frozen=True)
class Frame:
    """Where an object with its own coordinates (y up from the ground) stands in the picture.

    Args:
        x: Left edge in the picture.
        ground: The y of the ground in the picture.
        scale: The picture's units in one of the object's.
        mirrored: Whether the object looks the other way.
    """

    x: float
    ground: float
    scale: float
    mirrored: bool = False

    def place(self, stroke: Stroke) -> Stroke:
        """The stroke in the picture's coordinates."""
        left, ground, scale = self.x, self.ground, self.scale
        if self.mirrored:
            points = [(left + (1.0 - x) * scale, ground - y * scale) for x, y in stroke.points]
        else:
            points = [(left + x * scale, ground - y * scale) for x, y in stroke.points]
        return Stroke(stroke.shape, points, stroke.colour, stroke.size * scale, stroke.second)


@dataclass(frozen=True)
class Light:
    """How the whole picture is lit.

    Args:
        gain: Factor a channel (red, green, blue).
        slope: How much brighter the right edge is than the left one, as a share.
        grain: Standard deviation of the film grain, in grey levels.
        seed: Of the grain.
    """

    gain: tuple[float, float, float] = (1.0, 1.0, 1.0)
    slope: float = 0.0
    grain: float = 0.0
    seed: int = 0


def stream(seed: int, name: str) -> np.random.Generator:
    """A generator of its own for each part of a scene.

    One part can change (the cue, in a counterfactual) without moving the others' dice.

    Example:
        >>> int(stream(7, "sky").integers(1000)) == int(stream(7, "sky").integers(1000))
        True
    """
    return np.random.default_rng([seed, crc32(name.encode())])


def jitter(rng: np.random.Generator, colour: Colour, spread: float = 10.0) -> Colour:
    """The colour moved a little, in brightness more than in hue."""
    brightness, *hue = rng.normal(0, spread, 4).tolist()
    # Lists, not generators: most colours of a picture come from here.
    moved = [value + brightness + move / 4 for value, move in zip(colour[:3], hue, strict=True)]
    return (*[min(max(round(value), 0), 255) for value in moved], *colour[3:])


def polygon(points: Sequence[Point] | Points, colour: Colour) -> Stroke:
    """A filled polygon."""
    return Stroke("polygon", points, colour)


def box(x0: float, y0: float, x1: float, y1: float, colour: Colour, radius: float = 0.0) -> Stroke:
    """A filled rectangle, its corners rounded."""
    return Stroke("box", ((x0, y0), (x1, y1)), colour, radius)


def ellipse(x: float, y: float, width: float, height: float, colour: Colour) -> Stroke:
    """A filled ellipse about its centre; width and height are the half axes."""
    return Stroke("ellipse", ((x - width, y - height), (x + width, y + height)), colour)


def line(points: Sequence[Point] | Points, colour: Colour, thickness: float) -> Stroke:
    """An open line."""
    return Stroke("line", points, colour, thickness)


def fade(x0: float, y0: float, x1: float, y1: float, top: Colour, bottom: Colour) -> Stroke:
    """A filled rectangle that goes from one colour at the top to another at the bottom."""
    return Stroke("fade", ((x0, y0), (x1, y1)), top, second=bottom)


def pooled(strokes: Sequence[Stroke]) -> tuple[Points, list[tuple[int, int]]]:
    """All points of the strokes in one array, and where those of each begin and end.

    One stroke has too few points to be worth a call of NumPy.

    Example:
        >>> points, ends = pooled([box(0, 0, 1, 1, (9, 9, 9)), line([(2, 3)], (9, 9, 9), 0.1)])
        >>> points.tolist(), ends
        ([[0.0, 0.0], [1.0, 1.0], [2.0, 3.0]], [(0, 2), (2, 3)])
    """
    pieces: list[Sequence[Point] | Points] = [np.empty((0, 2))]  # where there is no stroke
    for are_arrays, run in groupby((stroke.points for stroke in strokes), _is_array):
        if are_arrays:
            pieces += run
        else:
            pieces.append(_array(run))
    lengths = (len(stroke.points) for stroke in strokes)
    return np.concatenate(pieces), list(pairwise(accumulate(lengths, initial=0)))


def _is_array(points: Sequence[Point] | Points) -> bool:
    return isinstance(points, np.ndarray)


def _array(run: Iterable[Sequence[Point] | Points]) -> Points:
    """The points of several strokes in an array."""
    return np.fromiter(chain.from_iterable(chain.from_iterable(run)), float).reshape(-1, 2)
