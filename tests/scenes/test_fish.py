from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from netgloss.scenes.drawing import Part
from netgloss.scenes.fish import LARGE, SMALL, TASK
from netgloss.scenes.painting import paint
from netgloss.scenes.scene import Entity, Scene
from netgloss.scenes.scene_set import SceneSet
from netgloss.scenes.task import Bias, Order
from netgloss.scenes.world import counterfactual, draw, plan_of

CUE = Bias("background")
CLASSES = TASK.classes
STATES = TASK.cues["background"].all_states
WHOLES = {"lobster": "lobster", "great_white_shark": "shark", "tench": "tench"}
MAIN = {"sea": {"water"}, "meadow": {"grass"}, "plate": {"plate", "table"}}


def _parts(label: str, seed: int, state: str, *, told: bool = True) -> tuple[Part, ...]:
    return TASK.plan(Order(seed, label, "background", state, told)).parts


def _animal(parts: Sequence[Part]) -> list[Part]:
    return [part for part in parts if not part.background]


def _shown(state: str) -> set[str]:
    """Every type of the background that some picture of the state has."""
    parts = [part for seed in range(60) for part in _parts("tench", seed, state)]
    return {part.type for part in parts if part.background}


def _length(parts: Sequence[Part]) -> float:
    """The largest distance between two points of an animal but for its feelers."""
    body = [part for part in _animal(parts) if part.type != "lobster antenna"]
    points = np.array([at for part in body for stroke in part.strokes for at in stroke.points])
    return float(np.hypot(*(points[:, None] - points[None]).T).max())


def _key(entity: Entity) -> tuple[str, bool, bytes]:
    return entity.name, entity.background, entity.mask.tobytes()


def _own(scene: Scene) -> np.ndarray:
    """Where nothing but the animal can be seen."""
    own = np.any([one.mask for one in scene.entities if not one.background], axis=0)
    return own & ~np.any([one.mask for one in scene.entities if one.background], axis=0)


@pytest.mark.parametrize("label", CLASSES)
@pytest.mark.parametrize("state", STATES)
def test_without_a_part_no_pixel_outside_its_mask_changes(label: str, state: str) -> None:
    for seed in range(2):
        plan = TASK.plan(Order(seed, label, "background", state, told=seed == 1))
        whole, masks = paint(plan.parts, 96, plan.light)
        for number, (part, mask) in enumerate(zip(plan.parts, masks, strict=True)):
            less = plan.without(number)
            changed = (whole != less.image(96)).any(axis=2)
            assert not (changed & ~mask).any(), part.type
            assert changed.sum() >= 0.5 * mask.sum(), f"the mask of {part.type} is too large"


def test_every_pixel_belongs_to_something_and_everything_to_a_group() -> None:
    for scene in SceneSet("fish", Bias("background", 0.5), 24, seed=3, size=64).scenes():
        assert np.any([entity.mask for entity in scene.entities], axis=0).all()
        for entity in scene.entities:
            assert entity.group == TASK.groups[entity.type]
            assert (entity.group == WHOLES[scene.label]) == (not entity.background), entity.type


def test_every_type_with_a_group_is_drawn_in_some_picture() -> None:
    drawn = set().union(*map(_shown, STATES))
    for label in CLASSES:
        drawn |= {part.type for part in _animal(_parts(label, 1, "sea"))}
    assert drawn == set(TASK.groups)


@pytest.mark.parametrize(
    ("label", "types"),
    [
        ("lobster", {"claw", "body", "tail", "antenna", "leg"}),
        ("great_white_shark", {"body", "fin", "tail", "mouth", "gill", "eye", "belly"}),
        ("tench", {"body", "fin", "tail", "eye", "head", "mouth"}),
    ],
)
def test_an_animal_has_all_its_parts_and_no_other_animals(label: str, types: set[str]) -> None:
    for seed in range(12):
        shown = {one.type for one in draw("fish", label, seed, Bias("background", 0.0)).entities}
        own = {f"{WHOLES[label]} {kind}" for kind in types}
        animals = {kind for kind in shown if TASK.groups[kind] in WHOLES.values()}
        assert animals <= own
        # What floats or lies before an animal can hide an eye or a mouth.
        assert len(own - animals) <= 1


def test_each_background_shows_its_main_thing_and_nothing_of_the_others() -> None:
    shown = {state: _shown(state) for state in STATES}
    for state, types in shown.items():
        others = set().union(*(shown[other] for other in STATES if other != state))
        assert types & others == {"shadow"}
        for kind in types - {"shadow"}:
            assert TASK.cues["background"].planted.matches(kind.replace(" ", "_"))
    assert not TASK.cues["background"].planted.matches("shadow")
    for seed in range(24):
        for state, main in MAIN.items():
            scene = TASK.plan(Order(seed, "tench", "background", state, told=True)).scene(
                "tench", state, 64, TASK.groups
            )
            seen = [entity.mask for entity in scene.entities if entity.type in main]
            assert np.any(seen, axis=0).mean() > 0.35, state


def test_one_seed_is_one_picture_and_two_seeds_are_two() -> None:
    first, again = (draw("fish", "lobster", 11, CUE) for _ in range(2))
    np.testing.assert_array_equal(first.image, again.image)
    assert [_key(one) for one in first.entities] == [_key(one) for one in again.entities]
    other = draw("fish", "lobster", 12, CUE)
    assert (first.image != other.image).any(axis=2).mean() > 0.5


@pytest.mark.parametrize("state", STATES)
def test_a_background_looks_the_same_behind_every_animal(state: str) -> None:
    for seed in range(12):
        behind = []
        for label in CLASSES:
            parts = _parts(label, seed, state)
            shadow = next(at for at, part in enumerate(parts) if part.type == "shadow")
            behind.append(parts[:shadow])
        assert behind[0] == behind[1] == behind[2]


@pytest.mark.parametrize("label", CLASSES)
def test_the_counterfactual_keeps_the_animal_to_the_pixel(label: str) -> None:
    for seed in range(6):
        bias = Bias("background", float(seed % 2))
        drawn, swapped = draw("fish", label, seed, bias), counterfactual("fish", label, seed, bias)
        assert drawn.state != swapped.state
        plans = [plan_of("fish", label, seed, bias, swapped=is_it) for is_it in (False, True)]
        assert _animal(plans[0].parts) == _animal(plans[1].parts)
        assert plans[0].light == plans[1].light
        own = _own(drawn) & _own(swapped)
        np.testing.assert_array_equal(drawn.image[own], swapped.image[own])
        assert own.sum() > (40 if seed % 2 else 400)
        around = np.any([one.mask for one in drawn.entities if one.background], axis=0)
        assert (drawn.image != swapped.image).any(axis=2)[around].mean() > 0.9


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
def test_the_background_follows_the_class_as_often_as_asked(strength: float) -> None:
    count, cue = 50, TASK.cues["background"]
    for label in CLASSES:
        states = [
            next(
                state
                for state, main in MAIN.items()
                if main <= {part.type for part in plan_of("fish", label, seed, bias).parts}
            )
            for bias in [Bias("background", strength)]
            for seed in range(count)
        ]
        for state in STATES:
            share = strength * (state in cue.states[label]) + (1 - strength) / 3
            slack = 4 * np.sqrt(share * (1 - share) / count)
            assert abs(states.count(state) / count - share) <= slack


@pytest.mark.parametrize("label", CLASSES)
def test_an_animal_is_small_where_the_background_tells_its_class_and_else_large(label: str) -> None:
    # Claws that reach out make a lobster longer than its middle line, a bend makes it shorter.
    for told, (smallest, largest) in ((True, SMALL), (False, LARGE)):
        lengths = [_length(_parts(label, seed, "sea", told=told)) for seed in range(20)]
        assert 0.9 * smallest <= min(lengths)
        assert max(lengths) <= 1.1 * largest
        assert max(lengths) - min(lengths) > 0.6 * (largest - smallest)


def test_animals_look_either_way_and_lobsters_any_way() -> None:
    for label in CLASSES:
        kinds = ("lobster body", "lobster tail") if label == "lobster" else ()
        ahead = []
        for seed in range(60):
            parts = {part.type: part for part in _animal(_parts(label, seed, "plate"))}
            front, back = kinds or (f"{WHOLES[label]} mouth", f"{WHOLES[label]} tail")
            ends = [
                np.mean([at for stroke in parts[end].strokes for at in stroke.points], axis=0)
                for end in (front, back)
            ]
            ahead.append(np.sign(ends[0] - ends[1]))
        right, down = np.mean(ahead, axis=0)
        assert abs(right) < 0.55
        assert abs(down) < 0.55
