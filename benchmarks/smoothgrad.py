"""SmoothGrad on VGG-16 against the passes it must make, against captum, and its memory."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.rows import Row
from benchmarks.turns import take_turns
from netgloss.attribution.smoothgrad import smoothgrad
from netgloss.vision.classifier import Classifier

__all__ = ["measure_memory", "measure_time", "rows"]

SAMPLES = 10
ROUNDS = 5
_WIDTHS = (64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0)


def vgg16() -> nn.Module:
    """VGG-16 with random weights; 0 in the widths stands for pooling."""
    layers: list[nn.Module] = []
    channels = 3
    for width in _WIDTHS:
        if width:
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(inplace=True)]
            channels = width
        else:
            layers.append(nn.MaxPool2d(2))
    head = [nn.Linear(512 * 49, 4096), nn.ReLU(inplace=True), nn.Linear(4096, 4096)]
    return nn.Sequential(*layers, nn.Flatten(), *head, nn.ReLU(inplace=True), nn.Linear(4096, 1000))


def wrapped() -> Classifier:
    """The network as a study holds it."""
    torch.manual_seed(0)
    names = [str(index) for index in range(1000)]
    return Classifier(vgg16(), names, 224, mean=(0.5,) * 3, std=(0.25,) * 3, device="cpu")


def one_picture(classifier: Classifier) -> tuple[Tensor, Tensor]:
    """A preprocessed picture and its target."""
    pixels = np.random.default_rng(0).integers(0, 256, (224, 224, 3), dtype=np.uint8)
    return classifier.prepare([pixels]), torch.tensor([7])


def measure_time(rounds: int = ROUNDS) -> dict[str, float]:
    """Processor seconds an image for ours, the bare passes and captum, and the ratios.

    They take turns in one process and change their order, so that a machine that slows down
    slows all of them; medians are compared. One thread and processor time, so that what else
    the machine does counts as little as can be. The first round warms up and does not count.
    """
    from captum.attr import NoiseTunnel, Saliency

    classifier = wrapped()
    inputs, targets = one_picture(classifier)
    plain = vgg16().eval()  # captum on a model as it comes: neither frozen nor channels_last

    def ours() -> None:
        smoothgrad(classifier, inputs, targets, samples=SAMPLES, batch_size=SAMPLES)

    def bare() -> None:
        with classifier.frozen():
            noisy = inputs.repeat(SAMPLES, 1, 1, 1).contiguous(memory_format=torch.channels_last)
            noisy.requires_grad_()
            torch.autograd.grad(classifier.logits(noisy)[:, 7].sum(), noisy)

    def captum(model: Callable[[Tensor], Tensor], pictures: Tensor) -> None:
        NoiseTunnel(Saliency(model)).attribute(
            pictures, nt_type="smoothgrad_sq", nt_samples=SAMPLES, stdevs=0.2, target=7, abs=False
        )

    def captum_wrapped() -> None:
        with classifier.frozen():
            captum(classifier.logits, inputs)

    contestants: dict[str, Callable[[], None]] = {
        "ours": ours,
        "bare": bare,
        "captum": lambda: captum(plain, inputs.contiguous()),
        "captum_wrapped": captum_wrapped,
    }
    return _compared(take_turns(contestants, rounds))


def _compared(seconds: dict[str, list[float]]) -> dict[str, float]:
    """The medians, and ours over each other."""
    found = {name: statistics.median(times) for name, times in seconds.items()}
    for other in ("bare", "captum", "captum_wrapped"):
        found[f"ours/{other}"] = found["ours"] / found[other]
    return found


def measure_memory(samples: int, batch_size: int) -> float:
    """Peak MiB of a process that makes one map, above one that only wraps the network."""
    return _peak(samples, batch_size) - _peak(0, 1)


def _peak(samples: int, batch_size: int) -> float:
    """Peak resident MiB of a fresh process; torch's memory is seen by no tracer inside it."""
    code = f"from benchmarks import smoothgrad; smoothgrad.one_map({samples}, {batch_size})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(done.stdout)


def one_map(samples: int, batch_size: int) -> None:
    """Makes one map, or none for 0 samples, and prints this process's peak in MiB."""
    classifier = wrapped()
    inputs, targets = one_picture(classifier)
    if samples:
        smoothgrad(classifier, inputs, targets, samples=samples, batch_size=batch_size)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(peak / (1024 if sys.platform != "darwin" else 1024**2))


def rows() -> list[Row]:
    """The promises about SmoothGrad, measured."""
    # Memory first: on Linux a process inherits the peak of the one that starts it.
    few, many, long = measure_memory(20, 5), measure_memory(20, 20), measure_memory(40, 5)
    found = measure_time()
    area = "SmoothGrad, VGG-16, 224 pixels, 10 samples"
    bare, captum = found["ours/bare"], found["ours/captum"]
    return [
        Row(
            area,
            "time against the bare forward and backward passes",
            "at most 1.15 ×",
            f"{bare:.2f} × ({found['ours']:.2f} s and {found['bare']:.2f} processor s an image)",
            bare <= 1.15,
        ),
        Row(
            area,
            "time against captum's NoiseTunnel on the model as it comes",
            "at most 1.00 ×",
            f"{captum:.2f} × (captum {found['captum']:.2f} s an image; on our wrapped model "
            f"{found['captum_wrapped']:.2f} s, ours {found['ours/captum_wrapped']:.2f} ×)",
            captum <= 1.0,
        ),
        Row(
            area,
            "peak memory at a batch size of 5 against 20",
            "at most 0.50 ×",
            f"{few / many:.2f} × ({few:.0f} and {many:.0f} MiB above the wrapped network)",
            few <= 0.5 * many,
        ),
        Row(
            area,
            "peak memory with 40 samples against 20, both at a batch size of 5",
            "at most 1.10 ×",
            f"{long / few:.2f} × ({long:.0f} and {few:.0f} MiB above the wrapped network)",
            long <= 1.1 * few,
        ),
    ]
