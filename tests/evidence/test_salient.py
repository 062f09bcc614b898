from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from scipy import ndimage

from netgloss.evidence.salient import coverage, focus, salient_areas, salient_mask

maps = arrays.arrays(
    np.float64,
    arrays.array_shapes(min_dims=2, max_dims=2, min_side=3, max_side=30),
    elements=st.sampled_from([0.0, 0.1, 0.5, 0.5001, 1.0, 7.0]),
)


def blob(centre: tuple[float, float], spread: float, size: int = 200) -> NDArray[np.float64]:
    rows, columns = np.mgrid[:size, :size]
    return np.exp(-((rows - centre[0]) ** 2 + (columns - centre[1]) ** 2) / (2 * spread**2))


def overlap(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    """Intersection over union."""
    across = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    down = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    sizes = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return across * down / (sum(sizes) - across * down)


def slow_mask(heat: NDArray[np.float64], share: float) -> NDArray[np.bool_]:
    """The definition with a full stable sort."""
    clipped = np.clip(heat, None, np.percentile(heat, 99))
    if clipped.max() == clipped.min():
        return np.zeros(heat.shape, bool)
    scaled = (clipped - clipped.min()) / (clipped.max() - clipped.min())
    smooth = ndimage.gaussian_filter(scaled, 0.01 * max(heat.shape))
    order = np.argsort(-smooth.ravel(), kind="stable")[: round(share * heat.size)]
    mask = np.zeros(heat.size, bool)
    mask[order] = True
    return mask.reshape(heat.shape) & (smooth > smooth.min())


def test_three_blobs_are_three_areas() -> None:
    centres = [(40, 50), (60, 150), (150, 90)]
    areas = salient_areas(sum(blob(centre, 10) for centre in centres), share=0.06)
    # Three discs of 2 % of the image each have this radius.
    radius = np.sqrt(0.02 * 200 * 200 / np.pi)
    assert len(areas) == 3
    for row, column in centres:
        box = (column - radius, row - radius, column + radius, row + radius)
        assert max(overlap(area.box, box) for area in areas) > 0.8


def test_the_heaviest_area_comes_first() -> None:
    areas = salient_areas(0.8 * blob((50, 50), 12) + blob((140, 150), 12))
    assert [area.box[0] > 100 for area in areas] == [True, False]
    assert areas[0].mass > areas[1].mass
    heat = 0.8 * blob((50, 50), 12) + blob((140, 150), 12)
    assert areas[0].mass == pytest.approx(heat[areas[0].mask].sum() / heat.sum())


@settings(max_examples=80, deadline=None)
@given(heat=maps, share=st.floats(0.01, 1.0))
def test_the_mask_is_its_definition(heat: NDArray[np.float64], share: float) -> None:
    assert np.array_equal(salient_mask(heat, share), slow_mask(heat, share))


@settings(max_examples=60, deadline=None)
@given(heat=maps, shares=st.tuples(st.floats(0.01, 1), st.floats(0.01, 1)))
def test_a_larger_share_never_loses_a_pixel(
    heat: NDArray[np.float64], shares: tuple[float, float]
) -> None:
    small, large = (salient_mask(heat, share) for share in sorted(shares))
    assert not (small & ~large).any()


@settings(max_examples=60, deadline=None)
@given(heat=maps, share=st.floats(0.05, 1.0), method=st.sampled_from(["top", "otsu"]))
def test_areas_lie_apart_and_boxes_fit_them(
    heat: NDArray[np.float64], share: float, method: str
) -> None:
    areas = salient_areas(heat, share, method)
    for area in areas:
        rows, columns = np.nonzero(area.mask)
        assert area.box == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    for place, one in enumerate(areas):
        for other in areas[place + 1 :]:
            assert not (one.mask & other.mask).any()
            assert overlap(one.box, other.box) == 0
    assert sum(area.mass for area in areas) <= 1 + 1e-9


def test_a_constant_map_has_no_areas() -> None:
    for value in (0.0, 3.0):
        heat = np.full((20, 30), value)
        assert salient_areas(heat) == []
        assert salient_areas(heat, method="otsu") == []
        assert coverage(heat, [(0, 0, 30, 20)]) == 0.0
        assert focus(heat, [(0, 0, 30, 20)]) == 0.0


def test_one_area_may_cover_everything_but_the_coldest_pixel() -> None:
    heat = np.ones((10, 10))
    heat[9, 9] = 0.0
    (area,) = salient_areas(heat, share=1.0)
    assert area.box == (0, 0, 10, 10)
    assert area.mass == 1.0


def test_specks_are_dropped_and_near_areas_joined() -> None:
    heat = np.zeros((300, 300))
    heat[50:80, 50:80] = heat[50:80, 90:120] = 1.0  # ten pixels apart: two areas
    heat[200:230, 50:80] = heat[200:230, 81:111] = 1.0  # smoothing closes one pixel
    heat[250:253, 250:253] = 1.0  # nine pixels of 90,000
    assert len(salient_areas(heat, method="otsu")) == 3


def test_boxes_closer_than_a_hundredth_of_the_side_become_one() -> None:
    heat = np.zeros((400, 400))
    heat[100:140, 100:140] = heat[143:180, 143:180] = 1.0  # corner to corner, 3 pixels apart
    (area,) = salient_areas(heat, share=0.0185)
    x0, y0, x1, y1 = area.box
    assert (x0 < 110, y0 < 110, x1 > 170, y1 > 170) == (True,) * 4
    apart = np.zeros((400, 400))
    apart[100:140, 100:140] = apart[150:190, 150:190] = 1.0
    assert len(salient_areas(apart, share=0.02)) == 2


def test_otsu_separates_two_levels_wherever_they_lie() -> None:
    heat = np.full((100, 100), 2.0)
    heat[30:60, 20:90] = 5.0
    mask = salient_mask(heat, method="otsu")
    expected = heat > 3
    assert (mask != expected).mean() < 0.02


def test_coverage_is_the_share_of_hot_mass_in_the_union_of_boxes() -> None:
    heat = np.zeros((100, 100))
    heat[10:30, 10:30] = 2.0
    heat[60:80, 60:80] = 1.0
    left, right = (0, 0, 50, 50), (50, 50, 100, 100)
    assert coverage(heat, [left], share=0.08) == pytest.approx(2 / 3, rel=0.02)
    assert coverage(heat, [right], share=0.08) == pytest.approx(1 / 3, rel=0.02)
    assert coverage(heat, [left, (5, 5, 45, 45)], share=0.08) == pytest.approx(2 / 3, rel=0.02)
    assert coverage(heat, [left, right], share=0.08) == pytest.approx(1)
    assert coverage(heat, []) == 0.0
    assert focus(heat, [left], share=0.08) == pytest.approx((2 / 3) / 0.25, rel=0.02)
    assert focus(heat, [(3.2, 4, 3.2, 9)]) == 0.0


def test_boxes_beyond_the_image_are_cut() -> None:
    heat = np.zeros((100, 100))
    heat[10:30, 10:30] = 2.0
    everything = [(-50.0, -50.0, 500.0, 500.0)]
    assert coverage(heat, everything) == pytest.approx(1)
    assert focus(heat, everything) == pytest.approx(1)
    assert coverage(heat, [(-30, -30, -5, -5), (120, 0, 140, 100)]) == 0.0


def test_a_share_out_of_range_is_refused() -> None:
    for share in (0.0, -0.1, 1.5):
        with pytest.raises(ValueError, match="share must be in"):
            salient_areas(np.eye(5), share)
