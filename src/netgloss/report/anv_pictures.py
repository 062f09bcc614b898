"""The pictures of an Abstract Network Visualization: a map on its image, and what players saw."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netgloss.errors import DataError
from netgloss.vision.geometry import Placement
from netgloss.vision.overlays import encode, overlay, thumbnail

if TYPE_CHECKING:
    from netgloss.explanations.local import MergedMap

__all__ = ["MapPictures", "as_uri"]

Pixels = NDArray[np.uint8]

_GREY = 128


class MapPictures:
    """Draws cluster maps on the images that they were made of; each image is read once.

    Args:
        pixels: Image identifier -> pixels, shape (height, width, 3).
        placement: Where the classifier's input lies on an image of this width and height.
        longest: Longest side of a picture in pixels; about twice what it takes on a page, for
            sharp screens.
        tolerant: Whether an image that cannot be read is grey instead of an error.

    Attributes:
        unreadable: Image -> why it is grey.
    """

    def __init__(
        self,
        pixels: Callable[[str], Pixels],
        placement: Callable[[int, int], Placement],
        longest: int = 280,
        *,
        tolerant: bool = False,
    ) -> None:
        self._pixels = pixels
        self._placement = placement
        self._longest = longest
        self._tolerant = tolerant
        self.unreadable: dict[str, str] = {}
        self._small: dict[str, tuple[Pixels, Placement]] = {}
        # Image and the map's identity -> the map, which keeps its identity while it is here, and
        # the picture; None where nothing is kept.
        self._drawn: dict[tuple[str, int], tuple[NDArray[np.floating], Pixels]] | None = None

    @contextmanager
    def drawn_once(self) -> Iterator[None]:
        """Draws no map twice inside: for one view that is written as several files.

        The pictures are let go at the end, since those of all views together are many.
        """
        self._drawn = {}
        try:
            yield
        finally:
            self._drawn = None

    def bare(self, image: str) -> Pixels:
        """The image itself, shape (height, width, 3)."""
        return self._read(image)[0]

    def overlay(self, image: str, heat: NDArray[np.floating]) -> Pixels:
        """The image under one map, shape (height, width, 3); each map on its own scale.

        Args:
            image: The image's identifier.
            heat: The map at its layer's resolution, over the classifier's input.
        """
        kept, key = self._drawn, (image, id(heat))
        if kept is not None and key in kept:
            return kept[key][1]
        pixels, place = self._read(image)
        drawn = overlay(pixels, place.to_original(heat))
        if kept is not None:
            kept[key] = heat, drawn
        return drawn

    def masked(self, image: str, found: MergedMap) -> Pixels:
        """What people had been shown of the map when they answered, on average.

        The mask of their mean number of hints; before anybody played it is the first one.

        Args:
            image: The image's identifier.
            found: The map with its games.

        Source:
            Abstract Network Visualizations (2023), Figure 20.
        """
        from netgloss.vision.reveal import revealed, visibility

        pixels, place = self._read(image)
        visible = visibility(found.heat, pixels.shape[:2], found.tally.mean_hints, place)
        return revealed(pixels, visible)

    def _read(self, image: str) -> tuple[Pixels, Placement]:
        """The image, small, and where the input lies on it at that size."""
        if image not in self._small:
            small = thumbnail(self._whole(image), self._longest)
            self._small[image] = small, self._placement(small.shape[1], small.shape[0])
        return self._small[image]

    def _whole(self, image: str) -> Pixels:
        try:
            return self._pixels(image)
        except DataError as error:
            if not self._tolerant:
                raise
            self.unreadable[image] = str(error)
            return np.full((2 * self._longest // 3, self._longest, 3), _GREY, np.uint8)


def as_uri(pixels: Pixels, quality: int = 70) -> str:
    """A picture as a ``data:`` address, WebP."""
    data = base64.b64encode(encode(pixels, "webp", quality)).decode("ascii")
    return f"data:image/webp;base64,{data}"
