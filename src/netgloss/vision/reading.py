"""Reads pictures a batch ahead, so that the classifier need not wait for the disk."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from netgloss.vision.images import Image

__all__ = ["read_ahead"]

# Decoding keeps up with two; more would take the processor from the model.
_THREADS = 2

_Pictures = list[NDArray[np.uint8]]


def read_ahead(
    images: Sequence[Image], read: Callable[[Image], NDArray[np.uint8]], batch_size: int
) -> Iterator[tuple[Sequence[Image], _Pictures]]:
    """Yields batches of images with their pictures, in order.

    While the caller works on one batch, the next is read; no more than two are in memory.

    Args:
        images: All of them.
        read: Makes the picture of one, on another thread; what it raises reaches the caller.
        batch_size: Images a batch.
    """
    pool = ThreadPoolExecutor(_THREADS)
    waiting: deque[tuple[Sequence[Image], list[Future[NDArray[np.uint8]]]]] = deque()
    try:
        for start in range(0, len(images), batch_size):
            batch = images[start : start + batch_size]
            waiting.append((batch, [pool.submit(read, image) for image in batch]))
            if len(waiting) > 1:
                yield _finished(*waiting.popleft())
        while waiting:
            yield _finished(*waiting.popleft())
    finally:
        # A caller that stops early must not wait for pictures that nobody wants.
        pool.shutdown(cancel_futures=True)


def _finished(
    batch: Sequence[Image], futures: Sequence[Future[NDArray[np.uint8]]]
) -> tuple[Sequence[Image], _Pictures]:
    return batch, [future.result() for future in futures]
