"""Score-CAM and Ablation-CAM: closed forms, slow loops, captum, and what they cost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from captum.attr import LayerFeatureAblation
from torch import Tensor, nn

from netgloss.attribution.cam import layer_activations, layer_maps
from netgloss.attribution.scoring import (
    SCORINGS,
    Scoring,
    ablation_weights,
    masking_weights,
    scored_weights,
)
from netgloss.errors import ModelError
from netgloss.vision.classifier import Classifier

SIDE = 12
CLASSES = ("ant", "bee", "cat")


class Joined(nn.Module):
    """What comes before the layer meets what comes after it, channel beside channel."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, padding=1)
        self.layer = nn.Sequential(nn.Conv2d(4, 5, 3, padding=1), nn.SiLU())
        self.head = nn.Linear(9, 3)

    def forward(self, inputs: Tensor) -> Tensor:
        before = self.stem(inputs)
        joined = torch.cat([before, self.layer(before)], dim=1).relu()
        scores: Tensor = self.head(joined.mean(dim=(2, 3)))
        return scores


class Counted(Joined):
    """It looks at its batch before the layer and believes it after."""

    def forward(self, inputs: Tensor) -> Tensor:
        pictures = inputs.shape[0]
        features = self.layer(self.stem(inputs)).reshape(pictures, 5, -1).mean(dim=2)
        scores: Tensor = self.head(nn.functional.pad(features, (0, 4)))
        return scores


class Divided(Joined):
    """It takes more rows than pictures for several views of each: right shape, wrong scores."""

    def forward(self, inputs: Tensor) -> Tensor:
        features = self.layer(self.stem(inputs)).mean(dim=(2, 3))
        scores: Tensor = self.head(nn.functional.pad(features, (0, 4)))
        return scores / (len(features) // len(inputs))


class Mirrored(Joined):
    """The layer sees each picture twice."""

    def forward(self, inputs: Tensor) -> Tensor:
        both = self.layer(self.stem(torch.cat([inputs, inputs.flip(3)])))
        scores: Tensor = self.head(nn.functional.pad(both.mean(dim=(2, 3)), (0, 4)))
        return scores[: len(inputs)] + scores[len(inputs) :]


class Residual(nn.Module):
    """A block whose sum is rectified by a function, the shortcut added in place."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 5, 3, padding=1)
        self.layer = nn.Sequential(nn.Conv2d(5, 5, 3, padding=1), nn.BatchNorm2d(5))
        self.head = nn.Linear(5, 3)

    def forward(self, inputs: Tensor) -> Tensor:
        before = self.stem(inputs).relu_()
        after = self.layer(before)
        after += before
        scores: Tensor = self.head(after.relu_().amax(dim=(2, 3)))
        return scores


class Careful(Residual):
    """The same without writing over anything, which captum needs."""

    def forward(self, inputs: Tensor) -> Tensor:
        before = self.stem(inputs).relu()
        scores: Tensor = self.head((self.layer(before) + before).relu().amax(dim=(2, 3)))
        return scores


def classifier_of(model: nn.Module, **options: object) -> Classifier:
    return Classifier(model, CLASSES, SIDE, device="cpu", **options)


def pooled(seed: int = 4) -> Classifier:
    """Everything after layer 1 is linear."""
    torch.manual_seed(seed)
    return classifier_of(
        nn.Sequential(
            nn.Conv2d(3, 6, 3, padding=1),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(6, 3),
        )
    )


def weights_of(
    classifier: Classifier,
    inputs: Tensor,
    targets: Tensor,
    layer: str,
    how: Scoring,
    batch_size: int = 20,
) -> Tensor:
    shown = layer_activations(classifier, inputs, [layer])[layer]
    return scored_weights(classifier, inputs, targets, layer, shown, how, batch_size)


@contextmanager
def counting(*modules: nn.Module) -> Iterator[list[list[int]]]:
    """How many pictures each of these modules gets in each pass."""
    sizes: list[list[int]] = [[] for _ in modules]

    def note(place: int) -> object:
        return lambda _module, inputs, _output: sizes[place].append(len(inputs[0]))

    handles = [module.register_forward_hook(note(place)) for place, module in enumerate(modules)]
    try:
        yield sizes
    finally:
        for handle in handles:
            handle.remove()


# ------------------------------------------------------------------------------------ both kinds


@pytest.mark.parametrize("how", SCORINGS)
def test_feature_maps_that_are_zero_everywhere_weigh_nothing(
    how: Scoring, pictures: Tensor, targets: Tensor
) -> None:
    classifier = pooled()
    convolution = classifier.model[0]
    with torch.no_grad():
        convolution.bias[[1, 4]] = -1e4
    weights = weights_of(classifier, pictures, targets, "1", how)
    assert not weights[:, [1, 4]].any()
    assert weights[:, [0, 2, 3, 5]].all()
    with torch.no_grad():
        convolution.bias.fill_(-1e4)
    assert not weights_of(classifier, pictures, targets, "1", how).any()


@pytest.mark.parametrize("how", SCORINGS)
@pytest.mark.parametrize("layer", ["1", "3", "4"])
def test_neither_the_batch_nor_the_pictures_beside_change_the_weights(
    how: Scoring, layer: str, small: Classifier, pictures: Tensor, targets: Tensor
) -> None:
    together = weights_of(small, pictures, targets, layer, how)
    assert torch.equal(weights_of(small, pictures, targets, layer, how), together)
    for batch_size in (1, 3, 64):
        again = weights_of(small, pictures, targets, layer, how, batch_size)
        assert torch.allclose(again, together, atol=1e-5)
    for place in range(len(pictures)):
        one = slice(place, place + 1)
        alone = weights_of(small, pictures[one], targets[one], layer, how)
        assert torch.allclose(alone, together[one], atol=1e-5)


@pytest.mark.parametrize("how", SCORINGS)
def test_no_more_pictures_are_in_flight_than_the_batch_size_says(
    how: Scoring, small: Classifier, pictures: Tensor, targets: Tensor
) -> None:
    shown = layer_activations(small, pictures, ["4"])["4"]
    with counting(*small.model.children()) as sizes:
        scored_weights(small, pictures, targets, "4", shown, how, batch_size=3)
    active = int(shown.flatten(2).any(dim=2).sum())
    assert max(max(each) for each in sizes) == 3
    if how == "ablation-cam":
        first, last = sizes[0], sizes[-1]
        # Before and after each layer's channels two pictures are tried both ways.
        assert sum(last) == active + 5 * 4
        assert sum(first) == 5 * (3 + 3)  # 3 passes for 8 channels, the layers before run once each
    else:
        assert [sum(each) for each in sizes] == [active] * len(sizes)


@pytest.mark.parametrize("how", SCORINGS)
def test_the_model_is_as_it_was_afterwards_and_after_an_error(
    how: Scoring, small: Classifier, pictures: Tensor, targets: Tensor
) -> None:
    small.model.train()
    before = [module.training for module in small.model.modules()]
    weights_of(small, pictures, targets, "4", how)
    with pytest.raises(ModelError, match="class index 3"):
        weights_of(small, pictures, targets + 3, "4", how)
    assert [module.training for module in small.model.modules()] == before
    assert not any(module._forward_hooks for module in small.model.modules())
    assert all(p.requires_grad and p.grad is None for p in small.model.parameters())
    assert torch.is_grad_enabled()


@pytest.mark.parametrize("how", SCORINGS)
def test_no_gradient_is_needed(how: Scoring, pictures: Tensor, targets: Tensor) -> None:
    class Cut(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer, self.head = nn.Conv2d(3, 4, 3), nn.Linear(4, 3)

        def forward(self, inputs: Tensor) -> Tensor:
            scores: Tensor = self.head(self.layer(inputs).relu().detach().amax(dim=(2, 3)))
            return scores.detach()

    torch.manual_seed(1)
    cut = classifier_of(Cut())
    with pytest.raises(ModelError, match="does not follow from layer 'layer'"):
        layer_maps(cut, pictures, targets, ["layer"])
    assert weights_of(cut, pictures, targets, "layer", how).any(dim=1).all()


def test_an_unknown_weighting_is_refused(
    small: Classifier, pictures: Tensor, targets: Tensor
) -> None:
    with pytest.raises(ModelError, match="weighting 'grad-cam' is unknown; the known ones are sco"):
        weights_of(small, pictures, targets, "4", "grad-cam")


@pytest.mark.parametrize("how", SCORINGS)
def test_a_layer_that_sees_each_picture_twice_is_refused(
    how: Scoring, pictures: Tensor, targets: Tensor
) -> None:
    torch.manual_seed(0)
    with pytest.raises(ModelError, match="'layer' puts out 10 sets of feature maps for 5 pictures"):
        weights_of(classifier_of(Mirrored()), pictures, targets, "layer", how)


def test_activations_without_gradients_are_those_with_them(
    small: Classifier, pictures: Tensor, targets: Tensor
) -> None:
    with_them = layer_maps(small, pictures, targets, ["1", "3"])
    for name, shown in layer_activations(small, pictures, ["1", "3"]).items():
        assert torch.equal(shown, with_them[name].activations)
        assert not shown.requires_grad
    with pytest.raises(ModelError, match=r"layer '5' puts out \(288,\) an image"):
        layer_activations(small, pictures, ["5"])


# ------------------------------------------------------------------------------------- Score-CAM


def slow_enlarged(heat: np.ndarray, height: int, width: int) -> np.ndarray:
    """Bilinear between the centres of cells, one pixel at a time."""
    rows, columns = heat.shape
    large = np.zeros((height, width))
    for y in range(height):
        for x in range(width):
            v = min(max((y + 0.5) * rows / height - 0.5, 0), rows - 1)
            u = min(max((x + 0.5) * columns / width - 0.5, 0), columns - 1)
            top, left = int(v), int(u)
            below, right = min(top + 1, rows - 1), min(left + 1, columns - 1)
            upper = heat[top, left] * (1 - u + left) + heat[top, right] * (u - left)
            lower = heat[below, left] * (1 - u + left) + heat[below, right] * (u - left)
            large[y, x] = upper * (1 - v + top) + lower * (v - top)
    return large


def slow_score_cam(
    classifier: Classifier,
    picture: Tensor,
    target: int,
    maps: Tensor,
    baseline: Tensor,
    how: Scoring,
) -> np.ndarray:
    """Algorithm 1 of the paper, one channel at a time; or the authors' code."""
    with torch.no_grad():
        gains = {}
        for channel, heat in enumerate(maps.double().numpy()):
            if heat.max() > heat.min():
                large = slow_enlarged(heat, SIDE, SIDE)
                mask = torch.tensor((large - large.min()) / (large.max() - large.min()))
                logits = classifier.logits((picture * mask).float()[None])[0].double()
                if how == "score-cam":
                    gains[channel] = float(logits[target] - classifier.logits(baseline)[0, target])
                else:
                    gains[channel] = float(logits.softmax(dim=0)[target])
    weights = np.zeros(len(maps))
    for channel, gain in gains.items():
        if how == "score-cam":
            weights[channel] = 1 / sum(np.exp(other - gain) for other in gains.values())
        else:
            weights[channel] = gain
    return weights


@pytest.mark.parametrize("how", ["score-cam", "score-cam-probability"])
@pytest.mark.parametrize("layer", ["1", "4"])
def test_score_cam_is_what_a_slow_loop_gives_whatever_its_baseline(
    how: Scoring, layer: str, small: Classifier, pictures: Tensor, targets: Tensor
) -> None:
    pictures = pictures[:2] * 10  # or all scores would be nearly alike
    shown = layer_activations(small, pictures, [layer])[layer]
    found = scored_weights(small, pictures, targets[:2], layer, shown, how, batch_size=3)
    for baseline in (torch.zeros_like(pictures[:1]), torch.ones_like(pictures[:1]) * 3):
        for place in range(len(pictures)):
            expected = slow_score_cam(
                small, pictures[place], int(targets[place]), shown[place], baseline, how
            )
            assert np.ptp(expected) > 0.03
            assert np.allclose(found[place], expected, atol=1e-5)


def test_score_cams_weights_are_shares_by_the_logit_and_probabilities_otherwise(
    small: Classifier, pictures: Tensor, targets: Tensor
) -> None:
    shares = weights_of(small, pictures, targets, "4", "score-cam")
    assert torch.allclose(shares.sum(dim=1), torch.ones(5), atol=1e-6)
    every = [
        weights_of(small, pictures, torch.full((5,), target), "4", "score-cam-probability")
        for target in range(len(CLASSES))
    ]
    active = layer_activations(small, pictures, ["4"])["4"].flatten(2).any(dim=2)
    assert torch.allclose(torch.stack(every).sum(dim=0), active.float(), atol=1e-5)


def test_a_map_that_is_the_same_everywhere_masks_nothing_and_weighs_nothing(
    small: Classifier, pictures: Tensor, targets: Tensor
) -> None:
    shown = layer_activations(small, pictures, ["4"])["4"].clone()
    shown[:, 2] = 0.1  # the enlarged map would differ from pixel to pixel by rounding
    for score in ("logit", "probability"):
        weights = masking_weights(small, pictures, targets, shown, score)
        assert not weights[:, 2].any()
        assert weights[:, 3].any()
    flat = torch.full_like(shown, 0.1)
    assert not masking_weights(small, pictures, targets, flat).any()


def test_neither_scale_nor_offset_of_a_map_matters_to_score_cam(
    small: Classifier, pictures: Tensor, targets: Tensor
) -> None:
    shown = layer_activations(small, pictures, ["4"])["4"]
    scale = torch.linspace(0.01, 100, shown.shape[1])[:, None, None]
    usual = masking_weights(small, pictures, targets, shown, "probability")
    other = masking_weights(small, pictures, targets, shown * scale + 7 * scale, "probability")
    assert torch.allclose(other, usual, atol=1e-4)
    assert usual.std() > 0.01


# ---------------------------------------------------------------------------------- Ablation-CAM


def captum_drops(
    classifier: Classifier, layer: str, pictures: Tensor, targets: Tensor
) -> tuple[Tensor, Tensor]:
    """What captum says that each channel is worth, and the scores."""
    with classifier.frozen(), torch.no_grad():
        module = classifier.layer(layer)
        channels = layer_activations(classifier, pictures, [layer])[layer].shape[1]
        found = LayerFeatureAblation(classifier.model, module).attribute(
            pictures,
            layer_baselines=0,
            target=targets,
            layer_mask=torch.arange(channels)[None, :, None, None],
        )
        scores = classifier.logits(pictures).gather(1, targets[:, None])
    return found[:, :, 0, 0], scores


def test_where_all_that_follows_is_linear_the_drop_has_a_closed_form(
    pictures: Tensor, targets: Tensor
) -> None:
    classifier = pooled()
    shown = layer_activations(classifier, pictures, ["1"])["1"]
    head = classifier.model[4]
    with torch.no_grad():
        worth = head.weight[targets] * shown.mean(dim=(2, 3))
        scores = worth.sum(dim=1) + head.bias[targets]
    assert (scores < 0).any()
    assert (scores > 0).any()
    weights = ablation_weights(classifier, pictures, targets, "1", shown)
    assert torch.allclose(weights, worth / scores.abs()[:, None], atol=1e-5)


@pytest.mark.parametrize("layer", ["1", "3", "4"])
def test_ablation_of_a_rectified_network_is_captums(
    layer: str, small: Classifier, pictures: Tensor, targets: Tensor
) -> None:
    drops, scores = captum_drops(small, layer, pictures, targets)
    weights = weights_of(small, pictures, targets, layer, "ablation-cam", batch_size=3)
    active = layer_activations(small, pictures, [layer])[layer].flatten(2).any(dim=2)
    assert (drops.abs() > 0.01).any()
    assert torch.allclose(weights, torch.where(active, drops / scores.abs(), 0.0), atol=2e-5)


@pytest.mark.parametrize(
    ("model", "twin", "once"),
    [
        (Joined, Joined, False),
        (Counted, Counted, False),
        (Divided, Divided, False),
        (Residual, Careful, True),
    ],
)
def test_ablation_holds_however_the_network_goes_round_the_layer(
    model: type[nn.Module],
    twin: type[nn.Module],
    once: bool,
    pictures: Tensor,
    targets: Tensor,
) -> None:
    torch.manual_seed(6)
    classifier, other = classifier_of(model()), classifier_of(twin())
    other.model.load_state_dict(classifier.model.state_dict())
    drops, scores = captum_drops(other, "layer", pictures, targets)
    shown = layer_activations(classifier, pictures, ["layer"])["layer"]
    assert shown.flatten(2).any(dim=2).all()
    with counting(classifier.layer("stem")) as (sizes,):
        weights = ablation_weights(classifier, pictures, targets, "layer", shown)
    assert torch.allclose(weights, drops / scores.abs(), atol=2e-5)
    assert (drops.abs() > 0.001).any()
    # Of each picture: two to try, one that becomes two, and the channels.
    assert sizes == [2, 1, 1 if once else 5] * 5


def test_a_score_of_zero_divides_nothing(pictures: Tensor, targets: Tensor) -> None:
    classifier = pooled()
    head = classifier.model[4]
    with torch.no_grad():
        head.weight.zero_()
        head.bias.zero_()
    shown = layer_activations(classifier, pictures, ["1"])["1"]
    assert not ablation_weights(classifier, pictures, targets, "1", shown).any()


def test_a_layer_beside_the_way_to_the_score_loses_exactly_nothing(
    pictures: Tensor, targets: Tensor
) -> None:
    class Beside(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.used, self.layer = nn.Conv2d(3, 50, 3), nn.Conv2d(3, 30, 3)
            self.head = nn.Linear(50 * 100, 3)

        def forward(self, inputs: Tensor) -> Tensor:
            self.layer(inputs)
            scores: Tensor = self.head(self.used(inputs).flatten(1))
            return scores

    torch.manual_seed(0)
    beside = classifier_of(Beside())
    for batch_size in (1, 7, 30):
        weights = weights_of(beside, pictures, targets, "layer", "ablation-cam", batch_size)
        assert not weights.any()


def test_a_score_that_is_not_finite_is_told(pictures: Tensor, targets: Tensor) -> None:
    class Logarithm(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer, self.head = nn.Conv2d(3, 1, 3), nn.Linear(1, 3)

        def forward(self, inputs: Tensor) -> Tensor:
            brightest = self.layer(inputs).relu().amax(dim=(2, 3))
            scores: Tensor = self.head(brightest.log())
            return scores

    torch.manual_seed(0)
    logarithm = classifier_of(Logarithm())
    with pytest.raises(ModelError, match="not a finite number where one of the feature maps"):
        weights_of(logarithm, pictures, targets, "layer", "ablation-cam")
