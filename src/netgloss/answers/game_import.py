"""Reads games from a CSV, JSON or Parquet file, all of them or none (thesis, section 4.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from netgloss.answers.fitting import find_images
from netgloss.answers.format import answer_id
from netgloss.answers.game_files import file_kind
from netgloss.answers.games import Game
from netgloss.answers.reading import Findings, listed, number, quote, read_json, split_tags, text
from netgloss.answers.rules import outcome, points
from netgloss.errors import DataError
from netgloss.progress import Tracker, untracked
from netgloss.store.tables import read_csv_rows

__all__ = ["ImportedGames", "read_game_file"]

_NEEDED = ("person", "image", "evidence", "target")
_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True)
class ImportedGames:
    """What a file holds: its games, and what a person should know about what was left out."""

    games: tuple[Game, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Draft:
    """A game before its image is known to the study."""

    where: str
    record: Mapping[str, Any]

    @property
    def names(self) -> tuple[str, ...]:
        return (self.record["image"],)


def read_game_file(
    path: Path,
    images: pd.DataFrame,
    evidence: Mapping[str, str],
    *,
    skip_unknown: bool = False,
    track: Tracker = untracked,
) -> ImportedGames:
    """The games of a file, as :func:`~netgloss.answers.game_files.write_games` writes it.

    Only ``person``, ``image``, ``evidence`` and ``target`` are needed; ``outcome`` and ``points``
    follow from the guess, the truth and the hints where they are missing.

    Args:
        path: The file; its ending says which kind it is.
        images: The study's images: ``image``.
        evidence: The image of each heat map that the study has. Games about maps of a method that
            it has none of are taken as they are, and counted.
        skip_unknown: Leave out games about images or heat maps that the study does not have.
        track: Shows how far the reading is.

    Raises:
        DataError: The ending says nothing, or anything in the file is malformed; every fault is
            listed by its line or number.
    """
    findings, drafts = Findings(path), []
    found = _records(path)
    for where, record in track(found, total=len(found), what="reading games"):
        with findings.at(where):
            drafts.append(_Draft(where, _checked(record)))
    places = find_images(drafts, images, findings, skip_unknown=skip_unknown)
    known = [
        (draft, image) for draft, image in zip(drafts, places, strict=True) if image is not None
    ]
    known = _with_evidence(known, evidence, findings, skip_unknown=skip_unknown)
    games: dict[str, tuple[str, Game]] = {}
    for draft, image in known:
        with findings.at(draft.where):
            _take(games, _game(draft.record, image, path.name), draft.where, findings)
    findings.check()
    return ImportedGames(tuple(game for _, game in games.values()), findings.notes)


def _records(path: Path) -> Sequence[tuple[str, Mapping[str, Any]]]:
    """What stands in the file, a record a game, each with its place."""
    kind = file_kind(path)
    if kind == "csv":
        return _csv_records(path)
    found = read_json(path) if kind == "json" else _parquet_records(path)
    if not isinstance(found, list):
        raise DataError(f"{path}: a list of games was expected")
    return [(f"game {number}", record) for number, record in enumerate(found, 1)]


def _csv_records(path: Path) -> list[tuple[str, Mapping[str, Any]]]:
    lines = [{name.casefold(): cell for name, cell in line.items()} for line in read_csv_rows(path)]
    missing = [quote(name) for name in _NEEDED if lines and name not in lines[0]]
    if missing:
        raise DataError(
            f"{path}: the header lacks {', '.join(missing)}; "
            f"its columns are {', '.join(name for name in lines[0] if name != '#')}"
        )
    return [
        (f"line {line['#']}", {**line, "tags": split_tags(line.get("tags", ""))}) for line in lines
    ]


def _parquet_records(path: Path) -> list[Any]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        found: list[Any] = parquet.read_table(path).to_pylist()
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise DataError(f"{path}: not a whole Parquet file ({reason}); export it again") from error
    return found


def _checked(record: Any) -> dict[str, Any]:
    """The record's values, each of its kind; what is empty is None."""
    if not isinstance(record, Mapping):
        raise DataError(f"{quote(record)} is not an object")
    tags = record.get("tags") or ()
    if not isinstance(tags, list | tuple):
        raise DataError(f"tags {quote(tags)} is not a list")
    seconds = record.get("seconds")
    return {
        **{name: text(record.get(name), name, needed=True) for name in _NEEDED},
        **{name: text(record.get(name), name).strip() or None for name in ("truth", "guess")},
        **{name: text(record.get(name), name) for name in ("answer", "outcome", "source")},
        "hints": _whole(record.get("hints"), "hints") or 0,
        "points": _whole(record.get("points"), "points"),
        "tags": tuple(text(tag, "tag") for tag in tags),
        "seconds": None if seconds in (None, "") else number(seconds, "seconds", least=0),
        "control": bool(_flag(record.get("control"), "control")),
        "passed": _flag(record.get("passed"), "passed"),
    }


def _whole(value: object, what: str) -> int | None:
    if value in (None, ""):
        return None
    found = number(value, what, least=0)
    if not found.is_integer():
        raise DataError(f"{what} {quote(value)} is not a whole number")
    return int(found)


def _flag(value: object, what: str) -> bool | None:
    """A truth value, also as people and spreadsheets write it."""
    if value is None or isinstance(value, bool):
        return value
    said = str(value).strip().casefold()
    if said and said not in _TRUTHS:
        raise DataError(f"{what} {quote(value)} is neither true nor false")
    return _TRUTHS[said] if said else None


def _with_evidence(
    known: Sequence[tuple[_Draft, str]],
    evidence: Mapping[str, str],
    findings: Findings,
    *,
    skip_unknown: bool,
) -> list[tuple[_Draft, str]]:
    """The games whose heat map the study has, made for the image that they name."""
    found, missing, methods = [], [], set(map(_method, evidence))
    for draft, image in known:
        name = draft.record["evidence"]
        if name in evidence:
            with findings.at(draft.where):
                _check_image(name, evidence[name], image)
        elif _method(name) in methods:
            missing.append(f"{quote(name)} ({draft.where})")
            continue
        else:
            findings.note("games about heat maps of a method that the study has none of")
        found.append((draft, image))
    if missing and skip_unknown:
        findings.note("games left out, their heat maps are not in the study", len(missing))
    elif missing:
        findings.problems.append(
            f"heat maps that are not in the study: {listed(missing, ', ')} "
            "(leave their games out with --skip-unknown)"
        )
    return found


def _method(evidence: str) -> str:
    return evidence.partition("/")[0]


def _check_image(evidence: str, its: str, image: str) -> None:
    if its != image:
        raise DataError(
            f"the heat map {quote(evidence)} belongs to {quote(its)}, not to {quote(image)}"
        )


def _game(record: Mapping[str, Any], image: str, file: str) -> Game:
    """The game; what is not told of its end follows from the rules."""
    truth, guess = record["truth"], record["guess"]
    ended = record["outcome"] or outcome(guess, truth or record["target"])
    earned = record["points"]
    if earned is None:
        earned = points(ended == "win", record["hints"], bool(record["tags"]))
    name = record["answer"] or answer_id("game", record["person"], record["evidence"])
    return Game(
        **{
            **record,
            "image": image,
            "answer": name,
            "outcome": ended,
            "points": earned,
            "source": record["source"] or file,
        }
    )


def _take(games: dict[str, tuple[str, Game]], game: Game, where: str, findings: Findings) -> None:
    """Keeps a game once; a repetition that differs is a fault."""
    first, earlier = games.setdefault(game.answer, (where, game))
    if earlier != game:
        raise DataError(
            f"the game of {quote(game.person)} about {quote(game.image)} stands already at "
            f"{first} and differs"
        )
    if first != where:
        findings.note("repeated games left out")
