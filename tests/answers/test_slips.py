from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from netgloss.answers.slips import inside, mistype, redraw


@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=12), st.integers(0, 2**32))
def test_a_slip_keeps_the_first_letter_and_is_one_edit(word: str, seed: int) -> None:
    slip = mistype(word, np.random.default_rng(seed))
    assert slip[0] == word[0]
    assert OSA.distance(word, slip) == 1


@given(st.text(max_size=3), st.integers(0, 99))
def test_short_words_are_typed_rightly(word: str, seed: int) -> None:
    assert mistype(word, np.random.default_rng(seed)) == word


@pytest.mark.parametrize(
    ("corners", "fitted"),
    [
        ((2.4, 3.6, 7.0, 8.0), (2, 4, 7, 8)),
        ((-5.0, -5.0, 30.0, 30.0), (0, 0, 20, 10)),
        ((19.5, 9.9, 19.6, 9.9), (18, 8, 20, 10)),
        ((6.0, 6.0, 2.0, 2.0), (6, 6, 8, 8)),
    ],
)
def test_a_box_is_cut_to_the_picture(
    corners: tuple[float, float, float, float], fitted: tuple[int, int, int, int]
) -> None:
    assert inside(corners, (10, 20)) == fitted


def test_each_edge_moves_by_its_share_of_its_own_side() -> None:
    rng = np.random.default_rng(1)
    corners = (400.0, 450.0, 600.0, 500.0)
    drawn = np.array([redraw(corners, 0.1, (1000, 1000), rng) for _ in range(1000)])
    spread = drawn.std(axis=0) / (20, 5, 20, 5)
    np.testing.assert_allclose(spread, 1, atol=4 / np.sqrt(2000))


def test_a_careful_hand_leaves_the_box_as_it_is() -> None:
    corners = (1.5, 2.5, 3.5, 4.5)
    assert redraw(corners, 0.0, (10, 10), np.random.default_rng(1)) == corners
