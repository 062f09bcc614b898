"""What people answer who are not serious: random words, one answer for all images, a quick click.

Some of them are so quick that a least time an image (``answers.trust``) catches them, some not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from netgloss.answers.format import Box
from netgloss.answers.populations import Habit
from netgloss.answers.slips import inside, redraw

__all__ = ["FILLERS", "HASTE", "careless_boxes"]

FILLERS = (
    *("good", "nice", "thing", "stuff", "image", "picture", "object", "yes", "ok", "none"),
    *("dog", "cat", "flowerpot", "music", "computer", "banana", "hello", "test"),
)
"""Words that have nothing to do with the pictures."""

HASTE: Mapping[Habit, float] = MappingProxyType(
    {"random words": 0.5, "copy-paste": 0.15, "too fast": 0.05}
)
"""Their median time as a share of a serious person's."""

_ROUGH = 0.4  # standard deviation of a hasty box's edges, as a share of its side
_MOST_BOXES = 3


def careless_boxes(
    habit: Habit,
    honest: Sequence[Box],
    things: Sequence[str],
    shape: tuple[int, ...],
    person: np.random.Generator,
    rng: np.random.Generator,
) -> tuple[Box, ...]:
    """What a person with that habit says about one image.

    Args:
        habit: ``random words`` puts words anywhere, every other one from ``things``;
            ``copy-paste`` says the same about every image; ``too fast`` draws one careless box
            round one of the things that were to be described, without a look at its attributes.
        honest: The boxes that the same person would draw in earnest.
        things: Types of things on the image, under the heat or not.
        shape: The image's (height, width).
        person: Draws what is the same on all images; fresh for each of them.
        rng: Draws what differs from image to image.
    """
    if habit == "copy-paste":
        return (_anywhere(FILLERS, shape, person),)
    if habit == "too fast":
        return (_rough(honest[int(rng.integers(len(honest)))], shape, rng),) if honest else ()
    return tuple(
        _anywhere(things if things and rng.random() < 0.5 else FILLERS, shape, rng)
        for _ in range(int(rng.integers(1, _MOST_BOXES + 1)))
    )


def _anywhere(words: Sequence[str], shape: tuple[int, ...], rng: np.random.Generator) -> Box:
    """A box in any place with one of the words in it."""
    top, bottom = np.sort(rng.uniform(0, shape[0], 2)).tolist()
    left, right = np.sort(rng.uniform(0, shape[1], 2)).tolist()
    word = words[int(rng.integers(len(words)))]
    return Box(word, (), *inside((left, top, right, bottom), shape))


def _rough(box: Box, shape: tuple[int, ...], rng: np.random.Generator) -> Box:
    assert box.corners is not None  # simulated people draw every box
    x0, y0, x1, y1 = redraw(box.corners, _ROUGH, shape, rng)
    return replace(box, attributes=(), x0=x0, y0=y0, x1=x1, y1=y1)
