"""The reveal experiment as a figure and a page: how often the label of a decision is the cue."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from netgloss.experiments.figures import COLOURS, QUIET, coloured_words, new_figure, styled
from netgloss.experiments.markdown import table, verdict_table
from netgloss.experiments.runs import SETS
from netgloss.scenes.world import find_task

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["PROMISED", "biased", "figure", "page", "verdicts"]

PROMISED = 0.8
"""Share of the images of a biased class whose label has to be the cue."""
_SHOWS = 0.95  # share of a class's images that have something of the cue

_PAGE = """\
# Does Deep Reveal name the planted cue?

A network is trained on drawn pictures in which one cue tells the class, and it is checked that its
answers change with the cue. Cluster maps of its three deepest layers are made for the images that
it names rightly (`netgloss extract STUDY anv`). Simulated players uncover them step by step: they
know the classes from 300 other pictures, but neither the network nor the cue; they guess once
they are sure enough, and say what they recognised. Five of them play each map, with the slips,
synonyms and bad habits of the crowd. Their words go through the usual stages, and the maps of a
layer that share their best label are merged. Then the heaviest merged map of the three layers is
taken, and its label compared with the cue.

The cue of an image is what it has and what its counterfactual lacks, which is the same picture
with the cue of another class.

{size} Made by `netgloss experiment reveal`.

![Share of the images whose heaviest map is labelled with the cue, as it is and turned](reveal.png)

## Promises

The planted cue is the top label of the heaviest merged map of the last layers in at least
{promised:.0%} of the rightly named images of a biased class.

{verdicts}

## Every class

*found*: images whose heaviest merged map has the cue among its best labels; *alone*: and no other
label beside it. *range*: share found in the worst and in the best run. *others*: share of the other
merged maps of the three layers that are called by the cue. *turned*: share of the images whose
heaviest map, turned by 180 degrees, is called by the cue: what players say of a place that the
network did not choose. Players ask for more until they can tell, and often only the cue tells. So
a small thing that is found and not found there was found by the map; a background that is named
wherever one looks was not. *won*, *hints*, *tags*:
games won, hints a game, tags a guessed game; in the thesis they were 90 %, 1.6 and 1.3 (Table 5).

{table}

## What the maps are called

The most frequent labels of the first seed. `a / b` is a tie.

{labels}
{absences}"""

_ABSENCES = """
## Classes that lack the cue

What tells these classes is that something is missing, in all of their images or in some. A picture
cannot show that and nobody can name it, so nothing is promised of them. Found, of the images that
have something of the cue to be seen: {told}.
"""


def biased(frame: pd.DataFrame) -> pd.Series[bool]:
    """Whether each row is about a class whose images have something of the cue to be seen."""
    return frame["shows_cue"] >= _SHOWS


@styled
def figure(frame: pd.DataFrame) -> Figure:
    """Share of the images whose heaviest merged map is labelled with the cue, a dot a run.

    A cross is the share among the same maps turned by 180 degrees.

    Args:
        frame: The rows of :func:`netgloss.experiments.reveal.run`.
    """
    rows = frame[biased(frame)]
    classes = list(_classes(rows))
    networks = list(rows["network"].unique())
    picture, (panel,) = new_figure(1, 1, height=1.0 + 0.42 * len(classes))
    for line, (name, label) in enumerate(classes):
        own = rows[(rows["set"] == name) & (rows["label"] == label)]
        for place, network in enumerate(networks):
            runs = own[own["network"] == network]
            shift = 0.3 * (place - (len(networks) - 1) / 2)
            shares = (runs["found"] / runs["images"]).tolist()
            look: dict[str, Any] = {"marker": "o", "markersize": 5, "linestyle": "none"}
            panel.plot(shares, [line + shift] * len(runs), color=COLOURS[place], alpha=0.8, **look)
            turned = (runs["turned"] / runs["images"]).tolist()
            look |= {"marker": "x", "markersize": 4}
            panel.plot(turned, [line + shift] * len(runs), color=COLOURS[place], alpha=0.8, **look)
    panel.axvline(PROMISED, color=QUIET, linewidth=1, linestyle="--")
    panel.set_yticks(
        range(len(classes)), [f"{name}  {label.replace('_', ' ')}" for name, label in classes]
    )
    panel.set_ylim(len(classes) - 0.5, -0.5)
    panel.set_xlim(-0.02, 1.03)
    panel.set_xlabel("share of the rightly named images")
    panel.grid(axis="x")
    named = [(network, COLOURS[place]) for place, network in enumerate(networks)]
    coloured_words(picture, [*named, ("x: the same maps turned", QUIET), ("- - promised", QUIET)])
    return picture


def page(frame: pd.DataFrame) -> str:
    """The page in Markdown.

    Args:
        frame: The rows of :func:`netgloss.experiments.reveal.run`.
    """
    absent = frame[~biased(frame)]
    told = "; ".join(_absence(absent, name, label) for name, label in _classes(absent))
    return _PAGE.format(
        size=_size(frame),
        promised=PROMISED,
        verdicts=verdict_table("promise", verdicts(frame)),
        table=_table(frame[biased(frame)]),
        labels=_labels(frame),
        absences=_ABSENCES.format(told=told) if told else "",
    )


def verdicts(frame: pd.DataFrame) -> Iterator[tuple[str, str, bool]]:
    """Each promise, what was measured, and whether it is met.

    Args:
        frame: The rows of :func:`netgloss.experiments.reveal.run`.
    """
    rows = frame[biased(frame)]
    if len(rows):
        yield _verdict("all biased classes together", rows)
    for name, label in _classes(rows):
        own = rows[(rows["set"] == name) & (rows["label"] == label)]
        for network, runs in own.groupby("network", sort=False):
            yield _verdict(f"{name}, {label}, {network}", runs)


def _absence(frame: pd.DataFrame, name: str, label: str) -> str:
    own = frame[(frame["set"] == name) & (frame["label"] == label)]
    images = own["images"].sum()
    showing = (own["shows_cue"] * own["images"]).sum()
    share = f"{own['found'].sum() / showing:.0%}" if showing else "none"
    return f"{name}, {label}: {share} ({showing / images:.0%} of {images} have something of it)"


def _verdict(who: str, rows: pd.DataFrame) -> tuple[str, str, bool]:
    found, images = int(rows["found"].sum()), int(rows["images"].sum())
    promise = f"{who}: the cue is the label in at least {PROMISED:.0%} of the images"
    return promise, f"{found / images:.1%} of {images}", found >= PROMISED * images


def _table(frame: pd.DataFrame) -> str:
    head = ("set", "planted", "class", "network", "found", "range", "alone", "others", "turned")
    lines = []
    for name, label in _classes(frame):
        own = frame[(frame["set"] == name) & (frame["label"] == label)]
        for network, runs in own.groupby("network", sort=False):
            shares, images = runs["found"] / runs["images"], runs["images"].sum()
            games, guessed = runs["games"].sum(), runs["won"] + runs["lost"]
            lines.append(
                (
                    name,
                    SETS[name][1].cue,
                    label,
                    str(network),
                    f"{runs['found'].sum() / images:.0%} of {images}",
                    f"{shares.min():.0%}–{shares.max():.0%}",
                    f"{runs['alone'].sum() / images:.0%}",
                    f"{runs['others_found'].sum() / max(runs['others'].sum(), 1):.0%}",
                    f"{runs['turned'].sum() / images:.0%}",
                    f"{runs['won'].sum() / games:.0%}",
                    f"{(runs['hints'] * runs['games']).sum() / games:.1f}",
                    f"{(runs['tags'] * guessed).sum() / max(guessed.sum(), 1):.1f}",
                    f"{runs['flip_rate'].min():.2f}",
                )
            )
    return table((*head, "won", "hints", "tags", "flips"), lines)


def _labels(frame: pd.DataFrame) -> str:
    first = frame[frame["seed"] == frame["seed"].min()]
    lines = [
        (row["set"], row["label"], row["network"], row["labels"]) for _, row in first.iterrows()
    ]
    return table(("set", "class", "network", "labels (images)"), lines)


def _classes(frame: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Each set with each of its classes that is in the rows, in the paper's order."""
    for name in SETS:
        present = set(frame.loc[frame["set"] == name, "label"])
        task, _ = SETS[name]
        yield from ((name, label) for label in find_task(task).classes if label in present)


def _size(frame: pd.DataFrame) -> str:
    networks, sets = frame["network"].unique(), frame["set"].unique()
    runs = frame.groupby(["set", "network", "seed"], sort=False)["games"].sum()
    seeds = frame["seed"].nunique()
    return (
        f"{len(sets)} sets, {' and '.join(networks)} networks, {seeds} seed{'s' * (seeds > 1)}; "
        f"{runs.sum():,} games about {frame['maps'].sum():,} maps of {frame['images'].sum():,} "
        "decisions."
    )
