"""Colours that can be read, marks that can be told apart, numbers that read as printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import netgloss.report
from netgloss.report.palette import COLOURS, PATTERNS, class_marks
from netgloss.report.phrasing import concept_words, joined, measure, percent, probability

TOKENS = Path(netgloss.report.__file__).parent / "templates" / "tokens.css"


def _tokens(theme: str) -> dict[str, str]:
    """The colours of a theme, as a browser would take them: later rules win."""
    blocks = re.findall(r"(@media [^{]+\{\s*)?:root \{([^}]*)\}", TOKENS.read_text("utf-8"))
    taken: dict[str, str] = {}
    for condition, body in blocks:
        if not condition or theme in condition:
            taken |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", body))
    return taken


def _luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_contrast_formula_gives_21_for_black_on_white() -> None:
    assert _contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_every_text_can_be_read_on_its_ground(theme: str) -> None:
    tokens = _tokens(theme)
    for ink in ("ink", "ink-quiet", "accent"):
        for ground in ("ground", "ground-raised"):
            assert _contrast(tokens[ink], tokens[ground]) >= 4.5, (ink, ground)
    for number in range(1, COLOURS + 1):
        assert _contrast(tokens[f"class-{number}"], tokens["on-class"]) >= 4.5, number
        assert _contrast(tokens[f"class-{number}"], tokens["ground"]) >= 3, number


@pytest.mark.parametrize("number", [2, 3, 26, 27, 60])
def test_no_two_classes_share_a_letter(number: int) -> None:
    marks = class_marks([f"class {place}" for place in range(number)])
    assert len({mark.letter for mark in marks.values()}) == number
    assert len({mark.key for mark in marks.values()}) == number


def test_colour_and_pattern_together_tell_48_classes_apart() -> None:
    number = COLOURS * len(PATTERNS)
    marks = class_marks([str(place) for place in range(number)]).values()
    assert len({(mark.colour, mark.pattern) for mark in marks}) == number


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "= .000"), (1e-4, "= .0001"), (0.00049, "= .0005"), (0.05, "= .050"), (0.99951, "= 1")],
)
def test_probabilities_are_never_rounded_to_zero(value: float, text: str) -> None:
    assert probability(value) == (text if value else "< .0001")


def test_measures_keep_their_sign_only_where_it_shows() -> None:
    assert [measure(value) for value in (-0.004, -0.006, 0.996, float("inf"))] == [
        ".00",
        "−.01",
        "1.00",
        "∞",
    ]


def test_a_share_is_all_or_nothing_only_where_it_is() -> None:
    assert percent(0.999).startswith("99.9")
    assert percent(1.0).startswith("100")
    assert percent(0.001).startswith("0.1")


def test_words_keep_operators_and_lose_prefixes_quotes_and_joints() -> None:
    text = '(attribute:dark_red-lobster_claw OR "front_light") AND NOT type:or'
    assert concept_words(text) == "(dark red lobster claw OR front light) AND NOT or"
    assert joined(["claw", "head"], "or") == "claw or head"
