"""How well a word describes a cluster map: the label score of the thesis (equation 3.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from netgloss.answers.rules import MOST_HINTS

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TIE", "WRONG", "best_labels", "label_scores", "score"]

WRONG = 0.25
"""What a word is worth that came from wrong guesses alone."""

TIE = 1e-9
"""Scores this close count as equal."""


def score(hints: Sequence[int], right: Sequence[bool], most_hints: int = MOST_HINTS) -> float:
    """How well one word describes a cluster map, given the games that named it; 0 without any.

    The number of games, times a term that falls from 1 (no hint used) to 1/2 (all hints used):
    that is the sum over the games of ``1 - hints / (2 * most_hints)``. A quarter of it where
    every one of the games guessed wrongly.

    Args:
        hints: How many hints each game had used when it ended, shape (game,).
        right: Whether each game named the class that the map was made for, shape (game,).
        most_hints: How many hints a game offers.

    Source:
        Abstract Network Visualizations (2023), equation 3.2 and the paragraph above it.

    Example:
        >>> score([0, 5], [True, False]), score([0], [False])
        (1.5, 0.25)
    """
    total = sum(1 - used / (2 * most_hints) for used in hints)
    return float(total if any(right) else WRONG * total)


def label_scores(
    games: pd.DataFrame, words: pd.DataFrame, most_hints: int = MOST_HINTS
) -> pd.DataFrame:
    """The score of each word of each cluster map.

    A word counts once a game, however often it was typed in it. A resigned game, which guessed
    nothing, guessed wrongly.

    Args:
        games: One row a game that counts, with answer, evidence, target, guess (null when
            resigned) and hints.
        words: One row a word of a game, with answer, evidence and word.
        most_hints: How many hints a game offers.

    Returns:
        Columns evidence, label, games, hints (their mean), right (whether any guess was), score;
        sorted by evidence, then by falling score, then by label.

    Source:
        Abstract Network Visualizations (2023), equation 3.2.
    """
    said = words[["answer", "evidence", "word"]].drop_duplicates()
    played = games[["answer", "evidence", "hints"]].assign(
        right=(games["guess"] == games["target"]).fillna(False).astype(bool)
    )
    joined = said.merge(played, on=["answer", "evidence"])
    joined["worth"] = 1 - joined["hints"].astype(float) / (2 * most_hints)
    found = joined.groupby(["evidence", "word"], as_index=False, observed=True).agg(
        games=("answer", "size"),
        hints=("hints", "mean"),
        right=("right", "any"),
        score=("worth", "sum"),
    )
    found.loc[~found["right"].astype(bool), "score"] *= WRONG
    found = found.rename(columns={"word": "label"}).astype({"hints": float, "score": float})
    return found.sort_values(
        ["evidence", "score", "label"], ascending=[True, False, True], ignore_index=True
    )


def best_labels(scores: Mapping[str, float]) -> frozenset[str]:
    """The labels with the highest score, all of them where several share it; none without any.

    Args:
        scores: Label -> score.

    Example:
        >>> sorted(best_labels({"fin": 2.0, "tail": 2.0, "sea": 1.5}))
        ['fin', 'tail']
    """
    highest = max(scores.values(), default=0.0)
    return frozenset(label for label, value in scores.items() if value >= highest - TIE)
