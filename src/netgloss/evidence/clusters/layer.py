"""The cluster maps of one layer of one image (section 3.2 of the thesis, methods 6)."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from netgloss.evidence.clusters.merging import (
    RELATIVE_THRESHOLD,
    ClusterMap,
    keep_clusters,
    kept_maps,
    merge,
    shares,
)
from netgloss.evidence.clusters.partition import Embedding, partition

__all__ = [
    "Clustering",
    "FeatureMaps",
    "LayerClusters",
    "MergeOn",
    "cluster_layer",
    "cluster_layers",
    "normalised",
]

Floats = NDArray[np.float64]
FeatureMaps = tuple[NDArray[np.float32], NDArray[np.floating]]
"""Activations, shape (channel, height, width), and weights, shape (channel,), of a layer."""
MergeOn = Literal["raw", "norm"]


@dataclass(frozen=True)
class Clustering:
    """How the feature maps of a layer become cluster maps.

    Args:
        threshold: The least share of the weight that a feature map needs, in units of the mean
            share (thesis, Table 1: 0.896); 0 keeps all with a positive weight.
        embedding: Where feature maps are compared: ``pca``, or ``tsne`` as the thesis has it.
        fewest: Smallest number of clusters tried (thesis: 3).
        most: Largest number of clusters tried (thesis: 8).
        merge_on: ``raw`` adds the activations themselves, for which equation 3.1 holds; ``norm``
            adds maps that are scaled to [0, 1] each.
        seed: Of t-SNE.
    """

    threshold: float = RELATIVE_THRESHOLD
    embedding: Embedding = "pca"
    fewest: int = 3
    most: int = 8
    merge_on: MergeOn = "raw"
    seed: int = 0


@dataclass(frozen=True, eq=False)
class LayerClusters:
    """What one layer saw of an image, and what was left out on the way.

    Attributes:
        shown: The cluster maps that count, heaviest first.
        clusters: How many there were before the light ones were left out.
        channels: Feature maps of the layer.
        active: Those that are not zero everywhere.
        kept: Those whose weight reaches the threshold.
        flat: Those of the kept ones that are the same everywhere.
        silhouette: Of the clusters in [-1, 1]; NaN where there was no choice.
    """

    shown: tuple[ClusterMap, ...]
    clusters: int
    channels: int
    active: int
    kept: int
    flat: int
    silhouette: float

    @property
    def leftover(self) -> float:
        """The share of the layer's weight that is not shown, in [0, 1]."""
        return max(0.0, 1.0 - sum(one.weight for one in self.shown))


def cluster_layer(
    activations: NDArray[np.float32],
    weights: NDArray[np.floating],
    how: Clustering = Clustering(),
) -> LayerClusters:
    """The cluster maps of one layer.

    Args:
        activations: Values ≥ 0, shape (channel, height, width).
        weights: Of each feature map, shape (channel,); what is not above 0 does not count, and
            neither does a map that is zero everywhere.
        how: The options.

    Returns:
        No cluster map where no feature map counts.

    Raises:
        OptionError: The numbers of clusters are out of order, or the embedding is unknown.

    Source:
        Abstract Network Visualizations (2023), section 3.2, equations 3.1 and 4.1, Table 1.

    Example:
        >>> maps = np.eye(4, dtype=np.float32).reshape(4, 2, 2)
        >>> found = cluster_layer(maps, np.array([4.0, 3.0, 0.0, 1.0]))
        >>> [one.members for one in found.shown], found.leftover
        ([(0,), (1,)], 0.125)
    """
    active = activations.reshape(len(activations), -1).any(axis=1)
    share = shares(np.where(active, np.asarray(weights, np.float64), 0.0))
    channels = kept_maps(share, how.threshold)
    raw = activations[channels]
    scaled, flat = normalised(raw)
    found = partition(
        scaled, embedding=how.embedding, fewest=how.fewest, most=how.most, seed=how.seed
    )
    merged = merge(
        raw if how.merge_on == "raw" else scaled, share[channels], channels, found.labels
    )
    return LayerClusters(
        shown=tuple(keep_clusters(merged)),
        clusters=len(merged),
        channels=len(activations),
        active=int(active.sum()),
        kept=len(channels),
        flat=int(flat.sum()),
        silhouette=found.silhouette,
    )


def cluster_layers(layers: Sequence[FeatureMaps], how: Clustering) -> list[LayerClusters]:
    """The cluster maps of each of these layers, as :func:`cluster_layer` gives them.

    t-SNE takes a second a layer. Its own threads wait for one another a thousand times, so each
    layer gets a single thread instead and several layers are embedded at once; the result is the
    same.

    Args:
        layers: Activations and weights of each.
        how: The options.

    Raises:
        OptionError: As :func:`cluster_layer`.
    """
    if how.embedding == "pca":
        return [cluster_layer(*layer, how) for layer in layers]
    from threadpoolctl import ThreadpoolController

    import_module("sklearn.manifold")  # its library is one of those whose threads are counted
    controller = ThreadpoolController()
    counts = [each["num_threads"] for each in controller.info() if each["user_api"] == "openmp"]

    def alone(layer: FeatureMaps) -> LayerClusters:
        with controller.limit(limits=1, user_api="openmp"):  # counts for this thread only
            return cluster_layer(*layer, how)

    with ThreadPoolExecutor(min(counts, default=1)) as pool:
        return list(pool.map(alone, layers))


def normalised(
    maps: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Each map scaled to [0, 1], and which of them are the same everywhere; those become 0.

    Args:
        maps: Shape (map, height, width).
    """
    least = maps.min(axis=(1, 2), keepdims=True)
    width = maps.max(axis=(1, 2), keepdims=True) - least
    flat = width[:, 0, 0] == 0
    scaled = (maps - least) / np.where(width == 0, np.float32(1), width)
    return np.asarray(scaled, np.float32), flat
