"""Who has the highest scores (thesis, section 4.4.1: the top 50 with their statistics)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import QuerySet

from netgloss.server.people.models import Person
from netgloss.server.play.models import Player

__all__ = ["LENGTH", "leaderboard", "place_of"]

LENGTH = 50
"""Rows of the leaderboard."""


def leaderboard(person: Person) -> dict[str, Any]:
    """The players with the highest scores, and the row of whoever asks.

    Those who share a score share a place. Excluded people and those without a game have none.

    Args:
        person: Who asks.

    Returns:
        ``rows`` (at most 50: place, nickname, score, games, win_rate, you) and ``you``: the row of
        whoever asks, wherever it stands; None before their first game.
    """
    best = _ranked().order_by("-score", "games", "person")[:LENGTH]
    own = _ranked().select_related("person").filter(person=person).first()
    rows = [
        _row(player, place, player.person_id == person.pk) for place, player in _placed(list(best))
    ]
    you = None if own is None else _row(own, place_of(own) or 0, you=True)
    return {"rows": rows, "you": you}


def place_of(player: Player) -> int | None:
    """The player's place, from 1; None before their first game and for excluded people.

    Args:
        player: The row, stored or not yet.
    """
    if not player.games or player.person.excluded_at is not None:
        return None
    return 1 + _ranked().filter(score__gt=player.score).count()


def _ranked() -> QuerySet[Player]:
    return Player.objects.filter(games__gt=0, person__excluded_at__isnull=True)


def _placed(players: Iterable[Player]) -> Iterator[tuple[int, Player]]:
    """Players by falling score, each with the place of the first who has this score."""
    place, score = 0, -1
    for number, player in enumerate(players, start=1):
        if player.score != score:
            place, score = number, player.score
        yield place, player


def _row(player: Player, place: int, you: bool) -> dict[str, Any]:
    return {
        "place": place,
        "nickname": player.nickname,
        "score": player.score,
        "games": player.games,
        "win_rate": round(player.won / player.games, 4),
        "you": you,
    }
