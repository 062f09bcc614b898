"""Runs independent pieces of an experiment in several processes, in a fixed order."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from threading import Thread
from typing import Any, TypeVar

__all__ = ["in_processes"]

T = TypeVar("T")


def in_processes(
    work: Callable[..., T], arguments: Sequence[tuple[Any, ...]], jobs: int = 1
) -> Iterator[T]:
    """The results of ``work(*arguments)``, in the order of the arguments.

    Each process computes with one thread: several would fight over the cores, and the sums of a
    network depend on how many threads share them.

    Args:
        work: A function of a module, so that another process can find it.
        arguments: Of each call.
        jobs: Processes at a time; with 1 everything stays in this one.
    """
    if jobs == 1:
        with _one_thread():
            yield from (work(*each) for each in arguments)
        return
    context = multiprocessing.get_context("spawn")
    others = set(multiprocessing.active_children())
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_prepare_worker) as pool:
        waiting = [pool.submit(work, *each) for each in arguments]
        try:
            for future in waiting:
                yield future.result()
        except BaseException:
            # A fault or Ctrl-C: nobody waits for what is running or queued.
            pool.shutdown(wait=False, cancel_futures=True)
            for child in set(multiprocessing.active_children()) - others:
                child.terminate()
            raise


def _prepare_worker() -> None:
    """One thread a process; an interrupt is for the parent alone; without it the worker ends."""
    import torch
    from threadpoolctl import threadpool_limits

    torch.set_num_threads(1)
    threadpool_limits(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_the_parent, daemon=True).start()


def _end_with_the_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def _one_thread() -> Iterator[None]:
    import torch
    from threadpoolctl import threadpool_limits

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        torch.set_num_threads(before)
