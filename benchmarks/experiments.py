"""What docs/results/*.csv show of the promises about the drawn world.

The experiments take an hour; this reads the rows that they left and repeats their verdicts.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from benchmarks.rows import Row
from netgloss.experiments.correctness_page import verdicts
from netgloss.experiments.number_of_images import landmarks
from netgloss.experiments.reveal_page import verdicts as revealed

_RESULTS = Path(__file__).resolve().parents[1] / "docs" / "results"


def rows() -> list[Row]:
    """A row a promise; run the experiments first where their CSV is missing."""
    correctness = pd.read_csv(_RESULTS / "correctness.csv", keep_default_na=True)
    images = pd.read_csv(_RESULTS / "number-of-images.csv")
    found = [
        Row("correctness", promise, "as promised", measured, met)
        for promise, measured, met in verdicts(correctness)
    ]
    found += [
        Row("number of images", promise, "as promised", measured, met)
        for promise, measured, met in landmarks(images)
        if met is not None
    ]
    reveal = pd.read_csv(_RESULTS / "reveal.csv")
    found += [
        Row("labels of players", promise, "as promised", measured, met)
        for promise, measured, met in revealed(reveal)
    ]
    return found
