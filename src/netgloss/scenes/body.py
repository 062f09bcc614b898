"""A person's build and pose, and the parts of the body that clothes leave bare (units: height)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot

import numpy as np

from netgloss.scenes.drawing import (
    Colour,
    Part,
    Point,
    Stroke,
    ellipse,
    polygon,
)
from netgloss.scenes.head import Skin
from netgloss.scenes.palettes import pick
from netgloss.scenes.shapes import shaded, veil

__all__ = [
    "COLLAR",
    "HIP",
    "MIDDLE",
    "Build",
    "arms",
    "bare_legs",
    "between",
    "draw_build",
    "hands",
    "limbs_in_order",
    "shadow",
    "tube",
]

MIDDLE, HIP, COLLAR = 0.5, 0.46, 0.796
"""The middle of the body, and the heights of hips and collar."""

_SHOULDER = 0.745


@dataclass(frozen=True)
class Build:
    """The lines of one body and its pose; half widths in units of its height.

    Args:
        head: Height of the head.
        shoulder: Half width of the shoulders.
        waist: Half width of the waist.
        hips: Half width of the hips.
        spread: How far each foot stands from the middle.
        stride: How far the foot that is farther away is up in the picture.
        ahead: The side of the foot that is nearer, -1 or 1.
        swing: How much the free arm swings, from 0 to 1.
    """

    head: float
    shoulder: float
    waist: float
    hips: float
    spread: float
    stride: float
    ahead: int
    swing: float

    def leg(self, side: int) -> list[Point]:
        """Hip, knee and ankle; side is -1 or 1."""
        far = 0.0 if side == self.ahead else self.stride
        hip = (MIDDLE + side * self.hips * 0.5, HIP)
        ankle = (MIDDLE + side * self.spread, 0.045 + far)
        knee = ((hip[0] + ankle[0]) / 2 + side * 0.006, 0.255 + far * 0.7)
        return [hip, knee, ankle]

    def arm(self, side: int) -> list[Point]:
        """Shoulder, elbow and wrist; the arm on side 1 hangs straight, with or without a load."""
        shoulder = (MIDDLE + side * (self.shoulder - 0.026), _SHOULDER)
        if side > 0:
            out = self.shoulder + 0.012
            return [shoulder, (MIDDLE + out, 0.61), (MIDDLE + out + 0.022, 0.475)]
        elbow = (MIDDLE - self.shoulder - 0.014 - 0.02 * self.swing, 0.61 + 0.012 * self.swing)
        wrist = (MIDDLE - self.shoulder - 0.02 + 0.05 * self.swing, 0.475 + 0.045 * self.swing)
        return [shoulder, elbow, wrist]

    def hand(self, side: int) -> Point:
        """The middle of the hand, beyond the wrist."""
        _, elbow, wrist = self.arm(side)
        share = 0.028 / hypot(wrist[0] - elbow[0], wrist[1] - elbow[1])
        return wrist[0] + (wrist[0] - elbow[0]) * share, wrist[1] + (wrist[1] - elbow[1]) * share

    def half_width(self, y: float) -> float:
        """Half the width of the clothed trunk at a height."""
        heights = (0.44, 0.54, 0.66, 0.73)
        widths = (self.hips * 1.06, self.waist, self.shoulder * 0.86, self.shoulder * 0.96)
        return float(np.interp(y, heights, widths))


def draw_build(rng: np.random.Generator) -> Build:
    """Somebody's build, standing or walking."""
    girth = rng.uniform(0.88, 1.16)
    return Build(
        head=rng.uniform(0.196, 0.212),
        shoulder=rng.uniform(0.118, 0.142) * (1 + girth) / 2,
        waist=rng.uniform(0.086, 0.098) * girth,
        hips=rng.uniform(0.09, 0.102) * girth,
        spread=rng.uniform(0.045, 0.085),
        stride=rng.uniform(0.03, 0.085) if rng.random() < 0.65 else 0.0,
        ahead=pick(rng, (-1, 1)),
        swing=rng.uniform(0, 1),
    )


def tube(points: Sequence[Point], widths: Sequence[float], colour: Colour) -> Stroke:
    """A limb: a band around a line, its half width given at every point."""
    one: list[Point] = []
    other: list[Point] = []
    for number, ((x, y), wide) in enumerate(zip(points, widths, strict=True)):
        x0, y0 = points[max(number - 1, 0)]
        x1, y1 = points[min(number + 1, len(points) - 1)]
        share = wide / hypot(x1 - x0, y1 - y0)
        across, up = (y1 - y0) * share, (x0 - x1) * share
        one.append((x + across, y + up))
        other.append((x - across, y - up))
    return polygon([*one, *reversed(other)], colour)


def between(start: Point, end: Point, share: float) -> Point:
    """A point of the way from one to the other."""
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def limbs_in_order(build: Build) -> tuple[int, int]:
    """The side of the leg that is farther away, then that of the nearer one."""
    return -build.ahead, build.ahead


def shadow(rng: np.random.Generator, build: Build) -> Part:
    """On the ground, under the feet."""
    lean, dark = rng.uniform(-0.3, 0.3), (16, 16, 24, 62)
    y = build.stride / 3
    strokes = [
        ellipse(MIDDLE + lean * grow, y, 0.1 + grow * 0.8, 0.012 + grow / 4, dark)
        for grow in (0.14, 0.08, 0.02)
    ]
    return Part("shadow", ("dark",), tuple(strokes))


def bare_legs(build: Build, tone: Skin) -> Part:
    """Both legs; shorts and shoes cover their ends."""
    strokes: list[Stroke] = []
    for side in limbs_in_order(build):
        hip, knee, ankle = build.leg(side)
        calf = between(knee, ankle, 0.3)
        colour = shaded(tone.colour, -26 if side != build.ahead and build.stride else -6)
        strokes.append(tube([hip, knee, calf, ankle], [0.05, 0.035, 0.038, 0.022], colour))
        inner = [(x - side * 0.016, y) for x, y in (knee, calf)]
        inner.append((ankle[0] - side * 0.01, ankle[1] + 0.01))
        strokes.append(tube(inner, [0.015, 0.018, 0.008], veil(shaded(colour, -60), 90)))
        strokes.append(ellipse(knee[0], knee[1] - 0.004, 0.02, 0.014, veil(shaded(colour, 30), 90)))
    return Part("leg", (tone.name,), tuple(strokes))


def arms(build: Build, tone: Skin) -> Part:
    """Both arms; short sleeves cover their upper ends."""
    strokes: list[Stroke] = []
    for side in (-1, 1):
        points = build.arm(side)
        strokes.append(tube(points, [0.036, 0.029, 0.02], shaded(tone.colour, -6)))
        inner = [
            (x - side * out, y) for (x, y), out in zip(points, (0.014, 0.012, 0.009), strict=True)
        ]
        strokes.append(tube(inner, [0.012, 0.01, 0.006], veil(shaded(tone.colour, -66), 100)))
    return Part("arm", (tone.name,), tuple(strokes))


def hands(build: Build, tone: Skin) -> Part:
    """Both hands."""
    strokes: list[Stroke] = []
    for side in (-1, 1):
        x, y = build.hand(side)
        strokes.append(ellipse(x, y, 0.021, 0.028, tone.colour))
        strokes.append(ellipse(x - side * 0.014, y + 0.004, 0.009, 0.017, shaded(tone.colour, -30)))
    return Part("hand", (tone.name,), tuple(strokes))
