"""Rule bodies frequent together with a label, level by level (Apriori's order, SECA C5).

Bodies of one length that share all but their last column form a group. The images with the shared
part, times the group's columns, hold the counts of all its longer bodies in one product a label.
Only column numbers are kept from one level to the next, so memory is bounded by the number of
bodies, which is known before a level is tested.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netgloss.concepts.counts import block_number, label_counts, pair_blocks, product
from netgloss.progress import Tracker, untracked

__all__ = ["BodySearch", "Chunk"]

# A dense copy of the frequent columns is made up to here (float32: 128 MB).
_DENSE_CELLS = 1 << 25


@dataclass(frozen=True)
class Chunk:
    """Some bodies of one length.

    Attributes:
        bodies: Column numbers in rising order, shape (body, length).
        count: Images with the body, shape (body,).
        present: Images of each label with it, shape (label, body); 0 stands for any number
            below the least.
    """

    bodies: NDArray[np.int32]
    count: NDArray[np.int64]
    present: NDArray[np.int64]


class BodySearch:
    """Tests bodies of one column, then two, and so on.

    Args:
        rows: The 0/1 table, shape (image, concept).
        codes: The class number of each image, shape (image,).
        sizes: Images of each label, shape (label,).
        wanted: The labels that rules may have as their head.
        least: The number of images that a body and one of these labels must hold on.
        keep_redundant: Keep bodies in which one column implies another.
    """

    def __init__(
        self,
        rows: sparse.csr_array,
        codes: NDArray[np.intp],
        sizes: NDArray[np.int64],
        wanted: list[int],
        least: int,
        *,
        keep_redundant: bool,
    ) -> None:
        self.order = np.argsort(codes, kind="stable")
        self.codes = codes[self.order]
        self.rows = rows[self.order]
        self.sizes = sizes
        self.edges = np.concatenate([[0], np.cumsum(sizes)])
        self.wanted = wanted
        self.least = least
        self.keep_redundant = keep_redundant
        self.length = 0
        self.bodies: NDArray[np.int32] = np.empty((1, 0), dtype=np.int32)
        self.best: NDArray[np.int64] = np.array([int(sizes.sum())])

    def candidates(self, least: int | None = None) -> int:
        """How many bodies the next level will test, or would with a higher least count."""
        if self.length == 0:
            return int(self.rows.shape[1])
        kept = self.bodies if least is None else self.bodies[self.best >= least]
        group = np.diff(_group_edges(kept))
        return int((group * (group - 1) // 2).sum())

    def advance(self, track: Tracker = untracked) -> Iterator[Chunk]:
        """Tests the next level and yields its frequent bodies; take all before going on."""
        if self.length == 0:
            level = self._singles()
        else:
            level = self._pairs(track) if self.length == 1 else self._longer(track)
        bodies, best = [self.bodies[:0]], [self.best[:0]]
        if self.length < 2:
            bodies = [np.empty((0, self.length + 1), dtype=np.int32)]
        for chunk in level:
            bodies.append(chunk.bodies)
            best.append(chunk.present[self.wanted].max(axis=0))
            yield chunk
        del bodies[: len(bodies) > 1]
        self.bodies, self.best = np.concatenate(bodies), np.concatenate(best)
        self.length += 1

    def _singles(self) -> Iterator[Chunk]:
        present = label_counts(self.rows, self.codes, len(self.sizes))
        frequent = np.flatnonzero(present[self.wanted].max(axis=0) >= self.least)
        self.columns = frequent.astype(np.int32)
        self.table = self.rows[:, frequent]
        self.by_column = sparse.csc_array(self.table)
        small = self.table.shape[0] * len(frequent) <= _DENSE_CELLS
        self.dense = self.table.astype(np.float32).toarray() if small else None
        self.singles = present[:, frequent].sum(axis=0)
        yield Chunk(self.columns[:, None], self.singles, present[:, frequent])

    def _pairs(self, track: Tracker) -> Iterator[Chunk]:
        self.allowed = np.zeros((len(self.columns), len(self.columns)), dtype=bool)
        total = block_number(len(self.columns), len(self.sizes))
        blocks = pair_blocks(self.table, self.codes, len(self.sizes))
        for first, second, present in track(blocks, total=total, what="bodies of 2"):
            count = present.sum(axis=0)
            good = present[self.wanted].max(axis=0) >= self.least
            if not self.keep_redundant:
                good &= (count != self.singles[first]) & (count != self.singles[second])
            first, second = first[good], second[good]
            self.allowed[first, second] = True
            bodies = np.stack([self.columns[first], self.columns[second]], axis=1)
            yield Chunk(bodies, count[good], present[:, good])

    def _longer(self, track: Tracker) -> Iterator[Chunk]:
        place = np.zeros(int(self.rows.shape[1]), dtype=np.int32)
        place[self.columns] = np.arange(len(self.columns))
        edges = _group_edges(self.bodies)
        groups = zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
        what = f"bodies of {self.length + 1}"
        images = _Prefix(self.by_column)
        for start, stop in track(groups, total=len(edges) - 1, what=what):
            last = place[self.bodies[start:stop, -1]]
            first, second = np.nonzero(self.allowed[np.ix_(last, last)])
            if not len(first):
                continue
            shared = self.bodies[start, :-1]
            count, present = self._group(images.with_all(place[shared]), last)
            present = present[:, first, second]
            good = present[self.wanted].max(axis=0) >= self.least
            first, second = first[good], second[good]
            tails = np.stack([self.columns[last[first]], self.columns[last[second]]], axis=1)
            bodies = np.concatenate([np.tile(shared, (len(first), 1)), tails], axis=1)
            yield Chunk(bodies, count[first, second], present[:, good])

    def _group(
        self, images: NDArray[np.intp], columns: NDArray[np.int32]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Counts for all pairs of a group's columns on the images of its shared part."""
        edges = np.searchsorted(images, self.edges)
        size = len(columns)
        part = self._part(images, columns)
        present = np.zeros((len(self.sizes), size, size), dtype=np.int64)
        # A label on too few of these images cannot reach the least count.
        active = [
            code for code in range(len(self.sizes)) if edges[code + 1] - edges[code] >= self.least
        ]
        for code in active:
            present[code] = _square(part[edges[code] : edges[code + 1]])
        if len(active) == len(self.sizes):
            return present.sum(axis=0), present
        return _square(part), present

    def _part(
        self, images: NDArray[np.intp], columns: NDArray[np.int32]
    ) -> NDArray[np.float32] | sparse.csr_array:
        if self.dense is not None:
            return self.dense[np.ix_(images, columns)]
        return self.table[images][:, columns]


class _Prefix:
    """The images that carry all of a body's columns, remembered from one group to the next."""

    def __init__(self, by_column: sparse.csc_array) -> None:
        self.by_column = by_column
        self.known: list[tuple[int, NDArray[np.intp]]] = []

    def with_all(self, columns: NDArray[np.int32]) -> NDArray[np.intp]:
        """Row numbers in rising order."""
        shared = 0
        for (before, _), now in zip(self.known, columns.tolist(), strict=False):
            if before != now:
                break
            shared += 1
        del self.known[shared:]
        for column in columns.tolist()[shared:]:
            start, stop = self.by_column.indptr[column : column + 2]
            images = self.by_column.indices[start:stop]
            if self.known:
                images = np.intersect1d(self.known[-1][1], images, assume_unique=True)
            self.known.append((column, np.sort(images)))
        return self.known[-1][1]


def _square(part: NDArray[np.float32] | sparse.csr_array) -> NDArray[np.int64]:
    if isinstance(part, np.ndarray):
        # float32 counts ones exactly up to 2^24, more rows than a dense copy is made for.
        return (part.T @ part).astype(np.int64)
    return product(part, part)


def _group_edges(bodies: NDArray[np.int32]) -> NDArray[np.int64]:
    """Where each group of bodies with the same columns but the last begins, and the end."""
    if not len(bodies):
        return np.zeros(1, dtype=np.int64)
    changes = (bodies[1:, :-1] != bodies[:-1, :-1]).any(axis=1)
    starts = np.flatnonzero(np.concatenate([[True], changes]))
    return np.append(starts, len(bodies)).astype(np.int64)
