from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from netgloss.errors import OptionError
from netgloss.scenes.scene_set import SceneSet
from netgloss.scenes.task import Bias
from netgloss.scenes.world import counterfactual, draw

HALF = Bias("background", 0.5)


def test_the_classes_take_turns_and_the_seeds_give_the_pictures_back() -> None:
    pictures = SceneSet("vehicles", Bias("stripe"), 5, seed=9, size=64)
    scenes = list(pictures.scenes())
    assert [scene.label for scene in scenes] == ["ambulance", "moving_van"] * 2 + ["ambulance"]
    assert pictures.labels() == [0, 1, 0, 1, 0]
    assert len(set(pictures.seeds)) == len(pictures) == 5
    for seed, scene in zip(pictures.seeds, scenes, strict=True):
        again = draw("vehicles", scene.label, seed, pictures.bias, size=64)
        np.testing.assert_array_equal(scene.image, again.image)


@pytest.mark.parametrize("task", ["vehicles", "fish", "pedestrians"])
def test_pixels_and_states_are_those_of_the_scenes(task: str) -> None:
    bias = Bias("orientation" if task == "pedestrians" else "background", 0.5)
    pictures = SceneSet(task, bias, 6, seed=2, size=64)
    scenes = list(pictures.scenes())
    np.testing.assert_array_equal(pictures.pixels(), [scene.image for scene in scenes])
    assert pictures.states() == [scene.state for scene in scenes]


def test_swapped_pixels_are_those_of_the_counterfactuals() -> None:
    pictures = SceneSet("vehicles", HALF, 4, seed=3, size=64)
    expected = [
        counterfactual("vehicles", pictures.label(number), seed, HALF, size=64).image
        for number, seed in enumerate(pictures.seeds)
    ]
    np.testing.assert_array_equal(pictures.pixels(swapped=True), expected)
    assert (pictures.pixels() != pictures.pixels(swapped=True)).any(axis=(1, 2, 3)).all()


def test_a_longer_set_begins_with_the_shorter_one_and_another_seed_shares_nothing() -> None:
    short, long = (SceneSet("vehicles", HALF, count, seed=4) for count in (7, 70))
    assert long.seeds[:7] == short.seeds
    assert not set(long.seeds) & set(SceneSet("vehicles", HALF, 70, seed=5).seeds)


def test_truth_has_a_row_for_everything_that_can_be_seen() -> None:
    pictures = SceneSet("vehicles", HALF, 4, seed=6, size=64)
    truth = pictures.truth()
    for number, scene in enumerate(pictures.scenes()):
        rows = truth[truth["picture"] == number]
        assert set(rows["label"]) == {scene.label}
        assert set(rows["state"]) == {scene.state}
        seen = list(
            zip(rows["type"], map(tuple, rows["attributes"]), rows["background"], strict=True)
        )
        assert seen == [(one.type, one.attributes, one.background) for one in scene.entities]
        assert rows["group"].tolist() == [one.group for one in scene.entities]
        pixels = [int(one.mask.sum()) for one in scene.entities]
        np.testing.assert_allclose(rows["area"], np.array(pixels) / 64**2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"count": 0}, "images 0: at least one picture is needed"),
        ({"seed": -1}, "seed -1: give a number of 0 or more"),
        ({"size": 63}, "size 63: too small"),
        ({"task": "boats"}, "task 'boats' is not known"),
    ],
)
def test_a_set_that_cannot_be_drawn_is_refused_at_once(
    options: dict[str, Any], message: str
) -> None:
    asked = {"task": "vehicles", "bias": HALF, "count": 4, "seed": 1, "size": 64, **options}
    with pytest.raises(OptionError, match=message):
        SceneSet(**asked)
