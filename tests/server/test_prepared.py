"""Prepared queries find what the plain ones find, on both databases."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest


def shown(row: Any) -> Any:
    """All of a row, with what was selected along with it."""
    if row is None or isinstance(row, tuple):
        return row
    fields = {name: value for name, value in vars(row).items() if name != "_state"}
    related = {name: shown(one) for name, one in row._state.fields_cache.items()}
    return type(row), fields, related, row._state.db, row._state.adding


@pytest.fixture
def batch(visitor: Callable[[], Any], served_study: Any) -> Any:
    """A guest's batch, its first image with a draft."""
    from netgloss.server.tasks.items import set_up
    from netgloss.server.tasks.models import Batch, Task
    from netgloss.study import Study

    set_up(Study.open(served_study))
    Task.objects.update(consent="")
    guest = visitor()
    guest.post("/guests")
    first = guest.post("/tasks/annotate/batch").json()["assignments"][0]
    draft = {"number": 1, "body": {"boxes": [], "nothing": True}}
    assert guest.ask("PUT", f"/assignments/{first['id']}/draft", draft).status_code == 200
    return Batch.objects.select_related("task", "person").get()


def test_a_prepared_query_finds_the_same_row(batch: Any) -> None:
    from django.db.models import UUIDField

    from netgloss.server.prepared import Given, Prepared
    from netgloss.server.tasks.models import Assignment

    plain = Assignment.objects.select_related("item", "batch__task", "person")
    prepared = Prepared(
        lambda: plain.filter(pk=Given("id", UUIDField()), batch=Given("batch", UUIDField()))
    )
    rows = list(plain.all())
    assert len(rows) == 10
    assert {row.draft_number for row in rows} == {0, 1}
    for row in rows:
        assert shown(prepared.first(id=row.pk, batch=batch.pk)) == shown(row)
    assert prepared.first(id=uuid.uuid4(), batch=batch.pk) is None


def test_a_found_row_can_be_changed_and_saved(batch: Any) -> None:
    from django.db.models import CharField

    from netgloss.server.prepared import Given, Prepared
    from netgloss.server.tasks.models import Task

    by_name = Prepared(lambda: Task.objects.filter(name=Given("name", CharField())))
    task = by_name.first(name="annotate")
    assert task is not None
    task.title = "Another"
    task.save(update_fields=["title"])
    found = by_name.first(name="annotate")
    assert found is not None
    assert found.title == "Another"


def test_columns_come_as_a_tuple(batch: Any) -> None:
    from django.db.models import UUIDField

    from netgloss.server.prepared import Given, Prepared
    from netgloss.server.tasks.models import Batch

    rows = Batch.objects.filter(pk=Given("id", UUIDField()))
    columns = Prepared(lambda: rows.values_list("id", "task__title", "started_at", "finished_at"))
    assert columns.first(id=batch.pk) == (batch.pk, batch.task.title, batch.started_at, None)


def test_all_rows_come_in_order(batch: Any) -> None:
    from django.db.models import UUIDField

    from netgloss.server.prepared import Given, Prepared
    from netgloss.server.tasks.models import Assignment

    plain = Assignment.objects.select_related("item").order_by("-position")
    prepared = Prepared(lambda: plain.filter(batch=Given("batch", UUIDField())))
    found = prepared.all(batch=batch.pk)
    assert [row.position for row in found] == list(range(9, -1, -1))
    assert [shown(row) for row in found] == [shown(row) for row in plain.all()]
    assert prepared.all(batch=uuid.uuid4()) == []


def test_rows_are_changed_as_django_changes_them(batch: Any) -> None:
    from django.db.models import F, IntegerField, UUIDField

    from netgloss.server.prepared import Given, PreparedChange
    from netgloss.server.tasks.models import Assignment

    rows = Assignment.objects.filter(batch=Given("batch", UUIDField()), position__gte=8)
    number = Given("number", IntegerField())
    change = PreparedChange(lambda: (rows, {"draft_number": number + F("position")}))
    assert change.run(batch=batch.pk, number=30) == 2
    assert change.run(batch=uuid.uuid4(), number=70) == 0
    kept = Assignment.objects.order_by("position").values_list("draft_number", flat=True)
    assert list(kept) == [1, *[0] * 7, 38, 39]


@pytest.mark.parametrize("number", [1, 3])
def test_new_rows_are_written_as_django_writes_them(batch: Any, number: int) -> None:
    from netgloss.server.prepared import insert
    from netgloss.server.tasks.models import Assignment

    rows = list(Assignment.objects.order_by("position")[:number])
    rows[0].answer = {"boxes": [{"type": "5\" nail; 'ü' %s", "attributes": ["☂"]}]}
    expected = [shown(row) for row in rows]
    Assignment.objects.filter(pk__in=[row.pk for row in rows]).delete()
    for row in rows:
        row._state.adding = True
    insert(rows)
    assert [shown(row) for row in rows] == expected
    kept = Assignment.objects.filter(pk__in=[row.pk for row in rows]).order_by("position")
    assert [shown(row) for row in kept] == expected


def test_a_row_that_may_not_be_is_not_written(batch: Any) -> None:
    from django.db import IntegrityError, transaction

    from netgloss.server.prepared import insert
    from netgloss.server.tasks.models import Assignment

    again = Assignment.objects.order_by("position")[0]
    again.pk = uuid.uuid4()
    with transaction.atomic(), pytest.raises(IntegrityError), transaction.atomic():
        insert([again])
    assert Assignment.objects.count() == 10


def test_given_values_are_never_part_of_the_query(database: None) -> None:
    from django.db import connection
    from django.db.models import CharField
    from django.test.utils import CaptureQueriesContext

    from netgloss.server.people.models import Panel
    from netgloss.server.prepared import Given, Prepared

    Panel.objects.create(name="list")
    by_name = Prepared(lambda: Panel.objects.filter(name=Given("name", CharField())))
    for name in ("list", "' OR 1=1 --", "%s", "list"):
        with CaptureQueriesContext(connection) as asked:
            found = by_name.first(name=name)
        assert (found is not None) == (name == "list")
        assert len(asked) == 1


def test_a_locking_query_wants_a_transaction(database: None) -> None:
    from django.db import connection, transaction
    from django.db.models import CharField
    from django.db.transaction import TransactionManagementError

    from netgloss.server.people.models import Panel
    from netgloss.server.prepared import Given, Prepared

    rows = Panel.objects.filter(name=Given("name", CharField()))
    locking = Prepared(rows.select_for_update)
    if connection.features.has_select_for_update:
        with pytest.raises(TransactionManagementError):
            locking.first(name="list")
    with transaction.atomic():
        assert locking.first(name="list") is None


def test_fields_are_saved_as_django_saves_them(batch: Any) -> None:
    from datetime import UTC, datetime

    from netgloss.server.prepared import save_fields
    from netgloss.server.tasks.models import Assignment

    values = {
        "draft": {"boxes": [{"type": "5\" nail; 'ü' %s", "attributes": ["☂"]}], "nothing": False},
        "answer": None,
        "key": uuid.uuid4(),
        "opened_at": datetime(2026, 3, 1, 12, 30, 1, 999, tzinfo=UTC),
        "seconds": 1.5,
        "passed": False,
    }
    ours, theirs = Assignment.objects.order_by("position")[:2]
    for turned in (values, {**values, "passed": None, "draft": [], "seconds": 0.1}):
        for row in (ours, theirs):
            for name, value in turned.items():
                setattr(row, name, value)
            row.draft_number = 77  # not among the saved ones
        save_fields(ours, *turned)
        theirs.save(update_fields=list(turned))
        kept, expected = (Assignment.objects.get(pk=row.pk) for row in (ours, theirs))
        assert {name: getattr(kept, name) for name in turned} == turned
        assert {name: getattr(expected, name) for name in turned} == turned
        assert {kept.draft_number, expected.draft_number} == {0, 1}
    assert Assignment.objects.filter(key=values["key"], draft=[], answer__isnull=True).count() == 2


def test_saving_a_row_that_is_gone_is_a_fault(batch: Any) -> None:
    from django.db import DatabaseError

    from netgloss.server.prepared import save_fields
    from netgloss.server.tasks.models import Assignment

    row = Assignment.objects.order_by("position")[0]
    Assignment.objects.all().delete()
    with pytest.raises(DatabaseError, match="is gone"):
        save_fields(row, "seconds")
