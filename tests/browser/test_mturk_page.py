"""The work inside Mechanical Turk's frame: another site's page, and a browser without cookies."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import FrameLocator, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PREVIEW = "ASSIGNMENT_ID_NOT_AVAILABLE"
SIZE = (320, 240)
BRIGHT = (40, 60, 120, 140)
PAGE = """<!doctype html><title>Tasks</title><body style="margin:0">
<p style="margin:8px">Answer questions about images. Reward: $0.50</p>
<iframe src="{frame}" style="width:1000px;height:700px;border:1px solid gray" title="task"></iframe>
"""


class Turk:
    """A page of another site that shows the study in a frame, and takes what is handed in."""

    def __init__(self, host: str) -> None:
        self.frame = ""
        self.handed_in: list[dict[str, list[str]]] = []
        turk = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.say(PAGE.format(frame=escape(turk.frame)))

            def do_POST(self) -> None:
                text = self.rfile.read(int(self.headers["Content-Length"])).decode()
                assert urlsplit(self.path).path == "/mturk/externalSubmit"
                turk.handed_in.append(parse_qs(text))
                self.say("<!doctype html><title>Thanks</title><h1>Submitted</h1>")

            def say(self, text: str) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://{host}:{self.server.server_port}"
        Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def turk() -> Iterator[Turk]:
    """The site that is known; not the study's own, whose name is 127.0.0.1."""
    made = Turk("localhost")
    yield made
    made.stop()


@pytest.fixture
def stranger() -> Iterator[Turk]:
    """A site of the same name at another port, which nobody has allowed."""
    made = Turk("localhost")
    yield made
    made.stop()


@pytest.fixture(scope="module")
def served(
    turk: Turk,
    serve: Callable[..., Any],
    draw_study: Callable[..., Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:
    folder = tmp_path_factory.mktemp("mturk")
    made = serve(draw_study(folder, images=12, size=SIZE, bright=BRIGHT), mturk_site=turk.address)
    made.change("UPDATE tasks_task SET batch_size = 2, min_seconds = 0, quota = 100, controls = 0")
    made.change("UPDATE tasks_item SET quota = 100")
    return made


class Worker:
    """Somebody who does tasks in a browser that blocks other sites' cookies, as most do."""

    def __init__(self, visitor: Any, served: Any, turk: Turk, name: str) -> None:
        self.visitor, self.served, self.turk, self.name = visitor, served, turk, name
        self.page = visitor.page
        self.page.set_viewport_size({"width": 1100, "height": 800})

    def open(self, assignment: str, submit_to: str = "", worker: bool = True) -> FrameLocator:
        """Opens the task's page; the frame in it."""
        site = quote(submit_to or self.turk.address, safe="")
        who = f"&workerId={self.name}&turkSubmitTo={site}" if worker else ""
        query = f"assignmentId={assignment}&hitId=3HIT{who}"
        self.turk.frame = f"{self.served.address}/mturk?{query}"
        self.page.goto(self.turk.address)
        return self.frame

    @property
    def frame(self) -> FrameLocator:
        return self.page.frame_locator("iframe")

    def begin(self) -> None:
        """Past the consent and the instructions to the first picture."""
        self.frame.get_by_role("button", name="I agree").click()
        self.frame.get_by_role("button", name="Start", exact=True).click()
        self.see(1)

    def see(self, number: int) -> None:
        expect(self.frame.get_by_text(f"Picture {number} of 2", exact=True)).to_be_visible()
        picture = self.frame.locator("#picture img").first
        expect(picture).to_have_js_property("complete", True)
        expect(self.frame.get_by_text("Loading the picture")).to_have_count(0)

    def draw(self, x0: float, y0: float, x1: float, y1: float) -> None:
        """Draws a box by mouse, in pixels of the picture."""
        pane = self.frame.locator("#picture").bounding_box()
        assert pane is not None
        scale = min(pane["width"] / SIZE[0], pane["height"] / SIZE[1])
        left = pane["x"] + (pane["width"] - SIZE[0] * scale) / 2
        top = pane["y"] + (pane["height"] - SIZE[1] * scale) / 2
        mouse = self.page.mouse
        mouse.move(left + x0 * scale, top + y0 * scale)
        mouse.down()
        mouse.move(left + x1 * scale / 2, top + y1 * scale / 2)
        mouse.move(left + x1 * scale, top + y1 * scale)
        mouse.up()

    def work(self) -> None:
        """Two pictures: one by mouse, one with nothing to name."""
        self.draw(*BRIGHT)
        self.page.keyboard.type("ball")
        self.frame.locator("#attributes-0").fill("orange, round")
        self.frame.get_by_role("button", name="Next").click()
        self.see(2)
        self.frame.get_by_label("Nothing recognisable").check()
        self.frame.get_by_role("button", name="Finish").click()
        expect(self.frame.get_by_role("heading", name="Thank you")).to_be_visible()

    def hand_in(self) -> dict[str, list[str]]:
        before = len(self.turk.handed_in)
        self.frame.get_by_role("button", name="Hand in").click()
        expect(self.frame.get_by_role("heading", name="Submitted")).to_be_visible()
        assert len(self.turk.handed_in) == before + 1
        return self.turk.handed_in[-1]

    def batches(self) -> list[tuple[Any, ...]]:
        query = (
            "SELECT batch.id, batch.panel_session, batch.finished_at IS NOT NULL "
            "FROM tasks_batch AS batch JOIN people_person AS person ON person.id = batch.person_id "
            "WHERE person.panel = 'mturk' AND person.panel_person = ? ORDER BY batch.started_at"
        )
        return list(self.served.rows(query, self.name))


@pytest.fixture
def come(
    served: Any, turk: Turk, launch: Callable[..., Any], tmp_path: Path
) -> Iterator[Callable[[str], Worker]]:
    """Lets workers come; whatever the study's pages complained of fails the test."""
    workers: list[Worker] = []

    def start(name: str) -> Worker:
        profile = tmp_path / name
        settings = {"profile": {"block_third_party_cookies": True, "cookie_controls_mode": 1}}
        (profile / "Default").mkdir(parents=True)
        (profile / "Default" / "Preferences").write_text(json.dumps(settings))
        workers.append(Worker(launch(served, profile), served, turk, name))
        return workers[-1]

    yield start
    for worker in workers:
        assert worker.visitor.complaints == []


def test_a_preview_shows_what_it_is_about_and_makes_nobody(
    served: Any, come: Callable[[str], Worker]
) -> None:
    tables = ("people_person", "tasks_batch", "people_session")
    count = "SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in tables)
    before = served.rows(count)
    worker = come("APREVIEW")
    for has_name in (False, True):
        frame = worker.open(PREVIEW, worker=has_name)
        expect(frame.get_by_text("Accept the task to begin.")).to_be_visible()
        expect(frame.get_by_role("link")).to_have_count(1)  # to skip to the page
        expect(frame.get_by_role("button")).to_have_count(0)
    assert served.rows(count) == before


def test_a_whole_batch_in_the_frame_is_stored_and_handed_in(come: Callable[[str], Worker]) -> None:
    worker = come("AWHOLE")
    frame = worker.open("3A1")
    worker.begin()
    worker.work()
    for group in frame.get_by_role("group").all():
        group.get_by_role("radio").first.check()
    frame.get_by_role("button", name="Send").click()
    expect(frame.get_by_role("button", name="Send")).to_have_count(0)
    [(batch, session, finished)] = worker.batches()
    assert (session, bool(finished)) == ("3HIT/3A1", True)
    told = worker.hand_in()
    assert told["assignmentId"] == ["3A1"]
    assert [name.replace("-", "") for name in told["batch"]] == [batch]
    answers = worker.served.rows(
        "SELECT answer FROM tasks_assignment WHERE batch_id = ? ORDER BY position", batch
    )
    first, second = (json.loads(answer) for (answer,) in answers)
    [box] = first["boxes"]
    assert (box["type"], box["attributes"]) == ("ball", ["orange", "round"])
    found = [box[name] for name in ("x0", "y0", "x1", "y1")]
    assert all(abs(is_ - was) <= 2 for is_, was in zip(found, BRIGHT, strict=True))
    assert second == {"boxes": [], "nothing": True}
    assert worker.served.rows("SELECT count(*) FROM tasks_form WHERE batch_id = ?", batch) == [(1,)]


def test_everybody_can_use_the_frames_own_pages(
    served: Any, turk: Turk, visit: Callable[..., Any], flaws: Callable[..., Any]
) -> None:
    """Loaded by themselves, at the frame's size, so that the checker sees into them."""
    worker = visit(served, viewport={"width": 1000, "height": 700})
    found = {"preview": flaws(worker.open(f"/mturk?assignmentId={PREVIEW}"))}
    where = f"assignmentId=3AF&hitId=3HIT&workerId=AFLAWS&turkSubmitTo={quote(turk.address)}"
    page = worker.open(f"/mturk?{where}")
    found["consent"] = flaws(page)
    page.get_by_role("button", name="I agree").click()
    page.get_by_role("button", name="Start", exact=True).click()
    for number in (1, 2):
        expect(page.get_by_text(f"Picture {number} of 2", exact=True)).to_be_visible()
        page.get_by_label("Nothing recognisable").check()
        page.get_by_role("button", name=re.compile("Next|Finish")).click()
    expect(page.get_by_text("At the end of this page you hand in the task.")).to_be_visible()
    found["end"] = flaws(page)
    served.change("UPDATE tasks_task SET paused = ?", True)
    found["paused"] = flaws(worker.open(f"/mturk?{where.replace('3AF', '3AG')}"))
    expect(page.get_by_text("Please return the task")).to_be_visible()
    served.change("UPDATE tasks_task SET paused = ?", False)
    assert {name: flaw for name, flaw in found.items() if flaw} == {}
    assert worker.complaints == []


def test_the_frame_gets_no_cookies_and_needs_none(come: Callable[[str], Worker]) -> None:
    worker = come("ACOOKIE")
    worker.open("3A2")
    worker.begin()
    [inside] = [frame for frame in worker.page.frames if "/mturk" in frame.url]
    kept = "() => { try { return localStorage.length } catch (fault) { return fault.name } }"
    assert inside.evaluate(kept) == "SecurityError", "this browser does not block what it should"
    assert inside.evaluate("document.cookie") == ""
    assert worker.visitor.context.cookies() == []
    worker.work()
    assert worker.visitor.context.cookies() == []


def test_a_page_loaded_again_goes_on_where_it_was(come: Callable[[str], Worker]) -> None:
    worker = come("AAGAIN")
    worker.open("3A3")
    worker.begin()
    worker.draw(*BRIGHT)
    worker.page.keyboard.type("ball")
    expect(worker.frame.locator("#saved")).to_have_text("Saved")
    worker.page.reload()
    worker.see(1)
    expect(worker.frame.locator("#box-0")).to_have_attribute("aria-label", re.compile("ball"))
    [inside] = [frame for frame in worker.page.frames if "/mturk" in frame.url]
    inside.evaluate("location.reload()")
    worker.see(1)
    assert len(worker.batches()) == 1


def test_what_is_finished_can_be_handed_in_again_and_is_not_done_twice(
    come: Callable[[str], Worker],
) -> None:
    worker = come("ATWICE")
    worker.open("3A4")
    worker.begin()
    worker.work()
    # The frame alone is loaded again, as some browsers do: its address is still the framed page's.
    [inside] = [frame for frame in worker.page.frames if "/mturk" in frame.url]
    inside.evaluate("location.reload()")
    first = worker.hand_in()
    worker.open("3A4")
    expect(worker.frame.get_by_role("heading", name="Thank you")).to_be_visible()
    expect(worker.frame.get_by_role("link", name="Another batch")).to_have_count(0)
    assert worker.hand_in() == first
    assert len(worker.batches()) == 1


def test_another_assignment_takes_up_an_open_batch_and_a_finished_one_counts_once(
    come: Callable[[str], Worker],
) -> None:
    worker = come("AMOVES")
    worker.open("3A5")
    worker.begin()
    worker.open("3A6")
    worker.see(1)
    worker.work()
    assert worker.hand_in()["assignmentId"] == ["3A6"]
    [(_batch, session, _finished)] = worker.batches()
    assert session == "3HIT/3A6"
    worker.open("3A5")
    worker.see(1)
    assert [row[1] for row in worker.batches()] == ["3HIT/3A6", "3HIT/3A5"]


def test_who_may_not_take_part_is_told_to_return_the_task(
    served: Any, come: Callable[[str], Worker]
) -> None:
    worker = come("AOUT")
    worker.open("3A7")
    worker.begin()
    served.change(
        "UPDATE people_person SET excluded_at = '2026-01-01' WHERE panel_person = ?", "AOUT"
    )
    frame = worker.open("3A7")
    expect(frame.get_by_text("Please return the task")).to_be_visible()
    expect(frame.get_by_role("button", name="Hand in")).to_have_count(0)
    expect(frame.get_by_role("link", name="To the first page")).to_have_count(0)


def test_without_a_frame_a_finished_visit_shows_its_code_again(
    served: Any, visit: Callable[..., Any]
) -> None:
    """As on Prolific, whose pages open the study in a window of its own."""
    served.change(
        "INSERT INTO people_panel VALUES ('prolific', 'PROLIFIC_PID', 'STUDY_ID', 'SESSION_ID', "
        "'https://app.prolific.com/submissions/complete?cc={code}', 'C0DE', '', '')"
    )
    link = "/from/prolific?PROLIFIC_PID=5f3a9c&STUDY_ID=s1&SESSION_ID=t1"
    person = visit(served)
    person.page.goto(served.address + link)
    person.begin_reading()
    for position in range(2):
        person.at(position)
        person.page.get_by_label("Nothing recognisable").check()
        person.page.get_by_role("button", name=re.compile("Next|Finish")).click()
    for somebody in (person, visit(served)):
        page = somebody.page
        if somebody is not person:
            page.goto(served.address + link)
        expect(page.get_by_role("heading", name="Your code")).to_be_visible()
        expect(page.get_by_text("C0DE", exact=True)).to_be_visible()
        expect(page.get_by_role("link", name="Another batch")).to_have_count(0)
        # Whoever goes to the pictures all the same is shown their end.
        page.goto(f"{served.address}/annotate")
        somebody.finished()
        expect(page.get_by_role("heading", name="Your code")).to_be_visible()
        assert somebody.complaints == []
    assert served.rows("SELECT count(*) FROM tasks_batch WHERE panel_session = 's1/t1'") == [(1,)]


def test_a_site_that_is_not_allowed_cannot_show_the_study(
    stranger: Turk, served: Any, turk: Turk, visit: Callable[..., Any]
) -> None:
    page = visit(served).page
    stranger.frame = f"{served.address}/mturk?assignmentId={PREVIEW}"
    with page.expect_console_message(lambda said: "frame-ancestors" in said.text):
        page.goto(stranger.address)
    assert page.frame_locator("iframe").get_by_text("Accept the task").count() == 0
    # Nor can the site that is allowed show any other page.
    turk.frame = f"{served.address}/annotate"
    with page.expect_console_message(lambda said: "frame-ancestors" in said.text):
        page.goto(turk.address)


@pytest.mark.parametrize("scheme", ["http", "javascript"])
def test_the_end_is_not_told_to_a_site_that_is_not_allowed(
    scheme: str, stranger: Turk, come: Callable[[str], Worker]
) -> None:
    worker = come("A" + scheme.upper())
    elsewhere = stranger.address if scheme == "http" else "javascript:alert(1)//"
    worker.open("3A8", submit_to=elsewhere)
    worker.begin()
    worker.work()
    expect(worker.frame.get_by_text("does not know where to hand the task in")).to_be_visible()
    expect(worker.frame.get_by_role("button", name="Hand in")).to_have_count(0)
    assert stranger.handed_in == []


def test_the_pages_policy_holds_even_a_forged_form_back(
    stranger: Turk, come: Callable[[str], Worker]
) -> None:
    worker = come("AFORGED")
    worker.open("3A9")
    expect(worker.frame.get_by_role("button", name="I agree")).to_be_visible()
    [inside] = [frame for frame in worker.page.frames if "/mturk" in frame.url]
    with worker.page.expect_console_message(lambda said: "form-action" in said.text):
        inside.evaluate(
            """address => {
              const form = document.createElement("form");
              Object.assign(form, { method: "post", action: `${address}/mturk/externalSubmit` });
              document.body.append(form);
              form.submit();
            }""",
            stranger.address,
        )
    worker.visitor.complaints.clear()
    assert stranger.handed_in == []
