from __future__ import annotations

import inspect
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from netgloss.answers.simulate import (
    CROWD,
    EXPERT,
    SYNONYMS,
    Population,
    mistype,
    notice,
    simulate,
)
from netgloss.errors import DataError
from netgloss.evidence.salient import salient_areas
from netgloss.scenes.scene import Entity
from netgloss.scenes.world import Bias, draw

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


def test_everybody_looks_at_everything_and_the_order_does_not_matter() -> None:
    maps = [(name, _heat((10, 10, 40, 40))) for name in "abc"]
    entities = dict.fromkeys("abc", ENTITIES)
    answers = simulate(maps, entities, CROWD, seed=4)
    pairs = [(answer.person, answer.image) for answer in answers]
    assert sorted(pairs) == sorted((f"crowd-{n}", name) for n in (1, 2, 3) for name in "abc")
    assert len({answer.answer for answer in answers}) == 9
    backwards = simulate(maps[::-1], entities, CROWD, seed=4)
    assert {a.answer: a for a in answers} == {a.answer: a for a in backwards}
    assert answers != simulate(maps, entities, CROWD, seed=5)


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
    for word, others in SYNONYMS.items():
        assert word not in others


def test_everything_mistyped_is_one_slip_away() -> None:
    typed = {box for boxes in _boxes(replace(EXPERT, typo=1.0)) for box in boxes}
    assert not typed & {"field", "door"}
    assert all(min(OSA.distance(one, "field"), OSA.distance(one, "door")) == 1 for one in typed)


@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=12), st.integers(0, 2**32))
def test_a_slip_keeps_the_first_letter_and_is_one_edit(word: str, seed: int) -> None:
    slip = mistype(word, np.random.default_rng(seed))
    assert slip[0] == word[0]
    assert OSA.distance(word, slip) == 1


@given(st.text(max_size=3), st.integers(0, 99))
def test_short_words_are_typed_rightly(word: str, seed: int) -> None:
    assert mistype(word, np.random.default_rng(seed)) == word


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


def test_seconds_scatter_about_the_median() -> None:
    maps = [(str(n), _heat((10, 10, 40, 40))) for n in range(200)]
    answers = simulate(maps, {name: (DOOR,) for name, _ in maps}, replace(EXPERT, seconds=20.0))
    seconds = [answer.seconds for answer in answers if answer.seconds is not None]
    assert len(seconds) == 200
    assert min(seconds) > 0
    # The logarithm has a standard deviation of 0.3; four standard errors of the median.
    assert abs(np.log(np.median(seconds) / 20)) < 4 * 1.2533 * 0.3 / np.sqrt(200)


def test_a_picture_of_which_nothing_is_known_is_refused() -> None:
    with pytest.raises(DataError, match="nothing is known of what can be seen on it"):
        simulate([("b.png", _heat())], {"a.png": ENTITIES})


def test_a_heat_map_of_another_size_is_refused() -> None:
    with pytest.raises(DataError, match="lay the heat map on the original picture first"):
        notice(np.eye(50), ENTITIES)


@pytest.mark.parametrize(
    "wrong",
    [{"miss": 1.2}, {"typo": -0.1}, {"synonym": float("nan")}, {"size": 0}, {"seconds": 0.0}],
)
def test_an_impossible_population_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(DataError, match="population 'expert'"):
        Population(**wrong)  # type: ignore[arg-type]
