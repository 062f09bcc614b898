"""Smooth outlines and their colours, for what nature makes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import cos, sin

import numpy as np
from numpy.typing import NDArray

from netgloss.scenes.drawing import Colour, Point, Stroke, line, polygon

__all__ = [
    "Points",
    "curve",
    "dots",
    "filled",
    "mixed",
    "oval",
    "shaded",
    "shifted",
    "spun",
    "traced",
    "veil",
]

Points = NDArray[np.float64]

_CATMULL_ROM = 0.5 * np.array([[0, 2, 0, 0], [-1, 0, 1, 0], [2, -5, 4, -1], [-1, 3, -3, 1]])


def curve(points: Sequence[Point] | Points, *, closed: bool = True, steps: int = 4) -> Points:
    """A smooth line through the points (a Catmull-Rom spline).

    Args:
        points: Shape (corner, 2).
        closed: Whether it returns to the first point.
        steps: How many points to lay between one corner and the next.

    Example:
        >>> curve([(0, 0), (1, 0), (1, 1), (0, 1)], steps=2)[1].tolist()
        [0.5, -0.125]
    """
    corners = np.asarray(points, float)
    before, after = (corners[-1:], corners[:2]) if closed else (corners[:1], corners[-1:])
    padded = np.concatenate([before, corners, after])
    count = len(padded) - 3
    knots = padded[_windows(count)].reshape(4, -1)
    smooth = (_weights(steps) @ knots).reshape(steps, count, 2).transpose(1, 0, 2).reshape(-1, 2)
    return smooth if closed else np.concatenate([smooth, corners[-1:]])


def oval(
    x: float, y: float, width: float, height: float, turn: float = 0.0, count: int = 14
) -> Points:
    """The outline of an ellipse; width and height are the half axes."""
    return shifted(spun(_circle(count) * (width, height), turn), x, y)


def spun(points: Sequence[Point] | Points, turn: float) -> Points:
    """The points turned about the origin, from x towards y."""
    right, up = cos(turn), sin(turn)
    turned: Points = np.asarray(points, float) @ np.array([[right, up], [-up, right]])
    return turned


def shifted(points: Points, x: float, y: float) -> Points:
    """The points moved."""
    moved: Points = np.add(points, (x, y))
    return moved


def filled(points: Sequence[Point] | Points, colour: Colour) -> Stroke:
    """A filled polygon."""
    return polygon(_listed(points), colour)


def traced(points: Sequence[Point] | Points, colour: Colour, thickness: float) -> Stroke:
    """An open line."""
    return line(_listed(points), colour, thickness)


def dots(places: Points, sizes: Points, colour: Colour, squash: float = 1.0) -> list[Stroke]:
    """Small round spots.

    Args:
        places: Their middles, shape (spot, 2).
        sizes: Their radii.
        colour: Of all of them.
        squash: Height as a share of the width.
    """
    rings = places[:, None] + sizes[:, None, None] * _circle(7) * (1, squash)
    return [filled(ring, colour) for ring in rings]


def shaded(colour: Colour, by: int) -> Colour:
    """The colour made brighter, or darker where negative."""
    red, green, blue, *opacity = colour
    return (_level(red + by), _level(green + by), _level(blue + by), *opacity)


def _level(value: int) -> int:
    return 0 if value < 0 else 255 if value > 255 else value


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """A colour between two; the share is the other's."""
    return tuple(round(a + (b - a) * share) for a, b in zip(one[:3], other[:3], strict=True))


def veil(colour: Colour, opacity: int) -> Colour:
    """The colour, made translucent."""
    return (*colour[:3], opacity)


def _listed(points: Sequence[Point] | Points) -> Sequence[Point]:
    return list(zip(*points.T.tolist(), strict=True)) if isinstance(points, np.ndarray) else points


@cache
def _weights(steps: int) -> Points:
    """How much each of four neighbouring corners counts, shape (step, 4)."""
    at = np.arange(steps)[:, None] / steps
    weights: Points = np.matmul(at ** np.arange(4), _CATMULL_ROM)
    return weights


@cache
def _windows(count: int) -> NDArray[np.intp]:
    """Each corner with the one before and the two after it, shape (4, corner)."""
    return np.arange(4)[:, None] + np.arange(count)


@cache
def _circle(count: int) -> Points:
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.column_stack([np.cos(angle), np.sin(angle)])
