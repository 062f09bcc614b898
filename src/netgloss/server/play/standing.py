"""What games amount to for one player: score, outcomes, streaks (thesis, section 4.4.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from netgloss.answers.rules import Outcome

__all__ = ["Standing"]


@dataclass
class Standing:
    """What games amount to, each added in the order in which it ended.

    Example:
        >>> standing = Standing()
        >>> standing.add({"outcome": "win", "hints": 1, "points": 275, "bonus": 0})
        >>> standing.add({"outcome": "loss", "hints": 0, "points": 25, "bonus": 0})
        >>> standing.score, standing.games, standing.streak, standing.best_streak
        (300, 2, 0, 1)
    """

    score: int = 0
    games: int = 0
    won: int = 0
    lost: int = 0
    resigned: int = 0
    hints: int = 0
    streak: int = 0
    best_streak: int = 0

    def add(self, answer: Mapping[str, Any]) -> None:
        """Counts one more game.

        Args:
            answer: As it is kept: ``outcome``, ``hints``, ``points`` and ``bonus``.
        """
        outcome = Outcome(answer["outcome"])
        self.score += answer["points"] + answer["bonus"]
        self.games += 1
        self.hints += answer["hints"]
        self.won += outcome is Outcome.WIN
        self.lost += outcome is Outcome.LOSS
        self.resigned += outcome is Outcome.RESIGN
        self.streak = self.streak + 1 if outcome is Outcome.WIN else 0
        self.best_streak = max(self.best_streak, self.streak)
