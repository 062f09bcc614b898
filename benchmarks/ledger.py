"""People who answer while the server is killed under them, and what they were promised.

Each acknowledged write is put down in a ledger. Who gets no answer asks again with the same key,
as the pages do. Afterwards the ledger is held against the database.
"""

from __future__ import annotations

import http.client
import json
import random
import sqlite3
import threading
import time
import uuid
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from benchmarks.served import PATIENCE, Server
from netgloss.server.client import Attempt, Client

__all__ = ["Answered", "Ledger", "Participant", "Verdict", "compare", "read_tables"]

_PAUSE = 0.1
_AGAIN = 0.25
_CORRECTED = 0.2
_WORDS = ("claw", "wheel", "stripe", "window", "fin", "eye", "handle", "leaf")
_LOOKS = ("orange", "round", "shiny", "dark", "long", "striped")


# ----------------------------------------------------------------------------------- the ledger


@dataclass(frozen=True)
class Answered:
    """An answer that was acknowledged."""

    assignment: str
    key: str
    body: dict[str, Any]
    receipt: dict[str, Any]


@dataclass
class Ledger:
    """What the server acknowledged, in the order in which it did.

    Attributes:
        answers: With their receipts.
        drafts: The highest number and its body an assignment.
        finished: Batches that were acknowledged as finished.
        outages: Times that the server said it could not reach its database.
        breaks: Times that no answer came.
        faults: What should not have happened.
        drafted: Acknowledged drafts.
    """

    answers: list[Answered] = field(default_factory=list)
    drafts: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    finished: list[str] = field(default_factory=list)
    outages: int = 0
    breaks: int = 0
    faults: list[str] = field(default_factory=list)
    drafted: int = 0
    _counting: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def count(self, what: str) -> None:
        """Adds one to ``drafted``, ``outages`` or ``breaks``; several may do so at a time.

        Args:
            what: Which.
        """
        with self._counting:
            setattr(self, what, getattr(self, what) + 1)

    @property
    def writes(self) -> int:
        """Acknowledged answers and drafts."""
        return len(self.answers) + self.drafted


class Participant(threading.Thread):
    """Comes as one guest after the other and answers until nothing is left.

    Args:
        server: Which is killed and started meanwhile.
        ledger: Where to put down what is acknowledged.
        leaves_first: The first guest writes drafts for a whole batch and never comes back.
    """

    def __init__(self, server: Server, ledger: Ledger, leaves_first: bool = False) -> None:
        super().__init__(daemon=True)
        self.server, self.ledger, self.leaves_first = server, ledger, leaves_first
        self.client = Client(server.address, patience=PATIENCE)

    def run(self) -> None:
        """Answers until nothing is left; whatever ends it before is a fault."""
        try:
            if self.leaves_first:
                for assignment in (self._arrive() or {"assignments": []})["assignments"]:
                    self._draft(assignment, 1)
            while (batch := self._arrive()) is not None:
                self._work_off(batch)
        except Exception as fault:  # else the thread's end would go unseen
            self.ledger.faults.append(f"{type(fault).__name__}: {fault}")
        finally:
            self.client.close()

    def _arrive(self) -> dict[str, Any] | None:
        """A new guest's batch; None once nothing is left."""
        self.client.cookies.clear()
        self._insist("GET", "/me")
        self._insist("POST", "/guests", {})
        _, task = self._insist("GET", "/tasks/annotate")
        self._insist("POST", "/tasks/annotate/consent", {"version": task["consent_version"]})
        status, batch = self._insist("POST", "/tasks/annotate/batch", {}, (409,))
        return batch if status < 400 else None

    def _work_off(self, batch: dict[str, Any]) -> None:
        for assignment in batch["assignments"]:
            self._insist("POST", f"/assignments/{assignment['id']}/opened", {})
            self._draft(assignment, 1)
            body = self._draft(assignment, 2)
            receipt = self._answer(assignment, body)
            if receipt and random.random() < _CORRECTED:
                self._answer(assignment, _annotation())
        self._insist("POST", f"/batches/{batch['id']}/finish", {})
        self.ledger.finished.append(batch["id"])

    def _draft(self, assignment: dict[str, Any], number: int) -> dict[str, Any]:
        body = _annotation()
        place = f"/assignments/{assignment['id']}/draft"
        status, kept = self._insist("PUT", place, {"number": number, "body": body})
        if status == http.HTTPStatus.OK:
            self.ledger.drafts[assignment["id"]] = (kept["number"], body)
            self.ledger.count("drafted")
        return body

    def _answer(self, assignment: dict[str, Any], body: dict[str, Any]) -> dict[str, Any] | None:
        """The receipt; now and then it is asked for again, and must be the same."""
        place, key = f"/assignments/{assignment['id']}/answer", str(uuid.uuid4())
        status, told = self._insist("POST", place, {"key": key, "body": body})
        if status != http.HTTPStatus.OK:
            return None
        receipt = _kept(told)
        self.ledger.answers.append(Answered(assignment["id"], key, body, receipt))
        if random.random() < _AGAIN:
            _, again = self._insist("POST", place, {"key": key, "body": body})
            if _kept(again) != receipt:
                self.ledger.faults.append(f"another receipt for the same key: {receipt}, {again}")
        return receipt  # type: ignore[no-any-return]  # JSON

    def _insist(
        self, verb: str, path: str, body: Any = None, refusals: tuple[int, ...] = ()
    ) -> tuple[int, Any]:
        """The first answer that is no outage; asks again as long as that takes."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                answer = self.client.attempt(verb, path, body)
            except (OSError, http.client.HTTPException):
                self.ledger.count("breaks")
            else:
                if answer.status < http.HTTPStatus.BAD_REQUEST or answer.status in refusals:
                    return answer.status, answer.body
                if not _is_outage(answer):
                    self.ledger.faults.append(f"{verb} {path}: {answer.status} {answer.body}")
                    return answer.status, answer.body
                self.ledger.count("outages")
            time.sleep(_PAUSE * random.uniform(0.5, 1.5))
        raise TimeoutError(f"{verb} {path}: no answer in {PATIENCE} seconds")


def _kept(told: dict[str, Any]) -> dict[str, Any]:
    """The part of a receipt that is kept; what comes after the batch is worked out each time."""
    return {name: value for name, value in told.items() if name != "after"}


def _is_outage(answer: Attempt) -> bool:
    """Whether it is what a page understands as one: 503 with when to come again, as JSON."""
    clean = isinstance(answer.body, dict) and bool(answer.body["error"]["message"])
    again = answer.headers.get("Retry-After", "")
    return answer.status == http.HTTPStatus.SERVICE_UNAVAILABLE and clean and again.isdigit()


def _annotation() -> dict[str, Any]:
    # Within the image: what lies outside is cut off before it is kept.
    x0, y0 = random.randint(0, 130), random.randint(0, 80)
    box = {"type": random.choice(_WORDS), "attributes": random.sample(_LOOKS, 2)}
    corners = {"x0": x0, "y0": y0, "x1": x0 + 100, "y1": y0 + 90}
    return {"boxes": [box | corners], "nothing": False}


# --------------------------------------------------------------------------------- the database


@dataclass(frozen=True)
class Verdict:
    """What the database holds, against what was promised.

    Attributes:
        lost: Acknowledged writes that are not there as they were acknowledged.
        doubled: Answers that are there twice, and images that a person has twice.
        over_quota: Items with more answers or slots than their quota, or a wrong count.
        miscounted: Finished batches whose last receipt says another number than they hold, and
            items that are neither answered to their quota nor waiting for somebody.
    """

    lost: list[str]
    doubled: list[str]
    over_quota: list[str]
    miscounted: list[str]

    @property
    def clean(self) -> bool:
        """Whether everything is as it was promised."""
        return not (self.lost or self.doubled or self.over_quota or self.miscounted)


def compare(ledger: Ledger, server: Server) -> Verdict:
    """Holds the ledger against the database, which is read without the server's own code.

    Args:
        ledger: After all have done what there was to do.
        server: Its study and database.
    """
    tables = read_tables(server, "tasks_assignment", "tasks_item", "tasks_batch")
    rows = {str(uuid.UUID(str(row["id"]))): row for row in tables["tasks_assignment"]}
    return Verdict(
        lost=[*_lost_answers(ledger, rows), *_lost_drafts(ledger, rows)],
        doubled=_doubled(ledger, rows),
        over_quota=_over_quota(tables["tasks_item"], rows),
        miscounted=[*_miscounted(ledger, rows), *_unfinished(tables["tasks_item"], rows)],
    )


def read_tables(server: Server, *names: str) -> dict[str, list[dict[str, Any]]]:
    """All rows of some tables of the database, read without the server's own code.

    Args:
        server: Its study and database.
        *names: Of the tables.
    """
    if not server.database:
        path = server.study / "answers.sqlite3"
        with closing(sqlite3.connect(path, timeout=PATIENCE)) as database:
            database.row_factory = sqlite3.Row
            found = {name: database.execute(f"SELECT * FROM {name}").fetchall() for name in names}
        return {name: [_parsed(dict(row)) for row in rows] for name, rows in found.items()}
    import psycopg
    from psycopg.rows import dict_row

    with psycopg.connect(server.database, row_factory=dict_row) as connection:
        return {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in names}


def _parsed(row: dict[str, Any]) -> dict[str, Any]:
    """SQLite keeps JSON as text."""
    json_columns = ("answer", "draft", "earlier", "receipt", "expected", "course", "acted")
    return {
        name: json.loads(value) if name in json_columns and value is not None else value
        for name, value in row.items()
    }


def _submits(row: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Body and receipt of each submit that the row holds, by key."""
    held = {one["key"]: (one["body"], one["receipt"]) for one in row["earlier"]}
    if row["key"] is not None:
        held[str(uuid.UUID(str(row["key"])))] = (row["answer"], row["receipt"])
    return held


def _lost_answers(ledger: Ledger, rows: dict[str, dict[str, Any]]) -> list[str]:
    lost = []
    for one in ledger.answers:
        row = rows.get(one.assignment)
        held = _submits(row).get(one.key) if row and row["state"] == "answered" else None
        if held != (one.body, one.receipt):
            lost.append(f"answer {one.key} of {one.assignment}: {one.body}; there is {held}")
    return lost


def _lost_drafts(ledger: Ledger, rows: dict[str, dict[str, Any]]) -> list[str]:
    """Drafts whose number is not there, or of an open assignment whose body is not."""
    lost = []
    for assignment, (number, body) in ledger.drafts.items():
        row = rows.get(assignment)
        kept = row is not None and row["draft_number"] == number
        if not kept or (row is not None and row["state"] == "open" and row["draft"] != body):
            lost.append(f"draft {number} of {assignment}: {body}; there is {row}")
    return lost


def _doubled(ledger: Ledger, rows: dict[str, dict[str, Any]]) -> list[str]:
    keys = Counter(key for row in rows.values() for key in _submits(row))
    # The last acknowledged answer is the one that stands; the others were corrected once each.
    given = Counter(one.assignment for one in ledger.answers)
    held = {name: len(row["earlier"]) + 1 for name, row in rows.items() if row["key"] is not None}
    images = Counter((row["person_id"], row["image"]) for row in rows.values())
    return [
        *(f"key {key} is there {number} times" for key, number in keys.items() if number > 1),
        *(
            f"{name}: {n} submits, {given[name]} given"
            for name, n in held.items()
            if n > given[name]
        ),
        *(f"{who} has {image} twice" for (who, image), number in images.items() if number > 1),
    ]


def _over_quota(items: list[dict[str, Any]], rows: dict[str, dict[str, Any]]) -> list[str]:
    slots: dict[int, list[int]] = defaultdict(list)
    for row in rows.values():
        if row["slot"] is not None:
            slots[row["item_id"]].append(row["slot"])
    return [
        f"item {item['id']}: slots {held} of {item['quota']}, {item['taken']} counted"
        for item in items
        if len(held := slots[item["id"]]) > item["quota"]
        or len(set(held)) != len(held)
        or item["taken"] != len(held)
    ]


def _miscounted(ledger: Ledger, rows: dict[str, dict[str, Any]]) -> list[str]:
    batches: dict[str, list[str]] = defaultdict(list)
    for row in rows.values():
        if row["state"] != "gone":
            batches[str(uuid.UUID(str(row["batch_id"])))].append(row["state"])
    last: dict[str, dict[str, Any]] = {}
    for one in ledger.answers:
        if one.assignment in rows:
            last[str(uuid.UUID(str(rows[one.assignment]["batch_id"])))] = one.receipt
    found = []
    for batch in ledger.finished:
        answered = batches[batch].count("answered")
        said = last.get(batch, {})
        if not answered == len(batches[batch]) == said.get("done") == said.get("size"):
            found.append(f"batch {batch}: {batches[batch]}, last receipt {said}")
    return found


def _unfinished(items: list[dict[str, Any]], rows: dict[str, dict[str, Any]]) -> list[str]:
    """Items that somebody could still have been asked about."""
    answered = Counter(row["item_id"] for row in rows.values() if row["state"] == "answered")
    open_ = Counter(row["item_id"] for row in rows.values() if row["state"] == "open")
    return [
        f"item {item['id']}: {answered[item['id']]} answers, {open_[item['id']]} open"
        for item in items
        if answered[item["id"]] + open_[item["id"]] != item["quota"]
    ]
