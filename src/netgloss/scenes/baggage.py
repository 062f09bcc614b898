"""What a person carries at hip height or pulls along: briefcase, bag, rolling suitcase."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from netgloss.scenes.drawing import Colour, Part, Point, Stroke, box, ellipse, line, polygon
from netgloss.scenes.palettes import named_colour

__all__ = ["BAGGAGE", "baggage"]

_LEATHER: dict[str, Colour] = {"brown": (112, 70, 42), "black": (40, 38, 42)}
_SHELLS: dict[str, Colour] = {
    "red": (168, 46, 52),
    "blue": (46, 84, 146),
    "purple": (110, 70, 128),
    "green": (52, 112, 96),
    "grey": (112, 118, 126),
}
_CLOTH: dict[str, Colour] = {
    "pink": (206, 112, 136),
    "green": (92, 146, 92),
    "blue": (70, 126, 178),
    "red": (190, 66, 58),
    "beige": (196, 170, 128),
}


def baggage(kind: str, rng: np.random.Generator, hand: Point) -> Part:
    """A piece of baggage, in units of the person's height, y up from the ground.

    Args:
        kind: One of :data:`BAGGAGE`.
        rng: Draws its size and colour.
        hand: Where the hand holds it.
    """
    return BAGGAGE[kind](rng, hand)


def _briefcase(rng: np.random.Generator, hand: Point) -> Part:
    """A flat case, its narrow side in shade."""
    name, colour = named_colour(rng, _LEATHER, 7)
    wide, tall = rng.uniform(0.082, 0.094), rng.uniform(0.125, 0.15)
    x, top = hand[0] + 0.012, hand[1] - 0.036
    low, dark = top - tall, tuple(max(value - 24, 0) for value in colour)
    glow = (*(min(value + 70, 255) for value in colour), 130)
    flap = top - tall * 0.42
    strokes: list[Stroke] = [
        line([(x - 0.026, top), (x - 0.022, top + 0.026), (x + 0.022, top + 0.026)], dark, 0.014),
        line([(x + 0.022, top + 0.026), (x + 0.026, top)], dark, 0.014),
        polygon(
            [
                (x - wide, top),
                (x - wide - 0.02, top - 0.018),
                (x - wide - 0.02, low + 0.012),
                (x - wide, low),
            ],
            dark,
        ),
        box(x - wide, low, x + wide, top, colour, 0.012),
        box(x - wide + 0.006, top - 0.016, x + wide - 0.006, top - 0.006, glow),
        line([(x - wide, flap), (x + wide, flap)], dark, 0.009),
        box(x - wide, low, x + wide, low + 0.026, (*dark, 150), 0.012),
    ]
    brass = (150, 132, 96)
    strokes += [
        box(
            x + side * wide * 0.5 - 0.011,
            flap - 0.014,
            x + side * wide * 0.5 + 0.011,
            flap + 0.01,
            brass,
        )
        for side in (-1, 1)
    ]
    return Part("briefcase", (name,), tuple(strokes))


def _suitcase(rng: np.random.Generator, hand: Point) -> Part:
    """A hard shell with ribs on two wheels, its handle drawn out to the hand."""
    name, colour = named_colour(rng, _SHELLS, 8)
    wide, tall = rng.uniform(0.074, 0.088), rng.uniform(0.22, 0.27)
    x, low = hand[0] + 0.03, 0.018
    top = low + tall
    dark = tuple(max(value - 44, 0) for value in colour)
    steel = (92, 94, 98)
    strokes: list[Stroke] = [
        line([(x + side * 0.028, top), (hand[0] + side * 0.024, hand[1])], steel, 0.011)
        for side in (-1, 1)
    ]
    strokes.append(line([(hand[0] - 0.03, hand[1]), (hand[0] + 0.03, hand[1])], (44, 44, 48), 0.02))
    strokes += [
        ellipse(x + side * wide * 0.68, low - 0.006, 0.018, 0.018, (38, 38, 42)) for side in (-1, 1)
    ]
    strokes.append(box(x - wide, low, x + wide, top, colour, 0.022))
    strokes += [
        line([(x + wide * place, low + 0.02), (x + wide * place, top - 0.02)], (*dark, 170), 0.01)
        for place in (-0.5, 0.0, 0.5)
    ]
    strokes += [
        box(x + wide * 0.55, low + 0.006, x + wide, top - 0.006, (*dark, 110), 0.016),
        box(x - wide + 0.008, top - 0.028, x + wide * 0.5, top - 0.016, (255, 255, 255, 70)),
        box(x - 0.026, top - 0.004, x + 0.026, top + 0.012, (50, 50, 54), 0.006),
    ]
    return Part("suitcase", (name,), tuple(strokes))


def _bag(rng: np.random.Generator, hand: Point) -> Part:
    """A shopping or beach bag of cloth, with a band and two loops."""
    name, colour = named_colour(rng, _CLOTH, 8)
    wide, tall = rng.uniform(0.072, 0.088), rng.uniform(0.15, 0.18)
    x, top = hand[0] + 0.012, hand[1] - 0.062
    low = top - tall
    dark = tuple(max(value - 50, 0) for value in colour)
    lighter = tuple(min(value + 30, 235) for value in colour)
    loops = [
        line([(x + a, top), (hand[0], hand[1] - 0.008), (x + a + 0.062, top)], tone, 0.011)
        for a, tone in ((-0.04, dark), (-0.026, lighter))
    ]
    body = [(x - wide, top), (x + wide, top), (x + wide * 0.86, low), (x - wide * 0.86, low)]
    fold = [(x + wide * 0.4, top), (x + wide, top), (x + wide * 0.86, low), (x + wide * 0.5, low)]
    strokes = (
        *loops,
        polygon(body, colour),
        box(x - wide * 0.93, low + tall * 0.3, x + wide * 0.93, low + tall * 0.52, lighter),
        polygon(fold, (*dark, 110)),
        line([(x - wide, top - 0.006), (x + wide, top - 0.006)], dark, 0.01),
        line([(x - wide * 0.3, top), (x - wide * 0.4, low)], (*dark, 90), 0.008),
    )
    return Part("bag", (name,), strokes)


BAGGAGE: dict[str, Callable[[np.random.Generator, Point], Part]] = {
    "briefcase": _briefcase,
    "suitcase": _suitcase,
    "bag": _bag,
}
"""Every kind of baggage."""
