"""A great white shark, seen from the side, part by part."""

from __future__ import annotations

import numpy as np

from netgloss.scenes.animals import Flank
from netgloss.scenes.drawing import Colour, Part, jitter, line, polygon
from netgloss.scenes.palettes import named_colour
from netgloss.scenes.shapes import curve, dots, mixed, oval, shaded, veil

__all__ = ["SHARK_TYPES", "shark"]

SHARK_TYPES = (
    "shark body",
    "shark fin",
    "shark tail",
    "shark mouth",
    "shark gill",
    "shark eye",
    "shark belly",
)
"""The parts of a shark."""

_COLOURS: dict[str, Colour] = {
    "grey": (122, 128, 134),
    "blue grey": (92, 112, 134),
    "dark grey": (76, 80, 88),
}
_WHITE: Colour = (226, 230, 230)
_SIDE = (
    (-0.44, 0.016, -0.014),
    (-0.38, 0.02, -0.02),
    (-0.27, 0.042, -0.042),
    (-0.12, 0.078, -0.078),
    (0.04, 0.1, -0.1),
    (0.18, 0.1, -0.104),
    (0.31, 0.08, -0.086),
    (0.41, 0.052, -0.05),
    (0.47, 0.03, -0.02),
    (0.5, 0.008, 0.004),
)


def shark(rng: np.random.Generator) -> list[Part]:
    """The parts of one shark, from the back to the front."""
    name, skin = named_colour(rng, _COLOURS)
    white = mixed(jitter(rng, _WHITE, 5), skin, 0.08)
    flank = Flank.through(_SIDE, rng.uniform(0.94, 1.18))
    parts = [_tail(rng, name, skin), _fins(rng, flank, name, skin)]
    parts.append(_body(rng, flank, name, skin))
    parts += [_belly(rng, flank, white), _mouth(rng, flank)]
    parts += [_gills(rng, flank, skin), _eye(flank, skin)]
    parts.append(_near_fin(rng, flank, name, skin))
    return parts


def _tail(rng: np.random.Generator, name: str, skin: Colour) -> Part:
    """The crescent, its upper lobe a little longer."""
    up, down, lean = rng.uniform(0.13, 0.17), rng.uniform(0.1, 0.14), rng.uniform(-0.01, 0.02)
    outline = [
        (-0.4, 0.014),
        (-0.445, 0.05),
        (-0.49 + lean, up),
        (-0.505 + lean, up),
        (-0.472, 0.03),
        (-0.47, -0.012),
        (-0.5 + lean, -down),
        (-0.48 + lean, -down),
        (-0.44, -0.04),
        (-0.4, -0.014),
    ]
    edge = [(-0.452, 0.045), (-0.494 + lean, up - 0.01), (-0.468, 0.02)]
    low = [(-0.46, -0.02), (-0.492 + lean, -down + 0.01), (-0.448, -0.04)]
    strokes = (
        polygon(curve(outline, steps=3), shaded(skin, -12)),
        polygon(edge, veil(shaded(skin, -50), 70)),
        polygon(low, veil(shaded(skin, -50), 90)),
    )
    return Part("shark tail", (name,), strokes)


def _fins(rng: np.random.Generator, flank: Flank, name: str, skin: Colour) -> Part:
    """What stands off the body behind it: the fins of the back, the far one, the small ones."""
    top, low = float(flank.upper.max()), float(flank.lower.min())
    tall, back = rng.uniform(0.12, 0.155), rng.uniform(-0.02, 0.03)
    dorsal = [
        (0.1, top - 0.03),
        (0.06, top + 0.2 * tall),
        (0.0 - back, top + 0.9 * tall),
        (-0.035 - back, top + tall),
        (-0.03 - back, top + 0.55 * tall),
        (-0.055, top + 0.06),
        (-0.04, top - 0.04),
    ]
    reach = rng.uniform(0.08, 0.13)
    far = [(0.2, low + 0.05), (0.13, low - 0.3 * reach), (0.06, low - reach), (0.09, low + 0.04)]
    small = [(-0.29, 0.03), (-0.33, 0.07), (-0.345, 0.068), (-0.335, 0.02)]
    pelvic = [(-0.12, low * 0.6), (-0.2, low * 0.62 - 0.05), (-0.215, low * 0.6 - 0.045)]
    pelvic.append((-0.19, low * 0.4))
    anal = [(-0.3, -0.02), (-0.35, -0.06), (-0.36, -0.055), (-0.345, -0.015)]
    dark = shaded(skin, -26)
    gleam = [(0.06, top), (-0.012 - back, top + 0.8 * tall), (0.02, top)]
    strokes = (
        polygon(curve(far, steps=3), shaded(skin, -40)),
        polygon(curve(dorsal, steps=3), dark),
        polygon(gleam, veil(shaded(skin, 40), 70)),
        polygon(small, dark),
        polygon(pelvic, dark),
        polygon(anal, dark),
    )
    return Part("shark fin", (name,), strokes)


def _body(rng: np.random.Generator, flank: Flank, name: str, skin: Colour) -> Part:
    """The spindle: dark along the back, a gleam below it, a few blotches."""
    strokes = [polygon(flank.band(-0.44, 0.5, 0.0, 1.0), skin)]
    for high, opacity in ((0.62, 40), (0.76, 50), (0.88, 60)):
        strokes.append(
            polygon(flank.band(-0.43, 0.49, high, 1.0), veil(shaded(skin, -70), opacity))
        )
    gleam = rng.uniform(0.74, 0.82)
    x = np.linspace(-0.1, 0.42, 8)
    above, below = flank.at(x, np.array([[gleam + 0.07], [gleam - 0.03]]))
    strip = np.concatenate([above, below[::-1]])
    strokes.append(polygon(strip, veil(shaded(skin, 84), 60)))
    middles = flank.at(rng.uniform(-0.3, 0.45, 4), rng.uniform(0.4, 0.8, 4))
    strokes += dots(middles, rng.uniform(0.015, 0.04, 4), veil(shaded(skin, -50), 50), 0.3)
    strokes.append(polygon(oval(0.465, 0.012, 0.008, 0.004, count=6), shaded(skin, -60)))
    return Part("shark body", (name,), tuple(strokes))


def _belly(rng: np.random.Generator, flank: Flank, white: Colour) -> Part:
    """The white underside, up to a ragged line."""
    x = np.linspace(-0.36, 0.487, 20)
    line_of_colour = rng.uniform(0.3, 0.38) + 0.04 * np.sin(x * rng.uniform(18, 30))
    line_of_colour += 0.1 * np.clip(x - 0.2, 0, 1) + rng.normal(0, 0.02, x.size)
    shares = np.multiply.outer((1.0, 0.4, 0.18, 0.0), line_of_colour)
    upper, low, lowest, edge = flank.at(x, shares)
    back = edge[::-1]
    strokes = (
        polygon(np.concatenate([upper, back]), white),
        polygon(np.concatenate([low, back]), veil((96, 112, 124), 70)),
        polygon(np.concatenate([lowest, back]), veil((80, 96, 110), 80)),
    )
    return Part("shark belly", ("white",), strokes)


def _mouth(rng: np.random.Generator, flank: Flank) -> Part:
    """Under the snout: a dark gap, open or nearly closed, with teeth."""
    opened = rng.uniform(0.006, 0.04)
    x = np.linspace(0.31, 0.435, 7)
    bow = np.array([0.1, 0.2, 0.27, 0.3, 0.31, 0.28, 0.2])
    upper = flank.at(x, bow)
    gap = opened * np.sin(np.linspace(0.1, np.pi, 7))
    lower = upper - np.column_stack([np.zeros(7), gap + 0.008])
    strokes = [polygon(np.concatenate([upper, lower[::-1]]), (70, 28, 34))]
    strokes.append(line(upper, (44, 30, 36), 0.006))
    if opened > 0.012:
        tips = upper[1:6] - np.column_stack([np.zeros(5), gap[1:6] * 0.62])
        teeth = np.empty((11, 2))
        teeth[0::2], teeth[1::2] = np.linspace(upper[1], upper[5], 6), tips
        strokes.append(polygon(np.concatenate([teeth, upper[5:0:-1]]), (240, 238, 228)))
    return Part("shark mouth", ("open",) if opened > 0.012 else ("closed",), tuple(strokes))


def _gills(rng: np.random.Generator, flank: Flank, skin: Colour) -> Part:
    start, number = rng.uniform(0.17, 0.19), np.arange(5)[:, None]
    x = start + 0.021 * number + np.array([0.004, -0.005, -0.003])
    slits = flank.at(x, np.array([0.68, 0.5, 0.33]) + number * np.array([0.0, 0.0, 0.01]))
    strokes = [line(slit, shaded(skin, -62), 0.0075) for slit in slits]
    return Part("shark gill", ("dark",), tuple(strokes))


def _eye(flank: Flank, skin: Colour) -> Part:
    ((x, y),) = flank.at([0.4], 0.66)
    strokes = (
        polygon(oval(x, y, 0.016, 0.0145), shaded(skin, -34)),
        polygon(oval(x, y, 0.012, 0.0115), (14, 14, 18)),
        polygon(oval(x + 0.003, y + 0.004, 0.0035, 0.0035, count=6), (214, 222, 228)),
    )
    return Part("shark eye", ("black",), strokes)


def _near_fin(rng: np.random.Generator, flank: Flank, name: str, skin: Colour) -> Part:
    """The pectoral fin on this side, over the flank and out below it."""
    ((x, y),) = flank.at([0.15], 0.24)
    sweep, reach = rng.uniform(0.1, 0.17), rng.uniform(0.13, 0.18)
    tip = (x - sweep, y - reach)
    corners = [
        (x + 0.03, y + 0.006),
        (x - 0.3 * sweep, y - 0.5 * reach),
        (x - 0.9 * sweep, y - 0.97 * reach),
        tip,
        (x - 0.86 * sweep, y - 0.6 * reach),
        (x - 0.085, y - 0.01),
        (x - 0.05, y + 0.016),
    ]
    rear = (x - 0.92 * sweep, y - 0.92 * reach)
    edge = [(x - 0.075, y - 0.016), rear, (x - 0.5 * sweep, y - 0.45 * reach), (x - 0.04, y - 0.01)]
    strokes = (
        polygon(curve(corners, steps=3), shaded(skin, -16)),
        polygon(edge, veil(shaded(skin, -70), 90)),
        line(
            [(x + 0.015, y - 0.01), (x - 0.84 * sweep, y - 0.92 * reach)], shaded(skin, 14), 0.007
        ),
    )
    return Part("shark fin", (name,), strokes)
