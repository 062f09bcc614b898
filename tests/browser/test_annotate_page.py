"""The annotation page in a real browser on a real server: what people do is what is stored."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, Page, expect

from netgloss.study import Study

pytestmark = [pytest.mark.browser, pytest.mark.slow]

QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
DESKTOP = {"width": 1280, "height": 800}
SIZE = (320, 240)
SALIENT = (40, 60, 120, 140)
PATIENCE = 20_000


# ------------------------------------------------------------------------------- the served study


def make_study(folder: Path) -> Path:
    """Twelve pictures, each bright where ``SALIENT`` says."""
    rows = ["image,predicted_label"]
    (folder / "photos").mkdir(parents=True)
    (folder / "maps").mkdir()
    for number in range(12):
        picture = Image.new("RGB", SIZE, (40 + 15 * number, 120, 200 - 12 * number))
        ImageDraw.Draw(picture).ellipse(SALIENT, fill=(230, 120, 20))
        picture.save(folder / "photos" / f"{number:02}.png")
        heat = np.zeros((SIZE[1], SIZE[0]), np.float32)
        x0, y0, x1, y1 = SALIENT
        heat[y0:y1, x0:x1] = 1
        np.save(folder / "maps" / f"{number:02}.npy", heat)
        rows.append(f"{number:02}.png,{('tench', 'lobster')[number % 2]}")
    predictions = folder / "predictions.csv"
    predictions.write_text("\n".join(rows) + "\n")
    study = Study.create(folder / "study", folder / "photos", predictions=predictions)
    study.import_heatmaps(folder / "maps")
    return study.folder


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, serve: Callable[[Path], Any]) -> Any:
    return serve(make_study(tmp_path_factory.mktemp("annotate")))


class Worker:
    """A guest with an open batch, and the page they work on."""

    def __init__(self, served: Any, context: BrowserContext) -> None:
        self.served, self.context = served, context
        self.complaints: list[str] = []
        self.ask("GET", "/me")
        self.ask("POST", "/guests", {})
        task = self.ask("GET", "/tasks/annotate")
        if task["consent"]:
            self.ask("POST", "/tasks/annotate/consent", {"version": task["consent_version"]})
        self.batch = self.ask("POST", "/tasks/annotate/batch", {})
        self.page = self.open()

    def ask(self, verb: str, path: str, body: Any = None) -> Any:
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
        assert response.ok, response.text()
        return None if response.status == 204 else response.json()

    def open(self) -> Page:
        page = self.context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(f"{self.served.address}/annotate")
        self.page = page
        self.see()
        return page

    def see(self) -> None:
        """Waits until the picture is on the screen and its clock runs."""
        expect(self.page.locator("#picture")).to_be_visible()
        expect(self.page.locator("#picture img").first).to_have_js_property("complete", True)
        expect(self.page.get_by_text("Loading the picture")).to_have_count(0)

    def at(self, position: int) -> None:
        title = f"Picture {position + 1} of {self.batch['size']}"
        expect(self.page.get_by_text(title, exact=True)).to_be_visible()
        self.see()

    def spot(self, x: float, y: float) -> tuple[float, float]:
        """Where a pixel of the picture lies on the screen while all of it is shown."""
        pane = self.page.locator("#picture").bounding_box()
        assert pane is not None
        scale = min(pane["width"] / SIZE[0], pane["height"] / SIZE[1])
        left = pane["x"] + (pane["width"] - SIZE[0] * scale) / 2
        top = pane["y"] + (pane["height"] - SIZE[1] * scale) / 2
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

    def focused(self) -> str:
        return str(self.page.evaluate("document.activeElement?.id"))

    def spoken(self, text: str) -> None:
        expect(self.page.locator("#spoken")).to_contain_text(text)

    def saved(self) -> None:
        expect(self.page.locator("#saved")).to_have_text("Saved")

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
        until(lambda: self.served.rows(query, batch) == [(count,)])

    def finished(self) -> None:
        expect(self.page).to_have_url(re.compile("/annotate/finished/"))


def until(true: Callable[[], bool]) -> None:
    for _ in range(PATIENCE // 50):
        if true():
            return
        time.sleep(0.05)
    assert true()


def near(body: Any, *boxes: tuple[int, int, int, int], within: int = 2) -> bool:
    """Whether these are the boxes, but for the rounding of the screen's pixels."""
    found = [(box["x0"], box["y0"], box["x1"], box["y1"]) for box in body["boxes"]]
    return len(found) == len(boxes) and bool(
        np.all(np.abs(np.array(found) - np.array(boxes)) <= within)
    )


Begin = Callable[..., Worker]


@pytest.fixture
def begin(served: Any, browser: Browser) -> Iterator[Begin]:
    """Lets somebody begin a batch; whatever the browser complained of fails the test."""
    workers: list[Worker] = []

    def start(size: int = 2, seconds: float = 0, **options: Any) -> Worker:
        served.change(
            "UPDATE tasks_task SET batch_size = ?, min_seconds = ?, quota = 100", size, seconds
        )
        served.change("UPDATE tasks_item SET quota = 100")
        context = browser.new_context(
            **{"viewport": DESKTOP, "reduced_motion": "reduce", **options}
        )
        worker = Worker(served, context)
        workers.append(worker)
        return worker

    yield start
    for worker in workers:
        worker.context.close()
        offline = "net::ERR_INTERNET_DISCONNECTED"
        refused = "the server responded with a status of 409"
        assert [c for c in worker.complaints if offline not in c and refused not in c] == []


# --------------------------------------------------------------------------------------- by mouse


def test_a_batch_of_ten_by_mouse_is_stored_as_it_was_drawn(begin: Begin) -> None:
    worker = begin(size=10)
    page = worker.page
    for position in range(9):
        worker.at(position)
        worker.drag(30 + position, 50, 100, 120 + position)
        page.keyboard.type(f"thing {position}")
        page.locator("#attributes-0").fill("orange, round")
        page.get_by_role("button", name="Next").click()
    worker.at(9)
    page.get_by_label("Nothing recognisable").check()
    page.get_by_role("button", name="Finish").click()
    worker.finished()
    worker.answered(10)
    for position in range(9):
        answer = worker.answer(position)
        assert near(answer, (30 + position, 50, 100, 120 + position))
        assert answer["boxes"][0]["type"] == f"thing {position}"
        assert answer["boxes"][0]["attributes"] == ["orange", "round"]
        assert not answer["nothing"]
    assert worker.answer(9) == {"boxes": [], "nothing": True}


def test_a_box_is_moved_resized_and_deleted_by_mouse(begin: Begin) -> None:
    worker = begin()
    worker.drag(60, 60, 140, 130)
    worker.drag(100, 95, 130, 105)
    worker.saved()
    assert near(worker.draft(), (90, 70, 170, 140))
    worker.drag(170, 140, 200, 150)
    worker.drag(90, 105, 70, 105)
    worker.saved()
    assert near(worker.draft(), (70, 70, 200, 150))
    worker.page.get_by_role("button", name="Delete box 1").click()
    worker.saved()
    assert worker.draft()["boxes"] == []


def test_a_small_box_inside_a_large_one_is_drawn_chosen_and_moved(begin: Begin) -> None:
    worker = begin()
    worker.drag(20, 20, 300, 220)
    worker.page.keyboard.press("Escape")
    worker.page.keyboard.press("Escape")
    worker.drag(100, 100, 150, 140)
    worker.page.mouse.click(*worker.spot(250, 200))
    worker.page.mouse.click(*worker.spot(125, 120))
    worker.drag(125, 120, 145, 120)
    worker.saved()
    assert near(worker.draft(), (20, 20, 300, 220), (120, 100, 170, 140))


def test_a_zoomed_picture_is_drawn_on_where_it_shows(begin: Begin) -> None:
    worker = begin()
    page = worker.page
    page.mouse.move(*worker.spot(80, 100))
    page.keyboard.down("Control")
    for _ in range(4):
        page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    expect(page.get_by_role("button", name="Zoom out")).not_to_have_attribute(
        "aria-disabled", "true"
    )
    # The place under the pointer has stayed, and around it all is larger.
    x, y = worker.spot(80, 100)
    page.mouse.down()
    page.mouse.move(x + 50, y + 50)
    page.mouse.move(x + 100, y + 80)
    page.mouse.up()
    worker.saved()
    [box] = worker.draft()["boxes"]
    pane = page.locator("#picture").bounding_box()
    assert pane is not None
    whole = min(pane["width"] / SIZE[0], pane["height"] / SIZE[1])
    assert abs(box["x0"] - 80) <= 1
    assert abs(box["y0"] - 100) <= 1
    assert box["x1"] - box["x0"] < 100 / whole / 2
    assert (box["x1"] - box["x0"]) / (box["y1"] - box["y0"]) == pytest.approx(100 / 80, abs=0.1)


# ------------------------------------------------------------------------------------ by keyboard


def test_a_batch_by_keyboard_alone(begin: Begin) -> None:
    worker = begin(size=3)
    assert worker.focused() == "picture"
    worker.press("n")
    worker.spoken("Box added on a bright area")
    assert worker.focused() == "box-0"
    x0, y0, x1, y1 = worker.batch["assignments"][0]["shown"]["salient"][0]
    # A step is a hundredth of the longer side: 3 pixels.
    worker.press("ArrowRight", "ArrowRight", "ArrowUp", "Control+ArrowLeft")
    worker.press("Shift+ArrowRight", "Shift+ArrowDown", "Control+Shift+ArrowDown")
    name = worker.page.locator("#box-0").get_attribute("aria-label")
    assert name == f"Box 1: no words yet; {x1 - x0 + 3:.0f} by {y1 - y0 + 4:.0f} pixels"
    worker.press("n")
    assert worker.focused() == "box-1"
    worker.press("Delete")
    assert worker.focused() == "box-0"
    worker.press("Enter")
    assert worker.focused() == "type-0"
    worker.page.keyboard.type("ball")
    worker.press("Enter")
    worker.page.keyboard.type("orange,round")
    worker.press("Enter", "Backspace")
    worker.spoken("round removed")
    worker.press("Control+Enter")
    worker.at(1)
    worker.press("x")
    worker.spoken("Nothing recognisable")
    worker.press("Control+Enter")
    worker.at(2)
    worker.press("n", "Tab", "Shift+Tab")
    assert worker.focused() == "box-0"
    worker.press("Enter")
    worker.page.keyboard.type("ba")
    worker.press("ArrowDown", "Enter")
    assert worker.focused() == "attributes-0"
    worker.press("ArrowDown", "Enter", "Control+Enter")
    worker.finished()
    worker.answered(3)
    moved = {"x0": x0 + 5, "y0": y0 - 3, "x1": x1 + 5 + 3, "y1": y1 - 3 + 4}
    assert worker.answer(0)["boxes"] == [{"type": "ball", "attributes": ["orange"], **moved}]
    assert worker.answer(1) == {"boxes": [], "nothing": True}
    [chosen] = worker.answer(2)["boxes"]
    assert (chosen["type"], chosen["attributes"]) == ("ball", ["orange"])
    assert [chosen["x0"], chosen["y0"], chosen["x1"], chosen["y1"]] == [x0, y0, x1, y1]


def test_single_keys_can_be_switched_off_and_are_letters_in_a_field(begin: Begin) -> None:
    worker = begin()
    page = worker.page
    worker.press("?")
    page.get_by_label("Single letters are keys").uncheck()
    worker.press("n", "Escape", "n", "h")
    expect(page.locator("#box-0")).to_have_count(0)
    expect(page.get_by_role("button", name="Heat")).to_have_attribute("aria-pressed", "true")
    page.reload()
    worker.see()
    worker.press("n")
    expect(page.locator("#box-0")).to_have_count(0)
    page.get_by_role("button", name="Keys and help").click()
    page.get_by_label("Single letters are keys").check()
    worker.press("Escape", "n", "Enter")
    page.keyboard.type("hn?x")
    expect(page.locator("#type-0")).to_have_value("hn?x")
    expect(page.locator("[id^=box-]")).to_have_count(1)


def test_heat_side_by_side_and_outlines_follow_their_keys(begin: Begin) -> None:
    worker = begin()
    heat = worker.page.locator("#picture img").nth(1)
    expect(heat).to_have_css("opacity", "0.8")
    worker.press("h")
    expect(heat).to_have_css("opacity", "0")
    worker.press("h", "s")
    expect(worker.page.get_by_role("img", name="without the heat")).to_be_visible()
    outlines = worker.page.locator("#picture .line.salient")
    expect(outlines).to_have_count(1)
    worker.press("o")
    expect(outlines).to_have_count(0)


# --------------------------------------------------------------------------------------- by touch


class Fingers:
    """Touches by the browser's own protocol, as a phone reports them."""

    def __init__(self, worker: Worker) -> None:
        self.session = worker.context.new_cdp_session(worker.page)

    def touch(self, *steps: list[tuple[float, float]]) -> None:
        """Puts fingers down at the first places, moves them to the following ones, lifts them."""
        for number, places in enumerate(steps):
            points = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(places)]
            self._send("touchStart" if number == 0 else "touchMove", points)
        self._send("touchEnd", [])

    def _send(self, kind: str, points: list[dict[str, float]]) -> None:
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_a_batch_on_a_phone_by_touch(begin: Begin) -> None:
    worker = begin(
        viewport={"width": 412, "height": 839},
        has_touch=True,
        is_mobile=True,
        device_scale_factor=2.625,
    )
    page, fingers = worker.page, Fingers(worker)
    start, end = worker.spot(150, 40), worker.spot(250, 180)
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    fingers.touch([start], [middle], [end])
    expect(page.locator("#box-0")).to_be_focused()
    assert page.evaluate("scrollY") == 0
    # Beside the corner, as fingers are: within 22 pixels it is still the corner.
    beside = (end[0] + 12, end[1] + 12)
    fingers.touch([beside], [(beside[0], beside[1] - 30)], [(beside[0] - 40, beside[1] - 60)])
    worker.saved()
    scale = (end[0] - start[0]) / 100
    assert near(worker.draft(), (150, 40, 250 - round(40 / scale), 180 - round(60 / scale)))
    page.locator("#type-0").tap()
    page.keyboard.type("ball")
    page.locator("#attributes-0").tap()
    page.keyboard.type("orange")
    page.get_by_role("button", name="Next").tap()
    worker.at(1)
    page.get_by_label("Nothing recognisable").tap()
    page.get_by_role("button", name="Finish").tap()
    worker.finished()
    worker.answered(2)
    assert worker.answer(0)["boxes"][0]["attributes"] == ["orange"]


def test_two_fingers_zoom_and_draw_nothing(begin: Begin) -> None:
    worker = begin(viewport={"width": 412, "height": 839}, has_touch=True, is_mobile=True)
    page, fingers = worker.page, Fingers(worker)
    x, y = worker.spot(160, 120)
    before = page.locator("#picture .stage").evaluate("e => e.getBoundingClientRect().width")
    fingers.touch(
        [(x - 30, y), (x + 30, y)],
        [(x - 60, y), (x + 60, y)],
        [(x - 90, y), (x + 90, y)],
    )
    after = page.locator("#picture .stage").evaluate("e => e.getBoundingClientRect().width")
    assert after / before == pytest.approx(3, rel=0.05)
    assert page.evaluate("visualViewport.scale") == 1
    expect(page.locator("[id^=box-]")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_narrow_phone_has_everything_within_its_width(begin: Begin) -> None:
    worker = begin(viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True)
    page = worker.page
    page.get_by_role("button", name="Add a box").tap()
    page.get_by_role("button", name="More tools").tap()
    expect(page.get_by_role("button", name="Zoom in")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("#attributes-0").focus()
    field, foot = (
        page.locator("#attributes-0").bounding_box(),
        page.locator("#saved").bounding_box(),
    )
    assert field is not None
    assert foot is not None
    assert field["y"] + field["height"] <= foot["y"]


# ----------------------------------------------------------------------------- kept, undone, away


def test_work_is_there_again_after_the_page_was_left_at_once(begin: Begin) -> None:
    worker = begin()
    worker.drag(60, 60, 140, 130)
    worker.page.keyboard.type("ball")
    worker.press("Enter")
    worker.page.keyboard.type("oran")
    # Sooner than the pause after which work is saved.
    worker.page.goto("about:blank")
    worker.page.close()
    page = worker.open()
    expect(page.locator("#box-0")).to_have_attribute(
        "aria-label", re.compile("Box 1: ball, oran; ")
    )
    until(lambda: "oran" in json.dumps(worker.draft()))
    assert near(worker.draft(), (60, 60, 140, 130))


def test_every_action_is_undone_and_done_again(begin: Begin) -> None:
    worker = begin()
    page = worker.page
    worker.drag(60, 60, 140, 130)
    page.keyboard.type("ball")
    worker.press("Enter")
    page.keyboard.type("orange,round,")
    worker.press("Escape", "ArrowRight", "ArrowRight")
    worker.drag(180, 60, 250, 130)
    worker.press("Escape", "Delete")
    page.get_by_label("Nothing recognisable").check()
    worker.saved()
    last = worker.draft()
    assert last == {"boxes": [], "nothing": True}
    # Said, deleted, drawn, moved (both presses are one), two words, a name, drawn.
    for said in ("Nothing", "deleted", "drawn", "moved", "round", "orange", "Name", "drawn"):
        worker.press("Control+z")
        worker.spoken("Undone:")
        worker.spoken(said)
    expect(page.get_by_role("button", name="Undo")).to_have_attribute("aria-disabled", "true")
    worker.saved()
    assert worker.draft() == {"boxes": [], "nothing": False}
    for _ in range(5):
        worker.press("Control+Shift+z")
    worker.saved()
    [box] = worker.draft()["boxes"]
    assert (box["type"], box["attributes"]) == ("ball", ["orange", "round"])
    assert abs(box["x0"] - 66) <= 1
    for _ in range(3):
        worker.press("Control+y")
    worker.saved()
    assert worker.draft() == last


def test_offline_work_is_kept_told_and_sent_when_the_network_is_back(begin: Begin) -> None:
    worker = begin()
    worker.context.set_offline(True)
    worker.drag(60, 60, 140, 130)
    worker.page.keyboard.type("ball")
    worker.press("Enter")
    worker.page.keyboard.type("orange,")
    expect(worker.page.locator("#saved")).to_have_text("Not saved, trying again")
    assert worker.draft() is None
    # One goes on meanwhile, and the answer follows.
    next_picture = worker.page.get_by_role("button", name="Next")
    next_picture.click()
    assert worker.stored("state") == "open"
    worker.context.set_offline(False)
    worker.answered(1)
    worker.saved()
    assert near(worker.answer(), (60, 60, 140, 130))
    worker.at(1)


def test_offline_work_outlives_the_page(begin: Begin) -> None:
    worker = begin()
    worker.context.set_offline(True)
    worker.drag(60, 60, 140, 130)
    worker.page.keyboard.type("ball")
    expect(worker.page.locator("#saved")).to_have_text("Not saved, trying again")
    worker.page.close()
    worker.context.set_offline(False)
    page = worker.open()
    expect(page.locator("#box-0")).to_have_attribute("aria-label", re.compile("Box 1: ball"))
    # Either the closing page's last request got through after all, or the new page saves the copy.
    until(lambda: worker.draft() is not None)
    assert near(worker.draft(), (60, 60, 140, 130))


def test_a_second_window_takes_over_and_undo_brings_ones_own_back(begin: Begin) -> None:
    worker = begin()
    first = worker.page
    second = worker.open()
    worker.page = first
    worker.drag(60, 60, 140, 130)
    worker.saved()
    worker.page = second
    worker.drag(10, 10, 50, 50)
    expect(second.get_by_text("changed in another window").first).to_be_visible()
    worker.saved()
    assert near(worker.draft(), (60, 60, 140, 130))
    expect(second.locator("[id^=box-]")).to_have_count(1)
    second.locator("#picture").focus()
    worker.press("Control+z")
    worker.saved()
    until(lambda: near(worker.draft(), (10, 10, 50, 50)))


# ------------------------------------------------------------------------------------ the batch


def test_an_answer_is_corrected_until_the_batch_ends(begin: Begin) -> None:
    worker = begin()
    page = worker.page
    worker.press("x", "Control+Enter")
    worker.at(1)
    worker.answered(1)
    worker.press("p")
    worker.at(0)
    expect(page.get_by_label("Nothing recognisable")).to_be_checked()
    worker.press("n", "Enter")
    page.keyboard.type("ball")
    worker.press("Enter")
    page.keyboard.type("orange")
    page.get_by_role("button", name="Save and go on").click()
    worker.at(1)
    until(lambda: worker.answer()["nothing"] is False)
    assert len(json.loads(worker.stored("earlier"))) == 1
    assert worker.stored("draft") is None


def test_what_is_missing_is_said_beside_its_field(begin: Begin) -> None:
    worker = begin()
    page = worker.page
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Draw a box round something")).to_have_count(2)
    expect(page.locator("#new-box")).to_be_focused()
    worker.drag(60, 60, 140, 130)
    page.get_by_role("button", name="Next").click()
    expect(page.locator("#type-0")).to_be_focused()
    expect(page.locator("#type-0")).to_have_attribute("aria-describedby", "type-0-fault")
    expect(page.locator("#type-0-fault")).to_contain_text("Box 1 has no name")
    page.keyboard.type("ball")
    expect(page.locator("#type-0-fault")).to_have_count(0)
    page.get_by_role("button", name="Next").click()
    expect(page.locator("#attributes-0")).to_be_focused()
    assert worker.stored("state") == "open"


def test_the_least_time_counts_down_and_the_server_agrees(begin: Begin) -> None:
    worker = begin(seconds=4)
    worker.press("x")
    early = worker.page.get_by_role("button", name=re.compile(r"Next in \d s"))
    expect(early).to_be_visible()
    early.click()
    worker.spoken("Please look a little longer")
    assert worker.stored("state") == "open"
    worker.page.get_by_role("button", name="Next", exact=True).click()
    worker.at(1)
    worker.answered(1)
    assert worker.stored("seconds") >= 4


def test_the_next_picture_is_fetched_before_it_is_shown(begin: Begin) -> None:
    worker = begin()
    following = worker.batch["assignments"][1]["shown"]
    addresses = {following["image"], following["heat"]}
    fetched = "performance.getEntriesByType('resource').map(e => new URL(e.name).pathname)"
    until(lambda: addresses <= set(worker.page.evaluate(fetched)))
    expect(worker.page.get_by_text("Picture 1 of 2")).to_be_visible()


def test_an_image_that_went_to_others_is_replaced_by_another(begin: Begin) -> None:
    worker = begin()
    [(item,)] = worker.served.rows(
        "SELECT item_id FROM tasks_assignment WHERE batch_id = ? AND position = 0",
        worker.batch["id"].replace("-", ""),
    )
    before = worker.stored("id")
    worker.served.change("UPDATE tasks_assignment SET slot = NULL WHERE id = ?", before)
    worker.served.change("UPDATE tasks_item SET taken = 0, quota = 0 WHERE id = ?", item)
    worker.press("x", "Control+Enter")
    expect(worker.page.get_by_text("Others have answered that picture").first).to_be_visible()
    assert worker.stored("id") != before
    worker.at(0)
    worker.press("x", "Control+Enter")
    worker.at(1)
    worker.press("x", "Control+Enter")
    worker.finished()
    worker.answered(2)


# ------------------------------------------------------------------------------ for everybody


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 412)])
def test_axe_finds_nothing(begin: Begin, scheme: str, width: int) -> None:
    worker = begin(viewport={"width": width, "height": 839}, color_scheme=scheme)
    page = worker.page
    worker.press("n", "Enter")
    page.keyboard.type("ball")
    worker.press("Enter")
    page.keyboard.type("orange,")
    worker.press("Escape", "n", "Control+Enter")
    expect(page.locator("#type-1-fault")).to_be_visible()
    worker.press("b", "ArrowDown")
    found = [axe(page)]
    worker.press("Escape", "Escape", "s")
    found.append(axe(page))
    worker.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    found.append(axe(page))
    assert found == ["", "", ""]


def axe(page: Page) -> str:
    results = Axe().run(page)
    return "" if results.violations_count == 0 else str(results.generate_report())
