"""Recovers the values of a heat map from its picture: the inverse of a colour map and a blend."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from netgloss.errors import DataError

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

__all__ = ["COLOUR_MAPS", "LARGEST_RESIDUAL", "Recovered", "recover_heat"]

Colours = NDArray[np.float64]

COLOUR_MAPS = (
    "gray",
    "inferno",
    "magma",
    "plasma",
    "viridis",
    "cividis",
    "turbo",
    "jet",
    "hot",
)

# Levels of 255. The 300 overlays of a published study (JPEG, quality 75) leave 1.5 to 5.6;
# the same overlays against another photograph leave 9.3 at the least, mostly over 13.
LARGEST_RESIDUAL = 8.0

# Neighbouring colour maps (inferno, magma) differ by a percent on a dark map: this close, the
# interpretation that served the files before wins.
_CLOSE = 1.05
_SAMPLE = 4000  # pixels that decide on the interpretation

# JPEG keeps colour at half the resolution: the nearest colour is sought with the two colour
# differences counting less than the brightness, which lowers the values' error by a third.
_COLOUR_WEIGHT = 0.4
_LUMA_CHROMA = np.array(
    [
        [0.299, 0.587, 0.114],
        [-0.1687 * _COLOUR_WEIGHT, -0.3313 * _COLOUR_WEIGHT, 0.5 * _COLOUR_WEIGHT],
        [0.5 * _COLOUR_WEIGHT, -0.4187 * _COLOUR_WEIGHT, -0.0813 * _COLOUR_WEIGHT],
    ]
)


@dataclass(frozen=True, eq=False)
class Recovered:
    """What a picture of a heat map turned out to be.

    Attributes:
        heat: Values in [0, 1], shape (height, width), float32.
        colour_map: One of :data:`COLOUR_MAPS`.
        blend: The heat map's share of the picture; 1 where no photograph is mixed in.
        residual: Mean difference, in levels of 255, between the picture and the one that
            ``heat`` gives again.
    """

    heat: NDArray[np.float32]
    colour_map: str
    blend: float
    residual: float


def recover_heat(
    picture: NDArray[np.uint8],
    original: NDArray[np.uint8],
    blend: float = 0.5,
    usual: tuple[str, float] | None = None,
) -> Recovered:
    """The heat map behind a colour-mapped picture, or behind its overlay on a photograph.

    Each colour map is tried, pure and blended; the one that reproduces the picture best wins.

    Args:
        picture: Shape (height, width, 3).
        original: The photograph, same shape.
        blend: The heat map's share where a photograph is mixed in, in (0, 1] (SECA: 0.5).
        usual: Colour map and share of other files from the same hand; they win where the best
            is hardly better.

    Raises:
        DataError: No interpretation reproduces the picture.

    Example:
        >>> grey = np.full((10, 10, 3), 51, np.uint8)
        >>> found = recover_heat(grey, np.zeros_like(grey))
        >>> found.colour_map, found.blend, round(float(found.heat[0, 0]), 3)
        ('gray', 1.0, 0.2)
    """
    pixels = picture.reshape(-1, 3).astype(np.float64)
    photograph = original.reshape(-1, 3).astype(np.float64)
    colour_map, share, residual = _best(pixels, photograph, blend, usual)
    if residual > LARGEST_RESIDUAL:
        raise DataError(
            f"neither a heat map in known colours nor such a map over its photograph at a blend "
            f"of {blend:g} (closest: {colour_map}, off by {residual:.1f} of 255 levels)"
        )
    colours = _unblended(pixels, photograph, share)
    _, places = _brightness_tree(colour_map).query(colours @ _LUMA_CHROMA.T)
    again = share * (_table(colour_map)[places] - colours)
    heat = (places / 255).astype(np.float32).reshape(picture.shape[:2])
    return Recovered(heat, colour_map, share, float(np.abs(again).mean()))


def _best(
    pixels: Colours, photograph: Colours, blend: float, usual: tuple[str, float] | None
) -> tuple[str, float, float]:
    """Colour map, share and residual of the best fit; the first, pure ones win a tie."""
    step = max(1, len(pixels) // _SAMPLE)
    residuals = {
        (name, share): _residual(pixels[::step], photograph[::step], name, share)
        for share in dict.fromkeys((1.0, blend))
        for name in COLOUR_MAPS
    }
    best = min(residuals, key=lambda choice: residuals[choice])
    if usual in residuals and residuals[usual] <= _CLOSE * residuals[best]:
        best = usual
    return (*best, residuals[best])


def _residual(pixels: Colours, photograph: Colours, name: str, share: float) -> float:
    """Mean difference between the pixels and the closest that this interpretation can give."""
    colours = _unblended(pixels, photograph, share)
    _, places = _tree(name).query(colours)
    return float(share * np.abs(_table(name)[places] - colours).mean())


def _unblended(pixels: Colours, photograph: Colours, share: float) -> Colours:
    return (pixels - (1 - share) * photograph) / share


@cache
def _table(name: str) -> Colours:
    """The colour map's 256 colours, in levels of 255, shape (256, 3)."""
    from matplotlib import colormaps

    return cast(Colours, colormaps[name](np.arange(256))[:, :3] * 255)


@cache
def _tree(name: str) -> cKDTree:
    from scipy.spatial import cKDTree

    return cKDTree(_table(name))


@cache
def _brightness_tree(name: str) -> cKDTree:
    from scipy.spatial import cKDTree

    return cKDTree(_table(name) @ _LUMA_CHROMA.T)
