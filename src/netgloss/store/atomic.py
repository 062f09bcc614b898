"""Writes a file whole or not at all: temporary name, flush to disk, rename."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from netgloss.errors import StudyError

__all__ = ["atomic_path", "describe_os_error", "write_text"]

_REASONS = {
    errno.ENOSPC: "the disk is full; free some space and run the same command again",
    errno.EDQUOT: "the disk quota is used up; free some space and run the same command again",
    errno.EACCES: "permission denied; check who owns the study folder",
    errno.EPERM: "permission denied; check who owns the study folder",
    errno.EROFS: "the file system is read-only",
}


def describe_os_error(error: OSError) -> str:
    """Says what an operating-system error means for the person, in one clause."""
    return _REASONS.get(error.errno or 0, error.strerror or str(error))


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yields a temporary path beside ``path`` that replaces it once the block ends well.

    The temporary file keeps the suffix, so that writers which choose a format by it work.
    When the block raises, the temporary file goes and ``path`` stays as it was.

    Raises:
        StudyError: The file system refuses (full, read-only, no permission).
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-", suffix=path.suffix)
        os.close(handle)
    except OSError as error:
        raise StudyError(f"{path}: cannot be written: {describe_os_error(error)}") from error
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
        _flush_folder(path.parent)
    except OSError as error:
        raise StudyError(f"{path}: cannot be written: {describe_os_error(error)}") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Writes ``text`` as UTF-8 with Unix line ends, whole or not at all."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _flush_folder(folder: Path) -> None:
    """Makes the rename itself durable where the system allows a folder to be flushed."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
