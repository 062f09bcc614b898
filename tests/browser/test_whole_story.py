"""The whole way through the web app, as people and their organiser go it, on both databases."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "kestrel-over-harbour"
SIZE = (320, 240)
SALIENT = (40, 60, 120, 140)
QUICK = {"min_seconds": 0, "controls": 0, "quota": 50, "feedback": False, "forms": []}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def served(
    request: pytest.FixtureRequest,
    serve: Callable[..., Any],
    draw_study: Callable[..., Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:
    study = draw_study(tmp_path_factory.mktemp("story"), size=SIZE, bright=SALIENT)
    if request.param == "sqlite":
        return serve(study)
    return serve(study, database=request.getfixturevalue("own_database")())


@pytest.fixture(scope="module")
def organiser(served: Any, stay: Any) -> Any:
    """The organiser: her account is made by the link that the server printed."""
    olga = stay(served)
    olga.page.goto(served.said(r"(/join/\S+)"))
    sign_up(olga.page, "Olga")
    expect(olga.page.get_by_role("heading", level=1, name="Overview")).to_be_visible()
    return olga


@pytest.fixture
def olga(organiser: Any) -> Any:
    """The organiser; the task is quick."""
    set_up(organiser, 2)
    return organiser


def set_up(olga: Any, size: int) -> None:
    olga.ask("PATCH", "/organise/tasks/annotate", {**QUICK, "batch_size": size})


def sign_up(page: Page, name: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()


def tab_to(person: Any, name: str) -> None:
    """Presses Tab until what is called so has the focus."""
    for _ in range(30):
        person.press("Tab")
        if person.page.evaluate("document.activeElement.innerText?.trim()") == name:
            return
    raise AssertionError(f"Tab never reaches {name!r}")


def no_complaints(*people: Any) -> None:
    assert [person.complaints for person in people] == [[] for _ in people]
    assert [person.strangers for person in people] == [[] for _ in people]


def test_a_guest_who_registers_midway_keeps_the_work(served: Any, visit: Any, olga: Any) -> None:
    guest = visit(served)
    guest.start_as_guest()
    pseudonym = guest.ask("GET", "/me")["person"]["pseudonym"]
    guest.drag(60, 60, 140, 130)
    guest.page.keyboard.type("ball")
    guest.press("Enter")
    guest.page.keyboard.type("orange")
    guest.page.get_by_role("button", name="Next").click()
    guest.at(1)
    guest.answered(1)
    guest.page.get_by_role("link", name="Guest").click()
    guest.page.get_by_role("link", name="Make an account").click()
    sign_up(guest.page, "Berta")
    expect(guest.page.get_by_text("You have answered 1 image.")).to_be_visible()
    guest.page.get_by_role("button", name="Go on").click()
    guest.at(1)
    guest.press("x", "Control+Enter")
    guest.finished()
    assert guest.near(guest.answer(0), (60, 60, 140, 130))
    assert guest.answer(1) == {"boxes": [], "nothing": True}

    elsewhere = visit(served)
    page = elsewhere.open("/sign-in")
    page.get_by_label("Name or e-mail").fill("berta")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("You have answered 2 images.")).to_be_visible()
    assert elsewhere.ask("GET", "/me")["person"]["pseudonym"] == pseudonym
    no_complaints(guest, elsewhere)


def test_a_batch_of_ten_by_mouse_is_stored_as_it_was_drawn(
    served: Any, visit: Any, olga: Any
) -> None:
    set_up(olga, 10)
    worker = visit(served, viewport={"width": 1280, "height": 800})
    worker.start_as_guest()
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
        assert worker.near(answer, (30 + position, 50, 100, 120 + position))
        assert answer["boxes"][0]["type"] == f"thing {position}"
        assert answer["boxes"][0]["attributes"] == ["orange", "round"]
        assert not answer["nothing"]
    assert worker.answer(9) == {"boxes": [], "nothing": True}
    no_complaints(worker)


def test_everything_is_done_by_keyboard_alone(served: Any, visit: Any, olga: Any) -> None:
    set_up(olga, 3)
    worker = visit(served, viewport={"width": 1280, "height": 800})
    page = worker.open("/")
    for button in ("Start as a guest", "I agree", "Start"):
        expect(page.get_by_role("button", name=button, exact=True)).to_be_visible()
        tab_to(worker, button)
        worker.press("Enter")
    worker.take_up()
    assert worker.focused() == "picture"
    worker.press("n")
    worker.spoken("Box added on a bright area")
    assert worker.focused() == "box-0"
    x0, y0, x1, y1 = worker.batch["assignments"][0]["shown"]["salient"][0]
    # A step is a hundredth of the longer side: 3 pixels.
    worker.press("ArrowRight", "ArrowRight", "ArrowUp", "Control+ArrowLeft")
    worker.press("Shift+ArrowRight", "Shift+ArrowDown", "Control+Shift+ArrowDown")
    name = page.locator("#box-0").get_attribute("aria-label")
    assert name == f"Box 1: no words yet; {x1 - x0 + 3:.0f} by {y1 - y0 + 4:.0f} pixels"
    worker.press("n")
    assert worker.focused() == "box-1"
    worker.press("Delete")
    assert worker.focused() == "box-0"
    worker.press("Enter")
    assert worker.focused() == "type-0"
    page.keyboard.type("ball")
    worker.press("Enter")
    page.keyboard.type("orange,round")
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
    page.keyboard.type("ba")
    worker.press("ArrowDown", "Enter")
    assert worker.focused() == "attributes-0"
    worker.press("ArrowDown", "Enter", "Control+Enter")
    worker.finished()
    expect(page.get_by_role("heading", level=1, name="Thank you")).to_be_focused()
    tab_to(worker, "Enough for now")
    worker.press("Enter")
    expect(page.get_by_text("You have answered 3 images.")).to_be_visible()
    worker.answered(3)
    moved = {"x0": x0 + 5, "y0": y0 - 3, "x1": x1 + 5 + 3, "y1": y1 - 3 + 4}
    assert worker.answer(0)["boxes"] == [{"type": "ball", "attributes": ["orange"], **moved}]
    assert worker.answer(1) == {"boxes": [], "nothing": True}
    [chosen] = worker.answer(2)["boxes"]
    assert (chosen["type"], chosen["attributes"]) == ("ball", ["orange"])
    assert [chosen["x0"], chosen["y0"], chosen["x1"], chosen["y1"]] == [x0, y0, x1, y1]
    no_complaints(worker)


def test_everything_is_done_on_a_phone_by_touch(
    served: Any, visit: Any, devices: Any, olga: Any
) -> None:
    worker = visit(served, **devices["phone"])
    page = worker.open("/")
    for button in ("Start as a guest", "I agree", "Start"):
        page.get_by_role("button", name=button, exact=True).tap()
    worker.take_up()
    start, end = worker.spot(150, 40), worker.spot(250, 180)
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    worker.touch([start], [middle], [end])
    expect(page.locator("#box-0")).to_be_focused()
    assert page.evaluate("scrollY") == 0
    # Beside the corner, as fingers are: within 22 pixels it is still the corner.
    beside = (end[0] + 12, end[1] + 12)
    worker.touch([beside], [(beside[0], beside[1] - 30)], [(beside[0] - 40, beside[1] - 60)])
    worker.saved()
    scale = (end[0] - start[0]) / 100
    assert worker.near(worker.draft(), (150, 40, 250 - round(40 / scale), 180 - round(60 / scale)))
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
    no_complaints(worker)


def test_a_closed_browser_goes_on_where_it_was(
    served: Any, launch: Any, olga: Any, tmp_path: Path
) -> None:
    before = launch(served, tmp_path)
    before.start_as_guest()
    before.press("x", "Control+Enter")
    before.at(1)
    before.answered(1)
    before.drag(60, 60, 140, 130)
    before.page.keyboard.type("ball")
    before.press("Enter")
    before.page.keyboard.type("oran")
    # Nothing is waited for: what was just typed must reach the server or outlive the browser.
    before.context.close()

    after = launch(served, tmp_path)
    page = after.open("/")
    expect(page.get_by_text("You have answered 1 image.")).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    after.take_up()
    assert after.batch["id"] == before.batch["id"]
    after.at(1)
    expect(page.locator("#box-0")).to_have_attribute("aria-label", re.compile("1: ball, oran; "))
    page.get_by_role("button", name="Box 1: ball, oran", exact=True).click()
    page.locator("#attributes-0").fill("shiny")
    after.press("Control+Enter")
    after.finished()
    answer = after.answer(1)
    assert after.near(answer, (60, 60, 140, 130))
    assert answer["boxes"][0]["attributes"] == ["oran", "shiny"]
    no_complaints(before, after)


def test_somebody_from_prolific_comes_back_with_the_code(
    served: Any, visit: Any, olga: Any
) -> None:
    settings = olga.open("/organise/settings")
    settings.get_by_text("prolific", exact=True).click()
    settings.get_by_label("Code when done").first.fill("C0DE/42")
    settings.get_by_role("button", name="Save prolific").click()
    expect(settings.get_by_text("Saved", exact=True)).to_be_visible()
    person = visit(served)
    handed_in = "https://app.prolific.com/submissions/complete?cc=C0DE%2F42"
    arrived: list[str] = []

    def prolific(route: Any) -> None:
        arrived.append(route.request.url)
        route.fulfill(body="<title>Prolific</title>", content_type="text/html")

    person.context.route("https://app.prolific.com/**", prolific)
    page = person.page
    page.goto("/from/prolific?PROLIFIC_PID=5f1a&STUDY_ID=s1&SESSION_ID=v1")
    person.begin_reading()
    person.press("x", "Control+Enter")
    person.at(1)
    # They lose the window and follow the link again.
    page.goto("/from/prolific?PROLIFIC_PID=5f1a&STUDY_ID=s1&SESSION_ID=v1")
    person.at(1)
    person.press("x", "Control+Enter")
    person.finished()
    expect(page.get_by_role("region", name="Your code")).to_contain_text("C0DE/42")
    link = page.get_by_role("link", name="Hand it in and go back")
    expect(link).to_have_attribute("href", handed_in)
    assert person.strangers == []
    link.click()
    expect(page).to_have_title("Prolific")
    assert arrived == [handed_in]
    batch = person.batch["id"].replace("-", "")
    people = (
        "SELECT kind, panel, panel_person, panel_session FROM people_person "
        "JOIN tasks_batch ON person_id = people_person.id WHERE tasks_batch.id = ?"
    )
    assert served.rows(people, batch) == [("panel", "prolific", "5f1a", "s1/v1")]
    assert person.complaints == []


def test_the_organiser_watches_excludes_and_downloads(served: Any, visit: Any, olga: Any) -> None:
    good, bad = visit(served), visit(served)
    names = {}
    for person, word in ((good, "claw"), (bad, "asdf")):
        person.be_guest()
        batch = person.answer_batch(word)
        person.ask("POST", f"/batches/{batch}/finish", {})
        names[word] = person.ask("GET", "/me")["person"]["pseudonym"]
    page = olga.open("/organise")
    told = olga.ask("GET", "/organise/overview")
    facts = page.locator("dl.facts > div")
    expect(facts.filter(has_text="People").locator("dd").first).to_have_text(str(told["persons"]))
    assert page.get_by_role("progressbar").get_attribute("value") == str(told["answers"])

    page.get_by_role("link", name="People").click()
    row = page.get_by_role("row").filter(has_text=names["asdf"])
    row.get_by_role("button").click()
    page.get_by_role("dialog").get_by_label("Why").fill("typed at random")
    page.get_by_role("dialog").get_by_role("button", name="Exclude").click()
    expect(row).to_contain_text("Excluded: typed at random")
    bad.page.goto("/annotate")
    expect(bad.page.get_by_text("cannot take part")).to_be_visible()

    page.get_by_role("link", name="Export").click()
    assert export(page) == {names["claw"]: 2}
    page.get_by_label("With the answers of excluded people").check()
    assert export(page) == {names["claw"]: 2, names["asdf"]: 2}
    page.get_by_label("With the answers of excluded people").uncheck()
    page.get_by_role("radio", name="JSON").check()
    assert "asdf" not in (text := downloaded(page))
    assert names["claw"] in json.dumps(json.loads(text))
    page.get_by_role("button", name="Hand over now").click()
    expect(page.get_by_role("status").filter(has_text="new")).to_be_visible()
    assert (served.study / "answers" / "answers.parquet").is_file()
    assert olga.ask("GET", "/organise/overview")["answers"] == told["answers"] - 2
    no_complaints(olga, good, bad)


def downloaded(page: Page) -> str:
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download").click()
    return Path(waiting.value.path()).read_text(encoding="utf-8-sig")


def export(page: Page) -> dict[str, int]:
    """How many of the boxes called claw or asdf the CSV file has, by person."""
    counts: dict[str, int] = {}
    for row in csv.DictReader(downloaded(page).splitlines()):
        if row["type"] in ("claw", "asdf"):
            counts[row["person"]] = counts.get(row["person"], 0) + 1
    return counts
