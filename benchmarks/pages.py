"""How much the web app's pages weigh and how soon they can be used: real Chromium, real server.

The network is emulated by Chromium, so that loopback does not flatter the pages: a round trip of
40 ms and 10 Mbit/s, as a browser's own audits have it for a desktop computer. Each load is that of
a newcomer whose browser has kept nothing.
"""

from __future__ import annotations

import json
import shutil
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from benchmarks.rows import Row
from benchmarks.served import Server, make_study

__all__ = ["rows"]

RUNS = 7
IMAGES = 40
BATCH = 12
MOST_BYTES = 150_000
MOST_SECONDS = 1.5
MOST_MILLISECONDS = 150.0

_ROUND_TRIP = 40
_BYTES_A_SECOND = 10_000_000 / 8
_PASSWORD = "seven green lobsters"  # of an account that lives for a minute
_CHROMIUM = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip

# Milliseconds since the navigation began, once the button can be pressed and the pictures, if the
# page has any, are there; 0 before that.
_READY = """name => {
  const button = [...document.querySelectorAll("button")].find(b => b.textContent.includes(name));
  const pictures = [...document.querySelectorAll("#picture img")];
  if (!button || button.disabled || !pictures.every(p => p.complete && p.naturalWidth)) return 0;
  return performance.now();
}"""

# Milliseconds since the navigation began until the last file had come that runs or styles the page.
_LAST_FILE = """() => Math.max(...performance.getEntriesByType("resource")
  .filter(e => /\\.(js|css)$/.test(new URL(e.name).pathname)).map(e => e.responseEnd))"""

# Notes when "Next" was clicked; `switched` then resolves to milliseconds from that click until the
# pictures at these addresses are decoded and a frame with them has been painted.
_WATCH = """() => {
  addEventListener("click", event => { window.clickedAt = event.timeStamp; }, true);
  const frame = () => new Promise(requestAnimationFrame);
  window.switched = async addresses => {
    for (;;) {
      const pictures = [...document.querySelectorAll("#picture img")];
      const shown = pictures.map(p => new URL(p.src).pathname);
      if (addresses.every((address, place) => address === shown[place])) {
        await Promise.all(pictures.map(p => p.decode()));
        break;
      }
      await frame();
    }
    // A frame's callbacks run before it is painted, so the second one comes after the paint.
    await frame();
    await frame();
    return performance.now() - window.clickedAt;
  };
  window.acknowledged = async () => {
    while (document.getElementById("saved").textContent !== "Saved") await frame();
    return performance.now() - window.clickedAt;
  };
}"""


class Load(NamedTuple):
    """What one load of a page cost.

    Attributes:
        bytes: Over the wire, compressed, with headers, without pictures of the study.
        pictures: Bytes of those.
        seconds: From the start of the navigation until the page could be used.
    """

    bytes: int
    pictures: int
    seconds: float


def rows() -> list[Row]:
    """Measures the promises of the pages; nothing without a Chromium."""
    found = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    if found is None:
        print("pages: there is no Chromium here; nothing measured")
        return []
    with (
        _served() as server,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=found, args=list(_CHROMIUM)) as browser,
    ):
        first = [_first_load(browser, server) for _ in range(RUNS)]
        work = [_work_load(browser, server) for _ in range(RUNS)]
        return [
            *_load_rows("/, for a newcomer", first),
            *_load_rows("/annotate, with a batch waiting", work),
            _switch_row(browser, server),
        ]


@contextmanager
def _served() -> Iterator[Server]:
    with TemporaryDirectory(prefix="netgloss-pages-") as place:
        server = Server(make_study(Path(place), IMAGES))
        server.start()
        try:
            _set_up(server)
            yield server
        finally:
            server.stop()


def _set_up(server: Server) -> None:
    """Batches without consent and without waiting, enough of them for all runs."""
    with sync_playwright() as playwright:
        organiser = playwright.request.new_context(base_url=server.address)
        account = {"name": "Olga", "password": _PASSWORD, "invitation": server.invitation}
        settings = {
            "consent": "",
            "min_seconds": 0,
            "batch_size": BATCH,
            "controls": 0,
            "quota": 1000,
        }
        _ask(organiser, "GET", "/me")
        _ask(organiser, "POST", "/accounts", account)
        _ask(organiser, "PATCH", "/organise/tasks/annotate", settings)
        organiser.dispose()


def _ask(asker: Any, verb: str, path: str, body: Any = None) -> Any:
    """What the API answers to a browser, or to a context of requests."""
    cookies = asker.storage_state()["cookies"]
    token = next((one["value"] for one in cookies if one["name"] == "netgloss_csrf"), "")
    fetch = getattr(asker, "request", asker).fetch
    response = fetch(
        f"/api{path}",
        method=verb,
        data=None if body is None else json.dumps(body),
        headers={"Content-Type": "application/json", "X-CSRF-Token": token},
    )
    if not response.ok:
        raise RuntimeError(f"{verb} {path}: {response.status} {response.text()}")
    return json.loads(response.text() or "null")


# ------------------------------------------------------------------------------- loading a page


@contextmanager
def _newcomer(browser: Browser, server: Server) -> Iterator[tuple[BrowserContext, Page]]:
    """A browser that has kept nothing, behind the emulated network."""
    context = browser.new_context(base_url=server.address, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    network = {
        "offline": False,
        "latency": _ROUND_TRIP,
        "downloadThroughput": _BYTES_A_SECOND,
        "uploadThroughput": _BYTES_A_SECOND,
    }
    control = context.new_cdp_session(page)
    control.send("Network.enable")
    control.send("Network.emulateNetworkConditions", network)
    yield context, page
    context.close()


def _first_load(browser: Browser, server: Server) -> Load:
    with _newcomer(browser, server) as (_, page):
        return _load(page, "/", "Start as a guest")


def _work_load(browser: Browser, server: Server) -> Load:
    with _newcomer(browser, server) as (context, page):
        _start_batch(context)
        return _load(page, "/annotate", "Next")


def _start_batch(context: BrowserContext) -> list[dict[str, Any]]:
    """The assignments of a new guest's first batch."""
    _ask(context, "GET", "/me")
    _ask(context, "POST", "/guests", {})
    assignments: list[dict[str, Any]] = _ask(context, "POST", "/tasks/annotate/batch", {})[
        "assignments"
    ]
    return assignments


def _load(page: Page, path: str, button: str) -> Load:
    done: list[Request] = []
    page.on("requestfinished", lambda request: done.append(request))
    page.goto(path, wait_until="commit")
    ready = page.wait_for_function(_READY, arg=button, polling="raf").json_value()
    page.wait_for_load_state("networkidle")
    ready = max(ready, page.evaluate(_LAST_FILE))
    weights = {True: 0, False: 0}
    for request in done:
        sizes = request.sizes()
        weight = sizes["responseBodySize"] + sizes["responseHeadersSize"]
        weights["/pictures/" in request.url] += weight
    return Load(weights[False], weights[True], ready / 1000)


def _load_rows(what: str, loads: list[Load]) -> list[Row]:
    weight = statistics.median(load.bytes for load in loads)
    pictures = statistics.median(load.pictures for load in loads)
    beside = f", and {pictures / 1000:.0f} kB of pictures" if pictures else ""
    seconds = [load.seconds for load in loads]
    median = statistics.median(seconds)
    network = f"{_ROUND_TRIP} ms round trips, 10 Mbit/s, empty cache"
    return [
        Row(
            "web app",
            f"bytes over the wire for {what} (all files and answers, with headers)",
            f"< {MOST_BYTES / 1000:.0f} kB",
            f"{weight / 1000:.1f} kB{beside}",
            weight < MOST_BYTES,
        ),
        Row(
            "web app",
            f"from navigation to the main button and all scripts for {what} ({network})",
            f"< {MOST_SECONDS:g} s",
            f"{median:.2f} s (of {RUNS}: {min(seconds):.2f} to {max(seconds):.2f})",
            median < MOST_SECONDS,
        ),
    ]


# --------------------------------------------------------------------------- walking on in a batch


def _switch_row(browser: Browser, server: Server) -> Row:
    """One batch from its first to its last picture, each answered and left with a click."""
    with _newcomer(browser, server) as (context, page):
        assignments = _start_batch(context)
        page.goto("/annotate")
        page.evaluate(_WATCH)
        switches, kept = zip(*(_switch(page, one) for one in assignments[1:]), strict=True)
    median = statistics.median(switches)
    return Row(
        "web app",
        f"from the click on Next to the next picture decoded and painted ({_ROUND_TRIP} ms "
        "round trips)",
        f"< {MOST_MILLISECONDS:.0f} ms",
        f"{median:.0f} ms (of {len(switches)}: {min(switches):.0f} to {max(switches):.0f}); the "
        f"answer acknowledged after {statistics.median(kept):.0f} ms",
        median < MOST_MILLISECONDS,
    )


def _switch(page: Page, following: dict[str, Any]) -> tuple[float, float]:
    """Milliseconds until the following picture is seen, and until the answer is acknowledged."""
    page.get_by_label("Nothing recognisable").check()
    page.get_by_text("Saved", exact=True).wait_for()
    page.wait_for_load_state("networkidle")
    shown = following["shown"]
    page.get_by_role("button", name="Next", exact=True).click()
    seen = page.evaluate("addresses => switched(addresses)", [shown["image"], shown["heat"]])
    return float(seen), float(page.evaluate("acknowledged()"))


if __name__ == "__main__":
    for row in rows():
        print(row)
