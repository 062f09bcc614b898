from __future__ import annotations

from pathlib import Path

import pytest

from netgloss.vision.classifier import Classifier
from netgloss.vision.images import usable
from netgloss.vision.sources import scan, summary

PHOTOS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "photos"

pytestmark = pytest.mark.skipif(
    not PHOTOS.is_dir(), reason="the photographs and their network are not here"
)


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier.load(
        f"{PHOTOS / 'caltech5.py'}:build",
        PHOTOS / "caltech5.pt",
        ["airplanes", "bonsai", "leopards", "motorbikes", "watch"],
        112,
        mean=(0.485, 0.456, 0.406),
        std=(0.229, 0.224, 0.225),
        device="cpu",
    )


def test_the_network_is_as_good_as_when_it_was_trained(classifier: Classifier) -> None:
    """Its own training script measured 230 of 232; any fault in decoding or placing would cost."""
    images = scan(PHOTOS / "test")
    assert len(summary(images)) == 0
    found = list(classifier.predict(usable(images, PHOTOS / "test"), batch_size=50))
    assert len(found) == 232
    assert sum(image.truth == label for image, label, _ in found) == 230
    assert all(0.2 <= score <= 1 for _, _, score in found)


def test_its_layers_are_found(classifier: Classifier) -> None:
    assert classifier.last_convolution() == "features.14"
    shapes = {layer.name: layer.output_shape for layer in classifier.layers()}
    assert shapes["features.0"] == (16, 112, 112)
    assert shapes["features.14"] == (128, 7, 7)
    assert shapes["classifier.3"] == (5,)
