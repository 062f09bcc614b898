"""SECA's correctness experiment (section 5, methods 9): does the planted cue come out on top?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from netgloss.experiments.correctness_page import figure, page
from netgloss.experiments.kept import measured, runs_of
from netgloss.experiments.runs import SETS, Run, annotate, prepare
from netgloss.experiments.scoring import score
from netgloss.progress import Tracker, untracked
from netgloss.scenes.world import find_task

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ABOUT", "COLUMNS", "NAME", "Options", "figure", "page", "run"]

NAME = "correctness"
ABOUT = "is the planted cue the strongest concept? D1 to D5, BM1, BM2"

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
class Options:
    """What is run.

    Args:
        sets: Names of :data:`~netgloss.experiments.runs.SETS`.
        networks: ``vgg``, ``inception``.
        seeds: How many seeds, from 0, for a biased set and the first network.
        fewer: How many at most for an unbiased set, and for every further network.
        images: Pictures that are explained and described in each run.
        keep: Keep each run's pictures and studies; without it only the trained networks stay.
        jobs: Processes at a time.
    """

    sets: tuple[str, ...] = tuple(SETS)
    networks: tuple[str, ...] = ("vgg", "inception")
    seeds: int = 10
    fewer: int = 1
    images: int = 200
    keep: bool = False
    jobs: int = 1


def run(work: Path, options: Options | None = None, track: Tracker = untracked) -> pd.DataFrame:
    """One row a run and population; the same options give the same rows.

    Args:
        work: Where networks and finished runs are kept, so that the experiment can go on.
        options: What is run.
        track: Draws progress, one item a set and seed.
    """
    options = options or Options()
    runs = [
        one
        for one in runs_of(options.sets, options.networks, options.seeds, options.images)
        if one.seed < _seeds(one, options)
    ]
    return measured(_rows, runs, options, work / NAME, track)[list(COLUMNS)]


def _seeds(run: Run, options: Options) -> int:
    full = SETS[run.set][1].strength > 0 and run.network == options.networks[0]
    return options.seeds if full else min(options.seeds, options.fewer)


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
