"""The number-of-images experiment as a figure and a page: what samples of each size find."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netgloss.experiments.agreement import BATCHES
from netgloss.experiments.figures import COLOURS, SHADES, band, label_ends, new_figure, styled
from netgloss.experiments.markdown import table, verdict_table

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["figure", "landmarks", "page"]

_LANDMARKS = (
    ("recall_over_0.2", "V ≥ .2", 200, 0.9),
    ("recall_over_0.2", "V ≥ .2", 300, 0.97),
    ("recall_over_0.4", "V ≥ .4", 100, 0.95),
)
_ALL = COLOURS[1]
_SHOWN = (20, 50, 100, 200, 300, 400)
_LEAST_WIDTH = 10  # of a panel in pictures, where all samples have one size

_PAGE = """\
# How many pictures must people describe?

SECA, section 6.2, on drawn pictures. {setting} Precision is the share of a sample's significant
concepts that are significant in the reference too; recall is the share of the reference's
concepts that the sample has; the error is the mean absolute difference of Cramér's V over the
concepts of both. Significant means p ≤ .05, not corrected, as in the paper. A reference is only a
sample itself, so even one as large does not reach a recall of 1. Values of V are those of the
reference; those of wrongly found concepts are the sample's.

Made by `netgloss experiment number-of-images`.

![Recall, precision, wrongly found concepts and error of V by number of pictures]\
(number-of-images.png)

## The paper's landmarks

Means over the repeats.

{landmarks}

## What was seen

{seen}

## In numbers

{tables}
"""


def landmarks(frame: pd.DataFrame) -> Iterator[tuple[str, str, bool | None]]:
    """Each landmark of the paper for each set, what was measured, and whether it is met.

    Args:
        frame: The rows of :func:`netgloss.experiments.number_of_images.run`.

    Yields:
        None in place of whether it is met where it could not be measured.
    """
    for name, rows in _groups(frame):
        for column, which, images, least in _LANDMARKS:
            promise = (
                f"{name}: recall of concepts with {which} at least {least} at {images} pictures"
            )
            values = rows.loc[rows["images"] == images, column]
            if values.empty:
                yield promise, f"samples end at {rows['images'].max()} pictures", None
            elif values.isna().all():
                yield promise, "the reference has no such concept", None
            else:
                mean = float(values.mean())
                measured_value = f"{mean:.3f}, standard deviation {values.std(ddof=0):.3f}"
                yield promise, measured_value, mean >= least


@styled
def figure(frame: pd.DataFrame) -> Figure:
    """Recall, precision, wrongly found concepts and error of V by number of pictures.

    Args:
        frame: The rows of :func:`netgloss.experiments.number_of_images.run`.

    Source:
        SECA, Figure 4.
    """
    groups = list(_groups(frame))
    columns = 2 if len(groups) == 1 else 4
    picture, panels = new_figure(
        4 * len(groups) // columns,
        columns,
        height=5.6 if columns == 2 else 2.7 * len(groups),
        width=9.0 if columns == 2 else 15.0,
    )
    for number, (name, rows) in enumerate(groups):
        _draw_set(panels[4 * number : 4 * number + 4], name, rows)
    return picture


def page(frame: pd.DataFrame) -> str:
    """The page in Markdown.

    Args:
        frame: The rows of :func:`netgloss.experiments.number_of_images.run`.
    """
    groups = list(_groups(frame))
    return _PAGE.format(
        setting=_setting(frame),
        landmarks=verdict_table("landmark", landmarks(frame)),
        seen="\n".join(_seen(name, rows) for name, rows in groups),
        tables="\n\n".join(_table(name, rows) for name, rows in groups),
    )


def _groups(frame: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """The rows of each set and network, named by what differs, in the order of the rows."""
    several = frame["network"].nunique() > 1
    return [
        (f"{name}, {network}" if several else str(name), rows)
        for (name, network), rows in frame.groupby(["set", "network"], sort=False)
    ]


def _curve(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """A measure with the number of images down and the repeats across."""
    return rows.pivot(index="images", columns=["seed", "repeat"], values=column)


def _draw_set(panels: list[Axes], name: str, rows: pd.DataFrame) -> None:
    recall, precision, wrong, error = panels
    first, last = rows["images"].min(), rows["images"].max()
    for panel, title in zip(
        panels,
        (f"{name}: recall", "Precision", "Wrongly found concepts", "Mean absolute error of V"),
        strict=True,
    ):
        panel.set_title(title)
        panel.set_xlim(first, max(last, first + _LEAST_WIDTH))
        panel.set_xlabel("pictures described")
    for panel in (recall, precision):
        panel.set_ylim(0, 1.02)
    _batches(recall, rows, "recall")
    _batches(wrong, rows, "wrong")
    _batches(error, rows, "mae")
    above = band(precision, _curve(rows, "precision_over_0.2"), SHADES[3])
    every = band(precision, _curve(rows, "precision"), _ALL, linewidth=2.2)
    label_ends(precision, [(above, "V ≥ .2", SHADES[3]), (every, "all", _ALL)])


def _batches(axes: Axes, rows: pd.DataFrame, measure: str) -> None:
    """A line for each batch of V, named in the panel of the recall, and one for all concepts."""
    ends = []
    for batch, shade in zip(BATCHES, SHADES, strict=True):
        curve = _curve(rows, f"{measure}_{batch}")
        if measure != "wrong" or curve.to_numpy().any():
            end = band(axes, curve, shade, spread=measure != "wrong")
            ends.append((end, _batch_name(batch), shade))
    every = band(axes, _curve(rows, measure), _ALL, linewidth=2.2)
    if measure != "recall":
        axes.set_ylim(bottom=0)
        ends = []  # the lines run into one another, and the colours are the same
    label_ends(axes, [*ends, (every, "all", _ALL)])


def _batch_name(batch: str) -> str:
    low, high = (float(part) for part in batch.split("-"))
    return f"V {low:.1f}–{high:.1f}".replace("0.", ".").replace("V .0", "V 0").replace("1.0", "1")


def _setting(frame: pd.DataFrame) -> str:
    pool = int(frame["pool"].max())
    return (
        f"{frame['repeat'].nunique()} times a pool of {pool} pictures is divided at random: "
        f"{pool // 2} are the reference, and samples of {frame['images'].min()} to "
        f"{frame['images'].max()} come from the others. Simulated experts describe the heat maps "
        f"({', '.join(name for name, _ in _groups(frame))})."
    )


def _seen(name: str, rows: pd.DataFrame) -> str:
    mean = rows.groupby("images").mean(numeric_only=True)
    first, last = mean.iloc[0], mean.iloc[-1]
    low = rows[[f"wrong_{BATCHES[0]}"]].sum().sum()
    share = low / rows["wrong"].sum() if rows["wrong"].sum() else float("nan")
    return (
        f"- {name}: the reference has {last['reference']:.0f} concepts. From {mean.index[0]} to "
        f"{mean.index[-1]} pictures the recall goes from {first['recall']:.2f} to "
        f"{last['recall']:.2f}, that of concepts with V ≥ .2 from "
        f"{first['recall_over_0.2']:.2f} to {last['recall_over_0.2']:.2f}; the precision from "
        f"{first['precision']:.2f} to {last['precision']:.2f} (paper: .93 at 200 pictures, .9 at "
        f"300); the error of V from {first['mae']:.3f} to {last['mae']:.3f} (paper: .2 to .026). "
        f"{share:.0%} of the wrongly found concepts have a V below .2."
    )


def _table(name: str, rows: pd.DataFrame) -> str:
    columns = {
        "recall": "recall",
        "recall_over_0.2": "recall, V ≥ .2",
        "recall_over_0.4": "recall, V ≥ .4",
        "precision": "precision",
        "precision_over_0.2": "precision, V ≥ .2",
        "wrong": "wrong",
        "mae": "error of V",
    }
    lines = []
    for images, part in rows[rows["images"].isin(_SHOWN)].groupby("images"):
        cells = [f"{part[column].mean():.{1 if column == 'wrong' else 3}f}" for column in columns]
        lines.append((str(images), *cells))
    return f"**{name}**\n\n{table(('pictures', *columns.values()), lines)}"
