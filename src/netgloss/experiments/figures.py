"""How the figures of the experiments look: one type, quiet axes, the colours of the report.

Figures are drawn by Agg without pyplot, so that nothing is left behind in the process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "COLOURS",
    "INK",
    "LINE",
    "QUIET",
    "SHADES",
    "band",
    "coloured_words",
    "label_ends",
    "new_figure",
    "styled",
]

# The light ground of report/templates/tokens.css; a test compares them.
INK = "#15181d"
QUIET = "#575d68"
LINE = "#d9dce1"
COLOURS = (
    "#0a66a3",
    "#b0460a",
    "#0b7556",
    "#8740a8",
    "#7d6100",
    "#b0246a",
    "#554bc0",
    "#4a5568",
)
"""Colours of unordered things, the grey last; the first two differ for every kind of sight."""
SHADES = ("#7fa9cc", "#5590c0", "#2f77ad", "#0b5790", "#062f4f")
"""Shades of one blue, light to dark, for an order of five."""

# DejaVu comes with matplotlib, so that a figure has the same bytes on every machine.
_STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "text.color": INK,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 8,
    "axes.titlecolor": INK,
    "axes.labelcolor": QUIET,
    "axes.edgecolor": LINE,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": QUIET,
    "ytick.labelcolor": QUIET,
    "xtick.major.size": 3,
    "ytick.major.size": 0,
    "lines.linewidth": 1.6,
    "lines.solid_capstyle": "round",
    "legend.frameon": False,
    "savefig.dpi": 200,
}

_LABEL = 7.5
_KEY = 8.5
_LINE_HEIGHT = 1.35  # of a label's font size
_POINTS = 72  # an inch

P = ParamSpec("P")
R = TypeVar("R")


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """Lets a function draw in the experiments' style, and puts matplotlib's own back after it."""

    @wraps(draw)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        with _style():
            return draw(*args, **kwargs)

    return wrapper


def new_figure(
    rows: int, columns: int, *, height: float, width: float = 9.0, **sharing: Any
) -> tuple[Figure, list[Axes]]:
    """An empty figure and its panels, row by row.

    Args:
        rows: Rows of panels.
        columns: Panels a row.
        height: Of the figure, in inches.
        width: Of the figure, in inches.
        **sharing: ``sharex``, ``sharey``, ``width_ratios`` and the like of matplotlib's
            ``Figure.subplots``.
    """
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    layout = ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.08, wspace=0.03, hspace=0.03)
    with _style():
        figure = Figure(figsize=(width, height), layout=layout, facecolor="white")
        panels = figure.subplots(rows, columns, squeeze=False, **sharing)
    return figure, list(panels.flat)


def band(
    axes: Axes, values: pd.DataFrame, colour: str, *, spread: bool = True, **line: Any
) -> float:
    """Draws the mean as a line and one standard deviation as a band; returns where it ends.

    Args:
        axes: The panel.
        values: Index: x. One column a repeat; missing values are left out of the mean.
        colour: Of both.
        spread: Whether to draw the band.
        **line: As matplotlib's ``plot`` takes it.

    Returns:
        The mean at the last x that has one; NaN where no value is known.
    """
    known = values.dropna(how="all")
    mean, off = known.mean(axis=1), known.std(axis=1, ddof=0)
    x = known.index.to_numpy(dtype=float)
    if spread:
        axes.fill_between(x, mean - off, mean + off, color=colour, alpha=0.13, linewidth=0)
    axes.plot(x, mean, color=colour, **line)
    return float(mean.iloc[-1]) if len(mean) else float("nan")


def label_ends(axes: Axes, ends: Sequence[tuple[float, str, str]]) -> None:
    """Writes the names of lines to the right of where they end, moved apart where they touch.

    Args:
        axes: The panel, its limits already set.
        ends: y, name and colour of each line; a line without a y is left out.
    """
    low, high = axes.get_ylim()
    # The layout is settled only when the figure is saved; this comes close.
    panel = axes.bbox.height / axes.figure.dpi * _POINTS
    gap = (high - low) * _LABEL * _LINE_HEIGHT / panel
    known = sorted((end for end in ends if end[0] == end[0]), key=lambda end: end[0])
    places = _apart([y for y, _, _ in known], gap, low, high)
    for place, (_, name, colour) in zip(places, known, strict=True):
        axes.annotate(
            name,
            (1.0, place),
            xycoords=("axes fraction", "data"),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            fontsize=_LABEL,
        )


def coloured_words(figure: Figure, words: Sequence[tuple[str, str]]) -> None:
    """Writes what each colour means in that colour, in a row over all panels.

    Args:
        figure: The figure.
        words: Text and colour.
    """
    from matplotlib.offsetbox import AnchoredOffsetbox, HPacker, TextArea

    figure.suptitle(" ", fontsize=_KEY)  # holds the room
    texts: list[Artist] = [
        TextArea(text, textprops={"color": colour, "fontsize": _KEY}) for text, colour in words
    ]
    row = AnchoredOffsetbox(
        "upper left",
        child=HPacker(children=texts, pad=0, sep=14),
        frameon=False,
        pad=0,
        borderpad=0.6,
        bbox_to_anchor=(0, 1),
        bbox_transform=figure.transFigure,
    )
    row.set_in_layout(False)
    figure.add_artist(row)


def _apart(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """The ascending places moved as little as needed to lie a gap apart and inside the limits."""
    moved = np.array(places, dtype=float)
    if not len(moved):
        return []
    # Down from the top, then up from the bottom: what does not fit above finds room below.
    moved[-1] = min(moved[-1], high)
    for number in range(len(moved) - 2, -1, -1):
        moved[number] = min(moved[number], moved[number + 1] - gap)
    moved[0] = max(moved[0], low)
    for number in range(1, len(moved)):
        moved[number] = max(moved[number], moved[number - 1] + gap)
    return [float(place) for place in moved]


@contextmanager
def _style() -> Iterator[None]:
    import matplotlib as mpl

    with mpl.rc_context(_STYLE):
        yield
