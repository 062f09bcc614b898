"""A game gives nothing away before its end, and everybody can play it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Response, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# The server's own names for what it knows of a game; none is anybody's to read while it is played.
SECRETS = ("truth", "target", "control", "expected", "evidence", "weight", "layer", "image")


# ---------------------------------------------------------------------- nothing gives it away


def test_no_page_tells_the_class_before_the_game_is_over(player: Any) -> None:
    somebody = player()
    somebody.arrive()
    responses: list[Response] = []
    somebody.page.on("response", lambda response: responses.append(response))
    somebody.begin()
    page, answer, names = somebody.page, somebody.answer(), somebody.course()["options"]
    for level in range(1, somebody.MOST_HINTS + 2):
        if level > 1:
            somebody.more(level)
        said_alike(page.content(), names)
        assert secrets_in(page.content()) == []
    somebody.guess(right=False)
    assert answer not in page.content()
    page.wait_for_load_state("networkidle")
    heard = "\n".join(map(text_of, responses))
    said_alike(heard, names)
    assert secrets_in(heard) == []
    page.locator("#tags").fill("beak")
    page.get_by_role("button", name="Done").click()
    somebody.over("Not this time")
    # Now it is said, but never how the study's files are called.
    expect(page.locator(".class")).to_have_text(f"It was {answer}")
    page.wait_for_load_state("networkidle")
    assert f'"class": "{answer}"' in "\n".join(map(text_of, responses))
    assert not re.search(rf"{answer}[_/]|\.png", "\n".join(map(text_of, responses)))


def text_of(response: Response) -> str:
    """A response as far as somebody who listens can read it; scripts are the same for everybody."""
    body = response.text() if response.ok and "/api/" in response.url else ""
    return f"{response.url} {response.headers} {body}"


def said_alike(text: str, names: list[str]) -> None:
    """The class is one of six names, each said as often as the others."""
    assert len({text.count(name) for name in names}) == 1, {one: text.count(one) for one in names}


def secrets_in(text: str) -> list[str]:
    return [word for word in SECRETS if f'"{word}"' in text] + re.findall(r"\.png|anv/", text)


def test_the_third_game_is_the_control_and_looks_like_any_other(player: Any) -> None:
    somebody = player()
    somebody.arrive(games=1)
    looks, controls, asked = [], [], []
    somebody.page.on("request", lambda request: asked.append(shape(request.url)))
    for _ in range(3):
        asked.clear()
        somebody.begin()
        looks.append((skeleton(somebody.page), sorted(set(asked))))
        controls.append(bool(somebody.row("control")))
        somebody.guess()
        somebody.page.get_by_role("button", name="I cannot say").click()
        somebody.over("Right!")
        somebody.page.get_by_role("link", name="Enough for now").click()
        expect(somebody.page.locator("dl").first).to_be_visible()
    assert controls == [False, True, False]
    assert looks[0] == looks[1] == looks[2]
    assert somebody.row("passed") is None


def shape(url: str) -> str:
    """An address without what names this game."""
    return re.sub(r"[0-9a-f-]{32,36}|/pictures/.*", "~", url)


def skeleton(page: Page) -> Any:
    """What the page is made of, without the classes' names, the score and the addresses."""
    return page.evaluate(
        """() => {
          const part = (one) => [one.localName, one.className, one.getAttribute("role"),
            [...one.children].map(part)];
          document.querySelectorAll(".streak").forEach((one) => one.remove());
          return part(document.querySelector(".match"));
        }"""
    )


# ------------------------------------------------------------------------------------ for everybody


def moving(page: Page) -> list[str]:
    """What moves, or would."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll(".match, .match *")].flatMap((one) => {
          const style = getComputedStyle(one);
          const still = style.animationName === "none"
            && style.transitionDuration.split(",").every((time) => parseFloat(time) < 0.01);
          return still ? [] : [one.className || one.localName];
        })"""
    )
    return found


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_who_wants_no_motion_sees_none(player: Any, motion: str) -> None:
    somebody = player(reduced_motion=motion)
    somebody.arrive(games=1)
    somebody.begin()
    found = [moving(somebody.page)]
    somebody.guess()
    found.append(moving(somebody.page))
    somebody.page.locator("#tags").fill("fin")
    somebody.page.get_by_role("button", name="Done").click()
    somebody.over("Right!")
    found.append(moving(somebody.page))
    if motion == "reduce":
        assert found == [[], [], []]
    else:
        # Others see it move, so that this test would notice.
        assert all(found)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_each_step_of_a_game_can_be_used_by_everybody(player: Any, flaws: Any, scheme: str) -> None:
    somebody = player(color_scheme=scheme)
    somebody.arrive()
    somebody.begin()
    assert flaws(somebody.page) == []
    somebody.guess()
    somebody.page.locator("#tags").fill("fin")
    somebody.press("Enter")
    assert flaws(somebody.page) == []
    somebody.page.get_by_role("button", name="Done").click()
    somebody.over("Right!")
    assert flaws(somebody.page) == []
    expect(somebody.page.locator("#spoken")).to_contain_text("Right! It was:")
