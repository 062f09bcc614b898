"""Draws the local and the global view as one picture each (after Figures 19, 23 and 25).

Words first: a strip follows each word through the layers, and under it stand the maps, one
column a layer. All weights have one scale, so that every bar compares with every other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from netgloss.explanations.local import LayerColumn, LocalExplanation, MergedMap
from netgloss.explanations.overall import GlobalExplanation, LabelRow, LayerGroup, Occurrence
from netgloss.report.anv_canvas import Canvas, fitted, text_width
from netgloss.report.anv_pictures import MapPictures
from netgloss.report.anv_view import (
    FEW_GAMES,
    SHOWN,
    behind,
    colour_of,
    global_advice,
    global_subtitle,
    group_name,
    layer_size,
    local_advice,
    local_subtitle,
    row_facts,
    score_text,
    title_of,
    word_colours,
    word_rows,
    words_of,
)
from netgloss.report.phrasing import concept_words, percent

__all__ = ["COLOURS", "INK", "QUIET", "TRACK", "global_figure", "local_figure"]

# The light ground of report/templates/tokens.css; a test compares them.
INK = "#15181d"
QUIET = "#575d68"
LINE = "#d9dce1"
TRACK = "#e8eaed"
RAISED = "#f5f6f7"
ACCENT = "#1257a8"
COLOURS = (
    "#0a66a3",
    "#b0460a",
    "#0b7556",
    "#8740a8",
    "#7d6100",
    "#b0246a",
    "#4a5568",
    "#554bc0",
)

_MARGIN = 24
_GUTTER = 168
_COLUMN = 132
_GAP = 12
_ROW = 24
_PALE = 0.4
_CELL = 184


def local_figure(shown: LocalExplanation, pictures: MapPictures, study: str) -> Canvas:
    """The picture of a local view.

    Args:
        shown: The view.
        pictures: Draws the maps.
        study: The study folder's name, for the advice where words are missing.
    """
    bare = pictures.bare(shown.image)
    tall = _COLUMN * min(bare.shape[0] / bare.shape[1], 1.5)
    rows = word_rows(shown)
    most = max((len(column.maps) for column in shown.columns), default=1)
    top = 144 + (12 + _ROW * len(rows) if rows else 0)
    above = 21 if rows else 4
    card = tall + above + 51
    width = 2 * _MARGIN + _GUTTER + len(shown.columns) * (_COLUMN + _GAP) - _GAP
    canvas = Canvas(max(width, 560), top + max(1, most) * card + 28, title_of(shown))
    _heading(canvas, title_of(shown), local_subtitle(shown), local_advice(shown, study))
    scale = _scale(shown)
    _strip(canvas, shown, scale)
    _framed(canvas, _MARGIN, top + above, _COLUMN, tall, bare, shown.image)
    canvas.text(_MARGIN, top + above + tall + 15, "the image", size=12, colour=QUIET)
    colours = word_colours(list(shown.weights()))
    for place, column in enumerate(shown.columns):
        left = _MARGIN + _GUTTER + place * (_COLUMN + _GAP)
        _column_head(canvas, left, column)
        for number, found in enumerate(column.maps):
            drawn = pictures.overlay(shown.image, found.heat)
            y = top + number * card
            _framed(canvas, left, y + above, _COLUMN, tall, drawn, _about(found))
            _words_above(canvas, left, y + 14, found, colours, named=bool(rows))
            _weight_below(canvas, left, y + above + tall, found, colours, scale)
    return canvas


def global_figure(shown: GlobalExplanation, pictures: MapPictures, study: str) -> Canvas:
    """The picture of a global view: a row a group of layers, in it the labels by global score.

    Args:
        shown: The view.
        pictures: Draws the example maps.
        study: The study folder's name, for the advice where words are missing.
    """
    tall = 0.7 * _CELL
    row = tall + 96
    count = max(
        (min(SHOWN, len(group.rows) or len(group.unnamed)) for group in shown.groups), default=1
    )
    width = 2 * _MARGIN + _GUTTER + max(count, 3) * (_CELL + _GAP) - _GAP
    canvas = Canvas(width, 104 + row * max(1, len(shown.groups)), title_of(shown))
    _heading(canvas, title_of(shown), global_subtitle(shown), global_advice(shown, study))
    colours = word_colours(shown.labels(len(COLOURS)))
    highest = max((one.score for group in shown.groups for one in group.rows), default=1.0)
    for number, group in enumerate(shown.groups):
        top = 104 + number * row
        _group_head(canvas, top, group, len(shown.groups))
        for place, (label, example) in enumerate(_cells(group)):
            left = _MARGIN + _GUTTER + place * (_CELL + _GAP)
            _example(canvas, left, top, tall, example, pictures)
            if label is None:
                _unnamed(canvas, left, top + tall, example)
            else:
                _label(canvas, left, top + tall, label, len(shown.images), colours, highest)
    return canvas


def _heading(canvas: Canvas, title: str, subtitle: str, advice: str) -> None:
    room = canvas.width - 2 * _MARGIN
    canvas.text(_MARGIN, 44, fitted(title, 22, room, bold=True), size=22, bold=True)
    canvas.text(_MARGIN, 66, fitted(subtitle, 13, room), size=13, colour=QUIET)
    if advice:
        canvas.text(_MARGIN, 86, fitted(advice, 12, room), size=12, colour=ACCENT)


def _scale(shown: LocalExplanation) -> float:
    """The weight whose bar is full."""
    strip = [weight for row in word_rows(shown) for weight in row.weights]
    return max([one.weight for one in shown.maps] + strip, default=1.0) or 1.0


def _strip(canvas: Canvas, shown: LocalExplanation, scale: float) -> None:
    """How much of each layer's weight each word stands for."""
    room = _COLUMN - 42
    for number, row in enumerate(word_rows(shown)):
        y = 146 + number * _ROW
        ink = COLOURS[row.colour - 1] if row.colour else QUIET
        words = fitted(row.words, 14, _GUTTER - 20, bold=True)
        canvas.text(_MARGIN, y + 13, words, size=14, bold=True, colour=ink)
        for place, weight in enumerate(row.weights):
            left = _MARGIN + _GUTTER + place * (_COLUMN + _GAP)
            if weight:
                canvas.box(left, y + 2, max(2.0, room * weight / scale), 13, ink)
                end = left + room * weight / scale + 5
                canvas.text(end, y + 13, percent(weight), size=12, colour=INK)
            else:
                canvas.box(left, y + 8, 8, 1, LINE)


def _column_head(canvas: Canvas, left: float, column: LayerColumn) -> None:
    canvas.box(left, 98, _COLUMN, 1, LINE)
    name = fitted(f"{column.depth + 1}  {column.layer}", 12, _COLUMN, bold=True)
    canvas.text(left, 114, name, size=12, bold=True)
    said = layer_size(column) or "nothing to show"
    canvas.text(left, 129, said, size=11, colour=QUIET)
    if column.maps:
        end = left + _COLUMN
        canvas.text(end, 129, f"shows {percent(column.shown)}", size=11, colour=QUIET, anchor="end")


def _framed(
    canvas: Canvas,
    x: float,
    y: float,
    width: float,
    height: float,
    pixels: NDArray[np.uint8],
    about: str,
) -> None:
    """A picture in a thin frame, since many photographs have white margins."""
    canvas.box(x - 1, y - 1, width + 2, height + 2, LINE)
    canvas.picture(x, y, width, height, pixels, about)


def _words_above(
    canvas: Canvas,
    left: float,
    base: float,
    found: MergedMap,
    colours: dict[str, int],
    *,
    named: bool,
) -> None:
    """A map's words, regular instead of bold where few games stand behind them."""
    if not named:
        return
    bold = found.tally.games >= FEW_GAMES and bool(found.labels)
    canvas.text(
        left, base, _fitting(found, bold=bold), size=13, bold=bold, colour=_ink(found, colours)
    )


def _fitting(found: MergedMap, *, bold: bool) -> str:
    """The labels that fit above a map, and how many more there are."""
    names = [concept_words(label) for label in found.labels] or ["no word yet"]
    for kept in range(len(names), 1, -1):
        more = f" +{len(names) - kept}" if kept < len(names) else ""
        whole = " / ".join(names[:kept]) + more
        if text_width(whole, 13, bold=bold) <= _COLUMN:
            return whole
    more = f" +{len(names) - 1}" if len(names) > 1 else ""
    room = _COLUMN - text_width(more, 13, bold=bold)
    return fitted(names[0], 13, room, bold=bold) + more


def _weight_below(
    canvas: Canvas,
    left: float,
    top: float,
    found: MergedMap,
    colours: dict[str, int],
    scale: float,
) -> None:
    """A map's weight as a bar with its number, and what stands behind the words."""
    room = _COLUMN - 42
    canvas.box(left, top + 6, room, 8, TRACK)
    canvas.box(left, top + 6, room * found.weight / scale, 8, _ink(found, colours), _pale(found))
    canvas.text(left + _COLUMN, top + 15, percent(found.weight), size=12, anchor="end")
    canvas.text(left, top + 31, fitted(behind(found), 11, _COLUMN), size=11, colour=QUIET)


def _ink(found: MergedMap, colours: dict[str, int]) -> str:
    number = colour_of(found, colours)
    return COLOURS[number - 1] if number else QUIET


def _pale(found: MergedMap) -> float:
    return 1.0 if not found.labels or found.tally.games >= FEW_GAMES else _PALE


def _about(found: MergedMap) -> str:
    words = words_of(found) or "no word yet"
    return f"{words}: {percent(found.weight)} of the layer's weight, {behind(found)}"


def _group_head(canvas: Canvas, top: float, group: LayerGroup, count: int) -> None:
    canvas.box(_MARGIN, top, canvas.width - 2 * _MARGIN, 1, LINE)
    canvas.text(_MARGIN, top + 30, group_name(group, count), size=15, bold=True)
    shown = [group.layers[0], *group.layers[-1:]] if len(group.layers) > 3 else list(group.layers)
    for number, name in enumerate(shown):
        words = fitted(f"to {name}" if len(group.layers) > 3 and number else name, 12, _GUTTER - 16)
        canvas.text(_MARGIN, top + 50 + 16 * number, words, size=12, colour=QUIET)
    left_out = max(0, len(group.rows) - SHOWN)
    if left_out:
        y = top + 54 + 16 * len(shown)
        canvas.text(_MARGIN, y, f"and {left_out} more words", size=12, colour=QUIET)


def _cells(group: LayerGroup) -> list[tuple[LabelRow | None, Occurrence]]:
    """What a row shows: its labels, or the heaviest maps where it has none."""
    if group.rows:
        return [(row, row.occurrences[0]) for row in group.rows[:SHOWN]]
    return [(None, one) for one in group.unnamed[:SHOWN]]


def _example(
    canvas: Canvas,
    left: float,
    top: float,
    tall: float,
    example: Occurrence,
    pictures: MapPictures,
) -> None:
    """An example map, as large as fits its cell."""
    drawn = pictures.overlay(example.image, example.found.heat)
    height, width = drawn.shape[:2]
    factor = min(_CELL / width, tall / height)
    canvas.box(left, top + 16, _CELL, tall, RAISED)
    across, down = width * factor, height * factor
    canvas.picture(
        left + (_CELL - across) / 2,
        top + 16 + (tall - down) / 2,
        across,
        down,
        drawn,
        example.image,
    )


def _label(
    canvas: Canvas,
    left: float,
    below: float,
    row: LabelRow,
    images: int,
    colours: dict[str, int],
    highest: float,
) -> None:
    ink = COLOURS[colours[row.label] - 1] if row.label in colours else QUIET
    sure = row.games >= FEW_GAMES
    words = fitted(concept_words(row.label), 15, _CELL, bold=sure)
    canvas.text(left, below + 36, words, size=15, bold=sure, colour=ink)
    room = _CELL - 44
    canvas.box(left, below + 44, room, 8, TRACK)
    canvas.box(left, below + 44, room * row.score / highest, 8, ink, 1.0 if sure else _PALE)
    canvas.text(left + _CELL, below + 53, score_text(row.score), size=12, anchor="end")
    said = fitted(" · ".join(row_facts(row, images)), 12, _CELL)
    canvas.text(left, below + 70, said, size=12, colour=QUIET)


def _unnamed(canvas: Canvas, left: float, below: float, example: Occurrence) -> None:
    canvas.text(left, below + 36, "no word yet", size=13, colour=QUIET)
    name = example.image.rpartition("/")[2]
    said = fitted(f"weight {percent(example.found.weight)} · {name}", 12, _CELL)
    canvas.text(left, below + 54, said, size=12, colour=QUIET)
