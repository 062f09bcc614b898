"""How the game goes: outcomes and hints by map, player and layer, and hints against weight.

Methods 12 (Deep Reveal analytics). People whose control game was not won are left out, as they
are in the analysis (thesis, section 5.1.3), and so are excluded people and the control games.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from netgloss.answers.rules import STEPS, Outcome
from netgloss.server.organise.finished import finished
from netgloss.server.pictures import Picture, item_address
from netgloss.server.play.controls import depths
from netgloss.server.play.models import Player
from netgloss.server.tasks.models import ANSWERED, Assignment, Item, Task

if TYPE_CHECKING:
    from netgloss.server.people.models import Person

__all__ = [
    "ENDS",
    "OUTCOMES",
    "Tally",
    "by_item",
    "counting",
    "left_out",
    "play_figures",
    "standings",
    "summed",
]

_MOST_PLAYERS = 50
_BINS = 8
ENDS = {"won": Outcome.WIN, "lost": Outcome.LOSS, "resigned": Outcome.RESIGN}
"""What games that ended so are called where they are counted."""

OUTCOMES = {name: Count("pk", Q(answer__outcome=ended.value)) for name, ended in ENDS.items()}
"""Counts of games by how they ended, to annotate assignments with."""

_HINTS = {f"after_{hints}": Count("pk", Q(answer__hints=hints)) for hints in range(STEPS)}


@dataclass
class Tally:
    """Games counted: how they ended, and how many were guessed after so many hints.

    Example:
        >>> tally = Tally({"won": 2, "lost": 1, "resigned": 0}, [1, 0, 2, 0, 0, 0])
        >>> tally.games, tally.told()["hints_mean"]
        (3, 1.3333)
    """

    outcomes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ENDS, 0))
    hints: list[int] = field(default_factory=lambda: [0] * STEPS)

    @property
    def games(self) -> int:
        """How many there were."""
        return sum(self.hints)

    def add(self, other: Tally) -> None:
        """Counts the other's games too."""
        for name, number in other.outcomes.items():
            self.outcomes[name] += number
        self.hints = [mine + more for mine, more in zip(self.hints, other.hints, strict=True)]

    def told(self) -> dict[str, Any]:
        """``games``, ``won``, ``lost``, ``resigned``, and ``hints_mean`` (None without games)."""
        used = sum(hints * games for hints, games in enumerate(self.hints))
        mean = round(used / self.games, 4) if self.games else None
        return {"games": self.games, **self.outcomes, "hints_mean": mean}


def play_figures(task: Task, after: int, limit: int) -> dict[str, Any]:
    """What came of the games, by map, layer and player.

    Args:
        task: The task ``play``.
        after: ``next`` of the page of maps before; 0 for the first.
        limit: Maps on the page, at most.

    Returns:
        ``games``, ``won``, ``lost``, ``resigned``, ``hints_mean``; ``left_out`` (players who did
        not win a control game, and their other games); ``layers``, a row each, shallow ones first;
        ``weights`` (``spearman`` of hints and weight, None where it cannot be told, and ``bins``);
        ``maps`` (``rows`` and ``next``); ``players``, the 50 with most games.

    Raises:
        StudyError: The study's table of layers cannot be read.
    """
    counted, maps = by_item(counting(task)), list(_maps(task))
    total = _sum(counted.values())
    return {
        **total.told(),
        "left_out": left_out(task),
        "layers": _layers(maps, counted, depths(task.method)),
        "weights": _weights(maps, counted),
        "maps": _page(task, counted, after, limit),
        "players": _players(task),
    }


def counting(task: Task) -> QuerySet[Assignment]:
    """The games that count: not those of excluded people or of people who failed a control."""
    return finished(task).exclude(person__in=_failed(task))


def left_out(task: Task) -> dict[str, int]:
    """How many people failed a control, and how many other games of theirs are left out."""
    games = finished(task).filter(person__in=_failed(task))
    return games.aggregate(players=Count("person", distinct=True), games=Count("pk"))


def summed(games: QuerySet[Assignment]) -> Tally:
    """All of these games, counted in the database."""
    return _tally(games.aggregate(**OUTCOMES, **_HINTS))


def by_item(games: QuerySet[Assignment]) -> dict[int, Tally]:
    """The games of each item that has any, by the item's key."""
    rows = games.order_by().values("item").annotate(**OUTCOMES, **_HINTS)
    return {row["item"]: _tally(row) for row in cast("Iterable[Mapping[str, Any]]", rows)}


def standings(persons: Sequence[Person]) -> dict[UUID, dict[str, Any]]:
    """Nickname, score and games of those of the people who have played, by their keys.

    Args:
        persons: People.
    """
    players = Player.objects.filter(person__in=persons, games__gt=0)
    return {player.person_id: _standing(player) for player in players}


def _failed(task: Task) -> QuerySet[Assignment, Any]:
    """The keys of those who did not win a control game; looked up once, not for each game."""
    lost = Assignment.objects.filter(task=task, state=ANSWERED, control=True, passed=False)
    return lost.order_by().values("person")


def _tally(row: Mapping[str, Any]) -> Tally:
    return Tally({name: row[name] for name in ENDS}, [row[name] for name in _HINTS])


def _sum(tallies: Iterable[Tally]) -> Tally:
    total = Tally()
    for tally in tallies:
        total.add(tally)
    return total


def _maps(task: Task) -> Iterable[tuple[int, str, float]]:
    """Key, layer and weight of every map, those that nobody is asked about any more as well."""
    items = Item.objects.filter(task=task).order_by("pk")
    return items.values_list("pk", "layer", "weight").iterator()


def _layers(
    maps: Sequence[tuple[int, str, float]],
    counted: Mapping[int, Tally],
    depth: Mapping[str, int],
) -> list[dict[str, Any]]:
    """A row a layer."""
    weights: dict[str, list[float]] = {}
    tallies: dict[str, Tally] = {}
    for key, layer, weight in maps:
        weights.setdefault(layer, []).append(weight)
        tallies.setdefault(layer, Tally()).add(counted.get(key, Tally()))
    rows = [
        {
            "layer": layer,
            "maps": len(weights[layer]),
            "weight_mean": round(sum(weights[layer]) / len(weights[layer]), 4),
            **tally.told(),
        }
        for layer, tally in tallies.items()
    ]
    return sorted(rows, key=lambda row: (depth.get(row["layer"], -1), row["layer"]))


def _weights(
    maps: Sequence[tuple[int, str, float]], counted: Mapping[int, Tally]
) -> dict[str, Any]:
    """Hints against weight: their rank correlation over games, and a row an eighth of the maps."""
    import numpy as np

    played = sorted((weight, key) for key, _, weight in maps if key in counted)
    if not played:
        return {"spearman": None, "bins": []}
    tallies = [counted[key] for _, key in played]
    weights = np.repeat([weight for weight, _ in played], [tally.games for tally in tallies])
    hints = np.concatenate([np.repeat(np.arange(STEPS), tally.hints) for tally in tallies])
    parts = min(_BINS, len(played))
    cuts = [round(part * len(played) / parts) for part in range(parts + 1)]
    bins = [
        _bin([weight for weight, _ in played[start:end]], _sum(tallies[start:end]))
        for start, end in pairwise(cuts)
    ]
    return {"spearman": _spearman(weights, hints), "bins": bins}


def _bin(weights: Sequence[float], tally: Tally) -> dict[str, Any]:
    """A box of the chart: maps of neighbouring weights, and the quartiles of the hints."""
    import numpy as np

    hints = np.repeat(np.arange(STEPS), tally.hints)
    low, middle, high = np.quantile(hints, (0.25, 0.5, 0.75)).tolist()
    return {
        "low": round(weights[0], 4),
        "high": round(weights[-1], 4),
        "maps": len(weights),
        **tally.told(),
        "hints_quartiles": [low, middle, high],
    }


def _spearman(one: Any, other: Any) -> float | None:
    """Pearson's correlation of the ranks, ties at their mean; None where one is constant."""
    import numpy as np
    import pandas as pd

    ranks = [pd.Series(values).rank().to_numpy() for values in (one, other)]
    if any(np.ptp(values) == 0 for values in ranks):
        return None
    return round(float(np.corrcoef(*ranks)[0, 1]), 4)


def _page(task: Task, counted: Mapping[int, Tally], after: int, limit: int) -> dict[str, Any]:
    """A page of maps, in the order in which they came."""
    items = Item.objects.filter(task=task, pk__gt=after).order_by("pk")
    page = list(items[: limit + 1])
    return {
        "rows": [_map(item, counted.get(item.pk, Tally())) for item in page[:limit]],
        "next": page[limit - 1].pk if len(page) > limit else None,
    }


def _map(item: Item, tally: Tally) -> dict[str, Any]:
    return {
        "id": item.pk,
        "image": item.image,
        "picture": item_address(Picture.THUMBNAIL, item.pk),
        "layer": item.layer,
        "weight": round(item.weight, 4),
        "control": item.expected is not None,
        "retired": item.retired,
        **tally.told(),
    }


def _players(task: Task) -> list[dict[str, Any]]:
    """The players with most games, those who are left out among them, with the reason."""
    best = Player.objects.filter(games__gt=0).select_related("person")
    best = best.order_by("-games", "-score", "person")[:_MOST_PLAYERS]
    passed = _controls(task, [player.person for player in best])
    return [
        {
            "id": player.person_id,
            "pseudonym": player.person.pseudonym,
            **_standing(player),
            "control": passed.get(player.person_id),
            "excluded": player.person.excluded_at is not None,
        }
        for player in best
    ]


def _standing(player: Player) -> dict[str, Any]:
    return {
        "nickname": player.nickname,
        "score": player.score,
        "games": player.games,
        "won": player.won,
        "lost": player.lost,
        "resigned": player.resigned,
        "hints_mean": round(player.hints / player.games, 4) if player.games else None,
    }


def _controls(task: Task, persons: Sequence[Person]) -> dict[UUID, bool]:
    """Whether each of these people won all their control games; who has had none is missing."""
    rows = Assignment.objects.filter(
        task=task, person__in=persons, state=ANSWERED, control=True, passed__isnull=False
    )
    failed = rows.order_by().values("person").annotate(failed=Count("pk", Q(passed=False)))
    return {row["person"]: not row["failed"] for row in failed}
