"""The six masks through which a player sees an image, from one map (ANV thesis, 4.3, Algorithm 2).

The map is enlarged to the picture, its top ``p`` percent become a mask, the mask is blurred, and
the picture shows through it on black. ``p`` grows with each hint (Table 3) and the blur with the
coarseness of the map (Table 2).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from netgloss.errors import DataError, OptionError
from netgloss.vision.geometry import Box, Placement
from netgloss.vision.overlays import thumbnail

__all__ = [
    "LONGEST_SIDE",
    "STEPS",
    "blur_sigma",
    "percent_shown",
    "revealed",
    "shown_pixels",
    "visibility",
]

STEPS = (2.0, 4.5, 8.0, 13.0, 20.0, 30.0)
"""Percent of the picture that is shown after 0, 1, ..., 5 hints (thesis, Table 3)."""

LONGEST_SIDE = 512
"""Pixels along the longer side of a picture in the game; the tables were made for this size."""

# Thesis, Table 2; the first point is ours, for maps as fine as the picture.
_RATIOS = (1, 2, 4, 8, 16, 32)
_SIGMAS = (1.5, 3.0, 6.0, 12.0, 16.0, 24.0)
_TRUNCATE = 1.5
# A megabyte each; the pictures of a study have few shapes and its layers few resolutions.
_KEPT = 32
# Pixels across of what is blurred at a time: fewer take longer to begin than to do.
_STRIP = 64


def percent_shown(step: float) -> float:
    """Percent of the pixels that the mask of a step lets through, before blurring.

    >>> percent_shown(0), percent_shown(5), percent_shown(1.5)
    (2.0, 30.0, 6.25)

    Args:
        step: Hints taken, 0 to 5; between two whole numbers, as the mean of many games is, the
            percentage lies between theirs.

    Raises:
        OptionError: There is no such step.
    """
    if not 0 <= step <= len(STEPS) - 1:
        raise OptionError(f"mask step {step} does not exist; use 0 to {len(STEPS) - 1}")
    return float(np.interp(step, range(len(STEPS)), STEPS))


def blur_sigma(ratio: float, extent: float = LONGEST_SIDE) -> float:
    """Standard deviation of the blur, in pixels of a picture that is ``extent`` pixels long.

    Piecewise linear in ``log2(ratio)`` through the thesis' five points; below the first, as at
    the first, and beyond the last as between the last two.

    >>> [blur_sigma(ratio) for ratio in (1, 2, 4, 8, 16, 32)]
    [1.5, 3.0, 6.0, 12.0, 16.0, 24.0]
    >>> blur_sigma(32, extent=256)
    12.0

    Args:
        ratio: Side of the picture, brought to 512 pixels, over the side of the map.
        extent: Side of the picture as it is shown, in pixels; the blur covers the same share of
            it at every size.

    Source:
        ANV thesis, Table 2; methods, section 6 (the general rule).
    """
    place = math.log2(max(ratio, 1))
    last = len(_SIGMAS) - 1
    beyond = max(0.0, place - last) * (_SIGMAS[last] - _SIGMAS[last - 1])
    at = float(np.interp(place, np.log2(_RATIOS), _SIGMAS)) + beyond
    return at * extent / LONGEST_SIDE


def visibility(
    heat: NDArray[np.floating],
    shape: tuple[int, int],
    step: float,
    place: Placement | None = None,
    amount: float = 1.0,
) -> NDArray[np.float32]:
    """How much of each pixel is shown, shape (height, width), in [0, 1].

    Where the blurred mask does not reach it is exactly 0. The masks of higher steps hold those
    of lower ones, and what is visible only grows. On plateaus more than the step's percentage is
    shown, which the thesis accepts; the mean of the result says how much it is.

    >>> heat = np.zeros((4, 4))
    >>> heat[1, 2] = 1.0
    >>> visible = visibility(heat, (64, 64), step=0)
    >>> round(float(visible.mean()), 2), float(visible[60, 3])
    (0.02, 0.0)

    Args:
        heat: The map, shape (h, w), any scale.
        shape: Height and width of the picture as it is shown.
        step: Hints taken, 0 to 5; see :func:`percent_shown`.
        place: Where the map's ground lies on the picture, whose original may be larger than what
            is shown; None for a map of the whole picture. Outside nothing is shown, and the
            percentage is one of the ground.
        amount: Of the blur: 1 is the thesis', 0 leaves the mask hard.

    Returns:
        All zeros where the map is flat: it prefers no pixel to another.

    Raises:
        OptionError: There is no such step, or the blur is negative.

    Source:
        ANV thesis, Algorithm 2, which blurs the mask although its last lines name the map;
        methods, section 6 (masks).
    """
    if amount < 0:
        raise OptionError(f"blur amount {amount} is negative; use 0 for none or 1 for the usual")
    visible = np.zeros(shape, np.float32)
    x0, y0, x1, y1 = _ground(shape, place)
    rows, columns = _covered(y0, y1, shape[0]), _covered(x0, x1, shape[1])
    if rows.stop <= rows.start or columns.stop <= columns.start:
        return visible
    enlarged = _enlarged(heat, (x0, y0, x1, y1), rows, columns)
    mask = _top(enlarged, percent_shown(step))
    if mask.any():
        sigmas = (_sigma(heat.shape[0], y1 - y0), _sigma(heat.shape[1], x1 - x0))
        visible[rows, columns] = _blurred(mask, sigmas[0] * amount, sigmas[1] * amount)
    return visible


def revealed(pixels: NDArray[np.uint8], visible: NDArray[np.floating]) -> NDArray[np.uint8]:
    """What shows of a picture on opaque black, shape (height, width, 3).

    Args:
        pixels: The picture as it is shown, shape (height, width, 3).
        visible: From :func:`visibility`, shape (height, width); where it is 0 the result is
            black, whatever the picture holds there.

    Raises:
        DataError: The shapes differ.
    """
    if pixels.shape != (*visible.shape, 3):
        raise DataError(
            f"a mask of {visible.shape[1]}x{visible.shape[0]} pixels does not fit a picture of "
            f"{pixels.shape[1]}x{pixels.shape[0]}; ask for the visibility at the picture's size"
        )
    shown = np.zeros(pixels.shape, np.uint8)
    rows, columns = _extent(visible)
    lit, amount = pixels[rows, columns], visible[rows, columns]
    # A channel at a time takes half as long; half is added and the rest cut off, for rounding
    # proper takes as long again.
    for channel in range(3):
        shown[rows, columns, channel] = lit[:, :, channel] * amount + np.float32(0.5)
    return shown


def shown_pixels(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture as the game shows it: its own size, at most 512 pixels on the longer side.

    Args:
        pixels: Shape (height, width, 3).
    """
    return pixels if max(pixels.shape) <= LONGEST_SIDE else thumbnail(pixels, LONGEST_SIDE)


def _ground(shape: tuple[int, int], place: Placement | None) -> Box:
    """What the map covers, in pixels of the picture as it is shown."""
    height, width = shape
    if place is None:
        return 0.0, 0.0, float(width), float(height)
    across, down = width / place.width, height / place.height
    x0, y0, x1, y1 = place.area
    return x0 * across, y0 * down, x1 * across, y1 * down


def _covered(start: float, end: float, size: int) -> slice:
    """The pixels of one axis whose centres lie on the map's ground."""
    return slice(max(0, math.ceil(start - 0.5)), min(size, math.ceil(end - 0.5)))


def _enlarged(
    heat: NDArray[np.floating], ground: Box, rows: slice, columns: slice
) -> NDArray[np.float32]:
    """The map at these pixels, bilinear between the centres of its cells, edges held.

    Pillow sums in double precision, so that a plateau of the map stays one to the last bit, and
    averages where the map is finer than the picture.
    """
    x0, y0, x1, y1 = ground
    across, down = heat.shape[1] / (x1 - x0), heat.shape[0] / (y1 - y0)
    # The outermost pixels may reach half their width beyond the ground.
    wide, high = math.ceil(across / 2), math.ceil(down / 2)
    held = np.pad(heat.astype(np.float32), ((high, high), (wide, wide)), mode="edge")
    box = (
        wide + (columns.start - x0) * across,
        high + (rows.start - y0) * down,
        wide + (columns.stop - x0) * across,
        high + (rows.stop - y0) * down,
    )
    size = (columns.stop - columns.start, rows.stop - rows.start)
    larger = Image.fromarray(held).resize(size, Image.Resampling.BILINEAR, box=box)
    return np.asarray(larger, np.float32)


def _top(enlarged: NDArray[np.float32], percent: float) -> NDArray[np.bool_]:
    """The pixels in the top ``percent``, without those that are as low as any.

    Of a sparse map the percentile is its minimum, and all of the picture would be shown.
    """
    # The value next above the percentile, however one interpolates, lets through the same pixels.
    place = math.ceil((enlarged.size - 1) * (100 - percent) / 100)
    least = np.partition(enlarged, place, axis=None)[place]
    top: NDArray[np.bool_] = (enlarged >= least) & (enlarged > enlarged.min())
    return top


def _sigma(cells: int, extent: float) -> float:
    return blur_sigma(LONGEST_SIDE / cells, extent)


def _blurred(mask: NDArray[np.bool_], down: float, across: float) -> NDArray[np.float32]:
    """The mask blurred along both axes.

    As products, which take a fraction of the time of SciPy's passes over the pixels. Each step of
    them keeps order and keeps zeros: a larger mask is nowhere less visible, and where no pixel of
    the mask is in reach the result is 0 and not nearly 0.
    """
    height, width = mask.shape
    hard = mask.astype(np.float32)
    half, blurred = np.zeros_like(hard), np.zeros_like(hard)
    matrix = _blur_matrix(height, down)
    for rows, near in _strips(height, down):
        if mask[near].any():
            half[rows] = matrix[rows, near] @ hard[near]
    matrix = _blur_matrix(width, across)
    for columns, near in _strips(width, across):
        if mask[:, near].any():
            blurred[:, columns] = half[:, near] @ matrix[columns, near].T
    return np.minimum(blurred, np.float32(1), out=blurred)


def _extent(amount: NDArray[np.floating]) -> tuple[slice, slice]:
    """The rows and columns within which all that is not 0 lies."""
    rows = np.flatnonzero(amount.any(axis=1))
    if not len(rows):
        return slice(0, 0), slice(0, 0)
    columns = np.flatnonzero(amount[rows[0] : rows[-1] + 1].any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _strips(size: int, sigma: float) -> Iterator[tuple[slice, slice]]:
    """Strips of an axis, each with the pixels whose blur reaches it."""
    reach = int(_TRUNCATE * sigma + 0.5)  # SciPy's own rule
    for start in range(0, size, _STRIP):
        end = min(start + _STRIP, size)
        yield slice(start, end), slice(max(0, start - reach), min(size, end + reach))


@lru_cache(maxsize=_KEPT)
def _blur_matrix(size: int, sigma: float) -> NDArray[np.float32]:
    """SciPy's Gaussian blur along an axis of ``size`` pixels, as a matrix."""
    from scipy import ndimage

    identity = np.eye(size, dtype=np.float32)
    if sigma == 0:
        return identity
    blurred: NDArray[np.float32] = ndimage.gaussian_filter1d(
        identity, sigma, axis=0, mode="nearest", truncate=_TRUNCATE
    )
    return blurred
