"""A map of the local view as a page shows it: in its column, and in its detail (Figure 20)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netgloss.explanations.labels import best_labels
from netgloss.explanations.local import LayerColumn, MergedMap, Part
from netgloss.report.anv_pictures import MapPictures, as_uri
from netgloss.report.anv_view import FEW_GAMES, behind, colour_of, score_text, words_of
from netgloss.report.phrasing import concept_words, counted, percent

__all__ = ["Bank", "PageBar", "PageMap", "PagePart", "page_map"]

LISTED = 12
"""Labels whose scores the detail of a map shows."""


@dataclass(frozen=True)
class PageBar:
    """One label's score as a bar.

    Attributes:
        words: The label.
        score: Its score as a text.
        segments: Of each part that adds to it: its number, where it begins and how long it is,
            as shares of the longest bar.
    """

    words: str
    score: str
    segments: tuple[tuple[int, float, float], ...]


@dataclass(frozen=True)
class PagePart:
    """One cluster map that went into a merged one."""

    number: int
    evidence: str
    words: str
    facts: str
    picture: str


@dataclass(frozen=True)
class PageMap:
    """A merged map as a page shows it.

    Attributes:
        key: Identifier on the page.
        words: Its labels; empty without.
        colour: Of its first label; 0 for none.
        sure: Whether enough games stand behind its words.
        weight: As a text.
        bar: The weight as a share of the heaviest.
        behind: What stands behind it, in a few words.
        layer: The name of its layer.
        picture: The key of its overlay among the page's pictures.
        masked: The key of what players saw on average.
        seen: What that picture is, in words.
        facts: What the detail lists, as name and value.
        bars: The scores of its labels.
        parts: What went into it; empty where it is a single cluster map.
    """

    key: str
    words: str
    colour: int
    sure: bool
    weight: str
    bar: float
    behind: str
    layer: str
    picture: str
    masked: str
    seen: str
    facts: tuple[tuple[str, str], ...]
    bars: tuple[PageBar, ...]
    parts: tuple[PagePart, ...]


class Bank:
    """The pictures of one view by key; each is encoded once.

    Args:
        draw: Draws them.
        key: What all their keys begin with.

    Attributes:
        stored: Key -> ``data:`` address, width and height in pixels.
    """

    def __init__(self, draw: MapPictures, key: str) -> None:
        self.draw = draw
        self.key = key
        self.stored: dict[str, tuple[str, int, int]] = {}

    def bare(self, image: str) -> str:
        """The key of the image itself."""
        return self._keep("bare", self.draw.bare(image))

    def overlay(self, image: str, name: str, heat: NDArray[np.floating]) -> str:
        """The key of a map on its image."""
        return self._keep(name, self.draw.overlay(image, heat))

    def masked(self, image: str, found: MergedMap) -> str:
        """The key of what players saw of a map."""
        return self._keep(f"{found.key}-seen", self.draw.masked(image, found))

    def _keep(self, name: str, pixels: NDArray[np.uint8]) -> str:
        key = f"{self.key}-{name.replace('/', '-')}"
        if key not in self.stored:
            self.stored[key] = as_uri(pixels), int(pixels.shape[1]), int(pixels.shape[0])
        return key


def page_map(
    bank: Bank,
    image: str,
    layer: LayerColumn,
    found: MergedMap,
    colours: Mapping[str, int],
    heaviest: float,
) -> PageMap:
    """A merged map with its detail.

    Args:
        bank: Keeps its pictures.
        image: The image's identifier.
        layer: Its layer.
        found: The map.
        colours: Label -> colour.
        heaviest: The weight whose bar is full.
    """
    tally = found.tally
    several = found.parts if len(found.parts) > 1 else ()
    hints = f"{tally.mean_hints:.1f}".rstrip("0").rstrip(".")
    return PageMap(
        key=f"{bank.key}-{found.key.replace('/', '-')}-detail",
        words=words_of(found),
        colour=colour_of(found, colours),
        sure=bool(found.labels) and tally.games >= FEW_GAMES,
        weight=percent(found.weight),
        bar=found.weight / heaviest if heaviest else 0.0,
        behind=behind(found),
        layer=layer.layer,
        picture=bank.overlay(image, f"{found.key}-merged", found.heat),
        masked=bank.masked(image, found),
        seen=(
            f"What players had seen when they answered: {hints} hints on average"
            if tally.games
            else "What a player sees first"
        ),
        facts=_facts(layer, found),
        bars=_bars(found),
        parts=tuple(
            _part(bank, image, number, part) for number, part in enumerate(several, start=1)
        ),
    )


def _facts(layer: LayerColumn, found: MergedMap) -> tuple[tuple[str, str], ...]:
    tally, channels = found.tally, layer.numbers.get("channels")
    of = f" of {int(channels):,}" if channels is not None else ""
    height, width = layer.size
    return (
        ("Weight", f"{percent(found.weight)} of what the layer adds to the class"),
        ("Feature maps", f"{found.channels:,}{of}, {height} × {width} values each"),
        (
            "Games",
            f"{tally.won} won, {tally.lost} lost, {tally.resigned} given up"
            if tally.games
            else "nobody has played it yet",
        ),
    )


def _bars(found: MergedMap) -> tuple[PageBar, ...]:
    longest = found.score or 1.0
    bars = []
    for label, added in list(found.added.items())[:LISTED]:
        segments, start = [], 0.0
        for number, value in enumerate(added, start=1):
            if value > 0:
                segments.append((number, start / longest, value / longest))
            start += value
        bars.append(PageBar(concept_words(label), score_text(sum(added)), tuple(segments)))
    return tuple(bars)


def _part(bank: Bank, image: str, number: int, part: Part) -> PagePart:
    labels = sorted(best_labels(part.scores))
    return PagePart(
        number=number,
        evidence=part.evidence,
        words=" / ".join(concept_words(label) for label in labels) or "no word yet",
        facts=(
            f"{percent(part.weight)} · {counted(len(part.channels), 'feature map')} · "
            f"{counted(part.tally.games, 'game')}"
        ),
        picture=bank.overlay(image, part.evidence, part.heat),
    )
