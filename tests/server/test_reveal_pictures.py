"""The game's pictures as files: what is in them, what is not, and that each is made once."""

from __future__ import annotations

import io
import logging
import struct
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from netgloss.vision.reveal import visibility

METHOD = "anv"
LEVELS = range(6)
NAMES = {"small": "lobster/n0198_small.png", "large": "lobster/n0198_large.png"}


@pytest.fixture
def study(tmp_path: Path, django_ready: None) -> Path:
    """A study of two photographs, each with one cluster map of the whole image."""
    from netgloss.study import Study

    rows = ["image,predicted_label"]
    for number, (name, size) in enumerate((("small", (96, 72)), ("large", (900, 1500)))):
        place = tmp_path / "photos" / NAMES[name]
        place.parent.mkdir(parents=True, exist_ok=True)
        dice = np.random.default_rng(number)
        # Nowhere black: what is black in the picture was made so.
        colours = dice.integers(60, 256, (size[1] // 6, size[0] // 6, 3), dtype=np.uint8)
        Image.fromarray(colours).resize(size).save(place)
        rows.append(f"{NAMES[name]},lobster")
    predictions = tmp_path / "predictions.csv"
    predictions.write_text("\n".join(rows) + "\n", encoding="utf-8")
    folder = Study.create(tmp_path / "study", tmp_path / "photos", predictions=predictions).folder
    write(folder, {name: hills(number) for number, name in enumerate(NAMES)})
    return folder


def hills(seed: int, size: int = 14) -> NDArray[np.float32]:
    """A smooth map in which no two values are the same, exact in the table's half floats."""
    noise = np.random.default_rng(seed).random((size, size))
    return ndimage.gaussian_filter(noise, 1.2).astype(np.float16).astype(np.float32)


def write(folder: Path, heats: dict[str, NDArray[np.float32]], covers: str = "original") -> None:
    from netgloss.evidence.base import Evidence
    from netgloss.evidence.writer import ItemWriter

    with ItemWriter(folder, METHOD, covers=covers) as writer:
        for name, heat in heats.items():
            writer.add(
                Evidence(NAMES[name], METHOD, "lobster", 0.5, heat, "features.10", 0, (3, 7))
            )


def evidence_of(folder: Path, name: str) -> str:
    from netgloss.server.tasks.evidence import stored_evidence

    stored = stored_evidence(METHOD, folder)
    return next(one for one in stored if stored.image(one).image == NAMES[name])


def file_of(folder: Path, kind: str, name: str = "small", level: int = 0) -> Path:
    from netgloss.server.drawing import Picture, picture_file

    return picture_file(Picture[kind], METHOD, evidence_of(folder, name), folder, level)


def pixels_of(content: bytes) -> NDArray[np.uint8]:
    """The decoded picture, which must be opaque and carry nothing else."""
    picture = Image.open(io.BytesIO(content))
    assert (picture.format, picture.mode) == ("WEBP", "RGB")
    assert not {"exif", "icc_profile", "xmp"} & picture.info.keys()
    return np.asarray(picture)


def chunks_of(content: bytes) -> list[bytes]:
    """The names of a WebP file's chunks; nothing may follow the last."""
    assert (content[:4], content[8:12]) == (b"RIFF", b"WEBP")
    assert struct.unpack("<I", content[4:8])[0] + 8 == len(content)
    names, place = [], 12
    while place < len(content):
        names.append(content[place : place + 4])
        (size,) = struct.unpack("<I", content[place + 4 : place + 8])
        place += 8 + size + size % 2
    return names


def visible_of(folder: Path, name: str, level: int, shape: tuple[int, int]) -> NDArray[np.float32]:
    from netgloss.server.tasks.evidence import stored_evidence

    stored, evidence = stored_evidence(METHOD, folder), evidence_of(folder, name)
    return visibility(stored.heat(evidence), shape, level, stored.placement(evidence))


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_shows_the_photograph_through_its_mask_to_the_last_bit(
    study: Path, level: int
) -> None:
    shown = pixels_of(file_of(study, "REVEAL", level=level).read_bytes())
    photograph = np.asarray(Image.open(study.parent / "photos" / NAMES["small"]), np.float64)
    visible = visible_of(study, "small", level, (72, 96))
    assert 0.1 < (visible == 0).mean() < 1
    assert not shown[visible == 0].any()
    assert np.abs(shown - photograph * visible[:, :, None]).max() <= 0.5 + 1e-4
    assert (shown[visible == visible.max()] > 0).all()


def test_levels_only_ever_add(study: Path) -> None:
    levels = [pixels_of(file_of(study, "REVEAL", level=level).read_bytes()) for level in LEVELS]
    for less, more in pairwise(levels):
        assert (more >= less).all()
        assert (more > less).any()


@pytest.mark.parametrize("kind", ["REVEAL", "WHOLE"])
def test_a_picture_is_its_own_size_and_at_most_512_pixels(study: Path, kind: str) -> None:
    for name, shape in (("small", (72, 96, 3)), ("large", (512, 307, 3))):
        assert pixels_of(file_of(study, kind, name).read_bytes()).shape == shape


def test_a_file_holds_one_chunk_of_pixels_and_nothing_of_what_came_with_the_photograph(
    study: Path,
) -> None:
    place = study.parent / "photos" / NAMES["small"]
    notes = Image.Exif()
    notes[0x010E] = "American lobster"
    Image.open(place).save(place, exif=notes, icc_profile=b"lobster", dpi=(72, 72))
    assert b"lobster" in place.read_bytes()
    for level in LEVELS:
        content = file_of(study, "REVEAL", level=level).read_bytes()
        assert chunks_of(content) == [b"VP8L"]
        assert b"lobster" not in content
        pixels_of(content)
    whole = file_of(study, "WHOLE").read_bytes()
    assert chunks_of(whole) == [b"VP8 "]
    pixels_of(whole)


@pytest.mark.parametrize("level", LEVELS)
def test_the_bytes_depend_on_nothing_that_is_hidden(study: Path, level: int) -> None:
    """And so neither does their number: what is hidden may be any other photograph."""
    before = file_of(study, "REVEAL", level=level)
    content = before.read_bytes()
    place = study.parent / "photos" / NAMES["small"]
    pixels = np.array(Image.open(place))
    hidden = visible_of(study, "small", level, (72, 96)) == 0
    pixels[hidden] = np.random.default_rng(9).integers(0, 256, (hidden.sum(), 3))
    Image.fromarray(pixels).save(place)
    after = file_of(study, "REVEAL", level=level)
    assert after != before, "made anew, not found"
    assert after.read_bytes() == content


def test_each_level_is_made_once(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from netgloss.server import drawing

    made: Counter[int] = Counter()
    really = drawing._DRAW[drawing.Picture.REVEAL]

    def counted(stored: Any, evidence: str, level: int) -> bytes:
        made[level] += 1
        return really(stored, evidence, level)

    monkeypatch.setitem(drawing._DRAW, drawing.Picture.REVEAL, counted)
    files = {file_of(study, "REVEAL", level=level) for level in (*LEVELS, *LEVELS)}
    assert len(files) == 6
    assert made == dict.fromkeys(LEVELS, 1)


def test_a_photograph_is_read_once_for_all_its_pictures(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from netgloss.server import drawing

    read: list[str] = []
    really = drawing._checked_pixels

    def counted(image: Any) -> NDArray[np.uint8]:
        read.append(image.image)
        return really(image)

    monkeypatch.setattr(drawing, "_checked_pixels", counted)
    for level in LEVELS:
        file_of(study, "REVEAL", "large", level)
    file_of(study, "WHOLE", "large")
    assert read == [NAMES["large"]]


def test_a_changed_map_or_photograph_makes_new_pictures(study: Path) -> None:
    from netgloss.server.tasks.evidence import stored_evidence

    first = {kind: file_of(study, kind) for kind in ("REVEAL", "WHOLE")}
    place = study.parent / "photos" / NAMES["small"]
    Image.new("RGB", (96, 72), "teal").save(place)
    second = {kind: file_of(study, kind) for kind in ("REVEAL", "WHOLE")}
    assert not set(first.values()) & set(second.values())
    teal = np.abs(np.asarray(pixels_of(second["WHOLE"].read_bytes()), float) - (0, 128, 128))
    assert teal.max() < 6
    stored = stored_evidence(METHOD, study)
    stored._digests[evidence_of(study, "small")] = "another map"
    assert file_of(study, "WHOLE") == second["WHOLE"]
    assert file_of(study, "REVEAL") != second["REVEAL"]


def test_where_the_model_did_not_look_the_picture_is_black(study: Path) -> None:
    import shutil

    from netgloss.study import ModelSettings, Settings

    model = ModelSettings(
        factory="x:y", classes=("lobster",), input_size=(36, 36), resize="crop", crop_ratio=0.75
    )
    Settings(source="../photos", model=model).save(study)
    shutil.rmtree(study / "evidence")
    heat = np.zeros((9, 9), np.float32)
    heat[:, 0] = 1
    write(study, {"small": heat}, covers="input")
    # 96x72 is shrunk to 64x48; the middle 36x36 of it begins at (21, 9) of the original.
    shown = pixels_of(file_of(study, "REVEAL", level=5).read_bytes())
    rows, columns = np.nonzero(shown.any(axis=2))
    assert (rows.min(), rows.max()) == (9, 62)
    assert columns.min() == 21
    assert columns.max() < 21 + 54 // 2


def test_a_map_that_prefers_nothing_shows_nothing(study: Path) -> None:
    import shutil

    shutil.rmtree(study / "evidence")
    write(study, {"small": np.ones((4, 4), np.float32)})
    assert not pixels_of(file_of(study, "REVEAL", level=5).read_bytes()).any()


def test_what_a_game_begins_with_is_made_ahead(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from netgloss.server import drawing
    from netgloss.server.play.kind import Play

    drawing.warm(METHOD, Play.ahead, study).join()
    assert len(list((study / ".netgloss" / "pictures").rglob("*.webp"))) == len(NAMES)
    monkeypatch.setattr(drawing, "_DRAW", {})
    for name in NAMES:
        assert file_of(study, "REVEAL", name).is_file()


def test_how_much_a_level_really_shows_is_written_down(
    study: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "netgloss.server.pictures"):
        for level in LEVELS:
            file_of(study, "REVEAL", level=level)
    told = [record.about for record in caplog.records if record.getMessage() == "masked"]
    assert [one["level"] for one in told] == list(LEVELS)
    for one in told:
        visible = visible_of(study, "small", one["level"], (72, 96))
        assert one["share"] == pytest.approx(visible.mean(), abs=1e-4)


def test_the_organisers_thumbnail_lays_the_cluster_map_over_the_photograph(study: Path) -> None:
    from netgloss.vision.overlays import overlay, thumbnail

    found = pixels_of(file_of(study, "THUMBNAIL").read_bytes())
    photograph = np.asarray(Image.open(study.parent / "photos" / NAMES["small"]))
    heat = np.asarray(Image.fromarray(hills(0)).resize((96, 72), Image.Resampling.BILINEAR))
    wanted = thumbnail(overlay(photograph, heat), 256)
    assert np.abs(found.astype(float) - wanted).mean() < 12
    assert np.abs(found.astype(float) - photograph).mean() > 25
