"""The pictures people see: the image, and its heat map to lay over it, behind opaque addresses.

An address is a capability: it names an assignment (or an item, for the organiser) and a kind of
picture, and carries a signature. Neither the file's name nor the class can be read from it, and
without the server's key none can be made up. Pictures are encoded anew from bare pixels, so that
no metadata passes, and kept in the study under a key made from what they show.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import logging
import threading
import time
from contextlib import AbstractContextManager
from enum import Enum
from functools import lru_cache
from pathlib import Path
from uuid import UUID

import numpy as np
from django.core import signing
from django.db.models import UUIDField
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.views.decorators.http import require_safe
from numpy.typing import NDArray
from PIL import Image as Pillow

from netgloss.errors import DataError, NetglossError
from netgloss.evidence.salient import salient_areas
from netgloss.progress import Tracker, untracked
from netgloss.server.prepared import Given, Prepared
from netgloss.server.tasks.evidence import StoredEvidence, stored_evidence, version_of
from netgloss.server.tasks.models import Assignment, Item
from netgloss.store.atomic import atomic_path, write_text
from netgloss.store.locks import writing
from netgloss.vision.overlays import colour, display_scale, encode, overlay, thumbnail

__all__ = [
    "LONGEST_SIDE",
    "Picture",
    "address",
    "item_address",
    "make_all",
    "picture_file",
    "salient_boxes",
    "serve",
    "warm",
]

LONGEST_SIDE = 1024
"""Pixels along the longer side of what is sent."""

_THUMBNAIL = 256
_QUALITY = 85
# Together with the two colours of the line few enough for a palette: a quarter of the bytes that
# 256 steps take, and nobody sees the difference.
_STEPS = 63
# Part of every key: another way of drawing makes new pictures.
_DRAWN_LIKE = 1
_SALT = "netgloss.pictures"
_ITEM_BYTES = 8
_LOCK_SECONDS = 60.0
_HEADERS = {"Cache-Control": "private, max-age=86400, immutable"}
_LOG = logging.getLogger("netgloss.server.pictures")


class Picture(Enum):
    """A kind of picture; its value stands in the address."""

    IMAGE = "i"
    HEAT = "h"
    THUMBNAIL = "t"


# ------------------------------------------------------------------------------------ addresses


def address(kind: Picture, assignment_id: UUID) -> str:
    """Where the picture of an assignment is served.

    Args:
        kind: Which picture.
        assignment_id: The assignment's key.
    """
    return _address(kind, "a", assignment_id.bytes)


def item_address(kind: Picture, item_id: int) -> str:
    """Where the picture of an item is served, for the organiser.

    Args:
        kind: Which picture.
        item_id: The item's key.
    """
    return _address(kind, "n", item_id.to_bytes(_ITEM_BYTES))


def _address(kind: Picture, of: str, key: bytes) -> str:
    named = kind.value + of + base64.urlsafe_b64encode(key).decode().rstrip("=")
    return f"/pictures/{_signer().sign(named)}.webp"


def _signer() -> signing.Signer:
    return signing.Signer(salt=_SALT, sep=".")


@require_safe
def serve(_request: HttpRequest, capability: str) -> HttpResponse:
    """The picture behind an address, for a page that shows it; no cookie is asked for.

    Args:
        _request: Any.
        capability: The address's last part, without its ending.
    """
    try:
        named = _signer().unsign(capability)
        method, evidence = _looked_up(named[1:2], named[2:])
        content = picture_file(Picture(named[:1]), method, evidence).read_bytes()
    except (signing.BadSignature, ValueError, Item.DoesNotExist):
        return HttpResponseNotFound()
    except NetglossError:
        _LOG.exception("a picture cannot be shown")
        return HttpResponseNotFound()
    return HttpResponse(content, content_type="image/webp", headers=_HEADERS)


_shown: Prepared[tuple[str, str]] = Prepared(
    lambda: Assignment.objects.filter(pk=Given("id", UUIDField())).values_list(
        "task__method", "item__evidence"
    )
)


def _looked_up(of: str, encoded: str) -> tuple[str, str]:
    """Method and identifier of the heat map that a capability stands for, in one query.

    Raises:
        ValueError: It stands for nothing.
    """
    key = base64.urlsafe_b64decode(encoded + "==")
    if of == "a":
        found = _shown.first(id=UUID(bytes=key))
        if found is None:
            raise ValueError("no assignment's key")
        return found
    if len(key) != _ITEM_BYTES:
        raise ValueError("no item's key")
    return Item.objects.values_list("task__method", "evidence").get(pk=int.from_bytes(key))


# ------------------------------------------------------------------------------------- pictures


def picture_file(kind: Picture, method: str, evidence: str, folder: Path | None = None) -> Path:
    """The WebP file of a picture, made if it is not there yet.

    Made once, even when several ask at a time: one makes it, the others wait.

    Args:
        kind: Which picture.
        method: The evidence method.
        evidence: The heat map's identifier.
        folder: The study folder; the one that is served when None.

    Raises:
        NetglossError: The image or the heat map cannot be read, or the disk refuses.
    """
    stored = stored_evidence(method, folder)
    place = _place(stored, kind, evidence, ".webp")
    if not place.exists():
        with _making(stored, place):
            if not place.exists():
                content = _DRAW[kind](stored, evidence)
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


def make_all(method: str, folder: Path | None = None, track: Tracker = untracked) -> int:
    """Makes every picture that people will ask for; returns how many heat maps there are.

    Args:
        method: The evidence method.
        folder: The study folder; the one that is served when None.
        track: Draws progress.
    """
    names = list(stored_evidence(method, folder))
    for evidence in track(names, total=len(names), what="drawing pictures"):
        _make(method, evidence, folder)
    return len(names)


def warm(method: str, folder: Path | None = None) -> threading.Thread:
    """Starts making all pictures in the background, and rests half of the time meanwhile.

    Args:
        method: The evidence method.
        folder: The study folder; the one that is served when None.

    Returns:
        The thread; it does not keep the process alive.
    """
    thread = threading.Thread(target=_warm, args=(method, folder), name="pictures", daemon=True)
    thread.start()
    return thread


def _warm(method: str, folder: Path | None) -> None:
    try:
        for evidence in list(stored_evidence(method, folder)):
            began = time.monotonic()
            try:
                _make(method, evidence, folder)
            except NetglossError as fault:
                _LOG.warning("a picture cannot be made ahead: %s", fault)
            time.sleep(time.monotonic() - began)
    except NetglossError as fault:
        _LOG.warning("pictures cannot be made ahead: %s", fault)


def _make(method: str, evidence: str, folder: Path | None) -> None:
    for kind in (Picture.IMAGE, Picture.HEAT):
        picture_file(kind, method, evidence, folder)
    salient_boxes(method, evidence, folder)


def _making(stored: StoredEvidence, place: Path) -> AbstractContextManager[None]:
    """Holds the right to make pictures of one name's first letters, across processes."""
    return writing(stored.study.folder, f"pictures-{place.name[:2]}", _LOCK_SECONDS)


def _place(stored: StoredEvidence, kind: Picture, evidence: str, ending: str) -> Path:
    key = _key(stored, kind, evidence)
    return stored.study.folder / ".netgloss" / "pictures" / key[:2] / f"{key}{ending}"


def _key(stored: StoredEvidence, kind: Picture, evidence: str) -> str:
    """Names a picture by what it is made from."""
    image = stored.image(evidence)
    made_from: list[object] = [_DRAWN_LIKE, kind.value, image.width, image.height]
    if kind is not Picture.HEAT:
        made_from += [image.image, *version_of(image.path)]
    if kind is not Picture.IMAGE:
        made_from.append(stored.digest(evidence))
    return hashlib.sha256(json.dumps(made_from).encode()).hexdigest()[:32]


def _pixels(stored: StoredEvidence, evidence: str) -> NDArray[np.uint8]:
    """The image as it is sent.

    Raises:
        DataError: The file cannot be read, or shows a picture of another size than it did.
    """
    image = stored.image(evidence)
    pixels = image.pixels()
    if pixels.shape[:2] != (image.height, image.width):
        raise DataError(
            f"{image.path}: has {pixels.shape[1]}x{pixels.shape[0]} pixels, "
            f"{image.width}x{image.height} when the study was made; put the old file back"
        )
    return thumbnail(pixels, LONGEST_SIDE)


def _draw_image(stored: StoredEvidence, evidence: str) -> bytes:
    return encode(_pixels(stored, evidence), "webp", _QUALITY)


def _draw_heat(stored: StoredEvidence, evidence: str) -> bytes:
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
    file = io.BytesIO()
    # More effort saves a fifth of the bytes and takes four times as long.
    Pillow.fromarray(layer).save(file, "webp", lossless=True, exact=True, quality=0, method=0)
    return file.getvalue()


_GREY = 128


def _contour(heat: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The line that overlays draw, white and black on grey, shape (height, width)."""
    ground = np.full((*heat.shape, 3), _GREY, np.uint8)
    return overlay(ground, heat, strength=0.0)[:, :, 0]


def _draw_thumbnail(stored: StoredEvidence, evidence: str) -> bytes:
    pixels = _pixels(stored, evidence)
    mixed = overlay(pixels, _fitted(stored.heat_on_image(evidence), pixels.shape[:2]))
    return encode(thumbnail(mixed, _THUMBNAIL), "webp", _QUALITY)


_DRAW = {
    Picture.IMAGE: _draw_image,
    Picture.HEAT: _draw_heat,
    Picture.THUMBNAIL: _draw_thumbnail,
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
