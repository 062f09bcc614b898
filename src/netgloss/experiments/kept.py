"""Keeps the rows of each finished run, so that an interrupted experiment goes on with the next."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netgloss.errors import OptionError
from netgloss.experiments.pool import in_processes
from netgloss.experiments.runs import Run
from netgloss.progress import Tracker
from netgloss.store.tables import read_table, write_table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["RunOptions", "measured", "runs_of"]

# The options are those of the experiment that the function belongs to.
Measure = Callable[[Run, Path, Any], "pd.DataFrame"]


@dataclass(frozen=True)
class RunOptions:
    """What every experiment can be told; each has defaults and further options of its own.

    Args:
        sets: Names of :data:`~netgloss.experiments.runs.SETS`.
        networks: ``vgg``, ``inception``.
        seeds: How many seeds, from 0, for each set and network.
        images: Pictures that are explained and described in each run.
        keep: Keep each run's pictures and studies; without it only the trained networks stay.
        jobs: Processes at a time.
    """

    sets: tuple[str, ...] = ("BM1.2",)
    networks: tuple[str, ...] = ("vgg",)
    seeds: int = 1
    images: int = 300
    keep: bool = True
    jobs: int = 1


def runs_of(options: RunOptions) -> list[Run]:
    """Every set with every network and seed, each once.

    Raises:
        OptionError: A set or a network is unknown, or there is none.
    """
    runs = dict.fromkeys(
        Run(name, network, seed, options.images)
        for name in options.sets
        for network in options.networks
        for seed in range(options.seeds)
    )
    if not runs:
        raise OptionError("nothing to run; give at least one set, one network and one seed")
    return list(runs)


def measured(measure: Measure, options: RunOptions, folder: Path, track: Tracker) -> pd.DataFrame:
    """The rows of all runs, one below the other; what was finished before is read from disk.

    The runs of one set and seed stay in one process, since their networks learn from the same
    pictures.

    Args:
        measure: Gives the rows of a run; a function of a module, so that another process can
            find it. Takes the run, the folder that all experiments share, and the options.
        options: Which runs, and how many processes at a time; handed on to ``measure``.
        folder: Keeps the finished rows of runs with these options; its parent is shared.
        track: Draws progress, one item a set and seed.

    Raises:
        OptionError: A set or a network is unknown, or there is none.
    """
    import pandas as pd

    runs = runs_of(options)
    together: dict[tuple[str, int], list[Run]] = {}
    for one in runs:
        together.setdefault((one.set, one.seed), []).append(one)
    waiting = [(measure, group, options, folder) for group in together.values()]
    done = in_processes(_finished, waiting, options.jobs)
    rows: dict[str, pd.DataFrame] = {}
    for found in track(done, total=len(waiting), what="runs"):
        rows |= found
    return pd.concat([rows[one.name] for one in runs], ignore_index=True)


def _finished(
    measure: Measure, runs: Sequence[Run], options: RunOptions, folder: Path
) -> dict[str, pd.DataFrame]:
    """The rows of each run with the columns that tell which it is."""
    rows = {}
    for run in runs:
        place = folder / f"{run.name}.parquet"
        if not place.is_file():
            found = measure(run, folder.parent, options)
            for at, column in enumerate(("set", "network", "seed")):
                found.insert(at, column, getattr(run, column))
            write_table(found, place)
        rows[run.name] = read_table(place)
    if not options.keep:
        shutil.rmtree(runs[0].place(folder.parent), ignore_errors=True)
    return rows
