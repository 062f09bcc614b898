"""The correctness experiment as a figure and a page: who found the planted cue, and how clearly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from netgloss.experiments.figures import COLOURS, new_figure, styled
from netgloss.experiments.markdown import table, verdict_table
from netgloss.experiments.runs import RELIES, SETS
from netgloss.scenes.world import find_task

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["figure", "page", "verdicts"]

_ENOUGH = {"experts": 0.9, "crowd": 0.8}  # share of the seeds
_UNBIASED_V = 0.3

_PAGE = """\
# Does the planted cue come out on top?

A network is trained on drawn pictures in which one cue tells the class. SmoothGrad shows where it
looks; simulated people, who know neither the classes nor the cue, say what lies there; the words
become concepts, and the concepts are ranked by their association with the network's answer
(Cramér's V). The truth is known, so the ranking can be checked. Sets are named as in the SECA
paper's Table 1.

{size} Made by `netgloss experiment correctness`.

The heat maps average gradients as Smilkov et al. do, not their squares as SECA's code does: squares
let the hottest digits of a stamp take so much of the heat that the rest of it counts as cold, and
which digits those are depends on the class. Tried on D3 with two networks, the same people then put
*day* before every combination of city and time.

![V of the strongest planted concept in every run](correctness.png)

## Promises

{verdicts}

## Every set

*found*: runs in which a planted concept has rank 1 (one of the three first ranks for the
exclusive-ors D3 and D4, which no single concept can show); for the unbiased sets, runs in which no
planted concept is above V = .3. *V*: median and range of the strongest planted concept. *expected*:
V if people named all that is drawn; they name what is hot, and what is hot depends on the network's
answer too, so that V lies below it or above.
*precision*: share of the ten strongest concepts that name the cue; *recall*: share of the concepts
that name it (at most ten) among the ten strongest. *flips*: lowest share of new pictures whose
class changes once the cue is swapped.

{table}

## The ten strongest concepts

With experts, the first network and seed of each set. Planted concepts are in bold.

{strongest}
"""


@styled
def figure(frame: pd.DataFrame) -> Figure:
    """Cramér's V of the strongest planted concept, a dot a run, beside what is expected.

    Args:
        frame: The rows of :func:`netgloss.experiments.correctness.run`.
    """
    sets = [name for name in SETS if name in set(frame["set"])]
    networks = frame["network"].unique()
    picture, axes = new_figure(1, 2, height=0.9 + 0.42 * len(sets), sharey=True)
    for panel, people in zip(axes, ("experts", "crowd"), strict=True):
        for line, name in enumerate(sets):
            rows = frame[(frame["set"] == name) & (frame["people"] == people)]
            expected = rows["expected_v"].max()
            panel.plot([expected] * 2, [line - 0.36, line + 0.36], color=COLOURS[-1], linewidth=2)
            for place, network in enumerate(networks):
                own = rows[rows["network"] == network]
                shift = 0.32 * (place - (len(networks) - 1) / 2)
                panel.plot(
                    own["cramers_v"],
                    line + shift + 0.012 * (own["seed"] - own["seed"].mean()),
                    "o",
                    color=COLOURS[place],
                    markersize=4,
                    alpha=0.75,
                    markeredgewidth=0,
                    label=network if line == 0 else None,
                )
        panel.set_title(people.capitalize(), loc="left")
        panel.set_xlim(-0.02, 1.04)
        panel.grid(axis="x", alpha=0.4)
    axes[0].set_yticks(range(len(sets)), [f"{name}  {_bias(name)}" for name in sets])
    axes[0].invert_yaxis()
    picture.supxlabel("Cramér's V of the strongest planted concept (bar: expected)", fontsize=9)
    axes[1].legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=len(networks))
    return picture


def page(frame: pd.DataFrame) -> str:
    """The page in Markdown.

    Args:
        frame: The rows of :func:`netgloss.experiments.correctness.run`.
    """
    return _PAGE.format(
        size=_size(frame),
        verdicts=verdict_table("promise", verdicts(frame)),
        table=_table(frame),
        strongest=_strongest(frame),
    )


def verdicts(frame: pd.DataFrame) -> Iterator[tuple[str, str, bool]]:
    """Each promise, what was measured, and whether it holds.

    Args:
        frame: The rows of :func:`netgloss.experiments.correctness.run`.
    """
    for people, least in _ENOUGH.items():
        for name, rows in _groups(frame[frame["people"] == people]):
            for network, own in rows.groupby("network", sort=False):
                yield _verdict(name, f"{name}, {network}, {people}", own, least)
    biased = frame[frame["strength"] == 1]
    if len(biased):
        worst = biased["flip_rate"].min()
        promise = f"fully biased sets: swapping the cue flips at least {RELIES:.0%} of the answers"
        yield promise, f"lowest {worst:.1%}", bool(worst >= RELIES)


def _verdict(name: str, who: str, rows: pd.DataFrame, least: float) -> tuple[str, str, bool]:
    """The promise about the runs of one set, network and population."""
    found, runs = _found(name, rows), len(rows)
    measured = f"{found} of {runs} seeds"
    if not SETS[name][1].strength:
        promise = f"{who}: no concept of the biased twin above V = {_UNBIASED_V} in any run"
        return promise, f"{measured}, largest V {rows['cramers_v'].max():.2f}", found == runs
    place = "in the first three ranks" if _exclusive(name) else "at rank 1"
    promise = f"{who}: a planted concept {place} in at least {least:.0%} of the seeds"
    return promise, measured, found >= least * runs


def _found(name: str, rows: pd.DataFrame) -> int:
    """In how many runs the outcome is the right one."""
    if not SETS[name][1].strength:
        return int((rows["cramers_v"] <= _UNBIASED_V).sum())
    return int((rows["rank_of_planted"] <= (3 if _exclusive(name) else 1)).sum())


def _table(frame: pd.DataFrame) -> str:
    head = ("set", "planted", "network", "people", "found", "V", "expected", "precision", "recall")
    lines = []
    for name, rows in _groups(frame):
        for (network, people), own in rows.groupby(["network", "people"], sort=False):
            v = own["cramers_v"]
            lines.append(
                (
                    name,
                    _bias(name),
                    network,
                    people,
                    f"{_found(name, own)} of {len(own)}",
                    f"{v.median():.2f} ({v.min():.2f}–{v.max():.2f})",
                    f"{own['expected_v'].iloc[0]:.2f}",
                    f"{own['precision_at_10'].mean():.2f}",
                    f"{own['recall_at_10'].mean():.2f}",
                    f"{own['accuracy'].mean():.3f}",
                    f"{own['flip_rate'].min():.2f}",
                )
            )
    return table((*head, "accuracy", "flips"), lines)


def _strongest(frame: pd.DataFrame) -> str:
    lines = []
    first = frame[(frame["people"] == "experts") & (frame["seed"] == frame["seed"].min())]
    for name, rows in _groups(first):
        task, bias = SETS[name]
        planted = find_task(task).cue(bias.cue).planted
        entries = [entry.rpartition(" ")[::2] for entry in rows["strongest"].iloc[0].split("; ")]
        shown = [
            f"**{concept}** {v}" if planted.matches(concept) else f"{concept} {v}"
            for concept, v in entries
        ]
        lines.append((name, ", ".join(shown)))
    return table(("set", "strongest concepts (V)"), lines)


def _groups(frame: pd.DataFrame) -> Iterator[tuple[str, Any]]:
    """The rows of each set, in the paper's order."""
    for name in SETS:
        rows = frame[frame["set"] == name]
        if len(rows):
            yield name, rows


def _exclusive(name: str) -> bool:
    task, bias = SETS[name]
    return find_task(task).cue(bias.cue).exclusive_or


def _bias(name: str) -> str:
    bias = SETS[name][1]
    return bias.cue if bias.strength else f"nothing ({bias.cue} by chance)"


def _size(frame: pd.DataFrame) -> str:
    networks, sets = frame["network"].unique(), frame["set"].unique()
    seeds, images = frame["seed"].nunique(), frame["images"].iloc[0]
    return (
        f"{len(sets)} sets, {' and '.join(networks)} networks, {seeds} seeds, {images} pictures "
        "described in each run."
    )
