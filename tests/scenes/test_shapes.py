from __future__ import annotations

import numpy as np
import pytest

from netgloss.scenes.shapes import circle, curve, dots, oval, scattered, shifted, spokes, spun

CORNERS = [(0.0, 0.1), (0.4, 0.0), (0.7, 0.5), (0.3, 0.9), (-0.2, 0.6)]


def _slow_curve(corners: list[tuple[float, ...]], closed: bool, steps: int) -> list[list[float]]:
    """The spline by its definition, one coordinate of one point at a time."""
    count, points = len(corners), []
    for number in range(count if closed else count - 1):
        around = [number + shift for shift in (-1, 0, 1, 2)]
        places = [at % count if closed else min(max(at, 0), count - 1) for at in around]
        for step in range(steps):
            t = step / steps
            shares = (
                -t + 2 * t**2 - t**3,
                2 - 5 * t**2 + 3 * t**3,
                t + 4 * t**2 - 3 * t**3,
                -(t**2) + t**3,
            )
            knots = [corners[at] for at in places]
            points.append(
                [
                    sum(share * knot[axis] for share, knot in zip(shares, knots, strict=True)) / 2
                    for axis in range(len(corners[0]))
                ]
            )
    return points if closed else [*points, list(corners[-1])]


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("steps", [1, 2, 3, 4])
def test_a_curve_is_the_catmull_rom_spline(closed: bool, steps: int) -> None:
    for corners in (CORNERS, CORNERS[:2], [(*at, number / 3) for number, at in enumerate(CORNERS)]):
        drawn = curve(np.array(corners), closed=closed, steps=steps)
        np.testing.assert_allclose(drawn, _slow_curve(corners, closed, steps), atol=1e-12)


@pytest.mark.parametrize("closed", [True, False])
def test_a_curve_passes_through_its_corners(closed: bool) -> None:
    np.testing.assert_allclose(curve(CORNERS, closed=closed, steps=3)[::3], CORNERS, atol=1e-12)


def test_an_oval_turned_is_the_oval_spun_and_shifted() -> None:
    flat = oval(0, 0, 0.3, 0.1)
    np.testing.assert_allclose((flat / (0.3, 0.1)) ** 2 @ (1, 1), 1)
    np.testing.assert_allclose(oval(0.2, 0.7, 0.3, 0.1, 0.4), shifted(spun(flat, 0.4), 0.2, 0.7))
    np.testing.assert_array_equal(spun(flat, 0.0), flat)


def test_the_shared_circle_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        circle(7)[0] = 0


def test_spokes_begin_at_the_hub_and_end_at_the_tips() -> None:
    lines = spokes((0.5, 0.25), np.array(CORNERS))
    assert lines[:, 0].tolist() == [[0.5, 0.25]] * len(CORNERS)
    np.testing.assert_array_equal(lines[:, 1], CORNERS)


@pytest.mark.parametrize("count", [0, 1, 7])
def test_scattered_points_are_those_that_uniform_draws(count: int) -> None:
    low, high = (0, -0.5, 2.0), (1.0, 0.7, 2.5)
    one, other = (np.random.default_rng(count) for _ in range(2))
    drawn = scattered(one, low, high, count)
    np.testing.assert_array_equal(drawn, other.uniform(low, high, (count, 3)))
    assert one.random() == other.random()  # the dice that follow are the same too


def test_dots_are_squashed_rings_about_their_middles() -> None:
    middles, sizes = np.array([(0.2, 0.3), (0.7, 0.6)]), np.array([0.1, 0.02])
    for stroke, middle, size in zip(
        dots(middles, sizes, (9, 9, 9), 0.5), middles, sizes, strict=True
    ):
        offset = (np.array(stroke.points) - middle) / (size, 0.5 * size)
        np.testing.assert_allclose(np.hypot(*offset.T), 1)
