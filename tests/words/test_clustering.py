from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray
from sklearn.cluster import KMeans

from netgloss.errors import OptionError
from netgloss.words.clustering import Clusters, cluster_tokens, score_partition
from netgloss.words.embeddings import NGrams, to_unit_length

T = TypeVar("T")


class Points:
    """An embedder of given vectors, in the order of the tokens."""

    name = "points"
    says = "Nothing."

    def __init__(self, vectors: ArrayLike, merge_from: float = 0.9) -> None:
        self.vectors = to_unit_length(np.array(vectors, dtype=float))
        self.merge_from = merge_from
        self.report_from = 0.5

    def embed(self, tokens: Sequence[str]) -> NDArray[np.float64]:
        return self.vectors[: len(tokens)]


def _tokens(count: int) -> dict[str, int]:
    return {f"t{place:02d}": 1 for place in range(count)}


def _groups(found: Clusters) -> set[frozenset[str]]:
    return {
        frozenset(token for token, other in found.names.items() if other == name)
        for name in found.names.values()
    }


def _slow_score(labels: Sequence[int], points: NDArray[np.float64]) -> tuple[float, ...]:
    """Methods 8.1 step 6, from the definitions."""
    clusters = sorted(set(labels))
    members = {c: [i for i, label in enumerate(labels) if label == c] for c in clusters}

    def mean_distance(i: int, cluster: int) -> float:
        others = [j for j in members[cluster] if j != i]
        return sum(float(np.linalg.norm(points[i] - points[j])) for j in others) / len(others)

    silhouettes = []
    for i, own in enumerate(labels):
        if len(members[own]) == 1 or len(clusters) == 1:
            silhouettes.append(0.0)
            continue
        inside = mean_distance(i, own)
        outside = min(mean_distance(i, c) for c in clusters if c != own)
        silhouettes.append((outside - inside) / max(outside, inside))
    means = [
        sum(silhouettes[i] for i in members[c]) / len(members[c])
        for c in clusters
        if len(members[c]) > 1
    ]
    average = sum(means) / len(means) if means else 0.0
    spread = (sum((m - average) ** 2 for m in means) / len(means)) ** 0.5 if means else 0.0
    negative = sum(s < -1e-9 for s in silhouettes) / len(labels)
    return negative, round(spread, 6), round(-sum(silhouettes) / len(labels), 6), len(clusters)


@given(seed=st.integers(0, 10_000), count=st.integers(4, 9))
@settings(max_examples=40, deadline=None)
def test_the_score_is_the_one_of_the_definitions(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    points = to_unit_length(random.normal(size=(count, 3)))
    labels = random.integers(0, 3, size=count)
    distances = np.linalg.norm(points[:, None] - points, axis=2)
    negative, left, spread, mean, clusters = score_partition(
        labels, distances, np.zeros((count, count), dtype=bool)
    )
    expected = _slow_score(labels.tolist(), points)
    assert left == 0.0
    assert (negative, clusters) == (pytest.approx(expected[0]), expected[3])
    assert (spread, mean) == pytest.approx(expected[1:3], abs=2e-6)


@pytest.mark.parametrize("seed", range(5))
def test_without_the_guard_k_is_chosen_by_the_published_rule(seed: int) -> None:
    points = to_unit_length(np.random.default_rng(seed).normal(size=(9, 3)))
    candidates = [
        KMeans(k, n_init=10, random_state=0).fit_predict(points).tolist() for k in range(2, 9)
    ]
    best = min(_slow_score(labels, points) for labels in candidates)
    found = cluster_tokens(_tokens(9), Points(points), merge_from=-1.0)
    chosen = [
        sorted(found.names.values()).index(found.names[token]) for token in sorted(found.names)
    ]
    assert _slow_score(chosen, points) == pytest.approx(best, abs=2e-6)


def test_the_published_rule_likes_a_lone_pair_and_the_guard_does_not() -> None:
    pairs = [
        [1, 0, 0, 0],
        [1, 0.05, 0, 0],
        [0, 1, 0, 0],
        [0, 1, 0.3, 0],
        [0, 0, 1, 0],
        [0, 0, 0, 1],
    ]
    free = cluster_tokens(_tokens(6), Points(pairs), merge_from=-1.0)
    guarded = cluster_tokens(_tokens(6), Points(pairs))
    assert len(_groups(free)) == 5
    assert {frozenset({"t00", "t01"}), frozenset({"t02", "t03"})} <= _groups(guarded)
    assert len(_groups(guarded)) == 4


@given(seed=st.integers(0, 10_000), count=st.integers(4, 14), least=st.floats(0.3, 0.95))
@settings(max_examples=25, deadline=None)
def test_no_token_is_merged_below_the_least_cosine(seed: int, count: int, least: float) -> None:
    points = np.random.default_rng(seed).normal(size=(count, 3))
    embedder = Points(points)
    found = cluster_tokens(_tokens(count), embedder, merge_from=least)
    vectors = dict(zip(sorted(found.names), embedder.vectors, strict=True))
    for token, name in found.names.items():
        assert found.names[name] == name
        assert found.cosines[token] == pytest.approx(float(vectors[token] @ vectors[name]))
        assert found.cosines[token] >= least - 1e-9


def test_tokens_of_one_vector_share_a_cluster_named_by_the_most_frequent() -> None:
    counts = {"finger": 6, "fingers": 72, "water": 9, "eye": 3, "leg": 2, "legs": 2}
    found = cluster_tokens(counts, NGrams())
    assert found.names["finger"] == "fingers"
    assert found.names["legs"] == "leg"  # as frequent: the first by the alphabet
    assert found.cosines["finger"] == pytest.approx(1.0)
    assert len(_groups(found)) == 4


def test_the_name_is_the_token_nearest_the_centroid() -> None:
    fan = [[1, 0.3], [1, 0], [1, -0.3], [-1, 0.1], [-1, 3]]
    found = cluster_tokens({"t00": 9, "t01": 1, "t02": 9, "t03": 1, "t04": 1}, Points(fan))
    assert {found.names[token] for token in ("t00", "t01", "t02")} == {"t01"}


def test_fewer_than_four_tokens_stay_apart() -> None:
    found = cluster_tokens({"leg": 1, "legs": 1, "eye": 1}, NGrams())
    assert _groups(found) == {frozenset({"leg"}), frozenset({"legs"}), frozenset({"eye"})}


def test_no_tokens_make_no_clusters() -> None:
    found = cluster_tokens({}, NGrams())
    assert not found.names
    assert found.unsure.empty


def test_a_number_of_clusters_is_taken_as_it_is_up_to_the_distinct_vectors() -> None:
    vectors = [[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1]]
    for wanted, expected in [(1, 1), (2, 2), (3, 3), (4, 3), (99, 3)]:
        found = cluster_tokens(_tokens(5), Points(vectors), wanted)
        assert len(_groups(found)) == expected


@pytest.mark.parametrize("seed", range(4))
def test_equal_vectors_count_as_often_as_they_occur(seed: int) -> None:
    random = np.random.default_rng(seed)
    distinct = random.normal(size=(10, 2))
    points = to_unit_length(np.repeat(distinct, random.choice([1, 20], size=10), axis=0))
    found = cluster_tokens({f"t{place:03d}": 1 for place in range(len(points))}, Points(points), 4)
    names = np.array([found.names[token] for token in sorted(found.names)])
    spread = sum(
        float(np.square(points[names == name] - points[names == name].mean(axis=0)).sum())
        for name in set(names)
    )
    expected = KMeans(4, n_init=10, random_state=0).fit(points).inertia_
    assert spread == pytest.approx(expected, abs=1e-6)


def test_no_clusters_at_all_are_refused() -> None:
    with pytest.raises(OptionError, match="clusters is 0"):
        cluster_tokens(_tokens(5), Points(np.eye(5)), 0)


def test_all_tokens_of_one_vector_are_one_cluster() -> None:
    found = cluster_tokens(_tokens(5), Points([[1, 2]] * 5))
    assert len(_groups(found)) == 1


def test_unsure_merges_and_close_pairs_left_apart_are_listed() -> None:
    angle = [0.0, 0.7, 2.0, 3.4]  # the first two have a cosine of 0.76
    vectors = [[np.cos(a), np.sin(a)] for a in angle]
    apart = cluster_tokens(_tokens(4), Points(vectors)).unsure
    assert apart[["token", "other", "merged"]].to_numpy().tolist() == [["t00", "t01", False]]
    assert apart["cosine"][0] == pytest.approx(np.cos(0.7))
    merged = cluster_tokens(_tokens(4), Points(vectors), 3).unsure
    assert merged[["token", "other", "merged"]].to_numpy().tolist() == [["t01", "t00", True]]


def test_one_seed_gives_one_result() -> None:
    points = np.random.default_rng(3).normal(size=(30, 4)).tolist()
    runs = [cluster_tokens(_tokens(30), Points(points, 0.8), seed=5) for _ in range(2)]
    assert runs[0].names == runs[1].names


def test_many_tokens_in_clear_triples_are_found() -> None:
    random = np.random.default_rng(0)
    centers = random.normal(size=(20, 40))
    points = centers[np.arange(60) // 3] + 0.2 * random.normal(size=(60, 40))
    found = cluster_tokens(_tokens(60), Points(points))
    expected = {frozenset(f"t{3 * g + m:02d}" for m in range(3)) for g in range(20)}
    assert _groups(found) == expected


def test_progress_is_reported_over_the_candidates() -> None:
    seen: list[tuple[int, str]] = []

    def track(items: Iterable[T], *, total: int, what: str) -> Iterator[T]:
        seen.append((total, what))
        return iter(items)

    points = np.random.default_rng(3).normal(size=(20, 3)).tolist()
    cluster_tokens(_tokens(20), Points(points), merge_from=0.5, track=track)
    assert seen == [(8, "numbers of clusters")]
