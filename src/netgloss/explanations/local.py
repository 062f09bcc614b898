"""The Abstract Network Visualization of one decision (thesis, sections 3.1 and 3.5).

A column a layer, in it the cluster maps that people named alike merged into one, with weight,
words and what the games behind them say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netgloss.explanations.labels import TIE, best_labels
from netgloss.explanations.merging import (
    Average,
    Chain,
    chains,
    components,
    contributions,
    shares,
)

__all__ = ["LayerColumn", "LocalExplanation", "MergedMap", "Part", "Tally", "column", "merged"]


@dataclass(frozen=True)
class Tally:
    """How the games about some cluster maps went.

    Attributes:
        won: Games that named the class the map was made for.
        lost: Games that named another.
        resigned: Games given up after the last hint.
        hints: Hints used in all of them together.
    """

    won: int = 0
    lost: int = 0
    resigned: int = 0
    hints: int = 0

    def __add__(self, other: Tally) -> Tally:
        """Both together."""
        return Tally(
            self.won + other.won,
            self.lost + other.lost,
            self.resigned + other.resigned,
            self.hints + other.hints,
        )

    @property
    def games(self) -> int:
        """How many games there were."""
        return self.won + self.lost + self.resigned

    @property
    def mean_hints(self) -> float:
        """Hints a game; 0 where nobody played."""
        return self.hints / self.games if self.games else 0.0


@dataclass(frozen=True, eq=False)
class Part:
    """One cluster map with what people said of it.

    Attributes:
        evidence: Its identifier.
        weight: Its share of the layer's weight, in [0, 1].
        heat: Shape (height, width), at the layer's resolution.
        channels: The feature maps that it stands for.
        scores: Label -> score (equation 3.2).
        tally: The games about it.
    """

    evidence: str
    weight: float
    heat: NDArray[np.floating]
    channels: tuple[int, ...] = ()
    scores: Mapping[str, float] = field(default_factory=dict)
    tally: Tally = Tally()


@dataclass(frozen=True, eq=False)
class MergedMap:
    """The cluster maps of one layer that people named alike, as one; made by :func:`merged`.

    Attributes:
        parts: What went into it, heaviest first.
        added: Label -> what each part adds to its score, highest sum first.
    """

    parts: tuple[Part, ...]
    added: Mapping[str, tuple[float, ...]]

    @property
    def key(self) -> str:
        """The identifier of its heaviest part."""
        return self.parts[0].evidence

    @property
    def weight(self) -> float:
        """The sum of the parts' weights."""
        return float(sum(part.weight for part in self.parts))

    @cached_property
    def heat(self) -> NDArray[np.float64]:
        """The parts' weighted mean, shape (height, width)."""
        share = shares([part.weight for part in self.parts])
        return np.tensordot(share, np.stack([part.heat for part in self.parts]), axes=1)

    @property
    def scores(self) -> dict[str, float]:
        """Label -> merged score, highest first."""
        return {label: float(sum(parts)) for label, parts in self.added.items()}

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels with the highest score, in alphabetical order; none before anybody played."""
        return tuple(sorted(best_labels(self.scores)))

    @property
    def score(self) -> float:
        """The highest score; 0 without labels."""
        return max(self.scores.values(), default=0.0)

    @property
    def channels(self) -> int:
        """How many feature maps it stands for."""
        return sum(len(part.channels) for part in self.parts)

    @property
    def tally(self) -> Tally:
        """The games about its parts."""
        return sum((part.tally for part in self.parts), Tally())


@dataclass(frozen=True, eq=False)
class LayerColumn:
    """What one layer saw.

    Attributes:
        layer: The layer's name in the network.
        depth: 0 for the shallowest layer explained.
        maps: Heaviest first.
        chains: Merged maps that hang together by a tie alone; their members are places in
            the layer's cluster maps, heaviest first.
        numbers: What else is known of the layer, such as ``channels`` and ``leftover``.
    """

    layer: str
    depth: int
    maps: tuple[MergedMap, ...]
    chains: tuple[Chain, ...] = ()
    numbers: Mapping[str, Any] = field(default_factory=dict)

    @property
    def shown(self) -> float:
        """The share of the layer's weight that its maps hold."""
        return float(sum(one.weight for one in self.maps))

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of its maps; 0 and 0 without any."""
        if not self.maps:
            return 0, 0
        height, width = self.maps[0].heat.shape
        return int(height), int(width)


@dataclass(frozen=True, eq=False)
class LocalExplanation:
    """What every layer saw on one image, toward one class.

    Attributes:
        image: The image's identifier.
        target: The class explained.
        columns: Shallow layer first.
        truth: The true class; None when unknown.
        prediction: What the classifier says; None when unknown.
        people: How many people's games count here.
        left_out: How many people of the study are left out, because they failed a control game.
        spoken: Whether words were made of the games' tags.
    """

    image: str
    target: str
    columns: tuple[LayerColumn, ...]
    truth: str | None = None
    prediction: str | None = None
    people: int = 0
    left_out: int = 0
    spoken: bool = True

    @property
    def maps(self) -> tuple[MergedMap, ...]:
        """Every merged map, layer by layer."""
        return tuple(one for column in self.columns for one in column.maps)

    @property
    def tally(self) -> Tally:
        """The games about this image."""
        return sum((one.tally for one in self.maps), Tally())

    def weights(self) -> dict[str, tuple[float, ...]]:
        """Label -> its weight in each layer, by falling sum over the layers, then by label.

        The weight of a map whose labels tie counts for each of them.
        """
        found: dict[str, list[float]] = {}
        for place, layer in enumerate(self.columns):
            for one in layer.maps:
                for label in one.labels:
                    row = found.setdefault(label, [0.0] * len(self.columns))
                    row[place] += one.weight
        ordered = sorted(found.items(), key=lambda entry: (-round(sum(entry[1]), 9), entry[0]))
        return {label: tuple(row) for label, row in ordered}


def merged(parts: Sequence[Part], average: Average = "all") -> MergedMap:
    """Some cluster maps of one layer as one: weights added, maps and scores averaged by weight.

    Args:
        parts: At least one.
        average: As in :func:`~netgloss.explanations.merging.contributions`.

    Source:
        Abstract Network Visualizations (2023), section 3.5; equation 3.1 holds for the merged
        maps as it did for the parts.
    """
    ordered = sorted(parts, key=lambda part: (-part.weight, part.evidence))
    added = contributions(
        [part.weight for part in ordered], [part.scores for part in ordered], average
    )
    return MergedMap(tuple(ordered), added)


def column(
    layer: str,
    depth: int,
    parts: Sequence[Part],
    average: Average = "all",
    numbers: Mapping[str, Any] | None = None,
) -> LayerColumn:
    """One layer's column: its cluster maps merged where they share a best label.

    Args:
        layer: The layer's name.
        depth: 0 for the shallowest layer explained.
        parts: The layer's cluster maps.
        average: As in :func:`~netgloss.explanations.merging.contributions`.
        numbers: What else is known of the layer.

    Source:
        Abstract Network Visualizations (2023), Algorithm 1.
    """
    ordered = sorted(parts, key=lambda part: (-part.weight, part.evidence))
    best = [best_labels(part.scores) for part in ordered]
    maps = [merged([ordered[place] for place in group], average) for group in components(best)]
    maps.sort(key=lambda one: (-round(one.weight / TIE), one.key))
    return LayerColumn(layer, depth, tuple(maps), tuple(chains(best)), dict(numbers or {}))
