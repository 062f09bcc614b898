"""The decision tree as nested questions, read back from the rules of its leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from netgloss.concepts.expression import And, Expression, Not
from netgloss.concepts.query import parse
from netgloss.concepts.table import ConceptTable
from netgloss.concepts.tree import ConceptTree
from netgloss.report.palette import ClassMark
from netgloss.report.phrasing import concept_words

__all__ = ["Leaf", "Question", "nested"]


@dataclass(frozen=True)
class Leaf:
    """Where a branch ends.

    Attributes:
        mark: The class most of its images are predicted as.
        accuracy: The share of them, 0 to 1.
        count: How many images end here.
    """

    mark: ClassMark
    accuracy: float
    count: int


@dataclass(frozen=True)
class Question:
    """Whether a word was named, and where each answer leads.

    Attributes:
        words: The concept as words.
        identifier: The concept as the tables have it.
        yes: Where it leads when the word was named.
        no: Where it leads when not.
    """

    words: str
    identifier: str
    yes: Question | Leaf
    no: Question | Leaf


_Branch = tuple[Sequence[Expression], Leaf]


def nested(
    tree: ConceptTree, table: ConceptTable, marks: Mapping[str, ClassMark]
) -> Question | Leaf:
    """The tree's questions, the first one outermost.

    Args:
        tree: The tree.
        table: The table it was grown on.
        marks: The mark of each class.
    """
    branches: list[_Branch] = []
    for row in tree.rules.to_dict("records"):
        leaf = Leaf(marks[str(row["label"])], float(row["accuracy"]), int(row["count"]))
        branches.append((_steps(row, table), leaf))
    return _grown(branches)


def _steps(row: Mapping[Any, Any], table: ConceptTable) -> Sequence[Expression]:
    """The answers on the way to a leaf, the first question's first."""
    if not row["rule"]:
        return ()
    expression = parse(str(row["rule"]), table)
    return expression.terms if isinstance(expression, And) else (expression,)


def _grown(branches: Sequence[_Branch]) -> Question | Leaf:
    """Branches of one tree always ask the same question first."""
    steps, leaf = branches[0]
    if not steps:
        return leaf
    asked = _question(steps[0])
    yes = [(rest[1:], end) for rest, end in branches if not isinstance(rest[0], Not)]
    no = [(rest[1:], end) for rest, end in branches if isinstance(rest[0], Not)]
    return Question(concept_words(str(asked)), str(asked), _grown(yes), _grown(no))


def _question(step: Expression) -> Expression:
    return step.term if isinstance(step, Not) else step
