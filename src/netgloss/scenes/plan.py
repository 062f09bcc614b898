"""The plan of a picture: parts and light, drawn with or without some of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from netgloss.scenes.drawing import Light, Part, paint
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

    def scene(self, label: str, cue: bool, size: int) -> Scene:
        """The picture and its truth; a part of which no pixel can be seen is no entity."""
        image, masks = paint(self.parts, size, self.light)
        entities = tuple(
            Entity(part.type, part.attributes, mask, part.background)
            for part, mask in zip(self.parts, masks, strict=True)
            if mask.any()
        )
        return Scene(image, label, entities, cue)
