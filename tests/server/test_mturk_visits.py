"""A panel's visit has one batch: whoever comes again is shown its end, not a second one."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest

NOTHING = {"boxes": [], "nothing": True}
PROLIFIC = "/from/prolific?PROLIFIC_PID=5f3a9c&STUDY_ID=s1&SESSION_ID="


@pytest.fixture
def task(database: None, served_study: Path) -> Any:
    """A task of short batches, without waiting or consent."""
    from netgloss.server.tasks import engine
    from netgloss.server.tasks.models import Task
    from netgloss.study import Study

    made = engine.set_up(Study.open(served_study))
    Task.objects.update(min_seconds=0, batch_size=2, controls=0, consent="", quota=3)
    return made


@pytest.fixture
def prolific(task: Any) -> Any:
    from netgloss.server.people.panels import find_panel

    panel = find_panel("prolific")
    panel.completed_code = "DONE"
    panel.save()
    return panel


class Frame:
    """Somebody in a frame of Mechanical Turk's, who has a token and no cookies."""

    def __init__(self, assignment: str, worker: str = "AW1", hit: str = "H1") -> None:
        from django.test import Client

        self.client = Client(enforce_csrf_checks=True)
        self.headers: dict[str, str] = {}
        body = {"panel": "mturk", "person": worker, "study": hit, "session": assignment}
        self.entered = self.post("/panel-tokens", body).json()
        self.headers = {"Authorization": f"Bearer {self.entered['token']}"}

    def post(self, path: str, body: Any = None) -> Any:
        return self.client.post(
            f"/api{path}", body or {}, content_type="application/json", headers=self.headers
        )


def work(person: Any, finish: bool = True) -> str:
    """Answers the open or a new batch."""
    batch = person.post("/tasks/annotate/batch").json()
    for assignment in batch["assignments"]:
        body = {"key": str(uuid.uuid4()), "body": NOTHING}
        answer = person.post(f"/assignments/{assignment['id']}/answer", body)
        assert answer.status_code == 200, answer.content
    if finish:
        assert person.post(f"/batches/{batch['id']}/finish").json()["finished"]
    return str(batch["id"])


def test_a_second_batch_on_one_visit_is_refused_and_the_first_is_named(
    visitor: Callable[[], Any], prolific: Any
) -> None:
    from netgloss.server.tasks.models import Batch

    somebody = visitor()
    assert somebody.client.get(PROLIFIC + "t1").headers["Location"] == "/annotate"
    batch = work(somebody)
    again = somebody.post("/tasks/annotate/batch")
    assert again.status_code == 409
    error = again.json()["error"]
    assert (error["code"], error["batch"]) == ("visit_done", batch)
    end = somebody.post(f"/batches/{batch}/finish").json()
    assert (end["more"], end["completion"]["code"]) == (False, "DONE")
    # On another device, too, the link leads to the code.
    location = visitor().client.get(PROLIFIC + "t1").headers["Location"]
    assert location == f"/annotate/finished/{batch}"
    assert Batch.objects.count() == 1


def test_another_visit_of_the_same_person_has_another_batch(
    visitor: Callable[[], Any], prolific: Any
) -> None:
    somebody = visitor()
    somebody.client.get(PROLIFIC + "t1")
    first = work(somebody)
    assert somebody.client.get(PROLIFIC + "t2").headers["Location"] == "/annotate"
    assert work(somebody) != first


def test_a_new_visit_goes_on_with_the_open_batch_and_ends_as_the_new_one(
    visitor: Callable[[], Any], prolific: Any
) -> None:
    """Returned on Prolific and taken again: the code is for the submission that counts."""
    from netgloss.server.tasks.models import Batch

    prolific.completion_url = "https://panel.example/done?cc={code}&session={session}"
    prolific.save()
    first, second = visitor(), visitor()
    first.client.get(PROLIFIC + "t1")
    batch = work(first, finish=False)
    second.client.get(PROLIFIC + "t2")
    assert work(second, finish=False) == batch
    assert Batch.objects.get().panel_session == "s1/t2"
    end = second.post(f"/batches/{batch}/finish").json()
    assert end["completion"]["url"] == "https://panel.example/done?cc=DONE&session=t2"
    assert second.post("/tasks/annotate/batch").json()["error"]["code"] == "visit_done"
    # The first visit has no batch of its own any more, and may have one.
    assert first.post(f"/batches/{batch}/finish").json()["more"]
    assert work(first) != batch


def test_a_finished_visit_does_not_take_over_the_open_batch_of_another(task: Any) -> None:
    from netgloss.server.tasks.models import Batch

    first = Frame("A1")
    done = work(first)
    second = Frame("A2")
    open_batch = second.post("/tasks/annotate/batch").json()["id"]
    assert first.post("/tasks/annotate/batch").json()["error"]["batch"] == done
    assert Batch.objects.get(pk=open_batch).panel_session == "H1/A2"


def test_in_the_frame_a_finished_visit_is_told_at_once(task: Any) -> None:
    assert Frame("A1").entered["finished"] is None
    batch = work(Frame("A1"))
    assert Frame("A1").entered["finished"] == batch
    assert Frame("A2").entered["finished"] is None
    # The same assignment after it was given back goes to somebody else, who has done nothing yet.
    assert Frame("A1", worker="AW2").entered["finished"] is None


@pytest.mark.parametrize("query", ["?PROLIFIC_PID=7&STUDY_ID=s1", "?PROLIFIC_PID=7"])
def test_without_a_session_nobody_is_limited(
    visitor: Callable[[], Any], prolific: Any, query: str
) -> None:
    somebody = visitor()
    somebody.client.get(f"/from/prolific{query}")
    first = work(somebody)
    assert somebody.post(f"/batches/{first}/finish").json()["more"]
    assert somebody.client.get(f"/from/prolific{query}").headers["Location"] == "/annotate"
    assert work(somebody) != first


def test_a_guest_is_not_limited(visitor: Callable[[], Any], task: Any) -> None:
    guest = visitor()
    guest.post("/guests")
    assert work(guest) != work(guest)


def test_a_batch_whose_images_all_went_to_others_does_not_use_up_the_visit(task: Any) -> None:
    from django.utils import timezone

    from netgloss.server.tasks.models import GONE, Assignment, Batch

    frame = Frame("A1")
    empty = frame.post("/tasks/annotate/batch").json()["id"]
    Assignment.objects.update(state=GONE, slot=None)
    Batch.objects.update(finished_at=timezone.now())
    assert Frame("A1").entered["finished"] is None
    assert work(frame) != empty


def test_many_at_once_on_one_visit_get_one_batch(task: Any) -> None:
    """Some ask for a batch while others finish it: no moment between lets a second one through."""
    from django.db import connections

    from netgloss.server.tasks.models import Batch

    frame = Frame("A1")
    batch = work(frame, finish=False)
    people = [Frame("A1") for _ in range(8)]
    begin = Barrier(len(people))
    codes = []

    def press(number: int) -> None:
        begin.wait()
        if number % 2:
            people[number].post(f"/batches/{batch}/finish")
        answer = people[number].post("/tasks/annotate/batch").json()
        codes.append(answer["error"]["code"] if "error" in answer else answer["id"])
        connections.close_all()

    threads = [Thread(target=press, args=(number,)) for number in range(len(people))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(codes) <= {batch, "visit_done"}
    assert "visit_done" in codes
    assert Batch.objects.count() == 1
