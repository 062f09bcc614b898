"""Hostile words typed wherever people can type, then every page looked at: they stay words."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "kestrel-over-harbour"
IMAGE = "<img src=x onerror=alert(1)>"
SCRIPT = "<script>alert(1)</script>"
VECTOR = "\"'><svg onload=alert(1)>"
LINK = "javascript:alert(1)"
TEMPLATE = "{{constructor.constructor('alert(1)')()}}"
HOSTILE = (IMAGE, SCRIPT, VECTOR, LINK, TEMPLATE)
MARKDOWN = f"""# Look {IMAGE}

{SCRIPT} {VECTOR} {TEMPLATE} [a link]({LINK}) <a href="{LINK}">another</a>

<iframe srcdoc="{SCRIPT}"></iframe> <form action="https://evil.example"><button>go</button></form>

![a picture](https://evil.example/pixel.png) <style>@import "https://evil.example/x.css"</style>
"""
# Whatever of the words became part of a page instead of its text.
ALIVE = """() => [...document.querySelectorAll(
    'img[src="x"], svg[onload], [onerror], [onclick], iframe, script:not([src]), style, ' +
    'form[action^="http"], a[href^="javascript"], base, meta[http-equiv], object, embed'
)].map(element => element.outerHTML.slice(0, 200))"""
PARTICIPANT = ("/", "/me", "/annotate", "/annotate/instructions", "/sign-in", "/sign-up", "/reset")
ORGANISER = ("", "/people", "/items", "/results", "/settings", "/export")


@pytest.fixture(scope="module")
def served(
    serve: Callable[[Path], Any],
    draw_study: Callable[..., Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:
    return serve(draw_study(tmp_path_factory.mktemp("hostile")))


@pytest.fixture
def come(served: Any, visit: Any) -> Callable[[], Any]:
    """Makes visitors who notice each dialog."""

    def newcomer() -> Any:
        visitor = visit(served)
        visitor.dialogs = []

        def hear(dialog: Any) -> None:
            visitor.dialogs.append(dialog.message)
            dialog.dismiss()

        visitor.page.on("dialog", hear)
        return visitor

    return newcomer


@pytest.fixture
def olga(served: Any, come: Any) -> Any:
    """The organiser, with a hostile name and a study full of hostile words."""
    olga = come()
    olga.ask("GET", "/me")
    if served.rows("SELECT id FROM people_person WHERE name = ?", IMAGE):
        olga.ask("POST", "/session", {"login": IMAGE, "password": PASSWORD})
        return olga
    token = served.said(r"/join/(\S+)")
    olga.ask("POST", "/accounts", {"name": IMAGE, "password": PASSWORD, "invitation": token})
    settings = {
        "title": f"{IMAGE} {SCRIPT}", "consent": MARKDOWN, "instructions": MARKDOWN,
        "min_seconds": 0, "batch_size": 5, "controls": 0, "quota": 9, "suggestions": True,
    }  # fmt: skip
    olga.ask("PATCH", "/organise/tasks/annotate", settings)
    olga.ask("POST", "/organise/invitations", {"note": f"{SCRIPT}{VECTOR}"})
    codes = {
        "completed_code": "<svg/onload=alert(1)>",
        "screened_out_code": "<svg/onload=alert(2)>",
    }
    olga.ask("PUT", "/organise/panels/prolific", codes)
    [item, *_others] = olga.ask("GET", "/organise/items?limit=200")["rows"][::-1]
    olga.ask("PUT", f"/organise/items/{item['id']}/control", {"expected": {"types": [*HOSTILE]}})
    return olga


def require_unhurt(visitor: Any) -> None:
    """Checks that words are words on the page that is shown, and that nothing ran or was loaded."""
    assert visitor.page.evaluate(ALIVE) == [], visitor.page.url
    assert visitor.dialogs == []
    assert visitor.complaints == []
    assert visitor.strangers == []


def look(visitor: Any, *paths: str) -> Page:
    for path in paths:
        visitor.open(path)
        require_unhurt(visitor)
    return visitor.page


def answer_in_hostile_words(visitor: Any) -> str:
    """Answers a batch, its drafts and a remark in hostile words; the batch."""
    batch = visitor.ask("POST", "/tasks/annotate/batch", {})
    for assignment, word in zip(batch["assignments"], HOSTILE, strict=True):
        box = {"type": word, "attributes": [*HOSTILE], "x0": 4, "y0": 4, "x1": 40, "y1": 40}
        path, body = f"/assignments/{assignment['id']}", {"boxes": [box], "nothing": False}
        visitor.ask("PUT", f"{path}/draft", {"number": 1, "body": body})
        key = f"00000000-0000-4000-8000-{assignment['position']:012}"
        visitor.ask("POST", f"{path}/answer", {"key": key, "body": body})
    filled = {"answers": {}, "remark": "\n".join(HOSTILE)}
    visitor.ask("POST", f"/batches/{batch['id']}/forms/difficulty", filled)
    return str(batch["id"])


def test_hostile_words_stay_words_on_every_page(served: Any, come: Any, olga: Any) -> None:
    guest = come()
    page = guest.open("/sign-up")
    page.get_by_label("Name").fill(SCRIPT)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_text(SCRIPT).first).to_be_visible()
    expect(page.get_by_text(IMAGE).first).to_be_visible()
    require_unhurt(guest)
    page = look(guest, "/annotate")
    expect(page.get_by_role("button", name="I agree")).to_be_visible()
    expect(page.locator(".written")).to_contain_text(IMAGE)
    task = guest.ask("GET", "/tasks/annotate")
    guest.ask("POST", "/tasks/annotate/consent", {"version": task["consent_version"]})
    batch = answer_in_hostile_words(guest)
    look(guest, *PARTICIPANT)
    guest.ask("POST", f"/batches/{batch}/finish", {})
    look(guest, f"/annotate/finished/{batch}")
    look(
        guest,
        f"/join/{quote(IMAGE)}",
        f"/reset/{quote(IMAGE)}/{quote(SCRIPT)}",
        f"/{quote(SCRIPT)}",
    )

    other = come()
    other.be_guest()
    answer_in_hostile_words(other)
    paneled = come()
    paneled.page.goto(f"{served.address}/from/prolific?PROLIFIC_PID={quote(IMAGE)}")
    paneled.ask("POST", "/tasks/annotate/consent", {"version": task["consent_version"]})
    batch = answer_in_hostile_words(paneled)
    paneled.ask("POST", f"/batches/{batch}/finish", {})
    page = look(paneled, f"/annotate/finished/{batch}")
    expect(page.get_by_text("<svg/onload=alert(1)>")).to_be_visible()

    [(found,)] = served.rows("SELECT id FROM people_person WHERE panel_person = ?", IMAGE)
    why = {"excluded": True, "why": f"{IMAGE}{SCRIPT}"}
    olga.ask("POST", f"/organise/people/{UUID(found)}/exclusion", why)
    look(paneled, "/annotate", "/me")
    olga.ask("POST", "/organise/analysis", {})
    while olga.ask("GET", "/organise/analysis")["state"] == "running":
        time.sleep(0.2)
    assert olga.ask("GET", "/organise/analysis")["state"] == "done"
    look(olga, "/", "/me", *(f"/organise{path}" for path in ORGANISER))
    page = look(olga, "/organise/people")
    expect(page.get_by_text(IMAGE).first).to_be_visible()
    expect(page.get_by_text(why["why"]).first).to_be_visible()
    page = look(olga, "/organise/settings")
    expect(page.get_by_text(f"{SCRIPT}{VECTOR}").first).to_be_visible()


def test_the_watch_on_the_pages_notices_words_that_live(come: Any) -> None:
    """What the other test relies on: a word put into a page as markup does not go unseen."""
    visitor = come()
    page = visitor.open("/sign-in")
    page.evaluate("words => { document.querySelector('main').innerHTML += words }", IMAGE)
    visitor.until(lambda: bool(visitor.complaints))
    assert "Content Security Policy" in visitor.complaints[0]
    assert page.evaluate(ALIVE) == [IMAGE.replace("x onerror=alert(1)", '"x" onerror="alert(1)"')]
    assert visitor.dialogs == [], "the policy kept it from running"


def test_suggestions_offer_hostile_words_as_words(come: Any, olga: Any) -> None:
    guest = come()
    guest.be_guest()
    batch = answer_in_hostile_words(guest)
    guest.ask("POST", f"/batches/{batch}/finish", {})
    page = guest.open("/annotate")
    guest.take_up()
    guest.drag(5, 5, 45, 45)
    page.keyboard.type("<")
    for word in (IMAGE, SCRIPT):
        expect(page.get_by_role("option").filter(has_text=word).first).to_be_visible()
    page.keyboard.type(SCRIPT[1:])
    page.keyboard.press("Tab")
    page.keyboard.type(f"{IMAGE},{VECTOR},")
    expect(page.get_by_text(VECTOR).first).to_be_visible()
    guest.saved()
    require_unhurt(guest)
    page.reload()
    guest.see()
    require_unhurt(guest)
    [box] = guest.draft()["boxes"]
    assert (box["type"], box["attributes"]) == (SCRIPT, [IMAGE, VECTOR])
