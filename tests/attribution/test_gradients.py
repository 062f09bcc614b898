from __future__ import annotations

import copy

import pytest
import torch
from captum.attr import Saliency
from torch import Tensor, nn

from netgloss.attribution.gradients import check_finite, flatten_channels, input_gradients
from netgloss.errors import ModelError
from netgloss.vision.classifier import Classifier


def test_the_gradient_of_a_linear_model_is_its_weights(
    linear: Classifier, pictures: Tensor, targets: Tensor
) -> None:
    gradients = input_gradients(linear, pictures, targets)
    weights = linear.model[1].weight.detach()[targets].view_as(pictures)
    assert torch.equal(gradients, weights)


def test_captum_finds_the_same_signed_gradients(
    small: Classifier, pictures: Tensor, targets: Tensor
) -> None:
    with small.frozen():
        theirs = Saliency(small.logits).attribute(
            pictures.clone().requires_grad_(), target=targets, abs=False
        )
    torch.testing.assert_close(
        input_gradients(small, pictures, targets), theirs, rtol=1e-6, atol=1e-7
    )


def test_finite_differences_agree_on_a_smooth_network(pictures: Tensor) -> None:
    torch.manual_seed(5)
    model = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.Softplus(), nn.Flatten(), nn.Linear(4 * 100, 3), nn.Softplus()
    )
    classifier = Classifier(model, ["a", "b", "c"], 12, device="cpu")
    found = input_gradients(classifier, pictures[:1], torch.tensor([1]))
    exact, picture = copy.deepcopy(model).double(), pictures[:1].double()
    for place in [(0, 0, 0), (1, 5, 7), (2, 11, 11), (0, 6, 2)]:
        step = torch.zeros_like(picture)
        step[(0, *place)] = 1e-5
        slope = (exact(picture + step) - exact(picture - step))[0, 1] / 2e-5
        assert found[(0, *place)].item() == pytest.approx(slope.item(), rel=1e-4, abs=1e-7)


def test_a_probability_gradient_mixes_the_classes_by_the_softmax_rule(
    small: Classifier, pictures: Tensor, targets: Tensor
) -> None:
    found = input_gradients(small, pictures, targets, "probability")
    each = torch.stack(
        [input_gradients(small, pictures, torch.full((5,), index)) for index in range(3)]
    )
    with torch.no_grad():
        shares = small.logits(pictures).softmax(dim=1)
    mixed = torch.einsum("bj,jbchw->bchw", shares, each)
    own = each[targets, torch.arange(5)]
    expected = shares[torch.arange(5), targets][:, None, None, None] * (own - mixed)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-7)


def test_the_model_is_left_as_it_was(small: Classifier, pictures: Tensor, targets: Tensor) -> None:
    model = small.model.train()
    model[0].weight.requires_grad_(False)
    input_gradients(small, pictures, targets)
    with pytest.raises(ModelError, match="class index 9 was asked for; the model scores 3"):
        input_gradients(small, pictures, torch.full((5,), 9))
    assert all(module.training for module in model.modules())
    assert [p.requires_grad for p in model.parameters()] == [False] + [True] * 5
    assert all(p.grad is None for p in model.parameters())
    assert not pictures.requires_grad
    assert pictures.grad is None


def test_gradients_flow_where_the_caller_has_switched_them_off(
    small: Classifier, pictures: Tensor, targets: Tensor
) -> None:
    expected = input_gradients(small, pictures, targets)
    with torch.no_grad():
        assert torch.equal(input_gradients(small, pictures, targets), expected)


def test_a_model_without_differentiable_steps_is_refused(pictures: Tensor) -> None:
    class Detached(nn.Module):
        def forward(self, inputs: Tensor) -> Tensor:
            return inputs.detach().mean(dim=(2, 3))

    classifier = Classifier(Detached(), ["a", "b", "c"], 12, device="cpu")
    with pytest.raises(ModelError, match=r"look for detach\(\)"):
        input_gradients(classifier, pictures, torch.zeros(5, dtype=torch.long))


def test_a_gradient_that_is_not_finite_is_refused() -> None:
    values = torch.tensor([1.0, -2.0])
    assert check_finite(values) is values
    for wrong in (float("nan"), float("inf")):
        with pytest.raises(ModelError, match="not a finite number"):
            check_finite(torch.tensor([0.0, wrong]))


def test_channels_are_flattened_by_sum_or_largest() -> None:
    gradients = torch.tensor([[[[1.0, -2.0]], [[-3.0, 0.5]]]])
    assert flatten_channels(gradients).tolist() == [[[4.0, 2.5]]]
    assert flatten_channels(gradients, "abs-max").tolist() == [[[3.0, 2.0]]]
