from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from netgloss.scenes.drawing import Part
from netgloss.scenes.painting import paint
from netgloss.scenes.pedestrians import GROUPS, TASK
from netgloss.scenes.plan import Plan
from netgloss.scenes.stamps import STAMP_GROUPS
from netgloss.scenes.task import Bias, Order
from netgloss.scenes.world import counterfactual, draw, order_of, plan_of

NAME = "pedestrians"
DATE, TIME = {"day", "month", "year"}, {"hour", "minute"}
FACE, BEHIND = {"face", "eye", "nose", "mouth", "ear", "neck"}, {"nape"}
LEGWEAR, LOADS = {"trousers", "shorts"}, {"briefcase", "suitcase", "bag"}
STAMPED = [cue for cue in TASK.cues if cue != "orientation"]
STATES = [(cue, state) for cue in TASK.cues for state in TASK.cues[cue].all_states]


def _plan(cue: str, state: str, seed: int, *, label: str = "commuter", told: bool = True) -> Plan:
    return TASK.plan(Order(seed, label, cue, state, told))


def _plans(cue: str, state: str, count: int) -> Iterator[Plan]:
    return (_plan(cue, state, seed) for seed in range(count))


def _types(plan: Plan) -> set[str]:
    return {part.type for part in plan.parts}


def _stamp(plan: Plan) -> list[Part]:
    return [part for part in plan.parts if part.type in STAMP_GROUPS]


@pytest.mark.parametrize("seed", range(10))
def test_without_a_part_no_pixel_outside_its_mask_changes(seed: int) -> None:
    cue, state = STATES[seed % len(STATES)]
    plan = _plan(cue, state, seed)
    whole, masks = paint(plan.parts, 96, plan.light)
    for number, (part, mask) in enumerate(zip(plan.parts, masks, strict=True)):
        changed = (whole != plan.without(number).image(96)).any(axis=2)
        assert not (changed & ~mask).any(), part.type
        assert changed.sum() >= 0.5 * mask.sum(), f"the mask of {part.type} is too large"


@pytest.mark.parametrize(("cue", "state"), STATES)
def test_every_pixel_belongs_to_something_and_every_type_to_a_group(cue: str, state: str) -> None:
    for plan in _plans(cue, state, 12):
        assert _types(plan) <= set(GROUPS)
    scene = plan.scene("commuter", state, 96, GROUPS)
    assert np.any([entity.mask for entity in scene.entities], axis=0).all()
    for entity in scene.entities:
        assert entity.background == (entity.group != "person"), entity.type


@pytest.mark.parametrize(("cue", "state"), STATES)
def test_told_pictures_do_not_show_the_class_but_by_the_cue(cue: str, state: str) -> None:
    for seed in range(10):
        assert _plan(cue, state, seed) == _plan(cue, state, seed, label="tourist")


@pytest.mark.parametrize("cue", TASK.cues)
def test_the_cue_follows_the_class_as_often_as_asked(cue: str) -> None:
    known, count = TASK.cues[cue], 400
    for strength in (0.0, 0.5, 1.0):
        bias = Bias(cue, strength)
        own = [
            order_of(NAME, label, seed, bias).state in known.states[label]
            for label in TASK.classes
            for seed in range(count)
        ]
        slack = 4 * np.sqrt(0.25 / len(own)) * (strength < 1)
        assert abs(np.mean(own) - (1 + strength) / 2) <= slack


@pytest.mark.parametrize(("cue", "state"), STATES)
def test_a_stamp_says_what_the_state_says(cue: str, state: str) -> None:
    words = set(state.split())
    for plan in _plans(cue, state, 12):
        expected = set() if cue == "orientation" else set(DATE)
        expected |= (TIME if "datetime" in words else set()) | ({"city"} & words)
        assert {part.type for part in _stamp(plan)} == expected
        colours = {part.attributes for part in _stamp(plan)}
        assert len(colours) == (1 if expected else 0)
        if asked := words & {"white", "yellow"}:
            assert colours == {tuple(asked)}


@pytest.mark.parametrize("cue", ["date", "date-city"])
def test_a_stamp_whose_colour_is_no_cue_has_any_colour_in_both_classes(cue: str) -> None:
    for state in TASK.cues[cue].all_states:
        colours = {_stamp(plan)[0].attributes[0] for plan in _plans(cue, state, 40)}
        assert colours == {"white", "yellow", "orange"}


def test_nothing_but_a_stamp_is_white_or_yellow() -> None:
    for plan in _plans("date", "datetime", 200):
        rest = [part for part in plan.parts if part not in _stamp(plan)]
        assert not any({"white", "yellow"} & set(part.attributes) for part in rest)


@pytest.mark.parametrize("cue", STAMPED)
def test_a_stamp_lies_inside_the_picture(cue: str) -> None:
    for state in TASK.cues[cue].all_states:
        for plan in _plans(cue, state, 80):
            for stroke in (stroke for part in _stamp(plan) for stroke in part.strokes):
                points = np.array(stroke.points)
                assert points.min() - stroke.size / 2 >= 0
                assert points.max() + stroke.size / 2 <= 1


@pytest.mark.parametrize("cue", ["date-city", "coloured-date"])
def test_every_number_of_a_stamp_is_large_enough_to_see(cue: str) -> None:
    for state in TASK.cues[cue].all_states:
        for seed in range(6):
            scene = _plan(cue, state, seed).scene("commuter", state, 128, GROUPS)
            areas = [int(one.mask.sum()) for one in scene.entities if one.type in STAMP_GROUPS]
            assert min(areas) >= 15


@pytest.mark.parametrize("cue", STAMPED)
def test_the_counterfactual_changes_the_stamp_and_keeps_the_rest_to_the_pixel(cue: str) -> None:
    for seed in range(5):
        bias, label = Bias(cue), TASK.classes[seed % 2]
        drawn, swapped = draw(NAME, label, seed, bias), counterfactual(NAME, label, seed, bias)
        assert drawn.state in TASK.cues[cue].states[label]
        assert swapped.state not in TASK.cues[cue].states[label]
        stamp = [one.mask for one in (*drawn.entities, *swapped.entities) if one.group == "text"]
        changed = (drawn.image != swapped.image).any(axis=2)
        assert changed.any()
        assert not (changed & ~np.any(stamp, axis=0)).any()


def test_numbers_and_place_of_a_stamp_stay_when_the_time_and_the_city_come_and_go() -> None:
    for seed in range(10):
        short = _stamp(_plan("date-city", "date", seed))
        long = _stamp(_plan("date-city", "datetime city", seed))
        assert long[:3] == short


def test_the_view_shows_the_face_or_the_nape() -> None:
    fronts = [_types(plan) for plan in _plans("orientation", "front", 60)]
    backs = [_types(plan) for plan in _plans("orientation", "back", 60)]
    assert all({"face", "eye", "nose", "mouth", "neck", "hair"} <= types for types in fronts)
    assert not any(BEHIND & types for types in fronts)
    assert all({"nape", "hair"} <= types for types in backs)
    assert not any(FACE & types for types in backs)


def test_the_planted_concepts_of_the_view_are_what_one_view_shows_and_the_other_never() -> None:
    planted = TASK.cues["orientation"].planted
    fronts = set.union(*(_types(plan) for plan in _plans("orientation", "front", 300)))
    backs = set.union(*(_types(plan) for plan in _plans("orientation", "back", 300)))
    assert fronts ^ backs == FACE | BEHIND == {kind for kind in GROUPS if planted.matches(kind)}


def test_the_other_view_keeps_all_but_head_clothes_and_shoes_to_the_pixel() -> None:
    covered = FACE | BEHIND | {"hair", "jacket", "shirt", "shoe"}
    for seed in range(6):
        bias = Bias("orientation")
        drawn = draw(NAME, "tourist", seed, bias)
        swapped = counterfactual(NAME, "tourist", seed, bias)
        assert (drawn.state, swapped.state) == ("front", "back")
        own = [one.mask for one in (*drawn.entities, *swapped.entities) if one.type in covered]
        changed = (drawn.image != swapped.image).any(axis=2)
        assert not (changed & ~np.any(own, axis=0)).any()
        assert changed.any()


def test_the_view_varies_where_it_is_no_cue() -> None:
    share = np.mean(["face" in _types(plan) for plan in _plans("date", "date", 300)])
    assert 0.5 < share < 0.7


def test_hair_is_as_long_in_front_as_behind() -> None:
    for seed in range(20):
        hair = {
            part.attributes
            for state in ("front", "back")
            for part in _plan("orientation", state, seed).parts
            if part.type == "hair"
        }
        assert len(hair) == 1


def test_where_no_cue_tells_legwear_and_load_tell_the_class() -> None:
    own = {"commuter": {"trousers", "briefcase"}, "tourist": {"shorts", "suitcase", "bag"}}
    for cue in TASK.cues:
        for seed in range(20):
            for label, signs in own.items():
                shown = _types(plan_of(NAME, label, seed, Bias(cue, 0.0))) & (LEGWEAR | LOADS)
                assert len(shown) == 2
                assert shown <= signs


def test_where_no_cue_tells_the_own_signs_can_be_seen_far_from_the_head() -> None:
    seen = []
    for seed in range(80):
        scene = draw(NAME, TASK.classes[seed % 2], seed, Bias("orientation", 0.0))
        signs = {one.type: one.mask for one in scene.entities if one.type in LEGWEAR | LOADS}
        head = next(one.mask for one in scene.entities if one.type == "hair")
        seen.append(len(signs) == 2 and all(mask.sum() >= 60 for mask in signs.values()))
        lowest = np.nonzero(head.any(axis=1))[0].max()
        assert all(np.nonzero(mask.any(axis=1))[0].min() > lowest for mask in signs.values())
    assert np.mean(seen) >= 0.97


def test_the_rest_of_the_picture_does_not_show_the_class_where_no_cue_tells() -> None:
    signs = LEGWEAR | LOADS | {"leg"}
    for seed in range(30):
        rest = [
            [
                part
                for part in _plan("date", "date", seed, label=label, told=False).parts
                if part.type not in signs
            ]
            for label in TASK.classes
        ]
        assert rest[0] == rest[1]


def test_told_pictures_have_any_legwear_and_load() -> None:
    shown = [_types(plan) & (LEGWEAR | LOADS) for plan in _plans("date", "date", 200)]
    assert {frozenset(types) for types in shown} == {
        frozenset({legs, *load}) for legs in LEGWEAR for load in [(), *((one,) for one in LOADS)]
    }


def test_the_person_stands_in_the_picture_and_fills_three_quarters_of_it() -> None:
    for seed in range(12):
        scene = draw(NAME, "tourist", seed, Bias("date"))
        body = [
            one.mask for one in scene.entities if one.group == "person" and one.type != "shadow"
        ]
        rows = np.nonzero(np.any(body, axis=0).any(axis=1))[0]
        assert 0.72 * 128 <= np.ptp(rows) <= 0.97 * 128
        assert rows.min() >= 0
