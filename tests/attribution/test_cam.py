"""Channel weights: identities of the CAM family, and an independent implementation."""

from __future__ import annotations

import pytest
import torch
from captum.attr import LayerGradCam
from torch import Tensor, nn

from netgloss.attribution.cam import (
    WEIGHTINGS,
    LayerMaps,
    Weighting,
    cam,
    channel_weights,
    layer_maps,
)
from netgloss.errors import ModelError
from netgloss.vision.classifier import Classifier

SIDE = 12
NAMES: tuple[Weighting, ...] = ("guided-relu", "grad-cam", "grad-cam-positive", "grad-cam++")


@pytest.fixture
def pooled() -> Classifier:
    """Global average pooling and a linear head, for which the weights are known."""
    torch.manual_seed(4)
    model = nn.Sequential(
        nn.Conv2d(3, 6, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(6, 3),
    )
    return Classifier(model, ("ant", "bee", "cat"), SIDE, device="cpu")


def random_maps(seed: int, negative: bool = True) -> LayerMaps:
    dice = torch.Generator().manual_seed(seed)
    activations = torch.randn((2, 5, 3, 4), generator=dice).relu()
    gradients = torch.randn((2, 5, 3, 4), generator=dice)
    return LayerMaps(activations, gradients if negative else gradients.abs())


def test_with_pooling_and_a_linear_head_grad_cam_is_the_heads_weights(
    pooled: Classifier, pictures: Tensor, targets: Tensor
) -> None:
    maps = layer_maps(pooled, pictures, targets, ["1"])["1"]
    head = pooled.model[4].weight[targets] / SIDE**2  # type: ignore[index]  # a Sequential
    assert torch.allclose(channel_weights(maps, "grad-cam"), head, atol=1e-7)


def test_one_pass_gives_what_captum_gives_layer_by_layer(
    small: Classifier, pictures: Tensor, targets: Tensor
) -> None:
    found = layer_maps(small, pictures, targets, ["1", "4"])
    small.model.eval()
    for name in ("1", "4"):
        layer = small.model.get_submodule(name)
        layer.inplace = False
        expected = LayerGradCam(small.model, layer).attribute(
            pictures, targets, relu_attributions=True
        )
        ours = cam(found[name].activations, channel_weights(found[name], "grad-cam"))
        assert ours.amax() > 0
        assert torch.allclose(ours, expected[:, 0], atol=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_guided_weights_count_only_where_both_are_positive(seed: int) -> None:
    maps = random_maps(seed)
    weights = channel_weights(maps, "guided-relu")
    for one in range(2):
        for channel in range(5):
            total = 0.0
            for value, slope in zip(
                maps.activations[one, channel].flatten().tolist(),
                maps.gradients[one, channel].flatten().tolist(),
                strict=True,
            ):
                if value > 0 and slope > 0:
                    total += slope
            assert weights[one, channel].item() == pytest.approx(total / 12, abs=1e-6)
    assert (weights <= channel_weights(maps, "grad-cam-positive") + 1e-7).all()


def test_grad_cam_plus_plus_of_a_constant_gradient_has_a_closed_form() -> None:
    activations = random_maps(1).activations
    maps = LayerMaps(activations, torch.full_like(activations, 0.3))
    expected = 12 * 0.3 / (2 + 0.3 * activations.sum(dim=(2, 3)))
    assert torch.allclose(channel_weights(maps, "grad-cam++"), expected, atol=1e-6)


def test_negative_gradients_never_count_in_grad_cam_plus_plus() -> None:
    maps = random_maps(2)
    assert (channel_weights(maps, "grad-cam++") >= 0).all()
    nothing = LayerMaps(maps.activations, -maps.gradients.abs())
    assert not channel_weights(nothing, "grad-cam++").any()


@pytest.mark.parametrize("how", NAMES)
def test_the_order_of_channels_does_not_matter(how: Weighting) -> None:
    maps = random_maps(3)
    order = torch.tensor([3, 0, 4, 1, 2])
    turned = LayerMaps(maps.activations[:, order], maps.gradients[:, order])
    assert torch.equal(channel_weights(turned, how), channel_weights(maps, how)[:, order])
    assert set(NAMES) == set(WEIGHTINGS)


def test_a_convolution_is_rectified_and_what_overwrites_it_does_not_show(
    small: Classifier, pictures: Tensor, targets: Tensor
) -> None:
    found = layer_maps(small, pictures, targets, ["3", "4"])
    assert torch.equal(found["3"].activations, found["4"].activations)
    assert found["3"].activations.min() == 0


def test_layers_without_a_place_or_a_way_to_the_score_are_refused(
    small: Classifier, pictures: Tensor, targets: Tensor
) -> None:
    with pytest.raises(ModelError, match=r"layer '5' puts out \(288,\) an image"):
        layer_maps(small, pictures, targets, ["5"])
    with pytest.raises(ModelError, match="weighting 'cam' is unknown"):
        channel_weights(random_maps(0), "cam")  # type: ignore[arg-type]  # there is none


def test_a_layer_beside_the_way_to_the_score_is_named(pictures: Tensor, targets: Tensor) -> None:
    class Beside(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.used, self.unused = nn.Conv2d(3, 3, 3), nn.Conv2d(3, 3, 3)

        def forward(self, inputs: Tensor) -> Tensor:
            self.unused(inputs)
            scores: Tensor = self.used(inputs).mean(dim=(2, 3))
            return scores

    torch.manual_seed(0)
    classifier = Classifier(Beside(), ("ant", "bee", "cat"), SIDE, device="cpu")
    with pytest.raises(ModelError, match="does not depend on layer 'unused'"):
        layer_maps(classifier, pictures, targets, ["used", "unused"])
