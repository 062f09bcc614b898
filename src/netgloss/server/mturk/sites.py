"""Which sites may show the study in a frame and are told of the end: the one list of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from netgloss.errors import OptionError

__all__ = ["PREVIEW", "Sites", "origin"]

PREVIEW = "ASSIGNMENT_ID_NOT_AVAILABLE"
"""What Mechanical Turk calls the assignment of somebody who only looks at a task."""

_FRAMES = ("https://worker.mturk.com", "https://workersandbox.mturk.com")
_FORMS = ("https://www.mturk.com", "https://workersandbox.mturk.com")
_HAND_IN = "/mturk/externalSubmit"
# An origin stands in a header as it is: nothing but a name or address, and a port.
_ORIGIN = re.compile(r"(https?)://([a-z0-9.-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?/?")
_USUAL_PORT = {"http": "80", "https": "443"}


@dataclass(frozen=True)
class Sites:
    """Amazon's sites, and those that a rehearsal adds.

    Args:
        frames: Origins whose pages may show ``/mturk`` in a frame.
        forms: Origins that may be told that an assignment is done.
    """

    frames: tuple[str, ...] = _FRAMES
    forms: tuple[str, ...] = _FORMS

    @classmethod
    def given(cls, extra: str) -> Sites:
        """Amazon's sites and further ones, which may do both.

        Args:
            extra: Origins separated by commas; empty for Amazon's alone.

        Raises:
            OptionError: One of them is none.

        Example:
            >>> Sites.given("http://127.0.0.1:9000").forms[-1]
            'http://127.0.0.1:9000'
        """
        more = tuple(origin(site) for site in extra.split(",") if site.strip())
        return cls(_FRAMES + more, _FORMS + more)

    @property
    def form_targets(self) -> str:
        """Where forms of the framed page may lead, for its policy.

        Browsers hold the pages to which Amazon sends a worker on from there against it too.
        """
        return " ".join(("'self'", *dict.fromkeys(self.forms + self.frames)))

    def hand_in(self, submit_to: str) -> str:
        """The address that an assignment is handed in to; empty where the site is none of these.

        Args:
            submit_to: ``turkSubmitTo`` as the frame's address has it.

        Example:
            >>> Sites().hand_in("https://workersandbox.mturk.com/")
            'https://workersandbox.mturk.com/mturk/externalSubmit'
            >>> Sites().hand_in("https://www.mturk.com.evil.example")
            ''
        """
        try:
            site = origin(submit_to)
        except OptionError:
            return ""
        return site + _HAND_IN if site in self.forms else ""


def origin(site: str) -> str:
    """A site's address as browsers compare it: scheme, name, and a port that is not the usual one.

    Args:
        site: Such as ``https://www.mturk.com``.

    Raises:
        OptionError: It is no such address, or has more to it.

    Example:
        >>> origin(" HTTPS://WWW.MTURK.com:443/ ")
        'https://www.mturk.com'
    """
    found = _ORIGIN.fullmatch(site.strip().lower())
    if found is None or not _has_place(found.group()):
        raise OptionError(
            f"--mturk-site '{site}' is no address of a site; write it like http://127.0.0.1:9000"
        )
    scheme, host, port = found.groups()
    return f"{scheme}://{host}" + (f":{port}" if port and port != _USUAL_PORT[scheme] else "")


def _has_place(url: str) -> bool:
    try:
        return bool(urlsplit(url).hostname) and urlsplit(url).port != 0
    except ValueError:
        return False
