from __future__ import annotations

import subprocess
import sys

import pytest

SLOW = {"torch", "matplotlib", "sklearn"}


@pytest.mark.parametrize(
    "module",
    ["decode", "sources", "images", "geometry", "overlays", "modes", "names", "reveal", "sniff"],
)
def test_the_half_without_torch_does_not_import_it(module: str) -> None:
    """Whoever only shows stored heat maps must not wait for the tensor library."""
    code = f"import sys, netgloss.vision.{module}; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = set(run.stdout.split())
    assert f"netgloss.vision.{module}" in loaded
    assert not loaded & SLOW
