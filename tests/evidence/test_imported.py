from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib import colormaps
from numpy.typing import NDArray
from PIL import Image as Picture

from netgloss.errors import DataError
from netgloss.evidence import imported
from netgloss.evidence.imported import import_heatmaps
from netgloss.evidence.items import HeatReader, read_items
from netgloss.vision.images import Image, usable
from netgloss.vision.sources import scan

Gallery = Callable[..., list[Image]]


@pytest.fixture
def made(tmp_path: Path) -> Path:
    folder = tmp_path / "made elsewhere"
    folder.mkdir()
    return folder


def ramp(height: int = 14, width: int = 20) -> NDArray[np.uint8]:
    steps = np.arange(height * width) * 255 // (height * width - 1)
    return steps.astype(np.uint8).reshape(height, width)


def save(path: Path, pixels: NDArray[np.uint8]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Picture.fromarray(pixels).save(path)


def overlay(image: Image, values: NDArray[np.uint8]) -> NDArray[np.uint8]:
    colours = colormaps["inferno"](values)[..., :3] * 255
    return np.rint(0.5 * colours + 0.5 * image.pixels()).astype(np.uint8)


def heats(study: Path, images: list[Image]) -> dict[str, NDArray[np.float32]]:
    by_name = {image.image: image for image in images}
    items = read_items(study, "heatmaps")
    assert not items["image"].duplicated().any()
    assert set(items["covers"]) == {"original"}
    reader = HeatReader(study, "heatmaps")
    return {
        item.image: reader.on_original(item, by_name[item.image]) for item in items.itertuples()
    }


def test_every_format_gives_the_same_values(study: Path, made: Path, gallery: Gallery) -> None:
    images = gallery(5)
    values = ramp()
    np.save(made / "0000.npy", values / 255)
    save(made / "0001_heatmap.png", values)
    save(made / "0002-heatmap.png", np.repeat(values[:, :, None], 3, axis=2))
    save(made / "0003_cam.png", np.rint(colormaps["viridis"](values)[..., :3] * 255).astype("u1"))
    save(made / "0004_overlay.png", overlay(images[4], values))
    report = import_heatmaps(study, made, images)
    assert report == imported.HeatmapImport(5, 0, {}, ())
    for heat in heats(study, images).values():
        assert np.abs(heat - values / 255).max() < 0.02
    items = read_items(study, "heatmaps")
    assert dict(zip(items["image"], items["target"], strict=True)) == {
        image.image: image.prediction for image in images
    }
    assert set(items["weight"]) == {1.0}


@pytest.mark.parametrize(
    "name",
    [
        "ant/0000.png",
        "0000.png",
        "0000.npy",
        "0000_heatmap.png",
        "0000_HeatMap.png",
        "0000-heatmap.png",
        "0000_saliency.png",
        "0000_cam.png",
        "0000_overlay.png",
        "deep/er/ant/0000_cam.png",
        "ant/0000.png.npy",
    ],
)
def test_a_file_is_matched_by_its_name(
    study: Path, made: Path, gallery: Gallery, name: str
) -> None:
    images = gallery(4)
    if name.endswith(".npy"):
        (made / name).parent.mkdir(exist_ok=True)
        np.save(made / name, np.eye(4))
    else:
        save(made / name, ramp())
    report = import_heatmaps(study, made, images)
    assert report.imported == 1
    assert read_items(study, "heatmaps")["image"].tolist() == ["ant/0000.png"]
    assert report.without_map == tuple(sorted(image.image for image in images[1:]))


def test_a_name_that_fits_two_images_is_refused_alone(
    study: Path, made: Path, gallery: Gallery
) -> None:
    images = gallery(3)
    twin = replace(images[0], image="bee/0000.png", prediction="bee")
    save(made / "0000.png", ramp())
    save(made / "0001.png", ramp())
    save(made / "0002.png", ramp())
    report = import_heatmaps(study, made, [*images, twin])
    assert report.imported == 2
    assert list(report.refused) == ["0000.png"]
    assert "could be 'ant/0000.png' or 'bee/0000.png'" in report.refused["0000.png"]
    assert report.without_map == ("ant/0000.png", "bee/0000.png")


def bad_arrays() -> dict[str, tuple[object, str]]:
    return {
        "negative": (np.array([[0.0, -0.25]]), r"negative values \(down to -0.25\); take their"),
        "nan": (np.array([[0.0, np.nan]]), "not finite"),
        "infinite": (np.array([[0.0, np.inf]]), "not finite"),
        "too large": (np.array([[0.0, 1e300]]), "not finite"),
        "colour": (np.zeros((2, 2, 3)), r"shape \(2, 2, 3\); height x width was expected"),
        "flat": (np.zeros(4), r"shape \(4,\)"),
        "empty": (np.zeros((0, 4)), r"shape \(0, 4\)"),
        "text": (np.array([["a"]]), "an array of <U1; numbers were expected"),
        "complex": (np.zeros((2, 2), complex), "numbers were expected"),
        "pickle": (np.array([[{}]], dtype=object), "not a NumPy array of numbers"),
    }


@pytest.mark.parametrize("kind", list(bad_arrays()))
def test_an_array_that_is_no_heat_map_is_refused_with_the_reason(
    study: Path, made: Path, gallery: Gallery, kind: str
) -> None:
    array, reason = bad_arrays()[kind]
    np.save(made / "0000.npy", array, allow_pickle=True)
    np.save(made / "0001.npy", np.eye(3))
    report = import_heatmaps(study, made, gallery(2))
    assert report.imported == 1
    assert list(report.refused) == ["0000.npy"]
    assert re.search(reason, report.refused["0000.npy"])


def test_broken_and_foreign_files_are_refused_with_the_reason(
    study: Path, made: Path, gallery: Gallery
) -> None:
    images = gallery(5)
    (made / "0000.npy").write_bytes(b"\x93NUMPY\x01\x00")
    (made / "0001.png").write_bytes(b"not a picture")
    save(made / "0002.png", np.random.default_rng(0).integers(0, 256, (14, 20, 3), dtype=np.uint8))
    (made / "notes.txt").write_text("hello")
    (made / ".hidden.png").write_bytes(b"")
    save(made / "9999.png", ramp())
    report = import_heatmaps(study, made, images)
    assert report.imported == 0
    assert list(report.refused) == ["0000.npy", "0001.png", "0002.png", "9999.png", "notes.txt"]
    assert "not a NumPy array" in report.refused["0000.npy"]
    assert str(made) not in report.refused["0001.png"]
    assert "neither a heat map in known colours" in report.refused["0002.png"]
    assert report.refused["9999.png"] == "no image of the study has this name"
    assert "not a heat map format" in report.refused["notes.txt"]


def test_photographs_beside_their_maps_do_no_harm(
    study: Path, made: Path, gallery: Gallery
) -> None:
    images = gallery(2)
    grey = np.repeat(ramp()[:, ::-1, None], 3, axis=2)
    Picture.fromarray(grey).save(images[1].path)
    for image in images:
        shutil.copy(image.path, made)
    save(made / "0000_heatmap.png", overlay(images[0], ramp()))
    report = import_heatmaps(study, made, images)
    assert report.imported == 1
    assert report.refused == {
        "0000.png": "ant/0000.png has its heat map from 0000_heatmap.png",
        "0001.png": "the photograph itself",
    }


def test_only_what_is_new_or_changed_is_imported_again(
    study: Path, made: Path, gallery: Gallery
) -> None:
    images = gallery(4)
    for number in range(3):
        np.save(made / f"000{number}.npy", np.eye(4) * (number + 1))
    assert import_heatmaps(study, made, images).imported == 3
    table = (study / "evidence/heatmaps/items.parquet").read_bytes()
    report = import_heatmaps(study, made, images)
    assert (report.imported, report.unchanged) == (0, 3)
    assert (study / "evidence/heatmaps/items.parquet").read_bytes() == table
    np.save(made / "0001.npy", np.eye(4) * 9)
    np.save(made / "0003.npy", np.eye(4) * 4)
    report = import_heatmaps(study, made, images)
    assert (report.imported, report.unchanged, report.without_map) == (2, 2, ())
    peaks = {name: heat.max() for name, heat in heats(study, images).items()}
    assert [peaks[image.image] for image in images] == [1, 9, 3, 4]
    # Another prediction makes the map stand for another class.
    changed = [replace(images[0], prediction="cat"), *images[1:]]
    assert import_heatmaps(study, made, changed).imported == 1
    items = read_items(study, "heatmaps").set_index("image")
    assert items.loc["ant/0000.png", "target"] == "cat"


def test_another_blend_reads_the_files_anew(study: Path, made: Path, gallery: Gallery) -> None:
    images = gallery(1)
    save(made / "0000.png", overlay(images[0], ramp()))
    wrong = import_heatmaps(study, made, images, blend=0.8)
    assert (wrong.imported, len(wrong.refused)) == (0, 1)
    assert import_heatmaps(study, made, images, blend=0.5).imported == 1


def test_a_changed_file_that_is_no_map_leaves_the_old_map(
    study: Path, made: Path, gallery: Gallery
) -> None:
    images = gallery(1)
    np.save(made / "0000.npy", np.eye(3))
    import_heatmaps(study, made, images)
    np.save(made / "0000.npy", -np.eye(3))
    report = import_heatmaps(study, made, images)
    assert list(report.refused) == ["0000.npy"]
    assert report.without_map == ()
    assert len(read_items(study, "heatmaps")) == 1


def test_an_interrupted_import_goes_on(
    study: Path, made: Path, gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = gallery(5)
    for number in range(5):
        np.save(made / f"000{number}.npy", np.eye(4) * (number + 1))
    read = imported._read_array

    def stopping(path: Path) -> NDArray[np.float32]:
        if path.name == "0002.npy":  # the last, by the images' order
            raise KeyboardInterrupt
        return read(path)

    monkeypatch.setattr(imported, "_read_array", stopping)
    with pytest.raises(KeyboardInterrupt):
        import_heatmaps(study, made, images)
    monkeypatch.undo()
    assert len(read_items(study, "heatmaps")) == 3
    report = import_heatmaps(study, made, images)
    assert (report.imported, report.unchanged) == (2, 3)
    assert sorted(heat.max() for heat in heats(study, images).values()) == [1, 2, 3, 4, 5]


def test_a_map_of_another_size_is_laid_over_the_whole_image(
    study: Path, made: Path, gallery: Gallery
) -> None:
    images = gallery(2, width=40, height=20)
    small = np.zeros((2, 2))
    small[0, 1] = 6.0
    np.save(made / "0000.npy", small)
    small_overlay = np.asarray(Picture.fromarray(images[1].pixels()).resize((30, 30), 2))
    colours = colormaps["jet"](ramp(30, 30))[..., :3] * 255
    save(made / "0001.png", np.rint(0.5 * colours + 0.5 * small_overlay).astype(np.uint8))
    assert import_heatmaps(study, made, images).imported == 2
    found = heats(study, images)
    assert found["ant/0000.png"].shape == (20, 40)
    assert found["ant/0000.png"][:5, 35:].min() == 6.0
    assert found["ant/0000.png"][15:, :5].max() == 0.0
    rows = found["bee/0001.png"].mean(axis=1)
    assert (np.diff(rows) > 0).all()


def test_images_without_a_prediction_have_no_target(
    study: Path, made: Path, gallery: Gallery
) -> None:
    images = [replace(image, prediction=None) for image in gallery(1)]
    np.save(made / "0000.npy", np.eye(3))
    assert import_heatmaps(study, made, images).imported == 1
    assert read_items(study, "heatmaps")["target"].tolist() == [""]
    assert import_heatmaps(study, made, images).unchanged == 1


def test_a_missing_folder_or_a_wrong_blend_is_said_at_once(study: Path, made: Path) -> None:
    with pytest.raises(DataError, match="not a folder; name the folder that holds"):
        import_heatmaps(study, made / "none", [])
    for blend in (0.0, 1.2):
        with pytest.raises(DataError, match="blend must be over 0"):
            import_heatmaps(study, made, [], blend)


def test_a_published_study_is_recovered(study: Path, seca_fish: Path, tmp_path: Path) -> None:
    table = scan(seca_fish / "images")
    table["prediction"] = table["truth"]
    images = usable(table, seca_fish / "images")[::30]
    report = import_heatmaps(study, seca_fish / "heatmaps", images)
    assert (report.imported, report.without_map) == (10, ())
    assert set(report.refused.values()) == {"no image of the study has this name"}
    inferno = colormaps["inferno"](np.arange(256))[:, :3] * 255
    found = heats(study, images)
    for image in images:
        name = image.image.replace(".JPEG", "_heatmap.JPEG")
        published = np.asarray(Picture.open(seca_fish / "heatmaps" / name), float)
        colours = inferno[np.rint(found[image.image] * 255).astype(int)]
        made_again = 0.5 * colours + 0.5 * image.pixels()
        assert np.abs(made_again - published).mean() < 7
        # The published maps are clipped at the 99th percentile: a hundredth is at the top.
        assert np.percentile(found[image.image], 99) > 0.8
