"""One row a person: each measure by hand, and simulated people who are not serious."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from netgloss.answers.format import to_tables
from netgloss.answers.populations import CROWD
from netgloss.answers.simulate import simulate
from netgloss.errors import DataError, OptionError
from netgloss.evaluation.people import Limits, judge_people, robust_z
from netgloss.evaluation.statements import statements
from netgloss.scenes.scene import Entity
from netgloss.words.normalise import concept_name, tokens

THINGS = (
    *("stripe", "light", "wheel", "door", "window", "mirror", "bumper", "letters"),
    *("sky", "grass", "tree", "road", "cloud", "fence", "house", "bush"),
)


def table(rows: list[tuple[Any, ...]], *more: str) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["person", "unit", "value", *more])


def simulated(bad_faith: float, seed: int) -> tuple[pd.DataFrame, dict[str, str | None]]:
    """What a crowd says of pictures of six things each, and everybody's bad habit."""
    rng = np.random.default_rng(seed)
    entities, heat = {}, []
    for number in range(120):
        places = [(row, column) for row in (2, 34) for column in (2, 23, 44)]
        masks = np.zeros((6, 64, 64), dtype=bool)
        for mask, (row, column) in zip(masks, places, strict=True):
            mask[row : row + 24, column : column + 17] = True
        names = rng.choice(THINGS, 6, replace=False)
        image = f"{number:03}.png"
        entities[image] = [
            Entity(str(name), (), mask) for name, mask in zip(names, masks, strict=True)
        ]
        heat.append((image, masks[:3].any(axis=0).astype(float)))
    crowd = replace(CROWD, size=5, pool=30, bad_faith=bad_faith)
    answers, terms = to_tables(simulate(heat, entities, crowd, seed=seed, share=0.3))
    regions = terms.assign(type=[concept_name(tokens(word)) for word in terms["type"]])
    habits = {person: crowd.habit(person, seed) for person in crowd.people()}
    return statements(answers, regions), habits


@pytest.mark.parametrize("seed", range(3))
def test_simulated_people_who_are_not_serious_are_told_from_those_who_are(seed: int) -> None:
    said, habits = simulated(0.25, seed)
    judged = judge_people(said, distance="jaccard")
    unserious = [person for person in judged.index if habits[person]]
    assert len(unserious) >= 3
    for person, reasons in judged["reasons"].items():
        assert bool(reasons) == bool(habits[person]), (person, habits[person], reasons)
    for person in unserious:
        if habits[person] == "copy-paste":
            assert judged.loc[person, "variety"] == 0
            assert judged.loc[person, "fresh"] == 1 / judged.loc[person, "answers"]
        if habits[person] == "too fast":
            assert judged.loc[person, "pace"] < -3
        if habits[person] == "random words":
            assert judged.loc[person, "agreement"] < judged["agreement"].median() / 2


def test_nothing_speaks_against_a_serious_crowd() -> None:
    said, habits = simulated(0.0, 4)
    judged = judge_people(said, distance="jaccard")
    assert not any(habits.values())
    assert set(judged["reasons"]) == {()}
    assert judged["answers"].sum() == len(said)


def test_robust_z_is_the_modified_z_score() -> None:
    values = np.random.default_rng(0).lognormal(size=41)
    expected = (values - np.median(values)) / stats.median_abs_deviation(values, scale="normal")
    np.testing.assert_allclose(robust_z(values), expected, rtol=1e-4)
    with_gap = np.append(values, np.nan)
    np.testing.assert_allclose(robust_z(with_gap)[:-1], expected, rtol=1e-4)
    assert np.isnan(robust_z(with_gap)[-1])


def test_robust_z_stays_finite_where_most_values_are_the_same() -> None:
    same = np.array([2.0, 2.0, 2.0, 2.0, 5.0])
    assert robust_z(same).tolist() == pytest.approx([0, 0, 0, 0, 3 / (1.2533 * 0.6)])
    assert robust_z(np.full(4, 7.0)).tolist() == [0, 0, 0, 0]
    assert np.isnan(robust_z(np.full(3, np.nan))).all()


def test_pace_is_taken_from_the_median_time_in_logarithms() -> None:
    times = {"a": [10, 10, 500], "b": [20], "c": [40, 1, 99], "d": [None], "e": [0]}
    rows = [(p, n, "x", s) for p, all_of in times.items() for n, s in enumerate(all_of)]
    judged = judge_people(table(rows, "seconds"))
    assert judged["seconds"].tolist() == pytest.approx([10, 20, 40, np.nan, 0], nan_ok=True)
    logs = np.log([10, 20, 40, np.nan, 0.1])
    np.testing.assert_allclose(judged["pace"], robust_z(logs))


def test_variety_is_the_entropy_over_the_most_it_could_be() -> None:
    rows = [("a", n, "xy"[n % 2]) for n in range(8)] + [("b", n, "x") for n in range(8)]
    rows += [("c", n, "xxxxxxyz"[n]) for n in range(8)] + [("d", 0, "z")]
    judged = judge_people(table(rows))
    entropy = -(0.75 * math.log(0.75) + 0.25 * math.log(0.125))
    expected = [math.log(2) / math.log(3), 0, entropy / math.log(3), np.nan]
    assert judged["variety"].tolist() == pytest.approx(expected, nan_ok=True)


def test_a_text_is_fresh_the_first_time_however_it_is_typed() -> None:
    texts = ["a red light", "A  red LIGHT ", "sky", "", None]
    rows = [("a", n, "x", text) for n, text in enumerate(texts)] + [("b", 0, "x", "a red light")]
    rows += [("c", 0, "x", "")]
    judged = judge_people(table(rows, "text"))
    assert judged["fresh"].tolist() == pytest.approx([2 / 3, 1, np.nan], nan_ok=True)


def test_controls_weigh_votes_and_failing_them_is_a_reason() -> None:
    rows = [("a", n, "x") for n in range(6)] + [("b", n, "y") for n in range(6)]
    judged = judge_people(table(rows), controls=dict.fromkeys(range(6), "x"))
    assert judged["right"].tolist() == [6, 0]
    assert judged["accuracy"].tolist() == pytest.approx([8 / 9, 2 / 9])
    assert judged["weight"].tolist() == pytest.approx([(8 / 9 - 0.5) / 0.5, 0])
    assert judged["reasons"].tolist() == [(), ("0 of 6 controls right",)]
    assert judge_people(table(rows), chance=0.0)["weight"].tolist() == pytest.approx([2 / 3] * 2)


def test_people_with_few_answers_are_not_held_against_the_others() -> None:
    rows = [(p, n, "xyzxyz"[n], 30.0) for p in "abcd" for n in range(6)]
    rows += [("e", n, "w", 0.2) for n in range(4)]
    judged = judge_people(table(rows, "seconds"))
    assert judged.loc["e", "pace"] < -3
    assert judged.loc["e", "reasons"] == ()
    strict = judge_people(table(rows, "seconds"), limits=Limits(answers=4)).loc["e", "reasons"]
    assert [reason.split(" ")[0] for reason in strict] == ["0.2", "variety", "agreement"]
    assert strict[2] == "agreement with the others 0%; half of the people reach 100%"


def test_people_who_are_not_serious_do_not_count_among_the_others() -> None:
    said = [(p, n, f"{n % 5}", 30.0) for p in "ab" for n in range(10)]
    bots = [(p, n, "x", 0.3) for p in "stuv" for n in range(5)]
    good = [(p, n, f"{n % 5}", 30.0 + n) for p in "cdefg" for n in range(10, 30)]
    judged = judge_people(table([*said, *bots, *good], "seconds"))
    assert judged.loc[["a", "b"], "agreement"].tolist() == [1, 1]
    assert judged.index[judged["reasons"].map(len) > 0].tolist() == list("stuv")


def test_rows_without_a_value_count_for_nothing() -> None:
    full = [("a", 1, "x", 9.0), ("b", 1, "x", 8.0), ("b", 2, "y", 7.0)]
    gaps = [("a", 0, None, 900.0), *full, ("c", 1, None, 1.0)]
    pd.testing.assert_frame_equal(
        judge_people(table(gaps, "seconds")), judge_people(table(full, "seconds"))
    )


def test_before_anybody_answers_there_is_nobody_to_judge() -> None:
    judged = judge_people(table([]))
    assert judged.empty
    assert list(judged.columns) == list(judge_people(table([("a", 1, "x")])).columns)
    alone = judge_people(table([("a", 1, "x")])).iloc[0]
    assert (alone["pace"], alone["compared"], alone["reasons"]) == (
        pytest.approx(np.nan, nan_ok=True),
        0,
        (),
    )


def test_times_that_make_no_sense_are_refused() -> None:
    for wrong in (-1.0, float("inf"), "soon"):
        with pytest.raises(DataError, match=r"row 1 has the time .*give seconds"):
            judge_people(table([("a", 1, "x", 3.0), ("b", 1, "x", wrong)], "seconds"))
    with pytest.raises(OptionError, match="at least one answer"):
        Limits(answers=0)


def test_statements_say_who_said_which_concepts_of_which_image() -> None:
    answers = pd.DataFrame(
        {
            "answer": ["1", "2"],
            "person": ["a", "b"],
            "image": ["i.png", "i.png"],
            "seconds": [4.0, np.nan],
        }
    )
    regions = pd.DataFrame(
        {"answer": ["1", "1"], "type": ["claw", ""], "attributes": [["red", "big"], ["wet"]]}
    )
    said = statements(answers, regions, kinds=["type", "attribute"])
    wanted = {"type:claw", "attribute:red", "attribute:big", "attribute:wet"}
    assert said["value"].tolist() == [wanted, frozenset()]
    assert said["text"].tolist() == ["big red claw, wet", ""]
    with pytest.raises(OptionError, match="kind 'noun' is not known"):
        statements(answers, regions, kinds=["noun"])
    with pytest.raises(DataError, match="the regions: column 'type' is missing"):
        statements(answers, regions.drop(columns="type"))
