"""The pages of people who take part, in a real browser on a real server."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "kestrel-over-harbour"


@pytest.fixture(scope="module")
def served(
    serve: Callable[[Path], Any],
    draw_study: Callable[..., Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:
    return serve(draw_study(tmp_path_factory.mktemp("people"), images=40))


@pytest.fixture(scope="module")
def organiser(served: Any, browser: Any) -> Any:
    """The organiser's way to the API; the settings are quick for the tests."""
    context = browser.new_context(base_url=served.address)
    context.request.get("/api/me")

    def ask(verb: str, path: str, body: Any) -> Any:
        token = next(c["value"] for c in context.cookies() if c["name"] == "netgloss_csrf")
        headers = {"Content-Type": "application/json", "X-CSRF-Token": token}
        response = context.request.fetch(
            f"/api{path}", method=verb, data=json.dumps(body), headers=headers
        )
        assert response.ok, response.text()
        return json.loads(response.text() or "null")

    invitation = served.said(r"/join/(\S+)")
    ask("POST", "/accounts", {"name": "Olga", "password": PASSWORD, "invitation": invitation})
    quick = {"min_seconds": 0, "batch_size": 2, "controls": 0, "forms": ["tlx"]}
    ask("PATCH", "/organise/tasks/annotate", quick)
    yield ask
    context.close()


@pytest.fixture(autouse=True)
def quick(organiser: Any) -> None:
    """Every test meets a task that is set up for it."""


def sign_up(page: Page, name: str, email: str = "") -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    page.get_by_label("Name or e-mail").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_the_first_page_is_light(served: Any, visit: Any) -> None:
    newcomer = visit(served)
    weights: list[int] = []
    newcomer.page.on(
        "requestfinished",
        lambda request: weights.append(request.sizes()["responseBodySize"]),
    )
    newcomer.open("/")
    assert len(weights) >= 4
    assert sum(weights) < 60_000


def test_a_newcomer_reaches_the_images_as_a_guest(served: Any, visit: Any) -> None:
    newcomer = visit(served)
    page = newcomer.open("/")
    page.get_by_role("button", name="Start as a guest").click()
    expect(page.get_by_role("heading", level=1, name="Taking part")).to_be_visible()
    page.get_by_role("button", name="I agree").click()
    expect(page.get_by_role("heading", level=1, name="Instructions")).to_be_visible()
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("button", name="Instructions")).to_be_visible()
    told = newcomer.ask("GET", "/me")
    assert told["person"]["kind"] == "guest"
    assert told["tasks"][0]["consented"] is True
    assert told["tasks"][0]["open_batch"] is not None
    page.get_by_role("button", name="Instructions").click()
    expect(page.get_by_role("dialog")).to_contain_text("Draw a box")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Instructions")).to_be_focused()
    assert newcomer.complaints == []


def test_nobody_gets_images_without_agreeing(served: Any, visit: Any) -> None:
    newcomer = visit(served)
    page = newcomer.open("/")
    page.get_by_role("button", name="Start as a guest").click()
    page.get_by_role("link", name="I do not agree").click()
    expect(page.get_by_role("button", name="Start")).to_be_visible()
    told = newcomer.ask("GET", "/me")["tasks"][0]
    assert (told["consented"], told["open_batch"]) == (False, None)


def test_a_changed_consent_text_is_asked_again(served: Any, visit: Any, organiser: Any) -> None:
    guest = visit(served)
    guest.be_guest()
    before = guest.ask("GET", "/tasks/annotate")["consent"]
    organiser("PATCH", "/organise/tasks/annotate", {"consent": "First text"})
    page = guest.open("/annotate")
    expect(page.get_by_text("First text")).to_be_visible()
    organiser("PATCH", "/organise/tasks/annotate", {"consent": "Second text"})
    page.get_by_role("button", name="I agree").click()
    expect(page.get_by_role("alert")).to_contain_text("has changed")
    expect(page.get_by_text("Second text")).to_be_visible()
    page.get_by_role("button", name="I agree").click()
    expect(page.get_by_role("heading", level=1, name="Instructions")).to_be_visible()
    assert "Before you start" in before


def test_what_is_wrong_stands_beside_the_field(served: Any, visit: Any) -> None:
    page = visit(served).open("/sign-up")
    sign_up(page, "olga")
    name = page.get_by_label("Name")
    expect(name).to_have_attribute("aria-invalid", "true")
    described = name.get_attribute("aria-describedby") or ""
    assert "taken" in " ".join(page.locator(f"#{one}").inner_text() for one in described.split())
    expect(page.get_by_label("Password")).to_have_value(PASSWORD)


def test_signing_out_and_in_again(served: Any, visit: Any) -> None:
    person = visit(served)
    page = person.open("/sign-up")
    sign_up(page, "Carla")
    page.get_by_role("link", name="Carla").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign in", exact=True).click()
    sign_in(page, "Carla", "something-else-entirely")
    expect(page.get_by_role("alert")).to_have_text("The name or the password is not right.")
    sign_in(page, "Carla")
    expect(page.get_by_role("link", name="Carla")).to_be_visible()


def test_a_forgotten_password_is_replaced_by_mail(served: Any, visit: Any) -> None:
    person = visit(served)
    sign_up(person.open("/sign-up"), "Dora", "dora@example.org")
    expect(person.page.get_by_role("link", name="Dora")).to_be_visible()
    page = visit(served).open("/sign-in")
    page.get_by_role("link", name="Forgotten").click()
    page.get_by_label("E-mail").fill("dora@example.org")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("status")).to_contain_text("on its way")
    page.goto(served.said(r"(/reset/\S+/\S+)"))
    page.get_by_label("New password").fill("another-kestrel-entirely")
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_text("Your password is changed.")).to_be_visible()
    page.get_by_role("link", name="Sign in").last.click()
    sign_in(page, "Dora", "another-kestrel-entirely")
    expect(page.get_by_role("link", name="Dora")).to_be_visible()


def test_the_data_can_be_taken_along(served: Any, visit: Any) -> None:
    guest = visit(served)
    guest.be_guest()
    guest.answer_batch("pincer")
    page = guest.open("/me")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download my data").click()
    text = Path(waiting.value.path()).read_text()
    assert guest.ask("GET", "/me")["person"]["pseudonym"] in text
    assert "pincer" in text
    assert json.loads(text)


def test_deleting_asks_first_and_then_leaves_nothing(served: Any, visit: Any) -> None:
    guest = visit(served)
    guest.be_guest()
    guest.answer_batch()
    [(before,)] = served.rows("SELECT count(*) FROM people_person")
    page = guest.open("/me")
    page.get_by_role("button", name="Delete …").click()
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert served.rows("SELECT count(*) FROM people_person") == [(before,)]
    page.get_by_role("button", name="Delete …").click()
    page.get_by_role("button", name="Delete it all").click()
    expect(page.get_by_role("button", name="Start as a guest")).to_be_visible()
    assert served.rows("SELECT count(*) FROM people_person") == [(before - 1,)]
    assert guest.ask("GET", "/me")["person"] is None


def test_the_questions_after_a_batch_are_kept(served: Any, visit: Any) -> None:
    guest = visit(served)
    guest.be_guest()
    batch = guest.answer_batch()
    page = guest.open(f"/annotate/finished/{batch}")
    for group in page.get_by_role("group").all()[:3]:
        group.get_by_role("radio", name="4").check(force=True)
    page.get_by_label("Anything else?").fill("Dark images were hard.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("1 of 4 questions")
    page.get_by_role("group").last.get_by_role("radio", name="1, easy").check(force=True)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("slider")).to_have_count(6)
    page.get_by_role("slider").first.press("ArrowRight")
    expect(page.get_by_role("slider").first).to_have_attribute("aria-valuetext", "5.5")
    page.get_by_role("button", name="Leave it out").click()
    expect(page.get_by_role("link", name="Another batch")).to_be_visible()
    [(answers, remark)] = served.rows(
        "SELECT answers, remark FROM tasks_form WHERE batch_id = ?", batch.replace("-", "")
    )
    assert sorted(json.loads(answers).values()) == [1, 4, 4, 4]
    assert remark == "Dark images were hard."


def test_a_panel_person_gets_the_code_again_after_a_reload(
    served: Any, visit: Any, organiser: Any
) -> None:
    organiser("PUT", "/organise/panels/prolific", {"completed_code": "C0DE42"})
    person = visit(served, permissions=["clipboard-read", "clipboard-write"])
    page = person.page
    page.goto("/from/prolific?PROLIFIC_PID=p1&STUDY_ID=s1&SESSION_ID=v1")
    page.get_by_role("button", name="I agree").click()
    expect(page.get_by_role("heading", level=1, name="Instructions")).to_be_visible()
    batch = person.answer_batch()
    for _ in range(2):
        page = person.open(f"/annotate/finished/{batch}")
        expect(page.get_by_role("region", name="Your code")).to_contain_text("C0DE42")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "C0DE42"


def test_unfinished_work_leads_back_to_the_images(served: Any, visit: Any) -> None:
    guest = visit(served)
    guest.be_guest()
    batch = guest.ask("POST", "/tasks/annotate/batch", {})["id"]
    page = guest.open(f"/annotate/finished/{batch}")
    expect(page.get_by_role("heading", level=1, name="Not finished yet")).to_be_visible()
    expect(page.get_by_role("link", name="Back to the images")).to_be_visible()


def test_a_pause_is_said_and_can_be_waited_out(served: Any, visit: Any, organiser: Any) -> None:
    guest = visit(served)
    guest.be_guest()
    batch = guest.answer_batch()
    organiser("PATCH", "/organise/tasks/annotate", {"paused": True})
    try:
        expect(guest.open("/").get_by_text("you can still finish")).to_be_visible()
        guest.ask("POST", f"/batches/{batch}/finish", {})
        expect(guest.open("/").get_by_text("paused at the moment")).to_be_visible()
        guest.page.goto("/annotate")
        expect(guest.page.get_by_role("heading", level=1, name="A pause")).to_be_visible()
    finally:
        organiser("PATCH", "/organise/tasks/annotate", {"paused": False})


def test_whoever_has_done_enough_is_told(served: Any, visit: Any, organiser: Any) -> None:
    guest = visit(served)
    guest.be_guest()
    batch = guest.answer_batch()
    guest.ask("POST", f"/batches/{batch}/finish", {})
    organiser("PATCH", "/organise/tasks/annotate", {"max_batches": 1})
    try:
        guest.page.goto("/annotate")
        expect(guest.page.get_by_role("heading", level=1, name="All done")).to_be_visible()
    finally:
        organiser("PATCH", "/organise/tasks/annotate", {"max_batches": 0})


def test_somebody_excluded_is_told_politely(served: Any, visit: Any, organiser: Any) -> None:
    guest = visit(served)
    guest.be_guest()
    name = guest.ask("GET", "/me")["person"]["pseudonym"].removeprefix("person-")
    [(found,)] = served.rows("SELECT id FROM people_person WHERE id LIKE ?", f"{name}%")
    organiser("POST", f"/organise/people/{UUID(found)}/exclusion", {"excluded": True, "why": "x"})
    guest.page.goto("/annotate")
    expect(guest.page.get_by_role("heading", level=1, name="Thank you")).to_be_visible()
    expect(guest.page.get_by_text("cannot take part")).to_be_visible()


def test_a_cut_connection_is_shown_and_survived(served: Any, visit: Any) -> None:
    guest = visit(served)
    guest.be_guest()
    batch = guest.answer_batch()
    page = guest.open("/annotate/instructions")
    guest.context.set_offline(True)
    page.evaluate(f"history.pushState(null, '', '/annotate/finished/{batch}')")
    page.evaluate("dispatchEvent(new PopStateEvent('popstate'))")
    expect(page.get_by_text("No connection.")).to_be_visible()
    guest.context.set_offline(False)
    expect(page.get_by_role("heading", level=1, name="Thank you")).to_be_visible()
    expect(page.get_by_text("No connection.")).to_have_count(0)


def test_moving_between_pages_tells_a_screen_reader(served: Any, visit: Any) -> None:
    page = visit(served).open("/")
    page.get_by_role("link", name="sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Sign in")).to_be_focused()
    expect(page).to_have_title(re.compile("^Sign in · "))
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.reload()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_the_frame_works_without_cookies(served: Any, visit: Any) -> None:
    worker = visit(served)
    senders: list[str] = []
    worker.page.on("request", lambda sent: senders.append(sent.headers.get("authorization", "")))
    address = "/mturk?workerId=W1&hitId=H1&assignmentId=A1&turkSubmitTo=https://www.mturk.com"
    worker.page.goto(address)
    worker.context.clear_cookies()
    worker.page.get_by_role("button", name="I agree").click()
    expect(worker.page.get_by_role("heading", level=1, name="Instructions")).to_be_visible()
    assert any(sender.startswith("Bearer ") for sender in senders)
    assert served.rows("SELECT kind, panel FROM people_person WHERE panel_person = 'W1'") == [
        ("panel", "mturk")
    ]


def test_a_preview_in_the_frame_makes_nobody(served: Any, visit: Any) -> None:
    [(before,)] = served.rows("SELECT count(*) FROM people_person")
    page = visit(served).open("/mturk?assignmentId=ASSIGNMENT_ID_NOT_AVAILABLE&hitId=H1")
    expect(page.get_by_text("Accept the task to begin.")).to_be_visible()
    assert served.rows("SELECT count(*) FROM people_person") == [(before,)]
