"""Slots stay right when people are left out, and when everybody comes at once."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from netgloss.server.errors import RequestError


def test_an_excluded_persons_slots_go_to_others_and_come_back_where_free(
    desk: Any, task: Any
) -> None:
    from netgloss.server.tasks import engine

    task.items.update(quota=1)
    cheat = desk.guest()
    batch = desk.answer_all(cheat)
    assert engine.free_slots(cheat) == 10
    assert engine.free_slots(cheat) == 0
    desk.check_counts()
    type(task).objects.update(batch_size=6)
    taken = {one.item_id for one in desk.live(desk.answer_all(desk.guest()))}
    lost = [one for one in desk.live(batch) if one.item_id in taken]
    assert len(lost) == 6
    assert engine.take_back_slots(cheat) == 4
    assert {one.pk for one in desk.live(batch) if one.slot is None} == {one.pk for one in lost}
    desk.check_counts()


def test_what_an_excluded_person_had_under_way_takes_no_slot_again(desk: Any, task: Any) -> None:
    from netgloss.server.organise.people import exclude
    from netgloss.server.tasks import engine
    from netgloss.server.tasks.models import Assignment

    stale, newcomer = desk.guest(), desk.guest()
    batch = desk.open_batch(stale)
    first, second, *_ = desk.live(batch)
    desk.submit(first, stale)
    exclude(stale.pk, True, "too fast")
    exclude(newcomer.pk, True, "the same again")
    # All of these were let in before the exclusion: the person in their hands knows nothing of it.
    for work in (
        lambda: desk.submit(second, stale),
        lambda: engine.save_draft(second.pk, stale, 1, desk.NOTHING),
        lambda: engine.mark_opened(second.pk, stale),
        lambda: engine.resume_batch(batch.pk, stale),
        lambda: engine.finish_batch(batch.pk, stale),
        lambda: desk.open_batch(stale),
        lambda: desk.open_batch(newcomer),
    ):
        desk.refused(work, "excluded", 403)
    assert not Assignment.objects.filter(slot__isnull=False).exists()
    desk.check_counts()


def test_excluding_somebody_who_is_busy_in_many_windows_leaves_them_no_slot(
    desk: Any, task: Any
) -> None:
    from netgloss.server.organise.people import exclude
    from netgloss.server.tasks.models import Assignment

    type(task).objects.update(batch_size=4)
    for _ in range(6):
        cheat, newcomer, other = desk.guest(), desk.guest(), desk.guest()
        busy = desk.live(desk.open_batch(cheat))
        works: list[Callable[[], Any]] = [partial(desk.submit, one, cheat) for one in busy]
        works += [partial(exclude, one.pk, True, "busy") for one in (cheat, newcomer)]
        works += [partial(desk.open_batch, one) for one in (newcomer, newcomer, other)]
        results = desk.at_once(works)
        refusals = {one.code for one in results if isinstance(one, RequestError)}
        assert refusals <= {"excluded", "nothing_left"}
        for person in (cheat, newcomer):
            assert not Assignment.objects.filter(person=person, slot__isnull=False).exists()
        desk.check_counts()


def test_deleting_somebody_who_is_busy_frees_their_slots(
    desk: Any, task: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from netgloss.server.people import data
    from netgloss.server.people.models import Person

    monkeypatch.setattr(data, "logout", lambda _request: None)
    for _ in range(4):
        leaver, other = desk.guest(), desk.guest()
        busy = desk.live(desk.open_batch(leaver))[:3]
        works: list[Callable[[], Any]] = [partial(desk.submit, one, leaver) for one in busy]
        works += [partial(desk.open_batch, one) for one in (leaver, other)]
        desk.at_once([*works, partial(data.delete_person, None, leaver)])
        assert not Person.objects.filter(pk=leaver.pk).exists()
        desk.check_counts()


def test_twenty_windows_of_one_person_get_one_batch(desk: Any, task: Any) -> None:
    from netgloss.server.tasks.models import Assignment, Batch

    person = desk.guest()
    batches = desk.at_once([lambda: desk.open_batch(person)] * 20)
    assert len({batch.pk for batch in batches}) == 1
    assert (Batch.objects.count(), Assignment.objects.count()) == (1, 10)
    desk.check_counts()


def test_twenty_people_at_once_share_what_there_is(desk: Any, task: Any) -> None:
    people = [desk.guest() for _ in range(20)]
    results = desk.at_once([lambda person=person: desk.open_batch(person) for person in people])
    given = [one for one in results if not isinstance(one, RequestError)]
    assert all(one.code == "nothing_left" for one in results if isinstance(one, RequestError))
    # 48 slots in batches of 10: nobody may go away while something is left.
    assert set(task.items.values_list("taken", flat=True)) == {2}
    assert sum(len(desk.live(batch)) for batch in given) == 48
    desk.check_counts()


def test_twenty_identical_submits_are_one_answer(desk: Any, task: Any) -> None:
    person, key = desk.guest(), uuid.uuid4()
    first, *_ = desk.live(desk.open_batch(person))
    receipts = desk.at_once([lambda: desk.submit(first, person, desk.CLAW, key)] * 20)
    told = {"position": 0, "done": 1, "size": 10, "shown": None, "after": None}
    assert receipts == [told] * 20
    first.refresh_from_db()
    assert (first.state, first.earlier) == ("answered", [])


def test_all_answers_of_a_batch_at_once_are_all_counted(desk: Any, task: Any) -> None:
    from netgloss.server.tasks import engine

    person = desk.guest()
    batch = desk.open_batch(person)
    receipts = desk.at_once([lambda one=one: desk.submit(one, person) for one in desk.live(batch)])
    assert sorted(receipt["done"] for receipt in receipts) == list(range(1, 11))
    finished = desk.at_once([lambda: engine.finish_batch(batch.pk, person)] * 20)
    assert len({one.finished_at for one in finished}) == 1


def test_people_who_come_back_late_and_new_ones_never_exceed_the_quota(
    desk: Any, clock: Any
) -> None:
    desk.make_task(quota=1, batch_size=8)
    late = [desk.guest() for _ in range(3)]
    batches = [desk.open_batch(person) for person in late]
    clock.pass_by(2 * 3600)
    new = [desk.guest() for _ in range(8)]
    works: list[Callable[[], Any]] = [
        lambda person=person: desk.open_batch(person) for person in new
    ]
    for person, batch in zip(late, batches, strict=True):
        works += [
            lambda one=one, person=person: desk.submit(one, person) for one in desk.live(batch)[:4]
        ]
    results = desk.at_once(works)
    assert {one.code for one in results if isinstance(one, RequestError)} <= {
        "gone",
        "nothing_left",
    }
    desk.check_counts()
    from netgloss.server.tasks.models import Assignment

    kept = sum(isinstance(one, dict) for one in results)
    assert Assignment.objects.filter(state="answered", slot__isnull=False).count() == kept
