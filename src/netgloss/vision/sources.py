"""Lists the files of an image source, with a reason for each that is left out."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from netgloss.errors import DataError
from netgloss.progress import Tracker, untracked
from netgloss.store.tables import read_csv_rows
from netgloss.vision.decode import examine

__all__ = ["scan", "summary"]

_COLUMNS = {
    "image": "string",
    "path": "string",
    "width": "Int32",
    "height": "Int32",
    "truth": "string",
    "status": "string",
}

_THREADS = max(2, min(4, os.cpu_count() or 1))


@dataclass(frozen=True)
class _File:
    """A file of the source; ``reason`` is set when it need not even be opened."""

    image: str
    path: str
    truth: str | None
    reason: str | None = None


def scan(source: Path, track: Tracker = untracked) -> pd.DataFrame:
    """One row a file of the source, sorted by image: the columns of ``images.parquet``.

    ``prediction`` and ``score`` are the caller's to add. Every file is decoded once, since only
    that finds one that was cut short; a file that cannot be used says why in ``status``.

    Args:
        source: A folder, in which the first sub-folder on a file's way is its true class and
            files at the top have none; or a CSV with the column ``path`` and, if known,
            ``truth``, whose relative paths start from the CSV's own folder. In a folder, names
            that begin with a dot are passed over.
        track: Draws the progress.

    Raises:
        DataError: The source is missing or empty, no file of it is a usable image, or the
            manifest lacks its column or names a file twice.
    """
    if source.is_dir():
        files, base, root = _in_folder(source), source, source
    elif source.exists():
        files, base, root = _in_manifest(source), source.parent, None
    else:
        raise DataError(f"{source}: not there; give a folder of images or a CSV with their paths")
    if not files:
        raise DataError(f"{source}: holds no files; give a folder of images or a CSV of paths")
    files.sort(key=lambda file: file.image)
    table = _table(files, list(_examined(files, base, root, track)))
    if not (table["status"] == "ok").any():
        raise DataError(_unusable(source, table))
    return table


def summary(images: pd.DataFrame) -> pd.DataFrame:
    """How many files were left out for each reason, the most frequent first.

    Args:
        images: The columns of ``images.parquet``; ``image`` and ``status`` are read.

    Returns:
        The columns ``reason``, ``files`` and ``example``, an image left out for that reason.
    """
    out = images[images["status"] != "ok"]
    counts = out.groupby("status", sort=True)["image"].agg(["size", "first"]).reset_index()
    counts.columns = pd.Index(["reason", "files", "example"])
    return counts.sort_values("files", ascending=False, kind="stable", ignore_index=True)


def _in_folder(source: Path) -> list[_File]:
    """Every file below the folder, without following links to folders."""
    files: list[_File] = []

    def note(error: OSError) -> None:
        place = Path(error.filename)
        if place != source:
            files.append(_file(place, source, f"cannot be read ({_why(error)})"))

    for folder, folders, names in os.walk(source, onerror=note):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        here = Path(folder)
        files += [
            _file(here / name, source, "a link to a folder")
            for name in folders
            if (here / name).is_symlink()
        ]
        files += [_file(here / name, source) for name in names if not name.startswith(".")]
    return files


def _why(error: OSError) -> str:
    return (error.strerror or "unknown reason").lower()


def _file(path: Path, source: Path, reason: str | None = None) -> _File:
    relative = path.relative_to(source)
    image = relative.as_posix()
    try:
        image.encode("utf-8")
    except UnicodeEncodeError:
        # A table cannot hold such a name; the escaped one can at least be shown.
        image = os.fsencode(image).decode("utf-8", "backslashreplace")
        reason = "its name is not valid UTF-8; rename it"
    truth = image.partition("/")[0] if len(relative.parts) > 1 else None
    return _File(image, image, truth, reason)


def _in_manifest(source: Path) -> list[_File]:
    rows = read_csv_rows(source)
    if rows and "path" not in rows[0]:
        columns = ", ".join(f"'{name}'" for name in rows[0] if name != "#")
        raise DataError(f"{source}: needs the column 'path'; it has {columns}")
    lines: dict[str, str] = {}
    files = []
    for row in rows:
        image = _identifier(row["path"])
        if not image:
            raise DataError(f"{source}: line {row['#']}: the column 'path' is empty")
        if image in lines:
            raise DataError(
                f"{source}: line {row['#']}: '{image}' stands in line {lines[image]} already; "
                "keep one of them"
            )
        lines[image] = row["#"]
        files.append(_File(image, image, row.get("truth", "").strip() or None))
    return files


def _identifier(path: str) -> str:
    """One spelling a path: back slashes turned, ``./`` and doubled slashes removed."""
    text = path.strip().replace("\\", "/")
    return posixpath.normpath(text) if text else ""


def _examined(
    files: Sequence[_File], base: Path, root: Path | None, track: Tracker
) -> Iterator[tuple[int, int, str]]:
    """Height, width and status of each file, in order; Pillow decodes outside Python's lock."""

    def look(file: _File) -> tuple[int, int, str]:
        return (0, 0, file.reason) if file.reason else examine(base / file.path, root)

    pool = ThreadPoolExecutor(_THREADS)
    try:
        yield from track(pool.map(look, files), total=len(files), what="reading images")
    finally:
        # An interrupted scan must not go on decoding thousands of files before it ends.
        pool.shutdown(cancel_futures=True)


def _table(files: Sequence[_File], examined: Sequence[tuple[int, int, str]]) -> pd.DataFrame:
    heights, widths, statuses = zip(*examined, strict=True)
    columns = {
        "image": [file.image for file in files],
        "path": [file.path for file in files],
        "width": [width or None for width in widths],
        "height": [height or None for height in heights],
        "truth": [file.truth for file in files],
        "status": statuses,
    }
    return pd.DataFrame({name: pd.array(columns[name], dtype=_COLUMNS[name]) for name in columns})


def _unusable(source: Path, table: pd.DataFrame) -> str:
    reasons = summary(table).head(3)
    listed = "; ".join(
        f"{files} {reason} (such as '{example}')"
        for reason, files, example in reasons.itertuples(index=False)
    )
    return f"{source}: none of its {len(table)} files is a usable image: {listed}"
