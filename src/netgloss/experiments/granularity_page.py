"""The granularity experiment as a figure and a page: what comes out in fine and coarse words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netgloss.experiments.agreement import KINDS
from netgloss.experiments.figures import COLOURS, INK, coloured_words, new_figure, styled
from netgloss.experiments.markdown import table
from netgloss.scenes.granularity import TYPE_LEVELS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["STRONGEST", "figure", "page"]

STRONGEST = 8
"""How many concepts a row of the experiment names, and a panel of the figure shows."""

_ABOUT_LEVEL = {
    "E1": "wholes",
    "E2": "parts and groups",
    "E3": "everything",
}

_PAGE = """\
# How finely must people describe what they see?

SECA, section 6.3, on drawn pictures. Simulated experts describe the same heat maps nine times.
Types: E1, a part by the whole's name and everything else as background; E2, parts by their own
names and the background in groups; E3, everything by its own name. Attributes: A1a, seven main
colours, and patterned; A1b, dark or light; A2, as they are. {setting}

Made by `netgloss experiment granularity`.

![The strongest concepts at each granularity of the types, attributes as they are]\
(granularity.png)

## What was seen

{seen}

## Every granularity

*concepts* counts types, attributes and pairs; *significant* those with p ≤ .05, not corrected. The
significant concepts of E3 and A2, said in the coarser words, are the reference: *precision* is the
share of the coarse significant concepts that it holds, *recall* the share of it that is found. *V
changes by* is the mean absolute difference between V of a coarse concept and of the strongest fine
one in it. *same as OR*: share of the coarse concepts that hold on just the images on which one of
their fine concepts holds.

{tables}
"""


@styled
def figure(frame: pd.DataFrame) -> Figure:
    """The strongest concepts at E1, E2 and E3, with the attributes as they are.

    Args:
        frame: The rows of :func:`netgloss.experiments.granularity.run`.
    """
    first = frame[(frame["seed"] == frame["seed"].min()) & (frame["attributes"] == "A2")]
    groups = list(first.groupby(["set", "network"], sort=False))
    picture, panels = new_figure(
        len(groups), len(TYPE_LEVELS), height=0.5 + 2.7 * len(groups), sharex=True
    )
    for line, ((name, network), rows) in enumerate(groups):
        for place, level in enumerate(TYPE_LEVELS):
            own = rows[rows["types"] == level]
            panel = panels[len(TYPE_LEVELS) * line + place]
            _draw_bars(panel, own)
            if line == 0:
                panel.set_title(f"{level}: {_ABOUT_LEVEL[level]}")
            if place == 0:
                panel.set_ylabel(f"{name}, {network}")
    words = [("types", COLOURS[0]), ("attributes", COLOURS[2]), ("pairs", COLOURS[1])]
    coloured_words(picture, words)
    return picture


def page(frame: pd.DataFrame) -> str:
    """The page in Markdown.

    Args:
        frame: The rows of :func:`netgloss.experiments.granularity.run`.
    """
    groups = list(frame.groupby(["set", "network"], sort=False))
    setting = (
        f"{frame['images'].max()} pictures in each run, {frame['seed'].nunique()} "
        f"{'seed' if frame['seed'].nunique() == 1 else 'seeds'}."
    )
    return _PAGE.format(
        setting=setting,
        seen="\n".join(_seen(f"{name}, {network}", rows) for (name, network), rows in groups),
        tables="\n\n".join(_table(f"{name}, {network}", rows) for (name, network), rows in groups),
    )


def _draw_bars(axes: Axes, rows: pd.DataFrame) -> None:
    """The strongest concepts of one granularity as bars with their names and V."""
    colours = dict(zip(KINDS, (COLOURS[0], COLOURS[2], COLOURS[1]), strict=True))
    entries = _entries(rows["strongest"].iloc[0]) if len(rows) else []
    axes.set_xlim(0, 1)
    axes.set_ylim(STRONGEST - 0.4, -0.6)
    axes.set_yticks(range(len(entries)), [concept.replace("_", " ") for _, concept, _ in entries])
    axes.tick_params(axis="y", labelcolor=INK)
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)
    axes.set_xticks([])
    for line, (kind, _, v) in enumerate(entries):
        axes.barh(line, v, height=0.62, color=colours[kind], alpha=0.85, linewidth=0)
        inside = v > 0.25
        axes.text(
            v - 0.02 if inside else v + 0.02,
            line,
            f"{v:.2f}".lstrip("0"),
            ha="right" if inside else "left",
            va="center_baseline",
            color="white" if inside else INK,
        )


def _entries(strongest: str) -> list[tuple[str, str, float]]:
    """Kind, concept and V of each of the strongest concepts."""
    found = []
    for entry in strongest.split("; ") if strongest else []:
        key, _, v = entry.rpartition(" ")
        kind, _, concept = key.partition(":")
        found.append((kind, concept, float(v)))
    return found


def _seen(name: str, rows: pd.DataFrame) -> str:
    parts = []
    for level in TYPE_LEVELS:
        own = rows[(rows["types"] == level) & (rows["attributes"] == "A2")]
        entries = _entries(own["strongest"].iloc[0])
        told = ", ".join(f"{c.replace('_', ' ')} ({v:.2f})" for _, c, v in entries[:3]) or "none"
        parts.append(
            f"{level} has {own['concepts'].mean():.0f} concepts, "
            f"{own['significant'].mean():.0f} of them significant, the strongest {told}"
        )
    attributes = rows[rows["types"] == "E3"].groupby("attributes")["v_changes_by"].mean()
    return (
        f"- {name}, attributes as they are: {'; '.join(parts)}. With the finest types, coarser "
        f"attributes change V by {attributes['A1a']:.3f} (A1a) and {attributes['A1b']:.3f} (A1b) "
        "on average."
    )


def _table(name: str, rows: pd.DataFrame) -> str:
    columns = {
        "concepts": ("concepts", ".0f"),
        "significant": ("significant", ".0f"),
        "precision": ("precision", ".2f"),
        "recall": ("recall", ".2f"),
        "v_changes_by": ("V changes by", ".3f"),
        "same_as_or": ("same as OR", ".0%"),
    }
    lines = []
    for (types, attributes), own in rows.groupby(["types", "attributes"], sort=False):
        cells = [format(own[column].mean(), style) for column, (_, style) in columns.items()]
        entries = _entries(own["strongest"].iloc[0])[:5]
        told = ", ".join(f"{concept} ({v:.2f})" for _, concept, v in entries)
        lines.append((types, attributes, *cells, told))
    heads = (text for text, _ in columns.values())
    return f"**{name}**\n\n{table(('types', 'attributes', *heads, 'strongest'), lines)}"
