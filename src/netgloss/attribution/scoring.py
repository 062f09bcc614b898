"""Channel weights without gradients: how the class's score answers to each feature map.

Score-CAM shows the model only what a feature map covers; Ablation-CAM takes the map away inside the
model. Both ask the model once for each map with something in it, many at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

import torch
from torch import Tensor, nn

from netgloss.attribution.gradients import Score, class_scores
from netgloss.errors import ModelError

if TYPE_CHECKING:
    from netgloss.vision.classifier import Classifier

__all__ = ["SCORINGS", "Scoring", "ablation_weights", "masking_weights", "scored_weights"]

Scoring = Literal["score-cam", "score-cam-probability", "ablation-cam"]
SCORINGS: tuple[Scoring, ...] = ("score-cam", "score-cam-probability", "ablation-cam")

_TINY = 1e-6  # below it a drop relative to the score would be a division by zero
# One picture's score differs by some millionths of itself in batches of other sizes. A drop as
# small as that is none: where no map counts, the shares of such drops would make cluster maps.
_ROUNDING = 1e-5


def scored_weights(
    classifier: Classifier,
    inputs: Tensor,
    targets: Tensor,
    layer: str,
    activations: Tensor,
    how: Scoring = "score-cam",
    batch_size: int = 20,
) -> Tensor:
    """The weight of each feature map of a layer, shape (batch, channel), float32.

    Args:
        classifier: The model; evaluation mode meanwhile. No gradients are taken.
        inputs: Preprocessed pictures, shape (batch, channel, height, width).
        targets: Index of the class explained for each picture, shape (batch,).
        layer: Name as in ``classifier.layers()``.
        activations: Of that layer, as :func:`~netgloss.attribution.cam.layer_activations` gives
            them. A feature map that is zero everywhere weighs 0 and costs nothing.
        how: ``score-cam`` or ``score-cam-probability``, see :func:`masking_weights`;
            ``ablation-cam``, see :func:`ablation_weights`.
        batch_size: Pictures x feature maps in flight at once; bounds the memory.

    Raises:
        ModelError: There is no such weighting, the layer puts out more than one set of feature
            maps a picture, a score is not finite, or a target is not one of the model's classes.
    """
    if how not in SCORINGS:
        raise ModelError(f"weighting {how!r} is unknown; the known ones are {', '.join(SCORINGS)}")
    if len(activations) != len(inputs):
        raise ModelError(
            f"layer '{layer}' puts out {len(activations)} sets of feature maps for {len(inputs)} "
            "pictures; choose a layer that sees each picture once"
        )
    if how == "ablation-cam":
        return ablation_weights(classifier, inputs, targets, layer, activations, batch_size)
    score: Score = "logit" if how == "score-cam" else "probability"
    return masking_weights(classifier, inputs, targets, activations, score, batch_size)


def masking_weights(
    classifier: Classifier,
    inputs: Tensor,
    targets: Tensor,
    activations: Tensor,
    score: Score = "logit",
    batch_size: int = 20,
) -> Tensor:
    """Score-CAM: what the class scores on a picture that shows only where a feature map is active.

    Each map is enlarged to the picture and scaled to [0, 1]; the preprocessed picture times that
    mask goes through the model, so that what is hidden has the mean colour of the preprocessing.
    A map that is the same everywhere hides and shows nothing and weighs 0.

    Args:
        classifier: As for :func:`scored_weights`.
        inputs: As for :func:`scored_weights`.
        targets: As for :func:`scored_weights`.
        activations: Of any layer, shape (batch, channel, height, width), values ≥ 0.
        score: ``logit``: the softmax over the feature maps of the class's logits (the paper).
            ``probability``: the class's probability as it is (the authors' published code).
        batch_size: As for :func:`scored_weights`.

    Returns:
        Weights ≥ 0, shape (batch, channel), float32; by the logit they sum to 1.

    Raises:
        ModelError: As :func:`scored_weights`.

    Source:
        Wang et al. (2020), "Score-CAM", section 3 and algorithm 1.
    """
    weights = torch.zeros(activations.shape[:2], device=activations.device)
    with classifier.frozen(), torch.no_grad():
        for place, maps in enumerate(activations.float()):
            flat = maps.flatten(1)
            uneven = torch.nonzero(flat.amax(dim=1) > flat.amin(dim=1))[:, 0]
            if len(uneven) == 0:
                continue
            picture, target = inputs[place : place + 1], targets[place : place + 1]
            scores = _masked_scores(classifier, picture, target, maps[uneven], score, batch_size)
            # The paper subtracts the score of a baseline picture from each; the softmax does not
            # change with what is subtracted from all.
            weights[place, uneven] = scores.softmax(dim=0) if score == "logit" else scores
    return weights


def ablation_weights(
    classifier: Classifier,
    inputs: Tensor,
    targets: Tensor,
    layer: str,
    activations: Tensor,
    batch_size: int = 20,
) -> Tensor:
    """Ablation-CAM: the share of the score that goes when a feature map is set to zero.

    Only the layers from this one on are run for each feature map; those before it are run once a
    batch, unless the model puts something side by side with what follows from the layer (DenseNet,
    the branches of Inception), which needs all copies.

    Args:
        classifier: As for :func:`scored_weights`.
        inputs: As for :func:`scored_weights`.
        targets: As for :func:`scored_weights`.
        layer: As for :func:`scored_weights`; its whole output is set to zero, also where an
            activation function leaves something below zero.
        activations: As for :func:`scored_weights`.
        batch_size: As for :func:`scored_weights`.

    Returns:
        (score - score without the map) / abs(score), shape (batch, channel), float32; negative
        where the class gains by the map's absence. Where a score is 0, divided by a millionth.

    Raises:
        ModelError: As :func:`scored_weights`.

    Source:
        Desai and Ramaswamy (2020), "Ablation-CAM", section 3. There the divisor has the score's
        sign, which would turn all weights round where the score is negative.
    """
    weights = torch.zeros(activations.shape[:2], device=activations.device)
    with classifier.frozen(), torch.no_grad():
        for place, maps in enumerate(activations):
            active = torch.nonzero(maps.flatten(1).any(dim=1))[:, 0]
            if len(active) == 0:
                continue
            picture, target = inputs[place : place + 1], targets[place : place + 1]
            taken = nn.functional.one_hot(active, len(maps)).bool()
            weights[place, active] = _drops(classifier, picture, target, layer, taken, batch_size)
    return weights


def _masked_scores(
    classifier: Classifier,
    picture: Tensor,
    target: Tensor,
    maps: Tensor,
    score: Score,
    batch_size: int,
) -> Tensor:
    """The target's score on the picture under each of these maps, shape (map,)."""
    parts = []
    for part in _batches(maps, batch_size):
        masked = picture * _masks(part, picture).to(picture.dtype)
        masked = masked.contiguous(memory_format=torch.channels_last)
        parts.append(class_scores(classifier, masked, target.expand(len(part)), score))
    return _finite(torch.cat(parts))


def _masks(maps: Tensor, picture: Tensor) -> Tensor:
    """Each map over the whole picture, from 0 to 1, shape (map, 1, height, width)."""
    large = nn.functional.interpolate(
        maps[:, None], size=picture.shape[-2:], mode="bilinear", align_corners=False
    )
    least = large.amin(dim=(2, 3), keepdim=True)
    width = large.amax(dim=(2, 3), keepdim=True) - least
    return (large - least) / torch.where(width > 0, width, 1.0)


def _drops(
    classifier: Classifier,
    picture: Tensor,
    target: Tensor,
    layer: str,
    taken: Tensor,
    batch_size: int,
) -> Tensor:
    """How much of the score goes with the channels of each row, shape (row,).

    Args:
        classifier: The model.
        picture: Shape (1, channel, height, width).
        target: Shape (1,).
        layer: Where channels are taken away.
        taken: Which channels, shape (row, channel).
        batch_size: Rows in flight at once.
    """
    module = classifier.layer(layer)
    untouched = torch.zeros_like(taken[:1])
    first = torch.cat([untouched, taken[:1]])
    whole = _scores_without(classifier, picture, target, module, first, copies=2)
    short = _agrees_from_one(classifier, picture, target, module, first, whole)
    parts = [
        _scores_without(classifier, picture, target, module, part, 1 if short else len(part))
        for part in _batches(taken, batch_size)
    ]
    before, after = _finite(whole)[0], _finite(torch.cat(parts))
    lost = before - after
    real = lost.abs() > _ROUNDING * torch.maximum(before.abs(), after.abs().amax())
    return torch.where(real, lost, 0.0) / before.abs().clamp(min=_TINY)


def _agrees_from_one(
    classifier: Classifier,
    picture: Tensor,
    target: Tensor,
    module: nn.Module,
    taken: Tensor,
    expected: Tensor,
) -> bool:
    """Whether one picture that becomes several at the layer scores as several pictures do."""
    try:
        found = _scores_without(classifier, picture, target, module, taken, copies=1)
    except (RuntimeError, ValueError, IndexError, AssertionError):
        # Shapes that do not meet. What else is wrong shows again where all copies are run.
        return False
    return torch.allclose(found, expected, rtol=1e-4, atol=1e-5)


def _scores_without(
    classifier: Classifier,
    picture: Tensor,
    target: Tensor,
    module: nn.Module,
    taken: Tensor,
    copies: int,
) -> Tensor:
    """The target's score where each row's channels are zero, shape (row,).

    Args:
        classifier: The model.
        picture: Shape (1, channel, height, width).
        target: Shape (1,).
        module: Where channels are taken away.
        taken: Which channels, shape (row, channel).
        copies: Of the picture that the model starts with: as many as rows, or 1.
    """
    pictures = picture.expand(copies, -1, -1, -1).contiguous(memory_format=torch.channels_last)
    with _taking_away(module, taken):
        return class_scores(classifier, pictures, target.expand(len(taken)))


@contextmanager
def _taking_away(module: nn.Module, taken: Tensor) -> Iterator[None]:
    """Sets channels of a module's output to zero, others in each row of the batch."""

    def replace(_module: nn.Module, _inputs: object, output: Tensor) -> Tensor:
        left = torch.where(taken[:, :, None, None].to(output.device), 0.0, output)
        return left.contiguous(memory_format=torch.channels_last)

    handle = module.register_forward_hook(replace)
    try:
        yield
    finally:
        handle.remove()


def _batches(rows: Tensor, batch_size: int) -> list[Tensor]:
    return [rows[first : first + batch_size] for first in range(0, len(rows), batch_size)]


def _finite(scores: Tensor) -> Tensor:
    if not torch.isfinite(scores).all():
        raise ModelError(
            "the model's score is not a finite number where one of the feature maps is masked or "
            "taken away; check the weights and the preprocessing (mean and standard deviation)"
        )
    return scores
