from __future__ import annotations

import io
import re
from importlib.resources import files

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from netgloss.experiments.figures import (
    COLOURS,
    INK,
    LINE,
    QUIET,
    band,
    coloured_words,
    label_ends,
    new_figure,
    styled,
)


def _tokens() -> dict[str, str]:
    """The tokens of the light ground, which stand first."""
    css = (files("netgloss.report") / "templates" / "tokens.css").read_text(encoding="utf-8")
    light = css.partition("@media")[0]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light))


@styled
def _draw() -> bytes:
    figure, panels = new_figure(1, 2, height=2.0, width=4.0)
    values = pd.DataFrame({"one": [0.0, 1.0], "two": [0.5, 1.0]}, index=[1, 2])
    end = band(panels[0], values, COLOURS[0])
    label_ends(panels[0], [(end, "line", COLOURS[0])])
    coloured_words(figure, [("blue", COLOURS[0]), ("orange", COLOURS[1])])
    out = io.BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


def test_the_colours_are_those_of_the_report() -> None:
    tokens = _tokens()
    assert (tokens["ink"], tokens["ink-quiet"]) == (INK, QUIET)
    assert tokens["line"] == LINE
    assert set(COLOURS) == {tokens[f"class-{number}"] for number in range(1, 9)}
    assert COLOURS[-1] == tokens["class-7"]


def test_the_same_figure_has_the_same_bytes_at_twice_the_resolution() -> None:
    first = _draw()
    assert first == _draw()
    width, height = (int.from_bytes(first[at : at + 4]) for at in (16, 20))
    assert (width, height) == (800, 400)


def test_the_style_is_put_back_also_after_an_error() -> None:
    before = dict(mpl.rcParams)

    @styled
    def fail() -> None:
        assert mpl.rcParams["axes.spines.top"] is False
        raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert dict(mpl.rcParams) == before


def test_a_band_is_one_standard_deviation_and_skips_what_is_missing() -> None:
    _, (panel,) = new_figure(1, 1, height=2.0)
    values = pd.DataFrame({"a": [1.0, 2.0, np.nan], "b": [3.0, np.nan, np.nan]}, index=[10, 20, 30])
    assert band(panel, values, INK) == 2.0
    assert panel.get_lines()[0].get_xydata().tolist() == [[10, 2], [20, 2]]
    corners = panel.collections[0].get_paths()[0].vertices
    assert (corners[:, 1].min(), corners[:, 1].max()) == (1.0, 3.0)
    assert np.isnan(band(panel, values * np.nan, INK))


def test_labels_that_would_touch_are_moved_apart_in_their_order() -> None:
    _, (panel,) = new_figure(1, 1, height=2.0)
    panel.set_ylim(0, 1)
    ends = [(0.99, "top", INK), (0.98, "below", INK), (0.1, "alone", INK), (np.nan, "none", INK)]
    label_ends(panel, ends)
    places = {text.get_text(): text.xy[1] for text in panel.texts}
    assert set(places) == {"top", "below", "alone"}
    assert places["alone"] == 0.1
    assert places["top"] - places["below"] > 0.05
    assert places["top"] <= 1


def test_many_labels_at_the_bottom_stay_inside() -> None:
    _, (panel,) = new_figure(1, 1, height=3.0)
    panel.set_ylim(0, 1)
    label_ends(panel, [(0.0, name, INK) for name in "abc"])
    places = [text.xy[1] for text in panel.texts]
    assert min(places) == 0
    assert len(set(places)) == 3
