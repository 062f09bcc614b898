"""What a person wears: trousers or shorts, shoes, a jacket or a shirt (units: the height)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netgloss.scenes.body import COLLAR, HIP, MIDDLE, Build, between, limbs_in_order, tube
from netgloss.scenes.drawing import (
    Colour,
    Part,
    Point,
    Stroke,
    box,
    ellipse,
    line,
    polygon,
)
from netgloss.scenes.palettes import named_colour, pick
from netgloss.scenes.shapes import shaded, veil

__all__ = ["CLOTHES", "Top", "draw_top", "legwear", "shoes", "top"]

CLOTHES = ("shorts", "trousers", "shoe", "jacket", "shirt")
"""What a person can wear."""

_JACKETS: dict[str, Colour] = {
    "blue": (50, 70, 112),
    "green": (74, 88, 62),
    "red": (142, 48, 52),
    "grey": (112, 116, 122),
    "black": (46, 46, 52),
    "brown": (108, 80, 58),
    "purple": (92, 66, 110),
}

_SHIRTS: dict[str, Colour] = {
    "blue": (88, 132, 186),
    "green": (86, 142, 106),
    "red": (182, 62, 62),
    "grey": (152, 154, 158),
    "pink": (204, 134, 146),
    "purple": (132, 104, 158),
}

_LEGWEAR: dict[str, dict[str, Colour]] = {
    "trousers": {
        "blue": (58, 74, 112),
        "black": (44, 44, 50),
        "grey": (98, 100, 108),
        "brown": (100, 78, 60),
        "beige": (168, 148, 116),
    },
    "shorts": {
        "blue": (72, 98, 142),
        "green": (92, 104, 70),
        "red": (162, 66, 60),
        "grey": (112, 112, 118),
        "beige": (186, 164, 130),
    },
}

_SHOES: dict[str, Colour] = {"black": (34, 34, 38), "brown": (92, 60, 42), "grey": (136, 138, 142)}


def shoes(rng: np.random.Generator, build: Build, *, back: bool) -> Part:
    """From the front the toes point down in the picture, from behind the heels are seen."""
    name, colour = named_colour(rng, _SHOES, 6)
    strokes: list[Stroke] = []
    for side in limbs_in_order(build):
        x, y = build.leg(side)[-1]
        x += side * 0.008
        strokes.append(ellipse(x, y - 0.022, 0.036, 0.027, colour))
        if back:
            strokes.append(box(x - 0.024, y - 0.047, x + 0.024, y - 0.034, shaded(colour, -26)))
            strokes.append(line([(x, y), (x, y - 0.034)], (*shaded(colour, 50), 130), 0.008))
        else:
            strokes.append(ellipse(x, y - 0.034, 0.033, 0.02, shaded(colour, 14)))
            strokes.append(box(x - 0.014, y - 0.02, x + 0.014, y - 0.008, shaded(colour, 60)))
    return Part("shoe", (name,), tuple(strokes))


def legwear(rng: np.random.Generator, build: Build, kind: str) -> Part:
    """Trousers to the ankle or shorts to the knee, with folds, the leg farther away in shade."""
    name, colour = named_colour(rng, _LEGWEAR[kind], 8)
    loose = rng.uniform(0.95, 1.15)
    hem = rng.uniform(0.66, 0.92)  # of the way from hip to knee
    hips = [(MIDDLE + side * build.hips, y) for side, y in ((-1, 0.5), (1, 0.5))]
    low = [(MIDDLE + side * build.hips * 1.04, HIP - 0.05) for side in (1, -1)]
    strokes = [polygon([*hips, low[0], (MIDDLE, HIP - 0.085), low[1]], colour)]
    for side in limbs_in_order(build):
        hip, knee, ankle = build.leg(side)
        far = side != build.ahead and build.stride > 0
        tone = shaded(colour, -18) if far else colour
        thigh = build.hips * 0.56
        if kind == "shorts":
            points, widths = [hip, between(hip, knee, hem)], [thigh, thigh * 0.94 * loose]
        else:
            points, widths = [hip, knee, ankle], [thigh, 0.044 * loose, 0.036 * loose]
        strokes.append(tube(points, widths, tone))
        inner = [(x - side * 0.52 * wide, y) for (x, y), wide in zip(points, widths, strict=True)]
        inner[-1] = (inner[-1][0], inner[-1][1] + 0.008)  # the shading ends before the hem
        strokes.append(tube(inner, [wide * 0.4 for wide in widths], veil(shaded(tone, -46), 110)))
        strokes += _folds(rng, points, widths, tone)
    return Part(kind, (name,), tuple(strokes))


def _folds(
    rng: np.random.Generator, points: Sequence[Point], widths: Sequence[float], tone: Colour
) -> list[Stroke]:
    """Creases across the lower end of a leg, and one down its front."""
    (x0, y0), (x1, y1), wide = points[-2], points[-1], widths[-1]
    dark, light = (*shaded(tone, -44), 150), (*shaded(tone, 36), 120)
    strokes = [line([(x0, y0 - 0.02), (x1, y1 + 0.01)], light, 0.012)]
    for share in rng.uniform(0.5, 0.88, 2).tolist():
        x, y = between((x0, y0), (x1, y1), share)
        tilt = rng.uniform(-0.012, 0.012)
        strokes.append(line([(x - wide * 0.82, y + tilt), (x + wide * 0.4, y - tilt)], dark, 0.008))
    return strokes


@dataclass(frozen=True)
class Top:
    """A jacket or a shirt.

    Args:
        kind: ``jacket`` or ``shirt``.
        name: Its colour in a word.
        colour: Its colour.
        look: ``plain``, ``striped`` or ``checked``.
        short: Whether its sleeves end above the elbow.
        hem: Height of its lower edge.
        ink: Of stripes and checks.
        step: From one stripe to the next.
    """

    kind: str
    name: str
    colour: Colour
    look: str
    short: bool
    hem: float
    ink: Colour
    step: float


def draw_top(rng: np.random.Generator) -> Top:
    """Some jacket or shirt."""
    kind = pick(rng, ["jacket", "shirt"])
    colours = _JACKETS if kind == "jacket" else _SHIRTS
    name, colour = named_colour(rng, colours, 8)
    short = bool(rng.random() < 0.6)
    look = pick(rng, ["plain", "plain", "plain", "striped", "checked"])
    contrast = -46 if rng.random() < 0.5 else 38
    return Top(
        kind=kind,
        name=name,
        colour=colour,
        look=look if kind == "shirt" else "plain",
        short=short and kind == "shirt",
        hem=rng.uniform(0.425, 0.455),
        ink=shaded(colour, contrast),
        step=rng.uniform(0.034, 0.046),
    )


def top(worn: Top, build: Build, *, back: bool) -> Part:
    """The jacket or shirt on somebody; it covers the shoulders and the foot of the neck."""
    throat = COLLAR - 0.01 if back else 0.752 if worn.kind == "shirt" else 0.738
    strokes = [*_trunk(build, worn, throat), *_pattern(build, worn)]
    for side in (-1, 1):
        strokes += _sleeve(build, side, worn)
    strokes += _behind(worn) if back else _before(build, worn, throat)
    attributes = (worn.name,) if worn.look == "plain" else (worn.look, worn.name)
    return Part(worn.kind, attributes, tuple(strokes))


def _trunk(build: Build, worn: Top, throat: float) -> list[Stroke]:
    """The trunk, rounded by a shaded flank, with the folds that a belt and the arms make."""
    colour, hem = worn.colour, worn.hem
    slope = [(MIDDLE + 0.046, COLLAR), (MIDDLE + build.shoulder * 0.55, 0.78)]
    slope.append((MIDDLE + build.shoulder * 0.85, 0.76))
    heights = (0.735, 0.7, 0.66, 0.6, 0.54, 0.49, hem)
    right = slope + [(MIDDLE + build.half_width(y), y) for y in heights]
    left = [(2 * MIDDLE - x, y) for x, y in reversed(right)]
    flank = [(MIDDLE + build.half_width(y) * 0.5, y) for y in (hem, 0.54, 0.66, 0.735)]
    dark, light = (*shaded(colour, -42), 100), (*shaded(colour, 30), 90)
    bend, edge = MIDDLE - build.waist, build.half_width(hem + 0.014)
    return [
        polygon([*right, *left, (MIDDLE, throat)], colour),
        polygon([*right[3:], *flank], dark),
        polygon(
            [(bend + 0.03, 0.72), (bend + 0.075, 0.72), (bend + 0.06, 0.5), (bend + 0.03, 0.5)],
            light,
        ),
        line([(bend, 0.555), (bend + 0.06, 0.53)], dark, 0.01),
        line([(2 * MIDDLE - bend, 0.57), (2 * MIDDLE - bend - 0.08, 0.525)], dark, 0.01),
        line(
            [(MIDDLE - edge, hem + 0.007), (MIDDLE + edge, hem + 0.007)],
            dark,
            0.014,
        ),
    ]


def _pattern(build: Build, worn: Top) -> list[Stroke]:
    """Stripes across the trunk, and for checks down it as well."""
    if worn.look == "plain":
        return []
    rows = [
        line([(MIDDLE - wide, y), (MIDDLE + wide, y)], worn.ink, 0.013)
        for y in np.arange(worn.hem + 0.02, 0.765, worn.step).tolist()
        for wide in [build.half_width(y)]
    ]
    if worn.look == "striped":
        return rows
    reach = build.waist * 0.94
    return rows + [
        line([(MIDDLE + x, worn.hem), (MIDDLE + x, 0.75)], worn.ink, 0.01)
        for x in np.linspace(-reach, reach, 6).tolist()
    ]


def _sleeve(build: Build, side: int, worn: Top) -> list[Stroke]:
    """A sleeve to above the elbow or to the wrist, with a seam in shade along the trunk."""
    shoulder, elbow, wrist = build.arm(side)
    points, widths = [shoulder, elbow, wrist], [0.043, 0.037, 0.03]
    if worn.short:
        points, widths = [shoulder, between(shoulder, elbow, 0.62)], [0.044, 0.043]
    seam = [(x - side * wide * 0.74, y) for (x, y), wide in zip(points, widths, strict=True)]
    dark = veil(shaded(worn.colour, -56), 150)
    rounding = ellipse(shoulder[0] - side * 0.006, shoulder[1] - 0.014, 0.045, 0.034, worn.colour)
    tone = shaded(worn.colour, -8 if side > 0 else 0)
    strokes = [rounding, tube(points, widths, tone), line(seam, dark, 0.012)]
    (x, y), wide = points[-1], widths[-1]
    strokes.append(line([(x - wide * 0.85, y + 0.008), (x + wide * 0.85, y + 0.008)], dark, 0.01))
    if worn.look != "plain":
        strokes += _bands(points, widths, worn)
    elif not worn.short:
        x, y = elbow
        strokes.append(line([(x - 0.027, y + 0.007), (x + 0.02, y - 0.007)], dark, 0.009))
    return strokes


def _bands(points: Sequence[Point], widths: Sequence[float], worn: Top) -> list[Stroke]:
    """Stripes across a sleeve."""
    heights = np.arange(points[-1][1] + 0.02, points[0][1], worn.step)
    rising = [np.array([point[axis] for point in points])[::-1] for axis in (0, 1)]
    across = np.interp(heights, rising[1], rising[0]).tolist()
    wides = np.interp(heights, rising[1], widths[::-1]).tolist()
    return [
        line([(x - wide, y), (x + wide, y)], worn.ink, 0.013)
        for x, y, wide in zip(across, heights.tolist(), wides, strict=True)
    ]


def _before(build: Build, worn: Top, throat: float) -> list[Stroke]:
    """What a top has in front: an open collar, and the lapels and the zip of a jacket."""
    dark, light = shaded(worn.colour, -44), shaded(worn.colour, 26)
    collar = [
        line([(MIDDLE + side * 0.05, 0.797), (MIDDLE, throat)], light, 0.018) for side in (-1, 1)
    ]
    if worn.kind == "shirt":
        return collar
    pocket = build.waist * 0.45
    return [
        *collar,
        line([(MIDDLE, throat), (MIDDLE, 0.45)], dark, 0.012),
        line([(MIDDLE - 0.009, throat), (MIDDLE - 0.009, 0.45)], (*light, 130), 0.007),
        line([(MIDDLE - pocket - 0.03, 0.53), (MIDDLE - pocket + 0.02, 0.5)], dark, 0.01),
        line([(MIDDLE + pocket + 0.03, 0.53), (MIDDLE + pocket - 0.02, 0.5)], dark, 0.01),
    ]


def _behind(worn: Top) -> list[Stroke]:
    """What a top has behind: a closed collar, and the yoke and the seam of a jacket."""
    dark, light = shaded(worn.colour, -40), shaded(worn.colour, 20)
    collar = [line([(MIDDLE - 0.052, 0.79), (MIDDLE + 0.052, 0.79)], light, 0.022)]
    collar.append(line([(MIDDLE - 0.05, 0.776), (MIDDLE + 0.05, 0.776)], dark, 0.007))
    if worn.kind == "shirt":
        return collar
    yoke = line([(MIDDLE - 0.105, 0.7), (MIDDLE, 0.688), (MIDDLE + 0.105, 0.7)], dark, 0.008)
    return [*collar, yoke, line([(MIDDLE, 0.688), (MIDDLE, 0.45)], (*dark, 170), 0.008)]
