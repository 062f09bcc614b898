from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netgloss.answers.populations import CROWD, EXPERT, Population
from netgloss.concepts.table import ConceptTable
from netgloss.errors import OptionError
from netgloss.experiments.crowd import THRESHOLDS, Options, agreements, habits, listen, run
from netgloss.experiments.crowd_page import figure, page
from netgloss.experiments.matching import exact, matched, meant, similar
from netgloss.scenes.scene import Entity
from netgloss.words.options import PRESETS

SIDE = 40


def _values(**found: float) -> pd.Series:
    return pd.Series({key.replace("__", ":"): v for key, v in found.items()}, dtype=float)


@given(
    st.dictionaries(
        st.sampled_from(["type:claw", "type:plate", "attribute:red", "pair:red-claw"]),
        st.floats(0.1, 1),
    )
)
def test_people_agree_with_themselves_however_they_are_matched(found: dict[str, float]) -> None:
    values = pd.Series(found, dtype=float)
    for alike in (exact, meant, similar("ngrams")):
        for share in matched(values, values, alike, 0.9).values():
            assert share["precision"] == share["recall"] or math.isnan(share["recall"])
            assert share["recall"] == 1 or math.isnan(share["recall"])
            assert share["mae"] == 0 or math.isnan(share["mae"])


def test_another_name_is_no_match_unless_it_is_known_or_alike() -> None:
    crowd, experts = _values(type__wheels=0.5), _values(type__wheel=0.6)
    by_name = matched(crowd, experts, exact, 1.0)["type"]
    assert (by_name["precision"], by_name["recall"]) == (0, 0)
    assert math.isnan(by_name["mae"])
    for alike in (meant, similar("ngrams")):
        assert matched(crowd, experts, alike, 0.9)["type"] == {
            "precision": 1,
            "recall": 1,
            "mae": pytest.approx(0.1),
        }


def test_the_largest_v_counts_where_several_words_mean_one_thing() -> None:
    crowd = _values(type__bodywork=0.3, type__side=0.7, type__cloud=0.2)
    found = matched(crowd, _values(type__body=0.8, type__cab=0.5), meant, 1.0)["type"]
    assert found == {
        "precision": pytest.approx(2 / 3),
        "recall": 0.5,
        "mae": pytest.approx(0.1),
    }


def test_a_word_with_two_meanings_stands_for_both() -> None:
    found = matched(
        _values(type__fin=0.4), _values(type__shark_fin=0.4, type__tench_fin=0.4), meant, 1.0
    )
    assert found["type"]["recall"] == 1


def test_a_pair_matches_in_both_of_its_parts() -> None:
    experts = _values(**{"pair__grey-wheel": 0.5})
    both = matched(_values(**{"pair__gray-wheels": 0.5}), experts, meant, 1.0)
    half = matched(_values(**{"pair__red-wheels": 0.5}), experts, meant, 1.0)
    assert (both["pair"]["recall"], half["pair"]["recall"]) == (1, 0)


def test_kinds_are_matched_apart_and_counted_together() -> None:
    crowd = _values(type__orange=0.5, attribute__red=0.5)
    experts = _values(attribute__orange=0.5, attribute__red=0.5)
    found = matched(crowd, experts, exact, 1.0)
    assert found["type"]["precision"] == 0
    assert found["attribute"] == {"precision": 1, "recall": 0.5, "mae": 0}
    assert (found["all"]["precision"], found["all"]["recall"]) == (0.5, 0.5)


def test_a_lower_threshold_never_loses_a_match() -> None:
    crowd = _values(type__claw=0.4, type__light=0.6, type__lamps=0.2)
    experts = _values(type__lobster_claw=0.4, type__lamp=0.6, type__sky=0.6)
    sweep = [matched(crowd, experts, similar("ngrams"), t)["type"] for t in THRESHOLDS]
    for measure in ("precision", "recall"):
        values = [found[measure] for found in sweep]
        assert values == sorted(values, reverse=True)
    assert sweep[0]["precision"] > sweep[-1]["precision"]


def _world() -> tuple[dict[str, np.ndarray], dict[str, list[Entity]], dict[str, str]]:
    """Heat on a claw of the lobsters and on the water of the sharks, some on a lemon of both."""
    boxes = {"claw": (2, 14), "water": (16, 26), "lemon": (30, 38)}
    masks = {name: np.zeros((SIDE, SIDE), dtype=bool) for name in boxes}
    for name, (low, high) in boxes.items():
        masks[name][low:high, low:high] = True
    claw = Entity("lobster claw", ("red",), masks["claw"], group="lobster")
    water = Entity("water", ("blue",), masks["water"], background=True, group="nature")
    lemon = Entity("lemon", ("yellow",), masks["lemon"], background=True, group="food")
    heat, truth, labels = {}, {}, {}
    for number in range(60):
        image = f"{number:02}.png"
        labels[image] = "lobster" if number % 2 else "shark"
        truth[image] = [claw if number % 2 else water] + [lemon] * (number % 3 == 0)
        heat[image] = np.sum([one.mask * 1.0 for one in truth[image]], axis=0)
    return heat, truth, labels


def _table(people: Population, **options: object) -> ConceptTable:
    return listen(*_world(), people).table(replace(PRESETS["default"], **options))


def test_reconciling_mends_slips_of_the_fingers() -> None:
    hasty = Population("hasty", size=3, typo=0.2)
    experts = _table(EXPERT, spelling="none", embedding="none", clusters="none")
    raw = _table(hasty, spelling="none", embedding="none", clusters="none")
    mended = _table(hasty)
    assert len(mended.concepts) < len(raw.concepts)

    def error(table: ConceptTable) -> float:
        rows = pd.DataFrame(agreements(table, experts))
        rows = rows[(rows["matching"] == "same name") & (rows["kind"] == "all")]
        return float(rows.loc[rows["measure"] == "mae", "value"].iloc[0])

    assert error(mended) < error(raw)
    assert error(experts) == 0


def test_without_an_embedding_words_are_matched_by_name_and_synonym_only() -> None:
    table = _table(EXPERT, embedding="none", clusters="none")
    assert {row["matching"] for row in agreements(table, table, "none")} == {
        "same name",
        "known synonyms",
    }


def test_habits_are_counted_from_what_people_drew_and_typed() -> None:
    heat, truth, labels = _world()
    expert = dict(habits(listen(heat, truth, labels, EXPERT), heat))
    assert (expert["people"], expert["people an image"]) == (1, 1)
    assert expert["boxes a person and image"] == pytest.approx(80 / 60)
    assert expert["coverage by one person"] == pytest.approx(1, abs=0.02)
    assert (expert["distinct types typed"], expert["distinct attributes typed"]) == (3, 3)
    crowd = dict(habits(listen(heat, truth, labels, CROWD), heat))
    assert crowd["people an image"] == 3
    assert crowd["coverage by one person"] < crowd["coverage by all of an image"]
    assert crowd["distinct types typed"] > 3


def _rows(embedding: str = "ngrams") -> pd.DataFrame:
    heat, truth, labels = _world()
    experts = _table(EXPERT, spelling="none", embedding="none", clusters="none")
    rows = [
        {"people": name, "measure": measure, "value": value}
        for name, people in (("experts", EXPERT), ("crowd", CROWD))
        for measure, value in habits(listen(heat, truth, labels, people), heat)
    ]
    typed = _table(CROWD, spelling="none", embedding="none", clusters="none")
    for words, table in (("as typed", typed), ("reconciled", _table(CROWD))):
        for types, looks in (("E3", "A2"), ("E2", "A2"), ("E1", "A1a")):
            level = {"people": "crowd", "words": words, "types": types, "attributes": looks}
            rows += [level | row for row in agreements(table, experts, embedding)]
    run_of = {"set": "BM1.2", "network": "vgg", "seed": 0, "images": 60}
    return pd.DataFrame([run_of | row for row in rows])


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return _rows()


def test_the_page_has_the_papers_numbers_and_says_what_compares_letters(
    frame: pd.DataFrame,
) -> None:
    text = page(frame)
    assert "a lexical match" in text
    assert text.count("0.48, 0.61, 0.18") == 3
    assert "| coverage by one person | 100% |" in text
    assert "nan" not in text
    assert "{" not in text


def test_the_page_and_figure_do_without_an_embedding() -> None:
    rows = _rows("none")
    text = page(rows)
    assert "lexical" not in text
    assert "T = " not in text
    assert len(figure(rows).axes) == 9


def test_the_figure_draws_the_sweep_and_the_matches_without_a_threshold(
    frame: pd.DataFrame,
) -> None:
    panel = figure(frame).axes[0]
    drawn = [line.get_xydata() for line in panel.get_lines()]
    assert [len(points) for points in drawn] == [1, 5, 1, 1, 5, 1]
    chosen = frame.query(
        "kind == 'type' and measure == 'precision' and words == 'reconciled' "
        "and matching == 'ngrams' and types == 'E3'"
    )
    assert drawn[4].tolist() == chosen[["threshold", "value"]].to_numpy().tolist()


def test_an_unknown_embedding_is_refused_before_anything_is_drawn(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="embedding 'glove' is not known"):
        run(tmp_path, Options(embedding="glove"))
    assert not list(tmp_path.iterdir())
