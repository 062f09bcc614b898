from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netgloss.errors import StudyError
from netgloss.store.arrays import MapStore


@settings(max_examples=30)
@given(magnitude=st.integers(-30, 30), count=st.integers(1, 4))
def test_a_map_of_any_magnitude_keeps_three_digits(
    tmp_path_factory: pytest.TempPathFactory, magnitude: int, count: int
) -> None:
    store = MapStore(tmp_path_factory.mktemp("maps"))
    maps = np.random.default_rng(count).random((count, 5, 7)) * 10.0**magnitude
    peaks = store.put(maps, 0)
    for row in range(count):
        back = store.get(5, 7, row, float(peaks[row]))
        assert np.abs(back - maps[row]).max() <= 1e-3 * maps[row].max()


def test_numpy_itself_reads_the_file(tmp_path: Path) -> None:
    store = MapStore(tmp_path)
    store.put(np.ones((2, 3, 4)), 0)
    store.put(np.full((1, 3, 4), 2.0), 2)
    array = np.load(tmp_path / "maps-3x4.npy", mmap_mode="r")
    assert array.shape == (3, 3, 4)
    assert array.dtype == np.float16


def test_rows_past_the_last_that_counts_are_written_over(tmp_path: Path) -> None:
    store = MapStore(tmp_path)
    store.put(np.stack([np.full((2, 2), 1.0), np.full((2, 2), 9.0)]), 0)
    half = np.array([[4.0, 2.0], [0.0, 1.0]])
    peak = store.put(half[None], 1)
    assert len(np.load(tmp_path / "maps-2x2.npy")) == 2
    assert store.get(2, 2, 1, float(peak[0])) == pytest.approx(half)


def test_the_file_survives_growing_past_a_power_of_ten(tmp_path: Path) -> None:
    store = MapStore(tmp_path)
    for row in range(12):
        store.put(np.full((1, 1, 1), row + 1.0), row)
    assert [float(store.get(1, 1, row, row + 1.0)[0, 0]) for row in range(12)] == list(range(1, 13))


def test_an_empty_map_stays_zeros(tmp_path: Path) -> None:
    store = MapStore(tmp_path)
    assert store.put(np.zeros((1, 2, 2)), 0) == [0.0]
    assert not store.get(2, 2, 0, 0.0).any()


def test_a_map_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    store = MapStore(tmp_path)
    with pytest.raises(StudyError, match="cannot be read"):
        store.get(2, 2, 0, 1.0)
    store.put(np.ones((1, 2, 2)), 0)
    with pytest.raises(StudyError, match="holds 1 maps, map 6 was expected"):
        store.get(2, 2, 5, 1.0)
