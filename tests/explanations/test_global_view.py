"""The local view's order and ties, and the global view's identities."""

from __future__ import annotations

import random

import numpy as np
import pytest

from netgloss.errors import OptionError
from netgloss.explanations.local import LocalExplanation, Part, Tally, column
from netgloss.explanations.overall import explain_together


def view(
    image: str, layers: list[list[tuple[float, dict[str, float]]]], sizes: list[int] | None = None
) -> LocalExplanation:
    """A local view: a list of weight and label scores a layer."""
    columns = []
    for depth, clusters in enumerate(layers):
        size = sizes[depth] if sizes else 4
        parts = [
            Part(f"{image}-{depth}-{n}", weight, np.ones((size, size)), (n,), scores)
            for n, (weight, scores) in enumerate(clusters)
        ]
        columns.append(column(f"conv{depth}", depth, parts))
    return LocalExplanation(image, "tench", tuple(columns))


def random_view(dice: random.Random, name: str) -> LocalExplanation:
    labels = ["fin", "eye", "sea", "hand", "scales"]
    return view(
        name,
        [
            [
                (
                    dice.random(),
                    {label: float(dice.randint(1, 3)) for label in dice.sample(labels, 2)},
                )
                for _ in range(dice.randint(1, 4))
            ]
            for _ in range(4)
        ],
    )


def test_maps_stand_by_weight_and_say_every_tied_label() -> None:
    found = view("a", [[(0.2, {"fin": 1.0}), (0.5, {"sea": 2.0, "hand": 2.0})]])
    assert [one.labels for one in found.columns[0].maps] == [("hand", "sea"), ("fin",)]


def test_a_words_weight_is_followed_through_the_layers() -> None:
    found = view(
        "a", [[(0.2, {"fin": 1.0})], [], [(0.3, {"fin": 1.0}), (0.4, {"sea": 1.0, "eye": 1.0})]]
    )
    assert found.weights() == {
        "fin": pytest.approx((0.2, 0.0, 0.3)),
        "eye": pytest.approx((0.0, 0.0, 0.4)),
        "sea": pytest.approx((0.0, 0.0, 0.4)),
    }


def test_games_of_merged_maps_are_added_up() -> None:
    parts = [
        Part("a", 0.5, np.ones((2, 2)), (1,), {"fin": 1.0}, Tally(1, 0, 0, 2)),
        Part("b", 0.3, np.ones((2, 2)), (2, 3), {"fin": 1.0}, Tally(0, 1, 1, 7)),
    ]
    (found,) = column("conv", 0, parts).maps
    assert found.tally == Tally(1, 1, 1, 9)
    assert (found.tally.games, found.tally.mean_hints, found.channels) == (3, 3.0, 3)
    assert found.key == "a"


def test_one_image_and_groups_of_one_layer_give_the_local_best_labels() -> None:
    one = random_view(random.Random(2), "a")
    for group, layer in zip(explain_together("tench", [one], 1).groups, one.columns, strict=True):
        assert {row.label for row in group.rows} == {
            label for found in layer.maps for label in found.labels
        }


def test_global_scores_reach_the_sum_of_the_best_and_pass_it_only_by_ties() -> None:
    dice = random.Random(3)
    with_ties = without = 0
    for _ in range(60):
        views = [random_view(dice, name) for name in "ab"]
        total = sum(
            row.score for group in explain_together("tench", views, 2).groups for row in group.rows
        )
        maps = [found for one in views for found in one.maps]
        best = sum(found.score for found in maps)
        if any(len(found.labels) > 1 for found in maps):
            assert total > best
            with_ties += 1
        else:
            assert total == pytest.approx(best)
            without += 1
    assert with_ties
    assert without


def test_labels_stand_by_score_then_weight_then_name() -> None:
    clusters = [(0.1, {"b": 1.0}), (0.1, {"a": 1.0}), (0.3, {"c": 1.0}), (0.2, {"d": 2.0})]
    (group,) = explain_together("tench", [view("x", [clusters])], 3).groups
    assert [row.label for row in group.rows] == ["d", "c", "a", "b"]


def test_the_weight_is_the_mean_over_the_maps_of_a_label() -> None:
    views = [view("x", [[(0.2, {"fin": 1.0})]]), view("y", [[(0.4, {"fin": 3.0})]])]
    (row,) = explain_together("tench", views).groups[0].rows
    assert row.weight == pytest.approx(0.3)
    assert row.score == 4.0
    assert [one.image for one in row.occurrences] == ["y", "x"]
    assert row.images == 2


def test_layers_go_in_threes_and_sizes_are_not_mixed() -> None:
    layers = [[(0.5, {"fin": 1.0})]] * 8
    one = view("x", layers, [8, 8, 8, 8, 4, 4, 2, 2])
    groups = explain_together("tench", [one], 3).groups
    assert [len(group.layers) for group in groups] == [3, 1, 2, 2]
    assert [group.first for group in groups] == [0, 3, 4, 6]


def test_all_layers_together_have_no_weight() -> None:
    one = view("x", [[(0.5, {"fin": 1.0})], [(0.2, {"fin": 1.0})]], [8, 4])
    (group,) = explain_together("tench", [one], None).groups
    assert group.layers == ("conv0", "conv1")
    assert [(row.label, row.score, row.weight) for row in group.rows] == [("fin", 2.0, None)]


def test_maps_without_words_are_kept_apart_heaviest_first() -> None:
    one = view("x", [[(0.2, {}), (0.5, {}), (0.1, {"fin": 1.0})]])
    (group,) = explain_together("tench", [one]).groups
    assert [found.found.weight for found in group.unnamed] == [0.5, 0.2]
    assert [row.label for row in group.rows] == ["fin"]


def test_a_layer_without_maps_makes_no_group() -> None:
    assert explain_together("tench", [view("x", [[]])]).groups == ()


def test_a_group_of_no_layers_is_refused() -> None:
    with pytest.raises(OptionError, match="group 0"):
        explain_together("tench", [], 0)
