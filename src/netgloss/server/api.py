"""The typed JSON API, put together from the routers of its parts."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from django.core.exceptions import RequestDataTooBig
from django.db import connection
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser

import netgloss
from netgloss.server.errors import RequestError
from netgloss.server.organise.api import router as organise
from netgloss.server.people.api import router as people
from netgloss.server.play.api import router as play
from netgloss.server.tasks.api import router as tasks

__all__ = ["api"]

_PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "Why something was turned down; some codes come with further facts.",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string", "description": "One word for programs."},
                "message": {"type": "string", "description": "One sentence for people."},
            },
        }
    },
}
_TURNED_DOWN = {
    "description": "Turned down",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


class _Objects(Parser):
    """Reads a body that is one JSON object.

    ninja would take a number or a text for an object without fields, and Python's JSON knows NaN.
    """

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        body = json.loads(request.body, parse_constant=_no_number)
        if not isinstance(body, dict):
            raise TypeError("not an object")
        return body


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


class _Api(NinjaAPI):
    """An API whose document says how requests are turned down."""

    def get_openapi_schema(self, **where: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**where)
        schema["components"].setdefault("schemas", {})["Problem"] = _PROBLEM
        for verbs in schema["paths"].values():
            for operation in verbs.values():
                operation["responses"].setdefault("4XX", _TURNED_DOWN)
        return schema


api = _Api(
    title="Netgloss",
    version=netgloss.__version__,
    description="What people see in what a network used.",
    docs_url=None,
    openapi_url="/openapi.json",
    parser=_Objects(),
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


@api.exception_handler(HttpError)
def _unreadable(request: HttpRequest, fault: HttpError) -> HttpResponse:
    message = "The request's body cannot be read; send one JSON object."
    return _problem(request, fault.status_code, "unreadable", message)


@api.exception_handler(RequestDataTooBig)
def _too_large(request: HttpRequest, _fault: RequestDataTooBig) -> HttpResponse:
    return _problem(request, 413, "too_large", "This is more than the server takes at a time.")


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
api.add_router("", play)
api.add_router("/organise", organise)
