"""A program's visit as a player of Deep Reveal: it sees a part of a picture and guesses.

It sees what the page shows and nothing else: which picture of the study that is a part of it tells
by the pixels, which are those of the picture, darkened where the mask fades.
"""

from __future__ import annotations

import io
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from netgloss.answers.seeing import as_shown, look
from netgloss.errors import DataError
from netgloss.server.client import Client, Refused
from netgloss.server.visiting import Wait, send, work_off

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from netgloss.answers.players import Player
    from netgloss.answers.seeing import Sight
    from netgloss.scenes.scene import Entity
    from netgloss.vision.images import Image

__all__ = ["PLAY", "Album", "Known", "Sent", "play_games"]

PLAY = "play"
"""The task's name."""
_COMPARED = 600  # pixels of an uncovered part, spread over all of it
# Of 255, on average. Rounding moves the right picture's pixels by 0.21 at most; in 240 uncovered
# parts the next best of 60 drawn pictures was never nearer than 0.50.
_ALIKE = 0.35


@dataclass(frozen=True, eq=False)
class Known:
    """A picture of the study as the game shows it.

    Args:
        image: Its identifier.
        pixels: Of the whole picture, shape (height, width, 3).
        things: What is in it.
    """

    image: str
    pixels: NDArray[np.uint8]
    things: Sequence[Entity]


@dataclass(frozen=True)
class Sent:
    """A game that the server has kept.

    Args:
        assignment: Its ``id``.
        image: What it was about.
        options: The classes to choose from, as they were shown.
        guess: The class that was named; None for who resigned.
        hints: How often more was asked for.
        tags: What was said to be recognised.
    """

    assignment: str
    image: str
    options: tuple[str, ...]
    guess: str | None
    hints: int
    tags: tuple[str, ...]


class Album:
    """Knows a study's pictures by any part of them.

    Args:
        images: The study's images.
        truth: What is in each.

    Raises:
        DataError: An image cannot be read, or there is none.
    """

    def __init__(self, images: Sequence[Image], truth: Mapping[str, Sequence[Entity]]) -> None:
        if not images:
            raise DataError("the study has no image that can be read, so there is nothing to play")
        of_shape: dict[tuple[int, ...], list[Known]] = defaultdict(list)
        for image in images:
            pixels, things = as_shown(image.pixels(), truth[image.image])
            of_shape[pixels.shape].append(Known(image.image, pixels, things))
        self._known = dict(of_shape)
        self._pixels = {
            shape: np.stack([one.pixels for one in known]).reshape(len(known), -1, 3)
            for shape, known in of_shape.items()
        }

    def recognise(self, picture: bytes) -> tuple[Known, NDArray[np.uint8]]:
        """The picture of which a part is shown, and what is shown, shape (height, width, 3).

        Args:
            picture: The content of a picture file from the server.

        Raises:
            DataError: Nothing is uncovered, or the study has no such picture.
        """
        from PIL import Image as Pillow

        seen = np.asarray(Pillow.open(io.BytesIO(picture)).convert("RGB"))
        known = self._known.get(seen.shape, [])
        lit = np.flatnonzero(seen.any(axis=2))
        if known and len(lit):
            apart = self._apart(seen, lit)
            nearest = int(apart.argmin())
            if apart[nearest] <= _ALIKE:
                return known[nearest], seen
        raise DataError(
            "the server shows a part of a picture that the study does not have; is it the server "
            "of another study?"
        )

    def _apart(self, seen: NDArray[np.uint8], lit: NDArray[np.int64]) -> NDArray[np.float64]:
        """How far each picture is from what is seen, if darkened as fits best, per channel."""
        some = lit[np.linspace(0, len(lit) - 1, min(_COMPARED, len(lit))).astype(np.int64)]
        part = seen.reshape(-1, 3)[some].astype(np.float64)
        whole = self._pixels[seen.shape][:, some]
        apart = np.full(len(whole), np.inf)
        # Nothing is brighter than in the whole picture: that alone rules most of them out.
        (able,) = np.nonzero((whole >= part).all(axis=(1, 2)))
        if len(able):
            candidates = whole[able].astype(np.float64)
            amount = part.sum(axis=1) / candidates.sum(axis=2)
            apart[able] = np.abs(candidates * amount[:, :, None] - part).mean(axis=(1, 2))
        return apart


def play_games(
    client: Client,
    album: Album,
    player: Player,
    games: int = 0,
    wait: Wait = time.sleep,
    rng: np.random.Generator | None = None,
) -> Iterator[Sent]:
    """Yields each game of a player once the server has kept it, until there is none left.

    Args:
        client: Somebody who has arrived and consented.
        album: Knows the pictures.
        player: Decides.
        games: The most they play; 0 for as many as there are.
        wait: Called with the seconds before a game may end.
        rng: Fills in the forms; None leaves them out.

    Raises:
        DataError: The server shows a picture that the album does not know.
        Refused: The server turned the player down.
        StudyError: The server does not answer.
    """
    return work_off(client, lambda one: _game(client, album, player, one, wait), games, PLAY, rng)


def _game(
    client: Client, album: Album, player: Player, assignment: dict[str, Any], wait: Wait
) -> Sent | None:
    """Plays one game; None where it has gone to somebody else meanwhile."""
    number = assignment["id"]
    try:
        pause = float(assignment["seconds_to_wait"])
        shown, tags, image = _to_the_end(client, album, player, number, assignment["shown"])
        wait(pause)
        guess = _guessed(shown)
        send(client, number, {"resign": True} if guess is None else {"tags": list(tags)}, wait)
    except Refused as fault:
        if fault.code == "gone":
            return None
        raise
    return Sent(number, image, tuple(shown["options"]), guess, int(shown["hints"]), tags)


def _to_the_end(
    client: Client, album: Album, player: Player, number: str, shown: dict[str, Any]
) -> tuple[dict[str, Any], tuple[str, ...], str]:
    """What is shown once the player has guessed or given up, the tags, and the image."""
    while True:
        known, sights = _seen(client, album, shown)
        sitting = player.sit(known.image, shown["options"], len(known.things))
        if shown["phase"] != "guess":  # guessed before, and only now come back to it
            break
        move = sitting.move(sights, int(shown["hints"]))
        if move.action == "resign":
            return shown, (), known.image
        if move.guess is None:
            shown = client.act(number, "hint")
        else:
            shown = client.act(number, "guess", {"option": shown["options"].index(move.guess)})
            break
    guess = _guessed(shown)
    assert guess is not None  # the two ways out of the loop
    return shown, sitting.tags(sights, guess), known.image


def _seen(client: Client, album: Album, shown: dict[str, Any]) -> tuple[Known, tuple[Sight, ...]]:
    """The picture and what can be made out of it."""
    known, part = album.recognise(client.fetch(shown["picture"]))
    return known, look(part, known.pixels, known.things)


def _guessed(shown: dict[str, Any]) -> str | None:
    return None if shown["guess"] is None else str(shown["options"][shown["guess"]])
