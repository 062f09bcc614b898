"""People, items, settings and links: what the organiser sees of them and does to them."""

from __future__ import annotations

import statistics
import uuid
from collections.abc import Callable
from typing import Any

import pytest


def test_a_row_says_what_the_person_gave(organiser: Any, answer: Callable[..., Any]) -> None:
    from netgloss.server.tasks.models import Assignment

    person = answer(batches=2)
    answer(lambda _: [])
    mine = list(Assignment.objects.filter(person=person).order_by("pk"))
    for number, row in enumerate(mine):
        row.seconds = float((number * 5) % 17)
        row.save()
    for number, row in enumerate(mine[:3]):
        Assignment.objects.filter(pk=row.pk).update(control=True, slot=None, passed=number == 0)
    first, second = organiser.get("/organise/people").json()["rows"]
    assert first == {
        "id": str(person.id),
        "pseudonym": person.pseudonym,
        "kind": "guest",
        "name": "",
        "panel": "",
        "joined_at": first["joined_at"],
        "answers": 13,
        "nothing": 0,
        "seconds_median": statistics.median_low(row.seconds for row in mine[3:]),
        "controls_passed": 1,
        "controls_failed": 2,
        "agreement": None,
        "sensitivity": None,
        "specificity": None,
        "excluded": False,
        "why": "",
        "flags": ["2 of 3 control images failed"],
        "game": None,
    }
    assert (second["answers"], second["nothing"], second["flags"]) == (8, 8, [])


def test_everybody_stands_on_exactly_one_page(organiser: Any, task: Any) -> None:
    from netgloss.server.people.models import Person
    from netgloss.server.tasks.models import Batch

    came = [Person.objects.guest() for _ in range(7)]
    # Of the same moment, so that only the key orders them.
    Person.objects.filter(pk__in=[one.pk for one in came[2:6]]).update(joined_at=came[2].joined_at)
    for one in came:
        Batch.objects.create(task=task, person=one)
    Person.objects.guest()  # has begun nothing, so stands nowhere
    seen: list[str] = []
    after = ""
    while after is not None:
        page = organiser.get(f"/organise/people?limit=3&after={after.replace('+', '%2B')}").json()
        seen += [row["id"] for row in page["rows"]]
        after = page["next"]
    assert len(seen) == 7
    assert set(seen) == {str(one.pk) for one in came}
    assert organiser.get("/organise/people?after=zebra").status_code == 422


def test_excluding_frees_the_slots_and_readmission_takes_back_what_is_free(
    organiser: Any, answer: Callable[..., Any], task: Any
) -> None:
    from netgloss.server.tasks.models import Assignment, Item

    person = answer(batches=3)
    held = Assignment.objects.filter(person=person, slot__isnull=False)
    assert held.count() == 24
    path = f"/organise/people/{person.id}/exclusion"
    for _ in range(2):
        row = organiser.post(path, {"excluded": True, "why": "copies"}).json()
        assert (row["excluded"], row["why"], row["answers"]) == (True, "copies", 24)
        assert held.count() == 0
    assert Assignment.objects.filter(person=person, state="answered").count() == 24
    answer()
    answer(batches=3)
    assert organiser.post(path, {"excluded": False}).json()["excluded"] is False
    # Eight images have been answered by two others meanwhile.
    assert held.count() == 16
    for item in Item.objects.all():
        assert item.taken == item.assignments.filter(slot__isnull=False).count() == 2


def test_an_excluded_person_is_kept_out_and_an_organiser_cannot_be(
    organiser: Any, visitor: Callable[[], Any], task: Any
) -> None:
    from netgloss.server.people.models import Person

    browser = visitor()
    browser.post("/guests")
    guest = Person.objects.get(kind="guest")
    organiser.post(f"/organise/people/{guest.id}/exclusion", {"excluded": True})
    assert browser.post("/tasks/annotate/batch").json()["error"]["code"] == "excluded"
    me = Person.objects.get(role="organiser")
    refused = organiser.post(f"/organise/people/{me.id}/exclusion", {"excluded": True})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "is_organiser")
    nobody = organiser.post(f"/organise/people/{uuid.uuid4()}/exclusion", {"excluded": True})
    assert nobody.status_code == 404


def test_items_are_listed_with_a_picture_and_become_controls(
    organiser: Any, answer: Callable[..., Any], task: Any
) -> None:
    answer()
    rows: list[dict[str, Any]] = []
    after = 0
    while after is not None:
        page = organiser.get(f"/organise/items?limit=10&after={after}").json()
        rows += page["rows"]
        after = page["next"]
    assert len({row["id"] for row in rows}) == 24
    assert sum(row["answers"] for row in rows) == 8
    assert sum(row["taken"] for row in rows) == 8
    picture = organiser.client.get(rows[0]["picture"])
    assert picture.status_code == 200
    assert picture["Content-Type"] == "image/webp"
    path = f"/organise/items/{rows[0]['id']}/control"
    made = organiser.ask("PUT", path, {"expected": {"types": ["Claw", "pincer"]}}).json()
    assert made["control"] == {"types": ["Claw", "pincer"]}
    assert [row["id"] for row in organiser.get("/organise/items?controls=true").json()["rows"]] == [
        rows[0]["id"]
    ]
    assert organiser.get("/organise/overview").json()["items"]["controls"] == 1
    assert organiser.ask("PUT", path, {"expected": {"types": []}}).status_code == 422
    assert organiser.ask("PUT", path, {"expected": None}).json()["control"] is None
    assert organiser.ask("PUT", "/organise/items/0/control", {"expected": None}).status_code == 404


def test_a_quota_shrinks_around_those_who_hold_a_slot_and_grows_for_others(
    organiser: Any, answer: Callable[..., Any], task: Any
) -> None:
    from netgloss.server.tasks.models import Item

    answer(batches=3)
    answer()
    assert organiser.ask("PATCH", "/organise/tasks/annotate", {"quota": 1}).json()["quota"] == 1
    quotas = sorted(Item.objects.values_list("quota", "taken"))
    assert quotas == [(1, 1)] * 16 + [(2, 2)] * 8
    assert organiser.ask("PATCH", "/organise/tasks/annotate", {"quota": 3}).status_code == 200
    assert set(Item.objects.values_list("quota", flat=True)) == {3}
    answer(batches=3)
    answer(batches=2)
    for item in Item.objects.all():
        assert item.taken == 3
        slots = set(item.assignments.filter(slot__isnull=False).values_list("slot", flat=True))
        assert item.taken == len(slots) <= 3
        assert slots <= {1, 2, 3}


def test_settings_change_one_by_one(organiser: Any, task: Any) -> None:
    before = organiser.get("/organise/overview").json()["task"]
    changed = {"title": " Look here ", "paused": True, "forms": ["sus"], "consent": "I *agree*.\n"}
    after = organiser.ask("PATCH", "/organise/tasks/annotate", changed).json()
    assert after == {**before, **changed, "title": "Look here"}
    assert organiser.get("/organise/overview").json()["task"] == after


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"quota": 0}, "quota"),
        ({"batch_size": 1, "controls": 1}, "controls"),
        ({"controls": 8}, "controls"),
        ({"min_seconds": -1}, "min_seconds"),
        ({"forms": ["sus", "mood"]}, "forms"),
        ({"forms": ["difficulty"]}, "forms"),
        ({"title": "  "}, "title"),
        ({"method": "gradcam"}, "method"),
        ({"name": "other"}, "name"),
        ({"instructions": "a\0b"}, "instructions"),
        ({"lease_minutes": 40_000}, "lease_minutes"),
    ],
)
def test_a_setting_that_does_not_fit_is_refused_and_nothing_changes(
    organiser: Any, task: Any, changes: dict[str, Any], where: str
) -> None:
    before = organiser.get("/organise/overview").json()["task"]
    refused = organiser.ask("PATCH", "/organise/tasks/annotate", {"paused": True, **changes})
    assert refused.status_code == 422, refused.content
    assert refused.json()["error"]["where"].endswith(where)
    assert organiser.get("/organise/overview").json()["task"] == before


def test_a_preview_is_what_people_will_see(organiser: Any, task: Any) -> None:
    text = "Draw a **box**. <script>alert(1)</script>"
    html = organiser.post("/organise/preview", {"markdown": text}).json()["html"]
    assert "<strong>box</strong>" in html
    assert "<script" not in html


def test_an_invitation_works_until_it_is_revoked(
    organiser: Any, visitor: Callable[[], Any], task: Any
) -> None:
    made = organiser.post("/organise/invitations", {"role": "organiser", "note": "Ben", "uses": 2})
    assert made.status_code == 201
    one = made.json()
    assert one["link"] == f"http://127.0.0.1:8000/join/{one['token']}"
    assert organiser.get("/organise/invitations").json() == [one]
    account = {"name": "Ben", "password": "seven green lobsters", "invitation": one["token"]}
    assert visitor().post("/accounts", account).json()["person"]["role"] == "organiser"
    assert organiser.get("/organise/invitations").json()[0]["uses_left"] == 1
    assert organiser.delete(f"/organise/invitations/{one['token']}").status_code == 204
    assert visitor().post("/accounts", {**account, "name": "Cy"}).status_code == 404
    assert organiser.get("/organise/invitations").json() == []
    assert organiser.delete(f"/organise/invitations/{one['token']}").status_code == 404
    assert organiser.post("/organise/invitations", {"role": "king"}).status_code == 422


def test_a_panel_is_set_up_and_found_again(organiser: Any, task: Any) -> None:
    built_in = organiser.get("/organise/panels").json()
    assert [one["name"] for one in built_in] == ["prolific"]
    assert built_in[0]["completion_url"].startswith("https://app.prolific.com/")
    given = {
        "person_parameter": "who",
        "study_parameter": "",
        "session_parameter": "",
        "completion_url": "https://panel.example.org/done?code={code}",
        "completed_code": "C0FFEE",
        "screened_out_code": "",
        "failed_code": "",
    }
    made = organiser.ask("PUT", "/organise/panels/lab", given).json()
    link = "http://127.0.0.1:8000/from/lab"
    assert made == {"name": "lab", "link": link, **given}
    assert organiser.get("/organise/panels/lab").json() == made
    assert len(organiser.get("/organise/panels").json()) == 2
    assert organiser.get("/organise/panels/other").status_code == 404
    for wrong in (
        "javascript:alert('{code}')",
        "https://panel.example.org/done",
        "https://a b{code}",
    ):
        refused = organiser.ask("PUT", "/organise/panels/lab", {**given, "completion_url": wrong})
        assert refused.status_code == 422, wrong
