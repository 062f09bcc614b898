from __future__ import annotations

import numpy as np
import pytest
import torch
from captum.attr import IntegratedGradients
from torch import Tensor, nn

from netgloss.attribution.integrated import black_baseline, integrated_gradients
from netgloss.vision.classifier import Classifier


def test_a_linear_model_is_exact_with_one_node(
    linear: Classifier, pictures: Tensor, targets: Tensor
) -> None:
    found = integrated_gradients(linear, pictures, targets, steps=1)
    weights = linear.model[1].weight.detach()[targets].view_as(pictures)
    torch.testing.assert_close(found.attributions, weights * pictures)
    assert found.steps.tolist() == [1] * 5
    assert found.delta.abs().max() < 1e-5


def test_captum_finds_the_same(small: Classifier, pictures: Tensor, targets: Tensor) -> None:
    baseline = torch.full_like(pictures, -0.7)
    found = integrated_gradients(
        small, pictures, targets, baseline=baseline, steps=50, most_steps=50, batch_size=7
    )
    with small.frozen():
        theirs, delta = IntegratedGradients(small.logits).attribute(
            pictures, baseline, targets, n_steps=50, return_convergence_delta=True
        )
    torch.testing.assert_close(found.attributions, theirs.float(), rtol=1e-3, atol=1e-5)
    torch.testing.assert_close(found.delta.float(), delta.float(), rtol=1e-2, atol=1e-4)


def test_the_attributions_add_up_to_the_change_of_the_score(
    small: Classifier, pictures: Tensor, targets: Tensor
) -> None:
    found = integrated_gradients(small, pictures, targets, score="probability")
    with torch.no_grad():
        there = small.logits(pictures).softmax(dim=1)[torch.arange(5), targets]
        here = small.logits(black_baseline(small)).softmax(dim=1)[0, targets]
    torch.testing.assert_close(found.change.float(), there - here, rtol=1e-4, atol=1e-6)
    sums = found.attributions.flatten(1).sum(dim=1)
    torch.testing.assert_close(sums, there - here, rtol=0.05, atol=0)


def test_nodes_are_added_until_the_attributions_add_up() -> None:
    class Step(nn.Module):
        """Rises within a few hundredths of the line, where few nodes lie."""

        def forward(self, inputs: Tensor) -> Tensor:
            mean = inputs.mean(dim=(1, 2, 3))
            rise = torch.sigmoid((mean - 0.5) * 100)
            return torch.stack([rise, mean], dim=1)

    classifier = Classifier(Step(), ["step", "slope"], 4, device="cpu")
    inputs, targets = torch.ones((2, 3, 4, 4)), torch.tensor([0, 1])
    found = integrated_gradients(classifier, inputs, targets, steps=4, most_steps=400)
    assert found.steps[0] > 4
    assert found.delta[0].abs() <= 0.05
    assert found.steps[1] == 4
    capped = integrated_gradients(classifier, inputs, targets, steps=4, most_steps=8)
    assert capped.steps.tolist() == [8, 4]
    assert capped.delta[0].abs() > 0.05


def test_a_picture_that_is_its_baseline_has_nothing_in_it(
    small: Classifier, pictures: Tensor, targets: Tensor
) -> None:
    found = integrated_gradients(small, pictures, targets, baseline=pictures)
    assert not found.attributions.any()
    assert not found.delta.any()
    assert found.steps.tolist() == [50] * 5


def test_the_batch_size_changes_nothing(
    small: Classifier, pictures: Tensor, targets: Tensor
) -> None:
    one = integrated_gradients(small, pictures, targets, batch_size=1)
    many = integrated_gradients(small, pictures, targets, batch_size=1000)
    torch.testing.assert_close(one.attributions, many.attributions, rtol=1e-4, atol=1e-6)


def test_the_default_baseline_is_black_before_the_preprocessing(small: Classifier) -> None:
    black = black_baseline(small)
    expected = -np.array([0.4, 0.5, 0.6]) / np.array([0.2, 0.3, 0.25])
    assert black.shape == (1, 3, 12, 12)
    assert black[0].mean(dim=(1, 2)).tolist() == pytest.approx(expected.tolist(), rel=1e-6)
