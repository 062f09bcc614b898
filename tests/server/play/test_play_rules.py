"""The rules of Deep Reveal as a page meets them (thesis, section 4.4.1; methods 7)."""

from __future__ import annotations

import uuid
from typing import Any

import pytest


def test_a_game_begins_with_300_points_and_six_classes_to_choose_from(
    table: Any, task: Any
) -> None:
    somebody = table.guest()
    shown = table.deal(somebody)["shown"]
    assert shown.keys() == {
        "phase", "picture", "hints", "most_hints", "points", "price", "tag_bonus", "options",
        "guess",
    }  # fmt: skip
    assert (shown["phase"], shown["hints"], shown["most_hints"]) == ("guess", 0, 5)
    assert (shown["points"], shown["guess"]) == (300, None)
    assert (shown["price"], shown["tag_bonus"]) == (50, 25)
    assert len(set(shown["options"])) == 6


def test_each_hint_shows_another_picture_and_costs_50(table: Any, task: Any) -> None:
    somebody = table.guest()
    game = table.deal(somebody)
    pictures = {game["shown"]["picture"]}
    for used in range(1, 6):
        shown = table.hint(somebody, game)
        assert (shown["hints"], shown["points"]) == (used, 300 - 50 * used)
        pictures.add(shown["picture"])
    assert len(pictures) == 6
    table.refused(table.act(somebody, game, "hint"), 409, "no_hints")
    assert somebody.get(f"/batches/{game['batch']}").json()["assignments"][0]["shown"] == shown


def test_a_win_shows_the_class_the_whole_image_and_the_points(table: Any, task: Any) -> None:
    somebody = table.guest()
    game = table.deal(somebody)
    table.hint(somebody, game, 2)
    tagging = table.guess(somebody, game)
    assert tagging["phase"] == "tag"
    assert tagging["options"][tagging["guess"]] == table.answer(game)
    assert "class" not in tagging
    assert "outcome" not in tagging
    table.send(somebody, game, tags=["silver scales", "Fin", "fin"])
    over = table.over(somebody, game)["shown"]
    assert over["phase"] == "over"
    assert over["class"] == table.answer(game)
    assert over["whole"] != over["picture"]
    assert (over["outcome"], over["points"], over["bonus"]) == ("win", 225, 0)
    assert (over["streak"], over["score"]) == (1, 225)
    assert over["tags"] == ["silver scales", "Fin"]


def test_a_wrong_guess_keeps_only_the_tag_bonus(table: Any, task: Any) -> None:
    over = table.play(table.guest(), right=False)["shown"]
    assert (over["outcome"], over["points"], over["score"]) == ("loss", 25, 25)


def test_a_game_without_tags_is_over_too(table: Any, task: Any) -> None:
    over = table.play(table.guest(), hints=1, tags=())["shown"]
    assert (over["outcome"], over["points"]) == ("win", 250)


def test_one_resigns_after_the_last_hint_only_and_for_nothing(table: Any, task: Any) -> None:
    somebody = table.guest()
    game = table.deal(somebody)
    table.hint(somebody, game, 4)
    table.refused(table.send(somebody, game, resign=True), 409, "hints_left")
    table.hint(somebody, game)
    assert table.send(somebody, game, resign=True).status_code == 200
    over = table.over(somebody, game)["shown"]
    assert (over["outcome"], over["points"], over["guess"]) == ("resign", 0, None)
    home = table.home(somebody)
    assert (home["resigned"], home["games"], home["hints"], home["score"]) == (1, 1, 5, 0)


def test_one_who_has_guessed_cannot_resign_guess_again_or_look_at_more(
    table: Any, task: Any
) -> None:
    somebody = table.guest()
    game = table.deal(somebody)
    table.hint(somebody, game, 5)
    table.guess(somebody, game, right=False)
    table.refused(table.act(somebody, game, "guess", option=0), 409, "too_late")
    table.refused(table.act(somebody, game, "hint"), 409, "too_late")
    table.refused(table.send(somebody, game, resign=True), 409, "too_late")


def test_tags_come_after_the_guess(table: Any, task: Any) -> None:
    somebody = table.guest()
    game = table.deal(somebody)
    table.refused(table.send(somebody, game, tags=["fin"]), 409, "guess_first")


def test_the_sixth_win_in_a_row_and_each_after_it_bring_50_more(table: Any, task: Any) -> None:
    somebody = table.guest()
    bonuses = [table.play(somebody)["shown"]["bonus"] for _ in range(7)]
    assert bonuses == [0, 10, 20, 30, 40, 50, 50]
    home = table.home(somebody)
    assert home["score"] == 7 * 325 + sum(bonuses)
    assert (home["streak"], home["best_streak"]) == (7, 7)


@pytest.mark.parametrize("ended", ["loss", "resign"])
def test_a_streak_ends_with_a_game_that_is_not_won(table: Any, task: Any, ended: str) -> None:
    somebody = table.guest()
    for _ in range(2):
        table.play(somebody)
    if ended == "loss":
        table.play(somebody, right=False)
    else:
        table.resign(somebody)
    home = table.home(somebody)
    assert (home["streak"], home["best_streak"]) == (0, 2)
    again = table.play(somebody)["shown"]
    assert (again["streak"], again["bonus"]) == (1, 0)


def test_the_organiser_sets_what_a_streak_brings(table: Any) -> None:
    table.set_up(controls=0, options={"streak_step": 7, "streak_most": 2})
    somebody = table.guest()
    assert [table.play(somebody)["shown"]["bonus"] for _ in range(4)] == [0, 7, 14, 14]


def test_nobody_sees_two_maps_of_one_image(table: Any, task: Any) -> None:
    from netgloss.server.tasks.models import Assignment, Item

    somebody = table.guest()
    images = Item.objects.values("image").distinct().count()
    for _ in range(images):
        table.play(somebody)
    table.refused(somebody.post("/tasks/play/batch"), 409, "nothing_left")
    had = list(Assignment.objects.values_list("image", flat=True))
    assert len(had) == len(set(had)) == images
    table.check_counts()


def test_each_game_goes_to_a_map_that_was_played_least_among_those_left(
    table: Any, task: Any
) -> None:
    from netgloss.server.tasks.models import Assignment, Item

    for _ in range(12):
        somebody, had = table.guest(), set()
        for _ in range(7):
            left = Item.objects.filter(expected__isnull=True).exclude(image__in=had)
            before = dict(left.values_list("pk", "taken"))
            game = table.play(somebody)
            item = Assignment.objects.select_related("item").get(pk=game["id"]).item
            assert before[item.pk] == min(before.values())
            had.add(item.image)
    taken = list(Item.objects.values_list("taken", flat=True))
    assert len(taken) == sum(taken) == 84
    assert max(taken) <= 2


def test_an_image_seen_elsewhere_is_not_played_and_one_played_is_shown_nowhere_else(
    table: Any, task: Any
) -> None:
    from netgloss.server.tasks.items import set_up
    from netgloss.server.tasks.models import Assignment, Task
    from netgloss.study import Study

    set_up(Study.open(table.folder), "annotate")
    Task.objects.filter(name="annotate").update(
        method="heatmaps", consent="", batch_size=20, controls=0
    )
    somebody = table.guest()
    game = table.deal(somebody)
    annotated = somebody.post("/tasks/annotate/batch").json()
    assert annotated["size"] == 20
    seen = set(Assignment.objects.filter(task="annotate").values_list("image", flat=True))
    assert table.row(game).image not in seen
    table.guess(somebody, game)
    table.send(somebody, game, tags=[])
    table.end(somebody, game)
    while (answer := somebody.post("/tasks/play/batch")).status_code == 200:
        [dealt] = answer.json()["assignments"]
        dealt["batch"] = answer.json()["id"]
        assert table.row(dealt).image not in seen
        table.guess(somebody, dealt)
        table.send(somebody, dealt, tags=[])
        table.end(somebody, dealt)


def test_a_game_goes_on_at_the_same_state_on_another_device(table: Any, task: Any) -> None:
    somebody = table.account("Ann")
    game = table.deal(somebody)
    shown = table.hint(somebody, game, 3)
    elsewhere = table.visitor()
    elsewhere.post("/session", {"login": "Ann", "password": "seven green lobsters"})
    assert table.home(elsewhere)["open_batch"] == game["batch"]
    again = table.deal(elsewhere)
    assert again["id"] == game["id"]
    assert again["shown"] == shown
    tagging = table.guess(elsewhere, again)
    draft = {"number": 1, "body": {"tags": ["half a ta"]}}
    assert elsewhere.ask("PUT", f"/assignments/{game['id']}/draft", draft).status_code == 200
    back = table.deal(somebody)
    assert back["shown"] == tagging
    assert back["draft"] == {"tags": ["half a ta"]}


def test_an_action_sent_again_has_no_second_effect(table: Any, task: Any) -> None:
    somebody, key = table.guest(), uuid.uuid4()
    game = table.deal(somebody)
    first = table.act(somebody, game, "hint", key).json()
    table.hint(somebody, game)
    assert table.act(somebody, game, "hint", key).json() == first
    assert table.row(game).course["hints"] == 2


def test_a_game_that_is_over_stays_as_it_is(table: Any, task: Any) -> None:
    somebody, key = table.guest(), uuid.uuid4()
    game = table.deal(somebody)
    table.guess(somebody, game)
    receipt = table.send(somebody, game, key, tags=["fin"]).json()
    kept = table.row(game).answer
    table.refused(table.send(somebody, game, tags=["other"]), 409, "answered")
    table.refused(table.act(somebody, game, "hint"), 409, "answered")
    assert table.send(somebody, game, key, tags=["other"]).json() == receipt
    assert table.row(game).answer == kept
    assert table.home(somebody)["games"] == 1
    table.end(somebody, game)
    table.refused(table.act(somebody, game, "hint"), 409, "finished")


def test_the_class_to_name_is_the_truth_even_where_the_network_was_wrong(
    table: Any, task: Any
) -> None:
    from netgloss.server.tasks.models import Assignment

    somebody, mistaken = table.guest(), 0
    for _ in range(14):
        game = table.play(somebody, right=True)
        row = Assignment.objects.get(pk=game["id"])
        assert game["shown"]["class"] == row.course["truth"]
        assert {row.course["truth"], row.course["target"]} <= set(row.course["options"])
        mistaken += row.course["truth"] != row.course["target"]
    assert mistaken == 5


def test_nobody_plays_a_study_with_only_one_class(table: Any, monkeypatch: Any) -> None:
    from netgloss.server.tasks import evidence

    monkeypatch.setattr(evidence, "_classes", lambda *_: frozenset({"tench"}))
    evidence._read.cache_clear()
    try:
        assert table.set_up().items.count() == 0
    finally:
        evidence._read.cache_clear()


def test_a_map_that_points_to_no_place_is_no_game(table: Any, monkeypatch: Any) -> None:
    from netgloss.server.tasks.evidence import StoredEvidence

    every = table.set_up().items.filter(retired=False).count()
    heat, flat = StoredEvidence.heat, "anv/000004"

    def changed(stored: StoredEvidence, evidence: str) -> Any:
        found = heat(stored, evidence)
        return 0 * found + 0.5 if evidence == flat else found

    monkeypatch.setattr(StoredEvidence, "heat", changed)
    left = table.set_up().items.filter(retired=False)
    assert left.count() == every - 1
    assert not left.filter(evidence=flat).exists()
