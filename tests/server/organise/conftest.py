"""A task on a small real study, people who answer it through the engine, and its organiser."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

MADE = ("answers", "results", "vocabulary.csv", "concepts.parquet")
RECORDS = ("handover", "words", "concepts")
JOBS = ("analysis", "figures", "agreement")


@pytest.fixture
def study(database: None, served_study: Path) -> Iterator[Any]:
    """The served study, without anything that answers lead to."""
    from netgloss.study import Study

    _clear(served_study)
    yield Study.open(served_study)
    _clear(served_study)


@pytest.fixture
def task(study: Any) -> Any:
    """The annotation task with its items; without waiting, consent or control items."""
    from netgloss.server.tasks import engine
    from netgloss.server.tasks.models import Task

    Task.objects.create(
        name="annotate",
        title="Describe",
        method="heatmaps",
        min_seconds=0,
        controls=0,
        quota=2,
        batch_size=8,
    )
    return engine.set_up(study)


@pytest.fixture
def organiser(visitor: Callable[[], Any]) -> Any:
    """A browser in which an organiser is signed in."""
    from django.utils import timezone

    from netgloss.server.people.models import Invitation

    end = timezone.now() + timedelta(days=1)
    made = Invitation.objects.create(role="organiser", expires_at=end)
    browser = visitor()
    account = {"name": "Olga", "password": "seven green lobsters", "invitation": made.token}
    assert browser.post("/accounts", account).status_code == 201
    return browser


def box(kind: str = "claw", *attributes: str, place: int = 0) -> dict[str, Any]:
    """A box with its words."""
    corners = {"x0": place + 1.5, "y0": 2, "x1": place + 30, "y1": 40.25}
    return {"type": kind, "attributes": list(attributes) or ["red"], **corners}


def by_class(assignment: Any) -> list[dict[str, Any]]:
    """What somebody says who looks: lobsters have claws, tenches have fins."""
    if "lobster" in assignment.image:
        return [box("claw", "red"), box("=sea", "blue, deep", place=10)]
    return [box("fin", "green")]


@pytest.fixture
def answer(task: Any) -> Callable[..., Any]:
    """Has a new guest answer so many batches through the engine; returns the guest."""
    from netgloss.server.people.models import Person
    from netgloss.server.tasks import engine

    def give(say: Callable[[Any], list[Any]] = by_class, batches: int = 1, who: Any = None) -> Any:
        person = who or Person.objects.guest()
        for _ in range(batches):
            batch = engine.open_batch("annotate", person)
            for assignment in batch.assignments.order_by("position"):
                boxes = say(assignment)
                body = {"boxes": boxes, "nothing": not boxes}
                engine.submit(assignment.pk, person, uuid.uuid4(), body)
            engine.finish_batch(batch.pk, person)
        return person

    return give


def _clear(folder: Path) -> None:
    for name in MADE:
        place = folder / name
        shutil.rmtree(place) if place.is_dir() else place.unlink(missing_ok=True)
    hidden = folder / ".netgloss"
    for name in RECORDS:
        (hidden / f"{name}.json").unlink(missing_ok=True)
    for name in JOBS:
        (hidden / "server" / f"{name}.json").unlink(missing_ok=True)
    (hidden / "vocabulary.csv").unlink(missing_ok=True)
