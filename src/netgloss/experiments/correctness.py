"""SECA's correctness experiment (section 5, methods 9): does the planted cue come out on top?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from netgloss.experiments.correctness_page import figure, page
from netgloss.experiments.kept import RunOptions, measured
from netgloss.experiments.runs import SETS, Run, annotate, prepare
from netgloss.experiments.scoring import score
from netgloss.progress import Tracker, untracked
from netgloss.scenes.world import find_task

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLUMNS", "NAME", "Options", "figure", "page", "run"]

NAME = "correctness"

COLUMNS = (
    "set",
    "strength",
    "network",
    "people",
    "seed",
    "planted",
    "rank_of_planted",
    "cramers_v",
    "expected_v",
    "precision_at_10",
    "recall_at_10",
    "concepts",
    "strongest",
    "accuracy",
    "flip_rate",
    "images",
)


@dataclass(frozen=True)
class Options(RunOptions):
    """What is run: :class:`~netgloss.experiments.kept.RunOptions` with other defaults."""

    sets: tuple[str, ...] = tuple(SETS)
    networks: tuple[str, ...] = ("vgg", "inception")
    seeds: int = 10
    images: int = 200
    keep: bool = False


def run(work: Path, options: Options | None = None, track: Tracker = untracked) -> pd.DataFrame:
    """One row a run and population; the same options give the same rows.

    Args:
        work: Where networks and finished runs are kept, so that the experiment can go on.
        options: What is run.
        track: Draws progress, one item a set and seed.

    Raises:
        OptionError: A set or a network is unknown.
    """
    return measured(_rows, options or Options(), work / NAME, track)[list(COLUMNS)]


def _rows(run: Run, work: Path, _options: Options) -> pd.DataFrame:
    """One row for the experts and one for the crowd."""
    import pandas as pd

    from netgloss.answers.populations import CROWD, EXPERT

    prepared = prepare(run, work)
    task, bias = SETS[run.set]
    cue = find_task(task).cue(bias.cue)
    rows = []
    for people, population in (("experts", EXPERT), ("crowd", CROWD)):
        table = annotate(prepared, population, seed=run.seed)
        rows.append(
            {
                "strength": bias.strength,
                "people": people,
                **score(table, cue),
                "expected_v": round(cue.expected_v(bias.strength), 4),
                "accuracy": round(prepared.accuracy, 4),
                "flip_rate": round(prepared.flip_rate, 4),
                "images": run.images,
            }
        )
    return pd.DataFrame(rows)
