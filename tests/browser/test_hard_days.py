"""What goes wrong while people work: slow networks, hasty hands, lost sessions, odd pictures."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Begin = Callable[..., Any]
PASSWORD = "kestrel-over-harbour"
# As wide as a panorama; what is bright in it is a line, one pixel high.
SIZE = (6000, 200)
SALIENT = (1000, 100, 1400, 101)


@pytest.fixture(scope="module")
def served(
    serve: Callable[..., Any],
    draw_study: Callable[..., Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:
    return serve(draw_study(tmp_path_factory.mktemp("hard"), size=SIZE, bright=SALIENT))


def title(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


# ------------------------------------------------------------------------------ impatient hands


def test_double_clicks_do_each_thing_once(served: Any, begin: Begin, visit: Any) -> None:
    begin()
    people = "SELECT count(*) FROM people_person"
    [(before,)] = served.rows(people)
    hasty = visit(served)
    page = hasty.open("/")
    for button in ("Start as a guest", "I agree", "Start"):
        page.get_by_role("button", name=button, exact=True).dblclick()
    hasty.take_up()
    assert served.rows(people) == [(before + 1,)]
    hasty.press("x")
    page.get_by_role("button", name="Next").dblclick()
    hasty.at(1)
    hasty.answered(1)
    # The second click was meant for the first picture: of this one nothing is missing yet.
    expect(page.get_by_text("Draw a box round something")).to_have_count(0)
    hasty.press("x")
    page.get_by_role("button", name="Finish").dblclick()
    hasty.finished()
    title(page, "Thank you")
    assert hasty.complaints == []


def test_a_key_held_down_goes_on_by_one_picture(begin: Begin) -> None:
    worker = begin(size=3)
    worker.press("x")
    worker.page.keyboard.down("Control")
    for _ in range(4):
        worker.page.keyboard.down("Enter")
    worker.page.keyboard.up("Enter")
    worker.page.keyboard.up("Control")
    worker.at(1)
    expect(worker.page.get_by_text("Draw a box round something")).to_have_count(0)


def test_a_slow_network_costs_patience_and_nothing_else(begin: Begin) -> None:
    worker = begin()
    slow = {"offline": False, "latency": 700, "downloadThroughput": 30e3, "uploadThroughput": 15e3}
    session = worker.context.new_cdp_session(worker.page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", slow)
    worker.press("x", "Control+Enter")
    # One answers the next picture before the first answer has arrived, and ends at once.
    worker.at(1)
    worker.press("x")
    button = worker.page.get_by_role("button", name="Finish")
    button.click()
    for _ in range(3):
        worker.press("Control+Enter")
    worker.finished()
    title(worker.page, "Thank you")
    assert [worker.stored("earlier", place) for place in (0, 1)] == ["[]", "[]"]


def test_a_part_of_the_app_that_did_not_come_is_fetched_again(begin: Begin, visit: Any) -> None:
    served = begin().served
    newcomer = visit(served)
    page = newcomer.open("/")
    parts = "**/static/assets/working-*"
    page.route(parts, lambda route: route.abort())
    page.get_by_role("button", name="Start as a guest").click()
    expect(page.get_by_text("could not be fetched")).to_be_visible()
    page.unroute(parts)
    page.get_by_role("button", name="Try again").click()
    title(page, "Taking part")


# -------------------------------------------------------------------------- coming and going


def test_back_in_the_middle_loses_nothing(served: Any, begin: Begin, visit: Any) -> None:
    begin()
    worker = visit(served)
    worker.start_as_guest()
    page = worker.page
    worker.press("x", "Control+Enter")
    worker.at(1)
    worker.press("n")
    page.keyboard.press("Enter")
    page.keyboard.type("lamp")
    page.go_back()
    title(page, "What did the network look at?")
    page.go_forward()
    worker.at(1)
    expect(page.locator("#box-0")).to_have_attribute("aria-label", re.compile("Box 1: lamp; "))
    expect(page.locator("#picture")).to_be_focused()
    worker.press("Control+z", "x", "Control+Enter")
    worker.finished()
    # Whoever goes back from the end comes to a page that makes sense, not to a finished batch.
    page.go_back()
    title(page, "What did the network look at?")
    assert worker.complaints == []


def test_a_page_that_is_left_asks_for_nothing_more(served: Any, begin: Begin) -> None:
    worker = begin()
    asked: list[str] = []
    worker.page.on("request", lambda request: asked.append(request.url))
    worker.page.get_by_role("link", name="Guest").click()
    title(worker.page, "You and your data")
    worker.page.wait_for_load_state("networkidle")
    assert {address for address in asked if "/api/" in address} == {f"{served.address}/api/me"}


def test_a_batch_that_ended_in_another_window_ends_here_too(begin: Begin) -> None:
    worker = begin()
    first = worker.page
    other = worker.window()
    for place in range(2):
        worker.at(place)
        worker.press("x", "Control+Enter")
    worker.finished()
    title(other, "Thank you")
    worker.page = first
    worker.press("n", "Enter")
    first.keyboard.type("lamp")
    worker.finished()
    title(first, "Thank you")
    assert worker.answer(0) == {"boxes": [], "nothing": True}


def test_a_session_that_has_ended_says_so_and_keeps_the_work(served: Any, begin: Begin) -> None:
    worker = begin()
    page = worker.page
    name = f"Carla {worker.batch['id'][:8]}"
    worker.ask("POST", "/accounts", {"name": name, "password": PASSWORD})
    served.change("DELETE FROM people_session")
    worker.press("n", "Enter")
    page.keyboard.type("lamp")
    title(page, "Please sign in again")
    page.get_by_role("link", name="Sign in").last.click()
    title(page, "Sign in")
    page.get_by_label("Name or e-mail").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Go on").click()
    worker.at(0)
    expect(page.locator("#box-0")).to_have_attribute("aria-label", re.compile("Box 1: lamp; "))


def test_somebody_else_in_the_same_browser_begins_with_work_of_their_own(begin: Begin) -> None:
    worker = begin()
    # In another window: their data is deleted, and somebody goes on as a guest.
    worker.ask("DELETE", "/me")
    worker.be_guest()
    worker.press("n")
    title(worker.page, "That did not work")
    worker.page.get_by_role("button", name="Try again").click()
    worker.page.get_by_role("button", name="Start", exact=True).click()
    before = worker.batch["id"]
    worker.take_up()
    assert worker.batch["id"] != before
    worker.press("x", "Control+Enter")
    worker.at(1)
    worker.answered(1)


def test_a_pause_lets_people_finish_what_they_have(served: Any, begin: Begin) -> None:
    worker = begin()
    served.change("UPDATE tasks_task SET paused = true")
    try:
        for place in range(2):
            worker.at(place)
            worker.press("x", "Control+Enter")
        worker.finished()
        title(worker.page, "Thank you")
        worker.open("/annotate")
        title(worker.page, "A pause")
    finally:
        served.change("UPDATE tasks_task SET paused = false")


def test_somebody_excluded_at_work_learns_it_and_gets_the_code(
    served: Any, begin: Begin, visit: Any
) -> None:
    begin()
    panel = (
        "INSERT INTO people_panel (name, person_parameter, study_parameter, session_parameter, "
        "completion_url, completed_code, screened_out_code, failed_code) VALUES "
        "('list', 'id', '', '', 'https://panel.example/?c={code}', 'DONE', 'OUT7', '')"
    )
    served.change(panel)
    person = visit(served)
    person.page.goto("/from/list?id=17")
    person.begin_reading()
    served.change(
        "UPDATE people_person SET excluded_at = ?, excluded_why = 'x' WHERE panel_person = '17'",
        "2026-01-01 00:00:00",
    )
    person.press("n")
    title(person.page, "Thank you")
    expect(person.page.get_by_text("cannot take part")).to_be_visible()
    expect(person.page.get_by_role("region", name="Your code")).to_contain_text("OUT7")
    # The header is a page's again, without the way to the pictures' instructions.
    expect(person.page.get_by_role("button", name="Instructions")).to_have_count(0)
    assert person.complaints == []


# ---------------------------------------------------------------------------- odd words, screens


def test_words_of_any_kind_are_kept_as_they_were_typed(begin: Begin) -> None:
    kinds = ("Fischflossenträger" * 3, "🦞🦀🇫🇷", "סרטן נהרות", "ザリガニ", "e\u0301crevisse")
    screen = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True}
    worker = begin(size=len(kinds) + 1, **screen)
    page = worker.page
    for place, words in enumerate(kinds):
        page.get_by_role("button", name="Add a box").tap()
        page.locator("#type-0").fill(words)
        page.locator("#attributes-0").fill(words)
        worker.press("Enter")
        assert fits(page)
        page.get_by_role("button", name="Next").tap()
        worker.at(place + 1)
        worker.answered(place + 1)
        [box] = worker.answer(place)["boxes"]
        composed = unicodedata.normalize("NFC", words)
        assert (box["type"], box["attributes"]) == (composed, [composed])
        page.get_by_role("button", name="Previous picture").tap()
        worker.at(place)
        said = re.compile(f": {composed}, ")
        expect(page.locator("#box-0")).to_have_attribute("aria-label", said)
        page.get_by_role("button", name="Next").tap()
        worker.at(place + 1)


@pytest.mark.parametrize(
    ("width", "height", "scale"), [(640, 400, 2), (320, 256, 4)], ids=["200 %", "400 %"]
)
def test_a_zoomed_browser_shows_everything(
    begin: Begin, flaws: Any, width: int, height: int, scale: int
) -> None:
    worker = begin(viewport={"width": width, "height": height}, device_scale_factor=scale)
    page = worker.page
    worker.press("n", "Enter")
    page.keyboard.type("lamp")
    assert flaws(page) == []
    # A field that has the focus is not under the foot of the page.
    field, foot = page.locator("#type-0").bounding_box(), page.locator("#saved").bounding_box()
    assert field is not None
    assert foot is not None
    assert field["y"] >= 0
    assert field["y"] + field["height"] <= foot["y"]
    page.locator("#attributes-0").fill("bright")
    page.get_by_role("button", name="Next").click()
    worker.at(1)


def test_a_panorama_with_a_line_of_light_is_worked_on(begin: Begin) -> None:
    worker = begin(reduced_motion="no-preference")
    page = worker.page
    # So little is bright that no area is outlined; a box then begins in the middle.
    assert worker.batch["assignments"][0]["shown"]["salient"] == []
    expect(page.locator("#picture .line.salient")).to_have_count(0)
    worker.press("n", "Enter")
    page.keyboard.type("horizon")
    worker.press("Enter")
    page.keyboard.type("bright")
    worker.press("Escape", "Escape", "Control+Enter")
    worker.at(1)
    worker.answered(1)
    [box] = worker.answer(0)["boxes"]
    assert box["x0"] + box["x1"] == pytest.approx(SIZE[0], abs=2)
    assert box["y0"] + box["y1"] == pytest.approx(SIZE[1], abs=2)
    # By mouse, over the whole width; on the screen it is many times smaller than it is.
    worker.drag(20, 20, 5980, 180)
    worker.saved()
    assert worker.near(worker.draft(1), (20, 20, 5980, 180), within=8)
    assert fits(page)
