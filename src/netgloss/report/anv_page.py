"""The pages of the local and the global view: one HTML file each that needs nothing else.

A click on a map opens its detail (Figure 20 of the thesis) in a popover of the browser, so that
the pages run no script.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from netgloss.explanations.local import LocalExplanation
from netgloss.explanations.overall import GlobalExplanation, LabelRow, LayerGroup, Occurrence
from netgloss.report.anv_cards import Bank, PageMap, page_map
from netgloss.report.anv_pictures import MapPictures
from netgloss.report.anv_view import (
    FEW_GAMES,
    SHOWN,
    chain_sentences,
    global_advice,
    global_subtitle,
    group_name,
    layer_size,
    left_out_sentence,
    local_advice,
    local_subtitle,
    row_facts,
    score_text,
    title_of,
    word_colours,
    word_rows,
    words_of,
)
from netgloss.report.page import environment, heat_stops
from netgloss.report.phrasing import concept_words, percent

__all__ = ["GlobalPage", "LocalPage", "global_view", "local_view", "page_of"]

EXAMPLES = 3
"""Example maps beside a label of the global view."""


@dataclass(frozen=True)
class PageColumn:
    """One layer as a page shows it."""

    number: int
    layer: str
    size: str
    shown: str
    maps: tuple[PageMap, ...]


@dataclass(frozen=True)
class LocalPage:
    """Everything that is shown of a local view.

    Attributes:
        key: Identifier on a page that shows several.
        title: The heading.
        subtitle: Which image, and what is said of it.
        advice: What to do to get words, or why there can be none; empty where there are some.
        image: The image's identifier.
        bare: The key of the bare image among the pictures.
        strip: Words and colour and, of each layer, the weight as a text (empty for none) and
            as a share of the longest bar.
        columns: Shallow first.
        cautions: What to be careful about, a sentence each.
        pictures: Key -> ``data:`` address, width and height.
    """

    key: str
    title: str
    subtitle: str
    advice: str
    image: str
    bare: str
    strip: tuple[tuple[str, int, tuple[tuple[str, float], ...]], ...]
    columns: tuple[PageColumn, ...]
    cautions: tuple[str, ...]
    pictures: Mapping[str, tuple[str, int, int]]


@dataclass(frozen=True)
class PageLabel:
    """One label of a group of layers; the examples are keys of pictures with what they show."""

    words: str
    colour: int
    sure: bool
    score: str
    bar: float
    facts: tuple[str, ...]
    examples: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PageGroup:
    """One group of layers; ``more`` says how many labels it has beyond those shown."""

    name: str
    layers: tuple[str, ...]
    labels: tuple[PageLabel, ...]
    more: int


@dataclass(frozen=True)
class GlobalPage:
    """Everything that is shown of a global view; the fields are those of :class:`LocalPage`."""

    key: str
    title: str
    subtitle: str
    advice: str
    groups: tuple[PageGroup, ...]
    cautions: tuple[str, ...]
    pictures: Mapping[str, tuple[str, int, int]]


def local_view(
    shown: LocalExplanation, pictures: MapPictures, study: str, key: str = "local"
) -> LocalPage:
    """What a page shows of a local view.

    Args:
        shown: The view.
        pictures: Draws the maps.
        study: The study folder's name, for the advice where words are missing.
        key: Identifier on a page that shows several.

    Raises:
        DataError: The image cannot be read.
    """
    bank = Bank(pictures, key)
    bare = bank.bare(shown.image)
    rows, colours = word_rows(shown), word_colours(list(shown.weights()))
    weights = [one.weight for one in shown.maps] + [w for row in rows for w in row.weights]
    heaviest = max(weights, default=1.0) or 1.0
    strip = tuple(
        (row.words, row.colour, tuple((percent(w) if w else "", w / heaviest) for w in row.weights))
        for row in rows
    )
    columns = [
        PageColumn(
            number=column.depth + 1,
            layer=column.layer,
            size=layer_size(column),
            shown=percent(column.shown),
            maps=tuple(
                page_map(bank, shown.image, column, found, colours, heaviest)
                for found in column.maps
            ),
        )
        for column in shown.columns
    ]
    return LocalPage(
        key=key,
        title=title_of(shown),
        subtitle=local_subtitle(shown),
        advice=local_advice(shown, study),
        image=shown.image,
        bare=bare,
        strip=strip,
        columns=tuple(columns),
        cautions=_local_cautions(shown),
        pictures=bank.stored,
    )


def global_view(
    shown: GlobalExplanation,
    pictures: MapPictures,
    study: str,
    key: str = "global",
    examples: int = EXAMPLES,
) -> GlobalPage:
    """What a page shows of a global view.

    Args:
        shown: The view.
        pictures: Draws the example maps.
        study: The study folder's name, for the advice where words are missing.
        key: Identifier on a page that shows several.
        examples: Example maps beside each label.

    Raises:
        DataError: An image cannot be read.
    """
    bank = Bank(pictures, key)
    maker = _GroupMaker(shown, bank, examples)
    return GlobalPage(
        key=key,
        title=title_of(shown),
        subtitle=global_subtitle(shown),
        advice=global_advice(shown, study),
        groups=tuple(maker.group(group) for group in shown.groups),
        cautions=left_out_sentence(shown.left_out),
        pictures=bank.stored,
    )


def page_of(view: LocalPage | GlobalPage) -> str:
    """The whole HTML page of a view."""
    template = environment().get_template("anv.html.j2")
    return template.render(view=view, is_local=isinstance(view, LocalPage), stops=heat_stops())


class _GroupMaker:
    """Makes the groups of a global view; every bar has the scale of the highest score."""

    def __init__(self, shown: GlobalExplanation, bank: Bank, examples: int) -> None:
        self.shown = shown
        self.bank = bank
        self.examples = examples
        self.colours = word_colours(shown.labels(100))
        scores = [row.score for group in shown.groups for row in group.rows]
        self.highest = max(scores, default=1.0) or 1.0

    def group(self, group: LayerGroup) -> PageGroup:
        """One group: its labels, or its heaviest maps where it has none."""
        labels = [self._label(row) for row in group.rows[:SHOWN]]
        if not labels:
            labels = [self._unnamed(one) for one in group.unnamed[:SHOWN]]
        return PageGroup(
            name=group_name(group, len(self.shown.groups)),
            layers=group.layers,
            labels=tuple(labels),
            more=max(0, len(group.rows) - SHOWN),
        )

    def _label(self, row: LabelRow) -> PageLabel:
        return PageLabel(
            words=concept_words(row.label),
            colour=self.colours.get(row.label, 0),
            sure=row.games >= FEW_GAMES,
            score=score_text(row.score),
            bar=row.score / self.highest,
            facts=row_facts(row, len(self.shown.images)),
            examples=tuple(self._example(one) for one in row.occurrences[: self.examples]),
        )

    def _unnamed(self, one: Occurrence) -> PageLabel:
        facts = (f"weight {percent(one.found.weight)}", one.image.rpartition("/")[2])
        return PageLabel("", 0, False, "", 0.0, facts, (self._example(one),))

    def _example(self, one: Occurrence) -> tuple[str, str]:
        key = self.bank.overlay(one.image, f"{one.found.key}-merged", one.found.heat)
        words = words_of(one.found) or "no word yet"
        return key, f"{words}: {one.image}, {one.layer}"


def _local_cautions(shown: LocalExplanation) -> tuple[str, ...]:
    chained = [line for column in shown.columns for line in chain_sentences(column)]
    # Where all of them are empty, the advice says so.
    empty = [column.layer for column in shown.columns if shown.maps and not column.maps]
    nothing = (f"{', '.join(empty)}: nothing speaks for the class here.",) if empty else ()
    return (*chained, *nothing, *left_out_sentence(shown.left_out))
