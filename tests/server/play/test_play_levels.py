"""Levels by weight, which the organiser may switch on (thesis, section 5.2.3)."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def leveled(table: Any) -> Any:
    """The game with levels, without controls."""
    return table.set_up(controls=0, options={"levels": True})


def items_of(task: Any, level: str) -> set[int]:
    from netgloss.server.play.levels import of_level
    from netgloss.server.tasks.models import Item

    regular = Item.objects.filter(task=task, expected__isnull=True, retired=False)
    return set(of_level(task, regular, level).values_list("pk", flat=True))


def test_levels_are_off_unless_the_organiser_switches_them_on(table: Any, task: Any) -> None:
    somebody = table.guest()
    assert table.home(somebody)["levels"] is None
    table.refused(somebody.post("/tasks/play/batch", {"level": "hard"}), 422, "malformed")


def test_the_levels_part_the_maps_in_thirds_by_weight(leveled: Any) -> None:
    from netgloss.server.tasks.models import Item

    ranked = Item.objects.filter(expected__isnull=True).order_by("weight", "pk")
    keys = list(ranked.values_list("pk", flat=True))
    number = len(keys)
    thirds = [keys[: number // 3], keys[number // 3 : 2 * number // 3], keys[2 * number // 3 :]]
    for level, third in zip(("hard", "medium", "easy"), thirds, strict=True):
        assert items_of(leveled, level) == set(third)


@pytest.mark.parametrize("weights", [[0.5], [0.5, 0.5], [0.1, 0.5, 0.5, 0.5], []])
def test_few_or_equal_weights_leave_every_map_in_one_level(
    leveled: Any, weights: list[float]
) -> None:
    from netgloss.server.tasks.models import Item

    keys = list(Item.objects.filter(expected__isnull=True).values_list("pk", flat=True))
    kept = keys[: len(weights)]
    for key, weight in zip(kept, weights, strict=True):
        Item.objects.filter(pk=key).update(weight=weight)
    Item.objects.exclude(pk__in=kept).update(retired=True)
    found = [items_of(leveled, level) for level in ("easy", "medium", "hard")]
    assert sum(map(len, found)) == len(kept)
    assert set().union(*found) == set(kept)


@pytest.mark.parametrize("level", ["easy", "hard"])
def test_a_player_gets_maps_of_the_level_they_chose_until_none_is_left(
    table: Any, leveled: Any, level: str
) -> None:
    somebody, wanted = table.guest(), items_of(leveled, level)
    [left] = [row for row in table.home(somebody)["levels"] if row["name"] == level]
    assert left["games_left"] > 0
    for played in range(left["games_left"]):
        rows = {row["name"]: row["games_left"] for row in table.home(somebody)["levels"]}
        # Each game takes its image, which may have maps of other levels, but one of this level.
        assert rows[level] == left["games_left"] - played
        game = table.play(somebody, level=level)
        assert table.row(game).item_id in wanted
    table.refused(somebody.post("/tasks/play/batch", {"level": level}), 409, "nothing_left")


def test_who_chooses_no_level_gets_any(table: Any, leveled: Any) -> None:
    somebody = table.guest()
    assert table.deal(somebody)["shown"]["phase"] == "guess"


@pytest.mark.parametrize("wish", [{"level": "brutal"}, {"level": 1}, {"level": []}, {"item": 3}])
def test_another_wish_is_refused(table: Any, leveled: Any, wish: dict[str, Any]) -> None:
    somebody = table.guest()
    table.refused(somebody.post("/tasks/play/batch", wish), 422, "malformed")


def test_an_open_game_is_gone_on_with_whatever_is_wished_then(table: Any, leveled: Any) -> None:
    somebody = table.guest()
    game = table.deal(somebody, level="easy")
    assert table.deal(somebody, level="hard")["id"] == game["id"]


def test_the_control_game_comes_on_every_level(table: Any) -> None:
    table.set_up(options={"levels": True})
    somebody = table.guest()
    games = [table.play(somebody, level="hard") for _ in range(3)]
    assert [table.row(game).control for game in games] == [False, False, True]
