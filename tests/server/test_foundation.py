"""The tables exist on both databases, and hold what they promise."""

from __future__ import annotations

import uuid

import pytest


def test_a_person_cannot_have_an_image_twice(database: None) -> None:
    from django.db import IntegrityError, transaction
    from django.utils import timezone

    from netgloss.server.people.models import Person
    from netgloss.server.tasks.models import Assignment, Batch, Item, Task

    task = Task.objects.create(name="annotate", title="t", method="smoothgrad")
    one = Item.objects.create(task=task, evidence="s/1", image="a.png", quota=3, order=1)
    two = Item.objects.create(task=task, evidence="s/2", image="a.png", quota=3, order=2)
    person = Person.objects.guest()
    batch = Batch.objects.create(task=task, person=person)
    common = {
        "task": task,
        "person": person,
        "batch": batch,
        "image": "a.png",
        "quota": 3,
        "leased_until": timezone.now(),
    }
    Assignment.objects.create(item=one, position=0, slot=1, **common)
    with pytest.raises(IntegrityError), transaction.atomic():
        Assignment.objects.create(item=two, position=1, slot=1, **common)
    assert isinstance(person.id, uuid.UUID)


def test_the_database_is_the_one_that_was_asked_for(database: None, database_url: str) -> None:
    from django.db import connection

    assert connection.vendor == ("postgresql" if database_url else "sqlite")


def test_migrations_are_complete(database: None) -> None:
    from django.core.management import call_command

    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
