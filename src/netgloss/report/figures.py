"""A picture beside a finding: what it shows, why it stands there, and both said in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from netgloss.report.boxes import DrawnBox
from netgloss.report.palette import ClassMark
from netgloss.report.phrasing import counted, joined, percent, plain_label

__all__ = ["Figure", "Gallery", "figure"]


@dataclass(frozen=True)
class Figure:
    """One picture beside a finding.

    Attributes:
        image: Identifier of the image.
        name: The last part of the identifier, as a caption.
        mark: The class that the model predicts.
        sure: The probability of that prediction, in words; empty when unknown.
        truth: The class it is in truth, where that differs from the prediction; else empty.
        against: Whether it contradicts the finding.
        why: Why it stands here.
        boxes: The boxes drawn on it.
    """

    image: str
    name: str
    mark: ClassMark
    sure: str
    truth: str
    against: bool
    why: str
    boxes: tuple[DrawnBox, ...]

    def described(self, has_heat: bool) -> str:
        """What the picture shows, in a sentence for a screen reader."""
        parts = [f"{self.image}, predicted {self.mark.name}"]
        if self.truth:
            parts.append(f"in truth {self.truth}")
        parts.append("with its heat map" if has_heat else "without a heat map")
        texts = list(dict.fromkeys(box.words for box in self.boxes))
        if texts:
            parts.append(f"{counted(len(self.boxes), 'box', 'boxes')}: {joined(texts)}")
        else:
            parts.append("no box")
        return "; ".join(parts) + "."


@dataclass(frozen=True)
class Gallery:
    """The pictures that stand beside a finding.

    Attributes:
        carrying: Those that carry it.
        against: Those that contradict it.
        carrying_count: How many images carry it.
        against_count: How many images contradict it.
        left_out: How many of the chosen pictures the page had no room for.
        note: What is to be said where pictures are missing; empty otherwise.
    """

    carrying: tuple[Figure, ...]
    against: tuple[Figure, ...]
    carrying_count: int
    against_count: int
    left_out: int
    note: str


def figure(
    image: Mapping[str, Any],
    mark: ClassMark,
    *,
    why: str,
    against: bool,
    boxes: tuple[DrawnBox, ...],
) -> Figure:
    """The figure of one image.

    Args:
        image: Its row of ``images.parquet``.
        mark: The mark of the predicted class.
        why: Why it stands here.
        against: Whether it contradicts the finding.
        boxes: What to draw on it.
    """
    identifier = str(image["image"])
    truth, score = image.get("truth"), image.get("score")
    differs = not pd.isna(truth) and str(truth) != mark.label
    return Figure(
        image=identifier,
        name=identifier.rpartition("/")[2],
        mark=mark,
        sure="" if score is None or pd.isna(score) else percent(float(score)),
        truth=plain_label(str(truth)) if differs else "",
        against=against,
        why=why,
        boxes=boxes,
    )
