from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from netgloss.errors import StudyError
from netgloss.experiments.demo import Plot, run_demo

SMALL = Plot(size=64, training=400, held_out=100, study=40)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    folder, lines = tmp_path_factory.mktemp("demo") / "here", []
    run_demo(folder, say=lines.append, plot=SMALL)
    return folder, lines


@pytest.mark.slow
def test_the_planted_cue_comes_out(told: tuple[Path, list[str]]) -> None:
    text = "\n".join(told[1])
    found = re.search(
        r"Planted: orange stripe for ambulance. "
        r"Found: rank (\d+) of \d+, for ambulance, V = (\S+)\.\n",
        text,
    )
    flipped = re.search(r"([\d.]+)% of its answers flip", text)
    assert found is not None
    assert flipped is not None
    assert int(found[1]) <= 3
    assert float(found[2]) > 0.6
    assert float(flipped[1]) >= 90


@pytest.mark.slow
def test_a_second_run_changes_nothing(told: tuple[Path, list[str]]) -> None:
    folder, lines = told
    kept = ("truth.json", "network.safetensors", "items.parquet", "answers.parquet")
    files = [path for name in kept for path in folder.rglob(name)]
    before = {path: path.stat().st_mtime_ns for path in files if path.name != "answers.parquet"}
    again: list[str] = []
    run_demo(folder, say=again.append, plot=SMALL)
    assert len(files) == 4
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert again == [line for line in lines if not line.startswith("Made a study")]


@pytest.mark.slow
def test_other_pictures_need_another_folder(told: tuple[Path, list[str]]) -> None:
    with pytest.raises(StudyError, match="holds a demo of other pictures; name a new folder"):
        run_demo(told[0], plot=replace(SMALL, seed=1))


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(StudyError, match="holds something else than a demo"):
        run_demo(tmp_path, plot=SMALL)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("mine")
    with pytest.raises(StudyError, match="name a new folder"):
        run_demo(tmp_path / "demo", plot=SMALL)
