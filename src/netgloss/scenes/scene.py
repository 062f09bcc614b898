"""A drawn picture with its truth: what stands where, pixel by pixel (methods 9)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Entity", "Scene"]


@dataclass(frozen=True)
class Entity:
    """One thing that can be seen in a picture.

    Args:
        type: What it is, as a person would call it, for example ``stripe``.
        attributes: How it looks, for example ``("orange",)``.
        mask: Where it can be seen, bool, shape (height, width). A pixel that shows two things
            belongs to both.
        background: Whether it belongs to the place rather than to the object of the class.
        group: What it belongs to: the whole that it is a part of, for example ``lobster`` for a
            ``lobster claw``; for a thing of the background its coarse group, such as ``nature``.
    """

    type: str
    attributes: tuple[str, ...]
    mask: NDArray[np.bool_]
    background: bool = False
    group: str = ""

    @property
    def name(self) -> str:
        """Attributes and type in one phrase, such as ``orange stripe``."""
        return " ".join((*self.attributes, self.type))


@dataclass(frozen=True)
class Scene:
    """A picture, its class and everything in it.

    Args:
        image: uint8, shape (height, width, 3).
        label: The class it was drawn for.
        entities: What can be seen, from the back to the front.
        state: The state of the planted cue, for example ``datetime``.
    """

    image: NDArray[np.uint8]
    label: str
    entities: tuple[Entity, ...]
    state: str
