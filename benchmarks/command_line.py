"""How soon the front door answers: ``netgloss --help`` as a whole process."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from benchmarks.rows import Row

__all__ = ["rows"]

RUNS = 9
BOUND = 0.3


def rows() -> list[Row]:
    """Median wall time of the help, beside a bare interpreter in the same rounds."""
    bare, helped = [], []
    for _ in range(RUNS):
        bare.append(_seconds([sys.executable, "-c", "pass"]))
        helped.append(_seconds([sys.executable, "-m", "netgloss", "--help"]))
    median = statistics.median(helped)
    return [
        Row(
            "command line",
            "netgloss --help answers",
            f"< {BOUND} s",
            f"{median:.2f} s (bare interpreter {statistics.median(bare):.2f} s)",
            median < BOUND,
        )
    ]


def _seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started
