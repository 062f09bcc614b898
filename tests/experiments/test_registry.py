from __future__ import annotations

import inspect
from dataclasses import is_dataclass
from importlib import import_module

import pytest

from netgloss.errors import OptionError
from netgloss.experiments.kept import RunOptions
from netgloss.experiments.registry import EXPERIMENTS, find_experiment


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_each_name_leads_to_a_module_that_tells_an_experiment(name: str) -> None:
    story = import_module(f"netgloss.experiments.{find_experiment(name).module}")
    assert name == story.NAME
    assert is_dataclass(story.Options)
    assert issubclass(story.Options, RunOptions)
    assert list(inspect.signature(story.run).parameters) == ["work", "options", "track"]
    for tell in (story.figure, story.page):
        assert len(inspect.signature(tell).parameters) == 1


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(OptionError, match=f"choose one of: {', '.join(EXPERIMENTS)}$"):
        find_experiment("correctnes")
