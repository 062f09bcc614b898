"""The items of a task are the heat maps of its study, on both databases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

ITEMS = 24


def test_items_are_the_heat_maps_that_have_something_in_them(task: Any) -> None:
    images = set(task.items.values_list("image", flat=True))
    assert len(images) == ITEMS == task.items.count()
    assert {"lobster/n0198_lobster_24.png", "tench/n0198_tench_25.png"}.isdisjoint(images)


def test_items_again_changes_nothing(task: Any, served_study: Path) -> None:
    from netgloss.server.tasks import engine
    from netgloss.study import Study

    before = list(task.items.order_by("pk").values())
    assert engine.sync_items(Study.open(served_study), task) == engine.Synced(0, 0, 0)
    assert list(task.items.order_by("pk").values()) == before


def test_the_order_of_items_mixes_the_classes(task: Any) -> None:
    order = task.items.order_by("order").values_list("image", flat=True)
    labels = [image.partition("/")[0] for image in order]
    assert labels != sorted(labels)
    assert labels != sorted(labels, reverse=True)
    assert list(order) != sorted(order)


def test_an_item_without_its_heat_map_retires_and_returns(task: Any, served_study: Path) -> None:
    from netgloss.server.tasks import engine
    from netgloss.study import Study

    study, first = Study.open(served_study), task.items.order_by("pk").first()
    task.items.create(evidence="heatmaps/999999", image="gone.png", quota=2, order=1)
    assert engine.sync_items(study, task) == engine.Synced(0, 1, 0)
    task.items.filter(pk=first.pk).update(retired=True)
    assert engine.sync_items(study, task) == engine.Synced(0, 0, 1)


def test_an_identifier_that_now_means_another_image_makes_a_new_item(
    task: Any, served_study: Path
) -> None:
    from netgloss.server.tasks import engine
    from netgloss.study import Study

    first = task.items.order_by("pk").first()
    task.items.filter(pk=first.pk).update(image="other.png")
    assert engine.sync_items(Study.open(served_study), task) == engine.Synced(1, 1, 0)
    assert task.items.get(evidence=first.evidence).image == first.image
    assert task.items.get(pk=first.pk).retired


def test_setting_up_makes_the_task_once(database: None, served_study: Path) -> None:
    from netgloss.server.tasks import engine
    from netgloss.server.tasks.models import Task
    from netgloss.study import Study

    study = Study.open(served_study)
    first = engine.set_up(study)
    Task.objects.filter(pk=first.pk).update(title="Changed")
    again = engine.set_up(study)
    assert (again.title, again.method, again.items.count()) == ("Changed", "heatmaps", ITEMS)
    assert "bright" in again.instructions
    assert "voluntary" in again.consent


def test_a_smaller_quota_keeps_the_slots_that_are_held(desk: Any, task: Any) -> None:
    from netgloss.server.tasks import engine

    desk.answer_all(desk.guest())
    desk.answer_all(desk.guest())
    engine.set_quota(task, 1)
    desk.check_counts()
    assert set(task.items.values_list("quota", flat=True)) == {1}
    engine.set_quota(task, 4)
    assert set(task.items.values_list("quota", flat=True)) == {4}


def test_slots_of_many_hundred_items_are_taken_and_given_back_at_once(desk: Any, task: Any) -> None:
    from django.utils import timezone

    from netgloss.server.tasks import engine
    from netgloss.server.tasks.models import Assignment, Batch, Item

    many, person, now = 1100, desk.guest(), timezone.now()
    items = [
        Item(task=task, evidence=f"many/{n}", image=f"{n}.png", quota=2, order=n, taken=1)
        for n in range(many)
    ]
    items = Item.objects.bulk_create(items)
    batch = Batch.objects.create(task=task, person=person, finished_at=now)
    common = {"task": task, "person": person, "batch": batch, "slot": 2, "quota": 2}
    Assignment.objects.bulk_create(
        Assignment(item=one, image=one.image, position=n, leased_until=now, state="answered",
                   answered_at=now, **common)
        for n, one in enumerate(items)
    )  # fmt: skip
    assert engine.free_slots(person) == many
    assert set(Item.objects.values_list("taken", flat=True)) == {0}
    assert engine.take_back_slots(person) == many
    held = Assignment.objects.filter(person=person)
    assert set(held.values_list("slot", flat=True)) == {1}
    desk.check_counts()
