"""The organiser's pages in a real browser on a real server: what is changed there is so."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "kestrel-over-harbour"
QUOTA = 50
PAGES = ("", "/people", "/items", "/results", "/settings", "/export")


@pytest.fixture(scope="module")
def served(
    serve: Callable[[Path], Any],
    draw_study: Callable[..., Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:
    return serve(draw_study(tmp_path_factory.mktemp("organise")))


@pytest.fixture(scope="module")
def state(served: Any, browser: Any) -> Any:
    """The organiser's session, taken over by each test; the settings are quick."""
    context = browser.new_context(base_url=served.address)
    page = context.new_page()
    page.goto(served.said(r"(/join/\S+)"))
    page.get_by_label("Name").fill("Olga")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("heading", level=1, name="Overview")).to_be_visible()
    token = next(c["value"] for c in context.cookies() if c["name"] == "netgloss_csrf")
    quick = {"min_seconds": 0, "batch_size": 3, "controls": 0, "quota": QUOTA, "consent": ""}
    changed = context.request.patch(
        "/api/organise/tasks/annotate", data=quick, headers={"X-CSRF-Token": token}
    )
    assert changed.ok, changed.text()
    found = context.storage_state()
    context.close()
    return found


@pytest.fixture
def olga(served: Any, visit: Any, state: Any) -> Any:
    """The organiser with a browser of her own."""
    return visit(served, storage_state=state, viewport={"width": 1280, "height": 800})


@pytest.fixture
def guest(served: Any, visit: Any, state: Any) -> Any:
    """Somebody who has answered a batch."""
    guest = visit(served)
    guest.be_guest()
    batch = guest.answer_batch("claw", "rock", "claw")
    guest.ask("POST", f"/batches/{batch}/finish", {})
    return guest


def pseudonym(person: Any) -> str:
    return str(person.ask("GET", "/me")["person"]["pseudonym"])


def identifier(served: Any, person: Any) -> str:
    start = pseudonym(person).removeprefix("person-")
    [(found,)] = served.rows("SELECT id FROM people_person WHERE id LIKE ?", f"{start}%")
    return str(UUID(found))


def fact(page: Page, name: str) -> Any:
    return page.locator("dl.facts > div").filter(has_text=name).locator("dd").first


@pytest.mark.parametrize("path", ["", "/export"])
def test_the_tab_that_is_open_is_in_sight_on_a_phone(
    served: Any, visit: Any, state: Any, devices: Any, path: str
) -> None:
    olga = visit(served, storage_state=state, **devices["phone"])
    tab = olga.open(f"/organise{path}").locator("nav [aria-current=page]")
    expect(tab).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("path", PAGES)
def test_the_pages_do_not_exist_for_others(guest: Any, path: str) -> None:
    page = guest.open(f"/organise{path}")
    expect(page.get_by_role("heading", level=1, name="Nothing here")).to_be_visible()
    expect(page.get_by_role("link", name="Settings")).to_have_count(0)


def test_the_overview_counts_what_was_answered_and_goes_on(
    served: Any, olga: Any, guest: Any
) -> None:
    page = olga.open("/organise")
    told = olga.ask("GET", "/organise/overview")
    expect(fact(page, "People")).to_have_text(str(told["persons"]))
    progress = page.get_by_role("progressbar")
    assert progress.get_attribute("value") == str(told["answers"])
    assert progress.get_attribute("max") == str(told["items"]["total"] * QUOTA)
    chart = page.get_by_role("img")
    expect(chart).to_have_accessible_name(
        f"{told['answers']} answers in the last 48 hours, at most {told['answers']} an hour."
    )
    guest.answer_batch()
    # Nobody reloads: the page looks again by itself.
    expect(progress).to_have_attribute("value", str(told["answers"] + 3))


def test_pausing_stops_new_batches_and_going_on_allows_them(olga: Any, guest: Any) -> None:
    page = olga.open("/organise")
    page.get_by_role("button", name="Pause the task").click()
    expect(page.get_by_text("The task is paused")).to_be_visible()
    assert guest.ask("GET", "/me")["tasks"][0]["paused"] is True
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("button", name="Pause the task")).to_be_visible()
    assert guest.ask("GET", "/me")["tasks"][0]["paused"] is False


def test_excluding_somebody_asks_why_and_can_be_undone(served: Any, olga: Any, guest: Any) -> None:
    page = olga.open("/organise/people")
    row = page.get_by_role("row").filter(has_text=pseudonym(guest))
    row.get_by_role("button").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("3 answers will count nowhere")
    dialog.get_by_label("Why").fill("drew at random")
    dialog.get_by_role("button", name="Exclude").click()
    expect(row).to_contain_text("Excluded: drew at random")
    query = "SELECT excluded_why, excluded_at IS NULL FROM people_person WHERE id = ?"
    key = identifier(served, guest).replace("-", "")
    assert served.rows(query, key) == [("drew at random", 0)]
    row.get_by_role("button", name="Take in again").click()
    expect(row.get_by_role("button", name="Exclude")).to_be_visible()
    assert served.rows(query, key) == [("", 1)]


def test_an_image_becomes_a_control(served: Any, olga: Any) -> None:
    page = olga.open("/organise/items")
    page.get_by_role("button", name="07.png").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Nouns that count as right").fill("claw, pincer")
    dialog.get_by_role("button", name="Make it a control").click()
    expect(page.get_by_role("button", name="07.png")).to_contain_text("Control: claw, pincer")
    query = "SELECT expected FROM tasks_item WHERE image = '07.png'"
    assert json.loads(served.rows(query)[0][0]) == {"types": ["claw", "pincer"]}
    page.get_by_label("Only control images").check()
    expect(page.locator("main li button")).to_have_count(1)
    page.get_by_role("button", name="07.png").click()
    dialog.get_by_role("button", name="No control any more").click()
    page.get_by_label("Only control images").uncheck()
    expect(page.get_by_role("button", name="07.png")).to_contain_text(f"of {QUOTA} answers")
    assert json.loads(served.rows(query)[0][0] or "null") is None


def test_pictures_of_the_items_are_shown(olga: Any, guest: Any) -> None:
    page = olga.open("/organise/items")
    first = page.locator("main li img").first
    expect(first).to_have_js_property("complete", True)
    assert first.evaluate("image => image.naturalWidth") > 0
    expect(page.locator("main li img")).to_have_count(12)


def test_an_analysis_ranks_the_words_and_answers_questions(
    served: Any, olga: Any, visit: Any, state: Any
) -> None:
    for kinds in (("claw", "rock", "water"), ("claw", "rock", "claw")):
        person = visit(served)
        person.be_guest()
        for _ in range(4):
            batch = person.answer_batch(*kinds)
            person.ask("POST", f"/batches/{batch}/finish", {})
    page = olga.open("/organise/results")
    page.get_by_role("button", name="Analyse").click()
    expect(page.get_by_role("status").filter(has_text="Analysed")).to_be_visible(timeout=90_000)
    told = olga.ask("GET", "/organise/analysis")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(min(10, told["total"]))
    expect(rows.first.get_by_role("rowheader")).to_contain_text(
        told["concepts"][0]["concept"].replace("_", " ").replace("-", " ")
    )
    page.get_by_label("Find a word or a class").fill("rock")
    expect(rows.first.get_by_role("rowheader")).to_contain_text("rock")
    rows.first.get_by_role("rowheader").get_by_role("button").click()
    carrying = page.locator("article figure img").first
    expect(carrying).to_be_visible()
    expect(carrying).to_have_js_property("complete", True)
    assert carrying.evaluate("image => image.naturalWidth") > 0
    page.get_by_label("Concepts with AND").fill("rock AND NOT claw")
    page.get_by_role("button", name="Ask").click()
    answer = olga.ask("POST", "/organise/query", {"expression": "rock AND NOT claw"})
    card = page.locator("article")
    expect(card.get_by_role("heading")).to_have_text(answer["expression"])
    expect(card).to_contain_text(f"It holds on {answer['count']} image")
    page.get_by_label("Concepts with AND").fill("rock AND AND")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("alert")).to_contain_text("AND")
    expect(page.get_by_label("Concepts with AND")).to_have_attribute("aria-invalid", "true")


def test_settings_are_kept_and_mistakes_stand_beside_them(served: Any, olga: Any) -> None:
    page = olga.open("/organise/settings")
    save = page.get_by_role("region").or_(page.locator("section")).filter(has_text="Title")
    save = save.get_by_role("button", name="Save").first
    expect(save).to_be_disabled()
    assert page.get_by_label("Heat maps").locator("option").all_inner_texts() == ["heatmaps"]
    page.get_by_label("Control images in a batch").fill("3")
    save.click()
    field = page.get_by_label("Control images in a batch")
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill("0")
    page.get_by_label("Title").fill("Name what is bright")
    page.get_by_label("Ask once: Usability").check()
    save.click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    query = "SELECT title, controls, forms FROM tasks_task"
    assert served.rows(query) == [("Name what is bright", 0, '["sus"]')]
    olga.open("/organise/settings")
    expect(page.get_by_label("Title")).to_have_value("Name what is bright")
    page.get_by_label("Ask once: Usability").uncheck()
    save.click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()


def test_texts_are_previewed_as_people_see_them_and_run_nothing(olga: Any, guest: Any) -> None:
    page = olga.open("/organise/settings")
    page.get_by_label("Instructions in Markdown").fill(
        "## Look **closely**\n\n"
        "<img src=x onerror=\"document.title='run'\"><script>alert(1)</script>"
    )
    seen = page.get_by_role("region", name="Instructions as people see them")
    expect(seen.get_by_role("heading")).to_have_text(["Look closely"])
    expect(seen.locator("strong")).to_have_text("closely")
    section = page.locator("section").filter(has=page.get_by_label("Instructions in Markdown"))
    section.get_by_role("button", name="Save").click()
    expect(section.get_by_text("Saved", exact=True)).to_be_visible()
    shown = guest.open("/annotate/instructions")
    expect(shown.locator("main strong")).to_have_text("closely")
    assert shown.locator("main script, main [onerror]").count() == 0
    assert "run" not in shown.title()
    assert guest.complaints == []


def test_an_invitation_works_until_it_is_revoked(served: Any, olga: Any, visit: Any) -> None:
    page = olga.open("/organise/settings")
    page.get_by_label("Note").fill("for the class")
    page.get_by_role("button", name="Make an invitation").click()
    made = page.locator("section li").filter(has_text="for the class")
    link = made.get_by_label("Address of the invitation").input_value()
    newcomer = visit(served).open(link.removeprefix(served.address))
    expect(newcomer.get_by_text("for the class")).to_be_visible()
    made.get_by_role("button", name="Revoke").click()
    expect(made).to_have_count(0)
    newcomer.reload()
    expect(newcomer.get_by_text("was used or has ended")).to_be_visible()


def test_a_panel_is_set_up_and_its_people_get_the_code(served: Any, olga: Any, visit: Any) -> None:
    page = olga.open("/organise/settings")
    page.get_by_text("prolific", exact=True).click()
    address = page.get_by_label("Address of the panel prolific").input_value()
    assert address.endswith(
        "/from/prolific?PROLIFIC_PID={{%PROLIFIC_PID%}}&STUDY_ID={{%STUDY_ID%}}&SESSION_ID={{%SESSION_ID%}}"
    )
    page.get_by_label("Where people go in the end").fill("https://panel.example/done")
    page.get_by_role("button", name="Save prolific").click()
    expect(page.get_by_role("alert")).to_contain_text("{code}")
    page.get_by_label("Where people go in the end").fill("https://panel.example/done?c={code}")
    page.get_by_label("Code when done").fill("DONE7")
    page.get_by_role("button", name="Save prolific").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    person = visit(served)
    person.page.goto("/from/prolific?PROLIFIC_PID=p9&STUDY_ID=s&SESSION_ID=v")
    expect(person.page.locator("h1")).to_be_visible()
    batch = person.answer_batch()
    shown = person.open(f"/annotate/finished/{batch}")
    expect(shown.get_by_role("link", name="Hand it in and go back")).to_have_attribute(
        "href", "https://panel.example/done?c=DONE7"
    )
