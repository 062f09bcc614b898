"""Boxes by single presses (WCAG 2.5.7), pasted words, and what the page's frame says and leaves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SIZE = (320, 240)
BRIGHT = (40, 60, 120, 140)
STEP = 3  # a hundredth of the longer side

Begin = Callable[..., Any]


@pytest.fixture(scope="module")
def served(
    serve: Callable[..., Any],
    draw_study: Callable[..., Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:
    folder = tmp_path_factory.mktemp("undragged")
    return serve(draw_study(folder, size=SIZE, bright=BRIGHT))


def button(page: Page, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


def corners(box: dict[str, Any]) -> list[float]:
    return [box[name] for name in ("x0", "y0", "x1", "y1")]


def add_box(worker: Any) -> list[float]:
    """A box with its buttons shown; its corners."""
    button(worker.page, "Add a box").click()
    worker.page.get_by_role("button", name="Move and size box").click()
    worker.saved()
    [box] = worker.draft()["boxes"]
    return corners(box)


@pytest.mark.parametrize("screen", ["desktop", "phone"])
def test_a_box_is_made_moved_and_sized_without_dragging(
    begin: Begin, devices: Any, flaws: Any, screen: str
) -> None:
    worker = begin(**devices[screen])
    page = worker.page
    x0, y0, x1, y1 = add_box(worker)
    press = "tap" if screen == "phone" else "click"
    for name in ("Right", "Right", "Up", "Wider", "Higher", "Higher", "Lower"):
        getattr(button(page, name), press)()
    worker.saved()
    [box] = worker.draft()["boxes"]
    assert corners(box) == [x0 + 2 * STEP, y0 - STEP, x1 + 3 * STEP, y1]
    sizes = [button(page, name).bounding_box() for name in ("Left", "Narrower")]
    assert all(min(size["width"], size["height"]) >= 44 for size in sizes)
    assert flaws(page) == []


def test_holding_a_button_goes_on_and_is_undone_as_one(begin: Begin) -> None:
    worker = begin()
    before = add_box(worker)
    button(worker.page, "Down").click(delay=900)
    worker.saved()
    [box] = worker.draft()["boxes"]
    steps, rest = divmod(box["y0"] - before[1], STEP)
    assert rest == 0
    assert steps >= 3, "held, it repeats"
    assert corners(box) == [
        before[0],
        before[1] + steps * STEP,
        before[2],
        before[3] + steps * STEP,
    ]
    worker.press("Control+z")
    worker.saved()
    assert [corners(box) for box in worker.draft()["boxes"]] == [before]


def test_the_buttons_answer_the_keyboard_and_are_remembered(begin: Begin) -> None:
    worker = begin()
    before = add_box(worker)
    button(worker.page, "Left").focus()
    worker.press("Enter", "Space", "Space")
    worker.saved()
    [box] = worker.draft()["boxes"]
    assert corners(box) == [x - 3 * STEP * (place % 2 == 0) for place, x in enumerate(before)]
    worker.page.reload()
    worker.see()
    worker.page.get_by_role("button", name="Box 1: no words yet", exact=True).click()
    expect(button(worker.page, "Left")).to_be_visible()


def test_a_description_that_comes_with_its_comma_leaves_the_field_empty(begin: Begin) -> None:
    worker = begin()
    add_box(worker)
    field = worker.page.locator("#attributes-0")
    field.fill("red, round,")
    expect(field).to_have_value("")
    field.press_sequentially("small,")
    expect(field).to_have_value("")
    worker.saved()
    assert worker.draft()["boxes"][0]["attributes"] == ["red", "round", "small"]


def test_work_that_is_on_the_server_is_said_to_be_saved_when_the_page_opens(begin: Begin) -> None:
    worker = begin()
    expect(worker.page.locator("#saved")).to_have_text("")
    add_box(worker)
    worker.page.reload()
    worker.see()
    worker.saved()


@pytest.mark.parametrize("screen", ["desktop", "phone"])
def test_word_of_a_lost_connection_covers_nothing(begin: Begin, devices: Any, screen: str) -> None:
    worker = begin(**devices[screen])
    page = worker.page
    worker.context.set_offline(True)
    page.get_by_label("Nothing recognisable").check()
    told = page.get_by_text("No connection.")
    expect(told).to_be_visible()
    expect(told).to_have_count(1)
    # What lies at the middle of a button is the button itself, or something in it.
    for name in ("Next", "Back"):
        reached = button(page, name if name == "Next" else "Previous picture").evaluate(
            """button => {
              const { x, y, width, height } = button.getBoundingClientRect();
              return button.contains(document.elementFromPoint(x + width / 2, y + height / 2));
            }"""
        )
        assert reached, f"'{name}' can be pressed"
    worker.context.set_offline(False)
    worker.saved()
    expect(told).to_have_count(0)


def test_the_picture_has_the_window_up_to_its_edge(begin: Begin) -> None:
    worker = begin()
    edges = worker.page.evaluate(
        """[...document.querySelectorAll("header.top, .side")]
          .map(part => part.getBoundingClientRect().right - innerWidth)"""
    )
    assert edges == [0, 0]
