from __future__ import annotations

import numpy as np
import pytest

from netgloss.scenes.task import Bias, Planted, concepts
from netgloss.scenes.world import find_task, order_of

CITY = Planted(
    single=concepts("lane marking"), joined=((concepts("city"), concepts("hour", "minute")),)
)


@pytest.mark.parametrize(
    "expression",
    [
        "lane_marking",
        "white-lane_marking",
        "NOT lane_marking",
        "city AND hour",
        "minute AND city",
        "NOT city AND hour",
        "city AND NOT white-hour",
        "NOT yellow-city AND NOT minute",
    ],
)
def test_these_are_the_cue_in_words(expression: str) -> None:
    assert CITY.matches(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "lane",
        "lane_marking_worn",
        "city",
        "hour",
        "NOT hour",
        "hour AND minute",
        "city AND NOT city",
        "city AND day",
        "city AND hour AND minute",
        "lane_marking AND city",
        "happy_hour AND city",
    ],
)
def test_these_are_not(expression: str) -> None:
    assert not CITY.matches(expression)


@pytest.mark.parametrize(
    ("task", "name"),
    [("pedestrians", "date"), ("pedestrians", "date-city"), ("fish", "background")],
)
@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
def test_the_expected_v_is_that_of_simulated_draws(task: str, name: str, strength: float) -> None:
    known, count = find_task(task), 3000
    cue, bias = known.cues[name], Bias(name, strength)
    labels = [known.classes[seed % len(known.classes)] for seed in range(count)]
    states = [order_of(task, label, seed, bias).state for seed, label in enumerate(labels)]
    owners = {state: label for label, own in cue.states.items() for state in own}
    shown = states if cue.exclusive_or else [owners[state] for state in states]
    first = np.array(shown) == (cue.all_states[0] if cue.exclusive_or else known.classes[0])
    assert _cramers_v(np.array(labels), first) == pytest.approx(cue.expected_v(strength), abs=0.06)


def _cramers_v(labels: np.ndarray, shown: np.ndarray) -> float:
    """From the textbook's chi-squared, cell by cell; one column of the table is a yes or no."""
    chi_squared = 0.0
    for label in np.unique(labels):
        for answer in (False, True):
            expected = (labels == label).sum() * (shown == answer).mean()
            found = ((labels == label) & (shown == answer)).sum()
            chi_squared += (found - expected) ** 2 / expected
    return float(np.sqrt(chi_squared / len(labels)))
