"""Expressions over concepts as a tree: canonical text and evaluation (SECA C5, validation)."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netgloss.concepts.table import ConceptTable
from netgloss.errors import QueryError

__all__ = [
    "OPERATORS",
    "And",
    "Concept",
    "Expression",
    "Not",
    "Or",
    "column_texts",
    "evaluate",
    "quoted",
]

OPERATORS = ("AND", "OR", "NOT")
_BARE = re.compile(r'[^\s()":]+')


@dataclass(frozen=True)
class Concept:
    """A concept as it is written, and the columns it stands for (any of them suffices)."""

    text: str
    columns: tuple[str, ...]

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Not:
    """Holds where the term does not."""

    term: Expression

    def __str__(self) -> str:
        return f"NOT {_inside(self.term, (And, Or))}"


@dataclass(frozen=True)
class And:
    """Holds where all of its two or more terms hold."""

    terms: tuple[Expression, ...]

    def __str__(self) -> str:
        return " AND ".join(_inside(term, (And, Or)) for term in self.terms)


@dataclass(frozen=True)
class Or:
    """Holds where one of its two or more terms holds."""

    terms: tuple[Expression, ...]

    def __str__(self) -> str:
        return " OR ".join(_inside(term, (Or,)) for term in self.terms)


Expression = Concept | Not | And | Or


def evaluate(expression: Expression, table: ConceptTable) -> NDArray[np.bool_]:
    """On which images the expression holds, shape (image,).

    Raises:
        QueryError: The expression was made for another table and names a column this one lacks.
    """
    held: NDArray[np.bool_]
    if isinstance(expression, Concept):
        held = np.zeros(len(table.images), dtype=bool)
        for key in expression.columns:
            if key not in table.position:
                raise QueryError(f"concept {key!r} is not in this table; parse the query again")
            held |= table.column(table.position[key])
        return held
    if isinstance(expression, Not):
        return ~evaluate(expression.term, table)
    join = np.logical_and if isinstance(expression, And) else np.logical_or
    held = evaluate(expression.terms[0], table)
    for term in expression.terms[1:]:
        held = join(held, evaluate(term, table))
    return held


def column_texts(table: ConceptTable) -> list[str]:
    """How each column is written in an expression: its name, with its kind where two share it.

    Returns:
        One text a column; parsing it gives back that column and no other.
    """
    concepts = table.concepts["concept"].tolist()
    kinds = table.concepts["kind"].tolist()
    often = Counter(concepts)
    return [
        quoted(concept) if often[concept] == 1 else f"{kind}:{quoted(concept)}"
        for concept, kind in zip(concepts, kinds, strict=True)
    ]


def quoted(name: str) -> str:
    """The name as it must be written: in quotes where it would be read as something else.

    Example:
        >>> quoted("front_light"), quoted("or")
        ('front_light', '"or"')
    """
    if _BARE.fullmatch(name) and name.upper() not in OPERATORS:
        return name
    return '"' + name.replace('"', '""') + '"'


def _inside(term: Expression, loose: tuple[type, ...]) -> str:
    """The term's text, in parentheses where it binds more loosely than what stands around it."""
    return f"({term})" if isinstance(term, loose) else str(term)
