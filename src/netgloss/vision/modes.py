"""Brings every pixel layout that Pillow knows to 8-bit RGB, scaling where a cast would clip."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from netgloss.errors import DataError

__all__ = ["to_rgb"]

_SIXTEEN_BIT = ("I;16", "I;16B", "I;16L", "I;16N")
_PLAIN = ("1", "L", "P", "RGB", "RGBX", "CMYK", "YCbCr", "HSV")


def to_rgb(image: Image.Image) -> NDArray[np.uint8]:
    """The pixels as 8-bit RGB, shape (height, width, 3), in memory of their own.

    Args:
        image: A loaded Pillow image of any mode.

    Raises:
        DataError: The mode is unknown or its numbers have no agreed range; the message is the
            bare reason.
    """
    if image.mode in _SIXTEEN_BIT:
        return _on_white(image, _from_16_bit(np.asarray(image)))
    if image.mode == "I":
        return _grey(_from_integers(np.asarray(image), image.format))
    if image.mode == "F":
        return _grey(_from_floats(np.asarray(image)))
    if image.mode == "LAB":
        return np.array(_lab_to_rgb(image))
    if image.has_transparency_data:
        return np.array(_flatten(image))
    if image.mode in _PLAIN:
        return np.array(image.convert("RGB"))
    raise DataError(f"colour mode '{image.mode}' is not supported; save it as 8-bit RGB")


def _flatten(image: Image.Image) -> Image.Image:
    """Lays the picture on white, the ground of the page it was most likely made for."""
    if image.mode == "La":
        image = image.convert("LA")
    layer = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), layer).convert("RGB")


def _lab_to_rgb(image: Image.Image) -> Image.Image:
    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    converted = ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB")
    assert converted is not None
    return converted


def _grey(values: NDArray[np.uint8]) -> NDArray[np.uint8]:
    grey: NDArray[np.uint8] = np.repeat(values[:, :, None], 3, axis=2)
    return grey


def _on_white(image: Image.Image, values: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey as RGB, with the one value that a 16-bit PNG may declare transparent made white."""
    hidden = image.info.get("transparency")
    if isinstance(hidden, int):
        values = np.where(np.asarray(image) == hidden, np.uint8(255), values)
    return _grey(values)


def _from_16_bit(values: NDArray[np.integer]) -> NDArray[np.uint8]:
    """Full range to full range: 65535 / 255 = 257. Pillow's own conversion clips at 255."""
    scaled: NDArray[np.uint8] = np.rint(values / 257.0).astype(np.uint8)
    return scaled


def _from_integers(values: NDArray[np.integer], file_format: str | None) -> NDArray[np.uint8]:
    """32-bit integers hold 8-bit or 16-bit grey; a wider range has no agreed meaning."""
    low, high = int(values.min()), int(values.max())
    if low < 0 or high > 65535:
        raise DataError(f"32-bit integers from {low} to {high}; save it as 8-bit or 16-bit grey")
    # Pillow scales a PPM deeper than 8 bits to 16 bits, however dark it is.
    if high <= 255 and file_format != "PPM":
        return values.astype(np.uint8)
    return _from_16_bit(values)


def _from_floats(values: NDArray[np.floating]) -> NDArray[np.uint8]:
    """[0, 1] is scaled; whole numbers up to 255 are 8-bit grey; anything else is a guess."""
    if not np.isfinite(values).all():
        raise DataError("floating-point values that are not finite; save it as 8-bit")
    low, high = float(values.min()), float(values.max())
    if low >= 0 and high <= 1:
        scaled: NDArray[np.uint8] = np.rint(values * 255.0).astype(np.uint8)
        return scaled
    if low >= 0 and high <= 255 and bool((values == np.rint(values)).all()):
        return values.astype(np.uint8)
    raise DataError(f"floating-point values from {low:g} to {high:g}; scale them to [0, 1]")
