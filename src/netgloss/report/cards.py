"""A finding as a card: its words, its numbers, what makes it doubtful, and its pictures."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netgloss.concepts.expression import evaluate
from netgloss.concepts.table import KINDS
from netgloss.report.boxes import RegionIndex
from netgloss.report.choice import Choice, choose
from netgloss.report.data import ReportData
from netgloss.report.expressions import expression_of, named_columns
from netgloss.report.figures import Figure, Gallery, figure
from netgloss.report.palette import ClassMark
from netgloss.report.phrasing import concept_words, counted, probability
from netgloss.report.pictures import PictureBank

__all__ = ["ALPHA", "FEW_IMAGES", "Bar", "Card", "CardMaker", "doubts_about", "unsure_words"]

ALPHA = 0.05
"""The share of false findings that is accepted, as in the paper."""

FEW_IMAGES = 10
"""A finding on fewer images is called uncertain."""

MOST_BARS = 6
KIND_WORDS = {
    "not": "absence",
    "and": "both on one image",
}


@dataclass(frozen=True)
class Bar:
    """How often a concept was named on the images of one class."""

    mark: ClassMark
    share: float
    count: int
    size: int


@dataclass(frozen=True)
class Card:
    """One finding as the page shows it.

    Attributes:
        key: Its anchor on the page.
        place: Its rank, as a text; empty where it has none.
        words: The concept or expression as words.
        identifier: The same as the tables have it, with its kind.
        kind: What kind of concept it is, in words.
        mark: The class it speaks for.
        cramers_v: Association over all classes, 0 to 1.
        association: Signed association with this class against the rest, -1 to 1.
        chances: The p- and q-values as a text.
        count: Images that it holds on.
        sentence: The finding in one plain sentence.
        doubts: Why to be careful with it; empty where nothing speaks against it.
        bars: The frequencies by class, its own class first.
        bars_left_out: How many classes are not shown among the bars.
        aliases: Other concepts on exactly the same images.
        gallery: Its pictures.
    """

    key: str
    place: str
    words: str
    identifier: str
    kind: str
    mark: ClassMark
    cramers_v: float
    association: float
    chances: str
    count: int
    sentence: str
    doubts: tuple[str, ...]
    bars: tuple[Bar, ...]
    bars_left_out: int
    aliases: tuple[str, ...]
    gallery: Gallery


class CardMaker:
    """Makes cards and asks the picture bank for their pictures.

    Args:
        data: What the report is made from.
        marks: The mark of each class.
        bank: Where the pictures are asked for.
        examples: How many pictures that carry a finding stand beside it.
        against: How many that contradict it.
    """

    def __init__(
        self,
        data: ReportData,
        marks: Mapping[str, ClassMark],
        bank: PictureBank,
        *,
        examples: int = 3,
        against: int = 2,
    ) -> None:
        self.data = data
        self.marks = marks
        self.bank = bank
        self.examples = examples
        self.against = against
        self.regions = RegionIndex(data.regions)
        self.unsure = unsure_words(data)
        self._labels: NDArray[Any] = np.asarray(data.table.labels)
        self._predicted = dict(zip(data.table.images, self._labels.tolist(), strict=True))
        self._sizes = {name: int((self._labels == name).sum()) for name in marks}
        self._rows = {str(row["image"]): row for row in data.images.to_dict("records")}

    def card(self, finding: Mapping[str, Any], label: str, key: str, place: str = "") -> Card:
        """The card of a finding as it speaks for a label.

        Args:
            finding: A row of ``ConceptTable.rank()`` or the finding of a query.
            label: The label it is shown under.
            key: Its anchor on the page.
            place: Its rank as it is to be shown.
        """
        concept, kind = str(finding["concept"]), str(finding["kind"])
        expression = expression_of(finding, self.data.table)
        columns = named_columns(expression)
        chosen = choose(
            list(self.data.table.images),
            self._labels,
            evaluate(expression, self.data.table),
            label,
            seed=f"{kind}:{concept}:{label}",
            examples=self.examples,
            against=self.against,
        )
        bars = self._bars(finding, label)
        words = concept_words(concept)
        return Card(
            key=key,
            place=place,
            words=words,
            identifier=concept if kind not in KINDS else f"{kind}:{concept}",
            kind=KIND_WORDS.get(kind, kind),
            mark=self.marks[label],
            cramers_v=float(finding["cramers_v"]),
            association=float(finding["association"][label]),
            chances=_chances(finding),
            count=int(finding["count"]),
            sentence=_sentence(chosen, self.marks[label].name, kind),
            doubts=doubts_about(finding, self.unsure),
            bars=tuple(bars[:MOST_BARS]),
            bars_left_out=max(0, len(bars) - MOST_BARS),
            aliases=tuple(concept_words(str(other)) for other in finding.get("aliases", ())),
            gallery=self._gallery(chosen, label, words if kind in KINDS else "", columns),
        )

    def _bars(self, finding: Mapping[str, Any], label: str) -> list[Bar]:
        """The classes by frequency; the finding's own first, so that it is never left out."""
        frequency = finding["frequency"]
        bars = [
            Bar(self.marks[name], float(share), round(share * self._sizes[name]), self._sizes[name])
            for name, share in frequency.items()
        ]
        if len(bars) <= MOST_BARS:
            return bars
        return sorted(bars, key=lambda bar: (bar.mark.label != label, -bar.share))

    def _gallery(self, chosen: Choice, label: str, words: str, columns: Collection[str]) -> Gallery:
        """The pictures; ``words`` is empty for an expression, which is too long for a caption."""
        name = self.marks[label].name
        without = f"without “{words}”" if words else "it does not hold"
        carried = f"“{words}”" if words else "It holds"
        wanted = [(image, "", False) for image in chosen.carrying]
        wanted += [(image, f"{name}, yet {without}", True) for image in chosen.without]
        wanted += [(image, f"{carried}, yet not {name}", True) for image in chosen.elsewhere]
        shown = [entry for entry in wanted if self.bank.want(entry[0])]
        figures = [self._figure(image, why, against, columns) for image, why, against in shown]
        against_count = chosen.label_count - chosen.carrying_count + chosen.elsewhere_count
        return Gallery(
            carrying=tuple(figure for figure in figures if not figure.against),
            against=tuple(figure for figure in figures if figure.against),
            carrying_count=chosen.carrying_count,
            against_count=against_count,
            left_out=len(wanted) - len(shown),
            note=_missing(chosen, against_count, self.against),
        )

    def _figure(self, image: str, why: str, against: bool, columns: Collection[str]) -> Figure:
        row = self._rows.get(image, {"image": image})
        boxes = self.regions.drawn(image, columns)
        if not why:
            said = self.regions.said(image, columns)
            why = "" if any(box.carries for box in boxes) or not said else "named without a box"
        mark = self.marks[self._predicted[image]]
        return figure(row, mark, why=why, against=against, boxes=boxes)


def doubts_about(finding: Mapping[str, Any], unsure: Collection[str]) -> tuple[str, ...]:
    """Why to be careful with a finding, a clause each.

    Args:
        finding: A row of ``ConceptTable.rank()``.
        unsure: Words that other words were merged into without certainty.
    """
    doubts = []
    if float(finding["q_value"]) > ALPHA:
        doubts.append(f"may be chance: q {probability(float(finding['q_value']))}")
    if int(finding["count"]) < FEW_IMAGES:
        doubts.append(f"only {counted(int(finding['count']), 'image')}")
    exact = _exact_p(finding)
    if exact is not None and exact > ALPHA:
        doubts.append(f"small counts: exact p {probability(exact)}")
    parts = concept_words(str(finding["concept"])).split()
    merged = [word for word in dict.fromkeys(parts) if word in unsure]
    if merged:
        doubts.append(f"unsure merge of words: {', '.join(merged)}")
    return tuple(doubts)


def unsure_words(data: ReportData) -> frozenset[str]:
    """The words that were merged with another one without certainty."""
    pairs = data.unsure_merges
    if "merged" in pairs.columns:
        pairs = pairs[pairs["merged"].astype(bool)]
    names = [name for name in ("token", "other", "into") if name in pairs.columns]
    return frozenset(
        word
        for name in names
        for token in pairs[name]
        for word in concept_words(str(token)).split()
    )


def _chances(finding: Mapping[str, Any]) -> str:
    text = f"p {probability(float(finding['p_value']))}, q {probability(float(finding['q_value']))}"
    exact = _exact_p(finding)
    if exact is not None:
        text += f", exact p {probability(exact)}"
    return text


def _exact_p(finding: Mapping[str, Any]) -> float | None:
    """The exact p-value, which findings on small counts have; else None."""
    exact = finding.get("p_exact")
    return None if exact is None or np.isnan(float(exact)) else float(exact)


def _sentence(chosen: Choice, name: str, kind: str) -> str:
    verb = "Named" if kind in KINDS else "Holds"
    others = (
        f" and on {chosen.elsewhere_count:,} of the {counted(chosen.other_count, 'other')}"
        if chosen.other_count
        else ""
    )
    return (
        f"{verb} on {chosen.carrying_count:,} of {counted(chosen.label_count, 'image')} "
        f"predicted {name}{others}."
    )


def _missing(chosen: Choice, against_count: int, against: int) -> str:
    """What stands in place of pictures that do not exist."""
    if not against_count:
        return "No image contradicts this: all images of this class carry it, and no other does."
    if against_count < against:
        return "Only one image contradicts this."
    return "" if chosen.carrying_count else "No image carries this."
