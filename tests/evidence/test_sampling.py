from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netgloss.evidence.sampling import draw_balanced

class_sizes = st.lists(st.integers(0, 12), min_size=1, max_size=5)


def table(sizes: list[int]) -> pd.DataFrame:
    rows = [
        (f"{label}/{number}", f"class {label}")
        for label, size in enumerate(sizes)
        for number in range(size)
    ]
    return pd.DataFrame(rows, columns=["image", "prediction"])


@settings(max_examples=60, deadline=None)
@given(sizes=class_sizes, limit=st.integers(1, 60), seed=st.integers(0, 5))
def test_classes_are_as_equal_as_their_sizes_allow(sizes: list[int], limit: int, seed: int) -> None:
    drawn = draw_balanced(table(sizes), limit, seed)
    counts = Counter(name.split("/")[0] for name in drawn)
    assert len(drawn) == len(set(drawn)) == min(limit, sum(sizes))
    most = max(counts.values(), default=0)
    for label, size in enumerate(sizes):
        assert counts[str(label)] in (size, most, most - 1)


@settings(max_examples=40, deadline=None)
@given(sizes=class_sizes, seed=st.integers(0, 5))
def test_a_smaller_draw_is_the_start_of_a_larger_one(sizes: list[int], seed: int) -> None:
    images = table(sizes)
    everything = draw_balanced(images, 0, seed)
    assert sorted(everything) == sorted(images["image"])
    for limit in range(1, len(images) + 1):
        assert draw_balanced(images, limit, seed) == everything[:limit]


@settings(max_examples=40, deadline=None)
@given(sizes=class_sizes, shuffle=st.integers(0, 100))
def test_the_order_of_the_rows_does_not_matter(sizes: list[int], shuffle: int) -> None:
    images = table(sizes)
    mixed = images.sample(frac=1, random_state=shuffle)
    assert draw_balanced(mixed, 7) == draw_balanced(images, 7)


def test_every_image_has_its_chance_and_seeds_differ() -> None:
    images = table([30, 3])
    draws = [tuple(draw_balanced(images, 6, seed)) for seed in range(200)]
    counts = Counter(name for draw in draws for name in draw)
    assert len(set(draws)) > 190
    assert set(counts) == set(images["image"])
    large = [counts[f"0/{number}"] for number in range(30)]
    assert 3 <= min(large) <= max(large) <= 45  # 20 expected


def test_images_without_a_prediction_form_a_class() -> None:
    images = table([4, 4])
    images.loc[images["image"].str.startswith("1"), "prediction"] = None
    drawn = draw_balanced(images, 4)
    assert Counter(name[0] for name in drawn) == {"0": 2, "1": 2}


def test_a_negative_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="limit must be 0"):
        draw_balanced(table([3]), -1)
