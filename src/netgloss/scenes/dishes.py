"""The laid table that an animal can be drawn on: a plate, food and what one eats with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from netgloss.scenes.drawing import (
    Colour,
    Part,
    Point,
    Points,
    Stroke,
    box,
    ellipse,
    jitter,
    line,
    polygon,
)
from netgloss.scenes.palettes import named_colour, pick
from netgloss.scenes.shapes import curve, mixed, oval, scattered, shaded, shifted, spokes, spun

__all__ = ["PLATE_GROUPS", "plate"]

PLATE_GROUPS = {
    "table": "furniture",
    **dict.fromkeys(("plate", "fork", "knife", "glass"), "tableware"),
    **dict.fromkeys(("lemon", "lettuce", "potato"), "food"),
}
"""Type of a thing on the table to its coarse group."""

_WOODS: dict[str, Colour] = {
    "brown": (140, 94, 58),
    "dark brown": (84, 56, 40),
    "light brown": (190, 148, 104),
}
_CLOTHS: dict[str, Colour] = {"red": (186, 46, 48), "blue": (60, 92, 160), "green": (70, 124, 84)}
_STEEL: Colour = (186, 190, 194)


@dataclass(frozen=True)
class _Rim:
    """Where the plate lies."""

    x: float
    y: float
    width: float
    height: float

    def at(self, angle: float, share: float) -> Point:
        """A point on the plate, at a share of the way from the middle to the rim."""
        x = self.x + share * self.width * np.cos(angle)
        return float(x), float(self.y + share * self.height * np.sin(angle))


def plate(
    rng: np.random.Generator, hidden: tuple[float, float, float] | None
) -> tuple[list[Part], list[Part]]:
    """What lies under an animal on a plate, and what lies on it; see ``waters.sea``."""
    width = rng.uniform(0.42, 0.52)
    x, y = rng.uniform(0.46, 0.54, 2)
    rim = _Rim(x, y, width, width * rng.uniform(0.8, 1.0))
    parts = [_table(rng, rim), _plate(rng, rim)]
    if rng.random() < 0.5:
        parts += _cutlery(rng)
    if rng.random() < 0.3:
        parts.append(_glass(rng))
    parts += _food(rng, rim)
    before: list[Part] = []
    if hidden:
        x, y, size = hidden
        make = _lemon if rng.random() < 0.55 else _lettuce
        before.append(make(rng, x, y, size))
    return parts, before


def _table(rng: np.random.Generator, rim: _Rim) -> Part:
    """Boards or a checked cloth, with the shade of the plate on it."""
    if rng.random() < 0.55:
        name, wood = named_colour(rng, _WOODS, 9)
        look, strokes = ("wooden", name), _boards(rng, wood)
    else:
        name, cloth = named_colour(rng, _CLOTHS, 9)
        look, strokes = ("checked", name), _checks(rng, cloth)
    strokes += [_plate_shade(rim, grow) for grow in (0.05, 0.03)]
    return Part("table", look, tuple(strokes), background=True)


def _plate_shade(rim: _Rim, grow: float) -> Stroke:
    """What a plate darkens beside its lower right edge."""
    angle = np.linspace(-0.7, 2.7, 16)
    around = np.array([np.cos(angle), np.sin(angle)]).T
    outer = shifted(
        around * (rim.width + 0.6 * grow, rim.height + 0.6 * grow), 0.4 * grow, 0.7 * grow
    )
    inner = around[::-1] * (0.97 * rim.width, 0.97 * rim.height)
    return polygon(shifted(np.concatenate([outer, inner]), rim.x, rim.y), (16, 12, 10, 76))


def _boards(rng: np.random.Generator, wood: Colour) -> list[Stroke]:
    upright = bool(rng.random() < 0.5)
    strokes: list[Stroke] = []
    wide = rng.uniform(0.17, 0.3)

    def along(at: float, drift: float = 0.0) -> list[Point]:
        return [(at, 0.0), (at + drift, 1.0)] if upright else [(0.0, at), (1.0, at + drift)]

    for start in np.arange(-rng.uniform(0, wide), 1, wide).tolist():
        end, tone = start + wide, shaded(wood, int(rng.integers(-18, 18)))
        strokes.append(box(start, 0, end, 1, tone) if upright else box(0, start, 1, end, tone))
        for at, drift in scattered(rng, (start, -0.012), (end, 0.012), 3).tolist():
            strokes.append(line(along(at, drift), shaded(tone, -12), 0.006))
        strokes.append(line(along(end), shaded(wood, -66), 0.009))
    return strokes


def _checks(rng: np.random.Generator, colour: Colour) -> list[Stroke]:
    """A gingham cloth: two sets of stripes, darker where they cross."""
    white = jitter(rng, (234, 230, 222), 4)
    pale, wide = mixed(white, colour, 0.5), rng.uniform(0.055, 0.085)
    lines = np.arange(rng.uniform(-wide, 0), 1, 2 * wide).tolist()
    strokes = [box(0, 0, 1, 1, white)]
    strokes += [box(at, 0, at + wide, 1, pale) for at in lines]
    strokes += [box(0, at, 1, at + wide, pale) for at in lines]
    # No plate leaves the cloth free near the middle.
    strokes += [
        box(x, y, x + wide, y + wide, colour)
        for x in lines
        for y in lines
        if abs(x - 0.46) + abs(y - 0.46) > 0.3
    ]
    return strokes


def _plate(rng: np.random.Generator, rim: _Rim) -> Part:
    """A rim, a well and a gleam; some have a coloured line around."""
    white = jitter(rng, (238, 238, 234), 5)
    x, y, width, height = rim.x, rim.y, rim.width, rim.height
    strokes = [
        ellipse(x, y, width, height, shaded(white, -42)),
        ellipse(x, y - 0.006, width - 0.006, height - 0.006, white),
    ]
    if rng.random() < 0.4:
        tone = jitter(rng, (_CLOTHS["blue"], (170, 140, 80), (120, 126, 130))[rng.integers(3)], 8)
        strokes.append(ellipse(x, y - 0.006, width * 0.95, height * 0.95, tone))
        strokes.append(ellipse(x, y - 0.006, width * 0.92, height * 0.92, white))
    well = rng.uniform(0.68, 0.76)
    for shift, less, by in ((0.0, 0.0, -26), (0.008, 0.015, -7), (0.03, 0.14, 4)):
        share = well - less
        strokes.append(
            ellipse(x + shift / 2, y + shift, width * share, height * share, shaded(white, by))
        )
    angle = np.linspace(3.6, 4.6, 9) + rng.uniform(-0.3, 0.3)
    arc = [rim.at(turn, 0.86) for turn in angle.tolist()]
    strokes.append(line(arc, (255, 255, 255), 0.022))
    return Part("plate", ("white",), tuple(strokes), background=True)


def _food(rng: np.random.Generator, rim: _Rim) -> list[Part]:
    """Garnish around the middle: lettuce below, then potatoes and lemon."""
    parts: list[Part] = []
    turn = rng.uniform(0, 6.3)
    if rng.random() < 0.6:
        for number in range(int(rng.integers(1, 4))):
            x, y = rim.at(turn + 0.5 * number, rng.uniform(0.5, 0.72))
            parts.append(_lettuce(rng, x, y, rng.uniform(0.09, 0.14)))
    if rng.random() < 0.4:
        parts.append(_potatoes(rng, *rim.at(turn + rng.uniform(1.8, 2.8), 0.58)))
    if rng.random() < 0.7:
        for number in range(int(rng.integers(1, 4))):
            x, y = rim.at(turn + 3.6 + 0.45 * number, rng.uniform(0.5, 0.74))
            parts.append(_lemon(rng, x, y, rng.uniform(0.055, 0.08)))
    return parts


def _lemon(rng: np.random.Generator, x: float, y: float, size: float) -> Part:
    """A slice or a wedge."""
    rind, pulp = jitter(rng, (240, 200, 44), 6), jitter(rng, (246, 224, 110), 5)
    pith = (250, 244, 214)
    turn, squash = rng.uniform(0, 3.14), rng.uniform(0.75, 1.0)
    end = np.pi if rng.random() < 0.4 else 2 * np.pi

    angle = np.linspace(0, end, 18)
    arc = spun(np.array([np.cos(angle), squash * np.sin(angle)]).T, turn) * size
    at = np.array([x, y])
    strokes = [
        polygon(shifted(arc, x + 0.006, y + 0.01), shaded(rind, -80)),
        polygon(arc + at, rind),
        polygon(arc * 0.86 + at, pith),
        polygon(arc * 0.78 + at, pulp),
    ]
    tips = arc[1::3] * 0.84 + at
    strokes += [line(spoke, pith, 0.12 * size) for spoke in spokes((x, y), tips)]
    return Part("lemon", ("yellow",), tuple(strokes), background=True)


def _lettuce(rng: np.random.Generator, x: float, y: float, size: float) -> Part:
    """A crinkled leaf, paler towards its rib."""
    green, at = jitter(rng, (104, 152, 58), 12), np.array([x, y])
    turn, slim = rng.uniform(0, 6.3), rng.uniform(0.6, 0.8)
    outline = _frill(rng, 16, slim, turn) * size
    strokes = [
        polygon(shifted(outline, x + 0.005, y + 0.01), shaded(green, -74)),
        polygon(outline + at, shaded(green, -14)),
        polygon(outline[::3] * 0.78 + at, shaded(green, 10)),
        polygon(outline[1::4] * 0.5 + at, shaded(green, 34)),
    ]
    rib = spun([(-0.95, 0.0), (0.1, 0.05), (0.75, 0.0)], turn) * size + at
    strokes.append(line(rib, shaded(green, 80), 0.09 * size))
    tips = outline[4::8] * 0.8 + at
    strokes += [line(vein, shaded(green, 56), 0.045 * size) for vein in spokes(rib[1], tips)]
    return Part("lettuce", ("green",), tuple(strokes), background=True)


def _frill(rng: np.random.Generator, lobes: int, slim: float, turn: float) -> Points:
    """A long outline with round lobes."""
    count = 2 * lobes
    wave = np.where(np.arange(count) % 2, 1.0, 0.86) * rng.uniform(0.9, 1.08, count)
    return curve(spun(oval(0, 0, 1, slim, count=count) * wave[:, None], turn), steps=2)


def _potatoes(rng: np.random.Generator, x: float, y: float) -> Part:
    gold = jitter(rng, (214, 172, 92), 8)
    lit = shaded(gold, 20)
    strokes: list[Stroke] = []
    for dx, dy in ((-0.05, 0.0), (0.04, -0.02), (0.0, 0.045)):
        size, turn = rng.uniform(0.042, 0.055), rng.uniform(0, 3)
        shape = oval(x + dx, y + dy, size, 0.76 * size, turn)
        strokes += [
            polygon(shifted(shape, 0.006, 0.012), shaded(gold, -96)),
            polygon(shape, gold),
            polygon(shifted(shape * 0.64, 0.36 * (x + dx) - 0.008, 0.36 * (y + dy) - 0.01), lit),
            ellipse(x + dx - 0.014, y + dy - 0.018, 0.2 * size, 0.14 * size, shaded(gold, 50)),
        ]
    return Part("potato", ("yellow",), tuple(strokes), background=True)


def _cutlery(rng: np.random.Generator) -> list[Part]:
    """A fork on the left or a knife on the right, or both."""
    kind = int(rng.integers(3))
    parts = []
    if kind != 1:
        parts.append(_fork(rng, rng.uniform(0.035, 0.08), rng.uniform(-0.06, 0.06)))
    if kind != 0:
        parts.append(_knife(rng, rng.uniform(0.92, 0.965), rng.uniform(-0.06, 0.06)))
    return parts


def _fork(rng: np.random.Generator, x: float, lean: float) -> Part:
    steel = jitter(rng, _STEEL, 8)
    top = rng.uniform(0.16, 0.28)

    def at(dx: float, y: float) -> Point:
        return x + dx + lean * (y - 0.5), y

    tines = [
        line([at(dx, top), at(dx, top + 0.15)], steel, 0.009)
        for dx in (-0.024, -0.008, 0.008, 0.024)
    ]
    half = ((0.029, 0.12), (0.02, 0.2), (0.007, 0.25))
    head = [at(dx, top + dy) for dx, dy in half] + [at(-dx, top + dy) for dx, dy in half[::-1]]
    strokes = (
        line([at(0.008, top + 0.22), at(0.012, top + 0.64)], (40, 34, 32), 0.016),
        *tines,
        polygon(head, steel),
        line([at(0, top + 0.22), at(0, top + 0.64)], shaded(steel, -12), 0.018),
        line([at(-0.003, top + 0.24), at(-0.003, top + 0.62)], shaded(steel, 46), 0.005),
    )
    return Part("fork", ("grey",), strokes, background=True)


def _knife(rng: np.random.Generator, x: float, lean: float) -> Part:
    steel = jitter(rng, _STEEL, 8)
    top = rng.uniform(0.14, 0.24)

    def at(dx: float, y: float) -> Point:
        return x + dx + lean * (y - 0.5), y

    blade = [at(0.016, top + 0.36), at(-0.014, top + 0.36), at(-0.02, top + 0.1), at(0.0, top)]
    blade.append(at(0.016, top + 0.06))
    strokes = (
        line([at(0.01, top + 0.34), at(0.012, top + 0.66)], (40, 34, 32), 0.03),
        polygon(blade, shaded(steel, 16)),
        line([at(0.012, top + 0.34), at(0.01, top + 0.08)], shaded(steel, -50), 0.006),
        line([at(0, top + 0.36), at(0, top + 0.66)], shaded(steel, -34), 0.028),
        line([at(-0.005, top + 0.37), at(-0.005, top + 0.65)], shaded(steel, 34), 0.006),
    )
    return Part("knife", ("grey",), strokes, background=True)


def _glass(rng: np.random.Generator) -> Part:
    """A glass from above in an upper corner."""
    x, y = pick(rng, [0.08, 0.92]) + rng.normal(0, 0.02), rng.uniform(0.06, 0.14)
    radius = rng.uniform(0.1, 0.13)
    drink = jitter(rng, ((222, 214, 150), (206, 220, 226), (196, 150, 70))[rng.integers(3)], 6)
    strokes = (
        ellipse(x + 0.012, y + 0.018, radius, radius, mixed(drink, (60, 44, 34), 0.7)),
        ellipse(x, y, radius, radius, (214, 222, 226)),
        ellipse(x, y, radius * 0.9, radius * 0.9, shaded(drink, -44)),
        ellipse(x + 0.004, y + 0.006, radius * 0.84, radius * 0.84, drink),
        ellipse(x - 0.01, y - 0.012, radius * 0.5, radius * 0.46, shaded(drink, 16)),
        ellipse(x - 0.45 * radius, y - 0.5 * radius, radius * 0.16, radius * 0.1, (255, 255, 255)),
    )
    return Part("glass", ("round",), strokes, background=True)
