"""The boxes that people drew, as they are shown on a picture: which carry a finding, which not."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from netgloss.concepts.table import concept_columns
from netgloss.report.phrasing import concept_words

__all__ = ["DrawnBox", "RegionIndex"]

OTHER_BOXES = 3
"""How many boxes about something else are drawn on a picture: the largest ones."""


@dataclass(frozen=True)
class DrawnBox:
    """A box on a picture.

    Attributes:
        words: What people named there.
        carries: Whether it is what the finding speaks of.
        x: Left edge in pixels of the original image.
        y: Top edge in pixels of the original image.
        width: In pixels of the original image.
        height: In pixels of the original image.
        tagged: Whether its words are written beside it; one box for each text is.
    """

    words: str
    carries: bool
    x: float
    y: float
    width: float
    height: float
    tagged: bool = False

    def tag_place(self, width: int, height: int) -> str:
        """CSS that puts the box's words above it, or below or inside where there is no room.

        Args:
            width: Width of the image in pixels.
            height: Height of the image in pixels.
        """
        left, right = self.x / width, 1 - (self.x + self.width) / width
        top, bottom = self.y / height, 1 - (self.y + self.height) / height
        sideways = f"left:{max(left, 0):.1%}" if left <= right else f"right:{max(right, 0):.1%}"
        if top >= 0.1:
            return f"{sideways};bottom:{1 - top:.1%}"
        return f"{sideways};top:{1 - bottom if bottom >= 0.1 else max(top, 0):.1%}"


class RegionIndex:
    """The regions of a study by image.

    Args:
        regions: image, type, attributes (list), x0, y0, x1, y1, in reconciled words.
    """

    def __init__(self, regions: pd.DataFrame) -> None:
        self.regions = regions
        self._rows: Mapping[Any, Any] = regions.groupby("image").indices if len(regions) else {}

    def drawn(self, image: str, columns: Collection[str]) -> tuple[DrawnBox, ...]:
        """The boxes of an image, those about something else first (they are painted below).

        Args:
            image: The image's identifier.
            columns: The columns of the concept table that a finding names; the boxes about
                others are drawn only when no box carries it.
        """
        boxes = [self._box(row, columns) for row in self._of(image)]
        known = [box for box in boxes if box is not None]
        carrying = [box for box in known if box.carries]
        others = sorted(known, key=lambda box: -box.width * box.height)[:OTHER_BOXES]
        return _tagged(carrying or others)

    def said(self, image: str, columns: Collection[str]) -> int:
        """How many regions of an image carry one of the columns, with a box or without."""
        return sum(not columns_of(row).isdisjoint(columns) for row in self._of(image))

    def _of(self, image: str) -> list[dict[str, Any]]:
        return list(self.regions.iloc[self._rows.get(image, [])].to_dict("records"))

    def _box(self, row: Mapping[str, Any], columns: Collection[str]) -> DrawnBox | None:
        edges = [
            float("nan") if pd.isna(row[e]) else float(row[e]) for e in ("x0", "y0", "x1", "y1")
        ]
        x0, y0, x1, y1 = edges
        if not all(math.isfinite(edge) for edge in edges) or x1 <= x0 or y1 <= y0:
            return None
        carried = [key for key in columns if key in columns_of(row)]
        words = concept_words(carried[-1].partition(":")[2]) if carried else region_words(row)
        return DrawnBox(words, bool(carried), x0, y0, x1 - x0, y1 - y0)


def columns_of(row: Mapping[str, Any]) -> frozenset[str]:
    """The columns of the concept table that a region sets."""
    return frozenset(concept_columns(_type(row), tuple(sorted(_attributes(row)))))


def region_words(row: Mapping[str, Any]) -> str:
    """What was said of a region: its type, or its attributes where it has none."""
    return concept_words(_type(row) or " ".join(_attributes(row))) or "no words"


def _type(row: Mapping[str, Any]) -> str:
    value = row["type"]
    return value if isinstance(value, str) else ""


def _attributes(row: Mapping[str, Any]) -> tuple[str, ...]:
    value = row["attributes"]
    if value is None or isinstance(value, float):
        return ()
    return tuple(str(word) for word in value if word)


def _tagged(boxes: list[DrawnBox]) -> tuple[DrawnBox, ...]:
    """The boxes with the largest of each text tagged."""
    largest: dict[str, int] = {}
    for place, box in enumerate(boxes):
        best = largest.get(box.words)
        if best is None or box.width * box.height > boxes[best].width * boxes[best].height:
            largest[box.words] = place
    return tuple(
        DrawnBox(b.words, b.carries, b.x, b.y, b.width, b.height, largest[b.words] == place)
        for place, b in enumerate(boxes)
    )
