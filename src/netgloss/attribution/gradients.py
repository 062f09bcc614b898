"""The gradient of one class's score with respect to the preprocessed input (Simonyan et al., 2014).

Everything here is exact and deterministic; SmoothGrad and integrated gradients average it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import torch
from torch import Tensor

from netgloss.errors import ModelError

if TYPE_CHECKING:
    from netgloss.vision.classifier import Classifier

__all__ = [
    "Channels",
    "Score",
    "check_finite",
    "class_scores",
    "flatten_channels",
    "input_gradients",
    "score_gradients",
]

Score = Literal["logit", "probability"]
Channels = Literal["abs-sum", "abs-max"]


def input_gradients(
    classifier: Classifier, inputs: Tensor, targets: Tensor, score: Score = "logit"
) -> Tensor:
    """Signed gradient of each picture's target score, shape (batch, channel, height, width).

    Args:
        classifier: The model; it is in evaluation mode with frozen parameters meanwhile, and put
            back as it was afterwards. Nothing is added to any ``.grad``.
        inputs: Preprocessed pictures, shape (batch, channel, height, width).
        targets: Index of the class explained for each picture, shape (batch,).
        score: ``logit`` (before the softmax) or ``probability``. The gradient of a probability
            vanishes where the model is certain, and mixes in the other classes.

    Raises:
        ModelError: The scores do not depend on the input by differentiable steps, the gradient
            is not finite, or a target is not one of the model's classes.

    Source:
        Simonyan, Vedaldi, Zisserman (2014), section 3, before the maximum over channels.
    """
    with classifier.frozen():
        return check_finite(score_gradients(classifier, inputs, targets, score))


def score_gradients(
    classifier: Classifier, inputs: Tensor, targets: Tensor, score: Score = "logit"
) -> Tensor:
    """:func:`input_gradients` for a loop that holds ``classifier.frozen()`` and checks its sums.

    Raises:
        ModelError: As :func:`input_gradients`, but for gradients that are not finite.
    """
    with torch.enable_grad():
        leaf = inputs.detach().requires_grad_()
        scores = class_scores(classifier, leaf, targets, score)
        if not scores.requires_grad:
            raise ModelError(
                "the model's scores do not follow from its input by differentiable steps; "
                "look for detach(), no_grad() or argmax() in its forward method"
            )
        (gradients,) = torch.autograd.grad(scores.sum(), leaf)
    return gradients


def check_finite(values: Tensor) -> Tensor:
    """The same values, made of gradients, if all are finite.

    Raises:
        ModelError: One is NaN or infinite.
    """
    # Both ends are NaN where any value is; a tenth of the time of looking at each value.
    if values.numel() and not torch.isfinite(torch.stack(torch.aminmax(values))).all():
        raise ModelError(
            "the model's gradient is not a finite number for one of the pictures; "
            "check the weights and the preprocessing (mean and standard deviation)"
        )
    return values


def class_scores(
    classifier: Classifier, inputs: Tensor, targets: Tensor, score: Score = "logit"
) -> Tensor:
    """The target's score for each picture, shape (batch,), differentiable.

    Raises:
        ModelError: A target is not one of the model's classes.
    """
    logits = classifier.logits(inputs)
    classes = logits.shape[1]
    if targets.numel() and not 0 <= int(targets.min()) <= int(targets.max()) < classes:
        raise ModelError(
            f"class index {int(targets.max())} was asked for; the model scores {classes} classes, "
            f"0 to {classes - 1}"
        )
    values = logits.softmax(dim=1) if score == "probability" else logits
    return values.gather(1, targets.to(logits.device)[:, None])[:, 0]


def flatten_channels(gradients: Tensor, how: Channels = "abs-sum") -> Tensor:
    """One value ≥ 0 a pixel, shape (batch, height, width).

    Args:
        gradients: Shape (batch, channel, height, width).
        how: ``abs-sum`` adds the channels' absolute values (PAIR's visualiser, our default);
            ``abs-max`` takes the largest (Simonyan et al.).

    Example:
        >>> import torch
        >>> gradients = torch.tensor([[[[3.0]], [[-4.0]]]])
        >>> flatten_channels(gradients).item(), flatten_channels(gradients, "abs-max").item()
        (7.0, 4.0)
    """
    sizes = gradients.abs()
    return sizes.sum(dim=1) if how == "abs-sum" else sizes.amax(dim=1)
