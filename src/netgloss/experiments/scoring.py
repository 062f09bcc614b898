"""Where a planted cue stands among the findings (methods 9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from netgloss.concepts.table import ConceptTable
    from netgloss.scenes.task import Cue

__all__ = ["score"]

_TOP = 10


def score(table: ConceptTable, cue: Cue) -> dict[str, Any]:
    """Where the planted cue stands among the findings.

    Single concepts are ranked; for an exclusive-or the combinations with AND and NOT as well,
    since no single concept can show it.

    Args:
        table: What people named.
        cue: What was planted.

    Returns:
        planted (the strongest concept that names the cue; empty where none does),
        rank_of_planted (ties share a rank), cramers_v, precision_at_10 (share of the ten
        strongest that name the cue), recall_at_10 (share of the concepts that name the cue, at
        most ten, among the ten strongest), concepts (how many there are), and strongest (the ten
        with their V).
    """
    found = table.rank(explore=cue.exclusive_or)
    hits = found.apply(lambda row: _named(row, cue), axis=1)
    planted = found[hits.notna()]
    top = found.head(_TOP)
    result: dict[str, Any] = {
        "planted": "",
        "rank_of_planted": float("nan"),
        "cramers_v": 0.0,
        "precision_at_10": round(float(hits.head(_TOP).notna().mean()), 4),
        "recall_at_10": 0.0,
        "concepts": int(found["kind"].isin(["type", "attribute", "pair"]).sum()),
        "strongest": "; ".join(
            f"{row['concept']} ({row['cramers_v']:.2f})" for row in top.to_dict("records")
        ),
    }
    if len(planted):
        best = planted.iloc[0]
        result |= {
            "planted": str(hits[planted.index[0]]),
            "rank_of_planted": float(best["rank"]),
            "cramers_v": round(float(best["cramers_v"]), 4),
            "recall_at_10": round(
                float(hits.head(_TOP).notna().sum() / min(len(planted), _TOP)), 4
            ),
        }
    return result


def _named(row: Mapping[str, Any], cue: Cue) -> str | None:
    """The finding, or one that holds on the same images, if it names the cue."""
    names: Sequence[str] = [row["concept"], *row["aliases"]]
    return next((name for name in names if cue.planted.matches(name)), None)
