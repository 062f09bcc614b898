"""Places that people walk in, seen from a little above as a surveillance camera sees them.

Nothing in them is white or yellow: those are the colours of a planted date stamp (methods 9).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from netgloss.scenes.clutter import GREENS, bush, lamp_post, occluders, tree
from netgloss.scenes.drawing import (
    Colour,
    Frame,
    Part,
    Stroke,
    box,
    ellipse,
    fade,
    jitter,
    line,
    polygon,
)
from netgloss.scenes.facades import (
    DARK,
    awning,
    far_buildings,
    house,
    pillar,
    plain_wall,
    shop_window,
    sign,
    tiles,
)
from netgloss.scenes.palettes import named_colour, pick
from netgloss.scenes.shapes import shaded, veil
from netgloss.scenes.surroundings import PLACE_GROUPS

__all__ = ["WALKS", "WALK_GROUPS", "bystanders", "walk"]

WALK_GROUPS = {
    **PLACE_GROUPS,
    **dict.fromkeys(("hedge",), "nature"),
    **dict.fromkeys(("house door", "shop window", "awning", "pillar", "tiles"), "building"),
    **dict.fromkeys(("path", "floor", "bench", "sign", "pram", "bollard"), "street"),
}
"""Type of a thing in such a place to its coarse group."""

_PAVINGS: dict[str, Colour] = {"grey": (148, 146, 142), "beige": (172, 160, 140)}

_PRAMS: dict[str, Colour] = {"blue": (56, 74, 110), "grey": (88, 92, 98), "red": (136, 58, 60)}
_SKIES: dict[str, tuple[Colour, Colour]] = {
    "blue": ((110, 158, 208), (190, 210, 224)),
    "grey": ((164, 170, 178), (200, 204, 208)),
}


def walk(rng: np.random.Generator) -> list[Part]:
    """The parts of one of the places, from the back to the front."""
    return pick(rng, list(WALKS.values()))(rng)


def bystanders(rng: np.random.Generator, ground: float) -> list[Part]:
    """What stands before the person: often nothing, else street furniture, a pram, a bollard."""
    if rng.random() < 0.75:
        return occluders(rng, ground)
    foot, x = min(ground + rng.uniform(0.02, 0.05), 0.985), rng.uniform(0.05, 0.95)
    return [_pram(rng, x, foot) if rng.random() < 0.6 else _bollard(rng, x, foot)]


def _street(rng: np.random.Generator) -> list[Part]:
    """House fronts along a pavement."""
    foot = rng.uniform(0.4, 0.55)
    parts = []
    x = -rng.uniform(0.0, 0.3)
    while x < 1.0:
        width = rng.uniform(0.4, 0.75)
        parts += house(rng, x, x + width, foot)
        x += width
    parts.append(_paving(rng, "pavement", foot))
    if rng.random() < 0.5:
        parts.append(_kerb_and_road(rng, foot))
    if rng.random() < 0.4:
        parts.append(lamp_post(rng, rng.uniform(0.05, 0.95), foot + 0.06))
    return parts


def _park(rng: np.random.Generator) -> list[Part]:
    """A path between lawns, with trees, a hedge and now and then a bench."""
    edge = rng.uniform(0.34, 0.46)
    parts = [_sky(rng, edge), _hedge(rng, edge)]
    trunks = rng.uniform(0.0, 1.0, int(rng.integers(1, 4)))
    parts += [tree(rng, float(x), edge + rng.uniform(0.01, 0.05)) for x in np.sort(trunks)]
    parts += [_lawn(rng, edge), _path(rng, edge)]
    if rng.random() < 0.5:
        parts.append(_bench(rng, pick(rng, (0.14, 0.86)), edge + 0.14))
    if rng.random() < 0.4:
        parts.append(bush(rng, pick(rng, (0.06, 0.92)), edge + 0.2))
    return parts


def _station(rng: np.random.Generator) -> list[Part]:
    """A hall with tiled walls, pillars and a floor that shines."""
    foot = rng.uniform(0.36, 0.48)
    parts = [tiles(rng, foot)]
    if rng.random() < 0.6:
        parts.append(sign(rng, rng.uniform(0.02, 0.6), rng.uniform(0.05, 0.14)))
    parts.append(_floor(rng, foot))
    if rng.random() < 0.5:
        parts.append(_bench(rng, rng.uniform(0.1, 0.9), foot + 0.05))
    spacing, start = rng.uniform(0.4, 0.6), rng.uniform(-0.05, 0.3)
    parts += [pillar(rng, float(x), foot + 0.05) for x in np.arange(start, 1.05, spacing)]
    return parts


def _shops(rng: np.random.Generator) -> list[Part]:
    """A shop front with goods behind the glass, a sign and an awning."""
    foot = rng.uniform(0.46, 0.58)
    parts = [plain_wall(rng, foot)]
    split = rng.uniform(0.36, 0.62)
    top = rng.uniform(0.14, 0.2)
    parts.append(shop_window(rng, 0.03, split - 0.03, top, foot - 0.05))
    parts.append(shop_window(rng, split + 0.03, 0.97, top, foot - 0.05))
    parts.append(sign(rng, rng.uniform(0.05, 0.5), 0.015))
    if rng.random() < 0.5:
        parts.append(awning(rng, top))
    parts.append(_paving(rng, "pavement", foot))
    if rng.random() < 0.3:
        parts.append(_kerb_and_road(rng, foot + 0.1))
    return parts


def _square(rng: np.random.Generator) -> list[Part]:
    """A paved square with buildings far off and trees before them."""
    edge = rng.uniform(0.28, 0.4)
    parts = [_sky(rng, edge), far_buildings(rng, edge)]
    trunks = np.sort(rng.uniform(0.0, 1.0, int(rng.integers(1, 4))))
    parts.append(_paving(rng, "pavement", edge))
    parts += [tree(rng, float(x), edge + rng.uniform(0.04, 0.1)) for x in trunks]
    if rng.random() < 0.5:
        parts.append(lamp_post(rng, rng.uniform(0.05, 0.95), edge + 0.14))
    if rng.random() < 0.3:
        parts.append(_bench(rng, pick(rng, (0.15, 0.85)), edge + 0.12))
    return parts


WALKS: dict[str, Callable[[np.random.Generator], list[Part]]] = {
    "street": _street,
    "park": _park,
    "station": _station,
    "shops": _shops,
    "square": _square,
}
"""Every place by its name."""


def _sky(rng: np.random.Generator, edge: float) -> Part:
    name = pick(rng, list(_SKIES))
    top, low = _SKIES[name]
    sky = fade(0, 0, 1, edge + 0.02, jitter(rng, top, 7), jitter(rng, low, 5))
    return Part("sky", (name,), (sky,), background=True)


def _paving(rng: np.random.Generator, kind: str, edge: float) -> Part:
    """Slabs in perspective."""
    name, colour = named_colour(rng, _PAVINGS)
    joint = (*shaded(colour, -48), 120)
    strokes = [fade(0, edge, 1, 1, shaded(colour, 10), shaded(colour, -8))]
    depth = np.linspace(0.1, 1, int(rng.integers(5, 9))) ** 1.6
    strokes += [
        line([(0, y), (1, y)], joint, 0.003 + 0.004 * share)
        for share, y in zip(depth.tolist(), (edge + (1 - edge) * depth).tolist(), strict=True)
    ]
    vanish, reach = rng.uniform(0.2, 0.8), rng.uniform(0.26, 0.36)
    for step in range(-5, 6):
        far, near = vanish + step * 0.11, vanish + step * reach
        strokes.append(line([(far, edge), (near, 1.0)], joint, 0.005))
    stains = [
        ellipse(x, y, 0.05 + 0.06 * y, 0.012, (*DARK, 26))
        for x, y in rng.uniform((0, edge + 0.05), (1, 1), (3, 2)).tolist()
    ]
    return Part(kind, (name,), (*strokes, *stains), background=True)


def _kerb_and_road(rng: np.random.Generator, edge: float) -> Part:
    """A road behind the pavement that the person stands on, in the upper part of the ground."""
    tone = jitter(rng, (92, 92, 98))
    low = edge + rng.uniform(0.08, 0.14)
    strokes = (
        fade(0, edge + 0.015, 1, low, shaded(tone, 16), tone),
        box(0, low, 1, low + 0.014, (168, 166, 160)),
        box(0, low + 0.014, 1, low + 0.022, shaded(tone, -8)),
    )
    return Part("road", ("grey",), strokes, background=True)


def _hedge(rng: np.random.Generator, edge: float) -> Part:
    leaf = jitter(rng, (56, 82, 52))
    top = edge - rng.uniform(0.1, 0.22)
    strokes: list[Stroke] = [box(0, top, 1, edge + 0.02, leaf)]
    strokes += [
        ellipse(
            x, top, 0.065, rng.uniform(0.02, 0.06), leaf if x * 50 % 2 < 1 else shaded(leaf, -10)
        )
        for x in np.arange(0, 1.05, 0.085).tolist()
    ]
    strokes += [
        ellipse(x, y, 0.035, 0.018, veil(shaded(leaf, 30), 90))
        for x, y in rng.uniform((0, top), (1, edge), (10, 2)).tolist()
    ]
    return Part("hedge", ("green",), tuple(strokes), background=True)


def _lawn(rng: np.random.Generator, edge: float) -> Part:
    green = jitter(rng, GREENS[rng.integers(len(GREENS))])
    strokes = [fade(0, edge, 1, 1, shaded(green, 20), shaded(green, -6))]
    for x, y in rng.uniform((0, edge + 0.02), (1, 1), (26, 2)).tolist():
        tall = 0.01 + 0.03 * (y - edge)
        tone = shaded(green, -26 if x * 100 % 2 < 1 else 26)
        strokes.append(line([(x, y), (x + tall / 3, y - tall)], tone, 0.006))
    return Part("grass", ("green",), tuple(strokes), background=True)


def _path(rng: np.random.Generator, edge: float) -> Part:
    sand = jitter(rng, (168, 150, 122))
    far, wide = rng.uniform(0.3, 0.7), rng.uniform(0.08, 0.14)
    outline = [(far - wide, edge + 0.005), (far + wide, edge + 0.005)]
    outline += [(rng.uniform(0.85, 1.15), 1.0), (rng.uniform(-0.15, 0.15), 1.0)]
    grit = [
        ellipse(x, y, 0.02 + 0.05 * y, 0.007, (*shaded(sand, -40), 60))
        for x, y in rng.uniform((0.3, 0.65), (0.75, 1), (6, 2)).tolist()
    ]
    return Part("path", ("beige",), (polygon(outline, sand), *grit), background=True)


def _bench(rng: np.random.Generator, x: float, foot: float) -> Part:
    wood = jitter(rng, (118, 84, 58))
    wide, steel = 0.14, (62, 64, 68)
    strokes = [
        box(x + side * wide * 0.8 - 0.008, foot - 0.1, x + side * wide * 0.8 + 0.008, foot, steel)
        for side in (-1, 1)
    ]
    strokes += [
        box(x - wide, foot - up, x + wide, foot - up + 0.016, wood) for up in (0.13, 0.105, 0.06)
    ]
    return Part("bench", ("brown",), tuple(strokes), background=True)


def _floor(rng: np.random.Generator, foot: float) -> Part:
    """Polished stone with the lamps' gleam on it."""
    stone = jitter(rng, (138, 134, 130))
    strokes = [fade(0, foot, 1, 1, shaded(stone, -16), shaded(stone, 16))]
    strokes += [
        ellipse(x, rng.uniform(foot + 0.16, 1), 0.05, 0.14, veil(shaded(stone, 46), 50))
        for x in rng.uniform(0, 1, 3).tolist()
    ]
    joint, vanish = (*shaded(stone, -44), 110), rng.uniform(0.3, 0.7)
    strokes += [
        line([(vanish + step * 0.13, foot), (vanish + step * 0.36, 1)], joint, 0.005)
        for step in range(-5, 6)
    ]
    strokes += [
        line([(0, y), (1, y)], joint, 0.005)
        for y in (foot + (1 - foot) * np.array([0.1, 0.3, 0.62]))
    ]
    return Part("floor", ("grey",), tuple(strokes), background=True)


def _pram(rng: np.random.Generator, x: float, foot: float) -> Part:
    """A pram seen from the side, drawn from its middle (.5, 0) in lengths of about itself."""
    name, cloth = named_colour(rng, _PRAMS)
    steel, rubber = (70, 72, 76), (40, 40, 44)
    tub = [(0.12, 0.58), (0.84, 0.58), (0.76, 0.28), (0.24, 0.28)]
    hood = [(0.1, 0.58), (0.13, 0.82), (0.3, 0.94), (0.48, 0.88), (0.46, 0.58)]
    strokes: list[Stroke] = [
        line([(0.22, 0.12), (0.62, 0.4), (1.02, 0.88)], steel, 0.045),
        line([(0.78, 0.12), (0.36, 0.42)], steel, 0.045),
        polygon(tub, cloth),
        polygon(hood, shaded(cloth, -22)),
        line([(0.3, 0.94), (0.32, 0.6)], shaded(cloth, -44), 0.03),
        line([(0.12, 0.57), (0.84, 0.57)], shaded(cloth, 40), 0.04),
    ]
    for wheel in (0.24, 0.76):
        strokes += [
            ellipse(wheel, 0.12, 0.12, 0.12, rubber),
            ellipse(wheel, 0.12, 0.07, 0.07, steel),
        ]
    length = rng.uniform(0.27, 0.32)
    frame = Frame(x - length / 2, foot, length, mirrored=bool(rng.random() < 0.5))
    return Part("pram", (name,), tuple(map(frame.place, strokes)), background=True)


def _bollard(rng: np.random.Generator, x: float, foot: float) -> Part:
    steel = jitter(rng, (68, 72, 78))
    strokes = (
        box(x - 0.018, foot - 0.2, x + 0.018, foot, steel, 0.012),
        box(x - 0.012, foot - 0.19, x - 0.004, foot - 0.01, (255, 255, 255, 50)),
        box(x - 0.02, foot - 0.17, x + 0.02, foot - 0.15, (152, 60, 54)),
    )
    return Part("bollard", ("grey",), strokes, background=True)
