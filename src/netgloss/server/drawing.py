"""Draws the pictures that people see, each once, and keeps them in the study.

They are encoded anew from bare pixels, so that no metadata passes, and kept under a key made from
what they show.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from enum import Enum
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from netgloss.errors import DataError, NetglossError
from netgloss.evidence.salient import salient_areas
from netgloss.progress import Tracker, untracked
from netgloss.server.tasks.evidence import StoredEvidence, stored_evidence, version_of
from netgloss.store.atomic import atomic_path, write_text
from netgloss.store.locks import writing
from netgloss.vision import reveal
from netgloss.vision.images import Image
from netgloss.vision.overlays import colour, display_scale, encode, overlay, thumbnail

__all__ = [
    "LONGEST_SIDE",
    "Ahead",
    "Picture",
    "make_all",
    "picture_file",
    "salient_boxes",
    "warm",
]

LONGEST_SIDE = 1024
"""Pixels along the longer side of what is sent; of the game's pictures ``reveal.LONGEST_SIDE``."""

_THUMBNAIL = 256
_QUALITY = 85
# Together with the two colours of the line few enough for a palette: a quarter of the bytes that
# 256 steps take, and nobody sees the difference.
_STEPS = 63
# Part of every key: another way of drawing makes new pictures.
_DRAWN_LIKE = 1
_LOCK_SECONDS = 60.0
_LOG = logging.getLogger("netgloss.server.pictures")


class Picture(Enum):
    """A kind of picture; its value stands in the address."""

    IMAGE = "i"
    HEAT = "h"
    THUMBNAIL = "t"
    REVEAL = "r"
    """What a map lets through; its parts are the levels, 0 to 5."""
    WHOLE = "w"
    """The image at the size that the game shows it, for the end."""


Ahead = Sequence[tuple[Picture, int]]
"""Pictures to make before anybody asks, each with its part."""


def picture_file(
    kind: Picture, method: str, evidence: str, folder: Path | None = None, part: int = 0
) -> Path:
    """The WebP file of a picture, made if it is not there yet.

    Made once, even when several ask at a time: one makes it, the others wait.

    Args:
        kind: Which picture.
        method: The evidence method.
        evidence: The heat map's identifier.
        folder: The study folder; the one that is served when None.
        part: Of ``REVEAL`` the level; of the others 0.

    Raises:
        NetglossError: The image or the heat map cannot be read, or the disk refuses.
    """
    stored = stored_evidence(method, folder)
    place = _place(stored, kind, evidence, ".webp", part)
    if not place.exists():
        with _making(stored, place):
            if not place.exists():
                content = _DRAW[kind](stored, evidence, part)
                with atomic_path(place) as temporary:
                    temporary.write_bytes(content)
    return place


def salient_boxes(
    method: str, evidence: str, folder: Path | None = None
) -> list[tuple[int, int, int, int]]:
    """The boxes round the bright areas, x0, y0, x1, y1 in pixels of the original image.

    Args:
        method: The evidence method.
        evidence: The heat map's identifier.
        folder: The study folder; the one that is served when None.
    """
    stored = stored_evidence(method, folder)
    place = _place(stored, Picture.HEAT, evidence, ".json")
    return _read_boxes(place) if place.exists() else _find_boxes(stored, evidence, place)


def make_all(
    method: str, ahead: Ahead, folder: Path | None = None, track: Tracker = untracked
) -> int:
    """Makes pictures of every heat map; returns how many heat maps there are.

    Args:
        method: The evidence method.
        ahead: Which pictures.
        folder: The study folder; the one that is served when None.
        track: Draws progress.
    """
    names = list(stored_evidence(method, folder))
    for evidence in track(names, total=len(names), what="drawing pictures"):
        _make(method, evidence, ahead, folder)
    return len(names)


def warm(method: str, ahead: Ahead, folder: Path | None = None) -> threading.Thread:
    """Starts making pictures in the background, and rests half of the time meanwhile.

    Args:
        method: The evidence method.
        ahead: Which pictures: those that people ask for first.
        folder: The study folder; the one that is served when None.

    Returns:
        The thread; it does not keep the process alive.
    """
    told = (method, ahead, folder)
    thread = threading.Thread(target=_warm, args=told, name="pictures", daemon=True)
    thread.start()
    return thread


def _warm(method: str, ahead: Ahead, folder: Path | None) -> None:
    try:
        for evidence in list(stored_evidence(method, folder)):
            began = time.monotonic()
            try:
                _make(method, evidence, ahead, folder)
            except NetglossError as fault:
                _LOG.warning("a picture cannot be made ahead: %s", fault)
            time.sleep(time.monotonic() - began)
    except NetglossError as fault:
        _LOG.warning("pictures cannot be made ahead: %s", fault)


def _make(method: str, evidence: str, ahead: Ahead, folder: Path | None) -> None:
    for kind, part in ahead:
        picture_file(kind, method, evidence, folder, part)
        if kind is Picture.HEAT:
            salient_boxes(method, evidence, folder)


def _making(stored: StoredEvidence, place: Path) -> AbstractContextManager[None]:
    """Holds the right to make pictures of one name's first letters, across processes."""
    return writing(stored.study.folder, f"pictures-{place.name[:2]}", _LOCK_SECONDS)


def _place(
    stored: StoredEvidence, kind: Picture, evidence: str, ending: str, part: int = 0
) -> Path:
    key = _key(stored, kind, evidence, part)
    return stored.study.folder / ".netgloss" / "pictures" / key[:2] / f"{key}{ending}"


def _key(stored: StoredEvidence, kind: Picture, evidence: str, part: int) -> str:
    """Names a picture by what it is made from."""
    image = stored.image(evidence)
    made_from: list[object] = [_DRAWN_LIKE, kind.value, image.width, image.height]
    if kind is not Picture.HEAT:
        made_from += [image.image, *version_of(image.path)]
    if kind not in (Picture.IMAGE, Picture.WHOLE):
        made_from.append(stored.digest(evidence))
    if kind is Picture.REVEAL:
        made_from.append(part)
    return hashlib.sha256(json.dumps(made_from).encode()).hexdigest()[:32]


# ------------------------------------------------------------------------------------- drawing


def _checked_pixels(image: Image) -> NDArray[np.uint8]:
    """The original.

    Raises:
        DataError: The file cannot be read, or shows a picture of another size than it did.
    """
    pixels = image.pixels()
    if pixels.shape[:2] != (image.height, image.width):
        raise DataError(
            f"{image.path}: has {pixels.shape[1]}x{pixels.shape[0]} pixels, "
            f"{image.width}x{image.height} when the study was made; put the old file back"
        )
    return pixels


def _pixels(stored: StoredEvidence, evidence: str) -> NDArray[np.uint8]:
    """The image as annotation shows it."""
    return thumbnail(_checked_pixels(stored.image(evidence)), LONGEST_SIDE)


def _game_pixels(stored: StoredEvidence, evidence: str) -> NDArray[np.uint8]:
    """The image as the game shows it, kept as it is: some hundred pictures are made from one."""
    place = _place(stored, Picture.WHOLE, evidence, ".npy")
    if not place.exists():
        pixels = reveal.shown_pixels(_checked_pixels(stored.image(evidence)))
        with atomic_path(place) as temporary, temporary.open("wb") as file:
            np.save(file, pixels)
    kept: NDArray[np.uint8] = np.load(place, mmap_mode="r")
    return kept


def _draw_image(stored: StoredEvidence, evidence: str, _part: int) -> bytes:
    return encode(_pixels(stored, evidence), "webp", _QUALITY)


def _draw_whole(stored: StoredEvidence, evidence: str, _part: int) -> bytes:
    return encode(_game_pixels(stored, evidence), "webp", _QUALITY)


def _draw_reveal(stored: StoredEvidence, evidence: str, level: int) -> bytes:
    """What the map lets through on opaque black: without alpha, whose hidden colours would tell.

    Lossless: a lossy picture has traces of what is hidden round what is shown.
    """
    pixels = _game_pixels(stored, evidence)
    height, width = pixels.shape[:2]
    place = stored.placement(evidence)
    visible = reveal.visibility(stored.heat(evidence), (height, width), level, place)
    # More than the step's percentage where the map has plateaus: it should be known how much.
    about = {"evidence": evidence, "level": level, "share": round(float(visible.mean()), 4)}
    _LOG.debug("masked", extra={"about": about})
    return _lossless(reveal.revealed(pixels, visible))


def _draw_heat(stored: StoredEvidence, evidence: str, _part: int) -> bytes:
    """The heat map as a layer: inferno, as opaque as it is hot, a line round the top fifth.

    Where nothing is to be seen the hidden colours are zero too: nothing can be brought back.
    """
    heat = _shrunk_heat(stored, evidence)
    scaled = np.rint(display_scale(heat) * _STEPS) / _STEPS
    layer = np.dstack([colour(scaled), np.rint(scaled * 255).astype(np.uint8)])
    layer[layer[:, :, 3] == 0] = 0
    line = _contour(heat)
    drawn = line != _GREY
    layer[drawn] = np.stack([line, line, line, np.full_like(line, 255)], axis=-1)[drawn]
    return _lossless(layer)


def _lossless(pixels: NDArray[np.uint8]) -> bytes:
    """The picture as a WebP file's bytes, each pixel as it is, those of no opacity too."""
    file = io.BytesIO()
    # More effort saves a fifth of the bytes and takes four times as long.
    Pillow.fromarray(pixels).save(file, "webp", lossless=True, exact=True, quality=0, method=0)
    return file.getvalue()


_GREY = 128


def _contour(heat: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The line that overlays draw, white and black on grey, shape (height, width)."""
    ground = np.full((*heat.shape, 3), _GREY, np.uint8)
    return overlay(ground, heat, strength=0.0)[:, :, 0]


def _draw_thumbnail(stored: StoredEvidence, evidence: str, _part: int) -> bytes:
    pixels = _pixels(stored, evidence)
    mixed = overlay(pixels, _fitted(stored.heat_on_image(evidence), pixels.shape[:2]))
    return encode(thumbnail(mixed, _THUMBNAIL), "webp", _QUALITY)


_DRAW: dict[Picture, Callable[[StoredEvidence, str, int], bytes]] = {
    Picture.IMAGE: _draw_image,
    Picture.HEAT: _draw_heat,
    Picture.THUMBNAIL: _draw_thumbnail,
    Picture.REVEAL: _draw_reveal,
    Picture.WHOLE: _draw_whole,
}


def _shrunk_heat(stored: StoredEvidence, evidence: str) -> NDArray[np.float32]:
    """The heat map on its image, no larger than it is shown."""
    heat = stored.heat_on_image(evidence)
    scale = min(1.0, LONGEST_SIDE / max(heat.shape))
    return _fitted(heat, (round(heat.shape[0] * scale), round(heat.shape[1] * scale)))


def _fitted(heat: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
    if heat.shape == shape:
        return heat
    height, width = (max(1, side) for side in shape)
    smaller = Pillow.fromarray(heat).resize((width, height), Pillow.Resampling.BOX)
    return np.asarray(smaller, np.float32)


def _find_boxes(
    stored: StoredEvidence, evidence: str, place: Path
) -> list[tuple[int, int, int, int]]:
    """The bright areas at the size shown, in pixels of the original, written down for next time."""
    heat, image = _shrunk_heat(stored, evidence), stored.image(evidence)
    across, down = image.width / heat.shape[1], image.height / heat.shape[0]
    boxes = [
        (round(x0 * across), round(y0 * down), round(x1 * across), round(y1 * down))
        for x0, y0, x1, y1 in (area.box for area in salient_areas(heat))
    ]
    write_text(place, json.dumps(boxes))
    return boxes


@lru_cache(maxsize=20_000)
def _read_boxes(place: Path) -> list[tuple[int, int, int, int]]:
    return [tuple(box) for box in json.loads(place.read_text(encoding="utf-8"))]
