"""The report of a published study: real photographs, real answers, the numbers it is known for."""

from __future__ import annotations

import csv
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from PIL import Image

from netgloss.concepts.table import ConceptTable
from netgloss.report import ReportData, write_report

pytestmark = pytest.mark.slow


def _read(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The images and the regions, words mended by the authors' own map alone."""
    with (folder / "labels_predictions.csv").open(encoding="utf-8") as file:
        said = {row["image"]: row["predicted_label"] for row in csv.DictReader(file)}
    files = sorted((folder / "images").glob("*/*.JPEG"))
    images = pd.DataFrame(
        {
            "image": [f"{file.parent.name}/{file.name}" for file in files],
            "truth": [file.parent.name for file in files],
            "prediction": [said[file.name] for file in files],
            "score": None,
            "status": "ok",
        }
    )
    mended = json.loads((folder / "word_map.json").read_text(encoding="utf-8"))
    known = {file.name: f"{file.parent.name}/{file.name}" for file in files}
    with (folder / "annotations_output.csv").open(encoding="utf-8") as file:
        rows = [row for answer in csv.DictReader(file) for row in _boxes(answer, known, mended)]
    return images, pd.DataFrame(rows)


def _boxes(
    answer: dict[str, str], known: dict[str, str], mended: dict[str, str]
) -> list[dict[str, Any]]:
    def word(term: str) -> str:
        plain = term.strip().lower()
        return mended.get(plain, plain).replace(" ", "_").replace("-", "_")

    name = answer["Input.original_image_url"].rpartition("/")[2]
    return [
        {
            "image": known[name],
            "person": answer["WorkerId"],
            "type": word(box["object_label"]),
            "attributes": sorted(
                {word(term) for term in box["attributes_label"].split(",") if term.strip()}
            ),
            "x0": box["left"],
            "y0": box["top"],
            "x1": box["left"] + box["width"],
            "y1": box["top"] + box["height"],
        }
        for box in json.loads(answer["Answer.annotation_data"])
    ]


def test_the_page_shows_what_the_study_found(seca_fish: Path, tmp_path: Path) -> None:
    images, regions = _read(seca_fish)
    labels = dict(zip(images["image"], images["prediction"], strict=True))
    table = ConceptTable.build(regions, labels, images["image"])
    explored = table.rank(explore=True)

    def pixels(image: str) -> NDArray[np.uint8]:
        return np.asarray(Image.open(seca_fish / "images" / image).convert("RGB"))

    def heat(image: str) -> NDArray[np.float32]:
        """The overlay's brightness: near enough for a page's size."""
        name = image.replace(".JPEG", "_heatmap.JPEG")
        return np.asarray(Image.open(seca_fish / "heatmaps" / name).convert("F").resize((299, 299)))

    data = ReportData(
        name="fish",
        made=datetime(2026, 5, 4, tzinfo=UTC),
        model={},
        planted="",
        images=images,
        pixels=pixels,
        heat=heat,
        evidence="300 heat maps made elsewhere and imported.",
        answers={"people": 2},
        regions=regions,
        vocabulary=pd.DataFrame(columns=["raw", "kind", "concept", "step", "count"]),
        word_notes=(),
        unsure_merges=pd.DataFrame(),
        table=table,
        findings=table.rank(),
        explored=explored[explored["kind"].isin(["not", "and"])],
        queries=[table.query("orange-lobster_claw AND NOT water")],
        rules=table.rules(),
        tree=table.tree(),
        cautions=(),
    )
    path = write_report(data, tmp_path / "report.html")
    page = path.read_text(encoding="utf-8")
    assert path.stat().st_size < 6_000_000
    first = _text(page, "class-1-1")
    assert first.startswith("1lobster claw type")
    assert (
        "Named on 81 of 100 images predicted American lobster and on 0 of the 200 others" in first
    )
    assert "Cramér’s V.86" in first
    assert page.partition('id="class-1-1"')[2].partition("</article>")[0].count('class="edge"') >= 3
    asked = _text(page, "query-1")
    assert "Holds on 64 of 100 images predicted American lobster" in asked
    assert "Cramér’s V.74" in asked


def _text(page: str, key: str) -> str:
    """What can be read in one card."""
    part = page.partition(f'id="{key}"')[2].partition("</article>")[0].partition(">")[2]
    text = re.sub(r"<[^>]*>", "", part).replace("\N{NO-BREAK SPACE}", " ")
    return re.sub(r"\s+", " ", text).strip()
