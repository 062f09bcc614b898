"""The query language: equivalent expressions, laws, evaluation against sets, and its errors."""

from __future__ import annotations

import unicodedata

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netgloss.concepts.expression import column_texts, evaluate
from netgloss.concepts.query import parse, query
from netgloss.concepts.table import ConceptTable
from netgloss.errors import NetglossError, QueryError

REGIONS = [
    ("1", "stripe", ["orange"]),
    ("1", "front_light", ["blue"]),
    ("2", "hair", ["short", "black"]),
    ("2", "orange", []),
    ("3", "hair", ["short"]),
    ("3", "hair", ["black", "curly", "long"]),
    ("4", "lobster_claw", ["orange"]),
    ("4", "sky", ["orange"]),
    ("5", "or", ["dark_blue"]),
    ("5", "sky", ["blue"]),
    ("6", "旗", ["红"]),
]
LABELS = dict(zip("12345678", ["van", "ambulance"] * 4, strict=True))


def build(regions: list[tuple[str, str, list[str]]]) -> ConceptTable:
    frame = pd.DataFrame(regions, columns=["image", "type", "attributes"]).assign(person="P1")
    return ConceptTable.build(frame, LABELS, list(LABELS))


TABLE = build(REGIONS)
LEAVES = ["stripe", "orange", "type:orange", "attr:orange", "hair", "black-hair", "sky", "blue",
          "orange-lobster_claw", '"front light"', "旗", '"or"', "short-black-hair"]  # fmt: skip
# An unquoted concept, not parsed by the code under test: the images that carry it.
MEANS = {
    "stripe": "1", "orange": "124", "type:orange": "2", "attr:orange": "14", "hair": "23",
    "black-hair": "23", "sky": "45", "blue": "15", "orange-lobster_claw": "4",
    '"front light"': "1", "旗": "6", '"or"': "5", "short-black-hair": "2",
}  # fmt: skip


def holds(text: str, table: ConceptTable = TABLE) -> set[str]:
    held = evaluate(parse(text, table), table)
    return {image for image, here in zip(table.images, held, strict=True) if here}


@pytest.mark.parametrize(("text", "images"), MEANS.items())
def test_each_word_means_its_images(text: str, images: str) -> None:
    assert holds(text) == set(images)


EQUIVALENT = [
    ("stripe and hair", "stripe AND hair"),
    ("Stripe oR HAIR", "stripe OR hair"),
    ("not stripe", "NOT stripe"),
    ("stripe OR hair AND sky", "stripe OR (hair AND sky)"),
    ("NOT stripe AND hair", "(NOT stripe) AND hair"),
    ("NOT stripe OR hair", "(NOT stripe) OR hair"),
    ("((stripe))", "stripe"),
    ("(stripe)AND(hair)", "stripe AND hair"),
    ("stripe AND (hair AND sky)", "stripe AND hair AND sky"),
    ("  stripe\n AND\thair ", "stripe AND hair"),
    ("short-black-hair", "black-short-hair"),
    ("hair-short-black", "black-short-hair"),
    ("hair-black", "black-hair"),
    ("orange-lobster_claw", '"orange-lobster claw"'),
    ("orange-lobster-claw", "orange-lobster_claw"),
    ("lobster-claw-orange", "orange-lobster_claw"),
    ('lobster_claw-"orange"', "orange-lobster_claw"),
    ("lobster-claw", "lobster_claw"),
    ('"front light"', "front_light"),
    ('"FRONT  Light"', "front_light"),
    ('blue-"front light"', "blue-front_light"),
    ("attr:orange", "attribute:orange"),
    ('TYPE:"orange"', "type:orange"),
    ("orange", "type:orange OR attribute:orange"),
    ("type:hair", "hair"),
    ("pair:black-hair", "black-hair"),
    ("stripe AND stripe", "stripe"),
    ("ｓｔｒｉｐｅ", "stripe"),
]


@pytest.mark.parametrize(("text", "other"), EQUIVALENT)
def test_equivalent_expressions_hold_on_the_same_images(text: str, other: str) -> None:
    assert holds(text) == holds(other)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("not(stripe or hair)and sky", "NOT (stripe OR hair) AND sky"),
        ("(stripe and hair) or (sky)", "stripe AND hair OR sky"),
        ("hair-black or 'x'", None),
        ("attr:stripe", None),
        ("type:stripe", "stripe"),
        ("attr:orange", "attribute:orange"),
        ("orange", "orange"),
        ('"OR" and "front light"', '"or" AND front_light'),
        ("not not stripe", "NOT NOT stripe"),
        ("hair-short-black", "black-short-hair"),
        ("dark-blue", "dark_blue"),
    ],
)
def test_canonical_text(text: str, canonical: str | None) -> None:
    if canonical is None:
        with pytest.raises(QueryError):
            parse(text, TABLE)
    else:
        assert str(parse(text, TABLE)) == canonical


def grown(inner: st.SearchStrategy[list[str]]) -> st.SearchStrategy[list[str]]:
    """Larger expressions as tokens, with and without parentheses."""
    return st.one_of(
        inner.map(lambda term: ["NOT", *term]),
        inner.map(lambda term: ["(", *term, ")"]),
        st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(
            lambda parts: [*parts[0], parts[1], *parts[2]]
        ),
    )


TOKENS = st.recursive(st.sampled_from(LEAVES).map(lambda leaf: [leaf]), grown, max_leaves=8)
EXPRESSIONS = TOKENS.map(" ".join)


@settings(deadline=None)
@given(EXPRESSIONS)
def test_canonical_text_is_read_back_as_the_same_expression(text: str) -> None:
    expression = parse(text, TABLE)
    again = parse(str(expression), TABLE)
    assert str(again) == str(expression)
    assert (evaluate(again, TABLE) == evaluate(expression, TABLE)).all()


@settings(deadline=None)
@given(EXPRESSIONS, EXPRESSIONS)
def test_de_morgan(a: str, b: str) -> None:
    assert holds(f"NOT (({a}) AND ({b}))") == holds(f"NOT ({a}) OR NOT ({b})")
    assert holds(f"NOT (({a}) OR ({b}))") == holds(f"NOT ({a}) AND NOT ({b})")


@settings(deadline=None)
@given(EXPRESSIONS)
def test_double_negation(a: str) -> None:
    assert holds(f"NOT NOT ({a})") == holds(a)
    assert holds(f"NOT ({a})") == set(LABELS) - holds(a)


@settings(deadline=None)
@given(EXPRESSIONS, EXPRESSIONS, EXPRESSIONS)
def test_distributivity(a: str, b: str, c: str) -> None:
    assert holds(f"({a}) AND (({b}) OR ({c}))") == holds(f"({a}) AND ({b}) OR ({a}) AND ({c})")
    assert holds(f"({a}) OR ({b}) AND ({c})") == holds(f"(({a}) OR ({b})) AND (({a}) OR ({c}))")


@settings(deadline=None)
@given(
    TOKENS | st.lists(st.sampled_from([*LEAVES, "AND", "OR", "NOT", "(", ")"]), max_size=8),
)
def test_random_expressions_against_python_sets(tokens: list[str]) -> None:
    python = {"AND": "&", "OR": "|", "NOT": "~", "(": "(", ")": ")"}
    words = [python.get(token, f"Held({MEANS.get(token)!r})") for token in tokens]
    try:
        expected = eval(" ".join(words), {"Held": Held})
    except (SyntaxError, TypeError, AttributeError):
        expected = None
    if isinstance(expected, Held):
        assert holds(" ".join(tokens)) == expected.images
    else:
        with pytest.raises(QueryError):
            parse(" ".join(tokens), TABLE)


class Held:
    """A set of images under Python's own operators, which bind in the same order."""

    def __init__(self, images: str | set[str]) -> None:
        self.images = set(images)

    def __and__(self, other: Held) -> Held:
        return Held(self.images & other.images)

    def __or__(self, other: Held) -> Held:
        return Held(self.images | other.images)

    def __invert__(self) -> Held:
        return Held(set(LABELS) - self.images)

    def __call__(self, *_: object) -> None:
        raise TypeError


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=40), st.text('()"ANDORNOT -:_abstripe旗\t\0', max_size=40)))
def test_any_text_is_an_expression_or_a_query_error(text: str) -> None:
    try:
        parse(text, TABLE)
    except QueryError as error:
        what, line, mark = str(error).split("\n")
        assert what
        assert line.startswith("  ")
        assert mark.strip("^ ") == ""
        assert "^" in mark


NAMES = st.text(
    st.characters(exclude_categories=["C"], exclude_characters="-"), min_size=1, max_size=6
)


@settings(deadline=None)
@given(st.lists(st.tuples(NAMES, st.lists(NAMES, max_size=2)), min_size=1, max_size=5))
def test_every_column_has_a_text_that_means_it(words: list[tuple[str, list[str]]]) -> None:
    # The vocabulary hands over words in one normal form.
    def normal(word: str) -> str:
        return "_".join(unicodedata.normalize("NFKC", word).lower().replace("_", " ").split())

    regions = [("1", normal(noun), [normal(a) for a in attributes]) for noun, attributes in words]
    try:
        table = build(regions)
    except NetglossError:
        return  # a compatibility form may hide a hyphen
    stable = [key == normal(key) for key in table.keys]
    for number, text in enumerate(column_texts(table)):
        if all(stable):
            found = parse(text, table)
            assert found.columns == (table.keys[number],)
            assert str(found) == text


def pointed(text: str) -> tuple[str, str]:
    """The error's sentence, and the part of the query that stands over the mark."""
    with pytest.raises(QueryError) as caught:
        parse(text, TABLE)
    what, line, mark = str(caught.value).split("\n")
    return what, line[mark.index("^") : mark.rindex("^") + 1]


@pytest.mark.parametrize(
    ("text", "place", "sentence"),
    [
        ("orange-strip AND sky", "orange-strip", "nearest known concepts are orange-stripe"),
        ("hair AND (sky OR wheels)", "wheels", "nobody named 'wheels'"),
        ("hair sky", "sky", "AND or OR was expected"),
        ("hair AND", "", "missing at the end"),
        ("", "", "the query is empty"),
        ("hair AND (sky", "(", "never closed; add a )"),
        ("hair AND sky)", ")", "never opened"),
        ("()", ")", "expected before this parenthesis"),
        ("hair AND OR sky", "OR", "in quotes if 'OR' is the concept"),
        ('hair AND "front light', '"', "quote is never closed"),
        ("attr:stripe", "attr:stripe", "'stripe' is no attribute; write type:stripe"),
        ('hair AND ""', '""', "no name between the quotes"),
        ("zzzz", "zzzz", "nor anything like it"),
    ],
)
def test_an_error_points_at_its_place(text: str, place: str, sentence: str) -> None:
    what, over = pointed(text)
    assert sentence in what
    assert over == place


def test_the_mark_stands_right_under_wide_characters() -> None:
    with pytest.raises(QueryError) as caught:
        parse("旗 AND wheels", TABLE)
    _, line, mark = str(caught.value).split("\n")
    assert line == "  旗 AND wheels"
    assert mark == "  " + " " * len("## AND ") + "^" * 6


def test_the_line_shows_only_the_place_of_a_long_query() -> None:
    with pytest.raises(QueryError) as caught:
        parse(" AND ".join(["hair"] * 200 + ["wheels"] + ["hair"] * 200), TABLE)
    _, line, mark = str(caught.value).split("\n")
    assert len(line) < 120
    assert line[mark.index("^") :].startswith("wheels")


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("blue-stripe", "of one region; write blue AND stripe"),
        ("short-curly-hair", "of one region; write short-hair AND curly-hair"),
        ("curly-black-hair", "write black-curly-long-hair"),
        ("orange-blue-sky", "of one region; write orange-sky AND blue-sky"),
    ],
)
def test_a_combination_nobody_stated_is_taken_apart(text: str, advice: str) -> None:
    what, over = pointed(text)
    assert advice in what
    assert over == text
    parse(what.split("write ")[1], TABLE)


def test_deep_and_long_queries_are_refused_not_crashed() -> None:
    assert holds("NOT " * 100 + "hair") == {"2", "3"}
    for text in ("NOT " * 101 + "hair", "(" * 101 + "hair" + ")" * 101):
        assert "nested more than 100 deep" in pointed(text)[0]
    with pytest.raises(QueryError, match="at most 10000 are read"):
        parse("(" * 20_000, TABLE)
    assert holds(" OR ".join(["hair"] * 1000)) == {"2", "3"}


def test_a_query_has_the_fields_of_a_finding_and_its_images() -> None:
    result = query(TABLE, "hair or stripe")
    assert result.expression == "hair OR stripe"
    assert (result.finding["kind"], result.finding["count"]) == ("query", 3)
    assert result.finding["q_value"] == result.finding["p_value"]
    assert set(TABLE.rank().columns) - set(result.finding) == {"rank"}
    assert result.counts.to_dict("records") == [
        {"label": "ambulance", "images": 4, "holds": 1, "share": 0.25},
        {"label": "van", "images": 4, "holds": 2, "share": 0.5},
    ]
    assert result.finding["label"] == "van"
    assert result.matching() == ["1", "3"]
    assert result.contradicting() == ["2"]
    assert result.lacking() == ["5", "7"]
    assert result.matching("ambulance") == ["2"]


def test_a_query_for_a_column_is_that_column_s_finding() -> None:
    ranked = TABLE.rank(correction="none").set_index(["kind", "concept"])
    for number, text in enumerate(column_texts(TABLE)):
        key = tuple(TABLE.keys[number].split(":"))
        asked = query(TABLE, text).finding
        for field in ("cramers_v", "chi2", "p_value", "p_exact", "count", "label"):
            np.testing.assert_equal(asked[field], ranked.loc[key, field])


def test_a_query_that_always_holds_is_constant() -> None:
    finding = query(TABLE, "hair OR NOT hair").finding
    assert (finding["status"], finding["cramers_v"], finding["p_value"]) == ("constant", 0, 1)


def test_an_expression_of_another_table_is_refused() -> None:
    expression = parse("旗", TABLE)
    with pytest.raises(QueryError, match="'type:旗' is not in this table"):
        evaluate(expression, TABLE.subset(["attribute"]))
