"""A lobster, seen from above, part by part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from netgloss.scenes.drawing import Colour, Part, Points, Stroke, jitter, line, polygon
from netgloss.scenes.shapes import (
    curve,
    dots,
    mixed,
    oval,
    scattered,
    shaded,
    shifted,
    spun,
    veil,
)

__all__ = ["LOBSTER_TYPES", "lobster"]

LOBSTER_TYPES = (
    "lobster claw",
    "lobster body",
    "lobster tail",
    "lobster antenna",
    "lobster leg",
)
"""The parts of a lobster."""

_COLOURS: dict[str, Colour] = {
    "red": (190, 44, 30),
    "orange": (222, 98, 34),
    "brown": (128, 74, 42),
    "dark blue": (46, 58, 92),
}


@dataclass(frozen=True)
class _Shell:
    """What the parts of one lobster share."""

    attributes: tuple[str, ...]
    colour: Colour
    wide: float
    """Half the width of the body."""

    @property
    def spot(self) -> Colour:
        return mixed(self.colour, (252, 226, 190), 0.55)

    @property
    def dark(self) -> Colour:
        return shaded(self.colour, -54)


def lobster(rng: np.random.Generator) -> list[Part]:
    """The parts of one lobster, from the back to the front."""
    name = str(rng.choice(list(_COLOURS), p=[0.34, 0.3, 0.2, 0.16]))
    speckled = ("speckled",) if rng.random() < 0.6 else ()
    shell = _Shell((*speckled, name), jitter(rng, _COLOURS[name], 9), rng.uniform(0.082, 0.1))
    return [
        _antennae(rng, shell),
        _legs(rng, shell),
        _tail(rng, shell),
        _body(rng, shell),
        *(_claw(rng, shell, side) for side in (-1, 1)),
    ]


def _antennae(rng: np.random.Generator, shell: _Shell) -> Part:
    """Two long feelers that sweep outwards, two short ones between them."""
    colour = shaded(shell.colour, -16)
    strokes = []
    for side in (-1, 1):
        out, reach = rng.uniform(0.22, 0.42), rng.uniform(-0.25, 0.3)
        feeler = [(0.22, 0.02), (0.32, 0.05), (0.3 + reach / 3, out * 0.7), (0.2 + reach, out)]
        strokes.append(line(_on(side, curve(feeler, closed=False)), colour, 0.011))
        tip = (0.36, side * rng.uniform(0.0, 0.05))
        strokes.append(line([(0.24, side * 0.01), (0.31, side * 0.015), tip], colour, 0.008))
    return Part("lobster antenna", shell.attributes[-1:], tuple(strokes))


def _legs(rng: np.random.Generator, shell: _Shell) -> Part:
    """Four pairs, each with a knee and a thinner foot."""
    upper, lower = shaded(shell.colour, -22), shaded(shell.colour, 4)
    strokes = []
    feet = np.linspace(0.1, -0.05, 4).tolist()
    for side in (-1, 1):
        for number, foot in enumerate(feet):
            swing = 0.09 - 0.075 * number + rng.normal(0, 0.018)
            reach = rng.uniform(0.1, 0.13)
            hip = (foot, side * 0.6 * shell.wide)
            knee = (foot + 0.5 * swing + 0.012, side * (shell.wide + 0.62 * reach))
            toe = (foot + 1.5 * swing - 0.012, side * (shell.wide + 1.3 * reach))
            strokes.append(line([hip, knee], upper, 0.023))
            strokes.append(line([knee, toe], lower, 0.014))
    return Part("lobster leg", shell.attributes[-1:], tuple(strokes))


def _tail(rng: np.random.Generator, shell: _Shell) -> Part:
    """Overlapping rings that taper to a fan of five."""
    strokes = []
    for middle, reach in ((0.95, 0.1), (-0.95, 0.1), (0.5, 0.125), (-0.5, 0.125), (0.0, 0.12)):
        turn = middle + rng.normal(0, 0.05)
        x, y = -0.375 - 0.5 * reach * np.cos(turn), 0.6 * reach * np.sin(turn)
        aim = np.arctan2(y, x + 0.345)
        rim = shaded(shell.colour, -30 if middle else 0)
        strokes.append(polygon(oval(x, y, 0.6 * reach, 0.034, aim, 12), rim))
        inner = oval(x + 0.006, y, 0.42 * reach, 0.02, aim, 8)
        strokes.append(polygon(inner, shaded(shell.colour, -2)))
    for x in np.linspace(-0.37, -0.09, 6).tolist():
        wide = shell.wide * (0.66 + 0.26 * (x + 0.37) / 0.28)
        ring = [
            (x + 0.06, wide),
            (x + 0.01, wide * 1.04),
            (x - 0.014, wide * 0.92),
            (x - 0.004, 0.0),
            (x - 0.014, -wide * 0.92),
            (x + 0.01, -wide * 1.04),
            (x + 0.06, -wide),
        ]
        strokes.append(polygon(ring, shaded(shell.colour, -6)))
        strokes.append(line(ring[2:5], shell.dark, 0.009))
        top = [(x + 0.045, 0.4 * wide), (x + 0.012, 0.4 * wide), (x + 0.012, -0.36 * wide)]
        top.append((x + 0.045, -0.36 * wide))
        strokes.append(polygon(top, veil((255, 226, 196), 52)))
    for side in (-1, 1):
        outline = np.array([(-0.36, 0.4), (-0.05, 0.62), (-0.05, 0.85), (-0.36, 0.57)])
        strip = outline * (1, side * shell.wide)
        strokes.append(polygon(strip, veil(shell.dark, 70)))
    return Part("lobster tail", shell.attributes, tuple(strokes))


def _body(rng: np.random.Generator, shell: _Shell) -> Part:
    """The shield of the back: a groove, a gleam, eyes beside a pointed brow."""
    wide = shell.wide
    half = np.array(
        [
            (-0.075, 0.62 * wide),
            (-0.06, 0.92 * wide),
            (0.02, 1.03 * wide),
            (0.1, 0.97 * wide),
            (0.17, 0.72 * wide),
            (0.205, 0.34 * wide),
            (0.262, 0.04 * wide),
        ]
    )
    outline = curve(np.concatenate([half, half[::-1] * (1, -1)]), steps=3)
    groove = [(0.075, 0.86 * wide), (0.03, 0.5 * wide), (0.02, 0), (0.03, -0.5 * wide)]
    groove.append((0.075, -0.86 * wide))
    eyes = np.array([(0.2, -0.5 * wide), (0.2, 0.5 * wide)])
    strokes = dots(eyes, np.full(2, 0.016), (16, 14, 16))
    strokes.append(polygon(outline, shell.colour))
    strokes.append(polygon(outline * (0.94, 0.66), veil(shaded(shell.colour, 34), 110)))
    for side in (-1, 1):
        rim = np.concatenate([half[:5] * (0.98, 0.97), half[4::-1] * (1, 0.68)])
        strokes.append(polygon(_on(side, rim), veil(shell.dark, 96)))
    strokes.append(line(groove, shell.dark, 0.011))
    strokes.append(line([(-0.07, 0.0), (0.015, 0.0)], veil(shell.dark, 150), 0.006))
    gleam = [(-0.045, 0.36 * wide), (0.0, 0.46 * wide), (0.0, 0.28 * wide), (-0.045, 0.2 * wide)]
    strokes.append(polygon(gleam, veil((255, 244, 232), 120)))
    brow = [(0.06, 0.34 * wide), (0.14, 0.32 * wide), (0.14, 0.16 * wide), (0.06, 0.16 * wide)]
    strokes.append(polygon(brow, veil((255, 244, 232), 100)))
    if "speckled" in shell.attributes:
        places = scattered(rng, (-0.05, -0.7 * wide), (0.15, 0.7 * wide), 9)
        strokes += _speckles(rng, shell, places)
    return Part("lobster body", shell.attributes, tuple(strokes))


def _claw(rng: np.random.Generator, shell: _Shell, side: int) -> Part:
    """An arm of three joints and a claw, more or less open."""
    heavy = rng.uniform(1.05, 1.35)
    out, turn = rng.uniform(0.13, 0.2), rng.uniform(-0.42, 0.2)
    x, y = rng.uniform(0.265, 0.285), out
    elbow = (0.19, 0.66 * out + 0.02)
    arm = np.array([(0.13, 0.75 * shell.wide), elbow, (x, y)])
    strokes: list[Stroke] = [
        line(_on(side, arm[:2]), shaded(shell.colour, -26), 0.034),
        line(_on(side, arm[1:]), shaded(shell.colour, -14), 0.042),
        polygon(_on(side, oval(*elbow, 0.02, 0.02, count=8)), shaded(shell.colour, -4)),
        polygon(_on(side, oval(x, y, 0.026, 0.026, count=8)), shaded(shell.colour, -30)),
    ]
    gape = rng.uniform(0.01, 0.03)
    hand = np.array(
        [
            (-0.012, 0.02),
            (0.05, 0.056),
            (0.115, 0.062),
            (0.18, 0.036),
            (0.232, 0.004),
            (0.17, 0.008),
            (0.118, 0.0),
            (0.16, -gape - 0.006),
            (0.205, -gape - 0.016),
            (0.165, -gape - 0.036),
            (0.1, -0.05),
            (0.04, -0.042),
            (-0.012, -0.02),
        ]
    )
    placed = shifted(spun(hand * (1, heavy), turn), x, y)
    strokes.append(polygon(_on(side, curve(placed, steps=3)), shell.colour))
    strokes += _claw_shading(shell, side, hand * (1, heavy), turn, (x, y))
    if "speckled" in shell.attributes:
        places = scattered(rng, (0.03, -0.022), (0.12, 0.034), 6) * (1, heavy)
        strokes += _speckles(rng, shell, shifted(spun(places, turn), x, y) * (1, side))
    return Part("lobster claw", shell.attributes, tuple(strokes))


def _claw_shading(
    shell: _Shell, side: int, hand: Points, turn: float, at: tuple[float, float]
) -> list[Stroke]:
    """A dark rim outside, a gleam within, the dark gap between the fingers."""

    def laid(points: Points) -> Points:
        return _on(side, spun(points, turn) + at)

    rim = np.concatenate([hand[:5] * (0.98, 0.94), hand[3:0:-1] * (1, 0.6)])
    under = np.concatenate([hand[9:12] * (0.97, 0.94), hand[11:9:-1] * (1, 0.6)])
    bulge = oval(0.07, 0.008, 0.055, 0.03, 0.1, 10)
    gleam = oval(0.065, 0.014, 0.036, 0.009, 0.12, 8)
    return [
        polygon(laid(rim), veil(shell.dark, 90)),
        polygon(laid(under), veil(shell.dark, 80)),
        polygon(laid(bulge), veil(shaded(shell.colour, 40), 110)),
        polygon(laid(gleam), veil((255, 244, 232), 120)),
        line(laid(hand[4:9]), shell.dark, 0.007),
    ]


def _speckles(rng: np.random.Generator, shell: _Shell, places: Points) -> list[Stroke]:
    return dots(places, rng.uniform(0.006, 0.013, len(places)), veil(shell.spot, 215), 0.8)


def _on(side: int, points: Points) -> Points:
    """The points on the left (1) or mirrored to the right (-1)."""
    return points if side > 0 else points * (1, -1)
