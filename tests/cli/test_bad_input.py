"""Bad input gives one clear line, the right exit status, and a study as good as before."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from netgloss.cli import run

HEADER = "image,person,type,attributes,box,seconds\n"


def done(*words: str) -> None:
    assert run(words) == 0


def refused(capsys: pytest.CaptureFixture[str], *words: str, status: int = 1) -> str:
    """Runs a command that must fail; returns its message."""
    capsys.readouterr()
    assert run(words) == status
    error = capsys.readouterr().err
    assert "Traceback" not in error
    if not error.startswith("Usage:"):
        lines = [line for line in error.splitlines() if line.startswith("netgloss: ")]
        assert len(lines) == 1, error
        assert "--debug" not in lines[0], "a fault of the program, not of the input"
        return error[error.index("netgloss: ") :]
    return error


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a study but its locks."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".lock"
    }


MODEL = ("--images", "photos", "--model", "nets.py:build", "--input-size", "16")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--classes", "ambulance"), "2"),
        (("--classes", "ambulance,van,tram"), "3"),
        ((), "needs the names of its classes"),
        (("--classes", "ambulance,van", "--weights", "none.pt"), "none.pt"),
        (("--classes", "ambulance,van", "--weights", "predicted.csv"), "predicted.csv"),
        (("--classes", "ambulance,van", "--device", "cuda"), "cuda"),
        (("--classes", "ambulance,van", "--resize", "stretch"), "stretch"),
    ],
)
def test_a_classifier_that_does_not_fit_leaves_no_study(
    place: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    assert message in refused(capsys, "new", "s", *MODEL, *words)
    assert not (place / "s").exists()
    assert not list(place.glob(".s-*"))


def test_weights_of_another_network_are_refused_by_name(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import torch

    torch.save({"other.weight": torch.zeros(3)}, place / "other.pt")
    words = ("--classes", "ambulance,van", "--weights", "other.pt")
    assert "other.weight" in refused(capsys, "new", "s", *MODEL, *words)
    assert not (place / "s").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("rank",),
        ("rank", "s", "--format", "xml"),
        ("rank", "s", "--limit", "-1"),
        ("fly", "s"),
        ("new", "s", "--images", "photos"),
        ("new", "s", *MODEL, "--mean", "a,b,c"),
        ("new", "s", *MODEL, "--classes", "a,b", "--input-size", "0"),
        ("import", "s", "excel", "a.xls"),
    ],
)
def test_a_wrong_command_line_ends_with_two(
    place: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    assert "Error" in refused(capsys, *words, status=2)


def test_an_unreadable_settings_file_is_named_with_line_and_column(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = study / "study.toml"
    path.write_text(path.read_text() + "\n[words\n")
    message = refused(capsys, "rank", "s")
    assert "study.toml" in message
    assert "line" in message
    assert "column" in message


def test_a_setting_that_does_not_exist_is_named(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = study / "study.toml"
    path.write_text(path.read_text() + '\n[words]\ncluster = "none"\n')
    assert "[words] has no setting 'cluster'" in refused(capsys, "words", "s")


@pytest.mark.parametrize(
    "name", ["images.parquet", "answers/answers.parquet", "answers/terms.parquet"]
)
def test_a_half_written_table_is_named(
    study: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    path = study / name
    path.write_bytes(path.read_bytes()[:100])
    assert Path(name).name in refused(capsys, "rank", "s")


def test_a_half_written_concept_table_is_only_made_again(study: Path) -> None:
    done("rank", "s")
    path = study / "concepts.parquet"
    whole = path.read_bytes()
    path.write_bytes(whole[:200])
    # It is made from other files, so it counts as stale as soon as it is damaged.
    done("rank", "s")
    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("ambulance/00.png,bob,stripe,orange,1 2 200 18,9", "box"),
        ("ambulance/77.png,bob,stripe,orange,1 2 20 18,9", "ambulance/77.png"),
        ("ambulance/00.png,bob,stripe,orange,1 2 20 18,soon", "soon"),
        ("ambulance/00.png,,stripe,orange,1 2 20 18,9", "person"),
    ],
)
def test_a_bad_row_is_named_and_nothing_of_its_file_is_imported(
    study: Path, capsys: pytest.CaptureFixture[str], row: str, message: str
) -> None:
    before = contents(study)
    bad = study.parent / "bad.csv"
    bad.write_text(f"{HEADER}ambulance/00.png,bob,stripe,orange,1 2 20 18,9\n{row}\n")
    error = refused(capsys, "import", "s", "csv", "bad.csv")
    assert "bad.csv" in error
    assert message in error
    assert "3" in error
    assert contents(study) == before


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8-sig", "utf-16", "cp1252"])
def test_answers_in_any_encoding_and_line_end_are_read(place: Path, encoding: str) -> None:
    done("new", "s", "--images", "photos", "--predictions", "predicted.csv")
    text = HEADER + "ambulance/00.png,Zoë,Blaulicht für Ärzte,grün,1 2 20 18,9\n"
    (place / "odd.csv").write_bytes(text.replace("\n", "\r\n").encode(encoding))
    done("import", "s", "csv", "odd.csv")
    done("export", "s", "csv", "back.csv")
    assert "Blaulicht für Ärzte" in (place / "back.csv").read_text()
    assert "Zoë" in (place / "back.csv").read_text()


def test_an_empty_vocabulary_is_refused(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = contents(study)
    (study.parent / "nothing.json").write_text(
        json.dumps(dict.fromkeys(["stripe", "door", "orange", "blue"], ""))
    )
    assert "no term" in refused(capsys, "words", "s", "--map", "nothing.json")
    assert contents(study)["vocabulary.csv"] == before["vocabulary.csv"]


def test_a_study_without_answers_says_how_to_get_some(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done("new", "s", "--images", "photos", "--predictions", "predicted.csv")
    assert "netgloss import s" in refused(capsys, "words", "s")
    assert "netgloss words s" in refused(capsys, "rank", "s")


def test_one_class_only_cannot_be_ranked(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (place / "predicted.csv").read_text()
    (place / "one.csv").write_text(text.replace(",ambulance", ",van"))
    done("new", "s", "--images", "photos", "--predictions", "one.csv")
    done("import", "s", "csv", "answers.csv")
    done("words", "s")
    for verb in ("rank", "rules", "report"):
        assert "two labels" in refused(capsys, verb, "s")


def test_no_significant_concept_is_said_with_the_way_to_see_all(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header, *rows = (place / "predicted.csv").read_text().splitlines()
    halves = [f"{row.split(',')[0]},{'ab'[number // 6]}" for number, row in enumerate(rows)]
    (place / "other.csv").write_text("\n".join([header, *halves]) + "\n")
    done("new", "s", "--images", "photos", "--predictions", "other.csv")
    done("import", "s", "csv", "answers.csv")
    done("words", "s")
    assert "--alpha 1" in refused(capsys, "rank", "s")
    done("rank", "s", "--alpha", "1")


def test_a_wrong_query_shows_its_place(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    message = refused(capsys, "query", "s", "orange AND strype")
    assert "orange AND strype" in message
    assert "^" in message
    assert "stripe" in message


def test_a_layer_or_method_that_is_not_there_is_named(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done("new", "s", *MODEL, "--classes", "ambulance,van")
    assert "smoothgrad" in refused(capsys, "extract", "s", "smoothgard", status=2)
    words = ("extract", "s", "integrated-gradients", "--samples", "3")
    assert "samples" in refused(capsys, *words, status=2)


def test_a_study_made_from_predictions_says_that_it_has_no_network(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (("layers", "s"), ("extract", "s", "smoothgrad")):
        assert "without a classifier" in refused(capsys, *words)


def test_a_taken_folder_is_left_alone(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = contents(study)
    words = ("--images", "photos", "--predictions", "predicted.csv")
    assert "already there" in refused(capsys, "new", "s", *words)
    assert contents(study) == before


FILL = """
import errno, os, sys
from netgloss.cli import run
real = os.fsync
def full(descriptor):
    raise OSError(errno.ENOSPC, "No space left on device")
os.fsync = full
sys.exit(run(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    "words",
    [("import", "s", "csv", "more.csv"), ("words", "s", "--clusters", "none"), ("rank", "s")],
)
def test_a_full_disk_is_one_line_and_loses_nothing(study: Path, words: tuple[str, ...]) -> None:
    (study.parent / "more.csv").write_text(f"{HEADER}van/01.png,bob,door,red,1 2 20 18,9\n")
    before = contents(study)
    ended = subprocess.run(
        [sys.executable, "-c", FILL, *words], capture_output=True, text=True, cwd=study.parent
    )
    assert ended.returncode == 1
    assert "the disk is full" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert contents(study) == before
