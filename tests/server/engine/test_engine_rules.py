"""Whatever people do in whatever order, the engine's promises hold: a machine tries it out."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from netgloss.server.errors import RequestError

PEOPLE = 4
ITEMS = 9
people = st.integers(0, PEOPLE - 1)
places = st.integers(0, 3)
words = st.sampled_from(["claw", "sea", "man"])

EXPECTED = {
    "gone",
    "finished",
    "unfinished",
    "nothing_left",
    "paused",
    "enough",
    "stale",
    "too_soon",
    "unknown",
}


def body_of(word: str) -> dict[str, Any]:
    box = {"type": word, "attributes": ["red"], "x0": 0.0, "y0": 0.0, "x1": 9.0, "y1": 9.0}
    return {"boxes": [box], "nothing": False}


class Engine(RuleBasedStateMachine):
    """People, a clock, and a ledger of every answer that was acknowledged."""

    folder: Path

    def __init__(self) -> None:
        super().__init__()
        from django.utils import timezone

        from netgloss.server.people.models import Person
        from netgloss.server.tasks import engine
        from netgloss.server.tasks.models import Task
        from netgloss.study import Study

        self.engine = engine
        self.now = timezone.now()
        clock = mock.patch.object(timezone, "now", side_effect=lambda: self.now)
        clock.start()
        self.stop_clock = clock.stop
        Person.objects.all().delete()
        Task.objects.all().delete()
        self.task = Task.objects.create(
            name="annotate",
            title="t",
            method="heatmaps",
            quota=2,
            batch_size=4,
            controls=1,
            max_batches=3,
            min_seconds=2,
        )
        engine.sync_items(Study.open(self.folder), self.task)
        keep = self.task.items.order_by("order").values_list("pk", flat=True)[: ITEMS + 2]
        self.task.items.exclude(pk__in=list(keep)).delete()
        self.task.items.filter(pk__in=list(keep)[-2:]).update(expected={"types": ["claw"]})
        self.people = [Person.objects.guest() for _ in range(PEOPLE)]
        self.excluded: set[int] = set()
        self.batches: dict[int, Any] = {}
        self.ledger: dict[uuid.UUID, tuple[dict[str, Any], set[str]]] = {}
        self.receipts: list[tuple[int, uuid.UUID, uuid.UUID, dict[str, Any], Any]] = []

    def teardown(self) -> None:
        self.stop_clock()

    @contextmanager
    def refusable(self) -> Iterator[None]:
        try:
            yield
        except RequestError as fault:
            if fault.code not in EXPECTED:
                raise

    def assignment(self, who: int, place: int) -> Any:
        batch = self.batches.get(who)
        rows = list(batch.assignments.order_by("position", "leased_until")) if batch else []
        return rows[place % len(rows)] if rows else None

    @rule(who=people)
    def open_batch(self, who: int) -> None:
        if who not in self.excluded:
            with self.refusable():
                self.batches[who] = self.engine.open_batch("annotate", self.people[who])

    @rule(who=people, place=places, word=words)
    def answer(self, who: int, place: int, word: str) -> None:
        one = self.assignment(who, place)
        if one is None or who in self.excluded:
            return
        key, body = uuid.uuid4(), body_of(word)
        with self.refusable():
            receipt = self.engine.submit(one.pk, self.people[who], key, body)
            _, before = self.ledger.get(one.pk, (None, set()))
            self.ledger[one.pk] = (body, before | {str(key)})
            self.receipts.append((who, one.pk, key, body, receipt))

    @rule(who=people, word=words)
    def answer_everything_and_finish(self, who: int, word: str) -> None:
        self.look(who, 0)
        self.now += timedelta(seconds=3)
        for place in range(4):
            self.look(who, place)
        self.now += timedelta(seconds=3)
        for place in range(4):
            self.answer(who, place, word)
        if who in self.batches and who not in self.excluded:
            with self.refusable():
                self.engine.finish_batch(self.batches[who].pk, self.people[who])

    @precondition(lambda self: self.receipts)
    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        who, pk, key, body, receipt = data.draw(st.sampled_from(self.receipts))
        if who not in self.excluded:
            assert self.engine.submit(pk, self.people[who], key, body) == receipt
            return
        with pytest.raises(RequestError) as caught:
            self.engine.submit(pk, self.people[who], key, body)
        assert caught.value.code == "excluded"

    @precondition(lambda self: self.receipts)
    @rule(data=st.data(), other=people)
    def retry_for_somebody_else(self, data: st.DataObject, other: int) -> None:
        who, pk, key, body, _ = data.draw(st.sampled_from(self.receipts))
        if who != other:
            with pytest.raises(RequestError) as caught:
                self.engine.submit(pk, self.people[other], key, body)
            assert caught.value.status == 404

    @rule(who=people)
    def come_while_excluded(self, who: int) -> None:
        if who in self.excluded:
            with pytest.raises(RequestError) as caught:
                self.engine.open_batch("annotate", self.people[who])
            assert caught.value.code == "excluded"

    @rule(who=people, place=places, number=st.integers(1, 4), word=words)
    def draft(self, who: int, place: int, number: int, word: str) -> None:
        one = self.assignment(who, place)
        if one is not None and who not in self.excluded:
            with self.refusable():
                assert number == self.engine.save_draft(
                    one.pk, self.people[who], number, body_of(word)
                )
                one.refresh_from_db()
                assert (one.draft_number, one.draft) == (number, body_of(word))

    @rule(who=people, place=places)
    def look(self, who: int, place: int) -> None:
        one = self.assignment(who, place)
        if one is not None and who not in self.excluded:
            with self.refusable():
                self.engine.mark_opened(one.pk, self.people[who])

    @rule(minutes=st.sampled_from([0.05, 20, 61, 300]))
    def time_passes(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(who=people)
    def leave_out(self, who: int) -> None:
        from netgloss.server.organise.people import exclude

        exclude(self.people[who].pk, True, "too fast")
        self.excluded.add(who)

    @rule(who=people)
    def readmit(self, who: int) -> None:
        from netgloss.server.organise.people import exclude

        if who in self.excluded:
            self.excluded.remove(who)
            exclude(self.people[who].pk, False, "")

    @rule(quota=st.integers(1, 3))
    def change_quota(self, quota: int) -> None:
        self.engine.set_quota(self.task, quota)

    @rule(paused=st.booleans())
    def pause(self, paused: bool) -> None:
        type(self.task).objects.update(paused=paused)

    @rule(place=st.integers(0, ITEMS - 1), retired=st.booleans())
    def retire(self, place: int, retired: bool) -> None:
        keys = list(self.task.items.order_by("pk").values_list("pk", flat=True))
        self.task.items.filter(pk=keys[place]).update(retired=retired)

    @invariant()
    def no_quota_is_exceeded_and_every_slot_is_counted(self) -> None:
        from netgloss.server.tasks.models import Assignment

        held = Counter(
            Assignment.objects.filter(slot__isnull=False).values_list("item_id", flat=True)
        )
        for item in self.task.items.all():
            assert item.taken == held[item.pk] <= item.quota

    @invariant()
    def nobody_has_an_image_twice(self) -> None:
        from netgloss.server.tasks.models import Assignment

        had = Counter(Assignment.objects.values_list("person_id", "image"))
        assert max(had.values(), default=1) == 1

    @invariant()
    def every_acknowledged_answer_is_there_once(self) -> None:
        from netgloss.server.tasks.models import Assignment

        answered = {one.pk: one for one in Assignment.objects.filter(state="answered")}
        assert answered.keys() == self.ledger.keys()
        for key, one in answered.items():
            body, keys = self.ledger[key]
            assert one.answer == body
            assert {str(one.key), *(before["key"] for before in one.earlier)} == keys
            assert len(one.earlier) == len(keys) - 1
            assert one.passed == (one.answer == body_of("claw") if one.control else None)

    @invariant()
    def a_batch_has_one_image_at_each_place(self) -> None:
        for batch in self.batches.values():
            rows = batch.assignments.exclude(state="gone")
            positions = list(rows.order_by("position").values_list("position", flat=True))
            assert len(positions) == len(set(positions))
            assert sum(rows.values_list("control", flat=True)) <= 1


def test_the_promises_hold_whatever_happens(database: None, served_study: Path) -> None:
    Engine.folder = served_study
    run_state_machine_as_test(
        Engine,
        settings=settings(
            max_examples=12,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
