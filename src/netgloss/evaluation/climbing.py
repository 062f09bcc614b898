"""Expectation-maximisation: climbs until the score no longer rises (methods 13)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netgloss.errors import OptionError
from netgloss.progress import Tracker, untracked

__all__ = ["Climb", "EMOptions", "climb", "log"]


@dataclass(frozen=True)
class EMOptions:
    """How expectation-maximisation goes about it.

    Args:
        smoothing: Answers of every kind that each person is credited with beforehand, so that
            nobody counts as infallible; 0 gives the plain maximum likelihood.
        tolerance: The climb ends once a round gains less than this.
        rounds: It ends after so many rounds at the latest.

    Raises:
        OptionError: One is negative, or there is no round.

    Source:
        Methods 13: smoothing .01 to 1, a gain below 1e-6, 200 rounds.
    """

    smoothing: float = 0.01
    tolerance: float = 1e-6
    rounds: int = 200

    def __post_init__(self) -> None:
        if not (self.smoothing >= 0 and self.tolerance >= 0 and self.rounds >= 1):
            raise OptionError(
                f"{self}: smoothing and tolerance are 0 or more, and there is at least one round"
            )


@dataclass(frozen=True)
class Climb:
    """How a climb went.

    Attributes:
        scores: The score after each round: the log-likelihood, and with smoothing the log of
            its prior; it never falls.
        converged: Whether the last round gained less than the tolerance.
    """

    scores: tuple[float, ...]
    converged: bool


def climb(step: Callable[[], float], options: EMOptions, track: Tracker = untracked) -> Climb:
    """Repeats a step until its score no longer rises.

    Args:
        step: One round: parameters from the posterior, then the posterior from them; gives the
            score of these parameters.
        options: When to stop.
        track: Tells how many rounds have gone by; most climbs need few of them.

    Example:
        >>> heights = iter([-3.0, -2.0, -2.0])
        >>> climb(lambda: next(heights), EMOptions())
        Climb(scores=(-3.0, -2.0, -2.0), converged=True)
    """
    scores: list[float] = []
    for _ in track(range(options.rounds), total=options.rounds, what="Weighing the answers"):
        scores.append(step())
        if len(scores) > 1 and scores[-1] - scores[-2] < options.tolerance:
            return Climb(tuple(scores), converged=True)
    return Climb(tuple(scores), converged=False)


def log(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The natural logarithm; -inf for 0, without a warning."""
    result: NDArray[np.float64] = np.log(
        values, out=np.full(values.shape, -np.inf), where=values > 0
    )
    return result
