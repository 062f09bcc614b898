"""Tables on disk: Parquet for the machine, CSV for people; each written whole or not at all."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal

from netgloss.errors import DataError, StudyError
from netgloss.store.atomic import atomic_path

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["csv_text", "read_csv_rows", "read_table", "write_csv", "write_table"]


def read_table(path: Path, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Reads a Parquet table.

    Args:
        path: The file.
        columns: Only these columns; all when None.

    Raises:
        StudyError: The file is missing, half-written or lacks a column.
    """
    import pandas as pd
    import pyarrow as pa

    if not path.exists():
        raise StudyError(f"{path}: not there")
    try:
        return pd.read_parquet(path, columns=list(columns) if columns else None)
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise StudyError(
            f"{path}: not a whole Parquet file ({reason}); delete it and run its stage again"
        ) from error


def write_table(frame: pd.DataFrame, path: Path, schema: pa.Schema | None = None) -> None:
    """Writes a Parquet table without the frame's index, whole or not at all.

    Args:
        frame: The table.
        path: The file.
        schema: The columns' types where an empty or all-null column must keep its own; from
            the values when None.
    """
    with atomic_path(path) as temporary:
        frame.to_parquet(temporary, index=False, compression="zstd", schema=schema)


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Writes a CSV table without the frame's index, whole or not at all.

    A text that a spreadsheet would run as a formula gets a leading apostrophe: people typed it.
    """
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        _to_csv(frame, file)


def csv_text(frame: pd.DataFrame, *, header: bool = True) -> str:
    """The rows of a CSV table as :func:`write_csv` writes them, for tables sent in parts.

    Args:
        frame: The table, or its next rows.
        header: Whether the line with the columns' names comes first.
    """
    text = io.StringIO(newline="")
    _to_csv(frame, text, header=header)
    return text.getvalue()


def _to_csv(frame: pd.DataFrame, file: IO[str], *, header: bool = True) -> None:
    safe = frame.copy()
    quoting: Literal[0, 1] = csv.QUOTE_MINIMAL
    for name in safe.columns:
        if safe[name].dtype == object or str(safe[name].dtype) in {"string", "str"}:
            safe[name] = safe[name].map(_harmless)
            # A bare carriage return ends a row for every reader, yet is not quoted by itself.
            if safe[name].map(lambda value: isinstance(value, str) and "\r" in value).any():
                quoting = csv.QUOTE_ALL
    safe.to_csv(file, index=False, header=header, lineterminator="\n", quoting=quoting)


def read_csv_rows(path: Path) -> list[dict[str, str]]:
    """Reads a CSV with a header into one dict a row, whatever program saved it.

    UTF-8 with or without a byte-order mark, UTF-16 with one, and Windows-1252 are recognised;
    so are Unix and Windows line ends, and the semicolons or tabs that spreadsheets of some
    countries put between cells. A text that :func:`write_csv` made harmless comes back as it was.

    Returns:
        The rows; under the key ``#`` each holds its line's number as a text, for messages.

    Raises:
        DataError: The file is missing, empty or not text; a row has more cells than the header.
    """
    text = _decode(path)
    # Not str.splitlines: it also cuts at U+2028 and other characters that people paste in words.
    lines = io.StringIO(text, newline="")
    # A batch-results file holds all boxes of a page in one cell.
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.DictReader(lines, restkey="#more", strict=True, delimiter=_delimiter(text))
    try:
        header = [name.strip() for name in reader.fieldnames or []]
        if not header:
            raise DataError(f"{path}: empty; a header line with column names was expected")
        reader.fieldnames = header
        rows = []
        for row in reader:
            if "#more" in row:
                raise DataError(
                    f"{path}: line {reader.line_num} has more cells than the header's {len(header)}"
                )
            cells = {name: _plain(value or "") for name, value in row.items()}
            rows.append({**cells, "#": str(reader.line_num)})
    except csv.Error as error:
        raise DataError(f"{path}: line {reader.line_num} is not valid CSV: {error}") from error
    return rows


def _delimiter(text: str) -> str:
    """The character between the header's cells: comma, semicolon or tab."""
    header = text.partition("\n")[0]
    return max(",;\t", key=header.count)


def _decode(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    if b"\x00" in raw and encodings[0] != "utf-16":
        raise DataError(f"{path}: not a text file; a CSV was expected")
    for encoding in encodings:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DataError(f"{path}: not text in UTF-8 or Windows-1252; save it as UTF-8 CSV")


_LONGEST_CELL = 64 * 2**20
# Spreadsheets of some countries take the full-width signs for the others.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def _harmless(value: object) -> object:
    # Apostrophes that stood there already get one more, so that reading takes off just that one.
    if isinstance(value, str) and value.lstrip("'").startswith(_FORMULA):
        return "'" + value
    return value


def _plain(value: str) -> str:
    if value.startswith("'") and value.lstrip("'").startswith(_FORMULA):
        return value[1:]
    return value
