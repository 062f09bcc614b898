"""The server's clock: the minimum time, the active time, leases that run out."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

ITEMS = 24


def test_an_answer_before_the_minimum_time_is_not_taken(desk: Any, clock: Any) -> None:
    from netgloss.server.tasks import engine

    desk.make_task(min_seconds=5)
    person = desk.guest()
    first, second, *_ = desk.live(desk.open_batch(person))
    assert engine.mark_opened(first.pk, person) == 5.0
    clock.pass_by(3)
    assert desk.refused(lambda: desk.submit(first, person), "too_soon").details == {
        "seconds_to_wait": 2.0
    }
    # Shown again: the clock does not start anew.
    assert engine.mark_opened(first.pk, person) == 2.0
    clock.pass_by(2)
    desk.submit(first, person)
    # A page that never said "opened" starts the clock with its first try.
    assert desk.refused(lambda: desk.submit(second, person), "too_soon").details == {
        "seconds_to_wait": 5.0
    }
    clock.pass_by(5)
    desk.submit(second, person)


def test_active_time_counts_long_gaps_as_a_minute(desk: Any, clock: Any) -> None:
    from netgloss.server.tasks import engine

    desk.make_task()
    person = desk.guest()
    first, *_ = desk.live(desk.open_batch(person))
    engine.mark_opened(first.pk, person)
    clock.pass_by(20)
    engine.save_draft(first.pk, person, 1, desk.NOTHING)
    clock.pass_by(1000)
    engine.save_draft(first.pk, person, 2, desk.CLAW)
    # Elsewhere in between: shown again, the time goes on from there.
    clock.pass_by(40)
    engine.mark_opened(first.pk, person)
    clock.pass_by(7.5)
    desk.submit(first, person)
    first.refresh_from_db()
    assert first.seconds == pytest.approx(20 + 60 + 7.5)


def test_every_action_renews_the_lease_of_the_whole_batch(desk: Any, clock: Any) -> None:
    from netgloss.server.tasks import engine

    task = desk.make_task(quota=1, batch_size=ITEMS)
    person = desk.guest()
    first, *_ = desk.live(desk.open_batch(person))
    for number in range(5):
        clock.pass_by(40 * 60)
        engine.save_draft(first.pk, person, number + 1, desk.NOTHING)
        desk.refused(lambda: desk.open_batch(desk.guest()), "nothing_left")
    clock.pass_by(61 * 60)
    desk.open_batch(desk.guest())
    assert task.items.filter(taken=1).count() == ITEMS
    desk.check_counts()


def test_whoever_comes_back_late_goes_on_where_slots_are_free(desk: Any, clock: Any) -> None:
    task = desk.make_task(quota=1, batch_size=6)
    person = desk.guest()
    batch = desk.open_batch(person)
    before = desk.live(batch)
    clock.pass_by(2 * 3600)
    task.items.update(quota=2)
    # Everything free is taken, so that the lapsed leases are needed.
    for _ in range(3):
        desk.open_batch(desk.guest())
    desk.check_counts()
    desk.submit(before[0], person)
    assert [one.pk for one in desk.live(desk.open_batch(person))] == [one.pk for one in before]
    assert all(one.slot for one in desk.live(batch))
    desk.check_counts()


def test_what_has_gone_to_others_is_replaced_and_stays_gone(desk: Any, clock: Any) -> None:
    from netgloss.server.tasks import engine

    task = desk.make_task(quota=1, batch_size=3)
    person, key = desk.guest(), uuid.uuid4()
    batch = desk.open_batch(person)
    lost = desk.live(batch)
    clock.pass_by(2 * 3600)
    for item in task.items.exclude(pk__in=[one.item_id for one in lost]):
        task.items.filter(pk=item.pk).update(retired=True)
    other = desk.guest()
    assert {one.item_id for one in desk.live(desk.open_batch(other))} == {
        one.item_id for one in lost
    }
    task.items.update(retired=False)
    for _ in range(2):
        desk.refused(lambda: desk.submit(lost[1], person, desk.CLAW, key), "gone")
    now = desk.live(batch)
    assert [one.position for one in now] == [0, 1, 2]
    assert now[1].pk != lost[1].pk
    assert now[1].image not in {one.image for one in lost}
    whole = desk.live(engine.resume_batch(batch.pk, person))
    assert {one.pk for one in whole}.isdisjoint({one.pk for one in lost})
    assert all(one.slot == 1 for one in whole)
    desk.check_counts()
    desk.answer_all(person)
    had = {one.image for one in lost}
    assert had.isdisjoint(one.image for one in desk.live(desk.open_batch(person)))


def test_a_batch_whose_images_all_went_ends_by_itself(desk: Any, clock: Any) -> None:
    desk.make_task(quota=1, batch_size=ITEMS, max_batches=1)
    person, other = desk.guest(), desk.guest()
    batch = desk.open_batch(person)
    clock.pass_by(2 * 3600)
    desk.open_batch(other)
    desk.refused(lambda: desk.open_batch(person), "nothing_left")
    desk.refused(lambda: desk.open_batch(person), "nothing_left")
    clock.pass_by(2 * 3600)
    # The other one's leases lapsed, but the person has had every image.
    desk.refused(lambda: desk.open_batch(person), "nothing_left")
    third = desk.open_batch(desk.guest())
    assert len(desk.live(third)) == ITEMS
    assert batch.assignments.filter(state="gone").count() in (0, ITEMS)
    desk.check_counts()
