"""What a person sees: every verb, from a network of their own to the report."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from netgloss.cli import run

MAKING = ["new", "status", "layers", "demo", "extract", "serve", "rehearse", "import", "export"]
VERBS = [
    *MAKING,
    "words",
    "rank",
    "query",
    "rules",
    "tree",
    "compare",
    "report",
    "explain",
    "scenes",
    "experiment",
    "mturk",
]
NEW = ("new", "s", "--images", "photos", "--model", "nets.py:build", "--input-size", "16")
CLASSES = ("--classes", "ambulance,van", "--device", "cpu")


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Runs a command that must work; returns what it printed on standard output."""
    capsys.readouterr()
    assert run(words) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_an_example(capsys: pytest.CaptureFixture[str], verb: str) -> None:
    assert re.search(rf"Examples?:\s+netgloss {verb}", said(capsys, verb, "--help"))


def test_the_help_names_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    listed = re.findall(r"^  ([a-z]+)  ", said(capsys, "--help"), flags=re.MULTILINE)
    assert listed == VERBS


@pytest.mark.parametrize(
    "words",
    [
        ("--help",),
        ("experiment", "--help"),
        ("rank", "s", "--limit", "3"),
        ("query", "s", "stripe"),
        ("tree", "s"),
        ("report", "s"),
    ],
)
def test_the_analysis_never_pays_for_the_tensor_library(
    study: Path, words: tuple[str, ...]
) -> None:
    code = (
        "import sys; from netgloss.cli import run; status = run(sys.argv[1:]);"
        "assert not {'torch', 'django'} & set(sys.modules); sys.exit(status)"
    )
    command = [sys.executable, "-c", code, *words]
    subprocess.run(command, check=True, cwd=study.parent, capture_output=True)


def test_a_network_of_ones_own_is_predicted_and_explained(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "photos" / "van" / "page.jpg").write_text("<html><body>not found</body></html>")
    shown = said(capsys, *NEW, *CLASSES)
    assert "12 images" in shown
    assert "1 files left out" in shown
    images = pd.read_parquet(place / "s" / "images.parquet").set_index("image")
    assert images.loc["van/page.jpg", "status"] != "ok"
    assert set(images.loc[images["status"] == "ok", "prediction"]) <= {"ambulance", "van"}
    assert images["score"].dropna().between(0.5, 1).all()
    assert "last convolution" in said(capsys, "layers", "s")
    extract = ("extract", "s", "smoothgrad", "--samples", "3", "--limit")
    assert "8 heat maps made, 0 were there" in said(capsys, *extract, "8")
    assert "nothing to do" in said(capsys, *extract, "8")
    assert "4 heat maps made, 8 were there" in said(capsys, *extract, "0")
    items = pd.read_parquet(place / "s" / "evidence" / "smoothgrad" / "items.parquet")
    assert sorted(items["image"]) == sorted(images.index[images["status"] == "ok"])
    assert "wrote 12 overlays" in said(capsys, "export", "s", "overlays", "out")
    assert len(list((place / "out").rglob("*_heatmap.jpg"))) == 12
    assert "12 heat maps by smoothgrad" in said(capsys, "status", "s")


def test_another_option_needs_a_restart(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*NEW, *CLASSES]) == 0
    extract = ["extract", "s", "smoothgrad", "--limit", "2", "--samples"]
    assert run([*extract, "2"]) == 0
    assert run([*extract, "3"]) == 1
    assert "--restart" in capsys.readouterr().err
    assert "2 heat maps made" in said(capsys, *extract, "3", "--restart")


def test_a_study_moves_with_its_images(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "here").mkdir()
    for name in ("photos", "nets.py"):
        (place / name).rename(place / "here" / name)
    monkeypatch.chdir(place / "here")
    assert run([*NEW, *CLASSES]) == 0
    monkeypatch.chdir(place)
    (place / "here").rename(place / "there")
    assert "2 heat maps made" in said(capsys, "extract", "there/s", "smoothgrad", "--limit", "2")


def test_an_edit_of_the_vocabulary_wins_and_stays(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = study / "vocabulary.csv"
    path.write_text(path.read_text().replace("stripe,type,stripe", "stripe,type,Cheat Line"))
    query = ("query", "s", "cheat_line", "--format", "json")
    assert json.loads(said(capsys, *query))["count"] == 6
    for _ in range(2):
        assert run(["words", "s"]) == 0
        assert "stripe,type,cheat_line,edited by hand" in path.read_text()
    assert json.loads(said(capsys, *query))["count"] == 6


def test_options_of_words_stay_until_they_are_changed(study: Path) -> None:
    assert run(["words", "s", "--clusters", "none", "--min-seconds", "12"]) == 0
    assert run(["words", "s"]) == 0
    settings = (study / "study.toml").read_text()
    assert 'clusters = "none"' in settings
    assert "min_seconds = 12" in settings
    assert run(["rank", "s", "--alpha", "1"]) == 0
    assert len(pd.read_parquet(study / "concepts.parquet")) == 10
    assert run(["words", "s", "--preset", "default"]) == 0
    assert "min_seconds" not in (study / "study.toml").read_text()


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("--min-seconds", "99"), "lower --min-seconds"),
        (("--protect", "none.txt"), "none.txt"),
        (("--map", "none.json"), "none.json"),
        (("--embedding", "fasttext:none.bin"), "none.bin"),
        (("--embedding", "word2vec"), "ngrams"),
        (("--clusters", "many"), "clusters"),
        (("--preset", "mine"), "seca-2021"),
    ],
)
def test_a_refused_option_of_words_is_not_kept(
    study: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], name: str
) -> None:
    before = (study / "study.toml").read_text(), (study / "vocabulary.csv").read_text()
    capsys.readouterr()
    assert run(["words", "s", *words]) in (1, 2)
    assert name in capsys.readouterr().err
    assert ((study / "study.toml").read_text(), (study / "vocabulary.csv").read_text()) == before


def test_listings_are_the_same_in_every_format(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    as_json = json.loads(said(capsys, "rank", "s", "--format", "json"))
    lines = said(capsys, "rank", "s", "--format", "csv").splitlines()
    table = said(capsys, "rank", "s")
    assert len(lines) == len(as_json) + 1
    assert lines[0].split(",")[:3] == ["rank", "concept", "kind"]
    for row in as_json[:10]:
        assert row["concept"].replace("_", " ") in table
    assert len(json.loads(said(capsys, "rank", "s", "--format", "json", "--limit", "2"))) == 2


def test_not_and_and_are_explored_on_demand(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = json.loads(said(capsys, "rank", "s", "--format", "json"))
    explored = json.loads(said(capsys, "rank", "s", "--explore", "--format", "json"))
    assert {row["kind"] for row in explored} - {row["kind"] for row in plain} <= {"not", "and"}
    # On these images NOT door says the same as stripe, so it stands there as another name of it.
    stripe = next(row for row in explored if row["concept"] == "stripe")
    assert "NOT door" in stripe["aliases"]


def test_two_studies_are_compared_concept_by_concept(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = json.loads(said(capsys, "compare", "s", "s", "--format", "json"))
    assert rows
    assert all(row["difference"] == 0 for row in rows)


def test_answers_go_out_and_come_back(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for kind in ("csv", "coco", "label-studio"):
        assert run(["export", "s", kind, f"out.{kind}"]) == 0
        assert "0 answers new, 0 changed, 12 unchanged" in said(
            capsys, "import", "s", kind, f"out.{kind}"
        )


def test_the_report_answers_the_queries_that_were_asked(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["query", "s", "stripe and not door"]) == 0
    assert "wrote s/report.html" in said(capsys, "report", "s")
    page = (study / "report.html").read_text()
    assert "stripe AND NOT door" in page
    for name in ("findings", "rules", "tree"):
        assert run([{"findings": "rank"}.get(name, name), "s"]) == 0
        assert (study / "results" / f"{name}.csv").is_file()
        assert (study / "results" / f"{name}.parquet").is_file()


def test_a_person_who_stops_a_run_is_told_that_it_goes_on(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*NEW, *CLASSES]) == 0
    # So many samples that the signal comes while the first map is being made.
    words = ["extract", "s", "smoothgrad", "--samples", "50000000"]
    command = [sys.executable, "-m", "netgloss", *words]
    with subprocess.Popen(command, cwd=place, stderr=subprocess.PIPE, text=True) as process:
        while not (place / "s" / ".netgloss" / "evidence-smoothgrad.lock").exists():
            assert process.poll() is None
            time.sleep(0.05)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "the same command goes on from here" in error
    assert "Traceback" not in error
