"""Groups the feature maps of one layer by where they are active (section 3.2 of the thesis).

Feature maps are flattened, reduced by PCA, optionally embedded by t-SNE, and joined by Ward's
linkage, which is cut at every number of clusters; the mean silhouette chooses among the cuts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from netgloss.errors import OptionError

__all__ = ["Embedding", "Partition", "embed", "partition", "principal_components"]

Embedding = Literal["pca", "tsne"]
Floats = NDArray[np.float64]

_COMPONENTS = 50
_PERPLEXITY = 30.0
_FEWEST_FOR_TSNE = 10


@dataclass(frozen=True, eq=False)
class Partition:
    """Feature maps in groups.

    Attributes:
        labels: The group of each map, shape (map,), int64, numbered from 0 in the order of each
            group's first map.
        silhouette: Mean silhouette of the groups in [-1, 1]; NaN where there was no choice.
    """

    labels: NDArray[np.int64]
    silhouette: float

    @property
    def count(self) -> int:
        """How many groups there are."""
        return int(self.labels.max(initial=-1)) + 1


def partition(
    maps: NDArray[np.float32],
    *,
    embedding: Embedding = "pca",
    fewest: int = 3,
    most: int = 8,
    seed: int = 0,
) -> Partition:
    """Groups of maps that are active in the same places.

    Args:
        maps: Each in [0, 1], shape (map, height, width).
        embedding: ``pca`` clusters on the principal components; ``tsne`` on their embedding in
            the plane, as the thesis does.
        fewest: Smallest number of groups tried (thesis: 3).
        most: Largest number of groups tried (thesis: 8).
        seed: Of t-SNE.

    Returns:
        One group a map for up to three maps; one group where all maps are the same. Else the
        number of groups, among those from ``fewest`` to ``most`` that leave a map to spare, with
        the highest mean silhouette; of equal ones the smallest.

    Raises:
        OptionError: The numbers of groups are out of order, or the embedding is unknown.

    Source:
        Abstract Network Visualizations (2023), section 3.2.
    """
    if not 2 <= fewest <= most:
        raise OptionError(f"clusters {fewest} to {most}: give two numbers from 2 upwards, in order")
    if embedding not in ("pca", "tsne"):
        raise OptionError(f"embedding {embedding!r} is unknown; use pca or tsne")
    count = len(maps)
    if count <= 3:
        return Partition(np.arange(count), float("nan"))
    if (maps == maps[0]).all():
        return Partition(np.zeros(count, np.int64), float("nan"))
    scores = principal_components(maps.reshape(count, -1).astype(np.float64))
    points = embed(scores, embedding, seed)
    return _best_cut(points, min(fewest, count - 1), min(most, count - 1))


def principal_components(rows: Floats, components: int = _COMPONENTS) -> Floats:
    """Scores of the rows on their principal components, shape (row, component).

    By the Gram matrix of the centred rows, exact and several times as fast as a singular value
    decomposition where there are far fewer rows than columns. Each component's sign makes its
    largest score positive.

    Args:
        rows: Shape (row, column).
        components: At most this many; fewer where the rows have fewer.
    """
    centred = rows - rows.mean(axis=0)
    values, vectors = np.linalg.eigh(centred @ centred.T)
    kept = min(components, *rows.shape)
    values, vectors = values[::-1][:kept], vectors[:, ::-1][:, :kept]
    scores = vectors * np.sqrt(values.clip(min=0))
    peaks = np.abs(scores).argmax(axis=0)
    signs = np.where(scores[peaks, np.arange(kept)] < 0, -1.0, 1.0)
    return np.asarray(scores * signs, np.float64)


def embed(scores: Floats, embedding: Embedding, seed: int = 0) -> Floats:
    """Where the maps lie for clustering: the scores themselves, or in the plane.

    Args:
        scores: Principal components, shape (map, component).
        embedding: ``pca`` or ``tsne``. Fewer than ten maps are never embedded by t-SNE.
        seed: Of t-SNE.

    Source:
        van der Maaten and Hinton (2008); perplexity 30 as the thesis has it, and a third of the
        neighbours where there are too few maps for that.
    """
    count = len(scores)
    if embedding == "pca" or count < _FEWEST_FOR_TSNE:
        return scores
    from sklearn.manifold import TSNE

    perplexity = min(_PERPLEXITY, (count - 1) / 3)
    return np.asarray(TSNE(perplexity=perplexity, random_state=seed).fit_transform(scores), float)


def _best_cut(points: Floats, fewest: int, most: int) -> Partition:
    """One linkage, cut at every number of groups; one matrix of distances for all silhouettes."""
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import pdist, squareform

    apart = pdist(points)
    tree = linkage(apart, "ward")
    cuts = [_cut(tree, count) for count in range(fewest, most + 1)]
    square = squareform(apart)
    found = [(_silhouette(square, labels), -place) for place, labels in enumerate(cuts)]
    best, place = max(found)
    return Partition(_in_order(cuts[-place]), best)


def _cut(tree: Floats, count: int) -> NDArray[np.int64]:
    """The groups that are left when the last ``count - 1`` joins are undone.

    A tenth of the time of ``scipy.cluster.hierarchy.cut_tree``.
    """
    leaves = len(tree) + 1
    joins = tree[: leaves - count, :2].astype(np.int64)
    group = np.arange(leaves + len(joins))
    # From the last join down, so that each group has its own before it hands it on.
    for step in range(len(joins) - 1, -1, -1):
        group[joins[step]] = group[leaves + step]
    return np.unique(group[:leaves], return_inverse=True)[1]


def _silhouette(apart: Floats, labels: NDArray[np.int64]) -> float:
    """Mean silhouette (Rousseeuw, 1987); a map alone in its group counts 0."""
    members = np.equal.outer(np.unique(labels), labels).astype(np.float64)
    sizes = members.sum(axis=1)
    sums = apart @ members.T
    own = np.searchsorted(np.unique(labels), labels)
    rows = np.arange(len(labels))
    inside = sums[rows, own] / np.maximum(sizes[own] - 1, 1)
    means = sums / sizes
    means[rows, own] = np.inf
    outside = means.min(axis=1)
    larger = np.maximum(inside, outside)
    shape = np.divide(outside - inside, larger, out=np.zeros_like(larger), where=larger > 0)
    return float(np.where(sizes[own] > 1, shape, 0.0).mean())


def _in_order(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same groups, numbered by their first member."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]
