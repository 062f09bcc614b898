"""A small study with cluster maps, as the tables and the game would leave it; no network runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from netgloss.answers.games import Game
from netgloss.evidence.base import Detail, Evidence
from netgloss.evidence.clusters.reading import LAYERS
from netgloss.evidence.writer import ItemWriter
from netgloss.study import Study

IMAGES = {
    "tench/1.png": "tench",
    "tench/2.png": "tench",
    "shark/1.png": "tench",
    "shark/9.png": "shark",
}
"""Image -> what the classifier says of it; of the third it is wrong."""

LAYER_SIZES = {"conv1": 8, "conv2": 4}


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Four images; the two tenches have two layers of three cluster maps."""
    generator = np.random.default_rng(4)
    for name in IMAGES:
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(generator.integers(0, 255, (30, 40, 3), dtype=np.uint8)).save(path)
    predicted = tmp_path / "predicted.csv"
    rows = [f"{image},{label}" for image, label in IMAGES.items()]
    predicted.write_text("\n".join(["image,predicted_label", *rows]) + "\n")
    made = Study.create(tmp_path / "fish", tmp_path / "photos", predictions=predicted)
    with ItemWriter(made.folder, "anv") as writer:
        for image in list(IMAGES)[:2]:
            for depth, (layer, size) in enumerate(LAYER_SIZES.items()):
                writer.add(layer_row(image, layer, depth, size))
                for unit, weight in enumerate((0.3, 0.2, 0.1)):
                    heat = generator.random((size, size)).astype(np.float32)
                    maps = tuple(range(unit * 4, unit * 4 + 4))
                    writer.add(Evidence(image, "anv", "tench", weight, heat, layer, unit, maps))
    return made


@pytest.fixture
def both_targets(study: Study) -> Study:
    """The same study, where one image is explained toward its true class as well."""
    with ItemWriter(study.folder, "anv") as writer:
        for target, place in (("tench", 0), ("shark", 2)):
            heat = np.zeros((4, 4), np.float32)
            heat[place, place] = 1
            writer.add(layer_row("shark/1.png", "conv1", 0, 4, target))
            writer.add(Evidence("shark/1.png", "anv", target, 0.5, heat, "conv1", 0, (3,)))
    return study


@pytest.fixture
def silent(study: Study) -> Study:
    """The same study, where one image was explained too and no layer speaks for its class."""
    with ItemWriter(study.folder, "anv") as writer:
        for depth, (layer, size) in enumerate(LAYER_SIZES.items()):
            writer.add(layer_row("shark/9.png", layer, depth, size, "shark", empty=True))
    return study


def layer_row(
    image: str, layer: str, depth: int, size: int, target: str = "tench", *, empty: bool = False
) -> Detail:
    values = {
        "target": target,
        "layer": layer,
        "depth": depth,
        "channels": 64,
        "active": 60,
        "kept": 0 if empty else 12,
        "flat": 0,
        "clusters": 0 if empty else 3,
        "shown": 0 if empty else 3,
        "leftover": 0.0 if empty else 0.4,
        "silhouette": float("nan") if empty else 0.5,
        "height": size,
        "width": size,
        "empty": empty,
    }
    return Detail(image, LAYERS, values)


Play = Callable[..., None]


@pytest.fixture
def play(study: Study) -> Play:
    """Adds games: evidence number, guess, hints and tags each; then makes words of them."""

    def add(*games: tuple[int, str | None, int, str], person: str = "ann", ok: bool = True) -> None:
        table = study.games()
        first = len(table)
        made = [
            Game(
                answer=f"{first + place}",
                person=person,
                image="tench/1.png" if number < 6 else "tench/2.png",
                evidence=f"anv/{number:06d}",
                target="tench",
                truth="tench",
                guess=guess,
                outcome="resign" if guess is None else "win" if guess == "tench" else "loss",
                hints=hints,
                points=0,
                tags=tuple(tags.split("; ")),
                control=not ok,
                passed=None if ok else False,
            )
            for place, (number, guess, hints, tags) in enumerate(games)
        ]
        study.add_games(made)
        study.words(embedding="none")

    return add
