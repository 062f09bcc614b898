"""The pictures of a page: each is embedded once, bare and with its heat map, and shown often."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from netgloss.errors import NetglossError
from netgloss.progress import Tracker, untracked
from netgloss.vision.overlays import display_scale, encode, overlay, thumbnail

__all__ = ["PictureBank", "StoredPicture"]


@dataclass(frozen=True)
class StoredPicture:
    """One embedded picture.

    Attributes:
        key: Its identifier on the page.
        width: Width of the original image in pixels; boxes are drawn in these.
        height: Height of the original image in pixels.
        plain: The bare image as a ``data:`` URI.
        heat: The image under its heat map as a ``data:`` URI; None without a heat map.
        empty_heat: Whether there is a heat map with nothing in it.
    """

    key: str
    width: int
    height: int
    plain: str
    heat: str | None
    empty_heat: bool


class PictureBank:
    """Pictures asked for by image identifier, encoded in one pass, each embedded once.

    Args:
        pixels: Image identifier -> pixels, shape (height, width, 3).
        heat: Image identifier -> heat map of that size, or None.
        longest: Longest side of an embedded picture in pixels; about twice what it takes on a
            page, for sharp screens.
        quality: WebP quality, 0 to 100.
        limit: How many pictures the page may hold.
    """

    def __init__(
        self,
        pixels: Callable[[str], NDArray[np.uint8]],
        heat: Callable[[str], NDArray[np.float32] | None],
        *,
        longest: int = 360,
        quality: int = 64,
        limit: int = 400,
    ) -> None:
        self.pixels = pixels
        self.heat = heat
        self.longest = longest
        self.quality = quality
        self.limit = limit
        self.stored: dict[str, StoredPicture] = {}
        self.unreadable: dict[str, str] = {}
        self._wanted: dict[str, int] = {}

    def want(self, image: str) -> bool:
        """Asks for a picture; whether the page has room for it."""
        if image not in self._wanted:
            if len(self._wanted) >= self.limit:
                return False
            self._wanted[image] = len(self._wanted) + 1
        return True

    def fill(self, track: Tracker = untracked) -> None:
        """Reads and encodes every picture asked for; notes those that cannot be read."""
        for image, number in track(
            self._wanted.items(), total=len(self._wanted), what="drawing pictures"
        ):
            try:
                self.stored[image] = self._store(image, f"picture-{number}")
            except NetglossError as error:
                self.unreadable[image] = str(error)

    def _store(self, image: str, key: str) -> StoredPicture:
        pixels = self.pixels(image)
        heat = self.heat(image)
        height, width = pixels.shape[:2]
        small = thumbnail(pixels, self.longest)
        empty = heat is not None and not display_scale(heat).any()
        shown = None
        if heat is not None and not empty:
            shown = self._uri(overlay(small, _resized(heat, small.shape[:2])))
        return StoredPicture(key, width, height, self._uri(small), shown, empty)

    def _uri(self, pixels: NDArray[np.uint8]) -> str:
        data = base64.b64encode(encode(pixels, "webp", self.quality)).decode("ascii")
        return f"data:image/webp;base64,{data}"


def _resized(heat: NDArray[np.float32], size: tuple[int, ...]) -> NDArray[np.float32]:
    """The heat map at another size (height, width), so that large photographs cost little."""
    if heat.shape == size:
        return heat
    picture = Image.fromarray(np.asarray(heat, dtype=np.float32))
    return np.asarray(picture.resize((size[1], size[0]), Image.Resampling.BILINEAR))
