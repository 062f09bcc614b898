"""Boxes on pictures and the columns that regions set."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from netgloss.report import ReportData
from netgloss.report.boxes import DrawnBox, RegionIndex


def _region(kind: str, attributes: list[str], box: tuple[float, ...]) -> dict[str, object]:
    edges = dict(zip(("x0", "y0", "x1", "y1"), box, strict=True))
    return {"image": "a.png", "person": "P", "type": kind, "attributes": attributes, **edges}


def test_a_column_holds_exactly_where_a_region_says_it(
    drawn_study: Callable[..., ReportData],
) -> None:
    data = drawn_study()
    index = RegionIndex(data.regions)
    for key, number in data.table.position.items():
        said = [index.said(image, [key]) > 0 for image in data.table.images]
        assert np.array_equal(said, data.table.column(number)), key


def test_only_the_boxes_that_carry_a_pair_are_drawn() -> None:
    index = RegionIndex(
        pd.DataFrame(
            [
                _region("claw", ["orange"], (0, 0, 10, 10)),
                _region("claw", ["brown"], (20, 0, 30, 10)),
                _region("plate", ["orange"], (40, 0, 50, 10)),
            ]
        )
    )
    drawn = index.drawn("a.png", ["pair:orange-claw"])
    assert [(box.x, box.words, box.carries) for box in drawn] == [(0.0, "orange claw", True)]


def test_without_a_carrying_box_the_largest_others_are_drawn() -> None:
    regions = [_region(f"part_{n}", [], (0, 0, n + 1, n + 1)) for n in range(6)]
    drawn = RegionIndex(pd.DataFrame(regions)).drawn("a.png", ["type:claw"])
    assert [box.words for box in drawn] == ["part 5", "part 4", "part 3"]
    assert not any(box.carries for box in drawn)


def test_a_region_without_a_box_is_said_but_not_drawn() -> None:
    nothing = (float("nan"),) * 4
    index = RegionIndex(pd.DataFrame([_region("claw", [], nothing)]))
    assert index.drawn("a.png", ["type:claw"]) == ()
    assert index.said("a.png", ["type:claw"]) == 1


def test_an_image_nobody_spoke_of_has_no_boxes() -> None:
    assert RegionIndex(pd.DataFrame(columns=["image"])).drawn("b.png", ["type:claw"]) == ()


def test_the_largest_box_of_each_text_is_tagged() -> None:
    regions = [_region("claw", [], (0, 0, n, n)) for n in (5, 9, 7)]
    drawn = RegionIndex(pd.DataFrame(regions)).drawn("a.png", ["type:claw"])
    assert [box.tagged for box in drawn] == [False, True, False]


@pytest.mark.parametrize(
    ("box", "place"),
    [
        ((20, 50, 30, 20), "left:20.0%;bottom:50.0%"),
        ((60, 50, 30, 20), "right:10.0%;bottom:50.0%"),
        ((20, 0, 30, 20), "left:20.0%;top:20.0%"),
        ((0, 0, 100, 100), "left:0.0%;top:0.0%"),
    ],
)
def test_a_tag_stays_inside_its_picture(box: tuple[float, ...], place: str) -> None:
    assert DrawnBox("claw", True, *box).tag_place(100, 100) == place
