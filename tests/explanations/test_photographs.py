"""The games kept in docs/results fit the cluster maps and say what docs/explanations.md says."""

from __future__ import annotations

from pathlib import Path

import pytest

from netgloss.evidence.anv import ANV
from netgloss.report.anv_view import chain_sentences
from netgloss.study import Study

pytestmark = pytest.mark.slow

GAMES = Path(__file__).resolve().parents[2] / "docs" / "results" / "deep-reveal-author.csv"


@pytest.fixture(scope="module")
def played(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The study of docs/models-and-images.md with the author's games."""
    study = Study.create(
        tmp_path_factory.mktemp("photographs") / "photos",
        photos / "test",
        model=f"{photos / 'caltech5.py'}:build",
        weights=photos / "caltech5.pt",
        classes=["airplanes", "bonsai", "leopards", "motorbikes", "watch"],
        input_size=112,
        mean=(0.485, 0.456, 0.406),
        std=(0.229, 0.224, 0.225),
    )
    study.extract(ANV(embed="pca"), limit=30)
    study.import_games(GAMES)
    study.words()
    return study


def test_the_rim_of_the_watch_leads_in_every_layer(played: Study) -> None:
    shown = played.explain("watch_0190.jpg")
    assert len(shown.columns) == 6
    assert all("rim" in column.maps[0].labels for column in shown.columns)
    weights = shown.weights()
    assert next(iter(weights)) == "rim"
    assert all(0.45 < weight < 0.65 for weight in weights["rim"])
    assert [round(weight, 2) for weight in weights["dial"]] == [0, 0, 0, 0, 0, 0.18]
    assert [len(column.maps[0].parts) for column in shown.columns[4:]] == [5, 4]
    (warning,) = chain_sentences(shown.columns[5])
    assert "background = rim" in warning


def test_leaves_come_first_and_the_animal_last(played: Study) -> None:
    shown = played.explain("leopards_0088.jpg")
    weights = shown.weights()
    assert all(weight > 0 for weight in weights["leaves"])
    assert [weight > 0 for weight in weights["spots"]] == [False] * 4 + [True] * 2
    lost = [one for one in shown.maps if one.tally.lost]
    assert sum(one.tally.lost for one in lost) == 4
    assert all(one.labels == ("green", "leaves") and one.score == 0.25 for one in lost)


def test_an_image_nobody_played_has_maps_and_no_words(played: Study) -> None:
    shown = played.explain("airplanes_0707.jpg")
    assert shown.maps
    assert not any(one.labels for one in shown.maps)
