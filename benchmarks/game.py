"""How fast the web app answers when 500 people play Deep Reveal at once, and what it keeps of it.

The server runs with its defaults (2 processes of 4 threads), and the players on the same machine.
Afterwards each game that was acknowledged is looked for in the database, which is read without the
server's own code.
"""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.ledger import read_tables
from benchmarks.rows import Row
from benchmarks.served import Server, make_study, organise, postgresql
from benchmarks.web_app import PEOPLE, SECONDS, Measured, attend, promised

__all__ = ["Kept", "add_cluster_maps", "compare", "make_game", "measure", "rows"]

# So few that most of their 1,800 pictures are made while people arrive: a game's pictures are made
# when somebody first asks for them, and kept.
IMAGES = 100
MAPS = 3

_CLASSES = ("van", "ambulance", "lobster", "tench", "church", "horn", "pump")
_AREA = "Deep Reveal"
_QUOTA = 500  # so that nobody runs out of games
_SIDE = 14  # cells of a map, as of VGG-16's last layers


@dataclass(frozen=True)
class Kept:
    """The acknowledged games against the database.

    Attributes:
        acknowledged: How many.
        lost: Those that are not there as they were acknowledged.
        doubled: Games that a person has twice about one image, items with more slots taken than
            games, and standings that are not the sum of the person's games.
    """

    acknowledged: int
    lost: list[str]
    doubled: list[str]


def rows() -> list[Row]:
    """A row a promise and database; prints what each address took."""
    found = []
    with TemporaryDirectory() as place:
        study = make_game(Path(place))
        found += _rows("SQLite", *measure(study), {95: 200})
        with postgresql() as database:
            measured = measure(study, database.url)
        found += _rows("PostgreSQL", *measured, {95: 100, 99: 250})
    return found


def make_game(folder: Path, images: int = IMAGES) -> Path:
    """The folder of a study of photograph-like pictures with cluster maps.

    Args:
        folder: Where it is made.
        images: How many.
    """
    study = make_study(folder, images, labels=_CLASSES)
    add_cluster_maps(study)
    return study


def add_cluster_maps(study: Path) -> None:
    """Adds cluster maps as an extraction would write them, three an image.

    Args:
        study: The study folder; its images' predictions are known.
    """
    from netgloss.evidence.base import Detail, Evidence
    from netgloss.evidence.clusters.reading import LAYERS, METHOD
    from netgloss.evidence.writer import ItemWriter
    from netgloss.study import Study

    with ItemWriter(study, METHOD, covers="original") as writer:
        for number, image in enumerate(Study.open(study).usable_images()):
            target = str(image.prediction)
            writer.add(Detail(image.image, LAYERS, _layer(target)))
            for unit in range(MAPS):
                heat = _heat(np.random.default_rng([number, unit]))
                weight = 0.4 / (1 + unit)
                writer.add(
                    Evidence(image.image, METHOD, target, weight, heat, "last", unit, (unit,))
                )


def measure(
    study: Path, database: str = "", people: int = PEOPLE, seconds: float = SECONDS
) -> tuple[Measured, Kept]:
    """What the players saw of a study's server, and what is left of their games.

    Args:
        study: The study folder.
        database: PostgreSQL's address; SQLite when empty.
        people: How many at a time.
        seconds: For how long it is measured, once all have arrived.
    """
    from benchmarks.gamers import ledger_of

    server, file = Server(study, database), study.parent / "requests.csv"
    ledger_of(file).unlink(missing_ok=True)
    server.start()
    try:
        organise(server, "play", quota=_QUOTA).close()
        measured = attend(server, people, seconds, file, "benchmarks.gamers")
    finally:
        server.stop()
    lines = ledger_of(file).read_text(encoding="utf-8").splitlines()
    return measured, compare([json.loads(line) for line in lines], server)


def compare(acknowledged: Sequence[dict[str, Any]], server: Server) -> Kept:
    """Holds the acknowledged games against the database.

    Args:
        acknowledged: Each with the assignment's ``id``, ``guess``, ``hints`` and ``tags``.
        server: Its study and database.
    """
    tables = read_tables(server, "tasks_assignment", "tasks_item", "play_player")
    games = {
        str(uuid.UUID(str(row["id"]))): row
        for row in tables["tasks_assignment"]
        if row["state"] == "answered"
    }
    lost = [f"game {one['id']}" for one in acknowledged if not _is_kept(one, games)]
    doubled = [
        *_twice(games.values()),
        *_miscounted(tables["tasks_item"], games.values()),
        *_wrong_standings(tables["play_player"], games.values()),
    ]
    return Kept(len(acknowledged), lost, doubled)


def _is_kept(one: dict[str, Any], games: dict[str, dict[str, Any]]) -> bool:
    row = games.get(one["id"])
    if row is None:
        return False
    answer = row["answer"]
    told = (one["guess"], one["hints"], one["tags"])
    return told == (answer["guess"], answer["hints"], answer["tags"])


def _twice(games: Any) -> list[str]:
    had = Counter((str(row["person_id"]), row["image"]) for row in games)
    return [f"{person} played {image} {n} times" for (person, image), n in had.items() if n > 1]


def _miscounted(items: Sequence[dict[str, Any]], games: Any) -> list[str]:
    played = Counter(row["item_id"] for row in games if row["slot"] is not None)
    return [
        f"item {item['id']}: {played[item['id']]} games, {item['taken']} slots of {item['quota']}"
        for item in items
        if not played[item["id"]] <= item["taken"] <= item["quota"]
    ]


def _wrong_standings(players: Sequence[dict[str, Any]], games: Any) -> list[str]:
    count: Counter[str] = Counter()
    points: Counter[str] = Counter()
    for row in games:
        person = _plain(row["person_id"])
        count[person] += 1
        points[person] += row["answer"]["points"] + row["answer"]["bonus"]
    return [
        f"{player['nickname']}: {player['games']} games and {player['score']} points"
        for player in players
        if (player["games"], player["score"]) != (count[_of(player)], points[_of(player)])
    ]


def _of(player: dict[str, Any]) -> str:
    return _plain(player["person_id"])


def _plain(value: Any) -> str:
    """An identifier as text, the same from both databases."""
    return str(value).replace("-", "")


def _rows(database: str, measured: Measured, kept: Kept, bounds: dict[int, int]) -> list[Row]:
    where = f"{PEOPLE} players with 3 s think time on {database}, pictures included"
    for fault in (*kept.lost, *kept.doubled):
        print(fault)
    said = f"{len(kept.lost)} lost, {len(kept.doubled)} doubled or miscounted"
    return [
        *promised(_AREA, where, measured, bounds),
        Row(
            _AREA,
            f"acknowledged games lost or doubled, {where}",
            "0",
            f"{said} of {kept.acknowledged}",
            bool(kept.acknowledged) and not (kept.lost or kept.doubled),
        ),
    ]


def _layer(target: str) -> dict[str, Any]:
    """The layer's row, as the extraction writes it."""
    counted = {"depth": 0, "channels": 512, "active": 80, "kept": 75, "flat": 0}
    found = {"clusters": MAPS, "shown": MAPS, "height": _SIDE, "width": _SIDE}
    shares = {"leftover": 0.27, "silhouette": 0.4, "empty": False}
    return {"target": target, "layer": "last", **counted, **found, **shares}


def _heat(dice: np.random.Generator) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A warm spot on a cold ground that is nowhere quite flat."""
    row, column = dice.uniform(2, _SIDE - 2, 2)
    down, across = (np.exp(-(((np.arange(_SIDE) - at) / 2) ** 2)) for at in (row, column))
    heat = np.outer(down, across) + 0.05 * dice.random((_SIDE, _SIDE))
    return heat.astype(np.float32)
