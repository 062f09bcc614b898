"""Heat maps and boxes on photographs: inferno, opacity from the value, a line round the top."""

from __future__ import annotations

import functools
import io
from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from netgloss.errors import DataError
from netgloss.vision.geometry import Box

__all__ = ["colour", "display_scale", "draw_boxes", "encode", "overlay", "thumbnail"]

Colour = tuple[int, int, int]
Format = Literal["webp", "jpeg", "png"]

_ACCENT: Colour = (255, 214, 10)
_CLIP = 99.0
_CONTOUR = 80.0
_WARM = 0.2


def colour(heat01: NDArray[np.floating]) -> NDArray[np.uint8]:
    """The inferno colours of values in [0, 1], shape (height, width, 3).

    Args:
        heat01: Shape (height, width); values outside are clipped.
    """
    levels = np.rint(np.clip(heat01, 0, 1) * 255).astype(np.intp)
    coloured: NDArray[np.uint8] = _inferno()[levels]
    return coloured


@functools.cache
def _inferno() -> NDArray[np.uint8]:
    """The colour table, shape (256, 3); matplotlib is slow to import, hence once and late."""
    import matplotlib as mpl

    table: NDArray[np.uint8] = mpl.colormaps["inferno"](np.arange(256), bytes=True)[:, :3]
    return table


def display_scale(heat: NDArray[np.floating], top: float | None = None) -> NDArray[np.float32]:
    """A heat map in [0, 1] for showing: its minimum is 0, its 99th percentile and above 1.

    >>> display_scale(np.array([[0.0, 2.0], [4.0, 4.0]])).tolist()
    [[0.0, 0.5], [1.0, 1.0]]

    Args:
        heat: Shape (height, width), any scale.
        top: The value shown as 1, for pictures that share one scale (their 0 is 0 then); the
            99th percentile when None.

    Returns:
        All zeros where the map is flat. Where less than one pixel in a hundred stands out, the
        maximum takes the percentile's place, so that a sparse map is not shown as empty.

    Source:
        SECA's visualiser (methods, section 1.2): clip at the 99th percentile, then min-max.
    """
    low = 0.0 if top is not None else float(heat.min())
    high = float(np.percentile(heat, _CLIP)) if top is None else top
    if high <= low and top is None:
        high = float(heat.max())
    if high <= low:
        return np.zeros(heat.shape, np.float32)
    scaled: NDArray[np.float32] = np.clip((heat - low) / (high - low), 0, 1).astype(np.float32)
    return scaled


def overlay(
    pixels: NDArray[np.uint8],
    heat: NDArray[np.floating],
    strength: float = 0.85,
    contour: bool = True,
    top: float | None = None,
) -> NDArray[np.uint8]:
    """The photograph with the heat map over it, shape (height, width, 3).

    Opacity grows with the value: where the map is coldest the photograph is untouched.

    Args:
        pixels: The photograph, shape (height, width, 3).
        heat: The map at the photograph's size, shape (height, width), any scale.
        strength: Opacity of the hottest pixel, in [0, 1].
        contour: Draw a thin line round the hottest fifth of the pixels, where they are warm.
        top: As for :func:`display_scale`.

    Raises:
        DataError: The sizes differ.
    """
    if heat.shape != pixels.shape[:2]:
        raise DataError(
            f"a heat map of {heat.shape[1]}x{heat.shape[0]} pixels does not fit an image of "
            f"{pixels.shape[1]}x{pixels.shape[0]}; bring it to the image's size first"
        )
    scaled = display_scale(heat, top)
    opacity = (strength * scaled)[:, :, None]
    mixed: NDArray[np.uint8] = np.rint(pixels * (1 - opacity) + colour(scaled) * opacity).astype(
        np.uint8
    )
    if contour:
        _draw_contour(mixed, scaled)
    return mixed


def _draw_contour(pixels: NDArray[np.uint8], scaled: NDArray[np.float32]) -> None:
    """Draws round the hottest fifth: white inside, black outside, so it shows on any ground.

    Smoothed as salient areas are (methods, section 1.4), and only where the map is warm at all:
    neither speckle nor a quiet background is worth a line.
    """
    from scipy import ndimage

    smooth = ndimage.gaussian_filter(scaled, 0.01 * max(scaled.shape))
    hot = smooth >= max(np.percentile(smooth, _CONTOUR), _WARM)
    thickness = max(1, round(max(hot.shape) / 500))
    # Outside the picture counts as hot: no line runs along the picture's own edge.
    inner = ndimage.binary_erosion(hot, iterations=thickness, border_value=1)
    outer = ndimage.binary_dilation(hot, iterations=thickness)
    pixels[hot & ~inner] = 255
    pixels[outer & ~hot] = 0


def draw_boxes(
    pixels: NDArray[np.uint8],
    boxes: Sequence[Box],
    captions: Sequence[str] = (),
    colour: Colour = _ACCENT,
) -> NDArray[np.uint8]:
    """A copy of the photograph with boxes and their captions, shape (height, width, 3).

    Args:
        pixels: The photograph, shape (height, width, 3).
        boxes: x0, y0, x1, y1 in its pixels, x1 and y1 exclusive; parts outside are cut off.
        captions: One a box, or none at all; an empty one draws nothing.
        colour: Of the lines and the captions' ground.
    """
    drawn = pixels.copy()
    longest = max(pixels.shape)
    for box in boxes:
        _draw_outline(drawn, box, colour, thickness=max(1, round(longest / 250)))
    if not any(captions):
        return drawn
    picture = Image.fromarray(drawn)
    pen = ImageDraw.Draw(picture)
    font = ImageFont.load_default(max(10, round(longest / 30)))
    for box, caption in zip(boxes, captions, strict=True):
        if caption:
            _write_caption(pen, picture.size, box, caption, colour, font)
    return np.array(picture)


def _draw_outline(pixels: NDArray[np.uint8], box: Box, colour: Colour, thickness: int) -> None:
    """Draws inside the box; Pillow's own outline is a row too high for boxes of one pixel."""
    height, width = pixels.shape[:2]
    x0, y0, x1, y1 = (round(side) for side in box)
    rows = slice(max(y0, 0), max(0, min(max(y1, y0 + 1), height)))
    columns = slice(max(x0, 0), max(0, min(max(x1, x0 + 1), width)))
    area = pixels[rows, columns]
    inside = area[thickness:-thickness, thickness:-thickness].copy()
    area[:] = colour
    area[thickness:-thickness, thickness:-thickness] = inside


def _write_caption(
    pen: ImageDraw.ImageDraw,
    size: tuple[int, int],
    box: Box,
    caption: str,
    ground: Colour,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
) -> None:
    """Writes above the box where there is room, inside it otherwise, never out of the picture."""
    left, top, right, bottom = pen.textbbox((0, 0), caption, font=font)
    width, height = right - left + 4, bottom - top + 4
    x = max(0, min(round(box[0]), size[0] - round(width)))
    above = round(box[1]) - round(height)
    y = above if above >= 0 else max(0, min(round(box[1]), size[1] - round(height)))
    pen.rectangle((x, y, x + width - 1, y + height - 1), fill=ground)
    red, green, blue = ground
    is_light = 0.299 * red + 0.587 * green + 0.114 * blue > 140
    pen.text((x + 2 - left, y + 2 - top), caption, fill="black" if is_light else "white", font=font)


def thumbnail(pixels: NDArray[np.uint8], longest_side: int) -> NDArray[np.uint8]:
    """The picture shrunk to ``longest_side`` pixels; a smaller one comes back as it is."""
    picture = Image.fromarray(pixels)
    picture.thumbnail((longest_side, longest_side), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return np.array(picture)


def encode(pixels: NDArray[np.uint8], format: Format = "webp", quality: int = 85) -> bytes:  # noqa: A002 - Pillow's own word
    """The picture as a file's bytes, without metadata.

    Args:
        pixels: Shape (height, width, 3) or, for grey, (height, width).
        format: ``webp``, ``jpeg`` or ``png``.
        quality: 1 to 100; PNG is lossless and ignores it.

    Raises:
        DataError: The format is another.
    """
    if format not in get_args(Format):
        raise DataError(f"picture format '{format}' is unknown; use webp, jpeg or png")
    file = io.BytesIO()
    options = {"optimize": True} if format == "png" else {"quality": quality}
    Image.fromarray(pixels).save(file, format, **options)
    return file.getvalue()
