"""Which layers are the activations after convolutions, in networks of every usual kind."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from netgloss.attribution.cam import channel_weights, layer_maps
from netgloss.errors import ModelError
from netgloss.vision.classifier import Classifier
from netgloss.vision.flow import after_convolutions, in_order

SIDE = 16


def layers_of(model: nn.Module, most: int = 99) -> list[str]:
    torch.manual_seed(0)
    return after_convolutions(Classifier(model, ("ant", "bee"), SIDE, device="cpu"), most)


def head(channels: int) -> list[nn.Module]:
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 2)]


class Residual(nn.Module):
    """A basic block: the second call of its only ReLU ends it."""

    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(out, out, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.shortcut = (
            nn.Sequential(nn.Conv2d(channels, out, 1, bias=False), nn.BatchNorm2d(out))
            if channels != out
            else nn.Identity()
        )

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        y += self.shortcut(x)
        out: Tensor = self.relu(y)
        return out


class Branch(nn.Module):
    """Inception's convolution: the function after it is no module."""

    def __init__(self, channels: int, out: int, side: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, out, side, padding=side // 2, bias=False)
        self.bn = nn.BatchNorm2d(out)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.bn(self.conv(x)), inplace=True)


class Branches(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.one = Branch(channels, 4, 1)
        self.three = nn.Sequential(Branch(channels, 4, 1), Branch(4, 4, 3))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.one(x), self.three(x)], dim=1)


class Gate(nn.Module):
    """Squeeze and excitation: its convolutions see the whole picture at once."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.narrow, self.act = nn.Conv2d(channels, 2, 1), nn.SiLU()
        self.wide = nn.Conv2d(2, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        gate = x.mean(dim=(2, 3), keepdim=True)
        return x * torch.sigmoid(self.wide(self.act(self.narrow(gate))))


class Inverted(nn.Module):
    """MobileNet's block: widened, convolved a channel at a time, gated, narrowed without more."""

    def __init__(self, channels: int, act: Callable[[], nn.Module]) -> None:
        super().__init__()
        wide = 2 * channels
        self.expand = nn.Sequential(nn.Conv2d(channels, wide, 1), nn.BatchNorm2d(wide), act())
        self.depth = nn.Sequential(
            nn.Conv2d(wide, wide, 3, padding=1, groups=wide), nn.BatchNorm2d(wide), act()
        )
        self.gate = Gate(wide)
        self.project = nn.Sequential(nn.Conv2d(wide, channels, 1), nn.BatchNorm2d(channels))

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x + self.project(self.gate(self.depth(self.expand(x))))
        return out


def test_of_a_plain_network_it_is_the_last_nine_activations() -> None:
    parts: list[nn.Module] = []
    for place in range(11):
        parts += [nn.Conv2d(4 if place else 3, 4, 3, padding=1), nn.ReLU(inplace=True)]
    model = nn.Sequential(*parts, *head(4))
    assert layers_of(model, 9) == [str(place) for place in range(5, 22, 2)]
    assert layers_of(model) == [str(place) for place in range(1, 22, 2)]


def test_a_residual_block_counts_with_its_sum_after_the_last_relu() -> None:
    model = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), Residual(4, 4), Residual(4, 8), *head(8)
    )
    # A ReLU that is run twice has no single activation: bn1's positive part stands for it.
    assert layers_of(model) == ["2", "3.bn1", "3", "4.bn1", "4"]


def test_each_branch_counts_where_they_are_put_side_by_side() -> None:
    model = nn.Sequential(Branch(3, 6, 3), nn.MaxPool2d(2), Branches(6), Branches(8), *head(8))
    inside = ["one", "three.0", "three.1"]
    assert layers_of(model) == ["0", *(f"{at}.{name}" for at in (2, 3) for name in inside)]


@pytest.mark.parametrize("act", [nn.ReLU6, nn.SiLU, nn.Hardswish, nn.GELU, nn.LeakyReLU])
def test_other_functions_count_and_a_linear_bottleneck_is_its_normalised_output(
    act: Callable[[], nn.Module],
) -> None:
    model = nn.Sequential(
        nn.Conv2d(3, 4, 3, stride=2), act(), Inverted(4, act), Inverted(4, act), *head(4)
    )
    blocks = [f"{at}.{part}" for at in (2, 3) for part in ("expand.2", "depth.2", "project.1")]
    assert layers_of(model) == ["1", *blocks]


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "residual": lambda: nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.ReLU(), Residual(4, 4), Residual(4, 8), *head(8)
    ),
    "branches": lambda: nn.Sequential(Branch(3, 6, 3), Branches(6), Branches(8), *head(8)),
    "inverted": lambda: nn.Sequential(
        nn.Conv2d(3, 4, 3), Inverted(4, nn.SiLU), Inverted(4, nn.ReLU6), *head(4)
    ),
}


@pytest.mark.parametrize("kind", NETWORKS)
def test_every_layer_found_is_explained_in_one_pass_as_it_is_alone(kind: str) -> None:
    torch.manual_seed(1)
    classifier = Classifier(NETWORKS[kind](), ("ant", "bee"), SIDE, device="cpu")
    layers = after_convolutions(classifier)
    inputs = torch.randn((1, 3, SIDE, SIDE), generator=torch.Generator().manual_seed(2))
    targets = torch.tensor([1])
    together = layer_maps(classifier, inputs, targets, layers)
    assert len(layers) >= 5
    for name in layers:
        plain: list[Tensor] = []
        handle = classifier.layer(name).register_forward_hook(
            lambda _module, _inputs, output, plain=plain: plain.append(output.detach().clone())
        )
        with torch.no_grad(), classifier.frozen():
            classifier.logits(inputs)
        handle.remove()
        alone = layer_maps(classifier, inputs, targets, [name])[name]
        assert torch.allclose(together[name].activations, plain[0].relu(), atol=1e-6)
        assert torch.allclose(together[name].gradients, alone.gradients, atol=1e-7)
        assert channel_weights(together[name], "grad-cam").abs().amax() > 0


def test_a_function_that_no_module_holds_leaves_the_normalised_or_bare_convolution() -> None:
    class Functional(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3)
            self.norm = nn.BatchNorm2d(4)
            self.head = nn.Linear(4, 2)

        def forward(self, x: Tensor) -> Tensor:
            x = self.norm(functional.relu(self.first(x)))
            x = self.second(x)
            x = x * torch.sigmoid(x)
            scores: Tensor = self.head(x.mean(dim=(2, 3)))
            return scores

    assert layers_of(Functional()) == ["first", "second"]


def test_pooling_before_the_function_and_normalisation_after_pooling_are_passed() -> None:
    model = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.MaxPool2d(2), nn.InstanceNorm2d(4), nn.ReLU(),
        nn.Conv2d(4, 4, 3), nn.GroupNorm(2, 4), nn.ELU(), *head(4),
    )  # fmt: skip
    assert layers_of(model) == ["3", "6"]


def test_a_branch_that_the_score_does_not_use_is_no_layer() -> None:
    class Beside(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.used, self.unused = nn.Conv2d(3, 2, 3), nn.Conv2d(3, 2, 3)

        def forward(self, inputs: Tensor) -> Tensor:
            self.unused(inputs).relu()
            scores: Tensor = self.used(inputs).relu().mean(dim=(2, 3))
            return scores

    assert layers_of(Beside()) == ["used"]


def test_a_network_without_convolutions_is_refused_in_one_line() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(3 * SIDE**2, 2))
    with pytest.raises(ModelError, match="no convolution whose output has a place"):
        layers_of(model)


def test_named_layers_are_put_in_the_order_in_which_they_end() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), Residual(4, 4), *head(4))
    classifier = Classifier(model, ("ant", "bee"), SIDE, device="cpu")
    assert in_order(classifier, ["2", "1", "2.bn1"]) == ["1", "2.bn1", "2"]
    with pytest.raises(ModelError, match="'9' is not in the model"):
        in_order(classifier, ["9"])
    with pytest.raises(ModelError, match=r"'2.relu' is run 2 times"):
        in_order(classifier, ["2.relu"])


def test_the_model_is_left_as_it_was() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True), *head(4)).train()
    classifier = Classifier(model, ("ant", "bee"), SIDE, device="cpu")
    after_convolutions(classifier)
    assert model.training
    assert model[1].inplace
    assert all(parameter.requires_grad for parameter in model.parameters())
    assert all(parameter.grad is None for parameter in model.parameters())
    assert not any(module._forward_hooks for module in model.modules())
