from __future__ import annotations

import operator
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from netgloss.errors import OptionError
from netgloss.experiments.pool import in_processes
from netgloss.experiments.registry import find_experiment

PROGRAM = """
import os
import time
from netgloss.experiments.pool import in_processes

if __name__ == "__main__":
    for name in in_processes(os.getpid, [()] * 2, jobs=2):
        print(name, flush=True)
    list(in_processes(time.sleep, [(60,)] * 2, jobs=2))
"""


def test_results_come_in_the_order_of_the_arguments() -> None:
    words = [("stripe",), ("light",), ("road",)]
    assert list(in_processes(str.upper, words)) == ["STRIPE", "LIGHT", "ROAD"]


def test_one_process_computes_with_one_thread_and_gives_the_others_back() -> None:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        assert list(in_processes(torch.get_num_threads, [()])) == [1]
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.slow
def test_two_processes_give_the_same_and_a_fault_of_one_reaches_the_caller(
    tmp_path: Path,
) -> None:
    import torch

    assert list(in_processes(torch.get_num_threads, [()] * 3, jobs=2)) == [1, 1, 1]
    awake = tmp_path / "awake"
    sleep = f"import pathlib, time; time.sleep(300); pathlib.Path({str(awake)!r}).touch()"
    # Functions that any process finds, whatever folder the tests were started in.
    with pytest.raises(OptionError, match="experiment 'none' is not known"):
        list(in_processes(operator.call, [(find_experiment, "none"), (exec, sleep)], jobs=2))
    assert not awake.exists()  # nobody waited for the sleeper


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_processes_end_with_their_parent(tmp_path: Path, how: signal.Signals) -> None:
    script = tmp_path / "program.py"
    script.write_text(PROGRAM)
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        parent.stdout.readline()
        deadline = time.monotonic() + 30
        while not (children := _children(parent.pid)) and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(3)
        children = children | _children(parent.pid)
        assert children
        parent.send_signal(how)
        parent.wait(30)
        deadline = time.monotonic() + 30
        while any(map(_alive, children)) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not [child for child in children if _alive(child)]


def _children(parent: int) -> set[int]:
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True, check=False
    ).stdout.split()
    return {int(one) for one in found} - {os.getpid()}


def _alive(process: int) -> bool:
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False
    ).stdout.strip()
    return bool(state) and not state.startswith("Z")
