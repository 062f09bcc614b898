"""Reads an expression in words, tests it as one concept and finds its images (SECA C5).

Grammar: ``expression := term (OR term)*; term := factor (AND factor)*;
factor := NOT factor | '(' expression ')' | concept``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netgloss.concepts.counts import encode
from netgloss.concepts.expression import (
    OPERATORS,
    And,
    Concept,
    Expression,
    Not,
    Or,
    evaluate,
)
from netgloss.concepts.findings import Testing, findings
from netgloss.concepts.lookup import advice, look_up
from netgloss.concepts.readiness import usable
from netgloss.concepts.table import ConceptTable
from netgloss.errors import QueryError

__all__ = ["QueryResult", "parse", "query"]

LONGEST = 10_000
DEEPEST = 100
_SHOWN = 100

_TOKEN = re.compile(r'(?P<space>\s+)|(?P<bracket>[()])|(?P<word>(?:[^\s()"]|"(?:[^"]|"")*")+)')


@dataclass(frozen=True)
class _Token:
    """A piece of the query: ``kind`` is AND, OR, NOT, (, ), end or concept."""

    kind: str
    text: str
    start: int
    stop: int


@dataclass(frozen=True)
class QueryResult:
    """An expression, its test, and the images that speak for and against it.

    Attributes:
        expression: The expression in canonical form.
        finding: The fields of a row of :func:`netgloss.concepts.association.rank`.
        counts: A row a label: ``images``, ``holds`` (images with the expression), ``share``.
        images: A row an image: ``image``, ``label``, ``holds``.
    """

    expression: str
    finding: dict[str, Any]
    counts: pd.DataFrame
    images: pd.DataFrame

    def matching(self, label: str | None = None) -> list[str]:
        """Images on which it holds, of one label; of the finding's label when None."""
        return self._select(self._is_label(label) & self.images["holds"])

    def contradicting(self, label: str | None = None) -> list[str]:
        """Images on which it holds although the model said something other than the label."""
        return self._select(~self._is_label(label) & self.images["holds"])

    def lacking(self, label: str | None = None) -> list[str]:
        """Images of the label on which it does not hold."""
        return self._select(self._is_label(label) & ~self.images["holds"])

    def _is_label(self, label: str | None) -> pd.Series[Any]:
        return self.images["label"] == (self.finding["label"] if label is None else label)

    def _select(self, chosen: pd.Series[Any]) -> list[str]:
        return [str(image) for image in self.images["image"][chosen]]


def query(table: ConceptTable, text: str, **testing: Any) -> QueryResult:
    """Tests an expression against the predicted label as if it were a column of the table.

    Args:
        table: The concept table.
        text: The expression, for example ``orange-stripe AND light AND NOT chassis``.
        **testing: The fields of :class:`netgloss.concepts.findings.Testing`. The expression
            is a family of one test, so that its q-value is its p-value.

    Raises:
        QueryError: The expression is malformed or names an unknown concept.
        NetglossError: The table is empty or has one label only.

    Source:
        SECA, section 4 (C5), model validation.
    """
    expression = parse(text, usable(table))
    held = evaluate(expression, table)
    classes, codes, sizes = encode(table.labels)
    present = np.bincount(codes[held], minlength=len(classes)).astype(np.int64)
    canonical = str(expression)
    frame = findings([canonical], ["query"], present[:, None], classes, sizes, Testing(**testing))
    return QueryResult(
        expression=canonical,
        finding=dict(frame.to_dict("records")[0]),
        counts=_count_frame(classes, sizes, present),
        images=pd.DataFrame(
            {"image": list(table.images), "label": table.labels.tolist(), "holds": held}
        ),
    )


def parse(text: str, table: ConceptTable) -> Expression:
    """Reads an expression over the table's concepts.

    AND, OR and NOT are read in any letter case, NOT before AND before OR. A word is a concept: a
    type or an attribute (both where both exist), ``type:`` or ``attr:`` to choose, or attributes
    and a type joined by hyphens in any order. Quotes keep spaces and operator words together.

    Raises:
        QueryError: With the query, a mark under the place, and the nearest known concepts.

    Example:
        >>> table = ConceptTable.build(
        ...     pd.DataFrame({"image": ["a"], "person": ["P1"], "type": ["front_light"],
        ...                   "attributes": [["blue"]]}), {"a": "ambulance"}, ["a"])
        >>> str(parse('not ("front light" or front-light-blue)', table))
        'NOT (front_light OR blue-front_light)'
    """
    if len(text) > LONGEST:
        raise QueryError(
            f"the query has {len(text)} characters; at most {LONGEST} are read, so ask in parts"
        )
    reader = _Reader(text, _tokens(text), table)
    expression = reader.either()
    if reader.now.kind == ")":
        raise reader.wrong("this closing parenthesis was never opened; remove it")
    if reader.now.kind != "end":
        raise reader.wrong("AND or OR was expected before this; write one of them in between")
    return expression


class _Reader:
    """Recursive descent over the tokens; ``now`` is the next one."""

    def __init__(self, text: str, tokens: Sequence[_Token], table: ConceptTable) -> None:
        self.text = text
        self.tokens = tokens
        self.table = table
        self.place = 0
        self.depth = 0

    @property
    def now(self) -> _Token:
        return self.tokens[self.place]

    def either(self) -> Expression:
        """Reads ``term (OR term)*``."""
        terms = self._joined("OR", self.both)
        return terms[0] if len(terms) == 1 else Or(terms)

    def both(self) -> Expression:
        """Reads ``factor (AND factor)*``."""
        terms = self._joined("AND", self.factor)
        return terms[0] if len(terms) == 1 else And(terms)

    def factor(self) -> Expression:
        """Reads ``NOT factor``, a group in parentheses, or a concept."""
        token = self.now
        if token.kind == "concept":
            self.place += 1
            return self._concept(token)
        if token.kind not in ("NOT", "("):
            raise self.wrong(self._what_is_missing(token))
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.wrong(f"parentheses and NOT are nested more than {DEEPEST} deep here")
        self.place += 1
        expression = Not(self.factor()) if token.kind == "NOT" else self._group(token)
        self.depth -= 1
        return expression

    def wrong(self, what: str, token: _Token | None = None) -> QueryError:
        """The error for a token, the next one unless another is given."""
        place = token or self.now
        return QueryError(_pointing(what, self.text, place.start, place.stop))

    def _joined(self, operator: str, part: Callable[[], Expression]) -> tuple[Expression, ...]:
        terms = [part()]
        while self.now.kind == operator:
            self.place += 1
            terms.append(part())
        return tuple(terms)

    def _group(self, opening: _Token) -> Expression:
        expression = self.either()
        if self.now.kind == "end":
            raise self.wrong("this parenthesis is never closed; add a )", opening)
        if self.now.kind != ")":
            raise self.wrong("AND or OR was expected before this; write one of them in between")
        self.place += 1
        return expression

    def _concept(self, token: _Token) -> Concept:
        concept = look_up(token.text, self.table)
        if concept is None:
            raise self.wrong(advice(token.text, self.table), token)
        return concept

    def _what_is_missing(self, token: _Token) -> str:
        if token.kind == "end":
            return "a concept is missing at the end" if self.text.strip() else "the query is empty"
        if token.kind in OPERATORS:
            return (
                f"a concept was expected before {token.text}; put it in quotes if {token.text!r} "
                "is the concept"
            )
        return "a concept was expected before this parenthesis"


def _tokens(text: str) -> list[_Token]:
    tokens = []
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise QueryError(
                _pointing('this quote is never closed; add a "', text, place, place + 1)
            )
        piece = match.group()
        place = match.end()
        if match.lastgroup == "space":
            continue
        kind = piece if match.lastgroup == "bracket" else "concept"
        if piece.upper() in OPERATORS:
            kind = piece.upper()
        tokens.append(_Token(kind, piece, match.start(), match.end()))
    return [*tokens, _Token("end", "", len(text), len(text))]


def _pointing(what: str, text: str, start: int, stop: int) -> str:
    """The message, the query on one line, and a mark under the place it speaks of."""
    first = max(0, min(start - _SHOWN // 2, len(text) - _SHOWN))
    last = min(len(text), first + _SHOWN)
    before, after = "…" if first else "", "…" if last < len(text) else ""
    line = before + _printable(text[first:last]) + after
    indent = _width(before + _printable(text[first:start]))
    mark = max(1, _width(_printable(text[start : min(stop, last)])))
    return f"{what}\n  {line}\n  {' ' * indent}{'^' * mark}"


def _printable(text: str) -> str:
    """The text with every tab, line end and invisible character as a space or a ``?``."""
    return "".join(
        " "
        if character.isspace()
        else "?"
        if unicodedata.category(character)[0] == "C"
        else character
        for character in text
    )


def _width(text: str) -> int:
    """How many columns a terminal gives the text: two for a wide character, none for an accent."""
    return sum(
        0
        if unicodedata.combining(character)
        else 2
        if unicodedata.east_asian_width(character) in "WF"
        else 1
        for character in text
    )


def _count_frame(
    classes: list[str], sizes: NDArray[np.int64], present: NDArray[np.int64]
) -> pd.DataFrame:
    return pd.DataFrame(
        {"label": classes, "images": sizes, "holds": present, "share": present / sizes}
    )
