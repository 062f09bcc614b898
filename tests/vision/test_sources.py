from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from netgloss.errors import DataError
from netgloss.vision import sources
from netgloss.vision.images import usable
from netgloss.vision.sources import scan, summary

T = TypeVar("T")


def picture(path: Path, width: int = 5, height: int = 4) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (width, height), "teal").save(path)
    return path


def rows(table: pd.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    """The cells as plain values, None where there is none."""
    chosen = table[list(columns)].astype(object)
    return list(chosen.where(chosen.notna(), None).itertuples(index=False, name=None))


def test_a_sub_folder_is_a_class_and_the_top_has_none(tmp_path: Path) -> None:
    for name in ("dog/b.png", "cat/x/y/c.png", "a.png", "cat/a.png"):
        picture(tmp_path / name)
    assert rows(scan(tmp_path), "image", "path", "truth") == [
        ("a.png", "a.png", None),
        ("cat/a.png", "cat/a.png", "cat"),
        ("cat/x/y/c.png", "cat/x/y/c.png", "cat"),
        ("dog/b.png", "dog/b.png", "dog"),
    ]


def test_the_table_has_the_types_of_images_parquet(tmp_path: Path) -> None:
    picture(tmp_path / "a.png", 7, 3)
    (tmp_path / "b.txt").write_text("notes")
    table = scan(tmp_path)
    assert {name: str(kind) for name, kind in table.dtypes.items()} == {
        "image": "string",
        "path": "string",
        "width": "Int32",
        "height": "Int32",
        "truth": "string",
        "status": "string",
    }
    assert rows(table, "width", "height", "status") == [
        (7, 3, "ok"),
        (None, None, "text, not an image"),
    ]


def test_every_file_has_a_row_but_hidden_ones(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    picture(tmp_path / ".thumbs" / "a.png")
    (tmp_path / ".DS_Store").write_bytes(b"\x00\x00\x00\x01Bud1")
    (tmp_path / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    (tmp_path / "empty.jpg").touch()
    assert rows(scan(tmp_path), "image", "status") == [
        ("Thumbs.db", "not an image in a known format"),
        ("a.png", "ok"),
        ("empty.jpg", "zero bytes"),
    ]


def test_a_turned_photo_has_the_size_a_viewer_shows(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (8, 3)).save(tmp_path / "a.jpg", exif=exif)
    assert rows(scan(tmp_path), "width", "height") == [(3, 8)]


def test_links_out_of_the_folder_are_listed_and_left_out(tmp_path: Path) -> None:
    picture(tmp_path / "in" / "a.png")
    secret = picture(tmp_path / "out" / "secret.png")
    (tmp_path / "in" / "b.png").symlink_to(secret)
    (tmp_path / "in" / "c").symlink_to(secret.parent)
    assert rows(scan(tmp_path / "in"), "image", "status") == [
        ("a.png", "ok"),
        ("b.png", "a link out of the image folder"),
        ("c", "a link to a folder"),
    ]


def test_a_name_that_is_no_utf8_is_shown_escaped(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    try:
        (tmp_path / os.fsdecode(b"b\xff.png")).write_bytes((tmp_path / "a.png").read_bytes())
    except OSError:
        pytest.skip("this file system takes only valid UTF-8")
    table = scan(tmp_path)
    assert rows(table, "image", "status")[1] == (
        "b\\xff.png",
        "its name is not valid UTF-8; rename it",
    )
    table.to_parquet(tmp_path / "table.parquet")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_a_folder_without_permission_has_a_row(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    picture(tmp_path / "b" / "b.png").parent.chmod(0)
    status = rows(scan(tmp_path), "image", "status")[1]
    (tmp_path / "b").chmod(0o755)
    assert status == ("b", "cannot be read (permission denied)")


def manifest(folder: Path, text: str) -> Path:
    path = folder / "list.csv"
    path.write_text(text)
    return path


def test_a_manifest_starts_from_its_own_folder(tmp_path: Path) -> None:
    for name in ("data/b.png", "data/sub/a.png", "far.png"):
        picture(tmp_path / name)
    path = manifest(
        tmp_path / "data",
        f"path,truth,note\nsub\\a.png,cat,x\n./b.png, ,y\n{tmp_path / 'far.png'},dog,\nno.png,,\n",
    )
    table = scan(path)
    assert rows(table, "image", "truth", "status") == [
        (f"{(tmp_path / 'far.png').as_posix()}", "dog", "ok"),
        ("b.png", None, "ok"),
        ("no.png", None, "not there"),
        ("sub/a.png", "cat", "ok"),
    ]
    assert [image.pixels().shape for image in usable(table, path)] == [(4, 5, 3)] * 3


def test_a_manifest_without_truth(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    assert rows(scan(manifest(tmp_path, "path\na.png\n")), "image", "truth") == [("a.png", None)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file,label\na.png,x\n", "needs the column 'path'; it has 'file', 'label'"),
        ("path\na.png\nb.png\n./a.png\n", "line 4: 'a.png' stands in line 2 already"),
        ("path,truth\na.png,x\n,y\n", "line 3: the column 'path' is empty"),
        ("path,truth\n", "holds no files"),
        ("", "empty"),
        ("path\nno.png\n", "none of its 1 files is a usable image: 1 not there"),
    ],
)
def test_a_faulty_manifest_says_where(tmp_path: Path, text: str, message: str) -> None:
    picture(tmp_path / "a.png")
    path = manifest(tmp_path, text)
    with pytest.raises(DataError) as caught:
        scan(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_source_without_a_usable_image_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not there"):
        scan(tmp_path / "nothing")
    (tmp_path / ".hidden").touch()
    with pytest.raises(DataError, match="holds no files"):
        scan(tmp_path)
    for name in "abc":
        (tmp_path / f"{name}.jpg").touch()
    (tmp_path / "d.txt").write_text("notes")
    with pytest.raises(DataError) as caught:
        scan(tmp_path)
    assert str(caught.value).endswith(
        "none of its 4 files is a usable image: 3 zero bytes (such as 'a.jpg'); "
        "1 text, not an image (such as 'd.txt')"
    )


def test_the_summary_counts_reasons(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    (tmp_path / "e.txt").write_text("notes")
    for name in ("c.jpg", "b.jpg"):
        (tmp_path / name).touch()
    assert rows(summary(scan(tmp_path)), "reason", "files", "example") == [
        ("zero bytes", 2, "b.jpg"),
        ("text, not an image", 1, "e.txt"),
    ]


def test_the_summary_of_a_clean_source_is_empty(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    found = summary(scan(tmp_path))
    assert list(found.columns) == ["reason", "files", "example"]
    assert len(found) == 0


def test_the_tracker_sees_every_file(tmp_path: Path) -> None:
    for number in range(9):
        picture(tmp_path / f"{number}.png", width=number + 1)
    seen = []

    def track(items: Iterable[T], *, total: int, what: str) -> Iterator[T]:
        for item in items:
            seen.append((total, what))
            yield item

    assert rows(scan(tmp_path, track), "width") == [(number + 1,) for number in range(9)]
    assert seen == [(9, "reading images")] * 9


def test_an_interrupted_scan_reads_no_further(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(400):
        (tmp_path / f"{number}.png").touch()
    read = []

    def slow(path: Path, root: Path | None) -> tuple[int, int, str]:
        read.append(path)
        time.sleep(0.01)
        return 1, 1, "ok"

    def interrupt(items: Iterable[T], *, total: int, what: str) -> Iterator[T]:
        yield next(iter(items))
        raise KeyboardInterrupt

    monkeypatch.setattr(sources, "examine", slow)
    with pytest.raises(KeyboardInterrupt):
        scan(tmp_path, interrupt)
    assert len(read) < 200


def test_usable_images_carry_what_the_table_says(tmp_path: Path) -> None:
    picture(tmp_path / "cat" / "a.png", 6, 2)
    (tmp_path / "b.jpg").touch()
    table = scan(tmp_path)
    table["prediction"] = ["dog" if image == "cat/a.png" else None for image in table["image"]]
    (image,) = usable(table, tmp_path)
    assert (image.image, image.width, image.height) == ("cat/a.png", 6, 2)
    assert (image.truth, image.prediction) == ("cat", "dog")
    assert np.array_equal(image.pixels(), np.full((2, 6, 3), (0, 128, 128)))
    (image,) = usable(table.drop(columns=["truth", "prediction"]), tmp_path)
    assert (image.truth, image.prediction) == (None, None)


def test_an_image_that_became_a_link_out_is_refused(tmp_path: Path) -> None:
    path = picture(tmp_path / "in" / "a.png")
    (image,) = usable(scan(tmp_path / "in"), tmp_path / "in")
    path.unlink()
    path.symlink_to(picture(tmp_path / "secret.png"))
    with pytest.raises(DataError, match="a link out of the image folder"):
        image.pixels()
