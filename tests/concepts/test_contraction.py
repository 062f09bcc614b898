"""Counts by products against counting one by one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from netgloss.concepts import counts
from netgloss.concepts.counts import as_rows, block_number, encode, label_counts, pair_blocks
from netgloss.concepts.pairs import pair_statistics
from netgloss.errors import DataError


def drawn(images: int = 90, concepts: int = 11) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    return generator.random((images, concepts)) < 0.3, generator.choice(["x", "y", "z"], images)


def test_label_counts_by_hand() -> None:
    table, labels = drawn()
    classes, codes, sizes = encode(labels)
    present = label_counts(as_rows(table), codes, 3)
    for code, name in enumerate(classes):
        assert sizes[code] == (labels == name).sum()
        assert present[code].tolist() == table[labels == name].sum(axis=0).tolist()


@pytest.mark.parametrize("cost", [0.0, 1e9], ids=["sparse", "dense"])
@pytest.mark.parametrize("cells", [30, 1 << 22], ids=["many blocks", "one block"])
@pytest.mark.parametrize("entries", [20, 1 << 19], ids=["many chunks", "one chunk"])
def test_every_path_gives_every_pair_once(
    monkeypatch: pytest.MonkeyPatch, cost: float, cells: int, entries: int
) -> None:
    monkeypatch.setattr(counts, "_SPARSE_COST", cost)
    monkeypatch.setattr(counts, "_BLOCK_CELLS", cells)
    monkeypatch.setattr(counts, "_CACHED_ENTRIES", entries)
    monkeypatch.setattr(counts, "_CHUNK_CELLS", entries)
    table, labels = drawn()
    classes, codes, _ = encode(labels)
    found = {}
    blocks = list(pair_blocks(as_rows(table), codes, 3))
    for first, second, present in blocks:
        for i, j, column in zip(first, second, present.T, strict=True):
            assert (i, j) not in found
            found[int(i), int(j)] = column.tolist()
    assert len(blocks) == block_number(11, 3)
    assert found == {
        (i, j): [int((table[:, i] & table[:, j] & (labels == name)).sum()) for name in classes]
        for i in range(11)
        for j in range(i + 1, 11)
    }


def test_dense_and_sparse_tables_are_read_alike() -> None:
    table, labels = drawn()
    dense = pair_statistics(table, labels, negations=True)
    for other in (sparse.csc_array(table), sparse.coo_array(table.astype(np.int8))):
        again = pair_statistics(other, labels, negations=True)
        assert again.chi2.tolist() == dense.chi2.tolist()
        assert again.negated.tolist() == dense.negated.tolist()


@pytest.mark.parametrize("concepts", [0, 1])
def test_fewer_than_two_concepts_have_no_pairs(concepts: int) -> None:
    found = pair_statistics(np.zeros((4, concepts)), np.array(["a", "a", "b", "b"]))
    assert len(found.first) == len(found.p_value) == 0


def test_an_entry_other_than_one_is_refused() -> None:
    with pytest.raises(DataError, match="other than 0 and 1"):
        as_rows(np.array([[0, 2]]))
