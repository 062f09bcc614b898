"""Lists that a person writes by hand: the map from terms to concepts, and lists of words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from netgloss.errors import DataError
from netgloss.store.tables import read_csv_rows
from netgloss.words.normalise import concept_name, tokens

__all__ = ["as_key", "prepare_hand_map", "read_hand_map", "read_words"]


def as_key(term: str) -> str:
    """The form under which a hand map is searched: ``_``, ``-`` and a space are the same.

    Examples:
        >>> as_key("Light_Yellow") == as_key("light  yellow")
        True
    """
    return concept_name(tokens(term))


def read_hand_map(path: Path) -> dict[str, str]:
    """The map from terms to concepts in a JSON object or in a CSV with columns raw and concept.

    An empty concept leaves the term out.

    Raises:
        DataError: The file cannot be read, has another shape, or maps one term two ways.
    """
    entries = _json_entries(path) if path.suffix.lower() == ".json" else _csv_entries(path)
    found: dict[str, tuple[str, int]] = {}
    for raw, concept, line in entries:
        key = as_key(raw)
        if not key:
            raise DataError(f"{path}: line {line} maps {raw!r}, which holds no word; remove it")
        known = found.setdefault(key, (concept, line))
        if as_key(known[0]) != as_key(concept):
            raise DataError(
                f"{path}: line {line} maps {raw!r} to {concept!r}, but line {known[1]} maps it "
                f"to {known[0]!r}; keep one of them"
            )
    return {key: concept for key, (concept, _) in found.items()}


def prepare_hand_map(hand_map: Mapping[str, str] | None) -> dict[str, str]:
    """The map with its terms as search keys and its values as concept names."""
    return {as_key(raw): as_key(concept) for raw, concept in (hand_map or {}).items()}


def read_words(path: Path) -> tuple[str, ...]:
    """The words of a text file, one or more a line; ``#`` starts a comment.

    Raises:
        DataError: The file cannot be read as UTF-8 text.
    """
    lines = (line.partition("#")[0] for line in _text(path).splitlines())
    return tuple(dict.fromkeys(word for line in lines for word in tokens(line)))


def _json_entries(path: Path) -> Iterable[tuple[str, str, int]]:
    text = _text(path)
    try:
        pairs = json.loads(text, object_pairs_hook=list)
    except json.JSONDecodeError as error:
        raise DataError(f"{path}: line {error.lineno} is not valid JSON: {error.msg}") from error
    if not text.lstrip().startswith("{"):
        raise DataError(f'{path}: line 1: an object such as {{"raw": "concept"}} was expected')
    place = 0
    for raw, concept in pairs:
        place = _place_of(text, raw, place)
        line = text.count("\n", 0, place) + 1
        if not isinstance(concept, str):
            shown = json.dumps(concept, ensure_ascii=False)[:40]
            raise DataError(f"{path}: line {line} maps {raw!r} to {shown}; a text was expected")
        yield raw, concept, line


def _csv_entries(path: Path) -> Iterable[tuple[str, str, int]]:
    for row in read_csv_rows(path):
        for column in ("raw", "concept"):
            if column not in row:
                raise DataError(f"{path}: line 1 lacks the column {column!r} (raw,concept)")
        yield row["raw"], row["concept"], int(row["#"])


def _place_of(text: str, key: str, start: int) -> int:
    """Where a JSON key after ``start`` ends; ``start`` itself when it is written with escapes."""
    found = re.compile(re.escape(json.dumps(key, ensure_ascii=False)) + r"\s*:").search(text, start)
    return found.end() - 1 if found else start


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 text; save it as UTF-8") from error
