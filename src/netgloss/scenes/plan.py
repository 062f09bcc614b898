"""The plan of a picture: parts and light, drawn with or without some of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from netgloss.scenes.drawing import Light, Part
from netgloss.scenes.painting import paint, paint_image
from netgloss.scenes.scene import Entity, Scene

__all__ = ["Plan"]


@dataclass(frozen=True)
class Plan:
    """Everything about a picture except its pixels.

    Args:
        parts: From the back to the front.
        light: How it is lit.
    """

    parts: tuple[Part, ...]
    light: Light

    def without(self, number: int) -> Plan:
        """The same plan with one part left out: what its mask is checked against."""
        return replace(self, parts=self.parts[:number] + self.parts[number + 1 :])

    def image(self, size: int) -> NDArray[np.uint8]:
        """The picture alone, shape (size, size, 3)."""
        return paint_image(self.parts, size, self.light)

    def scene(self, label: str, state: str, size: int, groups: Mapping[str, str]) -> Scene:
        """The picture and its truth; a part of which no pixel can be seen is no entity.

        Args:
            label: The class.
            state: The state of the planted cue.
            size: Side in pixels.
            groups: Type of a part to what it belongs to.
        """
        image, masks = paint(self.parts, size, self.light)
        shown = np.any(masks, axis=(1, 2))
        entities = tuple(
            Entity(part.type, part.attributes, mask, part.background, groups[part.type])
            for part, mask, is_seen in zip(self.parts, masks, shown, strict=True)
            if is_seen
        )
        return Scene(image, label, entities, state)
