"""People whom a panel sends, and people who were invited."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest

PASSWORD = "seven green lobsters"
PROLIFIC = "/from/prolific?PROLIFIC_PID=5f3a9c&STUDY_ID=s1&SESSION_ID="

Visits = Callable[[], Any]


def arrive(visitor: Visits, session: str = "t1", somebody: Any = None) -> Any:
    somebody = somebody or visitor()
    answer = somebody.client.get(PROLIFIC + session)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/annotate")
    return somebody


def test_a_panels_person_sent_again_is_the_same_person(visitor: Visits) -> None:
    from netgloss.server.people.models import Person

    first = arrive(visitor).get("/me").json()["person"]
    again = arrive(visitor, "t2").get("/me").json()["person"]
    assert first == again
    person = Person.objects.get()
    assert (person.kind, person.panel, person.panel_person) == ("panel", "prolific", "5f3a9c")


def test_a_panels_person_sent_twice_at_once_is_one_person(visitor: Visits) -> None:
    from django.db import connections

    from netgloss.server.people.models import Person

    people = [visitor() for _ in range(8)]

    def come(somebody: Any) -> None:
        arrive(visitor, somebody=somebody)
        connections.close_all()

    threads = [Thread(target=come, args=(somebody,)) for somebody in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Person.objects.count() == 1
    assert len({one.get("/me").json()["person"]["pseudonym"] for one in people}) == 1


def test_the_panels_session_is_remembered_through_signing_up_and_in(visitor: Visits) -> None:
    somebody = arrive(visitor)
    assert somebody.client.session["panel_session"] == "s1/t1"
    somebody.post("/accounts", {"name": "Ann", "password": PASSWORD})
    assert somebody.client.session["panel_session"] == "s1/t1"
    arrive(visitor, "t2", somebody)
    assert somebody.client.session["panel_session"] == "s1/t2"


def test_a_panels_link_does_not_open_an_account_without_its_password(visitor: Visits) -> None:
    """Whoever sees a participant's identifier could else be that participant."""
    arrive(visitor).post("/accounts", {"name": "Ann", "password": PASSWORD})
    somebody = visitor()
    answer = somebody.client.get(PROLIFIC + "t2")
    assert answer.headers["Location"] == "/sign-in"
    assert somebody.get("/me").json()["person"] is None
    somebody.post("/session", {"login": "Ann", "password": PASSWORD})
    assert somebody.client.session["panel_session"] == "s1/t2"
    frame = {"panel": "prolific", "person": "5f3a9c"}
    assert visitor().post("/panel-tokens", frame).status_code == 409


@pytest.mark.parametrize(
    "query", ["", "?PROLIFIC_PID=", "?PROLIFIC_PID=a%00b", "?PROLIFIC_PID=" + "x" * 100, "?pid=1"]
)
def test_a_link_that_names_nobody_makes_nobody(visitor: Visits, query: str) -> None:
    from netgloss.server.people.models import Person

    answer = visitor().client.get(f"/from/prolific{query}")
    assert answer.status_code == 422
    assert b"open the study from the panel" in answer.content
    assert not Person.objects.exists()


@pytest.mark.parametrize("name", ["nobody", "a%00b", "PROLIFIC"])
def test_an_unknown_panel_is_a_clear_page(visitor: Visits, name: str) -> None:
    assert visitor().client.get(f"/from/{name}?PROLIFIC_PID=1").status_code == 404


@pytest.mark.parametrize(
    "extra", ["next=https://evil.example", "url=//evil.example", "SESSION_ID=https://evil.example"]
)
def test_a_panels_link_leads_nowhere_else(visitor: Visits, extra: str) -> None:
    answer = visitor().client.get(f"/from/prolific?PROLIFIC_PID=1&{extra}")
    assert answer.headers["Location"] == "/annotate"


def test_a_look_ahead_at_the_link_makes_nobody(visitor: Visits) -> None:
    from netgloss.server.people.models import Person

    assert visitor().client.head(PROLIFIC + "t1").status_code == 405
    assert not Person.objects.exists()


def test_any_panel_can_be_added(visitor: Visits) -> None:
    from netgloss.server.people.models import Panel, Person

    Panel.objects.create(
        name="sona", person_parameter="survey_code", study_parameter="", session_parameter=""
    )
    visitor().client.get("/from/sona?survey_code=77")
    assert Person.objects.get().panel_person == "77"


def batch_of(person: Any, *passed: bool | None) -> Any:
    """A batch with one control item for each result."""
    from django.utils import timezone

    from netgloss.server.tasks.models import Assignment, Batch, Item, Task

    task, _ = Task.objects.get_or_create(name="annotate", defaults={"method": "smoothgrad"})
    batch = Batch.objects.create(
        task=task, person=person, panel_session="s1/t 1", finished_at=timezone.now()
    )
    for number, result in enumerate(passed):
        image = f"{batch.id}/{number}"
        item = Item.objects.create(task=task, evidence=image, image=image, quota=3, order=number)
        Assignment.objects.create(
            task=task,
            item=item,
            person=person,
            batch=batch,
            image=image,
            position=number,
            control=True,
            quota=3,
            leased_until=timezone.now(),
            passed=result,
        )
    return batch


@pytest.fixture
def prolific(database: None) -> Any:
    """A person of Prolific's, whose study has a code for each outcome."""
    from netgloss.server.people.models import Panel, Person
    from netgloss.server.people.panels import find_panel

    panel = find_panel("prolific")
    panel.completed_code, panel.screened_out_code, panel.failed_code = "DONE", "OUT", "FAIL"
    panel.save()
    assert Panel.objects.count() == 1
    return Person.objects.create(kind="panel", panel="prolific", panel_person="5f3a9c")


@pytest.mark.parametrize(
    ("passed", "code"),
    [
        ((), "DONE"),
        ((True,), "DONE"),
        ((True, False), "DONE"),
        ((False,), "FAIL"),
        ((None,), "DONE"),
    ],
)
def test_the_code_says_how_it_went(prolific: Any, passed: tuple[Any, ...], code: str) -> None:
    from netgloss.server.people.panels import completion

    assert completion(prolific, batch_of(prolific, *passed)) == {
        "code": code,
        "url": f"https://app.prolific.com/submissions/complete?cc={code}",
    }


def test_an_excluded_person_is_given_the_code_for_that(prolific: Any, visitor: Visits) -> None:
    from django.utils import timezone

    from netgloss.server.people.models import Person

    somebody = arrive(visitor)
    Person.objects.update(excluded_at=timezone.now())
    error = somebody.post("/tasks/annotate/batch").json()["error"]
    assert error["code"] == "excluded"
    assert error["completion"]["code"] == "OUT"


def test_without_a_code_for_failing_a_failed_batch_looks_like_any_other(prolific: Any) -> None:
    from netgloss.server.people.models import Panel
    from netgloss.server.people.panels import completion

    Panel.objects.update(failed_code="")
    assert completion(prolific, batch_of(prolific, False))["code"] == "DONE"
    Panel.objects.update(completed_code="")
    assert completion(prolific, batch_of(prolific, True)) is None


def test_what_fills_the_panels_address_is_escaped(prolific: Any) -> None:
    from netgloss.server.people.models import Panel
    from netgloss.server.people.panels import completion

    Panel.objects.update(
        completion_url="https://sona.example/credit?code={code}&who={person}&at={session}",
        completed_code="a&b",
    )
    prolific.panel_person = "x&y=1"
    done = completion(prolific, batch_of(prolific))
    assert done["url"] == "https://sona.example/credit?code=a%26b&who=x%26y%3D1&at=t%201"
    Panel.objects.update(completion_url="javascript:alert('{code}')")
    assert completion(prolific, batch_of(prolific)) == {"code": "a&b", "url": ""}


def test_nobody_else_is_given_a_code(prolific: Any) -> None:
    from netgloss.server.people.models import Person
    from netgloss.server.people.panels import completion

    guest = Person.objects.guest()
    assert completion(guest, batch_of(guest)) is None


# ---------------------------------------------------------------- invitations


def invitation(**options: Any) -> str:
    from django.utils import timezone

    from netgloss.server.people.models import Invitation

    end = timezone.now() + timedelta(days=1)
    return Invitation.objects.create(**{"expires_at": end, **options}).token


def test_an_invitation_gives_its_role_as_often_as_it_says(visitor: Visits) -> None:
    token = invitation(role="organiser", note="For Ann", uses_left=2)
    assert visitor().get(f"/invitations/{token}").json() == {"role": "organiser", "note": "For Ann"}
    for name, status in (("Ann", 201), ("Ben", 201), ("Cid", 404)):
        body = {"name": name, "password": PASSWORD, "invitation": token}
        answer = visitor().post("/accounts", body)
        assert answer.status_code == status
        if status == 201:
            assert answer.json()["person"]["role"] == "organiser"
    assert visitor().get(f"/invitations/{token}").status_code == 404


def test_an_invitation_used_by_many_at_once_makes_as_many_as_it_says(visitor: Visits) -> None:
    from django.db import connections

    from netgloss.server.people.models import Person

    token, people = invitation(role="organiser"), [visitor() for _ in range(6)]

    def join(number: int) -> None:
        body = {"name": f"P{number}", "password": PASSWORD, "invitation": token}
        people[number].post("/accounts", body)
        connections.close_all()

    threads = [Thread(target=join, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Person.objects.filter(role="organiser").count() == 1
    assert Person.objects.count() == 1, "who came too late has no account either"


def test_a_failed_sign_up_does_not_use_an_invitation(visitor: Visits) -> None:
    visitor().post("/accounts", {"name": "Ann", "password": PASSWORD})
    token = invitation()
    for name, password in (("Ann", PASSWORD), ("Ben", "1234")):
        body = {"name": name, "password": password, "invitation": token}
        assert visitor().post("/accounts", body).status_code in {409, 422}
    assert visitor().get(f"/invitations/{token}").status_code == 200


@pytest.mark.parametrize("token", ["none", "a%00b", "x" * 99])
def test_an_unknown_invitation_is_404(visitor: Visits, token: str) -> None:
    assert visitor().get(f"/invitations/{token}").status_code == 404


def test_an_invitation_ends(visitor: Visits) -> None:
    from django.utils import timezone

    token = invitation(expires_at=timezone.now())
    assert visitor().get(f"/invitations/{token}").status_code == 404


def test_somebody_with_an_account_can_take_a_role_too(visitor: Visits) -> None:
    token, ann = invitation(role="organiser"), visitor()
    ann.post("/guests")
    assert ann.post(f"/invitations/{token}").status_code == 409, "a guest has no account to keep it"
    ann.post("/accounts", {"name": "Ann", "password": PASSWORD})
    assert ann.post(f"/invitations/{token}").json()["person"]["role"] == "organiser"
    assert ann.post(f"/invitations/{token}").status_code == 404


def test_the_first_organisers_link_is_given_until_there_is_one(visitor: Visits) -> None:
    from netgloss.server.people.invitations import first_organiser

    first = first_organiser()
    assert first is not None
    assert first_organiser() == first
    body = {"name": "Ann", "password": PASSWORD, "invitation": first.token}
    visitor().post("/accounts", body)
    assert first_organiser() is None
