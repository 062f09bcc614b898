"""The parts of the page that are made of findings: a section a class, then what goes beyond."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import pandas as pd

from netgloss.report.cards import ALPHA, Card, CardMaker, doubts_about
from netgloss.report.expressions import expression_of, signed_columns
from netgloss.report.palette import ClassMark
from netgloss.report.phrasing import concept_words, joined, measure, percent, probability

__all__ = [
    "ExploredSection",
    "FindingRow",
    "LabelSection",
    "explored_section",
    "label_sections",
    "query_cards",
    "shared_rows",
]

IN_WORDS = 6
LISTED = 60
"""How many findings a table of the page lists; the tables of the study folder have all."""
LEAST_GAIN = 0.03
"""A combination must go with its class by this much more than its better side."""

Finding = Mapping[str, Any]


@dataclass(frozen=True)
class FindingRow:
    """A finding as a row of a table."""

    words: str
    identifier: str
    kind: str
    mark: ClassMark | None
    cramers_v: float
    association: float
    p: str
    q: str
    count: int
    frequency: tuple[tuple[ClassMark, str], ...]
    doubts: tuple[str, ...]
    note: str = ""

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is to be said beside the numbers."""
        return ((self.note,) if self.note else ()) + self.doubts


@dataclass(frozen=True)
class LabelSection:
    """What speaks for one class.

    Attributes:
        mark: The class.
        predicted: Images predicted as it.
        annotated: Those of them that people annotated.
        top: The strongest concepts, as words with the anchor of their card ("" without one).
        reading: One plain sentence.
        cards: The strongest findings.
        rest: The next ones, as rows.
        not_listed: How many there are beyond.
        empty: What to do next where nothing speaks for the class; else empty.
    """

    mark: ClassMark
    predicted: int
    annotated: int
    top: tuple[tuple[str, str], ...]
    reading: str
    cards: tuple[Card, ...]
    rest: tuple[FindingRow, ...]
    not_listed: int
    empty: str


@dataclass(frozen=True)
class ExploredSection:
    """What combinations and absences add to single concepts."""

    cards: tuple[Card, ...]
    absences: tuple[FindingRow, ...]
    rest: tuple[FindingRow, ...]


def label_sections(maker: CardMaker, concepts_per_label: int) -> list[LabelSection]:
    """One section a class that the model predicts, in the order of the marks.

    Args:
        maker: Makes the cards.
        concepts_per_label: How many findings become cards in each.
    """
    ranked = {label: speaking_for(maker.data.findings, label) for label in maker.marks}
    cards: dict[str, list[Card]] = {label: [] for label in ranked}
    # First ranks first, over all classes: where room for pictures ends, it ends for all alike.
    for row in zip_longest(*(found[:concepts_per_label] for found in ranked.values())):
        for label, finding in zip(ranked, row, strict=True):
            if finding is not None:
                number = len(cards[label]) + 1
                key = f"{maker.marks[label].key}-{number}"
                cards[label].append(maker.card(finding, label, key, str(number)))
    return [_section(maker, label, ranked[label], cards[label]) for label in ranked]


def speaking_for(findings: pd.DataFrame, label: str) -> list[Finding]:
    """The findings that speak for a label (residual above 1.96), by their association with it."""
    rows = [row for row in _records(findings) if label in row["labels"]]
    return sorted(rows, key=lambda row: (-round(row["association"][label], 12), row["rank"]))


def explored_section(maker: CardMaker, shown: int = 4) -> ExploredSection:
    """The combinations that say more than their words alone, and what absence says.

    Args:
        maker: Makes the cards.
        shown: How many combinations become cards.
    """
    rows = [row for row in _records(maker.data.explored) if row["labels"]]
    absences = [row for row in rows if row["kind"] == "not" and row["q_value"] <= ALPHA]
    gains = _gains(maker, [row for row in rows if row["kind"] == "and"])
    notes = [f"{measure(gain)} above its better side alone" for _, gain in gains]
    cards = [
        maker.card(row, str(row["label"]), f"combination-{number}", str(number))
        for number, (row, _) in enumerate(gains[:shown], start=1)
    ]
    rest = [
        _row(maker, row, str(row["label"]), note)
        for (row, _), note in zip(gains, notes, strict=True)
    ]
    return ExploredSection(
        cards=tuple(cards),
        absences=tuple(_row(maker, row, str(row["label"])) for row in absences[:LISTED]),
        rest=tuple(rest[shown : shown + LISTED]),
    )


def query_cards(maker: CardMaker) -> list[Card]:
    """A card for each query that was asked of the study, in the order asked."""
    return [
        maker.card(result.finding, str(result.finding["label"]), f"query-{number}")
        for number, result in enumerate(maker.data.queries, start=1)
        if result.finding["label"] is not None
    ]


def constant_queries(maker: CardMaker) -> list[str]:
    """The queries that hold on every image or on none, so that nothing can be tested."""
    return [
        concept_words(result.expression)
        for result in maker.data.queries
        if result.finding["label"] is None
    ]


def shared_rows(maker: CardMaker, most: int = 20) -> list[FindingRow]:
    """Concepts that people named everywhere about equally often, the most frequent first."""
    rows = [row for row in _records(maker.data.findings) if row.get("shared")]
    rows.sort(key=lambda row: (-row["count"], str(row["concept"])))
    return [_row(maker, row, None) for row in rows[:most]]


def _section(
    maker: CardMaker, label: str, ranked: Sequence[Finding], cards: Sequence[Card]
) -> LabelSection:
    mark = maker.marks[label]
    rest = ranked[len(cards) :]
    significant = [number for number, row in enumerate(ranked) if row["q_value"] <= ALPHA]
    single = [n for n in significant if ranked[n]["kind"] in ("type", "attribute")] or significant
    top = [
        (concept_words(str(ranked[n]["concept"])), cards[n].key if n < len(cards) else "")
        for n in single
    ]
    annotated = sum(str(name) == label for name in maker.data.table.labels)
    return LabelSection(
        mark=mark,
        predicted=int((maker.data.images["prediction"] == label).sum()),
        annotated=annotated,
        top=tuple(dict(reversed(top)).items())[::-1][:IN_WORDS],
        reading=_reading(maker, label, [ranked[n] for n in single]),
        cards=tuple(cards),
        rest=tuple(_row(maker, row, label) for row in rest[:LISTED]),
        not_listed=max(0, len(rest) - LISTED),
        empty="" if significant else _advice(mark, annotated),
    )


def _reading(maker: CardMaker, label: str, strongest: Sequence[Finding]) -> str:
    """The label's strongest finding in one plain sentence; empty without one."""
    if not strongest:
        return ""
    best = strongest[0]
    share = best["frequency"][label]
    others = [name for name in maker.data.table.labels if str(name) != label]
    elsewhere = sum(best["frequency"][str(name)] for name in others) / max(1, len(others))
    also = [concept_words(str(row["concept"])) for row in strongest[1:3]]
    more = (
        f" Next {'come' if len(also) > 1 else 'comes'} {joined([f'“{words}”' for words in also])}."
        if also
        else ""
    )
    return (
        f"Where the classifier says {maker.marks[label].name}, people named "
        f"“{concept_words(str(best['concept']))}” on {percent(share)} of the images; "
        f"elsewhere on {percent(elsewhere)}.{more}"
    )


def _advice(mark: ClassMark, annotated: int) -> str:
    if not annotated:
        return (
            f"Nobody has annotated an image that is predicted {mark.name}; "
            "annotate some and write the report again."
        )
    return (
        f"No concept goes with {mark.name} beyond chance on {annotated} annotated images; "
        "annotate more of them, or merge words that mean the same in vocabulary.csv."
    )


def _gains(maker: CardMaker, rows: Sequence[Finding]) -> list[tuple[Finding, float]]:
    """The significant combinations that go with their class more than each side alone does.

    Returns:
        Each with how much its association is above that of its better side, by association.
    """
    alone = {f"{row['kind']}:{row['concept']}": row for row in _records(maker.data.findings)}
    gains = []
    for row in rows:
        label = row["label"]
        sides = signed_columns(expression_of(row, maker.data.table))
        best = max(sign * alone[key]["association"][label] for key, sign in sides if key in alone)
        gain = float(row["association"][label] - best)
        if row["q_value"] <= ALPHA and gain > LEAST_GAIN:
            gains.append((row, gain))
    return sorted(gains, key=lambda found: -round(found[0]["association"][found[0]["label"]], 12))


def _row(maker: CardMaker, row: Finding, label: str | None, note: str = "") -> FindingRow:
    return FindingRow(
        words=concept_words(str(row["concept"])),
        identifier=f"{row['kind']}:{row['concept']}",
        kind=str(row["kind"]),
        mark=None if label is None else maker.marks[label],
        cramers_v=float(row["cramers_v"]),
        association=float("nan") if label is None else float(row["association"][label]),
        p=probability(float(row["p_value"])).removeprefix("= "),
        q=probability(float(row["q_value"])).removeprefix("= "),
        count=int(row["count"]),
        frequency=tuple(
            (maker.marks[name], percent(float(share))) for name, share in row["frequency"].items()
        ),
        doubts=doubts_about(row, maker.unsure),
        note=note,
    )


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]
