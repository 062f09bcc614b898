"""Measures the promises and writes them to docs/results/targets.csv.

``python -m benchmarks`` measures all; ``python -m benchmarks concepts`` one module. Rows of
modules that did not run stay as they are.
"""

from __future__ import annotations

import csv
import importlib
import sys
from pathlib import Path

from benchmarks.rows import Row

MODULES = (
    "command_line",
    "concepts",
    "smoothgrad",
    "anv",
    "published_study",
    "drawn_world",
    "experiments",
    "web_app",
    "masks",
    "game",
    "faults",
    "pages",
)
TARGETS = Path(__file__).resolve().parents[1] / "docs" / "results" / "targets.csv"
COLUMNS = ("area", "promise", "bound", "measured", "met", "command")


def main(names: list[str]) -> int:
    """Measures, prints and writes the rows; returns 1 when a bound is missed."""
    unknown = sorted(set(names) - set(MODULES))
    if unknown:
        print(f"unknown: {', '.join(unknown)}; known: {', '.join(MODULES)}", file=sys.stderr)
        return 2
    missed = 0
    for name in names or MODULES:
        rows = importlib.import_module(f"benchmarks.{name}").rows()
        for row in rows:
            verdict = "met" if row.met else "MISSED"
            print(f"{verdict:6}  {row.area}: {row.promise}: {row.measured} (bound: {row.bound})")
            missed += not row.met
        _write(rows, f"python -m benchmarks {name}")
    return int(missed > 0)


def _write(rows: list[Row], command: str) -> None:
    """Replaces the rows that this command measures and keeps the others."""
    kept = []
    if TARGETS.exists():
        with TARGETS.open(encoding="utf-8", newline="") as file:
            kept = [row for row in csv.DictReader(file) if row["command"] != command]
    new = [
        {
            "area": row.area,
            "promise": row.promise,
            "bound": row.bound,
            "measured": row.measured,
            "met": "yes" if row.met else "no",
            "command": command,
        }
        for row in rows
    ]
    TARGETS.parent.mkdir(parents=True, exist_ok=True)
    part = TARGETS.with_suffix(".part")
    with part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted([*kept, *new], key=lambda row: (row["area"], row["promise"])))
    part.replace(TARGETS)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
