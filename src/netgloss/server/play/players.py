"""What a player has achieved: kept with each game, counted anew where games change hands.

The person's row is locked wherever a standing is written, so that two games cannot count at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast
from uuid import UUID

from django.db.models import UUIDField

from netgloss.server.people.models import Person
from netgloss.server.people.names import name_key
from netgloss.server.play.models import Player
from netgloss.server.play.nicknames import check_nickname, default_nickname
from netgloss.server.play.standing import Standing
from netgloss.server.prepared import Given, Prepared, save_fields
from netgloss.server.tasks.models import Assignment
from netgloss.server.tasks.slots import lock_person
from netgloss.server.tasks.transactions import in_transaction

__all__ = ["TASK", "count", "merged", "player_of", "recount", "rename", "standing_of"]

TASK = "play"
"""The game's name among the tasks."""


# Nearly every request of a game looks it up.
_by_person: Prepared[Player] = Prepared(
    lambda: Player.objects.filter(person=Given("person", UUIDField()))
)
_COUNTED = tuple(Standing.__dataclass_fields__)


def standing_of(player: Player) -> Standing:
    """What the player's row says."""
    return Standing(**{name: getattr(player, name) for name in _COUNTED})


def player_of(person: Person) -> Player:
    """The person's row; one that is not stored, with a nickname made up, before their first game.

    It is looked up once for each object that stands for the person.

    Args:
        person: Whose.
    """
    link = Player._meta.get_field("person").remote_field
    known = link.get_cached_value(person, default=None)
    if isinstance(known, Player):
        return known
    found = _by_person.first(person=person.pk)
    if found is None:
        return _new(person, default_nickname(person))
    found.person = person
    return found


def count(person: Person, answer: Mapping[str, Any]) -> None:
    """Adds one game to what the person has achieved; call it where the person is locked.

    Args:
        person: Whose game it was.
        answer: As it is kept.
    """
    player = player_of(person)
    standing = standing_of(player)
    standing.add(answer)
    _write(player, standing)


def recount(person: Person) -> None:
    """Counts all the person's games anew; call it where the person is locked.

    A bonus stays what the player was told: only the streak follows the games that are theirs now.

    Args:
        person: Whose.
    """
    standing = Standing()
    for answer in _answers(person.pk):
        standing.add(answer)
    player = player_of(person)
    if standing.games or not player._state.adding:
        _write(player, standing)


def merged(guest: Person, account: Person) -> None:
    """Counts both anew after a guest's games have moved to an account; lock both before.

    An account that has no nickname yet goes on with the guest's.

    Args:
        guest: Keeps only what collided with the account's own.
        account: Who they are.
    """
    theirs = Player.objects.filter(person=guest).first()
    if theirs is None:
        return
    theirs.delete()
    if not Player.objects.filter(person=account).exists():
        _new(account, theirs.nickname).save()
    recount(account)
    recount(guest)


def rename(person: Person, typed: str) -> Player:
    """The person's row under a nickname of their choice.

    Args:
        person: Whose.
        typed: What they typed.

    Raises:
        RequestError: 422 ``name`` or 409 ``taken``; 401: they have been deleted in the meantime.
    """

    def work(_patient: bool) -> Player:
        locked = lock_person(person)
        player = player_of(locked)
        player.nickname = check_nickname(locked, typed)
        player.nickname_key = name_key(player.nickname)
        player.save()
        return player

    return in_transaction(work)


def _new(person: Person, nickname: str) -> Player:
    return Player(person=person, nickname=nickname, nickname_key=name_key(nickname))


def _answers(person: UUID) -> Iterable[Mapping[str, Any]]:
    """The person's games that are over, in the order in which they ended."""
    # Told by their time: by their state SQLite would look through everybody's games.
    rows = Assignment.objects.filter(task=TASK, person=person, answered_at__isnull=False)
    answers = rows.order_by("answered_at", "pk").values_list("answer", flat=True)
    return cast("Iterable[Mapping[str, Any]]", answers)


def _write(player: Player, standing: Standing) -> None:
    for name, value in vars(standing).items():
        setattr(player, name, value)
    if player._state.adding:
        player.save(force_insert=True)
    else:
        save_fields(player, *_COUNTED)
