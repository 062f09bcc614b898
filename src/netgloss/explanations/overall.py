"""What the layers saw over all images of a class: the global view (thesis, section 5.3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from netgloss.errors import OptionError
from netgloss.explanations.labels import TIE
from netgloss.explanations.local import LayerColumn, LocalExplanation, MergedMap

__all__ = ["GlobalExplanation", "LabelRow", "LayerGroup", "Occurrence", "explain_together"]

SHOWN = 6
"""Labels a group of layers, as in the thesis."""


@dataclass(frozen=True, eq=False)
class Occurrence:
    """One merged map in which a label is a best one, and where it is."""

    image: str
    layer: str
    depth: int
    found: MergedMap


@dataclass(frozen=True, eq=False)
class LabelRow:
    """One label in one group of layers.

    Attributes:
        label: The word.
        score: Sum of its scores in the maps where it is a best label.
        weight: Mean weight of those maps; None where layers of all depths are together.
        occurrences: Those maps, highest score first.
    """

    label: str
    score: float
    weight: float | None
    occurrences: tuple[Occurrence, ...]

    @property
    def images(self) -> int:
        """On how many images it is a best label."""
        return len({one.image for one in self.occurrences})

    @property
    def games(self) -> int:
        """How many games were played about its maps."""
        return sum(one.found.tally.games for one in self.occurrences)


@dataclass(frozen=True, eq=False)
class LayerGroup:
    """Layers taken together.

    Attributes:
        layers: Their names, shallow first.
        first: Depth of the first.
        rows: Every label, by global score, then weight, then name.
        unnamed: The maps without a word, heaviest first.
    """

    layers: tuple[str, ...]
    first: int
    rows: tuple[LabelRow, ...]
    unnamed: tuple[Occurrence, ...]


@dataclass(frozen=True, eq=False)
class GlobalExplanation:
    """What the layers saw on the images of a class.

    Attributes:
        target: The class explained.
        images: The explained images, in order.
        groups: Shallow layers first.
        games: How many games count.
        left_out: How many people are left out, because they failed a control game.
        spoken: Whether words were made of the games' tags.
    """

    target: str
    images: tuple[str, ...]
    groups: tuple[LayerGroup, ...]
    games: int
    left_out: int
    spoken: bool

    def labels(self, most: int = SHOWN) -> list[str]:
        """The labels of the whole class, by the sum of their global scores, then by name."""
        total: dict[str, float] = {}
        for group in self.groups:
            for row in group.rows:
                total[row.label] = total.get(row.label, 0.0) + row.score
        return sorted(total, key=lambda label: (-round(total[label], 9), label))[:most]


def explain_together(
    target: str, explained: Sequence[LocalExplanation], group: int | None = 3
) -> GlobalExplanation:
    """The global view of a class, from the views of its images.

    Layers are grouped in their order. Maps of different size are not mixed, so a group may hold
    fewer layers than asked for.

    Args:
        target: The class.
        explained: The local views toward it.
        group: How many consecutive layers make a group; None for all layers in one, whose
            weights are then left out.

    Raises:
        OptionError: ``group`` is below 1.

    Source:
        Abstract Network Visualizations (2023), section 5.3; methods, section 7. A map whose
        labels tie counts for each of them.
    """
    if group is not None and group < 1:
        raise OptionError(f"group {group} is no number of layers; use 1 or more, or 'all'")
    grouped = _grouped([column for one in explained for column in one.columns], group)
    found = [
        (one.image, column) for one in explained for column in one.columns if len(column.maps) > 0
    ]
    groups = [
        _layer_group(depths, [entry for entry in found if entry[1].depth in depths], group)
        for depths in grouped
    ]
    return GlobalExplanation(
        target=target,
        images=tuple(one.image for one in explained),
        groups=tuple(one for one in groups if one.layers),
        games=sum(one.tally.games for one in explained),
        left_out=max((one.left_out for one in explained), default=0),
        spoken=all(one.spoken for one in explained),
    )


def _grouped(columns: Iterable[LayerColumn], group: int | None) -> list[tuple[int, ...]]:
    """The depths of each group, shallow first."""
    sizes = {column.depth: column.size for column in columns if column.maps}
    depths = sorted(sizes)
    if group is None:
        return [tuple(depths)] if depths else []
    groups: list[list[int]] = []
    for depth in depths:
        last = groups[-1] if groups else []
        if last and len(last) < group and sizes[last[0]] == sizes[depth]:
            last.append(depth)
        else:
            groups.append([depth])
    return [tuple(one) for one in groups]


def _layer_group(
    depths: tuple[int, ...], found: Sequence[tuple[str, LayerColumn]], group: int | None
) -> LayerGroup:
    occurrences = [
        Occurrence(image, column.layer, column.depth, one)
        for image, column in found
        for one in column.maps
    ]
    names = {column.depth: column.layer for _, column in found}
    by_label: dict[str, list[Occurrence]] = {}
    for one in occurrences:
        for label in one.found.labels:
            by_label.setdefault(label, []).append(one)
    rows = [_row(label, ones, weighed=group is not None) for label, ones in by_label.items()]
    unnamed = [one for one in occurrences if not one.found.labels]
    return LayerGroup(
        layers=tuple(names[depth] for depth in depths if depth in names),
        first=min(depths),
        rows=tuple(sorted(rows, key=_place)),
        unnamed=tuple(sorted(unnamed, key=lambda one: (-one.found.weight, one.found.key))),
    )


def _row(label: str, found: Sequence[Occurrence], *, weighed: bool) -> LabelRow:
    scored = [(one.found.scores[label], one) for one in found]
    ordered = sorted(scored, key=lambda entry: (-round(entry[0] / TIE), entry[1].found.key))
    weight = sum(one.found.weight for one in found) / len(found) if weighed else None
    return LabelRow(
        label, sum(score for score, _ in scored), weight, tuple(one for _, one in ordered)
    )


def _place(row: LabelRow) -> tuple[float, float, str]:
    return -round(row.score, 9), -round(row.weight or 0.0, 9), row.label
