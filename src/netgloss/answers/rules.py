"""The rules of Deep Reveal: what a game is worth, streaks, and the options to choose from.

Thesis, section 4.4.1 (Gameplay); where it is silent, methods 7 decides.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from random import Random

from netgloss.errors import DataError

__all__ = [
    "HINT",
    "MOST_HINTS",
    "OPTIONS",
    "START",
    "STEPS",
    "STREAK_MOST",
    "STREAK_STEP",
    "TAG_BONUS",
    "Outcome",
    "draw_options",
    "outcome",
    "points",
    "streak_bonus",
    "worth",
]

START = 300
"""Points that a right guess brings before any hint."""

HINT = 50
"""Points that a hint costs."""

STEPS = 6
"""Pictures of a game, each showing more than the one before."""

MOST_HINTS = STEPS - 1
"""Hints of a game, after which a player may resign."""

TAG_BONUS = 25
"""Points for saying what was recognised, once a game however many tags there are."""

OPTIONS = 6
"""Classes to choose from, where there are as many."""

STREAK_STEP, STREAK_MOST = 10, 5
"""Points that each win in a row adds, and how many of them count."""


class Outcome(StrEnum):
    """How a game ended."""

    WIN = "win"
    LOSS = "loss"
    RESIGN = "resign"


def worth(hints: int) -> int:
    """Points that a right guess brings after so many hints.

    Args:
        hints: Asked for so far, from 0 to :data:`MOST_HINTS`.

    Raises:
        DataError: There cannot be so many hints.

    Source:
        Thesis, section 4.4.1: 300 points, 50 less with each "show more", five times at most.

    Example:
        >>> [worth(hints) for hints in range(STEPS)]
        [300, 250, 200, 150, 100, 50]
    """
    if not 0 <= hints <= MOST_HINTS:
        raise DataError(f"a game has 0 to {MOST_HINTS} hints, not {hints}")
    return START - HINT * hints


def points(won: bool, hints: int, tagged: bool) -> int:
    """Points of a game, without the bonus for a streak.

    A wrong guess brings nothing but the bonus for tags. Who resigns gives no tags, so nothing.

    Args:
        won: Whether the guess was right.
        hints: Asked for before the guess.
        tagged: Whether at least one tag was given.

    Raises:
        DataError: There cannot be so many hints.

    Source:
        Thesis, section 4.4.1; that a wrong guess keeps the tag bonus: methods 7.

    Example:
        >>> points(True, 0, True), points(True, 5, False), points(False, 2, True)
        (325, 50, 25)
    """
    return won * worth(hints) + tagged * TAG_BONUS


def streak_bonus(streak: int, step: int = STREAK_STEP, most: int = STREAK_MOST) -> int:
    """Points that a win adds because those before it were wins as well.

    Args:
        streak: Wins in a row, this one among them; 0 after a game that was not won.
        step: Points for each win before this one.
        most: How many of these count.

    Source:
        Methods 7, since the thesis shows a bonus without its amount.

    Example:
        >>> [streak_bonus(streak) for streak in range(8)]
        [0, 0, 10, 20, 30, 40, 50, 50]
    """
    return step * max(0, min(streak - 1, most))


def outcome(guess: str | None, answer: str) -> Outcome:
    """How a game ends with this guess.

    Args:
        guess: The class that the player named; None where they resigned.
        answer: The class to name.

    Example:
        >>> outcome("tench", "lobster")
        <Outcome.LOSS: 'loss'>
    """
    if guess is None:
        return Outcome.RESIGN
    return Outcome.WIN if guess == answer else Outcome.LOSS


def draw_options(
    answer: str, also: str | None, classes: Collection[str], count: int, rng: Random
) -> list[str]:
    """The classes to choose from, in the order in which they are shown.

    Args:
        answer: The class to name.
        also: A class that must be among them too, as the one that the network took it for.
        classes: All of them; ``answer`` and ``also`` count even where they are missing here.
        count: How many to show, :data:`OPTIONS` in the thesis; all where there are fewer.
        rng: The dice.

    Raises:
        DataError: Fewer options are asked for than there must be.

    Source:
        Thesis, section 4.4.1: the right class and five others at random. Uniformly and in a random
        order, never by the network's confidence (methods 7).

    Example:
        >>> draw_options("cat", None, ["cat", "dog", "cow"], 2, Random(3))
        ['cow', 'cat']
    """
    certain = [answer] if also is None or also == answer else [answer, also]
    if count < len(certain):
        raise DataError(f"{count} options cannot hold {' and '.join(certain)}; allow more of them")
    # Sorted, so that the draw does not depend on how the classes are kept.
    others = sorted(set(classes) - set(certain))
    drawn = certain + rng.sample(others, min(count - len(certain), len(others)))
    rng.shuffle(drawn)
    return drawn
