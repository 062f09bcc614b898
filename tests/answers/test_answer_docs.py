from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from netgloss.answers.format import Box
from netgloss.answers.readers import READERS, read_file

PAGE = Path(__file__).resolve().parents[2] / "docs" / "answers.md"
IMAGES = pd.DataFrame({"image": ["lobster_01.jpg", "lobster_02.jpg"]}).assign(width=200, height=160)


# Parquet is binary: the page describes its rows, which are the records of JSON.
@pytest.mark.parametrize("kind", sorted(set(READERS) - {"parquet"}))
def test_the_example_of_each_format_says_what_the_page_says(tmp_path: Path, kind: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    section = page.split(f"(`{kind}`)\n")[1].split("\n## ")[0]
    examples = re.findall(r"```(?:csv|json)\n(.*?)```", section, re.DOTALL)
    assert len(examples) == 1
    (tmp_path / "example").write_text(examples[0], encoding="utf-8")
    imported = read_file(kind, tmp_path / "example", IMAGES)
    assert imported.answers[0].boxes[0] == Box("claw", ("orange", "big"), 12, 40, 96, 120)
    assert len(imported.answers) == (3 if kind == "csv" else 1)
    assert imported.notes == (("rejected assignments left out: 1",) if kind == "mturk" else ())
