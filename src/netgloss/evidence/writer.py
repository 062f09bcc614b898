"""Writes ``evidence/<method>/``: maps are appended, then the table that counts them is replaced."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from netgloss.errors import NetglossError, StudyError
from netgloss.evidence.base import Detail, Evidence
from netgloss.store.arrays import MapStore
from netgloss.store.atomic import describe_os_error
from netgloss.store.tables import read_table, write_table

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = [
    "COLUMNS",
    "Covers",
    "ItemWriter",
    "evidence_folder",
    "read_item_table",
    "remove_evidence",
]

Covers = Literal["input", "original"]

COLUMNS = {
    "evidence": "string",
    "image": "string",
    "method": "string",
    "layer": "string",
    "unit": "Int32",
    "target": "string",
    "weight": "float64",
    "height": "Int32",
    "width": "Int32",
    "row": "Int64",
    "peak": "float64",
    "empty": "bool",
    "covers": "string",
    "maps": "object",
}
_ADDED = ("maps",)  # columns that studies made before them lack; null there
_ARROW = {"Int32": "int32", "Int64": "int64", "float64": "float64", "bool": "bool_"}

_MAPS_A_WRITE = 64
_BYTES_A_WRITE = 64 * 2**20
_SECONDS_A_WRITE = 5.0


def evidence_folder(study_folder: Path, method: str) -> Path:
    """Where one method's heat maps lie in a study."""
    return study_folder / "evidence" / method


def remove_evidence(study_folder: Path, method: str) -> None:
    """Removes all heat maps of one method; the table goes first, so that none is half there.

    Raises:
        StudyError: The file system refuses.
    """
    folder = evidence_folder(study_folder, method)
    try:
        (folder / "items.parquet").unlink(missing_ok=True)
        if folder.is_dir():
            shutil.rmtree(folder)
    except OSError as error:
        raise StudyError(f"{folder}: cannot be removed: {describe_os_error(error)}") from error


def read_item_table(path: Path) -> pd.DataFrame:
    """The table of heat maps in that file, with the columns and types of :data:`COLUMNS`.

    The column ``maps`` holds a tuple of whole numbers, or None; a table written before there was
    one has None throughout.

    Raises:
        StudyError: The file is damaged or lacks a column.
    """
    frame = read_table(path)
    for name in _ADDED:
        if name not in frame:
            frame[name] = None
    if missing := [name for name in COLUMNS if name not in frame]:
        raise StudyError(f"{path}: lacks the column '{missing[0]}'; delete it and extract again")
    frame = frame[list(COLUMNS)].astype(COLUMNS)
    frame["maps"] = [None if maps is None else tuple(map(int, maps)) for maps in frame["maps"]]
    return frame.astype({"maps": "object"})


class _State(NamedTuple):
    """What is on disk and what waits; replaced in one step, so an interrupt leaves one or other."""

    items: pd.DataFrame
    waiting: tuple[Evidence | Detail, ...]


class ItemWriter:
    """Adds heat maps to one method of a study, every few seconds and at the end.

    As a context manager it writes what waits when the block ends. When the block raises, the
    last image's maps are left out, for more of them may have been to come.

    Attributes:
        added: Maps added so far.
        empty: How many of them have nothing in them.
    """

    def __init__(self, study_folder: Path, method: str, covers: Covers = "input") -> None:
        self._folder = evidence_folder(study_folder, method)
        self._method = method
        self._covers = covers
        self._store = MapStore(self._folder)
        self._state = _State(self._read(), ())
        self._bytes = 0
        self._written_at = time.monotonic()
        self.added = 0
        self.empty = 0

    @property
    def items(self) -> pd.DataFrame:
        """The table as it stands on disk."""
        return self._state.items

    def add(self, found: Evidence | Detail) -> None:
        """Takes one map or detail; an image's new ones replace those that it had before.

        Raises:
            NetglossError: The map is not a finite, non-negative picture.
            StudyError: The disk refuses.
        """
        if isinstance(found, Evidence):
            _check(found)
        waiting = self._state.waiting
        if waiting and waiting[-1].image != found.image and self._is_due():
            self.flush()
        self._state = _State(self._state.items, (*self._state.waiting, found))
        if isinstance(found, Evidence):
            self._bytes += found.heat.nbytes
            self.added += 1
            self.empty += not found.heat.any()

    def flush(self) -> None:
        """Writes the waiting maps and details, then the table that counts them in.

        Raises:
            StudyError: The disk refuses; the study's maps stay as they were.
        """
        items, waiting = self._state
        self._write_details([one for one in waiting if isinstance(one, Detail)])
        if maps := [one for one in waiting if isinstance(one, Evidence)]:
            items = self._with(items, maps)
            write_table(items, self._folder / "items.parquet", _schema())
        self._state = _State(items, ())
        self._bytes = 0
        self._written_at = time.monotonic()

    def __enter__(self) -> ItemWriter:
        """Starts the clock of the first write."""
        self._written_at = time.monotonic()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Writes what waits; without the last image when the block raised."""
        items, waiting = self._state
        if kind is not None and waiting:
            whole = tuple(one for one in waiting if one.image != waiting[-1].image)
            self._state = _State(items, whole)
        self.flush()

    def _read(self) -> pd.DataFrame:
        import pandas as pd

        path = self._folder / "items.parquet"
        if path.exists():
            return read_item_table(path)
        return pd.DataFrame(columns=list(COLUMNS)).astype(COLUMNS)

    def _is_due(self) -> bool:
        return (
            len(self._state.waiting) >= _MAPS_A_WRITE
            or self._bytes >= _BYTES_A_WRITE
            or time.monotonic() - self._written_at >= _SECONDS_A_WRITE
        )

    def _write_details(self, details: list[Detail]) -> None:
        """Replaces the rows of these images in the tables that they belong to."""
        import pandas as pd

        for table in dict.fromkeys(one.table for one in details):
            path = self._folder / f"{table}.parquet"
            rows = [one for one in details if one.table == table]
            frame = pd.DataFrame([{"image": one.image, **one.values} for one in rows])
            if path.exists():
                before = read_table(path)
                others = before[~before["image"].isin(set(frame["image"]))]
                frame = pd.concat([others, frame], ignore_index=True) if len(others) else frame
            write_table(frame, path)

    def _with(self, items: pd.DataFrame, waiting: list[Evidence]) -> pd.DataFrame:
        """Puts the maps on disk; returns the table with their rows."""
        import pandas as pd

        numbers = (int(name.rpartition("/")[2]) for name in items["evidence"])
        first = max(numbers, default=-1) + 1
        rows = [self._row(first + place, one) for place, one in enumerate(waiting)]
        for size in dict.fromkeys(one.heat.shape for one in waiting):
            places = [place for place, one in enumerate(waiting) if one.heat.shape == size]
            start = _next_row(items, *size)
            peaks = self._store.put(np.stack([waiting[place].heat for place in places]), start)
            for number, (place, peak) in enumerate(zip(places, peaks.tolist(), strict=True)):
                rows[place] |= {"row": start + number, "peak": peak, "empty": peak == 0}
        replaced = items["image"].isin({one.image for one in waiting})
        new = pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)
        return pd.concat([items[~replaced], new], ignore_index=True)

    def _row(self, number: int, one: Evidence) -> dict[str, Any]:
        height, width = one.heat.shape
        return {
            "evidence": f"{self._method}/{number:06d}",
            "image": one.image,
            "method": self._method,
            "layer": one.layer,
            "unit": one.unit,
            "target": one.target,
            "weight": one.weight,
            "height": height,
            "width": width,
            "covers": self._covers,
            "maps": one.maps,
        }


def _check(evidence: Evidence) -> None:
    heat = evidence.heat
    if heat.ndim != 2 or not heat.size or not np.isfinite(heat).all() or heat.min() < 0:
        raise NetglossError(
            f"{evidence.image}: method {evidence.method!r} made a heat map that is not a "
            "two-dimensional array of finite values of 0 or more; its code is at fault"
        )


def _schema() -> pa.Schema:
    """The columns' types on disk; what is null throughout keeps its own."""
    import pyarrow as pa

    types = {name: getattr(pa, _ARROW.get(kind, "string"))() for name, kind in COLUMNS.items()}
    return pa.schema({**types, "maps": pa.list_(pa.int32())})


def _next_row(items: pd.DataFrame, height: int, width: int) -> int:
    """The first row of that size's file that no item counts."""
    same = items.loc[(items["height"] == height) & (items["width"] == width), "row"]
    return int(same.max()) + 1 if len(same) else 0
