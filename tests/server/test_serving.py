"""A study served by real processes: starting, stopping, and what goes wrong, in one line each."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image

PASSWORD = "seven green lobsters"
PATIENCE = 120  # seconds, for a machine that does much else at the same time
pytestmark = pytest.mark.usefixtures("own_shell")


def make_study(folder: Path, evidence: bool = True) -> Path:
    """A study of four photographs, with heat maps or without."""
    from netgloss.study import Study

    photos, maps = folder / "photos", folder / "maps"
    maps.mkdir(parents=True)
    photos.mkdir()
    rows = ["image,predicted_label"]
    for number in range(4):
        pixels = np.random.default_rng(number).integers(0, 256, (24, 32, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(photos / f"{number}.png")
        heat = np.zeros((12, 16), np.float32)
        heat[2:6, 2:6] = 1
        np.save(maps / f"{number}.npy", heat)
        rows.append(f"{number}.png,{'van' if number % 2 else 'ambulance'}")
    (folder / "predictions.csv").write_text("\n".join(rows) + "\n")
    study = Study.create(folder / "study", photos, predictions=folder / "predictions.csv")
    if evidence:
        study.import_heatmaps(maps)
    return study.folder


def command(study: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "netgloss", "serve", str(study), "--port", "0", *options]


@dataclass
class Running:
    """A server in processes of its own."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    connections: list[http.client.HTTPConnection] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.lines[0].rpartition(" is at ")[2].strip()

    @property
    def invitation(self) -> str:
        return self.lines[1].rpartition("/join/")[2].strip() if len(self.lines) > 1 else ""

    def connection(self) -> http.client.HTTPConnection:
        place = urlsplit(self.url)
        made = http.client.HTTPConnection(place.hostname or "", place.port, timeout=PATIENCE)
        self.connections.append(made)
        return made

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


@contextmanager
def running(study: Path, *options: str) -> Iterator[Running]:
    """Starts a server, waits until it has said where it is, and stops it in the end."""
    said, noted = study.parent / "said.txt", study.parent / "noted.txt"
    with said.open("w") as out, noted.open("w") as errors:
        process = subprocess.Popen(command(study, *options), stdout=out, stderr=errors, text=True)
    server, end = Running(process), time.monotonic() + PATIENCE
    try:
        while "stop with Ctrl+C" not in noted.read_text():
            assert process.poll() is None, noted.read_text()
            assert time.monotonic() < end, "the server did not start in time"
            time.sleep(0.05)
        server.lines = said.read_text().splitlines()
        yield server
    finally:
        if process.poll() is None:
            server.stop()
        for connection in server.connections:
            connection.close()


class Person:
    """Somebody who speaks to the server over a connection of their own."""

    def __init__(self, server: Running) -> None:
        self.cookies: dict[str, str] = {}
        self.connection = server.connection()
        self.ask("GET", "/api/me")

    def ask(self, verb: str, path: str, body: Any = None) -> tuple[int, Any]:
        headers = {
            "Content-Type": "application/json",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "X-CSRF-Token": self.cookies.get("netgloss_csrf", ""),
        }
        self.connection.request(verb, path, json.dumps(body or {}), headers)
        answer = self.connection.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.strip().partition(";")[0].partition("=")
            self.cookies[name] = value
        text = answer.read()
        return answer.status, json.loads(text) if text else None


@pytest.fixture
def stored(empty_database: str, tmp_path: Path) -> tuple[Path, tuple[str, ...], Any]:
    """A study, the options that name its database, and a way to keep writers out for a while."""
    study, url = make_study(tmp_path), empty_database
    if not url:
        return study, (), lambda: locked_sqlite(study / "answers.sqlite3")
    return study, ("--database", url), lambda: locked_postgresql(url)


@contextmanager
def locked_sqlite(path: Path) -> Iterator[Callable[[], int]]:
    with closing(sqlite3.connect(path, isolation_level=None, timeout=PATIENCE)) as database:
        database.execute("BEGIN IMMEDIATE")
        yield lambda: database.execute("SELECT count(*) FROM people_person").fetchone()[0]
        database.execute("COMMIT")


@contextmanager
def locked_postgresql(url: str) -> Iterator[Callable[[], int]]:
    import psycopg

    with psycopg.connect(url) as database:
        database.execute("LOCK TABLE people_person IN SHARE MODE")
        yield lambda: database.execute("SELECT count(*) FROM people_person").fetchone()[0]


@pytest.mark.slow
def test_a_server_starts_serves_and_stops_without_losing_what_it_acknowledged(
    stored: tuple[Path, tuple[str, ...], Any],
) -> None:
    study, options, locked = stored
    with running(study, *options) as server:
        body = {"name": "Ann", "password": PASSWORD, "invitation": server.invitation}
        ann = Person(server)
        status, me = ann.ask("POST", "/api/accounts", body)
        assert (status, me["person"]["role"]) == (201, "organiser")
        status, _ = Person(server).ask("POST", "/api/accounts", {**body, "name": "Ben"})
        assert status == 404, "the first organiser's link works once"

        guest, answers = Person(server), []
        waiting = Thread(target=lambda: answers.append(guest.ask("POST", "/api/guests")))
        with locked() as count:
            waiting.start()
            time.sleep(1)
            server.process.send_signal(signal.SIGTERM)
            time.sleep(1)
            assert server.process.poll() is None, "it must wait for the request in flight"
            assert (answers, count()) == ([], 1)
        waiting.join(PATIENCE)
        assert server.process.wait(PATIENCE) == 0
        assert answers[0][0] == 201

    with running(study, *options) as again:
        assert again.invitation == "", "there is an organiser by now"
        guest.connection = again.connection()
        status, me = guest.ask("GET", "/api/me")
        assert me["person"]["kind"] == "guest", "what was acknowledged is there"
        # Both processes count wrong passwords together.
        wrong = [
            Person(again).ask("POST", "/api/session", {"login": "Ann", "password": "no"})[0]
            for _ in range(12)
        ]
        assert wrong == 10 * [401] + 2 * [429]


@pytest.mark.slow
def test_a_killed_server_has_kept_everything_it_acknowledged(tmp_path: Path) -> None:
    study = make_study(tmp_path)
    acknowledged = []

    def come(server: Running) -> None:
        for _ in range(500):
            try:
                status, me = Person(server).ask("POST", "/api/guests")
            except (OSError, http.client.HTTPException):
                return
            if status == 201:
                acknowledged.append(me["person"]["pseudonym"])

    with running(study) as server:
        comers = [Thread(target=come, args=(server,)) for _ in range(4)]
        for comer in comers:
            comer.start()
        while len(acknowledged) < 10 and any(comer.is_alive() for comer in comers):
            time.sleep(0.01)
        children = [int(one) for one in _children(server.process.pid)]
        for process in (server.process.pid, *children):
            with suppress(ProcessLookupError):  # some end with their parent
                os.kill(process, signal.SIGKILL)
        for comer in comers:
            comer.join(PATIENCE)
    with closing(sqlite3.connect(study / "answers.sqlite3")) as database:
        kept = {f"person-{row[0][:12]}" for row in database.execute("SELECT id FROM people_person")}
    assert len(acknowledged) >= 10
    assert set(acknowledged) <= kept


def _children(process: int) -> list[str]:
    return Path(f"/proc/{process}/task/{process}/children").read_text().split()


def refused(*arguments: str) -> tuple[int, str]:
    """Exit status and message of a server that cannot start."""
    ended = subprocess.run(arguments, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr
    return ended.returncode, ended.stderr


def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    study = make_study(tmp_path)
    with closing(socket.create_server(("127.0.0.1", 0), reuse_port=True)) as other:
        port = str(other.getsockname()[1])
        status, message = refused(*command(study), "--port", port)
    assert status == 2
    assert message.startswith(f"netgloss: port {port} of 127.0.0.1 is in use")
    assert message.count("\n") == 1


def test_a_database_that_does_not_answer_is_one_line_without_its_password(tmp_path: Path) -> None:
    study = make_study(tmp_path)
    url = "postgresql://ann:sesame@127.0.0.1:1/study"
    status, message = refused(*command(study), "--database", url)
    assert status == 1
    assert message.startswith("netgloss: database 'postgresql://127.0.0.1:1/study' does not answer")
    assert "sesame" not in message
    assert message.count("\n") == 1


@pytest.mark.parametrize("evidence", [False, None])
def test_without_study_or_evidence_nothing_is_made(tmp_path: Path, evidence: bool | None) -> None:
    study = tmp_path / "study" if evidence is None else make_study(tmp_path, evidence=False)
    status, message = refused(*command(study))
    assert status == 1
    assert message.startswith(f"netgloss: {study}: ")
    assert ("extract" if evidence is False else "no study here") in message
    assert not (study / "answers.sqlite3").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"port": 70000}, "port 70000 is none"),
        ({"port": -1}, "port -1 is none"),
        ({"workers": 0}, "workers 0 is too few"),
        ({"threads": 0}, "threads 0 is too few"),
        ({"host": "0.0.0.0"}, "say by which one people reach it"),
        ({"https": True}, "which is not HTTPS"),
        ({"address": "study.example.org"}, "write it like https://"),
        ({"address": "ftp://study.example.org"}, "write it like https://"),
        ({"address": "https://study.example.org/sub"}, "write it like https://"),
        ({"address": "https://study.example.org:x"}, "write it like https://"),
        ({"mail": "mail.example.org:25"}, "write it like smtp://"),
        ({"mail": "smtp://user:password@host:x"}, "write it like smtp://"),
        ({"mail": "smtp://"}, "write it like smtp://"),
    ],
)
def test_options_that_cannot_be_served_are_refused(options: dict[str, Any], message: str) -> None:
    from netgloss.errors import OptionError
    from netgloss.server.serving import Serving

    with pytest.raises(OptionError, match=message):
        Serving(Path("study"), **options).check()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://ann:sesame@db/study", "'mysql' is of no known kind"),
        ("postgresql://ann:sesame@db", "names no database"),
        ("postgresql://ann:sesame@db:x/study", "port that is none"),
    ],
)
def test_a_database_address_is_refused_without_its_password(url: str, message: str) -> None:
    from netgloss.errors import OptionError
    from netgloss.server.database import database_settings

    with pytest.raises(OptionError, match=message) as refusal:
        database_settings(url, Path())
    assert "sesame" not in str(refusal.value)


def test_a_password_with_special_characters_is_written_with_percents() -> None:
    from netgloss.server.database import database_settings

    made = database_settings("postgresql://ann:p%40ss%2Fw@db:5433/study?sslmode=require", Path())
    assert (made["USER"], made["PASSWORD"], made["HOST"], made["PORT"]) == (
        *("ann", "p@ss/w", "db", "5433"),
    )
    assert made["OPTIONS"]["sslmode"] == "require"
    assert made["OPTIONS"]["connect_timeout"] == 10
    fast = database_settings("postgresql://db/study?connect_timeout=3", Path())["OPTIONS"]
    assert fast["connect_timeout"] == "3"


def test_the_secret_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    from netgloss.server.secret import secret_key

    keys: list[str] = []
    threads = [Thread(target=lambda: keys.append(secret_key(tmp_path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert set(keys) == {secret_key(tmp_path)}
    assert len(keys[0]) >= 50
    (kept,) = (tmp_path / ".netgloss" / "server").iterdir()
    assert kept.stat().st_mode & 0o077 == 0


def test_who_may_be_asked_for_follows_from_the_address() -> None:
    from netgloss.server.serving import Serving

    plain = Serving(Path("study")).environment()
    assert plain.address == "http://127.0.0.1:8000"
    assert plain.hosts == "127.0.0.1,localhost,[::1]"
    assert not plain.https
    address = "https://study.example.org/"
    public = Serving(Path("study"), host="0.0.0.0", address=address).environment()
    assert public.address == "https://study.example.org"
    assert public.hosts == "127.0.0.1,localhost,[::1],study.example.org"
    assert public.https
    assert public.sender == "netgloss@study.example.org"
    assert Serving(Path("study"), host="::1").url == "http://[::1]:8000"


def test_another_machines_host_is_refused(tmp_path: Path) -> None:
    from netgloss.errors import OptionError
    from netgloss.server.ports import free_port

    with pytest.raises(OptionError, match="is not of this machine"):
        free_port("192.0.2.1", 0)
    with pytest.raises(OptionError, match="is unknown"):
        free_port("no.such.host.invalid", 0)


_DEPLOYED = """
import json, sys
from netgloss.server.environment import Environment
Environment(study=sys.argv[1], address="https://study.example.org", https="1",
            hosts="study.example.org").apply()
import django
django.setup()
from django.core.management import call_command
call_command("check", deploy=True, fail_level="WARNING", databases=["default"])
call_command("migrate", verbosity=0)
from django.test import Client
host = {"Host": "study.example.org"}
plain = Client().get("/sign-in", headers=host)
safe = Client().get("/api/me", secure=True, headers=host)
guest = Client(enforce_csrf_checks=True)
token = guest.get("/api/me", secure=True, headers=host).cookies["netgloss_csrf"].value
post = {"path": "/api/guests", "secure": True}
made = guest.post(**post, headers={**host, "X-CSRF-Token": token,
                                   "Referer": "https://study.example.org/"})
other = Client().get("/", secure=True, headers={"Host": "evil.example"})
print(json.dumps({
    "redirect": [plain.status_code, plain.headers["Location"]],
    "hsts": safe.headers["Strict-Transport-Security"],
    "cookies": [bool(made.cookies[n]["secure"]) for n in ("netgloss_session", "netgloss_csrf")],
    "other": other.status_code,
    "torch": "torch" in sys.modules,
}))
"""


@pytest.mark.slow
def test_behind_https_djangos_own_check_finds_nothing(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _DEPLOYED, str(make_study(tmp_path))],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout.splitlines()[-1])
    assert found == {
        "redirect": [301, "https://study.example.org/sign-in"],
        "hsts": "max-age=31536000; includeSubDomains; preload",
        "cookies": [True, True],
        "other": 400,
        "torch": False,
    }


def test_the_help_loads_no_server() -> None:
    look = (
        "import sys; from netgloss.cli import run; run(['serve', '--help']); "
        "sys.exit(bool({'django', 'granian', 'torch', 'netgloss.server'} & set(sys.modules)))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", look], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0
    assert "--database" in ended.stdout
