"""The front end's files, also those of a build made while the server runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]  # it has none

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

__all__ = ["FrontEndFiles"]


class FrontEndFiles(WhiteNoiseMiddleware):  # type: ignore[misc]  # as above
    """WhiteNoise, which lists the files once, and again whenever there is another build.

    Args:
        handler: What answers where no file is meant.
    """

    def __init__(self, handler: Callable[[HttpRequest], HttpResponse]) -> None:
        # Looked at before the files: a build in between is then seen with the next request.
        self._build = _current_build()
        super().__init__(handler)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The file at this address, or what the rest of the server answers."""
        if request.path_info.startswith(self.static_prefix):
            self._list_again()
        answer: HttpResponse = super().__call__(request)
        return answer

    def _list_again(self) -> None:
        build = _current_build()
        # While the new build takes the old one's place there is none for a moment.
        if build is None or build == self._build:
            return
        # One assignment: requests in other threads see all of the old list or all of the new one.
        self.files = WhiteNoiseMiddleware(self.get_response).files
        self._build = build


def _current_build() -> tuple[int, int] | None:
    """What tells a build from the one before: its index is another file."""
    try:
        index = (settings.FRONT_END / "index.html").stat()
    except OSError:
        return None
    return index.st_ino, index.st_mtime_ns
