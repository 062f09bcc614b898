"""Simulated players of Deep Reveal: when they guess, what they guess, and what they say they saw.

A player sees what is uncovered and knows the classes from other pictures; the network, the planted
bias and what the map was made for never reach them. Methods 7 has the rules.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from netgloss.answers.habits import FILLERS, HASTE
from netgloss.answers.knowledge import FAINT, Clue, Knowledge
from netgloss.answers.populations import Population, dice
from netgloss.answers.rules import MOST_HINTS
from netgloss.answers.seeing import Sight
from netgloss.answers.simulate import Sighting, describe
from netgloss.errors import DataError

__all__ = ["Move", "Player", "Sitting"]

SURENESS = (0.7, 0.9)
"""How probable a class must be to a player before they name it; each has a bound of their own."""
LEANING = 0.1
"""At the end a class is named if it is more probable than chance by this much."""
GIVES_UP = 0.5
"""Share of the games in which a player who cannot tell at all resigns rather than tries."""
MORE_TAGS = 0.27
"""Share of the games in which two tags are given and not one: 9,968 raw labels in 7,838 games that
were guessed (thesis, Table 5)."""
TWO_WORDS = 0.21
"""Share of the tags that name a thing and a look of it and not what told alone: 12,082 labels in
9,968 raw ones (thesis, Tables 5 and 6)."""

_LOOK, _TAG = 0.05, 0.05  # of the time that it takes to describe a whole picture
_NOWHERE = (0, 0, 1, 1)  # a tag has no box
_SHAPE = (2, 2)


@dataclass(frozen=True)
class Move:
    """What a player does next.

    Args:
        action: ``hint`` asks for more, ``guess`` names a class, ``resign`` gives up.
        guess: The class that is named.
    """

    action: Literal["hint", "guess", "resign"]
    guess: str | None = None


class Player:
    """One person of a population.

    Args:
        person: Their name, one of ``population.people()``.
        population: Whose words, slips and habits they have.
        knowledge: What they know of the classes.
        seed: Of everything random; a game depends on nothing else than this, the person, the
            image, what of it shows and which classes are asked about.

    Raises:
        DataError: The seed is negative.
    """

    def __init__(
        self, person: str, population: Population, knowledge: Knowledge, seed: int = 0
    ) -> None:
        if seed < 0:
            raise DataError(f"seed {seed}: give a number of 0 or more")
        self.person, self.seed = person, seed
        self.population, self.knowledge = population, knowledge
        self.habit = population.habit(person, seed)
        low, high = SURENESS
        self.sure = low + (high - low) * float(dice(seed, person, "sureness").random())

    def sit(self, image: str, options: Iterable[str], things: int) -> Sitting:
        """A game about an image.

        Args:
            image: Of which nothing was known before.
            options: The classes to choose from, in any order.
            things: How many things are in the image.
        """
        return Sitting(self, image, tuple(sorted(options)), things)


class Sitting:
    """A player at one game; asked twice about the same, they say the same.

    Args:
        player: Who plays.
        image: What it is about.
        options: The classes to choose from, sorted.
        things: How many things are in the image.

    Raises:
        DataError: There is nothing to choose from.
    """

    def __init__(self, player: Player, image: str, options: Sequence[str], things: int) -> None:
        if not options:
            raise DataError(f"image '{image}': give at least one class to choose from")
        self._player, self._image, self._options = player, image, options
        # All dice are cast beforehand, so that nothing depends on how often a move is asked for.
        rng = dice(player.seed, player.person, image, "game")
        self._missed = rng.random(things) < player.population.miss
        self._any = options[int(rng.integers(len(options)))]
        self._gives_up = bool(rng.random() < GIVES_UP)
        self._tags = 1 + int(rng.random() < MORE_TAGS)
        self._pace = float(rng.lognormal(0, player.population.spread))

    def move(self, sights: Sequence[Sight], hints: int) -> Move:
        """What the player does next.

        Args:
            sights: What can be made out now.
            hints: How often they have asked for more, from 0 to 5.
        """
        if self._player.habit:
            first = self._player.habit == "copy-paste"
            return Move("guess", self._options[0] if first else self._any)
        belief = self.belief(sights)
        likeliest = max(belief, key=belief.__getitem__)
        if belief[likeliest] >= self._player.sure:
            return Move("guess", likeliest)
        if hints < MOST_HINTS:
            return Move("hint")
        if belief[likeliest] > 1 / len(belief) + LEANING:
            return Move("guess", likeliest)
        return Move("resign") if self._gives_up else Move("guess", self._any)

    def belief(self, sights: Sequence[Sight]) -> dict[str, float]:
        """How probable each class is to the player, who expected all of them alike.

        Args:
            sights: What can be made out now.

        Returns:
            Class to probability; they sum to 1.
        """
        evidence = dict.fromkeys(self._options, 0.0)
        # A sign that shows twice, as on two windows, is one sign.
        signs = {clue.sign: clue for clue in self._clues(self._noticed(sights)).values()}
        for clue in signs.values():
            if clue.strength >= FAINT:
                for label, value in clue.evidence.items():
                    evidence[label] += value
        most = max(evidence.values())
        weights = {label: math.exp(value - most) for label, value in evidence.items()}
        return {label: weight / sum(weights.values()) for label, weight in weights.items()}

    def tags(self, sights: Sequence[Sight], guess: str) -> tuple[str, ...]:
        """What the player says they recognised, as they type it.

        That is what spoke most for their guess, the more the larger it shows. Where nothing did,
        they say what is largest.

        Args:
            sights: What can be made out at the guess.
            guess: The class that they named.
        """
        rng = dice(self._player.seed, self._player.person, self._image, "tags")
        if self._player.habit:
            return self._careless(rng)
        noticed = self._noticed(sights)
        clues = self._clues(noticed)
        worth = {kind: _worth(clues[kind], guess, sight) for kind, sight in noticed.items()}
        telling = [kind for kind in noticed if worth[kind] > 0]
        ranked = sorted(telling, key=worth.__getitem__, reverse=True)
        ranked = ranked or sorted(noticed, key=lambda kind: noticed[kind].among, reverse=True)
        told = [(noticed[kind], clues[kind].sign[0]) for kind in ranked[: self._tags]]
        return tuple(dict.fromkeys(self._typed(sight, look, rng) for sight, look in told))

    def seconds(self, hints: int, tags: int) -> float:
        """How long the game took, to a tenth of a second.

        Args:
            hints: How often they asked for more.
            tags: How many tags they gave.
        """
        habit = self._player.habit
        median = self._player.population.seconds * (_LOOK * (1 + hints) + _TAG * tags)
        return max(round(median * (HASTE[habit] if habit else 1.0) * self._pace, 1), 0.1)

    def _noticed(self, sights: Sequence[Sight]) -> dict[str, Sight]:
        """Each kind of thing that was not passed over, by the one that shows most."""
        found: dict[str, Sight] = {}
        for sight in sights:
            kind = sight.entity.name
            if not self._missed[sight.place] and (
                kind not in found or sight.among > found[kind].among
            ):
                found[kind] = sight
        return found

    def _clues(self, noticed: Mapping[str, Sight]) -> dict[str, Clue]:
        known, image = self._player.knowledge, self._image
        return {
            kind: known.clue(sight.entity, self._options, without=image)
            for kind, sight in noticed.items()
        }

    def _typed(self, sight: Sight, look: str, rng: np.random.Generator) -> str:
        """The thing, or the look of it that told, as this person types it; at times both."""
        looks, both = sight.entity.attributes, bool(rng.random() < TWO_WORDS)
        if both and looks and not look:
            look = looks[int(rng.integers(len(looks)))]
        named = replace(sight.entity, attributes=(look,) if look else ())
        # What they pass over is settled, and a tag has no box. Who says what told says it.
        words = replace(self._player.population, miss=0.0, drop_attribute=0.0, sloppiness=0.0)
        (box,) = describe([Sighting(named, _NOWHERE)], words, _SHAPE, rng)
        if not look:
            return box.type
        return " ".join((*box.attributes, box.type) if both else box.attributes)

    def _careless(self, rng: np.random.Generator) -> tuple[str, ...]:
        """Words of somebody who is not serious."""
        if self._player.habit == "too fast":
            return ()
        if self._player.habit == "copy-paste":
            rng = dice(self._player.seed, self._player.person)
        return (FILLERS[int(rng.integers(len(FILLERS)))],)


def _worth(clue: Clue, guess: str, sight: Sight) -> float:
    """How much a thing spoke for the guess; 0 where it did not."""
    gain = clue.gain(guess)
    return gain * sight.among if gain >= FAINT else 0.0
