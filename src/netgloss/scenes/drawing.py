"""Anti-aliased painting by Pillow at four times the size, with a mask for every part.

A picture is first a plan (parts made of strokes, in units of the picture's side), then pixels.
The same strokes paint the colours and a buffer of part numbers, so that colours and truth
cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
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
    "Stroke",
    "box",
    "ellipse",
    "fade",
    "jitter",
    "line",
    "paint",
    "paint_image",
    "polygon",
    "stream",
]

Colour = tuple[int, ...]
Point = tuple[float, float]

OVERSAMPLING = 4
MAX_PARTS = 63  # keeps the masks of a picture within a megabyte


@dataclass(frozen=True)
class Stroke:
    """One shape in one colour; lengths are in units of the picture's side, y points down.

    Args:
        shape: ``polygon``, ``box``, ``ellipse``, ``line`` or ``fade``.
        points: The corners; two opposite ones for a box, an ellipse and a fade.
        colour: RGB or RGBA, 0 to 255.
        size: Corner radius of a box, thickness of a line.
        second: The colour that a fade reaches at its lower edge.
    """

    shape: str
    points: tuple[Point, ...]
    colour: Colour
    size: float = 0.0
    second: Colour = (0, 0, 0)

    @property
    def translucent(self) -> bool:
        """Whether what lies behind can be seen through it."""
        return len(self.colour) == 4 and self.colour[3] < 255


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
        points = tuple(self._point(x, y) for x, y in stroke.points)
        size = stroke.size * self.scale
        return Stroke(stroke.shape, points, stroke.colour, size, stroke.second)

    def _point(self, x: float, y: float) -> Point:
        along = 1.0 - x if self.mirrored else x
        return self.x + along * self.scale, self.ground - y * self.scale


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
    moved = (value + brightness + move / 4 for value, move in zip(colour[:3], hue, strict=True))
    return (*(min(max(round(value), 0), 255) for value in moved), *colour[3:])


def polygon(points: Sequence[Point], colour: Colour) -> Stroke:
    """A filled polygon."""
    return Stroke("polygon", tuple(points), colour)


def box(x0: float, y0: float, x1: float, y1: float, colour: Colour, radius: float = 0.0) -> Stroke:
    """A filled rectangle, its corners rounded."""
    return Stroke("box", ((x0, y0), (x1, y1)), colour, radius)


def ellipse(x: float, y: float, width: float, height: float, colour: Colour) -> Stroke:
    """A filled ellipse about its centre; width and height are the half axes."""
    return Stroke("ellipse", ((x - width, y - height), (x + width, y + height)), colour)


def line(points: Sequence[Point], colour: Colour, thickness: float) -> Stroke:
    """An open line."""
    return Stroke("line", tuple(points), colour, thickness)


def fade(x0: float, y0: float, x1: float, y1: float, top: Colour, bottom: Colour) -> Stroke:
    """A filled rectangle that goes from one colour at the top to another at the bottom."""
    return Stroke("fade", ((x0, y0), (x1, y1)), top, second=bottom)


def paint(
    parts: Sequence[Part], size: int, light: Light
) -> tuple[NDArray[np.uint8], list[NDArray[np.bool_]]]:
    """The picture, shape (size, size, 3), and where each part can be seen.

    Args:
        parts: From the back to the front, at most 63.
        size: Side of the picture in pixels.
        light: How it is lit.

    Returns:
        The image and one bool mask a part, shape (size, size). Outside its mask a part leaves
        every pixel as it was. What lies behind a translucent stroke can be seen too; of several
        such strokes over one another the last one counts.
    """
    if len(parts) > MAX_PARTS:
        raise ValueError(f"{len(parts)} parts in one picture; {MAX_PARTS} fit")
    fine = _fine_strokes(parts, size * OVERSAMPLING)
    return _lit(_colours(fine, size * OVERSAMPLING), light), _masks(fine, size * OVERSAMPLING)


def paint_image(parts: Sequence[Part], size: int, light: Light) -> NDArray[np.uint8]:
    """The picture alone, shape (size, size, 3): what a network is trained on."""
    side = size * OVERSAMPLING
    return _lit(_colours(_fine_strokes(parts, side), side), light)


FineStrokes = list[list[tuple[Stroke, list[Point]]]]


def _fine_strokes(parts: Sequence[Part], side: int) -> FineStrokes:
    """Every part's strokes with their fine points."""
    return [[(stroke, _fine(stroke, side)) for stroke in part.strokes] for part in parts]


def _colours(parts: FineStrokes, side: int) -> NDArray[np.uint8]:
    """The averaged picture, before it is lit."""
    colours = Image.new("RGB", (side, side))
    blend, brush = ImageDraw.Draw(colours, "RGBA"), ImageDraw.Draw(colours)
    for strokes in parts:
        for stroke, fine in strokes:
            if stroke.shape == "fade":
                _paste_fade(colours, fine, stroke)
            else:
                ink = blend if stroke.translucent else brush
                _SHAPES[stroke.shape](ink, fine, stroke.size * side, stroke.colour)
    return np.asarray(colours.reduce(OVERSAMPLING))


def _masks(parts: FineStrokes, side: int) -> list[NDArray[np.bool_]]:
    """Where each part can be seen, from buffers that the same strokes paint with its number."""
    # By fine point, the number of the last part with an opaque and with a translucent stroke.
    owners, veils = Image.new("L", (side, side)), Image.new("L", (side, side))
    marker, veiler = ImageDraw.Draw(owners), ImageDraw.Draw(veils)
    for number, strokes in enumerate(parts, start=1):
        for stroke, fine in strokes:
            ink = veiler if stroke.translucent else marker
            _SHAPES[stroke.shape](ink, fine, stroke.size * side, number)
    return _visible(np.asarray(owners), np.asarray(veils), len(parts))


def _visible(
    owners: NDArray[np.uint8], veils: NDArray[np.uint8], parts: int
) -> list[NDArray[np.bool_]]:
    """Where any of a pixel's fine points shows the part.

    Parts are painted in order, so that a veil can be seen where its number is above the owner's.
    """
    height, width = (side // OVERSAMPLING for side in owners.shape)
    seen = np.zeros((parts + 1, height, width), bool)  # number 0 stands for no part at all
    _mark(seen, owners)
    if veils.any():
        _mark(seen, np.maximum(owners, veils))
    return list(seen[1:])


def _mark(seen: NDArray[np.bool_], numbers: NDArray[np.uint8]) -> None:
    """Marks the number of every fine point as seen in its pixel.

    In most pixels all points have one number; only the others are looked at point by point.
    """
    height, width = seen.shape[1:]
    lowest, highest = _by_pixel(np.minimum, numbers), _by_pixel(np.maximum, numbers)
    seen[lowest, np.arange(height)[:, None], np.arange(width)] = True
    rows, columns = np.nonzero(lowest != highest)
    blocks = numbers.reshape(height, OVERSAMPLING, width, OVERSAMPLING)
    points = blocks[rows, :, columns, :].reshape(rows.size, OVERSAMPLING**2)
    seen[points, rows[:, None], columns[:, None]] = True


def _by_pixel(extreme: np.ufunc, numbers: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The smallest or the largest number of each pixel's fine points."""
    rows = extreme.reduce(numbers.reshape(-1, OVERSAMPLING, numbers.shape[1]), axis=1)
    return reduce(extreme, [rows[:, first::OVERSAMPLING] for first in range(OVERSAMPLING)])


def _lit(pixels: NDArray[np.uint8], light: Light) -> NDArray[np.uint8]:
    height, width, channels = pixels.shape
    slope = 1 + light.slope * np.linspace(-0.5, 0.5, width, dtype=np.float32)
    # Row by row and in place: a product that runs along three channels takes twice as long.
    lit = pixels.reshape(height, -1).astype(np.float32)
    lit *= np.tile(np.array(light.gain, np.float32), width)
    lit *= np.repeat(slope, channels)
    if light.grain:
        rng = np.random.default_rng(light.seed)
        grain = np.float32(light.grain) * rng.standard_normal((height, width), np.float32)
        lit += np.repeat(grain, channels, axis=1)
    np.rint(lit, out=lit)
    np.clip(lit, 0, 255, out=lit)
    return lit.astype(np.uint8).reshape(pixels.shape)


Brush = ImageDraw.ImageDraw
Ink = Colour | int


def _fine(stroke: Stroke, side: int) -> list[Point]:
    """The stroke's points in fine points; a box's upper left corner comes first."""
    points = [(x * side, y * side) for x, y in stroke.points]
    if stroke.shape in {"polygon", "line"}:
        return points
    (x0, y0), (x1, y1) = points
    left, top = round(min(x0, x1)), round(min(y0, y1))
    return [(left, top), (max(round(max(x0, x1)) - 1, left), max(round(max(y0, y1)) - 1, top))]


def _polygon(brush: Brush, points: list[Point], _size: float, ink: Ink) -> None:
    brush.polygon(points, fill=ink)


def _box(brush: Brush, points: list[Point], size: float, ink: Ink) -> None:
    if size:
        brush.rounded_rectangle(points, size, fill=ink)
    else:
        brush.rectangle(points, fill=ink)


def _ellipse(brush: Brush, points: list[Point], _size: float, ink: Ink) -> None:
    brush.ellipse(points, fill=ink)


def _line(brush: Brush, points: list[Point], size: float, ink: Ink) -> None:
    brush.line(points, fill=ink, width=max(round(size), 1))


_SHAPES: dict[str, Callable[[Brush, list[Point], float, Ink], None]] = {
    "polygon": _polygon,
    "box": _box,
    "fade": _box,
    "ellipse": _ellipse,
    "line": _line,
}


def _paste_fade(colours: Image.Image, fine: list[Point], stroke: Stroke) -> None:
    (x0, y0), (x1, y1) = ((int(x), int(y)) for x, y in fine)
    share = np.linspace(0, 1, y1 + 1 - y0)[:, None, None]
    rows = np.array(stroke.colour[:3]) * (1 - share) + np.array(stroke.second[:3]) * share
    column = Image.fromarray(np.rint(rows).astype(np.uint8))
    colours.paste(column.resize((x1 + 1 - x0, column.height), Image.Resampling.NEAREST), (x0, y0))
