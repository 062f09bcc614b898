"""Anti-aliased painting by Pillow at four times the size, with a mask for every part.

A picture is first a plan (parts made of strokes, in units of the picture's side), then pixels.
The same strokes paint the colours and a buffer of part numbers, so that colours and truth
cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, chain, groupby, pairwise
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

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
    "paint",
    "paint_image",
    "polygon",
    "pooled",
    "stream",
]

Colour = tuple[int, ...]
Point = tuple[float, float]
Points = NDArray[np.float64]
"""Shape (point, 2) unless said otherwise."""

OVERSAMPLING = 4
MAX_PARTS = 63  # keeps the masks of a picture within a megabyte

_REPEATED = np.uint32(0x01010101)  # times a number: a word that has it in each of its four bytes


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


def paint(
    parts: Sequence[Part], size: int, light: Light
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """The picture, shape (size, size, 3), and where each part can be seen.

    Args:
        parts: From the back to the front, at most 63.
        size: Side of the picture in pixels.
        light: How it is lit.

    Returns:
        The image and one bool mask a part, shape (part, size, size). Outside its mask a part
        leaves every pixel as it was. What lies behind a translucent stroke can be seen too; of
        several such strokes over one another the last one counts.
    """
    if len(parts) > MAX_PARTS:
        raise ValueError(f"{len(parts)} parts in one picture; {MAX_PARTS} fit")
    side = size * OVERSAMPLING
    fine = _fine_strokes(parts, side)
    return _lit(_colours(fine, side), light), _masks(fine, len(parts), side)


def paint_image(parts: Sequence[Part], size: int, light: Light) -> NDArray[np.uint8]:
    """The picture alone, shape (size, size, 3): what a network is trained on."""
    side = size * OVERSAMPLING
    return _lit(_colours(_fine_strokes(parts, side), side), light)


FineStrokes = list[tuple[int, Stroke, list[float]]]
"""The number of a part from 1, a stroke of it and its fine points: x, y, x, y and so on."""


def _fine_strokes(parts: Sequence[Part], side: int) -> FineStrokes:
    """Every stroke with its fine points; a box's upper left corner comes first."""
    owned = [(number, stroke) for number, part in enumerate(parts, 1) for stroke in part.strokes]
    points, ends = pooled([stroke for _, stroke in owned])
    boxes = [
        start
        for (_, stroke), (start, _) in zip(owned, ends, strict=True)
        if stroke.shape not in {"polygon", "line"}
    ]
    points *= side
    _put_on_grid(points, boxes)
    fine = points.ravel().tolist()
    return [
        (number, stroke, fine[2 * start : 2 * end])
        for (number, stroke), (start, end) in zip(owned, ends, strict=True)
    ]


def _put_on_grid(points: Points, boxes: Sequence[int]) -> None:
    """Rounds the two corners of each box to the first and the last fine point in it.

    Args:
        points: All points; changed in place.
        boxes: Where each box has its first corner.
    """
    first = np.array(boxes, int)
    one, other = points[first], points[first + 1]
    points[first] = lowest = np.rint(np.minimum(one, other))
    points[first + 1] = np.maximum(np.rint(np.maximum(one, other)) - 1, lowest)


def _colours(strokes: FineStrokes, side: int) -> NDArray[np.uint8]:
    """The averaged picture, before it is lit."""
    colours = Image.new("RGB", (side, side))
    blend, brush = ImageDraw.Draw(colours, "RGBA"), ImageDraw.Draw(colours)
    for _, stroke, fine in strokes:
        if stroke.shape == "fade":
            _paste_fade(colours, fine, stroke)
        else:
            ink = blend if stroke.translucent else brush
            _SHAPES[stroke.shape](ink, fine, stroke.size * side, stroke.colour)
    return np.asarray(colours.reduce(OVERSAMPLING))


def _masks(strokes: FineStrokes, parts: int, side: int) -> NDArray[np.bool_]:
    """Where each part can be seen, from buffers that the same strokes paint with its number."""
    # By fine point, the number of the last part with an opaque and with a translucent stroke.
    owners, veils = Image.new("L", (side, side)), Image.new("L", (side, side))
    marker, veiler = ImageDraw.Draw(owners), ImageDraw.Draw(veils)
    for number, stroke, fine in strokes:
        ink = veiler if stroke.translucent else marker
        _SHAPES[stroke.shape](ink, fine, stroke.size * side, number)
    return _visible(np.asarray(owners), np.asarray(veils), parts)


def _visible(owners: NDArray[np.uint8], veils: NDArray[np.uint8], parts: int) -> NDArray[np.bool_]:
    """Where any of a pixel's fine points shows the part.

    Parts are painted in order, so that a veil can be seen where its number is above the owner's.
    In most pixels all points have one number and no veil; only the others are looked at point by
    point.
    """
    height, width = (side // OVERSAMPLING for side in owners.shape)
    first = owners[::OVERSAMPLING, ::OVERSAMPLING]
    # Number 0 stands for no part at all.
    seen = first.ravel() == np.arange(parts + 1, dtype=np.uint8)[:, None]
    owned, shown = _words(owners), _words(np.maximum(owners, veils))
    _mark(seen, owned, (first * _REPEATED)[:, None])
    _mark(seen, shown, owned)
    masks: NDArray[np.bool_] = seen[1:].reshape(parts, height, width)
    return masks


def _words(numbers: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Four numbers beside one another in one word; those of a pixel are the words [y, :, x]."""
    return numbers.view(np.uint32).reshape(-1, OVERSAMPLING, numbers.shape[1] // OVERSAMPLING)


def _mark(seen: NDArray[np.bool_], words: NDArray[np.uint32], known: NDArray[np.uint32]) -> None:
    """Marks the number of every fine point as seen in its pixel, but for pixels marked before.

    Args:
        seen: Shape (number, pixel); changed in place.
        words: The numbers.
        known: The words of which all numbers are marked.
    """
    pixels = np.flatnonzero((words != known).any(axis=1))
    rows, columns = np.divmod(pixels, words.shape[2])
    points = words[rows, :, columns].view(np.uint8)
    # Counted through all masks: one index is several times as fast as two.
    seen.reshape(-1)[points * np.intp(seen.shape[1]) + pixels[:, None]] = True


def _lit(pixels: NDArray[np.uint8], light: Light) -> NDArray[np.uint8]:
    height, width, channels = pixels.shape
    # Row by row and in place: a product that runs along three channels takes twice as long.
    lit = pixels.reshape(height, -1).astype(np.float32)
    lit *= np.tile(np.array(light.gain, np.float32), width)
    lit *= 1 + light.slope * _across(width, channels)
    if light.grain:
        rng = np.random.default_rng(light.seed)
        grain = np.float32(light.grain) * rng.standard_normal((height, width), np.float32)
        for channel in range(channels):
            lit[:, channel::channels] += grain
    np.rint(lit, out=lit)
    np.clip(lit, 0, 255, out=lit)
    return lit.astype(np.uint8).reshape(pixels.shape)


@cache
def _across(width: int, channels: int) -> NDArray[np.float32]:
    """How far each value of a row is from the middle, -0.5 to 0.5."""
    return np.repeat(np.linspace(-0.5, 0.5, width, dtype=np.float32), channels)


Brush = ImageDraw.ImageDraw
Ink = Colour | int


def _polygon(brush: Brush, points: list[float], _size: float, ink: Ink) -> None:
    brush.polygon(points, fill=ink)


def _box(brush: Brush, points: list[float], size: float, ink: Ink) -> None:
    if size:
        brush.rounded_rectangle(points, size, fill=ink)
    else:
        brush.rectangle(points, fill=ink)


def _ellipse(brush: Brush, points: list[float], _size: float, ink: Ink) -> None:
    brush.ellipse(points, fill=ink)


def _line(brush: Brush, points: list[float], size: float, ink: Ink) -> None:
    brush.line(points, fill=ink, width=max(round(size), 1))


_SHAPES: dict[str, Callable[[Brush, list[float], float, Ink], None]] = {
    "polygon": _polygon,
    "box": _box,
    "fade": _box,
    "ellipse": _ellipse,
    "line": _line,
}


def _paste_fade(colours: Image.Image, fine: list[float], stroke: Stroke) -> None:
    x0, y0, x1, y1 = map(int, fine)
    share = np.linspace(0, 1, y1 + 1 - y0)[:, None, None]
    rows = np.array(stroke.colour[:3]) * (1 - share) + np.array(stroke.second[:3]) * share
    column = Image.fromarray(np.rint(rows).astype(np.uint8))
    # Pasting a strip again and again is several times as fast as one picture of the whole width.
    wide = min(x1 + 1 - x0, 128)
    strip = column.resize((wide, column.height), Image.Resampling.NEAREST)
    for x in (*range(x0, x1 + 1 - wide, wide), x1 + 1 - wide):
        colours.paste(strip, (x, y0))
