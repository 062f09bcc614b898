"""Which images stand beside a finding: some that carry it and some that contradict it.

They are drawn at random with a seed made from the finding, so that nobody picks the flattering
ones and the same study gives the same page.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Choice", "choose"]


@dataclass(frozen=True)
class Choice:
    """The images chosen for one finding, and how many there were to choose from.

    Attributes:
        carrying: Predicted as the label, and the expression holds.
        without: Predicted as the label, but the expression does not hold.
        elsewhere: The expression holds, but another label is predicted.
        carrying_count: How many images carry the finding.
        label_count: How many images are predicted as the label.
        elsewhere_count: How many images of other labels the expression holds for.
        other_count: How many images are predicted as another label.
    """

    carrying: tuple[str, ...]
    without: tuple[str, ...]
    elsewhere: tuple[str, ...]
    carrying_count: int
    label_count: int
    elsewhere_count: int
    other_count: int


def choose(
    images: Sequence[str],
    labels: NDArray[np.object_],
    holds: NDArray[np.bool_],
    label: str,
    *,
    seed: str,
    examples: int = 3,
    against: int = 2,
) -> Choice:
    """Draws the images that carry a finding and those that contradict it.

    The counter-examples are one of each kind where both exist, otherwise all of one kind.

    Args:
        images: Identifier of each image.
        labels: Predicted label of each image, shape (image,).
        holds: Whether the expression holds for each image, shape (image,).
        label: The finding's label.
        seed: A text that stands for the finding; the same text draws the same images.
        examples: How many images that carry it.
        against: How many images that contradict it.
    """
    order = np.random.default_rng(zlib.crc32(seed.encode())).permutation(len(images))
    is_label = labels == label
    carrying = [images[i] for i in order if holds[i] and is_label[i]]
    without = [images[i] for i in order if not holds[i] and is_label[i]]
    elsewhere = [images[i] for i in order if holds[i] and not is_label[i]]
    missing = min(len(without), max(against - len(elsewhere), (against + 1) // 2))
    return Choice(
        carrying=tuple(carrying[:examples]),
        without=tuple(without[:missing]),
        elsewhere=tuple(elsewhere[: against - missing]),
        carrying_count=len(carrying),
        label_count=int(is_label.sum()),
        elsewhere_count=len(elsewhere),
        other_count=len(images) - int(is_label.sum()),
    )
