"""Reads ``vocabulary.csv`` back and finds what a person changed in it, so that edits last."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from netgloss.errors import DataError
from netgloss.store.tables import read_csv_rows
from netgloss.words.handmap import as_key
from netgloss.words.normalise import as_typed
from netgloss.words.terms import KINDS

__all__ = ["EDITED", "detect_edits", "read_vocabulary"]

EDITED = "edited by hand"
"""The step of a row whose concept a person decided."""


def read_vocabulary(path: Path) -> pd.DataFrame:
    """The vocabulary in a CSV, whatever program saved it.

    Concepts are brought into the form of concept names ("Lobster claw" is ``lobster_claw``).
    The columns step and count may be missing, as in rows that a person adds.

    Returns:
        Columns raw, kind, concept, step, count.

    Raises:
        DataError: A column is missing, a kind is unknown, a count is no number, or one term
            stands there twice with different concepts.
    """
    rows = read_csv_rows(path)
    found: dict[tuple[str, str], tuple[str, str, str, str, int]] = {}
    lines: dict[tuple[str, str], str] = {}
    for row in rows:
        _check_columns(row, path)
        entry = _entry(row, path)
        key = entry[:2]
        if key in found and found[key][2] != entry[2]:
            raise DataError(
                f"{path}: line {row['#']} gives the {key[1]} {key[0]!r} the concept "
                f"{entry[2]!r}, but line {lines[key]} gives it {found[key][2]!r}; keep one"
            )
        found.setdefault(key, entry)
        lines.setdefault(key, row["#"])
    frame = pd.DataFrame(found.values(), columns=["raw", "kind", "concept", "step", "count"])
    return frame.astype(
        {"raw": "str", "kind": "str", "concept": "str", "step": "str", "count": "int64"}
    )


def detect_edits(current: Path, last_written: Path) -> pd.DataFrame:
    """The rows whose concept a person decided.

    These are the rows whose concept differs from what was last written, the rows that were not
    written at all, and those whose step says that they were edited before. Without a file last
    written only the last count.

    Args:
        current: ``vocabulary.csv`` as it is now; an absent file holds no edit.
        last_written: A copy of it as the words stage last wrote it.

    Returns:
        Columns raw, kind, concept.

    Raises:
        DataError: Either file is not a vocabulary.
    """
    if not current.is_file():
        return pd.DataFrame({name: pd.Series(dtype="str") for name in ("raw", "kind", "concept")})
    now = read_vocabulary(current)
    edited = now["step"] == EDITED
    if last_written.is_file():
        before = read_vocabulary(last_written)
        keys = zip(before["raw"], before["kind"], strict=True)
        written = dict(zip(keys, before["concept"], strict=True))
        rows = zip(now["raw"], now["kind"], now["concept"], strict=True)
        edited |= pd.Series(
            [written.get((raw, kind)) != new for raw, kind, new in rows], dtype=bool
        )
    return now.loc[edited, ["raw", "kind", "concept"]].reset_index(drop=True)


def _check_columns(row: Mapping[str, str], path: Path) -> None:
    for column in ("raw", "kind", "concept"):
        if column not in row:
            raise DataError(f"{path}: line 1 lacks the column {column!r} (raw,kind,concept)")


def _entry(row: Mapping[str, str], path: Path) -> tuple[str, str, str, str, int]:
    raw, kind = as_typed(row["raw"]), row["kind"].strip().lower()
    if not raw:
        raise DataError(f"{path}: line {row['#']} has no raw term; fill it in or delete the line")
    if kind not in KINDS:
        raise DataError(
            f"{path}: line {row['#']} has the kind {row['kind']!r}; write type or attribute"
        )
    count = row.get("count", "").strip() or "0"
    if not count.isdecimal():
        raise DataError(f"{path}: line {row['#']} has the count {count!r}; a number was expected")
    return raw, kind, as_key(row["concept"]), row.get("step", ""), int(count)
