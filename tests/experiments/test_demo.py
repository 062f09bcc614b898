from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from netgloss.errors import DataError, StudyError
from netgloss.experiments.demo import Plot, run_demo
from netgloss.scenes.world import find_task
from netgloss.study import Study
from netgloss.study.overview import overview

SMALL = Plot(size=64, images=40)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    folder, lines = tmp_path_factory.mktemp("demo") / "here", []
    run_demo(folder, say=lines.append, plot=SMALL)
    return folder, lines


@pytest.mark.slow
def test_the_planted_cue_comes_out(told: tuple[Path, list[str]]) -> None:
    text = "\n".join(told[1])
    found = re.search(
        r"Planted: ambulances on a highway .* countryside. "
        r"Found: (.+) at rank (\d+) of \d+, V = (\S+); (\d+) of the ten",
        text,
    )
    flipped = re.search(r"([\d.]+)% of its answers flip", text)
    assert found is not None
    assert flipped is not None
    assert f"With the {SMALL.cue} swapped and all else kept" in text
    assert find_task("vehicles").cue("background").planted.matches(found[1].replace(" ", "_"))
    assert int(found[2]) == 1
    assert float(found[3]) > 0.6
    assert int(found[4]) >= 2
    assert float(flipped[1]) >= 90


@pytest.mark.slow
def test_the_study_says_what_was_planted_and_that_the_network_relies_on_it(
    told: tuple[Path, list[str]],
) -> None:
    study = Study.open(told[0] / "vehicles")
    lines = [line for line in overview(study) if line.startswith("drawn pictures: vehicles, bias")]
    assert len(lines) == 1
    kept = pd.read_csv(study.folder / "results" / "reliance.csv").iloc[0]
    assert (kept["bias"], kept["strength"]) == ("background", 1.0)
    assert bool(kept["relies_on_it"]) == (kept["flip_rate"] >= 0.95)
    assert f"{kept['flip_rate']:.1%} of its answers change" in lines[0]
    assert (study.folder / "report.html").read_text().count(lines[0].split(": ")[1]) == 2


@pytest.mark.slow
def test_a_second_run_changes_nothing(told: tuple[Path, list[str]]) -> None:
    folder, lines = told
    kept = ("truth.json", "vgg.safetensors", "items.parquet", "answers.parquet")
    files = [path for name in kept for path in folder.rglob(name)]
    before = {path: path.stat().st_mtime_ns for path in files if path.name != "answers.parquet"}
    # As if the first run had been interrupted between making the study and keeping this.
    for path in (*folder.rglob("reliance.csv"), *folder.rglob("reliance.parquet")):
        path.unlink()
    again: list[str] = []
    run_demo(folder, say=again.append, plot=SMALL)
    assert len(files) == 4
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert again == lines
    assert len(list(folder.rglob("reliance.*"))) == 2


@pytest.mark.slow
def test_other_pictures_need_another_folder(told: tuple[Path, list[str]]) -> None:
    with pytest.raises(DataError, match=r"holds other drawn pictures .* name a new folder"):
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
