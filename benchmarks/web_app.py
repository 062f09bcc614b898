"""How fast the web app answers when 500 people annotate at the same time, on each database.

The server runs with its defaults (2 processes of 4 threads), and the crowd on the same machine.
"""

from __future__ import annotations

import csv
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.rows import Row
from benchmarks.served import PATIENCE, Server, make_study, organise, postgresql

__all__ = ["Measured", "attend", "measure", "promised", "rows"]

PEOPLE = 500
SECONDS = 90.0
IMAGES = 300
CONTROLS = 5

_QUOTA = 200  # so that nobody runs out of images
_GROWTH = 0.10


@dataclass(frozen=True)
class Measured:
    """What the crowd saw, and what the server took.

    Attributes:
        names: Of the requests, one each.
        milliseconds: Until each was answered.
        statuses: HTTP status of each; 0 where no answer came in time.
        seconds: For how long it was measured.
        memory: Bytes at the beginning and at the end.
        work: Seconds of processor time that the server took; the database's own not counted.
    """

    names: list[str]
    milliseconds: np.ndarray[Any, np.dtype[np.float64]]
    statuses: np.ndarray[Any, np.dtype[np.int64]]
    seconds: float
    memory: tuple[int, int]
    work: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.names) / self.seconds

    @property
    def broken(self) -> int:
        """Requests that got no answer in time, or a 5xx."""
        return int(np.sum((self.statuses < 100) | (self.statuses >= 500)))

    @property
    def refused(self) -> int:
        """Requests that were turned down, which none should be."""
        return int(np.sum((self.statuses >= 400) & (self.statuses < 500)))

    @property
    def growth(self) -> float:
        """Share by which the memory grew."""
        return self.memory[1] / self.memory[0] - 1

    def percentile(self, share: float) -> float:
        """Milliseconds within which this share of the requests, in percent, was answered."""
        return float(np.percentile(self.milliseconds, share))

    def by_name(self) -> str:
        """A table of percentiles a name, the most frequent first."""
        names = np.array(self.names)
        lines = [f"{'':40}{'number':>8}{'p50':>8}{'p95':>8}{'p99':>8}{'refused':>9}{'broken':>8}"]
        for name in sorted(set(self.names), key=lambda one: -self.names.count(one)):
            of = names == name
            p50, p95, p99 = np.percentile(self.milliseconds[of], (50, 95, 99))
            refused = np.sum((self.statuses[of] >= 400) & (self.statuses[of] < 500))
            broken = np.sum((self.statuses[of] < 100) | (self.statuses[of] >= 500))
            counts = f"{refused:9}{broken:8}"
            lines.append(f"{name:40}{of.sum():8}{p50:8.0f}{p95:8.0f}{p99:8.0f}{counts}")
        return "\n".join(lines)


def rows() -> list[Row]:
    """A row a promise and database; prints what each address took."""
    found = []
    with TemporaryDirectory() as place:
        study = make_study(Path(place), IMAGES)
        found += _rows("SQLite", measure(study), {95: 200})
        with postgresql() as database:
            found += _rows("PostgreSQL", measure(study, database.url), {95: 100, 99: 250})
    return found


def measure(
    study: Path, database: str = "", people: int = PEOPLE, seconds: float = SECONDS
) -> Measured:
    """What a crowd sees of a study's server.

    Args:
        study: The study folder.
        database: PostgreSQL's address; SQLite when empty.
        people: How many at a time.
        seconds: For how long it is measured, once all have arrived.
    """
    server = Server(study, database)
    server.start()
    try:
        _set_up(server)
        _wait_for_pictures(study)
        return attend(server, people, seconds, study.parent / "requests.csv")
    finally:
        server.stop()


def attend(
    server: Server, people: int, seconds: float, file: Path, crowd: str = "benchmarks.crowd"
) -> Measured:
    """Lets a crowd work; the memory is read once all have arrived and in the end.

    Args:
        server: At work.
        people: How many at a time.
        seconds: For how long it is measured, once all have arrived.
        file: Where the requests are put down.
        crowd: The module that is run, with the address, people, seconds and file.

    Raises:
        RuntimeError: The crowd stumbled.
    """
    command = [sys.executable, "-m", crowd, server.address]
    memory, work = [], []
    with subprocess.Popen(
        [*command, str(people), str(seconds), str(file)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip() in ("arrived", "measured"):
                memory.append(server.memory())
                work.append(server.work())
    if process.returncode or len(memory) != 2:
        raise RuntimeError(f"the crowd ended with {process.returncode}")
    with file.open(encoding="utf-8", newline="") as rows_file:
        requests = list(csv.reader(rows_file))
    return Measured(
        names=[f"{verb} {name}" for verb, name, *_ in requests],
        milliseconds=np.array([float(one[2]) for one in requests]),
        statuses=np.array([int(one[3]) for one in requests]),
        seconds=seconds,
        memory=(memory[0], memory[1]),
        work=work[1] - work[0],
    )


def _rows(database: str, measured: Measured, bounds: dict[int, int]) -> list[Row]:
    where = f"{PEOPLE} people with 3 s think time on {database}, pictures included"
    return promised("web app", where, measured, bounds)


def promised(area: str, where: str, measured: Measured, bounds: dict[int, int]) -> list[Row]:
    """A row a promise of speed, none broken, and memory; prints what each address took.

    Args:
        area: Of the rows.
        where: Who and on which database.
        measured: What the crowd saw.
        bounds: Percentage of the requests to the milliseconds within which they are answered.
    """
    took = measured.work / max(len(measured.names), 1) * 1000
    print(f"{where}: {measured.rate:.0f} requests a second,", end=" ")
    print(f"{took:.1f} ms of processor time of the server's for each")
    print(measured.by_name())
    found = [
        Row(
            area,
            f"{share} % of requests answered, {where}",
            f"< {bound} ms",
            f"{measured.percentile(share):.0f} ms (median {measured.percentile(50):.0f} ms, "
            f"{measured.rate:.0f} requests a second)",
            measured.percentile(share) < bound,
        )
        for share, bound in bounds.items()
    ]
    lost = f"{measured.broken} broken, {measured.refused} refused of {len(measured.names)}"
    held = f"{measured.memory[0] / 2**20:.0f} MiB in {measured.seconds:.0f} s"
    grown = f"{measured.growth:+.1%} of {held}"
    return [
        *found,
        Row(
            area,
            f"requests without an answer, with a 5xx or turned down, {where}",
            "0",
            lost,
            not (measured.broken or measured.refused),
        ),
        Row(
            area,
            f"memory of the server's processes grows, {where}",
            f"< {_GROWTH:.0%}",
            grown,
            measured.growth < _GROWTH,
        ),
    ]


def _set_up(server: Server) -> None:
    """Gives each item room for the crowd, and makes a few of them controls."""
    organiser = organise(server, quota=_QUOTA)
    for row in organiser.ask("GET", "/organise/items")["rows"][:CONTROLS]:
        control = {"expected": {"types": ["claw", "wheel"]}}
        organiser.ask("PUT", f"/organise/items/{row['id']}/control", control)
    organiser.close()


def _wait_for_pictures(study: Path) -> None:
    """Until the server has drawn all pictures, as it has when people come some minutes later."""
    folder, end = study / ".netgloss" / "pictures", time.monotonic() + PATIENCE
    while len(list(folder.glob("*/*.webp"))) < 2 * IMAGES and time.monotonic() < end:
        time.sleep(1)
