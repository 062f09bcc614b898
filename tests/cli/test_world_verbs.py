"""The verbs about the drawn world: scenes and experiment."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from netgloss.cli import run
from netgloss.experiments.registry import EXPERIMENTS
from netgloss.scenes.architectures import ARCHITECTURES
from netgloss.scenes.scene_set import SceneSet
from netgloss.scenes.task import Bias
from netgloss.scenes.world import TASKS
from netgloss.vision.sources import scan

DRAW = ("scenes", "out", "--task", "vehicles", "--bias", "stripe", "--images", "6", "--seed", "4")


def test_scenes_writes_pictures_masks_truth_and_a_contact_sheet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(DRAW) == 0
    assert "drew 6 pictures in out/images" in capsys.readouterr().out
    source = scan(tmp_path / "out" / "images")
    assert source["truth"].value_counts().to_dict() == {"ambulance": 3, "moving_van": 3}
    scenes = list(SceneSet("vehicles", Bias("stripe"), 6, 4).scenes())
    document = json.loads((tmp_path / "out" / "truth.json").read_text())
    assert {key: document["info"][key] for key in ("task", "bias", "strength", "seed")} == {
        "task": "vehicles",
        "bias": "stripe",
        "strength": 1.0,
        "seed": 4,
    }
    for number, row in enumerate(document["images"]):
        with Image.open(tmp_path / "out" / "images" / row["file_name"]) as image:
            np.testing.assert_array_equal(np.asarray(image), scenes[number].image)
        assert (tmp_path / "out" / "masks" / row["file_name"]).is_file()
    with Image.open(tmp_path / "out" / "contact-sheet.png") as sheet:
        assert sheet.width > 3 * 128


def test_a_second_run_has_nothing_to_do_and_an_interrupted_one_draws_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(DRAW) == 0
    files = {path: path.stat().st_mtime_ns for path in Path("out").rglob("*.png")}
    assert run(DRAW) == 0
    assert "nothing to do" in capsys.readouterr().out
    assert {path: path.stat().st_mtime_ns for path in Path("out").rglob("*.png")} == files
    Path("out/truth.json").unlink()  # as a killed run leaves it
    Path("out/images/ambulance/99999.png").write_bytes(b"left over")
    Path("out/contact-sheet.png").unlink()
    assert run(DRAW) == 0
    Path("out/contact-sheet.png").unlink()
    assert run(DRAW) == 0
    assert Path("out/contact-sheet.png").is_file()
    assert len(list(Path("out/images").rglob("*.png"))) == 6
    assert Path("out/truth.json").is_file()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("scenes out --task boats", "task 'boats' is not known; choose one of: pedestrians, fish"),
        ("scenes out --task fish --bias date", "task 'fish': bias 'date' is not known; choose one"),
        (
            "scenes out --task vehicles --bias light --strength 1.2",
            "bias 'light': strength 1.2 is not possible; give one from 0 to 1",
        ),
        ("scenes out --task fish --size 16", "size 16: too small to draw in; 64 pixels or more"),
        ("scenes out --task fish --images 0", "images 0: at least one picture is needed"),
        ("scenes out --task fish --seed -1", "seed -1: give a number of 0 or more"),
        ("scenes out --task fish --network resnet", "network 'resnet' is not known; choose one of"),
        ("experiment correctnes", "experiment 'correctnes' is not known; choose one of: correct"),
        ("experiment correctness --sets D9", "set 'D9' is not known; choose from: D1,"),
        ("experiment crowd --networks resnet", "network 'resnet' is not known; choose one of"),
        ("experiment granularity --sets ,", "nothing to run; give at least one set"),
    ],
)
def test_what_cannot_be_drawn_or_run_ends_with_2_and_leaves_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: str,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(words.split()) == 2
    error = capsys.readouterr().err
    assert message in error
    assert len(error.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_the_help_says_what_each_experiment_asks(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["experiment", "--help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    start = lines.index("  What they ask:") + 1
    listed = [line.strip().split("  ", 1) for line in lines[start:]]
    assert [(name, asks.strip()) for name, asks in listed] == [
        (one.name, one.asks) for one in EXPERIMENTS.values()
    ]


def test_the_help_names_every_task_bias_and_network(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["scenes", "--help"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    for task in TASKS.values():
        listed = re.search(rf"{task.name}: ([a-z, -]+)[;.]", said)
        assert listed is not None
        assert set(listed[1].split(", ")) == set(task.cues)
    assert " or ".join(ARCHITECTURES) in said


def test_a_folder_with_something_else_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("out").mkdir()
    Path("out/thesis.tex").write_text("mine")
    assert run(DRAW) == 1
    assert "out: holds 'thesis.tex'; name a new folder" in capsys.readouterr().err
    assert [path.name for path in Path("out").iterdir()] == ["thesis.tex"]


def test_other_pictures_need_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(DRAW) == 0
    assert run([*DRAW[:-1], "5"]) == 1
    assert (
        "out: holds other drawn pictures (bias stripe, images 6, seed 4" in capsys.readouterr().err
    )


@pytest.mark.slow
def test_an_experiment_leaves_rows_a_figure_and_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["experiment", "correctness", "--sets", "BM2.2", "--networks", "vgg"]
    words += ["--seeds", "1", "--images", "40", "--out", "results"]
    assert run(words) == 0
    assert sorted(path.name for path in Path("results").iterdir()) == [
        "correctness.csv",
        "correctness.md",
        "correctness.png",
    ]
    first = Path("results/correctness.csv").read_bytes()
    rows = pd.read_csv("results/correctness.csv")
    assert rows["people"].tolist() == ["experts", "crowd"]
    assert rows["rank_of_planted"].iloc[0] == 1
    assert rows["rank_of_planted"].iloc[1] <= 3
    Path("results/correctness.csv").unlink()
    assert run(words) == 0
    assert Path("results/correctness.csv").read_bytes() == first
