"""Answers, corrections and drafts are kept, and only their own person finds them."""

from __future__ import annotations

import uuid
from typing import Any

import pytest


def test_an_answer_is_kept_once_and_a_retry_gets_the_same_receipt(desk: Any, task: Any) -> None:
    person, key = desk.guest(), uuid.uuid4()
    first, second, *_ = desk.live(desk.open_batch(person))
    receipt = desk.submit(first, person, desk.CLAW, key)
    told = {"size": 10, "shown": None, "after": None}
    assert receipt == {"position": 0, "done": 1, **told}
    assert desk.submit(second, person) == {"position": 1, "done": 2, **told}
    assert desk.submit(first, person, desk.CLAW, key) == receipt
    first.refresh_from_db()
    assert (first.state, first.earlier, first.key) == ("answered", [], key)
    assert first.answer["boxes"][0]["type"] == "claw"


def test_a_correction_keeps_the_answer_before_and_a_late_retry_does_not_undo_it(
    desk: Any, task: Any
) -> None:
    person, old, new = desk.guest(), uuid.uuid4(), uuid.uuid4()
    first, *_ = desk.live(desk.open_batch(person))
    receipt = desk.submit(first, person, desk.CLAW, old)
    assert desk.submit(first, person, desk.NOTHING, new)["done"] == 1
    assert desk.submit(first, person, desk.CLAW, old) == receipt
    first.refresh_from_db()
    assert first.answer == desk.NOTHING
    assert [one["key"] for one in first.earlier] == [str(old)]
    assert first.earlier[0]["body"]["boxes"][0]["type"] == "claw"


def test_a_finished_batch_takes_no_correction_but_knows_its_receipts(desk: Any, task: Any) -> None:
    from netgloss.server.tasks import engine

    person, key = desk.guest(), uuid.uuid4()
    batch = desk.open_batch(person)
    first, *_ = desk.live(batch)
    receipt = desk.submit(first, person, desk.CLAW, key)
    assert desk.refused(lambda: engine.finish_batch(batch.pk, person), "unfinished").details == {
        "positions": list(range(1, 10))
    }
    desk.answer_all(person)
    assert engine.finish_batch(batch.pk, person).finished_at
    assert desk.submit(first, person, desk.CLAW, key) == receipt
    desk.refused(lambda: desk.submit(first, person, desk.NOTHING), "finished")


def test_corrections_come_to_an_end(desk: Any, task: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from netgloss.server.tasks import submitting

    monkeypatch.setattr(submitting, "_CORRECTIONS", 3)
    person = desk.guest()
    first, *_ = desk.live(desk.open_batch(person))
    for _ in range(4):
        desk.submit(first, person)
    desk.refused(lambda: desk.submit(first, person), "too_many")


def test_what_belongs_to_somebody_else_is_not_there(desk: Any, task: Any) -> None:
    from netgloss.server.tasks import engine

    person, other = desk.guest(), desk.guest()
    batch = desk.open_batch(person)
    first, *_ = desk.live(batch)
    key = uuid.uuid4()
    desk.submit(first, person, desk.CLAW, key)
    for work in (
        lambda: desk.submit(first, other, desk.CLAW, key),
        lambda: engine.save_draft(first.pk, other, 1, desk.NOTHING),
        lambda: engine.mark_opened(first.pk, other),
        lambda: engine.resume_batch(batch.pk, other),
        lambda: engine.finish_batch(batch.pk, other),
        lambda: engine.finish_batch(uuid.uuid4(), person),
    ):
        desk.refused(work, "unknown", 404)


def test_an_incomplete_answer_changes_nothing(desk: Any, task: Any) -> None:
    person = desk.guest()
    first, *_ = desk.live(desk.open_batch(person))
    fault = desk.refused(lambda: desk.submit(first, person, {"boxes": []}), "incomplete", 422)
    assert fault.details["where"] == "boxes"
    first.refresh_from_db()
    assert (first.state, first.answer) == ("open", None)


def test_a_newer_draft_is_never_overwritten_by_an_older_one(desk: Any, task: Any) -> None:
    from netgloss.server.tasks import engine

    person = desk.guest()
    first, *_ = desk.live(desk.open_batch(person))
    assert engine.save_draft(first.pk, person, 2, desk.CLAW) == 2
    assert engine.save_draft(first.pk, person, 2, desk.CLAW) == 2
    for number, body in ((1, desk.NOTHING), (2, desk.NOTHING)):
        fault = desk.refused(
            lambda number=number, body=body: engine.save_draft(first.pk, person, number, body),
            "stale",
        )
        assert fault.details["number"] == 2
        assert fault.details["body"]["boxes"][0]["type"] == "claw"
    assert engine.save_draft(first.pk, person, 3, desk.NOTHING) == 3
    desk.submit(first, person)
    fault = desk.refused(lambda: engine.save_draft(first.pk, person, 3, desk.NOTHING), "stale")
    assert fault.details["body"]["boxes"][0]["type"] == "claw"
