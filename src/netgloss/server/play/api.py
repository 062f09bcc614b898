"""The addresses of the game beside those that all tasks share: home, nickname, leaderboard."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ninja import Field, Router, Schema

from netgloss.server.people.auth import PersonRequest, signed_in
from netgloss.server.people.models import Person
from netgloss.server.play.leaderboard import leaderboard, place_of
from netgloss.server.play.levels import games_left
from netgloss.server.play.options import options_of
from netgloss.server.play.players import TASK, player_of, rename, standing_of
from netgloss.server.tasks.items import task_of
from netgloss.server.tasks.models import Batch, Task

__all__ = ["router"]

router = Router(auth=signed_in, tags=["play"])


class LevelOut(Schema):
    """How many games of a level there are for this player."""

    name: str
    games_left: int


class HomeOut(Schema):
    """A player's standing."""

    nickname: str
    score: int
    games: int
    won: int
    lost: int
    resigned: int
    hints: int
    streak: int = Field(description="Games won in a row up to now.")
    best_streak: int
    place: int | None = Field(description="On the leaderboard; null before the first game.")
    levels: list[LevelOut] | None = Field(description="Null: players do not choose.")
    open_batch: UUID | None = Field(description="A game to go on with.")


class NicknameIn(Schema):
    """What to be called on the leaderboard."""

    nickname: str = Field(max_length=200)


class RowOut(Schema):
    """A row of the leaderboard."""

    place: int
    nickname: str
    score: int
    games: int
    win_rate: float
    you: bool


class LeaderboardOut(Schema):
    """The highest scores, and where whoever asks stands."""

    rows: list[RowOut]
    you: RowOut | None


@router.get("/play", response=HomeOut, summary="A player's standing")
def home(request: PersonRequest) -> dict[str, Any]:
    """Before the first game all numbers are 0, and the nickname is made up."""
    return _home(task_of(TASK), request.auth)


@router.put("/play/nickname", response=HomeOut, summary="Chooses a nickname")
def choose_nickname(request: PersonRequest, payload: NicknameIn) -> dict[str, Any]:
    """The standing under it."""
    task = task_of(TASK)
    rename(request.auth, payload.nickname)
    return _home(task, request.auth)


@router.get("/play/leaderboard", response=LeaderboardOut, summary="The highest scores")
def see_leaderboard(request: PersonRequest) -> dict[str, Any]:
    """The best 50; who shares a score shares a place."""
    task_of(TASK)
    return leaderboard(request.auth)


def _home(task: Task, person: Person) -> dict[str, Any]:
    player = player_of(person)
    levels = games_left(task, person) if options_of(task).levels else None
    batch = Batch.objects.filter(task=task, person=person, finished_at=None).first()
    return {
        "nickname": player.nickname,
        **vars(standing_of(player)),
        "place": place_of(player),
        "levels": levels,
        "open_batch": None if batch is None else batch.pk,
    }
