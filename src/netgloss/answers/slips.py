"""What hands do to an answer: slips of the fingers in its words, and boxes drawn roughly."""

from __future__ import annotations

import numpy as np

__all__ = ["inside", "mistype", "redraw"]

Corners = tuple[float, float, float, float]

_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


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


def redraw(
    corners: Corners, sloppiness: float, shape: tuple[int, ...], rng: np.random.Generator
) -> Corners:
    """The box as a hand draws it: inside the picture, at least two pixels wide.

    Args:
        corners: x0, y0, x1, y1 in pixels, x1 and y1 exclusive.
        sloppiness: Standard deviation of the edges, as a share of the box's side; at 0 the box
            stays as it is.
        shape: The picture's (height, width).
        rng: Draws how far the edges move.
    """
    if not sloppiness:
        return corners
    x0, y0, x1, y1 = corners
    left, top, right, bottom = rng.normal(0, sloppiness, 4).tolist()
    wide, tall = x1 - x0, y1 - y0
    return inside((x0 + left * wide, y0 + top * tall, x1 + right * wide, y1 + bottom * tall), shape)


def inside(corners: Corners, shape: tuple[int, ...]) -> Corners:
    """The box on whole pixels, cut to the picture and at least two pixels wide and high.

    Args:
        corners: x0, y0, x1, y1 in pixels; they may lie outside.
        shape: The picture's (height, width).

    Example:
        >>> inside((-3.2, 9.6, 4.4, 9.9), (10, 20))
        (0, 8, 4, 10)
    """
    x0, y0, x1, y1 = corners
    left, right = _span(x0, x1, shape[1])
    top, bottom = _span(y0, y1, shape[0])
    return left, top, right, bottom


def _beside(letter: str, rng: np.random.Generator) -> str:
    """A key to the left or right of this one; the letter itself where it is on no row."""
    for row in _KEYBOARD:
        place = row.find(letter)
        if place >= 0:
            near = row[max(place - 1, 0) : place] + row[place + 1 : place + 2]
            return near[int(rng.integers(len(near)))]
    return letter


def _span(start: float, stop: float, limit: int) -> tuple[float, float]:
    low = min(max(round(start), 0), limit - 2)
    return low, min(max(round(stop), low + 2), limit)
