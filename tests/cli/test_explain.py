"""``netgloss explain`` as a person types it, from a network's cluster maps to files."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from netgloss.cli import run

IMAGE = "ambulance/00.png"
NET = """
import torch
from torch import nn

def build():
    net = nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(4, 2))
    with torch.no_grad():
        net[0].weight.zero_()
        net[0].bias.zero_()
        for channel in range(4):  # two look for red, two for blue
            net[0].weight[channel, 2 * (channel % 2), 1, 1] = 1 + channel
        net[4].weight.copy_(torch.tensor([[1.0, 0, 1, 0], [0, 1, 0, 1]]))
        net[4].bias.zero_()
    return net
"""
"""Calls what is red an ambulance and what is blue a van."""


@pytest.fixture
def extracted(place: Path) -> Path:
    """A study with a network that is right, and the cluster maps of four of its images."""
    (place / "nets.py").write_text(NET)
    made = ["new", "s", "--images", "photos", "--model", "nets.py:build"]
    assert run([*made, "--classes", "ambulance,van", "--input-size", "24x32"]) == 0
    assert run(["extract", "s", "anv", "--limit", "4"]) == 0
    return place / "s"


def explained_image(study: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """The first image that has cluster maps."""
    assert run(["explain", str(study), "--all"]) == 0
    capsys.readouterr()
    index = study / "results" / "explanations" / "index.json"
    return str(json.loads(index.read_text("utf-8"))["images"][0]["image"])


def test_an_image_is_explained_before_anybody_played(
    extracted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = explained_image(extracted, capsys)
    assert run(["explain", "s", image]) == 0
    said = capsys.readouterr()
    written = Path(said.out.strip().removeprefix("wrote "))
    assert written.read_text("utf-8").startswith("<!doctype html>")
    assert "people give them by playing" in said.err


def test_each_format_is_written_where_it_is_asked_for(
    extracted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = explained_image(extracted, capsys)
    for form, begins in {"html": b"<!doctype", "png": b"\x89PNG", "svg": b"<svg"}.items():
        assert run(["explain", "s", image, "--format", form, "--output", f"out.{form}"]) == 0
        assert Path(f"out.{form}").read_bytes().startswith(begins)


def test_json_is_printed_and_pictures_are_with_a_dash(
    extracted: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    index = extracted / "results" / "explanations" / "index.json"
    assert run(["explain", "s", "--all"]) == 0
    entry = json.loads(index.read_text("utf-8"))["images"][0]
    capsysbinary.readouterr()
    assert run(["explain", "s", entry["image"], "--format", "json"]) == 0
    data = json.loads(capsysbinary.readouterr().out)
    assert (data["image"], data["target"]) == (entry["image"], entry["target"])
    assert [layer["depth"] for layer in data["layers"]] == [0]
    assert run(["explain", "s", entry["image"], "--format", "png", "--output", "-"]) == 0
    assert Image.open(io.BytesIO(capsysbinary.readouterr().out)).width > 500


def test_a_class_is_explained_by_groups_or_as_a_whole(
    extracted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    index = extracted / "results" / "explanations" / "index.json"
    assert run(["explain", "s", "--all"]) == 0
    name = json.loads(index.read_text("utf-8"))["classes"][0]["class"]
    capsys.readouterr()
    for group in ("1", "all"):
        assert run(["explain", "s", "--class", name, "--group", group, "--format", "json"]) == 0
        data = json.loads(capsys.readouterr().out)
        assert data["class"] == name
        assert len(data["groups"]) == 1


def test_what_is_unknown_is_said_in_one_line_with_what_is_known(
    extracted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words, said in (
        (["ambulanc/00.png"], "did you mean ambulance/00.png"),
        (["--class", "vann"], "there are maps of"),
    ):
        capsys.readouterr()
        assert run(["explain", "s", *words]) == 1
        err = capsys.readouterr().err
        assert said in err
        assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "give an image, or --class, or --all"),
        ([IMAGE, "--all"], "give an image, or --class, or --all"),
        (["--class", "van", "--group", "some"], "not a number of layers"),
        (["--class", "van", "--group", "0"], "not a number of layers"),
        ([IMAGE, "--format", "gif"], "gif"),
        ([IMAGE, "--average", "middle"], "middle"),
    ],
)
def test_a_faulty_command_ends_with_two(
    study: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    capsys.readouterr()
    assert run(["explain", "s", *words]) == 2
    assert said in capsys.readouterr().err


def test_a_study_without_cluster_maps_is_told_the_command(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert run(["explain", "s", IMAGE]) == 1
    said = capsys.readouterr().err
    assert "netgloss extract s anv" in said
    assert said.count("\n") == 1


def test_explaining_never_pays_for_the_tensor_library(extracted: Path) -> None:
    code = (
        "import sys; from netgloss.cli import run; status = run(sys.argv[1:]);"
        "assert not {'torch', 'django', 'sklearn'} & set(sys.modules); sys.exit(status)"
    )
    command = [sys.executable, "-c", code, "explain", "s", "--all"]
    subprocess.run(command, check=True, cwd=extracted.parent, capture_output=True)
