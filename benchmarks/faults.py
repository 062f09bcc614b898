"""What is left of what was acknowledged when everything is killed under load.

``kill -9`` of all of the server's processes at a time, and on PostgreSQL its immediate stop too.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.ledger import Ledger, Participant, Verdict, compare
from benchmarks.rows import Row
from benchmarks.served import PATIENCE, PostgreSQL, Server, make_study, organise, postgresql

__all__ = ["Survived", "rows", "survive"]

IMAGES = 200
QUOTA = 9
PEOPLE = 6
TIMES = 3

_SMALL = (240, 180)
_BATCH = 5
_AWAY_SECONDS = 1.0


@dataclass(frozen=True)
class Survived:
    """What was acknowledged, and what became of it.

    Attributes:
        ledger: What the people were told.
        verdict: What the database holds.
        kills: Times that the server was killed.
        stops: Times that the database was stopped.
    """

    ledger: Ledger
    verdict: Verdict
    kills: int
    stops: int


def rows() -> list[Row]:
    """A row a promise and database."""
    found = []
    with TemporaryDirectory() as place:
        study = make_study(Path(place) / "sqlite", IMAGES, _SMALL)
        found += _rows("SQLite", survive(study, ["kill"] * TIMES))
        study = make_study(Path(place) / "postgresql", IMAGES, _SMALL)
        with postgresql() as database:
            survived = survive(study, ["kill", "stop"] * TIMES, database)
        found += _rows("PostgreSQL", survived)
    return found


def survive(
    study: Path,
    blows: Sequence[str],
    database: PostgreSQL | None = None,
    quota: int = QUOTA,
    people: int = PEOPLE,
) -> Survived:
    """Lets people answer everything while the server and its database are struck down.

    Args:
        study: The study folder.
        blows: ``kill`` for the server, ``stop`` for the database, evenly spread over the answers.
        database: SQLite when None.
        quota: Answers an image.
        people: How many at a time.
    """
    server, ledger = Server(study, database.url if database else ""), Ledger()
    server.start()
    try:
        organiser = organise(server, quota=quota, min_seconds=0, batch_size=_BATCH)
        total = quota * organiser.ask("GET", "/organise/overview")["items"]["total"]
        organiser.close()
        crowd = [Participant(server, ledger, leaves_first=n == 0) for n in range(people)]
        for one in crowd:
            one.start()
        for number, blow in enumerate(blows):
            _wait(ledger, crowd, total * (number + 1) // (len(blows) + 2))
            _strike(blow, server, database)
        for one in crowd:
            one.join(PATIENCE)
        if any(one.is_alive() for one in crowd):
            ledger.faults.append("somebody still waits")
        verdict = compare(ledger, server)
    finally:
        server.stop()
    return Survived(ledger, verdict, blows.count("kill"), blows.count("stop"))


def _wait(ledger: Ledger, crowd: Sequence[Participant], answers: int) -> None:
    """Until so many answers were acknowledged."""
    while len(ledger.answers) < answers and any(one.is_alive() for one in crowd):
        time.sleep(0.01)


def _strike(blow: str, server: Server, database: PostgreSQL | None) -> None:
    """Kills the server and starts it again, or only the database: the server must come back."""
    if blow == "kill":
        server.kill()
        server.start()
        return
    assert database is not None
    database.stop_immediately()
    time.sleep(_AWAY_SECONDS)
    database.start()
    end = time.monotonic() + PATIENCE
    while not server.answers():
        if time.monotonic() > end:
            raise RuntimeError("the server did not come back after its database did")
        time.sleep(0.05)


def _rows(database: str, survived: Survived) -> list[Row]:
    ledger, verdict = survived.ledger, survived.verdict
    for fault in (*ledger.faults, *verdict.lost, *verdict.doubled, *verdict.over_quota):
        print(fault)
    for fault in verdict.miscounted:
        print(fault)
    blows = f"kill -9 of all processes {survived.kills} times"
    if survived.stops:
        blows += f" and immediate stop of the database {survived.stops} times"
    where = f"{blows} under load on {database}"
    promises = (
        ("lost", len(verdict.lost)),
        ("doubled", len(verdict.doubled)),
        ("over quota or miscounted", len(verdict.over_quota) + len(verdict.miscounted)),
        ("answered otherwise than by 503 meanwhile", len(ledger.faults)),
    )
    told = f"{ledger.writes} acknowledged, {ledger.breaks} broken off, {ledger.outages} put off"
    return [
        Row("web app", f"writes {what}, {where}", "0", f"{number} ({told})", number == 0)
        for what, number in promises
    ]
