"""Smooth outlines and their colours, for what nature makes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import cos, sin

import numpy as np
from numpy.typing import NDArray

from netgloss.scenes.drawing import Colour, Point, Points, Stroke, polygon

__all__ = [
    "circle",
    "curve",
    "dots",
    "mixed",
    "oval",
    "scattered",
    "shaded",
    "shifted",
    "spokes",
    "spun",
    "veil",
]

_CATMULL_ROM = 0.5 * np.array([[0, 2, 0, 0], [-1, 0, 1, 0], [2, -5, 4, -1], [-1, 3, -3, 1]])


def curve(points: Sequence[Point] | Points, *, closed: bool = True, steps: int = 4) -> Points:
    """A smooth line through the points (a Catmull-Rom spline).

    Args:
        points: Shape (corner, 2), or with more than two coordinates each.
        closed: Whether it returns to the first point.
        steps: How many points to lay between one corner and the next.

    Example:
        >>> curve([(0, 0), (1, 0), (1, 1), (0, 1)], steps=2)[1].tolist()
        [0.5, -0.125]
    """
    corners = np.asarray(points, float)
    knots = corners[_neighbours(len(corners), closed)].reshape(4, -1)
    laid = (_weights(steps) @ knots).reshape(steps, -1, corners.shape[1])
    smooth = laid.transpose(1, 0, 2).reshape(-1, corners.shape[1])
    return smooth if closed else np.concatenate([smooth, corners[-1:]])


@cache
def _neighbours(corners: int, closed: bool) -> NDArray[np.intp]:
    """Each corner with the one before and the two after it, shape (4, corner).

    An open line has nothing before its first and after its last corner; they stand in for that.
    """
    around = np.arange(-1, 3)[:, None] + np.arange(corners if closed else corners - 1)
    return around % corners if closed else np.clip(around, 0, corners - 1)


@cache
def _weights(steps: int) -> Points:
    """How much each of four neighbouring corners counts, shape (step, 4)."""
    at = np.arange(steps)[:, None] / steps
    weights: Points = np.matmul(at ** np.arange(4), _CATMULL_ROM)
    return weights


@cache
def circle(count: int) -> Points:
    """Points on the circle of radius 1 about the origin, shape (count, 2); read-only."""
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    points = np.column_stack([np.cos(angle), np.sin(angle)])
    points.setflags(write=False)
    return points


def oval(
    x: float, y: float, width: float, height: float, turn: float = 0.0, count: int = 14
) -> Points:
    """The outline of an ellipse; width and height are the half axes."""
    outline = circle(count) * (width, height)
    return shifted(spun(outline, turn) if turn else outline, x, y)


def spun(points: Sequence[Point] | Points, turn: float) -> Points:
    """The points turned about the origin, from x towards y."""
    right, up = cos(turn), sin(turn)
    turned: Points = np.asarray(points, float) @ np.array([[right, up], [-up, right]])
    return turned


def shifted(points: Points, x: float, y: float) -> Points:
    """The points moved."""
    moved: Points = np.add(points, (x, y))
    return moved


def spokes(hub: Point | Points, tips: Points) -> Points:
    """Lines from one point to each of the others, shape (line, 2, 2)."""
    lines = np.empty((len(tips), 2, 2))
    lines[:, 0], lines[:, 1] = hub, tips
    return lines


def dots(places: Points, sizes: Points, colour: Colour, squash: float = 1.0) -> list[Stroke]:
    """Small round spots.

    Args:
        places: Their middles, shape (spot, 2).
        sizes: Their radii.
        colour: Of all of them.
        squash: Height as a share of the width.
    """
    rings = places[:, None] + sizes[:, None, None] * circle(7) * (1, squash)
    return [polygon(ring, colour) for ring in rings]


def scattered(
    rng: np.random.Generator, low: Sequence[float], high: Sequence[float], count: int
) -> Points:
    """Points anywhere between two corners, drawn as ``rng.uniform`` does in a third of its time.

    Args:
        rng: Draws them.
        low: The smallest value of each coordinate.
        high: The largest.
        count: How many points.

    Returns:
        Shape (count, coordinate).

    Example:
        >>> one, other = (np.random.default_rng(3) for _ in range(2))
        >>> drawn = scattered(one, (0, 0.5), (1, 0.7), 4)
        >>> bool((drawn == other.uniform((0, 0.5), (1, 0.7), (4, 2))).all())
        True
    """
    lowest = np.array(low, float)
    places: Points = lowest + (np.array(high) - lowest) * rng.random((count, len(low)))
    return places


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
