"""Small networks for drawn pictures, in the manner of VGG and of Inception.

Both are features, one maximum a channel, and two fully connected layers: the stamp of a date
takes a hundredth of the picture, which an average over all of it would drown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from netgloss.errors import OptionError

__all__ = [
    "ARCHITECTURES",
    "MEAN",
    "STD",
    "Architecture",
    "find_architecture",
    "inception_small",
    "vgg_small",
]

MEAN = (0.45, 0.45, 0.45)
"""Per-channel mean that the networks expect, about that of the drawn pictures."""
STD = (0.25, 0.25, 0.25)
"""Per-channel standard deviation that the networks expect."""

_HIDDEN = 32


class SmallNetwork(nn.Module):
    """Features, pooled to one number a channel, and a classifier of two layers.

    Args:
        features: Convolutions; image to (batch, channels, height, width).
        channels: How many channels they end with.
        num_classes: Length of the output.
    """

    def __init__(self, features: nn.Module, channels: int, num_classes: int) -> None:
        super().__init__()
        self.channels = channels
        self.features = features
        self.pool = nn.Sequential(nn.AdaptiveMaxPool2d(1), nn.Flatten())
        self.classifier = nn.Sequential(
            nn.Linear(channels, _HIDDEN), nn.ReLU(), nn.Linear(_HIDDEN, num_classes)
        )

    def pooled(self, images: Tensor) -> Tensor:
        """What the classifier sees, shape (batch, channels)."""
        pooled: Tensor = self.pool(self.features(images))
        return pooled

    def forward(self, images: Tensor) -> Tensor:
        """Logits, shape (batch, num_classes), of images, shape (batch, 3, height, width)."""
        logits: Tensor = self.classifier(self.pooled(images))
        return logits


def vgg_small(num_classes: int = 2) -> SmallNetwork:
    """A network of VGG's kind: pairs of 3 x 3 convolutions, each pair followed by pooling.

    Args:
        num_classes: Length of the output.

    Example:
        >>> vgg_small()(torch.zeros(1, 3, 128, 128)).shape
        torch.Size([1, 2])
    """
    features = nn.Sequential(
        _convolution(3, 8, 3, stride=2, pool=True),
        _convolution(8, 16, 3),
        _convolution(16, 16, 3, pool=True),
        _convolution(16, 32, 3),
        _convolution(32, 32, 3, pool=True),
        _convolution(32, 32, 3),
    )
    return SmallNetwork(features, 32, num_classes)


def inception_small(num_classes: int = 2) -> SmallNetwork:
    """A network of Inception's kind: modules of four parallel branches.

    Args:
        num_classes: Length of the output.

    Example:
        >>> inception_small(3)(torch.zeros(1, 3, 128, 128)).shape
        torch.Size([1, 3])
    """
    features = nn.Sequential(
        _convolution(3, 16, 3, stride=2, pool=True),
        _convolution(16, 16, 3, pool=True),
        _Inception(16, 8),
        nn.MaxPool2d(2),
        _Inception(32, 8),
        _Inception(32, 8),
    )
    return SmallNetwork(features, 32, num_classes)


class _Inception(nn.Module):
    """1 x 1, 3 x 3 and two 3 x 3 convolutions and a pooling beside one another."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.one = _convolution(channels, width, 1)
        self.three = nn.Sequential(_convolution(channels, width, 1), _convolution(width, width, 3))
        self.five = nn.Sequential(
            _convolution(channels, width, 1),
            _convolution(width, width, 3),
            _convolution(width, width, 3),
        )
        self.pooled = nn.Sequential(nn.MaxPool2d(3, 1, 1), _convolution(channels, width, 1))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.one(x), self.three(x), self.five(x), self.pooled(x)], dim=1)


def _convolution(
    channels: int, out: int, side: int, stride: int = 1, *, pool: bool = False
) -> nn.Sequential:
    """A convolution, normalised; pooled before that, which leaves a quarter to normalise."""
    return nn.Sequential(
        nn.Conv2d(channels, out, side, stride=stride, padding=side // 2, bias=False),
        *([nn.MaxPool2d(2)] if pool else []),
        nn.BatchNorm2d(out),
        nn.ReLU(),
    )


@dataclass(frozen=True)
class Architecture:
    """A kind of network.

    Args:
        path: The import path by which a study names it.
        build: Makes one for a number of classes.
    """

    path: str
    build: Callable[[int], SmallNetwork]


ARCHITECTURES = {
    "vgg": Architecture("netgloss.scenes.architectures:vgg_small", vgg_small),
    "inception": Architecture("netgloss.scenes.architectures:inception_small", inception_small),
}


def find_architecture(name: str) -> Architecture:
    """The architecture of that name.

    Raises:
        OptionError: There is none.
    """
    if name not in ARCHITECTURES:
        raise OptionError(
            f"network '{name}' is not known; choose one of: {', '.join(ARCHITECTURES)}"
        )
    return ARCHITECTURES[name]
