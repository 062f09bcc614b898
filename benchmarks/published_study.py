"""A published study from its CSV to ranked findings, as whole processes, imports included.

Needs the data set ``seca-fish`` beside the project; without it there is nothing to measure.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.rows import Row

__all__ = ["rows"]

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "seca-fish"
RUNS = 5
BOUND = 4.0


def rows() -> list[Row]:
    """Median wall time of import, words and rank, one process each, on a fresh study."""
    if not DATA.is_dir():
        print(f"published_study: {DATA.name} is not beside the project; nothing measured")
        return []
    seconds = [_one_run() for _ in range(RUNS)]
    median = statistics.median(seconds)
    return [
        Row(
            "published study",
            "seca-fish from CSV to ranked findings (import, words, rank: three processes)",
            f"< {BOUND:g} s",
            f"{median:.2f} s (of {RUNS}: {min(seconds):.2f} to {max(seconds):.2f})",
            median < BOUND,
        )
    ]


def _one_run() -> float:
    with tempfile.TemporaryDirectory() as place:
        study = f"{place}/fish"
        predictions = str(DATA / "labels_predictions.csv")
        _netgloss("new", study, "--images", str(DATA / "images"), "--predictions", predictions)
        started = time.perf_counter()
        _netgloss("import", study, "mturk", str(DATA / "annotations_output.csv"))
        word_map = str(DATA / "word_map.json")
        _netgloss("words", study, "--map", word_map, "--preset", "seca-2021")
        kinds = "type,attribute,pair"
        _netgloss("rank", study, "--kinds", kinds, "--format", "json", "--limit", "0")
        return time.perf_counter() - started


def _netgloss(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "netgloss", *words], check=True, capture_output=True)
