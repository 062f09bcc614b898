"""The importers by the kind of file they read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import pandas as pd

from netgloss.answers.coco import read_coco
from netgloss.answers.fitting import Imported
from netgloss.answers.label_studio import read_label_studio
from netgloss.answers.mturk import read_mturk
from netgloss.answers.plain import read_plain
from netgloss.answers.reading import quote
from netgloss.answers.records import read_json_records, read_parquet_records
from netgloss.errors import DataError
from netgloss.progress import Tracker, untracked

__all__ = ["READERS", "Reader", "read_file"]


class Reader(Protocol):
    """Reads all answers of a file, or none."""

    def __call__(
        self,
        path: Path,
        images: pd.DataFrame,
        *,
        skip_unknown: bool = False,
        track: Tracker = untracked,
    ) -> Imported:
        """The answers of ``path`` about ``images``."""
        ...


READERS: Mapping[str, Reader] = {
    "mturk": read_mturk,
    "label-studio": read_label_studio,
    "coco": read_coco,
    "csv": read_plain,
    "json": read_json_records,
    "parquet": read_parquet_records,
}
"""The reader of each kind of file."""


def read_file(
    kind: str,
    path: Path,
    images: pd.DataFrame,
    *,
    skip_unknown: bool = False,
    track: Tracker = untracked,
) -> Imported:
    """The answers of a file of one kind; see its reader for what it may hold.

    Args:
        kind: A key of :data:`READERS`.
        path: The file.
        images: The study's images: ``image``, ``width``, ``height``.
        skip_unknown: Leave out answers about images that the study does not have.
        track: Shows how far the reading is.

    Raises:
        DataError: There is no such kind, or anything in the file is malformed.
    """
    if kind not in READERS:
        raise DataError(f"{quote(kind)} is no kind of import; there are {', '.join(READERS)}")
    return READERS[kind](path, images, skip_unknown=skip_unknown, track=track)
