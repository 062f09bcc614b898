"""Finds the image that another program means by a URL, an upload's name or a bare stem."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import parse_qs, unquote, urlsplit

from netgloss.errors import DataError

__all__ = ["resolve_names"]

# Label Studio puts eight hexadecimal digits before an upload's name, in a folder a project.
_UPLOAD = re.compile(r"[0-9a-f]{8}-(?=.)")
_UPLOAD_FOLDER = re.compile(r"^/?(?:data/)?upload/\d+/")
_ADDRESS = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)

_Index = dict[str, list[str]]


@dataclass(frozen=True)
class _Match:
    """The images a name may mean, and whether no folder of it speaks against them."""

    images: tuple[str, ...]
    agrees: bool


def resolve_names(names: Sequence[str], known: Sequence[str]) -> dict[str, str | None]:
    """The image that each name means; None where the study has none of that name.

    A name is tried as it is, then as a path or URL whose end is the image's, then by its file
    name, with or without the ending and the random prefix of an upload. A folder in the name
    that disagrees with the image's counts for little: it is passed over only while no other
    name lays a better claim to that image.

    >>> known = ["cat/1.jpg", "cat/2.jpg", "dog/3.jpg"]
    >>> resolve_names(["https://host/all/dog/3.jpg", "a1b2c3d4-2.jpg", "4.jpg"], known)
    {'https://host/all/dog/3.jpg': 'dog/3.jpg', 'a1b2c3d4-2.jpg': 'cat/2.jpg', '4.jpg': None}

    Args:
        names: As other programs write them; all names of one file together, since a name may
            be settled by the others.
        known: The identifiers of the study's images.

    Raises:
        DataError: A name fits two images equally well, or two names that differ in their
            folders fit one image equally badly.
    """
    exact = {unicodedata.normalize("NFC", image): image for image in known}
    indices = _index(known)
    found: dict[str, str | None] = {}
    weak: dict[str, _Match] = {}
    for name in names:
        if name in exact:
            found[name] = exact[name]
            continue
        match = _match(_clean(name), exact, indices)
        if match is None:
            found[name] = None
        elif match.agrees:
            found[name] = _only(name, match.images)
        else:
            weak[name] = match
    found |= _settle(weak, {image for image in found.values() if image is not None})
    return {name: found[name] for name in names}


def _index(known: Sequence[str]) -> tuple[_Index, _Index]:
    """Images by file name, and by file name without its ending."""
    by_name: _Index = defaultdict(list)
    by_stem: _Index = defaultdict(list)
    for image in known:
        path = PurePosixPath(unicodedata.normalize("NFC", image))
        by_name[path.name].append(image)
        by_stem[path.stem].append(image)
    return by_name, by_stem


def _clean(name: str) -> str:
    """The path in a name: no host, no query, forward slashes, one form of each accent."""
    text = unicodedata.normalize("NFC", name.strip())
    if _ADDRESS.match(text) or text.startswith("/data/local-files/"):
        parts = urlsplit(text)
        local = parse_qs(parts.query).get("d")
        text = local[0] if local else unquote(parts.path)
    return _UPLOAD_FOLDER.sub("", text.replace("\\", "/"))


def _match(path: str, exact: dict[str, str], indices: tuple[_Index, _Index]) -> _Match | None:
    if path in exact:
        return _Match((exact[path],), agrees=True)
    by_name, by_stem = indices
    parts = PurePosixPath(path)
    for file in (parts.name, _UPLOAD.sub("", parts.name, count=1)):
        for key, index in ((file, by_name), (file, by_stem), (PurePosixPath(file).stem, by_stem)):
            if candidates := index.get(key):
                return _closest(parts.parent, candidates)
    return None


def _closest(folder: PurePosixPath, candidates: Sequence[str]) -> _Match:
    """The candidates whose folders agree longest with the name's, counted from the end."""
    above = [part for part in folder.parts if part not in ("/", ".", "..")]
    lengths: dict[str, tuple[int, bool]] = {}
    for image in candidates:
        own = PurePosixPath(unicodedata.normalize("NFC", image)).parent.parts
        same = 0
        while same < min(len(own), len(above)) and own[-1 - same] == above[-1 - same]:
            same += 1
        lengths[image] = (same, same == min(len(own), len(above)))
    best = max(same for same, _ in lengths.values())
    kept = tuple(image for image in candidates if lengths[image][0] == best)
    return _Match(kept, agrees=any(lengths[image][1] for image in kept))


def _settle(weak: dict[str, _Match], claimed: set[str]) -> dict[str, str | None]:
    """Gives names with a foreign folder the images that no better name means."""
    found: dict[str, str | None] = {}
    first: dict[str, str] = {}
    for name, match in weak.items():
        free = [image for image in match.images if image not in claimed]
        found[name] = image = _only(name, free) if free else None
        if image is None:
            continue
        other = first.setdefault(image, name)
        if _folder(other) != _folder(name):
            raise DataError(
                f"image '{image}' could be meant by '{other}' or by '{name}'; "
                "write the path that the study uses"
            )
    return found


def _folder(name: str) -> str:
    return str(PurePosixPath(_clean(name)).parent)


def _only(name: str, images: Sequence[str]) -> str:
    if len(images) > 1:
        raise DataError(f"'{name}' could be '{images[0]}' or '{images[1]}'; write the whole path")
    return images[0]
