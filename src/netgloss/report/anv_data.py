"""The local and the global view as plain data, for other programs."""

from __future__ import annotations

import math
from typing import Any

from netgloss.explanations.local import LayerColumn, LocalExplanation, MergedMap, Tally
from netgloss.explanations.overall import GlobalExplanation, LabelRow, LayerGroup, Occurrence
from netgloss.report.anv_view import silence

__all__ = ["global_data", "local_data"]


def local_data(shown: LocalExplanation) -> dict[str, Any]:
    """A local view for JSON: every layer, map, part, score and number; no heat maps.

    Heat maps are found by their evidence identifiers in the study's tables.
    """
    return {
        "image": shown.image,
        "target": shown.target,
        "truth": shown.truth,
        "prediction": shown.prediction,
        "people": shown.people,
        "people_left_out": shown.left_out,
        "remark": silence(shown) or None,
        **_games(shown.tally),
        "layers": [_layer(column) for column in shown.columns],
    }


def global_data(shown: GlobalExplanation) -> dict[str, Any]:
    """A global view for JSON: every label of every group, with the maps it describes."""
    return {
        "class": shown.target,
        "images": list(shown.images),
        "games": shown.games,
        "people_left_out": shown.left_out,
        "remark": silence(shown) or None,
        "groups": [_group(group) for group in shown.groups],
    }


def _layer(column: LayerColumn) -> dict[str, Any]:
    return {
        "layer": column.layer,
        "depth": column.depth,
        **{name: _plain(value) for name, value in column.numbers.items()},
        "maps": [_map(found) for found in column.maps],
        "chains": [
            {"cluster_maps": len(chain.members), "ties": [list(tie) for tie in chain.ties.values()]}
            for chain in column.chains
        ],
    }


def _map(found: MergedMap) -> dict[str, Any]:
    return {
        "labels": list(found.labels),
        "weight": found.weight,
        "feature_maps": found.channels,
        **_games(found.tally),
        "scores": found.scores,
        "parts": [
            {
                "evidence": part.evidence,
                "weight": part.weight,
                "feature_maps": list(part.channels),
                "scores": dict(part.scores),
                **_games(part.tally),
            }
            for part in found.parts
        ],
    }


def _group(group: LayerGroup) -> dict[str, Any]:
    return {
        "layers": list(group.layers),
        "labels": [_label(row) for row in group.rows],
        "without_words": [_occurrence(one) for one in group.unnamed],
    }


def _label(row: LabelRow) -> dict[str, Any]:
    return {
        "label": row.label,
        "score": row.score,
        "weight": row.weight,
        "images": row.images,
        "games": row.games,
        "maps": [_occurrence(one) for one in row.occurrences],
    }


def _occurrence(one: Occurrence) -> dict[str, Any]:
    return {
        "image": one.image,
        "layer": one.layer,
        "evidence": [part.evidence for part in one.found.parts],
        "weight": one.found.weight,
    }


def _games(tally: Tally) -> dict[str, Any]:
    return {
        "games": tally.games,
        "won": tally.won,
        "lost": tally.lost,
        "resigned": tally.resigned,
        "mean_hints": tally.mean_hints,
    }


def _plain(value: Any) -> Any:
    """A table's cell as JSON knows it: no NumPy scalars, no NaN."""
    plain = value.item() if hasattr(value, "item") else value
    missing = plain is None or plain != plain or str(plain) == "<NA>"
    return None if missing or (isinstance(plain, float) and math.isinf(plain)) else plain
