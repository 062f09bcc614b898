"""The pages of what each layer saw in a real browser: readable, by keyboard, on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from netgloss.explanations.local import LocalExplanation, Part, Tally, column
from netgloss.explanations.overall import explain_together
from netgloss.report.anv_page import global_view, local_view, page_of
from netgloss.report.anv_pictures import MapPictures
from netgloss.vision.geometry import Placement

pytestmark = pytest.mark.browser

SCREENS = {
    "desktop": {"viewport": {"width": 1280, "height": 800}},
    "phone": {"viewport": {"width": 412, "height": 839}, "is_mobile": True, "has_touch": True},
}
WORDS = ("rim", "strap", "dial", "lettering", "background")

Open = Callable[..., Page]


def explained(image: str, *, words: bool) -> LocalExplanation:
    """Nine layers of three maps, the first two of which people named alike."""
    generator = np.random.default_rng(len(image))
    columns = []
    for depth in range(9):
        parts = [
            Part(
                evidence=f"anv/{depth}{number}",
                weight=0.3 / (number + 1),
                heat=generator.random((5, 5)),
                channels=(number,),
                scores={WORDS[(depth + number // 2) % 5]: 2.0, "grey": 1.0} if words else {},
                tally=Tally(1 + number, 1, 0, 3) if words else Tally(),
            )
            for number in range(3)
        ]
        columns.append(column(f"features.{depth}", depth, parts, "all", {"channels": 64}))
    return LocalExplanation(image, "watch", tuple(columns), "watch", "watch", 4, 1, words)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each page by what it shows."""
    generator = np.random.default_rng(1)
    pixels = generator.integers(0, 255, (60, 90, 3), dtype=np.uint8)
    pictures = MapPictures(lambda _: pixels, lambda w, h: Placement(w, h, 5, 5))
    folder = tmp_path_factory.mktemp("explanations")
    views = [explained(name, words=True) for name in ("watch/a.png", "watch/long/b.png")]
    made = {
        "local": local_view(views[0], pictures, "photos"),
        "local-unnamed": local_view(explained("c.png", words=False), pictures, "photos"),
        "global": global_view(explain_together("watch", views), pictures, "photos"),
    }
    for name, view in made.items():
        (folder / f"{name}.html").write_text(page_of(view), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in made}


@pytest.fixture
def opened(browser: Browser, pages: dict[str, Path]) -> Iterator[Open]:
    contexts = []

    def open_page(name: str, screen: str = "desktop", theme: str = "light") -> Page:
        context = browser.new_context(
            **SCREENS[screen], color_scheme=theme, reduced_motion="reduce"
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(pages[name].as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()


def complaints(page: Page) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response
    assert len(found["passes"]) > 10
    return [
        f"{violation['id']}: {node['html'][:160]}"
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"][:3]
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("screen", ["desktop", "phone"])
@pytest.mark.parametrize("name", ["local", "local-unnamed", "global"])
def test_everybody_can_read_the_pages(opened: Open, name: str, screen: str, theme: str) -> None:
    page = opened(name, screen, theme)
    assert complaints(page) == []
    if name != "global":
        page.locator(".map").first.click()
        page.locator(".detail:popover-open").wait_for()
        assert complaints(page) == []


@pytest.mark.parametrize("screen", ["desktop", "phone"])
@pytest.mark.parametrize("name", ["local", "global"])
def test_the_page_itself_never_scrolls_sideways(opened: Open, name: str, screen: str) -> None:
    page = opened(name, screen)
    width = page.evaluate("document.documentElement.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_the_keyboard_opens_and_closes_every_detail(opened: Open) -> None:
    page = opened("local")
    for button in page.locator(".map").all()[:3]:
        button.focus()
        page.keyboard.press("Enter")
        detail = page.locator(".detail:popover-open")
        assert detail.count() == 1
        assert detail.get_attribute("id") == button.get_attribute("popovertarget")
        assert page.evaluate("document.activeElement.textContent") == "Close"
        page.keyboard.press("Escape")
        assert page.locator(".detail:popover-open").count() == 0
        assert button.evaluate("one => one === document.activeElement")


def test_a_press_beside_the_detail_closes_it(opened: Open) -> None:
    page = opened("local")
    page.locator(".map").nth(2).click()
    assert page.locator(".detail:popover-open").count() == 1
    page.mouse.click(4, 400)
    assert page.locator(".detail:popover-open").count() == 0


def test_a_phone_scrolls_the_layers_and_keeps_the_words_in_sight(opened: Open) -> None:
    page = opened("local", "phone")
    scroller = page.locator(".layers")
    assert scroller.evaluate("one => one.scrollWidth > one.clientWidth + 300")
    word = page.locator(".strip th").first
    before = word.bounding_box()
    scroller.evaluate("one => { one.scrollLeft = 500 }")
    after = word.bounding_box()
    assert before is not None
    assert after is not None
    assert after["x"] == pytest.approx(before["x"], abs=1)
    assert page.locator(".map").first.evaluate("one => one.clientWidth") >= 100


def test_pictures_are_painted(opened: Open) -> None:
    page = opened("local")
    sizes = page.evaluate(
        """async () => Promise.all([...document.querySelectorAll('image')].map(async (element) => {
             const picture = new Image();
             picture.src = element.getAttribute('href');
             await picture.decode();
             return picture.naturalWidth;
           }))"""
    )
    assert len(sizes) > 30
    assert min(sizes) > 0
    used = page.locator(".map use").evaluate_all("all => all.map(one => one.getBBox().width)")
    assert min(used) > 0
