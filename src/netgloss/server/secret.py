"""The server's secret key, made at the first start and kept out of everything that is exported."""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from netgloss.errors import StudyError

__all__ = ["secret_key"]


def secret_key(study: Path) -> str:
    """The key that signs sessions and addresses; made, and readable by its owner only, if new.

    Args:
        study: The study folder; the key lies in ``.netgloss/server/secret``.

    Raises:
        StudyError: The file cannot be read or written.
    """
    place = study / ".netgloss" / "server" / "secret"
    try:
        if not place.exists():
            _make(place)
        return place.read_text()
    except OSError as fault:
        raise StudyError(f"{place}: the secret key cannot be kept: {fault.strerror}") from fault


def _make(place: Path) -> None:
    """Makes the file whole, or leaves it to another process that was first."""
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=place.parent)  # for the owner only, by its nature
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        # Unlike a rename, a link never replaces what another process has made and read already.
        with suppress(FileExistsError):
            place.hardlink_to(name)
    finally:
        Path(name).unlink()
