"""``python -m netgloss.server.organise.work JOB``: one job of the server, in its own process."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from netgloss.server.environment import Environment
from netgloss.server.organise.jobs import JOBS, Job, hold

__all__ = ["main"]

_NICE = 10  # people who wait for a page come first


def main(arguments: Sequence[str]) -> int:
    """Runs one job on the study that the environment names; the exit status.

    Args:
        arguments: The job's name, of :data:`~netgloss.server.organise.jobs.JOBS`.

    Returns:
        0 done, 1 failed, 2 no such job, 3 running already.
    """
    if list(arguments) not in [[name] for name in JOBS]:
        return 2
    if hasattr(os, "nice"):
        os.nice(_NICE)
    return hold(Environment.current().folder, arguments[0], _WORK[arguments[0]])


def _analyse(job: Job) -> dict[str, Any]:
    _set_up()
    from netgloss.server.organise.analysis import analyse

    return analyse(job)


def _figure(job: Job) -> dict[str, Any]:
    _set_up()
    from netgloss.server.organise.figures import figures

    return figures(job)


def _explain(job: Job) -> dict[str, Any]:
    _set_up()
    from netgloss.server.organise.explanations import explain

    return explain(job)


def _set_up() -> None:
    """Makes the database known; after the job says that it has begun, since it takes a while."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "netgloss.server.settings")
    django.setup()


_WORK: dict[str, Callable[[Job], dict[str, Any]]] = {
    "analysis": _analyse,
    "figures": _figure,
    "explanations": _explain,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
