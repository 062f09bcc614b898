from __future__ import annotations

import io

import numpy as np
import pytest
from matplotlib import colormaps
from numpy.typing import NDArray
from PIL import Image as Picture
from scipy.ndimage import gaussian_filter

from netgloss.errors import DataError
from netgloss.evidence.colours import COLOUR_MAPS, recover_heat


@pytest.fixture(scope="module")
def values() -> NDArray[np.uint8]:
    """A speckled map with all 256 values."""
    smooth = gaussian_filter(np.random.default_rng(1).normal(size=(80, 96)) ** 2, 3)
    order = smooth.ravel().argsort().argsort()
    return (order * 256 // order.size).astype(np.uint8).reshape(smooth.shape)


@pytest.fixture(scope="module")
def photograph() -> NDArray[np.uint8]:
    coarse = np.random.default_rng(2).integers(0, 256, (8, 9, 3), dtype=np.uint8)
    return np.asarray(Picture.fromarray(coarse).resize((96, 80)))


def coloured(values: NDArray[np.uint8], name: str) -> NDArray[np.float64]:
    return colormaps[name](values)[..., :3] * 255


def blended(
    values: NDArray[np.uint8], name: str, photograph: NDArray[np.uint8], share: float
) -> NDArray[np.uint8]:
    return np.rint(share * coloured(values, name) + (1 - share) * photograph).astype(np.uint8)


@pytest.mark.parametrize("name", COLOUR_MAPS)
def test_a_pure_colour_map_is_inverted(
    name: str, values: NDArray[np.uint8], photograph: NDArray[np.uint8]
) -> None:
    picture = np.rint(coloured(values, name)).astype(np.uint8)
    found = recover_heat(picture, photograph)
    assert (found.colour_map, found.blend) == (name, 1.0)
    # Rounded to 8 bits, neighbouring colours of a map may coincide (jet's blues).
    errors = np.abs(found.heat * 255 - values)
    assert errors.max() <= 3.01
    assert errors.mean() < 0.3
    assert found.residual < 0.5


@pytest.mark.parametrize("name", COLOUR_MAPS)
@pytest.mark.parametrize("share", [0.5, 0.7])
def test_a_blend_is_inverted(
    name: str, share: float, values: NDArray[np.uint8], photograph: NDArray[np.uint8]
) -> None:
    found = recover_heat(blended(values, name, photograph, share), photograph, share)
    assert (found.colour_map, found.blend) == (name, share)
    assert np.abs(found.heat * 255 - values).mean() < 1
    assert found.residual < 1


def test_a_compressed_overlay_keeps_its_values(
    values: NDArray[np.uint8], photograph: NDArray[np.uint8]
) -> None:
    file = io.BytesIO()
    picture = blended(values, "inferno", photograph, 0.5)
    Picture.fromarray(picture).save(file, "JPEG", quality=75)
    found = recover_heat(np.asarray(Picture.open(file)), photograph)
    assert found.blend == 0.5
    assert np.abs(found.heat - values / 255).mean() < 0.03
    assert np.corrcoef(found.heat.ravel(), values.ravel())[0, 1] > 0.98


def test_the_residual_is_that_of_the_picture_made_again(
    values: NDArray[np.uint8], photograph: NDArray[np.uint8]
) -> None:
    noise = np.random.default_rng(3).integers(-3, 4, (*values.shape, 3))
    picture = np.clip(blended(values, "viridis", photograph, 0.5) + noise, 0, 255).astype(np.uint8)
    found = recover_heat(picture, photograph)
    again = np.rint(found.heat * 255).astype(np.uint8)
    made = 0.5 * coloured(again, found.colour_map) + 0.5 * photograph
    assert found.residual == pytest.approx(np.abs(made - picture).mean(), rel=1e-6)


def test_another_photograph_or_blend_is_refused(
    values: NDArray[np.uint8], photograph: NDArray[np.uint8]
) -> None:
    picture = blended(values, "inferno", photograph, 0.5)
    with pytest.raises(DataError, match=r"at a blend of 0\.5 \(closest: .*, off by"):
        recover_heat(picture, np.ascontiguousarray(photograph[::-1, ::-1]))
    with pytest.raises(DataError, match=r"at a blend of 0\.9"):
        recover_heat(picture, photograph, 0.9)


def test_a_photograph_is_no_heat_map(photograph: NDArray[np.uint8]) -> None:
    other = np.random.default_rng(9).integers(0, 256, photograph.shape, dtype=np.uint8)
    with pytest.raises(DataError, match="neither a heat map in known colours"):
        recover_heat(other, photograph)


def test_what_fitted_the_other_files_wins_only_a_near_tie(
    values: NDArray[np.uint8], photograph: NDArray[np.uint8]
) -> None:
    # Inferno and magma begin with the same colours; compression blurs the rest.
    noise = np.random.default_rng(4).integers(-9, 10, (*values.shape, 3))
    dark = blended(values // 16, "magma", photograph, 0.5) + noise
    picture = np.clip(dark, 0, 255).astype(np.uint8)
    assert recover_heat(picture, photograph, usual=("inferno", 0.5)).colour_map == "inferno"
    assert recover_heat(picture, photograph, usual=("jet", 0.5)).colour_map != "jet"
    bright = blended(values, "magma", photograph, 0.5)
    assert recover_heat(bright, photograph, usual=("inferno", 0.5)).colour_map == "magma"
