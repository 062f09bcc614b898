"""The report in a real browser: nothing leaves it, nothing breaks, and everybody can read it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from netgloss.report import ReportData, write_report

pytestmark = pytest.mark.browser

QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def report(
    drawn_study: Callable[..., ReportData], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    data = drawn_study()
    asked = [data.table.query("stripe AND NOT roof_sign"), data.table.query("sky OR wheel")]
    path = tmp_path_factory.mktemp("report") / "report.html"
    small = drawn_study(queries=asked, rules=data.rules.head(14), explored=data.explored.head(60))
    return write_report(small, path, concepts_per_label=2)


class Opened:
    """A page with what it complained of and what it asked for."""

    def __init__(self, browser: Browser, report: Path, **options: Any) -> None:
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.context = browser.new_context(reduced_motion="reduce", **options)
        self.page: Page = self.context.new_page()
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.route(
            re.compile("^(?!file:|data:)"),
            lambda route: (self.asked.append(route.request.url), route.abort()),
        )
        self.page.goto(report.as_uri())


@pytest.fixture(params=["desktop", "phone"])
def screen(request: pytest.FixtureRequest) -> dict[str, object]:
    if request.param == "phone":
        return {"viewport": PHONE, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}
    return {"viewport": DESKTOP}


@pytest.fixture
def opened(browser: Browser, report: Path) -> Iterator[Callable[..., Opened]]:
    pages: list[Opened] = []

    def open_report(**options: object) -> Opened:
        pages.append(Opened(browser, report, **options))
        return pages[-1]

    yield open_report
    for page in pages:
        page.context.close()


def _picture(page: Page) -> np.ndarray:
    """The first picture as it is painted."""
    shot = page.locator(".card .frame").first.screenshot()
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB")).astype(int)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everybody_can_read_it(
    opened: Callable[..., Opened], screen: dict[str, object], theme: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    shown = opened(color_scheme=theme, **screen)
    shown.page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    found = Axe().run(shown.page).response
    worst = [
        (violation["id"], [node["html"][:200] for node in violation["nodes"][:3]])
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
    ]
    assert worst == []
    assert len(found["passes"]) > 20


def test_nothing_leaves_the_page_and_nothing_complains(opened: Callable[..., Opened]) -> None:
    shown = opened(viewport=DESKTOP)
    for link in shown.page.locator(".contents a").all():
        link.click()
    shown.page.wait_for_load_state("networkidle")
    assert shown.asked == []
    assert shown.complaints == []


def test_the_page_never_scrolls_sideways(
    opened: Callable[..., Opened], screen: dict[str, object]
) -> None:
    page = opened(**screen).page
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    width = page.evaluate("document.documentElement.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    inside = page.evaluate("[...document.querySelectorAll('.scroll')].every(s => s.tabIndex === 0)")
    assert inside


def test_every_embedded_picture_decodes(opened: Callable[..., Opened]) -> None:
    page = opened(viewport=DESKTOP).page
    sizes = page.evaluate(
        """async () => Promise.all([...document.querySelectorAll('image')].map(async (element) => {
             const picture = new Image();
             picture.src = element.getAttribute('href');
             await picture.decode();
             return picture.naturalWidth;
           }))"""
    )
    assert len(sizes) > 20
    assert all(size > 0 for size in sizes)


def test_the_first_picture_is_painted_with_its_colours(opened: Callable[..., Opened]) -> None:
    page = opened(viewport=DESKTOP).page
    page.locator("#show-heat").uncheck()
    page.locator("#show-boxes").uncheck()
    pixels = _picture(page)
    height, width = pixels.shape[:2]
    assert np.abs(pixels[height // 12, width // 2] - (150, 190, 240)).max() < 16
    assert np.abs(pixels[int(height * 0.8), width // 2] - (240, 130, 20)).max() < 24


def test_the_bare_image_is_one_key_away(opened: Callable[..., Opened]) -> None:
    page = opened(viewport=DESKTOP).page
    with_heat = _picture(page)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "show-heat"
    page.keyboard.press("Space")
    bare = _picture(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    without_boxes = _picture(page)
    assert np.abs(with_heat - bare).mean() > 3
    assert np.abs(bare - without_boxes).mean() > 1
    page.keyboard.press("Space")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    assert np.array_equal(_picture(page), with_heat)


def test_a_box_lies_where_it_was_drawn(opened: Callable[..., Opened]) -> None:
    page = opened(viewport=DESKTOP).page
    frame = page.locator(".card .frame").first.bounding_box()
    edge = page.locator(".card .frame .edge").first
    box = edge.bounding_box()
    drawn = {
        name: float(edge.get_attribute(name) or "nan") for name in ("x", "y", "width", "height")
    }
    assert frame is not None
    assert box is not None
    scale = frame["width"] / 160
    assert frame["height"] / 120 == pytest.approx(scale, rel=0.01)
    # The browser counts the line, two pixels wide, half outside.
    assert box["x"] - frame["x"] == pytest.approx(drawn["x"] * scale, abs=2)
    assert box["y"] - frame["y"] == pytest.approx(drawn["y"] * scale, abs=2)
    assert box["width"] == pytest.approx(drawn["width"] * scale, abs=4)
    assert box["height"] == pytest.approx(drawn["height"] * scale, abs=4)


def test_tags_stay_inside_their_pictures(
    opened: Callable[..., Opened], screen: dict[str, object]
) -> None:
    page = opened(**screen).page
    outside = page.evaluate(
        """() => [...document.querySelectorAll('.tag')].filter((tag) => {
             const [inner, outer] = [tag, tag.parentElement].map(e => e.getBoundingClientRect());
             return inner.left < outer.left - 1 || inner.right > outer.right + 1
               || inner.top < outer.top - 1 || inner.bottom > outer.bottom + 1;
           }).map(tag => tag.textContent)"""
    )
    assert page.locator(".tag").count() > 10
    assert outside == []


def test_the_skip_link_leads_to_the_findings(opened: Callable[..., Opened]) -> None:
    page = opened(viewport=DESKTOP).page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "findings"


def test_it_prints_with_everything_unfolded(opened: Callable[..., Opened]) -> None:
    shown = opened(viewport=DESKTOP)
    page = shown.page
    folded = page.locator("details caption").first
    assert not folded.is_visible()
    page.emulate_media(media="print")
    assert folded.is_visible()
    assert not page.locator(".view").is_visible()
    printed = page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) > 3
