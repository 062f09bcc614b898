from __future__ import annotations

import io

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from PIL import Image

from netgloss.errors import DataError
from netgloss.vision.overlays import (
    colour,
    display_scale,
    draw_boxes,
    encode,
    overlay,
    thumbnail,
)

PHOTO = np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)


def blob(height: int = 60, width: int = 80) -> NDArray[np.float64]:
    """A hill in the left upper part; exactly 0 in the right half."""
    rows, columns = np.mgrid[:height, :width]
    hill = np.exp(-((rows - 20) ** 2 + (columns - 20) ** 2) / 100)
    hill[:, width // 2 :] = 0
    return hill


def test_colours_are_matplotlibs_inferno() -> None:
    values = np.linspace(0, 1, 256).reshape(16, 16)
    wanted = mpl.colormaps["inferno"](np.arange(256), bytes=True)[:, :3].reshape(16, 16, 3)
    assert np.array_equal(colour(values), wanted)
    assert np.array_equal(colour(np.array([[-1.0, 2.0]])), colour(np.array([[0.0, 1.0]])))


def test_the_display_scale_clips_at_the_99th_percentile() -> None:
    heat = np.arange(1000, dtype=float).reshape(20, 50) - 500
    high = np.percentile(heat, 99)
    wanted = np.clip((heat + 500) / (high + 500), 0, 1)
    assert np.allclose(display_scale(heat), wanted)
    assert (display_scale(heat) == 1).sum() == 10


@pytest.mark.parametrize("value", [0.0, 3.0, -1.0])
def test_a_flat_map_is_shown_as_zeros(value: float) -> None:
    assert not display_scale(np.full((5, 5), value)).any()


def test_a_sparse_map_is_not_shown_as_empty() -> None:
    heat = np.zeros((50, 50))
    heat[3, 4], heat[5, 6] = 2.0, 1.0
    scaled = display_scale(heat)
    assert scaled[3, 4] == 1
    assert scaled[5, 6] == 0.5
    assert scaled.sum() == 1.5


def test_pictures_that_are_compared_share_one_scale() -> None:
    weak, strong = np.array([[0.0, 1.0]]), np.array([[0.0, 4.0]])
    assert display_scale(weak, top=4.0).tolist() == [[0.0, 0.25]]
    assert display_scale(strong, top=4.0).tolist() == [[0.0, 1.0]]
    assert not display_scale(weak, top=0.0).any()


@given(
    arrays.arrays(np.float64, (6, 7), elements=st.floats(0, 1e6, allow_subnormal=False)),
    st.floats(0.01, 100),
)
def test_the_unit_of_a_map_does_not_change_how_it_is_shown(
    heat: NDArray[np.float64], factor: float
) -> None:
    scaled = display_scale(heat)
    assert scaled.min() >= 0
    assert scaled.max() <= 1
    assert np.allclose(display_scale(heat * factor), scaled, atol=1e-3)


def test_cold_areas_leave_the_photograph_untouched() -> None:
    laid = overlay(PHOTO, blob(), contour=False)
    cold = blob() == 0
    assert np.array_equal(laid[cold], PHOTO[cold])
    assert not np.array_equal(laid[~cold], PHOTO[~cold])


def test_the_hottest_pixel_has_the_strength_asked_for() -> None:
    laid = overlay(PHOTO, blob(), strength=0.85, contour=False)
    hottest = colour(np.array([[1.0]]))[0, 0]
    wanted = PHOTO[20, 20] * 0.15 + hottest * 0.85
    assert np.abs(laid[20, 20] - wanted).max() <= 0.51
    assert np.array_equal(overlay(PHOTO, blob(), strength=0, contour=False), PHOTO)


def test_an_empty_map_leaves_the_photograph_as_it_is() -> None:
    assert np.array_equal(overlay(PHOTO, np.zeros((60, 80))), PHOTO)


def lines(laid: NDArray[np.uint8]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    return (laid == 255).all(axis=2), (laid == 0).all(axis=2)


def test_the_contour_runs_round_the_hottest_fifth() -> None:
    heat = np.zeros((60, 80))
    heat[10:40, 10:42] = 1  # 960 of 4800 pixels: a fifth
    white, black = lines(overlay(np.full((60, 80, 3), 128, np.uint8), heat))
    assert white[10, 13:39].all()
    assert white[13:37, 41].all()
    assert black[9, 13:39].all()
    assert black[13:37, 9].all()
    inside, near = np.zeros((2, 60, 80), bool)
    inside[10:40, 10:42] = True
    near[8:42, 8:44] = True
    near[13:37, 13:39] = False
    assert not (white & ~inside).any()
    assert not (black & inside & ~near).any()
    assert not ((white | black) & ~near).any()


def test_a_quiet_background_gets_no_contour() -> None:
    heat = np.random.default_rng(0).random((60, 80)) * 0.1
    heat[18:28, 18:28] = 1
    white, black = lines(overlay(np.full((60, 80, 3), 128, np.uint8), heat))
    drawn = white | black
    around = drawn[13:33, 13:33].sum()
    assert around > 20
    assert drawn.sum() == around


def test_the_contour_can_be_seen_on_black_and_on_white() -> None:
    for ground, seen in [(0, 0), (255, 1)]:
        photo = np.full((60, 80, 3), ground, np.uint8)
        plain = overlay(photo, blob(), strength=0, contour=False)
        changed = (overlay(photo, blob(), strength=0) != plain).any(axis=2)
        assert np.array_equal(changed, lines(overlay(photo, blob(), strength=0))[seen])
        assert changed.sum() > 20


def test_the_picture_is_not_written_to() -> None:
    before = PHOTO.copy()
    overlay(PHOTO, blob())
    draw_boxes(PHOTO, [(1, 1, 30, 30)], ["cat"])
    assert np.array_equal(PHOTO, before)


def test_a_map_of_another_size_is_refused() -> None:
    with pytest.raises(DataError, match="7x6 pixels does not fit an image of 80x60"):
        overlay(PHOTO, np.zeros((6, 7)))


def test_a_box_is_drawn_on_its_own_pixels() -> None:
    black = np.zeros((40, 50, 3), np.uint8)
    drawn = draw_boxes(black, [(5, 7, 25, 30)], colour=(0, 255, 0))
    green = (drawn == (0, 255, 0)).all(axis=2)
    wanted = np.zeros((40, 50), bool)
    wanted[7:30, 5:25] = True
    wanted[8:29, 6:24] = False
    assert np.array_equal(green, wanted)
    assert not drawn[~green].any()


def test_a_box_beyond_the_picture_is_closed_at_its_edge() -> None:
    drawn = draw_boxes(np.zeros((6, 8, 3), np.uint8), [(-3, 2, 5, 90)], colour=(9, 9, 9))
    wanted = np.zeros((6, 8), bool)
    wanted[2:, :5] = True
    wanted[3:5, 1:4] = False
    assert np.array_equal(drawn.all(axis=2), wanted)


def test_captions_stay_in_the_picture() -> None:
    black = np.zeros((60, 80, 3), np.uint8)
    for box in [(70, 0, 80, 10), (0, 50, 10, 60), (-20, -20, 5, 5), (79, 59, 90, 90)]:
        plain = draw_boxes(black, [box], [""])
        written = draw_boxes(black, [box], ["eye"])
        assert written.shape == black.shape
        assert (written != plain).any(axis=2).sum() > 50
    crowded = draw_boxes(black, [(2, 2, 9, 9)], ["a caption that is longer than the picture"])
    assert crowded.shape == black.shape


def test_caption_text_can_be_read_on_its_ground() -> None:
    grey = np.full((600, 800, 3), 128, np.uint8)
    for ground, text in [((255, 214, 10), 0), ((90, 0, 40), 255)]:
        drawn = draw_boxes(grey, [(50, 300, 600, 550)], ["WHEEL"], ground)
        assert (drawn == text).all(axis=2).sum() > 50


def test_a_box_that_is_a_point_or_lies_outside_does_no_harm() -> None:
    drawn = draw_boxes(PHOTO, [(10, 10, 10, 10), (-50, -50, -20, -20), (200, 200, 300, 300)])
    assert np.argwhere((drawn != PHOTO).any(axis=2)).tolist() == [[10, 10]]


def test_a_thumbnail_is_shrunk_and_never_enlarged() -> None:
    assert thumbnail(PHOTO, 40).shape == (30, 40, 3)
    assert np.array_equal(thumbnail(PHOTO, 80), PHOTO)
    assert np.array_equal(thumbnail(PHOTO, 500), PHOTO)
    assert thumbnail(np.zeros((3, 900, 3), np.uint8), 10).shape == (1, 10, 3)


@pytest.mark.parametrize("kind", ["webp", "jpeg", "png"])
def test_an_encoded_picture_carries_nothing_but_pixels(kind: str) -> None:
    smooth = np.repeat(np.linspace(0, 255, 80, dtype=np.uint8)[None, :, None], 60, 0).repeat(3, 2)
    with Image.open(io.BytesIO(encode(smooth, kind))) as image:
        assert image.format == kind.upper()
        assert not image.getexif()
        assert not {"icc_profile", "exif", "xmp", "comment", "photoshop"} & set(image.info)
        found = np.asarray(image.convert("RGB"))
    assert np.abs(found.astype(int) - smooth).max() <= (0 if kind == "png" else 12)


def test_png_is_lossless_and_quality_counts() -> None:
    with Image.open(io.BytesIO(encode(PHOTO, "png"))) as image:
        assert np.array_equal(np.asarray(image), PHOTO)
    assert len(encode(PHOTO, "webp", 20)) < len(encode(PHOTO, "webp", 90))
    with pytest.raises(DataError, match="'gif' is unknown"):
        encode(PHOTO, "gif")
