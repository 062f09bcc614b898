"""Writers of SQLite queue, in threads and across processes, and nobody waits for themselves."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path
from threading import Event, Thread

import pytest

PATIENCE = 60


@pytest.fixture
def on_sqlite(database: None) -> None:
    from django.db import connection

    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has many writers at a time")


def test_a_turn_is_taken_after_the_one_before(on_sqlite: None) -> None:
    from netgloss.server.tasks.turns import turn

    began, done = Event(), []

    def second() -> None:
        began.set()
        with turn():
            done.append("second")

    with turn():
        waiting = Thread(target=second)
        waiting.start()
        assert began.wait(PATIENCE)
        waiting.join(0.2)
        assert waiting.is_alive()
        done.append("first")
    waiting.join(PATIENCE)
    assert done == ["first", "second"]


_OTHER = """
import fcntl, sys
with open(sys.argv[1]) as place:
    try:
        fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("busy")
    else:
        print("free")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="its locks have no queue")
def test_other_processes_wait_as_well(on_sqlite: None, server_folder: Path) -> None:
    from netgloss.server.tasks.turns import turn

    def other() -> str:
        place = server_folder / ".netgloss" / "server" / "turns"
        command = [sys.executable, "-c", textwrap.dedent(_OTHER), str(place)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    with turn():
        assert other() == "busy"
    assert other() == "free"


def test_a_transaction_within_another_does_not_wait_for_itself(database: None) -> None:
    from django.db import transaction

    from netgloss.server.people.models import Person
    from netgloss.server.tasks.transactions import in_transaction

    def make(_patient: bool) -> Person:
        return Person.objects.guest()

    def outer(_patient: bool) -> Person:
        return in_transaction(make)

    assert in_transaction(outer).pk
    with transaction.atomic():
        assert in_transaction(make).pk
    assert Person.objects.count() == 2


def test_a_fault_ends_the_turn(on_sqlite: None) -> None:
    from netgloss.server.tasks.turns import turn

    with pytest.raises(ValueError, match="broken"), turn():
        raise ValueError("broken")
    with turn():
        pass
