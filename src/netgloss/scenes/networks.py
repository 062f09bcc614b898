"""Small networks for drawn pictures: a VGG-style one, its training, and whether it uses the cue.

Methods 9: train until the accuracy is about 1, then verify the reliance on the cue by
counterfactual rendering.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from netgloss.errors import ModelError
from netgloss.progress import Tracker, untracked
from netgloss.store.atomic import atomic_path

__all__ = ["MEAN", "STD", "Training", "flip_rate", "save_weights", "train", "vgg_small"]

MEAN = (0.45, 0.45, 0.45)
"""Per-channel mean that the networks expect, about that of the drawn pictures."""
STD = (0.25, 0.25, 0.25)
"""Per-channel standard deviation that the networks expect."""


@dataclass(frozen=True)
class Training:
    """How a training run ended.

    Args:
        accuracy: Share of the held-out pictures that the network names rightly, in [0, 1].
        epochs: Passes over the training pictures.
    """

    accuracy: float
    epochs: int


def vgg_small(num_classes: int = 2, width: int = 8) -> nn.Sequential:
    """A network of VGG's kind: blocks of 3 x 3 convolutions and pooling, then one average.

    Args:
        num_classes: Length of the output.
        width: Channels of the first block; each block doubles them up to four times as many.

    Example:
        >>> vgg_small()(torch.zeros(1, 3, 64, 64)).shape
        torch.Size([1, 2])
    """
    layers: list[nn.Module] = []
    channels = 3
    for block, out in enumerate((width, 2 * width, 4 * width, 4 * width)):
        for _ in range(1 if block == 0 else 2):
            layers += [nn.Conv2d(channels, out, 3, padding=1, bias=False)]
            layers += [nn.BatchNorm2d(out), nn.ReLU()]
            channels = out
        layers.append(nn.MaxPool2d(2))
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, num_classes)]
    return nn.Sequential(*layers, *head)


def train(
    images: NDArray[np.uint8],
    labels: Sequence[int],
    held_out: NDArray[np.uint8],
    held_out_labels: Sequence[int],
    *,
    classes: int = 2,
    target: float = 0.99,
    epochs: int = 20,
    batch_size: int = 32,
    seed: int = 0,
    track: Tracker = untracked,
) -> tuple[nn.Sequential, Training]:
    """A trained network, stopped as soon as it is right often enough on held-out pictures.

    Args:
        images: uint8, shape (picture, height, width, 3).
        labels: Number of each picture's class.
        held_out: Pictures that decide when to stop.
        held_out_labels: Their classes.
        classes: How many classes there are.
        target: Share of the held-out pictures to name rightly.
        epochs: At most so many passes over the pictures.
        batch_size: Pictures a step.
        seed: Of the weights, the order and the mirroring.
        track: Draws progress, one item an epoch.

    Raises:
        ModelError: The target is not reached.
    """
    rng = np.random.default_rng(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = vgg_small(classes)
    steps = epochs * math.ceil(len(images) / batch_size)
    optimiser = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 6e-3, total_steps=steps)
    wanted, accuracy = torch.tensor(labels), 0.0
    for epoch in track(range(1, epochs + 1), total=epochs, what="training"):
        network.train()
        order = rng.permutation(len(images))
        for start in range(0, len(images), batch_size):
            chosen = order[start : start + batch_size]
            batch = _prepared(images[chosen])
            if rng.random() < 0.5:
                batch = batch.flip(-1)
            loss = nn.functional.cross_entropy(network(batch), wanted[chosen])
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
            schedule.step()
        accuracy = float((predict(network, held_out) == np.array(held_out_labels)).mean())
        if accuracy >= target:
            return network, Training(accuracy, epoch)
    raise ModelError(
        f"training on {len(images)} pictures ended at an accuracy of {accuracy:.3f} after "
        f"{epochs} epochs; {target:g} was asked for: give it more pictures or more epochs"
    )


def predict(
    network: nn.Module, images: NDArray[np.uint8], batch_size: int = 64
) -> NDArray[np.int64]:
    """Number of the class that the network says, shape (picture,)."""
    network.eval()
    with torch.inference_mode():
        parts = [network(_prepared(part)).argmax(1) for part in _split(images, batch_size)]
    return np.asarray(torch.cat(parts).numpy(), dtype=np.int64)


def flip_rate(network: nn.Module, images: NDArray[np.uint8], swapped: NDArray[np.uint8]) -> float:
    """Share of the pictures that get another class once the cue is swapped, in [0, 1].

    Args:
        network: A trained network.
        images: uint8, shape (picture, height, width, 3).
        swapped: The counterfactuals of the same pictures, in the same order.

    Source:
        Methods 9: 0.95 or more shows that the network relies on the cue.
    """
    return float((predict(network, images) != predict(network, swapped)).mean())


def save_weights(network: nn.Module, path: Path) -> None:
    """Writes the weights as safetensors, whole or not at all."""
    from safetensors.torch import save_file

    with atomic_path(path) as temporary:
        save_file(network.state_dict(), temporary)


def _split(images: NDArray[np.uint8], size: int) -> Iterator[NDArray[np.uint8]]:
    for start in range(0, len(images), size):
        yield images[start : start + size]


def _prepared(images: NDArray[np.uint8]) -> Tensor:
    """Scaled to [0, 1] and normalised, shape (picture, 3, height, width).

    The memory stays as it is, channels last, which a CPU convolves up to 1.7 times as fast.
    """
    pixels = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255
    return (pixels - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None]
