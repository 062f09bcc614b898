"""What a study has published: ``.netgloss/mturk.json``, the sandbox and the real market apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from netgloss.errors import StudyError
from netgloss.store.atomic import write_text
from netgloss.store.locks import writing

__all__ = ["Hit", "changing", "keep", "read_hits", "require_hits"]

_SCHEMA = 1


def _token() -> str:
    return uuid4().hex


@dataclass(frozen=True)
class Hit:
    """A HIT as it was asked for, and what Amazon made of it.

    Args:
        options: What was asked for; the same again is the same HIT.
        people: How many people may do it, those added later included.
        token: Makes a repeated request the same one; Amazon finds the HIT again by it.
        hit: Amazon's identifier; empty until Amazon has answered.
        group: Amazon's identifier of the group under which workers see it.
        published_at: ISO 8601, by this machine's clock.
        adding: People whose addition Amazon has not answered yet, and that request's token.
    """

    options: dict[str, Any]
    people: int
    token: str = field(default_factory=_token)
    hit: str = ""
    group: str = ""
    published_at: str = ""
    adding: tuple[int, str] | None = None

    def begin_adding(self, people: int) -> tuple[Hit, str]:
        """The HIT with an addition written down, and the token of its request.

        An addition of as many that was not answered goes on under its own token.

        Args:
            people: How many more.
        """
        known = self.adding is not None and self.adding[0] == people
        token = self.adding[1] if self.adding is not None and known else _token()
        return replace(self, adding=(people, token)), token


def read_hits(study: Path, market: str) -> list[Hit]:
    """Every HIT that the study has published there, the oldest first.

    Args:
        study: The study folder.
        market: ``sandbox`` or ``live``.

    Raises:
        StudyError: The file cannot be read. To take it for empty would publish everything again.
    """
    return [_as_hit(row) for row in _read(study).get(market, [])]


def require_hits(study: Path, market: str) -> list[Hit]:
    """The HITs that Amazon knows.

    Args:
        study: The study folder.
        market: ``sandbox`` or ``live``.

    Raises:
        StudyError: Nothing is published there, or the file cannot be read.
    """
    hits = [hit for hit in read_hits(study, market) if hit.hit]
    if not hits:
        where = "the sandbox" if market == "sandbox" else "Mechanical Turk itself"
        other = "; what is published there needs --live" if market == "sandbox" else ""
        raise StudyError(
            f"{study}: nothing is published in {where}; "
            f"publish it with: netgloss mturk publish {study} --address https://…{other}"
        )
    return hits


@contextmanager
def changing(study: Path) -> Iterator[None]:
    """Holds the right to publish, so that two commands cannot publish the same twice.

    Args:
        study: The study folder.

    Raises:
        StudyError: Another command is at it.
    """
    with writing(study, "mturk", seconds=10):
        yield


def keep(study: Path, market: str, hit: Hit) -> None:
    """Writes a HIT down, in place of what its token had before. Hold :func:`changing`.

    Args:
        study: The study folder.
        market: ``sandbox`` or ``live``.
        hit: The HIT.
    """
    everything = _read(study)
    rows = everything.setdefault(market, [])
    places = [place for place, row in enumerate(rows) if row["token"] == hit.token]
    if places:
        rows[places[0]] = asdict(hit)
    else:
        rows.append(asdict(hit))
    text = json.dumps({**everything, "schema": _SCHEMA}, indent=1, sort_keys=True)
    write_text(_place(study), text + "\n")


def _read(study: Path) -> dict[str, Any]:
    place = _place(study)
    if not place.exists():
        return {}
    try:
        read = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise _unreadable(place) from fault
    if not isinstance(read, dict) or read.get("schema") != _SCHEMA:
        raise _unreadable(place)
    return read


def _as_hit(row: dict[str, Any]) -> Hit:
    adding = row.get("adding")
    return Hit(**{**row, "adding": tuple(adding) if adding else None})


def _unreadable(place: Path) -> StudyError:
    return StudyError(
        f"{place}: cannot be read, and says which HITs exist; put back a copy of it, or remove it "
        "once you have looked at Amazon's own pages for what is published"
    )


def _place(study: Path) -> Path:
    return study / ".netgloss" / "mturk.json"
