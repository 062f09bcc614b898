from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from netgloss.errors import DataError
from netgloss.scenes.drawing import paint
from netgloss.scenes.scene import Entity, Scene
from netgloss.scenes.vehicles import CLASSES, CUES
from netgloss.scenes.world import Bias, counterfactual, draw, draw_many, find_task, plan_of

STRIPE = Bias("stripe")


def _names(entities: Sequence[Entity]) -> list[str]:
    return [entity.name for entity in entities]


def _key(entity: Entity) -> tuple[str, bool, bytes]:
    return entity.name, entity.background, entity.mask.tobytes()


def _keys(scene: Scene) -> list[tuple[str, bool, bytes]]:
    return [_key(entity) for entity in scene.entities]


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
    for _, scene in draw_many("vehicles", 24, 3, Bias("background", 0.5)):
        assert np.any([entity.mask for entity in scene.entities], axis=0).all()


def test_entities_are_what_can_be_seen_and_the_vehicle_is_no_background() -> None:
    for _, scene in draw_many("vehicles", 24, 4, STRIPE):
        assert all(entity.mask.any() for entity in scene.entities)
        front = {entity.type for entity in scene.entities if not entity.background}
        assert {"body", "cab", "wheel", "windscreen", "bumper", "shadow"} <= front
        behind = {entity.type for entity in scene.entities if entity.background}
        assert not behind & {"body", "cab", "wheel", "stripe", "light", "letters"}


def test_one_seed_is_one_picture_and_two_seeds_are_two() -> None:
    first, again = (draw("vehicles", "ambulance", 11, STRIPE) for _ in range(2))
    np.testing.assert_array_equal(first.image, again.image)
    assert _keys(first) == _keys(again)
    other = draw("vehicles", "ambulance", 12, STRIPE)
    assert (first.image != other.image).any(axis=2).mean() > 0.5


@pytest.mark.parametrize("cue", CUES)
def test_nothing_but_the_cue_tells_the_classes_apart(cue: str) -> None:
    for seed in range(4):
        ambulance = counterfactual("vehicles", "ambulance", seed, Bias(cue))
        van = draw("vehicles", "moving_van", seed, Bias(cue))
        np.testing.assert_array_equal(ambulance.image, van.image)
        assert _keys(ambulance) == _keys(van)


@pytest.mark.parametrize(("cue", "name"), [("stripe", "orange stripe"), ("light", "blue light")])
def test_the_counterfactual_changes_the_cue_and_keeps_the_rest(cue: str, name: str) -> None:
    for seed in range(8):
        drawn = draw("vehicles", "ambulance", seed, Bias(cue))
        swapped = counterfactual("vehicles", "ambulance", seed, Bias(cue))
        assert (drawn.cue, swapped.cue) == (True, False)
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


@pytest.mark.parametrize("cue", CUES)
@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
def test_the_cue_follows_the_class_as_often_as_asked(cue: str, strength: float) -> None:
    count = 120
    share = {
        label: np.mean(
            [
                _has_cue(cue, plan_of("vehicles", label, seed, Bias(cue, strength)))
                for seed in range(count)
            ]
        )
        for label in CLASSES
    }
    # The difference of two shares has a standard deviation of at most sqrt(2 / (4 n)).
    slack = 4 * np.sqrt(0.5 / count) * (strength < 1)
    assert abs(share["ambulance"] - share["moving_van"] - strength) <= slack
    assert abs(share["ambulance"] + share["moving_van"] - 1) <= slack


def _has_cue(cue: str, plan: object) -> bool:
    types = {part.type for part in plan.parts}  # type: ignore[attr-defined]
    return ("guard rail" in types or "road" in types) if cue == "background" else cue in types


@pytest.mark.parametrize("cue", ["stripe", "light"])
def test_what_is_not_planted_is_independent_of_the_class(cue: str) -> None:
    other = "light" if cue == "stripe" else "stripe"
    plans = [plan_of("vehicles", CLASSES[seed % 2], seed, Bias(cue)) for seed in range(300)]
    share = [
        np.mean([other in {part.type for part in plan.parts} for plan in plans[first::2]])
        for first in (0, 1)
    ]
    assert abs(share[0] - share[1]) < 4 * np.sqrt(2 * 0.3 * 0.7 / 150)
    assert abs(np.mean(share) - 0.3) < 4 * np.sqrt(0.3 * 0.7 / 300)


def test_many_pictures_have_their_classes_in_turn_and_seeds_that_give_them_back() -> None:
    pairs = list(draw_many("vehicles", 6, 9, STRIPE, size=48))
    assert [scene.label for _, scene in pairs] == ["ambulance", "moving_van"] * 3
    assert len({seed for seed, _ in pairs}) == 6
    for seed, scene in pairs:
        np.testing.assert_array_equal(
            scene.image, draw("vehicles", scene.label, seed, STRIPE, size=48).image
        )


def test_the_size_is_the_side_of_the_picture() -> None:
    scene = draw("vehicles", "ambulance", 1, STRIPE, size=80)
    assert scene.image.shape == (80, 80, 3)
    assert {entity.mask.shape for entity in scene.entities} == {(80, 80)}


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: find_task("boats"), "task 'boats' is not known; choose one of: vehicles"),
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
            lambda: draw("vehicles", "ambulance", 1, STRIPE, size=16),
            "size 16: too small to draw in; 32 pixels or more are needed",
        ),
    ],
)
def test_what_cannot_be_drawn_is_said_in_one_line(ask: object, message: str) -> None:
    with pytest.raises(DataError) as caught:
        ask()  # type: ignore[operator]
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
