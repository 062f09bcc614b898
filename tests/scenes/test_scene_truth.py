from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from PIL import Image

from netgloss.errors import DataError
from netgloss.scenes.truth import decode_mask, encode_mask, read_truth, write_scenes
from netgloss.scenes.world import Bias, draw_many

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


def test_a_set_on_disk_holds_the_pixels_and_the_truth(tmp_path: Path) -> None:
    pairs = list(draw_many("vehicles", 4, 5, Bias("stripe"), size=64))
    count = write_scenes(iter(pairs), tmp_path / "images", tmp_path / "truth.json", {"seed": 5})
    truth = read_truth(tmp_path / "truth.json")
    assert count == len(truth) == 4
    for (name, entities), (_, scene) in zip(truth.items(), pairs, strict=True):
        assert name.startswith(f"{scene.label}/")
        with Image.open(tmp_path / "images" / name) as picture:
            np.testing.assert_array_equal(np.asarray(picture), scene.image)
        assert [entity.name for entity in entities] == [entity.name for entity in scene.entities]
        for stored, drawn in zip(entities, scene.entities, strict=True):
            assert stored.background == drawn.background
            np.testing.assert_array_equal(stored.mask, drawn.mask)


def test_the_file_is_coco(tmp_path: Path) -> None:
    pairs = list(draw_many("vehicles", 2, 6, Bias("light"), size=64))
    write_scenes(pairs, tmp_path, tmp_path / "truth.json", {"seed": 6})
    document = json.loads((tmp_path / "truth.json").read_text())
    assert document["info"]["seed"] == 6
    names = {row["id"]: row["name"] for row in document["categories"]}
    assert sorted(names.values()) == sorted({e.type for _, s in pairs for e in s.entities})
    everything = [entity for _, scene in pairs for entity in scene.entities]
    for row, entity in zip(document["annotations"], everything, strict=True):
        x, y, width, height = row["bbox"]
        box = np.zeros((64, 64), bool)
        box[y : y + height, x : x + width] = True
        assert not (entity.mask & ~box).any()
        assert entity.mask[y].any()
        assert entity.mask[:, x].any()
        assert row["area"] == entity.mask.sum()
        assert names[row["category_id"]] == entity.type
    assert [row["cue"] for row in document["images"]] == [True, False]


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
