"""Writes games as a CSV for spreadsheets, as JSON or as Parquet; reading them gives them back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from netgloss.answers.games import SCHEMA, Game, from_frame, read_games
from netgloss.answers.parts import csv_file, in_blocks, json_list, parquet_file, write_parts
from netgloss.answers.reading import join_tags, quote
from netgloss.errors import DataError, StudyError

__all__ = ["GAME_FORMATS", "export_games", "file_kind", "stream_games", "write_games"]

_COLUMNS = tuple(SCHEMA.names)


def export_games(study: Path, path: Path, kind: str = "") -> int:
    """Writes all games of the study into one file and says how many they are.

    Importing the file gives the same games.

    Args:
        study: The study folder.
        path: The file to write.
        kind: A key of :data:`GAME_FORMATS`; as the path ends when empty.

    Raises:
        DataError: There is no such kind.
        StudyError: Nobody has played yet, or the file cannot be written.
    """
    games = from_frame(read_games(study))
    if not games:
        raise StudyError(
            f"{study}: has no games yet; those played on its server come in with: "
            f"netgloss export {study} answers"
        )
    write_games(kind or file_kind(path), games, path)
    return len(games)


def write_games(kind: str, games: Iterable[Game], path: Path) -> None:
    """Writes games into one file, whole or not at all.

    Args:
        kind: A key of :data:`GAME_FORMATS`.
        games: In the order in which they are to stand there.
        path: The file to write.

    Raises:
        DataError: There is no such kind.
        StudyError: The file cannot be written.
    """
    write_parts(stream_games(kind, games), path)


def stream_games(kind: str, games: Iterable[Game]) -> Iterator[bytes]:
    """The content of a file in parts, made while the games come; memory stays the same.

    Args:
        kind: A key of :data:`GAME_FORMATS`.
        games: In the order in which they are to stand there.

    Raises:
        DataError: There is no such kind.

    Example:
        >>> game = Game("1", "ann", "a.png", "anv/000003", "tench", None, "tench", "win", 2, 225,
        ...     ("green scales", "=fin"))
        >>> print(b"".join(stream_games("csv", [game])).decode().splitlines()[1])
        1,ann,a.png,anv/000003,tench,,tench,win,2,225,green scales; =fin,,false,,
    """
    if kind not in GAME_FORMATS:
        known = ", ".join(GAME_FORMATS)
        raise DataError(f"{quote(kind)} is no kind of file for games; there are {known}")
    return in_blocks(GAME_FORMATS[kind](games))


def _csv(games: Iterable[Game]) -> Iterator[bytes]:
    return csv_file(games, _table)


def _json(games: Iterable[Game]) -> Iterator[bytes]:
    return json_list(_record(game) for game in games)


def _parquet(games: Iterable[Game]) -> Iterator[bytes]:
    return parquet_file((_record(game) for game in games), SCHEMA)


GAME_FORMATS: Mapping[str, Callable[[Iterable[Game]], Iterator[bytes]]] = {
    "csv": _csv,
    "json": _json,
    "parquet": _parquet,
}
"""What makes each kind of file: its content in parts, from the games."""


def file_kind(path: Path) -> str:
    """The kind of file that the path's ending names, a key of :data:`GAME_FORMATS`.

    Args:
        path: The file, which need not be there.

    Raises:
        DataError: It names none.
    """
    ending = path.suffix.lower().removeprefix(".")
    if ending not in GAME_FORMATS:
        raise DataError(
            f"{path}: its ending tells no kind of file for games; name it .csv, .json or .parquet"
        )
    return ending


def _record(game: Game) -> dict[str, Any]:
    values = {name: getattr(game, name) for name in _COLUMNS}
    return {**values, "outcome": str(game.outcome), "tags": list(game.tags)}


def _table(games: list[Game]) -> pd.DataFrame:
    return pd.DataFrame([_cells(game) for game in games], columns=list(_COLUMNS))


def _cells(game: Game) -> dict[str, Any]:
    """A row of a CSV: texts that read back to the same values."""
    flags = {name: _flag_text(getattr(game, name)) for name in ("control", "passed")}
    return {**_record(game), "tags": join_tags(game.tags), **flags}


def _flag_text(flag: bool | None) -> str:
    return "" if flag is None else str(flag).lower()
