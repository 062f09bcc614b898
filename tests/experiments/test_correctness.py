from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from netgloss.errors import OptionError
from netgloss.experiments.correctness import COLUMNS, Options, run
from netgloss.experiments.correctness_page import figure, page, verdicts
from netgloss.experiments.runs import SETS, Run, scene_set


def _rows(
    name: str, people: str, ranks: list[float], values: list[float]
) -> list[dict[str, object]]:
    return [
        {
            "set": name,
            "strength": SETS[name][1].strength,
            "network": "vgg",
            "people": people,
            "seed": seed,
            "planted": "hour",
            "rank_of_planted": rank,
            "cramers_v": v,
            "expected_v": 1.0,
            "precision_at_10": 0.5,
            "recall_at_10": 1.0,
            "concepts": 40,
            "strongest": "hour (1.00); coat (0.20)",
            "accuracy": 1.0,
            "flip_rate": 0.97,
            "images": 200,
        }
        for seed, (rank, v) in enumerate(zip(ranks, values, strict=True))
    ]


def _verdict(rows: list[dict[str, object]], text: str) -> bool:
    found = [met for promise, _, met in verdicts(pd.DataFrame(rows)) if text in promise]
    assert len(found) == 1
    return found[0]


def test_nine_of_ten_seeds_are_enough_with_experts_and_eight_with_a_crowd() -> None:
    nine, eight, seven = ([1.0] * n + [4.0] * (10 - n) for n in (9, 8, 7))
    ones = [1.0] * 10
    assert _verdict(_rows("D1", "experts", nine, ones), "D1")
    assert not _verdict(_rows("D1", "experts", eight, ones), "D1")
    assert _verdict(_rows("D1", "crowd", eight, ones), "D1")
    assert not _verdict(_rows("D1", "crowd", seven, ones), "D1")


def test_an_exclusive_or_may_stand_in_the_first_three_ranks() -> None:
    third = [3.0] * 10
    assert _verdict(_rows("D3", "experts", third, [0.5] * 10), "D3")
    assert not _verdict(_rows("D2", "experts", third, [0.5] * 10), "D2")


def test_a_missing_planted_concept_is_not_found() -> None:
    rows = _rows("D1", "experts", [1.0] * 8 + [float("nan")] * 2, [1.0] * 8 + [0.0] * 2)
    assert not _verdict(rows, "D1")


def test_an_unbiased_set_must_never_show_the_twins_cue() -> None:
    values = [0.1] * 10
    assert _verdict(_rows("BM1.1", "experts", [5.0] * 10, values), "BM1.1")
    assert not _verdict(_rows("BM1.1", "experts", [5.0] * 10, [*values[:9], 0.31]), "BM1.1")


def test_the_bound_of_an_unbiased_set_is_not_that_of_the_next_one() -> None:
    rows = _rows("BM1.1", "experts", [5.0] * 10, [0.1] * 10)
    rows += _rows("BM1.2", "experts", [1.0] * 9 + [2.0], [1.0] * 10)
    assert _verdict(rows, "BM1.2")


def test_the_page_says_what_was_missed_and_marks_the_planted_concepts() -> None:
    rows = _rows("D1", "experts", [1.0] * 10, [1.0] * 10)
    rows += _rows("D2", "experts", [2.0] * 10, [0.4] * 10)
    text = page(pd.DataFrame(rows, columns=list(COLUMNS)))
    assert "| 10 of 10 seeds | met |" in text
    assert "| 0 of 10 seeds | **missed** |" in text
    assert "**hour** (1.00), coat (0.20)" in text
    assert "{" not in text


def test_the_figure_has_a_dot_for_every_run() -> None:
    frame = pd.DataFrame(_rows("D1", "experts", [1.0] * 3, [1.0, 0.9, 0.8]))
    drawn = [
        value
        for line in figure(frame).axes[0].get_lines()
        if line.get_marker() == "o"
        for value in line.get_xdata()
    ]
    assert sorted(drawn) == [0.8, 0.9, 1.0]


def test_each_network_has_dots_and_a_place_of_its_own() -> None:
    rows = _rows("D1", "experts", [1.0] * 2, [1.0, 0.9])
    networks = ("vgg", "inception", "resnet")
    frame = pd.DataFrame([{**row, "network": name} for name in networks for row in rows])
    lines = [line for line in figure(frame).axes[0].get_lines() if line.get_marker() == "o"]
    assert [line.get_label() for line in lines] == list(networks)
    assert [sum(line.get_ydata()) / 2 for line in lines] == pytest.approx([-0.32, 0, 0.32])
    assert len({line.get_color() for line in lines}) == 3


def test_an_unknown_set_is_refused_before_anything_is_drawn(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="set 'D9' is not known; choose from: D1, D2"):
        run(tmp_path, Options(sets=("D9",)))
    assert not list(tmp_path.iterdir())


def test_seeds_share_no_picture() -> None:
    seen = [seed for number in range(5) for seed in scene_set(Run("D1", seed=number)).seeds]
    assert len(set(seen)) == len(seen)


@pytest.mark.slow
def test_two_runs_give_the_same_rows_in_one_process_and_in_two(tmp_path: Path) -> None:
    small = Options(sets=("BM2.2",), networks=("vgg",), seeds=1, images=40)
    one = run(tmp_path / "one", small)
    two = run(tmp_path / "two", Options(**{**vars(small), "jobs": 2}))
    pd.testing.assert_frame_equal(one, two)
    again = run(tmp_path / "one", small)
    pd.testing.assert_frame_equal(one, again)
    assert (one["rank_of_planted"] <= 3).all()
    assert not list((tmp_path / "one").glob("BM2.2-*"))
