"""What the browser's tests share: the report's drawn study, a Chromium, and a served study."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

import netgloss
from netgloss.study import Study

_SPEC = spec_from_file_location(
    "report_conftest", Path(__file__).resolve().parents[1] / "report" / "conftest.py"
)
assert _SPEC is not None
assert _SPEC.loader is not None
_MODULE = module_from_spec(_SPEC)
_SPEC.loader.exec_module(_MODULE)

drawn_study_fixture = _MODULE.drawn_study_fixture

QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
PATIENCE = 20_000
SIZE = (96, 72)


@pytest.fixture(scope="module", name="browser")
def browser_fixture() -> Iterator[Browser]:
    """A Chromium for one file of tests.

    As long as it is there this thread has an event loop, in which Django refuses to work: it must
    be gone before the server's own tests begin.
    """
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.skip("no Chromium here; tests/browser/install.sh installs one")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(QUIET))
        yield browser
        browser.close()


class Served:
    """A study that ``netgloss serve`` serves, its log and its database."""

    def __init__(self, study: Path) -> None:
        self.study = study
        self.log = study.parent / "log"
        with self.log.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "netgloss", "serve", study, "--port", "0", "--workers", "1"],
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "OMP_NUM_THREADS": "1"},
            )
        self.address = self.said(r"is at (http://\S+)")

    def said(self, pattern: str) -> str:
        """What the server printed; waits for it."""
        for _ in range(600):
            found = re.findall(pattern, self.log.read_text())
            if found:
                return str(found[-1])
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise AssertionError(self.log.read_text()[-4000:])

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.study / "answers.sqlite3", timeout=20)) as database:
            return database.execute(query, values).fetchall()

    def change(self, query: str, *values: Any) -> None:
        database = sqlite3.connect(self.study / "answers.sqlite3", timeout=20)
        with closing(database), database:
            database.execute(query, values)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


class Visitor:
    """Somebody with a browser of their own; notes what the pages complain of and ask of others."""

    def __init__(self, chromium: Browser, served: Served, **options: Any) -> None:
        self.served = served
        self.complaints: list[str] = []
        self.strangers: list[str] = []
        self.context: BrowserContext = chromium.new_context(
            base_url=served.address, reduced_motion="reduce", **options
        )
        self.context.set_default_timeout(PATIENCE)
        self.context.on("request", self._note)
        self.page: Page = self.context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note(self, request: Any) -> None:
        if not request.url.startswith((self.served.address, "data:", "blob:")):
            self.strangers.append(request.url)

    def _hear(self, message: Any) -> None:
        # That the server refuses something is told to the person, and no fault of the page.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def open(self, path: str) -> Page:
        """The page at this address, once it is all there."""
        self.page.goto(path)
        expect(self.page.locator("h1")).to_be_visible()
        self.page.wait_for_load_state("networkidle")
        return self.page

    def ask(self, verb: str, path: str, body: Any = None) -> Any:
        """Asks the API as this person."""
        cookies = {cookie["name"]: cookie["value"] for cookie in self.context.cookies()}
        response = self.context.request.fetch(
            f"/api{path}",
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
        """Answers a batch, its boxes named in turn; its identifier."""
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


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[[Path], Served]]:
    """Serves studies until the tests are over."""
    built = Path(netgloss.__file__).parent / "server" / "static" / "index.html"
    if not built.is_file():
        pytest.skip("the front end is not built; `make web` builds it")
    running: list[Served] = []

    def start(study: Path) -> Served:
        running.append(Served(study))
        return running[-1]

    yield start
    for served in running:
        served.stop()


@pytest.fixture(scope="session")
def draw_study() -> Callable[..., Path]:
    """Makes a study of small pictures, each bright where something orange is drawn."""

    def draw(folder: Path, images: int = 12) -> Path:
        rows = ["image,predicted_label"]
        for name in ("photos", "maps"):
            (folder / name).mkdir(parents=True)
        for number in range(images):
            picture = Image.new("RGB", SIZE, (40 + 10 * number, 120, 200 - 10 * number))
            ImageDraw.Draw(picture).ellipse((10, 10, 40, 40), fill=(230, 120, 20))
            picture.save(folder / "photos" / f"{number:02}.png")
            heat = np.zeros((SIZE[1], SIZE[0]), np.float32)
            heat[10:40, 10:40] = 1
            np.save(folder / "maps" / f"{number:02}.npy", heat)
            rows.append(f"{number:02}.png,{('tench', 'lobster')[number % 2]}")
        predictions = folder / "predictions.csv"
        predictions.write_text("\n".join(rows) + "\n")
        study = Study.create(folder / "study", folder / "photos", predictions=predictions)
        study.import_heatmaps(folder / "maps")
        return study.folder

    return draw


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visitor]]:
    """Opens browsers, each of somebody else; closed when the test is over."""
    visitors: list[Visitor] = []

    def come(served: Served, **options: Any) -> Visitor:
        visitors.append(Visitor(browser, served, **options))
        return visitors[-1]

    yield come
    for visitor in visitors:
        visitor.context.close()


@pytest.fixture(scope="session")
def devices() -> dict[str, dict[str, Any]]:
    """The screens on which each page is looked at."""
    phone = {
        "viewport": {"width": 412, "height": 839},
        "device_scale_factor": 2.625,
        "is_mobile": True,
        "has_touch": True,
    }
    return {"desktop": {"viewport": {"width": 1280, "height": 800}}, "phone": phone}


@pytest.fixture(scope="session")
def flaws() -> Callable[[Page], list[Any]]:
    """What keeps people from using a page: axe's violations, and scrolling sideways."""
    from axe_playwright_python.sync_playwright import Axe

    def find(page: Page) -> list[Any]:
        response = Axe().run(page).response
        assert len(response["passes"]) > 10
        found: list[Any] = [
            (one["id"], [node["html"][:160] for node in one["nodes"][:3]])
            for one in response["violations"]
        ]
        widths = page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        return found + ([("scrolls sideways", widths)] if widths[0] > widths[1] else [])

    return find
