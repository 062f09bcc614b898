"""Files of games: every kind gives them back, nothing in them runs, and faults are all named."""

from __future__ import annotations

import csv
import io
import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netgloss.answers.game_files import (
    GAME_FORMATS,
    export_games,
    stream_games,
    write_games,
)
from netgloss.answers.game_import import read_game_file
from netgloss.answers.games import Game, merge_games
from netgloss.answers.reading import join_tags, split_tags
from netgloss.errors import DataError, StudyError

IMAGES = pd.DataFrame({"image": ["cats/a.png", "dogs/b.png"]})
EVIDENCE = {"anv/000000": "cats/a.png", "anv/000001": "dogs/b.png"}

# What a browser sends and the server keeps: neither surrogates nor NUL.
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
tags = st.lists(
    words | st.sampled_from(["; ", '["a"]', "=1+1", "'=x", "a;b", "🚗", "鳍"]), max_size=4
)


def game(place: int = 0, **changes: Any) -> Game:
    plain = {
        "answer": f"game-{place}",
        "person": "ann",
        "image": IMAGES["image"][place],
        "evidence": f"anv/{place:06}",
        "target": "cat",
        "truth": None,
        "guess": "cat",
        "outcome": "win",
        "hints": 2,
        "points": 225,
        "tags": ("fur",),
        "seconds": 4.5,
        "source": "server",
    }
    return Game(**{**plain, **changes})


@st.composite
def some_games(draw: st.DrawFn) -> list[Game]:
    found = []
    for place in range(draw(st.integers(0, 2))):
        guess = draw(st.sampled_from([None, "cat", "dog"]))
        control = draw(st.booleans())
        found.append(
            game(
                place,
                guess=guess,
                outcome="resign" if guess is None else draw(st.sampled_from(["win", "loss"])),
                truth=draw(st.sampled_from([None, "cat"])),
                hints=draw(st.integers(0, 5)),
                points=draw(st.integers(0, 400)),
                tags=tuple(draw(tags)),
                seconds=draw(st.none() | st.floats(0, 1e5)),
                control=control,
                passed=draw(st.none() | st.booleans()) if control else None,
            )
        )
    return found


@given(tags)
def test_joined_tags_are_split_into_the_same(said: list[str]) -> None:
    kept = tuple(tag for tag in said if tag.strip())
    assert split_tags(join_tags(kept)) == kept


@settings(max_examples=40)
@given(some_games(), st.sampled_from(sorted(GAME_FORMATS)))
def test_every_kind_of_file_gives_the_games_back(
    tmp_path_factory: pytest.TempPathFactory, games: list[Game], kind: str
) -> None:
    path = tmp_path_factory.mktemp("files") / f"games.{kind}"
    write_games(kind, games, path)
    read = read_game_file(path, IMAGES, EVIDENCE)
    assert list(read.games) == games
    assert read.notes == ()


@given(tags)
def test_no_cell_of_a_csv_is_a_formula(said: list[str]) -> None:
    one = game(tags=tuple(said), person="=cmd", guess="+1", outcome="loss")
    text = b"".join(stream_games("csv", [one])).decode()
    [row] = csv.DictReader(io.StringIO(text, newline=""))
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row.values())


def test_a_file_is_made_while_the_games_come() -> None:
    drawn = 0

    def endless() -> Iterator[Game]:
        nonlocal drawn
        while True:
            drawn += 1
            # Nothing that could be packed: the first part comes after few games.
            yield game(answer=secrets.token_hex(8), tags=(secrets.token_hex(100),))

    for kind in GAME_FORMATS:
        before = drawn
        assert next(stream_games(kind, endless()))
        assert drawn - before <= 10_000


def written(path: Path, *rows: str, header: str = "person,image,evidence,target,guess") -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_a_short_file_is_filled_in_by_the_rules(tmp_path: Path) -> None:
    path = written(
        tmp_path / "games.csv",
        "ann,a,anv/000000,cat,cat,2,whiskers; fur,",
        "ann,b.png,anv/000001,cat,dog,0,,dog",
        "ben,a,anv/000000,cat,dog,0,ear,",
        "ben,b.png,anv/000001,cat,,5,,",
        header="Person,image,evidence,target,guess,hints,tags,truth",
    )
    games = read_game_file(path, IMAGES, EVIDENCE).games
    assert [(one.outcome.value, one.points) for one in games] == [
        ("win", 225),
        ("win", 300),
        ("loss", 25),
        ("resign", 0),
    ]
    assert games[0].tags == ("whiskers", "fur")
    assert {one.image for one in games} == set(IMAGES["image"])
    assert {one.source for one in games} == {"games.csv"}
    assert len({one.answer for one in games}) == 4
    assert read_game_file(path, IMAGES, EVIDENCE).games == games


def test_every_fault_is_named_and_nothing_comes_in(tmp_path: Path) -> None:
    path = written(
        tmp_path / "games.csv",
        "ann,a,anv/000000,cat,cat,9,",
        "ann,a,anv/000001,cat,cat,0,",
        "ann,c,anv/000000,cat,cat,0,",
        "ann,b,anv/000077,cat,cat,0,",
        ",a,anv/000000,cat,cat,0,",
        "ben,a,anv/000000,cat,cat,half,",
        "cleo,a,anv/000000,cat,cat,0,perhaps",
        header="person,image,evidence,target,guess,hints,control",
    )
    with pytest.raises(DataError) as fault:
        read_game_file(path, IMAGES, EVIDENCE)
    for said in (
        "line 2: a game has 0 to 5 hints, not 9",
        "line 3: the heat map 'anv/000001' belongs to 'dogs/b.png', not to 'cats/a.png'",
        "'c' (line 4)",
        "'anv/000077' (line 5)",
        "line 6: person is empty",
        "line 7: hints 'half' is not a number",
        "line 8: control 'perhaps' is neither true nor false",
    ):
        assert said in str(fault.value)


def test_games_about_what_the_study_lacks_can_be_left_out(tmp_path: Path) -> None:
    path = written(
        tmp_path / "games.csv",
        "ann,a,anv/000000,cat,cat",
        "ann,c,anv/000000,cat,cat",
        "ann,b,anv/000077,cat,cat",
        "ann,b,other/000001,cat,cat",
    )
    read = read_game_file(path, IMAGES, EVIDENCE, skip_unknown=True)
    assert [one.evidence for one in read.games] == ["anv/000000", "other/000001"]
    assert [note.rpartition(": ")[2] for note in read.notes] == ["1", "1", "1"]


def test_a_game_that_stands_there_twice_counts_once_and_may_not_differ(tmp_path: Path) -> None:
    same = "ann,a,anv/000000,cat,cat"
    read = read_game_file(written(tmp_path / "games.csv", same, same), IMAGES, EVIDENCE)
    assert len(read.games) == 1
    assert read.notes == ("repeated games left out: 1",)
    other = written(tmp_path / "games.csv", same, "ann,a,anv/000000,cat,dog")
    with pytest.raises(DataError, match="stands already at line 2 and differs"):
        read_game_file(other, IMAGES, EVIDENCE)


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("games.txt", "x", "ending tells no kind"),
        ("games.csv", "person,image\nann,a", "lacks 'evidence', 'target'"),
        ("games.json", '{"a": 1}', "a list of games was expected"),
        ("games.json", "[3]", "game 1: 3 is not an object"),
        ("games.json", "[", "not valid JSON"),
        ("games.parquet", "PAR1", "not a whole Parquet file"),
        (
            "games.json",
            json.dumps(
                [{"person": "a", "image": "a", "evidence": "e", "target": "t", "tags": "x"}]
            ),
            "tags 'x' is not a list",
        ),
    ],
)
def test_a_file_that_is_none_says_why(tmp_path: Path, name: str, text: str, why: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(DataError, match=why):
        read_game_file(path, IMAGES, EVIDENCE)


def test_a_study_exports_its_games(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="has no games yet"):
        export_games(tmp_path, tmp_path / "games.csv")
    merge_games(tmp_path, [game(0), game(1)])
    assert export_games(tmp_path, tmp_path / "games.json") == 2
    assert export_games(tmp_path, tmp_path / "games", "csv") == 2
    assert len(json.loads((tmp_path / "games.json").read_text())) == 2
    with pytest.raises(DataError, match="no kind of file for games"):
        export_games(tmp_path, tmp_path / "games", "coco")
    with pytest.raises(DataError, match="ending tells no kind"):
        export_games(tmp_path, tmp_path / "games")
