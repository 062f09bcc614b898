"""Integrated gradients along the straight line from a baseline (Sundararajan et al., 2017)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from netgloss.attribution.gradients import Score, check_finite, class_scores, score_gradients

if TYPE_CHECKING:
    from netgloss.vision.classifier import Classifier

__all__ = ["IntegratedResult", "black_baseline", "integrated_gradients"]


@dataclass(frozen=True, eq=False)
class IntegratedResult:
    """Attributions with the proof of their completeness.

    Attributes:
        attributions: Signed, shape (batch, channel, height, width). Their sum is the score's
            change from the baseline to the picture, but for ``delta``.
        delta: Sum of the attributions minus the score's change, shape (batch,).
        change: Score of the picture minus score of the baseline, shape (batch,).
        steps: Nodes used for each picture, shape (batch,).
    """

    attributions: Tensor
    delta: Tensor
    change: Tensor
    steps: Tensor


def integrated_gradients(
    classifier: Classifier,
    inputs: Tensor,
    targets: Tensor,
    *,
    baseline: Tensor | None = None,
    steps: int = 50,
    most_steps: int = 400,
    tolerance: float = 0.05,
    score: Score = "logit",
    batch_size: int = 20,
) -> IntegratedResult:
    """Signed attributions of each picture's target score, with their completeness error.

    A picture whose error exceeds ``tolerance`` is integrated again with twice the nodes, until
    it holds or ``most_steps`` is reached; ``delta`` tells which.

    Args:
        classifier: The model; evaluation mode and frozen parameters meanwhile.
        inputs: Preprocessed pictures, shape (batch, channel, height, width).
        targets: Index of the class explained for each picture, shape (batch,).
        baseline: Where the line starts, shape (1 or batch, channel, height, width),
            preprocessed; a black picture when None.
        steps: Gauss-Legendre nodes to start with (captum's default: 50).
        most_steps: Never more nodes than this.
        tolerance: Largest completeness error as a share of the score's change.
        score: ``logit`` or ``probability``.
        batch_size: Pictures x nodes in flight at once; bounds the memory.

    Raises:
        ModelError: As :func:`netgloss.attribution.gradients.input_gradients`.

    Source:
        Sundararajan, Taly, Yan (2017), equation 1 and proposition 1 (completeness).
    """
    start = black_baseline(classifier) if baseline is None else baseline
    start = start.to(inputs.device).expand_as(inputs)
    with classifier.frozen():
        change = _score_change(classifier, inputs, start, targets, score, batch_size)
        sums = torch.zeros_like(inputs)
        used = torch.zeros(len(inputs), dtype=torch.long)
        todo, nodes = list(range(len(inputs))), steps
        while todo:
            for place in todo:
                sums[place] = _line_integral(
                    classifier,
                    inputs[place],
                    start[place],
                    targets[place],
                    nodes,
                    score,
                    batch_size,
                )
                used[place] = nodes
            delta = _completeness_error(sums, change)
            todo = [p for p in todo if delta[p].abs() > tolerance * change[p].abs()]
            nodes *= 2
            if nodes > most_steps:
                break
    return IntegratedResult(sums, _completeness_error(sums, change), change, used)


def black_baseline(classifier: Classifier) -> Tensor:
    """A black picture after the classifier's preprocessing, shape (1, channel, height, width)."""
    height, width = classifier.input_size
    return classifier.prepare([np.zeros((height, width, 3), np.uint8)])


def _completeness_error(attributions: Tensor, change: Tensor) -> Tensor:
    # Thousands of terms of both signs: their sum needs the longer mantissa.
    return attributions.flatten(1).sum(dim=1, dtype=torch.float64) - change


def _score_change(
    classifier: Classifier,
    inputs: Tensor,
    start: Tensor,
    targets: Tensor,
    score: Score,
    batch_size: int,
) -> Tensor:
    """Score of each picture minus score of its baseline, shape (batch,), float64."""
    parts = []
    with torch.no_grad():
        for first in range(0, len(inputs), batch_size):
            part = slice(first, first + batch_size)
            there = class_scores(classifier, inputs[part], targets[part], score)
            here = class_scores(classifier, start[part], targets[part], score)
            parts.append(there.double() - here.double())
    return torch.cat(parts) if parts else torch.zeros(0, dtype=torch.float64)


def _line_integral(
    classifier: Classifier,
    picture: Tensor,
    start: Tensor,
    target: Tensor,
    nodes: int,
    score: Score,
    batch_size: int,
) -> Tensor:
    """One picture's attributions, shape (channel, height, width)."""
    places, weights = _gauss_legendre(nodes)
    line = picture - start
    total = torch.zeros_like(picture)
    for first in range(0, nodes, batch_size):
        along = torch.tensor(places[first : first + batch_size], dtype=picture.dtype)
        share = torch.tensor(weights[first : first + batch_size], dtype=picture.dtype)
        points = start + along.to(picture.device)[:, None, None, None] * line
        points = points.contiguous(memory_format=torch.channels_last)
        gradients = score_gradients(classifier, points, target.expand(len(points)), score)
        total += torch.einsum("nchw,n->chw", gradients, share.to(picture.device))
    return check_finite(total * line)


def _gauss_legendre(nodes: int) -> tuple[list[float], list[float]]:
    """Places in (0, 1) and weights that sum to 1, exact for polynomials of degree 2n - 1."""
    places, weights = np.polynomial.legendre.leggauss(nodes)
    return ((places + 1) / 2).tolist(), (weights / 2).tolist()
