from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from PIL import Image

from netgloss.errors import DataError, StudyError
from netgloss.scenes.scene_set import SceneSet
from netgloss.scenes.task import Bias
from netgloss.scenes.truth import decode_mask, encode_mask, read_truth, write_scenes

masks = npst.arrays(bool, npst.array_shapes(min_dims=2, max_dims=2, max_side=9))


@given(masks)
def test_a_mask_comes_back_from_its_run_lengths(mask: np.ndarray) -> None:
    np.testing.assert_array_equal(decode_mask(encode_mask(mask)), mask)


@given(masks)
def test_run_lengths_are_those_that_counting_down_the_columns_gives(mask: np.ndarray) -> None:
    counts, now = [0], False
    for column in range(mask.shape[1]):
        for row in range(mask.shape[0]):
            if mask[row, column] != now:
                counts.append(0)
                now = not now
            counts[-1] += 1
    assert encode_mask(mask) == {"size": list(mask.shape), "counts": counts}


@given(st.lists(st.integers(0, 5), min_size=1, max_size=5))
def test_run_lengths_that_do_not_cover_the_mask_are_refused(counts: list[int]) -> None:
    size = [2, sum(counts) // 2 + 1]
    with pytest.raises(ValueError, match="run lengths cover"):
        decode_mask({"size": size, "counts": counts})


PICTURES = SceneSet("vehicles", Bias("background", 0.5), 4, seed=5, size=64)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("set")
    assert write_scenes(PICTURES, place)
    return place


def _document(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "truth.json").read_text())
    return document


def test_a_set_on_disk_holds_the_pixels_and_the_truth(folder: Path) -> None:
    truth = read_truth(folder / "truth.json")
    assert len(truth) == 4
    for (name, entities), scene in zip(truth.items(), PICTURES.scenes(), strict=True):
        assert name.startswith(f"{scene.label}/")
        with Image.open(folder / "images" / name) as picture:
            np.testing.assert_array_equal(np.asarray(picture), scene.image)
        assert [one.name for one in entities] == [one.name for one in scene.entities]
        for stored, drawn in zip(entities, scene.entities, strict=True):
            assert (stored.background, stored.group) == (drawn.background, drawn.group)
            np.testing.assert_array_equal(stored.mask, drawn.mask)


def test_the_file_is_coco(folder: Path) -> None:
    document = _document(folder)
    assert document["info"].items() >= PICTURES.recipe().items()
    scenes = list(PICTURES.scenes())
    everything = [entity for scene in scenes for entity in scene.entities]
    categories = {row["id"]: row for row in document["categories"]}
    assert sorted(row["name"] for row in categories.values()) == sorted(
        {entity.type for entity in everything}
    )
    for row, entity in zip(document["annotations"], everything, strict=True):
        x, y, width, height = row["bbox"]
        box = np.zeros((64, 64), bool)
        box[y : y + height, x : x + width] = True
        assert not (entity.mask & ~box).any()
        for side in (entity.mask[y], entity.mask[y + height - 1]):
            assert side.any()
        for side in (entity.mask[:, x], entity.mask[:, x + width - 1]):
            assert side.any()
        assert row["area"] == entity.mask.sum()
        assert categories[row["category_id"]]["name"] == entity.type
        assert categories[row["category_id"]]["supercategory"] == entity.group
    assert [row["state"] for row in document["images"]] == PICTURES.states()
    assert [row["seed"] for row in document["images"]] == PICTURES.seeds


def test_the_masks_as_pictures_number_the_frontmost_annotation(folder: Path) -> None:
    document = _document(folder)
    for row in document["images"]:
        with Image.open(folder / "masks" / row["file_name"]) as picture:
            numbers = np.asarray(picture)
        runs = [
            decode_mask(one["segmentation"])
            for one in document["annotations"]
            if one["image_id"] == row["id"]
        ]
        for y, x in np.ndindex(numbers.shape):
            there = [place for place, mask in enumerate(runs, start=1) if mask[y, x]]
            assert numbers[y, x] == max(there)


def test_a_set_that_is_there_is_not_drawn_again(folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    assert not write_scenes(PICTURES, folder)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_a_set_whose_drawing_was_interrupted_is_drawn_anew(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    (tmp_path / "truth.json").unlink()
    stale = tmp_path / "images" / "ambulance" / "00099.png"
    stale.write_bytes(b"left over")
    assert write_scenes(PICTURES, tmp_path)
    assert not stale.exists()
    assert (tmp_path / "truth.json").read_bytes() == (folder / "truth.json").read_bytes()


def test_a_folder_with_something_else_is_refused_and_left_alone(
    folder: Path, tmp_path: Path
) -> None:
    other = replace(PICTURES, seed=6)
    with pytest.raises(DataError, match=r"holds other drawn pictures \(.*seed 5.*\); name a new"):
        write_scenes(other, folder)
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(DataError, match=r"holds 'letter\.txt'; name a new folder"):
        write_scenes(PICTURES, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]
    with pytest.raises(StudyError, match=r"letter\.txt: .*; name a new folder"):
        write_scenes(PICTURES, tmp_path / "letter.txt")


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"categories": 3}', '{"images": [], "annotations": []}']
)
def test_a_file_that_is_no_truth_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "truth.json").write_text(text)
    with pytest.raises(DataError, match="not the truth of a set of drawn pictures"):
        read_truth(tmp_path / "truth.json")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_truth(tmp_path / "truth.json")
