"""The label score against its formula, its limits and a slow second implementation."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netgloss.explanations.labels import best_labels, label_scores, score

GAMES = st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("hints", "right", "expected"),
    [
        ([0], [True], 1.0),
        ([5], [True], 0.5),
        ([0, 5], [True, True], 1.5),
        ([0, 5], [False, True], 1.5),
        ([0], [False], 0.25),
        ([0, 0], [False, False], 0.5),
        ([], [], 0.0),
    ],
)
def test_the_score_has_the_values_that_the_thesis_implies(
    hints: list[int], right: list[bool], expected: float
) -> None:
    assert score(hints, right) == pytest.approx(expected, abs=1e-12)


@given(GAMES)
def test_the_score_is_the_printed_formula(games: list[tuple[int, bool]]) -> None:
    hints = [used for used, _ in games]
    right = [won for _, won in games]
    mean = sum(hints) / len(hints)
    printed = len(hints) * (1 - mean / (2 * (6 - 1)))
    assert score(hints, right) == pytest.approx(printed if any(right) else printed / 4)


@given(GAMES, st.integers(0, 5))
def test_one_more_game_that_names_the_label_never_lowers_its_score(
    games: list[tuple[int, bool]], hints: int
) -> None:
    before = score([used for used, _ in games], [won for _, won in games])
    more = [*games, (hints, False)]
    assert score([used for used, _ in more], [won for _, won in more]) > before


@given(GAMES)
def test_one_more_hint_lowers_the_score(games: list[tuple[int, bool]]) -> None:
    right = [won for _, won in games]
    few = [min(used, 4) for used, _ in games]
    more = [few[0] + 1, *few[1:]]
    assert score(more, right) < score(few, right)


def games_table(rows: list[tuple[str, str, str | None, int]]) -> pd.DataFrame:
    """Games about maps made for the tench: answer, evidence, guess and hints."""
    frame = pd.DataFrame(rows, columns=["answer", "evidence", "guess", "hints"])
    kinds = {"answer": "string", "evidence": "string", "guess": "string", "hints": "Int32"}
    return frame.assign(target="tench").astype({**kinds, "target": "string"})


def words_table(rows: list[tuple[str, str, str]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["answer", "evidence", "word"])


def test_a_word_typed_twice_in_a_game_counts_once() -> None:
    games = games_table([("1", "anv/1", "tench", 0)])
    found = label_scores(games, words_table([("1", "anv/1", "fin")] * 2))
    assert found["score"].tolist() == [1.0]
    assert found["games"].tolist() == [1]


def test_a_resigned_game_guessed_wrongly() -> None:
    games = games_table([("1", "anv/1", None, 5)])
    found = label_scores(games, words_table([("1", "anv/1", "fin")]))
    assert found["score"].tolist() == [0.125]
    assert found["right"].tolist() == [False]


def test_a_right_guess_lifts_the_wrong_games_of_its_word_and_of_no_other() -> None:
    games = games_table([("1", "anv/1", "tench", 0), ("2", "anv/1", "shark", 0)])
    said = [("1", "anv/1", "fin"), ("2", "anv/1", "fin"), ("2", "anv/1", "sea")]
    found = label_scores(games, words_table(said)).set_index("label")["score"]
    assert found.to_dict() == {"fin": 2.0, "sea": 0.25}


def test_words_of_games_that_do_not_count_are_passed_over() -> None:
    games = games_table([("1", "anv/1", "tench", 0)])
    said = words_table([("1", "anv/1", "fin"), ("2", "anv/1", "sea")])
    assert label_scores(games, said)["label"].tolist() == ["fin"]


def test_a_study_without_games_has_no_scores() -> None:
    found = label_scores(games_table([]), words_table([]))
    assert found.empty
    assert list(found.columns) == ["evidence", "label", "games", "hints", "right", "score"]


@given(
    st.lists(
        st.tuples(
            st.integers(0, 2),
            st.sampled_from(["tench", "shark", None]),
            st.integers(0, 5),
            st.sets(st.sampled_from(["fin", "sea", "eye"])),
        ),
        max_size=20,
    )
)
def test_the_table_agrees_with_scoring_every_word_by_itself(
    played: list[tuple[int, str | None, int, set[str]]],
) -> None:
    games = games_table([(str(n), f"anv/{e}", g, h) for n, (e, g, h, _) in enumerate(played)])
    said = [(str(n), f"anv/{e}", w) for n, (e, _, _, ws) in enumerate(played) for w in sorted(ws)]
    found = label_scores(games, words_table(said))
    slow = {}
    for place in range(3):
        for word in ("fin", "sea", "eye"):
            ones = [(h, g == "tench") for e, g, h, ws in played if e == place and word in ws]
            if ones:
                slow[f"anv/{place}", word] = score([h for h, _ in ones], [r for _, r in ones])
    fast = dict(
        zip(zip(found["evidence"], found["label"], strict=True), found["score"], strict=True)
    )
    assert fast == pytest.approx(slow)


def test_best_labels_are_all_that_share_the_highest_score() -> None:
    assert best_labels({"fin": 0.1 + 0.2, "tail": 0.3, "sea": 0.29}) == {"fin", "tail"}
    assert best_labels({}) == frozenset()
