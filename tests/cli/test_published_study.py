"""The published study comes out of the commands that the documentation shows."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from netgloss.cli import run


@pytest.fixture(scope="module")
def fish(seca_fish: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    study = tmp_path_factory.mktemp("published") / "fish"
    for words in (
        [
            "new",
            "--images",
            seca_fish / "images",
            "--predictions",
            seca_fish / "labels_predictions.csv",
        ],
        ["import", "mturk", seca_fish / "annotations_output.csv"],
        ["words", "--map", seca_fish / "word_map.json", "--preset", "seca-2021"],
    ):
        verb, *rest = map(str, words)
        assert run([verb, str(study), *rest]) == 0
    return study


def listed(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    capsys.readouterr()
    assert run(words) == 0
    return json.loads(capsys.readouterr().out)


KINDS = ("--kinds", "type,attribute,pair", "--format", "json")
PUBLISHED = {
    "lobster_claw": (81, 221.9178, 0.8601),
    "trout_body": (77, 207.1749, 0.8310),
    "lobster_body": (69, 179.2208, 0.7729),
    "shark_body": (69, 179.2208, 0.7729),
    "trout_wing": (60, 150.0000, 0.7071),
    "shark_wing": (57, 140.7407, 0.6849),
    "trout_head": (56, 137.7049, 0.6775),
    "water": (51, 115.8044, 0.6213),
    "shark_head": (47, 111.4625, 0.6095),
    "shark_mouth": (42, 97.6744, 0.5706),
    "lobster_head": (42, 97.6744, 0.5706),
    "fingers": (52, 76.6749, 0.5056),
}


def test_the_findings_are_the_published_ones(
    fish: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = listed(capsys, "rank", str(fish), *KINDS, "--limit", "0")
    assert Counter(row["kind"] for row in found) == {"type": 74, "attribute": 22, "pair": 233}
    significant = Counter(row["kind"] for row in found if row["p_value"] <= 0.05)
    assert significant == {"type": 40, "attribute": 14, "pair": 86}
    types = {row["concept"]: row for row in found if row["kind"] == "type"}
    for concept, (count, chi2, v) in PUBLISHED.items():
        row = types[concept]
        assert row["count"] == count
        assert round(row["chi2"], 4) == chi2
        assert round(row["cramers_v"], 4) == v
    assert [row["cramers_v"] for row in found] == sorted(
        (row["cramers_v"] for row in found), reverse=True
    )
    wanted = {"concept", "kind", "label", "cramers_v", "chi2", "p_value", "q_value", "count"}
    assert wanted <= set(found[0])
    assert set(found[0]["frequency"]) == {"American_lobster", "great_white_shark", "tench"}


def test_the_query_covers_the_published_images(
    fish: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "orange-lobster_claw AND NOT water"
    found = listed(capsys, "query", str(fish), text, "--format", "json")
    assert (found["count"], round(found["cramers_v"], 4)) == (64, 0.7365)


def test_the_rules_are_as_many_as_the_published_code_finds(
    fish: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    thresholds = ("--min-support", "0.1", "--min-confidence", "0.3", "--max-body", "0")
    found = listed(capsys, "rules", str(fish), *KINDS, *thresholds, "--keep-redundant")
    assert Counter(len(rule["body"]) for rule in found) == {1: 41, 2: 105, 3: 99, 4: 38, 5: 8, 6: 1}
    assert {"body", "label", "support", "confidence", "lift"} <= set(found[0])


def test_importing_again_changes_nothing(
    fish: Path, seca_fish: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert run(["import", str(fish), "mturk", str(seca_fish / "annotations_output.csv")]) == 0
    assert "0 answers new, 0 changed, 300 unchanged" in capsys.readouterr().out
