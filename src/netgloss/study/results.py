"""Keeps what was found and what was asked in ``results/``, for the report and others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netgloss.errors import NetglossError, StudyError
from netgloss.store.atomic import write_text
from netgloss.store.tables import read_table, write_csv, write_table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["asked_queries", "keep", "reliance", "remember_query", "require_significant"]


def keep(study: Path, name: str, found: pd.DataFrame) -> None:
    """Writes a result as ``results/<name>.parquet`` and, its lists as JSON, as CSV."""
    nested = [column for column in found if found[column].map(_is_nested).any()]
    flat = found.copy()
    for column in nested:
        flat[column] = flat[column].map(lambda value: json.dumps(value, ensure_ascii=False))
    write_table(found, study / "results" / f"{name}.parquet")
    write_csv(flat, study / "results" / f"{name}.csv")


def require_significant(study: Path, found: pd.DataFrame, options: Mapping[str, Any]) -> None:
    """Refuses an outcome in which nothing depends on the label, and says what to do.

    Raises:
        NetglossError: No finding is significant at a level below 1.
    """
    level = options.get("alpha", 0.05)
    if level >= 1 or (found["status"] == "significant").any():
        return
    about = f" speaks for {options['label']}" if options.get("label") else " depends on the label"
    least = f" (smallest q = {found['q_value'].min():.3g})" if len(found) else ""
    raise NetglossError(
        f"{study}: no concept{about} at q <= {level:g}{least}; annotate more images, "
        f"or list what there is with --alpha 1"
    )


def asked_queries(study: Path) -> list[str]:
    """The expressions asked so far, oldest first.

    Raises:
        StudyError: The list is damaged.
    """
    path = _place(study)
    if not path.is_file():
        return []
    try:
        asked = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise StudyError(f"{path}: not valid JSON ({error}); delete it to start anew") from error
    return [str(expression) for expression in asked]


def remember_query(study: Path, expression: str) -> None:
    """Adds an expression; one that was asked before moves to the end."""
    asked = [known for known in asked_queries(study) if known != expression]
    write_text(_place(study), json.dumps([*asked, expression], ensure_ascii=False, indent=1) + "\n")


def reliance(study: Path) -> str:
    """What is known of the network of a drawn study, in a sentence; empty for any other study."""
    path = study / "results" / "reliance.parquet"
    if not path.is_file():
        return ""
    row = read_table(path).iloc[0]
    return (
        f"{row['task']}, bias {row['bias']} ({row['cue']}) at strength {row['strength']:g}; the "
        f"network names {row['accuracy']:.1%} of new pictures rightly, and "
        f"{row['flip_rate']:.1%} of its answers change once the cue is swapped"
    )


def _place(study: Path) -> Path:
    return study / "results" / "queries.json"


def _is_nested(value: object) -> bool:
    return isinstance(value, (dict, list, tuple))
