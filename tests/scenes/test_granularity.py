from __future__ import annotations

import numpy as np
import pytest

from netgloss.errors import DataError
from netgloss.scenes.granularity import (
    ATTRIBUTE_LEVELS,
    TYPE_LEVELS,
    WHOLES,
    AttributeLevel,
    TypeLevel,
    coarse_attribute,
    coarse_attributes,
    coarse_type,
    coarser_attributes,
    coarser_types,
)
from netgloss.scenes.scene import Entity
from netgloss.scenes.task import Bias
from netgloss.scenes.world import TASKS, draw

MAIN = {"white", "black", "grey", "red", "yellow", "green", "blue"}
PLACE = np.ones((1, 1), bool)
CLAW = Entity("lobster claw", ("dark blue", "speckled"), PLACE, False, "lobster")
LEMON = Entity("lemon", ("yellow",), PLACE, True, "food")


@pytest.fixture(scope="module")
def drawn() -> list[Entity]:
    """Things of every task under every cue, planted and not."""
    return [
        entity
        for task in TASKS.values()
        for cue in task.cues
        for number in range(12)
        for entity in draw(
            task.name, task.classes[number % len(task.classes)], number, Bias(cue, number % 2)
        ).entities
    ]


def test_the_coarsest_types_are_the_whole_and_the_background() -> None:
    assert [coarse_type(one, "E1") for one in (CLAW, LEMON)] == ["lobster", "background"]


def test_the_middle_types_are_the_parts_and_the_groups_of_the_background() -> None:
    assert [coarse_type(one, "E2") for one in (CLAW, LEMON)] == ["lobster claw", "food"]


def test_the_finest_words_are_the_words(drawn: list[Entity]) -> None:
    for entity in drawn:
        assert coarse_type(entity, "E3") == entity.type
        assert coarse_attributes(entity.attributes, "A2") == entity.attributes


@pytest.mark.parametrize("level", TYPE_LEVELS)
def test_a_tasks_table_says_the_same_as_the_entities(level: TypeLevel) -> None:
    tables = {name: coarser_types(task.groups, level) for name, task in TASKS.items()}
    for task in TASKS.values():
        entities = draw(task.name, task.classes[0], 3, Bias(next(iter(task.cues)), 0.0)).entities
        for entity in entities:
            assert tables[task.name][entity.type] == coarse_type(entity, level)


def test_a_coarser_level_never_parts_what_a_finer_one_joins() -> None:
    # E1 is a function of E2, and E2 of E3: it holds within each task.
    for task in TASKS.values():
        middle, coarse = (coarser_types(task.groups, level) for level in ("E2", "E1"))
        above: dict[str, str] = {}
        for kind, name in middle.items():
            assert above.setdefault(name, coarse[kind]) == coarse[kind]
        assert set(coarse.values()) <= WHOLES | {"background"}
        assert len(set(coarse.values())) < len(set(middle.values())) < len(task.groups)


def test_the_objects_of_the_classes_are_the_only_things_not_of_the_background(
    drawn: list[Entity],
) -> None:
    assert {entity.group for entity in drawn if not entity.background} <= WHOLES
    assert not {entity.group for entity in drawn if entity.background} & WHOLES


def test_a_thing_without_a_group_keeps_its_name() -> None:
    bell = Entity("bell", (), PLACE)
    assert {coarse_type(bell, level) for level in TYPE_LEVELS} == {"bell"}
    assert coarse_type(Entity("tower", (), PLACE, background=True), "E2") == "tower"


@pytest.mark.parametrize(
    ("name", "main", "tone"),
    [
        ("orange", "red", "light"),
        ("pink", "red", "light"),
        ("brown", "yellow", "dark"),
        ("beige", "yellow", "light"),
        ("cream", "yellow", "light"),
        ("golden", "yellow", "light"),
        ("blond", "yellow", "light"),
        ("olive", "green", "dark"),
        ("dark blue", "blue", "dark"),
        ("light blue", "blue", "light"),
        ("blue grey", "grey", "light"),
        ("dark grey", "grey", "dark"),
        ("white", "white", "light"),
        ("black", "black", "dark"),
        ("dark", "dark", "dark"),
        ("tanned", "tanned", "dark"),
        ("bright", "bright", "light"),
        ("striped", "patterned", "striped"),
        ("wooden", "patterned", "wooden"),
        ("long", "long", "long"),
        ("light wooden", "light wooden", "light wooden"),
        ("", "", ""),
    ],
)
def test_each_look_has_its_coarser_words(name: str, main: str, tone: str) -> None:
    assert coarse_attribute(name, "A1a") == main
    assert coarse_attribute(name, "A1b") == tone
    assert coarse_attribute(name, "A2") == name


@pytest.mark.parametrize("level", ATTRIBUTE_LEVELS)
def test_coarsening_twice_is_coarsening_once(drawn: list[Entity], level: AttributeLevel) -> None:
    for name in {name for entity in drawn for name in entity.attributes}:
        once = coarse_attribute(name, level)
        assert coarse_attribute(once, level) == once


PLAIN = {"long", "short", "open", "closed", "round", "clear", "rough"}
SHADES = {"dark", "light", "bright", "tanned"}


def test_every_drawn_look_is_a_colour_a_pattern_or_about_something_else(
    drawn: list[Entity],
) -> None:
    names = {name for entity in drawn for name in entity.attributes} - PLAIN
    main = {name: coarse_attribute(name, "A1a") for name in names - SHADES}
    assert set(main.values()) <= MAIN | {"patterned"}
    colours = {name for name in names if main.get(name) != "patterned"}
    assert set(coarser_attributes(colours, "A1b").values()) == {"dark", "light"}
    assert coarser_attributes(PLAIN, "A1a") == coarser_attributes(PLAIN, "A1b")


def test_two_looks_with_one_coarse_name_are_said_once() -> None:
    assert coarse_attributes(("brown", "long", "beige"), "A1a") == ("yellow", "long")
    assert coarse_attributes(("dark", "blue"), "A1b") == ("dark",)


@pytest.mark.parametrize("level", ["E4", "", "a2"])
def test_a_granularity_that_does_not_exist_is_refused(level: str) -> None:
    with pytest.raises(DataError, match="choose one of: E1, E2, E3"):
        coarse_type(CLAW, level)  # type: ignore[arg-type]  # there is none
    with pytest.raises(DataError, match="choose one of: E1, E2, E3"):
        coarser_types({}, level)  # type: ignore[arg-type]  # there is none
    with pytest.raises(DataError, match="choose one of: A1a, A1b, A2"):
        coarse_attribute("red", level)  # type: ignore[arg-type]  # there is none
