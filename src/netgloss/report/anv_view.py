"""What a page or a figure shows of an Abstract Network Visualization: its words and numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from netgloss.explanations.local import LayerColumn, LocalExplanation, MergedMap
from netgloss.explanations.overall import GlobalExplanation, LabelRow, LayerGroup
from netgloss.report.palette import COLOURS
from netgloss.report.phrasing import concept_words, counted, joined, percent, plain_label

__all__ = [
    "FEW_GAMES",
    "SHOWN",
    "STRIP",
    "WordRow",
    "behind",
    "chain_sentences",
    "colour_of",
    "global_advice",
    "global_subtitle",
    "group_name",
    "layer_size",
    "left_out_sentence",
    "local_advice",
    "local_subtitle",
    "row_facts",
    "score_text",
    "silence",
    "title_of",
    "word_colours",
    "word_rows",
    "words_of",
]

FEW_GAMES = 3
"""With fewer games behind it a word is drawn paler."""

STRIP = 8
"""Words that the strip above the pictures follows through the layers; one a colour."""

SHOWN = 6
"""Labels a group of layers, as in the thesis."""


@dataclass(frozen=True)
class WordRow:
    """One word of the strip: how much of each layer's weight it stands for.

    Attributes:
        words: The label as words.
        colour: 1 to ``palette.COLOURS``; 0 for none.
        weights: Of each layer, shallow first.
    """

    words: str
    colour: int
    weights: tuple[float, ...]


def words_of(found: MergedMap) -> str:
    """A map's best labels as words; empty where it has none."""
    return " / ".join(concept_words(label) for label in found.labels)


def colour_of(found: MergedMap, colours: Mapping[str, int]) -> int:
    """The colour of a map: of its label that most weight in the view goes with; 0 for none."""
    return min((colours[label] for label in found.labels if label in colours), default=0)


def word_colours(labels: Sequence[str]) -> dict[str, int]:
    """A colour each for the first labels, so that a word is found again across the layers."""
    return {label: place + 1 for place, label in enumerate(labels[:COLOURS])}


def word_rows(shown: LocalExplanation) -> list[WordRow]:
    """The strip of a local view: the labels of most weight, at most :data:`STRIP`."""
    weights = shown.weights()
    colours = word_colours(list(weights))
    return [
        WordRow(concept_words(label), colours.get(label, 0), row)
        for label, row in list(weights.items())[:STRIP]
    ]


def title_of(shown: LocalExplanation | GlobalExplanation) -> str:
    """The heading."""
    name = plain_label(shown.target)
    if isinstance(shown, GlobalExplanation):
        return f"What the layers see in {name}"
    return f"What each layer saw: {name}"


def local_subtitle(shown: LocalExplanation) -> str:
    """Which image, what the classifier says of it, and how many people played."""
    said = f"predicted {plain_label(shown.prediction)}" if shown.prediction else ""
    right = shown.truth == shown.prediction
    truth = ""
    if shown.truth is not None:
        truth = "which is right" if right else f"in truth {plain_label(shown.truth)}"
    played = _played(shown.tally.games, shown.people) if shown.maps else ""
    return " · ".join(
        part for part in (shown.image, ", ".join(filter(None, (said, truth))), played) if part
    )


def global_subtitle(shown: GlobalExplanation) -> str:
    """How many images and games it is made from."""
    images = counted(len(shown.images), "image")
    if not shown.groups:
        return images
    if not shown.games:
        return f"{images} · no games yet"
    rows = [one for group in shown.groups for row in group.rows for one in row.occurrences]
    named = len({one.image for one in rows})
    return f"{images}, {named} with words · {counted(shown.games, 'game')}"


def silence(shown: LocalExplanation | GlobalExplanation) -> str:
    """That no layer has anything to show, in a sentence; empty where one has."""
    found = shown.maps if isinstance(shown, LocalExplanation) else shown.groups
    if found:
        return ""
    return f"No layer has a feature map that speaks for {plain_label(shown.target)}."


def local_advice(shown: LocalExplanation, study: str) -> str:
    """What to do to get words, or why there can be none; empty where there are some."""
    if any(one.labels for one in shown.maps):
        return ""
    return silence(shown) or _advice(shown.tally.games, shown.spoken, study)


def global_advice(shown: GlobalExplanation, study: str) -> str:
    """What to do to get words, or why there can be none; empty where there are some."""
    if any(group.rows for group in shown.groups):
        return ""
    return silence(shown) or _advice(shown.games, shown.spoken, study)


def chain_sentences(column: LayerColumn) -> list[str]:
    """A caution for each map that a tie alone holds together."""
    found = []
    for chain in column.chains:
        ties = joined(
            [" = ".join(concept_words(label) for label in tie) for tie in chain.ties.values()]
        )
        found.append(
            f"{column.layer}: {len(chain.members)} cluster maps became one only because of a tie "
            f"({ties}); more games may break it."
        )
    together = [one for one in column.maps if len(one.parts) > 2]
    if len(column.maps) == 1 and together and not column.chains:
        found.append(
            f"{column.layer}: people said “{words_of(together[0])}” of all "
            f"{len(together[0].parts)} cluster maps, so the layer shows one; finer words would "
            "tell them apart."
        )
    return found


def layer_size(column: LayerColumn) -> str:
    """The resolution of a layer's maps; empty where it has none."""
    height, width = column.size
    return f"{height} × {width}" if height else ""


def group_name(group: LayerGroup, count: int) -> str:
    """A heading for layers taken together.

    Args:
        group: The layers.
        count: How many groups there are.
    """
    if count == 1 and len(group.layers) > 1:
        return f"All {len(group.layers)} layers"
    first, last = group.first + 1, group.first + len(group.layers)
    return f"Layer {first}" if first == last else f"Layers {first}–{last}"


def behind(found: MergedMap) -> str:
    """What stands behind a map: its games, or its feature maps where nobody played."""
    merged = f" · {len(found.parts)} merged" if len(found.parts) > 1 else ""
    if not found.tally.games:
        return counted(found.channels, "feature map") + merged
    return counted(found.tally.games, "game") + merged


def score_text(value: float) -> str:
    """A score with one decimal, two where it is small.

    Example:
        >>> score_text(12.5), score_text(0.25)
        ('12.5', '0.25')
    """
    return f"{value:.1f}" if round(value, 2) >= 1 else f"{value:.2f}"


def row_facts(row: LabelRow, images: int) -> tuple[str, ...]:
    """On how many images of a class a label is a best one, and its mean weight there."""
    found = f"{row.images} of {counted(images, 'image')}"
    return (found,) if row.weight is None else (found, f"weight {percent(row.weight)}")


def left_out_sentence(people: int) -> tuple[str, ...]:
    """What to say of people who are left out, as no or one sentence."""
    if not people:
        return ()
    whose = counted(people, "person", "people")
    return (f"The games of {whose} who failed a control game are left out.",)


def _played(games: int, people: int) -> str:
    if not games:
        return "no games yet"
    return f"{counted(games, 'game')} by {counted(people, 'person', 'people')}"


def _advice(games: int, spoken: bool, study: str) -> str:
    if not games:
        return (
            "No words yet; people give them by playing: "
            f"netgloss serve {study}, netgloss export {study} answers, netgloss words {study}, "
            "then this again."
        )
    if not spoken:
        return (
            f"{counted(games, 'game')} were played; make one vocabulary of what people typed with "
            f"netgloss words {study}, then run this command again."
        )
    return (
        "Nobody typed a word that is left after cleaning; look at vocabulary.csv, or let more "
        f"people play with netgloss serve {study}."
    )
