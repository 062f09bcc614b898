"""What was typed, counted; and what was typed, said in concepts (SECA, sections C3 and C4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from netgloss.errors import DataError
from netgloss.words.normalise import as_typed

if TYPE_CHECKING:
    from collections.abc import Hashable

__all__ = ["KINDS", "apply_vocabulary", "typed_terms"]

KINDS = ("type", "attribute")


def typed_terms(answers: pd.DataFrame, terms: pd.DataFrame) -> pd.DataFrame:
    """Every distinct term as typed, how often it was typed and by how many people.

    Args:
        answers: Columns answer and person, as in ``answers.parquet``.
        terms: Columns answer, type and attributes, as in ``terms.parquet``.

    Returns:
        Columns raw, kind, count, people; types first, then by falling count and by name.

    Examples:
        >>> answers = pd.DataFrame({"answer": ["a"], "person": ["Ada"]})
        >>> terms = pd.DataFrame({"answer": ["a"], "type": ["claw"], "attributes": [["red"]]})
        >>> typed_terms(answers, terms)["raw"].tolist()
        ['claw', 'red']
    """
    person = dict(zip(answers["answer"], answers["person"], strict=True))
    counts: dict[tuple[str, str], int] = {}
    people: dict[tuple[str, str], set[Hashable]] = {}
    for answer, noun, adjectives in _columns(terms, "answer", "type", "attributes"):
        typed = [("type", noun), *(("attribute", each) for each in _listed(adjectives))]
        for kind, text in typed:
            raw = as_typed(text) if isinstance(text, str) else ""
            if raw:
                counts[kind, raw] = counts.get((kind, raw), 0) + 1
                people.setdefault((kind, raw), set()).add(person.get(answer))
    order = sorted(counts, key=lambda key: (KINDS.index(key[0]), -counts[key], key[1]))
    return pd.DataFrame(
        {
            "raw": pd.Series([raw for _, raw in order], dtype="str"),
            "kind": pd.Series([kind for kind, _ in order], dtype="str"),
            "count": pd.Series([counts[key] for key in order], dtype="int64"),
            "people": pd.Series([len(people[key]) for key in order], dtype="int64"),
        }
    )


def apply_vocabulary(vocabulary: pd.DataFrame, terms: pd.DataFrame) -> pd.DataFrame:
    """The regions that people marked, said in concepts.

    Args:
        vocabulary: Columns raw, kind and concept.
        terms: Columns answer, box, type and attributes, as in ``terms.parquet``.

    Returns:
        Columns answer, box, type (a concept, or empty), attributes (a list of distinct
        concepts); one row a row of ``terms``.

    Raises:
        DataError: A term is not in the vocabulary.
    """
    keys = zip(vocabulary["kind"], vocabulary["raw"], strict=True)
    concepts = dict(zip(keys, vocabulary["concept"], strict=True))
    rows = [
        (
            answer,
            box,
            _concept(noun, "type", concepts),
            _distinct(_concept(each, "attribute", concepts) for each in _listed(adjectives)),
        )
        for answer, box, noun, adjectives in _columns(terms, "answer", "box", "type", "attributes")
    ]
    regions = pd.DataFrame(rows, columns=["answer", "box", "type", "attributes"])
    return regions.astype({"answer": "str", "box": "int32", "type": "str"})


def _concept(text: object, kind: str, concepts: dict[tuple[str, str], str]) -> str:
    raw = as_typed(text) if isinstance(text, str) else ""
    if not raw:
        return ""
    if (kind, raw) not in concepts:
        raise DataError(
            f"the {kind} {raw!r} is not in the vocabulary; make the vocabulary again "
            "(netgloss words)"
        )
    return concepts[kind, raw]


def _distinct(concepts: Iterable[str]) -> list[str]:
    return [concept for concept in dict.fromkeys(concepts) if concept]


def _columns(frame: pd.DataFrame, *names: str) -> Iterator[tuple[Any, ...]]:
    return zip(*(frame[name] for name in names), strict=True)


def _listed(adjectives: Any) -> list[object]:
    """The attributes of one box; Parquet gives arrays, and null where there are none."""
    return list(adjectives) if isinstance(adjectives, Iterable) else []
