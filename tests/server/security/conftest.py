"""Somebody in each role on a small real study, and requests that leave no trace."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

ROLES = ("nobody", "guest", "other", "account", "panel", "excluded", "organiser")
PASSWORD = "seven green lobsters"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; object-src 'none'",
}
"""What every answer says to a browser."""


def require_safe_headers(answer: Any, kept: str = "no-store") -> None:
    """Checks what an answer tells a browser: what it may load, guess, frame and keep."""
    for name, value in HEADERS.items():
        assert answer.headers.get(name) == value, (name, answer.headers.get(name))
    assert answer.headers.get("Cache-Control", "") == kept
    assert "Access-Control-Allow-Origin" not in answer.headers


@dataclass
class Somebody:
    """A browser, or a frame with a token, of somebody in a role."""

    browser: Any
    headers: dict[str, str] = field(default_factory=dict)

    def ask(self, verb: str, path: str, body: Any = None, **headers: str) -> Any:
        return self.browser.ask(verb, path, body, **self.headers, **headers)

    @contextmanager
    def passing(self) -> Iterator[None]:
        """What is asked in here is undone at the end: rows, sessions and cookies."""
        from django.core.signals import request_finished, request_started
        from django.db import close_old_connections, transaction

        cookies = {name: morsel.value for name, morsel in self.browser.client.cookies.items()}
        # The end of a request would close the connection on which there is still to undo.
        for signal in (request_started, request_finished):
            signal.disconnect(close_old_connections)
        try:
            with transaction.atomic():
                yield
                transaction.set_rollback(True)
        finally:
            self.browser.client.cookies.clear()
            for name, value in cookies.items():
                self.browser.client.cookies[name] = value
            for signal in (request_started, request_finished):
                signal.connect(close_old_connections)


@dataclass
class Cast:
    """People in every role, and what the guest among them has."""

    people: dict[str, Somebody]
    ids: dict[str, str]
    version: str

    def path(self, template: str, **others: str) -> str:
        """A path of the document with the guest's, or other, identifiers filled in."""
        return template.format(**(self.ids | others))


@pytest.fixture
def task(database: None, served_study: Path) -> Any:
    """The annotation task with its items and a consent text; without waiting or control items."""
    from netgloss.server.tasks import engine
    from netgloss.server.tasks.models import Task
    from netgloss.study import Study

    Task.objects.create(
        name="annotate", title="Describe", method="heatmaps", min_seconds=0, controls=0, quota=9,
        batch_size=3, consent="I *agree*.", instructions="Draw a **box**.",
    )  # fmt: skip
    return engine.set_up(Study.open(served_study))


@pytest.fixture
def cast(task: Any, visitor: Callable[[], Any]) -> Cast:
    """Everybody; all but nobody have agreed, and the guest has an open batch."""
    from netgloss.server.people.models import Person
    from netgloss.server.tasks.models import Task
    from netgloss.server.tasks.texts import version

    # What can be asked about the game without playing; its games have tests of their own.
    Task.objects.create(name="play", title="Deep Reveal", method="heatmaps")
    people = {role: Somebody(visitor()) for role in ROLES}
    for role in ("guest", "other", "excluded"):
        assert people[role].ask("POST", "/guests", {}).status_code == 201
    for role in ("account", "organiser"):
        account = {"name": role, "password": PASSWORD, "invitation": ""}
        if role == "organiser":
            account["invitation"] = invitation("organiser")
        assert people[role].ask("POST", "/accounts", account).status_code == 201
    frame = {"panel": "mturk", "person": "W1", "study": "H1", "session": "A1"}
    made = people["panel"].ask("POST", "/panel-tokens", frame).json()
    people["panel"].headers["Authorization"] = f"Bearer {made['token']}"
    for somebody in people.values():
        somebody.ask("POST", "/tasks/annotate/consent", {"version": version(task.consent)})
    batch = people["guest"].ask("POST", "/tasks/annotate/batch", {}).json()
    ids = {
        "task": task.name,
        "batch": batch["id"],
        "assignment": batch["assignments"][0]["id"],
        "name": "difficulty",
        "of": "images",
        "token": invitation("participant"),
        "person": str(person_of(people["guest"]).pk),
        "item": str(task.items.order_by("pk")[0].pk),
    }
    Person.objects.filter(pk=person_of(people["excluded"]).pk).update(excluded_at=task_time())
    return Cast(people, ids, version(task.consent))


def invitation(role: str) -> str:
    """The token of a new invitation."""
    from netgloss.server.people.models import Invitation

    end = task_time() + timedelta(days=1)
    return Invitation.objects.create(role=role, expires_at=end, uses_left=9).token


def person_of(somebody: Somebody) -> Any:
    """The row of whoever is signed in."""
    from netgloss.server.people.models import Person

    told = somebody.ask("GET", "/me/data").json()
    return Person.objects.get(pk=told["person"]["id"])


def task_time() -> Any:
    """Now, by the server's clock."""
    from django.utils import timezone

    return timezone.now()


def box(kind: str = "claw", *attributes: str) -> dict[str, Any]:
    """A box with its words."""
    corners = {"x0": 1.5, "y0": 2, "x1": 30, "y1": 40.25}
    return {"type": kind, "attributes": list(attributes) or ["red"], **corners}


def answer(kind: str = "claw", *attributes: str) -> dict[str, Any]:
    """The body of a submit with one box."""
    body = {"boxes": [box(kind, *attributes)], "nothing": False}
    return {"key": str(uuid.uuid4()), "body": body}


@pytest.fixture
def safe_headers() -> Callable[..., None]:
    """Checks what an answer tells a browser."""
    return require_safe_headers


@pytest.fixture
def submit(cast: Cast, served_study: Path) -> Iterator[Callable[..., None]]:
    """Answers a person's next image with one box; what answers lead to in the study goes again."""
    import shutil

    def give(somebody: Somebody, kind: str, *attributes: str) -> None:
        batch = somebody.ask("POST", "/tasks/annotate/batch", {}).json()
        waiting = [one["id"] for one in batch["assignments"] if one["state"] == "open"]
        body = answer(kind, *attributes)
        sent = somebody.ask("POST", f"/assignments/{waiting[0]}/answer", body)
        assert sent.status_code == 200, sent.content
        if len(waiting) == 1:
            somebody.ask("POST", f"/batches/{batch['id']}/finish", {})

    yield give
    for name in ("answers", "results"):
        shutil.rmtree(served_study / name, ignore_errors=True)
    for name in ("vocabulary.csv", "concepts.parquet", ".netgloss/vocabulary.csv"):
        (served_study / name).unlink(missing_ok=True)
    for name in ("handover", "words", "concepts"):
        (served_study / ".netgloss" / f"{name}.json").unlink(missing_ok=True)


@pytest.fixture
def headers() -> dict[str, str]:
    """What every answer says to a browser."""
    return HEADERS
