"""The tasks over HTTP: what a participant is told, in how few queries, and what never."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path
from typing import Any

import pytest

CLAW: dict[str, Any] = {
    "boxes": [{"type": "claw", "attributes": ["red"], "x0": 1, "y0": 2, "x1": 30, "y1": 40}],
    "nothing": False,
}


class Browser:
    """A browser with cookies, signed in as a new guest."""

    def __init__(self) -> None:
        from django.test import Client

        self.client = Client()
        assert self.post("/guests").status_code == 201

    def get(self, path: str) -> Any:
        return self.client.get(f"/api{path}")

    def post(self, path: str, **body: Any) -> Any:
        return self.client.post(f"/api{path}", body, content_type="application/json")

    def put(self, path: str, **body: Any) -> Any:
        return self.client.put(f"/api{path}", body, content_type="application/json")

    def answer(self, assignment: dict[str, Any], body: Any = CLAW) -> Any:
        return self.post(f"/assignments/{assignment['id']}/answer", key=uuid.uuid4(), body=body)


@pytest.fixture
def task(database: None, served_study: Path) -> Any:
    """The task as it is set up at the first start, but without waiting."""
    from netgloss.server.tasks import engine
    from netgloss.server.tasks.models import Task
    from netgloss.study import Study

    made = engine.set_up(Study.open(served_study))
    Task.objects.update(min_seconds=0, batch_size=4, consent="")
    return Task.objects.get(pk=made.pk)


@pytest.fixture
def browser(task: Any) -> Browser:
    return Browser()


def code_of(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def test_a_whole_batch_from_consent_to_the_form_after_it(browser: Browser, task: Any) -> None:
    type(task).objects.update(consent="**Do** you agree?", forms=["sus", "tlx"])
    page = browser.get("/tasks/annotate").json()
    assert page["consent"] == "<p><strong>Do</strong> you agree?</p>\n"
    assert (page["consented"], page["progress"]) == (False, {"answered": 0, "batches": 0})
    assert code_of(browser.post("/tasks/annotate/batch")) == (409, "consent_needed")
    wrong = browser.post("/tasks/annotate/consent", version="another")
    assert code_of(wrong) == (409, "changed")
    for _ in range(2):
        agreed = browser.post("/tasks/annotate/consent", version=page["consent_version"])
        assert agreed.status_code == 204
    batch = browser.post("/tasks/annotate/batch").json()
    assert (batch["size"], batch["done"], batch["finished"]) == (4, 0, False)
    first = batch["assignments"][0]
    assert browser.post(f"/assignments/{first['id']}/opened").json() == {"seconds_to_wait": 0.0}
    draft = browser.put(f"/assignments/{first['id']}/draft", number=1, body={"boxes": []})
    assert draft.json() == {"number": 1}
    assert code_of(browser.post(f"/batches/{batch['id']}/finish")) == (409, "unfinished")
    for place, assignment in enumerate(batch["assignments"]):
        receipt = browser.answer(assignment).json()
        told = {"position": place, "done": place + 1, "size": 4}
        assert receipt == {**told, "shown": None, "after": None}
    finished = browser.post(f"/batches/{batch['id']}/finish").json()
    assert finished == {
        "finished": True,
        "forms": ["difficulty", "sus", "tlx"],
        "completion": None,
        "more": True,
    }
    form = browser.get("/forms/difficulty").json()
    values = {item["key"]: 2 for item in form["items"]}
    where = f"/batches/{batch['id']}/forms"
    for _ in range(2):
        filled = browser.post(f"{where}/difficulty", answers=values, remark="Fine.")
        assert filled.status_code == 204
    assert browser.post(f"{where}/sus", answers=[3] * 10).status_code == 204
    assert browser.post(f"/batches/{batch['id']}/finish").json()["forms"] == ["tlx"]
    page = browser.get("/tasks/annotate").json()
    assert (page["consented"], page["progress"]) == (True, {"answered": 4, "batches": 1})


def test_the_long_forms_are_asked_for_once(browser: Browser, task: Any) -> None:
    type(task).objects.update(forms=["sus"])
    asked = []
    for _ in range(2):
        batch = browser.post("/tasks/annotate/batch").json()
        for assignment in batch["assignments"]:
            browser.answer(assignment)
        forms = browser.post(f"/batches/{batch['id']}/finish").json()["forms"]
        asked.append(forms)
        for name in forms:
            size = len(browser.get(f"/forms/{name}").json()["items"])
            browser.post(f"/batches/{batch['id']}/forms/{name}", answers=[1] * size)
    assert asked == [["difficulty", "sus"], ["difficulty"]]


@pytest.mark.parametrize(
    "answers",
    [[1], [1, 2, 3, 9], {"another": 1}, {"boxes": 2.5}, {"boxes": "2"}, {"boxes": True}],
)
def test_a_form_takes_only_what_is_on_its_scale(browser: Browser, answers: Any) -> None:
    batch = browser.post("/tasks/annotate/batch").json()
    response = browser.post(f"/batches/{batch['id']}/forms/difficulty", answers=answers)
    assert code_of(response) == (422, "malformed")


def test_resuming_shows_drafts_and_answers(browser: Browser) -> None:
    batch = browser.post("/tasks/annotate/batch").json()
    first, second, *_ = batch["assignments"]
    browser.put(f"/assignments/{first['id']}/draft", number=7, body={"nothing": True})
    browser.answer(second)
    again = browser.get(f"/batches/{batch['id']}").json()
    assert again == browser.post("/tasks/annotate/batch").json()
    one, two, *_ = again["assignments"]
    assert (one["draft"], one["draft_number"]) == ({"boxes": [], "nothing": True}, 7)
    assert (two["state"], two["answer"]["boxes"][0]["type"]) == ("answered", "claw")
    assert one["shown"] == first["shown"]
    stale = browser.put(f"/assignments/{first['id']}/draft", number=6, body={"boxes": []})
    assert code_of(stale) == (409, "stale")
    assert stale.json()["error"]["body"] == one["draft"]


def test_salient_areas_lie_where_the_heat_map_is_hot(browser: Browser) -> None:
    from netgloss.server.tasks.models import Assignment

    batch = browser.post("/tasks/annotate/batch").json()
    for assignment in batch["assignments"]:
        shown = assignment["shown"]
        image = Assignment.objects.get(pk=assignment["id"]).image
        number = int(image.removesuffix(".png").rpartition("_")[2])
        width, height = shown["width"], shown["height"]
        assert (width, height) == ((900, 1500) if number == 4 else (96, 72))
        ((x0, y0, x1, y1),) = shown["salient"]
        middle = ((x0 + x1) / 2 / width, (y0 + y1) / 2 / height)
        assert middle == pytest.approx((1 / 8 + number % 2 / 2, 3 / 8), abs=0.05)


def test_another_person_sees_nothing_of_it(browser: Browser) -> None:
    batch = browser.post("/tasks/annotate/batch").json()
    first = batch["assignments"][0]
    browser.answer(first)
    other = Browser()
    missing = [
        other.get(f"/batches/{batch['id']}"),
        other.post(f"/batches/{batch['id']}/finish"),
        other.post(f"/batches/{batch['id']}/forms/difficulty", answers=[1, 1, 1, 1]),
        other.post(f"/assignments/{first['id']}/opened"),
        other.put(f"/assignments/{first['id']}/draft", number=1, body={}),
        other.answer(first),
    ]
    nobody = [
        browser.get(f"/batches/{uuid.uuid4()}"),
        browser.post(f"/batches/{uuid.uuid4()}/finish"),
        browser.post(f"/batches/{uuid.uuid4()}/forms/difficulty", answers=[1, 1, 1, 1]),
        browser.post(f"/assignments/{uuid.uuid4()}/opened"),
        browser.put(f"/assignments/{uuid.uuid4()}/draft", number=1, body={}),
        browser.answer({"id": uuid.uuid4()}),
    ]
    assert {one.status_code for one in missing} == {404}
    # What exists but is another's cannot be told from what does not exist.
    assert [one.content for one in missing] == [one.content for one in nobody]


def test_without_signing_in_nothing_is_answered(task: Any) -> None:
    from django.test import Client

    client, some = Client(), uuid.uuid4()
    for verb, path in (
        ("get", "/tasks/annotate"),
        ("post", "/tasks/annotate/batch"),
        ("get", "/tasks/annotate/words"),
        ("get", f"/batches/{some}"),
        ("post", f"/assignments/{some}/answer"),
        ("get", "/forms/sus"),
    ):
        response = getattr(client, verb)(f"/api{path}", content_type="application/json")
        assert response.status_code == 401, path


def test_an_excluded_person_is_turned_away(browser: Browser) -> None:
    from django.utils import timezone

    from netgloss.server.people.models import Person

    batch = browser.post("/tasks/annotate/batch").json()
    Person.objects.update(excluded_at=timezone.now())
    assert code_of(browser.answer(batch["assignments"][0])) == (403, "excluded")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/answer", {"key": "no uuid", "body": {}}),
        ("/answer", {"body": {}}),
        ("/answer", {"key": str(uuid.uuid4()), "body": []}),
        ("/draft", {"number": 0, "body": {}}),
        ("/draft", {"number": 2**40, "body": {}}),
    ],
)
def test_malformed_requests_say_so(browser: Browser, path: str, body: Any) -> None:
    batch = browser.post("/tasks/annotate/batch").json()
    where = f"/assignments/{batch['assignments'][0]['id']}{path}"
    response = (browser.put if path == "/draft" else browser.post)(where, **body)
    assert code_of(response) == (422, "malformed")


def test_words_are_the_persons_own_and_others_only_where_allowed(
    browser: Browser, task: Any
) -> None:
    from netgloss.server.annotate import words

    def say(who: Browser, kind: str, attribute: str) -> None:
        box = {**CLAW["boxes"][0], "type": kind, "attributes": [attribute]}
        batch = who.post("/tasks/annotate/batch").json()
        left = [one for one in batch["assignments"] if one["state"] == "open"]
        assert who.answer(left[0], {"boxes": [box]}).status_code == 200

    others = [Browser(), Browser()]
    for other in others:
        say(other, "Pincer", "wet")
    say(others[0], "my name", "wet")
    say(browser, "Claw", "red")
    nothing: dict[str, list[str]] = {"types": [], "attributes": []}
    own = {"types": ["claw"], "attributes": ["red"]}
    assert browser.get("/tasks/annotate/words").json() == {"own": own, "shared": nothing}
    type(task).objects.update(suggestions=True)
    words._shared.cache_clear()
    # What only one person said stays theirs.
    shared = {"types": ["pincer"], "attributes": ["wet"]}
    assert browser.get("/tasks/annotate/words").json() == {"own": own, "shared": shared}


def queries(work: Any) -> tuple[Any, list[str]]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        response = work()
    assert response.status_code == 200, response.content
    return response, [one["sql"] for one in captured.captured_queries]


def test_every_action_takes_few_queries(browser: Browser) -> None:
    _, asked = queries(lambda: browser.post("/tasks/annotate/batch"))
    assert len(asked) <= 20, asked
    batch = browser.post("/tasks/annotate/batch").json()
    first, where = batch["assignments"][0], f"/assignments/{batch['assignments'][0]['id']}"
    most = {
        "resume": (lambda: browser.get(f"/batches/{batch['id']}"), 5),
        "opened": (lambda: browser.post(f"{where}/opened"), 8),
        "draft": (lambda: browser.put(f"{where}/draft", number=1, body={}), 8),
        "submit": (lambda: browser.answer(first), 8),
        "correct": (lambda: browser.answer(first), 8),
    }
    for what, (work, limit) in most.items():
        _, asked = queries(work)
        assert len(asked) <= limit, (what, asked)


def test_the_queries_of_a_batch_do_not_grow_with_its_size(browser: Browser, task: Any) -> None:
    counts = []
    for size in (3, 12):
        type(task).objects.update(batch_size=size)
        counts.append(len(queries(lambda: Browser().post("/tasks/annotate/batch"))[1]))
    assert counts[0] == counts[1]


def test_nothing_that_a_participant_gets_names_a_file_or_a_class(browser: Browser) -> None:
    from netgloss.server.tasks.models import Item

    item = Item.objects.order_by("order").first()
    assert item is not None
    Item.objects.filter(pk=item.pk).update(expected={"types": ["lobster"]})
    responses = [browser.get("/tasks/annotate"), browser.post("/tasks/annotate/batch")]
    batch = responses[-1].json()
    for assignment in batch["assignments"]:
        responses += [
            browser.post(f"/assignments/{assignment['id']}/opened"),
            browser.put(f"/assignments/{assignment['id']}/draft", number=1, body={}),
            browser.answer(assignment, {"boxes": []}),
            browser.answer(assignment),
            browser.client.get(assignment["shown"]["image"]),
            browser.client.get(assignment["shown"]["heat"]),
        ]
    responses += [
        browser.get(f"/batches/{batch['id']}"),
        browser.get("/tasks/annotate/words"),
        browser.post(f"/batches/{batch['id']}/finish"),
        browser.get("/me"),
    ]
    telling = re.compile(rb"lobster|tench|n0198|heatmaps|\.png|control|passed|expected", re.I)
    for response in responses:
        headers = list(response.headers.values())
        said = response.content + json.dumps(headers).encode()
        if response.headers["Content-Type"].startswith("application/json"):
            page = json.loads(response.content)
            # The texts that the organiser wrote may say anything.
            for text in ("instructions", "consent"):
                page.pop(text, None)
            said = json.dumps([page, headers]).encode()
        assert not telling.search(said)


def test_the_order_of_a_batch_says_nothing_about_who_is_a_control(
    browser: Browser, task: Any
) -> None:
    from netgloss.server.tasks.models import Item

    item = Item.objects.order_by("order").first()
    assert item is not None
    Item.objects.filter(pk=item.pk).update(expected={"types": ["claw"]})
    batch = browser.post("/tasks/annotate/batch").json()
    assert len({frozenset(one) for one in batch["assignments"]}) == 1
    assert len({frozenset(one["shown"]) for one in batch["assignments"]}) == 1
    receipts = [browser.answer(one, {"nothing": True}).json() for one in batch["assignments"]]
    assert len({frozenset(one) for one in receipts}) == 1
