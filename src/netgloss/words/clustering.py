"""K-means over distinct tokens, k chosen by silhouettes (SECA, section C3; methods, 8.1 step 6).

The published rule (no negative silhouette, then the most uniform clusters) has two weak spots:
leaving all but one pair apart is perfectly uniform, and unrelated tokens share a cluster when
nothing better is near. Each candidate k is therefore judged as it would be used: a cluster is
parted where its members are less alike than the embedder vouches for, and of two candidates
the one that leaves fewer alike pairs apart comes first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from netgloss.errors import OptionError
from netgloss.progress import Tracker, untracked
from netgloss.words.embeddings import Embedder

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Clusters", "cluster_tokens", "score_partition"]

Labels = NDArray[np.int64]
Floats = NDArray[np.float64]

# Candidates tried at first, and in each further round between the best one's neighbours: all
# of them up to ten tokens, a thinned grid above.
_GRID = 8
_FINER = 8
_TINY = 1e-9


@dataclass(frozen=True)
class Clusters:
    """Which tokens stand for one concept.

    Attributes:
        names: Token to the name of its cluster, which is one of its tokens.
        cosines: Token to its cosine with that name.
        unsure: Columns token, other, cosine, merged: pairs that a person should look at, either
            merged below what the embedder vouches for, or left apart though close.
    """

    names: Mapping[str, str]
    cosines: Mapping[str, float]
    unsure: pd.DataFrame


def cluster_tokens(
    counts: Mapping[str, int],
    embedder: Embedder,
    clusters: Literal["auto"] | int = "auto",
    *,
    merge_from: float | None = None,
    seed: int = 0,
    track: Tracker = untracked,
) -> Clusters:
    """Groups tokens that the embedder takes for one word; ``auto`` chooses how many groups.

    With ``auto`` only tokens with a relative at a cosine of ``merge_from`` or more are
    clustered; the others stay alone whatever k is. Fewer than four tokens are never merged.

    Args:
        counts: Distinct tokens and how often they were typed; the count settles which of two
            equally central tokens names a cluster.
        embedder: Says how alike tokens are.
        clusters: ``auto``, or the number of clusters wanted, taken as it is.
        merge_from: Least cosine with a cluster's name; None takes the embedder's, −1 is the
            published rule without this guard.
        seed: Of k-means.
        track: Reports progress over the candidates.

    Raises:
        OptionError: The number of clusters is below 1.

    Source:
        SECA, section C3 (k = 125 in its crowd experiment); methods, 8.1 step 6.

    Examples:
        >>> from netgloss.words.embeddings import NGrams
        >>> typed = {"claw": 9, "claws": 2, "eye": 5, "water": 4, "fin": 1}
        >>> cluster_tokens(typed, NGrams()).names["claws"]
        'claw'
    """
    tokens = sorted(counts)
    if not tokens:
        return Clusters({}, {}, _unsure_frame([]))
    vectors = embedder.embed(tokens)
    least = embedder.merge_from if merge_from is None else merge_from
    similarity = np.clip(vectors @ vectors.T, -1.0, 1.0)
    weights = np.array([counts[token] for token in tokens])
    if clusters == "auto":
        labels = _choose(vectors, similarity, weights, least, seed, track)
    elif clusters < 1:
        raise OptionError(f"clusters is {clusters}; give 1 or more, auto or none")
    else:
        labels = _k_means(_rotated(vectors), clusters, seed)
    return _named(tokens, labels, vectors, similarity, weights, embedder)


def score_partition(
    labels: Labels, distances: Floats, alike: NDArray[np.bool_]
) -> tuple[float, float, float, float, int]:
    """What a partition is judged by; the smallest tuple wins.

    Args:
        labels: Cluster of each token, shape (token,).
        distances: Between tokens, shape (token, token).
        alike: Pairs that should share a cluster, shape (token, token), symmetric; all False
            leaves the published rule.

    Returns:
        Share of tokens with a negative silhouette s; share of alike pairs left apart;
        standard deviation of the mean s of each cluster with two members or more; minus the
        mean s of all tokens; number of clusters.

    Source:
        Methods, 8.1 step 6; the second entry is ours.
    """
    silhouettes = _silhouettes(labels, distances)
    names, inverse, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    means = np.bincount(inverse, weights=silhouettes) / sizes
    apart = alike & (labels[:, None] != labels)
    return (
        float(np.mean(silhouettes < -_TINY)),
        float(apart.sum() / max(alike.sum(), 1)),
        round(float(means[sizes > 1].std()), 9) if (sizes > 1).any() else 0.0,
        -round(float(silhouettes.mean()), 9),
        len(names),
    )


def _choose(
    vectors: Floats,
    similarity: Floats,
    weights: NDArray[np.int64],
    least: float,
    seed: int,
    track: Tracker,
) -> Labels:
    """The best partition over the candidate numbers of clusters."""
    count = len(vectors)
    own = np.arange(count)
    alike = (similarity >= least - _TINY) & ~np.eye(count, dtype=bool)
    if count < 4 or not alike.any():
        return own
    same = np.asarray((similarity > 1.0 - _TINY).argmax(axis=1), dtype=np.int64)
    if not (alike & (same[:, None] != same)).any():
        return same  # all alike pairs are equal: whatever k is, parting leaves just these
    linked = alike.any(axis=1)
    points = _rotated(vectors[linked])
    distances = _distances(similarity)
    wanted = alike if least > -1 else np.zeros_like(alike)

    def attempt(k: int) -> tuple[tuple[float, ...], Labels]:
        labels = own.copy()
        labels[linked] = count + _k_means(points, k, seed)
        labels = _parted(labels, vectors, similarity, weights, least)
        return score_partition(labels, distances, wanted), labels

    return _search(attempt, _candidates(points, alone=count - len(points)), track)


def _search(
    attempt: Callable[[int], tuple[tuple[float, ...], Labels]], grid: list[int], track: Tracker
) -> Labels:
    """The best labels over the grid and, round by round, over the values around its best one."""
    tried = {k: attempt(k) for k in track(grid, total=len(grid), what="numbers of clusters")}
    while True:
        best = min(tried, key=lambda k: (tried[k][0], k))
        below = max((k for k in tried if k < best), default=best)
        above = min((k for k in tried if k > best), default=best)
        finer = [k for k in _spread(below, above, _FINER) if k not in tried]
        if not finer:
            return tried[best][1]
        tried.update({k: attempt(k) for k in finer})


def _candidates(points: Floats, alone: int) -> list[int]:
    """The numbers of clusters to try first, eight at most.

    From 2, or from 1 where other tokens stand outside, to one less than the tokens and no more
    than the distinct vectors.
    """
    distinct = len(_distinct(points)[0])
    highest = max(min(len(points) - 1, distinct), 1)
    lowest = min(1 if alone else 2, highest)
    return _spread(lowest, highest, _GRID)


def _spread(lowest: int, highest: int, count: int) -> list[int]:
    """At most ``count`` whole numbers, evenly from ``lowest`` to ``highest``."""
    return [int(k) for k in np.unique(np.linspace(lowest, highest, count).round())]


def _k_means(points: Floats, k: int, seed: int) -> Labels:
    """Cluster of each point, of at most ``k`` clusters and at most the distinct points."""
    from sklearn.cluster import KMeans

    distinct, place, times = _distinct(points)
    means = KMeans(n_clusters=min(k, len(distinct)), n_init=10, random_state=seed)
    labels = means.fit_predict(distinct, sample_weight=times.astype(np.float64))
    return np.asarray(labels, dtype=np.int64)[place]


def _distinct(points: Floats) -> tuple[Floats, NDArray[np.intp], NDArray[np.intp]]:
    """The distinct points, where each point stands among them, and how often each occurs."""
    rounded = points.round(6) + 0.0  # turns -0.0 into 0.0
    _, first, place, times = np.unique(
        rounded, axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    return points[first], place.reshape(-1), times


def _rotated(vectors: Floats) -> Floats:
    """The same points in as many dimensions as there are points: all distances stay."""
    if vectors.shape[1] <= vectors.shape[0]:
        return vectors
    left, sizes, _ = np.linalg.svd(vectors, full_matrices=False)
    return np.asarray(left * sizes)


def _distances(similarity: Floats) -> Floats:
    """Euclidean distances between unit vectors of these cosines."""
    distances = np.sqrt(np.maximum(2.0 - 2.0 * similarity, 0.0))
    distances[distances < 1e-6] = 0.0
    return distances


def _silhouettes(labels: Labels, distances: Floats) -> Floats:
    """The silhouette of each token; zeros where it is not defined (one cluster, all alone)."""
    if not 1 < len(np.unique(labels)) < len(labels):
        return np.zeros(len(labels))
    from sklearn.metrics import silhouette_samples

    return np.asarray(silhouette_samples(distances, labels, metric="precomputed"))


def _parted(
    labels: Labels,
    vectors: Floats,
    similarity: Floats,
    weights: NDArray[np.int64],
    least: float,
) -> Labels:
    """The partition with every member at least at cosine ``least`` to its cluster's name."""
    result = np.empty_like(labels)
    fresh = 0
    for label in np.unique(labels):
        rest = np.flatnonzero(labels == label)
        while len(rest):
            members = _around_center(rest, vectors, similarity, weights, least)
            result[members] = fresh
            rest = np.setdiff1d(rest, members)
            fresh += 1
    return result


def _around_center(
    members: NDArray[np.int64],
    vectors: Floats,
    similarity: Floats,
    weights: NDArray[np.int64],
    least: float,
) -> NDArray[np.int64]:
    """The members alike to their most central one; whoever is not leaves, and it moves."""
    while True:
        center = _center(members, vectors, weights)
        close = (similarity[members, center] >= least - _TINY) | (members == center)
        if close.all():
            return members
        members = members[close]


def _center(members: NDArray[np.int64], vectors: Floats, weights: NDArray[np.int64]) -> int:
    """The member nearest the centroid; of equals the more frequent, then the first by name."""
    nearness = vectors[members] @ vectors[members].mean(axis=0)
    order = np.lexsort((members, -weights[members], -nearness.round(9)))
    return int(members[order[0]])


def _named(
    tokens: Sequence[str],
    labels: Labels,
    vectors: Floats,
    similarity: Floats,
    weights: NDArray[np.int64],
    embedder: Embedder,
) -> Clusters:
    """The clusters by the name of their most central token, and the pairs to look at."""
    center = np.empty(len(tokens), dtype=np.int64)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        center[members] = _center(members, vectors, weights)
    cosines = similarity[np.arange(len(tokens)), center]
    rows: list[tuple[str, str, float, bool]] = [
        (tokens[int(place)], tokens[int(center[place])], float(cosines[place]), True)
        for place in np.flatnonzero(cosines < embedder.merge_from - _TINY)
    ]
    rows += _left_apart(tokens, center, similarity, embedder.report_from)
    return Clusters(
        names={token: tokens[int(center[place])] for place, token in enumerate(tokens)},
        cosines={token: float(cosines[place]) for place, token in enumerate(tokens)},
        unsure=_unsure_frame(rows),
    )


def _left_apart(
    tokens: Sequence[str], center: Labels, similarity: Floats, report_from: float
) -> list[tuple[str, str, float, bool]]:
    """For each cluster its closest other one, by names, where that is close enough."""
    heads = np.unique(center)
    between = similarity[np.ix_(heads, heads)] - 3 * np.eye(len(heads))
    nearest = between.argmax(axis=1)
    pairs = {
        tuple(sorted((int(heads[place]), int(heads[other]))))
        for place, other in enumerate(nearest)
        if between[place, other] >= report_from
    }
    return [(tokens[a], tokens[b], float(similarity[a, b]), False) for a, b in sorted(pairs)]


def _unsure_frame(rows: list[tuple[str, str, float, bool]]) -> pd.DataFrame:
    import pandas as pd

    rows = sorted(rows, key=lambda row: (not row[3], -row[2], row[0]))
    return pd.DataFrame(rows, columns=["token", "other", "cosine", "merged"]).astype(
        {"token": "str", "other": "str", "cosine": "float64", "merged": "bool"}
    )
