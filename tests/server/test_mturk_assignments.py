"""What Amazon lists against what the database knows, and who is paid by both together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.stub import Stubber

from netgloss.errors import StudyError
from netgloss.server.mturk.assignments import list_assignments
from netgloss.server.mturk.published import Hit
from netgloss.server.mturk.requester import connect

HIT, OTHER_HIT = "3HIT", "3OTHERHIT"
STATUSES = ["Submitted", "Approved", "Rejected"]


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """One for all tests: it takes long to make."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ACCESS_KEY_ID", "key")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        yield connect()


@pytest.fixture
def amazon(client: Any) -> Iterator[Stubber]:
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def row(number: int, worker: str = "", status: str = "Submitted", hit: str = HIT) -> dict[str, Any]:
    return {
        "AssignmentId": f"3A{number}",
        "WorkerId": worker or f"AW{number}",
        "HITId": hit,
        "AssignmentStatus": status,
    }


def listing(amazon: Stubber, *pages: list[dict[str, Any]], hit: str = HIT) -> None:
    """Amazon's answers about a HIT: about itself, then page after page."""
    about = {
        "HITId": hit,
        "MaxAssignments": 9,
        "AssignmentDurationInSeconds": 3600,
        "Expiration": datetime(2026, 1, 1, tzinfo=UTC),
    }
    amazon.add_response("get_hit", {"HIT": about}, {"HITId": hit})
    for place, page in enumerate(pages):
        answer: dict[str, Any] = {"Assignments": page, "NumResults": len(page)}
        if place + 1 < len(pages):
            answer["NextToken"] = f"page{place + 1}"
        asked = {"HITId": hit, "AssignmentStatuses": STATUSES, "MaxResults": 100}
        if place:
            asked["NextToken"] = f"page{place}"
        amazon.add_response("list_assignments_for_hit", answer, asked)


def hits(*names: str) -> list[Hit]:
    return [Hit({}, 9, hit=name) for name in names or (HIT,)]


class Work:
    """Makes workers' batches in the database."""

    def __init__(self) -> None:
        from netgloss.server.tasks.models import Task

        self.task = Task.objects.create(name="annotate", method="heatmaps")

    def __call__(
        self,
        number: int,
        worker: str = "",
        finished: bool = True,
        answered: bool = True,
        passed: tuple[bool | None, ...] = (True,),
        minutes: float = 5,
        hit: str = HIT,
    ) -> Any:
        """A batch begun so many minutes ago, with these results of its control images."""
        from django.utils import timezone

        from netgloss.server.people.models import Person
        from netgloss.server.tasks.models import Assignment, Batch, Item

        person, _ = Person.objects.get_or_create(
            panel="mturk", panel_person=worker or f"AW{number}", defaults={"kind": "panel"}
        )
        begun = timezone.now() - timedelta(minutes=minutes)
        batch = Batch.objects.create(
            task=self.task,
            person=person,
            panel_session=f"{hit}/3A{number}",
            started_at=begun,
            finished_at=timezone.now() if finished else None,
        )
        for place, result in enumerate((None, *passed)):
            image = f"{batch.id}/{place}"
            item = Item.objects.create(
                task=self.task, evidence=image, image=image, quota=3, order=0
            )
            Assignment.objects.create(
                task=self.task,
                item=item,
                person=person,
                batch=batch,
                image=image,
                position=place,
                control=place > 0,
                passed=result,
                quota=3,
                state="answered" if answered else "gone",
                leased_until=timezone.now(),
                seen_at=begun,
            )
        return batch


@pytest.fixture
def work(database: None) -> Work:
    return Work()


def states(client: Any, *names: str) -> dict[tuple[str, str], str]:
    from netgloss.server.mturk.reconciling import reconcile

    lines = reconcile(list_assignments(client, hits(*names)))
    found = {(line.worker, line.assignment): line.state.name for line in lines}
    assert len(found) == len(lines)
    return found


# ------------------------------------------------------------------------------- what Amazon lists


def test_every_page_of_every_hit_is_read(client: Any, amazon: Stubber) -> None:
    pages = [[row(100 * page + place) for place in range(100)] for page in range(3)]
    listing(amazon, *pages, [row(999)])
    listing(amazon, [], hit=OTHER_HIT)
    first, second = list_assignments(client, hits(HIT, OTHER_HIT))
    assert [one.assignment for one in first.handed_in] == [
        *(f"3A{number}" for number in range(300)),
        "3A999",
    ]
    assert (first.people, first.seconds, second.handed_in) == (9, 3600, ())


def test_a_page_that_amazon_refuses_is_an_error_and_not_the_end(
    client: Any, amazon: Stubber
) -> None:
    """Half a list would make the other half look as if it had not been handed in."""
    about = {"HITId": HIT, "MaxAssignments": 9, "AssignmentDurationInSeconds": 60}
    amazon.add_response("get_hit", {"HIT": {**about, "Expiration": datetime(2026, 1, 1)}})
    page = {"Assignments": [row(1)], "NextToken": "next"}
    amazon.add_response("list_assignments_for_hit", page)
    amazon.add_client_error("list_assignments_for_hit", "ThrottlingException", "Rate exceeded")
    with pytest.raises(StudyError, match=r"refuses to list .* Rate exceeded \(ThrottlingExc"):
        list_assignments(client, hits())


def test_a_hit_that_amazon_has_forgotten_does_not_hide_the_others(
    client: Any, amazon: Stubber
) -> None:
    code = "AWS.MechanicalTurk.HITDoesNotExist"
    fault = {"service_error_code": "RequestError", "modeled_fields": {"TurkErrorCode": code}}
    amazon.add_client_error("get_hit", **fault)
    listing(amazon, [row(1, hit=OTHER_HIT)], hit=OTHER_HIT)
    [one] = list_assignments(client, hits(HIT, OTHER_HIT))
    assert (one.hit, len(one.handed_in)) == (OTHER_HIT, 1)


# --------------------------------------------------------------------------------- both together


def test_each_assignment_stands_where_both_sides_say(
    work: Work, client: Any, amazon: Stubber
) -> None:
    from django.utils import timezone

    work(1)
    work(3, finished=False)
    work(4, passed=(False, None))
    excluded = work(5).person
    excluded.excluded_at = timezone.now()
    excluded.save()
    work(6)
    work(8)
    work(9, finished=False)
    work(10, finished=False, minutes=61)
    work(11, answered=False)
    work(12, passed=())
    work(13, passed=(False, True))
    listing(
        amazon,
        [row(number) for number in (1, 2, 3, 4, 5)],
        [row(6, status="Approved"), row(7, status="Rejected"), row(11), row(12), row(13)],
    )
    assert states(client) == {
        ("AW1", "3A1"): "ready",
        ("AW2", "3A2"): "unfinished",
        ("AW3", "3A3"): "unfinished",
        ("AW4", "3A4"): "failed",
        ("AW5", "3A5"): "excluded",
        ("AW6", "3A6"): "approved",
        ("AW7", "3A7"): "rejected",
        ("AW8", "3A8"): "missing",
        ("AW9", "3A9"): "working",
        ("AW10", "3A10"): "returned",
        ("AW11", "3A11"): "unfinished",
        ("AW12", "3A12"): "ready",
        ("AW13", "3A13"): "ready",
    }


def test_an_assignment_given_back_and_taken_by_another_worker_is_paid_to_that_one(
    work: Work, client: Any, amazon: Stubber
) -> None:
    from netgloss.server.mturk.approving import approve
    from netgloss.server.mturk.reconciling import reconcile

    work(1, worker="AFIRST", minutes=30)
    work(2, worker="AFIRST", minutes=20)
    mine = work(1, worker="ASECOND", minutes=5)
    listing(amazon, [row(1, worker="ASECOND"), row(2, worker="ATHIRD")])
    lines = reconcile(list_assignments(client, hits()))
    assert {(line.worker, line.assignment): line.state.name for line in lines} == {
        ("ASECOND", "3A1"): "ready",
        ("ATHIRD", "3A2"): "unfinished",
        ("AFIRST", "3A1"): "returned",
        ("AFIRST", "3A2"): "returned",
    }
    amazon.add_response("approve_assignment", {}, approval(1))
    [done] = approve(lines, client)
    assert (done.line.batch, done.approved) == (str(mine.pk), True)


def test_whoever_began_an_assignment_last_holds_it_while_nobody_has_handed_it_in(
    work: Work, client: Any, amazon: Stubber
) -> None:
    work(1, worker="AFIRST", minutes=30)
    work(1, worker="ASECOND", finished=False, minutes=5)
    listing(amazon, [])
    assert states(client) == {("AFIRST", "3A1"): "returned", ("ASECOND", "3A1"): "working"}


def test_only_the_hits_asked_about_and_only_mechanical_turks_people_count(
    work: Work, client: Any, amazon: Stubber
) -> None:
    work(1, hit=OTHER_HIT)
    elsewhere = work(2).person
    elsewhere.panel = "prolific"
    elsewhere.save()
    listing(amazon, [row(1), row(2)])
    assert states(client) == {("AW1", "3A1"): "unfinished", ("AW2", "3A2"): "unfinished"}
    listing(amazon, [], hit=HIT)
    listing(amazon, [row(1, hit=OTHER_HIT)], hit=OTHER_HIT)
    assert states(client, HIT, OTHER_HIT) == {("AW1", "3A1"): "ready"}


def test_a_batch_of_another_assignment_of_the_same_worker_pays_nothing(
    work: Work, client: Any, amazon: Stubber
) -> None:
    work(1, worker="AW")
    listing(amazon, [row(2, worker="AW")])
    assert states(client) == {("AW", "3A2"): "unfinished", ("AW", "3A1"): "missing"}


def test_a_worker_who_has_made_an_account_is_still_the_worker(
    work: Work, client: Any, amazon: Stubber
) -> None:
    person = work(1).person
    person.kind, person.name, person.name_key = "account", "Ann", "ann"
    person.save()
    listing(amazon, [row(1)])
    assert states(client) == {("AW1", "3A1"): "ready"}


# ------------------------------------------------------------------------------------- approving


def approval(number: int) -> dict[str, Any]:
    return {"AssignmentId": f"3A{number}", "OverrideRejection": False}


def test_only_what_is_ready_is_approved_and_nothing_is_rejected(
    work: Work, client: Any, amazon: Stubber
) -> None:
    """The stub takes no other request than those expected, in their order."""
    from netgloss.server.mturk.approving import approve
    from netgloss.server.mturk.reconciling import reconcile

    work(1)
    work(2, finished=False)
    work(3, passed=(False,))
    work(4)
    work(5)
    listing(amazon, [row(1), row(2), row(3), row(4, status="Approved"), row(6), row(5)])
    lines = reconcile(list_assignments(client, hits()))
    dry = approve(lines, client, dry=True)
    assert [(one.line.assignment, one.approved) for one in dry] == [("3A1", False), ("3A5", False)]
    amazon.add_response("approve_assignment", {}, approval(1))
    amazon.add_response("approve_assignment", {}, approval(5))
    done = approve(lines, client)
    assert [(one.line.assignment, one.approved) for one in done] == [("3A1", True), ("3A5", True)]


def test_approved_again_nothing_is_asked_again(work: Work, client: Any, amazon: Stubber) -> None:
    from netgloss.server.mturk.approving import approve
    from netgloss.server.mturk.reconciling import reconcile

    work(1)
    listing(amazon, [row(1, status="Approved")])
    assert approve(reconcile(list_assignments(client, hits())), client) == []


def test_what_amazon_refuses_does_not_stop_the_others(
    work: Work, client: Any, amazon: Stubber
) -> None:
    from netgloss.server.mturk.approving import approve
    from netgloss.server.mturk.reconciling import reconcile

    for number in (1, 2, 3):
        work(number)
    listing(amazon, [row(1), row(2), row(3)])
    amazon.add_client_error(
        "approve_assignment",
        "RequestError",
        "This operation can be called with a status of: Submitted",
        modeled_fields={"TurkErrorCode": "AWS.MechanicalTurk.InvalidAssignmentState"},
        expected_params=approval(1),
    )
    amazon.add_client_error(
        "approve_assignment", "ThrottlingException", "Rate exceeded", expected_params=approval(2)
    )
    amazon.add_response("approve_assignment", {}, approval(3))
    done = approve(reconcile(list_assignments(client, hits())), client)
    assert [one.approved for one in done] == [False, False, True]
    assert "InvalidAssignmentState" in done[0].fault
    assert "Rate exceeded" in done[1].fault
    assert done[2].fault == ""
