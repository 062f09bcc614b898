"""Games of Deep Reveal in the answer format: as objects and as one table (thesis, section 4.4)."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from netgloss.answers.format import Merge
from netgloss.answers.reading import number, quote
from netgloss.answers.rules import MOST_HINTS, Outcome
from netgloss.errors import DataError
from netgloss.store.locks import writing
from netgloss.store.tables import read_table, write_table

__all__ = [
    "SCHEMA",
    "Game",
    "GameFiltering",
    "filter_games",
    "from_frame",
    "merge_games",
    "read_games",
    "to_frame",
]

_KINDS = {
    "answer": "string",
    "person": "string",
    "image": "string",
    "evidence": "string",
    "target": "string",
    "truth": "string",
    "guess": "string",
    "outcome": "string",
    "hints": "Int32",
    "points": "Int32",
    "tags": "object",
    "seconds": "float64",
    "control": "bool",
    "passed": "boolean",
    "source": "string",
}
_STORED = {
    "string": pa.string(),
    "Int32": pa.int32(),
    "object": pa.list_(pa.string()),
    "float64": pa.float64(),
    "bool": pa.bool_(),
    "boolean": pa.bool_(),
}
SCHEMA = pa.schema([(name, _STORED[kind]) for name, kind in _KINDS.items()])
"""The columns of ``games.parquet`` and of an exported Parquet file."""

_MOST_POINTS = 2**31 - 1  # what the column holds


@dataclass(frozen=True)
class Game:
    """One cluster map, uncovered step by step to one person, who guessed and said what they saw.

    Args:
        answer: Stable identifier; see :func:`netgloss.answers.format.answer_id`.
        person: Who played.
        image: The image's identifier in the study.
        evidence: The heat map that was uncovered, for example ``anv/000012``.
        target: The class that the heat map was made for.
        truth: The image's true class; None where nobody knows it.
        guess: The class that the person named; None where they resigned.
        outcome: ``win``, ``loss`` or ``resign``.
        hints: Asked for before the guess, 0 to 5.
        points: What the game brought, bonuses included.
        tags: What the person said they recognised, as typed; blank ones are dropped.
        seconds: Time spent on the game; None where nobody took it.
        control: Whether it was played to see if the person pays attention.
        passed: Whether they did; None in any other game.
        source: Name of the file or program it came from.

    Raises:
        DataError: A text that is needed is empty, a number is out of its range, or guess and
            outcome contradict each other.

    Example:
        >>> game = Game("1", "ann", "a.png", "anv/000003", "tench", None, "tench", "win", 2, 225,
        ...     ("green scales", " "))
        >>> game.outcome, game.tags
        (<Outcome.WIN: 'win'>, ('green scales',))
    """

    answer: str
    person: str
    image: str
    evidence: str
    target: str
    truth: str | None
    guess: str | None
    outcome: Outcome | str
    hints: int
    points: int
    tags: tuple[str, ...] = ()
    seconds: float | None = None
    control: bool = False
    passed: bool | None = None
    source: str = ""

    def __post_init__(self) -> None:
        for name in ("answer", "person", "image", "evidence", "target"):
            if not getattr(self, name):
                raise DataError(f"a game needs its {name}; this one has none")
        self._check_numbers()
        object.__setattr__(self, "outcome", self._ended())
        object.__setattr__(self, "tags", tuple(tag for tag in self.tags if tag.strip()))
        if self.passed is not None and not self.control:
            raise DataError("only a control game is passed or not; leave passed empty in others")

    @property
    def right(self) -> bool:
        """Whether the guess names the class that the heat map was made for (quarter rule)."""
        return self.guess == self.target

    def _check_numbers(self) -> None:
        if not 0 <= self.hints <= MOST_HINTS:
            raise DataError(f"a game has 0 to {MOST_HINTS} hints, not {self.hints}")
        if not 0 <= self.points <= _MOST_POINTS:
            raise DataError(f"points {self.points} are none; 0 or more are needed")
        if self.seconds is not None and not 0 <= self.seconds < math.inf:
            raise DataError(f"seconds {self.seconds} are no time; a number from 0 on is needed")

    def _ended(self) -> Outcome:
        """The outcome, which is a resignation exactly where there is no guess."""
        known = [one.value for one in Outcome]
        if self.outcome not in known:
            raise DataError(f"outcome {quote(self.outcome)} is none; there are {', '.join(known)}")
        if (self.outcome == Outcome.RESIGN) != (self.guess is None):
            said = "no guess" if self.guess is None else f"the guess {quote(self.guess)}"
            raise DataError(f"a game that ended as {str(self.outcome)!r} cannot have {said}")
        return Outcome(self.outcome)


@dataclass(frozen=True)
class GameFiltering:
    """What a filter did.

    Attributes:
        kept: Games that stay.
        controls: Control games left out.
        inattentive: People left out because they failed a control game.
        theirs: Their other games.
        too_fast: Games left out because they took fewer seconds than asked for.
    """

    kept: int
    controls: int
    inattentive: int
    theirs: int
    too_fast: int


def to_frame(games: Iterable[Game]) -> pd.DataFrame:
    """The games as the table of the study folder, a row a game.

    Example:
        >>> game = Game("1", "ann", "a.png", "anv/000003", "tench", None, None, "resign", 5, 0)
        >>> to_frame([game])[["person", "outcome", "hints"]].values.tolist()
        [['ann', 'resign', 5]]
    """
    return pd.DataFrame([_row(game) for game in games], columns=list(_KINDS)).astype(_KINDS)


def from_frame(games: pd.DataFrame) -> tuple[Game, ...]:
    """The rows of the table as objects, in their order.

    Args:
        games: With the columns of :data:`SCHEMA`.

    Raises:
        DataError: A row is no game.
    """
    plain = games[list(_KINDS)].astype(object)
    plain = plain.where(plain.notna(), None)
    return tuple(Game(**record) for record in map(_values, plain.to_dict("records")))


def read_games(study: Path) -> pd.DataFrame:
    """The study's games; an empty table while nobody has played.

    Args:
        study: The study folder.

    Returns:
        The columns of :class:`Game`; ``tags`` are lists, missing texts are NA, missing seconds
        are NaN.

    Raises:
        StudyError: The table is half-written or lacks a column.
    """
    place = _place(study)
    if not place.is_file():
        return to_frame([])
    games = read_table(place, list(_KINDS)).astype(_KINDS)
    games["tags"] = games["tags"].map(list)
    return games


def merge_games(study: Path, new: Sequence[Game], *, without: Collection[str] = ()) -> Merge:
    """Adds games to the study, replaces those that changed, and counts both.

    Games are told apart by their identifier. One that stands there already is left alone, also
    when only the name of its source differs, so importing the same file again changes nothing.
    The table is written whole or not at all.

    Args:
        study: The study folder.
        new: The games; of several with one identifier the last counts.
        without: Identifiers of games to take out; one that is also among ``new`` stays.

    Raises:
        StudyError: Another process is writing games, or the disk refuses.
    """
    latest = {game.answer: game for game in new}
    with writing(study, "games"):
        known = {game.answer: game for game in from_frame(read_games(study))}
        incoming = {
            name: game
            for name, game in latest.items()
            if name not in known or not _same(game, known[name])
        }
        gone = {name for name in without if name in known and name not in latest}
        if incoming or gone:
            kept = {name: game for name, game in known.items() if name not in gone}
            write_table(to_frame((kept | incoming).values()), _place(study), SCHEMA)
    changed = sum(name in known for name in incoming)
    return Merge(len(incoming) - changed, changed, len(latest) - len(incoming), len(gone))


def filter_games(
    games: pd.DataFrame, min_seconds: float = 0.0, *, controls: bool = False
) -> tuple[pd.DataFrame, GameFiltering]:
    """The games that count, and what was left out.

    Those are the games of people who failed no control game, without the control games
    themselves. A game without a time stays: nothing speaks against it.

    Args:
        games: As :func:`read_games` gives them.
        min_seconds: Least time of a game in seconds; 0 keeps all.
        controls: Keep the control games of those who passed them.

    Raises:
        DataError: ``min_seconds`` is negative or no number.

    Source:
        Thesis, section 5.1.3: who guessed wrongly on the test image is discarded.
    """
    least = number(min_seconds, "min_seconds", least=0)
    control = games["control"].to_numpy(dtype=bool)
    failed = games.loc[control & games["passed"].eq(False).fillna(False), "person"].unique()
    theirs = games["person"].isin(failed).to_numpy(dtype=bool)
    fast = (games["seconds"] < least).to_numpy(dtype=bool)
    dropped = control & (not controls)
    kept = games[~(theirs | dropped | fast)].reset_index(drop=True)
    report = GameFiltering(
        kept=len(kept),
        controls=int((control & (dropped | theirs)).sum()),
        inattentive=len(failed),
        theirs=int((theirs & ~control).sum()),
        too_fast=int((fast & ~theirs & ~dropped).sum()),
    )
    return kept, report


def _row(game: Game) -> tuple[Any, ...]:
    values = vars(game) | {"outcome": str(game.outcome), "tags": list(game.tags)}
    return tuple(values[name] for name in _KINDS)


def _values(record: Mapping[Any, Any]) -> dict[str, Any]:
    """A row's values as a game takes them."""
    plain = {str(name): value for name, value in record.items()}
    return {**plain, "tags": tuple(plain["tags"]), "hints": int(plain["hints"])}


def _same(one: Game, other: Game) -> bool:
    """Whether both say the same; the file's name is no part of it."""
    return {**vars(one), "source": ""} == {**vars(other), "source": ""}


def _place(study: Path) -> Path:
    return study / "answers" / "games.parquet"
