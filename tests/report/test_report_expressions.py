"""From a row of findings to its expression, and from the tree's rules to nested questions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from netgloss.concepts.expression import evaluate
from netgloss.concepts.query import parse
from netgloss.report import ReportData
from netgloss.report.branches import Leaf, Question, nested
from netgloss.report.expressions import expression_of, named_columns, signed_columns
from netgloss.report.palette import class_marks

Study = Callable[..., ReportData]


def test_every_finding_holds_on_as_many_images_as_it_counts(drawn_study: Study) -> None:
    data = drawn_study()
    rows = [*data.findings.to_dict("records"), *data.explored.to_dict("records")]
    assert {row["kind"] for row in rows} >= {"type", "attribute", "pair", "combination", "and"}
    for row in rows:
        held = evaluate(expression_of(row, data.table), data.table)
        assert held.sum() == row["count"], row["concept"]


def test_columns_under_not_are_mentioned_but_not_named(drawn_study: Study) -> None:
    table = drawn_study().table
    expression = parse("stripe AND NOT (sky OR NOT wheel)", table)
    assert named_columns(expression) == ("type:stripe", "type:wheel")
    assert set(signed_columns(expression)) == {
        ("type:stripe", 1),
        ("type:sky", -1),
        ("type:wheel", 1),
    }


def test_the_nested_tree_leads_every_image_to_the_leaf_of_its_rule(drawn_study: Study) -> None:
    data = drawn_study()
    assert data.tree is not None
    root = nested(data.tree, data.table, class_marks(["ambulance", "taxi_cab", "van"]))
    reached = Counter(_walk(root, data, row) for row in range(len(data.table.images)))
    expected = {
        Leaf(
            class_marks(["ambulance", "taxi_cab", "van"])[row["label"]],
            row["accuracy"],
            row["count"],
        ): int(evaluate(parse(row["rule"], data.table), data.table).sum())
        for row in data.tree.rules.to_dict("records")
    }
    assert len(expected) >= 3
    assert reached == Counter(expected)


def _walk(node: Question | Leaf, data: ReportData, image: int) -> Leaf:
    while isinstance(node, Question):
        held = evaluate(parse(node.identifier, data.table), data.table)[image]
        node = node.yes if held else node.no
    return node
