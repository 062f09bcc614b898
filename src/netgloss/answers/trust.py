"""Which answers to trust by their time, and what all of them amount to (SECA, section 4, C3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from netgloss.answers.reading import number

__all__ = ["Filtering", "filter_answers", "summary"]


@dataclass(frozen=True)
class Filtering:
    """What a filter did.

    Args:
        kept: Answers that stay, the untimed among them.
        too_fast: Answers left out because they took fewer seconds than asked for.
        untimed: Answers kept although nobody took their time.
        people: People of whom no answer is left.
    """

    kept: int
    too_fast: int
    untimed: int
    people: int


def filter_answers(
    answers: pd.DataFrame, terms: pd.DataFrame, min_seconds: float = 0.0
) -> tuple[pd.DataFrame, pd.DataFrame, Filtering]:
    """The answers that took at least ``min_seconds``, their terms, and what was left out.

    An answer without a time stays: nothing speaks against it.

    Args:
        answers: The table ``answers``.
        terms: The table ``terms``.
        min_seconds: Seconds on the image; 0, which keeps all, is the paper's open T_min.

    Raises:
        DataError: ``min_seconds`` is negative or no number.

    Source:
        SECA, section 4 (C3): answers of people above a minimum time per image.
    """
    least = number(min_seconds, "min_seconds", least=0)
    kept = answers["seconds"].isna() | (answers["seconds"] >= least)
    left = answers[kept].reset_index(drop=True)
    report = Filtering(
        kept=len(left),
        too_fast=int((~kept).sum()),
        untimed=int(left["seconds"].isna().sum()),
        people=answers["person"].nunique() - left["person"].nunique(),
    )
    return left, terms[terms["answer"].isin(left["answer"])].reset_index(drop=True), report


def summary(answers: pd.DataFrame, terms: pd.DataFrame) -> dict[str, Any]:
    """What all answers amount to, for tables and the report.

    Returns:
        ``people``, ``images`` and ``answers`` count themselves; ``boxes`` the drawn boxes;
        ``types`` and ``attributes`` the words typed, ``distinct_types`` and
        ``distinct_attributes`` the different ones; ``median_seconds`` is the median time on an
        image, None where nobody took it; ``without_boxes`` counts the answers without a drawn
        box, of which ``empty`` say nothing at all.

    Example:
        >>> from netgloss.answers.format import Answer, Box, to_tables
        >>> shark = Answer("1", "annotate", "ann", "a.png", 9.0, "", (Box("fin", ("grey",)),))
        >>> found = summary(*to_tables([shark]))
        >>> found["people"], found["types"], found["boxes"], found["median_seconds"]
        (1, 1, 0, 9.0)
    """
    types = terms.loc[terms["type"].str.strip() != "", "type"]
    attributes = terms["attributes"].explode().dropna()
    seconds = answers["seconds"].dropna()
    drawn = terms.loc[terms["x0"].notna(), "answer"]
    return {
        "people": int(answers["person"].nunique()),
        "images": int(answers["image"].nunique()),
        "answers": len(answers),
        "boxes": len(drawn),
        "types": len(types),
        "distinct_types": int(types.nunique()),
        "attributes": len(attributes),
        "distinct_attributes": int(attributes.nunique()),
        "median_seconds": float(seconds.median()) if len(seconds) else None,
        "without_boxes": int((~answers["answer"].isin(drawn)).sum()),
        "empty": int((~answers["answer"].isin(terms["answer"])).sum()),
    }
