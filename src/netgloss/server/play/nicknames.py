"""Names on the leaderboard: chosen by the player, or made up from a digest that names nobody."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from django.utils.crypto import salted_hmac

from netgloss.server.errors import RequestError
from netgloss.server.people.models import Person
from netgloss.server.people.names import clean_name, name_key
from netgloss.server.play.models import Player
from netgloss.words.normalise import as_typed

__all__ = ["LONGEST_NICKNAME", "check_nickname", "default_nickname"]

LONGEST_NICKNAME = 24
"""Characters."""

_NUMBERS = 1000


def check_nickname(person: Person, typed: str) -> str:
    """The nickname as it is kept.

    What cannot be seen (zero-width letters, marks that turn the direction) is taken out.

    Args:
        person: Who wants it.
        typed: What they typed.

    Raises:
        RequestError: 422 ``name``: it is empty or too long, or mixes letters that look alike; 409
            ``taken``: somebody else's looks the same.
    """
    nickname = clean_name(as_typed(typed))
    if len(nickname) > LONGEST_NICKNAME:
        raise RequestError(422, "name", f"A nickname has 1 to {LONGEST_NICKNAME} characters.")
    if _is_taken(person, nickname):
        raise RequestError(409, "taken", "Somebody plays under this name already; choose another.")
    return nickname


def default_nickname(person: Person) -> str:
    """A nickname for somebody who has chosen none; always the same, and nobody else's.

    It is made from their pseudonym with the server's key, so that who knows the pseudonyms of an
    export does not learn from the leaderboard who is who.

    Args:
        person: Whose.
    """
    attempt = 0
    while _is_taken(person, made := _made_up(person, attempt)):
        attempt += 1
    return made


def _made_up(person: Person, attempt: int) -> str:
    digest = salted_hmac("netgloss.play.nickname", f"{person.pseudonym} {attempt}").digest()
    rest, number = divmod(int.from_bytes(digest), _NUMBERS)
    drawn = []
    for words in _words():
        rest, place = divmod(rest, len(words))
        drawn.append(words[place])
    return " ".join([*drawn, str(number)])


@cache
def _words() -> list[list[str]]:
    """The words that nicknames are made of: first how somebody is, then who."""
    text = (files("netgloss.server.play") / "nicknames.txt").read_text(encoding="utf-8")
    return [line.split() for line in text.splitlines()]


def _is_taken(person: Person, nickname: str) -> bool:
    others = Player.objects.exclude(person=person)
    return others.filter(nickname_key=name_key(nickname)).exists()
