"""Games that simulated people play without a server keep the rules of the game."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from netgloss.answers.games import Game, merge_games, read_games
from netgloss.answers.knowledge import Knowledge
from netgloss.answers.playing import Riddle, deal, play
from netgloss.answers.populations import CROWD, EXPERT, Population
from netgloss.answers.rules import points, streak_bonus
from netgloss.answers.seeing import Sight
from netgloss.errors import DataError
from netgloss.scenes.scene import Entity

IMAGES, MAPS = 10, 3
CLASSES = ("ambulance", "tram", "van")
PEOPLE = replace(CROWD, size=2, pool=9, bad_faith=0.2)
MASK = np.ones((2, 2), bool)
SIGNS = {
    "ambulance": Entity("stripe", ("orange",), MASK),
    "tram": Entity("rail", (), MASK),
    "van": Entity("box", ("brown",), MASK),
}
BIRD = Entity("bird", (), MASK)
KNOWN = Knowledge(
    {f"{label}/{n}": (label, [SIGNS[label], BIRD]) for label in CLASSES for n in range(90)}
)


def riddle(number: int) -> Riddle:
    """Map by map of an image the sign comes later, or never."""
    image, unit = divmod(number, MAPS)
    label = CLASSES[image % 3]
    nothing, sign = [Sight(1, BIRD, 1.0, 0.4)], [Sight(0, SIGNS[label], 1.0, 0.4)]
    first = 9 if image == 7 else 2 * unit
    steps = [sign if step >= first else nothing for step in range(6)]
    return Riddle(f"anv/{number:06}", f"{image}.png", label, label, steps, 2)


RIDDLES = [riddle(number) for number in range(IMAGES * MAPS)]


def by_person(games: list[Game]) -> dict[str, list[Game]]:
    found: dict[str, list[Game]] = defaultdict(list)
    for game in games:
        found[game.person].append(game)
    return found


def test_each_map_is_played_by_as_many_as_asked_and_nobody_has_two_of_an_image() -> None:
    games = play(RIDDLES, KNOWN, PEOPLE, seed=1)
    assert set(Counter(game.evidence for game in games).values()) == {PEOPLE.size}
    assert len({game.evidence for game in games}) == len(RIDDLES)
    assert len({(game.person, game.image) for game in games}) == len(games)
    assert {game.person for game in games} <= set(PEOPLE.people())


def test_all_have_nearly_as_many_games() -> None:
    had = [len(own) for own in deal(RIDDLES, PEOPLE, 4).values()]
    assert max(had) - min(had) <= 1
    assert sum(had) == len(RIDDLES) * PEOPLE.size


def test_points_are_those_of_the_rules_in_the_order_in_which_each_played() -> None:
    games = play(RIDDLES, KNOWN, PEOPLE, seed=2)
    outcomes = Counter(str(game.outcome) for game in games)
    assert outcomes["win"] > outcomes["loss"] > 0
    assert outcomes["resign"] > 0
    for own in by_person(games).values():
        streak = 0
        for game in own:
            won = game.guess == game.truth
            streak = streak + 1 if won else 0
            tagged = game.guess is not None and len(game.tags) > 0
            assert game.points == points(won, game.hints, tagged) + streak_bonus(streak)


def test_hints_are_asked_for_until_the_sign_shows() -> None:
    games = play(RIDDLES, KNOWN, replace(EXPERT, size=2, pool=9), seed=3)
    for game in games:
        unit = int(game.evidence[-6:]) % MAPS
        assert game.hints == (5 if game.image == "7.png" else 2 * unit)
        if game.image != "7.png":
            assert game.guess == game.truth
            assert SIGNS[str(game.truth)].type in " ".join(game.tags)


def test_the_third_game_is_the_control_and_says_whether_it_was_passed() -> None:
    control = RIDDLES[3 * MAPS].evidence
    games = play(RIDDLES, KNOWN, PEOPLE, control=control, seed=5)
    for own in by_person(games).values():
        assert [game.control for game in own] == [n == 2 for n in range(len(own))]
        assert own[2].evidence == control
        assert own[2].passed is (own[2].guess == own[2].truth)
        assert all(game.image != own[2].image for game in own if not game.control)
    assert {own[2].passed for own in by_person(games).values()} == {True, False}


def test_one_seed_gives_the_same_games_in_any_order_of_asking_and_another_gives_others() -> None:
    once = play(RIDDLES, KNOWN, PEOPLE, seed=6)
    assert play(RIDDLES, KNOWN, PEOPLE, seed=6) == once
    assert play(RIDDLES, KNOWN, PEOPLE, seed=7) != once


def test_a_game_depends_on_person_and_image_alone_and_not_on_the_others() -> None:
    games = {(one.person, one.evidence): one for one in play(RIDDLES, KNOWN, PEOPLE, seed=8)}
    fewer = play(RIDDLES[: 4 * MAPS], KNOWN, PEOPLE, seed=8)
    shared = [one for one in fewer if (one.person, one.evidence) in games]
    assert shared
    for one in shared:
        other = games[one.person, one.evidence]
        assert (one.guess, one.hints, one.tags) == (other.guess, other.hints, other.tags)


def test_games_are_kept_once_however_often_they_are_added(tmp_path: Path) -> None:
    games = play(RIDDLES, KNOWN, PEOPLE, seed=9)
    assert merge_games(tmp_path, games).new == len(games)
    assert merge_games(tmp_path, games).unchanged == len(games)
    assert len(read_games(tmp_path)) == len(games)


def test_who_names_what_the_network_took_a_wrongly_named_image_for_has_lost() -> None:
    wrong = replace(RIDDLES[0], target="van", sights=[[Sight(0, SIGNS["van"], 1.0, 0.4)]] * 6)
    (game,) = play([wrong], KNOWN, EXPERT)
    assert (game.guess, game.target, game.truth, game.outcome) == (
        "van",
        "van",
        "ambulance",
        "loss",
    )
    assert game.right  # of the map, which the quarter rule asks for


def test_too_few_people_and_a_control_that_is_none_are_refused() -> None:
    with pytest.raises(DataError, match="give it a larger pool"):
        play(RIDDLES, KNOWN, Population("duo", size=2))
    with pytest.raises(DataError, match="none of the maps"):
        play(RIDDLES, KNOWN, PEOPLE, control="anv/999999")
