"""Cluster maps as evidence: what is written, what is left out, and going on after an interrupt."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from netgloss.attribution.cam import WEIGHTINGS
from netgloss.attribution.scoring import SCORINGS
from netgloss.errors import ModelError, OptionError, StudyError
from netgloss.evidence import anv, writer
from netgloss.evidence.anv import ANV
from netgloss.evidence.base import Detail, Evidence, evidence_method
from netgloss.evidence.clusters.layer import Clustering, cluster_layer
from netgloss.evidence.clusters.reading import LAYER_COLUMNS, read_cluster_maps, read_layers
from netgloss.evidence.items import HeatReader, extract, has_cluster_maps, read_items
from netgloss.evidence.writer import ItemWriter, read_item_table
from netgloss.vision.classifier import Classifier
from netgloss.vision.images import Image

Gallery = Callable[..., list[Image]]
CLASSES = ("ant", "bee", "cat")
SIDE = 20


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    torch.manual_seed(5)
    model = nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 24, 3, padding=1),
        nn.BatchNorm2d(24),
        nn.ReLU(inplace=True),
        nn.AdaptiveMaxPool2d(1),
        nn.Flatten(),
        nn.Linear(24, 3),
    )
    return Classifier(model, CLASSES, SIDE, mean=(0.5,) * 3, std=(0.25,) * 3, device="cpu")


@pytest.fixture
def studies(tmp_path: Path) -> Callable[[str], Path]:
    """A study folder of that name, made when it is first asked for."""

    def folder(name: str) -> Path:
        place = tmp_path / name
        place.mkdir(exist_ok=True)
        return place

    return folder


def slow_maps(
    classifier: Classifier, image: Image, target: str, layer: int
) -> tuple[np.ndarray, np.ndarray]:
    """Activations and guided weights of one layer by a model of its own, one value at a time."""
    parts = list(classifier.model.eval())
    first, rest = nn.Sequential(*parts[: layer + 1]), nn.Sequential(*parts[layer + 1 :])
    activation = first(classifier.prepare([image.pixels()])).detach().clone().requires_grad_()
    score = rest(activation.clone())[0, CLASSES.index(target)]
    (gradient,) = torch.autograd.grad(score, activation)
    values, slopes = activation.detach()[0].numpy(), gradient[0].numpy()
    weights = [
        sum(s for a, s in zip(one.flat, slope.flat, strict=True) if a > 0 and s > 0) / one.size
        for one, slope in zip(values, slopes, strict=True)
    ]
    return values, np.array(weights, float)


def snapshot(study: Path) -> tuple[dict[Any, Any], pd.DataFrame]:
    """All that a study says about its cluster maps, but for the order in which it was made."""
    reader = HeatReader(study, "anv")
    maps = read_cluster_maps(study)
    assert not maps["evidence"].duplicated().any()
    assert not maps.duplicated(["image", "target", "layer", "unit"]).any()
    found = {
        (row.image, row.target, row.layer, row.unit): (
            row.weight,
            row.maps,
            row.depth,
            reader.heat(row).tobytes(),
        )
        for row in maps.itertuples()
    }
    return found, read_layers(study)


def check_same(one: Path, other: Path) -> None:
    (maps, layers), (others, other_layers) = snapshot(one), snapshot(other)
    assert maps == others
    pd.testing.assert_frame_equal(layers, other_layers)


def test_what_is_written_is_what_the_definition_gives(
    study: Path, gallery: Gallery, classifier: Classifier
) -> None:
    images = gallery(4)
    report = extract(study, ANV(), classifier, images)
    maps, layers = read_cluster_maps(study), read_layers(study)
    assert report.made == len(maps)
    assert list(layers.columns) == list(LAYER_COLUMNS)
    assert layers["layer"].tolist() == ["1", "5"] * 4
    assert layers["depth"].tolist() == [0, 1] * 4
    reader = HeatReader(study, "anv")
    for image in images:
        for depth, name in enumerate(("1", "5")):
            values, weights = slow_maps(classifier, image, str(image.prediction), int(name))
            expected = cluster_layer(values, weights)
            rows = maps[(maps["image"] == image.image) & (maps["layer"] == name)]
            assert rows["unit"].tolist() == list(range(len(expected.shown)))
            assert set(rows["depth"]) == {depth}
            assert rows["maps"].tolist() == [one.members for one in expected.shown]
            assert np.allclose(rows["weight"], [one.weight for one in expected.shown], atol=1e-6)
            for row, one in zip(rows.itertuples(), expected.shown, strict=True):
                assert np.allclose(reader.heat(row), one.heat, atol=1e-3 * one.heat.max())
            (told,) = layers[(layers["image"] == image.image) & (layers["layer"] == name)].to_dict(
                "records"
            )
            assert (told["channels"], told["kept"]) == (len(values), expected.kept)
            assert (told["clusters"], told["shown"]) == (expected.clusters, len(rows))
            assert told["active"] == sum(one.any() for one in values)
            assert (told["height"], told["width"]) == values.shape[1:]
            assert told["leftover"] + rows["weight"].sum() == pytest.approx(1, abs=1e-12)
            assert told["silhouette"] == pytest.approx(expected.silhouette, abs=1e-5)
            assert not told["empty"]


def stopping(after: int) -> Callable[..., Iterator[Any]]:
    def track(items: Iterable[Any], *, total: int, what: str) -> Iterator[Any]:
        for place, item in enumerate(items):
            if place == after:
                raise KeyboardInterrupt(f"{what} {total}")
            yield item

    return track


@pytest.mark.parametrize("after", [0, 1, 3, 5])
def test_an_interrupted_run_goes_on_and_ends_with_the_same(
    studies: Callable[[str], Path],
    gallery: Gallery,
    classifier: Classifier,
    after: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(writer, "_MAPS_A_WRITE", 3)
    images = gallery(6)
    extract(studies("straight"), ANV(), classifier, images)
    with pytest.raises(KeyboardInterrupt):
        extract(studies("study"), ANV(), classifier, images, stopping(after))
    if after > 1:
        assert set(read_items(studies("study"), "anv")["image"])
    report = extract(studies("study"), ANV(), classifier, images)
    assert 0 < report.already + 1 < 6 + (after == 0)
    check_same(studies("straight"), studies("study"))
    assert extract(studies("study"), ANV(), classifier, images).made == 0


def test_rows_whose_maps_were_lost_are_written_anew(
    studies: Callable[[str], Path],
    gallery: Gallery,
    classifier: Classifier,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    images = gallery(3)
    extract(studies("straight"), ANV(), classifier, images)
    with monkeypatch.context() as broken:
        broken.setattr(ItemWriter, "_with", lambda *_: (_ for _ in ()).throw(OSError("pulled")))
        with pytest.raises(OSError, match="pulled"):
            extract(studies("study"), ANV(), classifier, images)
    assert (studies("study") / "evidence/anv/layers.parquet").exists()
    assert not (studies("study") / "evidence/anv/items.parquet").exists()
    extract(studies("study"), ANV(), classifier, images)
    check_same(studies("straight"), studies("study"))


def test_an_images_maps_depend_on_no_other_image(
    studies: Callable[[str], Path], gallery: Gallery, classifier: Classifier
) -> None:
    images = gallery(5)
    extract(studies("all"), ANV(embed="tsne"), classifier, images)
    for image in reversed(images):
        extract(studies("alone"), ANV(embed="tsne"), classifier, [image])
    check_same(studies("all"), studies("alone"))


# ------------------------------------------------------------------------------ which decisions


def test_wrongly_named_images_are_left_out_unless_asked_for(
    studies: Callable[[str], Path], gallery: Gallery, classifier: Classifier
) -> None:
    right, wrong, unknown = gallery(3)
    wrong = replace(wrong, prediction="cat")  # its truth is bee
    unknown = replace(unknown, truth=None)
    report = extract(studies("right"), ANV(), classifier, [right, wrong, unknown])
    assert [one.image for one in report.skipped] == [wrong.image]
    assert "says 'cat', the truth is 'bee'" in report.skipped[0].reason
    assert set(read_layers(studies("right"))["image"]) == {right.image, unknown.image}
    assert not extract(studies("all"), ANV(only="all"), classifier, [right, wrong, unknown]).skipped
    told = read_layers(studies("all"))
    assert set(told.loc[told["image"] == wrong.image, "target"]) == {"cat"}


def test_a_wrong_decision_is_explained_toward_both_classes(
    studies: Callable[[str], Path], gallery: Gallery, classifier: Classifier
) -> None:
    right, wrong, _ = gallery(3)
    wrong = replace(wrong, prediction="cat")
    extract(studies("both"), ANV(target="both"), classifier, [right, wrong])
    told = read_layers(studies("both"))
    asked = told.groupby("image")["target"].agg(lambda names: sorted(set(names))).to_dict()
    assert asked == {right.image: ["ant"], wrong.image: ["bee", "cat"]}
    both, _ = snapshot(studies("both"))
    for target, only in (("cat", "predicted"), ("bee", "truth")):
        extract(studies(only), ANV(target=only, only="all"), classifier, [wrong])
        single, _ = snapshot(studies(only))
        assert single == {
            key: value for key, value in both.items() if key[:2] == (wrong.image, target)
        }


def test_truth_needs_a_known_class_of_the_model(
    study: Path, gallery: Gallery, classifier: Classifier
) -> None:
    known, unknown, other = gallery(3)
    unknown, other = replace(unknown, truth=None), replace(other, truth="dog")
    report = extract(study, ANV(target="truth"), classifier, [known, unknown, other])
    assert [one.reason for one in report.skipped] == [
        "its true class is not known",
        "its true class 'dog' is not one of the model's",
    ]
    extract(study, ANV(target="both"), classifier, [other], restart=True)
    assert set(read_layers(study)["target"]) == {"cat"}


def test_a_class_may_be_named_for_all(
    study: Path, gallery: Gallery, classifier: Classifier
) -> None:
    extract(study, ANV(target="bee"), classifier, gallery(3))
    assert set(read_cluster_maps(study)["target"]) == {"bee"}
    with pytest.raises(ModelError, match="class 'dog' is not one of"):
        extract(study, ANV(target="dog"), classifier, gallery(3), restart=True)


def test_an_image_that_nothing_speaks_for_is_told_and_written_down(
    study: Path, gallery: Gallery
) -> None:
    torch.manual_seed(0)
    head = nn.Linear(4, 3)
    model = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), head
    )
    with torch.no_grad():
        head.weight.copy_(torch.tensor([[-1.0], [1.0], [1.0]]).expand(3, 4))
    against = Classifier(model, CLASSES, SIDE, device="cpu")
    ant, bee, _ = gallery(3)
    report = extract(study, ANV(), against, [ant, bee])
    assert [one.image for one in report.skipped] == [ant.image]
    assert "no layer has a feature map that speaks for 'ant'" in report.skipped[0].reason
    told = read_layers(study).set_index("image")
    assert told["empty"].to_dict() == {ant.image: True, bee.image: False}
    assert told.loc[ant.image, ["kept", "shown", "leftover"]].tolist() == [0, 0, 1.0]
    assert set(read_cluster_maps(study)["image"]) == {bee.image}


# -------------------------------------------------------------------------------------- options


def test_layers_are_taken_in_the_networks_order_and_wrong_ones_stop_at_once(
    study: Path, gallery: Gallery, classifier: Classifier
) -> None:
    extract(study, ANV(layers=["5", "0"]), classifier, gallery(1))
    told = read_layers(study)
    assert told[["layer", "depth"]].to_numpy().tolist() == [["0", 0], ["5", 1]]
    with pytest.raises(ModelError, match="'conv9' is not in the model"):
        extract(study, ANV(layers=["conv9"]), classifier, gallery(1), restart=True)
    with pytest.raises(ModelError, match=r"layer '7' puts out \(24,\) an image"):
        extract(study, ANV(layers=["7"]), classifier, gallery(1), restart=True)


def test_each_option_reaches_its_step(classifier: Classifier, gallery: Gallery) -> None:
    (image,) = gallery(1)
    values, weights = slow_maps(classifier, image, "ant", 5)
    for given, how in (
        ({"threshold": 0}, Clustering(threshold=0)),
        ({"fewest": 5, "most": 6}, Clustering(fewest=5, most=6)),
        ({"merge_on": "norm"}, Clustering(merge_on="norm")),
        ({"embed": "tsne", "seed": 3}, Clustering(embedding="tsne", seed=3)),
    ):
        found = [
            one
            for one in ANV(layers=["5"], **given).extract(classifier, [image])
            if isinstance(one, Evidence)
        ]
        expected = cluster_layer(values, weights, how)
        assert [one.maps for one in found] == [one.members for one in expected.shown]
        assert np.allclose(found[0].heat, expected.shown[0].heat, atol=1e-4)


def test_every_weighting_of_the_cam_family_can_be_asked_for(
    classifier: Classifier, gallery: Gallery
) -> None:
    assert tuple(WEIGHTINGS) == anv._GRADIENTS
    assert SCORINGS == anv._SCORINGS
    images = gallery(2)
    weights = {}
    for how in (*WEIGHTINGS, *SCORINGS):
        found = list(ANV(weighting=how).extract(classifier, images))
        weights[how] = tuple(one.weight for one in found if isinstance(one, Evidence))
    assert len(set(weights.values())) == len(WEIGHTINGS) + len(SCORINGS)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"layers": "1"}, "layers must be a list of names"),
        ({"layers": []}, "layers must be a list of names"),
        ({"layers": ["1", "1"]}, "layers names '1' twice"),
        ({"weighting": "cam"}, "weighting must be one of guided-relu"),
        ({"threshold": -1}, "threshold must be a number of 0 or more"),
        ({"embed": "umap"}, "embed must be one of pca, tsne"),
        ({"fewest": 1}, "fewest must be a whole number of 2 or more"),
        ({"most": 2}, "most must be a whole number of 3 or more"),
        ({"merge_on": "both"}, "merge_on must be one of raw, norm"),
        ({"only": "wrong"}, "only must be one of right, all"),
        ({"seed": -1}, "seed must be a whole number of 0 or more"),
        ({"batch_size": 0}, "batch_size must be a whole number of 1 or more"),
        ({"samples": 5}, "has no option 'samples'"),
    ],
)
def test_options_out_of_range_are_refused_in_one_line(given: Any, message: str) -> None:
    with pytest.raises(OptionError, match=message) as caught:
        evidence_method("anv", given)
    assert "\n" not in str(caught.value)


def test_maps_made_with_other_options_are_not_mixed(
    study: Path, gallery: Gallery, classifier: Classifier
) -> None:
    images = gallery(2)
    extract(study, ANV(layers=("5",)), classifier, images)
    assert extract(study, ANV(layers=["5"]), classifier, images).already == 2
    with pytest.raises(StudyError, match="made with embed='pca', asked for embed='tsne'"):
        extract(study, ANV(layers=["5"], embed="tsne"), classifier, images)


# ---------------------------------------------------------------------------- tables and readers


def test_a_table_without_the_column_maps_is_read_as_null(
    study: Path, gallery: Gallery, classifier: Classifier
) -> None:
    extract(study, ANV(), classifier, gallery(1))
    path = study / "evidence/anv/items.parquet"
    assert has_cluster_maps(study, "anv")
    assert all(isinstance(maps, tuple) for maps in read_item_table(path)["maps"])
    pd.read_parquet(path).drop(columns="maps").to_parquet(path, index=False)
    assert read_item_table(path)["maps"].isna().all()
    assert not has_cluster_maps(study, "anv")
    pd.read_parquet(path).drop(columns="weight").to_parquet(path, index=False)
    with pytest.raises(StudyError, match="lacks the column 'weight'"):
        read_items(study, "anv")


def test_the_column_maps_keeps_its_type_where_all_are_null(study: Path) -> None:
    import pyarrow.parquet as pq

    heat = np.ones((2, 2), np.float32)
    with ItemWriter(study, "drawn") as writing:
        writing.add(Evidence("a.png", "drawn", "x", 1.0, heat))
    kind = pq.read_schema(study / "evidence/drawn/items.parquet").field("maps").type
    assert str(kind) == "list<element: int32>"
    with ItemWriter(study, "drawn") as writing:
        writing.add(Evidence("b.png", "drawn", "x", 1.0, heat, maps=(3, 7)))
    assert read_items(study, "drawn")["maps"].tolist() == [None, (3, 7)]


def test_details_of_an_image_are_replaced_with_its_maps_and_others_stay(study: Path) -> None:
    heat = np.ones((2, 2), np.float32)
    for image, value in (("a.png", 1), ("b.png", 2), ("a.png", 3)):
        with ItemWriter(study, "drawn") as writing:
            writing.add(Detail(image, "told", {"value": value, "note": "x"}))
            writing.add(Evidence(image, "drawn", "x", 1.0, heat))
    told = pd.read_parquet(study / "evidence/drawn/told.parquet")
    assert told.set_index("image")["value"].to_dict() == {"a.png": 3, "b.png": 2}
    broken = ItemWriter(study, "drawn")
    broken.add(Detail("c.png", "told", {"value": 4, "note": "x"}))
    broken.add(Detail("d.png", "told", {"value": 5, "note": "x"}))
    broken.__exit__(RuntimeError, RuntimeError(), None)
    told = pd.read_parquet(study / "evidence/drawn/told.parquet")
    assert set(told["image"]) == {"a.png", "b.png", "c.png"}


def test_reading_cluster_maps_never_imports_torch() -> None:
    code = (
        "import sys; from netgloss.evidence.anv import ANV; ANV(); "
        "from netgloss.evidence.clusters import layer, reading; "
        "sys.exit('torch' in sys.modules or 'sklearn' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_study_without_cluster_maps_says_how_to_make_them(study: Path) -> None:
    for reader in (read_layers, read_cluster_maps):
        with pytest.raises(StudyError, match=r"netgloss extract .* anv"):
            reader(study)
