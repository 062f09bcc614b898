"""What each stage was made from, so that a rerun does only what is missing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from netgloss.store.atomic import write_text

__all__ = ["fingerprint", "is_fresh", "read_record", "write_record"]


def fingerprint(path: Path) -> str:
    """SHA-256 of a file's bytes; ``missing`` where there is no file."""
    if not path.is_file():
        return "missing"
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_record(study: Path, stage: str) -> dict[str, Any]:
    """What the stage's last run wrote down; empty when it never ran or cannot be read."""
    try:
        record = json.loads(_place(study, stage).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def write_record(
    study: Path,
    stage: str,
    options: Mapping[str, Any],
    inputs: Sequence[Path],
    **results: Any,
) -> None:
    """Writes down a stage's options, the fingerprints of its inputs and what it found."""
    record = {
        "schema": 1,
        "netgloss": version("netgloss"),
        "options": dict(options),
        "inputs": {str(path.name): fingerprint(path) for path in inputs},
        **results,
    }
    write_text(_place(study, stage), json.dumps(record, indent=1, sort_keys=True) + "\n")


def is_fresh(
    study: Path,
    stage: str,
    options: Mapping[str, Any],
    inputs: Sequence[Path],
    outputs: Sequence[Path],
) -> bool:
    """Whether the stage ran with these options on these inputs and its outputs still stand."""
    record = read_record(study, stage)
    return (
        record.get("options") == json.loads(json.dumps(dict(options)))
        and record.get("inputs") == {str(path.name): fingerprint(path) for path in inputs}
        and all(path.is_file() for path in outputs)
    )


def _place(study: Path, stage: str) -> Path:
    return study / ".netgloss" / f"{stage}.json"
