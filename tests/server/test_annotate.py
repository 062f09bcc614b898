"""Which annotations are taken, in which form they are kept, and what they become."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from netgloss.server.errors import RequestError

WIDTH, HEIGHT = 96, 72


@pytest.fixture(autouse=True)
def ready(django_ready: None) -> None:
    """Django's settings, which the modules under test look at when imported."""


def box(**changes: Any) -> dict[str, Any]:
    return {"type": "claw", "attributes": ["red"], "x0": 1, "y0": 2, "x1": 30, "y1": 40, **changes}


def check(body: Any, draft: bool = False) -> dict[str, Any]:
    from netgloss.server.annotate.body import check_body

    return check_body(body, WIDTH, HEIGHT, draft)


def refusal(body: Any, draft: bool = False) -> tuple[str, str]:
    with pytest.raises(RequestError) as caught:
        check(body, draft)
    assert caught.value.status == 422
    return caught.value.code, caught.value.details["where"]


def test_boxes_are_clipped_to_the_image_and_put_upright() -> None:
    (kept,) = check({"boxes": [box(x0=200, x1=-5, y0=71.99996, y1=10)]})["boxes"]
    assert (kept["x0"], kept["y0"], kept["x1"], kept["y1"]) == (0.0, 10.0, 96.0, 72.0)


def test_words_are_kept_in_composed_form_with_single_spaces() -> None:
    decomposed = unicodedata.normalize("NFD", "Fühler")
    (kept,) = check({"boxes": [box(type=f"  {decomposed} ", attributes=["sehr   lang"])]})["boxes"]
    assert (kept["type"], kept["attributes"]) == ("Fühler", ["sehr lang"])


def test_an_attribute_said_twice_is_kept_once_in_order() -> None:
    (kept,) = check({"boxes": [box(attributes=["red", "wet", "Red", ""])]})["boxes"]
    assert kept["attributes"] == ["red", "wet"]


def test_nothing_recognisable_is_an_answer() -> None:
    assert check({"nothing": True}) == {"boxes": [], "nothing": True}


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, "boxes"),
        ({"boxes": []}, "boxes"),
        ({"boxes": [box()], "nothing": True}, "nothing"),
        ({"boxes": [box(), box(type=" ")]}, "boxes.1.type"),
        ({"boxes": [box(attributes=[])]}, "boxes.0.attributes"),
        ({"boxes": [box(attributes=[" ", "\u200b"])]}, "boxes.0.attributes"),
        ({"boxes": [box(x1=1.5)]}, "boxes.0"),
        ({"boxes": [box(x0=200, x1=300)]}, "boxes.0"),
    ],
)
def test_an_incomplete_answer_is_refused_but_kept_as_a_draft(body: Any, where: str) -> None:
    assert refusal(body) == ("incomplete", where)
    check(body, draft=True)


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (None, ""),
        ([], ""),
        ({"boxes": {}}, "boxes"),
        ({"nothing": "yes"}, "nothing"),
        ({"boxes": [box(x0="1")]}, "boxes.0.x0"),
        ({"boxes": [box(x0=float("nan"))]}, "boxes.0.x0"),
        ({"boxes": [box(x0=float("inf"))]}, "boxes.0.x0"),
        ({"boxes": [{"type": "claw"}]}, "boxes.0.x0"),
        ({"boxes": [box(type="a\x00b")]}, "boxes.0.type"),
        ({"boxes": [box(type="a\x1bb")]}, "boxes.0.type"),
        ({"boxes": [box(type="a\ud800")]}, "boxes.0.type"),
        ({"boxes": [box(type="a" * 61)]}, "boxes.0.type"),
        ({"boxes": [box(attributes=["ok", "b" * 61])]}, "boxes.0.attributes.1"),
        ({"boxes": [box(attributes=["a"] * 21)]}, "boxes.0.attributes"),
        ({"boxes": [box()] * 101}, "boxes"),
    ],
)
def test_what_is_malformed_is_refused_even_as_a_draft(body: Any, where: str) -> None:
    assert refusal(body) == ("malformed", where)
    assert refusal(body, draft=True) == ("malformed", where)


def test_the_limits_themselves_are_allowed() -> None:
    attributes = [f"{number:060}" for number in range(20)]
    body = {"boxes": [box(type="a" * 60, attributes=attributes)] * 100}
    assert len(check(body)["boxes"]) == 100


def test_what_is_not_known_is_not_kept() -> None:
    kept = check({"boxes": [box(note="x" * 1000)], "seconds": 1})
    assert kept.keys() == {"boxes", "nothing"}
    assert kept["boxes"][0].keys() == {"type", "attributes", "x0", "y0", "x1", "y1"}


anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=70),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["boxes", "nothing", "type", "attributes", "x0", "y0", "x1", "y1"]),
            inner,
            max_size=8,
        )
    ),
)
edges = st.floats(-1000, 1000) | st.integers(-1000, 1000)
boxes = st.fixed_dictionaries(
    {
        "type": st.text(max_size=30),
        "attributes": st.lists(st.text(max_size=30), max_size=4),
        **dict.fromkeys(("x0", "y0", "x1", "y1"), edges),
    }
)
bodies = anything | st.fixed_dictionaries(
    {"boxes": st.lists(boxes, max_size=3), "nothing": st.booleans()}
)


@given(bodies, st.booleans())
def test_whatever_is_sent_is_refused_in_words_or_kept_in_bounds(body: Any, draft: bool) -> None:
    try:
        kept = check(body, draft)
    except RequestError as fault:
        event(fault.code)
        return
    # What is kept is kept again as it is.
    assert check(kept, draft) == kept
    for one in kept["boxes"]:
        assert 0 <= one["x0"] <= one["x1"] <= WIDTH
        assert 0 <= one["y0"] <= one["y1"] <= HEIGHT
        for word in (one["type"], *one["attributes"]):
            assert len(word) <= 60
            assert word == unicodedata.normalize("NFC", word).strip()


@pytest.mark.parametrize(
    ("typed", "passes"),
    [
        ("claw", True),
        ("Claws", True),
        ("  LOBSTER claw", True),
        ("lobster-claw", True),
        ("pincers", True),
        ("clawed", False),
        ("sea", False),
        ("", False),
    ],
)
def test_a_control_item_is_passed_by_any_expected_type(typed: str, passes: bool) -> None:
    from netgloss.server.annotate.kind import Annotate

    kind = Annotate()
    expected = kind.expectation({"types": ["claw", "Pincer"]})
    boxes = [box(type="sky"), box(type=typed)]
    assert kind.passes({"boxes": boxes, "nothing": False}, expected) is passes
    assert not kind.passes({"boxes": [], "nothing": True}, expected)


@pytest.mark.parametrize("expected", [None, [], {}, {"types": []}, {"types": ["?!"]}, {"types": 1}])
def test_an_expectation_that_nobody_can_meet_is_refused(expected: Any) -> None:
    from netgloss.server.annotate.kind import Annotate

    with pytest.raises(RequestError):
        Annotate().expectation(expected)


def test_an_answer_speaks_the_answer_format_and_names_nobody(database: None) -> None:
    from netgloss.answers.format import from_tables, to_tables
    from netgloss.server.annotate.kind import Annotate
    from netgloss.server.people.models import Person
    from netgloss.server.tasks.models import Assignment

    person = Person.objects.guest()
    body = check({"boxes": [box(), box(type="sea", attributes=["blue", "calm"])]})
    said = Annotate().to_answer(
        Assignment(person=person, image="a/b.png", seconds=7.25, answer=body)
    )
    assert (said.task, said.person, said.image) == ("annotate", person.pseudonym, "a/b.png")
    assert (said.seconds, said.source) == (7.2, "server")
    assert [(one.type, one.attributes) for one in said.boxes] == [
        ("claw", ("red",)),
        ("sea", ("blue", "calm")),
    ]
    assert from_tables(*to_tables([said])) == (said,)
    nothing = Assignment(person=person, image="a.png", answer=check({"nothing": True}))
    assert Annotate().to_answer(nothing).boxes == ()


def test_the_texts_to_begin_with_are_safe_and_say_what_to_do() -> None:
    from netgloss.server.annotate.kind import Annotate
    from netgloss.server.tasks.texts import as_html

    html = as_html(Annotate().instructions)
    for word in ("noun", "adjectives", "nothing recognisable", "box"):
        assert word in html
    assert "<ol>" in html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](https://example.org/track.png)",
        "<javascript:alert(1)>",
        "<style>*{display:none}</style>",
    ],
)
def test_markdown_cannot_run_or_load_anything(text: str) -> None:
    from netgloss.server.tasks.texts import as_html

    html = as_html(text)
    assert not re.search(r"<(script|img|style)|<[^>]*(javascript:|data:|onerror)", html)


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("# One\n\n## Two\n\n### Three", [2, 3, 4]),
        ("## One\n\n#### Two\n\n## One", [2, 3, 2]),
        ("One\n===\n\nTwo\n---", [2, 3]),
        ("# 1\n## 2\n### 3\n#### 4\n##### 5\n###### 6", [2, 3, 4, 4, 4, 4]),
        ("> # Inside\n\n- ### An item", [2, 3]),
        ("No heading, no # level", []),
    ],
)
def test_headings_stand_below_the_pages_title_without_gaps(text: str, levels: list[int]) -> None:
    from netgloss.server.tasks.texts import as_html

    html = as_html(text)
    opened, closed = (re.findall(rf"<{end}h(\d)>", html) for end in ("", "/"))
    assert [int(level) for level in opened] == levels
    assert closed == opened
