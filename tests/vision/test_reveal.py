"""The mask ladder of the game: what each step shows, and that it only ever shows more."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from scipy import ndimage

from netgloss.errors import DataError, OptionError
from netgloss.vision.geometry import Placement
from netgloss.vision.reveal import (
    LONGEST_SIDE,
    STEPS,
    blur_sigma,
    percent_shown,
    revealed,
    shown_pixels,
    visibility,
)

Heat = NDArray[np.float64]
# Few different values make plateaus and ties, as activations after ReLU have them.
VALUES = st.sampled_from([0.0, 0.0, 0.25, 0.5, 1.0, 3.0]) | st.floats(0, 1, width=16)
HEATS = arrays.arrays(np.float64, arrays.array_shapes(min_dims=2, max_dims=2, max_side=9),
                      elements=VALUES)  # fmt: skip
SHAPES = st.tuples(st.integers(1, 50), st.integers(1, 50))


def hills(height: int, width: int, seed: int = 0) -> Heat:
    """A smooth map in which no two values are the same."""
    dice = np.random.default_rng(seed)
    return ndimage.gaussian_filter(dice.random((height, width)), 1.0)


# -------------------------------------------------------------------- a second implementation


def slow_enlarged(heat: Heat, height: int, width: int) -> list[list[float]]:
    """Bilinear between the centres of cells: the corners of both grids coincide."""

    def at(row: int, column: int) -> float:
        clamped_row = min(max(row, 0), heat.shape[0] - 1)
        return float(heat[clamped_row, min(max(column, 0), heat.shape[1] - 1)])

    enlarged = []
    for i in range(height):
        y = (i + 0.5) * heat.shape[0] / height - 0.5
        top, down = math.floor(y), y - math.floor(y)
        line = []
        for j in range(width):
            x = (j + 0.5) * heat.shape[1] / width - 0.5
            left, across = math.floor(x), x - math.floor(x)
            above = at(top, left) * (1 - across) + at(top, left + 1) * across
            below = at(top + 1, left) * (1 - across) + at(top + 1, left + 1) * across
            line.append(above * (1 - down) + below * down)
        enlarged.append(line)
    return enlarged


def slow_mask(enlarged: list[list[float]], percent: float) -> list[list[int]]:
    """Algorithm 2 of the thesis, with the one condition more that sparse maps need."""
    values = sorted(value for line in enlarged for value in line)
    position = (len(values) - 1) * (100 - percent) / 100
    low, share = math.floor(position), position - math.floor(position)
    high = min(low + 1, len(values) - 1)
    percentile = values[low] + share * (values[high] - values[low])
    return [[int(value >= percentile and value > values[0]) for value in line] for line in enlarged]


def slow_blur(mask: list[list[float]], sigma: float) -> list[list[float]]:
    """Each line as the weighted mean of its neighbours; the edge goes on beyond the edge."""
    radius = int(1.5 * sigma + 0.5)
    weights = [math.exp(-(k * k) / (2 * sigma * sigma)) for k in range(-radius, radius + 1)]
    blurred = []
    for line in mask:
        last = len(line) - 1
        blurred.append([
            sum(
                weight * line[min(max(j + k - radius, 0), last)]
                for k, weight in enumerate(weights)
            ) / sum(weights)
            for j in range(len(line))
        ])  # fmt: skip
    return blurred


def turned(lines: list[list[float]]) -> list[list[float]]:
    return [list(column) for column in zip(*lines, strict=True)]


def slow_sigma(cells: int, pixels: int) -> float:
    """The table of the thesis, between whose points we go in a straight line over log2."""
    sigmas = [1.5, 3.0, 6.0, 12.0, 16.0, 24.0, 32.0, 40.0, 48.0, 56.0, 64.0]
    doublings = math.log2(512 / cells)
    low, share = math.floor(doublings), doublings - math.floor(doublings)
    return (sigmas[low] + share * (sigmas[low + 1] - sigmas[low])) * pixels / 512


@pytest.mark.parametrize("step", range(6))
@pytest.mark.parametrize(
    ("heat", "shape"),
    [(hills(5, 7), (40, 56)), (hills(16, 12, 1), (33, 60)), (hills(3, 3), (64, 9))],
)
def test_it_is_the_algorithm_of_the_thesis_taken_literally(
    heat: Heat, shape: tuple[int, int], step: int
) -> None:
    heat = heat.astype(np.float32).astype(np.float64)
    mask = slow_mask(slow_enlarged(heat, *shape), STEPS[step])
    assert np.array_equal(visibility(heat, shape, step, amount=0), np.array(mask))
    lines = [[float(value) for value in line] for line in mask]
    across = slow_blur(lines, slow_sigma(heat.shape[1], shape[1]))
    slow = turned(slow_blur(turned(across), slow_sigma(heat.shape[0], shape[0])))
    assert np.allclose(visibility(heat, shape, step), slow, atol=2e-6)


@pytest.mark.parametrize("cells", [256, 128, 64, 32, 16])
def test_the_blur_is_scipys_with_the_parameters_of_table_2(cells: int) -> None:
    sigma = {256: 3, 128: 6, 64: 12, 32: 16, 16: 24}[cells]
    heat = hills(cells, cells)
    mask = visibility(heat, (512, 512), 3, amount=0)
    wanted = ndimage.gaussian_filter(mask, sigma, mode="nearest", truncate=1.5)
    found = visibility(heat, (512, 512), 3)
    assert np.allclose(found, wanted, atol=1e-6)
    assert np.array_equal(found == 0, wanted == 0)


# ----------------------------------------------------------------------------------- the tables


def test_the_steps_are_those_of_table_3() -> None:
    assert [percent_shown(step) for step in range(6)] == [2, 4.5, 8, 13, 20, 30]
    assert percent_shown(2.5) == pytest.approx(10.5)


@pytest.mark.parametrize("step", [-1, 5.01, 6, math.nan])
def test_a_step_that_does_not_exist_is_refused(step: float) -> None:
    with pytest.raises(OptionError, match="does not exist; use 0 to 5"):
        visibility(np.eye(3), (9, 9), step)


def test_the_blur_follows_table_2_and_goes_straight_over_the_logarithm_between() -> None:
    assert [blur_sigma(r) for r in (1, 2, 4, 8, 16, 32)] == [1.5, 3, 6, 12, 16, 24]
    assert blur_sigma(2 * math.sqrt(2)) == pytest.approx(4.5)
    assert blur_sigma(8 * 2**0.25) == pytest.approx(13)
    assert (blur_sigma(0.1), blur_sigma(64)) == (1.5, 32)
    assert blur_sigma(16, extent=128) == pytest.approx(4)


def test_a_negative_blur_is_refused() -> None:
    with pytest.raises(OptionError, match="negative"):
        visibility(np.eye(3), (9, 9), 0, amount=-1)


# ------------------------------------------------------------------------------------- the laws


@given(HEATS, SHAPES, st.lists(st.floats(0, 5), min_size=2, max_size=2))
def test_a_higher_step_shows_all_that_a_lower_one_shows(
    heat: Heat, shape: tuple[int, int], steps: list[float]
) -> None:
    low, high = sorted(steps)
    for amount in (0, 1):
        less = visibility(heat, shape, low, amount=amount)
        more = visibility(heat, shape, high, amount=amount)
        assert (more >= less).all()


@given(HEATS, SHAPES, st.integers(0, 5))
def test_nothing_is_visible_out_of_reach_of_the_mask(
    heat: Heat, shape: tuple[int, int], step: int
) -> None:
    visible = visibility(heat, shape, step)
    assert visible.dtype == np.float32
    assert 0 <= visible.min() <= visible.max() <= 1
    mask = visibility(heat, shape, step, amount=0) > 0
    sigmas = [slow_sigma(heat.shape[axis], shape[axis]) for axis in (0, 1)]
    reach = [2 * int(1.5 * sigma + 0.5) + 1 for sigma in sigmas]
    reached = ndimage.binary_dilation(mask, np.ones(reach))
    assert not visible[~reached].any()
    assert (visible[mask] > 0).all()


@given(HEATS, SHAPES, st.integers(0, 5), st.sampled_from([2.0**-20, 0.5, 64.0]))
def test_only_the_order_of_the_values_counts(
    heat: Heat, shape: tuple[int, int], step: int, scale: float
) -> None:
    assert np.array_equal(visibility(heat * scale, shape, step), visibility(heat, shape, step))


@given(HEATS, SHAPES, st.integers(0, 5))
def test_a_mirrored_map_shows_the_mirrored_part(
    heat: Heat, shape: tuple[int, int], step: int
) -> None:
    there = visibility(heat, shape, step)
    assume(np.ptp(heat) == 0 or len(np.unique(heat)) < 4)  # no percentile between two roundings
    back = visibility(heat[:, ::-1], shape, step)[:, ::-1]
    assert np.allclose(there, back, atol=1e-5)


# ------------------------------------------------------------------------------------ the traps


@pytest.mark.parametrize("step", range(6))
def test_the_percentage_is_of_the_highest_values(step: int) -> None:
    heat = hills(12, 12)
    mask = visibility(heat, (120, 120), step, amount=0) > 0
    assert mask.mean() == pytest.approx(STEPS[step] / 100, abs=1e-3)
    row, column = np.unravel_index(heat.argmax(), heat.shape)
    assert mask[row * 10 + 5, column * 10 + 5]


def test_a_sparse_map_does_not_show_the_whole_picture() -> None:
    heat = np.zeros((14, 14))
    heat[3, 4] = 1
    masks = [visibility(heat, (512, 512), step, amount=0) for step in range(6)]
    # The cell and half of each neighbour are above zero: (2 / 14)^2 of the picture.
    assert masks[5].mean() == pytest.approx((2 / 14) ** 2, rel=0.02)
    assert np.array_equal(masks[2], masks[5])
    assert visibility(heat, (512, 512), 5).mean() < 0.05


def test_a_sparse_map_on_a_raised_ground_is_sparse_too() -> None:
    heat = np.full((14, 14), 0.3)
    heat[3, 4] = 1
    raised = visibility(heat, (200, 300), 5, amount=0)
    assert np.array_equal(raised, visibility(heat - 0.3, (200, 300), 5, amount=0))
    assert 0 < raised.mean() < 0.03


@pytest.mark.parametrize("value", [0.0, 1.0, 0.1, 1e-30])
@pytest.mark.parametrize("shape", [(7, 7), (1, 1)])
def test_a_flat_map_shows_nothing(value: float, shape: tuple[int, int]) -> None:
    assert not visibility(np.full(shape, value), (50, 60), 5).any()


def test_a_plateau_is_shown_whole_or_not_at_all() -> None:
    heat = np.zeros((8, 8))
    heat[:4, :4] = 0.7
    mask = visibility(heat, (512, 512), 0, amount=0)
    inside = mask[:224, :224]  # the ramp to zero begins half a cell before the edge
    assert inside.all()
    assert mask.mean() > 2 * STEPS[0] / 100


def test_at_the_border_the_mask_goes_on() -> None:
    """With zeros or a mirror beyond it, the border would be darker or brighter."""
    heat = np.zeros((16, 16))
    heat[:, :3] = 1
    visible = visibility(heat, (512, 512), 0)
    assert np.allclose(visible[:, 0], 1, atol=1e-6)
    assert np.allclose(visible, visible[:1], atol=1e-6)


def test_a_map_finer_than_the_picture_is_averaged() -> None:
    heat = np.zeros((400, 400))
    heat[100:120, 200:220] = 1
    visible = visibility(heat, (100, 100), 1, amount=0)
    rows, columns = np.nonzero(visible)
    assert (rows.min(), columns.min()) == pytest.approx((25, 50), abs=1)
    assert (rows.max(), columns.max()) == pytest.approx((29, 54), abs=1)


def test_the_same_part_is_shown_at_every_size() -> None:
    heat = hills(14, 14)
    for step in range(6):
        large = visibility(heat, (512, 512), step)
        small = visibility(heat, (128, 128), step)
        averaged = large.reshape(128, 4, 128, 4).mean(axis=(1, 3))
        assert np.abs(averaged - small).max() < 0.12
        assert large.mean() == pytest.approx(small.mean(), abs=3e-3)


# --------------------------------------------------------------------------- the model's input


def test_a_map_of_the_squashed_image_is_one_of_the_whole_picture() -> None:
    heat, place = hills(7, 7), Placement(640, 480, 224, 224)
    for step in range(6):
        whole = visibility(heat, (384, 512), step)
        assert np.array_equal(visibility(heat, (384, 512), step, place), whole)


def test_where_the_model_did_not_look_nothing_is_shown() -> None:
    # 96x64 is shrunk by 1.5 to 64 x 42; the middle 32 of it is 48 wide and 48.8 high.
    place = Placement(96, 64, 32, 32, "crop", 0.75)
    x0, y0, x1, y1 = place.area
    heat = np.ones((4, 4))
    heat[3, 3] = 0
    visible = visibility(heat, (64, 96), 5, place)
    rows, columns = np.nonzero(visible)
    assert rows.min() >= math.floor(y0)
    assert rows.max() <= math.ceil(y1)
    assert columns.min() >= math.floor(x0)
    assert columns.max() <= math.ceil(x1)
    assert visible[round(y0) + 2, round(x0) + 2] == 1


@pytest.mark.parametrize("step", range(6))
def test_within_the_input_it_is_as_if_nothing_lay_outside(step: int) -> None:
    # The middle half of both sides, on whole pixels; what is shown is half the original's size.
    place = Placement(160, 80, 20, 20, "crop", 0.5)
    assert place.area == (60, 20, 100, 60)
    heat = hills(5, 5)
    visible = visibility(heat, (40, 80), step, place)
    assert np.array_equal(visible[10:30, 30:50], visibility(heat, (20, 20), step))
    visible[10:30, 30:50] = 0
    assert not visible.any()


@given(
    HEATS,
    SHAPES,
    st.tuples(st.integers(1, 300), st.integers(1, 300)),
    st.sampled_from([0.3, 0.875, 1.0]),
)
def test_any_placement_keeps_the_laws(
    heat: Heat, shape: tuple[int, int], original: tuple[int, int], ratio: float
) -> None:
    place = Placement(*original, 32, 32, "crop", ratio)
    steps = [visibility(heat, shape, step, place) for step in range(6)]
    for less, more in pairwise(steps):
        assert (more >= less).all()
    x0, y0, x1, y1 = place.area
    rows = (np.arange(shape[0]) + 0.5) * original[1] / shape[0]
    columns = (np.arange(shape[1]) + 0.5) * original[0] / shape[1]
    outside = ((rows < y0 - 1e-9) | (rows > y1 + 1e-9))[:, None] | (
        (columns < x0 - 1e-9) | (columns > x1 + 1e-9)
    )
    assert not steps[5][outside].any()


# --------------------------------------------------------------------------------- the picture


def test_the_picture_shows_as_far_as_it_is_visible() -> None:
    dice = np.random.default_rng(0)
    pixels = dice.integers(0, 256, (30, 40, 3), dtype=np.uint8)
    visible = dice.random((30, 40)).astype(np.float32)
    visible[:10] = 0
    visible[20:] = 1
    shown = revealed(pixels, visible)
    assert shown.dtype == np.uint8
    assert not shown[:10].any()
    assert np.array_equal(shown[20:], pixels[20:])
    wanted = pixels[10:20] * visible[10:20, :, None].astype(float)
    assert np.abs(shown[10:20] - wanted).max() <= 0.5 + 1e-4


@pytest.mark.parametrize("step", range(6))
def test_what_is_hidden_leaves_no_trace(step: int) -> None:
    dice = np.random.default_rng(step)
    one, other = dice.integers(0, 256, (2, 64, 96, 3), dtype=np.uint8)
    visible = visibility(hills(7, 7), (64, 96), step)
    assert 0 < (visible == 0).mean() < 1
    other[visible > 0] = one[visible > 0]
    assert np.array_equal(revealed(one, visible), revealed(other, visible))


def test_a_mask_of_another_size_is_refused() -> None:
    with pytest.raises(DataError, match="4x3 pixels does not fit a picture of 5x3"):
        revealed(np.zeros((3, 5, 3), np.uint8), np.ones((3, 4), np.float32))


@pytest.mark.parametrize(
    ("shape", "shown"),
    [((300, 400), (300, 400)), ((2048, 1024), (512, 256)), ((9, 1000), (5, 512))],
)
def test_a_picture_is_shrunk_to_512_pixels_and_never_enlarged(
    shape: tuple[int, int], shown: tuple[int, int]
) -> None:
    assert LONGEST_SIDE == 512
    assert shown_pixels(np.zeros((*shape, 3), np.uint8)).shape[:2] == shown
