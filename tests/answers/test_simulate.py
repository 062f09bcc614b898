from __future__ import annotations

import inspect
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from netgloss.answers.populations import CROWD, EXPERT, Population
from netgloss.answers.simulate import notice, simulate
from netgloss.answers.synonyms import ATTRIBUTE_SYNONYMS, SYNONYMS
from netgloss.errors import DataError
from netgloss.evidence.salient import salient_areas
from netgloss.scenes.granularity import (
    ATTRIBUTE_LEVELS,
    TYPE_LEVELS,
    AttributeLevel,
    TypeLevel,
    coarser_attributes,
    coarser_types,
)
from netgloss.scenes.scene import Entity
from netgloss.scenes.task import Bias
from netgloss.scenes.world import TASKS, counterfactual, draw

SCENE = draw("vehicles", "ambulance", 21, Bias("stripe"))


def _mask(box: tuple[int, int, int, int]) -> np.ndarray:
    mask = np.zeros((100, 100), bool)
    mask[box[1] : box[3], box[0] : box[2]] = True
    return mask


FIELD = Entity("field", ("green",), np.ones((100, 100), bool), background=True)
DOOR = Entity("door", ("big", "red"), _mask((10, 10, 40, 40)))
BELL = Entity("bell", (), _mask((60, 60, 64, 64)))
FAR = Entity("tower", ("tall",), _mask((80, 0, 95, 20)))
ENTITIES = (FIELD, DOOR, BELL, FAR)


def _heat(*boxes: tuple[int, int, int, int]) -> np.ndarray:
    heat = np.zeros((100, 100))
    for box in boxes:
        heat[_mask(box)] = 1.0
    return heat


def _types(heat: np.ndarray) -> list[str]:
    return [sighting.entity.type for sighting in notice(heat, ENTITIES)]


def test_an_expert_names_exactly_what_lies_under_the_heat() -> None:
    heat = _heat((10, 10, 40, 40), (58, 58, 66, 66))
    (answer,) = simulate([("a.png", heat)], {"a.png": ENTITIES})
    assert [(box.type, box.attributes) for box in answer.boxes] == [
        ("field", ("green",)),
        ("door", ("big", "red")),
        ("bell", ()),
    ]
    assert answer.boxes[1].corners == (10, 10, 40, 40)
    assert (answer.task, answer.person, answer.image) == ("annotate", "expert-1", "a.png")


def test_a_small_thing_is_named_when_it_is_covered_and_a_large_one_when_it_is_hot() -> None:
    everything = _heat((10, 10, 40, 40))
    assert _types(everything) == ["field", "door"]
    # The bell holds less than a twentieth of the heat, but a fifth of it is under the heat.
    assert "bell" in _types(_heat((10, 10, 38, 38), (56, 56, 64, 64)))
    # A corner of the door holds almost no heat and is a small part of the door.
    assert _types(_heat((38, 38, 67, 67))) == ["field", "bell"]


def test_the_box_of_the_background_is_round_its_hot_part() -> None:
    field, *_ = notice(_heat((50, 40, 90, 65)), ENTITIES)
    assert field.entity is FIELD
    np.testing.assert_allclose(field.box, (50, 40, 90, 65), atol=2)


@pytest.mark.parametrize("seed", range(6))
def test_the_rule_agrees_with_its_definition_pixel_by_pixel(seed: int) -> None:
    rng = np.random.default_rng(seed)
    heat = rng.gamma(0.3, size=(128, 128))
    heat[SCENE.entities[int(rng.integers(len(SCENE.entities)))].mask] *= 6
    hot = {(y, x) for area in salient_areas(heat) for y, x in np.argwhere(area.mask).tolist()}
    expected = []
    for entity in SCENE.entities:
        pixels = {(y, x) for y, x in np.argwhere(entity.mask).tolist()}
        share = sum(heat[place] for place in hot & pixels) / sum(heat[place] for place in hot)
        if share >= 0.05 or len(hot & pixels) / len(pixels) >= 0.2:
            expected.append(entity)
    assert [sighting.entity for sighting in notice(heat, SCENE.entities)] == expected
    assert 0 < len(expected) < len(SCENE.entities)


def test_heat_on_the_stripe_is_called_an_orange_stripe() -> None:
    stripe = next(one for one in SCENE.entities if one.type == "stripe")
    heat = stripe.mask.astype(float)
    (answer,) = simulate([("x", heat)], {"x": SCENE.entities}, share=float(heat.mean()))
    assert ("stripe", ("orange",)) in [(box.type, box.attributes) for box in answer.boxes]
    assert not {"sky", "windscreen", "letters", "light"} & {box.type for box in answer.boxes}


@pytest.mark.parametrize("value", [0.0, 0.7])
def test_a_map_with_nothing_in_it_gets_an_answer_without_words(value: float) -> None:
    (answer,) = simulate([("x", np.full((100, 100), value))], {"x": ENTITIES})
    assert answer.boxes == ()


def test_people_are_never_given_a_class_a_prediction_or_a_bias() -> None:
    assert set(inspect.signature(simulate).parameters) == {
        "heat_maps",
        "entities",
        "population",
        "seed",
        "share",
    }
    assert not {"label", "truth", "prediction", "cue"} & set(Entity.__dataclass_fields__)


def test_the_class_of_a_picture_changes_nothing() -> None:
    # Under a full bias the two scenes differ in their label alone.
    ambulance = draw("vehicles", "ambulance", 5, Bias("stripe"))
    van = counterfactual("vehicles", "moving_van", 5, Bias("stripe"))
    assert (ambulance.label, van.label) == ("ambulance", "moving_van")
    heat = np.random.default_rng(1).gamma(0.3, size=(128, 128))
    answers = [
        simulate([("x", heat)], {"x": scene.entities}, CROWD, seed=2) for scene in (ambulance, van)
    ]
    assert answers[0] == answers[1]
    assert any(answer.boxes for answer in answers[0])


def test_an_expert_who_sees_it_all_tells_the_whole_truth() -> None:
    heat = 1 + np.random.default_rng(2).random((128, 128))
    (answer,) = simulate([("x", heat)], {"x": SCENE.entities}, share=1.0)
    told = [(box.type, box.attributes) for box in answer.boxes]
    assert told == [(entity.type, entity.attributes) for entity in SCENE.entities]


def _maps(count: int) -> tuple[list[tuple[str, np.ndarray]], dict[str, tuple[Entity, ...]]]:
    names = [f"{('ape', 'bee')[number % 2]}/{number}.png" for number in range(count)]
    heat = _heat((10, 10, 40, 40), (58, 58, 66, 66))
    return [(name, heat) for name in names], dict.fromkeys(names, ENTITIES)


def test_without_a_pool_everybody_looks_at_everything() -> None:
    maps, entities = _maps(3)
    answers = simulate(maps, entities, replace(CROWD, pool=0), seed=4)
    assert [(answer.person, answer.image) for answer in answers] == [
        (f"crowd-{number}", name) for name, _ in maps for number in (1, 2, 3)
    ]
    assert len({answer.answer for answer in answers}) == 9


def test_the_same_seed_gives_the_same_answers_in_any_order() -> None:
    maps, entities = _maps(25)
    answers = simulate(maps, entities, CROWD, seed=4)
    assert answers == simulate(maps, entities, CROWD, seed=4)
    backwards = simulate(maps[::-1], entities, CROWD, seed=4)
    assert {a.answer: a for a in answers} == {a.answer: a for a in backwards}
    assert answers != simulate(maps, entities, CROWD, seed=5)


def test_an_answer_does_not_depend_on_the_other_images() -> None:
    maps, entities = _maps(12)
    population = replace(CROWD, pool=0, bad_faith=0.5)
    everything = {a.answer: a for a in simulate(maps, entities, population, seed=3)}
    name, heat = maps[7]
    for answer in simulate([(name, heat)], {name: ENTITIES}, population, seed=3):
        assert everything[answer.answer] == answer


def test_two_people_do_not_err_alike() -> None:
    maps, entities = _maps(40)
    answers = simulate(maps, entities, Population("pair", size=2, miss=0.5))
    said: dict[str, list[tuple[str, ...]]] = {}
    for answer in answers:
        said.setdefault(answer.image, []).append(tuple(box.type for box in answer.boxes))
    # Three things, each passed over or not: an eighth of the images gets the same by chance.
    alike = sum(one == other for one, other in said.values()) / 40
    assert abs(alike - 1 / 8) < 4 * np.sqrt(7 / 64 / 40)


def _boxes(population: Population, count: int = 200) -> list[list[str]]:
    names = [str(number) for number in range(count)]
    maps = [(name, _heat((10, 10, 40, 40))) for name in names]
    answers = simulate(maps, dict.fromkeys(names, ENTITIES), population)
    return [[box.type for box in answer.boxes] for answer in answers]


def test_misses_are_as_frequent_as_asked() -> None:
    assert all(types == ["field", "door"] for types in _boxes(EXPERT))
    assert not any(_boxes(replace(EXPERT, miss=1.0)))
    seen = sum(len(types) for types in _boxes(replace(EXPERT, miss=0.3))) / 400
    assert abs(seen - 0.7) < 4 * np.sqrt(0.21 / 400)


def test_attributes_are_dropped_as_often_as_asked() -> None:
    maps = [(str(n), _heat((10, 10, 40, 40))) for n in range(100)]
    entities = {name: (DOOR,) for name, _ in maps}
    answers = simulate(maps, entities, replace(EXPERT, drop_attribute=0.4))
    kept = sum(len(answer.boxes[0].attributes) for answer in answers) / 200
    assert abs(kept - 0.6) < 4 * np.sqrt(0.24 / 200)


def test_synonyms_are_other_words_for_the_same_thing() -> None:
    types = {
        box
        for boxes in _boxes(replace(EXPERT, synonym=1.0, synonyms={"door": ("gate",)}))
        for box in boxes
    }
    assert types == {"field", "gate"}


def test_synonyms_are_as_frequent_as_asked() -> None:
    others = {"door": ("gate", "hatch"), "field": ("meadow", "lawn")}
    words = Counter(
        box for boxes in _boxes(replace(EXPERT, synonym=0.3, synonyms=others)) for box in boxes
    )
    assert sum(words.values()) == 400
    assert abs((words["door"] + words["field"]) / 400 - 0.7) < 4 * np.sqrt(0.21 / 400)
    for synonyms in others.values():
        assert all(words[name] for name in synonyms)


def test_attributes_have_synonyms_of_their_own() -> None:
    population = replace(EXPERT, synonym=1.0, attribute_synonyms={"red": ("ruby",)}, synonyms={})
    maps, entities = _maps(1)
    (answer,) = simulate(maps, entities, population)
    assert [box.attributes for box in answer.boxes] == [("green",), ("big", "ruby"), ()]


def test_every_word_of_the_drawn_tasks_has_synonyms() -> None:
    kinds = {kind for task in TASKS.values() for kind in task.groups}
    groups = {group for task in TASKS.values() for group in task.groups.values()}
    assert (kinds | groups | {"background"}) - set(SYNONYMS) == set()
    looks = {
        name
        for task in TASKS.values()
        for cue in task.cues
        for seed in range(9)
        for label in (task.classes[seed % len(task.classes)],)
        for entity in draw(task.name, label, seed, Bias(cue), size=64).entities
        for name in entity.attributes
    }
    assert looks - set(ATTRIBUTE_SYNONYMS) == set()


@pytest.mark.parametrize("table", [SYNONYMS, ATTRIBUTE_SYNONYMS])
def test_a_synonym_is_a_new_word(table: dict[str, tuple[str, ...]]) -> None:
    for word, others in table.items():
        assert word not in others
        assert len(set(others)) == len(others) > 0
        assert all(other == other.strip().lower() for other in others)


@pytest.mark.parametrize("types", TYPE_LEVELS)
@pytest.mark.parametrize("attributes", ATTRIBUTE_LEVELS)
def test_coarse_answers_are_the_fine_ones_put_through_the_tables(
    types: TypeLevel, attributes: AttributeLevel
) -> None:
    scene = draw("vehicles", "ambulance", 3, Bias("stripe", 0.0))
    heat = np.random.default_rng(3).gamma(0.3, size=(128, 128))
    # Words are exact, or two granularities would not slip on the same letters.
    careful = replace(CROWD, synonym=0.0, typo=0.0, bad_faith=0.0)
    fine, coarse = (
        simulate([("x", heat)], {"x": scene.entities}, population, seed=5, share=0.3)
        for population in (careful, replace(careful, types=types, attributes=attributes))
    )
    kinds = coarser_types(TASKS["vehicles"].groups, types)
    assert len(fine) == 3
    for one, other in zip(fine, coarse, strict=True):
        assert len(one.boxes) > 5
        assert [box.type for box in other.boxes] == [kinds[box.type] for box in one.boxes]
        assert [box.corners for box in other.boxes] == [box.corners for box in one.boxes]
        for before, after in zip(one.boxes, other.boxes, strict=True):
            looks = coarser_attributes(before.attributes, attributes)
            assert set(after.attributes) == set(looks.values())


def test_the_coarsest_people_use_three_words_at_most() -> None:
    heat = np.random.default_rng(3).gamma(0.3, size=(128, 128))
    population = replace(EXPERT, types="E1", attributes="A1b")
    (answer,) = simulate([("x", heat)], {"x": SCENE.entities}, population, share=0.5)
    assert {box.type for box in answer.boxes} == {"vehicle", "background"}
    assert {name for box in answer.boxes for name in box.attributes} <= {"dark", "light"}


def test_everything_mistyped_is_one_slip_away() -> None:
    typed = {box for boxes in _boxes(replace(EXPERT, typo=1.0)) for box in boxes}
    assert not typed & {"field", "door"}
    assert all(min(OSA.distance(one, "field"), OSA.distance(one, "door")) == 1 for one in typed)


@given(st.floats(0, 3), st.integers(0, 999))
def test_sloppy_boxes_stay_in_the_picture(sloppiness: float, seed: int) -> None:
    heat = _heat((10, 10, 40, 40), (58, 58, 66, 66))
    (answer,) = simulate(
        [("x", heat)], {"x": ENTITIES}, replace(EXPERT, sloppiness=sloppiness), seed=seed
    )
    for box in answer.boxes:
        assert box.corners is not None
        x0, y0, x1, y1 = box.corners
        assert 0 <= x0 <= x1 - 2 <= 98
        assert 0 <= y0 <= y1 - 2 <= 98


def test_boxes_are_as_sloppy_as_asked() -> None:
    maps, entities = _maps(200)
    answers = simulate(maps, entities, replace(EXPERT, sloppiness=0.1))
    # The door is 30 wide and 10 from the border: no edge of it is cut off.
    moves = np.array([box.corners for a in answers for box in a.boxes if box.type == "door"])
    moves = moves - (10, 10, 40, 40)
    assert moves.shape == (200, 4)
    spread = moves.std()  # of 3 pixels, and rounding adds a twelfth to the variance
    assert abs(spread / np.sqrt(9 + 1 / 12) - 1) < 4 / np.sqrt(2 * moves.size)
    assert abs(moves.mean()) < 4 * 3 / np.sqrt(moves.size)


@pytest.mark.parametrize("spread", [0.1, 0.3, 0.6])
def test_seconds_scatter_about_the_median(spread: float) -> None:
    maps, entities = _maps(400)
    answers = simulate(maps, entities, replace(EXPERT, seconds=20.0, spread=spread))
    logs = np.log([answer.seconds or 0.0 for answer in answers])
    assert len(logs) == 400
    # Four standard errors of the mean and of the standard deviation of a normal sample.
    assert abs(logs.mean() - np.log(20)) < 4 * spread / np.sqrt(400)
    assert abs(logs.std() / spread - 1) < 4 / np.sqrt(800)


def test_a_picture_of_which_nothing_is_known_is_refused() -> None:
    with pytest.raises(DataError, match="nothing is known of what can be seen on it"):
        simulate([("b.png", _heat())], {"a.png": ENTITIES})


def test_a_heat_map_of_another_size_is_refused() -> None:
    with pytest.raises(DataError, match="lay the heat map on the original picture first"):
        notice(np.eye(50), ENTITIES)


@pytest.mark.parametrize("share", [0.0, -0.1, 1.1, float("nan")])
def test_a_share_that_cannot_be_salient_is_refused(share: float) -> None:
    with pytest.raises(DataError, match="give a share above 0 and at most 1"):
        simulate([("a", _heat())], {"a": ENTITIES}, share=share)


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(DataError, match="seed -1: give a number of 0 or more"):
        simulate([], {}, seed=-1)
