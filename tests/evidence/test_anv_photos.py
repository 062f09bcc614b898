"""Cluster maps of real photographs through the command line, beside one map an image."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from netgloss.cli import run
from netgloss.evidence.clusters.reading import read_cluster_maps, read_layers
from netgloss.evidence.items import HeatReader
from netgloss.study import Study
from netgloss.study.heat import chosen_method

PHOTOS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "photos"
CLASSES = ("airplanes", "bonsai", "leopards", "motorbikes", "watch")
PREPARED = "--input-size 112 --resize squash --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225"


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    if not PHOTOS.is_dir():
        pytest.skip("the photographs of Caltech-101 are not beside this repository")
    monkeypatch.chdir(tmp_path)
    for name in CLASSES:
        for path in sorted((PHOTOS / "test" / name).iterdir())[:2]:
            (tmp_path / "photos" / name).mkdir(parents=True, exist_ok=True)
            shutil.copy(path, tmp_path / "photos" / name)
    model, weights = f"{PHOTOS}/caltech5.py:build", f"{PHOTOS}/caltech5.pt"
    new = ["new", "s", "--model", model, "--weights", weights, "--images", "photos"]
    assert run([*new, "--classes", ",".join(CLASSES), *PREPARED.split()]) == 0
    return tmp_path / "s"


def test_the_command_line_makes_adds_to_and_remakes_cluster_maps(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    extract = ["extract", "s", "anv", "--layers", "features.15,features.7", "--limit"]
    assert run([*extract, "5"]) == 0
    assert "heat maps made, 0 were there" in capsys.readouterr().out
    assert read_layers(study)["image"].nunique() == 5
    assert run([*extract, "0"]) == 0
    layers = read_layers(study)
    rightly = sum(one.truth == one.prediction for one in Study.open(study).usable_images())
    assert layers["image"].nunique() == rightly >= 8
    assert layers[["layer", "depth"]].drop_duplicates().to_numpy().tolist() == [
        ["features.7", 0],
        ["features.15", 1],
    ]
    assert run([*extract, "0", "--embed", "tsne"]) == 1
    assert "--restart" in capsys.readouterr().err
    anew = ["extract", "s", "anv", "--limit", "2", "--restart", "--only", "all"]
    assert run([*anew, "--weighting", "grad-cam", "--fewest", "2", "--most", "4"]) == 0
    layers = read_layers(study)
    assert layers["image"].nunique() == 2
    assert layers["layer"].nunique() == 6  # all of the network's convolutions
    assert layers["clusters"].between(2, 4).all()


def test_cluster_maps_are_never_taken_for_the_heat_map_of_an_image(study: Path) -> None:
    assert run(["extract", "s", "anv", "--layers", "features.15"]) == 0
    assert chosen_method(study) is None
    assert run(["extract", "s", "integrated-gradients", "--limit", "1"]) == 0
    assert chosen_method(study) == "integrated-gradients"
    assert run(["status", "s"]) == 0


def test_the_cluster_maps_of_the_last_layer_add_up_to_most_of_grad_cam(study: Path) -> None:
    from netgloss.evidence.anv import feature_maps

    assert run(["extract", "s", "anv", "--threshold", "0", "--limit", "5"]) == 0
    opened = Study.open(study)
    images = {one.image: one for one in opened.usable_images()}
    maps, told = read_cluster_maps(study), read_layers(study)
    reader = HeatReader(study, "anv")
    assert len(told) >= 5 * 6 - 6
    for (name, layer), rows in maps.groupby(["image", "layer"]):
        image = images[str(name)]
        inputs = opened.classifier.prepare([image.pixels()])
        ((_, activations, weights),) = feature_maps(
            opened.classifier, inputs, str(image.prediction), [str(layer)]
        )
        whole = np.tensordot(weights / weights.sum(), activations, axes=1)
        shown = sum(row.weight * reader.heat(row) for row in rows.itertuples())
        (left,) = told[(told["image"] == name) & (told["layer"] == layer)]["leftover"]
        # Maps lie on disk with three digits.
        assert (whole - shown >= -1e-3 * activations.max()).all()
        assert (whole - shown).max() <= left * activations.max() + 1e-3 * activations.max()
