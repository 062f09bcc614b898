"""Anti-aliased painting by Pillow at four times the size, with a mask for every part.

The same strokes paint the colours and a buffer of part numbers, so that colours and truth
cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from netgloss.scenes.drawing import Colour, Light, Part, Points, Stroke, pooled

__all__ = ["MAX_PARTS", "paint", "paint_image"]

OVERSAMPLING = 4
MAX_PARTS = 63  # keeps the masks of a picture within a megabyte

_REPEATED = np.uint32(0x01010101)  # times a number: a word that has it in each of its four bytes


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
