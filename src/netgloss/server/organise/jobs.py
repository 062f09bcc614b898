"""Long work beside the server: one process a job at a time, and a file that says how it goes.

The process holds a lock that the system drops when it ends, however it ends. A file that says
"running" while nobody holds the lock is therefore known to be left over.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from netgloss.errors import NetglossError, StudyError
from netgloss.store.atomic import write_text
from netgloss.store.locks import writing

__all__ = ["JOBS", "Job", "hold", "is_running", "read_state", "start", "write_state"]

JOBS = ("analysis", "figures", "explanations")
"""The jobs by name; each has a lock and a file of its own."""

_STARTED = "started"
_ABANDONED = "It stopped before it was done; please start it again."


@dataclass(frozen=True)
class Job:
    """A job at work.

    Args:
        folder: The study folder.
        name: Of :data:`JOBS`.
    """

    folder: Path
    name: str

    def say(self, message: str) -> None:
        """Writes down what it is doing."""
        write_state(self.folder, self.name, "running", message)


def start(name: str) -> bool:
    """Starts a job in a process of its own; False if it is running already.

    It is at work once this returns, and goes on when the server ends. It works on the study that
    this process's environment names.

    Args:
        name: Of :data:`JOBS`.
    """
    process = subprocess.Popen(  # noqa: S603 - our own module and one of two fixed words
        [sys.executable, "-P", "-m", "netgloss.server.organise.work", name],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    with process.stdout as said:
        has_begun = said.readline().strip() == _STARTED
    # Somebody has to take note of its end, or the system keeps it in its list of processes.
    threading.Thread(target=process.wait, name=f"{name} ends", daemon=True).start()
    return has_begun


def hold(folder: Path, name: str, work: Callable[[Job], dict[str, Any]]) -> int:
    """Does the work of a job in this process, and writes down how it goes; the exit status.

    Args:
        folder: The study folder.
        name: Of :data:`JOBS`.
        work: Called with the job; returns what belongs in the file beside state, message and
            time; ``message`` among it replaces "done".

    Returns:
        0 done, 1 failed, 3 running already.
    """
    with ExitStack() as held:
        try:
            held.enter_context(writing(folder, _lock(name)))
        except StudyError:
            return 3
        job = Job(folder, name)
        job.say("begins")
        sys.stdout.write(f"{_STARTED}\n")
        sys.stdout.flush()
        return _work(job, work)


def _work(job: Job, work: Callable[[Job], dict[str, Any]]) -> int:
    began = datetime.now(UTC)
    try:
        found = work(job)
    except NetglossError as fault:
        write_state(job.folder, job.name, "failed", str(fault))
        return 1
    except Exception as fault:
        # Whatever it was: the page must not wait for ever; the traceback goes to the log.
        write_state(job.folder, job.name, "failed", f"unexpected {type(fault).__name__}: {fault}")
        raise
    took = round((datetime.now(UTC) - began).total_seconds(), 2)
    write_state(job.folder, job.name, "done", **{"message": "done", "took": took, **found})
    return 0


def is_running(folder: Path, name: str) -> bool:
    """Whether a process is at work on the job."""
    try:
        with writing(folder, _lock(name), seconds=0):
            return False
    except StudyError:
        return True


def read_state(folder: Path, name: str) -> dict[str, Any]:
    """What the job's file says: ``state`` (never, running, done, failed), ``message``, ``at``.

    Args:
        folder: The study folder.
        name: Of :data:`JOBS`.
    """
    state = _read(folder, name)
    if state["state"] != "running" or is_running(folder, name):
        return state
    # It may have ended between the two looks.
    state = _read(folder, name)
    if state["state"] == "running":
        state |= {"state": "failed", "message": _ABANDONED}
    return state


def write_state(folder: Path, name: str, state: str, message: str, **further: Any) -> None:
    """Writes the job's file, whole or not at all."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    content = {"state": state, "message": message, "at": now, **further}
    write_text(_place(folder, name), json.dumps(content, ensure_ascii=False) + "\n")


def _read(folder: Path, name: str) -> dict[str, Any]:
    try:
        state = json.loads(_place(folder, name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        state = None
    known = isinstance(state, dict) and "state" in state
    return state if known else {"state": "never", "message": "", "at": None}


def _place(folder: Path, name: str) -> Path:
    return folder / ".netgloss" / "server" / f"{name}.json"


def _lock(name: str) -> str:
    return f"server-{name}"
