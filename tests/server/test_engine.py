"""The engine hands out, keeps and counts, on both databases, also when everybody comes at once."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from netgloss.server.errors import RequestError

T = TypeVar("T")

CLAW = {
    "boxes": [{"type": "claw", "attributes": ["red"], "x0": 1, "y0": 2, "x1": 30, "y1": 40}],
    "nothing": False,
}
NOTHING = {"boxes": [], "nothing": True}
ITEMS = 24


class Clock:
    """The server's clock, which a test turns on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from django.utils import timezone

        self.now = timezone.now()
        monkeypatch.setattr(timezone, "now", lambda: self.now)

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock(database: None, monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def task(database: None, served_study: Path) -> Any:
    """A task without waiting, controls or consent."""
    return make_task(served_study)


def make_task(folder: Path, **settings: Any) -> Any:
    from netgloss.server.tasks import engine
    from netgloss.server.tasks.models import Task
    from netgloss.study import Study

    settings = {"min_seconds": 0, "controls": 0, "quota": 2, "batch_size": 10, **settings}
    task = Task.objects.create(name="annotate", title="t", method="heatmaps", **settings)
    engine.sync_items(Study.open(folder), task)
    return task


def guest() -> Any:
    from netgloss.server.people.models import Person

    return Person.objects.guest()


def open_batch(person: Any) -> Any:
    from netgloss.server.tasks import engine

    return engine.open_batch("annotate", person)


def live(batch: Any) -> list[Any]:
    return list(batch.assignments.exclude(state="gone").order_by("position"))


def submit(assignment: Any, person: Any, body: Any = CLAW, key: uuid.UUID | None = None) -> Any:
    from netgloss.server.tasks import engine

    return engine.submit(assignment.pk, person, key or uuid.uuid4(), body)


def answer_all(person: Any) -> Any:
    from netgloss.server.tasks import engine

    batch = open_batch(person)
    for assignment in live(batch):
        if assignment.state == "open":
            submit(assignment, person)
    return engine.finish_batch(batch.pk, person)


def refused(work: Callable[[], Any], code: str, status: int = 409) -> RequestError:
    with pytest.raises(RequestError) as caught:
        work()
    assert (caught.value.code, caught.value.status) == (code, status)
    return caught.value


def at_once(works: list[Callable[[], T]]) -> list[T | RequestError]:
    """What each returned or was refused with; all begin at the same moment."""
    from django.db import connections

    barrier = threading.Barrier(len(works))
    results: list[Any] = [None] * len(works)

    def run(place: int) -> None:
        barrier.wait()
        try:
            results[place] = works[place]()
        except Exception as fault:
            results[place] = fault
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    crashed = [one for one in results if isinstance(one, Exception)]
    assert [one for one in crashed if not isinstance(one, RequestError)] == []
    return results


def check_counts() -> None:
    """No item over its quota, no slot miscounted, nobody with an image twice."""
    from netgloss.server.tasks.models import Assignment, Item

    held = Counter(Assignment.objects.filter(slot__isnull=False).values_list("item_id", flat=True))
    for item in Item.objects.all():
        assert item.taken == held[item.pk] <= item.quota
    had = Counter(Assignment.objects.values_list("person_id", "image"))
    assert not had or max(had.values()) == 1
    assert not Assignment.objects.filter(control=True, slot__isnull=False).exists()


# ------------------------------------------------------------------------------------ items


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


def test_a_smaller_quota_keeps_the_slots_that_are_held(task: Any) -> None:
    from netgloss.server.tasks import engine

    answer_all(guest())
    answer_all(guest())
    engine.set_quota(task, 1)
    check_counts()
    assert set(task.items.values_list("quota", flat=True)) == {1}
    engine.set_quota(task, 4)
    assert set(task.items.values_list("quota", flat=True)) == {4}


# ------------------------------------------------------------------------------ handing out


def test_a_batch_is_handed_out_whole_and_asking_again_gives_the_same(task: Any) -> None:
    person = guest()
    batch = open_batch(person)
    assert [one.position for one in live(batch)] == list(range(10))
    assert {one.slot for one in live(batch)} == {1}
    assert open_batch(person).pk == batch.pk
    check_counts()


def test_the_least_answered_come_first(task: Any) -> None:
    for _ in range(3):
        answer_all(guest())
    taken = task.items.values_list("taken", flat=True)
    assert max(taken) - min(taken) <= 1
    assert sum(taken) == 30


def test_nobody_gets_an_image_twice_and_everything_runs_out(task: Any) -> None:
    first, second = guest(), guest()
    sizes = [len(live(answer_all(first))) for _ in range(3)]
    assert sizes == [10, 10, 4]
    refused(lambda: open_batch(first), "nothing_left")
    for _ in range(3):
        answer_all(second)
    check_counts()
    assert set(task.items.values_list("taken", flat=True)) == {2}
    refused(lambda: open_batch(guest()), "nothing_left")
    assert not Counter(task.batch_set.values_list("finished_at", flat=True))[None]


def test_two_heat_maps_of_one_image_never_go_to_one_person(task: Any) -> None:
    for item in list(task.items.all()):
        task.items.create(evidence=f"{item.evidence}b", image=item.image, quota=2, order=item.order)
    type(task).objects.update(batch_size=2 * ITEMS)
    images = [one.image for one in live(open_batch(guest()))]
    assert len(images) == len(set(images)) == ITEMS


def test_pausing_stops_new_batches_but_not_the_open_one(task: Any) -> None:
    person = guest()
    batch = open_batch(person)
    type(task).objects.update(paused=True)
    assert open_batch(person).pk == batch.pk
    answer_all(person)
    refused(lambda: open_batch(person), "paused")


def test_consent_is_asked_for_again_when_its_text_changes(task: Any) -> None:
    from netgloss.server.tasks.models import Consent
    from netgloss.server.tasks.texts import version

    person = guest()
    type(task).objects.update(consent="Do you agree?")
    refused(lambda: open_batch(person), "consent_needed")
    Consent.objects.create(person=person, task=task, text=version("Do you agree?"))
    answer_all(person)
    type(task).objects.update(consent="Do you really agree?")
    refused(lambda: open_batch(person), "consent_needed")


def test_there_is_a_most_number_of_batches(task: Any) -> None:
    person = guest()
    type(task).objects.update(max_batches=2, batch_size=3)
    answer_all(person)
    answer_all(person)
    refused(lambda: open_batch(person), "enough")
    assert open_batch(guest())


def test_an_unknown_task_is_not_there(task: Any) -> None:
    from netgloss.server.tasks import engine

    refused(lambda: engine.open_batch("other", guest()), "unknown", 404)


# --------------------------------------------------------------------------------- controls


def test_a_control_item_comes_early_at_an_unforeseeable_place_and_takes_no_slot(task: Any) -> None:
    control = task.items.order_by("pk").first()
    task.items.filter(pk=control.pk).update(expected={"types": ["claw"]})
    type(task).objects.update(controls=1, quota=99)
    task.items.update(quota=99)
    places = []
    for _ in range(12):
        batch = open_batch(guest())
        (checked,) = [one for one in live(batch) if one.control]
        assert checked.item_id == control.pk
        assert len(live(batch)) == 10
        places.append(checked.position)
    assert set(places) <= {1, 2, 3, 4}
    assert len(set(places)) > 1
    check_counts()
    assert task.items.get(pk=control.pk).taken == 0


def test_a_control_item_is_judged_and_a_correction_judged_again(task: Any) -> None:
    item = task.items.order_by("pk").first()
    task.items.filter(pk=item.pk).update(expected={"types": ["claw"]})
    type(task).objects.update(controls=1)
    person = guest()
    batch = open_batch(person)
    (control,) = [one for one in live(batch) if one.control]
    assert submit(control, person, NOTHING).keys() == {"position", "done", "size"}
    control.refresh_from_db()
    assert control.passed is False
    submit(control, person, CLAW)
    control.refresh_from_db()
    assert control.passed is True
    other = next(one for one in live(batch) if not one.control)
    submit(other, person)
    other.refresh_from_db()
    assert other.passed is None


def test_a_person_has_a_control_item_once(task: Any) -> None:
    item = task.items.order_by("pk").first()
    task.items.filter(pk=item.pk).update(expected={"types": ["claw"]})
    type(task).objects.update(controls=1)
    person = guest()
    batches = [live(answer_all(person)) for _ in range(2)]
    assert [sum(one.control for one in batch) for batch in batches] == [1, 0]


# --------------------------------------------------------------------- answers and corrections


def test_an_answer_is_kept_once_and_a_retry_gets_the_same_receipt(task: Any) -> None:
    person, key = guest(), uuid.uuid4()
    first, second, *_ = live(open_batch(person))
    receipt = submit(first, person, CLAW, key)
    assert receipt == {"position": 0, "done": 1, "size": 10}
    assert submit(second, person) == {"position": 1, "done": 2, "size": 10}
    assert submit(first, person, CLAW, key) == receipt
    first.refresh_from_db()
    assert (first.state, first.earlier, first.key) == ("answered", [], key)
    assert first.answer["boxes"][0]["type"] == "claw"


def test_a_correction_keeps_the_answer_before_and_a_late_retry_does_not_undo_it(task: Any) -> None:
    person, old, new = guest(), uuid.uuid4(), uuid.uuid4()
    first, *_ = live(open_batch(person))
    receipt = submit(first, person, CLAW, old)
    assert submit(first, person, NOTHING, new)["done"] == 1
    assert submit(first, person, CLAW, old) == receipt
    first.refresh_from_db()
    assert first.answer == NOTHING
    assert [one["key"] for one in first.earlier] == [str(old)]
    assert first.earlier[0]["body"]["boxes"][0]["type"] == "claw"


def test_a_finished_batch_takes_no_correction_but_knows_its_receipts(task: Any) -> None:
    from netgloss.server.tasks import engine

    person, key = guest(), uuid.uuid4()
    batch = open_batch(person)
    first, *_ = live(batch)
    receipt = submit(first, person, CLAW, key)
    assert refused(lambda: engine.finish_batch(batch.pk, person), "unfinished").details == {
        "positions": list(range(1, 10))
    }
    answer_all(person)
    assert engine.finish_batch(batch.pk, person).finished_at
    assert submit(first, person, CLAW, key) == receipt
    refused(lambda: submit(first, person, NOTHING), "finished")


def test_corrections_come_to_an_end(task: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from netgloss.server.tasks import submitting

    monkeypatch.setattr(submitting, "_CORRECTIONS", 3)
    person = guest()
    first, *_ = live(open_batch(person))
    for _ in range(4):
        submit(first, person)
    refused(lambda: submit(first, person), "too_many")


def test_what_belongs_to_somebody_else_is_not_there(task: Any) -> None:
    from netgloss.server.tasks import engine

    person, other = guest(), guest()
    batch = open_batch(person)
    first, *_ = live(batch)
    key = uuid.uuid4()
    submit(first, person, CLAW, key)
    for work in (
        lambda: submit(first, other, CLAW, key),
        lambda: engine.save_draft(first.pk, other, 1, NOTHING),
        lambda: engine.mark_opened(first.pk, other),
        lambda: engine.resume_batch(batch.pk, other),
        lambda: engine.finish_batch(batch.pk, other),
        lambda: engine.finish_batch(uuid.uuid4(), person),
    ):
        refused(work, "unknown", 404)


def test_an_incomplete_answer_changes_nothing(task: Any) -> None:
    person = guest()
    first, *_ = live(open_batch(person))
    fault = refused(lambda: submit(first, person, {"boxes": []}), "incomplete", 422)
    assert fault.details["where"] == "boxes"
    first.refresh_from_db()
    assert (first.state, first.answer) == ("open", None)


# ------------------------------------------------------------------------------------ drafts


def test_a_newer_draft_is_never_overwritten_by_an_older_one(task: Any) -> None:
    from netgloss.server.tasks import engine

    person = guest()
    first, *_ = live(open_batch(person))
    assert engine.save_draft(first.pk, person, 2, CLAW) == 2
    assert engine.save_draft(first.pk, person, 2, CLAW) == 2
    for number, body in ((1, NOTHING), (2, NOTHING)):
        fault = refused(
            lambda number=number, body=body: engine.save_draft(first.pk, person, number, body),
            "stale",
        )
        assert fault.details["number"] == 2
        assert fault.details["body"]["boxes"][0]["type"] == "claw"
    assert engine.save_draft(first.pk, person, 3, NOTHING) == 3
    submit(first, person)
    fault = refused(lambda: engine.save_draft(first.pk, person, 3, NOTHING), "stale")
    assert fault.details["body"]["boxes"][0]["type"] == "claw"


# -------------------------------------------------------------------------------------- time


def test_an_answer_before_the_minimum_time_is_not_taken(clock: Clock, served_study: Path) -> None:
    from netgloss.server.tasks import engine

    make_task(served_study, min_seconds=5)
    person = guest()
    first, second, *_ = live(open_batch(person))
    assert engine.mark_opened(first.pk, person) == 5.0
    clock.pass_by(3)
    assert refused(lambda: submit(first, person), "too_soon").details == {"seconds_to_wait": 2.0}
    # Shown again: the clock does not start anew.
    assert engine.mark_opened(first.pk, person) == 2.0
    clock.pass_by(2)
    submit(first, person)
    # A page that never said "opened" starts the clock with its first try.
    assert refused(lambda: submit(second, person), "too_soon").details == {"seconds_to_wait": 5.0}
    clock.pass_by(5)
    submit(second, person)


def test_active_time_counts_long_gaps_as_a_minute(clock: Clock, served_study: Path) -> None:
    from netgloss.server.tasks import engine

    make_task(served_study)
    person = guest()
    first, *_ = live(open_batch(person))
    engine.mark_opened(first.pk, person)
    clock.pass_by(20)
    engine.save_draft(first.pk, person, 1, NOTHING)
    clock.pass_by(1000)
    engine.save_draft(first.pk, person, 2, CLAW)
    # Elsewhere in between: shown again, the time goes on from there.
    clock.pass_by(40)
    engine.mark_opened(first.pk, person)
    clock.pass_by(7.5)
    submit(first, person)
    first.refresh_from_db()
    assert first.seconds == pytest.approx(20 + 60 + 7.5)


def test_every_action_renews_the_lease_of_the_whole_batch(clock: Clock, served_study: Path) -> None:
    from netgloss.server.tasks import engine

    task = make_task(served_study, quota=1, batch_size=ITEMS)
    person = guest()
    first, *_ = live(open_batch(person))
    for number in range(5):
        clock.pass_by(40 * 60)
        engine.save_draft(first.pk, person, number + 1, NOTHING)
        refused(lambda: open_batch(guest()), "nothing_left")
    clock.pass_by(61 * 60)
    open_batch(guest())
    assert task.items.filter(taken=1).count() == ITEMS
    check_counts()


def test_whoever_comes_back_late_goes_on_where_slots_are_free(
    clock: Clock, served_study: Path
) -> None:
    task = make_task(served_study, quota=1, batch_size=6)
    person = guest()
    batch = open_batch(person)
    before = live(batch)
    clock.pass_by(2 * 3600)
    task.items.update(quota=2)
    # Everything free is taken, so that the lapsed leases are needed.
    for _ in range(3):
        open_batch(guest())
    check_counts()
    submit(before[0], person)
    assert [one.pk for one in live(open_batch(person))] == [one.pk for one in before]
    assert all(one.slot for one in live(batch))
    check_counts()


def test_what_has_gone_to_others_is_replaced_and_stays_gone(
    clock: Clock, served_study: Path
) -> None:
    from netgloss.server.tasks import engine

    task = make_task(served_study, quota=1, batch_size=3)
    person, key = guest(), uuid.uuid4()
    batch = open_batch(person)
    lost = live(batch)
    clock.pass_by(2 * 3600)
    for item in task.items.exclude(pk__in=[one.item_id for one in lost]):
        task.items.filter(pk=item.pk).update(retired=True)
    other = guest()
    assert {one.item_id for one in live(open_batch(other))} == {one.item_id for one in lost}
    task.items.update(retired=False)
    for _ in range(2):
        refused(lambda: submit(lost[1], person, CLAW, key), "gone")
    now = live(batch)
    assert [one.position for one in now] == [0, 1, 2]
    assert now[1].pk != lost[1].pk
    assert now[1].image not in {one.image for one in lost}
    whole = live(engine.resume_batch(batch.pk, person))
    assert {one.pk for one in whole}.isdisjoint({one.pk for one in lost})
    assert all(one.slot == 1 for one in whole)
    check_counts()
    answer_all(person)
    had = {one.image for one in lost}
    assert had.isdisjoint(one.image for one in live(open_batch(person)))


def test_a_batch_whose_images_all_went_ends_by_itself(clock: Clock, served_study: Path) -> None:
    make_task(served_study, quota=1, batch_size=ITEMS, max_batches=1)
    person, other = guest(), guest()
    batch = open_batch(person)
    clock.pass_by(2 * 3600)
    open_batch(other)
    refused(lambda: open_batch(person), "nothing_left")
    refused(lambda: open_batch(person), "nothing_left")
    clock.pass_by(2 * 3600)
    # The other one's leases lapsed, but the person has had every image.
    refused(lambda: open_batch(person), "nothing_left")
    third = open_batch(guest())
    assert len(live(third)) == ITEMS
    assert batch.assignments.filter(state="gone").count() in (0, ITEMS)
    check_counts()


# --------------------------------------------------------------------------------- exclusion


def test_an_excluded_persons_slots_go_to_others_and_come_back_where_free(task: Any) -> None:
    from netgloss.server.tasks import engine

    task.items.update(quota=1)
    cheat = guest()
    batch = answer_all(cheat)
    assert engine.free_slots(cheat) == 10
    assert engine.free_slots(cheat) == 0
    check_counts()
    type(task).objects.update(batch_size=6)
    taken = {one.item_id for one in live(answer_all(guest()))}
    lost = [one for one in live(batch) if one.item_id in taken]
    assert len(lost) == 6
    assert engine.take_back_slots(cheat) == 4
    assert {one.pk for one in live(batch) if one.slot is None} == {one.pk for one in lost}
    check_counts()


# -------------------------------------------------------------------------- all at the same time


def test_twenty_windows_of_one_person_get_one_batch(task: Any) -> None:
    from netgloss.server.tasks.models import Assignment, Batch

    person = guest()
    batches = at_once([lambda: open_batch(person)] * 20)
    assert len({batch.pk for batch in batches}) == 1  # type: ignore[union-attr]
    assert (Batch.objects.count(), Assignment.objects.count()) == (1, 10)
    check_counts()


def test_twenty_people_at_once_share_what_there_is(task: Any) -> None:
    people = [guest() for _ in range(20)]
    results = at_once([lambda person=person: open_batch(person) for person in people])
    given = [one for one in results if not isinstance(one, RequestError)]
    assert all(one.code == "nothing_left" for one in results if isinstance(one, RequestError))
    # 48 slots in batches of 10: nobody may go away while something is left.
    assert set(task.items.values_list("taken", flat=True)) == {2}
    assert sum(len(live(batch)) for batch in given) == 48
    check_counts()


def test_twenty_identical_submits_are_one_answer(task: Any) -> None:
    person, key = guest(), uuid.uuid4()
    first, *_ = live(open_batch(person))
    receipts = at_once([lambda: submit(first, person, CLAW, key)] * 20)
    assert receipts == [{"position": 0, "done": 1, "size": 10}] * 20
    first.refresh_from_db()
    assert (first.state, first.earlier) == ("answered", [])


def test_all_answers_of_a_batch_at_once_are_all_counted(task: Any) -> None:
    from netgloss.server.tasks import engine

    person = guest()
    batch = open_batch(person)
    receipts = at_once([lambda one=one: submit(one, person) for one in live(batch)])
    assert sorted(receipt["done"] for receipt in receipts) == list(range(1, 11))  # type: ignore[index]
    finished = at_once([lambda: engine.finish_batch(batch.pk, person)] * 20)
    assert len({one.finished_at for one in finished}) == 1  # type: ignore[union-attr]


def test_people_who_come_back_late_and_new_ones_never_exceed_the_quota(
    clock: Clock, served_study: Path
) -> None:
    make_task(served_study, quota=1, batch_size=8)
    late = [guest() for _ in range(3)]
    batches = [open_batch(person) for person in late]
    clock.pass_by(2 * 3600)
    new = [guest() for _ in range(8)]
    works: list[Callable[[], Any]] = [lambda person=person: open_batch(person) for person in new]
    for person, batch in zip(late, batches, strict=True):
        works += [lambda one=one, person=person: submit(one, person) for one in live(batch)[:4]]
    results = at_once(works)
    assert {one.code for one in results if isinstance(one, RequestError)} <= {
        "gone",
        "nothing_left",
    }
    check_counts()
    from netgloss.server.tasks.models import Assignment

    kept = sum(isinstance(one, dict) for one in results)
    assert Assignment.objects.filter(state="answered", slot__isnull=False).count() == kept
