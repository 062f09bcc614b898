"""Channel weights of the CAM family: how much each feature map of a layer counts for a class.

Every method is a pair of weights, shape (channel,), and the rule that adds the weighted maps. One
forward and one backward pass serve all layers and all of these weightings.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

import torch
from torch import Tensor

from netgloss.attribution.gradients import Score, check_finite, class_scores
from netgloss.errors import ModelError

if TYPE_CHECKING:
    from netgloss.vision.classifier import Classifier

__all__ = [
    "WEIGHTINGS",
    "LayerMaps",
    "Weighting",
    "cam",
    "channel_weights",
    "layer_activations",
    "layer_maps",
]

Weighting = Literal["guided-relu", "grad-cam", "grad-cam-positive", "grad-cam++"]

_TINY = 1e-6  # below it Grad-CAM++ would divide by zero (pytorch-grad-cam uses the same)


class LayerMaps(NamedTuple):
    """What one layer put out for a batch, and how the score depends on it.

    Attributes:
        activations: Values ≥ 0 after the activation function, shape (batch, channel, height,
            width).
        gradients: Of the target's score with respect to them, same shape.
    """

    activations: Tensor
    gradients: Tensor


def layer_maps(
    classifier: Classifier,
    inputs: Tensor,
    targets: Tensor,
    layers: Sequence[str],
    score: Score = "logit",
) -> dict[str, LayerMaps]:
    """The activations and gradients of all these layers, from one forward and one backward pass.

    A layer without an activation function of its own, such as a convolution, is rectified: what
    is below zero is not shown to anybody.

    Args:
        classifier: The model; evaluation mode and frozen parameters meanwhile.
        inputs: Preprocessed pictures, shape (batch, channel, height, width).
        targets: Index of the class explained for each picture, shape (batch,).
        layers: Names as in ``classifier.layers()``.
        score: ``logit`` or ``probability``.

    Raises:
        ModelError: A layer has no single activation with a place (channel, height, width), or
            the score does not follow from it by differentiable steps.

    Source:
        Abstract Network Visualizations (2023), chapter 3; Selvaraju et al. (2017), equation 1.
    """
    with classifier.frozen(), classifier.activations(*layers) as seen, torch.enable_grad():
        scores = class_scores(classifier, inputs, targets, score)
        outputs = [_spatial(name, seen[name]) for name in layers]
        if not scores.requires_grad:
            raise ModelError(
                f"the model's score does not follow from layer '{layers[0]}' by differentiable "
                "steps; look for detach(), no_grad() or argmax() in its forward method"
            )
        gradients = torch.autograd.grad(scores.sum(), outputs, allow_unused=True)
    return {
        name: LayerMaps(output.detach().relu(), check_finite(_used(name, gradient)))
        for name, output, gradient in zip(layers, outputs, gradients, strict=True)
    }


def layer_activations(
    classifier: Classifier, inputs: Tensor, layers: Sequence[str]
) -> dict[str, Tensor]:
    """The activations of all these layers as in :class:`LayerMaps`, from one forward pass.

    Args:
        classifier: The model; evaluation mode meanwhile.
        inputs: Preprocessed pictures, shape (batch, channel, height, width).
        layers: Names as in ``classifier.layers()``.

    Raises:
        ModelError: A layer has no single activation with a place.
    """
    with classifier.activations(*layers) as seen, torch.no_grad():
        classifier.logits(inputs)
    return {name: _spatial(name, seen[name]).relu() for name in layers}


def channel_weights(maps: LayerMaps, how: Weighting = "guided-relu") -> Tensor:
    """The weight of each feature map, shape (batch, channel).

    Args:
        maps: Of one layer.
        how: ``guided-relu``: the gradient where both it and the activation are positive, averaged
            over all positions; never negative. ``grad-cam``: the mean gradient.
            ``grad-cam-positive``: the mean of its positive part. ``grad-cam++``: positive
            gradients, each by its share (Chattopadhay et al., equation 19).

    Raises:
        ModelError: There is no such weighting.

    Example:
        >>> maps = LayerMaps(torch.tensor([[[[2.0, 0.0]]]]), torch.tensor([[[[0.5, 0.5]]]]))
        >>> channel_weights(maps).item(), channel_weights(maps, "grad-cam").item()
        (0.25, 0.5)
    """
    if how not in WEIGHTINGS:
        raise ModelError(
            f"weighting {how!r} is unknown; the known ones are {', '.join(WEIGHTINGS)}"
        )
    return WEIGHTINGS[how](maps)


def cam(activations: Tensor, weights: Tensor) -> Tensor:
    """The class activation map, shape (batch, height, width), values ≥ 0, not normalised.

    Args:
        activations: Of one layer, shape (batch, channel, height, width); those of another picture
            than the weights' reuse an explanation.
        weights: Shape (batch, channel).

    Source:
        Selvaraju et al. (2017), equation 2.
    """
    return torch.einsum("bk,bkhw->bhw", weights, activations).relu()


def _guided_relu(maps: LayerMaps) -> Tensor:
    # ReLU's own backward step: the gradient where the activation is above 0, and 0 elsewhere. A
    # product with a mask of booleans takes three times as long.
    guided: Tensor = torch.ops.aten.threshold_backward(
        maps.gradients.clamp(min=0), maps.activations, 0
    )
    return guided.mean(dim=(2, 3))


def _grad_cam(maps: LayerMaps) -> Tensor:
    return maps.gradients.mean(dim=(2, 3))


def _positive(maps: LayerMaps) -> Tensor:
    return maps.gradients.clamp(min=0).mean(dim=(2, 3))


def _plus_plus(maps: LayerMaps) -> Tensor:
    gradients = maps.gradients
    squares = gradients.square()
    sums = maps.activations.sum(dim=(2, 3), keepdim=True)
    below = 2 * squares + sums * squares * gradients
    shares = torch.where(below.abs() < _TINY, 0.0, squares / below)
    return (shares * gradients.clamp(min=0)).sum(dim=(2, 3))


WEIGHTINGS: dict[str, Callable[[LayerMaps], Tensor]] = {
    "guided-relu": _guided_relu,
    "grad-cam": _grad_cam,
    "grad-cam-positive": _positive,
    "grad-cam++": _plus_plus,
}


def _spatial(name: str, output: Tensor) -> Tensor:
    if output.ndim != 4:
        raise ModelError(
            f"layer '{name}' puts out {tuple(output.shape[1:])} an image, which is not (channel, "
            "height, width); choose a layer before the pooling or flattening"
        )
    return output


def _used(name: str, gradient: Tensor | None) -> Tensor:
    if gradient is None:
        raise ModelError(
            f"the model's score does not depend on layer '{name}'; choose a layer on the way to "
            "the output"
        )
    return gradient
