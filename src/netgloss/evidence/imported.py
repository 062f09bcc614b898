"""Takes in heat maps made elsewhere: arrays, grey or coloured pictures, overlays on photographs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netgloss.errors import DataError
from netgloss.evidence.base import IMPORTED, Evidence
from netgloss.evidence.colours import recover_heat
from netgloss.evidence.writer import ItemWriter
from netgloss.progress import Tracker, untracked
from netgloss.store.locks import writing
from netgloss.store.records import fingerprint, read_record, write_record
from netgloss.vision.decode import decode
from netgloss.vision.geometry import Placement
from netgloss.vision.images import Image, resolve_names

__all__ = ["HeatmapImport", "import_heatmaps"]

_STAGE = f"evidence-{IMPORTED}"
_SUFFIXES = ("_heatmap", "-heatmap", "_saliency", "_cam", "_overlay")
_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")


@dataclass(frozen=True)
class HeatmapImport:
    """What one import did.

    Attributes:
        imported: Images that got a map now, new or changed.
        unchanged: Images whose file had been imported before and is the same.
        refused: The files that gave no map, each with the reason, sorted.
        without_map: Images of the study that have no imported map, sorted.
    """

    imported: int
    unchanged: int
    refused: dict[str, str]
    without_map: tuple[str, ...]


@dataclass(frozen=True)
class _Candidate:
    """A file that may be an image's heat map."""

    file: str
    path: Path
    is_marked: bool  # its name says that it is a heat map


def import_heatmaps(
    study_folder: Path,
    folder: Path,
    images: Sequence[Image],
    blend: float = 0.5,
    track: Tracker = untracked,
) -> HeatmapImport:
    """Takes in the heat maps of a folder and its sub-folders as the method ``heatmaps``.

    A file belongs to the image with the same identifier, base name or stem, after ``_heatmap``,
    ``-heatmap``, ``_saliency``, ``_cam`` or ``_overlay`` at its end. It covers the whole
    original image and stands for the image's predicted class.

    - ``.npy``: a two-dimensional array of finite values of 0 or more;
    - a grey picture: its brightness;
    - a picture in a known colour map, pure or blended with the photograph: the values behind
      the colours, in [0, 1].

    A file is taken whole or not at all. Importing again takes only what is new or changed.

    Args:
        study_folder: The study.
        folder: Where the files are.
        images: The study's images.
        blend: The heat map's share where a photograph is mixed in, in (0, 1].
        track: Shows how far it is.

    Raises:
        DataError: The folder is missing, or ``blend`` out of range.
        StudyError: Another process is importing; the disk refuses.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: not a folder; name the folder that holds the heat maps")
    if not 0 < blend <= 1:
        raise DataError(f"blend must be over 0 and at most 1, not {blend:g}")
    by_name = {image.image: image for image in images}
    candidates, refused = _match(folder, list(by_name))
    with writing(study_folder, _STAGE):
        run = _Import(study_folder, folder, blend)
        with run, run.writer:
            for name in track(candidates, total=len(candidates), what=IMPORTED):
                refused |= run.take(by_name[name], candidates[name])
    without = sorted(set(by_name) - set(run.writer.items["image"]))
    return HeatmapImport(
        run.writer.added, run.unchanged, dict(sorted(refused.items())), tuple(without)
    )


class _Import:
    """One run: what is known of earlier files, and the writer of the new maps."""

    def __init__(self, study_folder: Path, folder: Path, blend: float) -> None:
        self._study_folder = study_folder
        self._folder = folder
        self._options = {"blend": blend}
        self.writer = ItemWriter(study_folder, IMPORTED, covers="original")
        self.unchanged = 0
        record = read_record(study_folder, _STAGE)
        same = record.get("options") == self._options
        self._files: dict[str, dict[str, str]] = dict(record.get("files", {})) if same else {}
        items = self.writer.items
        self._targets = dict(zip(items["image"], items["target"], strict=True))
        self._last: str | None = None
        self._kinds: Counter[tuple[str, float]] = Counter()

    def take(self, image: Image, candidates: Iterable[_Candidate]) -> dict[str, str]:
        """Imports the first candidate that is a heat map; returns why the others were not."""
        refused: dict[str, str] = {}
        taken = ""
        for candidate in candidates:
            if taken:
                refused[candidate.file] = f"{image.image} has its heat map from {taken}"
                continue
            try:
                self._take_one(image, candidate)
                taken = candidate.file
            except DataError as error:
                refused[candidate.file] = str(error)
        return refused

    def _take_one(self, image: Image, candidate: _Candidate) -> None:
        mark = {"file": candidate.file, "sha256": fingerprint(candidate.path)}
        if self._is_done(image, mark):
            self.unchanged += 1
            return
        heat = self._read(candidate.path, image)
        self.writer.add(Evidence(image.image, IMPORTED, image.prediction or "", 1.0, heat))
        self._files[image.image] = mark
        self._last = image.image

    def _read(self, path: Path, image: Image) -> NDArray[np.float32]:
        """The file's values, shape (height, width).

        Raises:
            DataError: It is no heat map of this image.
        """
        if path.suffix.lower() == ".npy":
            return _read_array(path)
        try:
            picture = decode(path, self._folder)
        except DataError as error:
            raise DataError(str(error).removeprefix(f"{path}: ")) from error
        height, width, _ = picture.shape
        original = Placement(image.width, image.height, height, width).prepare(image.pixels())
        if np.array_equal(original, picture):
            raise DataError("the photograph itself")
        usual = max(self._kinds, key=self._kinds.__getitem__, default=None)
        found = recover_heat(picture, original, self._options["blend"], usual)
        self._kinds[found.colour_map, found.blend] += 1
        return found.heat

    def _is_done(self, image: Image, mark: dict[str, str]) -> bool:
        return self._files.get(image.image) == mark and self._targets.get(image.image) == (
            image.prediction or ""
        )

    def __enter__(self) -> _Import:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Writes down which files were taken; one that is not written down is taken again."""
        if kind is not None and self._last is not None:
            del self._files[self._last]  # the writer leaves the last image out, too
        write_record(self._study_folder, _STAGE, self._options, (), files=self._files)


def _match(
    folder: Path, known: Sequence[str]
) -> tuple[dict[str, list[_Candidate]], dict[str, str]]:
    """The candidates of each image, marked names first; and why other files match none."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path for path in files}
    spellings = {file: _spellings(file) for file in names if _is_format(file)}
    resolved, unclear = _resolve([name for tried in spellings.values() for name in tried], known)
    matched: dict[str, list[_Candidate]] = {}
    refused = {
        file: f"not a heat map format (.npy, {', '.join(_PICTURES)})"
        for file in names
        if file not in spellings and not PurePosixPath(file).name.startswith(".")
    }
    for file, tried in spellings.items():
        image = next((resolved[name] for name in tried if resolved.get(name)), None)
        if image is None:
            reasons = [unclear[name] for name in tried if name in unclear]
            refused[file] = reasons[0] if reasons else "no image of the study has this name"
        else:
            candidate = _Candidate(file, names[file], is_marked=len(tried) > 2)
            matched.setdefault(image, []).append(candidate)
    for candidates in matched.values():
        candidates.sort(key=lambda one: (not one.is_marked, one.file))
    return dict(sorted(matched.items())), refused


def _resolve(
    names: list[str], known: Sequence[str]
) -> tuple[dict[str, str | None], dict[str, str]]:
    """The image of each name, and why some names are unclear.

    One unclear name fails the whole list, so it is halved until that name stands alone.
    """
    try:
        return resolve_names(names, known), {}
    except DataError as error:
        if len(names) == 1:
            return {}, {names[0]: str(error)}
    half = len(names) // 2
    (found, unclear), (more, others) = _resolve(names[:half], known), _resolve(names[half:], known)
    return found | more, unclear | others


def _is_format(file: str) -> bool:
    path = PurePosixPath(file)
    return path.suffix.lower() in (".npy", *_PICTURES) and not path.name.startswith(".")


def _spellings(file: str) -> list[str]:
    """The names an image may have for this file, the most literal first.

    Example:
        >>> _spellings("tench/a_heatmap.png")
        ['tench/a_heatmap.png', 'tench/a_heatmap', 'tench/a']
    """
    bare = str(PurePosixPath(file).with_suffix(""))
    cut = next((bare[: -len(end)] for end in _SUFFIXES if bare.lower().endswith(end)), None)
    return [file, bare] if not cut or cut.endswith("/") else [file, bare, cut]


def _read_array(path: Path) -> NDArray[np.float32]:
    try:
        with path.open("rb") as file:
            values: NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False)
    except (OSError, ValueError, EOFError, MemoryError) as error:
        raise DataError(f"not a NumPy array of numbers ({error})") from error
    if values.ndim != 2 or not values.size:
        raise DataError(f"an array of shape {values.shape}; height x width was expected")
    if values.dtype.kind not in "buif":
        raise DataError(f"an array of {values.dtype}; numbers were expected")
    with np.errstate(over="ignore"):  # too large for float32 is caught as infinite below
        heat = values.astype(np.float32)
    if not np.isfinite(heat).all():
        raise DataError("holds values that are not finite (NaN or infinite); mend them first")
    if heat.min() < 0:
        raise DataError(
            f"holds negative values (down to {heat.min():g}); take their absolute or positive part"
        )
    return heat
