"""Cluster maps of VGG-16's last nine layers against one pass, a naive version, and their memory."""

from __future__ import annotations

import contextlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits
from torch import Tensor, nn

from benchmarks.rows import Row
from benchmarks.smoothgrad import vgg16
from benchmarks.turns import take_turns
from netgloss.attribution.cam import channel_weights, layer_maps
from netgloss.evidence.anv import ANV
from netgloss.vision.classifier import Classifier
from netgloss.vision.flow import after_convolutions
from netgloss.vision.images import Image

__all__ = ["extract_many", "measure_memory", "measure_time", "measure_tsne", "rows"]

SIDE = 256
TARGET = 7
IMAGES = 50
ROUNDS = 3
TWO_CORES = 2

T = TypeVar("T")


def network() -> nn.Module:
    """VGG-16 for any input size, with random weights that keep the activations' scale."""
    torch.manual_seed(0)
    parts = list(vgg16())
    flat = next(place for place, part in enumerate(parts) if isinstance(part, nn.Flatten))
    model = nn.Sequential(*parts[:flat], nn.AdaptiveAvgPool2d(7), *parts[flat:])
    for part in model:
        if isinstance(part, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(part.weight, nonlinearity="relu")
            nn.init.zeros_(part.bias)
    return model.eval()


def wrapped() -> Classifier:
    """The network as a study holds it."""
    names = [str(index) for index in range(1000)]
    return Classifier(network(), names, SIDE, mean=(0.5,) * 3, std=(0.25,) * 3, device="cpu")


def write_images(folder: Path, count: int) -> list[Image]:
    """Smooth coloured pictures on disk, each different."""
    from PIL import Image as Picture

    images = []
    for number in range(count):
        path = folder / f"{number:03d}.png"
        cells = np.random.default_rng(number).integers(0, 256, (12, 12, 3), dtype=np.uint8)
        Picture.fromarray(cells).resize((SIDE, SIDE), Picture.Resampling.BICUBIC).save(path)
        images.append(Image(path.name, path, SIDE, SIDE, None, str(TARGET), folder))
    return images


# ------------------------------------------------------------------------------ the naive version


def naive(model: nn.Module, inputs: Tensor, layers: list[int]) -> int:
    """The thesis's steps one after the other; returns how many clusters it kept.

    A model of its own for each layer gives the feature maps, another pass their gradients; then
    scikit-learn's PCA, t-SNE and one fit for each number of clusters.
    """
    kept = 0
    for layer in layers:
        with torch.no_grad():
            maps = nn.Sequential(*list(model)[: layer + 1])(inputs)[0].relu().numpy()
        weights = _gradient_weights(model, inputs, layer)
        share = weights / weights.sum()
        chosen = np.flatnonzero(share * len(share) >= 0.896)
        kept += _naive_clusters(maps[chosen], share[chosen])
    return kept


def _gradient_weights(model: nn.Module, inputs: Tensor, layer: int) -> NDArray[np.float64]:
    parts = list(model)
    before, after = nn.Sequential(*parts[: layer + 1]), nn.Sequential(*parts[layer + 1 :])
    with torch.no_grad():
        activation = before(inputs)
    activation.requires_grad_()
    # A copy goes on, since the network's next ReLU may work in place.
    score = after(activation.clone())[0, TARGET]
    (gradient,) = torch.autograd.grad(score, activation)
    guided = gradient.clamp(min=0) * (activation > 0)
    weights: NDArray[np.float64] = guided[0].mean(dim=(1, 2)).double().detach().numpy()
    return weights


def _naive_clusters(maps: NDArray[np.float32], share: NDArray[np.float64]) -> int:
    from sklearn.cluster import AgglomerativeClustering
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE
    from sklearn.metrics import silhouette_score

    least = maps.min(axis=(1, 2), keepdims=True)
    scaled = (maps - least) / np.maximum(maps.max(axis=(1, 2), keepdims=True) - least, 1e-12)
    rows = scaled.reshape(len(scaled), -1)
    reduced = PCA(50, svd_solver="full", random_state=0).fit_transform(rows)
    points = TSNE(random_state=0).fit_transform(reduced)
    fits = [AgglomerativeClustering(count).fit_predict(points) for count in range(3, 9)]
    labels = max(fits, key=lambda found: silhouette_score(points, found))
    weights = np.bincount(labels, weights=share)
    [np.tensordot(share[labels == one], scaled[labels == one], axes=1) for one in np.unique(labels)]
    return int((weights >= max(weights.max() / 3, weights.mean() / 2)).sum())


# ------------------------------------------------------------------------------------ measurements


def measure_time(rounds: int = ROUNDS) -> dict[str, float]:
    """Processor seconds of one image on one thread, and the ratios that are promised.

    The contestants take turns and change their order, so that a machine that slows down slows all
    of them; medians are compared. The first round warms up and does not count.
    """
    classifier, plain = wrapped(), network()
    with tempfile.TemporaryDirectory() as folder, threadpool_limits(1):
        images = write_images(Path(folder), 1)
        inputs = classifier.prepare([images[0].pixels()])
        targets = torch.tensor([TARGET])
        layers = after_convolutions(classifier)

        def bare() -> None:
            """One forward and one backward pass, down to the shallowest of the layers."""
            with classifier.frozen(), classifier.activations(layers[0]) as seen:
                score = classifier.logits(inputs)[:, TARGET].sum()
                torch.autograd.grad(score, seen[layers[0]])

        def maps() -> None:
            found = layer_maps(classifier, inputs, targets, layers)
            for one in found.values():
                channel_weights(one)

        contestants: dict[str, Callable[[], object]] = {
            "bare": bare,
            "maps": maps,
            "whole": lambda: list(ANV(layers=layers).extract(classifier, images)),
            "naive": lambda: naive(plain, inputs.contiguous(), [int(name) for name in layers]),
        }
        return _compared(take_turns(contestants, rounds))


def _compared(seconds: dict[str, list[float]]) -> dict[str, float]:
    found = {name: statistics.median(times) for name, times in seconds.items()}
    found["maps/bare"] = found["maps"] / found["bare"]
    found["whole/bare"] = found["whole"] / found["bare"]
    found["naive/whole"] = found["naive"] / found["whole"]
    return found


def measure_tsne(rounds: int = ROUNDS) -> float:
    """Wall seconds of one whole image with t-SNE on two threads; the least of a few rounds."""
    classifier = wrapped()
    method = ANV(layers=after_convolutions(classifier), embed="tsne")
    seconds = []
    threads = torch.get_num_threads()
    torch.set_num_threads(TWO_CORES)
    with tempfile.TemporaryDirectory() as folder, threadpool_limits(TWO_CORES):
        images = write_images(Path(folder), 1)
        for _ in range(rounds + 1):
            started = time.perf_counter()
            list(method.extract(classifier, images))
            seconds.append(time.perf_counter() - started)
    torch.set_num_threads(threads)
    return min(seconds[1:])


def measure_memory(count: int = IMAGES) -> tuple[float, int, int]:
    """Peak GB of a fresh process that explains so many images; its maps, and what it resumes."""
    code = f"from benchmarks import anv; anv.extract_many({count})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    peak, made, already = done.stdout.split()
    return float(peak), int(made), int(already)


def extract_many(count: int) -> None:
    """Explains the images of a study in two runs, the first of them broken off half-way.

    Prints this process's peak in GB, the maps made, and how many images the second run found done.
    """
    from netgloss.evidence.items import extract, read_items

    classifier = wrapped()

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        images = write_images(folder, count)
        (folder / "study").mkdir()
        with contextlib.suppress(KeyboardInterrupt):
            extract(folder / "study", ANV(), classifier, images, track=_broken_off)
        report = extract(folder / "study", ANV(), classifier, images)
        made = len(read_items(folder / "study", "anv"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(peak / (1024**2 if sys.platform != "darwin" else 1024**3), made, report.already)


def _broken_off(items: Iterable[T], total: int | None = None, what: str = "") -> Iterator[T]:
    """Ctrl-C half-way, where a progress bar would be."""
    for place, item in enumerate(items):
        if total and place > total // 2:
            raise KeyboardInterrupt(what)
        yield item


def rows() -> list[Row]:
    """The promises about cluster maps, measured."""
    # Memory first: on Linux a process inherits the peak of the one that starts it.
    peak, made, already = measure_memory()
    found = measure_time()
    tsne = measure_tsne()
    area = f"Cluster maps, VGG-16, {SIDE} pixels, nine layers"
    maps, whole, slow = found["maps/bare"], found["whole/bare"], found["naive/whole"]
    return [
        Row(
            area,
            "maps and weights against one forward and one backward pass",
            "at most 1.15 ×",
            f"{maps:.2f} × ({found['maps']:.2f} s and {found['bare']:.2f} processor s an image)",
            maps <= 1.15,
        ),
        Row(
            area,
            "the whole image with PCA against one forward and one backward pass",
            "at most 1.50 ×",
            f"{whole:.2f} × ({found['whole']:.2f} processor s an image)",
            whole <= 1.5,
        ),
        Row(
            area,
            "the naive version against the whole image with PCA",
            "at least 12 ×",
            f"{slow:.1f} × ({found['naive']:.2f} processor s an image)",
            slow >= 12,
        ),
        Row(
            area,
            "the whole image with t-SNE, two cores",
            "at most 3.5 s",
            f"{tsne:.2f} s",
            tsne <= 3.5,
        ),
        Row(
            area,
            f"peak memory for {IMAGES} images, broken off and resumed",
            "below 4 GB",
            f"{peak:.2f} GB ({made} maps; {already} images were there when it went on)",
            peak < 4,
        ),
    ]
