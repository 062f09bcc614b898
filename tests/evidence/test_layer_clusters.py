"""The cluster maps of one layer: the laws of methods 6, and a literal second implementation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.cluster import AgglomerativeClustering
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from sklearn.metrics import adjusted_rand_score, silhouette_score

from netgloss.evidence.clusters.layer import (
    Clustering,
    cluster_layer,
    cluster_layers,
    normalised,
)
from netgloss.evidence.clusters.merging import kept_maps, shares
from netgloss.evidence.clusters.partition import Embedding, embed, partition, principal_components

Maps = NDArray[np.float32]


def layer(channels: int, seed: int = 0, side: int = 7) -> tuple[Maps, NDArray[np.float64]]:
    """Sparse activations with three places they prefer, and weights ≥ 0."""
    dice = np.random.default_rng(seed)
    rows, columns = np.mgrid[:side, :side]
    places = dice.integers(0, side, (3, 2))
    maps = np.empty((channels, side, side), np.float32)
    for channel in range(channels):
        y, x = places[channel % 3]
        blob = np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / 4)
        maps[channel] = np.maximum(blob + 0.3 * dice.standard_normal((side, side)), 0)
    return maps * dice.exponential(2.0, (channels, 1, 1)), dice.exponential(1.0, channels)


def literally(maps: Maps, weights: NDArray[np.float64]) -> list[tuple[float, set[int], Maps]]:
    """Section 3.2 with a loop a step and a model for each number of clusters."""
    total = sum(weight for weight, one in zip(weights, maps, strict=True) if one.max() > 0)
    kept = [k for k in range(len(maps)) if maps[k].max() > 0]
    kept = [k for k in kept if weights[k] / total >= 0.896 / len(maps)]
    rows = np.array([((maps[k] - maps[k].min()) / np.ptp(maps[k])).ravel() for k in kept], float)
    scores = PCA(min(50, *rows.shape), svd_solver="full").fit_transform(rows)
    best, chosen = -2.0, None
    for count in range(3, 9):
        labels = AgglomerativeClustering(count, linkage="ward").fit_predict(scores)
        if silhouette_score(scores, labels) > best + 1e-12:
            best, chosen = silhouette_score(scores, labels), labels
    found = []
    for group in np.unique(chosen):
        members = [k for k, label in zip(kept, chosen, strict=True) if label == group]
        weight = sum(weights[k] / total for k in members)
        heat = sum(weights[k] / total * maps[k].astype(float) for k in members) / weight
        found.append((weight, set(members), heat))
    mean = sum(weight for weight, *_ in found) / len(found)
    most = max(weight for weight, *_ in found)
    shown = [one for one in found if one[0] >= most / 3 and one[0] >= mean / 2]
    return sorted(shown, key=lambda one: -one[0])


@pytest.mark.parametrize("seed", range(6))
def test_it_is_what_the_literal_steps_give(seed: int) -> None:
    maps, weights = layer(64, seed)
    found, expected = cluster_layer(maps, weights), literally(maps, weights)
    assert [set(one.members) for one in found.shown] == [members for _, members, _ in expected]
    for ours, (weight, _, heat) in zip(found.shown, expected, strict=True):
        assert ours.weight == pytest.approx(weight, abs=1e-12)
        assert np.allclose(ours.heat, heat, atol=1e-10)


# ------------------------------------------------------------------------------- laws of methods 6


@given(st.integers(4, 40), st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.5, 0.896, 1.5]))
@settings(max_examples=40, deadline=None)
def test_what_is_missing_from_the_class_activation_map_is_what_was_left_out(
    channels: int, seed: int, threshold: float
) -> None:
    maps, weights = layer(channels, seed, side=5)
    found = cluster_layer(maps, weights, Clustering(threshold=threshold))
    share = shares(np.where(maps.any(axis=(1, 2)), weights, 0.0))
    whole = np.tensordot(share, maps.astype(np.float64), axes=1)
    shown = sum(one.weight * one.heat for one in found.shown)
    inside = {channel for one in found.shown for channel in one.members}
    outside = [channel for channel in range(channels) if channel not in inside]
    missing = np.tensordot(share[outside], maps[outside].astype(np.float64), axes=1)
    assert np.allclose(whole - shown, missing, atol=1e-12)
    assert (whole - shown >= -1e-12).all()
    assert (whole - shown).max() <= found.leftover * maps.max() + 1e-12
    assert sum(one.weight for one in found.shown) + found.leftover == pytest.approx(1, abs=1e-12)
    assert found.kept == len(kept_maps(share, threshold))


def test_adding_scaled_maps_breaks_the_identity_and_adding_raw_ones_does_not() -> None:
    maps, weights = layer(32, 3)
    share = shares(weights)
    scaled, _ = normalised(maps)
    raw = cluster_layer(maps, weights, Clustering(threshold=0))
    norm = cluster_layer(maps, weights, Clustering(threshold=0, merge_on="norm"))
    assert [one.members for one in raw.shown] == [one.members for one in norm.shown]
    for one, other in zip(raw.shown, norm.shown, strict=True):
        inside = list(one.members)
        assert np.allclose(
            one.weight * one.heat, np.tensordot(share[inside], maps[inside], axes=1), atol=1e-6
        )
        assert np.allclose(
            other.weight * other.heat,
            np.tensordot(share[inside], scaled[inside], axes=1),
            atol=1e-6,
        )
        assert not np.allclose(one.heat, other.heat, atol=0.05)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_channels_only_renames_them(seed: int) -> None:
    maps, weights = layer(48, seed)
    order = np.random.default_rng(seed).permutation(48)
    straight, turned = cluster_layer(maps, weights), cluster_layer(maps[order], weights[order])
    renamed = [sorted(order[list(one.members)].tolist()) for one in turned.shown]
    assert renamed == [list(one.members) for one in straight.shown]
    for one, other in zip(straight.shown, turned.shown, strict=True):
        assert np.allclose(one.heat, other.heat, atol=1e-10)


# ------------------------------------------------------------------------------ few, equal, none


@pytest.mark.parametrize("count", range(13))
def test_any_small_number_of_maps_is_grouped_by_the_rules_for_small_numbers(count: int) -> None:
    maps, weights = layer(max(count, 1), count)
    weights = np.full(len(weights), 1.0 if count else 0.0)
    found = cluster_layer(maps, weights, Clustering(threshold=0))
    assert found.kept == count
    if count <= 3:
        assert found.clusters == count
        assert np.isnan(found.silhouette)
        assert found.leftover == pytest.approx(0 if count else 1, abs=1e-12)
    else:
        assert 3 <= found.clusters <= min(8, count - 1)
        assert -1 <= found.silhouette <= 1


@pytest.mark.parametrize("embedding", ["pca", "tsne"])
def test_identical_maps_are_one_cluster_that_is_any_of_them(embedding: Embedding) -> None:
    one, _ = layer(1)
    how = Clustering(embedding=embedding)
    found = cluster_layer(np.repeat(one, 16, axis=0), np.ones(16), how)
    assert (found.clusters, len(found.shown), found.leftover) == (1, 1, 0.0)
    assert np.allclose(found.shown[0].heat, one[0], atol=1e-6)


def test_constant_maps_count_are_reported_and_never_become_nan() -> None:
    maps, weights = layer(12)
    maps[4:7] = np.array([2.0, 3.0, 5.0], np.float32)[:, None, None]
    weights[:] = 1.0
    found = cluster_layer(maps, weights)
    assert (found.flat, found.kept) == (3, 12)
    together = next(one for one in found.shown if 4 in one.members)
    assert {4, 5, 6} <= set(together.members)
    assert all(np.isfinite(one.heat).all() for one in found.shown)
    scaled, flat = normalised(maps)
    assert flat.nonzero()[0].tolist() == [4, 5, 6]
    assert not scaled[4:7].any()
    assert all((one.min(), one.max()) == (0, 1) for one in np.delete(scaled, [4, 5, 6], axis=0))


def test_a_layer_without_positive_weights_has_no_cluster_map() -> None:
    maps, weights = layer(8)
    found = cluster_layer(maps, -weights)
    assert (found.shown, found.kept, found.clusters, found.leftover) == ((), 0, 0, 1.0)
    assert found.active == 8
    assert cluster_layer(np.zeros_like(maps), weights).active == 0


def test_a_map_that_is_zero_everywhere_takes_no_share() -> None:
    maps, weights = layer(8)
    maps[2] = 0
    weights[2] = 1000.0
    found = cluster_layer(maps, weights, Clustering(threshold=0))
    others = [0, 1, 3, 4, 5, 6, 7]
    without = cluster_layer(maps[others], weights[others], Clustering(threshold=0))
    assert found.active == 7
    assert [one.weight for one in found.shown] == [one.weight for one in without.shown]


# --------------------------------------------------------------------- scikit-learn says the same


@pytest.mark.parametrize("count", range(2, 9))
def test_the_groups_are_scikit_learns_at_every_number_of_clusters(count: int) -> None:
    for seed in range(3):
        maps, _ = normalised(layer(40, seed)[0])
        ours = partition(maps, fewest=count, most=count)
        scores = PCA(40, svd_solver="full").fit_transform(maps.reshape(40, -1).astype(float))
        theirs = AgglomerativeClustering(count, linkage="ward").fit_predict(scores)
        assert adjusted_rand_score(ours.labels, theirs) == 1.0
        assert ours.silhouette == pytest.approx(silhouette_score(scores, theirs), abs=1e-9)


@pytest.mark.parametrize("embedding", ["pca", "tsne"])
def test_layers_side_by_side_are_what_each_is_alone(embedding: Embedding) -> None:
    how = Clustering(embedding=embedding, threshold=0)
    layers = [layer(channels, channels) for channels in (40, 2, 25)]
    for found, one in zip(cluster_layers(layers, how), layers, strict=True):
        alone = cluster_layer(*one, how)
        assert [each.members for each in found.shown] == [each.members for each in alone.shown]
        assert found.silhouette == pytest.approx(alone.silhouette, abs=1e-12, nan_ok=True)
        for ours, theirs in zip(found.shown, alone.shown, strict=True):
            assert np.array_equal(ours.heat, theirs.heat)


def test_tsne_is_scikit_learns_with_the_papers_settings() -> None:
    maps, _ = normalised(layer(95, 1)[0])
    scores = principal_components(maps.reshape(95, -1).astype(np.float64))
    theirs = TSNE(n_components=2, perplexity=30, max_iter=1000, random_state=4).fit_transform(
        scores
    )
    assert np.array_equal(embed(scores, "tsne", seed=4), theirs.astype(float))
    labels = {
        count: AgglomerativeClustering(count, linkage="ward").fit_predict(theirs.astype(float))
        for count in range(3, 9)
    }
    best = max(labels, key=lambda count: (silhouette_score(theirs, labels[count]), -count))
    ours = partition(maps, embedding="tsne", seed=4)
    assert ours.count == best
    assert adjusted_rand_score(ours.labels, labels[best]) == 1.0
