"""Heat maps on disk: one growing ``.npy`` of float16 a size, memory-mapped when read.

A map is stored divided by its peak, so that float16 holds it with three digits whatever its
magnitude; the peak stands in the table beside it. Rows past the table's last are leftovers of
an interrupted run and are written over.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from netgloss.errors import StudyError
from netgloss.store.atomic import describe_os_error

__all__ = ["MapStore"]


class MapStore:
    """The heat maps of one evidence method, grouped by size into ``maps-HxW.npy``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._open: dict[tuple[int, int], NDArray[np.float16]] = {}

    def file_name(self, height: int, width: int) -> str:
        """The file that holds maps of this size."""
        return f"maps-{height}x{width}.npy"

    def put(self, maps: NDArray[np.floating], row: int) -> NDArray[np.float64]:
        """Writes maps of one size from ``row`` on and flushes them to disk.

        Args:
            maps: Heat maps ≥ 0, shape (count, height, width).
            row: The place of the first; at most the number of rows that count so far.

        Returns:
            The peak of each map, shape (count,): the stored map times its peak is the map.

        Raises:
            StudyError: The disk refuses.
        """
        count, height, width = maps.shape
        path = self.folder / self.file_name(height, width)
        peaks: NDArray[np.float64] = maps.reshape(count, -1).max(axis=1).astype(np.float64)
        scaled = maps / np.where(peaks > 0, peaks, 1.0)[:, None, None]
        self._open.pop((height, width), None)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _write_rows(path, scaled.astype(np.float16), row)
        except OSError as error:
            raise StudyError(f"{path}: cannot be written: {describe_os_error(error)}") from error
        return peaks

    def get(self, height: int, width: int, row: int, peak: float) -> NDArray[np.float32]:
        """Reads one map in its own scale, shape (height, width).

        Raises:
            StudyError: The file is missing, cut short or not an array.
        """
        size = (height, width)
        if size not in self._open:
            path = self.folder / self.file_name(height, width)
            try:
                self._open[size] = np.load(path, mmap_mode="r", allow_pickle=False)
            except (OSError, ValueError) as error:
                raise StudyError(
                    f"{path}: heat maps cannot be read ({error}); extract or import them again"
                ) from error
        stored = self._open[size]
        if row >= len(stored):
            raise StudyError(
                f"{self.folder / self.file_name(height, width)}: holds {len(stored)} maps, "
                f"map {row + 1} was expected; extract or import them again"
            )
        heat: NDArray[np.float32] = stored[row].astype(np.float32) * np.float32(peak)
        return heat


def _write_rows(path: Path, rows: NDArray[np.float16], start: int) -> None:
    """Writes rows in place. NumPy pads the header so that the first axis can grow in it.

    The header comes after the rows: a run killed between the two leaves a file that its old
    header still describes.
    """
    count, height, width = rows.shape
    row_bytes = height * width * 2
    header = _header(start + count, height, width)
    mode = "r+b" if path.exists() and path.stat().st_size else "w+b"
    with path.open(mode) as file:
        file.seek(len(header) + start * row_bytes)
        file.write(np.ascontiguousarray(rows).tobytes())
        file.flush()
        file.seek(0)
        file.write(header)
        file.truncate(len(header) + (start + count) * row_bytes)
        file.flush()
        os.fsync(file.fileno())


def _header(count: int, height: int, width: int) -> bytes:
    """The bytes before the rows; as many for any count."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f2", "fortran_order": False, "shape": (count, height, width)}
    )
    return header.getvalue()
