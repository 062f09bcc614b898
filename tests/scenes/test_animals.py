from __future__ import annotations

import numpy as np
import pytest

from netgloss.scenes.animals import Flank, Pose
from netgloss.scenes.drawing import Part, ellipse, line, polygon

FLANK = Flank.through([(-0.5, 0.1, -0.1), (0.0, 0.3, -0.2), (0.5, 0.05, -0.05)])


def _slow_place(pose: Pose, x: float, y: float) -> tuple[float, float]:
    """One point by the definition: bent about the middle line's centre, mirrored, turned."""
    if pose.bend:
        centre = 1 / pose.bend
        x, y = (centre - y) * np.sin(pose.bend * x), centre - (centre - y) * np.cos(pose.bend * x)
    x = -x if pose.mirrored else x
    cos, sin = pose.length * np.cos(pose.turn), pose.length * np.sin(pose.turn)
    return pose.x + x * cos - y * sin, pose.y - x * sin - y * cos


@pytest.mark.parametrize("bend", [0.0, 0.3, -0.2])
@pytest.mark.parametrize("mirrored", [False, True])
def test_parts_are_placed_as_each_of_their_points_is(bend: float, mirrored: bool) -> None:
    pose = Pose(0.4, 0.6, 0.7, turn=0.5, mirrored=mirrored, bend=bend)
    parts = [
        Part(
            "fin", ("grey",), (polygon(np.array([(0.1, 0.0), (0.2, 0.1), (0.3, 0.0)]), (1, 2, 3)),)
        ),
        Part("bare", (), ()),
        Part(
            "body",
            (),
            (line([(-0.5, 0.0), (0.5, 0.1)], (4, 5, 6), 0.01), ellipse(0, 0, 1, 1, (7,))),
        ),
    ]
    placed = pose.placed(parts)
    assert [(part.type, part.attributes) for part in placed] == [
        ("fin", ("grey",)),
        ("bare", ()),
        ("body", ()),
    ]
    for before, after in zip(parts, placed, strict=True):
        for one, other in zip(before.strokes, after.strokes, strict=True):
            assert (other.shape, other.colour, other.size) == (
                one.shape,
                one.colour,
                0.7 * one.size,
            )
            expected = [_slow_place(pose, x, y) for x, y in one.points]
            np.testing.assert_allclose(other.points, expected)


def test_a_flank_passes_through_its_corners_and_the_girth_stretches_it() -> None:
    np.testing.assert_allclose(FLANK.x[::3], [-0.5, 0.0, 0.5])
    np.testing.assert_allclose(FLANK.upper[::3], [0.1, 0.3, 0.05])
    np.testing.assert_allclose(FLANK.lower[::3], [-0.1, -0.2, -0.05])
    wide = Flank.through([(-0.5, 0.1, -0.1), (0.0, 0.3, -0.2), (0.5, 0.05, -0.05)], 2.0)
    np.testing.assert_array_equal(wide.x, FLANK.x)
    np.testing.assert_allclose(wide.upper, 2 * FLANK.upper)


def test_a_share_of_the_height_lies_between_the_edges() -> None:
    x = [-0.3, 0.1, 0.4]
    lower, upper = FLANK.at(x, 0.0), FLANK.at(x, 1.0)
    np.testing.assert_allclose(lower[:, 1], np.interp(x, FLANK.x, FLANK.lower))
    np.testing.assert_allclose(upper[:, 1], np.interp(x, FLANK.x, FLANK.upper))
    np.testing.assert_allclose(FLANK.at(x, 0.25), 0.75 * lower + 0.25 * upper)


def test_several_lines_at_once_are_the_lines_one_by_one() -> None:
    x, shares = np.array([-0.3, 0.1, 0.4]), np.array([[0.2, 0.5, 0.1], [0.9, 0.0, 1.0]])
    both = FLANK.at(x, shares)
    for line_at_once, share in zip(both, shares, strict=True):
        np.testing.assert_array_equal(line_at_once, FLANK.at(x, share))
    np.testing.assert_array_equal(FLANK.at(x + np.zeros((2, 1)), shares), both)
