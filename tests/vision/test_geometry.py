from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from netgloss.errors import DataError, ModelError
from netgloss.vision.geometry import Placement

SIZES = [(53, 37), (37, 53), (40, 40), (301, 97), (97, 301), (224, 224), (17, 500)]
MODES = [("squash", 1.0), ("crop", 1.0), ("crop", 0.875)]


def noise(height: int, width: int) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


def torchvision_rule(pixels: NDArray[np.uint8], resized: int, cut: int) -> NDArray[np.uint8]:
    """Resize(resized) then CenterCrop(cut), as torchvision documents them."""
    height, width = pixels.shape[:2]
    if width <= height:
        size = resized, int(resized * height / width)
    else:
        size = int(resized * width / height), resized
    whole = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR))
    top = round((size[1] - cut) / 2.0)
    left = round((size[0] - cut) / 2.0)
    return whole[top : top + cut, left : left + cut]


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize(("cut", "ratio", "resized"), [(64, 1.0, 64), (56, 0.875, 64)])
def test_crop_is_what_torchvision_does(
    width: int, height: int, cut: int, ratio: float, resized: int
) -> None:
    pixels = noise(height, width)
    prepared = Placement(width, height, cut, cut, "crop", ratio).prepare(pixels)
    assert np.array_equal(prepared, torchvision_rule(pixels, resized, cut))


def test_squash_is_a_plain_resize() -> None:
    pixels = noise(37, 53)
    wanted = Image.fromarray(pixels).resize((20, 30), Image.Resampling.BILINEAR)
    assert np.array_equal(Placement(53, 37, 30, 20).prepare(pixels), np.asarray(wanted))


def test_a_very_long_picture_does_not_fill_the_memory() -> None:
    pixels = np.zeros((100_000, 1, 3), np.uint8)
    pixels[50_000:] = 200
    prepared = Placement(1, 100_000, 224, 224, "crop").prepare(pixels)
    assert prepared.shape == (224, 224, 3)
    assert prepared[0, 0, 0] == 0
    assert prepared[-1, 0, 0] == 200


def test_the_cut_out_alone_agrees_with_cutting_the_whole() -> None:
    """Seventy times as long as wide: the shortcut is taken, the whole is still affordable."""
    pixels = np.repeat(np.arange(1400) % 256, 20).reshape(1400, 20).astype(np.uint8)
    pixels = np.dstack([pixels] * 3)
    prepared = Placement(20, 1400, 16, 16, "crop").prepare(pixels)
    wanted = torchvision_rule(pixels, 16, 16)
    assert np.abs(prepared.astype(int) - wanted).max() <= 2


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize(("resize", "ratio"), MODES)
@pytest.mark.parametrize("size", [(24, 24), (48, 30)])
def test_a_marked_block_comes_back_to_its_place(
    width: int, height: int, resize: str, ratio: float, size: tuple[int, int]
) -> None:
    placement = Placement(width, height, *size, resize, ratio)
    x0, y0, x1, y1 = placement.area
    across, down = (x1 - x0) / size[1], (y1 - y0) / size[0]
    for column, row in [(0.3, 0.3), (0.5, 0.5), (0.7, 0.4), (0.35, 0.68)]:
        left, top = int(x0 + column * (x1 - x0)), int(y0 + row * (y1 - y0))
        block = max(1, int(x1 - x0) // 12), max(1, int(y1 - y0) // 12)
        pixels = np.zeros((height, width, 3), np.uint8)
        pixels[top : top + block[1], left : left + block[0]] = 255
        heat = placement.to_original(placement.prepare(pixels)[:, :, 0].astype(np.float32))
        x, y = centre_of_mass(heat)
        assert abs(x - (left + block[0] / 2)) <= 0.5 * max(1.0, across)
        assert abs(y - (top + block[1] / 2)) <= 0.5 * max(1.0, down)


def centre_of_mass(heat: NDArray[np.float32]) -> tuple[float, float]:
    """Across and down, in pixels from the top left corner."""
    total = heat.sum()
    assert total > 0
    columns, rows = np.arange(heat.shape[1]) + 0.5, np.arange(heat.shape[0]) + 0.5
    return float(heat.sum(axis=0) @ columns / total), float(heat.sum(axis=1) @ rows / total)


@pytest.mark.parametrize("corner", [(0, 0), (0, -1), (-1, 0), (-1, -1)])
def test_a_marked_corner_stays_in_its_corner(corner: tuple[int, int]) -> None:
    """Height and width, or left and right, cannot have been swapped."""
    heat = np.zeros((7, 5), np.float32)
    heat[corner] = 1
    laid = Placement(53, 37, 64, 64).to_original(heat)
    assert laid[corner] == laid.max() == 1
    assert laid[-1 - corner[0], -1 - corner[1]] == 0


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("shape", [(7, 9), (1, 1), (200, 300), (37, 53)])
def test_a_squashed_heat_map_is_laid_as_pillow_resizes(
    width: int, height: int, shape: tuple[int, int]
) -> None:
    heat = np.random.default_rng(1).random(shape, dtype=np.float32)
    wanted = Image.fromarray(heat).resize((width, height), Image.Resampling.BILINEAR)
    laid = Placement(width, height, 64, 64).to_original(heat)
    assert laid.dtype == np.float32
    assert np.allclose(laid, np.asarray(wanted), atol=1e-5)


@pytest.mark.parametrize(("resize", "ratio"), MODES)
def test_outside_what_the_classifier_sees_there_is_nothing(resize: str, ratio: float) -> None:
    placement = Placement(301, 97, 24, 24, resize, ratio)
    laid = placement.to_original(np.ones((6, 6), np.float32), fill=-1.0)
    x0, y0, x1, y1 = placement.area
    columns, rows = np.arange(301) + 0.5, np.arange(97) + 0.5
    seen = ((rows >= y0) & (rows < y1))[:, None] & ((columns >= x0) & (columns < x1))
    assert np.allclose(laid[seen], 1)
    assert (laid[~seen] == -1).all()
    zeros = placement.to_original(np.ones((6, 6), np.float32))
    assert (zeros[~seen] == 0).all()
    assert seen.all() == (resize == "squash")


def test_the_area_of_a_crop_by_hand() -> None:
    # 400 x 200 shrinks to 200 x 100; of that the middle 100 x 100; which is 100 to 300.
    assert Placement(400, 200, 100, 100, "crop").area == (100, 0, 300, 200)
    # 400 x 200 shrinks to 256 x 128; of that the middle 112 x 112, from 72 and 8.
    assert Placement(400, 200, 112, 112, "crop", 0.875).area == (112.5, 12.5, 287.5, 187.5)
    assert Placement(400, 200, 100, 100).area == (0, 0, 400, 200)


@given(
    width=st.integers(1, 3000),
    height=st.integers(1, 3000),
    input_height=st.integers(1, 600),
    input_width=st.integers(1, 600),
    mode=st.sampled_from(MODES),
    box=st.tuples(*[st.floats(-100, 4000)] * 4),
)
def test_boxes_go_there_and_back(
    width: int,
    height: int,
    input_height: int,
    input_width: int,
    mode: tuple[str, float],
    box: tuple[float, float, float, float],
) -> None:
    placement = Placement(width, height, input_height, input_width, *mode)
    x0, y0, x1, y1 = placement.area
    assert -1e-9 <= x0 < x1 <= width + 1e-9
    assert -1e-9 <= y0 < y1 <= height + 1e-9
    assert placement.box_to_original(placement.box_to_input(box)) == pytest.approx(box, abs=1e-6)
    whole = placement.box_to_input(placement.area)
    assert whole == pytest.approx((0, 0, input_width, input_height), abs=1e-6)


@given(
    width=st.integers(1, 200),
    height=st.integers(1, 200),
    input_height=st.integers(1, 60),
    input_width=st.integers(1, 60),
    mode=st.sampled_from(MODES),
)
def test_an_even_heat_map_stays_even(
    width: int, height: int, input_height: int, input_width: int, mode: tuple[str, float]
) -> None:
    placement = Placement(width, height, input_height, input_width, *mode)
    prepared = placement.prepare(np.full((height, width, 3), 77, np.uint8))
    assert prepared.shape == (input_height, input_width, 3)
    assert (prepared == 77).all()
    laid = placement.to_original(np.full((3, 4), 2.0), fill=2.0)
    assert laid.shape == (height, width)
    assert np.allclose(laid, 2.0)


def test_what_cannot_be_laid_is_refused() -> None:
    with pytest.raises(ModelError, match="resize 'pad' is unknown"):
        Placement(4, 4, 2, 2, "pad")
    for ratio in (0.0, 1.5, -1.0, float("nan")):
        with pytest.raises(ModelError, match="crop_ratio"):
            Placement(4, 4, 2, 2, "crop", ratio)
    with pytest.raises(DataError, match=r"\(3, 4, 3\).*\(4, 3, 3\) was expected"):
        Placement(3, 4, 2, 2).prepare(np.zeros((3, 4, 3), np.uint8))
