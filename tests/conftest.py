"""What several rooms' tests share: where the published data lies, if it is here."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

SHARED = Path(__file__).resolve().parents[1].parent / "shared" / "data"


def _folder(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"the data set {name} is not beside the project")
    return folder


@pytest.fixture(scope="session")
def seca_fish() -> Path:
    """A published study's photographs and answers."""
    return _folder("seca-fish")


@pytest.fixture(scope="session")
def photos() -> Path:
    """Photographs with a trained network."""
    return _folder("photos")


# A deadline would make the load of the machine a reason to fail.
settings.register_profile("netgloss", deadline=None)
settings.load_profile("netgloss")
