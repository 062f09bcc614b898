"""Plants and street furniture, behind a vehicle or before it."""

from __future__ import annotations

import numpy as np

from netgloss.scenes.drawing import Colour, Part, Stroke, box, ellipse, jitter, polygon

__all__ = ["GREENS", "bush", "foliage", "lamp_post", "occluders", "tree"]

GREENS: tuple[Colour, ...] = ((74, 112, 52), (98, 128, 60), (58, 98, 62), (116, 134, 66))
"""Leaves and grass."""


def occluders(rng: np.random.Generator, ground: float) -> list[Part]:
    """What stands before the vehicle: often nothing, else a post, a bush, a bin or a cone."""
    if rng.random() > 0.4:
        return []
    make = (lamp_post, bush, _bin, _cone)[rng.integers(4)]
    return [make(rng, rng.uniform(0.08, 0.92), min(ground + rng.uniform(0.03, 0.08), 0.97))]


def foliage(rng: np.random.Generator, colour: Colour, foot: float) -> list[Stroke]:
    """The edge of a forest: one dark mass with a row of crowns on it."""
    strokes = [box(0, foot - 0.24, 1, foot + 0.02, colour)]
    for x in np.arange(0, 1.05, 0.06):
        radius = rng.uniform(0.04, 0.09)
        strokes.append(ellipse(x, foot - 0.24, radius, radius * 1.2, jitter(rng, colour, 6)))
    return strokes


def tree(rng: np.random.Generator, x: float, foot: float) -> Part:
    """A tree with a round crown."""
    leaf, bark = jitter(rng, GREENS[rng.integers(3)]), jitter(rng, (92, 70, 52))
    tall, wide = rng.uniform(0.34, 0.5), rng.uniform(0.09, 0.14)
    crown = foot - tall
    strokes = [box(x - 0.014, crown, x + 0.014, foot, bark)]
    glow = (*(min(value + 34, 255) for value in leaf), 110)
    for turn in np.linspace(0, 2 * np.pi, 8, endpoint=False) + rng.uniform(0, 1):
        radius = wide * rng.uniform(0.5, 0.75)
        dx, dy = 0.55 * wide * np.cos(turn), 0.65 * wide * np.sin(turn)
        strokes.append(ellipse(x + dx, crown + dy, radius, radius, jitter(rng, leaf, 8)))
    for dx, dy in rng.normal(0, 0.3 * wide, (4, 2)):
        strokes.append(ellipse(x + dx, crown - wide / 3 + dy, wide / 4, wide / 5, glow))
    return Part("tree", ("green",), tuple(strokes), background=True)


def bush(rng: np.random.Generator, x: float, foot: float) -> Part:
    """A bush as high as a wheel."""
    leaf = jitter(rng, GREENS[rng.integers(len(GREENS))])
    wide = rng.uniform(0.05, 0.09)
    strokes = [
        ellipse(x + dx * wide, foot - wide * lift, wide * 0.55, wide * 0.5, jitter(rng, leaf, 9))
        for dx, lift in zip(rng.uniform(-0.8, 0.8, 7), rng.uniform(0.2, 0.8, 7), strict=True)
    ]
    return Part("bush", ("green",), tuple(strokes), background=True)


def lamp_post(rng: np.random.Generator, x: float, foot: float) -> Part:
    """A lamp post, higher than the picture."""
    steel = jitter(rng, (92, 96, 100))
    strokes = (
        box(x - 0.01, -0.05, x + 0.01, foot, steel),
        box(x - 0.01, -0.05, x - 0.004, foot, (255, 255, 255, 60)),
        box(x - 0.018, foot - 0.06, x + 0.018, foot, steel),
    )
    return Part("lamp post", ("grey",), strokes, background=True)


def _bin(rng: np.random.Generator, x: float, foot: float) -> Part:
    green = jitter(rng, (60, 84, 74))
    strokes = (
        polygon(
            [
                (x - 0.04, foot - 0.13),
                (x + 0.04, foot - 0.13),
                (x + 0.032, foot),
                (x - 0.032, foot),
            ],
            green,
        ),
        box(x - 0.046, foot - 0.145, x + 0.046, foot - 0.122, jitter(rng, (40, 60, 54))),
    )
    return Part("bin", ("green",), strokes, background=True)


def _cone(rng: np.random.Generator, x: float, foot: float) -> Part:
    red, white = jitter(rng, (204, 66, 52)), (236, 234, 228)
    strokes = (
        polygon([(x - 0.032, foot), (x, foot - 0.11), (x + 0.032, foot)], red),
        polygon(
            [
                (x - 0.02, foot - 0.04),
                (x - 0.013, foot - 0.066),
                (x + 0.013, foot - 0.066),
                (x + 0.02, foot - 0.04),
            ],
            white,
        ),
        box(x - 0.042, foot - 0.01, x + 0.042, foot, jitter(rng, (60, 54, 52), 4)),
    )
    return Part("traffic cone", ("red",), strokes, background=True)
