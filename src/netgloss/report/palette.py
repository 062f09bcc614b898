"""One colour, one pattern and one letter a class, the same all over the page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from netgloss.report.phrasing import plain_label

__all__ = ["COLOURS", "PATTERNS", "ClassMark", "class_marks"]

COLOURS = 8
"""How many class colours ``tokens.css`` defines: ``--class-1`` to ``--class-8``."""

PATTERNS = ("plain", "rising", "falling", "level", "upright", "dotted")
"""The fills that tell classes apart without colour."""

_CYCLE = math.lcm(COLOURS, len(PATTERNS))


@dataclass(frozen=True)
class ClassMark:
    """How one class looks: its words, its letter, its colour and its pattern.

    Attributes:
        label: The class name as the classifier has it.
        name: The class name as words.
        letter: One to three characters that no other class has.
        colour: 1 to ``COLOURS``.
        pattern: One of ``PATTERNS``.
        key: Identifier of its section and its fill on the page.
    """

    label: str
    name: str
    letter: str
    colour: int
    pattern: str
    key: str


def class_marks(labels: Sequence[str]) -> dict[str, ClassMark]:
    """The mark of each class, in the order given.

    Initials are the letters where they all differ; otherwise A, B, C and so on. No two classes
    share both colour and pattern until every pair of them is used.

    >>> [mark.letter for mark in class_marks(["tench", "shark"]).values()]
    ['T', 'S']
    >>> [mark.letter for mark in class_marks(["shark", "swan"]).values()]
    ['A', 'B']
    """
    initials = [plain_label(label).strip()[:1].upper() for label in labels]
    unique = all(initials) and len(set(initials)) == len(initials)
    return {
        label: ClassMark(
            label=label,
            name=plain_label(label),
            letter=initials[place] if unique else _letter(place),
            colour=place % COLOURS + 1,
            pattern=PATTERNS[(place + place // _CYCLE) % len(PATTERNS)],
            key=f"class-{place + 1}",
        )
        for place, label in enumerate(labels)
    }


def _letter(place: int) -> str:
    """A, B, ... Z, AA, AB, ...: as a spreadsheet names its columns."""
    letters = ""
    while place >= 0:
        letters = chr(ord("A") + place % 26) + letters
        place = place // 26 - 1
    return letters
