"""Keeps the rows of each finished run, so that an interrupted experiment goes on with the next."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netgloss.experiments.pool import in_processes
from netgloss.experiments.runs import Run, chosen_sets
from netgloss.progress import Tracker
from netgloss.store.tables import read_table, write_table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["measured", "runs_of"]

Measure = Callable[[Run, Path, Any], "pd.DataFrame"]


def runs_of(sets: Sequence[str], networks: Sequence[str], seeds: int, images: int) -> list[Run]:
    """Every set with every network and seed.

    Raises:
        OptionError: A set is unknown.
    """
    return [
        Run(name, network, seed, images)
        for name in chosen_sets(sets)
        for network in networks
        for seed in range(seeds)
    ]


def measured(
    measure: Measure, runs: Sequence[Run], options: Any, folder: Path, track: Tracker
) -> pd.DataFrame:
    """The rows of all runs, one below the other; what was finished before is read from disk.

    The runs of one set and seed stay in one process, since their networks learn from the same
    pictures.

    Args:
        measure: Gives the rows of a run; a function of a module, so that another process can
            find it. Takes the run, the folder that all experiments share, and the options.
        runs: What to measure.
        options: Handed on; has ``jobs``, how many processes to use at a time, and may have
            ``keep``, whether the pictures and studies of a finished run stay.
        folder: Keeps the finished rows of runs with these options; its parent is shared.
        track: Draws progress, one item a set and seed.
    """
    import pandas as pd

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
    measure: Measure, runs: Sequence[Run], options: Any, folder: Path
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
    if not getattr(options, "keep", True):
        shutil.rmtree(runs[0].place(folder.parent), ignore_errors=True)
    return rows
