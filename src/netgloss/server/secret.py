"""The server's secret key, made at the first start and kept out of everything that is exported."""

from __future__ import annotations

import os
import secrets
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
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            # Another process may be first: only one of them creates the file.
            handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_urlsafe(48))
        return place.read_text()
    except OSError as fault:
        raise StudyError(f"{place}: the secret key cannot be kept: {fault.strerror}") from fault
