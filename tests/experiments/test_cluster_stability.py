"""The experiment on clusters: its measures on maps whose groups are known, its page and figure."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from netgloss.experiments.cluster_stability import (
    compare_embeddings,
    figure,
    most_shown,
    page,
    purity,
)

SIDE = 32


def quarters() -> np.ndarray:
    """A picture of four things, a quarter each."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    return (2 * (rows >= SIDE // 2) + (columns >= SIDE // 2)).astype(np.int64)


def planted(each: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Maps that are warm in the middle of one quarter each, and their shares."""
    dice = np.random.default_rng(seed)
    rows, columns = np.mgrid[:16, :16]
    maps = [
        np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / 3) + 0.02 * dice.random((16, 16))
        for y in (4, 11)
        for x in (4, 11)
        for _ in range(each)
    ]
    share = dice.random(4 * each) + 0.5
    return np.array(maps, np.float32), share / share.sum()


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    maps, share = planted(6)
    return pd.DataFrame(compare_embeddings(maps, share, quarters()))


def test_planted_groups_are_found_again_and_are_pure(rows: pd.DataFrame) -> None:
    components = rows.set_index("embedding").loc["pca"]
    assert (components["clusters"], components["maps"]) == (4, 24)
    assert components[["noise", "seeds", "truth", "purity"]].tolist() == pytest.approx([1.0] * 4)
    assert 0.2 < components["chance"] < 0.7
    assert (rows["other"] == rows["other"].iloc[0]).all()


def test_what_a_map_shows_is_the_thing_with_most_of_its_hottest_pixels() -> None:
    owners = quarters()
    heat = np.zeros((SIDE, SIDE))
    heat[2:8, 2:8] = 1 + np.random.default_rng(0).random((6, 6))
    heat[2:8, 20:28] = 3.0
    # 8 % of 1024 pixels are 82: the hottest 48 lie right, 34 of the 36 others left.
    assert most_shown(heat, owners) == 1
    heat[2:8, 20:28] = 0.5
    heat[2:9, 2:9] = 1
    assert most_shown(heat, owners) == 0


def test_purity_is_the_weight_of_the_majorities() -> None:
    labels, shown = np.array([0, 0, 0, 1, 1]), np.array([4, 4, 9, 9, 4])
    assert purity(labels, shown, np.array([0.1, 0.1, 0.3, 0.3, 0.2])) == pytest.approx(0.6)
    assert purity(labels, labels + 3, np.full(5, 0.2)) == pytest.approx(1)


def test_the_page_and_the_figure_tell_both_embeddings(rows: pd.DataFrame) -> None:
    frame = pd.concat(
        [
            rows.assign(set="D1", network="vgg", seed=0, image=f"{number}.png", depth=depth)
            for number in range(3)
            for depth in range(2)
        ],
        ignore_index=True,
    )
    told = page(frame)
    assert "6 layers of 3 rightly named pictures (D1)" in told
    assert told.count("| principal components |") == 2
    assert "agree with the former ones at 1.00, those on t-SNE at" in told
    drawn = figure(frame)
    assert drawn.axes[0].get_title(loc="left").startswith("agrees with itself")
    lines = drawn.axes[1].get_lines()
    assert len(lines) == 3
    assert lines[0].get_ydata().tolist() == pytest.approx([1.0, 1.0])
