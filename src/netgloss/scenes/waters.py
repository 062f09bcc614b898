"""The sea that an animal can be drawn in: below the surface, over sand, among waves."""

from __future__ import annotations

import numpy as np

from netgloss.scenes.drawing import (
    Colour,
    Part,
    Points,
    Stroke,
    ellipse,
    fade,
    jitter,
    line,
    polygon,
)
from netgloss.scenes.palettes import named_colour, pick
from netgloss.scenes.shapes import curve, dots, mixed, oval, scattered, shaded, shifted, veil

__all__ = ["SEA_GROUPS", "sea"]

SEA_GROUPS = dict.fromkeys(
    ("water", "surface", "wave", "foam", "sunbeam", "seabed", "bubble", "weed"), "nature"
)
"""Type of a thing in the sea to its coarse group."""

# Near the surface and deep down.
_WATERS: dict[str, tuple[Colour, Colour]] = {
    "blue": ((84, 164, 208), (18, 78, 140)),
    "dark blue": ((34, 88, 140), (8, 28, 62)),
    "turquoise": ((118, 206, 210), (30, 132, 164)),
    "green": ((98, 154, 132), (22, 70, 68)),
}
_WEEDS: dict[str, Colour] = {"green": (62, 104, 54), "brown": (104, 88, 44)}
_LOOKS = ("open", "sunny", "seabed", "seabed", "waves")


def sea(
    rng: np.random.Generator, hidden: tuple[float, float, float] | None
) -> tuple[list[Part], list[Part]]:
    """What lies behind an animal in the sea, and what floats before it.

    No stroke but those on a part's own ground is translucent, since the masks know one
    translucent part a pixel and the animal's shadow is that one.

    Args:
        rng: Draws what varies.
        hidden: Where something covers the animal and how large that is; None for nowhere.
    """
    look, name = pick(rng, _LOOKS), pick(rng, list(_WATERS))
    top, bottom = (jitter(rng, colour, 7) for colour in _WATERS[name])
    parts = [_water(rng, name, top, bottom, plain=look == "sunny")]
    parts += _waves(rng, top, bottom) if look == "waves" else _depths(rng, look, top, bottom)
    before: list[Part] = []
    if hidden:
        x, y, size = hidden
        if look == "waves" or rng.random() < 0.5:
            before.append(_bubbles(rng, x, y, size, top))
        else:
            before.append(_weed(rng, x, 1.05, 1.05 - y + 2 * size, max(0.2 * size, 0.012), 2))
    return parts, before


def _water(
    rng: np.random.Generator, name: str, top: Colour, bottom: Colour, *, plain: bool
) -> Part:
    """The whole picture: paler above, with drifting specks and, if not plain, faint swathes."""
    strokes = [fade(0, 0, 1, 1, top, bottom)]
    for height, thick in scattered(rng, (0.15, 0.05), (0.9, 0.14), 0 if plain else 3).tolist():
        low = shifted(_edge(rng, height, 0.03, 6)[::-1], 0, thick)
        swathe = np.concatenate([_edge(rng, height, 0.03, 6), low])
        strokes.append(polygon(swathe, veil(shaded(bottom, -20), 16)))
    speck = mixed(top, (255, 255, 255), 0.6)
    strokes += dots(rng.uniform(0, 1, (10, 2)), rng.uniform(0.002, 0.006, 10), veil(speck, 110))
    return Part("water", (name,), tuple(strokes), background=True)


def _depths(rng: np.random.Generator, look: str, top: Colour, bottom: Colour) -> list[Part]:
    """Below the surface: beams, the surface overhead, the bottom with weed, bubbles."""
    parts = []
    if look == "sunny":
        parts.append(_sunbeams(rng, top, bottom))
    if look == "sunny" or rng.random() < 0.4:
        parts.append(_surface(rng, top))
    if look == "seabed":
        height = rng.uniform(0.68, 0.82)
        parts.append(_seabed(rng, height, mixed(top, bottom, height)))
        for x in rng.uniform(0.02, 0.98, int(rng.integers(1, 4))).tolist():
            foot, tall = rng.uniform(height + 0.06, 1.02), rng.uniform(0.2, 0.45)
            parts.append(_weed(rng, x, foot, tall, 0.016, int(rng.integers(2, 5))))
    if rng.random() < 0.55:
        ((x, y),) = scattered(rng, (0.06, 0.12), (0.94, 0.9), 1).tolist()
        parts.append(_bubbles(rng, x, y, rng.uniform(0.05, 0.12), top))
    return parts


def _edge(rng: np.random.Generator, height: float, swing: float, count: int = 9) -> Points:
    """A smooth line from left to right."""
    corners = np.empty((count, 2))
    corners[:, 0] = np.arange(count) * (1.1 / (count - 1)) - 0.05
    corners[:, 1] = height + rng.normal(0, swing, count)
    return curve(corners, closed=False, steps=3)


def _sunbeams(rng: np.random.Generator, top: Colour, bottom: Colour) -> Part:
    """Shafts of light, in slices that take up the colour of the water at their depth."""
    strokes = []
    source, depth = rng.uniform(0.1, 0.9), rng.uniform(0.6, 0.9)
    glows = np.linspace(0.2, 0.0, 11).tolist()
    for aim in np.linspace(-0.55, 0.55, 4) + rng.normal(0, 0.06, 4):
        wide, spread = rng.uniform(0.015, 0.04), rng.uniform(0.05, 0.09)
        levels = np.linspace(0, depth * rng.uniform(0.7, 1), 12)
        middle, half = source + 0.5 * aim + levels * aim * 1.1, wide + spread * levels
        left, right = np.array([middle - half, levels]).T, np.array([middle + half, levels]).T
        slices = np.stack([left[:-1], right[:-1], right[1:], left[1:]], axis=1)
        depths = ((levels[:-1] + levels[1:]) / 2).tolist()
        for slice_, share, glow in zip(slices, depths, glows, strict=True):
            water = mixed(top, bottom, share)
            strokes.append(polygon(slice_, mixed(water, (236, 252, 255), glow)))
    return Part("sunbeam", ("bright",), tuple(strokes), background=True)


def _surface(rng: np.random.Generator, top: Colour) -> Part:
    """The underside of the surface along the upper edge, with its glitter."""
    height = rng.uniform(0.06, 0.13)
    corners = np.array([(1.05, -0.05), (-0.05, -0.05)])
    strokes = [
        polygon(
            np.concatenate([_edge(rng, height * share, 0.012), corners]),
            mixed(top, (244, 252, 255), white),
        )
        for share, white in ((1.0, 0.16), (0.62, 0.34), (0.3, 0.55))
    ]
    for x, y in scattered(rng, (0, 0.01), (1, height * 0.9), 8).tolist():
        glint = oval(x, y, rng.uniform(0.02, 0.07), 0.005, rng.normal(0, 0.08), 8)
        strokes.append(polygon(glint, mixed(top, (255, 255, 255), 0.82)))
    return Part("surface", ("bright",), tuple(strokes), background=True)


def _seabed(rng: np.random.Generator, height: float, water: Colour) -> Part:
    """Sand that fades into the water, with ripples and a net of light."""
    sand = mixed(jitter(rng, (216, 192, 142)), water, rng.uniform(0.15, 0.35))
    below = np.array([(1.05, 1.05), (-0.05, 1.05)])
    rim = _edge(rng, height, 0.012)
    strokes = []
    for share, haze in ((0.0, 0.7), (0.07, 0.5), (0.18, 0.3), (0.36, 0.12), (0.6, 0.0)):
        shore = np.concatenate([shifted(rim, 0, share * (1 - height)), below])
        strokes.append(polygon(shore, mixed(sand, water, haze)))
    for share in np.linspace(0.25, 0.95, 5).tolist():
        ripple = _edge(rng, height + share * (1 - height), 0.008, 7)
        strokes.append(line(ripple, veil(shaded(sand, -50), 70), 0.004 + 0.006 * share))
        strokes.append(line(shifted(ripple, 0, 0.01), veil((255, 255, 240), 60), 0.006))
    return Part("seabed", ("sandy",), tuple(strokes), background=True)


def _weed(
    rng: np.random.Generator, x: float, foot: float, tall: float, wide: float, fronds: int
) -> Part:
    """A tuft of ribbons that sway together, the middle one at x."""
    name, colour = named_colour(rng, _WEEDS)
    sway, phase = rng.uniform(0.03, 0.06), rng.uniform(0, 6)
    up = np.arange(15) / 14
    strokes: list[Stroke] = []
    for number in range(fronds):
        lean = (number - (fronds - 1) / 2) * 1.6 * wide
        reach = tall * (rng.uniform(0.7, 1.0) if number else 1.0)
        y = foot - reach * up
        middle = x + lean * (0.4 + 1.2 * up) + sway * np.sin(7 * y + phase + 0.4 * number)
        half = wide * (1 - up**3) * (0.75 + 0.25 * np.cos(25 * up + number))
        left, right = np.array([middle - half, y]).T, np.array([middle + half, y]).T
        tone = shaded(colour, int(rng.integers(-20, 24)))
        strokes.append(polygon(np.concatenate([left, right[::-1]]), tone))
        lit = np.array([middle - 0.4 * half, y]).T[:-2]
        strokes.append(line(lit, shaded(tone, 22), 0.4 * wide))
    return Part("weed", (name,), tuple(strokes), background=True)


def _bubbles(rng: np.random.Generator, x: float, y: float, size: float, top: Colour) -> Part:
    """A handful of bubbles, each a bright ring with a spark."""
    ring, inside = mixed(top, (255, 255, 255), 0.62), mixed(top, (255, 255, 255), 0.2)
    strokes = []
    for dx, dy in rng.normal(0, 0.6 * size, (int(rng.integers(4, 8)), 2)).tolist():
        radius = max(size * rng.uniform(0.12, 0.32), 0.008)
        strokes.append(ellipse(x + dx, y + 1.4 * dy, radius, radius, ring))
        strokes.append(ellipse(x + dx, y + 1.4 * dy, radius * 0.78, radius * 0.78, inside))
        spark = (x + dx - 0.32 * radius, y + 1.4 * dy - 0.36 * radius)
        strokes.append(ellipse(*spark, radius * 0.26, radius * 0.2, (250, 254, 255)))
    return Part("bubble", ("round",), tuple(strokes), background=True)


def _waves(rng: np.random.Generator, top: Colour, bottom: Colour) -> list[Part]:
    """The sea from just above: swells that grow towards the lower edge, some with foam."""
    swells, foam = [], []
    heights = np.cumsum(0.05 + 0.018 * np.arange(9)) + rng.uniform(-0.04, 0.02)
    for number, height in enumerate(heights.tolist()):
        grow = 0.25 + 0.75 * height
        colour = mixed(top, bottom, min(height, 1.0))
        ridge = _edge(rng, height, 0.02 * grow, 14 - number)
        # The trough under a ridge is deep here and shallow there, the light on it broken.
        deep, lit = scattered(rng, (0.3, -0.5), (1.6, 0.8), len(ridge)).T
        trough, gleam = ridge.copy(), ridge.copy()
        trough[:, 1] += 0.04 * grow * _smooth(deep)
        gleam[:, 1] -= 0.03 * grow * np.maximum(_smooth(lit), 0)
        swells.append(polygon(np.concatenate([ridge, trough[::-1]]), shaded(colour, -22)))
        pale = mixed(colour, (226, 242, 248), 0.3)
        swells.append(polygon(np.concatenate([gleam, ridge[::-1]]), pale))
        if rng.random() < 0.45:
            foam += _foam(rng, ridge, grow)
    parts = [Part("wave", ("rough",), tuple(swells), background=True)]
    return [*parts, Part("foam", ("white",), tuple(foam), background=True)] if foam else parts


def _smooth(values: Points) -> Points:
    return np.convolve(values, (0.2, 0.3, 0.3, 0.2), "same")


def _foam(rng: np.random.Generator, ridge: Points, grow: float) -> list[Stroke]:
    """White water that breaks on a stretch of a ridge."""
    white = jitter(rng, (232, 242, 246), 5)
    start = int(rng.integers(2, len(ridge) - 10))
    crest = ridge[start : start + int(rng.integers(4, 8))]
    flecks = [line(crest, white, 0.02 * grow)]
    for x, y in crest.tolist():
        size = rng.uniform(0.014, 0.03) * grow
        at = (x + rng.normal(0, 0.012), y + rng.uniform(-0.4, 1.2) * size)
        flecks.append(polygon(oval(*at, size * 1.3, size * 0.7, rng.normal(0, 0.4), 8), white))
    return flecks
