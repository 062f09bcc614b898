"""Where the classifier's input lies on the original image, and the way there and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from netgloss.errors import DataError, ModelError

__all__ = ["Box", "Placement", "Resize"]

Resize = Literal["squash", "crop"]
Box = tuple[float, float, float, float]
"""A rectangle x0, y0, x1, y1 in pixels from the top left corner; x1 and y1 exclusive."""

_BILINEAR = Image.Resampling.BILINEAR
_LARGEST = 64


@dataclass(frozen=True)
class Placement:
    """How one image is laid on the classifier's input.

    ``squash`` stretches the whole image to the input. ``crop`` keeps the aspect: the image is
    shrunk until its tighter side measures ``floor(input side / crop_ratio)``, the other side
    follows and is rounded down, and the centre is cut out. For a square input that is
    torchvision's ``Resize(s)`` and ``CenterCrop(input)`` with ``s = floor(input / crop_ratio)``,
    so ``Resize(256)`` and ``CenterCrop(224)`` are ``crop_ratio=0.875``.

    >>> Placement(500, 375, 224, 224, "crop", 0.875).area
    (85.04398826979472, 23.4375, 413.48973607038124, 351.5625)

    Args:
        width: Of the original, in pixels.
        height: Of the original, in pixels.
        input_height: Of the classifier's input, in pixels.
        input_width: Of the classifier's input, in pixels.
        resize: ``squash`` or ``crop``.
        crop_ratio: Input side over the side shrunk to, in (0, 1]; only ``crop`` uses it.

    Raises:
        ModelError: ``resize`` or ``crop_ratio`` is none of these.
    """

    width: int
    height: int
    input_height: int
    input_width: int
    resize: Resize = "squash"
    crop_ratio: float = 1.0

    def __post_init__(self) -> None:
        if self.resize not in ("squash", "crop"):
            raise ModelError(f"resize '{self.resize}' is unknown; use 'squash' or 'crop'")
        if not 0 < self.crop_ratio <= 1:
            raise ModelError(
                f"crop_ratio {self.crop_ratio} is not in (0, 1]; "
                "it is the input's side over the side that the image is shrunk to"
            )

    @property
    def area(self) -> Box:
        """The rectangle of the original that the classifier sees, in fractions of its pixels."""
        if self.resize == "squash":
            return 0.0, 0.0, float(self.width), float(self.height)
        whole_width, whole_height = self._resized()
        left, top = self._corner()
        return (
            left * self.width / whole_width,
            top * self.height / whole_height,
            (left + self.input_width) * self.width / whole_width,
            (top + self.input_height) * self.height / whole_height,
        )

    def _resized(self) -> tuple[int, int]:
        """Width and height of the whole image at the input's scale."""
        width = int(self.input_width / self.crop_ratio)
        height = int(self.input_height / self.crop_ratio)
        if self.width * height <= self.height * width:
            return width, width * self.height // self.width
        return height * self.width // self.height, height

    def _corner(self) -> tuple[int, int]:
        """Left and top of the cut-out; a tie goes to the even number, as in torchvision."""
        width, height = self._resized()
        return round((width - self.input_width) / 2), round((height - self.input_height) / 2)

    def prepare(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The image as the classifier sees it, shape (input_height, input_width, 3).

        Bilinear, with the support widened where the image shrinks, as Pillow and torchvision do.

        Args:
            pixels: The original, shape (height, width, 3).

        Raises:
            DataError: The shape is another.
        """
        if pixels.shape != (self.height, self.width, 3):
            raise DataError(
                f"the image has the shape {pixels.shape}, ({self.height}, {self.width}, 3) was "
                "expected; the file may have changed since it was scanned"
            )
        picture, size = Image.fromarray(pixels), (self.input_width, self.input_height)
        if self.resize == "squash":
            return np.array(picture.resize(size, _BILINEAR))
        whole = self._resized()
        if whole[0] * whole[1] > _LARGEST * size[0] * size[1]:
            # A picture of 1 x 10,000 pixels would fill the memory; the cut-out alone differs
            # by a level or two, since Pillow holds its corners as 32-bit floats.
            return np.array(picture.resize(size, _BILINEAR, box=self.area))
        left, top = self._corner()
        cut = (left, top, left + size[0], top + size[1])
        return np.array(picture.resize(whole, _BILINEAR).crop(cut))

    def to_original(self, heat: NDArray[np.floating], fill: float = 0.0) -> NDArray[np.float32]:
        """A heat map over the input laid on the original, shape (height, width).

        Bilinear, edges held; where the map is finer than the original, neighbours are averaged.

        Args:
            heat: Shape (h, w), any resolution; it covers the whole input.
            fill: The value where the classifier sees nothing.
        """
        x0, y0, x1, y1 = self.area
        rows = _interpolation(self.height, heat.shape[0], y0, y1)
        columns = _interpolation(self.width, heat.shape[1], x0, x1)
        laid = rows @ heat.astype(np.float32) @ columns.T
        if fill:
            laid[~rows.any(axis=1)] = fill
            laid[:, ~columns.any(axis=1)] = fill
        return laid

    def box_to_input(self, box: Box) -> Box:
        """A box of the original in pixels of the input; it may reach beyond the input."""
        x0, y0, x1, y1 = self.area
        across, down = self.input_width / (x1 - x0), self.input_height / (y1 - y0)
        return (
            (box[0] - x0) * across,
            (box[1] - y0) * down,
            (box[2] - x0) * across,
            (box[3] - y0) * down,
        )

    def box_to_original(self, box: Box) -> Box:
        """A box of the input in pixels of the original."""
        x0, y0, x1, y1 = self.area
        across, down = (x1 - x0) / self.input_width, (y1 - y0) / self.input_height
        return (
            box[0] * across + x0,
            box[1] * down + y0,
            box[2] * across + x0,
            box[3] * down + y0,
        )


def _interpolation(size: int, samples: int, start: float, end: float) -> NDArray[np.float32]:
    """Weights of ``samples`` values spread over [start, end) at the centres of ``size`` pixels.

    A triangle as wide as the coarser of the two grids: plain bilinear when there are fewer
    samples than pixels, averaging when there are more.

    Returns:
        Shape (size, samples). Each row sums to 1, or to 0 where the pixel lies outside.
    """
    per_pixel = samples / (end - start)
    centres = (np.arange(size) + 0.5 - start) * per_pixel
    distances = np.abs(centres[:, None] - (np.arange(samples) + 0.5))
    weights = np.clip(1 - distances / max(1.0, per_pixel), 0, None)
    weights[(centres < 0) | (centres >= samples)] = 0
    sums = weights.sum(axis=1, keepdims=True)
    shares: NDArray[np.float64] = np.divide(weights, sums, out=weights, where=sums > 0)
    return shares.astype(np.float32)
