"""Games as objects, as a table, and who of their players counts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netgloss.answers.format import Merge
from netgloss.answers.games import (
    SCHEMA,
    Game,
    filter_games,
    from_frame,
    merge_games,
    read_games,
    to_frame,
)
from netgloss.errors import DataError, StudyError
from netgloss.store.locks import writing


def game(number: int = 0, **changes: Any) -> Game:
    plain = Game(
        answer=f"game-{number}",
        person="ann",
        image="a.png",
        evidence="anv/000003",
        target="tench",
        truth="tench",
        guess="tench",
        outcome="win",
        hints=1,
        points=275,
        tags=("green scales",),
        seconds=8.5,
    )
    return replace(plain, **changes)


# Surrogates are in no file.
words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@st.composite
def any_game(draw: st.DrawFn, number: int) -> Game:
    guess = draw(st.none() | words)
    control = draw(st.booleans())
    return Game(
        answer=f"game-{number}",
        person=draw(words),
        image=draw(words),
        evidence="anv/000001",
        target=draw(words),
        truth=draw(st.none() | words),
        guess=guess,
        outcome="resign" if guess is None else draw(st.sampled_from(["win", "loss"])),
        hints=draw(st.integers(0, 5)),
        points=draw(st.integers(0, 2**31 - 1)),
        tags=tuple(draw(st.lists(words, max_size=4))),
        seconds=draw(st.none() | st.floats(0, 1e6)),
        control=control,
        passed=draw(st.none() | st.booleans()) if control else None,
        source=draw(st.just("") | words),
    )


@st.composite
def any_games(draw: st.DrawFn) -> list[Game]:
    return [draw(any_game(number)) for number in range(draw(st.integers(0, 4)))]


@given(any_games())
def test_a_table_gives_its_games_back(games: list[Game]) -> None:
    assert list(from_frame(to_frame(games))) == games


@settings(max_examples=25)
@given(any_games(), any_games())
def test_the_study_keeps_the_union_and_the_later_version(
    tmp_path_factory: pytest.TempPathFactory, first: list[Game], second: list[Game]
) -> None:
    study = tmp_path_factory.mktemp("study")
    merge_games(study, first)
    merge = merge_games(study, second)
    expected = {one.answer: one for one in [*first, *second]}
    kept = {one.answer: one for one in from_frame(read_games(study))}
    # A game that says the same again keeps the name of its first source.
    assert {name: replace(one, source="") for name, one in kept.items()} == {
        name: replace(one, source="") for name, one in expected.items()
    }
    assert merge.new == len(expected) - len(first)
    assert merge.new + merge.changed + merge.unchanged == len(second)
    again = merge_games(study, second)
    assert (again.new, again.changed, again.removed) == (0, 0, 0)


def test_another_name_of_the_source_changes_nothing(tmp_path: Path) -> None:
    merge_games(tmp_path, [game(source="first.csv")])
    assert merge_games(tmp_path, [game(source="second.csv")]) == Merge(0, 0, 1)
    assert read_games(tmp_path)["source"].tolist() == ["first.csv"]
    assert merge_games(tmp_path, [game(source="second.csv", hints=2)]) == Merge(0, 1, 0)


def test_games_are_taken_out_unless_they_come_again(tmp_path: Path) -> None:
    merge_games(tmp_path, [game(1), game(2), game(3)])
    merge = merge_games(tmp_path, [game(2)], without=["game-1", "game-2", "game-9"])
    assert merge == Merge(0, 0, 1, 1)
    assert read_games(tmp_path)["answer"].tolist() == ["game-2", "game-3"]


def test_the_stored_columns_have_the_types_of_the_contract(tmp_path: Path) -> None:
    """Also where a column is all empty, which pandas alone would store as nothing at all."""
    merge_games(tmp_path, [game(truth=None, guess=None, outcome="resign", seconds=None, tags=())])
    stored = pq.read_schema(tmp_path / "answers" / "games.parquet")
    assert stored.remove_metadata().equals(SCHEMA)
    assert str(stored.field("tags").type).startswith("list<")
    assert " ".join(stored.names) == (
        "answer person image evidence target truth guess outcome hints points tags seconds "
        "control passed source"
    )


def test_a_study_without_games_has_an_empty_table(tmp_path: Path) -> None:
    empty = read_games(tmp_path)
    assert len(empty) == 0
    assert empty.dtypes.equals(to_frame([game()]).dtypes)


def test_two_writers_do_not_meet(tmp_path: Path) -> None:
    with writing(tmp_path, "games"), pytest.raises(StudyError, match="writing its games"):
        merge_games(tmp_path, [game()])


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"evidence": ""}, "a game needs its evidence"),
        ({"person": ""}, "a game needs its person"),
        ({"hints": 6}, "0 to 5 hints, not 6"),
        ({"hints": -1}, "0 to 5 hints, not -1"),
        ({"points": -1}, "points -1"),
        ({"seconds": float("nan")}, "seconds nan"),
        ({"seconds": -1.0}, "seconds -1.0"),
        ({"outcome": "draw"}, "outcome 'draw' is none; there are win, loss, resign"),
        ({"outcome": "resign"}, "cannot have the guess 'tench'"),
        ({"guess": None}, "'win' cannot have no guess"),
        ({"passed": True}, "only a control game"),
    ],
)
def test_what_no_game_can_be_is_refused(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(DataError, match=why):
        game(**changes)


def test_blank_tags_are_no_tags() -> None:
    assert game(tags=("", "  ", "\u3000", " fin ")).tags == (" fin ",)


def test_right_is_the_class_that_the_map_was_made_for() -> None:
    """The quarter rule asks about the map, while the player had to name what the image shows."""
    taken_for = game(target="lobster", truth="tench", guess="lobster", outcome="loss")
    assert taken_for.right
    assert not replace(taken_for, guess="tench", outcome="win").right
    assert not game(guess=None, outcome="resign").right


def people() -> pd.DataFrame:
    """Ann passes her control, ben fails his, cleo had none yet; some are fast."""
    return to_frame(
        [
            game(0, person="ann", seconds=2.0),
            game(1, person="ann", control=True, passed=True),
            game(2, person="ann", seconds=None),
            game(3, person="ben"),
            game(4, person="ben", control=True, passed=False, guess="cat", outcome="loss"),
            game(5, person="ben", seconds=1.0),
            game(6, person="cleo"),
            game(7, person="cleo", control=True, passed=None),
        ]
    )


def test_who_fails_a_control_game_is_left_out_with_all_games() -> None:
    kept, report = filter_games(people())
    assert kept["answer"].tolist() == ["game-0", "game-2", "game-6"]
    assert (report.kept, report.controls, report.inattentive) == (3, 3, 1)
    assert (report.theirs, report.too_fast) == (2, 0)


def test_games_that_took_too_little_time_are_left_out_but_not_untimed_ones() -> None:
    kept, report = filter_games(people(), 5)
    assert kept["answer"].tolist() == ["game-2", "game-6"]
    assert (report.too_fast, report.theirs) == (1, 2)
    with pytest.raises(DataError, match="min_seconds"):
        filter_games(people(), -1)


def test_control_games_of_the_attentive_can_be_kept() -> None:
    kept, report = filter_games(people(), controls=True)
    assert kept["answer"].tolist() == ["game-0", "game-1", "game-2", "game-6", "game-7"]
    assert report.controls == 1  # ben's


@given(any_games(), st.floats(0, 100))
def test_every_game_is_kept_or_counted_once(games: list[Game], least: float) -> None:
    kept, report = filter_games(to_frame(games), least)
    assert report.kept == len(kept)
    assert report.kept + report.controls + report.theirs + report.too_fast == len(games)
