"""Which space should feature maps be clustered in? Agreement with itself, and with the truth.

The thesis clusters a t-SNE embedding (section 3.2); the principal components before it are the
alternative. Nothing in the thesis says whether a second run would find the same clusters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from netgloss.evidence.clusters.layer import normalised
from netgloss.evidence.clusters.merging import kept_maps, shares
from netgloss.evidence.clusters.partition import Embedding, partition
from netgloss.experiments.cluster_stability_page import figure, page
from netgloss.experiments.kept import RunOptions, measured
from netgloss.experiments.runs import Run, make_study, scene_set
from netgloss.progress import Tracker, untracked

if TYPE_CHECKING:
    import pandas as pd

    from netgloss.study import Study
    from netgloss.vision.images import Image

__all__ = ["NAME", "Options", "compare_embeddings", "figure", "most_shown", "page", "purity", "run"]

NAME = "cluster-stability"

_EMBEDDINGS: tuple[Embedding, ...] = ("pca", "tsne")
_FEWEST_MAPS = 10  # below it t-SNE is not used, and both are the same
_NOISE = 1e-6
_SEEN = 0.08  # of the picture: what the thesis's third mask shows

Maps = NDArray[np.float32]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Options(RunOptions):
    """What is run: :class:`~netgloss.experiments.kept.RunOptions` with other defaults.

    Args:
        threshold: Least weight of a feature map, in mean weights. The drawn networks have few
            feature maps a layer, so that all with a positive weight count here.
    """

    sets: tuple[str, ...] = ("D1", "BM1.2")
    images: int = 20
    threshold: float = 0.0


def run(work: Path, options: Options | None = None, track: Tracker = untracked) -> pd.DataFrame:
    """One row a picture, layer and embedding: set, network, seed and :func:`compare_embeddings`.

    Args:
        work: Where pictures, networks and finished runs are kept.
        options: What is run.
        track: Draws progress, one item a set and seed.

    Raises:
        OptionError: A set or a network is unknown.
    """
    options = options or Options()
    return measured(_measure, options, work / f"{NAME}-{options.threshold:g}", track)


def compare_embeddings(
    maps: Maps, share: Floats, owners: NDArray[np.integer], seed: int = 0
) -> Iterator[dict[str, Any]]:
    """Yields a row an embedding: how far its clusters agree with themselves and with the truth.

    Args:
        maps: Of one layer, each in [0, 1], shape (map, height, width).
        share: Of the layer's weight, shape (map,), all above 0.
        owners: Which thing each pixel of the picture shows, shape (picture height, width).
        seed: Of t-SNE and the noise.

    Yields:
        - ``embedding``, ``maps``, ``clusters``, ``silhouette``.
        - ``noise``: adjusted Rand index with the clusters of maps with noise of a millionth.
        - ``seeds``: the same with the clusters of another seed.
        - ``other``: the same with the clusters of the other embedding.
        - ``purity``: :func:`purity` of the clusters against :func:`most_shown`; ``chance``: the
          same of groups of the same sizes drawn at random.
        - ``truth``: adjusted mutual information of the two, which is 0 by chance.
    """
    from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

    dice = np.random.default_rng(seed)
    noisy = (maps + _NOISE * dice.standard_normal(maps.shape)).astype(np.float32)
    found = {how: partition(maps, embedding=how, seed=seed) for how in _EMBEDDINGS}
    shown = np.array([most_shown(one, owners) for one in maps])
    for how, other in zip(_EMBEDDINGS, reversed(_EMBEDDINGS), strict=True):
        labels = found[how].labels
        again = partition(noisy, embedding=how, seed=seed).labels
        reseeded = partition(maps, embedding=how, seed=seed + 1).labels
        yield {
            "embedding": how,
            "maps": len(maps),
            "clusters": found[how].count,
            "silhouette": found[how].silhouette,
            "noise": adjusted_rand_score(labels, again),
            "seeds": adjusted_rand_score(labels, reseeded),
            "other": adjusted_rand_score(labels, found[other].labels),
            "purity": purity(labels, shown, share),
            "chance": np.mean([purity(dice.permutation(labels), shown, share) for _ in range(20)]),
            "truth": adjusted_mutual_info_score(shown, labels),
        }


def purity(labels: NDArray[np.int64], shown: NDArray[np.int64], share: Floats) -> float:
    """The share of the feature maps, by weight, that show what most of their cluster shows.

    Args:
        labels: The cluster of each feature map, shape (map,).
        shown: What each shows, shape (map,).
        share: Of the layer's weight, shape (map,).

    Example:
        >>> purity(np.array([0, 0, 0, 1]), np.array([5, 5, 7, 7]), np.full(4, 0.25))
        0.75
    """
    counts = np.zeros((labels.max() + 1, shown.max() + 1))
    np.add.at(counts, (labels, shown), share)
    return float(counts.max(axis=1).sum() / counts.sum())


def most_shown(heat: NDArray[np.floating], owners: NDArray[np.integer]) -> int:
    """The thing that takes the most of a map's hottest 8 % of the picture.

    Args:
        heat: Shape (height, width), of any size.
        owners: Which thing each pixel of the picture shows, shape (picture height, width).
    """
    from netgloss.vision.geometry import Placement

    height, width = owners.shape
    large = Placement(width, height, *heat.shape).to_original(heat.astype(np.float32))
    count = round(_SEEN * large.size)
    hottest = np.argsort(-large, axis=None, kind="stable")[:count]
    return int(np.bincount(owners.ravel()[hottest]).argmax())


def _measure(run: Run, work: Path, options: Options) -> pd.DataFrame:
    """The rows of one drawn set."""
    import pandas as pd

    from netgloss.scenes.training import trained

    pictures = scene_set(run)
    network = trained(pictures, run.network, work / "networks" / f"{run.set}-{run.seed}")
    world = run.place(work) / "world"
    study = make_study(run.place(work) / run.network, world, pictures, network)
    right = [one for one in study.usable_images() if one.truth == one.prediction]
    rows = [row for image in right for row in _of_image(study, image, world, options)]
    return pd.DataFrame(rows)


def _of_image(
    study: Study, image: Image, world: Path, options: Options
) -> Iterator[dict[str, Any]]:
    from PIL import Image as Picture

    from netgloss.evidence.anv import feature_maps
    from netgloss.vision.flow import after_convolutions

    with Picture.open(world / "masks" / image.image) as opened:
        owners = np.asarray(opened)
    classifier = study.classifier
    layers = after_convolutions(classifier)
    inputs = classifier.prepare([image.pixels()])
    seen = feature_maps(classifier, inputs, str(image.prediction), layers)
    for depth, (layer, activations, weights) in enumerate(seen):
        share = shares(np.where(activations.any(axis=(1, 2)), weights, 0.0))
        kept = kept_maps(share, options.threshold)
        if len(kept) < _FEWEST_MAPS:
            continue
        scaled, _ = normalised(activations[kept])
        for row in compare_embeddings(scaled, share[kept], owners):
            yield {"image": image.image, "layer": layer, "depth": depth, **row}
