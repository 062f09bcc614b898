"""Lets contestants take turns on one thread, so that a busy machine is as hard on each of them."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch

__all__ = ["take_turns"]


def take_turns(contestants: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Processor seconds of each contestant in each round that counts; one before does not.

    Args:
        contestants: What is timed, by name; who begins changes from round to round.
        rounds: How many count.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(rounds + 1):
        names = list(contestants)
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            started = time.process_time()
            contestants[name]()
            if turn:
                seconds[name].append(time.process_time() - started)
    torch.set_num_threads(threads)
    return seconds
