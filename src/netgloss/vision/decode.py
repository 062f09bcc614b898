"""Turns any picture file into 8-bit RGB, or says in a few words why it cannot."""

from __future__ import annotations

import stat
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from netgloss.errors import DataError
from netgloss.vision.modes import to_rgb
from netgloss.vision.sniff import is_picture_head, name_content

__all__ = ["MAX_PIXELS", "decode", "examine"]

MAX_PIXELS = 89_478_485
"""Pixels an image may have: where Pillow begins to warn of a decompression bomb."""

# Formats that need no outside program (EPS starts Ghostscript) and carry a signature
# (TGA has none, so any text may pass for one).
_FORMATS = ("AVIF", "BMP", "GIF", "ICO", "JPEG", "JPEG2000", "PNG", "PPM", "TIFF", "WEBP")

_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

_SPECIAL = (
    (stat.S_ISDIR, "a folder, not an image"),
    (stat.S_ISFIFO, "not a regular file (named pipe)"),
    (stat.S_ISSOCK, "not a regular file (socket)"),
    (stat.S_ISCHR, "not a regular file (device)"),
    (stat.S_ISBLK, "not a regular file (device)"),
)


def decode(path: Path, root: Path | None = None, max_pixels: int = MAX_PIXELS) -> NDArray[np.uint8]:
    """Decodes a picture as a viewer would show it, shape (height, width, 3), 8-bit RGB.

    The EXIF orientation is applied; transparent pixels lie on white; 16-bit grey is scaled,
    not clipped; an animation gives its first frame. Embedded RGB colour profiles are left
    alone, as the usual training loaders leave them, so that the classifier sees here what it
    saw there.

    Args:
        path: The file.
        root: The folder it must lie in once every link is followed; None allows any place.
        max_pixels: Refuse a larger image before decoding it. Above Pillow's own ceiling (twice
            the default) that ceiling holds.

    Raises:
        DataError: The file is no picture, damaged, cut short, too large, not a regular file or
            outside ``root``. The message is the path and the reason.
    """
    try:
        return _decode(path, root, max_pixels)
    except DataError as error:
        raise DataError(f"{path}: {error}") from error


def examine(
    path: Path, root: Path | None = None, max_pixels: int = MAX_PIXELS
) -> tuple[int, int, str]:
    """Height, width and ``ok``; or zeros and the reason why the file is no usable picture.

    The whole file is decoded, since only that finds one that was cut short. Arguments as for
    :func:`decode`.
    """
    try:
        height, width, _ = _decode(path, root, max_pixels).shape
    except DataError as error:
        return 0, 0, str(error)
    return height, width, "ok"


def _decode(path: Path, root: Path | None, max_pixels: int) -> NDArray[np.uint8]:
    """Decodes; a :class:`DataError` carries the bare reason."""
    _check_place(path, root)
    try:
        with path.open("rb") as file, _without_warnings():
            return to_rgb(_load(file, max_pixels))
    except DataError:
        raise
    except MemoryError as error:
        raise DataError("too large for the memory of this machine") from error
    except OSError as error:
        raise DataError(_damage(error)) from error


def _check_place(path: Path, root: Path | None) -> None:
    """Refuses what must not be opened: opening a pipe would wait for ever."""
    try:
        real = path.resolve(strict=True)
        status = real.stat()
    except FileNotFoundError as error:
        raise DataError("a broken link" if path.is_symlink() else "not there") from error
    except (OSError, RuntimeError) as error:  # Python 3.11 raises RuntimeError for a loop
        reason = getattr(error, "strerror", None) or "a link that leads in a circle"
        raise DataError(f"cannot be read ({reason.lower()})") from error
    if root is not None and not real.is_relative_to(root.resolve()):
        raise DataError("a link out of the image folder")
    for is_kind, reason in _SPECIAL:
        if is_kind(status.st_mode):
            raise DataError(reason)
    if status.st_size == 0:
        raise DataError("zero bytes")


def _load(file: BinaryIO, max_pixels: int) -> Image.Image:
    """Opens the header, checks the size, decodes the first frame and turns it upright."""
    try:
        image: Image.Image = Image.open(file, formats=_FORMATS)
        _check_size(*image.size, max_pixels)
        image.load()
    except (DataError, MemoryError):
        raise
    except Image.DecompressionBombError as error:
        raise DataError(f"too many pixels, more than the limit of {max_pixels}") from error
    except UnidentifiedImageError as error:
        raise DataError(_unknown(file)) from error
    except Exception as error:  # a damaged file makes the decoders raise anything
        raise DataError(_damage(error)) from error
    return _upright(image)


def _check_size(width: int, height: int, max_pixels: int) -> None:
    if width * height > max_pixels:
        raise DataError(f"{width}x{height} pixels, more than the limit of {max_pixels}")


def _unknown(file: BinaryIO) -> str:
    file.seek(0)
    head = file.read(1024)
    return "truncated or damaged" if is_picture_head(head) else name_content(head)


def _damage(error: Exception) -> str:
    text = str(error).lower()
    if isinstance(error, PermissionError):
        return "cannot be read (permission denied)"
    if isinstance(error, EOFError) or "truncated" in text or "end of file" in text:
        return "truncated"
    return "truncated or damaged"


def _upright(image: Image.Image) -> Image.Image:
    """Applies the EXIF orientation; a picture with damaged EXIF stays as it lies."""
    try:
        orientation = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # the picture itself is whole, only its notes are not
        orientation = 1
    turn = _UPRIGHT.get(orientation) if isinstance(orientation, int) else None
    return image if turn is None else image.transpose(turn)


class _Silence:
    """Counts the threads that decode, so that the first silences warnings and the last restores.

    ``warnings.catch_warnings`` alone swaps a list that all threads share: two that overlap
    would put back each other's.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.count = 0
        self.catcher = warnings.catch_warnings()

    def enter(self) -> None:
        with self.lock:
            if self.count == 0:
                self.catcher = warnings.catch_warnings()
                self.catcher.__enter__()
                warnings.simplefilter("ignore")
            self.count += 1

    def leave(self) -> None:
        with self.lock:
            self.count -= 1
            if self.count == 0:
                self.catcher.__exit__(None, None, None)


_silence = _Silence()


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Keeps Pillow's warnings in: the status column says what a person needs to know."""
    _silence.enter()
    try:
        yield
    finally:
        _silence.leave()
