"""Who may do what: every operation of the API's document, asked for by everybody."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

# What each role is answered. The identifiers in the paths are the guest's, the bodies are right.
# An organiser's address does not exist for others; what is somebody else's exists for nobody.
ALLOWED = """
                                                nobody guest other account panel excluded organiser
GET    /health                                  200    200   200   200     200   200      200
GET    /me                                      200    200   200   200     200   200      200
DELETE /me                                      401    204   204   204     204   204      409
GET    /me/data                                 401    200   200   200     200   200      200
POST   /guests                                  201    201   201   201     201   201      201
POST   /accounts                                201    201   201   409     201   201      409
POST   /session                                 200    200   200   200     200   200      200
DELETE /session                                 204    204   204   204     204   204      204
POST   /password-resets                         202    202   202   202     202   202      202
POST   /password-resets/confirm                 410    410   410   410     410   410      410
GET    /invitations/{token}                     200    200   200   200     200   200      200
POST   /invitations/{token}                     401    409   409   200     409   409      200
POST   /panel-tokens                            201    201   201   201     201   201      201
GET    /tasks/{task}                            401    200   200   200     200   403      200
POST   /tasks/{task}/consent                    401    204   204   204     204   403      204
POST   /tasks/{task}/batch                      401    200   200   200     200   403      200
GET    /tasks/{task}/words                      401    200   200   200     200   403      200
GET    /batches/{batch}                         401    200   404   404     404   403      404
POST   /batches/{batch}/finish                  401    409   404   404     404   403      404
POST   /batches/{batch}/forms/{name}            401    204   404   404     404   403      404
GET    /forms/{name}                            401    200   200   200     200   403      200
POST   /assignments/{assignment}/opened         401    200   404   404     404   403      404
PUT    /assignments/{assignment}/draft          401    200   404   404     404   403      404
POST   /assignments/{assignment}/answer         401    200   404   404     404   403      404
POST   /assignments/{assignment}/actions        401    404   404   404     404   403      404
GET    /play                                    401    200   200   200     200   403      200
PUT    /play/nickname                           401    200   200   200     200   403      200
GET    /play/leaderboard                        401    200   200   200     200   403      200
GET    /organise/overview                       404    404   404   404     404   404      200
GET    /organise/people                         404    404   404   404     404   404      200
POST   /organise/people/{person}/exclusion      404    404   404   404     404   404      200
GET    /organise/items                          404    404   404   404     404   404      200
PUT    /organise/items/{item}/control           404    404   404   404     404   404      200
GET    /organise/play                           404    404   404   404     404   404      200
PATCH  /organise/tasks/{task}                   404    404   404   404     404   404      200
POST   /organise/preview                        404    404   404   404     404   404      200
GET    /organise/invitations                    404    404   404   404     404   404      200
POST   /organise/invitations                    404    404   404   404     404   404      201
DELETE /organise/invitations/{token}            404    404   404   404     404   404      204
GET    /organise/panels                         404    404   404   404     404   404      200
GET    /organise/panels/{name}                  404    404   404   404     404   404      404
PUT    /organise/panels/{name}                  404    404   404   404     404   404      200
GET    /organise/export                         404    404   404   404     404   404      200
POST   /organise/handover                       404    404   404   404     404   404      200
POST   /organise/analysis                       404    404   404   404     404   404      202
GET    /organise/analysis                       404    404   404   404     404   404      200
POST   /organise/explanations                   404    404   404   404     404   404      202
GET    /organise/explanations                   404    404   404   404     404   404      200
GET    /organise/explanations/{of}/{name}       404    404   404   404     404   404      404
POST   /organise/query                          404    404   404   404     404   404      409
"""
BODIES: dict[str, Any] = {
    "POST /accounts": {"name": "Somebody New", "password": "nine purple whales"},
    "POST /session": {"login": "account", "password": "seven green lobsters"},
    "POST /password-resets": {"email": "nobody@example.org"},
    "POST /password-resets/confirm": {
        "person": "0" * 32, "token": "a-b", "password": "nine purple whales"},
    "POST /panel-tokens": {"panel": "mturk", "person": "W2"},
    "POST /batches/{batch}/forms/{name}": {"answers": {}, "remark": "fine"},
    "PUT /assignments/{assignment}/draft": {"number": 1, "body": {"boxes": []}},
    "POST /assignments/{assignment}/answer": {
        "key": "00000000-0000-4000-8000-000000000001", "body": {"boxes": [], "nothing": True}},
    "POST /assignments/{assignment}/actions": {
        "key": "00000000-0000-4000-8000-000000000002", "action": "hint"},
    "PUT /play/nickname": {"nickname": "Grace"},
    "POST /organise/people/{person}/exclusion": {"excluded": True, "why": "hurried"},
    "PUT /organise/items/{item}/control": {"expected": {"types": ["claw"]}},
    "PATCH /organise/tasks/{task}": {"paused": True},
    "POST /organise/preview": {"markdown": "*yes*"},
    "PUT /organise/panels/{name}": {"completed_code": "C1"},
    "POST /organise/query": {"expression": "claw"},
}  # fmt: skip
# A frame on another site has no cookie; and nothing of anybody's is at stake here.
WITHOUT_CSRF = {"POST /panel-tokens"}
VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


def table() -> dict[str, dict[str, int]]:
    """The expected status of each operation, by role."""
    roles, *lines = ALLOWED.strip().splitlines()
    rows = [line.split() for line in lines]
    return {
        f"{verb} {path}": dict(zip(roles.split(), map(int, statuses), strict=True))
        for verb, path, *statuses in rows
    }


def documented() -> list[str]:
    """Every operation of the document, as ``VERB /path``."""
    from netgloss.server.api import api

    return [
        f"{verb.upper()} {path.removeprefix('/api')}"
        for path, verbs in api.get_openapi_schema()["paths"].items()
        for verb in verbs
    ]


def body_of(operation: str, cast: Any) -> Any:
    if operation == "POST /tasks/{task}/consent":
        return {"version": cast.version}
    verb = operation.partition(" ")[0]
    return BODIES.get(operation, None if verb in ("GET", "DELETE") else {})


def ask(cast: Any, role: str, operation: str, **ids: str) -> Any:
    verb, path = operation.split()
    somebody = cast.people[role]
    return somebody.ask(verb, cast.path(path, **ids), body_of(operation, cast))


def wait_for_job(cast: Any, operation: str) -> None:
    import time

    path = operation.partition(" ")[2]
    while cast.people["organiser"].ask("GET", path).json()["state"] == "running":
        time.sleep(0.1)


def test_every_operation_has_a_line_and_every_line_an_operation(django_ready: None) -> None:
    assert sorted(table()) == sorted(documented())


def test_everybody_is_answered_as_the_table_says(
    cast: Any, safe_headers: Callable[[Any], None]
) -> None:
    unlike = {}
    for operation, statuses in table().items():
        for role, status in statuses.items():
            with cast.people[role].passing():
                answer = ask(cast, role, operation)
                content = b"".join(answer)
                if answer.status_code != status:
                    unlike[role, operation] = (answer.status_code, content[:200])
                safe_headers(answer)
                if answer.status_code == 202 and "/organise/" in operation:
                    wait_for_job(cast, operation)
    assert unlike == {}


def test_what_is_somebody_elses_looks_like_what_does_not_exist(cast: Any) -> None:
    nothing = {name: str(uuid.uuid4()) for name in ("batch", "assignment")}
    for operation in documented():
        if "{batch}" in operation or "{assignment}" in operation:
            for role in ("other", "account", "panel", "organiser"):
                theirs = ask(cast, role, operation)
                nobodys = ask(cast, role, operation, **nothing)
                assert theirs.content == nobodys.content, (role, operation)


def test_an_organisers_address_is_like_one_that_does_not_exist(cast: Any) -> None:
    """With and without the token against forged requests, and whatever is sent."""
    for operation, role in product(documented(), ("nobody", "guest", "panel")):
        verb, path = operation.split()
        if path.startswith("/organise"):
            for token, body in product(({}, {"X-CSRF-Token": ""}), (None, {"x": 1})):
                answer = cast.people[role].ask(verb, cast.path(path), body, **token)
                unknown = cast.people[role].ask(verb, "/organise/nothing-here", body, **token)
                assert answer.status_code == unknown.status_code == 404, (role, operation)
                assert answer.json() == unknown.json()


def test_a_verb_that_is_not_in_the_document_does_nothing(cast: Any) -> None:
    known = set(documented())
    paths = {operation.split()[1] for operation in known}
    for path, verb, role in product(paths, VERBS, ("nobody", "organiser")):
        if f"{verb} {path}" not in known:
            answer = cast.people[role].ask(verb, cast.path(path), {})
            assert answer.status_code in (404, 405), (verb, path)


def unsafe(cast: Any) -> Iterator[tuple[str, str]]:
    """Each operation that changes something, and whose browser could be made to do it."""
    for operation in documented():
        if operation.split()[0] != "GET" and operation not in WITHOUT_CSRF:
            yield operation, "organiser" if "/organise" in operation else "guest"


def test_another_sites_page_can_change_nothing(cast: Any) -> None:
    for operation, role in unsafe(cast):
        verb, path = operation.split()
        for headers in (
            {"X-CSRF-Token": ""},
            {"X-CSRF-Token": "0" * 32},
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
        ):
            sent = cast.people[role].browser.ask(
                verb, cast.path(path), body_of(operation, cast), **headers
            )
            assert sent.status_code == 403, (operation, headers)
            assert sent.json()["error"]["code"] == "csrf"
    assert cast.people["guest"].ask("GET", "/me").json()["person"]["kind"] == "guest"
    assert not cast.people["organiser"].ask("GET", "/organise/overview").json()["task"]["paused"]


def test_a_form_of_another_site_can_change_nothing(cast: Any) -> None:
    """Such a form needs no leave from this server to send; its fields are never a body."""
    for operation, role in unsafe(cast):
        verb, path = operation.split()
        client = cast.people[role].browser.client
        for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
                     "text/plain"):  # fmt: skip
            sent = client.generic(verb, f"/api{cast.path(path)}", b"a=1", kind)
            assert sent.status_code == 403, (operation, kind)


def test_nobody_needs_a_token_only_where_nothing_of_theirs_is_at_stake(cast: Any) -> None:
    for operation in WITHOUT_CSRF:
        answer = cast.people["guest"].ask(
            *operation.split(), body_of(operation, cast), **{"X-CSRF-Token": ""}
        )
        assert answer.status_code < 300
        assert not answer.cookies, "or another site could sign somebody in"


def test_a_frames_token_opens_no_organisers_address(cast: Any) -> None:
    """Not even an organiser's own, and not beside an organiser's cookies."""
    from netgloss.server.people.auth import issue_token
    from netgloss.server.people.models import Person

    token = issue_token(Person.objects.get(name="organiser"))
    bearer = {"Authorization": f"Bearer {token}"}
    for role in ("nobody", "organiser"):
        for operation in documented():
            verb, path = operation.split()
            if path.startswith("/organise"):
                sent = cast.people[role].browser.ask(
                    verb, cast.path(path), body_of(operation, cast), **bearer
                )
                assert sent.status_code == 404, (role, operation)
