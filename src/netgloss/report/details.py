"""The tables and lists behind the findings: rules, words, people, and how the page was made."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import pandas as pd

from netgloss.report.data import ReportData
from netgloss.report.palette import ClassMark
from netgloss.report.phrasing import concept_words, counted, measure

__all__ = [
    "MergedConcept",
    "RuleRow",
    "facts_about_answers",
    "facts_about_making",
    "merged_concepts",
    "planted_fact",
    "rule_rows",
    "table_rows",
]

RULES_LISTED = 200
_ANSWER_FACTS = {
    "people": "People",
    "answers": "Answers",
    "images": "Images they looked at",
    "boxes": "Boxes they drew",
    "without_boxes": "Answers without a box",
    "empty": "Answers that say nothing",
    "types": "Types they typed",
    "distinct_types": "Different types",
    "attributes": "Attributes they typed",
    "distinct_attributes": "Different attributes",
    "median_seconds": "Median seconds an image",
}
_PACKAGES = ("netgloss", "numpy", "scipy", "pandas", "scikit-learn", "torch")


@dataclass(frozen=True)
class RuleRow:
    """One association rule: where all of the words hold, the class follows."""

    body: tuple[str, ...]
    mark: ClassMark
    support: float
    confidence: float
    lift: str
    leverage: str
    conviction: str
    count: int


@dataclass(frozen=True)
class MergedConcept:
    """A concept with the raw terms that went into it, the most frequent first."""

    words: str
    identifier: str
    kind: str
    count: int
    raw: tuple[tuple[str, int], ...]


def rule_rows(data: ReportData, marks: Mapping[str, ClassMark]) -> list[RuleRow]:
    """The rules in the order given, at most ``RULES_LISTED``."""
    return [
        RuleRow(
            body=tuple(concept_words(str(concept)) for concept in row["body"]),
            mark=marks[str(row["label"])],
            support=float(row["support"]),
            confidence=float(row["confidence"]),
            lift=f"{row['lift']:.2f}",
            leverage=measure(float(row["leverage"])),
            conviction="∞" if row["conviction"] == float("inf") else f"{row['conviction']:.1f}",
            count=int(row["count"]),
        )
        for row in data.rules.head(RULES_LISTED).to_dict("records")
    ]


def merged_concepts(vocabulary: pd.DataFrame) -> list[MergedConcept]:
    """The concepts that two or more raw terms went into, the most often typed first.

    Args:
        vocabulary: raw, kind, concept, step, count.
    """
    kept = vocabulary[vocabulary["concept"].fillna("").astype(str) != ""]
    merged = [
        MergedConcept(
            words=concept_words(str(concept)),
            identifier=f"{kind}:{concept}",
            kind=str(kind),
            count=int(terms["count"].sum()),
            raw=_by_count(terms),
        )
        for (kind, concept), terms in kept.groupby(["kind", "concept"], sort=True)
        if len(terms) > 1
    ]
    return sorted(merged, key=lambda concept: -concept.count)


def table_rows(frame: pd.DataFrame, most: int) -> tuple[list[str], list[list[str]]]:
    """The header and the first rows of any table, as texts.

    Args:
        frame: The table.
        most: How many rows.
    """
    rows = [[_text(cell) for cell in row] for row in frame.head(most).to_numpy(dtype=object)]
    return [str(name).replace("_", " ") for name in frame.columns], rows


def facts_about_answers(answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is known of the people and their answers, as name and value."""
    known = [(name, answers[key]) for key, name in _ANSWER_FACTS.items() if key in answers]
    other = [
        (key.replace("_", " ").capitalize(), value)
        for key, value in answers.items()
        if key not in _ANSWER_FACTS and isinstance(value, int | float | str)
    ]
    return [(name, _text(value)) for name, value in [*known, *other]]


def facts_about_making(data: ReportData) -> list[tuple[str, str]]:
    """With what the page was made, as name and value."""
    images = data.images
    usable = int((images["status"] == "ok").sum())
    return [
        *((str(name), str(value)) for name, value in data.model.items()),
        *planted_fact(data),
        ("Images", f"{counted(usable, 'image')} of {counted(len(images), 'file')}"),
        ("Heat maps", data.evidence or "none"),
        ("Test", "χ² without Yates’ correction; q by Benjamini and Hochberg"),
        ("Pictures", "drawn at random among those that carry or contradict a finding"),
        ("Versions", ", ".join(_versions(_PACKAGES))),
        ("Written", f"{data.made:%Y-%m-%d %H:%M %Z}".strip()),
    ]


def planted_fact(data: ReportData) -> list[tuple[str, str]]:
    """What was planted in drawn pictures, as name and value; nothing for all other pictures."""
    return [("Planted", data.planted)] if data.planted else []


def _versions(packages: Sequence[str]) -> list[str]:
    found = [f"Python {platform.python_version()}"]
    for package in packages:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return found


def _by_count(terms: pd.DataFrame) -> tuple[tuple[str, int], ...]:
    ordered = terms.sort_values(["count", "raw"], ascending=[False, True])
    return tuple(
        (str(raw), int(count)) for raw, count in zip(ordered["raw"], ordered["count"], strict=True)
    )


def _text(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_text(part) for part in value)
    if value is None or value is pd.NA or value != value:  # NaN is not equal to itself
        return "–"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
