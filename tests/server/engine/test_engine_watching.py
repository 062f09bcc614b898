"""Heat maps that come, go or change while the study is served reach the people."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from netgloss.store.locks import writing
from netgloss.store.tables import read_table, write_table

ITEMS = 24


@pytest.fixture
def evidence(served_study: Path) -> Iterator[Path]:
    """The table of heat maps that is served, put back afterwards."""
    table = served_study / "evidence" / "heatmaps" / "items.parquet"
    kept = table.read_bytes()
    yield table
    table.write_bytes(kept)


@pytest.fixture
def watch(task: Any, served_study: Path) -> Any:
    from netgloss.server.tasks.watching import EvidenceWatch

    return EvidenceWatch(served_study)


def rewrite(table: Path, change: Any) -> None:
    write_table(change(read_table(table)), table)


def asked(task: Any) -> int:
    return int(task.items.filter(retired=False).count())


def test_without_a_change_the_database_is_not_asked(watch: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        assert watch.look() == []
    assert len(queries) == 0


def test_new_heat_maps_are_asked_about_once_nobody_writes_them(
    task: Any, watch: Any, evidence: Path, served_study: Path
) -> None:
    whole = read_table(evidence)
    rewrite(evidence, lambda table: table.head(10))
    assert [one.pk for one in watch.look()] == [task.pk]
    assert asked(task) == 10
    with writing(served_study, "evidence-heatmaps"):
        rewrite(evidence, lambda _: whole)
        assert watch.look() == []
    assert asked(task) == 10
    assert [one.pk for one in watch.look()] == [task.pk]
    assert asked(task) == ITEMS
    assert task.items.count() == ITEMS
    assert watch.look() == []


def test_what_cannot_be_read_changes_nothing_and_is_tried_again(
    task: Any, watch: Any, evidence: Path
) -> None:
    kept = evidence.read_bytes()
    evidence.write_bytes(b"half a table")
    assert watch.look() == []
    evidence.unlink()
    assert watch.look() == []
    assert asked(task) == ITEMS
    evidence.write_bytes(kept)
    assert [one.pk for one in watch.look()] == [task.pk]
    assert asked(task) == ITEMS


def test_answers_stay_when_their_heat_maps_go_and_open_images_are_replaced(
    desk: Any, task: Any, watch: Any, evidence: Path
) -> None:
    from netgloss.server.organise.finished import answers_of
    from netgloss.server.tasks.views import batch_view

    person, key = desk.guest(), uuid.uuid4()
    batch = desk.open_batch(person)
    answered, opened, *_ = desk.live(batch)
    receipt = desk.submit(answered, person, desk.CLAW, key)
    gone = {answered.image, opened.image}
    rewrite(evidence, lambda table: table[~table["image"].isin(gone)])
    # Until the server has noticed: nothing is lost, and the page tries again.
    desk.refused(lambda: desk.submit(opened, person), "renewed", 503)
    assert len(batch_view(batch)["assignments"]) == 8
    watch.look()
    desk.refused(lambda: desk.submit(opened, person), "gone")
    desk.refused(lambda: desk.submit(answered, person), "gone")
    assert desk.submit(answered, person, desk.CLAW, key) == receipt
    now = desk.live(desk.open_batch(person))
    assert [one.position for one in now] == list(range(10))
    assert {one.image for one in now} & gone == {answered.image}
    desk.answer_all(person)
    assert answered.image in {one.image for one in answers_of(task)}
    desk.check_counts()


def test_a_changed_heat_map_of_an_image_is_a_new_item_that_nobody_gets_twice(
    desk: Any, task: Any, watch: Any, evidence: Path
) -> None:
    person = desk.guest()
    first, *_ = desk.live(desk.answer_all(person))
    renamed = f"heatmaps/{10 * ITEMS:06d}"
    rewrite(
        evidence,
        lambda table: table.assign(
            evidence=table["evidence"].where(table["image"] != first.image, renamed)
        ),
    )
    watch.look()
    assert task.items.get(evidence=renamed).image == first.image
    assert task.items.get(pk=first.item_id).retired
    type(task).objects.update(batch_size=2 * ITEMS)
    rest = {one.image for one in desk.live(desk.open_batch(person))}
    assert first.image not in rest
    assert renamed in {one.item.evidence for one in desk.live(desk.open_batch(desk.guest()))}


def test_a_served_study_notices_by_itself(
    task: Any, evidence: Path, served_study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from netgloss.server.tasks import watching

    monkeypatch.setattr(watching, "_LOOK_SECONDS", 0.05)
    noticed, ended = threading.Event(), threading.Event()
    thread = watching.watch(watching.EvidenceWatch(served_study), lambda _: noticed.set(), ended)
    rewrite(evidence, lambda table: table.head(5))
    assert noticed.wait(30)
    assert asked(task) == 5
    ended.set()
    thread.join(30)
    assert not thread.is_alive()
