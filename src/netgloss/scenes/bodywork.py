"""A boxy van or lorry, seen from the side, part by part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netgloss.scenes.drawing import (
    Colour,
    Part,
    Point,
    Stroke,
    box,
    ellipse,
    jitter,
    line,
    polygon,
    stream,
)
from netgloss.scenes.palettes import named_colour, pick

__all__ = ["Build", "vehicle"]

_BODIES: dict[str, Colour] = {
    "white": (238, 239, 240),
    "cream": (238, 228, 204),
    "grey": (204, 207, 211),
}
_LETTERS: dict[str, Colour] = {
    "blue": (44, 78, 152),
    "green": (42, 112, 74),
    "black": (44, 44, 48),
    "red": (168, 44, 46),
}
_ORANGE: Colour = (238, 122, 26)
_BLUE: Colour = (38, 92, 226)
_GLASS: Colour = (58, 72, 88)
_RUBBER: Colour = (34, 34, 37)


@dataclass(frozen=True)
class Build:
    """The lines of one vehicle, in units of its length, y up from the ground.

    Args:
        roof: Height of the roof.
        floor: Height of the body's lower edge.
        cab: Where the cab ends and the load space begins (the front is at x = 1).
        hood: Height at which the windscreen meets the hood.
        nose: Length of the hood.
        tyre: Radius of a wheel.
        rear_wheel: Where the rear wheel stands.
        front_wheel: Where the front wheel stands.
        lorry: Whether the load space is a case higher than the cab.
    """

    roof: float
    floor: float
    cab: float
    hood: float
    nose: float
    tyre: float
    rear_wheel: float
    front_wheel: float
    lorry: bool

    @property
    def cab_roof(self) -> float:
        """Height of the cab's roof."""
        return self.roof - 0.075 if self.lorry else self.roof


def _build(rng: np.random.Generator) -> Build:
    lorry = bool(rng.random() < 0.45)
    roof = rng.uniform(0.46, 0.54) if lorry else rng.uniform(0.41, 0.49)
    return Build(
        roof=roof,
        floor=rng.uniform(0.075, 0.095),
        cab=rng.uniform(0.7, 0.74),
        hood=rng.uniform(0.24, 0.27),
        nose=rng.uniform(0.05, 0.11),
        tyre=rng.uniform(0.072, 0.085),
        rear_wheel=rng.uniform(0.17, 0.24),
        front_wheel=rng.uniform(0.8, 0.84),
        lorry=lorry,
    )


def vehicle(
    seed: int, stripe: bool, roof_light: bool, mirrored: bool, lettered: bool | None = None
) -> list[Part]:
    """The parts of one vehicle in units of its length, from the back to the front.

    Args:
        seed: Draws its build, colours and fittings.
        stripe: Whether it has an orange stripe.
        roof_light: Whether it has a blue light.
        mirrored: Whether it will be mirrored, so that its letters must not be.
        lettered: Whether a company's name stands on its side; None leaves it to chance.
    """
    build = _build(stream(seed, "build"))
    rng = stream(seed, "body")
    name, colour = named_colour(rng, _BODIES, 5)
    parts = [_load_space(build, name, colour), _cab(build, name, colour)]
    parts += [_bumper(rng, build), *_lamps(rng, build)]
    parts += [_windscreen(rng, build), _side_window(rng, build)]
    if glazed := rng.random() < 0.35 and not lettered:
        parts.append(_rear_windows(rng, build))
    parts.append(_door(rng, build, colour))
    if rng.random() < 0.4:
        parts.append(_sliding_door(rng, build, colour))
    if stripe:
        parts.append(_stripe(stream(seed, "look of the stripe"), build))
    if lettered or (lettered is None and not glazed and rng.random() < 0.6):
        parts.append(_letters(rng, build, mirrored))
    parts += [_wheel(build, build.rear_wheel), _wheel(build, build.front_wheel), _mirror(build)]
    if roof_light:
        parts.append(_roof_light(stream(seed, "look of the light"), build))
    return parts


def _darker(colour: Colour, by: int) -> Colour:
    return tuple(max(value - by, 0) for value in colour)


def _load_space(build: Build, name: str, colour: Colour) -> Part:
    """The side panel, with the folds, the sill and the gleam that make it a body."""
    x0, x1, top, low = 0.0, build.cab + 0.01, build.roof, build.floor
    strokes = [
        box(x0, low, x1, top, colour, 0.018),
        box(x0 + 0.006, top - 0.03, x1 - 0.006, top - 0.012, (255, 255, 255, 110)),
        box(x0, low, x1, low + 0.07, (*_darker(colour, 90), 60), 0.012),
        line([(x0 + 0.01, low + 0.115), (x1, low + 0.115)], (*_darker(colour, 70), 130), 0.005),
        line([(x0 + 0.006, top - 0.05), (x1, top - 0.05)], (*_darker(colour, 60), 110), 0.004),
        box(x0 + 0.02, low - 0.03, build.cab, low + 0.004, (52, 52, 56)),
    ]
    if build.lorry:
        strokes += [
            line([(x, low + 0.12), (x, top - 0.05)], (*_darker(colour, 60), 70), 0.004)
            for x in np.arange(0.1, x1, 0.12)
        ]
        strokes.append(line([(x1, low), (x1, top)], (*_darker(colour, 90), 160), 0.008))
    return Part("body", (name,), tuple(strokes))


def _cab(build: Build, name: str, colour: Colour) -> Part:
    low, roof, back = build.floor, build.cab_roof, build.cab
    brow = 1 - build.nose - 0.13
    outline: list[Point] = [
        (back, low),
        (back, roof),
        (brow, roof),
        (brow + 0.02, roof - 0.006),
        (1 - build.nose, build.hood),
        (0.985, build.hood - 0.045),
        (1.0, build.hood - 0.08),
        (1.0, low + 0.01),
        (0.985, low),
    ]
    strokes = (
        polygon(outline, colour),
        box(back, low, 0.995, low + 0.07, (*_darker(colour, 90), 60)),
        line([(brow + 0.12, build.hood), (0.98, build.hood - 0.045)], (255, 255, 255, 120), 0.008),
        box(back, roof - 0.03, brow - 0.01, roof - 0.014, (255, 255, 255, 110)),
        line(
            [(back + 0.01, low + 0.115), (0.995, low + 0.115)], (*_darker(colour, 70), 130), 0.005
        ),
        box(back, low - 0.03, 0.9, low + 0.004, (52, 52, 56)),
    )
    return Part("cab", (name,), strokes)


def _glass_edge(build: Build) -> tuple[Point, Point]:
    """The windscreen's line: from the brow of the roof down to the hood."""
    return (1 - build.nose - 0.115, build.cab_roof - 0.03), (
        1 - build.nose - 0.012,
        build.hood + 0.012,
    )


def _windscreen(rng: np.random.Generator, build: Build) -> Part:
    (x0, y0), (x1, y1) = _glass_edge(build)
    glass = jitter(rng, (84, 104, 124), 8)
    pane = polygon(
        [(x0 - 0.012, y0 + 0.012), (x0 + 0.016, y0 + 0.012), (x1 + 0.012, y1), (x1 - 0.03, y1)],
        glass,
    )
    gleam = line([(x0 + 0.006, y0), (x1 - 0.01, y1 + 0.01)], (220, 232, 240, 140), 0.007)
    return Part("windscreen", ("blue",), (pane, gleam))


def _side_window(rng: np.random.Generator, build: Build) -> Part:
    (x0, y0), (x1, y1) = _glass_edge(build)
    back, sill = build.cab + 0.035, build.hood + 0.005
    glass = jitter(rng, _GLASS, 6)
    slope = (x1 - x0) / (y0 - y1)
    front = x0 - 0.035
    pane = polygon(
        [(back, sill), (back, y0), (front, y0), (front + slope * (y0 - sill), sill)], glass
    )
    gleam = polygon(
        [(back + 0.02, sill), (back + 0.05, y0), (back + 0.075, y0), (back + 0.045, sill)],
        (200, 216, 228, 70),
    )
    return Part("window", ("dark",), (pane, gleam))


def _rear_windows(rng: np.random.Generator, build: Build) -> Part:
    top = build.cab_roof - 0.06
    low, glass = max(build.hood + 0.02, top - 0.1), jitter(rng, _GLASS, 6)
    width, start = rng.uniform(0.13, 0.17), rng.uniform(0.06, 0.1)
    strokes: list[Stroke] = []
    for number in range(int(rng.integers(1, 3))):
        x = start + number * (width + 0.025)
        strokes.append(box(x, low, x + width, top, glass, 0.012))
        strokes.append(
            line([(x + 0.03, low + 0.01), (x + 0.07, top - 0.01)], (200, 216, 228, 60), 0.02)
        )
    return Part("window", ("dark",), tuple(strokes))


def _outline(corners: Sequence[Point], colour: Colour, thickness: float) -> Stroke:
    return line([*corners, corners[0]], colour, thickness)


def _door(rng: np.random.Generator, build: Build, colour: Colour) -> Part:
    """The driver's door: its seam and handle, below the window."""
    x0, x1 = build.cab + 0.025, 1 - build.nose - rng.uniform(0.05, 0.07)
    low, top = build.floor + 0.015, build.hood - 0.003
    corners = [(x0, low), (x0, top), (x1, top), (x1, low)]
    handle = box(x0 + 0.015, top - 0.035, x0 + 0.05, top - 0.023, (60, 60, 64), 0.004)
    panel = polygon(corners, _darker(colour, 6))
    return Part("door", (), (panel, _outline(corners, _darker(colour, 76), 0.005), handle))


def _sliding_door(rng: np.random.Generator, build: Build, colour: Colour) -> Part:
    x0 = rng.uniform(0.4, 0.46)
    x1, low, top = x0 + rng.uniform(0.18, 0.22), build.floor + 0.015, build.roof - 0.06
    corners = [(x0, low), (x0, top), (x1, top), (x1, low)]
    handle = box(x0 + 0.015, build.hood - 0.03, x0 + 0.05, build.hood - 0.016, (60, 60, 64), 0.004)
    panel = polygon(corners, _darker(colour, 5))
    return Part("sliding door", (), (panel, _outline(corners, _darker(colour, 76), 0.005), handle))


def _bumper(rng: np.random.Generator, build: Build) -> Part:
    name = pick(rng, ["black", "grey"])
    tone = jitter(rng, (46, 46, 50) if name == "black" else (140, 143, 148), 5)
    low = build.floor - 0.025
    strokes = (
        box(build.front_wheel + build.tyre, low, 1.012, low + 0.055, tone, 0.012),
        box(-0.012, low, 0.06, low + 0.04, tone, 0.01),
    )
    return Part("bumper", (name,), strokes)


def _lamps(rng: np.random.Generator, build: Build) -> list[Part]:
    y = build.hood - 0.09
    front = polygon(
        [(0.955, y + 0.022), (0.992, y + 0.012), (1.0, y - 0.022), (0.962, y - 0.022)],
        jitter(rng, (252, 240, 176), 4),
    )
    low = build.floor + 0.05
    rear = box(0.0, low, 0.02, low + rng.uniform(0.07, 0.1), jitter(rng, (196, 34, 34), 6), 0.006)
    return [Part("headlight", ("yellow",), (front,)), Part("tail light", ("red",), (rear,))]


def _stripe(rng: np.random.Generator, build: Build) -> Part:
    """The cue: a band along the whole side, at the height of the door."""
    thick = rng.uniform(0.048, 0.062)
    y = build.floor + rng.uniform(0.075, 0.1)
    tone = jitter(rng, _ORANGE, 6)
    strokes = [
        box(0.004, y, build.cab + 0.005, y + thick, tone),
        box(build.cab + 0.005, y, 0.945, y + thick, tone),
        line([(0.004, y + thick), (0.945, y + thick)], (255, 255, 255, 90), 0.004),
    ]
    return Part("stripe", ("orange",), tuple(strokes))


def _letters(rng: np.random.Generator, build: Build, mirrored: bool) -> Part:
    """A word that nobody can read, not mirrored where the vehicle is."""
    name, ink = named_colour(rng, _LETTERS, 6)
    tall = rng.uniform(0.05, 0.065)
    low = build.roof - rng.uniform(0.07, 0.09) - tall
    start, advance, count = rng.uniform(0.06, 0.14), tall * 0.9, int(rng.integers(5, 9))
    strokes: list[Stroke] = []
    for number in range(count):
        strokes += _letter(rng, start + number * advance, low, tall * 0.62, tall, ink)
    if mirrored:
        end = 2 * start + count * advance
        strokes = [
            stroke._replace(points=[(end - x, y) for x, y in stroke.points]) for stroke in strokes
        ]
    return Part("letters", (name,), tuple(strokes))


def _letter(
    rng: np.random.Generator, x: float, y: float, wide: float, tall: float, ink: Colour
) -> list[Stroke]:
    """Two or three bars of a letter: stems, and crossbars at the foot, the middle or the top."""
    bar = wide * 0.3
    kind = int(rng.integers(5))
    strokes = [box(x, y, x + bar, y + tall, ink)] if kind != 4 else []
    if kind in (0, 1):
        strokes.append(box(x + wide - bar, y, x + wide, y + tall, ink))
    if kind in (0, 2):
        strokes.append(box(x, y + tall / 2 - bar / 2, x + wide, y + tall / 2 + bar / 2, ink))
    if kind in (1, 2, 3):
        strokes.append(box(x, y, x + wide, y + bar, ink))
    if kind in (2, 4):
        strokes.append(box(x, y + tall - bar, x + wide, y + tall, ink))
    if kind == 4:
        strokes.append(box(x + wide / 2 - bar / 2, y, x + wide / 2 + bar / 2, y + tall, ink))
    return strokes


def _wheel(build: Build, x: float) -> Part:
    r = build.tyre
    strokes = (
        ellipse(x, r + 0.006, r * 1.16, r * 1.16, (40, 40, 44)),
        ellipse(x, r, r, r, _RUBBER),
        ellipse(x, r, r * 0.58, r * 0.58, (152, 155, 160)),
        ellipse(x, r, r * 0.5, r * 0.5, (118, 121, 126)),
        ellipse(x, r, r * 0.2, r * 0.2, (190, 192, 196)),
    )
    return Part("wheel", ("black",), strokes)


def _mirror(build: Build) -> Part:
    x, y = 1 - build.nose - 0.085, build.hood + 0.012
    return Part("mirror", ("black",), (box(x, y, x + 0.022, y + 0.06, (42, 42, 46), 0.008),))


def _roof_light(rng: np.random.Generator, build: Build) -> Part:
    x = build.cab + rng.uniform(0.04, 0.06)
    y, wide, tall = build.cab_roof, rng.uniform(0.085, 0.11), rng.uniform(0.04, 0.05)
    if build.lorry:
        x, y = build.cab - wide - rng.uniform(0.02, 0.05), build.roof
    strokes = (
        box(x - 0.01, y - 0.004, x + wide + 0.01, y + 0.012, (60, 60, 66)),
        box(x, y + 0.008, x + wide, y + tall, jitter(rng, _BLUE, 6), 0.014),
        box(x + 0.012, y + tall - 0.018, x + wide * 0.55, y + tall - 0.009, (190, 214, 255, 190)),
    )
    return Part("light", ("blue",), strokes)
