"""The body of an animal: bent, turned and placed in the picture, with smooth sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from math import cos, sin

import numpy as np

from netgloss.scenes.drawing import Part, Point, Points, Stroke, pooled
from netgloss.scenes.shapes import curve

__all__ = ["Flank", "Pose"]


@dataclass(frozen=True)
class Pose:
    """Where an animal is in the picture, how large it is and how it holds itself.

    An animal has its own coordinates in units of its length: x runs from the tail at -0.5 to
    the nose at 0.5, y is up from the middle line.

    Args:
        x: The middle of the animal in the picture.
        y: The same, down.
        length: Picture's units in one of the animal's.
        turn: Angle of the middle line in radians, counter-clockwise.
        mirrored: Whether it looks the other way.
        bend: Angle in radians by which the middle line turns between tail and nose.
    """

    x: float
    y: float
    length: float
    turn: float = 0.0
    mirrored: bool = False
    bend: float = 0.0

    def place(self, points: Sequence[Point] | Points) -> Points:
        """The animal's points in the picture's coordinates, shape (point, 2).

        Example:
            >>> Pose(0.5, 0.5, 0.75).place([(-0.5, 0.0), (0.5, 0.25)]).tolist()
            [[0.125, 0.5], [0.875, 0.3125]]
        """
        return np.array(self._moved(*np.asarray(points, float).T)).T

    def placed(self, parts: Sequence[Part]) -> list[Part]:
        """The parts of an animal, drawn in its own coordinates, as they are in the picture."""
        strokes = [stroke for part in parts for stroke in part.strokes]
        points, ends = pooled(strokes)
        moved = self.place(points)
        placed = iter(
            [
                Stroke(stroke.shape, moved[start:end], stroke.colour, stroke.size * self.length)
                for stroke, (start, end) in zip(strokes, ends, strict=True)
            ]
        )
        return [replace(part, strokes=tuple(islice(placed, len(part.strokes)))) for part in parts]

    def _moved(self, along: Points, across: Points) -> tuple[Points, Points]:
        if abs(self.bend) > 1e-6:
            # The middle line is an arc; across is measured along the arc's radius.
            radius, angle = 1 / self.bend - across, self.bend * along
            along, across = radius * np.sin(angle), 1 / self.bend - radius * np.cos(angle)
        if self.mirrored:
            along = -along
        right, up = cos(self.turn) * self.length, sin(self.turn) * self.length
        return self.x + along * right - across * up, self.y - along * up - across * right


@dataclass(frozen=True)
class Flank:
    """The side of a long body: its upper and its lower edge over the length.

    Args:
        x: Places along the body, rising.
        upper: Height of the upper edge at each.
        lower: Height of the lower edge at each.
    """

    x: Points
    upper: Points
    lower: Points

    @classmethod
    def through(cls, corners: Sequence[tuple[float, float, float]], girth: float = 1.0) -> Flank:
        """The smooth side through (x, upper, lower); the girth stretches the heights."""
        through = curve(np.array(corners), closed=False, steps=3)
        x, upper, lower = np.ascontiguousarray(through.T)  # looked up again and again
        return cls(x, girth * upper, girth * lower)

    def at(self, x: Sequence[float] | Points, share: Sequence[float] | Points | float) -> Points:
        """Points at a share of the height, 0 on the lower edge and 1 on the upper one.

        Args:
            x: Places along the body.
            share: One for all places, one a place, or a row of them for each of several lines.

        Returns:
            Shape (place, 2), or (line, place, 2).
        """
        upper, lower = np.interp(x, self.x, self.upper), np.interp(x, self.x, self.lower)
        height = lower + (upper - lower) * share
        points = np.empty((*height.shape, 2))
        points[..., 0], points[..., 1] = x, height
        return points

    def band(self, start: float, end: float, low: float, high: float) -> Points:
        """The outline of a strip between two shares of the height; its ends are about there."""
        first, last = self.x.searchsorted((start, end))
        x, foot = self.x[first : last + 1], self.lower[first : last + 1]
        tall = self.upper[first : last + 1] - foot
        outline = np.empty((2 * len(x), 2))
        outline[: len(x), 0], outline[len(x) :, 0] = x, x[::-1]
        outline[: len(x), 1], outline[len(x) :, 1] = foot + high * tall, (foot + low * tall)[::-1]
        return outline
