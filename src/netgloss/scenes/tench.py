"""A tench, seen from the side, part by part."""

from __future__ import annotations

import numpy as np

from netgloss.scenes.animals import Flank
from netgloss.scenes.drawing import Colour, Part, Point, Stroke, jitter, line, polygon
from netgloss.scenes.palettes import named_colour
from netgloss.scenes.shapes import curve, mixed, oval, shaded, shifted, veil

__all__ = ["TENCH_TYPES", "tench"]

TENCH_TYPES = (
    "tench body",
    "tench fin",
    "tench tail",
    "tench eye",
    "tench head",
    "tench mouth",
)
"""The parts of a tench."""

_COLOURS: dict[str, Colour] = {
    "olive": (116, 112, 52),
    "golden": (176, 138, 54),
    "brown": (124, 92, 50),
    "dark green": (72, 86, 50),
}
_GOLD: Colour = (206, 170, 88)
_SIDE = (
    (-0.36, 0.07, -0.066),
    (-0.28, 0.074, -0.07),
    (-0.16, 0.108, -0.1),
    (-0.02, 0.142, -0.128),
    (0.12, 0.15, -0.136),
    (0.24, 0.136, -0.126),
    (0.34, 0.106, -0.1),
    (0.43, 0.064, -0.066),
    (0.48, 0.03, -0.036),
    (0.5, 0.002, -0.016),
)
_HEAD = 0.27  # where the gill cover ends


def tench(rng: np.random.Generator) -> list[Part]:
    """The parts of one tench, from the back to the front."""
    name, skin = named_colour(rng, _COLOURS)
    flank = Flank.through(_SIDE, rng.uniform(0.9, 1.08))
    fin = mixed(skin, (44, 40, 30), rng.uniform(0.45, 0.6))
    return [
        _tail(rng, fin),
        _fins(rng, flank, fin),
        _body(rng, flank, name, skin),
        _head(flank, name, skin),
        _near_fin(rng, flank, fin),
        _mouth(flank, skin),
        _eye(rng, flank),
    ]


def _rays(
    start: tuple[Point, Point], end: tuple[Point, Point], colour: Colour, count: int
) -> list[Stroke]:
    """The rays of a fin, from along its base to along its rim."""
    share = np.linspace(0.12, 0.88, count)[:, None, None]
    first, last = np.array([start, end]).swapaxes(0, 1)
    return [line(ray, colour, 0.0055) for ray in share * (last - first) + first]


def _tail(rng: np.random.Generator, fin: Colour) -> Part:
    """The broad tail, hardly forked."""
    up, down, notch = *rng.uniform(0.095, 0.125, 2), rng.uniform(0.01, 0.03)
    outline = [
        (-0.33, 0.06),
        (-0.4, 0.075),
        (-0.47, up),
        (-0.5, up - 0.02),
        (-0.5 + notch, 0.0),
        (-0.5, 0.02 - down),
        (-0.47, -down),
        (-0.4, -0.072),
        (-0.33, -0.056),
    ]
    strokes = [polygon(curve(outline, steps=3), fin)]
    root, rim = ((-0.35, 0.05), (-0.35, -0.05)), ((-0.485, up - 0.01), (-0.485, 0.01 - down))
    strokes += _rays(root, rim, shaded(fin, 26), 6)
    return Part("tench tail", ("dark",), tuple(strokes))


def _fins(rng: np.random.Generator, flank: Flank, fin: Colour) -> Part:
    """The rounded fins on the back and below."""
    top, low = float(flank.upper.max()), float(flank.lower.min())
    tall = rng.uniform(0.07, 0.11)
    dorsal = [
        (0.12, top - 0.03),
        (0.07, top + 0.7 * tall),
        (0.03, top + tall),
        (-0.05, top + 0.75 * tall),
        (-0.1, top + 0.3 * tall),
        (-0.08, top - 0.04),
    ]
    reach = rng.uniform(0.05, 0.08)
    pelvic = [
        (0.06, low + 0.02),
        (0.02, low - 0.7 * reach),
        (-0.04, low - reach),
        (-0.07, low - 0.6 * reach),
        (-0.02, low + 0.03),
    ]
    anal = [(-0.14, -0.08), (-0.19, -0.1 - reach), (-0.25, -0.1 - reach), (-0.24, -0.06)]
    strokes = [polygon(curve(corners, steps=3), fin) for corners in (dorsal, pelvic, anal)]
    rim = ((0.07, top + 0.72 * tall), (-0.08, top + 0.36 * tall))
    strokes += _rays(((0.1, top), (-0.07, top)), rim, shaded(fin, 24), 5)
    return Part("tench fin", ("dark",), tuple(strokes))


def _body(rng: np.random.Generator, flank: Flank, name: str, skin: Colour) -> Part:
    """The flank: dark above, golden below, a net of small scales and a wet gleam."""
    strokes = [
        polygon(flank.band(-0.36, 0.5, 0.0, 1.0), skin),
        polygon(flank.band(-0.34, 0.34, 0.0, 0.34), veil(_GOLD, 90)),
        polygon(flank.band(-0.34, 0.34, 0.0, 0.1), veil(shaded(skin, -70), 110)),
        polygon(flank.band(-0.35, 0.4, 0.66, 1.0), veil(shaded(skin, -70), 60)),
        polygon(flank.band(-0.35, 0.4, 0.83, 1.0), veil(shaded(skin, -80), 80)),
    ]
    height = np.linspace(0.06, 0.94, 5)
    rows = np.arange(-0.35, 0.3, 0.054)[:, None]
    for lean, light in ((0.11, -60), (-0.11, 50)):
        net = flank.at(np.maximum(rows + lean * (height - 0.5), -0.35), height)
        strokes += [line(thread, veil(shaded(skin, light), 66), 0.007) for thread in net]
    gleam = rng.uniform(0.66, 0.76)
    strokes.append(polygon(flank.band(-0.22, 0.3, gleam, gleam + 0.07), veil((255, 255, 240), 56)))
    for x0, wide in zip(rng.uniform(-0.2, 0.24, 3), rng.uniform(0.02, 0.05, 3), strict=True):
        patch = flank.band(x0 - wide, x0 + wide, gleam - 0.02, gleam + 0.06)
        strokes.append(polygon(patch, veil((255, 255, 246), 110)))
    return Part("tench body", (name, "scaly"), tuple(strokes))


def _head(flank: Flank, name: str, skin: Colour) -> Part:
    """The smooth head, from the round edge of the gill cover to the snout."""
    height = np.linspace(0.0, 1.0, 9)
    cover = flank.at(_HEAD - 0.045 * np.sin(np.pi * height), height)
    outline = np.concatenate([cover, flank.band(_HEAD, 0.5, 0.0, 1.0)])
    tone = shaded(skin, 8)
    plate = flank.at(0.335 - 0.03 * np.sin(np.pi * height[1:7]), height[1:7])
    strokes = (
        polygon(outline, tone),
        polygon(flank.band(_HEAD + 0.01, 0.49, 0.7, 1.0), veil(shaded(skin, -70), 90)),
        polygon(flank.band(_HEAD - 0.02, 0.47, 0.04, 0.36), veil(_GOLD, 110)),
        polygon(flank.band(_HEAD, 0.46, 0.0, 0.1), veil(shaded(skin, -70), 90)),
        line(cover[1:-1], shaded(skin, -58), 0.011),
        line(shifted(cover[2:-2], 0.009, 0), veil((255, 248, 214), 120), 0.006),
        line(plate, veil(shaded(skin, -50), 150), 0.007),
        polygon(flank.band(0.33, 0.41, 0.74, 0.82), veil((255, 255, 240), 90)),
    )
    return Part("tench head", (name,), strokes)


def _near_fin(rng: np.random.Generator, flank: Flank, fin: Colour) -> Part:
    """The paddle behind the gill cover."""
    ((x, y),) = flank.at([0.235], 0.24)
    lean = rng.uniform(0.03, 0.085)
    outline = [
        (x + 0.012, y + 0.016),
        (x - 0.04, y - 0.2 * lean),
        (x - 0.11, y - 0.6 * lean),
        (x - 0.135, y - lean - 0.02),
        (x - 0.09, y - lean - 0.045),
        (x - 0.03, y - 0.7 * lean - 0.025),
        (x + 0.006, y - 0.02),
    ]
    strokes = [polygon(curve(outline, steps=3), shaded(fin, 8))]
    rim = ((x - 0.11, y - 0.65 * lean), (x - 0.08, y - lean - 0.035))
    strokes += _rays(((x, y + 0.008), (x, y - 0.012)), rim, shaded(fin, 34), 3)
    return Part("tench fin", ("dark",), tuple(strokes))


def _mouth(flank: Flank, skin: Colour) -> Part:
    """Thick lips with a barbel at the corner."""
    lip = mixed(skin, (222, 172, 132), 0.6)
    ((x, y),) = flank.at([0.468], 0.36)
    strokes = (
        polygon(oval(x + 0.016, y + 0.02, 0.027, 0.013, -0.5, 10), lip),
        polygon(oval(x + 0.012, y - 0.004, 0.025, 0.012, 0.25, 10), shaded(lip, -18)),
        line([(x - 0.012, y + 0.012), (x + 0.036, y + 0.004)], (62, 40, 30), 0.008),
        line([(x - 0.012, y + 0.006), (x - 0.018, y - 0.028)], shaded(lip, -30), 0.007),
    )
    return Part("tench mouth", ("pink",), strokes)


def _eye(rng: np.random.Generator, flank: Flank) -> Part:
    ((x, y),) = flank.at([0.405], 0.69)
    strokes = (
        polygon(oval(x, y, 0.023, 0.022), (52, 40, 26)),
        polygon(oval(x, y, 0.0185, 0.0175), jitter(rng, (204, 92, 36), 8)),
        polygon(oval(x, y, 0.0095, 0.0095, count=8), (12, 10, 10)),
        polygon(oval(x + 0.005, y + 0.006, 0.004, 0.004, count=6), (250, 246, 236)),
    )
    return Part("tench eye", ("red",), strokes)
