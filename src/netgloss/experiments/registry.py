"""The experiments by name, and how their results are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from netgloss.errors import OptionError
from netgloss.progress import Tracker, untracked
from netgloss.store.atomic import atomic_path, write_text
from netgloss.store.tables import write_csv

__all__ = ["EXPERIMENTS", "Experiment", "find_experiment", "run_experiment"]


@dataclass(frozen=True)
class Experiment:
    """An experiment as people choose it; what it needs is loaded once it runs.

    Args:
        name: What the user types.
        asks: What it asks, in one line.
        module: The module in this room that tells it: ``Options`` (what can be chosen),
            ``run(work, options, track)`` (gives the rows), ``figure(rows)`` (draws them) and
            ``page(rows)`` (tells them, as Markdown).
    """

    name: str
    asks: str
    module: str


# SECA against ACE joins them once ACE is one of the evidence methods.
EXPERIMENTS = {
    one.name: one
    for one in (
        Experiment("correctness", "is the planted cue the strongest concept?", "correctness"),
        Experiment(
            "number-of-images", "how many pictures must people describe?", "number_of_images"
        ),
        Experiment("granularity", "how finely must they describe them?", "granularity"),
        Experiment("crowd", "how much is lost with a crowd instead of experts?", "crowd"),
        Experiment(
            "cluster-stability",
            "do feature maps come together the same way twice?",
            "cluster_stability",
        ),
        Experiment("reveal", "do players of Deep Reveal name the planted cue?", "reveal"),
    )
}
"""By name, in the order in which the paper tells them."""


def find_experiment(name: str) -> Experiment:
    """The experiment of that name.

    Raises:
        OptionError: There is none.
    """
    if name not in EXPERIMENTS:
        raise OptionError(
            f"experiment '{name}' is not known; choose one of: {', '.join(EXPERIMENTS)}"
        )
    return EXPERIMENTS[name]


def run_experiment(
    name: str, out: Path, work: Path, given: Mapping[str, Any], track: Tracker = untracked
) -> list[Path]:
    """Runs an experiment and writes its rows, figure and page; returns the three files.

    Args:
        name: One of :data:`EXPERIMENTS`.
        out: Gets ``<name>.csv``, ``<name>.png`` and ``<name>.md``.
        work: Where drawn pictures, networks and finished runs are kept.
        given: The fields of the experiment's ``Options`` that were chosen; the others keep
            their defaults.
        track: Draws progress.

    Raises:
        OptionError: The experiment is unknown, or an option of it is out of range.
        NetglossError: A run fails; what is finished stays in ``work``.
    """
    story = import_module(f"netgloss.experiments.{find_experiment(name).module}")
    frame = story.run(work, story.Options(**given), track)
    csv, png, page = (out / f"{name}.{ending}" for ending in ("csv", "png", "md"))
    write_csv(frame, csv)
    with atomic_path(png) as temporary:
        story.figure(frame).savefig(temporary, format="png", dpi=200, metadata={"Software": None})
    write_text(page, story.page(frame))
    return [csv, png, page]
