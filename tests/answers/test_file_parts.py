"""Files that are made in parts while their rows come."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from netgloss.answers.parts import csv_file, in_blocks, write_parts


def table(rows: list[int]) -> pd.DataFrame:
    return pd.DataFrame({"number": rows})


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001, 2000, 2001])
def test_a_csv_has_one_header_and_every_row_whatever_their_number(count: int) -> None:
    lines = b"".join(csv_file(range(count), table)).decode().splitlines()
    assert lines == ["number", *map(str, range(count))]


def test_rows_are_asked_for_while_the_file_is_made() -> None:
    asked: list[int] = []

    def rows() -> Iterator[int]:
        for number in range(3000):
            asked.append(number)
            yield number

    parts = csv_file(rows(), table)
    assert asked == []
    next(parts)
    assert len(asked) == 1000


def test_blocks_hold_the_same_bytes() -> None:
    parts = [bytes([n % 256]) * (n % 700) for n in range(2000)]
    blocks = list(in_blocks(parts))
    assert b"".join(blocks) == b"".join(parts)
    assert min(map(len, blocks[:-1])) >= 64 * 2**10


def test_a_file_whose_parts_fail_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    write_parts([b"old ", b"rows\n"], path)

    def parts() -> Iterator[bytes]:
        yield b"new "
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError, match="went away"):
        write_parts(parts(), path)
    assert path.read_bytes() == b"old rows\n"
    assert list(tmp_path.iterdir()) == [path]
