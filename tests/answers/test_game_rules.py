"""What a game of Deep Reveal is worth, and which classes are offered (methods 7)."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netgloss.answers.rules import (
    MOST_HINTS,
    OPTIONS,
    Outcome,
    draw_options,
    outcome,
    points,
    streak_bonus,
    worth,
)
from netgloss.errors import DataError

hints = st.integers(0, MOST_HINTS)
names = st.text("abcdefgh", min_size=1, max_size=3)


def test_the_thesis_start_cost_and_number_of_hints() -> None:
    assert worth(0) == 300
    assert [worth(n) - worth(n + 1) for n in range(MOST_HINTS)] == [50] * 5
    assert worth(MOST_HINTS) == 50, "the last hint leaves something to win"


@pytest.mark.parametrize("wrong", [-1, 6])
def test_a_sixth_hint_has_no_worth(wrong: int) -> None:
    with pytest.raises(DataError, match="0 to 5 hints"):
        points(False, wrong, tagged=True)


@given(hints)
def test_tags_add_25_once_to_a_win_and_to_a_loss(used: int) -> None:
    assert points(True, used, tagged=True) - points(True, used, tagged=False) == 25
    assert points(False, used, tagged=True) == 25
    assert points(False, used, tagged=False) == 0


@given(st.integers(0, 100), st.integers(0, 50), st.integers(0, 9))
def test_a_streak_pays_the_sum_of_its_steps(streak: int, step: int, most: int) -> None:
    paid = sum(step for win in range(2, streak + 1) if win <= most + 1)
    assert streak_bonus(streak, step, most) == paid


def test_the_bonus_stands_still_after_six_wins() -> None:
    assert [streak_bonus(n) for n in (0, 1, 2, 6, 7, 1000)] == [0, 0, 10, 50, 50, 50]


def test_a_game_is_won_lost_or_resigned() -> None:
    assert outcome("tench", "tench") is Outcome.WIN
    assert outcome("shark", "tench") is Outcome.LOSS
    assert outcome(None, "tench") is Outcome.RESIGN


@given(names, st.none() | names, st.lists(names), st.integers(2, 9), st.integers())
def test_the_options_are_different_classes_with_the_right_one_among_them(
    answer: str, also: str | None, classes: list[str], count: int, seed: int
) -> None:
    drawn = draw_options(answer, also, classes, count, Random(seed))
    known = {answer, *classes} | ({also} if also is not None else set())
    assert len(drawn) == len(set(drawn)) == min(count, len(known))
    assert answer in drawn
    assert also is None or also in drawn
    assert set(drawn) <= known


@given(st.lists(names, unique=True, min_size=2), st.integers())
def test_how_the_classes_are_kept_does_not_change_the_draw(classes: list[str], seed: int) -> None:
    answer = classes[0]
    drawn = [
        draw_options(answer, None, kept, OPTIONS, Random(seed))
        for kept in (classes, classes[::-1], frozenset(classes))
    ]
    assert drawn[0] == drawn[1] == drawn[2]


def test_every_place_and_every_other_class_is_equally_likely() -> None:
    classes, dice, games = list("abcdefghi"), Random(7), 8000
    places: Counter[int] = Counter()
    offered: Counter[str] = Counter()
    for _ in range(games):
        drawn = draw_options("c", "e", classes, OPTIONS, dice)
        places[drawn.index("c")] += 1
        offered.update(drawn)
    assert offered["c"] == offered["e"] == games
    expected = {**dict.fromkeys(range(6), games / 6)}
    # Five standard deviations of a binomial count.
    assert all(abs(places[n] - m) < 5 * (m * 5 / 6) ** 0.5 for n, m in expected.items())
    share = 4 / 7
    for name in set(classes) - {"c", "e"}:
        assert abs(offered[name] - games * share) < 5 * (games * share * (1 - share)) ** 0.5


def test_two_certain_options_do_not_fit_in_one_place() -> None:
    with pytest.raises(DataError, match="1 options cannot hold a and b"):
        draw_options("a", "b", "abc", 1, Random(0))
