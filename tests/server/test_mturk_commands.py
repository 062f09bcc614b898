"""The verbs of ``netgloss mturk`` against a small Mechanical Turk on this machine."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from netgloss.cli import run
from netgloss.server.mturk import requester

ADDRESS = ("--address", "https://study.example.org", "--reward", "0.50")
PAGE = 2


class Turk:
    """Keeps HITs and assignments as Amazon does, and answers botocore over HTTP."""

    def __init__(self) -> None:
        self.hits: list[dict[str, Any]] = []
        self.assignments: list[dict[str, str]] = []
        self.asked: list[str] = []
        self.refused: set[str] = set()
        self.throttled = 0
        turk = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                operation = self.headers["X-Amz-Target"].rpartition(".")[2]
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, answer = turk.answer(operation, body)
                text = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, operation: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.asked.append(operation)
        if self.throttled:
            self.throttled -= 1
            return 400, {"__type": "ThrottlingException", "Message": "Rate exceeded"}
        return getattr(self, operation)(body)

    def CreateHIT(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:  # noqa: N802
        hit = {**body, "HITId": f"3HIT{len(self.hits)}", "HITGroupId": "3GROUP"}
        hit["Expiration"] = datetime(2030, 1, 1, tzinfo=UTC).timestamp()
        self.hits.append(hit)
        return 200, {"HIT": hit}

    def GetHIT(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:  # noqa: N802
        return 200, {"HIT": next(hit for hit in self.hits if hit["HITId"] == body["HITId"])}

    def CreateAdditionalAssignmentsForHIT(  # noqa: N802
        self, body: dict[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        hit = self.GetHIT(body)[1]["HIT"]
        hit["MaxAssignments"] += body["NumberOfAdditionalAssignments"]
        return 200, {}

    def ListAssignmentsForHIT(  # noqa: N802
        self, body: dict[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        rows = [row for row in self.assignments if row["HITId"] == body["HITId"]]
        begin = int(body.get("NextToken", "0"))
        answer: dict[str, Any] = {"Assignments": rows[begin : begin + PAGE]}
        if begin + PAGE < len(rows):
            answer["NextToken"] = str(begin + PAGE)
        return 200, answer

    def ApproveAssignment(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:  # noqa: N802
        name = body["AssignmentId"]
        row = next(row for row in self.assignments if row["AssignmentId"] == name)
        if name in self.refused or row["AssignmentStatus"] != "Submitted":
            code = "AWS.MechanicalTurk.InvalidAssignmentState"
            fault = {"__type": "RequestError", "Message": "Not now.", "TurkErrorCode": code}
            return 400, fault
        row["AssignmentStatus"] = "Approved"
        return 200, {}


@pytest.fixture
def turk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Turk]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    made = Turk()
    reached = partial(requester.connect, endpoint=made.address)
    monkeypatch.setattr(requester, "connect", reached)
    yield made
    made.server.shutdown()
    made.server.server_close()


Netgloss = Callable[..., tuple[int, str, str]]


@pytest.fixture
def netgloss(capsys: pytest.CaptureFixture[str]) -> Netgloss:
    """Runs a command; its exit status and what it printed."""

    def call(*words: object) -> tuple[int, str, str]:
        capsys.readouterr()
        status = run(["mturk", *map(str, words)])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return status, said.out, said.err

    return call


@pytest.fixture
def study(database: None, served_study: Path) -> Iterator[Path]:
    place = served_study / ".netgloss" / "mturk.json"
    place.unlink(missing_ok=True)
    yield served_study
    place.unlink(missing_ok=True)


def test_publishing_is_in_the_sandbox_and_says_so(
    turk: Turk, netgloss: Netgloss, study: Path
) -> None:
    status, out, _ = netgloss("publish", study, *ADDRESS, "--people", 30)
    assert status == 0
    assert out == (
        "published HIT 3HIT0 in the sandbox, where nothing is paid: "
        "30 people at $0.50: $15.00, and Amazon's fee on top\n"
        "workers find it at https://workersandbox.mturk.com/mturk/preview?groupId=3GROUP\n"
    )
    status, out, err = netgloss("publish", study, *ADDRESS, "--people", 30)
    assert (status, len(turk.hits)) == (0, 1)
    assert "already, for 30" in out
    assert "netgloss mturk add" in err
    assert netgloss("add", study, "--people", 5)[1].endswith("is for 35 people now\n")
    assert turk.hits[0]["MaxAssignments"] == 35


def test_real_money_is_asked_for_first(
    turk: Turk, netgloss: Netgloss, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from io import StringIO

    monkeypatch.setattr("sys.stdin", StringIO("n\n"))
    status, out, err = netgloss("publish", study, *ADDRESS, "--people", 30, "--live")
    assert status == 1
    assert "spends money: 30 people at $0.50: $15.00" in out + err
    assert (turk.asked, (study / ".netgloss" / "mturk.json").exists()) == ([], False)
    status, out, _ = netgloss("publish", study, *ADDRESS, "--people", 30, "--live", "--yes")
    assert "in Mechanical Turk: 30 people" in out
    assert "https://worker.mturk.com/" in out
    assert netgloss("sync", study)[0] == 1, "what is live is not in the sandbox"


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (("--address", "http://a.example", "--reward", "1"), 2, "HTTPS only"),
        (("--address", "https://a.example", "--reward", "free"), 2, "--reward 'free'"),
    ],
)
def test_what_is_wrong_is_one_line(
    turk: Turk, netgloss: Netgloss, study: Path, words: tuple[str, ...], status: int, message: str
) -> None:
    found, _, err = netgloss("publish", study, *words, "--people", 3)
    assert found == status
    assert err.startswith("netgloss: ")
    assert (err.count("\n"), message in err, turk.asked) == (1, True, [])


def test_nothing_published_is_said(turk: Turk, netgloss: Netgloss, study: Path) -> None:
    for verb in ("sync", "approve"):
        status, _, err = netgloss(verb, study)
        assert (status, "nothing is published in the sandbox" in err) == (1, True)


def finish(worker: str, assignment: str) -> None:
    """The worker's batch, through the frame's own requests."""
    import uuid

    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    headers: dict[str, str] = {}

    def post(path: str, body: Any = None) -> Any:
        answer = client.post(
            f"/api{path}", body or {}, content_type="application/json", headers=headers
        )
        assert answer.status_code in (200, 201), answer.content
        return answer.json()

    visit = {"panel": "mturk", "person": worker, "study": "3HIT0", "session": assignment}
    headers["Authorization"] = f"Bearer {post('/panel-tokens', visit)['token']}"
    batch = post("/tasks/annotate/batch")
    for one in batch["assignments"]:
        body = {"key": str(uuid.uuid4()), "body": {"boxes": [], "nothing": True}}
        post(f"/assignments/{one['id']}/answer", body)
    post(f"/batches/{batch['id']}/finish")


@pytest.fixture
def worked(turk: Turk, netgloss: Netgloss, study: Path) -> Path:
    """Four workers have handed in; all but the last have finished, as has one who has not."""
    from netgloss.server.tasks import engine
    from netgloss.server.tasks.models import Task
    from netgloss.study import Study

    engine.set_up(Study.open(study))
    Task.objects.update(min_seconds=0, batch_size=2, controls=0, consent="", quota=5)
    netgloss("publish", study, *ADDRESS, "--people", 9)
    for number in range(4):
        if number < 3:
            finish(f"AW{number}", f"3A{number}")
        turk.assignments.append(
            {
                "HITId": "3HIT0",
                "AssignmentId": f"3A{number}",
                "WorkerId": f"AW{number}",
                "AssignmentStatus": "Submitted",
            }
        )
    finish("AW9", "3A9")
    return study


def test_sync_lists_both_sides_over_all_pages_and_through_throttling(
    turk: Turk, netgloss: Netgloss, worked: Path
) -> None:
    turk.throttled = 2
    status, out, err = netgloss("sync", worked, "--format", "json")
    assert status == 0, err
    assert [
        (row["worker"], row["state"], row["amazon"], row["here"]) for row in json.loads(out)
    ] == [
        ("AW0", "handed in and finished here", "Submitted", "finished"),
        ("AW1", "handed in and finished here", "Submitted", "finished"),
        ("AW2", "handed in and finished here", "Submitted", "finished"),
        ("AW3", "handed in, but not finished here", "Submitted", ""),
        ("AW9", "finished here, but not handed in", "", "finished"),
    ]
    assert turk.asked.count("ListAssignmentsForHIT") == 2
    assert "4 of 9 handed in" in err
    assert "3 handed in and finished here" in err
    assert "next: netgloss mturk approve" in err


def test_approving_pays_each_once_and_lists_what_went_wrong(
    turk: Turk, netgloss: Netgloss, worked: Path
) -> None:
    status, out, err = netgloss("approve", worked, "--dry-run")
    assert (status, out.count("would be approved"), "ApproveAssignment" in turk.asked) == (
        0,
        3,
        False,
    )
    turk.refused = {"3A1"}
    status, out, err = netgloss("approve", worked)
    assert status == 1
    assert (out.count("approved now"), out.count("Not now.")) == (2, 1)
    assert "1 of 3 assignments could not be approved" in err
    assert "left alone: 1 handed in, but not finished here" in err
    turk.refused = set()
    assert netgloss("approve", worked)[1].count("approved now") == 1
    assert netgloss("approve", worked)[1].count("approved now") == 0
    assert [row["AssignmentStatus"] for row in turk.assignments] == ["Approved"] * 3 + ["Submitted"]
    assert turk.asked.count("ApproveAssignment") == 4
    assert "RejectAssignment" not in turk.asked
