"""Drawing one thing of several: a word, or a colour by its word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

from netgloss.scenes.drawing import Colour, jitter

__all__ = ["named_colour", "pick"]

Choice = TypeVar("Choice")


def pick(rng: np.random.Generator, options: Sequence[Choice]) -> Choice:
    """One of the options, each as likely; NumPy's own choice takes eight times as long.

    Example:
        >>> pick(np.random.default_rng(0), ["suitcase"])
        'suitcase'
    """
    return options[int(rng.integers(len(options)))]


def named_colour(
    rng: np.random.Generator, palette: Mapping[str, Colour], spread: float = 8.0
) -> tuple[str, Colour]:
    """A word of the palette, and its colour moved a little.

    Args:
        rng: Draws both.
        palette: Words and their colours.
        spread: As in :func:`netgloss.scenes.drawing.jitter`.
    """
    name = pick(rng, list(palette))
    return name, jitter(rng, palette[name], spread)
