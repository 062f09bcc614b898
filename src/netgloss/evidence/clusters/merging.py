"""Which feature maps and clusters count, and what a cluster map is (section 3.2 of the thesis).

The weighted cluster maps of any partition add up to the weighted feature maps that went in
(equation 3.1), so that grouping loses nothing; only what is left out on purpose is missing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["RELATIVE_THRESHOLD", "ClusterMap", "keep_clusters", "kept_maps", "merge", "shares"]

Floats = NDArray[np.float64]

RELATIVE_THRESHOLD = 0.896  # of the mean weight 1/K: the thesis's table for K = 64 to 512


@dataclass(frozen=True, eq=False)
class ClusterMap:
    """What a group of feature maps shows together.

    Attributes:
        weight: Sum of its maps' shares of the layer's weight, in (0, 1].
        heat: The maps' weighted mean, shape (height, width), float64.
        members: The channels that went into it, ascending.
    """

    weight: float
    heat: Floats
    members: tuple[int, ...]


def shares(weights: Floats) -> Floats:
    """Each channel's share of the layer's positive weight, shape (channel,); they sum to 1.

    Channels with a weight of 0 or less get 0, and so do all where none is above 0.

    Example:
        >>> shares(np.array([3.0, -1.0, 1.0])).tolist()
        [0.75, 0.0, 0.25]
    """
    positive = np.where(weights > 0, weights, 0.0)
    total = positive.sum()
    return positive / total if total > 0 else positive


def kept_maps(share: Floats, threshold: float = RELATIVE_THRESHOLD) -> NDArray[np.int64]:
    """The channels whose share is at least the threshold, ascending.

    Args:
        share: As :func:`shares` gives it, shape (channel,).
        threshold: In units of the mean share 1/K, K being all channels of the layer; 0 keeps
            every channel with a share. The default is the thesis's table: 1.4 % of 64 channels,
            0.7 % of 128, 0.35 % of 256, 0.175 % of 512.

    Example:
        >>> kept_maps(np.array([0.7, 0.2, 0.1, 0.0])).tolist()
        [0]
    """
    return np.flatnonzero((share > 0) & (share * len(share) >= threshold))


def merge(
    maps: NDArray[np.floating],
    share: Floats,
    channels: NDArray[np.int64],
    labels: NDArray[np.int64],
) -> list[ClusterMap]:
    """The cluster map of each group, heaviest first.

    Args:
        maps: One a kept channel, shape (map, height, width): the activations themselves for
            equation 3.1 to hold, or normalised ones.
        share: Of the kept channels, all above 0, shape (map,).
        channels: Their numbers in the layer, shape (map,).
        labels: The group of each, shape (map,).

    Source:
        Abstract Network Visualizations (2023), equation 3.1.
    """
    found = []
    for group in range(int(labels.max(initial=-1)) + 1):
        inside = labels == group
        weight = float(share[inside].sum())
        heat = np.tensordot(share[inside], maps[inside].astype(np.float64), axes=1) / weight
        found.append(ClusterMap(weight, heat, tuple(channels[inside].tolist())))
    return sorted(found, key=lambda one: (-one.weight, one.members))


def keep_clusters(clusters: list[ClusterMap]) -> list[ClusterMap]:
    """The clusters of at least a third of the largest weight and half of the mean weight.

    The heaviest always stays.

    Source:
        Abstract Network Visualizations (2023), equation 4.1.
    """
    if not clusters:
        return []
    weights = [one.weight for one in clusters]
    least = max(max(weights) / 3, sum(weights) / len(weights) / 2)
    return [one for one in clusters if one.weight >= least]
