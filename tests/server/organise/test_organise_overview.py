"""The overview adds up what is there; each number is counted a second time, slowly."""

from __future__ import annotations

import math
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest


def rows() -> list[Any]:
    from netgloss.server.tasks.models import Assignment

    answered = Assignment.objects.filter(state="answered", person__excluded_at=None)
    return list(answered.select_related("person"))


def test_a_study_nobody_has_seen_has_an_overview(organiser: Any, task: Any) -> None:
    seen = organiser.get("/organise/overview").json()
    assert seen["items"] == {"total": 24, "retired": 0, "controls": 0, "by_answers": [24]}
    assert (seen["answers"], seen["persons"], seen["batches_finished"]) == (0, 0, 0)
    assert seen["by_hour"] == []
    assert seen["seconds"] == {"p10": None, "median": None, "p90": None}
    assert [seen[name] for name in ("agreement", "difficulty", "shown_since")] == [None] * 3
    assert seen["task"]["quota"] == 2
    assert seen["task"]["title"] == "Describe"
    assert seen["methods"] == ["heatmaps"]


def test_nobody_else_finds_the_organisers_addresses(visitor: Callable[[], Any], task: Any) -> None:
    stranger, guest = visitor(), visitor()
    guest.post("/guests")
    for browser in (stranger, guest):
        for verb, path in (
            ("GET", "/overview"),
            ("GET", "/people"),
            ("POST", f"/people/{uuid.uuid4()}/exclusion"),
            ("GET", "/items"),
            ("PUT", "/items/1/control"),
            ("PATCH", "/tasks/annotate"),
            ("GET", "/invitations"),
            ("POST", "/invitations"),
            ("DELETE", "/invitations/x"),
            ("GET", "/panels"),
            ("PUT", "/panels/x"),
            ("GET", "/export"),
            ("POST", "/handover"),
            ("POST", "/analysis"),
            ("GET", "/analysis"),
            ("POST", "/query"),
            ("POST", "/preview"),
        ):
            answer = browser.ask(verb, f"/organise{path}", None if verb == "GET" else {})
            assert answer.status_code == 404, (verb, path)
            assert answer.json()["error"]["code"] == "not_found"


def test_every_number_is_what_counting_one_by_one_gives(
    organiser: Any, answer: Callable[..., Any], task: Any
) -> None:
    from netgloss.server.tasks.models import Assignment, Item

    answer(batches=2)
    gone = answer()
    answer()
    start = datetime.now(UTC).replace(minute=30, second=0, microsecond=0)
    for number, row in enumerate(Assignment.objects.order_by("pk")):
        row.seconds = float(number * 7 % 31)
        row.answered_at = start - timedelta(hours=number % 3)
        row.control, row.passed = number % 3 == 0, None if number % 3 else number % 2 == 0
        row.slot = None if row.control else row.slot
        row.save()
    organiser.post(f"/organise/people/{gone.id}/exclusion", {"excluded": True})
    seen = organiser.get("/organise/overview").json()
    counted = [row for row in rows() if not row.control]
    times = sorted(row.seconds for row in counted)
    had = Counter(row.item_id for row in counted)
    answers = Counter(had[item.pk] for item in Item.objects.all())
    hours = Counter(row.answered_at.replace(minute=0) for row in counted)
    assert seen["answers"] == len(counted)
    assert seen["items"]["by_answers"] == [answers[n] for n in range(max(answers) + 1)]
    assert seen["seconds"] == {
        name: times[math.ceil(share * len(times)) - 1]
        for name, share in {"p10": 0.1, "median": 0.5, "p90": 0.9}.items()
    }
    assert [(datetime.fromisoformat(row["hour"]), row["answers"]) for row in seen["by_hour"]] == (
        sorted(hours.items())
    )
    controls = Counter(row.passed for row in rows() if row.control)
    assert seen["controls"] == {"passed": controls[True], "failed": controls[False]}
    assert min(controls[True], controls[False]) > 0
    assert seen["batches_finished"] == 4


def test_looking_costs_a_dozen_queries_however_much_there_is(
    organiser: Any, answer: Callable[..., Any], study: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from netgloss.server.organise.items import items
    from netgloss.server.organise.overview import overview
    from netgloss.server.organise.people import people
    from netgloss.server.tasks.engine import task_of

    counts = []
    for _ in range(2):
        answer(batches=2)
        answer()
        with CaptureQueriesContext(
            connection,
        ) as captured:
            task = task_of("annotate")
            overview(study.folder, task)
            looked = len(captured)
            people(study.folder, task, "", 50)
            listed = len(captured)
            items(task, 0, 50)
        counts.append((looked, listed - looked, len(captured) - listed))
    assert counts[0] == counts[1]
    assert counts[0][0] <= 12
    assert counts[0][1] <= 3
    assert counts[0][2] == 1


def test_agreement_and_forms_are_computed_beside_the_server(
    organiser: Any, answer: Callable[..., Any], study: Any
) -> None:
    """Two people who say the same agree, a third who says something else does not."""
    from netgloss.server.organise.figures import known_figures
    from netgloss.server.organise.jobs import Job
    from netgloss.server.tasks.models import Batch, Form

    first = answer(batches=3)
    other = answer(lambda _: [], batches=3)
    for batch in Batch.objects.filter(person=first):
        names = ("salient_areas", "boxes", "types", "attributes")
        Form.objects.create(
            person=first,
            task_id="annotate",
            batch=batch,
            name="difficulty",
            answers=dict.fromkeys(names, 2.0),
            remark="too dark",
        )
    _compute(study.folder)
    known = known_figures(study.folder, "annotate")
    assert known["made_of"]["answers"] == 48
    assert known["agreement"]["alpha"] < 0
    assert known["agreement"]["units"] == 24
    seen = organiser.get("/organise/overview").json()
    assert seen["agreement"] == known["agreement"]
    assert seen["figures_at"] == known["at"]
    assert seen["difficulty"]["n"] == 3
    assert seen["difficulty"]["mean"] == 2.0
    assert seen["difficulty"]["remarks"] == ["too dark"] * 3
    assert seen["difficulty"]["items"][1] == {
        "key": "boxes",
        "text": "To draw boxes around them was",
        "n": 3,
        "mean": 2.0,
    }
    assert seen["sus"] is None
    rows = {row["id"]: row for row in organiser.get("/organise/people").json()["rows"]}
    assert rows[str(other.id)]["agreement"] == 0
    assert rows[str(other.id)]["nothing"] == 24
    assert Job(study.folder, "figures").name == "figures"


def test_people_who_say_the_same_agree_whatever_their_spelling(
    answer: Callable[..., Any], study: Any
) -> None:
    """The words are compared as the words stage reads them: case, hyphens and order are gone."""
    from netgloss.server.organise.figures import known_figures

    def say(kind: str, colour: str) -> Callable[[Any], list[Any]]:
        corners = {"x0": 0, "y0": 0, "x1": 9, "y1": 9}
        return lambda assignment: [
            {"type": kind, "attributes": [colour], **corners}
            if "lobster" in assignment.image
            else {"type": "fin", "attributes": ["green"], **corners}
        ]

    answer(say("lobster-claw", "Red"), batches=3)
    answer(say("Lobster  CLAW", "red"), batches=3)
    _compute(study.folder)
    known = known_figures(study.folder, "annotate")
    assert known["agreement"]["alpha"] == 1.0
    assert all(row["agreement"] == 1.0 for row in known["people"].values())


def test_who_hurries_and_repeats_themselves_stands_out(
    organiser: Any, answer: Callable[..., Any], study: Any, task: Any
) -> None:
    """Four people describe what they see; a fifth types the same two words in no time."""
    from netgloss.server.tasks.engine import set_quota
    from netgloss.server.tasks.models import Assignment

    set_quota(task, 5)
    corners = {"x0": 0, "y0": 0, "x1": 9, "y1": 9}

    def look(assignment: Any) -> list[dict[str, Any]]:
        kind = f"thing {assignment.image[-6]}{assignment.image[-5]}"
        return [{"type": kind, "attributes": ["red"], **corners}]

    honest = [answer(look, batches=3) for _ in range(4)]
    cheat = answer(lambda _: [{"type": "stuff", "attributes": ["nice"], **corners}], batches=3)
    # By the moment, not by the key, which is random: everybody takes the same times.
    for number, row in enumerate(Assignment.objects.order_by("answered_at")):
        Assignment.objects.filter(pk=row.pk).update(seconds=20 + number % 13)
    Assignment.objects.filter(person=cheat).update(seconds=1.0)
    _compute(study.folder)
    rows = {row["id"]: row for row in organiser.get("/organise/people").json()["rows"]}
    assert all(rows[str(person.pk)]["flags"] == [] for person in honest)
    flags = " / ".join(rows[str(cheat.pk)]["flags"])
    for sign in ("1.0 s an answer", "variety of the answers 0%", "before 4%"):
        assert sign in flags
    assert rows[str(cheat.pk)]["sensitivity"] < min(
        rows[str(person.pk)]["sensitivity"] for person in honest
    )


def test_looking_has_the_figures_renewed_once_there_is_something_new(
    organiser: Any, answer: Callable[..., Any], study: Any
) -> None:
    from netgloss.server.organise.figures import known_figures
    from netgloss.server.organise.jobs import read_state

    organiser.get("/organise/overview")
    assert read_state(study.folder, "figures")["state"] == "never"
    answer()
    organiser.get("/organise/overview")
    assert _ended(study.folder, "figures")["state"] == "done"
    assert known_figures(study.folder, "annotate")["made_of"]["answers"] == 8
    at = read_state(study.folder, "figures")["at"]
    organiser.get("/organise/overview")
    assert read_state(study.folder, "figures")["at"] == at
    answer()
    # Something is new, but the last time was a moment ago.
    organiser.get("/organise/overview")
    assert read_state(study.folder, "figures")["at"] == at


def test_of_very_many_answers_some_images_are_looked_at(
    answer: Callable[..., Any], study: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from netgloss.server.organise import figures

    answer(batches=3)
    answer(batches=3)
    monkeypatch.setattr(figures, "MOST_ANSWERS", 24)
    _compute(study.folder)
    found = figures.known_figures(study.folder, "annotate")["agreement"]
    assert found["share"] == 0.5
    assert 0 < found["units"] < 24


def _compute(folder: Any) -> None:
    from netgloss.server.organise.figures import figures
    from netgloss.server.organise.jobs import Job

    figures(Job(folder, "figures"))


def _ended(folder: Any, name: str) -> dict[str, Any]:
    import time

    from netgloss.server.organise.jobs import read_state

    while (state := read_state(folder, name))["state"] == "running":
        time.sleep(0.1)
    return state
