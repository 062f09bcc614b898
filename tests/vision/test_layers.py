from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from netgloss.errors import ModelError
from netgloss.vision.classifier import Classifier, Layer

CLASSES = ["cat", "dog", "bird"]


class Gate(nn.Module):
    """Squeeze and excitation: its convolutions see a single point."""

    def __init__(self) -> None:
        super().__init__()
        self.pool, self.narrow, self.wide = (
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(8, 2, 1),
            nn.Conv2d(2, 8, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x * self.wide(self.narrow(self.pool(x)).relu()).sigmoid()


class Net(nn.Module):
    """Modules in another order than they run, one run twice, one never, one that returns two."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(8, 3)
        self.auxiliary = nn.Linear(8, 3)
        self.late = nn.Conv2d(4, 8, 3, padding=1)
        self.early = nn.Conv2d(3, 4, 3, stride=2, padding=1)
        self.relu = nn.ReLU(inplace=True)
        self.gate = Gate()
        self.recurrent = nn.GRU(8, 8, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        y = self.gate(self.relu(self.late(self.relu(self.early(x)))))
        out, _ = self.recurrent(y.flatten(2).transpose(1, 2))
        return self.head(out[:, -1])


@pytest.fixture
def classifier() -> Classifier:
    torch.manual_seed(0)
    return Classifier(Net(), CLASSES, (16, 24), device="cpu")


def test_layers_in_the_order_in_which_they_run(classifier: Classifier) -> None:
    assert classifier.layers() == [
        Layer("early", "Conv2d", (4, 8, 12), 1),
        Layer("relu", "ReLU", (8, 8, 12), 2),
        Layer("late", "Conv2d", (8, 8, 12), 1, last_convolution=True),
        Layer("gate", "Gate", (8, 8, 12), 1),
        Layer("gate.pool", "AdaptiveAvgPool2d", (8, 1, 1), 1),
        Layer("gate.narrow", "Conv2d", (2, 1, 1), 1),
        Layer("gate.wide", "Conv2d", (8, 1, 1), 1),
        Layer("recurrent", "GRU", (96, 8), 1),
        Layer("head", "Linear", (3,), 1),
    ]
    assert classifier.last_convolution() == "late"


def test_a_layer_by_its_name(classifier: Classifier) -> None:
    assert classifier.layer("gate.wide") is classifier.model.gate.wide
    assert classifier.layer("auxiliary") is classifier.model.auxiliary


@pytest.mark.parametrize("name", ["gate.wite", "", "Early"])
def test_an_unknown_layer_is_quoted_with_what_is_there(classifier: Classifier, name: str) -> None:
    with pytest.raises(ModelError) as caught:
        classifier.layer(name)
    message = str(caught.value)
    assert message.startswith(
        f"layer '{name}' is not in the model; the last convolution is 'late'; similar names are"
    )
    near = {"gate.wite": "'gate.wide'", "Early": "'early'", "": "'"}[name]
    assert near in message


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("relu", "layer 'relu' is run 2 times in a forward pass"),
        ("auxiliary", "layer 'auxiliary' is not run in a forward pass"),
        ("nowhere", "layer 'nowhere' is not in the model"),
    ],
)
def test_no_activation_of_a_layer_without_exactly_one(
    classifier: Classifier, name: str, message: str
) -> None:
    with pytest.raises(ModelError, match=message), classifier.activations(name):
        pass


def test_no_activation_of_a_layer_that_puts_out_two(classifier: Classifier) -> None:
    with (
        pytest.raises(ModelError, match="layer 'recurrent' puts out a tuple"),
        classifier.activations("recurrent"),
    ):
        classifier.logits(torch.randn(1, 3, 16, 24))
    assert not classifier.model.recurrent._forward_hooks


def test_every_forward_pass_brings_fresh_activations(classifier: Classifier) -> None:
    with torch.no_grad(), classifier.activations("early", "head") as seen:
        logits = classifier.logits(torch.randn(2, 3, 16, 24))
        assert torch.equal(seen["head"], logits)
        assert seen["early"].shape == (2, 4, 8, 12)
        classifier.logits(torch.randn(5, 3, 16, 24))
        assert seen["early"].shape == (5, 4, 8, 12)


def test_a_module_under_two_names_answers_to_both() -> None:
    model = nn.Sequential(nn.Conv2d(3, 3, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    model.alias = model[0]
    model.forward = lambda x: model[2](model[1](model[0](x)))  # the alias is not run again
    classifier = Classifier(model, CLASSES, 8, device="cpu")
    assert classifier.layer("alias") is classifier.layer("0")
    with torch.no_grad(), classifier.activations("alias") as seen:
        classifier.logits(torch.randn(1, 3, 8, 8))
    assert seen["alias"].shape == (1, 3, 8, 8)


def test_a_model_without_convolution_says_so() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 8 * 8, 3))
    classifier = Classifier(model, CLASSES, 8, device="cpu")
    with pytest.raises(ModelError, match="no convolution"):
        classifier.last_convolution()
    with pytest.raises(ModelError, match="'x' is not in the model; it has no convolution"):
        classifier.layer("x")


def test_hooks_go_when_the_forward_pass_fails(classifier: Classifier) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    handle = classifier.model.late.register_forward_hook(fail)
    with pytest.raises(ZeroDivisionError):
        classifier.layers()
    handle.remove()
    assert not any(
        module._forward_hooks or module._forward_pre_hooks for module in classifier.model.modules()
    )
