"""From a finding to the expression it stands for and the columns it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from netgloss.concepts.expression import Concept, Expression, Not
from netgloss.concepts.query import parse
from netgloss.concepts.table import KINDS, ConceptTable

__all__ = ["expression_of", "named_columns", "signed_columns"]


def expression_of(finding: Mapping[str, Any], table: ConceptTable) -> Expression:
    """The expression of a finding: its one column, or what its text says.

    Args:
        finding: A row of ``ConceptTable.rank()`` or the finding of a query.
        table: The table that it was found in.

    Raises:
        QueryError: The text is no expression over this table.
    """
    concept, kind = str(finding["concept"]), str(finding["kind"])
    if kind in KINDS:
        return Concept(concept, (f"{kind}:{concept}",))
    return parse(concept, table)


def named_columns(expression: Expression) -> tuple[str, ...]:
    """The columns that the expression asks for; those under NOT are left out.

    >>> water = Concept("water", ("type:water",))
    >>> named_columns(Not(water)), named_columns(Not(Not(water)))
    ((), ('type:water',))
    """
    return tuple(dict.fromkeys(key for key, sign in signed_columns(expression) if sign > 0))


def signed_columns(expression: Expression, sign: int = 1) -> Iterator[tuple[str, int]]:
    """Yields every column that the expression mentions with 1, or -1 where it stands under NOT."""
    if isinstance(expression, Concept):
        for key in expression.columns:
            yield key, sign
    elif isinstance(expression, Not):
        yield from signed_columns(expression.term, -sign)
    else:
        for term in expression.terms:
            yield from signed_columns(term, sign)
