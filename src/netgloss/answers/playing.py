"""Games of Deep Reveal played by simulated people, without a server.

The rules are those of methods 7: nobody plays two maps of one image, the third game is a control
match, and each map is played by the same number of people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np

from netgloss.answers.format import answer_id
from netgloss.answers.games import Game
from netgloss.answers.knowledge import Knowledge
from netgloss.answers.players import Player, Sitting
from netgloss.answers.populations import Population, dice
from netgloss.answers.rules import OPTIONS, Outcome, draw_options, outcome, points, streak_bonus
from netgloss.answers.seeing import Sight
from netgloss.errors import DataError

__all__ = ["Played", "Riddle", "deal", "play", "play_one"]

_SOURCE = "simulated players"
_CONTROL_AT = 2  # the third game


@dataclass(frozen=True, eq=False)
class Riddle:
    """One cluster map as a game.

    Args:
        evidence: Its identifier.
        image: The image's identifier.
        target: The class that the map was made for.
        truth: The image's class; None where nobody knows it.
        sights: What can be made out at each step, from
            :func:`netgloss.answers.seeing.uncover`.
        things: How many things are in the image.
    """

    evidence: str
    image: str
    target: str
    truth: str | None
    sights: Sequence[Sequence[Sight]]
    things: int

    @property
    def answer(self) -> str:
        """The class to name."""
        return self.truth or self.target


@dataclass(frozen=True)
class Played:
    """What one player did in one game.

    Args:
        guess: The class they named; None where they resigned.
        hints: How often they asked for more.
        tags: What they said they recognised.
        seconds: How long it took.
    """

    guess: str | None
    hints: int
    tags: tuple[str, ...]
    seconds: float


def play_one(sitting: Sitting, sights: Sequence[Sequence[Sight]]) -> Played:
    """How a game goes.

    Args:
        sitting: The player at this game.
        sights: What can be made out at each of the six steps.
    """
    hints = 0
    while (move := sitting.move(sights[hints], hints)).action == "hint":
        hints += 1
    tags = () if move.guess is None else sitting.tags(sights[hints], move.guess)
    return Played(move.guess, hints, tags, sitting.seconds(hints, len(tags)))


def play(
    riddles: Sequence[Riddle],
    knowledge: Knowledge,
    population: Population,
    *,
    classes: Collection[str] = (),
    control: str = "",
    seed: int = 0,
) -> list[Game]:
    """The games that a population plays, person by person in the order in which they play them.

    Args:
        riddles: The maps.
        knowledge: What all people know of the classes.
        population: Who plays; ``size`` people each map out of its ``pool``.
        classes: To choose from, six at most of which the right one is one; those of the
            knowledge by default.
        control: The evidence that everybody plays as their third game; other maps of its image
            are left out. None when empty.
        seed: Of everything random.

    Raises:
        DataError: There are too few people, or the control is none of the maps.

    Source:
        Thesis, section 4.4; methods 7.
    """
    tested = _control(riddles, control)
    if tested is not None:
        riddles = [one for one in riddles if one.image != tested.image]
    games: list[Game] = []
    for person, own in deal(riddles, population, seed).items():
        player = Player(person, population, knowledge, seed)
        order = [*own[:_CONTROL_AT], *([tested] if tested else []), *own[_CONTROL_AT:]]
        games += _games(player, order, tuple(classes) or knowledge.classes, tested)
    return games


def deal(
    riddles: Iterable[Riddle], population: Population, seed: int = 0
) -> dict[str, list[Riddle]]:
    """Person to the maps they play, in their order; nobody gets two of one image.

    Each image goes to those who have had the fewest so far.

    Args:
        riddles: The maps.
        population: ``size`` people play each.
        seed: Of the choice among equals and of each person's order.

    Raises:
        DataError: An image has more maps than there are people for.
    """
    of_image: dict[str, list[Riddle]] = defaultdict(list)
    for riddle in riddles:
        of_image[riddle.image].append(riddle)
    people, rng = population.people(), dice(seed, population.name, "games")
    dealt: dict[str, list[Riddle]] = {person: [] for person in people}
    for image, own in of_image.items():
        needed = population.size * len(own)
        if needed > len(people):
            raise DataError(
                f"image '{image}': its {len(own)} maps need {needed} people, since nobody plays "
                f"two of one image; population '{population.name}' has {len(people)}, give it a "
                "larger pool"
            )
        queue = sorted(rng.permutation(people).tolist(), key=lambda one: len(dealt[one]))
        # In any order: else those with the fewest games would always have the first map.
        for place, person in enumerate(rng.permutation(queue[:needed]).tolist()):
            dealt[person].append(own[place % len(own)])
    return {person: _shuffled(own, dice(seed, person, "order")) for person, own in dealt.items()}


def _games(
    player: Player, order: Sequence[Riddle], classes: Collection[str], tested: Riddle | None
) -> list[Game]:
    """One person's games."""
    games, streak = [], 0
    for riddle in order:
        options = _options(riddle, classes, dice(player.seed, player.person, riddle.image))
        sitting = player.sit(riddle.image, options, riddle.things)
        done = play_one(sitting, riddle.sights)
        how = outcome(done.guess, riddle.answer)
        streak = streak + 1 if how == Outcome.WIN else 0
        games.append(_game(player, riddle, done, streak, control=riddle is tested))
    return games


def _game(player: Player, riddle: Riddle, done: Played, streak: int, *, control: bool) -> Game:
    how = outcome(done.guess, riddle.answer)
    won = how == Outcome.WIN
    return Game(
        answer=answer_id("simulated game", str(player.seed), player.person, riddle.evidence),
        person=player.person,
        image=riddle.image,
        evidence=riddle.evidence,
        target=riddle.target,
        truth=riddle.truth,
        guess=done.guess,
        outcome=how,
        hints=done.hints,
        points=points(won, done.hints, bool(done.tags)) + streak_bonus(streak),
        tags=done.tags,
        seconds=done.seconds,
        control=control,
        passed=won if control else None,
        source=_SOURCE,
    )


def _control(riddles: Sequence[Riddle], control: str) -> Riddle | None:
    if not control:
        return None
    found = next((one for one in riddles if one.evidence == control), None)
    if found is None:
        raise DataError(f"control '{control}': none of the maps; name one that is played")
    return found


def _options(riddle: Riddle, classes: Collection[str], rng: np.random.Generator) -> list[str]:
    """The classes to choose from, drawn as the server draws them."""
    seed = int(rng.integers(2**62))
    dealer = Random(seed)  # noqa: S311 - the dice of a game, which guard no secret
    return draw_options(riddle.answer, riddle.target, classes, OPTIONS, dealer)


def _shuffled(riddles: list[Riddle], rng: np.random.Generator) -> list[Riddle]:
    return [riddles[place] for place in rng.permutation(len(riddles)).tolist()]
