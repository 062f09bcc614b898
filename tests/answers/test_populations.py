from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from netgloss.answers.format import Answer, to_tables
from netgloss.answers.habits import FILLERS, HASTE
from netgloss.answers.populations import CROWD, HABITS, Habit, Population
from netgloss.answers.simulate import simulate
from netgloss.answers.trust import filter_answers
from netgloss.errors import DataError
from netgloss.scenes.scene import Entity


def _thing(name: str, x0: int, x1: int, attributes: tuple[str, ...] = ()) -> Entity:
    """Something 30 high and as wide as asked, in a picture of 100 by 100."""
    mask = np.zeros((100, 100), bool)
    mask[10:40, x0:x1] = True
    return Entity(name, attributes, mask)


DOOR, BELL = _thing("door", 10, 40, ("big", "red")), _thing("bell", 45, 50)
TOWER, BENCH = _thing("tower", 80, 95, ("tall",)), _thing("bench", 95, 99)
HEAT = (DOOR.mask | BELL.mask).astype(float)


def _maps(count: int) -> tuple[list[tuple[str, np.ndarray]], dict[str, tuple[Entity, ...]]]:
    names = [f"{('ape', 'bee')[number % 2]}/{number}.png" for number in range(count)]
    return [(name, HEAT) for name in names], dict.fromkeys(names, (DOOR, BELL, TOWER, BENCH))


@pytest.mark.parametrize(("pool", "size", "images"), [(30, 3, 200), (7, 3, 47), (3, 3, 20)])
def test_a_pool_gives_each_ten_images_to_as_many_people_as_asked(
    pool: int, size: int, images: int
) -> None:
    population = Population("crowd", size=size, pool=pool)
    names = [f"{number:03d}" for number in range(images)]
    sees = population.who_sees(names, 6)
    assert set(sees) == set(names)
    assert sees == population.who_sees(reversed(names), 6)
    assert {len(set(people)) for people in sees.values()} == {size}
    assert {person for people in sees.values() for person in people} <= set(population.people())
    batches = Counter(sees.values())
    # Three people may meet again in another batch; only the last one has fewer than ten images.
    assert sum(count % 10 > 0 for count in batches.values()) == (images % 10 > 0)
    looked = Counter(person for people in sees.values() for person in people)
    loads = [looked[person] for person in population.people()]
    assert max(loads) - min(loads) <= 10


def test_a_batch_holds_images_of_all_classes() -> None:
    names = [f"{label}/{number}" for label in ("ape", "bee") for number in range(100)]
    sees = Population("crowd", size=3, pool=30).who_sees(names, 1)
    batches: dict[tuple[str, ...], set[str]] = {}
    for name, people in sees.items():
        batches.setdefault(people, set()).add(name.split("/")[0])
    assert len(batches) > 15
    # Ten images of one class by chance: two in a thousand batches.
    assert sum(len(labels) == 2 for labels in batches.values()) >= len(batches) - 1


def test_the_people_of_an_image_are_different_ones_for_another_seed() -> None:
    names = [str(number) for number in range(100)]
    population = Population("crowd", size=3, pool=30)
    assert population.who_sees(names, 1) != population.who_sees(names, 2)


def test_as_many_people_are_careless_as_asked_and_each_habit_is_as_frequent() -> None:
    population = Population("crowd", size=3, pool=3000, bad_faith=0.3)
    habits = Counter(population.habit(person, 8) for person in population.people())
    careless = 3000 - habits[None]
    assert abs(careless / 3000 - 0.3) < 4 * np.sqrt(0.21 / 3000)
    for habit in HABITS:
        assert abs(habits[habit] / careless - 1 / 3) < 4 * np.sqrt(2 / 9 / careless)
    assert {replace(population, bad_faith=0.0).habit(p, 8) for p in population.people()} == {None}


def _of_habit(habit: Habit, population: Population, seed: int = 8) -> list[list[Answer]]:
    """The answers of each person with that habit to twenty images."""
    maps, entities = _maps(20)
    people = [p for p in population.people() if population.habit(p, seed) == habit]
    answers = simulate(maps, entities, population, seed=seed)
    return [[answer for answer in answers if answer.person == person] for person in people]


CARELESS = Population("crowd", size=40, bad_faith=1.0, seconds=100.0)


def test_who_copies_and_pastes_says_the_same_about_every_image() -> None:
    people = _of_habit("copy-paste", CARELESS)
    assert len(people) > 5
    for answers in people:
        assert len({answer.boxes for answer in answers}) == 1
        assert answers[0].boxes[0].type in FILLERS
    assert len({answers[0].boxes for answers in people}) == len(people)


def test_who_is_too_fast_draws_one_careless_box_round_something_hot() -> None:
    people = _of_habit("too fast", CARELESS)
    assert len(people) > 5
    boxes = [answer.boxes for answers in people for answer in answers]
    assert {len(one) for one in boxes} == {1}
    assert {one[0].type for one in boxes} == {"door", "bell"}
    assert not any(one[0].attributes for one in boxes)
    honest = {(10, 10, 40, 40), (45, 10, 50, 40)}
    assert not {one[0].corners for one in boxes} & honest


def test_random_words_do_not_follow_the_heat() -> None:
    people = _of_habit("random words", CARELESS)
    assert len(people) > 5
    types = Counter(b.type for answers in people for one in answers for b in one.boxes)
    assert set(types) <= set(FILLERS) | {"door", "bell", "tower", "bench"}
    cold, total = types["tower"], sum(types.values())
    # Half of the words are one of four things each, and the tower is as likely as any.
    assert abs(cold / total - 0.125) < 4 * np.sqrt(0.125 * 0.875 / total)


def test_a_least_time_catches_some_of_the_careless_and_nobody_else() -> None:
    maps, entities = _maps(60)
    population = replace(CROWD, bad_faith=0.3)
    answers = simulate(maps, entities, population, seed=11)
    table, terms = to_tables(answers)
    kept, _, report = filter_answers(table, terms, min_seconds=25.0)
    dropped = set(table["person"]) - set(kept["person"])
    careless = {p for p in population.people() if population.habit(p, 11)} & set(table["person"])
    assert dropped
    assert dropped < careless
    assert report.too_fast >= 10
    assert set(HASTE) == set(HABITS)


@pytest.mark.parametrize("habit", HABITS)
def test_the_careless_take_their_share_of_the_time(habit: Habit) -> None:
    seconds = [one.seconds for answers in _of_habit(habit, CARELESS) for one in answers]
    logs = np.log(np.array(seconds, dtype=float))
    # Rounding to a tenth of a second moves a median of 5 s by no more than a hundredth.
    assert abs(logs.mean() - np.log(100 * HASTE[habit])) < 4 * 0.3 / np.sqrt(logs.size) + 0.01


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"miss": 1.2}, "miss is 1.2; give a share from 0 to 1"),
        ({"typo": -0.1}, "typo is -0.1; give a share from 0 to 1"),
        ({"synonym": float("nan")}, "synonym is nan; give a share from 0 to 1"),
        ({"bad_faith": 2}, "bad_faith is 2; give a share from 0 to 1"),
        ({"size": 0}, "size is 0; at least one person has to look at each image"),
        ({"size": 3, "pool": 2}, "a pool of 2 is too few for a size of 3"),
        ({"pool": -1}, "a pool of -1 is too few for a size of 1"),
        ({"seconds": 0.0}, "seconds is 0.0; give a time above 0"),
        ({"seconds": float("inf")}, "seconds is inf; give a time above 0"),
        ({"sloppiness": float("nan")}, "sloppiness is nan; give a number of 0 or more"),
        ({"spread": -1.0}, "spread is -1.0; give a number of 0 or more"),
        ({"types": "E4"}, "granularity of the types 'E4' is not known"),
        ({"attributes": "A1"}, "granularity of the attributes 'A1' is not known"),
    ],
)
def test_an_impossible_population_is_refused(wrong: dict[str, float], why: str) -> None:
    with pytest.raises(DataError, match=f"^population 'expert': {why}") as caught:
        Population(**wrong)
    assert "\n" not in str(caught.value)
