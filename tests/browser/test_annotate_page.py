"""The annotation page in a real browser on a real server: what people do is what is stored."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SIZE = (320, 240)
SALIENT = (40, 60, 120, 140)

Begin = Callable[..., Any]


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory,
    serve: Callable[..., Any],
    draw_study: Callable[..., Path],
) -> Any:
    return serve(draw_study(tmp_path_factory.mktemp("annotate"), size=SIZE, bright=SALIENT))


# --------------------------------------------------------------------------------------- by mouse


def test_a_box_is_moved_resized_and_deleted_by_mouse(begin: Begin) -> None:
    worker = begin()
    worker.drag(60, 60, 140, 130)
    worker.drag(100, 95, 130, 105)
    worker.saved()
    assert worker.near(worker.draft(), (90, 70, 170, 140))
    worker.drag(170, 140, 200, 150)
    worker.drag(90, 105, 70, 105)
    worker.saved()
    assert worker.near(worker.draft(), (70, 70, 200, 150))
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
    assert worker.near(worker.draft(), (20, 20, 300, 220), (120, 100, 170, 140))


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


def test_two_fingers_zoom_and_draw_nothing(begin: Begin) -> None:
    worker = begin(viewport={"width": 412, "height": 839}, has_touch=True, is_mobile=True)
    page = worker.page
    x, y = worker.spot(160, 120)
    before = page.locator("#picture .stage").evaluate("e => e.getBoundingClientRect().width")
    worker.touch(
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
    page = worker.window()
    expect(page.locator("#box-0")).to_have_attribute(
        "aria-label", re.compile("Box 1: ball, oran; ")
    )
    worker.until(lambda: "oran" in json.dumps(worker.draft()))
    assert worker.near(worker.draft(), (60, 60, 140, 130))


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
    assert worker.near(worker.answer(), (60, 60, 140, 130))
    worker.at(1)


def test_offline_work_outlives_the_page(begin: Begin) -> None:
    worker = begin()
    worker.context.set_offline(True)
    worker.drag(60, 60, 140, 130)
    worker.page.keyboard.type("ball")
    expect(worker.page.locator("#saved")).to_have_text("Not saved, trying again")
    worker.page.close()
    worker.context.set_offline(False)
    page = worker.window()
    expect(page.locator("#box-0")).to_have_attribute("aria-label", re.compile("Box 1: ball"))
    # Either the closing page's last request got through after all, or the new page saves the copy.
    worker.until(lambda: worker.draft() is not None)
    assert worker.near(worker.draft(), (60, 60, 140, 130))


def test_a_second_window_takes_over_and_undo_brings_ones_own_back(begin: Begin) -> None:
    worker = begin()
    first = worker.page
    second = worker.window()
    worker.page = first
    worker.drag(60, 60, 140, 130)
    worker.saved()
    worker.page = second
    worker.drag(10, 10, 50, 50)
    expect(second.get_by_text("changed in another window").first).to_be_visible()
    worker.saved()
    assert worker.near(worker.draft(), (60, 60, 140, 130))
    expect(second.locator("[id^=box-]")).to_have_count(1)
    second.locator("#picture").focus()
    worker.press("Control+z")
    worker.saved()
    worker.until(lambda: worker.near(worker.draft(), (10, 10, 50, 50)))


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
    worker.until(lambda: worker.answer()["nothing"] is False)
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
    worker.until(lambda: addresses <= set(worker.page.evaluate(fetched)))
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
