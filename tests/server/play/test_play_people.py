"""Players: their standing, requests at the same moment, and guests who become accounts."""

from __future__ import annotations

import uuid
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from netgloss.answers.rules import points, streak_bonus
from netgloss.server.play.standing import Standing

NOBODY = {
    "score": 0, "games": 0, "won": 0, "lost": 0, "resigned": 0, "hints": 0, "streak": 0,
    "best_streak": 0, "place": None, "levels": None, "open_batch": None,
}  # fmt: skip


# ------------------------------------------------------------------------------------- standing


@given(st.lists(st.tuples(st.sampled_from(["win", "loss", "resign"]), st.integers(0, 5))))
def test_a_standing_is_the_sum_of_games_and_its_streak_the_wins_since_the_last_other(
    games: list[tuple[str, int]],
) -> None:
    standing, outcomes = Standing(), [outcome for outcome, _ in games]
    score = best = run = 0
    for outcome, hints in games:
        run = run + 1 if outcome == "win" else 0
        best = max(best, run)
        earned, bonus = points(outcome == "win", hints, tagged=False), streak_bonus(run)
        score += earned + bonus
        standing.add({"outcome": outcome, "hints": hints, "points": earned, "bonus": bonus})
    assert (standing.score, standing.games) == (score, len(games))
    assert (standing.streak, standing.best_streak) == (run, best)
    assert standing.won == outcomes.count("win")
    assert standing.lost == outcomes.count("loss")
    assert standing.resigned == outcomes.count("resign")
    assert standing.hints == sum(hints for _, hints in games)


def test_before_the_first_game_everything_is_zero_and_nothing_is_stored(
    table: Any, task: Any
) -> None:
    from netgloss.server.play.models import Player

    home = table.home(table.guest())
    assert home.pop("nickname")
    assert home == NOBODY
    assert not Player.objects.exists()


def test_a_standing_counted_anew_is_what_was_kept_game_by_game(table: Any, task: Any) -> None:
    from netgloss.server.play.models import Player
    from netgloss.server.play.players import recount

    somebody = table.guest()
    for right, hints in ((True, 0), (True, 3), (False, 2), (True, 5)):
        table.play(somebody, right=right, hints=hints)
    table.resign(somebody)
    kept = table.home(somebody)
    assert (kept["games"], kept["won"], kept["lost"], kept["resigned"]) == (5, 3, 1, 1)
    assert kept["hints"] == 0 + 3 + 2 + 5 + 5
    assert kept["score"] == 325 + (175 + 10) + 25 + 75
    Player.objects.update(score=1, games=1, streak=9, best_streak=0, hints=0, won=0, lost=8)
    recount(table.person(somebody))
    assert table.home(somebody) == kept


def test_of_twenty_guesses_and_answers_at_once_one_counts(table: Any, task: Any) -> None:
    from netgloss.server.tasks.models import Assignment

    somebody = table.guest()
    game = table.deal(somebody)
    choices = [
        lambda option=number % 6: table.act(somebody, game, "guess", option=option)
        for number in range(20)
    ]
    statuses = [answer.status_code for answer in table.at_once(choices)]
    assert sorted(statuses) == [200, *[409] * 19]
    named = table.row(game).course["guess"]
    submits = [lambda: table.send(somebody, game, tags=["fin"]) for _ in range(20)]
    statuses = [answer.status_code for answer in table.at_once(submits)]
    assert sorted(statuses) == [200, *[409] * 19]
    kept = Assignment.objects.get(pk=game["id"]).answer
    assert kept["guess"] == named
    home = table.home(somebody)
    assert (home["games"], home["score"]) == (1, kept["points"])
    table.check_counts()


def test_of_twenty_hints_at_once_five_count(table: Any, task: Any) -> None:
    somebody = table.guest()
    game = table.deal(somebody)
    works = [lambda: table.act(somebody, game, "hint") for _ in range(20)]
    statuses = [answer.status_code for answer in table.at_once(works)]
    assert sorted(statuses) == [*[200] * 5, *[409] * 15]
    assert table.row(game).course["hints"] == 5


def test_one_answer_sent_twenty_times_at_once_counts_once(table: Any, task: Any) -> None:
    somebody, key = table.guest(), uuid.uuid4()
    game = table.deal(somebody)
    table.guess(somebody, game)
    works = [lambda: table.send(somebody, game, key, tags=["fin"]) for _ in range(20)]
    answers = table.at_once(works)
    assert {answer.status_code for answer in answers} == {200}
    first, *others = (answer.json() for answer in answers)
    assert others == [first] * 19
    assert table.home(somebody)["games"] == 1


# ------------------------------------------------------------------------------ guests, accounts


def test_a_guest_who_signs_up_keeps_score_game_and_images(table: Any, task: Any) -> None:
    somebody = table.guest()
    table.play(somebody)
    game = table.deal(somebody)
    shown = table.hint(somebody, game, 2)
    before = table.home(somebody)
    somebody.post("/accounts", {"name": "Ann", "password": "seven green lobsters"})
    assert table.home(somebody) == before
    assert table.deal(somebody)["shown"] == shown


def test_a_guests_games_go_to_the_account_without_counting_twice(table: Any, task: Any) -> None:
    from netgloss.server.people.models import Person
    from netgloss.server.play.models import Player
    from netgloss.server.tasks.models import Assignment

    account = table.account("Ann")
    own = [table.play(account) for _ in range(3)]
    guest = table.guest()
    theirs = [table.play(guest, right=number != 1) for number in range(4)]
    guest_id = table.person(guest).pk
    images = {table.row(game).image for game in own}
    collide = [game for game in theirs if table.row(game).image in images]
    guest.post("/session", {"login": "Ann", "password": "seven green lobsters"})
    home = table.home(guest)
    assert home == table.home(account)
    moved = [game for game in theirs if game not in collide]
    counted = [*own, *moved]
    assert home["games"] == len(counted)
    assert home["score"] == sum(
        game["shown"]["points"] + game["shown"]["bonus"] for game in counted
    )
    table.check_counts()
    assert Person.objects.filter(pk=guest_id).exists() == bool(collide)
    assert Player.objects.filter(person=guest_id).exists() == bool(collide)
    left = {table.row(game).image for game in counted}
    while (answer := guest.post("/tasks/play/batch")).status_code == 200:
        [dealt] = answer.json()["assignments"]
        dealt["batch"] = answer.json()["id"]
        image = Assignment.objects.get(pk=dealt["id"]).image
        assert image not in left, "what the guest saw is not shown to the account again"
        left.add(image)
        table.guess(guest, dealt)
        table.send(guest, dealt, tags=[])
        table.end(guest, dealt)


def test_what_both_have_played_stays_with_the_guest_and_counts_there(table: Any, task: Any) -> None:
    from netgloss.server.play.models import Player
    from netgloss.server.tasks.models import Item

    kept = Item.objects.order_by("pk").first().image
    Item.objects.exclude(image=kept).update(retired=True)
    account, guest = table.account("Ann"), table.guest()
    table.play(account)
    table.play(guest, hints=1)
    who = table.person(guest)
    guest.post("/session", {"login": "Ann", "password": "seven green lobsters"})
    assert table.home(guest)["score"] == 325
    assert Player.objects.get(person=who).score == 275
    table.check_counts()


def test_an_account_without_a_nickname_goes_on_with_the_guests(table: Any, task: Any) -> None:
    table.account("Ann")
    guest = table.guest()
    guest.ask("PUT", "/play/nickname", {"nickname": "Quick fox"})
    table.play(guest)
    guest.post("/session", {"login": "Ann", "password": "seven green lobsters"})
    assert table.home(guest)["nickname"] == "Quick fox"


def test_somebody_who_deletes_themselves_leaves_no_row(table: Any, task: Any) -> None:
    from netgloss.server.play.models import Player

    somebody = table.guest()
    table.play(somebody)
    kept = somebody.get("/me/data").json()["kept_by_tasks"]["play"]
    assert (kept["games"], kept["score"]) == (1, 325)
    assert somebody.delete("/me").status_code == 204
    assert not Player.objects.exists()
    table.check_counts()
