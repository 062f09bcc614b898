"""What was acknowledged outlives a killed server and a stopped database.

``python -m benchmarks faults`` is the long form.
"""

from __future__ import annotations

import dataclasses
import importlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

IMAGES, QUOTA, SIZE = 12, 4, (240, 180)


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(Path(__file__).resolve().parents[2])
    return importlib.import_module("benchmarks.faults")


@pytest.fixture
def own_postgresql(faults: ModuleType, postgresql_url: str) -> Iterator[Any]:
    """A server beside that of the other tests, which set up what its package needs."""
    with faults.postgresql() as database:
        yield database


def check(survived: Any) -> None:
    ledger, verdict = survived.ledger, survived.verdict
    assert ledger.faults == []
    assert verdict.lost == []
    assert verdict.doubled == []
    assert verdict.over_quota == []
    assert verdict.miscounted == []
    # All but the batch of the one who left is answered, in spite of what came between.
    assert len({one.assignment for one in ledger.answers}) == IMAGES * QUOTA - 5
    assert ledger.drafted >= 2 * (IMAGES * QUOTA - 5) + 5
    assert ledger.breaks > 0, "it was killed while somebody asked"


@pytest.mark.slow
def test_a_killed_server_keeps_what_it_acknowledged(faults: ModuleType, tmp_path: Path) -> None:
    study = faults.make_study(tmp_path, IMAGES, SIZE)
    survived = faults.survive(study, ["kill"], quota=QUOTA)
    check(survived)
    tampered_with(faults, survived, study / "answers.sqlite3")


def tampered_with(faults: ModuleType, survived: Any, path: Path) -> None:
    """The comparison itself is seen to notice each kind of damage."""
    ledger, server = survived.ledger, faults.Server(path.parent)
    answer = ledger.answers[-1]
    key, assignment = answer.key.replace("-", ""), answer.assignment.replace("-", "")
    damages = {
        "lost": f"UPDATE tasks_assignment SET state = 'open' WHERE id = '{assignment}'",
        "doubled": "UPDATE tasks_assignment SET earlier = json_array(json_object('key', "
        f"'{answer.key}', 'body', NULL, 'receipt', NULL)) WHERE id <> '{assignment}'",
        "over_quota": "UPDATE tasks_item SET taken = taken - 1",
        "miscounted": f"DELETE FROM tasks_assignment WHERE key = '{key}'",
    }
    for kind, damage in damages.items():
        with closing(sqlite3.connect(path)) as database:
            before = list(database.iterdump())
            database.execute("PRAGMA foreign_keys = OFF")
            database.execute(damage)
            database.commit()
        verdict = faults.compare(ledger, server)
        assert getattr(verdict, kind), f"{kind}: {damage}"
        assert not verdict.clean
        path.unlink()
        with closing(sqlite3.connect(path)) as database:
            database.executescript("\n".join(before))
    assert faults.compare(ledger, server).clean
    other = dataclasses.replace(answer, receipt=answer.receipt | {"done": 99})
    forged = dataclasses.replace(ledger, answers=[*ledger.answers[:-1], other])
    assert faults.compare(forged, server).lost


@pytest.mark.slow
def test_postgresql_may_be_stopped_as_well(
    faults: ModuleType, own_postgresql: Any, tmp_path: Path
) -> None:
    study = faults.make_study(tmp_path, IMAGES, SIZE)
    survived = faults.survive(study, ["stop", "kill"], own_postgresql, quota=QUOTA)
    check(survived)
    assert survived.ledger.outages > 0, "the server answered while its database was away"
    log = (tmp_path / "server.log").read_text()
    assert '"status": 503' in log
    assert '"status": 500' not in log
    assert "Traceback" not in log


def test_a_locked_database_is_an_outage_and_a_missing_table_is_not(
    django_ready: None, tmp_path: Path
) -> None:
    from django.db import OperationalError

    from netgloss.server.outage import is_away

    def fault(work: Callable[[], object]) -> OperationalError:
        with pytest.raises(sqlite3.OperationalError) as raised:
            work()
        wrapped = OperationalError(*raised.value.args)
        wrapped.__cause__ = raised.value
        return wrapped

    place = tmp_path / "locked.sqlite3"
    with closing(sqlite3.connect(place)) as one, closing(sqlite3.connect(place, timeout=0)) as two:
        one.execute("CREATE TABLE kept (n)")
        assert not is_away(fault(lambda: two.execute("SELECT * FROM missing")))
        one.execute("BEGIN EXCLUSIVE")
        assert is_away(fault(lambda: two.execute("SELECT * FROM kept")))
    assert not is_away(None)


def test_while_the_database_is_away_pages_and_programs_are_told_to_come_again(
    django_ready: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError, connection
    from django.test import Client

    def gone(*_: object, **__: object) -> object:
        raise OperationalError("the connection is lost")

    monkeypatch.setattr(connection, "cursor", gone)
    client = Client(raise_request_exception=False)
    for path in ("/api/health", "/api/me", "/pictures/iaAAAA.webp"):
        client.cookies["netgloss_session"] = "some-session"
        answer = client.get(path)
        if path.startswith("/api"):
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) > 0
            assert answer.json()["error"]["code"] == "away"
        else:
            assert answer.status_code == 404, "a forged address is refused without a look"
