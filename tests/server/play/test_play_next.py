"""From one game to the next: what the answer tells, and the next game in one request."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any


def test_the_answer_tells_all_that_comes_after_it(table: Any, task: Any) -> None:
    somebody, key = table.guest(), uuid.uuid4()
    game = table.deal(somebody)
    table.guess(somebody, game)
    told = table.send(somebody, game, key, tags=["fin"]).json()
    seen = table.over(somebody, game)
    assert told["shown"] == seen["shown"]
    assert told["shown"]["phase"] == "over"
    assert told["after"] == {"forms": [], "completion": None, "more": True}
    ended = table.end(somebody, game)
    assert ended == {"finished": True, **told["after"]}
    assert table.send(somebody, game, key, tags=["fin"]).json() == told


def test_forms_are_told_of_with_the_answer_that_makes_them_due(
    table: Any, task: Any, monkeypatch: Any
) -> None:
    from netgloss.server.play.kind import Play

    monkeypatch.setattr(Play, "forms_after", 2)
    somebody = table.guest()
    told = []
    for _ in range(2):
        game = table.deal(somebody)
        table.guess(somebody, game)
        told.append(table.send(somebody, game, tags=[]).json()["after"]["forms"])
        assert table.end(somebody, game)["forms"] == told[-1]
    assert told == [[], ["sus", "tlx"]]


def test_a_game_that_follows_ends_the_one_before(table: Any, task: Any) -> None:
    from netgloss.server.tasks.models import Batch

    somebody = table.guest()
    first = table.deal(somebody)
    table.guess(somebody, first)
    table.send(somebody, first, tags=["fin"])
    # Without saying so, the game that is over is seen again.
    assert table.deal(somebody)["batch"] == first["batch"]
    second = table.next_one(somebody, first).json()
    assert second["id"] != first["batch"]
    assert Batch.objects.get(pk=first["batch"]).finished_at is not None
    # Asked for again, as after a lost reply, it is the same one.
    assert table.next_one(somebody, first).json()["id"] == second["id"]
    assert Batch.objects.count() == 2
    table.check_counts()


def test_a_game_that_goes_on_is_not_ended_by_wanting_the_next(table: Any, task: Any) -> None:
    somebody = table.guest()
    game = table.deal(somebody)
    table.guess(somebody, game)
    error = table.refused(table.next_one(somebody, game), 409, "unfinished")
    assert error["positions"] == [0]
    assert table.send(somebody, game, tags=["fin"]).status_code == 200


def test_nobody_ends_somebody_elses_game(table: Any, task: Any) -> None:
    from netgloss.server.tasks.models import Batch

    somebody, other = table.guest(), table.guest()
    game = table.deal(somebody)
    table.guess(somebody, game)
    table.send(somebody, game, tags=["fin"])
    table.refused(table.next_one(other, game), 404, "unknown")
    table.refused(other.post(f"/tasks/play/batch?after={uuid.uuid4()}"), 404, "unknown")
    assert list(Batch.objects.values_list("finished_at", flat=True)) == [None]


def test_the_last_game_is_ended_although_no_other_follows(table: Any, task: Any) -> None:
    from netgloss.server.tasks.models import Batch, Item

    somebody = table.guest()
    game = table.deal(somebody)
    table.guess(somebody, game)
    table.send(somebody, game, tags=["fin"])
    Item.objects.exclude(pk=table.row(game).item_id).update(retired=True)
    table.refused(table.next_one(somebody, game), 409, "nothing_left")
    assert Batch.objects.get().finished_at is not None


def test_the_clock_starts_as_a_game_is_handed_out_and_goes_on_when_it_is_seen_again(
    table: Any, task: Any
) -> None:
    from netgloss.server.tasks.models import Assignment

    task = table.set_up(min_seconds=1)
    somebody = table.guest()
    game = table.deal(somebody)
    assert 0 < game["seconds_to_wait"] <= task.min_seconds
    row = table.row(game)
    assert row.opened_at is not None
    # Half an hour away: as long as nobody looked, nobody played.
    past = row.opened_at - timedelta(minutes=30)
    Assignment.objects.update(opened_at=past, seen_at=past)
    again = table.deal(somebody)
    assert again["seconds_to_wait"] == 0
    table.guess(somebody, again)
    seen = table.row(game)
    assert seen.opened_at == past
    assert seen.seconds < 20
