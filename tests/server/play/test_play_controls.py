"""Control games: an easy map early on, unknown to the player (methods 7 and 13)."""

from __future__ import annotations

from typing import Any

import pytest


def is_control(table: Any, game: Any) -> bool:
    return bool(table.row(game).control)


def test_the_heaviest_map_of_the_deepest_layer_of_a_rightly_seen_image_is_the_control(
    table: Any,
) -> None:
    from netgloss.evidence.clusters.reading import read_cluster_maps
    from netgloss.server.tasks.models import Item
    from netgloss.study import Study

    table.set_up()
    maps = read_cluster_maps(table.folder)
    truths = {one.image: one.truth for one in Study.open(table.folder).usable_images()}
    right = maps[maps["target"] == maps["image"].map(truths)]
    deepest = right[right["depth"] == right["depth"].max()]
    heaviest = deepest.loc[deepest["weight"].idxmax()]
    [control] = Item.objects.filter(expected__isnull=False)
    assert control.evidence == heaviest["evidence"]
    assert control.expected["right"] is True


def test_what_the_organiser_chose_is_left_alone(table: Any) -> None:
    from netgloss.server.tasks.models import Item

    table.set_up()
    Item.objects.update(expected=None)
    chosen = Item.objects.order_by("weight").first()
    Item.objects.filter(pk=chosen.pk).update(expected={"right": True})
    table.set_up()
    assert list(Item.objects.filter(expected__isnull=False)) == [chosen]


def test_a_game_whose_maps_have_gone_is_set_up_without_a_control(table: Any) -> None:
    import shutil

    from netgloss.server.tasks.items import set_up_all
    from netgloss.server.tasks.models import Item
    from netgloss.study import Study

    table.set_up()
    place = table.folder / "evidence" / "anv"
    shutil.move(place, table.folder / "elsewhere")
    try:
        set_up_all(Study.open(table.folder))
    finally:
        shutil.move(table.folder / "elsewhere", place)
    assert not Item.objects.filter(task="play", retired=False).exists()
    table.set_up()
    assert Item.objects.filter(retired=False, expected__isnull=False).count() == 1


def test_no_control_is_chosen_where_none_is_wanted(table: Any) -> None:
    from netgloss.server.tasks.models import Item

    table.set_up(controls=0)
    Item.objects.update(expected=None)
    table.set_up(controls=0)
    assert not Item.objects.filter(expected__isnull=False).exists()


def test_a_game_without_controls_gives_the_chosen_map_back_until_there_are_some_again(
    table: Any, organiser: Any
) -> None:
    from netgloss.server.tasks.models import Item

    def marked() -> list[int]:
        return [item.pk for item in Item.objects.filter(expected__isnull=False)]

    def change(controls: int) -> None:
        answer = organiser.ask("PATCH", "/organise/tasks/play", {"controls": controls})
        assert answer.status_code == 200, answer.content

    table.set_up()
    [chosen] = marked()
    # Of the image's maps only this one may be handed out.
    image = Item.objects.get(pk=chosen).image
    Item.objects.exclude(pk=chosen).update(retired=True)
    somebody = table.guest()
    assert somebody.post("/tasks/play/batch", {}).status_code == 409
    change(0)
    assert marked() == []
    game = table.play(somebody)
    row = table.row(game)
    assert (row.item_id, row.image, row.control, row.slot) == (chosen, image, False, 1)
    Item.objects.update(retired=False)
    change(2)
    assert marked() == [chosen]
    table.check_counts()


def test_a_map_that_the_organiser_marked_stays_marked_without_controls(
    table: Any, organiser: Any
) -> None:
    from netgloss.server.tasks.models import Item

    table.set_up()
    item = Item.objects.filter(expected__isnull=True).order_by("weight").first()
    path = f"/organise/items/{item.pk}/control"
    assert organiser.ask("PUT", path, {"expected": {"right": True}}).status_code == 200
    organiser.ask("PATCH", "/organise/tasks/play", {"controls": 0})
    assert list(Item.objects.filter(expected__isnull=False)) == [item]


def test_who_is_in_a_control_game_when_controls_end_goes_on_ungraded(
    table: Any, organiser: Any
) -> None:
    table.set_up()
    somebody = table.guest()
    for _ in range(2):
        table.play(somebody)
    game = table.deal(somebody)
    assert is_control(table, game)
    organiser.ask("PATCH", "/organise/tasks/play", {"controls": 0})
    table.guess(somebody, game)
    assert table.send(somebody, game, tags=["fin"]).status_code == 200
    assert table.row(game).passed is None
    table.check_counts()


def test_the_third_game_is_the_control_and_no_other(table: Any) -> None:
    table.set_up()
    somebody = table.guest()
    games = [table.play(somebody) for _ in range(8)]
    assert [is_control(table, game) for game in games] == [False, False, True, *[False] * 5]
    assert games[2]["shown"].keys() == games[1]["shown"].keys(), "nothing tells it from others"
    assert games[2].keys() == games[1].keys()


def test_everybody_gets_the_same_control_however_often_it_was_played(table: Any) -> None:
    from netgloss.server.tasks.models import Assignment, Item

    table.set_up(quota=1)
    for _ in range(4):
        somebody = table.guest()
        for _ in range(3):
            table.play(somebody)
    assert Assignment.objects.filter(control=True).count() == 4
    assert Assignment.objects.filter(control=True, slot__isnull=False).count() == 0
    assert Item.objects.get(expected__isnull=False).taken == 0
    table.check_counts()


@pytest.mark.parametrize(("how", "passed"), [("win", True), ("loss", False), ("resign", False)])
def test_a_control_is_passed_by_a_win_only(table: Any, how: str, passed: bool) -> None:
    from netgloss.server.tasks.models import Assignment

    table.set_up()
    somebody = table.guest()
    for _ in range(2):
        table.play(somebody)
    if how == "resign":
        table.resign(somebody)
    else:
        table.play(somebody, right=how == "win")
    assert Assignment.objects.get(control=True).passed is passed
    assert table.home(somebody)["games"] == 3, "it counts like any other game"


def test_a_game_that_was_not_played_to_its_end_puts_the_control_off(table: Any) -> None:
    table.set_up()
    somebody = table.guest()
    table.play(somebody)
    left = table.deal(somebody)
    assert not is_control(table, left)
    assert table.deal(somebody)["id"] == left["id"]
    table.play(somebody)
    assert is_control(table, table.deal(somebody))


def test_further_controls_come_every_fourth_game(table: Any) -> None:
    from netgloss.server.tasks.models import Item

    table.set_up(controls=2)
    taken = Item.objects.get(expected__isnull=False).image
    other = Item.objects.filter(expected__isnull=True).exclude(image=taken).order_by("pk").first()
    Item.objects.filter(pk=other.pk).update(expected={"right": True})
    somebody = table.guest()
    games = [is_control(table, table.play(somebody)) for _ in range(9)]
    assert [number for number, control in enumerate(games, start=1) if control] == [3, 7]


def test_a_drawn_control_comes_second_to_fifth_and_not_for_all_at_the_same_place(
    table: Any,
) -> None:
    task = table.set_up(options={"control": "random"})
    from netgloss.server.people.models import Person
    from netgloss.server.play.controls import _first

    places = {_first(task, Person.objects.guest()) for _ in range(60)}
    assert places == {2, 3, 4, 5}
    somebody = table.guest()
    due = _first(task, table.person(somebody))
    games = [is_control(table, table.play(somebody)) for _ in range(6)]
    assert [number for number, control in enumerate(games, start=1) if control] == [due]


def test_where_the_control_cannot_be_played_there_is_another_game(table: Any) -> None:
    """Its image was had already, so it would be the second map of one image."""
    from netgloss.server.tasks.models import Item

    table.set_up()
    image = Item.objects.get(expected__isnull=False).image
    Item.objects.filter(expected__isnull=True).exclude(image=image).update(taken=4)
    somebody = table.guest()
    games = [table.play(somebody) for _ in range(4)]
    assert image in [table.row(game).image for game in games]
    assert not any(is_control(table, game) for game in games)


def test_other_expectations_than_a_win_are_refused(table: Any, database: None) -> None:
    from netgloss.server.errors import RequestError
    from netgloss.server.play.kind import Play

    assert Play().expectation({"right": True}) == {"right": True}
    for expected in (None, {}, [], {"right": False}, {"right": 1, "x": 2}, {"types": ["fin"]}):
        with pytest.raises(RequestError) as caught:
            Play().expectation(expected)
        assert caught.value.code == "malformed"
