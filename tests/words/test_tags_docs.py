"""The pages on games and their words show what really comes out."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from netgloss.study import Study

DOCS = Path(__file__).resolve().parents[2] / "docs"
CLASSES = {"pump_01.jpg": "gas pump", "pump_02.jpg": "gas pump", "ferry_01.jpg": "ferry"}
FILLED_IN = "scritta,lettering,yes\nesso,Esso,yes\nrosso,red,yes\ntubo,hose,yes\n"


def section(page: str, title: str) -> str:
    text = (DOCS / page).read_text(encoding="utf-8")
    return text.split(f"## {title}\n")[1].split("\n## ")[0]


def blocks(text: str) -> list[str]:
    return re.findall(r"```csv\n(.*?)```", text, re.DOTALL)


@pytest.fixture
def pumps(tmp_path: Path) -> Study:
    """The study of the pages, with the games that they show."""
    photos = tmp_path / "photos"
    photos.mkdir()
    for name in CLASSES:
        Image.new("RGB", (8, 6)).save(photos / name)
    rows = [f"{name},{label}" for name, label in CLASSES.items()]
    predictions = tmp_path / "predicted.csv"
    predictions.write_text("\n".join(["image,predicted_label", *rows]))
    study = Study.create(tmp_path / "pumps", photos, predictions=predictions)
    file = tmp_path / "games.csv"
    file.write_text(blocks(section("answers.md", "Games"))[0], encoding="utf-8")
    study.import_games(file)
    return study


def test_the_games_of_the_page_are_exported_as_it_says(pumps: Study, tmp_path: Path) -> None:
    pumps.export_games(tmp_path / "out.csv")
    header, second = blocks(section("answers.md", "Games"))[1].splitlines()
    written = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()
    assert (written[0], written[2]) == (header, second)
    assert pumps.games()["tags"].iloc[3] == ["red; or orange"]


def test_the_words_of_the_page_are_those_of_its_games(pumps: Study) -> None:
    page = section("words.md", "Words of games")
    pumps.words(languages="it")
    place = pumps.folder / "translations.csv"
    assert place.read_text(encoding="utf-8") == blocks(page)[0]
    place.write_text(f"raw,english,checked\n{FILLED_IN}")
    pumps.words()
    made = pd.read_csv(pumps.folder / "vocabulary.csv", keep_default_na=False, dtype=str)
    rows = [line.strip("| ").split("|") for line in page.splitlines() if line.startswith("| ")]
    shown = [tuple(cell.strip() for cell in row) for row in rows[1:]]
    assert shown == list(made.itertuples(index=False, name=None))
