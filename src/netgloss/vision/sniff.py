"""Names what a file that is no picture holds, from its first bytes."""

from __future__ import annotations

__all__ = ["is_picture_head", "name_content"]

_PICTURES = (
    b"\xff\xd8\xff",
    b"\x89PNG",
    b"GIF8",
    b"BM",
    b"II*\x00",
    b"MM\x00*",
    b"\x00\x00\x00\x0cjP  ",
    b"\xff\x4f\xff\x51",
)

_STARTS = (
    (b"version https://git-lfs", "a Git LFS pointer; run 'git lfs pull'"),
    (b"%PDF", "a PDF, not an image"),
    (b"%!PS", "PostScript, not an image"),
    (b"PK\x03\x04", "a zip archive, not an image"),
    (b"\x1f\x8b", "a gzip archive, not an image"),
    (b"\x93NUMPY", "a NumPy array, not an image"),
    (b"\x89HDF", "an HDF5 file, not an image"),
    (b"8BPS", "a Photoshop file; save it as PNG"),
)

# A pickle opens with PROTO and its version; protocol 0 and 1 are text or have no mark.
_PICKLES = tuple(bytes([0x80, version]) for version in range(2, 6))
_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")


def is_picture_head(head: bytes) -> bool:
    """Whether the bytes open a picture format, so that a failure means damage.

    >>> is_picture_head(b"GIF89a"), is_picture_head(b"<html>")
    (True, False)
    """
    riff = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    return riff or head[4:12] in (b"ftypavif", b"ftypavis") or head.startswith(_PICTURES)


def name_content(head: bytes) -> str:
    """Says what the bytes are, in the words of the status column.

    >>> name_content(b"<!DOCTYPE html><p>404")
    'a web page, not an image'

    Args:
        head: The first bytes of the file, about a thousand.
    """
    for start, name in _STARTS:
        if head.startswith(start):
            return name
    if head.startswith(_PICKLES):
        return "a pickle, not an image"
    if head[4:8] == b"ftyp":
        return "HEIC; save it as JPEG" if head[8:12] in _HEIC else "a video, not an image"
    return _name_text(head)


def _name_text(head: bytes) -> str:
    # The cut may fall inside a character, hence the few bytes of grace.
    text = head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", errors="replace").lower().lstrip()
    if text.startswith(("<!doctype html", "<html", "<head", "<body")):
        return "a web page, not an image"
    if text.startswith("<") and "<svg" in text:
        return "an SVG drawing; save it as PNG"
    if text.startswith("<") and "<html" in text:
        return "a web page, not an image"
    readable = sum(letter.isprintable() or letter.isspace() for letter in text)
    # The replacement character counts as printable; a text has next to none of it.
    if readable == len(text) and text[:-3].count("\ufffd") == 0:
        return "text, not an image"
    return "not an image in a known format"
