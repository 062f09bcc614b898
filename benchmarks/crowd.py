"""Many people annotate at once: Locust users in a process of their own.

``python -m benchmarks.crowd ADDRESS PEOPLE SECONDS FILE`` writes one line a request that began
after all had arrived: name, milliseconds, status. Locust patches what gevent needs when it is
imported, so nothing else may live in that process.
"""

from __future__ import annotations

import csv
import random
import sys
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

import gevent
from locust import FastHttpUser, constant, task
from locust.env import Environment
from locust.exception import RescheduleTask

__all__ = ["Participant", "Visitor", "main"]

THINK_SECONDS = 3.0
ARRIVE_SECONDS = 30.0
SETTLE_SECONDS = 30.0
TIMEOUT = 10.0
"""Seconds after which a request counts as failed."""

_BATCHES = 2
_BOXES = (3, 8)  # an image, evenly; the people of a published study drew 5.4
_CORNERS = {"x0": 120, "y0": 80, "x1": 260, "y1": 210}
_WORDS = ("claw", "wheel", "stripe", "window", "fin", "eye", "handle", "leaf")
_LOOKS = ("orange", "round", "shiny", "dark", "long", "striped")


class Visitor(FastHttpUser):
    """Comes as a guest and agrees; what follows is up to the kind of visitor."""

    abstract = True
    wait_time = constant(0)
    network_timeout = connection_timeout = TIMEOUT
    concurrency = 2
    max_retries = 0
    think_seconds = THINK_SECONDS

    def arrive(self, name: str) -> None:
        """As somebody new, who reads and agrees to the text of a task."""
        self.client.cookiejar.clear()
        self.ask("GET", "/api/me")
        self.think()
        self.ask("POST", "/api/guests", {})
        self.ask("GET", "/api/me")
        info = self.ask("GET", f"/api/tasks/{name}")
        self.think()
        self.ask("POST", f"/api/tasks/{name}/consent", {"version": info["consent_version"]})
        self.think()

    def think(self) -> None:
        """Three seconds, more or less, as people do; never less than an image takes."""
        gevent.sleep(self.think_seconds * random.uniform(0.8, 1.2))

    def ask(self, verb: str, path: str, body: Any = None, name: str | None = None) -> Any:
        """What was answered; without success, which Locust puts down, somebody else comes."""
        headers = {} if verb == "GET" else {"X-CSRF-Token": self._token()}
        answer = self.client.request(verb, path, name or path, json=body, headers=headers)
        if answer.status_code >= 400 or answer.status_code < 200:
            self.think()
            raise RescheduleTask
        return answer.json() if path.startswith("/api") and answer.content else answer

    def _token(self) -> str:
        """What must be sent back with everything that changes something."""
        cookies = self.client.cookiejar
        return next((str(one.value) for one in cookies if one.name == "netgloss_csrf"), "")


class Participant(Visitor):
    """Reads, and does batch after batch, as the pages would ask."""

    @task
    def take_part(self) -> None:
        """A whole visit; then somebody else comes in this one's place."""
        self.arrive("annotate")
        for _ in range(_BATCHES):
            self.ask("GET", "/api/tasks/annotate/words")
            batch = self.ask("POST", "/api/tasks/annotate/batch", {})
            for assignment in batch["assignments"]:
                self.annotate(assignment)
            self.ask("POST", f"/api/batches/{batch['id']}/finish", {}, "/api/batches/finish")
            self.think()

    def annotate(self, assignment: dict[str, Any]) -> None:
        """Looks at an image, draws boxes, each kept as a draft, and answers."""
        for kind in ("image", "heat"):
            self.ask("GET", assignment["shown"][kind], name=f"/pictures ({kind})")
        place, name = f"/api/assignments/{assignment['id']}", "/api/assignments"
        self.ask("POST", f"{place}/opened", {}, f"{name}/opened")
        body: dict[str, Any] = {"boxes": [], "nothing": False}
        for number in range(1, random.randint(*_BOXES) + 1):
            self.think()
            looks = random.sample(_LOOKS, 2)
            body["boxes"].append({"type": random.choice(_WORDS), "attributes": looks, **_CORNERS})
            self.ask("PUT", f"{place}/draft", {"number": number, "body": body}, f"{name}/draft")
        self.think()
        answer = {"key": str(uuid.uuid4()), "body": body}
        self.ask("POST", f"{place}/answer", answer, f"{name}/answer")


def main(
    address: str,
    people: int,
    seconds: float,
    file: Path,
    kind: type[Visitor] = Participant,
) -> None:
    """Lets the people arrive, then puts down their requests for a while.

    Args:
        address: Of the server, with ``http://``.
        people: How many at a time.
        seconds: For how long their requests are put down.
        file: Where the rows are written.
        kind: What they do.
    """
    rows: list[tuple[str, str, float, int, str]] = []
    world = Environment(user_classes=[kind], host=address)
    runner = world.create_local_runner()
    runner.start(people, spawn_rate=people / ARRIVE_SECONDS)
    gevent.sleep(ARRIVE_SECONDS + SETTLE_SECONDS)
    print("arrived", flush=True)

    def put_down(
        request_type: str, name: str, response_time: float, response: Any, **more: Any
    ) -> None:
        fault = more.get("exception")
        kind = type(fault).__name__ if fault else ""
        rows.append((request_type, name, response_time, response.status_code, kind))

    world.events.request.add_listener(put_down)
    gevent.sleep(seconds)
    world.events.request.remove_listener(put_down)
    print("measured", flush=True)
    runner.quit()
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(rows)
    faults = Counter((row[1], row[3], row[4]) for row in rows if row[4])
    for (name, status, fault), number in faults.most_common():
        print(f"{number} x {name}: {status} {fault}", file=sys.stderr)
    if runner.exceptions:
        raise SystemExit("a participant stumbled; the lines above say where")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), Path(sys.argv[4]))
