"""Other people's games, bodies that lie, and that nothing gives the class away before the end."""

from __future__ import annotations

import uuid
from typing import Any


def test_somebody_elses_game_is_like_one_that_does_not_exist(table: Any, task: Any) -> None:
    owner, other = table.guest(), table.guest()
    game = table.deal(owner)
    before = table.row(game).course
    nothing = {"id": str(uuid.uuid4()), "batch": str(uuid.uuid4())}
    for theirs, nobodys in (
        (table.act(other, game, "hint"), table.act(other, nothing, "hint")),
        (table.act(other, game, "guess", option=0), table.act(other, nothing, "guess", option=0)),
        (table.send(other, game, tags=[]), table.send(other, nothing, tags=[])),
        (
            other.get(f"/batches/{game['batch']}"),
            other.get(f"/batches/{nothing['batch']}"),
        ),
    ):
        assert theirs.status_code == 404
        assert theirs.content == nobodys.content
    assert table.row(game).course == before


def test_what_a_page_says_about_points_hints_or_class_is_not_looked_at(
    table: Any, task: Any
) -> None:
    somebody = table.guest()
    game = table.deal(somebody)
    lies = {
        "points": 9000, "hints": 0, "guess": table.answer(game), "right": True, "score": 9000,
        "outcome": "win", "bonus": 500, "streak": 50, "control": False, "target": "tench",
        "options": [table.answer(game)] * 6,
    }  # fmt: skip
    assert table.act(somebody, game, "hint", **lies).status_code == 200
    wrong = next(
        number for number, name in enumerate(game["shown"]["options"]) if name != table.answer(game)
    )
    assert table.act(somebody, game, "guess", option=wrong, **lies).status_code == 200
    assert table.send(somebody, game, tags=[], **lies).status_code == 200
    over = table.over(somebody, game)["shown"]
    assert (over["outcome"], over["points"], over["bonus"], over["hints"]) == ("loss", 0, 0, 1)
    assert over["score"] == 0
    assert table.row(game).answer.keys() == {
        "tags", "resigned", "guess", "right", "outcome", "hints", "points", "bonus", "streak",
    }  # fmt: skip


def test_before_the_end_nothing_of_a_game_tells_its_class(table: Any, task: Any) -> None:
    """In whatever is said about it: the class stands among the options, and nowhere else."""
    somebody = table.guest()
    game = table.deal(somebody)
    answer = table.answer(game)
    said = [somebody.get(f"/batches/{game['batch']}").json(), table.home(somebody)]
    said += [somebody.get("/me").json(), somebody.get("/me/data").json()]
    said += [somebody.get("/play/leaderboard").json(), somebody.get("/tasks/play").json()]
    said.append(table.act(somebody, game, "hint").json())
    option = game["shown"]["options"].index(answer)
    said.append(table.act(somebody, game, "guess", option=option).json())
    said.append(somebody.get(f"/batches/{game['batch']}").json())
    for told in said:
        _forget_options(told)
        assert answer not in str(told)
        assert "truth" not in str(told)
        assert "target" not in str(told)


def _forget_options(told: Any) -> None:
    if isinstance(told, dict):
        told.pop("options", None)
        for value in told.values():
            _forget_options(value)
    elif isinstance(told, list):
        for value in told:
            _forget_options(value)


def test_whether_the_guess_was_right_changes_nothing_that_is_told_before_the_end(
    table: Any, task: Any
) -> None:
    told = []
    for right in (True, False):
        somebody = table.guest()
        game = table.deal(somebody)
        shown = table.guess(somebody, game, right)
        told.append({name: shown[name] for name in shown.keys() - {"options", "picture", "guess"}})
    assert told[0] == told[1]
