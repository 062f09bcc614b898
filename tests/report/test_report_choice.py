"""Which images stand beside a finding."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from netgloss.report.choice import Choice, choose

ROWS = st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.booleans()), max_size=30)


def _chosen(rows: list[tuple[str, bool]], **options: object) -> tuple[list[str], Choice]:
    images = [f"{number}.png" for number in range(len(rows))]
    labels = np.array([label for label, _ in rows], dtype=str)
    holds = np.array([held for _, held in rows], dtype=bool)
    return images, choose(images, labels, holds, "a", **{"seed": "type:claw:a", **options})


@given(rows=ROWS, examples=st.integers(1, 5), against=st.integers(0, 4))
def test_every_picture_is_what_its_place_says(
    rows: list[tuple[str, bool]], examples: int, against: int
) -> None:
    images, choice = _chosen(rows, examples=examples, against=against)
    kinds = {image: (label == "a", held) for image, (label, held) in zip(images, rows, strict=True)}
    wanted = {"carrying": (True, True), "without": (True, False), "elsewhere": (False, True)}
    number = Counter(kinds.values())
    for place, kind in wanted.items():
        shown = getattr(choice, place)
        assert all(kinds[image] == kind for image in shown)
        assert len(set(shown)) == len(shown)
    assert len(choice.carrying) == min(examples, number[True, True])
    contradicting = number[True, False] + number[False, True]
    assert len(choice.without) + len(choice.elsewhere) == min(against, contradicting)
    assert choice.carrying_count == number[True, True]
    assert choice.elsewhere_count == number[False, True]
    assert choice.label_count + choice.other_count == len(rows)


def test_both_kinds_of_counter_example_are_shown_where_both_exist() -> None:
    rows = [("a", True)] * 3 + [("a", False)] * 9 + [("b", True)] * 9
    _, choice = _chosen(rows)
    assert (len(choice.without), len(choice.elsewhere)) == (1, 1)


def test_the_same_finding_draws_the_same_images() -> None:
    rows = [("a", True)] * 40
    assert _chosen(rows)[1] == _chosen(rows)[1]


def test_another_finding_draws_other_images() -> None:
    rows = [("a", True)] * 40
    assert _chosen(rows)[1].carrying != _chosen(rows, seed="type:head:a")[1].carrying


def test_every_image_has_the_same_chance() -> None:
    rows = [("a", True)] * 10
    drawn: Counter[str] = Counter()
    for number in range(600):
        drawn.update(_chosen(rows, seed=f"type:{number}:a", examples=3)[1].carrying)
    expected = 600 * 3 / 10
    # The standard deviation of such a count is √(600 · .3 · .7) = 11.2.
    assert all(abs(count - expected) < 5 * 11.2 for count in drawn.values())
    assert len(drawn) == 10
