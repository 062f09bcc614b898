"""Cluster maps whose weights ask the model about each feature map: Score-CAM and Ablation-CAM."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from netgloss.attribution.cam import WEIGHTINGS
from netgloss.attribution.scoring import SCORINGS, Scoring
from netgloss.cli import run
from netgloss.evidence.anv import ANV
from netgloss.evidence.base import Evidence
from netgloss.evidence.clusters.layer import cluster_layer
from netgloss.evidence.clusters.reading import read_cluster_maps, read_layers
from netgloss.evidence.items import HeatReader, extract
from netgloss.vision.classifier import Classifier
from netgloss.vision.images import Image

Gallery = Callable[..., list[Image]]
CLASSES = ("ant", "bee", "cat")
SIDE = 20

# Two activations of different kinds; the second layer's map is a residual sum.
NETWORK = """
import torch
from torch import nn


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(12, 12, 3, padding=1)

    def forward(self, x):
        y = self.conv(x)
        y += x
        return torch.relu_(y)


def build(num_classes):
    torch.manual_seed(5)
    return nn.Sequential(
        nn.Conv2d(3, 12, 3, padding=1),
        nn.SiLU(inplace=True),
        nn.MaxPool2d(2),
        Block(),
        nn.AdaptiveMaxPool2d(1),
        nn.Flatten(),
        nn.Linear(12, num_classes),
    )
"""


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "network.py"
    path.write_text(NETWORK)
    return path


@pytest.fixture
def classifier(network: Path) -> Classifier:
    return Classifier.load(
        f"{network}:build",
        None,
        CLASSES,
        SIDE,
        mean=(0.5,) * 3,
        std=(0.25,) * 3,
        device="cpu",
    )


def slow_drops(layers: nn.Sequential, picture: Tensor, target: int, depth: int) -> np.ndarray:
    """Ablation-CAM by a network that is cut in two, one channel at a time."""
    first, rest = layers[: depth + 1], layers[depth + 1 :]
    with torch.no_grad():
        activation = first(picture)
        score = rest(activation.clone())[0, target]
        drops = []
        for channel in range(activation.shape[1]):
            without = activation.clone()
            without[:, channel] = 0
            drops.append(float((score - rest(without)[0, target]) / score.abs()))
    return np.array(drops)


def slow_gains(
    layers: nn.Sequential, picture: Tensor, target: int, depth: int, how: Scoring
) -> np.ndarray:
    """Score-CAM one channel at a time."""
    with torch.no_grad():
        logits = []
        for heat in layers[: depth + 1](picture)[0].relu():
            large = nn.functional.interpolate(heat[None, None], (SIDE, SIDE), mode="bilinear")
            mask = (large - large.min()) / (large.max() - large.min())
            logits.append(layers(picture * mask)[0])
        scores = torch.stack(logits)
        by_class, by_map = scores.softmax(dim=1), scores.softmax(dim=0)
    return (by_map if how == "score-cam" else by_class)[:, target].double().numpy()


@pytest.mark.parametrize("how", SCORINGS)
def test_the_command_writes_what_the_definition_gives(
    how: Scoring,
    network: Path,
    classifier: Classifier,
    gallery: Gallery,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    images = {one.image: one for one in gallery(3)}
    monkeypatch.chdir(tmp_path)
    new = ["new", "s", "--model", f"{network}:build", "--images", "photos", "--input-size"]
    prepared = ["--mean", ".5,.5,.5", "--std", ".25,.25,.25", "--classes", ",".join(CLASSES)]
    assert run([*new, str(SIDE), "--resize", "squash", *prepared]) == 0
    command = ["extract", "s", "anv", "--weighting", how, "--only", "all", "--batch-size"]
    assert run([*command, "5"]) == 0
    maps, layers = read_cluster_maps(Path("s")), read_layers(Path("s"))
    assert set(layers["layer"]) == {"1", "3"}
    assert not layers["empty"].all()
    reader = HeatReader(Path("s"), "anv")
    network_itself = classifier.model.eval()
    assert isinstance(network_itself, nn.Sequential)
    for told in layers.itertuples():
        picture = classifier.prepare([images[told.image].pixels()])
        target, depth = CLASSES.index(told.target), int(told.layer)
        parts = (network_itself, picture, target, depth)
        weights = slow_drops(*parts) if how == "ablation-cam" else slow_gains(*parts, how)
        with torch.no_grad():
            activations = network_itself[: depth + 1](picture)[0].relu().numpy()
        expected = cluster_layer(activations, weights)
        rows = maps[(maps["image"] == told.image) & (maps["layer"] == told.layer)]
        assert told.kept == expected.kept
        assert rows["maps"].tolist() == [one.members for one in expected.shown]
        assert np.allclose(rows["weight"], [one.weight for one in expected.shown], atol=1e-4)
        for row, one in zip(rows.itertuples(), expected.shown, strict=True):
            assert np.allclose(reader.heat(row), one.heat, atol=1e-3 * one.heat.max())
    assert run([*command, "64"]) == 0  # the number in flight decides nothing
    assert len(read_cluster_maps(Path("s"))) == len(maps)


def test_feature_maps_that_the_class_gains_without_never_count(
    study: Path, classifier: Classifier, gallery: Gallery
) -> None:
    images = gallery(3)
    extract(study, ANV(weighting="ablation-cam", layers=["3"], threshold=0), classifier, images)
    shown = read_cluster_maps(study)
    layers = classifier.model.eval()
    assert isinstance(layers, nn.Sequential)
    for image in images:
        picture = classifier.prepare([image.pixels()])
        drops = slow_drops(layers, picture, CLASSES.index(str(image.prediction)), 3)
        assert (drops < 0).any()
        counted = list(shown.loc[shown["image"] == image.image, "maps"])
        assert counted
        assert all(drops[channel] > 0 for maps in counted for channel in maps)


@pytest.mark.parametrize("batch_size", [1, 5, 100])
@pytest.mark.parametrize("how", SCORINGS)
def test_the_number_in_flight_changes_no_map(
    how: Scoring, batch_size: int, classifier: Classifier, gallery: Gallery
) -> None:
    images = gallery(2)
    usual, other = (
        [one for one in method.extract(classifier, images) if isinstance(one, Evidence)]
        for method in (ANV(weighting=how), ANV(weighting=how, batch_size=batch_size))
    )
    assert [one.maps for one in usual] == [one.maps for one in other]
    for one, another in zip(usual, other, strict=True):
        assert one.weight == pytest.approx(another.weight, abs=1e-5)
        assert np.allclose(one.heat, another.heat, atol=1e-5)


@contextmanager
def passes(classifier: Classifier) -> Iterator[list[int]]:
    """How many pictures the classifier is asked about in each forward pass."""
    asked: list[int] = []
    logits = Classifier.logits

    def noting(one: Classifier, inputs: Tensor) -> Tensor:
        asked.append(len(inputs))
        return logits(one, inputs)

    with patch.object(Classifier, "logits", noting):
        yield asked


def test_gradients_still_take_one_pass_for_all_layers(
    classifier: Classifier, gallery: Gallery
) -> None:
    images = gallery(2)
    for how in WEIGHTINGS:
        method = ANV(weighting=how, layers=["1", "3"])
        classifier.layers()  # the model's own inspection is not counted
        with passes(classifier) as asked:
            list(method.extract(classifier, images))
        assert asked == [1, 1]
    with passes(classifier) as asked:
        list(ANV(weighting="score-cam", layers=["1", "3"]).extract(classifier, images))
    assert asked == [1, 12, 12] * 2
