from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from netgloss.errors import OptionError
from netgloss.experiments.kept import RunOptions, measured, runs_of
from netgloss.experiments.runs import Run
from netgloss.progress import untracked

SMALL = RunOptions(sets=("D1", "BM1.1"), seeds=2, images=40)


def _fails_after_one_seed(run: Run, work: Path, options: RunOptions) -> pd.DataFrame:
    if run.seed:
        raise RuntimeError("interrupted")
    return _measure(run, work, options)


def _measure(run: Run, work: Path, _: RunOptions) -> pd.DataFrame:
    run.place(work).mkdir(exist_ok=True)
    with (work / "calls.txt").open("a") as calls:
        calls.write(f"{run.name}\n")
    return pd.DataFrame({"images": [run.images], "recall": [run.seed / 3], "wrong": [np.nan]})


def test_an_interrupted_experiment_goes_on_with_the_next_run(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    with pytest.raises(RuntimeError, match="interrupted"):
        measured(_fails_after_one_seed, SMALL, folder, untracked)
    rows = measured(_measure, SMALL, folder, untracked)
    assert rows["set"].tolist() == ["D1", "D1", "BM1.1", "BM1.1"]
    assert rows["recall"].tolist() == [0, 1 / 3, 0, 1 / 3]
    pd.testing.assert_frame_equal(rows, measured(_measure, SMALL, folder, untracked))
    calls = (tmp_path / "calls.txt").read_text().split()
    assert calls == [run.name for run in runs_of(SMALL)]


@pytest.mark.parametrize("keep", [True, False])
def test_the_pictures_of_a_finished_run_stay_only_if_asked(tmp_path: Path, keep: bool) -> None:
    measured(_measure, replace(SMALL, keep=keep), tmp_path / "kept", untracked)
    assert {run.place(tmp_path).is_dir() for run in runs_of(SMALL)} == {keep}
    assert len(list((tmp_path / "kept").iterdir())) == 4


def test_what_is_named_twice_is_run_once() -> None:
    assert runs_of(replace(SMALL, sets=("D1", "BM1.1", "D1"))) == runs_of(SMALL)


@pytest.mark.parametrize("nothing", [{"sets": ()}, {"networks": ()}, {"seeds": 0}])
def test_nothing_to_run_is_refused(nothing: dict[str, object]) -> None:
    with pytest.raises(OptionError, match="give at least one set, one network and one seed"):
        runs_of(replace(SMALL, **nothing))
