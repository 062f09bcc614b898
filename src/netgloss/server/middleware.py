"""What every request passes through: a log line, and what a browser may load."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

__all__ = ["content_security_policy", "log_requests"]

Handler = Callable[[HttpRequest], HttpResponse]

_LOG = logging.getLogger("netgloss.server.requests")
_POLICY = "; ".join(
    (
        "default-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
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

    A view that belongs in another site's frame sets ``response.frame_ancestors``.
    """

    def handle(request: HttpRequest) -> HttpResponse:
        response = handler(request)
        ancestors = getattr(response, "frame_ancestors", "'none'")
        response.headers["Content-Security-Policy"] = _POLICY.format(ancestors=ancestors)
        if ancestors == "'none'":
            response.headers["X-Frame-Options"] = "DENY"
        return response

    return handle
