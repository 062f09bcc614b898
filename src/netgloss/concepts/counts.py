"""Images per concept and label by one product ``XᵀY``; per pair of concepts by one a label.

SECA C5 asks for one contingency table a concept and a pair; ``X`` (images x concepts, 0/1) against
the one-hot labels holds them all, so nothing here loops over concepts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netgloss.errors import DataError

__all__ = ["Matrix", "as_rows", "block_number", "encode", "label_counts", "pair_blocks", "product"]

Matrix: TypeAlias = Any  # NDArray or scipy sparse array or matrix of 0 and 1

# A multiply-add of the sparse product costs about this many of the dense one's (measured).
_SPARSE_COST = 100.0
# Cells of one dense chunk (float32: 64 MB) and of one block of pair counts.
_CHUNK_CELLS = 1 << 24
_BLOCK_CELLS = 1 << 22
# Entries of the sparse product's inner operand that stay in the processor's cache.
_CACHED_ENTRIES = 1 << 19
# float32 adds ones exactly up to here.
_EXACT_ROWS = 1 << 24


def encode(labels: NDArray[np.generic]) -> tuple[list[str], NDArray[np.intp], NDArray[np.int64]]:
    """Finds the classes in sorted order, each image's class number and each class's size.

    Args:
        labels: The predicted label of each image, shape (image,).

    Example:
        >>> classes, codes, sizes = encode(np.array(["van", "ambulance", "van"]))
        >>> classes, codes.tolist(), sizes.tolist()
        (['ambulance', 'van'], [1, 0, 1], [1, 2])
    """
    classes, codes = np.unique(np.asarray(labels, dtype=str), return_inverse=True)
    sizes = np.bincount(codes, minlength=len(classes)).astype(np.int64)
    return [str(name) for name in classes], codes, sizes


def as_rows(matrix: Matrix) -> sparse.csr_array:
    """The same 0/1 table by rows, with counts that cannot overflow (int32).

    Raises:
        DataError: The table has an entry other than 0 and 1.
    """
    rows = sparse.csr_array(matrix, dtype=np.int32)
    rows.sum_duplicates()
    rows.eliminate_zeros()
    if rows.nnz and not (rows.data == 1).all():
        raise DataError("the concept table holds a number other than 0 and 1; make it boolean")
    return rows


def label_counts(
    rows: sparse.csr_array, codes: NDArray[np.intp], classes: int
) -> NDArray[np.int64]:
    """Counts the images of each label that carry each concept, shape (label, concept).

    Args:
        rows: The 0/1 table, shape (image, concept), from :func:`as_rows`.
        codes: The class number of each image, shape (image,).
        classes: How many classes there are.
    """
    if not rows.nnz:
        return np.zeros((classes, rows.shape[1]), dtype=np.int64)
    of_entry = np.repeat(codes, np.diff(rows.indptr))
    cells = of_entry * rows.shape[1] + rows.indices
    flat = np.bincount(cells, minlength=classes * rows.shape[1])
    return flat.reshape(classes, rows.shape[1]).astype(np.int64)


def product(left: sparse.csr_array, right: sparse.csr_array) -> NDArray[np.int64]:
    """Counts the images that carry both concepts, ``leftᵀ right``, shape (left, right).

    The dense and the sparse product give the same integers; the cheaper one is taken.
    """
    images = left.shape[0]
    cells = left.shape[1] * right.shape[1]
    work = float(np.diff(left.indptr).astype(np.float64) @ np.diff(right.indptr))
    total = np.zeros((left.shape[1], right.shape[1]), dtype=np.int64)
    if work * _SPARSE_COST < float(images) * cells:
        share = max(_CACHED_ENTRIES / max(right.nnz, 1), 8 * cells / max(work, 1.0))
        for start, stop in _spans(images, share * images):
            total += (_slice(left, start, stop).T @ _slice(right, start, stop)).toarray()
        return total
    widest = max(left.shape[1], right.shape[1], 1)
    for start, stop in _spans(images, min(_EXACT_ROWS, _CHUNK_CELLS / widest)):
        chunk = _slice(left, start, stop).astype(np.float32).toarray()
        other = chunk
        if right is not left:
            other = _slice(right, start, stop).astype(np.float32).toarray()
        total += (chunk.T @ other).astype(np.int64)
    return total


def pair_blocks(
    rows: sparse.csr_array, codes: NDArray[np.intp], classes: int
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.int64]]]:
    """Yields every pair of columns once, in blocks of bounded size.

    Yields:
        The pairs' first and second column (first < second), shape (pair,), and the images of
        each label that carry both, shape (label, pair).
    """
    concepts = rows.shape[1]
    parts = [rows[np.flatnonzero(codes == code)] for code in range(classes)]
    step = _block_step(concepts, classes)
    for start in range(0, concepts - 1, step):
        stop = min(start + step, concepts)
        whole = stop == concepts
        first, second = np.nonzero(
            np.arange(start, stop)[:, None] < np.arange(start, concepts)[None, :]
        )
        counts = np.empty((classes, len(first)), dtype=np.int64)
        for code, part in enumerate(parts):
            right = part if start == 0 else part[:, start:]
            left = right if whole else part[:, start:stop]
            counts[code] = product(left, right)[first, second]
        yield first + start, second + start, counts


def block_number(concepts: int, classes: int) -> int:
    """How many blocks :func:`pair_blocks` yields."""
    return -(-max(0, concepts - 1) // _block_step(concepts, classes))


def _block_step(concepts: int, classes: int) -> int:
    return max(1, _BLOCK_CELLS // max(1, classes * concepts))


def _spans(images: int, step: float) -> Iterator[tuple[int, int]]:
    size = max(1, int(min(step, images)))
    for start in range(0, images, size):
        yield start, min(start + size, images)


def _slice(part: sparse.csr_array, start: int, stop: int) -> sparse.csr_array:
    return part if stop - start == part.shape[0] else part[start:stop]
