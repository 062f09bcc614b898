"""What the API's document says, held against what the server does, by made-up requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

BOUNDED = settings(
    max_examples=6,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
# Without input there is nothing to make up; this one starts a process each time.
LEFT_OUT = {("POST", "/api/organise/analysis")}


@pytest.fixture
def application(cast: Any) -> Callable[..., Any]:
    """The WSGI application that the server runs."""
    from netgloss.server.wsgi import application

    return application


def operations(application: Any) -> Iterator[tuple[str, Any]]:
    """The path of each operation of the document, and requests to it, right ones and wrong ones."""
    import schemathesis
    from schemathesis import GenerationMode

    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app=application)
    for found in schema.get_all_operations():
        operation = found.ok()
        if (operation.method.upper(), operation.path) not in LEFT_OUT:
            modes = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]
            yield operation.path, st.one_of(modes)


def credentials(somebody: Any) -> dict[str, Any]:
    """Headers and cookies of somebody's browser, or their frame's token."""
    cookies = {name: one.value for name, one in somebody.browser.client.cookies.items()}
    token = {"X-CSRF-Token": cookies["netgloss_csrf"]}
    return {"headers": {**token, **somebody.headers}, "cookies": cookies}


def checks() -> list[Any]:
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks as openapi

    return [
        not_a_server_error,
        openapi.status_code_conformance,
        openapi.content_type_conformance,
        openapi.response_schema_conformance,
    ]


@pytest.mark.parametrize("role", ["panel", "organiser"])
def test_made_up_requests_are_answered_as_the_document_says(
    cast: Any, application: Any, role: str
) -> None:
    somebody = cast.people[role]
    statuses = set()

    def send(case: Any, real: bool) -> None:
        if real:
            case.path_parameters = {name: cast.ids[name] for name in case.path_parameters or {}}
        with somebody.passing():
            answer = case.call_and_validate(checks=checks(), **credentials(somebody))
        statuses.add(answer.status_code)

    for path, cases in operations(application):
        # For everybody else the organiser's addresses are alike.
        if role == "organiser" or not path.startswith("/api/organise"):
            BOUNDED(seed(20261121)(given(cases, st.booleans())(send)))()
    assert {200, 201, 204, 400, 404, 422} <= statuses, "everything came up"
