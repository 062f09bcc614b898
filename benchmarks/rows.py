"""One measured promise: a row of docs/results/targets.csv."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Row"]


@dataclass(frozen=True)
class Row:
    """What was promised, what was measured, and whether it holds."""

    area: str
    promise: str
    bound: str
    measured: str
    met: bool
