"""Date stamps as a camera prints them, and city names: digits and letters made of lines.

Methods 9, the bias sets D1 to D4: a date or a date with the time, its colour, a city's name.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot

import numpy as np

from netgloss.scenes.drawing import Colour, Part, Point, Stroke, line, stream
from netgloss.scenes.palettes import pick

__all__ = ["CITIES", "STAMP_COLOURS", "STAMP_GROUPS", "stamp"]

STAMP_GROUPS = dict.fromkeys(("day", "month", "year", "hour", "minute", "city"), "text")
"""Type of a stamp's part to its coarse group."""

STAMP_COLOURS: dict[str, Colour] = {
    "white": (250, 250, 248),
    "yellow": (252, 224, 32),
    "orange": (250, 126, 24),
}
"""The colours that a stamp can have."""

CITIES = ("PARIS", "ROME", "OSLO", "LIMA", "TOKYO", "SEOUL", "MILAN", "BERLIN", "MADRID")
"""The names that a stamp can carry."""

_OUTLINE: Colour = (18, 18, 22)

# Lines in a cell of width and height 1, y down: the seven segments of a camera's digits.
_GLYPHS: dict[str, tuple[tuple[Point, ...], ...]] = {
    "0": (((0, 0), (1, 0), (1, 1), (0, 1), (0, 0)),),
    "1": (((0.2, 0.12), (0.55, 0), (0.55, 1)),),
    "2": (((0, 0), (1, 0), (1, 0.5), (0, 0.5), (0, 1), (1, 1)),),
    "3": (((0, 0), (1, 0), (1, 1), (0, 1)), ((0.15, 0.5), (1, 0.5))),
    "4": (((0, 0), (0, 0.5), (1, 0.5)), ((1, 0), (1, 1))),
    "5": (((1, 0), (0, 0), (0, 0.5), (1, 0.5), (1, 1), (0, 1)),),
    "6": (((1, 0), (0, 0), (0, 1), (1, 1), (1, 0.5), (0, 0.5)),),
    "7": (((0, 0), (1, 0), (1, 1)),),
    "8": (((0, 0), (1, 0), (1, 1), (0, 1), (0, 0)), ((0, 0.5), (1, 0.5))),
    "9": (((1, 0.5), (0, 0.5), (0, 0), (1, 0), (1, 1), (0, 1)),),
    ":": (((0.5, 0.22), (0.5, 0.34)), ((0.5, 0.7), (0.5, 0.82))),
    "A": (((0, 1), (0, 0.3), (0.5, 0), (1, 0.3), (1, 1)), ((0, 0.62), (1, 0.62))),
    "B": (
        ((0, 0), (0, 1), (0.8, 1), (1, 0.78), (0.8, 0.5), (0, 0.5)),
        ((0.8, 0.5), (1, 0.25), (0.8, 0), (0, 0)),
    ),
    "D": (((0, 0), (0, 1), (0.6, 1), (1, 0.7), (1, 0.3), (0.6, 0), (0, 0)),),
    "E": (((1, 0), (0, 0), (0, 1), (1, 1)), ((0, 0.5), (0.8, 0.5))),
    "I": (((0.5, 0), (0.5, 1)),),
    "K": (((0, 0), (0, 1)), ((1, 0), (0.1, 0.55), (1, 1))),
    "L": (((0, 0), (0, 1), (1, 1)),),
    "M": (((0, 1), (0, 0), (0.5, 0.5), (1, 0), (1, 1)),),
    "N": (((0, 1), (0, 0), (1, 1), (1, 0)),),
    "O": (((0, 0), (1, 0), (1, 1), (0, 1), (0, 0)),),
    "P": (((0, 1), (0, 0), (1, 0), (1, 0.52), (0, 0.52)),),
    "R": (((0, 1), (0, 0), (1, 0), (1, 0.5), (0, 0.5)), ((0.45, 0.5), (1, 1))),
    "S": (((1, 0), (0, 0), (0, 0.5), (1, 0.5), (1, 1), (0, 1)),),
    "T": (((0, 0), (1, 0)), ((0.5, 0), (0.5, 1))),
    "U": (((0, 0), (0, 1), (1, 1), (1, 0)),),
    "Y": (((0, 0), (0.5, 0.45), (1, 0)), ((0.5, 0.45), (0.5, 1))),
}

# In heights of a digit.
_WIDE = 0.46
_ADVANCE = 0.8
_COLON = 0.5
_GAP = 0.55
_LINE_FEED = 1.62
_LENGTH = 12 * _ADVANCE + 4 * _GAP + _COLON
_BORDER = 0.16  # how far the outline reaches beyond a digit's lines


@dataclass(frozen=True)
class _Stand:
    """Where a stamp stands and how large it is.

    Args:
        x: Left edge of the digits.
        y: Upper edge of the digits.
        city_y: Upper edge of the city's name.
        tall: Height of a digit.
    """

    x: float
    y: float
    city_y: float
    tall: float


def stamp(seed: int, *, time: bool, city: bool, two_lines: bool, colour: str) -> list[Part]:
    """The parts of one stamp.

    Args:
        seed: Draws its place, the numbers and the city.
        time: Whether the time stands beside the date.
        city: Whether a city's name stands above or below it.
        two_lines: Whether room is left for the name; so that the digits stand where they would
            with it.
        colour: One of :data:`STAMP_COLOURS`.
    """
    stand = _stand(stream(seed, "place of the stamp"), two_lines)
    rng = stream(seed, "text of the stamp")
    numbers, name = _numbers(rng), pick(rng, CITIES)
    parts = []
    x = stand.x
    for kind, text in numbers.items():
        if kind in {"hour", "minute"} and not time:
            continue
        if kind == "hour":
            x += _GAP * stand.tall  # more room between date and time than within them
        parts.append(_text(kind, text, (x, stand.y), stand.tall, colour))
        x += _length(text) * stand.tall
        x += 0.0 if text.endswith(":") else _GAP * stand.tall
    if city:
        parts.append(_text("city", name, (stand.x, stand.city_y), stand.tall, colour))
    return parts


def _numbers(rng: np.random.Generator) -> dict[str, str]:
    """What the stamp says; the colon belongs to the hour."""
    return {
        "day": f"{rng.integers(1, 29):02d}",
        "month": f"{rng.integers(1, 13):02d}",
        "year": f"{rng.integers(2009, 2022)}",
        "hour": f"{rng.integers(24):02d}:",
        "minute": f"{rng.integers(60):02d}",
    }


def _stand(rng: np.random.Generator, two_lines: bool) -> _Stand:
    """A corner of the picture, more often a lower one, with room for the longest stamp."""
    tall = rng.uniform(0.052, 0.058)
    margin = 0.025 + _BORDER * tall
    slack = 1 - 2 * margin - _LENGTH * tall
    shift = rng.uniform(0.0, min(slack, 0.09))
    x = margin + shift if rng.random() < 0.5 else 1 - margin - _LENGTH * tall - shift
    height = tall * (1 + _LINE_FEED * two_lines)
    drop = rng.uniform(0.0, 0.04)
    top = margin + drop if rng.random() < 0.3 else 1 - margin - height - drop
    city_above = bool(rng.random() < 0.5)
    feed = _LINE_FEED * tall if two_lines else 0.0
    return _Stand(x, top + feed * city_above, top + feed * (not city_above), tall)


def _length(text: str) -> float:
    """How far the text reaches, in heights of a digit."""
    return sum(_COLON if letter == ":" else _ADVANCE for letter in text)


def _text(kind: str, text: str, corner: Point, tall: float, colour: str) -> Part:
    """Thin lines in the colour over thick dark ones, so that they can be read on any ground."""
    x, y = corner
    lines: list[list[Point]] = []
    for letter in text:
        wide = (_COLON if letter == ":" else 1.0) * _WIDE * tall
        lines += [
            [(x + wide * across, y + tall * down) for across, down in points]
            for points in _GLYPHS[letter]
        ]
        x += _length(letter) * tall
    strokes: list[Stroke] = [
        line(_capped(one, 0.13 * tall), _OUTLINE, 0.35 * tall) for one in lines
    ]
    ink = STAMP_COLOURS[colour]
    strokes += [line(_capped(one, 0.06 * tall), ink, 0.175 * tall) for one in lines]
    return Part(kind, (colour,), tuple(strokes), background=True)


def _capped(points: list[Point], by: float) -> list[Point]:
    """The line made longer at both ends, so that its corners and ends are square."""
    (x0, y0), (x1, y1) = _beyond(points[1], points[0], by), _beyond(points[-2], points[-1], by)
    return [(x0, y0), *points[1:-1], (x1, y1)]


def _beyond(start: Point, end: Point, by: float) -> Point:
    length = hypot(end[0] - start[0], end[1] - start[1])
    share = by / length
    return end[0] + (end[0] - start[0]) * share, end[1] + (end[1] - start[1]) * share
