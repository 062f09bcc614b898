"""The API's reference as a page of our own: what is asked and answered, without scripts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from netgloss.server.pages import document

__all__ = ["reference", "reference_html"]

_INTRODUCTION = (
    '<p>For programs: <a href="/api/openapi.json">openapi.json</a>. Unsafe verbs need the header '
    "<code>X-CSRF-Token</code> with the value of the cookie <code>netgloss_csrf</code>, or "
    "<code>Authorization: Bearer</code> with a token.</p>"
)
_VERBS = ("get", "post", "put", "patch", "delete")


@require_safe
def reference(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's views take it
    """The page at ``/api/docs``; ``/api/openapi.json`` has the same for programs."""
    from netgloss.server.api import api

    return HttpResponse(document("The API", reference_html(api.get_openapi_schema())))


def reference_html(schema: Mapping[str, Any]) -> str:
    """Every operation and every type of an OpenAPI schema, as HTML.

    Args:
        schema: OpenAPI 3, as ninja makes it.

    Example:
        >>> schema = {"paths": {"/api/me": {"get": {"summary": "Who is asking"}}}}
        >>> "<code>GET /api/me</code></h2>" in reference_html(schema)
        True
    """
    parts = [_INTRODUCTION]
    for path, verbs in schema["paths"].items():
        for verb in _VERBS:
            if verb in verbs:
                parts.extend(_operation(verb, path, verbs[verb]))
    types = schema.get("components", {}).get("schemas", {})
    for name, described in sorted(types.items()):
        parts.extend(_type(name, described))
    return "\n".join(parts)


def _operation(verb: str, path: str, described: Mapping[str, Any]) -> Iterator[str]:
    yield f"<h2><code>{verb.upper()} {escape(path)}</code></h2>"
    for key in ("summary", "description"):
        if described.get(key):
            yield f"<p>{_prose(described[key])}</p>"
    rows = [
        (parameter["name"], f"in the {parameter['in']}: {_kind(parameter.get('schema', {}))}")
        for parameter in described.get("parameters", [])
    ]
    body = described.get("requestBody", {}).get("content", {}).get("application/json", {})
    if body:
        rows.append(("body", _kind(body.get("schema", {}))))
    for status, answer in described.get("responses", {}).items():
        content = answer.get("content", {}).get("application/json", {})
        rows.append((f"answers {status}", _kind(content.get("schema", {})) if content else ""))
    yield _list(rows)


def _type(name: str, described: Mapping[str, Any]) -> Iterator[str]:
    yield f"<h2>{escape(name)}</h2>"
    if described.get("description"):
        yield f"<p>{_prose(described['description'])}</p>"
    needed = described.get("required", [])
    yield _list(
        [
            (field, _kind(kind) + ("" if field in needed else ", may be left out"))
            for field, kind in described.get("properties", {}).items()
        ]
    )


def _prose(text: str) -> str:
    """A docstring as HTML: what stands between two backticks each is code."""
    parts = escape(text).split("``")
    return "".join(
        f"<code>{part}</code>" if place % 2 else part for place, part in enumerate(parts)
    )


def _list(rows: list[tuple[str, str]]) -> str:
    if not rows:
        return ""
    cells = (
        f"<dt><code>{escape(name)}</code></dt><dd>{escape(text) or '&nbsp;'}</dd>"
        for name, text in rows
    )
    return f"<dl>{''.join(cells)}</dl>"


def _kind(schema: Mapping[str, Any]) -> str:
    """A type in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return " or ".join(_kind(one) for one in schema[several])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    if "enum" in schema:
        return ", ".join(str(value) for value in schema["enum"])
    longest = f", at most {schema['maxLength']} characters" if "maxLength" in schema else ""
    return str(schema.get("format") or schema.get("type") or "anything") + longest
