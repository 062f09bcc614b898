"""A person's head from the front or from behind, in units of the person's height, y up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from netgloss.scenes.drawing import (
    Colour,
    Part,
    Point,
    Stroke,
    ellipse,
    jitter,
    line,
    polygon,
    stream,
)
from netgloss.scenes.palettes import pick
from netgloss.scenes.shapes import shaded

__all__ = ["HEAD_TYPES", "SKINS", "Skin", "head", "neck", "skin"]

HEAD_TYPES = ("face", "eye", "nose", "mouth", "ear", "neck", "nape", "hair")
"""What a head can be made of."""

SKINS: dict[str, tuple[Colour, ...]] = {
    "light": ((236, 196, 170), (226, 178, 150)),
    "tanned": ((204, 152, 116), (184, 132, 98)),
    "dark": ((136, 92, 66), (100, 68, 50)),
}
"""Words for skin and the colours that go by them."""

_HAIR: dict[str, Colour] = {
    "black": (34, 30, 30),
    "brown": (84, 56, 38),
    "red": (146, 78, 42),
    "blond": (176, 142, 98),
    "grey": (146, 142, 138),
}
_HAIR_SHARES = (*3 * ("black", "brown"), *2 * ("blond",), "red", "grey")
_IRISES: tuple[Colour, ...] = ((40, 28, 24), (62, 42, 30), (58, 78, 92))
_CENTRE = 0.5


@dataclass(frozen=True)
class Skin:
    """The colour of somebody's skin and the word for it."""

    name: str
    colour: Colour


@dataclass(frozen=True)
class _Shape:
    """A head's lines; `chin` is the y of the chin, `tall` reaches from there to the crown."""

    tall: float
    wide: float

    @property
    def chin(self) -> float:
        return 1.0 - self.tall

    def at(self, across: float, up: float) -> Point:
        """A point: across in half widths from the middle, up in heights from the chin."""
        return _CENTRE + across * self.wide, self.chin + up * self.tall


@dataclass(frozen=True)
class _Hair:
    """Its length and colour; `tied` is long hair in a tail."""

    length: str
    name: str
    colour: Colour
    tied: bool
    parting: float


def skin(rng: np.random.Generator) -> Skin:
    """Somebody's skin."""
    name = pick(rng, list(SKINS))
    return Skin(name, jitter(rng, pick(rng, SKINS[name]), 5))


def neck(tall: float, tone: Skin, *, back: bool) -> Part:
    """The neck from the front, or the nape from behind; clothes cover its lower end.

    Args:
        tall: Height of the head.
        tone: The skin.
        back: Whether the person is seen from behind.
    """
    chin, wide = 1.0 - tall, 0.2 * tall
    foot = chin - 0.055
    column = [
        (_CENTRE - wide, chin + 0.05),
        (_CENTRE + wide, chin + 0.05),
        (_CENTRE + wide * 1.12, foot),
        (_CENTRE, foot - 0.012),
        (_CENTRE - wide * 1.12, foot),
    ]
    strokes = [polygon(column, shaded(tone.colour, -16))]
    if back:
        groove = (*shaded(tone.colour, -60), 120)
        strokes.append(line([(_CENTRE, chin + 0.03), (_CENTRE, foot)], groove, 0.012))
        return Part("nape", (), tuple(strokes))
    under = (*shaded(tone.colour, -80), 130)
    strokes.append(ellipse(_CENTRE, chin + 0.008, wide * 0.96, 0.018, under))
    return Part("neck", (), tuple(strokes))


def head(seed: int, tall: float, tone: Skin, *, back: bool) -> list[Part]:
    """The head above the neck, from the back to the front.

    Args:
        seed: Draws the face and the hair.
        tall: Height of the head.
        tone: The skin.
        back: Whether the person is seen from behind: then it is all hair.
    """
    rng = stream(seed, "head")
    shape, hair = _Shape(tall, tall * rng.uniform(0.35, 0.39)), _hair(rng)
    if back:
        return [_hair_behind(stream(seed, "strands"), shape, hair)]
    rng = stream(seed, "face")
    ears = [_ears(shape, tone)] if hair.length == "short" or hair.tied else []
    features = [_eyes(rng, shape), _nose(rng, shape, tone), _mouth(rng, shape, tone)]
    fringe = _hair_before(stream(seed, "strands"), shape, hair)
    return [*ears, _face(rng, shape, tone, hair), *features, fringe]


def _hair(rng: np.random.Generator) -> _Hair:
    length = pick(rng, ["short", "long"])
    name = pick(rng, _HAIR_SHARES)
    colour = jitter(rng, _HAIR[name], 7)
    tied = length == "long" and bool(rng.random() < 0.4)
    return _Hair(length, name, colour, tied, rng.uniform(-0.5, 0.5))


def _ears(shape: _Shape, tone: Skin) -> Part:
    strokes: list[Stroke] = []
    for side in (-1, 1):
        x, y = shape.at(side * 1.02, 0.43)
        strokes.append(
            ellipse(x, y, shape.wide * 0.16, shape.tall * 0.095, shaded(tone.colour, -12))
        )
        inner = (*shaded(tone.colour, -70), 140)
        strokes.append(ellipse(x, y, shape.wide * 0.08, shape.tall * 0.05, inner))
    return Part("ear", (), tuple(strokes))


def _face(rng: np.random.Generator, shape: _Shape, tone: Skin, hair: _Hair) -> Part:
    """Skull and jaw with the shading that rounds them, and the brows."""
    jaw = rng.uniform(0.5, 0.68)
    chin = rng.uniform(0.24, 0.36)
    half = [(0.0, 1.0), (0.6, 0.9), (0.92, 0.72), (1.0, 0.5), (0.96, 0.32), (jaw + 0.18, 0.15)]
    half += [(jaw, 0.08), (chin, 0.0)]
    outline = [shape.at(-x, y) for x, y in half] + [shape.at(x, y) for x, y in half[::-1]]
    dark = (*shaded(tone.colour, -70), 66)
    edge = [(0.45, 0.95), (0.92, 0.72), (1.0, 0.5), (0.96, 0.32), (jaw + 0.18, 0.15), (jaw, 0.08)]
    side = [shape.at(x, y) for x, y in [*edge, (0.66, 0.3), (0.7, 0.6)]]
    glow = (*shaded(tone.colour, 34), 90)
    strokes = [
        polygon(outline, tone.colour),
        polygon(side, dark),
        ellipse(*shape.at(-0.4, 0.34), shape.wide * 0.26, shape.tall * 0.08, glow),
        ellipse(*shape.at(-0.12, 0.66), shape.wide * 0.4, shape.tall * 0.07, glow),
        ellipse(*shape.at(0, 0.05), shape.wide * chin * 0.8, shape.tall * 0.035, dark),
    ]
    brow = shaded(hair.colour, -20) if hair.name != "blond" else shaded(hair.colour, -60)
    lift = rng.uniform(-0.01, 0.02)
    for turn in (-1, 1):
        ends = [shape.at(turn * 0.66, 0.545 + lift), shape.at(turn * 0.24, 0.56)]
        strokes.append(line(ends, brow, shape.tall * 0.036))
    return Part("face", (tone.name,), tuple(strokes))


def _eyes(rng: np.random.Generator, shape: _Shape) -> Part:
    """Both eyes: the white, the iris and the upper lid."""
    iris = jitter(rng, pick(rng, _IRISES), 5)
    apart, up = rng.uniform(0.42, 0.47), rng.uniform(0.45, 0.47)
    strokes: list[Stroke] = []
    for side in (-1, 1):
        x, y = shape.at(side * apart, up)
        wide, tall = shape.wide * 0.235, shape.tall * 0.047
        strokes.append(ellipse(x, y, wide, tall, (214, 210, 204)))
        strokes.append(ellipse(x, y, wide * 0.52, tall * 1.02, iris))
        lid = [(x - wide * 1.1, y + tall * 0.4), (x, y + tall), (x + wide * 1.1, y + tall * 0.4)]
        strokes.append(line(lid, (40, 28, 26), shape.tall * 0.022))
    return Part("eye", (), tuple(strokes))


def _nose(rng: np.random.Generator, shape: _Shape, tone: Skin) -> Part:
    wide, low = rng.uniform(0.16, 0.24), rng.uniform(0.28, 0.31)
    bridge = [shape.at(-0.06, 0.45), shape.at(0.1, 0.45), shape.at(wide, low), shape.at(-wide, low)]
    flank = [shape.at(0.07, 0.45), shape.at(wide, low), shape.at(0.06, low)]
    nostrils = [shape.at(-wide * 0.8, low - 0.005), shape.at(wide * 0.9, low - 0.005)]
    strokes = (
        polygon(bridge, shaded(tone.colour, 14)),
        polygon(flank, shaded(tone.colour, -34)),
        line(nostrils, shaded(tone.colour, -84), shape.tall * 0.03),
    )
    return Part("nose", (), strokes)


def _mouth(rng: np.random.Generator, shape: _Shape, tone: Skin) -> Part:
    """Upper and lower lip and the line between them."""
    wide, up = rng.uniform(0.32, 0.42), rng.uniform(0.165, 0.185)
    red = jitter(rng, (176, 84, 82), 8)
    lips = tuple((a + 2 * b) // 3 for a, b in zip(shaded(tone.colour, -30), red, strict=True))
    smile = rng.uniform(0.0, 0.022)
    middle = [shape.at(-wide, up + smile), shape.at(0, up), shape.at(wide, up + smile)]
    upper = [shape.at(-wide, up + smile), shape.at(-0.12, up + 0.03), shape.at(0.12, up + 0.03)]
    strokes = (
        polygon([*upper, shape.at(wide, up + smile), shape.at(0, up - 0.01)], shaded(lips, -22)),
        ellipse(*shape.at(0, up - 0.022), shape.wide * wide * 0.72, shape.tall * 0.026, lips),
        line(middle, shaded(lips, -74), shape.tall * 0.02),
    )
    return Part("mouth", (), strokes)


def _crown(shape: _Shape, low: float, swell: float) -> list[Point]:
    """The outer line of the hair from the left side over the top to the right one."""
    turns = np.linspace(np.pi, 0, 13)
    across, up = (1 + swell) * np.cos(turns), 0.56 + 0.47 * np.sin(turns)
    arc = [shape.at(float(x), float(y)) for x, y in zip(across, up, strict=True)]
    return [shape.at(-1 - swell, low), *arc, shape.at(1 + swell, low)]


def _hair_before(rng: np.random.Generator, shape: _Shape, hair: _Hair) -> Part:
    """The hair around a face: cap and fringe, and curtains where it is long and loose."""
    loose = hair.length == "long" and not hair.tied
    low = rng.uniform(-0.3, 0.0) if loose else rng.uniform(0.46, 0.58)
    swell = rng.uniform(0.1, 0.2) if loose else rng.uniform(0.04, 0.1)
    brow = rng.uniform(0.68, 0.78)
    line_in = 0.82 if loose else 0.9
    inner = [(line_in, low), (line_in + 0.04, 0.56), (0.72, brow - 0.02), (0.3, brow + 0.02)]
    inner += [(hair.parting, brow + 0.06), (-0.3, brow + 0.01), (-0.74, brow - 0.04)]
    inner += [(-line_in - 0.04, 0.56), (-line_in, low)]
    if loose:  # the ends fall before the shoulders
        inner = [(0.62, low - 0.03), *inner, (-0.62, low - 0.05)]
    strokes = [polygon([*_crown(shape, low, swell), *(shape.at(*p) for p in inner)], hair.colour)]
    light, dark = (*shaded(hair.colour, 46), 120), (*shaded(hair.colour, -40), 130)
    for start in (-0.7, -0.35, 0.0, 0.4):
        strand = [shape.at(hair.parting * 0.6, 0.98), shape.at(start * 1.1, brow + 0.1)]
        strokes.append(line(strand, light if start < 0 else dark, shape.tall * 0.03))
    if loose:
        strokes += [
            line([shape.at(side * 0.98, 0.6), shape.at(side * 0.92, low)], dark, shape.tall * 0.04)
            for side in (-1, 1)
        ]
    return Part("hair", (hair.length, hair.name), tuple(strokes))


def _hair_behind(rng: np.random.Generator, shape: _Shape, hair: _Hair) -> Part:
    """The back of a head: short down to the nape, loose to the shoulders, or in a tail."""
    loose = hair.length == "long" and not hair.tied
    foot = rng.uniform(-0.42, -0.18) if loose else rng.uniform(0.1, 0.2)
    swell = rng.uniform(0.1, 0.2) if loose else rng.uniform(0.04, 0.08)
    knee = 0.2 if loose else 0.34
    narrow = 0.9 if loose else 0.58
    rim = [(narrow, foot + 0.05), (narrow * 0.5, foot), (0.0, foot + 0.03)]
    rim += [(-narrow * 0.5, foot - 0.02), (-narrow, foot + 0.04)]
    strokes = [polygon([*_crown(shape, knee, swell), *(shape.at(*p) for p in rim)], hair.colour)]
    light, dark = (*shaded(hair.colour, 40), 110), (*shaded(hair.colour, -36), 130)
    whorl = shape.at(hair.parting * 0.4, 0.86)
    for across in (-0.72, -0.4, -0.1, 0.22, 0.52, 0.8):
        ends = [whorl, shape.at(across * 1.1, 0.55), shape.at(across * narrow, foot + 0.1)]
        strokes.append(line(ends, light if across < 0 else dark, shape.tall * 0.03))
    if hair.tied:
        strokes += _tail(rng, shape, hair)
    return Part("hair", (hair.length, hair.name), tuple(strokes))


def _tail(rng: np.random.Generator, shape: _Shape, hair: _Hair) -> list[Stroke]:
    """A tail of hair that hangs over the nape."""
    end, lean = rng.uniform(-0.4, -0.15), rng.uniform(-0.2, 0.2)
    outline = [(-0.2, 0.5), (0.2, 0.5), (0.3, 0.2), (0.22 + lean, end + 0.1), (lean, end)]
    outline += [(lean - 0.2, end + 0.1), (-0.3, 0.2)]
    strand = [shape.at(0.08, 0.4), shape.at(0.12, 0.1), shape.at(lean, end + 0.05)]
    return [
        polygon([shape.at(*p) for p in outline], shaded(hair.colour, -10)),
        line(strand, (*shaded(hair.colour, 44), 120), shape.tall * 0.04),
        line([shape.at(-0.24, 0.5), shape.at(0.24, 0.5)], (58, 52, 60), shape.tall * 0.05),
    ]
