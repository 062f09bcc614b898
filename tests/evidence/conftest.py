from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture

from netgloss.vision.images import Image

Gallery = Callable[..., list[Image]]


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """An empty study folder."""
    folder = tmp_path / "study"
    folder.mkdir()
    return folder


@pytest.fixture
def gallery(tmp_path: Path) -> Gallery:
    """Makes photographs on disk and the study's images of them."""

    def make(count: int, width: int = 20, height: int = 14) -> list[Image]:
        folder = tmp_path / "photos"
        images = []
        for number in range(count):
            label = ("ant", "bee", "cat")[number % 3]
            path = folder / label / f"{number:04d}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            colours = np.random.default_rng(number).integers(0, 256, (4, 5, 3), dtype=np.uint8)
            Picture.fromarray(colours).resize((width, height)).save(path)
            name = f"{label}/{path.name}"
            images.append(Image(name, path, width, height, label, label, folder))
        return images

    return make
