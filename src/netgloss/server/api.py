"""The typed JSON API, put together from the routers of its parts."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError

import netgloss
from netgloss.server.errors import RequestError
from netgloss.server.organise.api import router as organise
from netgloss.server.people.api import router as people
from netgloss.server.tasks.api import router as tasks

__all__ = ["api"]

api = NinjaAPI(
    title="Netgloss",
    version=netgloss.__version__,
    description="What people see in what a network used.",
    docs_url=None,
    openapi_url="/openapi.json",
)


def _problem(
    request: HttpRequest, status: int, code: str, message: str, **details: Any
) -> HttpResponse:
    error = {"code": code, "message": message, **details}
    return api.create_response(request, {"error": error}, status=status)


@api.exception_handler(RequestError)
def _refused(request: HttpRequest, fault: RequestError) -> HttpResponse:
    return _problem(request, fault.status, fault.code, str(fault), **fault.details)


@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, _fault: AuthenticationError) -> HttpResponse:
    return _problem(request, 401, "sign_in", "Please sign in first, or go on as a guest.")


@api.exception_handler(ValidationError)
def _malformed(request: HttpRequest, fault: ValidationError) -> HttpResponse:
    first = fault.errors[0] if fault.errors else {"loc": ("body",), "msg": "cannot be read"}
    where = ".".join(str(part) for part in first["loc"] if part not in ("body", "payload"))
    return _problem(request, 422, "malformed", f"{where or 'body'}: {first['msg']}", where=where)


@api.get("/health", summary="Whether the server and its database answer")
def health(request: HttpRequest) -> dict[str, str]:  # noqa: ARG001 - ninja goes by its name
    """``{"status": "ok"}``; the connection is used, not only looked at."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {"status": "ok", "version": netgloss.__version__}


api.add_router("", people)
api.add_router("", tasks)
api.add_router("/organise", organise)
