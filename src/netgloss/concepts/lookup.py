"""Finds the columns that a word of a query means, or says what comes nearest (SECA C5)."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from itertools import product
from weakref import WeakKeyDictionary

from netgloss.concepts.expression import Concept, column_texts, quoted
from netgloss.concepts.table import KINDS, ConceptTable

__all__ = ["advice", "look_up", "normalised"]

_PREFIXES = {kind: kind for kind in KINDS} | {"attr": "attribute"}
_PREFIXED = re.compile(rf"({'|'.join(_PREFIXES)}):(.*)", re.IGNORECASE | re.DOTALL)
# There are 2^(parts - 1) ways to join neighbouring parts of a name.
_MOST_PARTS = 8


class _Index:
    """The columns of a table by their name as typed, in any order of its parts."""

    def __init__(self, table: ConceptTable) -> None:
        self.by_name: dict[str, list[str]] = defaultdict(list)
        self.by_parts: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for key, concept in zip(table.keys, table.concepts["concept"], strict=True):
            self.by_name[normalised(concept)].append(key)
            self.by_parts[tuple(sorted(_parts(concept)))].append(key)
        self.texts = dict(zip(table.keys, column_texts(table), strict=True))


_INDEXES: WeakKeyDictionary[ConceptTable, _Index] = WeakKeyDictionary()


def look_up(word: str, table: ConceptTable) -> Concept | None:
    """The concept that a word of a query stands for; None where the table has none.

    A name is looked for as it stands, then with its hyphenated parts in any order, then with
    neighbouring parts taken as one name of several words.

    Args:
        word: As typed: perhaps with a prefix, hyphens and quotes.
        table: Where it is looked up.

    Example:
        >>> import pandas as pd
        >>> table = ConceptTable.build(
        ...     pd.DataFrame({"image": ["a"], "person": ["P1"], "type": ["hair"],
        ...                   "attributes": [["short", "black"]]}), {"a": "man"}, ["a"])
        >>> look_up("hair-short-black", table).columns
        ('combination:black-short-hair',)
    """
    kinds, name = _prefix_and_name(word)
    index = _index(table)
    columns = tuple(key for key in _columns(name, index) if key.partition(":")[0] in kinds)
    if not columns:
        return None
    if len(columns) == 1:
        return Concept(index.texts[columns[0]], columns)
    return Concept(quoted("-".join(_parts(name))), columns)


def advice(word: str, table: ConceptTable) -> str:
    """What to write in place of a word that :func:`look_up` does not find, in one sentence."""
    kinds, name = _prefix_and_name(word)
    if not _parts(name):
        return "there is no name between the quotes; write a concept"
    index = _index(table)
    others = _columns(name, index)
    if others:
        known = " or ".join(f"{key.partition(':')[0]}:{quoted(name)}" for key in others)
        return f"{name!r} is no {kinds[0]}; write {known}"
    return _taken_apart(name, index) or _nearest(name, index)


def normalised(word: str) -> str:
    """The word as concepts are written: lower case, words joined by ``_``.

    Example:
        >>> normalised("  Front  Light ")
        'front_light'
    """
    return re.sub(r"[\s_]+", "_", unicodedata.normalize("NFKC", word).lower()).strip("_")


def _parts(name: str) -> list[str]:
    parts = (normalised(part) for part in name.split("-"))
    return [part for part in parts if part]


def _prefix_and_name(word: str) -> tuple[tuple[str, ...], str]:
    """The kinds that a word may mean, and its name without prefix and quotes."""
    prefixed = _PREFIXED.fullmatch(word)
    kinds = (_PREFIXES[prefixed[1].lower()],) if prefixed else KINDS
    rest = prefixed[2] if prefixed else word
    # A doubled quote within quotes is a quote that belongs to the name.
    name = re.sub(r'"((?:[^"]|"")*)"', lambda match: match[1].replace('""', "\0"), rest)
    return kinds, name.replace("\0", '"')


def _index(table: ConceptTable) -> _Index:
    if table not in _INDEXES:
        _INDEXES[table] = _Index(table)
    return _INDEXES[table]


def _columns(name: str, index: _Index) -> list[str]:
    for form in _forms(name):
        found = index.by_name.get("-".join(form)) or index.by_parts.get(tuple(sorted(form)))
        if found:
            return found
    return []


def _forms(name: str) -> Iterator[list[str]]:
    """The name's parts, then with neighbours joined by ``_``, fewest joins first."""
    parts = _parts(name)
    yield parts
    if not 1 < len(parts) <= _MOST_PARTS:
        return
    for joints in sorted(product("-_", repeat=len(parts) - 1), key=lambda one: one.count("_")):
        if "_" in joints:
            text = "".join(part + joint for part, joint in zip(parts, [*joints, ""], strict=True))
            yield text.split("-")


def _taken_apart(name: str, index: _Index) -> str | None:
    """What to ask for where a name's parts are known but nobody gave them to one region."""
    for form in _forms(name):
        if len(form) < 2:
            continue
        larger = [key for key in index.texts if _holds_more(key, form)]
        if larger:
            return f"nobody said just {name!r}; write {_alternatives(larger, index)}"
        for noun in reversed(form):
            words = [part for part in form if part != noun]
            pairs = [index.by_parts.get(tuple(sorted((word, noun)))) for word in words]
            if len(words) > 1 and all(pairs):
                asked = " AND ".join(index.texts[found[0]] for found in pairs if found)
                return f"nobody said {name!r} of one region; write {asked}"
        if all(part in index.by_name for part in form):
            asked = " AND ".join(quoted(part) for part in form)
            return f"nobody said {name!r} of one region; write {asked}"
    return None


def _holds_more(key: str, form: list[str]) -> bool:
    return key.startswith("combination:") and set(form) < set(_parts(key.partition(":")[2]))


def _alternatives(keys: list[str], index: _Index) -> str:
    texts = [index.texts[key] for key in keys[:3]]
    return texts[0] if len(texts) == 1 else f"({' OR '.join(texts)})"


def _nearest(name: str, index: _Index) -> str:
    from rapidfuzz import fuzz, process

    wanted = "-".join(_parts(name))
    close = process.extract(wanted, list(index.by_name), scorer=fuzz.WRatio, limit=3)
    names = [quoted(found) for found, score, _ in close if score >= 60]
    if not names:
        return f"nobody named {name!r}, nor anything like it; netgloss rank lists the concepts"
    return f"nobody named {name!r}; the nearest known concepts are {', '.join(names)}"
