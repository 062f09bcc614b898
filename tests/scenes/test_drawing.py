from __future__ import annotations

import operator

import numpy as np
import pytest

from netgloss.scenes.drawing import (
    Frame,
    Light,
    Part,
    Stroke,
    box,
    ellipse,
    fade,
    line,
    polygon,
    pooled,
    stream,
)
from netgloss.scenes.painting import (
    MAX_PARTS,
    _fine_strokes,
    _lit,
    _visible,
    paint,
    paint_image,
)

RED, BLUE = (200, 0, 0), (0, 0, 200)
GROUND = Part("ground", (), (box(0, 0, 1, 1, BLUE),), background=True)


def test_a_box_on_the_pixel_grid_fills_exactly_its_pixels() -> None:
    image, masks = paint([GROUND, Part("sign", (), (box(0.25, 0.5, 0.75, 1, RED),))], 8, Light())
    expected = np.zeros((8, 8), bool)
    expected[4:, 2:6] = True
    np.testing.assert_array_equal(masks[1], expected)
    np.testing.assert_array_equal(masks[0], ~expected)
    np.testing.assert_array_equal(image[expected], np.tile(RED, (expected.sum(), 1)))


def test_a_pixel_that_shows_two_parts_belongs_to_both_and_mixes_their_colours() -> None:
    image, masks = paint([GROUND, Part("sign", (), (box(0, 0, 1 / 16, 1, RED),))], 8, Light())
    assert masks[0].all()
    assert masks[1][:, 0].all()
    assert not masks[1][:, 1:].any()
    np.testing.assert_array_equal(image[:, 0], np.tile((100, 0, 100), (8, 1)))


def test_what_is_covered_is_not_seen() -> None:
    hidden = Part("hidden", (), (box(0.25, 0.25, 0.5, 0.5, RED),))
    cover = Part("cover", (), (box(0, 0, 1, 1, BLUE),))
    _, masks = paint([hidden, cover], 16, Light())
    assert not masks[0].any()
    assert masks[1].all()


@pytest.mark.parametrize(
    "stroke",
    [
        box(0.1, 0.2, 0.7, 0.8, RED, 0.1),
        ellipse(0.5, 0.5, 0.3, 0.2, RED),
        polygon([(0.1, 0.1), (0.9, 0.3), (0.4, 0.8)], RED),
        line([(0.1, 0.1), (0.9, 0.7)], RED, 0.05),
        fade(0.2, 0.2, 0.8, 0.8, RED, (255, 255, 0)),
    ],
    ids=lambda stroke: stroke.shape,
)
def test_colours_and_mask_come_from_the_same_points(stroke: Stroke) -> None:
    image, masks = paint([GROUND, Part("thing", (), (stroke,))], 32, Light())
    painted = (image != np.array(BLUE, np.uint8)).any(axis=2)
    np.testing.assert_array_equal(painted, masks[1])


def test_through_a_translucent_stroke_both_parts_are_seen() -> None:
    shade = Part("shadow", (), (box(0.25, 0.25, 0.75, 0.75, (0, 0, 0, 128)),))
    image, masks = paint([GROUND, shade], 16, Light())
    assert masks[0].all()
    assert masks[1].sum() == 64
    assert image[8, 8].tolist() == pytest.approx([0, 0, 100], abs=1)
    _, masks = paint([GROUND, shade, Part("lid", (), (box(0, 0, 1, 1, RED),))], 16, Light())
    assert not masks[0].any()
    assert not masks[1].any()


@pytest.mark.parametrize("parts", [30, 31, 32, 63])
def test_many_parts_keep_their_own_masks(parts: int) -> None:
    strips = [Part(str(n), (), (box(0, n / 64, 1, (n + 1) / 64, (n, n, n)),)) for n in range(parts)]
    _, masks = paint(strips, 64, Light())
    for number, mask in enumerate(masks):
        assert np.flatnonzero(mask.all(axis=1)).tolist() == [number]
        assert mask.sum() == 64


def test_a_fade_goes_from_the_first_colour_to_the_second() -> None:
    image, _ = paint([Part("sky", (), (fade(0, 0, 1, 1, RED, BLUE),))], 32, Light())
    red = image[:, 5, 0].astype(int)
    assert (np.diff(red) < 0).all()
    assert red[0] >= 190
    assert red[-1] <= 10


def test_a_mirrored_frame_is_the_mirror_image() -> None:
    stroke = polygon([(0.0, 0.0), (0.8, 0.1), (0.3, 0.5)], RED)
    plain = Frame(0.0, 1.0, 1.0).place(stroke)
    mirrored = Frame(0.0, 1.0, 1.0, mirrored=True).place(stroke)
    flipped = [(1 - x, y) for x, y in plain.points]
    np.testing.assert_allclose(mirrored.points, flipped)


def test_light_scales_the_channels_and_grain_averages_out() -> None:
    grey = Part("wall", (), (box(0, 0, 1, 1, (100, 100, 100)),))
    plain, _ = paint([grey], 64, Light(gain=(1.2, 1.0, 0.5)))
    assert plain[3, 7].tolist() == [120, 100, 50]
    grainy, _ = paint([grey], 64, Light(grain=4.0, seed=3))
    assert abs(grainy.mean() - 100) < 0.5
    assert 3.5 < grainy[..., 0].std() < 4.5


def test_streams_are_independent_of_one_another() -> None:
    first = stream(5, "sky").random(4)
    stream(5, "road").random(1000)
    np.testing.assert_array_equal(first, stream(5, "sky").random(4))
    assert not np.isin(first, stream(5, "road").random(4)).any()
    assert not np.isin(first, stream(6, "sky").random(4)).any()


def test_too_many_parts_are_refused() -> None:
    with pytest.raises(ValueError, match="64 parts in one picture; 63 fit"):
        paint([GROUND] * (MAX_PARTS + 1), 8, Light())
    _, masks = paint([GROUND] * MAX_PARTS, 8, Light())
    assert masks[-1].all()
    assert not np.any(masks[:-1])


def test_the_masks_are_those_that_looking_at_every_fine_point_gives() -> None:
    rng = np.random.default_rng(4)
    owners, veils = (rng.integers(0, 6, (24, 20), np.uint8) for _ in range(2))
    owners[:12], veils[:, :10] = 3, 0
    for number, mask in enumerate(_visible(owners, veils, 5), start=1):
        for row, column in np.ndindex(6, 5):
            block = slice(4 * row, 4 * row + 4), slice(4 * column, 4 * column + 4)
            points = zip(owners[block].ravel(), veils[block].ravel(), strict=True)
            seen = any(owner == number or owner < veil == number for owner, veil in points)
            assert mask[row, column] == seen


def test_the_picture_alone_is_the_picture_with_its_masks() -> None:
    parts = [
        GROUND,
        Part("sky", (), (fade(0, 0, 1, 0.4, BLUE, RED),)),
        Part("ball", (), (ellipse(0.5, 0.5, 0.3, 0.2, (90, 200, 90, 120)),)),
    ]
    light = Light((1.1, 0.9, 1.0), slope=0.3, grain=3.0, seed=2)
    np.testing.assert_array_equal(paint_image(parts, 48, light), paint(parts, 48, light)[0])


def test_light_is_gain_times_slope_plus_one_grain_for_all_channels() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (6, 9, 3), np.uint8)
    light = Light((1.2, 1.0, 0.5), slope=0.4, grain=5.0, seed=3)
    grain = 5 * np.random.default_rng(3).standard_normal((6, 9), np.float32)
    slope = 1 + 0.4 * np.linspace(-0.5, 0.5, 9)
    expected = pixels * np.array(light.gain) * slope[None, :, None] + grain[..., None]
    np.testing.assert_allclose(_lit(pixels, light), np.clip(expected, 0, 255), atol=0.5001)


def test_an_array_of_points_paints_what_the_list_of_them_does() -> None:
    corners = [(0.1, 0.1), (0.9, 0.3), (0.4, 0.8)]
    plans = [
        [GROUND, Part("a", (), (polygon(points, RED), line(points, BLUE, 0.02)))]
        for points in (corners, tuple(corners), np.array(corners), np.array(corners)[::-1][::-1])
    ]
    for plan in plans[1:]:
        assert plan == plans[0]
        for one, other in zip(paint(plan, 32, Light()), paint(plans[0], 32, Light()), strict=True):
            np.testing.assert_array_equal(one, other)


def test_strokes_are_alike_where_their_looks_and_all_points_are() -> None:
    points = np.array([(0.1, 0.1), (0.9, 0.3)])
    stroke = line(points, RED, 0.1)
    assert stroke == line(points.copy(), RED, 0.1)
    assert not operator.ne(stroke, line(points.copy(), RED, 0.1))
    for other in (
        line(points + 0.01, RED, 0.1),
        line(points[:1], RED, 0.1),
        line(points, BLUE, 0.1),
        line(points, RED, 0.2),
        polygon(points, RED),
        "a stroke",
    ):
        assert stroke != other
        assert not operator.eq(stroke, other)


def test_pooled_points_are_those_of_the_strokes_in_turn() -> None:
    some, more = [(0.0, 1.0), (2.0, 3.0)], [(4.0, 5.0)]
    for kinds in ((list, np.array), (np.array, tuple), (list, tuple), (np.array, np.array)):
        given = [kind(at) for kind, at in zip(kinds, (some, more), strict=True)]
        points, ends = pooled([polygon(given[0], RED), polygon([], RED), polygon(given[1], RED)])
        assert points.tolist() == [[0, 1], [2, 3], [4, 5]]
        assert ends == [(0, 2), (2, 2), (2, 3)]
    assert pooled([])[0].shape == (0, 2)


def _slow_fine(stroke: Stroke, side: int) -> list[float]:
    """The fine points of one stroke, rounded by Python."""
    points = [(float(x) * side, float(y) * side) for x, y in stroke.points]
    if stroke.shape not in {"polygon", "line"}:
        (x0, y0), (x1, y1) = points
        left, top = round(min(x0, x1)), round(min(y0, y1))
        right, bottom = (round(max(pair)) - 1 for pair in ((x0, x1), (y0, y1)))
        points = [(left, top), (max(right, left), max(bottom, top))]
    return [value for point in points for value in point]


def test_fine_points_are_those_of_every_stroke_by_itself() -> None:
    rng = np.random.default_rng(7)
    strokes: list[Stroke] = []
    for _ in range(40):
        x0, y0, x1, y1 = rng.uniform(-0.2, 1.2, 4).tolist()
        strokes += [
            box(x0, y0, x1, y1, RED),
            fade(x0, y0, x0, y0, RED, BLUE),
            ellipse(x0, y0, x1 / 4, y1 / 4, RED),
            box(
                round(x0 * 16) / 32, 0, round(x1 * 16) / 32, 1, RED
            ),  # halves, to be rounded evenly
            polygon(rng.uniform(0, 1, (5, 2)), RED),
            line([(x0, y0), (x1, y1)], RED, 0.1),
        ]
    parts = [Part(str(n), (), tuple(strokes[n::3])) for n in range(3)]
    fine = _fine_strokes(parts, 16)
    assert [stroke for _, stroke, _ in fine] == [
        stroke for part in parts for stroke in part.strokes
    ]
    assert [number for number, _, _ in fine] == [1] * 80 + [2] * 80 + [3] * 80
    for _, stroke, points in fine:
        assert points == _slow_fine(stroke, 16)


@pytest.mark.parametrize("x1", [0.1, 0.26, 0.75, 1.0])
def test_a_fade_of_any_width_has_one_colour_a_row(x1: float) -> None:
    side = 192  # wider than the strip that a fade is pasted from
    sky = Part("sky", (), (fade(0.05, 0.2, x1, 0.8, RED, BLUE),))
    image, masks = paint([GROUND, sky], side, Light())
    np.testing.assert_array_equal((image != np.array(BLUE)).any(axis=2)[:-40], masks[1][:-40])
    inside = masks[1] & ~masks[0]
    rows, columns = inside.any(axis=1), inside.any(axis=0)
    assert inside[np.ix_(rows, columns)].all()
    block = image[np.ix_(rows, columns)]
    np.testing.assert_array_equal(block, np.broadcast_to(block[:, :1], block.shape))
