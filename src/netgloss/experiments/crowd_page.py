"""The crowd experiment as a figure and a page: what is found of the experts' concepts, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netgloss.experiments.figures import COLOURS, QUIET, band, coloured_words, new_figure, styled
from netgloss.experiments.markdown import table

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["figure", "page"]

_KINDS = {"type": "Types", "attribute": "Attributes", "pair": "Pairs", "all": "All"}
_MEASURES = {"precision": "precision", "recall": "recall", "mae": "error of V"}
# Colour and width: the thin line stays visible on the thick one where both say the same.
_WORDS = {"as typed": (COLOURS[1], 3.0), "reconciled": (COLOURS[0], 1.4)}
_HEADS = ("precision, as typed → reconciled", "recall", "error of V")
_PEOPLE = ("experts", "crowd")
_FINEST = ("E3", "A2")
# SECA, section 6.4.2, BM1: precision, recall, mean absolute error of V.
_PAPER = {
    ("E3", "A2"): (0.48, 0.61, 0.18),
    ("E2", "A2"): (0.53, 0.70, 0.19),
    ("E1", "A1a"): (0.57, 1.00, 0.40),
}
_MIDDLE = 0.7
# The ways of matching without a threshold, and where the figure puts them.
_WITHOUT = {"same name": 1.03, "known synonyms": 1.22}

_PAGE = """\
# How much is lost with a crowd instead of experts?

SECA, section 6.4, on drawn pictures. A simulated expert and a simulated crowd of three an image
describe the same heat maps. {setting} Words *as typed* settle only case, spaces and stop-words;
*reconciled* ones are corrected and clustered as well. Each significant concept of the crowd
stands for the experts' concept that is most alike:

- of the *same name*;
{embedding}- or through the synonyms that the drawn world knows its people to have (*known
  synonyms*), which is what somebody who knew what each word stands for would match.

Precision is the share of the crowd's significant concepts that match, recall the share of the
experts' that are matched, the error the mean absolute difference of V over what is matched.

Made by `netgloss experiment crowd`.

![Precision, recall and error of V by the similarity that a match needs](crowd.png)

## What was seen

{seen}

## Beside the paper

Types, attributes and pairs together; the experts' granularity varies, the crowd's words stay, as
in the paper. The last column has the paper's precision, recall and error: its crowd were people,
its pictures photographs, its match by FastText.

{beside}

## Types, attributes and pairs

The finest granularity.

{kinds}

## How people worked

Time, care and vocabulary are settings of the simulated people, not findings about people.

{habits}
"""


@styled
def figure(frame: pd.DataFrame) -> Figure:
    """Precision, recall and error of V by the similarity that a match needs.

    Args:
        frame: The rows of :func:`netgloss.experiments.crowd.run`.
    """
    rows = _finest(frame)
    kinds = [kind for kind in _KINDS if kind != "all"]
    picture, panels = new_figure(3, 3, height=7.2, sharex=True, sharey="row")
    for number, panel in enumerate(panels):
        measure, kind = list(_MEASURES)[number // 3], kinds[number % 3]
        own = rows[(rows["measure"] == measure) & (rows["kind"] == kind)]
        for words, (colour, width) in _WORDS.items():
            look: dict[str, Any] = {"linewidth": width, "markersize": 3.5 + width}
            for curve, marker in _curves(own[own["words"] == words]):
                band(panel, curve, colour, marker=marker, **look)
        if number < 3:
            panel.set_title(_KINDS[kind])
        if number % 3 == 0:
            panel.set_ylabel(_MEASURES[measure])
        if number >= 6:
            panel.set_xlabel("similarity needed")
    for first in (panels[0], panels[3]):
        first.set_ylim(0, 1.03)
    panels[6].set_ylim(bottom=0)
    ticks = [*_thresholds(frame), *_WITHOUT.values()]
    texts = [f"{t:.1f}".lstrip("0") for t in _thresholds(frame)]
    panels[6].set_xticks(ticks, texts + [way.replace(" ", "\n") for way in _WITHOUT])
    panels[6].set_xlim(min(ticks) - 0.05, max(ticks) + 0.08)
    named = [(f"crowd's words {name}", colour) for name, (colour, _) in _WORDS.items()]
    if _runs(frame) > 1:
        named.append(("band: one standard deviation over the runs", QUIET))
    coloured_words(picture, named)
    return picture


def page(frame: pd.DataFrame) -> str:
    """The page in Markdown.

    Args:
        frame: The rows of :func:`netgloss.experiments.crowd.run`.
    """
    runs = _runs(frame)
    return _PAGE.format(
        embedding=_about_embedding(_embedding(frame)),
        setting=(
            f"Sets: {', '.join(frame['set'].unique())}; {runs} "
            f"{'run' if runs == 1 else 'runs'} with {frame['images'].max()} pictures."
        ),
        seen=_seen(frame),
        beside=_beside(frame),
        kinds=_by_kind(frame),
        habits=_habits(frame),
    )


def _runs(frame: pd.DataFrame) -> int:
    return len(frame[["set", "network", "seed"]].drop_duplicates())


def _finest(frame: pd.DataFrame) -> pd.DataFrame:
    types, attributes = _FINEST
    return frame[(frame["types"] == types) & (frame["attributes"] == attributes)]


def _embedding(frame: pd.DataFrame) -> str:
    names = frame["matching"].dropna().unique()
    return next((name for name in names if name not in _WITHOUT), "")


def _about_embedding(name: str) -> str:
    if not name:
        return ""
    # A reader has to know whether letters or meanings were compared.
    lexical = ", which compares letters and knows no meaning (a lexical match)"
    says = lexical if name == "ngrams" else ""
    return f"- alike by *{name}*{says}, with a similarity of T or more;\n"


def _thresholds(frame: pd.DataFrame) -> list[float]:
    rows = frame[frame["matching"] == _embedding(frame)]
    return sorted(float(t) for t in rows["threshold"].unique())


def _curves(rows: pd.DataFrame) -> list[tuple[pd.DataFrame, str]]:
    """The sweep, and the two ways of matching without a threshold as points beside it."""
    found = []
    for matching, own in rows.groupby("matching", sort=False):
        at = _WITHOUT.get(str(matching))
        placed = own.assign(place=own["threshold"] if at is None else at)
        curve = placed.pivot(index="place", columns=["set", "network", "seed"], values="value")
        found.append((curve, "" if at is None else "o"))
    return found


def _value(rows: pd.DataFrame, **where: Any) -> float:
    for column, wanted in where.items():
        rows = rows[rows[column] == wanted]
    return float(rows["value"].mean())


def _ways(frame: pd.DataFrame) -> list[tuple[str, str, float]]:
    """The ways of matching that the tables show: text, matching, threshold."""
    ways = [("same name", "same name", 1.0)]
    if _embedding(frame):
        ways.append((f"{_embedding(frame)}, T = {_MIDDLE}", _embedding(frame), _MIDDLE))
    return [*ways, ("known synonyms", "known synonyms", 1.0)]


def _cells(rows: pd.DataFrame, matching: str, threshold: float, **where: Any) -> list[str]:
    """Precision, recall and error as typed and reconciled, in one cell each."""
    cells = []
    for measure in _MEASURES:
        both = [
            _value(
                rows,
                matching=matching,
                threshold=threshold,
                measure=measure,
                words=words,
                **where,
            )
            for words in _WORDS
        ]
        cells.append(" → ".join(f"{value:.2f}" for value in both))
    return cells


def _beside(frame: pd.DataFrame) -> str:
    lines = []
    for (types, attributes), paper in _PAPER.items():
        rows = frame[(frame["types"] == types) & (frame["attributes"] == attributes)]
        told = ", ".join(f"{value:.2f}" for value in paper)
        for text, matching, threshold in _ways(frame):
            cells = _cells(rows, matching, threshold, kind="all")
            lines.append((f"{types} and {attributes}", text, *cells, told))
    return table(("experts", "matching", *_HEADS, "paper"), lines)


def _by_kind(frame: pd.DataFrame) -> str:
    lines = []
    rows = _finest(frame)
    sweep = [(f"{_embedding(frame)}, T = {t}", _embedding(frame), t) for t in _thresholds(frame)]
    same, *_, synonyms = _ways(frame)
    for kind, name in _KINDS.items():
        for text, matching, threshold in (same, *sweep, synonyms):
            lines.append((name, text, *_cells(rows, matching, threshold, kind=kind)))
    return table(("kind", "matching", *_HEADS), lines)


def _habits(frame: pd.DataFrame) -> str:
    rows = frame[frame["kind"].isna()]
    values = rows.pivot_table(index="measure", columns="people", values="value", sort=False)
    lines = []
    for measure, own in values.iterrows():
        style = ".0%" if str(measure).startswith("coverage") else ".3g"
        lines.append((str(measure), *(format(own[people], style) for people in _PEOPLE)))
    return table(("", *_PEOPLE), lines)


def _seen(frame: pd.DataFrame) -> str:
    rows = _finest(frame)
    lines = []
    for text, matching, threshold in _ways(frame):
        precision, recall, error = _cells(rows, matching, threshold, kind="all")
        lines.append(
            f"- Matched by {text}, reconciliation takes the precision {_from_to(precision)}, the "
            f"recall {_from_to(recall)} and the error of V {_from_to(error)}."
        )
    where = {"kind": "all", "words": "reconciled"}
    same, known = (
        _value(rows, matching=matching, measure="recall", **where) for matching in _WITHOUT
    )
    lines.append(
        f"- Of the experts' significant concepts the reconciled crowd has {same:.0%} under the "
        f"same name and {known:.0%} under a known name of the thing: the difference is a matter "
        "of words; the rest was not seen, is not significant, or has a name that is not known."
    )
    alone, together = (
        _value(frame, people="crowd", measure=f"coverage by {who}")
        for who in ("one person", "all of an image")
    )
    lines.append(
        f"- One person of the crowd covers {alone:.0%} of the salient heat with boxes, all of an "
        f"image together {together:.0%}."
    )
    return "\n".join(lines)


def _from_to(cell: str) -> str:
    before, after = cell.split(" → ")
    return f"from {before} to {after}"
