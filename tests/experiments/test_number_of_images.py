from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from netgloss.concepts.table import ConceptTable
from netgloss.errors import OptionError
from netgloss.experiments.agreement import compare, significant
from netgloss.experiments.number_of_images import (
    NAME,
    Options,
    figure,
    landmarks,
    learning_curve,
    page,
    run,
)


def _table(images: int = 200, seed: int = 0) -> ConceptTable:
    """Concepts that hold on 10 % to 90 % of one class, and half as often on the other."""
    rng = np.random.default_rng(seed)
    labels = {f"i{n}": "ab"[n % 2] for n in range(images)}
    rows = [
        (image, "P", f"thing{number}", [])
        for image, label in labels.items()
        for number in range(12)
        if rng.random() < (0.1 + 0.07 * number) * (1.0 if label == "a" else 0.4)
    ]
    regions = pd.DataFrame(rows, columns=["image", "person", "type", "attributes"])
    return ConceptTable.build(regions, labels, list(labels))


def _as_run(curve: pd.DataFrame, name: str = "BM1.1") -> pd.DataFrame:
    frame = curve.copy()
    for at, (column, value) in enumerate((("set", name), ("network", "vgg"), ("seed", 0))):
        frame.insert(at, column, value)
    return frame


@pytest.fixture(scope="module")
def curve() -> pd.DataFrame:
    return learning_curve(_table(), repeats=6)


def test_half_of_the_pool_is_the_reference_and_samples_grow_by_ten(curve: pd.DataFrame) -> None:
    assert curve["images"].unique().tolist() == list(range(20, 101, 10))
    assert len(curve) == 6 * 9
    assert (curve["pool"] == 200).all()
    assert (curve.groupby("repeat")["reference"].nunique() == 1).all()


def test_more_pictures_find_more_concepts_and_their_v_more_exactly(curve: pd.DataFrame) -> None:
    mean = curve.groupby("images").mean(numeric_only=True)
    assert mean["recall"].iloc[-1] > mean["recall"].iloc[0] + 0.2
    assert mean["mae"].iloc[-1] < mean["mae"].iloc[0]


def test_samples_never_share_a_picture_with_their_reference(curve: pd.DataFrame) -> None:
    table = _table()
    order = np.random.default_rng([0, 2]).permutation(200)
    last = curve[(curve["repeat"] == 2) & (curve["images"] == 100)].iloc[0]
    expected = compare(
        significant(table, images=order[100:]), significant(table, images=order[:100])
    )
    assert {name: last[name] for name in expected} == pytest.approx(expected, nan_ok=True)


def test_independent_draws_end_where_nested_ones_do(curve: pd.DataFrame) -> None:
    fresh = learning_curve(_table(), repeats=6, nested=False)
    columns = ["recall", "precision", "wrong"]
    # The largest sample is the whole rest, however it is drawn.
    ends = [one[one["images"] == 100][columns].reset_index(drop=True) for one in (curve, fresh)]
    pd.testing.assert_frame_equal(ends[0], ends[1])
    middle = [one.loc[one["images"] == 50, "recall"].to_list() for one in (curve, fresh)]
    assert middle[0] != middle[1]


def test_two_runs_agree_and_another_seed_does_not(curve: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(curve, learning_curve(_table(), repeats=6))
    assert not curve.equals(learning_curve(_table(), repeats=6, seed=1))


def test_a_landmark_is_met_missed_or_not_measured(curve: pd.DataFrame) -> None:
    at_200 = curve[curve["images"] == 100].assign(images=200)
    rows = pd.concat(
        [
            _as_run(at_200.assign(**{"recall_over_0.2": 0.9}), "BM1.1"),
            _as_run(at_200.assign(**{"recall_over_0.2": 0.89}), "BM1.2"),
        ]
    )
    met = {promise: met for promise, _, met in landmarks(rows) if "at 200" in promise}
    assert list(met.values()) == [True, False]
    later = [(value, met) for promise, value, met in landmarks(rows) if "at 300" in promise]
    assert later == [("samples end at 200 pictures", None)] * 2


def test_the_page_tells_each_verdict_and_every_set(curve: pd.DataFrame) -> None:
    text = page(pd.concat([_as_run(curve), _as_run(curve, "BM2.2")], ignore_index=True))
    assert text.count("| not measured |") == 4
    assert "- BM2.2: the reference has" in text
    assert f"]({NAME}.png)" in text
    assert "{" not in text


def test_the_figure_has_four_panels_a_set_and_the_mean_of_the_repeats(curve: pd.DataFrame) -> None:
    rows = _as_run(curve)
    assert len(figure(rows).axes) == 4
    recall = figure(rows).axes[0]
    assert recall.get_title(loc="left") == "BM1.1: recall"
    drawn = recall.get_lines()[-1].get_ydata()
    assert list(drawn) == pytest.approx(curve.groupby("images")["recall"].mean().tolist())
    assert len(figure(pd.concat([rows, _as_run(curve, "BM2.2")])).axes) == 8


def test_a_pool_too_small_is_refused_before_anything_is_drawn(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"images 30: half of them .* give 40 or more"):
        run(tmp_path, Options(images=30))
    with pytest.raises(OptionError, match="set 'D9' is not known"):
        run(tmp_path, Options(sets=("D9",)))
    assert not list(tmp_path.iterdir())
