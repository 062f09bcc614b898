"""Files made in parts while their rows come, so that memory stays the same: CSV, JSON, Parquet."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from netgloss.store.atomic import atomic_path
from netgloss.store.tables import csv_text

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["csv_file", "in_blocks", "json_list", "parquet_file", "write_parts"]

T = TypeVar("T")

# Put into words at once.
_ROWS = 1000
# Records of one row group: what is held in memory while a Parquet file is written.
_GROUP = 5000
_BLOCK = 64 * 2**10


def write_parts(parts: Iterable[bytes], path: Path) -> None:
    """Writes a file whose content comes in parts, whole or not at all.

    Args:
        parts: Its content.
        path: The file to write.

    Raises:
        StudyError: The file cannot be written.
    """
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        file.writelines(parts)


def csv_file(rows: Iterable[T], table: Callable[[list[T]], pd.DataFrame]) -> Iterator[bytes]:
    r"""Yields a CSV, a thousand rows at a time; its header alone where there are none.

    Args:
        rows: What the file is made of.
        table: Makes a table of some of them, or of none.

    Example:
        >>> import pandas as pd
        >>> b"".join(csv_file([1, 2], lambda some: pd.DataFrame({"a": some})))
        b'a\n1\n2\n'
    """
    waiting = iter(rows)
    header = True
    while (group := list(islice(waiting, _ROWS))) or header:
        yield csv_text(table(group), header=header).encode()
        header = False


def json_list(records: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    r"""Yields a JSON list with a record a line.

    Args:
        records: In plain values.

    Example:
        >>> b"".join(json_list([{"a": 1}, {"a": 2}]))
        b'[\n{"a": 1},\n{"a": 2}\n]\n'
    """
    yield b"["
    for count, record in enumerate(records):
        line = json.dumps(record, ensure_ascii=False)
        yield f"{',' if count else ''}\n{line}".encode()
    yield b"\n]\n"


def parquet_file(records: Iterable[Mapping[str, Any]], schema: pa.Schema) -> Iterator[bytes]:
    """Yields a Parquet file with a row a record, a few thousand rows at a time.

    Args:
        records: Values that fit the schema.
        schema: The columns and their types.
    """
    import pyarrow as pa
    from pyarrow import parquet

    sink, waiting = _Outlet(), iter(records)
    with parquet.ParquetWriter(pa.PythonFile(sink, mode="w"), schema, compression="zstd") as writer:
        while group := list(islice(waiting, _GROUP)):
            writer.write_table(pa.Table.from_pylist(group, schema))
            yield sink.taken()
    yield sink.taken()


def in_blocks(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Yields the same bytes in fewer parts: each costs a call of the system.

    Args:
        parts: Of a file, small or large.
    """
    block: list[bytes] = []
    size = 0
    for part in parts:
        block.append(part)
        size += len(part)
        if size >= _BLOCK:
            yield b"".join(block)
            block, size = [], 0
    if size:
        yield b"".join(block)


class _Outlet(io.RawIOBase):
    """A file that hands on what was written to it, and keeps nothing."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._size

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._size += len(part)
        return len(part)

    def taken(self) -> bytes:
        """What was written since the last time."""
        parts, self._parts = self._parts, []
        return b"".join(parts)
