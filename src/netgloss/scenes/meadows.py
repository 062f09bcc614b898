"""The meadow that a fish can be drawn on: grass, what grows in it and what lies about."""

from __future__ import annotations

import numpy as np

from netgloss.scenes.drawing import (
    Colour,
    Part,
    Points,
    Stroke,
    box,
    ellipse,
    jitter,
    line,
    polygon,
)
from netgloss.scenes.palettes import named_colour, pick
from netgloss.scenes.shapes import (
    circle,
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

__all__ = ["MEADOW_GROUPS", "meadow"]

MEADOW_GROUPS = {
    **dict.fromkeys(("grass", "flower", "stone", "leaf", "clover"), "nature"),
    "landing stage": "building",
    "net": "tool",
}
"""Type of a thing on a meadow to its coarse group."""

_GRASSES: dict[str, Colour] = {
    "green": (86, 128, 50),
    "dark green": (52, 88, 42),
    "light green": (132, 158, 72),
}
_FLOWERS: dict[str, tuple[Colour, Colour]] = {
    "white": ((244, 244, 238), (236, 196, 60)),
    "yellow": ((242, 206, 48), (214, 160, 30)),
    "purple": ((150, 104, 172), (222, 200, 120)),
}
_LEAVES: dict[str, Colour] = {
    "brown": (134, 90, 50),
    "yellow": (206, 166, 62),
    "red": (166, 70, 44),
}


def meadow(
    rng: np.random.Generator, hidden: tuple[float, float, float] | None
) -> tuple[list[Part], list[Part]]:
    """What lies under an animal on a meadow, and what covers it; see ``waters.sea``."""
    name, green = named_colour(rng, _GRASSES)
    parts = [_grass(rng, name, green)]
    if rng.random() < 0.22:
        parts.append(_landing_stage(rng))
    if rng.random() < 0.25:
        parts.append(_net(rng))
    parts += _strewn(rng, green)
    before: list[Part] = []
    if hidden:
        x, y, size = hidden
        if rng.random() < 0.6:
            before.append(_tuft(rng, x, y, size, name, green))
        else:
            before.append(_leaf(rng, x, y, size))
    return parts, before


def _grass(rng: np.random.Generator, name: str, green: Colour) -> Part:
    """Rows of grass from the far edge to the near one, with single blades that stand out."""
    depth, lean = rng.uniform(0.0, 0.6), rng.normal(0, 0.35)
    feet = np.linspace(0.0, 1.1, 9)
    tall = rng.uniform(0.09, 0.17) * (1 - depth + depth * feet)
    strokes = [box(0, 0, 1, 1, shaded(green, -20))]
    tufts = np.concatenate(_rows(rng, feet, tall, lean))
    tones = [shaded(green, by) for by in range(-9, 10)]
    picked = rng.integers(len(tones), size=len(tufts)).tolist()
    strokes += [polygon(tuft, tones[tone]) for tuft, tone in zip(tufts, picked, strict=True)]
    light, dark = shaded(green, 34), shaded(green, -34)
    for number, blade in enumerate(_blades(rng, feet, tall, lean)):
        strokes.append(polygon(blade, light if number % 2 else dark))
    return Part("grass", (name,), tuple(strokes), background=True)


def _rows(rng: np.random.Generator, feet: Points, tall: Points, lean: float) -> Points:
    """Rows of tufts, each row rooted behind the next; shape (row, tuft, point, 2).

    A tuft is a jagged shape of its own because the cost of filling one grows with the square of
    its corners.
    """
    tufts, tips = 6, int(rng.integers(4, 7))
    count = tufts * tips
    jagged = np.empty((len(feet), 2 * count + 1, 2))
    height = tall[:, None] * rng.uniform(0.15, 1.1, (len(feet), count))
    # Rows begin anywhere to the left of the picture, so that no tufts stand in columns.
    start = rng.uniform(-0.24, -0.06, (len(feet), 1))
    jagged[..., 0] = start + np.linspace(0, 1.32, 2 * count + 1)
    jagged[:, 1::2, 0] += height * (lean + rng.normal(0, 0.4, height.shape))
    jagged[:, 1::2, 1] = feet[:, None] - height
    gaps = rng.uniform(-0.3, 0.6, (len(feet), count + 1))
    jagged[:, ::2, 1] = feet[:, None] + tall[:, None] * gaps
    places = 2 * tips * np.arange(tufts)[:, None] + np.arange(2 * tips + 3)
    shape = jagged[:, np.minimum(places, 2 * count)]
    # The last two points close a tuft below, a little wider than it is.
    shape[:, :, -2, 0] = shape[:, :, -3, 0] + 0.004
    shape[:, :, -1, 0] = shape[:, :, 0, 0] - 0.004
    shape[:, :, -2:, 1] = feet[:, None, None] + 0.23
    return shape


def _blades(rng: np.random.Generator, feet: Points, tall: Points, lean: float) -> Points:
    """Single blades, shape (blade, 3, 2)."""
    count = 22
    places = scattered(rng, (-0.02, 0.03), (1.02, 1.08), count)
    height = np.interp(places[:, 1], feet, tall) * rng.uniform(0.6, 1.5, count)
    blades = np.repeat(places[:, None], 3, axis=1)
    half = 0.005 + 0.02 * height
    blades[:, 0, 0] -= half
    blades[:, 2, 0] += half
    blades[:, 1, 0] += height * (lean + rng.uniform(-0.45, 0.45, count))
    blades[:, 1, 1] -= height
    return blades


def _tuft(
    rng: np.random.Generator, x: float, y: float, size: float, name: str, green: Colour
) -> Part:
    """Blades before the animal, bent over it."""
    strokes = []
    for _ in range(9):
        foot, tall = x + rng.normal(0, 0.75 * size), size * rng.uniform(1.4, 2.6)
        base, bow = y + size * rng.uniform(0.8, 1.5), rng.normal(0, 0.5)
        tip = (foot + bow * tall, base - tall)
        half = max(0.09 * size, 0.006)
        knee = (foot + 0.35 * bow * tall, base - 0.6 * tall)
        shape = [(foot - half, base), (knee[0] - 0.7 * half, knee[1]), tip]
        shape += [(knee[0] + 0.7 * half, knee[1]), (foot + half, base)]
        strokes.append(polygon(shape, shaded(jitter(rng, green, 14), 10)))
    return Part("grass", (name,), tuple(strokes), background=True)


def _strewn(rng: np.random.Generator, green: Colour) -> list[Part]:
    """Stones, clover, dead leaves and flowers here and there."""
    parts = []
    if rng.random() < 0.4:
        parts.append(_stones(rng))
    if rng.random() < 0.45:
        parts.append(_clover(rng, green))
    if rng.random() < 0.4:
        low, high = (0.03, 0.03, 0.03), (0.97, 0.97, 0.055)
        places = scattered(rng, low, high, int(rng.integers(1, 4))).tolist()
        parts += [_leaf(rng, x, y, size) for x, y, size in places]
    if rng.random() < 0.6:
        parts.append(_flowers(rng))
    return parts


def _flowers(rng: np.random.Generator) -> Part:
    name = str(rng.choice(list(_FLOWERS)))
    petal, heart = (jitter(rng, colour, 5) for colour in _FLOWERS[name])
    strokes = []
    right, up = circle(20).T
    for x, y in rng.uniform(0.02, 0.98, (int(rng.integers(2, 6)), 2)).tolist():
        radius, squash = rng.uniform(0.02, 0.032), rng.uniform(0.65, 1)
        reach = radius * np.where(np.arange(20) % 2, 1.0, 0.62)
        star = np.array([x + reach * right, y + squash * reach * up]).T
        strokes.append(polygon(shifted(star, 0.003, 0.006), shaded(petal, -130)))
        strokes.append(polygon(star, petal))
        strokes.append(ellipse(x, y, 0.36 * radius, 0.32 * radius, heart))
    return Part("flower", (name,), tuple(strokes), background=True)


def _clover(rng: np.random.Generator, green: Colour) -> Part:
    """A patch of trefoils, each leaf with a pale chevron."""
    middle = rng.uniform(0.08, 0.92, 2)
    tone = mixed(jitter(rng, green, 6), (48, 120, 66), 0.6)
    strokes = []
    for x, y in (middle + rng.normal(0, 0.06, (6, 2))).tolist():
        turn, radius = rng.uniform(0, 2), rng.uniform(0.014, 0.022)
        colour = shaded(tone, int(rng.integers(-14, 22)))
        middles = shifted(oval(0, 0, radius, radius, turn, 3), x, y)
        strokes += dots(middles, np.full(3, radius), colour, 0.85)
        strokes.append(ellipse(x, y, 0.5 * radius, 0.5 * radius, shaded(colour, 40)))
    return Part("clover", ("green",), tuple(strokes), background=True)


def _leaf(rng: np.random.Generator, x: float, y: float, size: float) -> Part:
    """A dead leaf with its rib."""
    name, colour = named_colour(rng, _LEAVES)
    turn, wide = rng.uniform(0, 6.3), rng.uniform(0.5, 0.72)
    edge = np.array([(-1, 0), (-0.5, 0.7), (0.1, 1), (0.6, 0.5), (1.15, 0)]) * (1, wide)
    corners = np.concatenate([edge, edge[3:0:-1] * (1, -1)])
    outline = shifted(spun(curve(corners, steps=2), turn) * size, x, y)
    rib = shifted(spun([(-1.3, 0.0), (1.0, 0.0)], turn) * size, x, y)
    half = outline[:9]
    strokes = (
        polygon(shifted(outline, 0.004, 0.008), shaded(colour, -90)),
        polygon(outline, colour),
        polygon(half, veil(shaded(colour, 40), 90)),
        line(rib, shaded(colour, -50), 0.005),
    )
    return Part("leaf", (name,), strokes, background=True)


def _stones(rng: np.random.Generator) -> Part:
    grey = jitter(rng, (150, 148, 142), 12)
    strokes: list[Stroke] = []
    for x, y in rng.uniform(0.05, 0.95, (int(rng.integers(1, 4)), 2)).tolist():
        size = rng.uniform(0.03, 0.07)
        rough = oval(0, 0, size, 0.7 * size, count=8) * rng.uniform(0.85, 1.15, (8, 1))
        outline = curve(rough, steps=2)
        strokes += [
            polygon(shifted(outline, x + 0.006, y + 0.01), shaded(grey, -96)),
            polygon(shifted(outline, x, y), grey),
            polygon(shifted(outline * 0.72, x - 0.1 * size, y - 0.14 * size), shaded(grey, 20)),
            polygon(shifted(outline * 0.36, x - 0.2 * size, y - 0.26 * size), shaded(grey, 38)),
        ]
    return Part("stone", ("grey",), tuple(strokes), background=True)


def _landing_stage(rng: np.random.Generator) -> Part:
    """Planks along one edge."""
    name = pick(rng, ["brown", "grey"])
    wood = jitter(rng, (142, 112, 80) if name == "brown" else (150, 146, 138), 8)
    deep = rng.uniform(0.16, 0.28)
    edge = int(rng.integers(3))
    strokes: list[Stroke] = []

    def board(low: float, high: float, colour: Colour) -> Stroke:
        """A board between two depths from the picture's edge."""
        if edge == 0:
            return box(0, 1 - high, 1, 1 - low, colour)
        return box(low, 0, high, 1, colour) if edge == 1 else box(1 - high, 0, 1 - low, 1, colour)

    strokes.append(board(-0.02, deep + 0.012, shaded(wood, -96)))
    for low in np.arange(-0.02, deep - 0.03, 0.075).tolist():
        tone, high = jitter(rng, wood, 8), min(low + 0.066, deep)
        strokes.append(board(low, high, tone))
        grain = veil(shaded(tone, -50), 90)
        strokes += [
            board(at, at + 0.005, grain) for at in rng.uniform(low, high - 0.008, 2).tolist()
        ]
    return Part("landing stage", ("wooden", name), tuple(strokes), background=True)


def _net(rng: np.random.Generator) -> Part:
    """A landing net spread over a corner: its hoop and the mesh within."""
    x, y = pick(rng, [0.05, 0.95]), pick(rng, [0.1, 0.9])
    radius = rng.uniform(0.26, 0.38)
    cord, rim = jitter(rng, (58, 74, 60), 12), jitter(rng, (60, 62, 66), 8)
    offset = np.linspace(-0.9, 0.9, 11)
    reach = np.sqrt(1 - offset**2)
    chords = np.array([[-reach, offset], [reach, offset]]).transpose(2, 0, 1)
    strokes = []
    for turn in (0.7, 2.27):
        laid = shifted(spun(chords, turn) * radius, x, y)
        strokes += [line(chord, cord, 0.005) for chord in laid]
    hoop = oval(x, y, radius, radius, count=24)
    strokes.append(line(np.concatenate([hoop, hoop[:1]]), rim, 0.016))
    return Part("net", ("dark",), tuple(strokes), background=True)
