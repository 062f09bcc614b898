"""A person's side of the HTTP API, as the page speaks it: for rehearsals, load and fault tests.

It keeps one connection, the cookies and the CSRF header, and repeats what a break of the
connection left unanswered, as long as saying it twice is saying it once. It needs nothing but the
standard library.
"""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from http.client import (
    BadStatusLine,
    HTTPConnection,
    HTTPException,
    HTTPMessage,
    HTTPResponse,
    HTTPSConnection,
)
from http.cookies import CookieError, SimpleCookie
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from netgloss.errors import DataError, OptionError, StudyError
from netgloss.server.errors import RequestError as Refused

__all__ = ["PATIENCE", "Attempt", "Client", "Refused", "UnansweredError"]

PATIENCE = 60.0
"""Seconds to wait for an answer, unless told otherwise."""
_FIRST_PAUSE = 0.05  # seconds; doubled with each attempt
_LONGEST_PAUSE = 2.0
_CSRF = "netgloss_csrf"
# What the page repeats too: the server knows the second one by its key, number or owner.
_TWICE_IS_ONCE = re.compile(r"/api/(tasks|batches|assignments)/|/api/panel-tokens$")
_BUSY = (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)
_NO_MORE = ("nothing_left", "enough")


class UnansweredError(StudyError):
    """No answer came, although the request was repeated where that is safe."""


class Attempt(NamedTuple):
    """What one request came to.

    Attributes:
        status: HTTP status.
        body: Read from JSON; None where there is none.
        headers: Of the answer; their names are found in any spelling.
    """

    status: int
    body: Any
    headers: HTTPMessage


class _NotSentError(Exception):
    """There was no connection, so that the server has seen nothing of the request."""


class Client:
    """One person at a server: who they are lives in the cookies, or in a token.

    A client is for one thread; several people are several clients.

    Args:
        address: Where people reach the server, such as ``http://127.0.0.1:8000``.
        token: Of ``POST /panel-tokens``; sent instead of cookies.
        patience: Seconds to wait for the answer to a request, with all its repetitions.

    Raises:
        OptionError: The address is none.

    Example:
        >>> ann = Client("http://127.0.0.1:8000")
        >>> ann.cookies, ann.sent_again
        ({}, 0)
        >>> Client("study.example.org")
        Traceback (most recent call last):
        netgloss.errors.OptionError: address 'study.example.org' is none; write it like \
https://study.example.org
    """

    def __init__(self, address: str, token: str = "", patience: float = PATIENCE) -> None:
        self.address = address.rstrip("/")
        self.token = token
        self.patience = patience
        self.cookies: dict[str, str] = {}
        self.sent_again = 0
        self._connection = _connection(self.address, patience)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_fault: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connection; the next request opens another one."""
        self._connection.close()

    def ask(self, verb: str, path: str, body: Any = None) -> Any:
        """What the API answers, read from JSON; None where there is nothing to say.

        Args:
            verb: ``GET``, ``POST``, ``PUT``, ``PATCH`` or ``DELETE``.
            path: Below ``/api``, such as ``/me``.
            body: Sent as JSON; nothing is sent as an empty object.

        Raises:
            Refused: The server turned it down.
            UnansweredError: No answer came.
            DataError: Something else than a study's server answers there, or it sends elsewhere.
        """
        content = self._content(verb, f"/api{path}", _payload(verb, body))
        try:
            return json.loads(content) if content else None
        except ValueError as fault:
            raise DataError(
                f"{self.address}: what answers there is no server of a study; "
                "give the address that netgloss serve printed"
            ) from fault

    def attempt(self, verb: str, path: str, body: Any = None) -> Attempt:
        """One request, never repeated and whatever its status: for those who watch the server.

        Args:
            verb: As for :meth:`ask`.
            path: As for :meth:`ask`.
            body: As for :meth:`ask`.

        Raises:
            OSError: The server could not be reached; the next request tries anew.
            HTTPException: It broke off.
        """
        self._wait_at_most(self.patience)
        try:
            response, content = self._send_once(verb, f"/api{path}", _payload(verb, body))
        except _NotSentError as fault:
            raise ConnectionError(str(fault.__cause__)) from fault.__cause__
        except (OSError, HTTPException):
            self.close()
            raise
        return Attempt(response.status, json.loads(content or b"null"), response.headers)

    def fetch(self, path: str) -> bytes:
        """The content of a page or a picture.

        Args:
            path: From the root, such as ``/pictures/….webp``.

        Raises:
            Refused: There is nothing, or not for this person.
            UnansweredError: No answer came.
        """
        return self._content("GET", path, b"")

    # ------------------------------------------------------------------------------- a visit

    def me(self) -> dict[str, Any]:
        """Who this is, and the study's tasks; ``person`` is None before :meth:`arrive`."""
        return dict(self.ask("GET", "/me"))

    def arrive(
        self, panel: str = "", parameters: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Comes as a guest, or as somebody whom a panel sent; returns what :meth:`me` does.

        Args:
            panel: The panel's name; empty for a guest.
            parameters: What the panel writes into the address, such as ``PROLIFIC_PID``.

        Raises:
            Refused: Nobody may come this way; ``sign_in`` for a panel's person who has made an
                account.
            UnansweredError: No answer came.
        """
        if not panel:
            self.me()  # for the CSRF cookie
            return dict(self.ask("POST", "/guests"))
        status, content, where = self._send(
            "GET", f"/from/{panel}?{urlencode(parameters or {})}", b""
        )
        if status >= HTTPStatus.BAD_REQUEST:
            raise _refusal(status, content)
        if where.startswith("/sign-in"):
            raise Refused(HTTPStatus.CONFLICT, "sign_in", "This person has an account; sign in.")
        return self.me()

    def consent(self, task: str = "annotate") -> None:
        """Agrees to the text of a task, if there is one and it is not agreed to yet."""
        page = self.ask("GET", f"/tasks/{task}")
        if not page["consented"]:
            self.ask("POST", f"/tasks/{task}/consent", {"version": page["consent_version"]})

    def take_batch(self, task: str = "annotate") -> dict[str, Any] | None:
        """The open batch or a new one; None where this person has nothing left to do.

        Raises:
            Refused: ``paused`` or ``consent_needed``.
            UnansweredError: No answer came.
        """
        try:
            return dict(self.ask("POST", f"/tasks/{task}/batch"))
        except Refused as fault:
            if fault.code in _NO_MORE:
                return None
            raise

    def open(self, assignment: str) -> float:
        """Says that the image is shown; returns the seconds until an answer is taken."""
        return float(self.ask("POST", f"/assignments/{assignment}/opened")["seconds_to_wait"])

    def draft(self, assignment: str, number: int, body: Any) -> int:
        """Keeps an unfinished answer; returns the number of the draft that is kept.

        Args:
            assignment: Its ``id``.
            number: Higher than that of the draft before.
            body: In the form of the task.

        Raises:
            Refused: ``stale``, ``gone``, ``finished`` or ``malformed``.
            UnansweredError: No answer came.
        """
        kept = self.ask("PUT", f"/assignments/{assignment}/draft", {"number": number, "body": body})
        return int(kept["number"])

    def act(
        self,
        assignment: str,
        action: str,
        body: Any = None,
        key: str | uuid.UUID | None = None,
    ) -> dict[str, Any]:
        """Does something before the answer; returns what is ``shown`` from then on.

        Args:
            assignment: Its ``id``.
            action: By the kind of task, such as ``hint`` or ``guess`` in a game.
            body: What goes with it, such as ``{"option": 2}``.
            key: One an action, so that a repetition is known as such; a new one by default.

        Raises:
            Refused: ``gone``, ``finished``, ``answered`` or what the kind of task says.
            UnansweredError: No answer came; the same key later gets the same reply.
        """
        said = {"key": str(key or uuid.uuid4()), "action": action, "body": body or {}}
        return dict(self.ask("POST", f"/assignments/{assignment}/actions", said)["shown"])

    def answer(
        self, assignment: str, body: Any, key: str | uuid.UUID | None = None
    ) -> dict[str, Any]:
        """Answers, or corrects an answer; returns the receipt once the answer is committed.

        Args:
            assignment: Its ``id``.
            body: In the form of the task.
            key: One an answer, so that a repetition is known as such; a new one by default.

        Raises:
            Refused: ``too_soon``, ``gone``, ``finished``, ``incomplete`` or ``malformed``.
            UnansweredError: No answer came; the same key later gets the same receipt.
        """
        said = {"key": str(key or uuid.uuid4()), "body": body}
        return dict(self.ask("POST", f"/assignments/{assignment}/answer", said))

    def finish(self, batch: str) -> dict[str, Any]:
        """Ends a batch; returns the ``forms`` to fill in and the panel's ``completion``."""
        return dict(self.ask("POST", f"/batches/{batch}/finish"))

    def fill_in(self, batch: str, form: str, answers: Any, remark: str = "") -> None:
        """Fills in a form.

        Args:
            batch: The ``id`` of the batch it comes after.
            form: The form's name, such as ``difficulty``.
            answers: A value an item, by its key or in the items' order.
            remark: In the person's own words.
        """
        self.ask("POST", f"/batches/{batch}/forms/{form}", {"answers": answers, "remark": remark})

    # --------------------------------------------------------------------------- the transport

    def _content(self, verb: str, target: str, body: bytes) -> bytes:
        status, content, where = self._send(verb, target, body)
        if status >= HTTPStatus.BAD_REQUEST:
            raise _refusal(status, content)
        if status >= HTTPStatus.MULTIPLE_CHOICES:
            raise DataError(
                f"{self.address}: sends to {where or 'another place'}; give its address"
            )
        return content

    def _send(self, verb: str, target: str, body: bytes) -> tuple[int, bytes, str]:
        """Status, content and ``Location``, after as many repetitions as are safe and needed."""
        repeatable = verb != "POST" or bool(_TWICE_IS_ONCE.match(target))
        if not repeatable:
            # A connection that the server has given up meanwhile would leave it in doubt.
            self.close()
        end, pause = time.monotonic() + self.patience, _FIRST_PAUSE
        while True:
            self._wait_at_most(end - time.monotonic())
            try:
                response, content = self._send_once(verb, target, body)
                over = not repeatable or time.monotonic() + pause > end
                if over or response.status not in _BUSY:
                    return response.status, content, response.headers.get("Location", "")
            except _NotSentError as fault:
                if time.monotonic() + pause > end:
                    raise self._unanswered(fault.__cause__) from fault.__cause__
            except (OSError, HTTPException) as fault:
                self.close()
                if not repeatable or time.monotonic() + pause > end:
                    raise self._unanswered(fault) from fault
            self.sent_again += 1
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _send_once(self, verb: str, target: str, body: bytes) -> tuple[HTTPResponse, bytes]:
        if self._connection.sock is None:
            try:
                self._connection.connect()
            except OSError as fault:
                self.close()
                raise _NotSentError from fault
        self._connection.request(verb, target, body or None, self._headers(verb))
        response = self._connection.getresponse()
        content = response.read()
        self._keep_cookies(response)
        return response, content

    def _wait_at_most(self, seconds: float) -> None:
        """Lets no repetition wait longer than what is left of the patience."""
        self._connection.timeout = max(seconds, _FIRST_PAUSE)
        if self._connection.sock is not None:
            self._connection.sock.settimeout(self._connection.timeout)

    def _headers(self, verb: str) -> dict[str, str]:
        headers = {"Accept": "application/json"}
        if verb != "GET":
            headers |= {"Content-Type": "application/json", "Origin": self.address}
        if self.token:
            return headers | {"Authorization": f"Bearer {self.token}"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if _CSRF in self.cookies:
            headers["X-CSRF-Token"] = self.cookies[_CSRF]
        return headers

    def _keep_cookies(self, response: HTTPResponse) -> None:
        for line in response.headers.get_all("Set-Cookie") or ():
            try:
                cookies = SimpleCookie(line)
            except CookieError:
                continue  # another program's; ours are plain
            for name, cookie in cookies.items():
                self.cookies[name] = cookie.coded_value
                if not cookie.value or cookie["max-age"] == "0":
                    del self.cookies[name]

    def _unanswered(self, fault: BaseException | None) -> UnansweredError:
        reason = getattr(fault, "strerror", None) or str(fault) or type(fault).__name__
        if isinstance(fault, BadStatusLine):
            reason = "the connection was closed"
        return UnansweredError(
            f"{self.address}: does not answer ({reason}); check the address, and that the server "
            "runs there"
        )


def _payload(verb: str, body: Any) -> bytes:
    return b"" if verb == "GET" else json.dumps({} if body is None else body).encode()


def _connection(address: str, patience: float) -> HTTPConnection:
    parts = urlsplit(address)
    try:
        usable = parts.scheme in ("http", "https") and not parts.path and not parts.query
        host, port = parts.hostname, parts.port
    except ValueError:
        usable, host, port = False, None, None
    if not usable or not host:
        raise OptionError(f"address '{address}' is none; write it like https://study.example.org")
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    return kind(host, port, timeout=patience)


def _refusal(status: int, content: bytes) -> Refused:
    """What the server said, or what the status says where something else answered."""
    try:
        error = dict(json.loads(content)["error"])
        return Refused(status, error.pop("code"), error.pop("message"), **error)
    except (ValueError, KeyError, TypeError):
        known = status in HTTPStatus.__members__.values()
        phrase = HTTPStatus(status).phrase if known else "no reason given"
        return Refused(status, "unreadable", f"The server answered {status} ({phrase}).")
