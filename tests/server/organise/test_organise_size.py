"""The organiser's pages ask the database as often for many people and items as for few."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

FEW, MANY = 20, 500
ADDRESSES = (
    "/organise/overview",
    "/organise/people?limit=200",
    "/organise/items?limit=200",
    "/organise/items?limit=200&controls=true",
    "/organise/invitations",
    "/organise/panels",
    "/organise/export?format=json",
    "/organise/export?what=forms&format=json",
)


def fill(task: Any, people: int, items: int) -> None:
    """Makes people with a finished batch of five answers each, a form and an invitation."""
    from django.utils import timezone

    from netgloss.server.people.models import Invitation, Panel, Person
    from netgloss.server.tasks.models import Assignment, Batch, Form, Item

    now = timezone.now()
    start = Item.objects.count()
    made = Item.objects.bulk_create(
        Item(
            task=task,
            evidence=f"heatmaps/9{number:05d}",
            image=f"lobster/{number}.png",
            quota=9,
            order=number,
            expected={"types": ["claw"]} if number % 3 == 0 else None,
        )
        for number in range(start, start + items)
    )
    crowd = [Person(kind="guest") for _ in range(people)]
    Person.objects.bulk_create(crowd)
    batches = [Batch(task=task, person=one, finished_at=now) for one in crowd]
    Batch.objects.bulk_create(batches)
    answer = {"boxes": [], "nothing": True}
    Assignment.objects.bulk_create(
        Assignment(
            task=task,
            item=(item := made[(5 * place + step) % items]),
            person=one,
            batch=batch,
            image=item.image,
            position=step,
            quota=9,
            control=step == 0,
            passed=True if step == 0 else None,
            state="answered",
            answer=answer,
            answered_at=now,
            leased_until=now,
            seconds=float(step),
        )
        for place, (one, batch) in enumerate(zip(crowd, batches, strict=True))
        for step in range(5)
    )
    said = {"boxes": 3.0}
    Form.objects.bulk_create(
        Form(person=one, task=task, batch=batch, name="difficulty", answers=said)
        for one, batch in zip(crowd, batches, strict=True)
    )
    end = now + timedelta(days=1)
    Invitation.objects.bulk_create(Invitation(expires_at=end) for _ in range(people))
    Panel.objects.bulk_create(Panel(name=f"panel-{one.pk.hex}") for one in crowd)


@pytest.fixture
def without_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The figures are not what is counted here, and belong to a process of their own."""
    from netgloss.server.organise import overview

    monkeypatch.setattr(overview, "freshen", lambda *_: None)


def queries(organiser: Any) -> dict[str, int]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counted = {}
    for address in ADDRESSES:
        with CaptureQueriesContext(connection) as asked:
            response = organiser.get(address)
            assert response.status_code == 200, response.content
            if response.streaming:
                assert b"".join(response.streaming_content)
        counted[address] = len([one for one in asked if "SELECT" in one["sql"]])
    return counted


def test_queries_do_not_grow_with_people_and_items(
    organiser: Any, task: Any, without_jobs: None
) -> None:
    fill(task, people=FEW, items=FEW)
    few = queries(organiser)
    fill(task, people=300, items=MANY)
    assert queries(organiser) == few
