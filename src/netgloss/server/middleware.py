"""What every request passes through: a log line, and what a browser may load."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, MutableMapping

from django.http import HttpRequest, HttpResponse

__all__ = ["content_security_policy", "keep_hashed_files", "keep_nothing", "log_requests"]

Handler = Callable[[HttpRequest], HttpResponse]

_LOG = logging.getLogger("netgloss.server.requests")
_HASHED = re.compile(r"/assets/.+-[\w-]{8}\.\w+$")
_POLICY = "; ".join(
    (
        "default-src 'self'",
        "base-uri 'none'",
        "form-action {forms}",
        "frame-ancestors {ancestors}",
        "object-src 'none'",
    )
)


def log_requests(handler: Handler) -> Handler:
    """Writes the route, status and time of each request; no address, name or identifier."""

    def handle(request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = handler(request)
        route = request.resolver_match.route if request.resolver_match else ""
        took = round((time.perf_counter() - began) * 1000, 1)
        about = {
            "verb": request.method,
            "route": route,
            "status": response.status_code,
            "milliseconds": took,
        }
        level = logging.WARNING if response.status_code >= 500 else logging.DEBUG
        _LOG.log(level, "request", extra={"about": about})
        return response

    return handle


def content_security_policy(handler: Handler) -> Handler:
    """Lets pages load from this server alone; a view may name sites that may frame it.

    A view that belongs in another site's frame sets ``response.frame_ancestors``, and one whose
    form is sent to another site ``response.form_targets``. One that is no page of this app, and is
    to be cut off from it, has a policy of its own: ``response.content_policy``.
    """

    def handle(request: HttpRequest) -> HttpResponse:
        response = handler(request)
        ancestors = getattr(response, "frame_ancestors", "'none'")
        forms = getattr(response, "form_targets", "'self'")
        own = getattr(response, "content_policy", None)
        policy = own or _POLICY.format(ancestors=ancestors, forms=forms)
        response.headers["Content-Security-Policy"] = policy
        return response

    return handle


def keep_nothing(handler: Handler) -> Handler:
    """Keeps the API's answers out of every cache: they are about the person who asked."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = handler(request)
        if request.path_info.startswith("/api/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return handle


def keep_hashed_files(headers: MutableMapping[str, str], _path: str, url: str) -> None:
    """Lets a browser keep files with a hash in their name for a year: another build, another name.

    Args:
        headers: Of the file's response; WhiteNoise calls this once a file.
        _path: Where the file lies.
        url: Its address.
    """
    if _HASHED.search(url):
        headers["Cache-Control"] = "public, max-age=31536000, immutable"
