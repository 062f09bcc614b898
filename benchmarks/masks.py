"""How fast the game's pictures are made, and how fast one that was made before is served.

``python -m benchmarks.masks STUDY`` measures a study of its own making and prints one line of JSON:
settings of the server hold for a whole process.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from wsgiref.util import setup_testing_defaults

import numpy as np

from benchmarks.rows import Row
from benchmarks.served import make_study

__all__ = ["main", "rows"]

SIZE = 512
IMAGES = 12
RESOLUTIONS = (64, 32, 16)
"""Cells along a side of the maps: VGG-16's last nine layers at 256 pixels."""

CLASSES = ("van", "ambulance", "taxi", "tram", "truck", "bus")
_LEVELS = range(6)
_TIMES = 3
_ROUNDS = 10
_MADE, _SERVED = 20.0, 3.0


def rows() -> list[Row]:
    """A row each for making and serving; prints what each step and resolution took."""
    with TemporaryDirectory() as place:
        study = make_study(Path(place), IMAGES, (SIZE, SIZE), CLASSES)
        _add_maps(study)
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.masks", str(study)],
            check=True,
            capture_output=True,
            text=True,
            cwd=Path(__file__).parents[1],
        )
    measured = json.loads(done.stdout)
    _print(measured["made"])
    made = np.array([one["milliseconds"] for one in measured["made"]])
    size = np.array([one["bytes"] for one in measured["made"]]) / 1024
    served, work = np.array(measured["served"]), np.array(measured["work"])
    return [
        Row(
            "game",
            f"a masked picture of {SIZE} pixels made, lossless, of processor time",
            f"< {_MADE:.0f} ms",
            f"{np.median(made):.1f} ms (95 % within {np.percentile(made, 95):.1f} ms, "
            f"{np.median(size):.0f} KiB)",
            float(np.median(made)) < _MADE,
        ),
        Row(
            "game",
            "one that was made before served, from the request to its last byte",
            f"< {_SERVED:.0f} ms",
            f"{np.median(served):.2f} ms (95 % within {np.percentile(served, 95):.2f} ms, "
            f"{np.median(work):.2f} ms of processor time)",
            float(np.median(served)) < _SERVED,
        ),
    ]


def main(study: Path) -> None:
    """Measures in this process and prints the figures.

    Args:
        study: With cluster maps, served by nobody.
    """
    games = _deal(study)
    from netgloss.server.wsgi import application  # which makes the process one of the server's

    made = _make(study)
    served, work = zip(*_serve(application, games), strict=True)
    print(json.dumps({"made": made, "served": served, "work": work}))


# ------------------------------------------------------------------------------------- the study


def _add_maps(study: Path) -> None:
    """A cluster map a picture and resolution, as an extraction would write them."""
    from netgloss.evidence.base import Detail, Evidence
    from netgloss.evidence.clusters.reading import LAYERS, METHOD
    from netgloss.evidence.writer import ItemWriter
    from netgloss.study import Study

    with ItemWriter(study, METHOD, covers="original") as writer:
        for number, image in enumerate(Study.open(study).usable_images()):
            dice, target = np.random.default_rng(number), str(image.prediction)
            for depth, cells in enumerate(RESOLUTIONS):
                layer = f"features.{depth}"
                about = {"target": target, "layer": layer, "depth": depth, **_LAYER}
                writer.add(Detail(image.image, LAYERS, about | {"height": cells, "width": cells}))
                heat = _hills(dice, cells)
                writer.add(Evidence(image.image, METHOD, target, 0.5, heat, layer, 0, (1, 2)))


_LAYER = {
    "channels": 512, "active": 400, "kept": 90, "flat": 0, "clusters": 4, "shown": 1,
    "leftover": 0.5, "silhouette": 0.4, "empty": False,
}  # fmt: skip


def _hills(dice: np.random.Generator, cells: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A few smooth spots on a cold ground, like the mean of activations after a ReLU."""
    from scipy import ndimage

    smooth = ndimage.gaussian_filter(dice.random((cells, cells)), cells / 14)
    return np.clip(smooth - np.median(smooth), 0, None).astype(np.float32)


# ------------------------------------------------------------------------------------ the server


def _deal(study: Path) -> list[Any]:
    """Games of as many guests as there are pictures, each with all of its hints."""
    from netgloss.server.environment import Environment

    Environment(study=str(study)).apply()
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from netgloss.server.people.models import Person
    from netgloss.server.tasks import engine
    from netgloss.server.tasks.items import set_up
    from netgloss.server.tasks.models import Task
    from netgloss.study import Study

    set_up(Study.open(study), "play")
    Task.objects.filter(name="play").update(consent="")
    games = []
    for _ in range(IMAGES):
        [game] = engine.open_batch("play", Person.objects.guest()).assignments.all()
        game.course["hints"] = len(_LEVELS) - 1
        game.save()
        games.append(game)
    return games


def _make(study: Path) -> list[dict[str, float]]:
    """What it took to make each picture, the best of a few times.

    What else the machine does at the moment only ever adds.
    """
    from netgloss.server.tasks.evidence import stored_evidence

    stored = stored_evidence("anv")
    by_size = {cells: [one for one in stored if stored.heat(one).shape[0] == cells]
               for cells in RESOLUTIONS}  # fmt: skip
    best: dict[tuple[int, int, str], dict[str, float]] = {}
    for _, cells, level in product(range(_TIMES), RESOLUTIONS, _LEVELS):
        for evidence in by_size[cells]:
            took, size = _made(study, evidence, level)
            before = best.get((cells, level, evidence), {"milliseconds": float("inf")})
            took = min(took, before["milliseconds"])
            best[cells, level, evidence] = {
                "cells": cells, "level": level, "milliseconds": took, "bytes": size}  # fmt: skip
    return list(best.values())


def _made(study: Path, evidence: str, level: int) -> tuple[float, int]:
    """Milliseconds of processor time that a picture took, and its bytes; it is gone afterwards."""
    from netgloss.server.drawing import Picture, picture_file

    began = time.process_time()
    place = picture_file(Picture.REVEAL, "anv", evidence, study, level)
    took = (time.process_time() - began) * 1000
    size = place.stat().st_size
    place.unlink()
    return took, size


def _serve(application: Any, games: list[Any]) -> Iterator[tuple[float, float]]:
    """Milliseconds by the clock and of processor time for each of many requests."""
    from netgloss.server.pictures import Picture, address

    for turn, level, game in product(range(_ROUNDS), _LEVELS, games):
        path = address(Picture.REVEAL, game.pk, level)
        began, spent = time.perf_counter(), time.process_time()
        length = _get(application, path)
        took = (time.perf_counter() - began) * 1000, (time.process_time() - spent) * 1000
        if turn:  # in the first the server reads which maps there are
            yield took
        assert length > 0


def _get(application: Any, path: str) -> int:
    """Bytes of the picture, asked for as a web server asks."""
    told: dict[str, Any] = {}
    environ: dict[str, Any] = {"PATH_INFO": path, "HTTP_HOST": "localhost"}
    setup_testing_defaults(environ)
    answer = application(environ, lambda status, _headers: told.update(status=status))
    length = sum(map(len, answer))
    answer.close()
    if told["status"] != "200 OK":
        raise RuntimeError(f"a picture was answered with {told['status']}")
    return length


def _print(made: list[dict[str, float]]) -> None:
    print("a masked picture, ms of processor time and KiB, by hints; cells of the map below")
    for cells in RESOLUTIONS:
        columns = []
        for level in _LEVELS:
            of = [one for one in made if (one["cells"], one["level"]) == (cells, level)]
            took = np.median([one["milliseconds"] for one in of])
            columns.append(f"{took:6.1f}{np.median([one['bytes'] for one in of]) / 1024:5.0f}")
        print(f"{cells:4}", *columns)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
