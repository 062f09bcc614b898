from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from netgloss.errors import ModelError
from netgloss.scenes.networks import (
    MEAN,
    STD,
    Training,
    flip_rate,
    predict,
    save_weights,
    train,
    vgg_small,
)
from netgloss.scenes.world import Bias, counterfactual, draw_many, find_task

SIZE = 64
BIAS = Bias("background")
CLASSES = find_task("vehicles").classes


def _pictures(count: int, seed: int) -> tuple[np.ndarray, list[int], np.ndarray]:
    pairs = list(draw_many("vehicles", count, seed, BIAS, size=SIZE))
    images = np.stack([scene.image for _, scene in pairs])
    swapped = np.stack(
        [
            counterfactual("vehicles", scene.label, own, BIAS, size=SIZE).image
            for own, scene in pairs
        ]
    )
    return images, [CLASSES.index(scene.label) for _, scene in pairs], swapped


@pytest.fixture(scope="module")
def trained() -> tuple[torch.nn.Module, Training, np.ndarray, np.ndarray]:
    images, labels, _ = _pictures(300, 1)
    held_out, held_out_labels, swapped = _pictures(80, 2)
    network, ended = train(images, labels, held_out, held_out_labels, target=0.97)
    return network, ended, held_out, swapped


@pytest.mark.slow
def test_it_learns_the_planted_cue_and_relies_on_it(trained) -> None:  # type: ignore[no-untyped-def]
    network, ended, held_out, swapped = trained
    truth = np.arange(len(held_out)) % 2
    assert ended.accuracy == (predict(network, held_out) == truth).mean() >= 0.97
    assert flip_rate(network, held_out, swapped) >= 0.95
    assert flip_rate(network, held_out, held_out) == 0


@pytest.mark.slow
def test_the_weights_come_back_from_disk(trained, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    network, _, held_out, _ = trained
    save_weights(network, tmp_path / "network.safetensors")
    again = vgg_small(num_classes=2)
    again.load_state_dict(load_file(tmp_path / "network.safetensors"), strict=True)
    pixels = torch.from_numpy(held_out[:8]).permute(0, 3, 1, 2) / 255
    pixels = (pixels - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None]
    with torch.no_grad():
        torch.testing.assert_close(again.eval()(pixels), network.eval()(pixels))
    np.testing.assert_array_equal(predict(again, held_out), predict(network, held_out))


def _noise(count: int, seed: int = 0) -> tuple[np.ndarray, list[int]]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (count, 32, 32, 3), np.uint8), [n % 2 for n in range(count)]


def test_a_training_that_does_not_get_there_says_so() -> None:
    images, labels = _noise(16)
    with pytest.raises(ModelError, match=r"ended at an accuracy of 0\.\d+ after 2 epochs; 0\.99"):
        train(images, labels, *_noise(40, 1), epochs=2)


def test_one_seed_gives_one_network_and_leaves_torch_alone() -> None:
    images, labels = _noise(16)
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    runs = [train(images, labels, images, labels, target=0, seed=seed)[0] for seed in (3, 3, 4)]
    torch.testing.assert_close(torch.random.get_rng_state(), before)
    first, same, other = (run.state_dict() for run in runs)
    torch.testing.assert_close(first, same, rtol=0, atol=0)
    assert not torch.equal(first["0.weight"], other["0.weight"])


def test_it_reports_epochs_and_stops_at_the_target() -> None:
    images, labels = _noise(16)
    seen: list[tuple[int, str]] = []

    def track(items, *, total, what):  # type: ignore[no-untyped-def]
        for item in items:
            seen.append((total, what))
            yield item

    _, ended = train(images, labels, images, labels, target=0, epochs=7, track=track)
    assert ended.epochs == 1
    assert seen == [(7, "training")]


def test_the_prediction_does_not_depend_on_the_batch() -> None:
    images, _ = _noise(9)
    network = vgg_small(3)
    np.testing.assert_array_equal(predict(network, images, 2), predict(network, images, 9))
