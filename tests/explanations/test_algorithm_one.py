"""Merging: Algorithm 1 as printed, its counter-example, bridging ties, averages, equation 3.1."""

from __future__ import annotations

import random

import numpy as np
import pytest

from netgloss.errors import OptionError
from netgloss.explanations.labels import best_labels
from netgloss.explanations.local import Part, column, merged
from netgloss.explanations.merging import (
    Chain,
    chains,
    components,
    contributions,
    merge_scores,
    shares,
)


def literal_loop(best: list[frozenset[str]], dice: random.Random) -> set[frozenset[int]]:
    """Algorithm 1 as the thesis prints it, taking the pairs in random order."""
    clusters = [(frozenset([place]), labels) for place, labels in enumerate(best)]
    changed = True
    while changed:
        changed = False
        pairs = [(i, j) for i in range(len(clusters)) for j in range(len(clusters)) if i != j]
        dice.shuffle(pairs)
        for i, j in pairs:
            if clusters[i][1] & clusters[j][1]:
                new = (clusters[i][0] | clusters[j][0], clusters[i][1] | clusters[j][1])
                clusters = [one for place, one in enumerate(clusters) if place not in (i, j)]
                clusters.append(new)
                changed = True
                break
    return {members for members, _ in clusters}


def random_case(dice: random.Random) -> list[frozenset[str]]:
    """Up to nine clusters with none to three best labels each."""
    names = "abcdefgh"[: dice.randint(1, 8)]
    return [
        frozenset(dice.sample(names, min(len(names), dice.randint(0, 3))))
        for _ in range(dice.randint(0, 9))
    ]


def test_components_are_what_the_literal_loop_leaves_in_any_order() -> None:
    dice = random.Random(5)
    for _ in range(2000):
        best = random_case(dice)
        assert {frozenset(group) for group in components(best)} == literal_loop(best, dice)


def test_every_cluster_is_in_one_group() -> None:
    dice = random.Random(6)
    for _ in range(200):
        best = random_case(dice)
        places = [place for group in components(best) for place in group]
        assert sorted(places) == list(range(len(best)))


def test_clusters_without_labels_stay_alone() -> None:
    assert components([frozenset(), frozenset(), {"fin"}]) == [(0,), (1,), (2,)]


def part(name: str, weight: float, scores: dict[str, float]) -> Part:
    return Part(name, weight, np.ones((2, 2)), (0,), scores)


def test_labels_are_united_while_merging_not_recomputed() -> None:
    # Recomputed, the first two would be best described by x alone, and the third stay apart.
    parts = [part("a", 0.4, {"x": 5.0}), part("b", 0.4, {"x": 5.0, "y": 5.0})]
    third = part("c", 0.2, {"y": 4.0})
    assert best_labels(merge_scores([1, 1], [one.scores for one in parts])) == {"x"}
    assert len(column("conv", 0, [*parts, third]).maps) == 1


def test_the_tie_that_bridges_two_groups_is_named() -> None:
    best = [{"brass"}, {"brass"}, {"brass", "horn"}, {"horn"}, {"sky"}]
    assert chains(best) == [Chain((0, 1, 2, 3), {2: ("brass", "horn")})]


def test_a_tie_that_nothing_hangs_on_is_no_chain() -> None:
    assert chains([{"brass"}, {"brass", "horn"}, {"brass"}]) == []
    assert chains([{"brass", "horn"}, {"brass", "horn"}]) == []


def test_chains_are_the_groups_that_fall_apart_without_one_tied_cluster() -> None:
    dice = random.Random(7)
    seen = 0
    for _ in range(500):
        best = random_case(dice)
        slow = set()
        for place, labels in enumerate(best):
            without = [one for other, one in enumerate(best) if other != place]
            if len(labels) > 1 and len(components(without)) > len(components(best)):
                slow.add(place)
        found = {place for chain in chains(best) for place in chain.ties}
        assert found == slow
        seen += len(slow)
    assert seen > 50


def test_weights_add_up_and_maps_average_so_that_equation_3_1_holds() -> None:
    generator = np.random.default_rng(1)
    dice = random.Random(8)
    for _ in range(50):
        parts = [
            Part(str(n), float(generator.random()), generator.random((3, 4)), (n,), {label: 1.0})
            for n, label in enumerate(dice.choices("abc", k=dice.randint(1, 8)))
        ]
        found = column("conv", 0, parts).maps
        before = sum(one.weight * one.heat for one in parts)
        after = sum(one.weight * one.heat for one in found)
        np.testing.assert_allclose(after, before, atol=1e-12)
        assert sum(one.weight for one in found) == pytest.approx(sum(one.weight for one in parts))
        assert sum(one.channels for one in found) == len(parts)


def test_merged_scores_are_averaged_by_weight() -> None:
    scores = [{"fin": 4.0}, {"fin": 1.0, "sea": 2.0}]
    assert merge_scores([0.3, 0.1], scores) == pytest.approx({"fin": 3.25, "sea": 0.5})
    assert merge_scores([0.3, 0.1], scores, "having") == pytest.approx({"fin": 3.25, "sea": 2.0})


def test_parts_of_no_weight_count_alike() -> None:
    assert shares([0.0, 0.0, 0.0]).tolist() == pytest.approx([1 / 3] * 3)
    found = merged([part("a", 0.0, {"fin": 1.0}), part("b", 0.0, {"fin": 3.0})])
    assert found.scores == {"fin": 2.0}
    assert found.heat.tolist() == [[1.0, 1.0], [1.0, 1.0]]


def test_the_parts_contributions_sum_to_the_merged_scores_in_falling_order() -> None:
    scores = [{"fin": 4.0, "eye": 3.0}, {"eye": 2.0, "sea": 9.0}]
    added = contributions([0.2, 0.6], scores)
    assert list(added) == ["sea", "eye", "fin"]
    assert {label: sum(parts) for label, parts in added.items()} == merge_scores([0.2, 0.6], scores)


def test_an_unknown_average_is_refused() -> None:
    with pytest.raises(OptionError, match="'middle' is unknown"):
        contributions([1.0], [{}], "middle")  # type: ignore[arg-type]  # there is none
