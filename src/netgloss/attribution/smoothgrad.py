"""SmoothGrad: the mean gradient over noisy copies of a picture (Smilkov et al., 2017)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

import torch
from torch import Tensor

from netgloss.attribution.gradients import Score, check_finite, flatten_channels, score_gradients

if TYPE_CHECKING:
    from netgloss.vision.classifier import Classifier

__all__ = ["Mode", "gaussian_noise", "noise_scale", "picture_seed", "smoothgrad"]

Mode = Literal["squared", "mean", "abs"]
# One picture's share of a batch: its place, its first sample there, how many.
_Share = tuple[int, int, int]


def smoothgrad(
    classifier: Classifier,
    inputs: Tensor,
    targets: Tensor,
    *,
    samples: int = 10,
    noise: float = 0.05,
    mode: Mode = "squared",
    score: Score = "logit",
    seeds: int | Sequence[int] = 0,
    batch_size: int = 20,
) -> Tensor:
    """SmoothGrad maps ≥ 0, shape (batch, height, width); all zeros where no gradient flows.

    A picture's map depends on its own pixels, target and seed alone: neither on ``batch_size``
    nor on the pictures beside it (up to the last bits, which a convolution may round otherwise
    in a batch of another size).

    Args:
        classifier: The model; evaluation mode and frozen parameters meanwhile.
        inputs: Preprocessed pictures, shape (batch, channel, height, width).
        targets: Index of the class explained for each picture, shape (batch,); it stays fixed
            whatever the model says about the noisy copies.
        samples: Noisy copies a picture (SECA: 10; Smilkov et al.: 50).
        noise: Standard deviation as a share of the picture's own range, max - min, over all
            channels after preprocessing (SECA's code: 0.05). Where the share or the range is
            zero, every copy is the picture itself and the map is the plain gradient's.
        mode: What is averaged: ``squared`` gradients (SECA), the signed gradients (``mean``,
            Smilkov et al.) or their absolute values (``abs``). The channels' absolute values
            are added afterwards.
        score: ``logit`` or ``probability``.
        seeds: One seed a picture, or one for all; see :func:`picture_seed`.
        batch_size: Pictures x samples in flight at once; bounds the memory.

    Raises:
        ModelError: As :func:`netgloss.attribution.gradients.input_gradients`.

    Source:
        Smilkov et al. (2017), section 3; parameters from SECA, section 4 (C1) and its code.
    """
    each = [seeds] * len(inputs) if isinstance(seeds, int) else list(seeds)
    scales = noise_scale(inputs, noise).tolist()
    # Copies without noise are all alike: one stands for the rest.
    counts = [samples if scale > 0 else 1 for scale in scales]
    generators = [_generator(seed, inputs.device) for seed in each]
    totals = torch.zeros_like(inputs, dtype=_wide(inputs), memory_format=torch.channels_last)
    with classifier.frozen():
        for shares in _batches(counts, batch_size):
            noisy = _noisy_copies(inputs, shares, scales, generators)
            rows = torch.repeat_interleave(
                torch.tensor([place for place, _, _ in shares], device=targets.device),
                torch.tensor([count for _, _, count in shares], device=targets.device),
            )
            gradients = score_gradients(classifier, noisy, targets[rows], score)
            _accumulate(totals, gradients, shares, mode)
    totals /= torch.tensor(counts, device=totals.device, dtype=totals.dtype)[:, None, None, None]
    return flatten_channels(check_finite(totals))


def noise_scale(inputs: Tensor, noise: float) -> Tensor:
    """Standard deviation of each picture's noise, shape (batch,): ``noise`` x (max - min).

    Example:
        >>> import torch
        >>> noise_scale(torch.tensor([[[[-1.0, 3.0]]]]), 0.25).item()
        1.0
    """
    pixels = inputs.detach().flatten(1)
    return (pixels.amax(dim=1) - pixels.amin(dim=1)) * noise


def gaussian_noise(
    size: tuple[int, int, int], samples: int, seed: int, device: torch.device | str = "cpu"
) -> Tensor:
    """The standard normal noise that :func:`smoothgrad` scales and adds to one picture.

    Args:
        size: Channels, height and width.
        samples: How many copies; the first copies are the same for any number.
        seed: The picture's seed.
        device: Where it is drawn; each kind of device has a stream of its own.

    Returns:
        Shape (samples, channel, height, width).
    """
    channels, height, width = size
    noise = torch.empty((samples, height, width, channels), device=device)
    generator = _generator(seed, noise.device)
    for copy in noise:
        copy.normal_(generator=generator)
    return noise.permute(0, 3, 1, 2)


def picture_seed(seed: int, image: str) -> int:
    """The seed of one picture's noise, from the study's seed and the picture's identifier.

    Example:
        >>> picture_seed(0, "a.jpg") == picture_seed(0, "a.jpg") != picture_seed(1, "a.jpg")
        True
    """
    digest = hashlib.sha256(f"{seed}/{image}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1  # torch takes 63 bits on every device


def _generator(seed: int, device: torch.device) -> torch.Generator:
    return torch.Generator(device=device).manual_seed(seed)


def _batches(counts: Sequence[int], batch_size: int) -> Iterator[list[_Share]]:
    """Yields batches that are full except the last; a picture's samples may span several."""
    shares: list[_Share] = []
    used = 0
    for place, count in enumerate(counts):
        while count:
            taken = min(count, batch_size - used)
            shares.append((place, used, taken))
            used += taken
            count -= taken
            if used == batch_size:
                yield shares
                shares, used = [], 0
    if shares:
        yield shares


def _noisy_copies(
    inputs: Tensor,
    shares: Sequence[_Share],
    scales: Sequence[float],
    generators: Sequence[torch.Generator],
) -> Tensor:
    """One batch of pictures plus noise, drawn copy by copy so that no batching changes it."""
    size = sum(count for _, _, count in shares)
    batch, channels, height, width = size, *inputs.shape[1:]
    copies = inputs.new_empty((batch, height, width, channels))
    for place, start, count in shares:
        picture = inputs[place].permute(1, 2, 0)
        for copy in copies[start : start + count]:
            if scales[place] > 0:
                copy.normal_(generator=generators[place]).mul_(scales[place]).add_(picture)
            else:
                copy.copy_(picture)
    return copies.permute(0, 3, 1, 2)  # channels_last, the fastest layout, without a copy


def _wide(inputs: Tensor) -> torch.dtype:
    """The type to add up in: half precision would lose the small squares."""
    return torch.promote_types(inputs.dtype, torch.float32)


def _accumulate(totals: Tensor, gradients: Tensor, shares: Sequence[_Share], mode: Mode) -> None:
    """Adds what ``mode`` averages to each picture's total, in place."""
    gradients = gradients.to(totals.dtype)
    if mode == "squared":
        gradients = gradients.square_()
    elif mode == "abs":
        gradients = gradients.abs_()
    for place, start, count in shares:
        totals[place] += gradients[start : start + count].sum(dim=0)
