"""Predictions and heat maps of a study: what an interrupted run keeps, and what maps depend on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from netgloss.errors import StudyError
from netgloss.evidence.items import read_items
from netgloss.evidence.smoothgrad import SmoothGrad
from netgloss.study import Study

NET = """
from torch import nn

def build():
    return nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
"""
COUNT = 6


class StoppedError(Exception):
    """Somebody pressed Ctrl+C."""


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Study:
    """Six images and a network, which has said nothing of them yet."""
    (tmp_path / "nets.py").write_text(NET)
    (tmp_path / "photos").mkdir()
    for number in range(COUNT):
        pixels = np.random.default_rng(number).integers(0, 255, (12, 12, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "photos" / f"{number}.png")
    monkeypatch.chdir(tmp_path)
    made = Study.create("s", "photos", model="nets.py:build", classes=["a", "b"], input_size=12)
    images = made.images()
    images[["prediction", "score"]] = None
    images.to_parquet(made.folder / "images.parquet")
    return made


def stopping_after(count: int) -> Any:
    """A tracker that ends the run once so many images came by."""

    def track(items: Iterable[Any], total: int | None = None, what: str = "") -> Iterator[Any]:
        for number, item in enumerate(items):
            if number == count:
                raise StoppedError
            yield item

    return track


def test_an_interrupted_prediction_goes_on_where_it_was_saved(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netgloss.study.classifying._SAVE_EVERY_SECONDS", -1.0)
    with pytest.raises(StoppedError):
        study.predict(batch_size=1, track=stopping_after(4))
    assert study.images()["prediction"].notna().sum() == 4
    assert study.predict() == COUNT - 4
    assert study.predict() == 0
    assert set(study.images()["prediction"]) <= {"a", "b"}


def test_nothing_is_kept_of_a_run_that_ended_before_it_was_saved(study: Study) -> None:
    with pytest.raises(StoppedError):
        study.predict(batch_size=1, track=stopping_after(4))
    assert study.predict() == COUNT


def test_images_without_a_prediction_get_one_before_heat_maps_are_made(study: Study) -> None:
    report = study.extract(SmoothGrad(samples=1), limit=3)
    assert report.made == 3
    assert study.images()["prediction"].notna().all()


def test_heat_maps_of_another_preparation_are_not_mixed_with_those_there(study: Study) -> None:
    study.extract(SmoothGrad(samples=1), limit=2)
    assert study.settings.model is not None
    changed = replace(study.settings, model=replace(study.settings.model, mean=(0.5, 0.5, 0.5)))
    other = Study(study.folder, changed)
    with pytest.raises(StudyError, match=r"mean=\[0\.0, 0\.0, 0\.0\]"):
        other.extract(SmoothGrad(samples=1), limit=3)
    other.extract(SmoothGrad(samples=1), limit=3, restart=True)
    assert len(read_items(study.folder, "smoothgrad")) == 3
