from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from netgloss.concepts.table import ConceptTable
from netgloss.experiments.scoring import score
from netgloss.scenes.task import Cue, Planted, concepts

STATES = {"a": ("1",), "b": ("2",)}
HOUR = Cue("", STATES, Planted(concepts("hour", "minute")))
CITY = Cue(
    "",
    {"a": ("00", "11"), "b": ("01", "10")},
    Planted(joined=((("city",), concepts("hour")),)),
    exclusive_or=True,
)


def _table(named: Sequence[tuple[str, Sequence[str]]]) -> ConceptTable:
    """A table of images, each with its label and the types that were named on it."""
    regions = [
        {"image": f"{number}.png", "person": "p", "type": kind, "attributes": []}
        for number, (_, kinds) in enumerate(named)
        for kind in kinds
    ]
    labels = {f"{number}.png": label for number, (label, _) in enumerate(named)}
    return ConceptTable.build(pd.DataFrame(regions), labels, list(labels))


def test_the_planted_concept_is_ranked_among_the_others() -> None:
    rows = [("a", ["hour", "coat"] if n < 9 else ["coat"]) for n in range(10)]
    rows += [("b", ["tree"] if n < 10 else []) for n in range(10)]
    outcome = score(_table(rows), HOUR)
    # coat and tree tell the class in every picture, hour in all but one.
    assert outcome["planted"] == "hour"
    assert outcome["rank_of_planted"] == 3
    assert outcome["cramers_v"] == pytest.approx(0.9045, abs=1e-4)
    assert outcome["precision_at_10"] == pytest.approx(1 / 3, abs=1e-4)
    assert outcome["recall_at_10"] == 1.0
    assert outcome["strongest"].startswith("coat (1.00); tree (1.00); hour (0.90)")


def test_ties_share_the_rank() -> None:
    rows = [("a", ["hour", "coat"]), ("b", [])] * 6
    assert score(_table(rows), HOUR)["rank_of_planted"] == 1


def test_a_concept_that_holds_on_the_same_pictures_counts_as_the_planted_one() -> None:
    rows = [("a", ["hour"] if n % 2 else ["hour", "minute"]) for n in range(8)]
    rows += [("b", ["tree"]) for _ in range(8)]
    outcome = score(_table(rows), Cue("", STATES, Planted(concepts("minute"))))
    assert (outcome["planted"], outcome["rank_of_planted"]) == ("minute", 3)


def test_nobody_named_the_cue() -> None:
    outcome = score(_table([("a", ["coat"]), ("b", ["tree"])] * 5), HOUR)
    assert outcome["planted"] == ""
    assert np.isnan(outcome["rank_of_planted"])
    assert outcome["cramers_v"] == 0.0
    assert outcome["recall_at_10"] == 0.0


def test_an_exclusive_or_is_looked_for_among_combinations() -> None:
    rows = [
        ("a" if city == hour else "b", [*(["city"] * city), *(["hour"] * hour), "coat"])
        for _ in range(10)
        for city in (0, 1)
        for hour in (0, 1)
    ]
    outcome = score(_table(rows), CITY)
    assert outcome["planted"] in {
        f"{left}city AND {right}hour" for left in ("", "NOT ") for right in ("", "NOT ")
    }
    assert outcome["rank_of_planted"] == 1
    assert outcome["cramers_v"] == pytest.approx(CITY.expected_v(1.0), abs=1e-4)
