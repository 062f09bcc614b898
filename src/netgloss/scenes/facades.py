"""Walls that people walk past: house and shop fronts, a station hall, buildings far off."""

from __future__ import annotations

import numpy as np

from netgloss.scenes.drawing import (
    Colour,
    Part,
    Point,
    Stroke,
    box,
    fade,
    jitter,
    line,
    polygon,
)
from netgloss.scenes.palettes import named_colour, pick
from netgloss.scenes.shapes import shaded

__all__ = [
    "DARK",
    "awning",
    "far_buildings",
    "house",
    "pillar",
    "plain_wall",
    "shop_window",
    "sign",
    "tiles",
]

_WALLS: dict[str, Colour] = {
    "red": (142, 82, 70),
    "beige": (188, 168, 138),
    "grey": (142, 142, 146),
    "green": (122, 138, 116),
}

_DOORS: dict[str, Colour] = {"brown": (96, 66, 48), "green": (56, 80, 66), "blue": (52, 70, 98)}
_TILES: dict[str, Colour] = {
    "grey": (152, 156, 160),
    "green": (128, 152, 142),
    "beige": (178, 166, 144),
}
_SIGNS: dict[str, Colour] = {"blue": (40, 74, 128), "green": (44, 96, 74), "red": (140, 44, 48)}
_AWNINGS: dict[str, Colour] = {"red": (152, 56, 54), "green": (60, 104, 78), "blue": (58, 84, 130)}
_GOODS: tuple[Colour, ...] = ((128, 74, 70), (78, 104, 128), (112, 116, 96), (142, 118, 96))
DARK: Colour = (38, 38, 44)


def plain_wall(rng: np.random.Generator, foot: float) -> Part:
    """A wall across the whole picture."""
    name, colour = named_colour(rng, _WALLS)
    strokes = (box(0, 0, 1, foot + 0.01, colour), box(0, foot - 0.03, 1, foot + 0.01, (*DARK, 90)))
    return Part("wall", (name,), strokes, background=True)


def house(rng: np.random.Generator, x0: float, x1: float, foot: float) -> list[Part]:
    """A wall with a plinth, tall windows with frames and sometimes a door."""
    name, colour = named_colour(rng, _WALLS)
    strokes = [fade(x0, 0, x1, foot + 0.01, shaded(colour, -12), shaded(colour, 6))]
    if name in {"red", "grey"}:
        mortar = (*shaded(colour, 40), 90)
        strokes += [line([(x0, y), (x1, y)], mortar, 0.006) for y in np.arange(0.01, foot, 0.03)]
    strokes.append(box(x0, foot - 0.05, x1, foot + 0.01, (*DARK, 80)))
    strokes.append(box(x1 - 0.008, 0, x1, foot, (*DARK, 120)))
    parts = [Part("wall", (name,), tuple(strokes), background=True)]
    wide, start = rng.uniform(0.11, 0.16), x0 + rng.uniform(0.04, 0.08)
    places = np.arange(start, x1 - wide - 0.02, wide + rng.uniform(0.08, 0.12)).tolist()
    door = int(rng.integers(len(places))) if places and rng.random() < 0.5 else -1
    panes = [x for number, x in enumerate(places) if number != door]
    if panes:
        parts.append(_windows(rng, panes, wide, foot))
    if door >= 0:
        parts.append(_door(rng, places[door], wide, foot))
    return parts


def _windows(rng: np.random.Generator, places: list[float], wide: float, foot: float) -> Part:
    glass, frame = jitter(rng, (74, 88, 102)), jitter(rng, (176, 170, 160), 10)
    top, low = rng.uniform(0.03, 0.08), foot - rng.uniform(0.13, 0.18)
    strokes: list[Stroke] = []
    for x in places:
        strokes += [
            box(x - 0.012, top - 0.012, x + wide + 0.012, low + 0.012, frame),
            fade(x, top, x + wide, low, shaded(glass, 34), glass),
            line([(x + wide / 2, top), (x + wide / 2, low)], frame, 0.01),
            polygon(
                [(x, low), (x, low - 0.08), (x + wide * 0.5, top), (x + wide * 0.8, top)],
                (210, 224, 236, 46),
            ),
            box(x - 0.02, low + 0.008, x + wide + 0.02, low + 0.024, shaded(frame, -30)),
        ]
    return Part("house window", ("dark",), tuple(strokes), background=True)


def _door(rng: np.random.Generator, x: float, wide: float, foot: float) -> Part:
    name, wood = named_colour(rng, _DOORS)
    top = rng.uniform(0.04, 0.1)
    strokes = (
        box(x - 0.012, top - 0.012, x + wide + 0.012, foot + 0.008, shaded(wood, 50)),
        box(x, top, x + wide, foot + 0.008, wood),
        box(x + 0.02, top + 0.03, x + wide - 0.02, top + 0.14, shaded(wood, -20)),
        box(x + 0.02, top + 0.19, x + wide - 0.02, foot - 0.03, shaded(wood, -16)),
    )
    return Part("house door", (name,), strokes, background=True)


def tiles(rng: np.random.Generator, foot: float) -> Part:
    """The tiled wall of a station hall."""
    name, tile = named_colour(rng, _TILES)
    joint, step = (*shaded(tile, -40), 120), rng.uniform(0.05, 0.08)
    strokes = [fade(0, 0, 1, foot + 0.01, shaded(tile, -20), tile)]
    strokes += [line([(0, y), (1, y)], joint, 0.005) for y in np.arange(step, foot, step)]
    strokes += [line([(x, 0), (x, foot)], joint, 0.005) for x in np.arange(step, 1, step * 2)]
    strokes.append(box(0, foot - 0.03, 1, foot + 0.01, shaded(tile, -70)))
    return Part("tiles", (name,), tuple(strokes), background=True)


def pillar(rng: np.random.Generator, x: float, foot: float) -> Part:
    """A round pillar, higher than the picture."""
    tone = jitter(rng, (124, 122, 122))
    wide = rng.uniform(0.045, 0.06)
    strokes = (
        box(x - wide, 0, x + wide, foot, tone),
        box(x - wide, 0, x - wide * 0.3, foot, (*shaded(tone, 50), 110)),
        box(x + wide * 0.4, 0, x + wide, foot, (*DARK, 90)),
        box(x - wide * 1.15, foot - 0.03, x + wide * 1.15, foot, shaded(tone, -40)),
    )
    return Part("pillar", ("grey",), strokes, background=True)


def sign(rng: np.random.Generator, x: float, y: float) -> Part:
    """A board with a bar of writing nobody can read."""
    name, board = named_colour(rng, _SIGNS)
    wide, tall = rng.uniform(0.3, 0.46), rng.uniform(0.08, 0.1)
    pale = shaded(board, 84)
    strokes = [box(x, y, x + wide, y + tall, board, 0.008)]
    places = np.arange(x + 0.03, x + wide - 0.04, 0.034).tolist()
    strokes += [
        box(
            a,
            y + tall * rng.uniform(0.28, 0.42),
            a + rng.uniform(0.014, 0.024),
            y + tall * 0.7,
            pale,
        )
        for a in places
    ]
    return Part("sign", (name,), tuple(strokes), background=True)


def shop_window(rng: np.random.Generator, x0: float, x1: float, top: float, low: float) -> Part:
    """Dark glass, dim shelves and goods, and a gleam."""
    glass = jitter(rng, (58, 64, 74))
    strokes = [
        box(x0 - 0.014, top - 0.014, x1 + 0.014, low + 0.014, (66, 62, 60)),
        fade(x0, top, x1, low, shaded(glass, 30), glass),
    ]
    shelf = low - rng.uniform(0.02, 0.04)
    x = x0 + 0.02
    while x < x1 - 0.07:
        wide, tall = rng.uniform(0.025, 0.055), rng.uniform(0.04, 0.14)
        goods = pick(rng, _GOODS)
        strokes.append(box(x, shelf - tall, x + wide, shelf, goods, 0.012))
        x += wide + rng.uniform(0.015, 0.04)
    gleam: list[Point] = [(x0, low), (x0, low - 0.12), (x0 + 0.16, top), (x0 + 0.22, top)]
    strokes.append(polygon(gleam, (214, 228, 240, 40)))
    return Part("shop window", ("dark",), tuple(strokes), background=True)


def awning(rng: np.random.Generator, top: float) -> Part:
    """A striped awning across the picture, over a shop's windows."""
    name, cloth = named_colour(rng, _AWNINGS)
    strokes: list[Stroke] = [
        polygon([(0.02, top - 0.05), (0.98, top - 0.05), (1, top + 0.04), (0, top + 0.04)], cloth)
    ]
    strokes += [
        polygon(
            [(x, top - 0.05), (x + 0.05, top - 0.05), (x + 0.05, top + 0.04), (x, top + 0.04)],
            shaded(cloth, 40),
        )
        for x in np.arange(0.06, 0.95, 0.12).tolist()
    ]
    strokes.append(box(0, top + 0.04, 1, top + 0.055, shaded(cloth, -30)))
    return Part("awning", (name,), tuple(strokes), background=True)


def far_buildings(rng: np.random.Generator, edge: float) -> Part:
    """Blocks of flats far off."""
    colour = jitter(rng, (136, 136, 140))
    strokes: list[Stroke] = []
    x = -0.04
    while x < 1:
        wide, top = rng.uniform(0.16, 0.3), rng.uniform(0.0, edge * 0.6)
        tone = jitter(rng, colour, 12)
        strokes.append(box(x, top, x + wide, edge + 0.01, tone))
        strokes += [
            box(x + 0.02, y, x + wide - 0.02, y + 0.018, shaded(tone, -40))
            for y in np.arange(top + 0.025, edge - 0.03, 0.042).tolist()
        ]
        x += wide
    return Part("skyline", ("grey",), tuple(strokes), background=True)
