from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from netgloss.errors import StudyError
from netgloss.store.atomic import atomic_path, write_text


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "note.txt"
    write_text(path, "first\n")
    write_text(path, "second\n")
    assert path.read_bytes() == b"second\n"
    assert [entry.name for entry in path.parent.iterdir()] == ["note.txt"]


def test_a_failing_writer_leaves_the_old_file_and_no_litter(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    write_text(path, "old")

    def fail() -> None:
        with atomic_path(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_new_file_gets_the_usual_rights_not_the_temporary_ones(tmp_path: Path) -> None:
    mask = os.umask(0o022)
    try:
        write_text(tmp_path / "note.txt", "x")
    finally:
        os.umask(mask)
    assert (tmp_path / "note.txt").stat().st_mode & 0o777 == 0o644


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_one_clear_line_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    write_text(path, "old")

    def fill() -> None:
        with atomic_path(path), Path("/dev/full").open("wb", buffering=0) as full:
            full.write(b"x")

    with pytest.raises(StudyError, match="disk is full; free some space") as caught:
        fill()
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.errno == errno.ENOSPC
    assert path.read_text() == "old"


def test_a_place_under_a_file_is_refused_clearly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StudyError, match="cannot be written"):
        write_text(tmp_path / "file" / "note.txt", "x")
