"""The experiments by name, and how their results are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netgloss.errors import OptionError
from netgloss.progress import Tracker, untracked
from netgloss.store.atomic import atomic_path, write_text
from netgloss.store.tables import write_csv

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["EXPERIMENTS", "Experiment", "find_experiment", "run_experiment"]

# SECA against ACE joins them once ACE is one of the evidence methods.
EXPERIMENTS = {
    "correctness": "correctness",
    "number-of-images": "number_of_images",
    "granularity": "granularity",
    "crowd": "crowd",
}
"""Name to module, in the order in which the paper tells them."""


@dataclass(frozen=True)
class Experiment:
    """One experiment: its module's ``ABOUT``, ``Options``, ``run``, ``figure`` and ``page``.

    Args:
        name: What the user types.
        about: What it asks, in one line.
        options: A dataclass of what can be chosen.
        run: Gives the rows.
        figure: Draws them.
        page: Tells them, as Markdown.
    """

    name: str
    about: str
    options: type[Any]
    run: Callable[[Path, Any, Tracker], pd.DataFrame]
    figure: Callable[[pd.DataFrame], Figure]
    page: Callable[[pd.DataFrame], str]


def find_experiment(name: str) -> Experiment:
    """The experiment of that name.

    Raises:
        OptionError: There is none.
    """
    if name not in EXPERIMENTS:
        raise OptionError(
            f"experiment '{name}' is not known; choose one of: {', '.join(EXPERIMENTS)}"
        )
    module = import_module(f"netgloss.experiments.{EXPERIMENTS[name]}")
    return Experiment(name, module.ABOUT, module.Options, module.run, module.figure, module.page)


def run_experiment(
    name: str, out: Path, work: Path, given: Mapping[str, Any], track: Tracker = untracked
) -> list[Path]:
    """Runs an experiment and writes its rows, figure and page; returns the three files.

    Args:
        name: One of :data:`EXPERIMENTS`.
        out: Gets ``<name>.csv``, ``<name>.png`` and ``<name>.md``.
        work: Where drawn pictures, networks and finished runs are kept.
        given: The options that were chosen; the others keep their defaults.
        track: Draws progress.

    Raises:
        OptionError: The experiment or an option of it is unknown.
        NetglossError: A run fails; what is finished stays in ``work``.
    """
    experiment = find_experiment(name)
    known = {one.name for one in fields(experiment.options)}
    for key in given:
        if key not in known:
            raise OptionError(
                f"experiment '{name}' has no option --{key}; "
                f"it has: {', '.join(f'--{one}' for one in sorted(known))}"
            )
    frame = experiment.run(work, experiment.options(**given), track)
    csv, png, page = (out / f"{name}.{ending}" for ending in ("csv", "png", "md"))
    write_csv(frame, csv)
    with atomic_path(png) as temporary:
        experiment.figure(frame).savefig(
            temporary, format="png", dpi=200, metadata={"Software": None}
        )
    write_text(page, experiment.page(frame))
    return [csv, png, page]
