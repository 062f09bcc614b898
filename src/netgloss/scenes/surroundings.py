"""Places that a vehicle can stand in, for the background bias (methods 9)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from netgloss.scenes.clutter import GREENS, bush, foliage, lamp_post, tree
from netgloss.scenes.drawing import (
    Colour,
    Light,
    Part,
    Stroke,
    box,
    ellipse,
    fade,
    jitter,
    line,
    polygon,
)
from netgloss.scenes.palettes import named_colour, pick
from netgloss.scenes.shapes import scattered

__all__ = ["PLACES", "PLACE_GROUPS", "light", "place"]

PLACE_GROUPS = {
    **dict.fromkeys(("sky", "cloud", "hill", "forest", "tree", "bush", "grass"), "nature"),
    **dict.fromkeys(("skyline", "wall", "house window", "fence"), "building"),
    **dict.fromkeys(
        (
            "road",
            "lane marking",
            "pavement",
            "track",
            "guard rail",
            "lamp post",
            "bin",
            "traffic cone",
        ),
        "street",
    ),
}
"""Type of a thing in a place to its coarse group."""

_SKIES: dict[str, tuple[Colour, Colour]] = {
    "blue": ((88, 150, 214), (196, 222, 240)),
    "grey": ((168, 176, 186), (214, 218, 222)),
    "pink": ((150, 140, 186), (244, 196, 170)),
}


def place(kind: str, rng: np.random.Generator) -> list[Part]:
    """The parts of a place, from the back to the front.

    Args:
        kind: One of :data:`PLACES`.
        rng: Draws what varies.
    """
    return PLACES[kind](rng)


def light(rng: np.random.Generator) -> Light:
    """A bright, a dull or an evening light."""
    gain = rng.uniform(0.82, 1.06)
    warmth = pick(rng, [-0.03, 0.0, 0.0, 0.05])
    return Light(
        gain=(gain * (1 + warmth), gain, gain * (1 - warmth)),
        slope=rng.uniform(-0.2, 0.2),
        grain=rng.uniform(1.5, 4.0),
        seed=int(rng.integers(2**31)),
    )


def _highway(rng: np.random.Generator) -> list[Part]:
    sky = [_sky(rng, "blue"), *_clouds(rng)]
    far = _skyline(rng) if rng.random() < 0.4 else _hills(rng, rng.uniform(0.5, 0.58))
    verge = rng.uniform(0.6, 0.64)
    parts = [*sky, *far, _ground("grass", "green", jitter(rng, GREENS[3]), verge)]
    if rng.random() < 0.5:
        parts.append(_guard_rail(rng, verge))
    return [*parts, *_road(rng, verge + 0.03)]


def _street(rng: np.random.Generator) -> list[Part]:
    foot = rng.uniform(0.62, 0.66)
    parts = [_sky(rng, pick(rng, ["blue", "grey", "pink"]))]
    x = -rng.uniform(0.0, 0.25)
    while x < 1.0:
        width = rng.uniform(0.28, 0.6)
        parts += _house(rng, x, x + width, rng.uniform(-0.05, 0.2), foot)
        x += width
    parts.append(_ground("pavement", "grey", jitter(rng, (172, 168, 160)), foot))
    if rng.random() < 0.5:
        parts.append(lamp_post(rng, rng.uniform(0.05, 0.95), foot + 0.03))
    return [*parts, *_road(rng, foot + 0.05, marked=rng.random() < 0.4)]


def _woods(rng: np.random.Generator) -> list[Part]:
    parts = [_sky(rng, pick(rng, ["blue", "grey"]))]
    edge = rng.uniform(0.58, 0.64)
    dark = jitter(rng, (44, 72, 48))
    parts.append(Part("forest", ("dark",), tuple(foliage(rng, dark, edge)), background=True))
    trunks = np.sort(rng.uniform(-0.05, 1.05, rng.integers(2, 5)))
    parts += [tree(rng, float(x), edge + rng.uniform(0.0, 0.03)) for x in trunks]
    return [*parts, *_meadow(rng, edge), _track(rng)]


def _countryside(rng: np.random.Generator) -> list[Part]:
    edge = rng.uniform(0.54, 0.62)
    sky = pick(rng, ["blue", "grey", "pink"])
    parts = [_sky(rng, sky), *_clouds(rng), *_hills(rng, edge - 0.05), *_meadow(rng, edge)]
    if rng.random() < 0.5:
        parts.append(_fence(rng, edge + 0.05))
    if rng.random() < 0.6:
        parts.append(bush(rng, rng.uniform(0.0, 1.0), edge + 0.06))
    return [*parts, _track(rng)]


PLACES: dict[str, Callable[[np.random.Generator], list[Part]]] = {
    "highway": _highway,
    "street": _street,
    "woods": _woods,
    "countryside": _countryside,
}


def _sky(rng: np.random.Generator, name: str) -> Part:
    top, bottom = (jitter(rng, colour, 7) for colour in _SKIES[name])
    return Part("sky", (name,), (fade(0, 0, 1, 0.72, top, bottom),), background=True)


def _clouds(rng: np.random.Generator) -> list[Part]:
    return [_cloud(rng) for _ in range(rng.integers(0, 4))]


def _cloud(rng: np.random.Generator) -> Part:
    x, y, width = rng.uniform(0, 1), rng.uniform(0.04, 0.28), rng.uniform(0.06, 0.16)
    white = jitter(rng, (240, 243, 247), 5)
    puffs = [
        ellipse(x + dx * width, y - (lift + 0.3 * r) * width, width * r, width * r * 0.55, white)
        for dx, lift, r in zip(
            (-0.8, -0.2, 0.5, 1.0), rng.uniform(0, 0.3, 4), rng.uniform(0.4, 0.8, 4), strict=True
        )
    ]
    base = box(x - width, y - width * 0.16, x + width * 1.3, y + width * 0.04, white, width * 0.1)
    return Part("cloud", ("white",), (*puffs, base), background=True)


def _hills(rng: np.random.Generator, height: float) -> list[Part]:
    hills = []
    for depth in range(int(rng.integers(1, 3))):
        x = np.linspace(-0.05, 1.05, 24)
        wave = np.sin(x * rng.uniform(3, 8) + rng.uniform(0, 6)) * rng.uniform(0.01, 0.05)
        y = height + 0.03 * depth + wave
        colour = jitter(rng, ((112, 142, 150), (92, 128, 92))[depth])
        ridge = [(float(a), float(b)) for a, b in zip(x, y, strict=True)]
        shape = polygon([*ridge, (1.05, 0.75), (-0.05, 0.75)], colour)
        hills.append(Part("hill", (("blue", "green")[depth],), (shape,), background=True))
    return hills


def _skyline(rng: np.random.Generator) -> list[Part]:
    strokes: list[Stroke] = []
    colour = jitter(rng, (138, 148, 164))
    x = -0.02
    while x < 1:
        width, top = rng.uniform(0.05, 0.13), rng.uniform(0.36, 0.56)
        tone = jitter(rng, colour, 8)
        strokes.append(box(x, top, x + width, 0.7, tone))
        rows = np.arange(top + 0.02, 0.62, 0.035).tolist()
        pane = tuple(min(value + 26, 255) for value in tone)
        strokes += [box(x + 0.012, row, x + width - 0.012, row + 0.012, pane) for row in rows]
        x += width
    return [Part("skyline", ("grey",), tuple(strokes), background=True)]


_WALLS: dict[str, Colour] = {
    "red": (150, 84, 70),
    "beige": (204, 184, 150),
    "grey": (150, 150, 152),
    "yellow": (206, 176, 106),
}


def _house(rng: np.random.Generator, x0: float, x1: float, top: float, foot: float) -> list[Part]:
    """A wall with courses of brick or plain plaster, and its windows."""
    name, colour = named_colour(rng, _WALLS, 10.0)
    strokes = [box(x0, top, x1, foot + 0.01, colour)]
    if name in {"red", "grey"}:
        mortar = (*jitter(rng, (196, 186, 176), 4), 90)
        courses = np.arange(top, foot, 0.026).tolist()
        strokes += [line([(x0, y), (x1, y)], mortar, 0.006) for y in courses]
    else:
        strokes.append(box(x0, foot - 0.06, x1, foot + 0.01, (60, 50, 40, 60)))
    strokes.append(box(x0, top, x1, top + 0.02, (40, 36, 34, 150)))
    strokes.append(box(x1 - 0.006, top, x1, foot, (40, 36, 34, 120)))
    wall = Part("wall", (name,), tuple(strokes), background=True)
    panes = _panes(rng, x0, x1, top, foot)
    return [wall, Part("house window", ("dark",), panes, background=True)]


def _panes(
    rng: np.random.Generator, x0: float, x1: float, top: float, foot: float
) -> tuple[Stroke, ...]:
    glass, frame = jitter(rng, (70, 84, 100)), jitter(rng, (226, 222, 212), 8)
    wide, tall = rng.uniform(0.06, 0.085), rng.uniform(0.09, 0.13)
    columns = np.arange(x0 + 0.04, x1 - wide - 0.02, wide + rng.uniform(0.05, 0.08)).tolist()
    strokes = []
    for y in np.arange(top + 0.06, foot - tall - 0.05, tall + 0.09).tolist():
        for x in columns:
            strokes.append(box(x - 0.008, y - 0.008, x + wide + 0.008, y + tall + 0.008, frame))
            strokes.append(box(x, y, x + wide, y + tall, glass))
            strokes.append(box(x, y, x + wide / 2, y + tall, (255, 255, 255, 36)))
    return tuple(strokes)


def _ground(kind: str, colour_name: str, colour: Colour, top: float) -> Part:
    far = tuple(min(value + 14, 255) for value in colour)
    return Part(kind, (colour_name,), (fade(0, top, 1, 1, far, colour),), background=True)


def _road(rng: np.random.Generator, top: float, marked: bool = True) -> list[Part]:
    tone = jitter(rng, (104, 104, 108), 10)
    kerb = box(0, top, 1, top + 0.012, tuple(min(value + 70, 235) for value in tone))
    far = tuple(min(value + 18, 255) for value in tone)
    patches = [
        ellipse(
            rng.uniform(0, 1),
            rng.uniform(top + 0.05, 1),
            rng.uniform(0.05, 0.2),
            0.008,
            (60, 60, 64, 60),
        )
        for _ in range(3)
    ]
    surface = (fade(0, top, 1, 1, far, tone), *patches, kerb)
    parts = [Part("road", ("grey",), surface, background=True)]
    if marked:
        parts.append(_lane_marking(rng))
    return parts


def _lane_marking(rng: np.random.Generator) -> Part:
    y, dash, start = rng.uniform(0.93, 0.97), rng.uniform(0.14, 0.24), rng.uniform(-0.2, 0)
    white = (226, 224, 214)
    dashes = [
        polygon([(x, y), (x + dash, y), (x + dash - 0.012, y + 0.02), (x - 0.012, y + 0.02)], white)
        for x in np.arange(start, 1, dash * 1.7)
    ]
    return Part("lane marking", ("white",), tuple(dashes), background=True)


def _guard_rail(rng: np.random.Generator, foot: float) -> Part:
    steel = jitter(rng, (170, 174, 178), 6)
    posts = [
        box(x, foot - 0.03, x + 0.012, foot + 0.03, (120, 122, 126))
        for x in np.arange(0.03, 1, 0.14)
    ]
    rails = (
        box(0, foot - 0.035, 1, foot - 0.012, steel),
        box(0, foot - 0.02, 1, foot - 0.012, (110, 114, 118)),
    )
    return Part("guard rail", ("grey",), (*posts, *rails), background=True)


def _meadow(rng: np.random.Generator, top: float) -> list[Part]:
    green = jitter(rng, GREENS[rng.integers(len(GREENS))])
    far = tuple(min(value + 22, 255) for value in green)
    dark = tuple(max(value - 24, 0) for value in green)
    feet = scattered(rng, (0, top + 0.01), (1, 1), 48)
    tall = 0.012 + 0.04 * (feet[:, 1] - top)
    tips = feet + np.array([0.3 * tall, -tall]).T
    tufts = [
        line(tuft, (dark, far)[tone], 0.005)
        for tuft, tone in zip(
            np.stack([feet, tips], axis=1), rng.integers(2, size=48).tolist(), strict=True
        )
    ]
    return [Part("grass", ("green",), (fade(0, top, 1, 1, far, green), *tufts), background=True)]


def _track(rng: np.random.Generator) -> Part:
    """A dirt track for the vehicle to stand on."""
    x = np.linspace(0, 1, 14)
    upper = rng.uniform(0.7, 0.74) + rng.normal(0, 0.004, x.size)
    lower = rng.uniform(0.92, 0.97) + rng.normal(0, 0.005, x.size)
    earth = jitter(rng, (150, 126, 94))
    rim = [(float(a), float(b)) for a, b in zip(x, upper, strict=True)]
    edge = [(float(a), float(b)) for a, b in zip(x[::-1], lower[::-1], strict=True)]
    ruts = [
        line([(0, y), (1, y + rng.uniform(-0.01, 0.01))], (100, 80, 58, 90), 0.018)
        for y in (rng.uniform(0.77, 0.8), rng.uniform(0.86, 0.89))
    ]
    return Part("track", ("brown",), (polygon([*rim, *edge], earth), *ruts), background=True)


def _fence(rng: np.random.Generator, foot: float) -> Part:
    wood = jitter(rng, (132, 100, 70))
    posts = [
        box(x, foot - 0.11, x + 0.016, foot, wood)
        for x in np.arange(0.02, 1, rng.uniform(0.1, 0.16))
    ]
    rails = [box(0, foot - 0.095 + d, 1, foot - 0.08 + d, jitter(rng, wood, 6)) for d in (0, 0.04)]
    return Part("fence", ("brown",), (*rails, *posts), background=True)
