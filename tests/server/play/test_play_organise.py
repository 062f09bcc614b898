"""What the organiser sees of the game, and may set (methods 12)."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import pytest


def told(answer: Any) -> Any:
    assert answer.status_code == 200, answer.content
    return answer.json()


def games_that_count() -> list[Any]:
    """Second account of what counts: no controls, no excluded people, nobody who failed one."""
    from netgloss.server.tasks.models import Assignment

    games = list(
        Assignment.objects.filter(task="play", state="answered").select_related("item", "person")
    )
    failed = {game.person_id for game in games if game.control and not game.passed}
    return [
        game
        for game in games
        if not game.control and game.person_id not in failed and game.person.excluded_at is None
    ]


def summary(games: list[Any]) -> dict[str, Any]:
    ends = Counter(game.answer["outcome"] for game in games)
    hints = [game.answer["hints"] for game in games]
    return {
        "games": len(games),
        "won": ends["win"],
        "lost": ends["loss"],
        "resigned": ends["resign"],
        "hints_mean": round(sum(hints) / len(hints), 4) if hints else None,
    }


@pytest.fixture
def crowd(table: Any) -> list[Any]:
    """Four players: a good one, one who gives up, one who fails the control, one excluded."""
    from netgloss.server.organise.people import exclude

    table.set_up(quota=3)
    good, tired, careless, gone = people = [table.guest() for _ in range(4)]
    for number in range(6):
        table.play(good, hints=number % 4)
    for number in range(4):
        table.resign(tired) if number == 1 else table.play(tired, right=number != 3, hints=5)
    for _ in range(3):
        table.play(careless, right=False)
    table.play(gone)
    exclude(table.person(gone).pk, True, "")
    return people


def test_the_figures_are_those_of_the_games_that_count(
    table: Any, crowd: Any, organiser: Any
) -> None:
    figures = told(organiser.get("/organise/play?limit=200"))
    games = games_that_count()
    assert {name: figures[name] for name in summary(games)} == summary(games)
    assert (figures["games"], figures["resigned"], figures["lost"]) == (8, 1, 1)
    assert figures["left_out"] == {"players": 1, "games": 2}
    by_map, by_layer = defaultdict(list), defaultdict(list)
    for game in games:
        by_map[game.item_id].append(game)
        by_layer[game.item.layer].append(game)
    for row in figures["maps"]["rows"]:
        expected = summary(by_map[row["id"]])
        assert {name: row[name] for name in expected} == expected
    assert [row["layer"] for row in figures["layers"]] == ["features.5", "features.10"]
    for row in figures["layers"]:
        expected = summary(by_layer[row["layer"]])
        assert {name: row[name] for name in expected} == expected
        assert row["maps"] == 42
    check_that_each_map_is_told_page_by_page(organiser)
    check_that_hints_against_weight_is_spearmans_correlation(organiser)
    check_that_players_are_told_with_their_control(table, crowd, organiser)


def test_overview_people_and_items_know_the_game(table: Any, crowd: Any, organiser: Any) -> None:
    check_that_the_overview_knows_outcomes_and_no_agreement(organiser)
    check_that_a_lost_control_speaks_against_people(table, crowd, organiser)
    check_that_items_are_told_with_their_outcomes(organiser)
    check_that_forms_are_scored_and_nothing_else(table, crowd)


def check_that_each_map_is_told_page_by_page(organiser: Any) -> None:
    rows, after = [], 0
    while after is not None:
        page = told(organiser.get(f"/organise/play?after={after}&limit=30"))["maps"]
        rows += page["rows"]
        after = page["next"]
    assert len(rows) == len({row["id"] for row in rows}) == 84
    assert sum(row["control"] for row in rows) == 1
    assert organiser.client.get(rows[0]["picture"]).headers["Content-Type"] == "image/webp"
    assert {row["layer"] for row in rows} == {"features.5", "features.10"}
    assert all(0 < row["weight"] <= 1 for row in rows)


def check_that_hints_against_weight_is_spearmans_correlation(organiser: Any) -> None:
    from scipy.stats import spearmanr

    weights = told(organiser.get("/organise/play"))["weights"]
    games = games_that_count()
    expected = spearmanr(
        [game.item.weight for game in games], [game.answer["hints"] for game in games]
    )
    assert weights["spearman"] == pytest.approx(expected.statistic, abs=1e-4)
    bins = weights["bins"]
    assert sum(one["games"] for one in bins) == len(games)
    assert all(one["low"] <= one["high"] for one in bins)
    assert [one["low"] for one in bins] == sorted(one["low"] for one in bins)
    for one in bins:
        inside = [
            game.answer["hints"]
            for game in games
            if one["low"] - 5e-5 <= game.item.weight <= one["high"] + 5e-5
        ]
        assert one["hints_mean"] == pytest.approx(sum(inside) / len(inside), abs=1e-4)
        assert one["hints_quartiles"] == sorted(one["hints_quartiles"])


def test_before_the_first_game_there_is_nothing_to_correlate(
    table: Any, task: Any, organiser: Any
) -> None:
    figures = told(organiser.get("/organise/play"))
    assert (figures["games"], figures["hints_mean"]) == (0, None)
    assert figures["weights"] == {"spearman": None, "bins": []}
    assert figures["players"] == []
    assert len(figures["maps"]["rows"]) == 60


def check_that_players_are_told_with_their_control(table: Any, crowd: Any, organiser: Any) -> None:
    rows = told(organiser.get("/organise/play"))["players"]
    good, tired, careless, gone = [str(table.person(one).pk) for one in crowd]
    by_id = {row["id"]: row for row in rows}
    assert {key: row["control"] for key, row in by_id.items()} == {
        good: True, tired: True, careless: False, gone: None,
    }  # fmt: skip
    assert [key for key, row in by_id.items() if row["excluded"]] == [gone]
    assert (by_id[tired]["games"], by_id[tired]["resigned"]) == (4, 1)
    assert rows[0]["id"] == good, "who played most comes first"


def check_that_the_overview_knows_outcomes_and_no_agreement(organiser: Any) -> None:
    view = told(organiser.get("/organise/overview?task=play"))
    games = games_that_count()
    assert view["game"] == {**summary(games), "left_out": {"players": 1, "games": 2}}
    assert view["controls"] == {"passed": 2, "failed": 1}
    assert view["agreement"] is None
    for hour in view["by_hour"]:
        assert hour["answers"] == hour["won"] + hour["lost"] + hour["resigned"]
    assert sum(hour["answers"] for hour in view["by_hour"]) == 10
    assert view["items"]["controls"] == 1


def check_that_forms_are_scored_and_nothing_else(table: Any, crowd: Any) -> None:
    from netgloss.server.organise.figures import _of_task
    from netgloss.server.tasks.models import Form, Task

    task = Task.objects.get(name="play")
    sus = {f"sus_{number}": 5.0 if number % 2 else 1.0 for number in range(1, 11)}
    from netgloss.server.tasks.forms import FORMS

    answers = dict(zip(FORMS["sus"].names, sus.values(), strict=True))
    Form.objects.create(person=table.person(crowd[0]), task=task, name="sus", answers=answers)
    computed = _of_task(task)
    assert (computed["agreement"], computed["people"]) == (None, {})
    assert computed["forms"]["sus"]["mean"] == 100
    assert set(computed["forms"]) == {"sus"}


def check_that_a_lost_control_speaks_against_people(table: Any, crowd: Any, organiser: Any) -> None:
    rows = told(organiser.get("/organise/people?task=play"))["rows"]
    by_id = {row["id"]: row for row in rows}
    good, _, careless, _ = [by_id[str(table.person(one).pk)] for one in crowd]
    assert (good["answers"], good["controls_passed"], good["flags"]) == (5, 1, [])
    assert (good["game"]["games"], good["game"]["won"]) == (6, 6)
    assert careless["controls_failed"] == 1
    assert careless["flags"] == [
        "did not win a control game; all their games are left out of the analysis"
    ]


def check_that_items_are_told_with_their_outcomes(organiser: Any) -> None:
    rows = told(organiser.get("/organise/items?task=play&limit=200"))["rows"]
    assert len(rows) == 84
    played = [row for row in rows if row["answers"]]
    assert played
    for row in rows:
        assert sum(row["outcomes"].values()) == row["answers"]
        assert row["layer"].startswith("features.")


def test_sus_and_tlx_are_asked_after_ten_games_and_once(table: Any, task: Any) -> None:
    somebody = table.guest()
    due = [table.play(somebody)["forms"] for _ in range(11)]
    assert due[:9] == [[]] * 9
    assert due[9] == due[10] == ["sus", "tlx"]


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"batch_size": 2}, "batch_size"),
        ({"options": {"levels": "yes"}}, "levels"),
        ({"options": {"control": "never"}}, "control"),
        ({"options": {"streak_step": -1}}, "streak_step"),
        ({"options": {"hard": True}}, "hard"),
        ({"method": "heatmaps"}, "method"),
    ],
)
def test_settings_that_do_not_fit_the_game_are_refused(
    table: Any, task: Any, organiser: Any, changes: Any, where: str
) -> None:
    answer = organiser.ask("PATCH", "/organise/tasks/play", changes)
    assert table.refused(answer, 422, "malformed")["where"] == where


def test_one_setting_of_the_game_changes_and_the_others_stay(
    table: Any, task: Any, organiser: Any
) -> None:
    first = told(organiser.ask("PATCH", "/organise/tasks/play", {"options": {"levels": True}}))
    assert first["options"]["levels"] is True
    second = told(
        organiser.ask(
            "PATCH", "/organise/tasks/play", {"options": {"control": "random"}, "controls": 2}
        )
    )
    assert second["options"] == {
        "levels": True, "control": "random", "streak_step": 10, "streak_most": 5,
    }  # fmt: skip
    assert second["controls"] == 2
    assert len(table.home(table.guest())["levels"]) == 3


def test_the_organiser_makes_another_map_the_control(table: Any, task: Any, organiser: Any) -> None:
    from netgloss.server.tasks.models import Item

    item = Item.objects.filter(expected__isnull=True).first()
    path = f"/organise/items/{item.pk}/control"
    made = told(organiser.ask("PUT", path, {"expected": {"right": True}}))
    assert made["control"] == {"right": True}
    table.refused(organiser.ask("PUT", path, {"expected": {"types": ["fin"]}}), 422, "malformed")
    assert told(organiser.ask("PUT", path, {"expected": None}))["control"] is None


def test_the_only_task_needs_not_be_named(table: Any, task: Any, organiser: Any) -> None:
    assert told(organiser.get("/organise/overview"))["task"]["name"] == "play"
    assert told(organiser.get("/organise/items"))["rows"][0]["layer"].startswith("features.")
    assert organiser.get("/organise/overview?task=annotate").status_code == 404
