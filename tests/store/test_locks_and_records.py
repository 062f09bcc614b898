from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from netgloss.errors import StudyError
from netgloss.store.atomic import write_text
from netgloss.store.locks import writing
from netgloss.store.records import is_fresh, write_record

HOLD = """
import sys, time
from pathlib import Path
from netgloss.store.locks import writing
with writing(Path(sys.argv[1]), "evidence-smoothgrad"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_process_is_told_and_a_killed_one_blocks_nobody(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(StudyError, match="another process is writing its evidence smoothgrad"),
            writing(tmp_path, "evidence-smoothgrad"),
        ):
            pass
        with writing(tmp_path, "answers"):
            pass
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()
    started = time.monotonic()
    with writing(tmp_path, "evidence-smoothgrad", seconds=10):
        assert time.monotonic() - started < 5


def test_a_stage_is_fresh_until_option_input_or_output_changes(tmp_path: Path) -> None:
    source, result = tmp_path / "in.txt", tmp_path / "out.txt"
    write_text(source, "a")
    write_text(result, "b")
    options = {"samples": 10, "size": (1, 2)}
    assert not is_fresh(tmp_path, "stage", options, [source], [result])
    write_record(tmp_path, "stage", options, [source])
    assert is_fresh(tmp_path, "stage", options, [source], [result])
    assert not is_fresh(tmp_path, "stage", {**options, "samples": 11}, [source], [result])
    write_text(source, "changed")
    assert not is_fresh(tmp_path, "stage", options, [source], [result])
    write_text(source, "a")
    result.unlink()
    assert not is_fresh(tmp_path, "stage", options, [source], [result])


def test_a_damaged_record_only_makes_the_stage_run_again(tmp_path: Path) -> None:
    write_record(tmp_path, "stage", {}, [])
    (tmp_path / ".netgloss" / "stage.json").write_text("[1, 2")
    assert not is_fresh(tmp_path, "stage", {}, [], [])
