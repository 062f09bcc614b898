from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from netgloss.errors import DataError, OptionError
from netgloss.scenes.painting import paint
from netgloss.scenes.scene import Entity, Scene
from netgloss.scenes.scene_set import SceneSet
from netgloss.scenes.task import Bias, Order
from netgloss.scenes.vehicles import TASK
from netgloss.scenes.world import counterfactual, draw, find_task, plan_of

STRIPE = Bias("stripe")
CLASSES = TASK.classes


def _names(entities: Sequence[Entity]) -> list[str]:
    return [entity.name for entity in entities]


def _key(entity: Entity) -> tuple[str, bool, bytes]:
    return entity.name, entity.background, entity.mask.tobytes()


def _keys(scene: Scene) -> list[tuple[str, bool, bytes]]:
    return [_key(entity) for entity in scene.entities]


def _types(label: str, seed: int, bias: Bias) -> set[str]:
    return {part.type for part in plan_of("vehicles", label, seed, bias).parts}


@pytest.mark.parametrize("seed", range(8))
def test_without_a_part_no_pixel_outside_its_mask_changes(seed: int) -> None:
    plan = plan_of("vehicles", CLASSES[seed % 2], seed, Bias("stripe", 0.5))
    whole, masks = paint(plan.parts, 96, plan.light)
    for number, (part, mask) in enumerate(zip(plan.parts, masks, strict=True)):
        less = plan.without(number)
        without, _ = paint(less.parts, 96, less.light)
        changed = (whole != without).any(axis=2)
        assert not (changed & ~mask).any(), part.type
        assert changed.sum() >= 0.5 * mask.sum(), f"the mask of {part.type} is too large"


def test_every_pixel_belongs_to_something() -> None:
    for scene in SceneSet("vehicles", Bias("background", 0.5), 24, seed=3).scenes():
        assert np.any([entity.mask for entity in scene.entities], axis=0).all()


def test_entities_are_what_can_be_seen_and_the_vehicle_is_no_background() -> None:
    for scene in SceneSet("vehicles", STRIPE, 24, seed=4).scenes():
        assert all(entity.mask.any() for entity in scene.entities)
        front = {entity.type for entity in scene.entities if not entity.background}
        assert {"body", "cab", "wheel", "windscreen", "bumper", "shadow"} <= front
        behind = {entity.type for entity in scene.entities if entity.background}
        assert not behind & {"body", "cab", "wheel", "stripe", "light", "letters"}


def test_everything_belongs_to_the_vehicle_or_to_a_group_of_the_background() -> None:
    for scene in SceneSet("vehicles", Bias("background", 0.5), 24, seed=5).scenes():
        for entity in scene.entities:
            assert entity.group == TASK.groups[entity.type]
            assert (entity.group == "vehicle") == (not entity.background), entity.type


def test_one_seed_is_one_picture_and_two_seeds_are_two() -> None:
    first, again = (draw("vehicles", "ambulance", 11, STRIPE) for _ in range(2))
    np.testing.assert_array_equal(first.image, again.image)
    assert _keys(first) == _keys(again)
    other = draw("vehicles", "ambulance", 12, STRIPE)
    assert (first.image != other.image).any(axis=2).mean() > 0.5


@pytest.mark.parametrize("cue", TASK.cues)
def test_where_the_cue_tells_the_class_nothing_else_does(cue: str) -> None:
    for seed in range(6):
        for state in TASK.cues[cue].all_states:
            ambulance, van = (
                TASK.plan(Order(seed, label, cue, state, told=True)) for label in CLASSES
            )
            assert ambulance == van


@pytest.mark.parametrize(("cue", "name"), [("stripe", "orange stripe"), ("light", "blue light")])
def test_the_counterfactual_changes_the_cue_and_keeps_the_rest(cue: str, name: str) -> None:
    for seed in range(8):
        drawn = draw("vehicles", "ambulance", seed, Bias(cue))
        swapped = counterfactual("vehicles", "ambulance", seed, Bias(cue))
        assert (drawn.state, swapped.state) == (cue, f"no {cue}")
        planted = [entity for entity in drawn.entities if entity.name == name]
        assert len(planted) == 1
        changed = (drawn.image != swapped.image).any(axis=2)
        assert changed.any()
        assert not (changed & ~planted[0].mask).any()
        kept = _names([entity for entity in drawn.entities if entity is not planted[0]])
        assert [one for one in _names(swapped.entities) if one in kept] == kept


def test_the_background_counterfactual_keeps_the_vehicle_to_the_pixel() -> None:
    for seed in range(8):
        drawn = draw("vehicles", "moving_van", seed, Bias("background"))
        swapped = counterfactual("vehicles", "moving_van", seed, Bias("background"))
        front = [_key(one) for one in drawn.entities if not one.background]
        assert front == [_key(one) for one in swapped.entities if not one.background]
        assert "road" not in [one.type for one in drawn.entities]
        assert {"blue sky", "grey road"} <= set(_names(swapped.entities))
        own = np.any([one.mask for one in drawn.entities if one.type in {"body", "cab"}], axis=0)
        behind = np.any([one.mask for one in drawn.entities if one.background], axis=0)
        inside = own & ~behind
        np.testing.assert_array_equal(drawn.image[inside], swapped.image[inside])
        assert inside.sum() > 500


@pytest.mark.parametrize("cue", TASK.cues)
@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
def test_the_cue_follows_the_class_as_often_as_asked(cue: str, strength: float) -> None:
    count, bias = 120, Bias(cue, strength)
    sign = "road" if cue == "background" else cue
    share = {
        label: np.mean([sign in _types(label, seed, bias) for seed in range(count)])
        for label in CLASSES
    }
    # The difference of two shares has a standard deviation of at most sqrt(2 / (4 n)).
    slack = 4 * np.sqrt(0.5 / count) * (strength < 1)
    assert abs(share["ambulance"] - share["moving_van"] - strength) <= slack
    assert abs(share["ambulance"] + share["moving_van"] - 1) <= slack


@pytest.mark.parametrize("cue", ["stripe", "light"])
def test_what_is_not_planted_is_independent_of_the_class(cue: str) -> None:
    other = "light" if cue == "stripe" else "stripe"
    shown = [other in _types(CLASSES[seed % 2], seed, Bias(cue)) for seed in range(300)]
    share = [np.mean(shown[first::2]) for first in (0, 1)]
    assert abs(share[0] - share[1]) < 4 * np.sqrt(2 * 0.3 * 0.7 / 150)
    assert abs(np.mean(share) - 0.3) < 4 * np.sqrt(0.3 * 0.7 / 300)


@pytest.mark.parametrize(
    ("cue", "signs"),
    [("stripe", {"light"}), ("light", {"stripe"}), ("background", {"stripe", "light"})],
)
def test_where_the_cue_is_by_chance_an_ambulance_shows_its_own_signs(
    cue: str, signs: set[str]
) -> None:
    bias = Bias(cue, 0.0)
    for seed in range(60):
        assert _types("ambulance", seed, bias) & signs
        assert not _types("moving_van", seed, bias) & signs


def test_the_size_is_the_side_of_the_picture() -> None:
    scene = draw("vehicles", "ambulance", 1, STRIPE, size=80)
    assert scene.image.shape == (80, 80, 3)
    assert {entity.mask.shape for entity in scene.entities} == {(80, 80)}


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: find_task("boats"), "task 'boats' is not known; choose one of: pedestrians, fish"),
        (
            lambda: draw("vehicles", "ambulanc", 1, STRIPE),
            "task 'vehicles': class 'ambulanc' is not known; choose one of: ambulance, moving_van",
        ),
        (
            lambda: draw("vehicles", "ambulance", 1, Bias("date")),
            "task 'vehicles': bias 'date' is not known; choose one of: stripe, light, background",
        ),
        (
            lambda: Bias("light", -0.1),
            "bias 'light': strength -0.1 is not possible; give one from 0 to 1",
        ),
        (lambda: Bias("light", float("nan")), "bias 'light': strength nan is not possible"),
        (
            lambda: draw("vehicles", "ambulance", 1, STRIPE, size=63),
            "size 63: too small to draw in; 64 pixels or more are needed",
        ),
    ],
)
def test_what_cannot_be_drawn_is_said_in_one_line(ask: Callable[[], object], message: str) -> None:
    with pytest.raises((DataError, OptionError)) as caught:
        ask()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
