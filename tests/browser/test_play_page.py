"""The game Deep Reveal in a real browser: with mouse, keys and fingers, on both databases."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Request, Route, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "kestrel-over-harbour"


# ------------------------------------------------------------------------ games, start to end


def test_a_game_by_mouse_from_the_first_page_to_the_next_game(player: Any) -> None:
    somebody = player()
    page = somebody.visitor.open("/")
    # The study has heat maps too, and with them the other task.
    expect(page.get_by_role("button", name="Start as a guest")).to_be_visible()
    page.get_by_role("button", name="Play as a guest").click()
    page.get_by_role("button", name="Play", exact=True).click()
    page.get_by_role("button", name="I agree").click()
    expect(page.get_by_role("heading", level=1, name="Instructions")).to_be_visible()
    page.get_by_role("button", name="Start", exact=True).click()
    somebody.at(1)
    expect(page.get_by_text("300 points for a right guess")).to_be_visible()
    for level, worth in ((2, 250), (3, 200)):
        somebody.more(level)
        expect(page.get_by_text(f"{worth} points for a right guess")).to_be_visible()
    answer = somebody.guess()
    page.locator("#tags").fill("red stripes")
    somebody.press("Enter")
    page.locator("#tags").fill("a fin, an eye")
    page.get_by_role("button", name="Done").click()
    somebody.over("Right!")
    expect(page.locator(".class")).to_have_text(f"It was {answer}")
    expect(page.locator(".gained .hidden")).to_have_text("225 points")
    expect(page.get_by_label("Your words").get_by_role("listitem")).to_have_text(
        ["red stripes", "a fin", "an eye"]
    )
    whole = page.locator(".frame img.whole")
    assert whole.evaluate("one => [one.naturalWidth, one.naturalHeight]") == list(somebody.SIZE)
    kept = somebody.kept()
    assert (kept["outcome"], kept["hints"], kept["points"]) == ("win", 2, 225)
    assert kept["tags"] == ["red stripes", "a fin", "an eye"]
    assert somebody.score() == 225
    page.wait_for_timeout(somebody.HASTE)
    page.get_by_role("button", name="Next game").click()
    somebody.at(1)
    somebody.phase("guess")
    assert somebody.course()["hints"] == 0


def test_two_games_by_keyboard_alone_one_lost_and_one_won(player: Any) -> None:
    somebody = player()
    page = somebody.visitor.open("/")
    for button in ("Play as a guest", "Play", "I agree", "Start"):
        expect(page.get_by_role("button", name=button, exact=True)).to_be_visible()
        tab_to(somebody, button)
        somebody.press("Enter")
    somebody.at(1)
    assert page.evaluate("document.activeElement.id") == "game"
    page.wait_for_timeout(somebody.HASTE)
    somebody.press("h")
    somebody.at(2)
    page.wait_for_timeout(somebody.HASTE)
    expect(page.locator("#spoken")).to_contain_text("Level 2 of 6")
    wrong = somebody.option(right=False)
    somebody.press(str(wrong + 1))
    somebody.phase("tag")
    expect(page.locator("#tags")).to_be_focused()
    page.keyboard.type("h1 beak")  # letters and digits are words here
    somebody.press("Enter")
    expect(page.get_by_role("button", name="Remove h1 beak")).to_be_visible()
    somebody.press("Enter")
    somebody.over("Not this time")
    expect(page.locator(".outcome")).to_contain_text(f"It was {somebody.answer()}")
    expect(page.locator(".gained .hidden")).to_have_text("25 points")
    assert somebody.kept()["outcome"] == "loss"
    expect(page.locator("#next")).to_be_focused()
    page.wait_for_timeout(somebody.HASTE)
    somebody.press("Enter")
    somebody.phase("guess")
    somebody.at(1)
    somebody.press(str(somebody.option(right=True) + 1))
    somebody.phase("tag")
    expect(page.locator("#tags")).to_be_focused()
    page.keyboard.type("beak")
    somebody.press("Enter", "Enter")
    somebody.over("Right!")
    expect(page.locator("#spoken")).to_contain_text("Your score is 350 ")
    assert somebody.score() == 350


def test_a_game_on_a_phone_by_touch(player: Any, devices: Any, flaws: Any) -> None:
    somebody = player(**devices["phone"])
    somebody.arrive()
    somebody.begin()
    page = somebody.page
    boxes = [somebody.options().nth(place).bounding_box() for place in range(6)]
    # Two beside each other, and each large enough for a finger.
    assert len({box["x"] for box in boxes}) == 2
    assert min(min(box["width"], box["height"]) for box in boxes) >= 44
    picture = page.locator(".frame").bounding_box()
    assert picture is not None
    assert picture["width"] >= 380
    page.get_by_role("button", name="Show more").tap()
    somebody.at(2)
    assert flaws(page) == []
    page.wait_for_timeout(somebody.HASTE)
    somebody.options().nth(somebody.option(right=True)).tap()
    somebody.phase("tag")
    # A keyboard over the picture comes only when the field is touched.
    expect(page.locator("#tags")).not_to_be_focused()
    page.locator("#tags").tap()
    page.keyboard.type("fin")
    assert flaws(page) == []
    page.get_by_role("button", name="Done").tap()
    somebody.over("Right!")
    assert flaws(page) == []
    assert somebody.kept()["tags"] == ["fin"]
    page.wait_for_timeout(somebody.HASTE)
    page.get_by_role("button", name="Next game").tap()
    somebody.at(1)


def test_giving_up_is_offered_after_the_last_hint_and_asked_once(player: Any, flaws: Any) -> None:
    somebody = player()
    somebody.arrive()
    somebody.begin()
    page = somebody.page
    for level in range(2, somebody.MOST_HINTS + 2):
        expect(page.get_by_role("button", name="Give up")).to_have_count(0)
        somebody.more(level)
    expect(page.get_by_role("button", name="Show more")).to_have_count(0)
    expect(page.get_by_text("50 points for a right guess")).to_be_visible()
    page.get_by_role("button", name="Give up").click()
    asked = page.get_by_role("dialog")
    assert flaws(page) == []
    asked.get_by_role("button", name="Guess after all").click()
    expect(asked).to_have_count(0)
    somebody.phase("guess")
    page.get_by_role("button", name="Give up").click()
    asked.get_by_role("button", name="Give up").click()
    somebody.over("Given up")
    expect(page.locator(".class")).to_have_text(f"It was {somebody.answer()}")
    expect(page.locator(".gained .hidden")).to_have_text("0 points")
    kept = somebody.kept()
    assert (kept["outcome"], kept["hints"], kept["tags"], kept["guess"]) == ("resign", 5, [], None)


# ------------------------------------------------------------------- going on and coming back


def test_a_browser_that_is_closed_in_the_middle_goes_on_where_it_was(
    game: Any, launch: Callable[..., Any], sit_down: Callable[..., Any], tmp_path: Path
) -> None:
    somebody = sit_down(launch(game, tmp_path / "profile"))
    somebody.arrive()
    somebody.begin()
    for level in (2, 3):
        somebody.more(level)
    names = somebody.options().all_inner_texts()
    before = somebody.page.locator(".frame img").last.get_attribute("src")
    somebody.visitor.context.close()

    somebody = sit_down(launch(game, tmp_path / "profile"))
    page = somebody.visitor.open("/play")
    page.get_by_role("button", name="Go on with your game").click()
    somebody.at(3)
    assert somebody.options().all_inner_texts() == names
    assert page.locator(".frame img").last.get_attribute("src") == before
    guess = somebody.guess()
    page.locator("#tags").fill("yellow dots")
    somebody.press("Enter")
    expect(page.locator("#saved")).to_have_text("Saved")
    somebody.visitor.until(lambda: "yellow dots" in (somebody.row("draft") or ""))
    page.reload()
    somebody.phase("tag")
    somebody.at(3)
    expect(page.locator(".guess")).to_contain_text(guess)
    page.get_by_role("button", name="Remove yellow dots").wait_for()
    page.get_by_role("button", name="Done").click()
    somebody.over("Right!")
    page.reload()
    somebody.over("Right!")
    assert (somebody.kept()["points"], somebody.score()) == (225, 225)
    # The page does not know what comes after a game that it found over, and asks.
    page.get_by_role("button", name="Next game").click()
    somebody.phase("guess")
    somebody.at(1)


def test_who_wants_the_next_game_during_a_pause_gets_it_afterwards(game: Any, player: Any) -> None:
    somebody = player()
    somebody.arrive()
    somebody.begin()
    page = somebody.page
    somebody.guess()
    page.get_by_role("button", name="I cannot say").click()
    somebody.over("Right!")
    page.wait_for_timeout(somebody.HASTE)
    game.change("UPDATE tasks_task SET paused = ? WHERE name = 'play'", True)
    try:
        page.get_by_role("button", name="Next game").click()
        expect(page.get_by_role("heading", level=1, name="A pause")).to_be_visible()
    finally:
        game.change("UPDATE tasks_task SET paused = ? WHERE name = 'play'", False)
    page.get_by_role("button", name="Try again").click()
    somebody.phase("guess")
    somebody.at(1)
    assert somebody.ask("GET", "/play")["games"] == 1


def test_a_guest_who_registers_keeps_the_score_and_stands_on_the_leaderboard(player: Any) -> None:
    somebody, rival = player(), player()
    for one, games in ((somebody, 2), (rival, 1)):
        one.arrive(games)
    score = somebody.score()
    # Two games won without a hint, with words, and the bonus of the second in a row.
    assert score == 2 * 325 + 10
    page = somebody.visitor.open("/play")
    page.get_by_role("link", name="Make an account").click()
    page.get_by_label("Name").fill(f"Berta {id(somebody):x}"[:30])
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_text("You have played 2 games.")).to_be_visible()
    assert somebody.score() == score
    nickname = f"Zoë {id(somebody) % 10_000}"
    page = somebody.visitor.open("/play")
    page.get_by_role("button", name="Change").click()
    page.get_by_label("Name on the leaderboard").fill(nickname)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text(f"On the leaderboard you are {nickname}")).to_be_visible()
    page.get_by_role("link", name="Leaderboard").first.click()
    own = page.locator("tr[aria-current]")
    expect(own).to_contain_text(nickname)
    expect(own).to_contain_text("660")
    expect(own.get_by_text("you", exact=True)).to_be_visible()
    points = [int(text) for text in page.locator("tbody td strong").all_inner_texts()]
    assert points == sorted(points, reverse=True)
    board = rival.ask("GET", "/play/leaderboard")["rows"]
    assert [row["you"] for row in board if row["nickname"] == nickname] == [False]


def test_ten_games_are_a_panels_visit_and_end_with_questions_and_the_code(
    game: Any, player: Any, flaws: Any
) -> None:
    game.change(
        "INSERT INTO people_panel (name, person_parameter, study_parameter, session_parameter, "
        "completion_url, completed_code, screened_out_code, failed_code) "
        "VALUES ('lab', 'id', '', 'visit', '', 'C0DE42', '', '')"
    )
    somebody = player()
    page = somebody.page
    page.goto("/from/lab?id=p1&visit=v1&task=play")
    expect(page.get_by_role("heading", level=1, name="Deep Reveal")).to_be_visible()
    somebody.agree(games=9)
    somebody.begin()
    somebody.guess()
    page.get_by_role("button", name="I cannot say").click()
    somebody.over("Right!")
    page.wait_for_timeout(somebody.HASTE)
    page.get_by_role("button", name="Next game").click()
    expect(page.get_by_role("heading", level=1, name="Thank you")).to_be_visible()
    expect(page.get_by_text("A few questions about the work, if you like.")).to_be_visible()
    expect(page.get_by_text("C0DE42")).to_be_visible()
    assert flaws(page) == []
    # Who follows the panel's link again sees the end again.
    page.goto("/from/lab?id=p1&visit=v1&task=play")
    expect(page.get_by_text("C0DE42")).to_be_visible()
    assert somebody.ask("GET", "/play")["games"] == 10


def test_two_clicks_do_what_one_does(player: Any) -> None:
    somebody = player()
    somebody.arrive()
    somebody.begin()
    page = somebody.page
    page.get_by_role("button", name="Show more").dblclick()
    somebody.at(2)
    expect(page.get_by_text("250 points for a right guess")).to_be_visible()
    page.wait_for_timeout(somebody.HASTE)
    somebody.options().nth(somebody.option(right=True)).dblclick()
    somebody.phase("tag")
    page.locator("#tags").fill("fin")
    page.get_by_role("button", name="Done").dblclick()
    somebody.over("Right!")
    page.wait_for_timeout(somebody.HASTE)
    # The second click did not take the outcome away, and nothing counted twice.
    somebody.over("Right!")
    assert (somebody.course()["hints"], somebody.score()) == (1, 275)
    assert somebody.ask("GET", "/play")["games"] == 1


def test_what_the_network_lost_is_sent_again_and_counts_once(player: Any) -> None:
    somebody = player()
    somebody.arrive()
    somebody.begin()
    page, lost = somebody.page, []

    def lose(route: Route) -> None:
        """The server acts, and its reply never arrives."""
        route.fetch()
        lost.append(route.request.post_data_json["key"])
        route.abort()

    page.route("**/actions", lose, times=1)
    page.get_by_role("button", name="Show more").click()
    somebody.at(2)
    assert somebody.course()["hints"] == 1
    [kept] = json.loads(somebody.row("acted"))
    assert [kept["key"]] == lost


def test_an_end_whose_replies_are_lost_is_the_outcome_and_one_next_game(player: Any) -> None:
    somebody = player()
    somebody.arrive()
    somebody.begin()
    page, lost = somebody.page, []
    somebody.guess()
    page.locator("#tags").fill("fin")

    def lose(route: Route) -> None:
        """The server acts, and its reply never arrives."""
        lost.append(route.fetch().json())
        route.abort()

    page.route("**/answer", lose, times=1)
    page.get_by_role("button", name="Done").click()
    somebody.over("Right!")
    expect(page.locator(".class")).to_have_text(f"It was {somebody.answer()}")
    page.route(re.compile(r"/batch\?after="), lose, times=1)
    page.wait_for_timeout(somebody.HASTE)
    page.get_by_role("button", name="Next game").click()
    somebody.phase("guess")
    somebody.at(1)
    outcome, following = lost
    assert outcome["shown"]["outcome"] == "win"
    assert somebody.ask("GET", "/play")["games"] == 1
    assert somebody.ask("POST", "/tasks/play/batch", {})["id"] == following["id"]


def test_a_game_takes_one_request_for_each_thing_done_in_it(player: Any) -> None:
    somebody = player()
    somebody.arrive()
    somebody.begin()
    page, asked = somebody.page, []
    page.on("request", lambda request: asked.append(what_is_asked(request)))
    for _ in range(2):
        somebody.more(2)
        somebody.guess()
        page.get_by_role("button", name="I cannot say").click()
        somebody.over("Right!")
        page.wait_for_timeout(somebody.HASTE)
        page.get_by_role("button", name="Next game").click()
        somebody.phase("guess")
        somebody.at(1)
    page.wait_for_load_state("networkidle")
    game = ["POST actions", "POST actions", "POST answer", "POST batch after"]
    assert [one for one in asked if one] == 2 * game
    # Whoever leaves has ended the game before the next page comes.
    asked.clear()
    somebody.guess()
    page.get_by_role("button", name="I cannot say").click()
    somebody.over("Right!")
    page.get_by_role("link", name="Leaderboard").last.click()
    expect(page.get_by_role("heading", level=1, name="Leaderboard")).to_be_visible()
    assert [one for one in asked if one][:3] == ["POST actions", "POST answer", "POST finish"]


def what_is_asked(request: Request) -> str:
    """The verb and the last word of an address of the API; nothing for a picture."""
    address = urlsplit(request.url)
    if not address.path.startswith("/api/"):
        return ""
    return " ".join([request.method, address.path.rpartition("/")[2], *parse_qs(address.query)])


def tab_to(person: Any, name: str) -> None:
    """Presses Tab until what is called so has the focus."""
    for _ in range(30):
        person.press("Tab")
        if person.page.evaluate("document.activeElement.innerText?.trim()") == name:
            return
    raise AssertionError(f"Tab never reaches {name!r}")
