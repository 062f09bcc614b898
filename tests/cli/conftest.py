"""A small study as a person has it: images, a network, predictions and answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from netgloss.cli import run

NET = """
from torch import nn

def build():
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(4, 2))
"""
LABELS = ("ambulance", "van")
COUNT = 12


def names() -> list[str]:
    """The images, taking the labels in turn."""
    return [f"{LABELS[number % 2]}/{number:02d}.png" for number in range(COUNT)]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with photos/, nets.py, predicted.csv and answers.csv; the working folder."""
    generator = np.random.default_rng(0)
    rows = []
    for name in names():
        label = name.split("/")[0]
        pixels = generator.integers(0, 80, (24, 32, 3), dtype=np.uint8)
        pixels[..., 0 if label == "ambulance" else 2] += 150
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
        said = "stripe,orange" if label == "ambulance" else "door,blue"
        rows.append(f"{name},ann,{said},1 2 20 18,{len(rows) + 10}")
    (tmp_path / "nets.py").write_text(NET)
    (tmp_path / "answers.csv").write_text(
        "\n".join(["image,person,type,attributes,box,seconds", *rows]) + "\n"
    )
    write_predictions(tmp_path / "predicted.csv", lambda number: LABELS[number % 2])
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def study(place: Path) -> Path:
    """A study made from predictions, as far as its vocabulary."""
    for words in (
        ["new", "s", "--images", "photos", "--predictions", "predicted.csv"],
        ["import", "s", "csv", "answers.csv"],
        ["words", "s"],
    ):
        assert run(words) == 0
    return place / "s"


def write_predictions(path: Path, label: Callable[[int], str]) -> None:
    rows = [f"{name},{label(number)}" for number, name in enumerate(names())]
    path.write_text("\n".join(["image,predicted_label", *rows]) + "\n")
