"""A small drawn study that the report's tests share: three classes of cars, words and boxes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from netgloss.concepts.table import ConceptTable
from netgloss.report import ReportData

SIZE = (120, 160)
COLOURS = {"ambulance": (240, 130, 20), "taxi_cab": (240, 210, 30), "van": (120, 130, 140)}
THINGS = {"ambulance": ("stripe", "orange"), "taxi_cab": ("roof_sign", "yellow"), "van": ("", "")}


def drawn_study(
    each: int = 12, *, noise: float = 0.2, labels: tuple[str, ...] = (), **replaced: Any
) -> ReportData:
    """A study of drawn cars, its words tested by the real concept table.

    Args:
        each: Images of each class.
        noise: Share of the images on which the telling word is missing.
        labels: Class names instead of the built-in three; their images all look like vans.
        replaced: Fields of the record to replace.
    """
    names = labels or tuple(COLOURS)
    images = _images(names, each)
    regions = _regions(images, noise)
    table = ConceptTable.build(
        regions, dict(zip(images["image"], images["prediction"], strict=True)), images["image"]
    )
    explored = table.rank(explore=True)
    fields: dict[str, Any] = {
        "name": "cars",
        "made": datetime(2026, 5, 4, 12, 30, tzinfo=UTC),
        "model": {"Network": "cars:build", "Input": "120 × 160 pixels"},
        "planted": "",
        "images": images,
        "pixels": lambda image: _pixels(images, image),
        "heat": lambda image: _heat(image),
        "evidence": f"{len(images)} heat maps by smoothgrad (samples 10).",
        "answers": {"people": 2, "answers": len(images), "images": len(images), "boxes": 9},
        "regions": regions,
        "vocabulary": _vocabulary(regions),
        "word_notes": ("Spelling variants are merged; synonyms are not.",),
        "unsure_merges": pd.DataFrame(),
        "table": table,
        "findings": table.rank(),
        "explored": explored[explored["kind"].isin(["not", "and"])],
        "queries": [],
        "rules": table.rules(),
        "tree": table.tree(),
        "cautions": ("The drawn world is no photograph.",),
    }
    return ReportData(**{**fields, **replaced})


@pytest.fixture(scope="session", name="drawn_study")
def drawn_study_fixture() -> Callable[..., ReportData]:
    """Makes a drawn study."""
    return drawn_study


def _images(names: tuple[str, ...], each: int) -> pd.DataFrame:
    rows = [
        {
            "image": f"{name}/{number:03}.png",
            "path": f"{name}/{number:03}.png",
            "width": SIZE[1],
            "height": SIZE[0],
            "truth": names[0] if number == 0 else name,
            "prediction": name,
            "score": 0.5 + number / 100,
            "status": "ok",
        }
        for name in names
        for number in range(each)
    ]
    return pd.DataFrame(rows)


def _regions(images: pd.DataFrame, noise: float) -> pd.DataFrame:
    """One person an image: the sky everywhere, wheels on some, and what tells the class."""
    generator = np.random.default_rng(3)
    rows: list[dict[str, Any]] = []
    for image, label in zip(images["image"], images["prediction"], strict=True):
        said = [("sky", ["blue"], (0.0, 0.0, 160.0, 30.0))]
        if generator.random() < 0.5:
            said.append(("wheel", ["black", "round"], (30.0, 85.0, 60.0, 115.0)))
        thing, colour = THINGS.get(label, ("", ""))
        if thing and generator.random() >= noise:
            said.append((thing, [colour], (40.0, 50.0, 120.0, 70.0)))
        if not thing and generator.random() < noise / 2:
            said.append(("stripe", ["orange"], (40.0, 50.0, 120.0, 70.0)))
        rows += [
            {
                "image": image,
                "person": "P1",
                "answer": f"A-{image}",
                "box": number,
                "type": kind,
                "attributes": attributes,
                **dict(zip(("x0", "y0", "x1", "y1"), box, strict=True)),
            }
            for number, (kind, attributes, box) in enumerate(said)
        ]
    return pd.DataFrame(rows)


def _vocabulary(regions: pd.DataFrame) -> pd.DataFrame:
    counts = regions["type"].value_counts()
    rows = [
        {"raw": word, "kind": "type", "concept": word, "step": "as typed", "count": int(count)}
        for word, count in counts.items()
    ]
    typo = {
        "raw": "strype", "kind": "type", "concept": "stripe", "step": "spelling: strype -> stripe",
        "count": 1,
    }  # fmt: skip
    return pd.DataFrame([*rows, typo])


def _pixels(images: pd.DataFrame, image: str) -> NDArray[np.uint8]:
    """A car of the class's colour under a sky, a little different on every image."""
    label, _, name = image.rpartition("/")
    pixels = np.full((*SIZE, 3), 235, dtype=np.uint8)
    pixels[:30] = (150, 190, 240)
    pixels[45:100, 20:140] = COLOURS.get(label, (120, 130, 140))
    pixels[50:70, 40:120] //= 2
    pixels[100:112, 30 + int(name[:3]) : 60 + int(name[:3])] = 20
    return pixels


def _heat(image: str) -> NDArray[np.float32]:
    """Hot on the stripe, cold elsewhere."""
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    shift = int(image.rpartition("/")[2][:3])
    distance = ((rows - 60) / 15) ** 2 + ((columns - 80 - shift) / 35) ** 2
    return np.exp(-distance).astype(np.float32)
