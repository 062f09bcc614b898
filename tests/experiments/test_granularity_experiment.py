from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from netgloss.concepts.table import ConceptTable
from netgloss.experiments.granularity import against, coarser, described, figure, page
from netgloss.experiments.runs import Prepared, Run, make_study, scene_set
from netgloss.scenes.granularity import ATTRIBUTE_LEVELS, TYPE_LEVELS
from netgloss.scenes.scene import Entity

DOT = np.ones((1, 1), dtype=bool)
CLAW = Entity("lobster claw", ("dark red",), DOT, group="lobster")
LEG = Entity("lobster leg", ("dark red", "long"), DOT, group="lobster")
LEMON = Entity("lemon", ("yellow",), DOT, background=True, group="food")
PLATE = Entity("plate", ("white",), DOT, background=True, group="tableware")
WORLD = (CLAW, LEG, LEMON, PLATE)


def _table(rows: list[tuple[str, str, list[str]]], labels: dict[str, str]) -> ConceptTable:
    regions = pd.DataFrame(
        [(image, "P", kind, looks) for image, kind, looks in rows],
        columns=["image", "person", "type", "attributes"],
    )
    return ConceptTable.build(regions, labels, list(labels))


LABELS = {f"i{n:02}": "lobster" if n < 10 else "shark" for n in range(20)}
FINE = _table(
    [(image, "lobster_claw", ["dark_red"]) for image in list(LABELS)[:5]]
    + [(image, "lobster_leg", ["dark_red", "long"]) for image in list(LABELS)[5:10]]
    + [(image, "lemon", ["yellow"]) for image in list(LABELS)[::2]],
    LABELS,
)


def test_a_fine_concept_becomes_what_coarse_people_would_say() -> None:
    say = coarser(WORLD, "E1", "A1a")
    assert say("type:lobster_claw") == "type:lobster"
    assert say("type:plate") == "type:background"
    assert say("attribute:dark_red") == "attribute:red"
    assert say("attribute:long") == "attribute:long"
    assert say("pair:dark_red-lobster_leg") == "pair:red-lobster"
    assert say("pair:odd-thing") == "pair:odd-thing"
    shade = coarser(WORLD, "E2", "A1b")
    assert shade("pair:yellow-lemon") == "pair:light-food"


def test_the_finest_words_change_nothing() -> None:
    same = against(FINE, FINE, coarser(WORLD, "E3", "A2"))
    assert (same["precision"], same["recall"], same["v_changes_by"]) == (1, 1, 0)
    assert same["same_as_or"] == 1


def test_v_rises_where_a_coarse_word_joins_what_belongs_together() -> None:
    coarse = _table(
        [(image, "lobster", ["red"]) for image in list(LABELS)[:10]]
        + [(image, "background", ["yellow"]) for image in list(LABELS)[::2]],
        LABELS,
    )
    found = against(coarse, FINE, coarser(WORLD, "E1", "A1a"))
    # Claw and leg each hold on half of the lobsters, red lobsters on all of them: V of 1 in place
    # of √(1/3), for the type and for the pair; red things hold on all of them either way.
    assert found["v_changes_by"] == pytest.approx(2 * (1 - 3**-0.5) / 3)
    assert found["strongest"].startswith("type:lobster 1.00; attribute:red 1.00")
    assert found["recall"] == pytest.approx(3 / 5)  # nobody says long
    assert found["same_as_or"] == pytest.approx(6 / 8)  # nor long lobster


def test_a_column_that_is_not_the_or_of_its_parts_is_told() -> None:
    coarse = _table([(image, "lobster", []) for image in list(LABELS)[:9]], LABELS)
    fine = _table([(image, "lobster_claw", []) for image in list(LABELS)[:10]], LABELS)
    assert against(coarse, fine, coarser(WORLD, "E1", "A2"))["same_as_or"] == 0


@pytest.fixture(scope="module")
def frame(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    rows = described(_prepared(tmp_path_factory.mktemp("granularity")))
    for at, (column, value) in enumerate((("set", "BM2.2"), ("network", "vgg"), ("seed", 0))):
        rows.insert(at, column, value)
    return rows


def _prepared(folder: Path) -> Prepared:
    """A study of few pictures, with a network that was hardly trained."""
    from netgloss.evidence.smoothgrad import SmoothGrad
    from netgloss.scenes.training import Recipe, trained
    from netgloss.scenes.truth import read_truth

    pictures = scene_set(Run("BM2.2", images=24))
    recipe = Recipe(pictures=64, held_out=8, epochs=1, least=0.0)
    network = trained(pictures, "vgg", folder / "networks", recipe)
    study = make_study(folder / "study", folder / "world", pictures, network)
    study.extract(SmoothGrad(samples=2))
    return Prepared(study, read_truth(folder / "world" / "truth.json"), 0.0, 0.0)


@pytest.mark.slow
def test_a_coarse_column_is_the_or_of_its_fine_columns(frame: pd.DataFrame) -> None:
    assert (frame["same_as_or"] == 1).all()
    levels = set(zip(frame["types"], frame["attributes"], strict=True))
    assert levels == {(types, looks) for types in TYPE_LEVELS for looks in ATTRIBUTE_LEVELS}


@pytest.mark.slow
def test_coarser_words_are_fewer(frame: pd.DataFrame) -> None:
    concepts = frame.set_index(["types", "attributes"])["concepts"]
    assert concepts["E1", "A2"] < concepts["E2", "A2"] < concepts["E3", "A2"]
    assert concepts["E3", "A1a"] < concepts["E3", "A2"]


def _rows() -> Iterator[dict[str, object]]:
    for types in TYPE_LEVELS:
        for attributes in ATTRIBUTE_LEVELS:
            yield {
                "set": "BM1.2",
                "network": "vgg",
                "seed": 0,
                "types": types,
                "attributes": attributes,
                "images": 120,
                "concepts": 40,
                "significant": 10,
                "precision": 0.9,
                "recall": 0.8,
                "v_changes_by": 0.05,
                "same_as_or": 1.0,
                "strongest": "type:lobster_claw 0.91; pair:red-lobster_claw 0.20",
            }


def test_the_page_tells_every_granularity_in_words() -> None:
    text = page(pd.DataFrame(_rows()))
    assert text.count("| 100% | lobster_claw (0.91), red-lobster_claw (0.20) |") == 9
    assert "E1 has 40 concepts, 10 of them significant, the strongest lobster claw (0.91)" in text
    assert "120 pictures in each run, 1 seed." in text
    assert "{" not in text


def test_a_granularity_at_which_nothing_is_significant_is_told() -> None:
    rows = pd.DataFrame(_rows()).assign(strongest="", significant=0)
    assert "0 of them significant, the strongest none" in page(rows)
    assert not figure(rows).axes[0].patches


def test_the_figure_has_a_bar_for_each_of_the_strongest() -> None:
    panels = figure(pd.DataFrame(_rows())).axes
    assert len(panels) == 3
    for panel in panels:
        assert [bar.get_width() for bar in panel.patches] == [0.91, 0.20]
        names = [text.get_text() for text in panel.get_yticklabels()]
        assert names == ["lobster claw", "red-lobster claw"]
