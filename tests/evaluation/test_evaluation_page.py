"""The page's examples run, and the room stays light."""

from __future__ import annotations

import doctest
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "evaluation.md"


def test_the_examples_of_the_page_print_what_it_says() -> None:
    result = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert result.attempted > 10
    assert result.failed == 0


def test_importing_the_room_loads_no_heavy_library() -> None:
    modules = ("krippendorff", "dawid_skene", "presence", "votes", "controls", "people", "scores")
    heavy = ("torch", "django", "scipy.stats", "sklearn", "matplotlib", "symspellpy")
    code = (
        "import importlib, sys\n"
        f"for name in {modules}: importlib.import_module('netgloss.evaluation.' + name)\n"
        f"print([name for name in {heavy} if name in sys.modules], 'scipy' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[] False"
