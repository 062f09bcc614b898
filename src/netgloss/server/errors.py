"""What the API says when it cannot do what was asked."""

from __future__ import annotations

from typing import Any

from netgloss.errors import NetglossError

__all__ = ["RequestError"]


class RequestError(NetglossError):
    """A request that is turned down, with a code for the page and a sentence for the person.

    The API answers ``{"error": {"code": …, "message": …, **details}}``.

    Args:
        status: HTTP status.
        code: One word that the page can go by, such as ``paused``.
        message: One sentence: what is wrong and what to do.
        **details: Further facts for the page.
    """

    def __init__(self, status: int, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.details = details
