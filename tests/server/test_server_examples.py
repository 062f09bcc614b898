"""The examples in the server's docstrings, which need Django set up before their module loads."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import netgloss.server

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(netgloss.server.__path__, "netgloss.server.")
    if ".migrations" not in module.name
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_do_what_they_say(django_ready: None, name: str) -> None:
    module = importlib.import_module(name)
    assert doctest.testmod(module, optionflags=doctest.ELLIPSIS).failed == 0
