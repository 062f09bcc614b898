"""What the browser's tests share: the report's drawn study, a Chromium, and a served study."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import numpy as np
import psycopg
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

import netgloss
from netgloss.study import Study

HERE = Path(__file__).resolve().parent


def _module(place: Path) -> ModuleType:
    spec = spec_from_file_location(f"{place.parent.name}_{place.stem}", place)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    # Where a dataclass looks up the types that are written as strings.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


drawn_study_fixture = _module(HERE.parent / "report" / "conftest.py").drawn_study_fixture
_SERVER = _module(HERE.parent / "server" / "conftest.py")
postgresql_url, write_cluster_maps = _SERVER.postgresql_url, _SERVER.write_cluster_maps
_VISITORS = _module(HERE / "visitors.py")
Served, Visitor = _VISITORS.Served, _VISITORS.Visitor
_PLAYERS = _module(HERE / "players.py")

QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
DESKTOP = {"width": 1280, "height": 800}
SIZE = (96, 72)
BRIGHT = (10, 10, 40, 40)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where the browser is."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.skip("no Chromium here; tests/browser/install.sh installs one")
    return found


@pytest.fixture(scope="module", name="browser")
def browser_fixture(chromium: str) -> Iterator[Browser]:
    """A Chromium for one file of tests.

    As long as it is there this thread has an event loop, in which Django refuses to work: it must
    be gone before the server's own tests begin.
    """
    expect.set_options(timeout=_VISITORS.PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[..., Any]]:
    """Serves studies until the tests are over."""
    built = Path(netgloss.__file__).parent / "server" / "static" / "index.html"
    if not built.is_file():
        pytest.skip("the front end is not built; `make web` builds it")
    running: list[Any] = []

    def start(study: Path, **options: Any) -> Any:
        running.append(Served(study, **options))
        return running[-1]

    yield start
    for served in running:
        served.stop()


@pytest.fixture(scope="session")
def own_database(postgresql_url: str) -> Callable[[], str]:
    """Makes PostgreSQL databases, each for one served study; the address of one."""

    def make() -> str:
        name = f"study_{uuid4().hex}"
        with psycopg.connect(postgresql_url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        before, _slash, options = postgresql_url.partition("/postgres?")
        return f"{before}/{name}?{options}"

    return make


@pytest.fixture(scope="session")
def draw_study() -> Callable[..., Path]:
    """Makes a study of small pictures, each bright where something orange is drawn."""

    def draw(
        folder: Path,
        images: int = 12,
        size: tuple[int, int] = SIZE,
        bright: tuple[int, int, int, int] = BRIGHT,
    ) -> Path:
        rows = ["image,predicted_label"]
        for name in ("photos", "maps"):
            (folder / name).mkdir(parents=True)
        x0, y0, x1, y1 = bright
        for number in range(images):
            picture = Image.new("RGB", size, (40 + 10 * number, 120, 200 - 10 * number))
            ImageDraw.Draw(picture).ellipse(bright, fill=(230, 120, 20))
            picture.save(folder / "photos" / f"{number:02}.png")
            heat = np.zeros((size[1], size[0]), np.float32)
            heat[y0:y1, x0:x1] = 1
            np.save(folder / "maps" / f"{number:02}.npy", heat)
            rows.append(f"{number:02}.png,{('tench', 'lobster')[number % 2]}")
        predictions = folder / "predictions.csv"
        predictions.write_text("\n".join(rows) + "\n")
        study = Study.create(folder / "study", folder / "photos", predictions=predictions)
        study.import_heatmaps(folder / "maps")
        return study.folder

    return draw


@contextmanager
def _visits(browser: Browser) -> Iterator[Callable[..., Any]]:
    contexts: list[BrowserContext] = []

    def come(served: Any, **options: Any) -> Any:
        given = {"base_url": served.address, "reduced_motion": "reduce", **options}
        contexts.append(browser.new_context(**given))
        return Visitor(contexts[-1], served)

    yield come
    for context in contexts:
        context.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Any]]:
    """Opens browsers, each of somebody else; closed when the test is over."""
    with _visits(browser) as come:
        yield come


@pytest.fixture(scope="module")
def stay(browser: Browser) -> Iterator[Callable[..., Any]]:
    """Opens browsers that stay open until the file's tests are over."""
    with _visits(browser) as come:
        yield come


@pytest.fixture
def begin(served: Any, visit: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """Lets a guest begin a batch; whatever the browser complained of fails the test."""
    workers: list[Any] = []

    def start(size: int = 2, seconds: float = 0, **options: Any) -> Any:
        served.change(
            "UPDATE tasks_task SET batch_size = ?, min_seconds = ?, quota = 100", size, seconds
        )
        served.change("UPDATE tasks_item SET quota = 100")
        worker = visit(served, **{"viewport": DESKTOP, **options})
        workers.append(worker)
        worker.be_guest()
        # Whoever has a batch has read the instructions.
        worker.ask("POST", "/tasks/annotate/batch", {})
        worker.open("/annotate")
        worker.take_up()
        return worker

    yield start
    for worker in workers:
        assert worker.complaints == []


@pytest.fixture(scope="session")
def game_study(
    tmp_path_factory: pytest.TempPathFactory, write_cluster_maps: Callable[..., None]
) -> Path:
    """A study to play on, and to annotate."""
    study: Path = _PLAYERS.draw_game_study(tmp_path_factory.mktemp("game"), write_cluster_maps)
    return study


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def game(request: pytest.FixtureRequest, serve: Callable[..., Any], game_study: Path) -> Any:
    """The game, served on each database in turn; it never runs out, and nobody has to wait."""
    options = {}
    if request.param == "postgresql":
        options["database"] = request.getfixturevalue("own_database")()
    served = serve(game_study, **options)
    served.change("UPDATE tasks_task SET min_seconds = 0, quota = 100 WHERE name = 'play'")
    served.change("UPDATE tasks_item SET quota = 100 WHERE task_id = 'play'")
    return served


@pytest.fixture
def sit_down() -> Iterator[Callable[[Any], Any]]:
    """Makes a player of a visitor; whatever their browser complained of fails the test."""
    came: list[Any] = []

    def sit(visitor: Any) -> Any:
        came.append(visitor)
        return _PLAYERS.Player(visitor)

    yield sit
    assert [visitor.complaints + visitor.strangers for visitor in came] == [[] for _ in came]


@pytest.fixture
def player(
    game: Any, visit: Callable[..., Any], sit_down: Callable[[Any], Any]
) -> Callable[..., Any]:
    """Lets somebody come to the game."""
    return lambda **options: sit_down(visit(game, **{"viewport": DESKTOP, **options}))


@pytest.fixture
def launch(browser: Browser, chromium: str) -> Iterator[Callable[..., Any]]:
    """Starts a whole browser that keeps what it knows in a folder, as people's own do."""
    contexts: list[BrowserContext] = []

    def start(served: Any, profile: Path) -> Any:
        context = browser.browser_type.launch_persistent_context(
            profile, executable_path=chromium, args=list(QUIET), base_url=served.address
        )
        contexts.append(context)
        return Visitor(context, served)

    yield start
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def devices() -> dict[str, dict[str, Any]]:
    """The screens on which each page is looked at."""
    phone = {
        "viewport": {"width": 412, "height": 839},
        "device_scale_factor": 2.625,
        "is_mobile": True,
        "has_touch": True,
    }
    return {"desktop": {"viewport": DESKTOP}, "phone": phone}


@pytest.fixture(scope="session")
def flaws() -> Callable[[Page], list[Any]]:
    """What keeps people from using a page: axe's violations, and scrolling sideways."""
    from axe_playwright_python.sync_playwright import Axe

    def find(page: Page) -> list[Any]:
        response = Axe().run(page).response
        assert len(response["passes"]) > 10
        found: list[Any] = [
            (one["id"], [node["html"][:160] for node in one["nodes"][:3]])
            for one in response["violations"]
        ]
        widths = page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        return found + ([("scrolls sideways", widths)] if widths[0] > widths[1] else [])

    return find
