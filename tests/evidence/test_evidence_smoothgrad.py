from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from netgloss.attribution.gradients import flatten_channels, input_gradients
from netgloss.attribution.integrated import integrated_gradients
from netgloss.errors import ModelError
from netgloss.evidence.base import Evidence, EvidenceMethod, Skipped
from netgloss.evidence.integrated import IntegratedGradients
from netgloss.evidence.items import extract, read_items
from netgloss.evidence.smoothgrad import SmoothGrad
from netgloss.vision.classifier import Classifier
from netgloss.vision.images import Image

Gallery = Callable[..., list[Image]]
CLASSES = ("ant", "bee", "cat")


@pytest.fixture
def classifier() -> Classifier:
    torch.manual_seed(4)
    model = nn.Sequential(
        nn.Conv2d(3, 6, 3), nn.ReLU(), nn.Flatten(), nn.Linear(6 * 6 * 8, len(CLASSES))
    )
    return Classifier(model, CLASSES, (8, 10), mean=(0.5,) * 3, std=(0.25,) * 3, device="cpu")


def maps(
    method: EvidenceMethod, classifier: Classifier, images: list[Image]
) -> dict[str, Evidence]:
    found = list(method.extract(classifier, images))
    assert [one.image for one in found] == [image.image for image in images]
    assert all(isinstance(one, Evidence) for one in found)
    return {one.image: one for one in found}


def test_each_map_explains_the_predicted_class_of_its_image(
    classifier: Classifier, gallery: Gallery
) -> None:
    images = gallery(7)
    found = maps(SmoothGrad(noise=0, mode="mean"), classifier, images)
    for image in images:
        one = found[image.image]
        assert (one.method, one.target, one.weight) == ("smoothgrad", image.prediction, 1.0)
        target = torch.tensor([CLASSES.index(image.prediction)])
        inputs = classifier.prepare([image.pixels()])
        expected = flatten_channels(input_gradients(classifier, inputs, target))[0]
        assert one.heat == pytest.approx(expected.numpy(), rel=1e-4, abs=1e-7)


def test_a_map_depends_on_its_image_and_seed_alone(
    classifier: Classifier, gallery: Gallery
) -> None:
    images = gallery(7)
    whole = maps(SmoothGrad(), classifier, images)
    for batch_size, chosen in [(1, images[::-1]), (7, images[3:5]), (200, images)]:
        part = maps(SmoothGrad(batch_size=batch_size), classifier, chosen)
        for name, one in part.items():
            np.testing.assert_allclose(one.heat, whole[name].heat, rtol=1e-4, atol=1e-9)
    other = maps(SmoothGrad(seed=1), classifier, images)
    assert not any(np.allclose(one.heat, whole[name].heat) for name, one in other.items())


def test_two_images_of_the_same_picture_have_noise_of_their_own(
    classifier: Classifier, gallery: Gallery
) -> None:
    image = gallery(1)[0]
    first, second = SmoothGrad(noise=0.5).extract(classifier, [image, replace(image, image="b")])
    assert not np.allclose(first.heat, second.heat)


@pytest.mark.parametrize("method", [SmoothGrad(target="cat"), IntegratedGradients(target="cat")])
def test_one_class_can_be_explained_on_every_image(
    method: EvidenceMethod, classifier: Classifier, gallery: Gallery
) -> None:
    found = maps(method, classifier, gallery(4))
    assert {one.target for one in found.values()} == {"cat"}


def test_the_classifier_is_asked_where_no_prediction_is_known(
    classifier: Classifier, gallery: Gallery
) -> None:
    known = gallery(5)
    images = [replace(image, prediction=None) for image in known[:4]] + known[4:]
    said = {image.image: label for image, label, _ in classifier.predict(known)}
    found = maps(SmoothGrad(), classifier, images)
    for image in images:
        assert found[image.image].target == (image.prediction or said[image.image])


def test_a_class_that_the_model_lacks_is_named(classifier: Classifier, gallery: Gallery) -> None:
    images = gallery(2)
    with pytest.raises(ModelError, match=r"class 'dog' is not one of the model's 3 classes \(ant,"):
        list(SmoothGrad(target="dog").extract(classifier, images))
    strange = [replace(images[0], prediction="Ant")]
    with pytest.raises(ModelError, match=r"'Ant' .* correct the prediction of ant/0000\.png"):
        list(SmoothGrad().extract(classifier, strange))


def test_images_that_changed_since_the_scan_are_passed_over(
    classifier: Classifier, gallery: Gallery
) -> None:
    images = gallery(6)
    images[1].path.unlink()
    images[2].path.write_bytes(b"no picture")
    images[3] = replace(images[3], width=21)
    found = list(SmoothGrad().extract(classifier, images))
    skipped = [one for one in found if isinstance(one, Skipped)]
    assert [one.image for one in skipped] == [image.image for image in images[1:4]]
    assert "not there" in skipped[0].reason
    assert "has 20x14 pixels, 21x14 when the study was made" in skipped[2].reason
    made = [one.image for one in found if isinstance(one, Evidence)]
    assert made == [image.image for image in (images[0], *images[4:])]


def test_all_images_unreadable_is_no_crash(classifier: Classifier, gallery: Gallery) -> None:
    images = gallery(5)
    for image in images:
        image.path.unlink()
    assert len(list(SmoothGrad().extract(classifier, images))) == 5


def test_the_batch_size_is_no_reason_to_start_again(
    study: Path, classifier: Classifier, gallery: Gallery
) -> None:
    images = gallery(4)
    assert extract(study, SmoothGrad(batch_size=5), classifier, images[:2]).made == 2
    report = extract(study, SmoothGrad(batch_size=50), classifier, images)
    assert (report.made, report.already) == (2, 2)


def test_a_dead_network_makes_maps_that_are_flagged_empty(
    study: Path, classifier: Classifier, gallery: Gallery
) -> None:
    for parameter in classifier.model.parameters():
        parameter.data.zero_()
    report = extract(study, SmoothGrad(), classifier, gallery(3))
    assert (report.made, report.empty) == (3, 3)
    assert read_items(study, "smoothgrad")["empty"].all()


def test_integrated_gradients_are_those_of_the_tensors(
    classifier: Classifier, gallery: Gallery
) -> None:
    images = gallery(3)
    found = maps(IntegratedGradients(), classifier, images)
    inputs = classifier.prepare([image.pixels() for image in images])
    expected = integrated_gradients(classifier, inputs, torch.tensor([0, 1, 2]))
    for number, image in enumerate(images):
        heat = expected.attributions[number].abs().sum(dim=0).numpy()
        assert found[image.image].heat == pytest.approx(heat, rel=1e-4, abs=1e-6)


def test_progress_is_counted_by_finished_images(classifier: Classifier, gallery: Gallery) -> None:
    steps = []

    def track(items, *, total, what):
        for item in items:
            steps.append((item.image, total, what))
            yield item

    images = gallery(5)
    list(SmoothGrad().extract(classifier, images, track))
    assert steps == [(image.image, 5, "smoothgrad") for image in images]
