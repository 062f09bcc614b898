"""Every page of the app, with real work on it: usable by everybody, on each screen and scheme."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROUTES = Path(__file__).resolve().parents[2] / "web" / "src" / "routes.ts"
PASSWORD = "kestrel-over-harbour"
PREVIEW = "assignmentId=ASSIGNMENT_ID_NOT_AVAILABLE&hitId=H1"

# The pattern in routes.ts, who looks, the address, and the page's heading.
PAGES = (
    ("/", "newcomer", "/", "What did the network look at?"),
    ("/", "guest", "/", "What did the network look at?"),
    ("/sign-in", "newcomer", "/sign-in", "Sign in"),
    ("/sign-up", "newcomer", "/sign-up", "Make an account"),
    ("/sign-up", "guest", "/sign-up", "Make an account"),
    ("/reset", "newcomer", "/reset", "A new password"),
    ("/reset/:person/:token", "newcomer", "{reset}", "Choose a new password"),
    ("/join/:token", "newcomer", "/join/{invitation}", "You are invited"),
    ("/join/:token", "olga", "/join/{invitation}", "You are invited"),
    ("/join/:token", "newcomer", "/join/none", "You are invited"),
    ("/me", "newcomer", "/me", "You and your data"),
    ("/me", "guest", "/me", "You and your data"),
    ("/me", "olga", "/me", "You and your data"),
    ("/annotate", "guest", "/annotate", "Describe what the bright areas show"),
    ("/mturk", "newcomer", f"/mturk?{PREVIEW}", "What did the network look at?"),
    ("/annotate/instructions", "guest", "/annotate/instructions", "Instructions"),
    ("/annotate/finished/:batch", "guest", "/annotate/finished/{finished}", "Thank you"),
    ("/annotate/finished/:batch", "guest", "/annotate/finished/{open}", "Not finished yet"),
    ("/annotate/finished/:batch", "panelist", "/annotate/finished/{paid}", "Thank you"),
    ("/play", "newcomer", "/play", "Deep Reveal"),
    ("/play", "guest", "/play", "Deep Reveal"),
    ("/play/game", "guest", "/play/game", "Deep Reveal"),
    ("/play/leaderboard", "newcomer", "/play/leaderboard", "Leaderboard"),
    ("/play/leaderboard", "guest", "/play/leaderboard", "Leaderboard"),
    ("/play/instructions", "guest", "/play/instructions", "Instructions"),
    ("/play/finished/:batch", "guest", "/play/finished/{played}", "Thank you"),
    ("/play/finished/:batch", "guest", "/play/finished/{game}", "Not finished yet"),
    ("/organise", "olga", "/organise", "Overview"),
    ("/organise/people", "olga", "/organise/people", "People"),
    ("/organise/items", "olga", "/organise/items", "Images"),
    ("/organise/games", "olga", "/organise/games", "Games"),
    ("/organise/results", "olga", "/organise/results", "Results"),
    ("/organise/settings", "olga", "/organise/settings", "Settings"),
    ("/organise/export", "olga", "/organise/export", "Export"),
    ("/organise", "guest", "/organise", "Nothing here"),
    ("*", "newcomer", "/no/such/page", "Nothing here"),
)
# What the server writes itself, without scripts.
PLAIN = (
    ("/api/docs", "The API"),
    ("/no/such.file", "Nothing here"),
    ("/from/nobody?id=1", "This link does not work"),
    ("/from/prolific", "This link does not work"),
)


@pytest.fixture(scope="module")
def served(
    serve: Callable[..., Any],
    draw_study: Callable[..., Path],
    tmp_path_factory: pytest.TempPathFactory,
    write_cluster_maps: Callable[..., None],
) -> Any:
    study = draw_study(tmp_path_factory.mktemp("pages"))
    write_cluster_maps(study, 12, ("features.5", "features.10"))
    return serve(study)


@pytest.fixture(scope="module")
def people(served: Any, stay: Any) -> dict[str, Any]:
    """Who looks at the pages; all of them have done something, and there are results of it."""
    olga, guest, panelist = stay(served), stay(served), stay(served)
    olga.ask("GET", "/me")
    account = {"name": "Olga", "password": PASSWORD, "email": "olga@example.org"}
    olga.ask("POST", "/accounts", {**account, "invitation": served.said(r"/join/(\S+)")})
    quick = {"min_seconds": 0, "batch_size": 3, "controls": 0, "quota": 50, "forms": ["sus", "tlx"]}
    olga.ask("PATCH", "/organise/tasks/annotate", {**quick, "suggestions": True})
    olga.ask("PATCH", "/organise/tasks/play", {"min_seconds": 0, "quota": 50})
    olga.ask("PUT", "/organise/panels/prolific", {"completed_code": "C0DE42"})
    panelist.page.goto("/from/prolific?PROLIFIC_PID=p1&STUDY_ID=s1&SESSION_ID=v1")
    guest.be_guest()
    return {"newcomer": stay(served), "olga": olga, "guest": guest, "panelist": panelist}


@pytest.fixture(scope="module")
def blanks(served: Any, people: dict[str, Any]) -> dict[str, str]:
    """What the addresses need that only the server can give."""
    olga, guest, panelist = people["olga"], people["guest"], people["panelist"]
    task = panelist.ask("GET", "/tasks/annotate")
    panelist.ask("POST", "/tasks/annotate/consent", {"version": task["consent_version"]})
    blanks = {}
    for name, person in (("finished", guest), ("paid", panelist)):
        blanks[name] = person.answer_batch("claw", "rock", "water")
        person.ask("POST", f"/batches/{blanks[name]}/finish", {})
    blanks["played"] = play(guest)
    blanks["game"] = guest.ask("POST", "/tasks/play/batch", {})["id"]
    blanks["open"] = guest.ask("POST", "/tasks/annotate/batch", {})["id"]
    invitation = {"role": "organiser", "note": "for the class", "uses": 1, "days": 7}
    blanks["invitation"] = olga.ask("POST", "/organise/invitations", invitation)["token"]
    people["newcomer"].ask("GET", "/me")
    people["newcomer"].ask("POST", "/password-resets", {"email": "olga@example.org"})
    blanks["reset"] = served.said(r"(/reset/\S+/\S+)")
    olga.ask("POST", "/organise/analysis", {})
    for _ in range(600):
        if olga.ask("GET", "/organise/analysis")["state"] in ("done", "failed"):
            break
        time.sleep(0.2)
    assert olga.ask("GET", "/organise/analysis")["total"] > 0
    return blanks


def play(guest: Any) -> str:
    """A whole game, which leaves the questions after it to be asked; its identifier."""
    task = guest.ask("GET", "/tasks/play")
    guest.ask("POST", "/tasks/play/consent", {"version": task["consent_version"]})
    batch = guest.ask("POST", "/tasks/play/batch", {})
    path, key = f"/assignments/{batch['assignments'][0]['id']}", "00000000-0000-4000-9000-{:012}"
    asked = {"key": key.format(1), "action": "guess", "body": {"option": 0}}
    guest.ask("POST", f"{path}/actions", asked)
    guest.ask("POST", f"{path}/answer", {"key": key.format(2), "body": {"tags": ["fin"]}})
    guest.ask("POST", f"/batches/{batch['id']}/finish", {})
    return str(batch["id"])


def test_no_page_is_left_out() -> None:
    patterns = set(re.findall(r'^  \["(/[^"]*)", ', ROUTES.read_text(), re.MULTILINE))
    assert len(patterns) > 10
    assert {pattern for pattern, *_ in PAGES} == patterns | {"*"}


def pale(page: Page) -> list[Any]:
    """Text that cannot be read well in the colours of this moment."""
    found = Axe().run(page, options={"runOnly": ["color-contrast"]}).response
    return [node["html"][:160] for one in found["violations"] for node in one["nodes"]]


def of_each_scheme(page: Page, flaws: Callable[[Page], list[Any]], screen: str) -> list[Any]:
    """All flaws; on a phone in the dark, on a desktop by day and the dark colours besides."""
    if screen == "phone":
        page.emulate_media(color_scheme="dark")
        return flaws(page)
    page.emulate_media(color_scheme="light")
    found = flaws(page)
    page.emulate_media(color_scheme="dark")
    return found + [("dark", html) for html in pale(page)]


@pytest.mark.parametrize("screen", ["desktop", "phone"])
def test_each_page_opened_afresh_can_be_used_by_everybody(
    served: Any, visit: Any, people: Any, blanks: Any, devices: Any, flaws: Any, screen: str
) -> None:
    visitors = {
        name: visit(served, storage_state=person.context.storage_state(), **devices[screen])
        for name, person in people.items()
    }
    found, titles = {}, {}
    for _pattern, name, address, heading in PAGES:
        page = visitors[name].page
        page.goto(address.format(**blanks))
        expect(page.locator("h1")).to_have_text(heading)
        page.wait_for_load_state("networkidle")
        found[f"{address} for {name}"] = of_each_scheme(page, flaws, screen)
        titles[f"{address} for {name}"] = page.title()
    study = visitors["newcomer"].ask("GET", "/me")["study"]["title"]
    assert {place: flaw for place, flaw in found.items() if flaw} == {}
    assert {place: title for place, title in titles.items() if study not in title} == {}
    assert {name: one.complaints for name, one in visitors.items() if one.complaints} == {}
    assert {name: one.strangers for name, one in visitors.items() if one.strangers} == {}


def test_a_change_of_page_takes_the_focus_and_the_title_along(
    served: Any, visit: Any, people: Any, blanks: Any
) -> None:
    visitors = {
        name: visit(served, storage_state=person.context.storage_state())
        for name, person in people.items()
    }
    lost, titles = {}, {}
    for _pattern, name, address, heading in PAGES:
        if address == "/":
            visitors[name].open("/me")
        page = visitors[name].page
        if not page.url.startswith(served.address):
            visitors[name].open("/")
        page.evaluate("document.activeElement.blur()")
        page.evaluate("path => history.pushState(null, '', path)", address.format(**blanks))
        page.evaluate("dispatchEvent(new PopStateEvent('popstate'))")
        expect(page.locator("h1")).to_have_text(heading)
        page.wait_for_load_state("networkidle")
        where = page.evaluate("document.activeElement.id || document.activeElement.localName")
        if where not in ("h1", "picture", "game"):
            lost[f"{address} for {name}"] = where
        titles[f"{address} for {name}"] = (heading, page.title())
    assert lost == {}
    first = "What did the network look at?"
    wrong = {p: both for p, both in titles.items() if both[0] not in both[1] and both[0] != first}
    assert wrong == {}
    assert {name: one.complaints for name, one in visitors.items() if one.complaints} == {}


@pytest.mark.parametrize("screen", ["desktop", "phone"])
def test_what_the_server_writes_itself_can_be_used_by_everybody(
    served: Any, visit: Any, devices: Any, flaws: Any, screen: str
) -> None:
    newcomer = visit(served, **devices[screen])
    found = {}
    for address, heading in PLAIN:
        newcomer.page.goto(address)
        expect(newcomer.page.locator("h1")).to_have_text(heading)
        expect(newcomer.page).to_have_title(heading)
        assert newcomer.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        # The parts of the API's reference are alike: axe need not look at hundreds of them.
        newcomer.page.evaluate(
            "document.querySelectorAll('main > :nth-child(n + 80)').forEach(part => part.remove())"
        )
        found[address] = of_each_scheme(newcomer.page, flaws, screen)
    assert {address: flaw for address, flaw in found.items() if flaw} == {}
    assert newcomer.complaints == []
    assert newcomer.strangers == []
