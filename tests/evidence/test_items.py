from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from netgloss.errors import NetglossError, StudyError
from netgloss.evidence import writer
from netgloss.evidence.base import Evidence, Skipped
from netgloss.evidence.items import (
    HeatReader,
    extract,
    heat_on_original,
    methods_present,
    read_heat,
    read_items,
)
from netgloss.evidence.writer import ItemWriter
from netgloss.progress import Tracker, untracked
from netgloss.vision.geometry import Placement
from netgloss.vision.images import Image

Gallery = Callable[..., list[Image]]


def heat_of(image: str, part: int, height: int = 6) -> NDArray[np.float32]:
    random = np.random.default_rng([part, *image.encode()])
    return (random.random((height, 8)) * 10.0 ** random.integers(-9, 9)).astype(np.float32)


@dataclass(frozen=True)
class Drawn:
    """A method of several maps an image that needs no network."""

    sharpness: int = 1
    parts: int = 2
    fail_at: int | None = None
    error: type[BaseException] = KeyboardInterrupt
    name: ClassVar[str] = "drawn"

    def options(self) -> dict[str, Any]:
        return {"sharpness": self.sharpness}

    def extract(
        self, _classifier: object, images: Sequence[Image], track: Tracker = untracked
    ) -> Iterator[Evidence | Skipped]:
        made = 0
        for image in track(images, total=len(images), what=self.name):
            if not image.path.exists():
                yield Skipped(image.image, "gone")
                continue
            for part in range(self.parts):
                if made == self.fail_at:
                    raise self.error("stopped")
                height = 6 if part == 0 else 5
                heat = heat_of(image.image, part, height)
                yield Evidence(image.image, self.name, "bee", 1 / self.parts, heat, "conv", part)
                made += 1


def contents(study: Path, method: str = "drawn") -> dict[tuple[str, int], NDArray[np.float32]]:
    """Every map by image and unit, once it is sure that there is only one."""
    items = read_items(study, method)
    reader = HeatReader(study, method)
    assert not items["evidence"].duplicated().any()
    assert not items.duplicated(["height", "width", "row"]).any()
    assert not items.duplicated(["image", "unit"]).any()
    return {(item.image, item.unit): reader.heat(item) for item in items.itertuples()}


def check_maps(study: Path) -> None:
    for (image, part), heat in contents(study).items():
        expected = heat_of(image, part, 6 if part == 0 else 5)
        assert np.abs(heat - expected).max() <= 1e-3 * expected.max()


def run(study: Path, method: Drawn, images: list[Image], **options: Any) -> Any:
    return extract(study, method, None, images, **options)


def test_what_is_extracted_is_what_is_read(study: Path, gallery: Gallery) -> None:
    images = gallery(4)
    report = run(study, Drawn(), images)
    assert (report.made, report.already, report.empty, report.skipped) == (8, 0, 0, ())
    check_maps(study)
    items = read_items(study, "drawn")
    assert items["evidence"].tolist() == [f"drawn/{number:06d}" for number in range(8)]
    assert items["image"].tolist() == [image.image for image in images for _ in range(2)]
    assert items["row"].tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    first = items.iloc[0]
    assert first[["method", "layer", "unit", "target", "weight", "covers"]].tolist() == [
        "drawn",
        "conv",
        0,
        "bee",
        0.5,
        "input",
    ]
    assert np.array_equal(read_heat(study, first), contents(study)[first["image"], 0])
    assert methods_present(study) == ["drawn"]


def test_a_second_run_makes_nothing(study: Path, gallery: Gallery) -> None:
    images = gallery(4)
    run(study, Drawn(), images)
    before = (study / "evidence/drawn/items.parquet").stat().st_mtime_ns
    report = run(study, Drawn(), images)
    assert (report.made, report.already) == (0, 4)
    assert (study / "evidence/drawn/items.parquet").stat().st_mtime_ns == before


def test_more_images_are_added_to_those_that_are_there(study: Path, gallery: Gallery) -> None:
    images = gallery(6)
    run(study, Drawn(), images[:2])
    report = run(study, Drawn(), images)
    assert (report.made, report.already) == (8, 2)
    check_maps(study)
    report = run(study, Drawn(), images[:1])
    assert (report.made, report.already) == (0, 1)
    assert len(read_items(study, "drawn")) == 12


@pytest.mark.parametrize("fail_at", [0, 1, 2, 5, 8, 11])
def test_an_interrupted_run_keeps_whole_images_and_goes_on(
    study: Path, gallery: Gallery, fail_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "_MAPS_A_WRITE", 3)
    images = gallery(6)
    with pytest.raises(KeyboardInterrupt):
        run(study, Drawn(fail_at=fail_at), images)
    if methods_present(study):
        kept = read_items(study, "drawn")["image"].value_counts()
        assert set(kept) == {2}
        assert len(kept) >= (fail_at - 1) // 2
    run(study, Drawn(), images)
    check_maps(study)
    items = read_items(study, "drawn")
    assert items["image"].tolist() == [image.image for image in images for _ in range(2)]


def test_other_options_are_refused_and_restart_replaces(study: Path, gallery: Gallery) -> None:
    images = gallery(3)
    run(study, Drawn(), images)
    message = r"made with sharpness=1, asked for sharpness=2; run the same command with --restart"
    with pytest.raises(StudyError, match=message):
        run(study, Drawn(sharpness=2), images)
    assert len(read_items(study, "drawn")) == 6
    report = run(study, Drawn(sharpness=2), images[:1], restart=True)
    assert (report.made, report.already) == (2, 0)
    assert len(read_items(study, "drawn")) == 2
    with pytest.raises(StudyError, match="made with sharpness=2, asked for sharpness=1"):
        run(study, Drawn(), images)


def test_another_network_counts_as_another_option(study: Path, gallery: Gallery) -> None:
    images = gallery(2)
    run(study, Drawn(), images, made_from={"weights": "abc"})
    assert run(study, Drawn(), images, made_from={"weights": "abc"}).made == 0
    with pytest.raises(StudyError, match="made with weights='abc', asked for weights='xyz'"):
        run(study, Drawn(), images, made_from={"weights": "xyz"})


def test_maps_without_a_record_are_not_added_to(study: Path, gallery: Gallery) -> None:
    images = gallery(2)
    run(study, Drawn(), images[:1])
    (study / ".netgloss" / "evidence-drawn.json").unlink()
    with pytest.raises(StudyError, match="nothing says with which options"):
        run(study, Drawn(), images)


def test_options_may_change_while_there_is_no_map(study: Path, gallery: Gallery) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(study, Drawn(fail_at=0), gallery(2))
    assert run(study, Drawn(sharpness=5), gallery(2)).made == 4


def test_an_image_that_has_gone_is_reported_and_tried_again(study: Path, gallery: Gallery) -> None:
    images = gallery(3)
    kept = images[1].path.read_bytes()
    images[1].path.unlink()
    report = run(study, Drawn(), images)
    assert report.skipped == (Skipped(images[1].image, "gone"),)
    assert report.made == 4
    images[1].path.write_bytes(kept)
    report = run(study, Drawn(), images)
    assert (report.made, report.already, report.skipped) == (2, 2, ())


def test_an_empty_map_is_flagged(study: Path) -> None:
    with ItemWriter(study, "drawn") as writing:
        writing.add(Evidence("a", "drawn", "x", 1.0, np.zeros((2, 2), np.float32)))
        writing.add(Evidence("b", "drawn", "x", 1.0, np.eye(2, dtype=np.float32)))
    assert (writing.added, writing.empty) == (2, 1)
    assert read_items(study, "drawn")["empty"].tolist() == [True, False]


@pytest.mark.parametrize(
    "heat",
    [
        np.full((2, 2), np.nan, np.float32),
        np.array([[1, -1]], np.float32),
        np.zeros((1, 2, 2), np.float32),
        np.zeros((0, 3), np.float32),
    ],
)
def test_a_method_that_makes_nonsense_is_named(study: Path, heat: NDArray[np.float32]) -> None:
    with pytest.raises(NetglossError, match=r"p\.jpg: method 'theirs' made a heat map that is not"):
        ItemWriter(study, "theirs").add(Evidence("p.jpg", "theirs", "x", 1.0, heat))


def test_new_maps_of_an_image_replace_its_old_ones(study: Path) -> None:
    for value in (1.0, 2.0, 3.0):
        with ItemWriter(study, "drawn") as writing:
            for image in "ab" if value == 1 else "b":
                heat = np.full((2, 2), value, np.float32)
                writing.add(Evidence(image, "drawn", "x", 1.0, heat, unit=0))
    assert {key[0]: heat.max() for key, heat in contents(study).items()} == {"a": 1, "b": 3}


def test_maps_are_written_while_the_run_goes_on(study: Path) -> None:
    heat = np.ones((2, 2), np.float32)
    writing = ItemWriter(study, "drawn")
    for number in range(writer._MAPS_A_WRITE + 1):
        writing.add(Evidence(str(number), "drawn", "x", 1.0, heat))
    assert len(read_items(study, "drawn")) == writer._MAPS_A_WRITE


def test_a_full_disk_is_one_clear_error_and_loses_nothing(
    study: Path, gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    images = gallery(3)
    run(study, Drawn(), images[:1])
    before = contents(study)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StudyError, match="the disk is full"):
        run(study, Drawn(), images)
    monkeypatch.undo()
    after = contents(study)
    assert before.keys() == after.keys()
    assert all(np.array_equal(before[key], after[key]) for key in before)
    assert run(study, Drawn(), images).made == 4
    check_maps(study)


def test_missing_heat_maps_say_what_to_run(study: Path) -> None:
    with pytest.raises(
        StudyError, match=r"\(it holds: none\); run `netgloss extract .* smoothgrad"
    ):
        read_items(study, "smoothgrad")
    with pytest.raises(StudyError, match=r"run `netgloss import .* heatmaps DIR` first"):
        read_items(study, "heatmaps")


def test_a_map_over_the_input_is_laid_by_the_placement(study: Path, gallery: Gallery) -> None:
    (image,) = gallery(1, width=40, height=20)
    heat = np.eye(8, dtype=np.float32)
    with ItemWriter(study, "drawn") as writing:
        writing.add(Evidence(image.image, "drawn", "x", 1.0, heat))
    item = read_items(study, "drawn").iloc[0]
    crop = Placement(40, 20, 8, 8, "crop")
    assert np.array_equal(heat_on_original(study, item, image, crop), crop.to_original(heat))
    with pytest.raises(StudyError, match="drawn/000000: covers the classifier's input"):
        heat_on_original(study, item, image)


def test_a_map_over_the_original_needs_no_placement(study: Path, gallery: Gallery) -> None:
    (image,) = gallery(1, width=4, height=6)
    fine = np.arange(96, dtype=np.float32).reshape(12, 8)
    with ItemWriter(study, "drawn", covers="original") as writing:
        writing.add(Evidence(image.image, "drawn", "x", 1.0, fine[:6, :4]))
        writing.add(Evidence("other", "drawn", "x", 1.0, fine))
    items = read_items(study, "drawn")
    crop = Placement(4, 6, 8, 8, "crop")
    same = heat_on_original(study, items.iloc[0], image, crop)
    assert same == pytest.approx(fine[:6, :4], rel=1e-3)
    smaller = heat_on_original(study, items.iloc[1], replace(image, image="other"))
    assert smaller.shape == (6, 4)
    assert smaller[2, 1] == pytest.approx(fine[4:6, 2:4].mean(), rel=0.05)


def test_progress_counts_the_images_that_are_left(study: Path, gallery: Gallery) -> None:
    images = gallery(5)
    run(study, Drawn(), images[:2])
    seen = []

    def track(items: Any, *, total: int, what: str) -> Iterator[Any]:
        seen.append((total, what))
        return iter(items)

    run(study, Drawn(), images, track=track)
    assert seen == [(3, "drawn")]


def test_the_table_keeps_its_types_whatever_is_in_it(study: Path) -> None:
    with ItemWriter(study, "drawn") as writing:
        writing.add(Evidence("a", "drawn", "x", 1.0, np.eye(2, dtype=np.float32)))
    items = pd.read_parquet(study / "evidence/drawn/items.parquet")
    assert {name: str(kind) for name, kind in items.dtypes.items()} == writer.COLUMNS
