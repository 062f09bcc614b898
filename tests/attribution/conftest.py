from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from netgloss.vision.classifier import Classifier

SIDE = 12
CLASSES = ("ant", "bee", "cat")


@pytest.fixture
def linear() -> Classifier:
    """Logits that are a weighted sum of the pixels."""
    torch.manual_seed(1)
    model = nn.Sequential(nn.Flatten(), nn.Linear(3 * SIDE * SIDE, len(CLASSES)))
    return Classifier(model, CLASSES, SIDE, device="cpu")


@pytest.fixture
def small() -> Classifier:
    """A rectified network with in-place activations, as many published ones have."""
    torch.manual_seed(2)
    model = nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 8, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.Flatten(),
        nn.Dropout(),
        nn.Linear(8 * 36, len(CLASSES)),
    )
    return Classifier(
        model, CLASSES, SIDE, mean=(0.4, 0.5, 0.6), std=(0.2, 0.3, 0.25), device="cpu"
    )


@pytest.fixture
def pictures() -> Tensor:
    """Five pictures with ranges of their own."""
    noise = torch.randn((5, 3, SIDE, SIDE), generator=torch.Generator().manual_seed(3))
    return noise * torch.linspace(0.5, 2.0, 5)[:, None, None, None]


@pytest.fixture
def targets() -> Tensor:
    return torch.tensor([0, 1, 2, 0, 1])
