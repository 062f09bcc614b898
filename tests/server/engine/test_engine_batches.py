"""Batches are handed out whole, fairly and once, with control items among them."""

from __future__ import annotations

from collections import Counter
from typing import Any

ITEMS = 24


def test_a_batch_is_handed_out_whole_and_asking_again_gives_the_same(desk: Any, task: Any) -> None:
    person = desk.guest()
    batch = desk.open_batch(person)
    assert [one.position for one in desk.live(batch)] == list(range(10))
    assert {one.slot for one in desk.live(batch)} == {1}
    assert desk.open_batch(person).pk == batch.pk
    desk.check_counts()


def test_the_least_answered_come_first(desk: Any, task: Any) -> None:
    for _ in range(3):
        desk.answer_all(desk.guest())
    taken = task.items.values_list("taken", flat=True)
    assert max(taken) - min(taken) <= 1
    assert sum(taken) == 30


def test_nobody_gets_an_image_twice_and_everything_runs_out(desk: Any, task: Any) -> None:
    first, second = desk.guest(), desk.guest()
    sizes = [len(desk.live(desk.answer_all(first))) for _ in range(3)]
    assert sizes == [10, 10, 4]
    desk.refused(lambda: desk.open_batch(first), "nothing_left")
    for _ in range(3):
        desk.answer_all(second)
    desk.check_counts()
    assert set(task.items.values_list("taken", flat=True)) == {2}
    desk.refused(lambda: desk.open_batch(desk.guest()), "nothing_left")
    assert not Counter(task.batch_set.values_list("finished_at", flat=True))[None]


def test_two_heat_maps_of_one_image_never_go_to_one_person(desk: Any, task: Any) -> None:
    for item in list(task.items.all()):
        task.items.create(evidence=f"{item.evidence}b", image=item.image, quota=2, order=item.order)
    type(task).objects.update(batch_size=2 * ITEMS)
    images = [one.image for one in desk.live(desk.open_batch(desk.guest()))]
    assert len(images) == len(set(images)) == ITEMS


def test_pausing_stops_new_batches_but_not_the_open_one(desk: Any, task: Any) -> None:
    person = desk.guest()
    batch = desk.open_batch(person)
    type(task).objects.update(paused=True)
    assert desk.open_batch(person).pk == batch.pk
    desk.answer_all(person)
    desk.refused(lambda: desk.open_batch(person), "paused")


def test_consent_is_asked_for_again_when_its_text_changes(desk: Any, task: Any) -> None:
    from netgloss.server.tasks.models import Consent
    from netgloss.server.tasks.texts import version

    person = desk.guest()
    type(task).objects.update(consent="Do you agree?")
    desk.refused(lambda: desk.open_batch(person), "consent_needed")
    Consent.objects.create(person=person, task=task, text=version("Do you agree?"))
    desk.answer_all(person)
    type(task).objects.update(consent="Do you really agree?")
    desk.refused(lambda: desk.open_batch(person), "consent_needed")


def test_there_is_a_most_number_of_batches(desk: Any, task: Any) -> None:
    person = desk.guest()
    type(task).objects.update(max_batches=2, batch_size=3)
    desk.answer_all(person)
    desk.answer_all(person)
    desk.refused(lambda: desk.open_batch(person), "enough")
    assert desk.open_batch(desk.guest())


def test_an_unknown_task_is_not_there(desk: Any, task: Any) -> None:
    from netgloss.server.tasks import engine

    desk.refused(lambda: engine.open_batch("other", desk.guest()), "unknown", 404)


def test_a_control_item_comes_early_at_an_unforeseeable_place_and_takes_no_slot(
    desk: Any, task: Any
) -> None:
    control = task.items.order_by("pk").first()
    task.items.filter(pk=control.pk).update(expected={"types": ["claw"]})
    type(task).objects.update(controls=1, quota=99)
    task.items.update(quota=99)
    places = []
    for _ in range(12):
        batch = desk.open_batch(desk.guest())
        (checked,) = [one for one in desk.live(batch) if one.control]
        assert checked.item_id == control.pk
        assert len(desk.live(batch)) == 10
        places.append(checked.position)
    assert set(places) <= {1, 2, 3, 4}
    assert len(set(places)) > 1
    desk.check_counts()
    assert task.items.get(pk=control.pk).taken == 0


def test_a_control_item_is_judged_and_a_correction_judged_again(desk: Any, task: Any) -> None:
    item = task.items.order_by("pk").first()
    task.items.filter(pk=item.pk).update(expected={"types": ["claw"]})
    type(task).objects.update(controls=1)
    person = desk.guest()
    batch = desk.open_batch(person)
    (control,) = [one for one in desk.live(batch) if one.control]
    (other, *_) = [one for one in desk.live(batch) if not one.control]
    told = desk.submit(other, person, desk.NOTHING)
    assert desk.submit(control, person, desk.NOTHING).keys() == told.keys()
    control.refresh_from_db()
    assert control.passed is False
    desk.submit(control, person, desk.CLAW)
    control.refresh_from_db()
    assert control.passed is True
    other = next(one for one in desk.live(batch) if not one.control)
    desk.submit(other, person)
    other.refresh_from_db()
    assert other.passed is None


def test_a_person_has_a_control_item_once(desk: Any, task: Any) -> None:
    item = task.items.order_by("pk").first()
    task.items.filter(pk=item.pk).update(expected={"types": ["claw"]})
    type(task).objects.update(controls=1)
    person = desk.guest()
    batches = [desk.live(desk.answer_all(person)) for _ in range(2)]
    assert [sum(one.control for one in batch) for batch in batches] == [1, 0]
