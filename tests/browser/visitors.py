"""A served study with its database, and people who come to it with browsers of their own."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import psycopg
from playwright.sync_api import BrowserContext, Page, expect

PATIENCE = 20_000
NETGLOSS = (sys.executable, "-m", "netgloss")
Place = tuple[float, float]


class Served:
    """A study that ``netgloss serve`` serves, its log and its database."""

    def __init__(
        self,
        study: Path,
        database: str = "",
        netgloss: Sequence[str | Path] = NETGLOSS,
        environment: dict[str, str] | None = None,
        mturk_site: str = "",
    ) -> None:
        self.study = study
        self.database = database
        self.log = study.parent / "log"
        options = ["--port", "0", "--workers", "1"]
        if database:
            options += ["--database", database]
        if mturk_site:
            options += ["--mturk-site", mturk_site]
        with self.log.open("w") as output:
            self.process = subprocess.Popen(
                [*netgloss, "serve", study, *options],
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**(environment or os.environ), "OMP_NUM_THREADS": "1"},
            )
        self.address = self.said(r"is at (http://\S+)")

    def said(self, pattern: str) -> str:
        """What the server printed; waits for it."""
        for _ in range(900):
            found = re.findall(pattern, self.log.read_text())
            if found:
                return str(found[-1])
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise AssertionError(self.log.read_text()[-4000:])

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What a query with ``?`` for its values finds, in SQLite's form on either database."""
        if not self.database:
            with closing(sqlite3.connect(self.study / "answers.sqlite3", timeout=20)) as database:
                return database.execute(query, values).fetchall()
        with psycopg.connect(self.database) as connection:
            found = connection.execute(query.replace("?", "%s"), values).fetchall()
        return [tuple(map(_as_sqlite_has_it, row)) for row in found]

    def change(self, query: str, *values: Any) -> None:
        """Runs a statement with ``?`` for its values, and commits it."""
        if self.database:
            with psycopg.connect(self.database) as connection:
                connection.execute(query.replace("?", "%s"), values)
            return
        database = sqlite3.connect(self.study / "answers.sqlite3", timeout=20)
        with closing(database), database:
            database.execute(query, values)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


def _as_sqlite_has_it(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.hex
    return json.dumps(value) if isinstance(value, dict | list) else value


class Visitor:
    """Somebody with a browser of their own; notes what the pages complain of and ask of others."""

    def __init__(self, context: BrowserContext, served: Served) -> None:
        self.served, self.context = served, context
        self.complaints: list[str] = []
        self.strangers: list[str] = []
        self.batch: Any = None
        context.set_default_timeout(PATIENCE)
        context.on("request", self._note)
        context.on("console", self._hear)
        context.on("weberror", lambda fault: self.complaints.append(str(fault.error)))
        self.page: Page = context.pages[0] if context.pages else context.new_page()

    def _note(self, request: Any) -> None:
        if not request.url.startswith((self.served.address, "data:", "blob:")):
            self.strangers.append(request.url)

    def _hear(self, message: Any) -> None:
        # That the server refuses something is told to the person, and no fault of the page.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def open(self, path: str) -> Page:
        """The page at this address, once it is all there."""
        self.page.goto(self.served.address + path)
        expect(self.page.locator("h1")).to_be_visible()
        self.page.wait_for_load_state("networkidle")
        return self.page

    def ask(self, verb: str, path: str, body: Any = None) -> Any:
        """Asks the API as this person."""
        cookies = {cookie["name"]: cookie["value"] for cookie in self.context.cookies()}
        response = self.context.request.fetch(
            f"{self.served.address}/api{path}",
            method=verb,
            data=None if body is None else json.dumps(body),
            headers={
                "Content-Type": "application/json",
                "X-CSRF-Token": cookies.get("netgloss_csrf", ""),
            },
        )
        assert response.ok, f"{verb} {path}: {response.status} {response.text()}"
        return json.loads(response.text() or "null")

    def be_guest(self) -> None:
        self.ask("GET", "/me")
        self.ask("POST", "/guests", {})
        task = self.ask("GET", "/tasks/annotate")
        self.ask("POST", "/tasks/annotate/consent", {"version": task["consent_version"]})

    def answer_batch(self, *types: str) -> str:
        """Answers a batch without looking, its boxes named in turn; its identifier."""
        batch = self.ask("POST", "/tasks/annotate/batch", {})
        for number, assignment in enumerate(batch["assignments"]):
            kind = (types or ("claw",))[number % max(1, len(types))]
            box = {"type": kind, "attributes": ["orange"], "x0": 4, "y0": 4, "x1": 40, "y1": 40}
            path = f"/assignments/{assignment['id']}"
            self.ask("POST", f"{path}/opened", {})
            key = f"00000000-0000-4000-8000-{number:012}"
            body = {"boxes": [box], "nothing": False}
            self.ask("POST", f"{path}/answer", {"key": key, "body": body})
        return str(batch["id"])

    # ---------------------------------------------------------------------- at work on a batch

    def start_as_guest(self) -> None:
        """From the first page to the first picture, as somebody new goes."""
        self.open("/")
        self.page.get_by_role("button", name="Start as a guest").click()
        self.begin_reading()

    def begin_reading(self) -> None:
        """Past the consent and the instructions to the first picture."""
        self.page.get_by_role("button", name="I agree").click()
        expect(self.page.get_by_role("heading", level=1, name="Instructions")).to_be_visible()
        self.page.get_by_role("button", name="Start", exact=True).click()
        self.take_up()

    def take_up(self) -> None:
        """Notes which batch is on the screen."""
        self.see()
        self.batch = self.ask("POST", "/tasks/annotate/batch", {})

    def window(self) -> Page:
        """Another window on the pictures; what follows happens there."""
        self.page = self.context.new_page()
        self.page.goto(f"{self.served.address}/annotate")
        self.see()
        return self.page

    def see(self) -> None:
        """Waits until the picture is on the screen and its clock runs."""
        expect(self.page.locator("#picture")).to_be_visible()
        expect(self.page.locator("#picture img").first).to_have_js_property("complete", True)
        expect(self.page.get_by_text("Loading the picture")).to_have_count(0)

    def at(self, position: int) -> None:
        title = f"Picture {position + 1} of {self.batch['size']}"
        expect(self.page.get_by_text(title, exact=True)).to_be_visible()
        self.see()

    def spot(self, x: float, y: float) -> Place:
        """Where a pixel of the picture lies on the screen while all of it is shown."""
        pane = self.page.locator("#picture").bounding_box()
        assert pane is not None
        shown = self.batch["assignments"][0]["shown"]
        scale = min(pane["width"] / shown["width"], pane["height"] / shown["height"])
        left = pane["x"] + (pane["width"] - shown["width"] * scale) / 2
        top = pane["y"] + (pane["height"] - shown["height"] * scale) / 2
        return left + x * scale, top + y * scale

    def drag(self, x0: float, y0: float, x1: float, y1: float) -> None:
        mouse = self.page.mouse
        mouse.move(*self.spot(x0, y0))
        mouse.down()
        mouse.move(*self.spot((x0 + x1) / 2, (y0 + y1) / 2))
        mouse.move(*self.spot(x1, y1))
        mouse.up()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def touch(self, *steps: list[Place]) -> None:
        """Puts fingers down at the first places, moves them to the following ones, lifts them.

        By the browser's own protocol, as a phone reports them.
        """
        session = self.context.new_cdp_session(self.page)
        for number, places in enumerate([*steps, []]):
            last = number == len(steps)
            kind = "touchEnd" if last else "touchMove" if number else "touchStart"
            points = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(places)]
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def focused(self) -> str:
        return str(self.page.evaluate("document.activeElement?.id"))

    def spoken(self, text: str) -> None:
        expect(self.page.locator("#spoken")).to_contain_text(text)

    def saved(self) -> None:
        expect(self.page.locator("#saved")).to_have_text("Saved")

    def finished(self) -> None:
        expect(self.page).to_have_url(re.compile("/annotate/finished/"))

    # --------------------------------------------------------------- what the server has of it

    def stored(self, column: str, position: int = 0) -> Any:
        query = (
            f"SELECT {column} FROM tasks_assignment "
            "WHERE batch_id = ? AND position = ? AND state != 'gone'"
        )
        [(value,)] = self.served.rows(query, self.batch["id"].replace("-", ""), position)
        return value

    def draft(self, position: int = 0) -> Any:
        return json.loads(self.stored("draft", position) or "null")

    def answer(self, position: int = 0) -> Any:
        return json.loads(self.stored("answer", position) or "null")

    def answered(self, count: int) -> None:
        """Waits until the server has this many answers of the batch."""
        query = "SELECT count(*) FROM tasks_assignment WHERE batch_id = ? AND state = 'answered'"
        batch = self.batch["id"].replace("-", "")
        self.until(lambda: self.served.rows(query, batch) == [(count,)])

    @staticmethod
    def until(true: Callable[[], bool]) -> None:
        for _ in range(PATIENCE // 50):
            if true():
                return
            time.sleep(0.05)
        assert true()

    @staticmethod
    def near(body: Any, *boxes: tuple[int, int, int, int], within: int = 2) -> bool:
        """Whether these are the boxes, but for the rounding of the screen's pixels."""
        found = [(box["x0"], box["y0"], box["x1"], box["y1"]) for box in body["boxes"]]
        return len(found) == len(boxes) and bool(
            np.all(np.abs(np.array(found) - np.array(boxes)) <= within)
        )
