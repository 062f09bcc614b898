from __future__ import annotations

from typing import get_args

import pytest
import torch
from captum.attr import NoiseTunnel, Saliency
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from netgloss.attribution import smoothgrad as module
from netgloss.attribution.gradients import flatten_channels, input_gradients
from netgloss.attribution.smoothgrad import (
    Mode,
    gaussian_noise,
    noise_scale,
    picture_seed,
    smoothgrad,
)
from netgloss.errors import ModelError
from netgloss.vision.classifier import Classifier

MODES = get_args(Mode)
SEEDS = [11, 12, 13, 14, 15]


def slowly(
    classifier: Classifier,
    inputs: Tensor,
    targets: Tensor,
    samples: int,
    noise: float,
    mode: str,
    seeds: list[int],
) -> Tensor:
    """The definition, one noisy copy at a time."""
    maps = []
    for picture, target, seed in zip(inputs, targets, seeds, strict=True):
        spread = noise * (picture.max() - picture.min())
        gradients = [
            input_gradients(classifier, (picture + spread * copy)[None], target[None])[0]
            for copy in gaussian_noise(tuple(picture.shape), samples, seed)
        ]
        change = {"squared": torch.square, "mean": lambda g: g, "abs": torch.abs}[mode]
        mean = torch.stack([change(gradient) for gradient in gradients]).mean(dim=0)
        maps.append(mean.abs().sum(dim=0))
    return torch.stack(maps)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("batch_size", [1, 4, 7, 200])
def test_it_is_its_definition_for_any_batch_size(
    small: Classifier, pictures: Tensor, targets: Tensor, mode: Mode, batch_size: int
) -> None:
    found = smoothgrad(
        small,
        pictures,
        targets,
        samples=6,
        noise=0.2,
        mode=mode,
        seeds=SEEDS,
        batch_size=batch_size,
    )
    expected = slowly(small, pictures, targets, 6, 0.2, mode, SEEDS)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize(("mode", "kind"), [("mean", "smoothgrad"), ("squared", "smoothgrad_sq")])
def test_captum_finds_the_same_with_the_same_noise(
    small: Classifier,
    pictures: Tensor,
    monkeypatch: pytest.MonkeyPatch,
    mode: Mode,
    kind: str,
) -> None:
    picture, target = pictures[:1], torch.tensor([2])
    spread = noise_scale(picture, 0.1).item()
    noise = gaussian_noise((3, 12, 12), 8, seed=5)
    monkeypatch.setattr(torch, "normal", lambda mean, std: mean + std * noise)
    with small.frozen():
        theirs = NoiseTunnel(Saliency(small.logits)).attribute(
            picture, nt_type=kind, nt_samples=8, stdevs=spread, target=target, abs=False
        )
    monkeypatch.undo()
    ours = smoothgrad(small, picture, target, samples=8, noise=0.1, mode=mode, seeds=5)
    torch.testing.assert_close(ours, flatten_channels(theirs), rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("mode", MODES)
def test_noise_zero_is_the_plain_gradient(
    small: Classifier, pictures: Tensor, targets: Tensor, mode: Mode
) -> None:
    gradients = input_gradients(small, pictures, targets)
    expected = (gradients.square() if mode == "squared" else gradients.abs()).sum(dim=1)
    found = smoothgrad(small, pictures, targets, noise=0.0, mode=mode)
    torch.testing.assert_close(found, expected)


@settings(max_examples=20, deadline=None)
@given(noise=st.floats(0, 3), samples=st.integers(1, 7), batch_size=st.integers(1, 9))
def test_on_a_linear_model_the_noise_makes_no_difference(
    noise: float, samples: int, batch_size: int
) -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 4 * 4, 2))
    classifier = Classifier(model, ["a", "b"], 4, device="cpu")
    pictures = torch.arange(96.0).view(2, 3, 4, 4)
    found = smoothgrad(
        classifier,
        pictures,
        torch.tensor([1, 0]),
        samples=samples,
        noise=noise,
        mode="mean",
        batch_size=batch_size,
    )
    expected = model[1].weight.detach()[[1, 0]].view(2, 3, 4, 4).abs().sum(dim=1)
    torch.testing.assert_close(found, expected)


class Recording:
    """A classifier that keeps every batch it is shown."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier
        self.frozen = classifier.frozen
        self.seen: list[Tensor] = []

    def logits(self, inputs: Tensor) -> Tensor:
        self.seen.append(inputs.detach().clone())
        return self._classifier.logits(inputs)


def test_the_noise_is_the_same_to_the_bit_for_any_batching(
    small: Classifier, pictures: Tensor, targets: Tensor
) -> None:
    spreads = noise_scale(pictures, 0.05)
    expected = [
        gaussian_noise((3, 12, 12), 10, seed) * spread + picture
        for picture, spread, seed in zip(pictures, spreads, SEEDS, strict=True)
    ]
    for batch_size in (1, 3, 10, 20, 64):
        recording = Recording(small)
        smoothgrad(recording, pictures, targets, seeds=SEEDS, batch_size=batch_size)
        assert max(len(batch) for batch in recording.seen) <= batch_size
        assert torch.equal(torch.cat(recording.seen), torch.cat(expected))


def test_a_map_does_not_depend_on_the_pictures_beside_it(
    small: Classifier, pictures: Tensor, targets: Tensor
) -> None:
    together = smoothgrad(small, pictures, targets, seeds=SEEDS)
    alone = smoothgrad(small, pictures[3:4], targets[3:4], seeds=SEEDS[3:4])
    torch.testing.assert_close(together[3:4], alone, rtol=1e-5, atol=1e-8)
    others = smoothgrad(small, pictures, targets, seeds=[0, 0, 0, 14, 0])
    assert not torch.allclose(together[:3], others[:3])


def test_a_constant_picture_gives_the_plain_gradient_in_one_pass(small: Classifier) -> None:
    flat = torch.full((1, 3, 12, 12), 0.3)
    recording = Recording(small)
    found = smoothgrad(recording, flat, torch.tensor([1]), noise=0.5, mode="abs")
    assert [len(batch) for batch in recording.seen] == [1]
    gradient = input_gradients(small, flat, torch.tensor([1]))
    torch.testing.assert_close(found, flatten_channels(gradient))


def test_a_dead_network_gives_zeros(small: Classifier, pictures: Tensor, targets: Tensor) -> None:
    for parameter in small.model.parameters():
        parameter.data.zero_()
    for mode in MODES:
        assert not smoothgrad(small, pictures, targets, mode=mode).any()


def test_a_network_that_blows_up_is_refused(
    small: Classifier, pictures: Tensor, targets: Tensor
) -> None:
    small.model[0].weight.data.fill_(float("inf"))
    with pytest.raises(ModelError, match="not a finite number"):
        smoothgrad(small, pictures, targets)


def test_the_variance_falls_with_the_number_of_samples(small: Classifier, pictures: Tensor) -> None:
    def variance(samples: int) -> float:
        maps = [
            smoothgrad(
                small,
                pictures[:1],
                torch.tensor([0]),
                samples=samples,
                noise=0.3,
                seeds=seed,
                batch_size=100,
            )
            for seed in range(60)
        ]
        return float(torch.cat(maps).var(dim=0).mean())

    assert variance(3) / variance(48) == pytest.approx(16, rel=0.5)


def test_the_model_is_left_as_it_was(small: Classifier, pictures: Tensor, targets: Tensor) -> None:
    small.model.train()
    smoothgrad(small, pictures, targets)
    assert all(each.training for each in small.model.modules())
    assert all(each.requires_grad and each.grad is None for each in small.model.parameters())


def test_half_precision_inputs_are_added_up_in_full(small: Classifier) -> None:
    assert module._wide(torch.zeros(1, dtype=torch.bfloat16)) == torch.float32
    assert module._wide(torch.zeros(1, dtype=torch.float64)) == torch.float64


def test_a_seed_belongs_to_the_image_and_the_study() -> None:
    seeds = {picture_seed(seed, image) for seed in range(20) for image in ("a/1.jpg", "a/2.jpg")}
    assert len(seeds) == 40
    assert all(0 <= seed < 2**63 for seed in seeds)
