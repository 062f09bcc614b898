"""Nicknames, which nobody can imitate, and the leaderboard (thesis, section 4.4.1)."""

from __future__ import annotations

from typing import Any

import pytest


def exclude(person: Any, excluded: bool = True) -> None:
    from netgloss.server.organise.people import exclude as leave_out

    leave_out(person.pk, excluded, "")


def test_a_made_up_nickname_does_not_change_and_is_not_the_pseudonym(table: Any, task: Any) -> None:
    somebody = table.guest()
    name = table.home(somebody)["nickname"]
    table.play(somebody)
    assert table.home(somebody)["nickname"] == name
    assert table.person(somebody).pseudonym[-6:] not in name


def test_two_people_never_get_the_same_made_up_nickname(
    table: Any, task: Any, monkeypatch: Any
) -> None:
    from netgloss.server.play import nicknames

    monkeypatch.setattr(nicknames, "_words", lambda: [["Calm"], ["Newt"]])
    monkeypatch.setattr(nicknames, "_NUMBERS", 12)
    people = [table.guest() for _ in range(8)]
    for somebody in people:
        table.play(somebody)
    assert len({table.home(somebody)["nickname"] for somebody in people}) == 8


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Quick   fox ", "Quick fox"),
        ("Quick\u200b\u202efox", "Quickfox"),
        ("Ｑｕｉｃｋ", "Quick"),
        ("狐狸 7", "狐狸 7"),
        ("x" * 24, "x" * 24),
    ],
)
def test_a_nickname_is_kept_as_it_can_be_read(table: Any, task: Any, typed: str, kept: str) -> None:
    somebody = table.guest()
    answer = somebody.ask("PUT", "/play/nickname", {"nickname": typed})
    assert answer.status_code == 200, answer.content
    assert answer.json()["nickname"] == table.home(somebody)["nickname"] == kept


@pytest.mark.parametrize(
    "typed", ["", "   ", "\u200b", "x" * 25, "?!", "a@b.org", "аdmin", "x" * 201, "a\ufe0f\u3164"]
)
def test_a_nickname_that_cannot_be_read_is_refused(table: Any, task: Any, typed: str) -> None:
    somebody = table.guest()
    before = table.home(somebody)["nickname"]
    assert somebody.ask("PUT", "/play/nickname", {"nickname": typed}).status_code == 422
    assert table.home(somebody)["nickname"] == before


def test_nobody_takes_a_name_that_looks_like_another_players(table: Any, task: Any) -> None:
    first, second = table.guest(), table.guest()
    first.ask("PUT", "/play/nickname", {"nickname": "Straße"})
    for like in ("Straße", "STRASSE", "ｓｔｒａßｅ", " stra\u200bsse "):
        table.refused(second.ask("PUT", "/play/nickname", {"nickname": like}), 409, "taken")
    assert first.ask("PUT", "/play/nickname", {"nickname": "STRASSE"}).status_code == 200


def test_of_many_who_want_one_name_at_once_one_gets_it(table: Any, task: Any) -> None:
    people = [table.guest() for _ in range(6)]
    works = [
        lambda somebody=somebody: somebody.ask("PUT", "/play/nickname", {"nickname": "Fox"})
        for somebody in people
    ]
    assert sorted(one.status_code for one in table.at_once(works)) == [200, *[409] * 5]


def standings(scores: list[int]) -> list[Any]:
    """Players with these scores, a game each."""
    from netgloss.server.people.models import Person
    from netgloss.server.play.models import Player

    return [
        Player.objects.create(
            person=Person.objects.guest(), nickname=f"P{number}", nickname_key=f"p{number}",
            score=score, games=2, won=1,
        )
        for number, score in enumerate(scores)
    ]  # fmt: skip


def test_the_leaderboard_holds_the_fifty_best_and_shares_places(table: Any, task: Any) -> None:
    standings([100 * (number // 2) for number in range(60)])
    somebody = table.guest()
    table.play(somebody, right=False)
    told = somebody.get("/play/leaderboard").json()
    assert len(told["rows"]) == 50
    scores = [row["score"] for row in told["rows"]]
    assert scores == sorted(scores, reverse=True)
    for row in told["rows"]:
        assert row["place"] == 1 + sum(score > row["score"] for score in scores)
        assert row["win_rate"] == 0.5
    assert not any(row["you"] for row in told["rows"])
    you = told["you"]
    assert (you["place"], you["score"], you["games"]) == (59, 25, 1)
    assert (you["win_rate"], you["you"]) == (0.0, True)
    assert table.home(somebody)["place"] == 59


def test_who_has_not_played_has_no_place(table: Any, task: Any) -> None:
    somebody = table.guest()
    somebody.ask("PUT", "/play/nickname", {"nickname": "Idle"})
    assert somebody.get("/play/leaderboard").json() == {"rows": [], "you": None}
    assert table.home(somebody)["place"] is None


def test_excluded_people_are_not_on_the_leaderboard_and_come_back_with_all_they_had(
    table: Any, task: Any
) -> None:
    cheat, fair = table.guest(), table.guest()
    table.play(cheat)
    table.play(fair, hints=1)
    assert table.home(fair)["place"] == 2
    exclude(table.person(cheat))
    told = fair.get("/play/leaderboard").json()
    assert [(row["place"], row["you"]) for row in told["rows"]] == [(1, True)]
    assert cheat.get("/play").status_code == 403
    exclude(table.person(cheat), excluded=False)
    assert table.home(cheat)["score"] == 325
    assert table.home(fair)["place"] == 2


def test_your_own_row_is_marked(table: Any, task: Any) -> None:
    somebody = table.guest()
    table.play(somebody)
    [row] = somebody.get("/play/leaderboard").json()["rows"]
    assert row["you"] is True
    assert table.guest().get("/play/leaderboard").json()["rows"][0]["you"] is False
