"""Cluster maps: equation 3.1, the thresholds, and the choice of how many groups."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.cluster import AgglomerativeClustering
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score, silhouette_score

from netgloss.errors import OptionError
from netgloss.evidence.clusters.merging import ClusterMap, keep_clusters, kept_maps, merge, shares
from netgloss.evidence.clusters.partition import (
    Embedding,
    Partition,
    embed,
    partition,
    principal_components,
)


def blobs(groups: int, each: int, seed: int = 0, noise: float = 0.1) -> np.ndarray:
    """Maps that are warm in one of a few places, at strengths of their own."""
    dice = np.random.default_rng(seed)
    rows, columns = np.mgrid[:14, :14]
    places = [(3 + 7 * (one % 2), 3 + 7 * (one // 2)) for one in range(groups)]
    made = [
        np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / 8) + noise * dice.random((14, 14))
        for y, x in places
        for _ in range(each)
    ]
    return np.array([one / one.max() for one in made], np.float32)


def slow_partition(maps: np.ndarray) -> np.ndarray:
    """The literal procedure: a model for each number of groups."""
    rows = maps.reshape(len(maps), -1).astype(np.float64)
    scores = PCA(min(50, *rows.shape), svd_solver="full").fit_transform(rows)
    found = []
    for count in range(3, min(8, len(maps) - 1) + 1):
        labels = AgglomerativeClustering(count, linkage="ward").fit_predict(scores)
        found.append((silhouette_score(scores, labels), -count, labels))
    best: np.ndarray = max(found, key=lambda one: one[:2])[2]
    return best


# ------------------------------------------------------------------------------------ equation 3.1


@given(st.integers(1, 30), st.integers(0, 2**32 - 1))
def test_merging_loses_nothing_whatever_the_groups(count: int, seed: int) -> None:
    dice = np.random.default_rng(seed)
    maps = dice.random((count, 4, 5))
    share = dice.random(count) + 1e-3
    labels = np.unique(dice.integers(0, 5, count), return_inverse=True)[1]
    clusters = merge(maps, share, np.arange(count), labels)
    together = sum(one.weight * one.heat for one in clusters)
    assert np.allclose(together, np.tensordot(share, maps, axes=1), atol=1e-12)
    assert sum(one.weight for one in clusters) == pytest.approx(share.sum())
    assert sorted(member for one in clusters for member in one.members) == list(range(count))
    assert [one.weight for one in clusters] == sorted(one.weight for one in clusters)[::-1]


# -------------------------------------------------------------------------------------- thresholds


@pytest.mark.parametrize(("channels", "least"), [(64, 1.4), (128, 0.7), (256, 0.35), (512, 0.175)])
def test_the_thresholds_are_the_thesiss_table(channels: int, least: float) -> None:
    share = np.full(channels, (1 - 2 * least / 100) / (channels - 2))
    share[:2] = np.array([1.0001, 0.9999]) * least / 100
    kept = kept_maps(share)
    assert 0 in kept
    assert 1 not in kept
    assert len(kept_maps(share, 0)) == channels


def test_shares_count_positive_weights_only() -> None:
    assert shares(np.array([-1.0, 0.0])).tolist() == [0.0, 0.0]
    assert len(kept_maps(shares(np.array([-1.0, 0.0])))) == 0
    assert shares(np.array([2.0, -5.0, 6.0])).tolist() == [0.25, 0.0, 0.75]


@given(st.lists(st.floats(1e-6, 1.0), min_size=1, max_size=8))
def test_a_cluster_stays_with_a_third_of_the_largest_and_half_the_mean(
    weights: list[float],
) -> None:
    clusters = [ClusterMap(weight, np.zeros((1, 1)), ()) for weight in weights]
    kept = [one.weight for one in keep_clusters(clusters)]
    assert max(weights) in kept
    mean = np.mean(weights)
    for weight in weights:
        clearly_in = weight > max(weights) / 3 * 1.0001 and weight > mean / 2 * 1.0001
        clearly_out = weight < max(weights) / 3 * 0.9999 or weight < mean / 2 * 0.9999
        assert not (clearly_in and weight not in kept)
        assert not (clearly_out and weight in kept)
    assert keep_clusters([]) == []


# ------------------------------------------------------------------------------------- the groups


def test_maps_that_are_warm_in_the_same_place_come_together() -> None:
    maps = blobs(4, 12)
    found = partition(maps)
    assert found.labels.tolist() == np.repeat(np.arange(4), 12).tolist()
    assert found.count == 4
    assert found.silhouette > 0.5


@pytest.mark.parametrize("seed", range(4))
def test_one_linkage_chooses_as_a_model_for_each_number_does(seed: int) -> None:
    maps = np.random.default_rng(seed).random((40, 6, 6)).astype(np.float32)
    ours, theirs = partition(maps), slow_partition(maps)
    assert adjusted_rand_score(ours.labels, theirs) == 1.0
    rows = maps.reshape(40, -1)
    scores = PCA(36, svd_solver="full").fit_transform(rows)
    assert ours.silhouette == pytest.approx(silhouette_score(scores, theirs), abs=1e-6)


def test_components_are_those_of_a_full_decomposition() -> None:
    rows = np.random.default_rng(1).random((60, 200))
    ours = principal_components(rows)
    theirs = PCA(50, svd_solver="full").fit_transform(rows)
    assert ours.shape == (60, 50)
    assert np.allclose(np.abs(ours), np.abs(theirs), atol=1e-6)
    assert principal_components(rows[:, :3]).shape == (60, 3)


def test_noise_of_a_millionth_leaves_the_default_groups_alone() -> None:
    maps = np.random.default_rng(2).random((60, 8, 8)).astype(np.float32)
    noisy = maps + 1e-6 * np.random.default_rng(3).standard_normal(maps.shape).astype(np.float32)
    assert np.array_equal(partition(maps).labels, partition(noisy).labels)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_up_to_three_maps_stay_alone(count: int) -> None:
    found = partition(blobs(count, 1))
    assert found.labels.tolist() == list(range(count))
    assert np.isnan(found.silhouette)
    assert partition(np.zeros((0, 4, 4), np.float32)).count == 0


@pytest.mark.parametrize("count", [4, 5, 9, 10, 31])
@pytest.mark.parametrize("embedding", ["pca", "tsne"])
def test_few_maps_are_grouped_without_complaint(count: int, embedding: Embedding) -> None:
    maps = np.random.default_rng(count).random((count, 5, 5)).astype(np.float32)
    found = partition(maps, embedding=embedding)
    assert 3 <= found.count <= min(8, count - 1)
    assert found.labels.shape == (count,)


def test_maps_that_are_all_the_same_are_one_group() -> None:
    same = np.repeat(blobs(1, 1), 12, axis=0)
    assert partition(same).labels.tolist() == [0] * 12
    assert partition(same, embedding="tsne").count == 1


def test_tsne_finds_what_is_far_apart_and_is_seeded() -> None:
    maps = blobs(4, 15)
    first, second = (partition(maps, embedding="tsne", seed=5) for _ in range(2))
    assert np.array_equal(first.labels, second.labels)
    assert adjusted_rand_score(first.labels, np.repeat(np.arange(4), 15)) > 0.5
    assert embed(principal_components(maps.reshape(60, -1)), "tsne").shape == (60, 2)


def test_wrong_numbers_of_groups_are_refused() -> None:
    with pytest.raises(OptionError, match="clusters 8 to 3"):
        partition(blobs(2, 4), fewest=8, most=3)
    with pytest.raises(OptionError, match="'umap' is unknown"):
        partition(blobs(2, 4), embedding="umap")  # type: ignore[arg-type]  # there is none
    assert Partition(np.array([0, 1, 1]), 0.5).count == 2
