"""Real processes: killed at every point of a write, killed from outside, two at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from netgloss.evidence.items import HeatReader, methods_present, read_items
from netgloss.vision.images import Image

Gallery = Callable[..., list[Image]]

SETUP = """
import os, signal, sys
from pathlib import Path
import numpy as np
from netgloss.evidence import items, writer
from netgloss.evidence.base import Evidence
from netgloss.vision.images import Image

def heat_of(name):
    return np.random.default_rng(list(name.encode())).random((40, 50)).astype(np.float32)

class Drawn:
    name = "drawn"
    def __init__(self, wait=False):
        self.wait = wait
    def options(self):
        return {}
    def extract(self, classifier, images, track):
        for image in images:
            if self.wait:
                print("inside", flush=True)
                sys.stdin.readline()
            yield Evidence(image.image, self.name, "x", 1.0, heat_of(image.image))

study = Path(sys.argv[1])
images = [Image(f"{n:02d}.png", study / "none", 50, 40) for n in range(12)]
"""

KILLED_AT_A_FLUSH = (
    SETUP
    + """
writer._MAPS_A_WRITE = 4
really, left = os.fsync, int(sys.argv[2])
def fsync(descriptor):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    really(descriptor)
os.fsync = fsync
items.extract(study, Drawn(), None, images)
"""
)

STRAIGHT = (
    SETUP
    + """
items.extract(study, Drawn(), None, images)
"""
)

HOLDING_THE_LOCK = (
    SETUP
    + """
print(items.extract(study, Drawn(wait=True), None, images[:1]).made)
"""
)

RUNNING = """
import sys
from pathlib import Path
import torch
from netgloss.evidence.items import extract
from netgloss.evidence.smoothgrad import SmoothGrad
from netgloss.vision.classifier import Classifier
from netgloss.vision.sources import scan
from netgloss.vision.images import usable

def classifier():
    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.Conv2d(3, 8, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(8 * 100, 3)
    )
    return Classifier(model, ["ant", "bee", "cat"], 12, device="cpu")

study, photos = Path(sys.argv[1]), Path(sys.argv[2])
table = scan(photos)
table["prediction"] = table["truth"]
report = extract(
    study, SmoothGrad(samples=12, batch_size=1), classifier(), usable(table, photos)
)
print(report.made, report.already)
"""


def start(code: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    pipe = subprocess.PIPE
    one_thread = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=one_thread
    )


def here(code: str, monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    """Runs a script to its end in this process: a second start of Python would take seconds."""
    monkeypatch.setattr(sys, "argv", ["-c", *map(str, arguments)])
    exec(compile(code, "<script>", "exec"), {"__name__": "script"})


def finish(process: subprocess.Popen[str]) -> str:
    out, problems = process.communicate(timeout=120)
    assert process.returncode == 0, problems
    return out


def maps(study: Path, method: str) -> dict[str, np.ndarray]:
    reader = HeatReader(study, method)
    items = read_items(study, method)
    assert not items["image"].duplicated().any()
    return {item.image: reader.heat(item) for item in items.itertuples()}


def expected(name: str) -> np.ndarray:
    return np.random.default_rng(list(name.encode())).random((40, 50)).astype(np.float32)


@pytest.mark.parametrize("flush", range(9))
def test_a_run_killed_at_any_flush_leaves_a_valid_study_and_goes_on(
    study: Path, flush: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = start(KILLED_AT_A_FLUSH, study, flush)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    kept = maps(study, "drawn") if methods_present(study) else {}
    assert len(kept) % 4 == 0
    for name, heat in kept.items():
        assert np.abs(heat - expected(name)).max() < 1e-3
    here(STRAIGHT, monkeypatch, study)
    whole = maps(study, "drawn")
    assert list(whole) == [f"{number:02d}.png" for number in range(12)]
    assert all(np.abs(heat - expected(name)).max() < 1e-3 for name, heat in whole.items())
    assert len(np.load(study / "evidence/drawn/maps-40x50.npy", mmap_mode="r")) == 12


def test_a_killed_smoothgrad_resumed_equals_an_uninterrupted_one(
    study: Path,
    gallery: Gallery,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    photos = gallery(100)[0].root
    process = start(RUNNING, study, photos)
    table = study / "evidence" / "smoothgrad" / "items.parquet"
    deadline = time.monotonic() + 120
    while not table.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    process.kill()
    process.communicate()
    done = len(read_items(study, "smoothgrad"))
    assert 0 < done < 100
    here(RUNNING, monkeypatch, study, photos)
    straight = tmp_path / "straight"
    straight.mkdir()
    here(RUNNING, monkeypatch, straight, photos)
    assert capsys.readouterr().out == f"{100 - done} {done}\n100 0\n"
    resumed, uninterrupted = maps(study, "smoothgrad"), maps(straight, "smoothgrad")
    assert list(resumed) == list(uninterrupted)
    for name, heat in uninterrupted.items():
        assert np.abs(resumed[name] - heat).max() <= 1e-3 * heat.max()
    exact = ["evidence", "image", "method", "target", "height", "width", "row", "empty", "covers"]
    pd.testing.assert_frame_equal(
        read_items(study, "smoothgrad")[exact], read_items(straight, "smoothgrad")[exact]
    )


def test_the_second_of_two_processes_is_told_to_wait(study: Path) -> None:
    first = start(HOLDING_THE_LOCK, study)
    assert first.stdout is not None
    assert first.stdout.readline() == "inside\n"
    second = start(HOLDING_THE_LOCK, study)
    _, problems = second.communicate(timeout=60)
    assert second.returncode == 1
    assert "another process is writing its evidence drawn; wait for it to end" in problems
    assert finish(first) == "1\n"
    assert list(maps(study, "drawn")) == ["00.png"]
