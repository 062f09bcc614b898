from __future__ import annotations

import io
import os
import pickle
import socket
import struct
import threading
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from netgloss.errors import DataError
from netgloss.vision.decode import decode, examine

PHOTO = np.random.default_rng(0).integers(0, 256, (37, 53, 3), dtype=np.uint8)

# The stored picture of each EXIF orientation, for one that a viewer shows as PHOTO.
STORED = {
    1: PHOTO,
    2: PHOTO[:, ::-1],
    3: PHOTO[::-1, ::-1],
    4: PHOTO[::-1],
    5: PHOTO.transpose(1, 0, 2),
    6: np.rot90(PHOTO, 1),
    7: np.rot90(PHOTO, 2).transpose(1, 0, 2),
    8: np.rot90(PHOTO, -1),
}


def saved(path: Path, image: Image.Image, **options: object) -> Path:
    image.save(path, **options)
    return path


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("suffix", ["png", "tiff", "webp"])
def test_a_turned_photo_stands_upright(tmp_path: Path, orientation: int, suffix: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = Image.fromarray(np.ascontiguousarray(STORED[orientation]))
    options = {"lossless": True} if suffix == "webp" else {}
    path = saved(tmp_path / f"a.{suffix}", stored, exif=exif, **options)
    assert np.array_equal(decode(path), PHOTO)
    assert examine(path) == (37, 53, "ok")


def test_damaged_exif_does_not_cost_the_picture(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", Image.fromarray(PHOTO), exif=b"Exif\x00\x00MM\x00*\xff\xff")
    assert np.array_equal(decode(path), PHOTO)


DEEP = np.array([[0, 257, 32896, 65535]], np.uint16)
SHALLOW = [0, 1, 128, 255]


@pytest.mark.parametrize("suffix", ["png", "tiff", "ppm", "jp2"])
def test_16_bit_grey_is_scaled_and_not_clipped(tmp_path: Path, suffix: str) -> None:
    path = saved(tmp_path / f"a.{suffix}", Image.fromarray(DEEP))
    assert decode(path)[0, :, 1].tolist() == SHALLOW


def test_16_bit_big_endian_is_scaled(tmp_path: Path) -> None:
    path = tmp_path / "a.tiff"
    # Width, height, bits, compression, photometric, offset, samples, rows, bytes.
    entries = [
        (256, 3, 4), (257, 3, 1), (258, 3, 16), (259, 3, 1), (262, 3, 1),
        (273, 4, 8), (277, 3, 1), (278, 3, 1), (279, 4, 8),
    ]  # fmt: skip
    fields = b"".join(
        struct.pack(">HHIHxx" if kind == 3 else ">HHII", tag, kind, 1, value)
        for tag, kind, value in entries
    )
    pixels = DEEP.astype(">u2").tobytes()
    table = struct.pack(">H", len(entries)) + fields + bytes(4)
    path.write_bytes(b"MM\x00*" + struct.pack(">I", 16) + pixels + table)
    with Image.open(path) as image:
        assert image.mode == "I;16B"
    assert decode(path)[0, :, 0].tolist() == SHALLOW


def test_the_transparent_value_of_a_16_bit_png_is_white(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", Image.fromarray(DEEP), transparency=257)
    with Image.open(path) as image:
        assert image.info["transparency"] == 257
    assert decode(path)[0, :, 0].tolist() == [0, 255, 128, 255]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 1, 128, 255], [0, 1, 128, 255]),
        ([0, 257, 32896, 65535], SHALLOW),
        ([0, 65536], "32-bit integers from 0 to 65536"),
        ([-1, 200], "32-bit integers from -1 to 200"),
    ],
)
def test_32_bit_integers_count_only_in_a_known_range(
    tmp_path: Path, values: list[int], expected: list[int] | str
) -> None:
    path = saved(tmp_path / "a.tiff", Image.fromarray(np.array([values], np.int32)))
    if isinstance(expected, str):
        with pytest.raises(DataError, match=expected):
            decode(path)
    else:
        assert decode(path)[0, :, 2].tolist() == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 0.2, 1.0], [0, 51, 255]),
        ([0.0, 7.0, 255.0], [0, 7, 255]),
        ([0.0, 1.5], "from 0 to 1.5"),
        ([-0.25, 1.0], "from -0.25 to 1"),
        ([0.0, float("nan")], "not finite"),
        ([0.0, float("inf")], "not finite"),
    ],
)
def test_floats_count_only_in_a_known_range(
    tmp_path: Path, values: list[float], expected: list[int] | str
) -> None:
    path = saved(tmp_path / "a.tiff", Image.fromarray(np.array([values], np.float32)))
    if isinstance(expected, str):
        with pytest.raises(DataError, match=expected):
            decode(path)
    else:
        assert decode(path)[0, :, 0].tolist() == expected


def blended(colour: int, alpha: int) -> int:
    return round((colour * alpha + 255 * (255 - alpha)) / 255)


def test_transparent_pixels_lie_on_white(tmp_path: Path) -> None:
    alphas = np.array([0, 51, 128, 255], np.uint8)
    pixels = np.zeros((1, 4, 4), np.uint8)
    pixels[0, :, :3] = (200, 10, 60)
    pixels[0, :, 3] = alphas
    path = saved(tmp_path / "a.png", Image.fromarray(pixels))
    wanted = [[blended(c, int(a)) for c in (200, 10, 60)] for a in alphas]
    assert np.abs(decode(path)[0].astype(int) - wanted).max() <= 1
    assert decode(path)[0, 0].tolist() == [255, 255, 255]
    assert decode(path)[0, 3].tolist() == [200, 10, 60]


@pytest.mark.parametrize("suffix", ["png", "tiff"])
def test_transparent_grey_lies_on_white(tmp_path: Path, suffix: str) -> None:
    grey = Image.merge("LA", [Image.new("L", (2, 1), 40), Image.new("L", (2, 1), 0)])
    grey.putpixel((1, 0), (40, 255))
    path = saved(tmp_path / f"a.{suffix}", grey)
    assert decode(path)[0].tolist() == [[255] * 3, [40] * 3]


@pytest.mark.parametrize("suffix", ["png", "gif"])
def test_a_transparent_palette_entry_is_white(tmp_path: Path, suffix: str) -> None:
    image = Image.new("P", (3, 1))
    image.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    image.putdata([0, 1, 2])
    path = saved(tmp_path / f"a.{suffix}", image, transparency=1)
    assert decode(path)[0].tolist() == [[255, 0, 0], [255, 255, 255], [0, 0, 255]]


def test_partly_transparent_palette_entries_are_blended(tmp_path: Path) -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([200, 0, 0, 0, 200, 0])
    image.putdata([0, 1])
    path = saved(tmp_path / "a.png", image, transparency=bytes([128, 255]))
    assert decode(path)[0].tolist() == [[blended(200, 128), 127, 127], [0, 200, 0]]


@pytest.mark.parametrize("mode", ["1", "L"])
def test_a_grey_png_may_name_a_transparent_value(tmp_path: Path, mode: str) -> None:
    image = Image.new(mode, (2, 1), 0)
    path = saved(tmp_path / "a.png", image, transparency=0)
    assert (decode(path) == 255).all()


def test_the_inks_of_an_adobe_jpeg_are_not_read_inverted(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.jpg", Image.new("CMYK", (16, 16), (0, 255, 255, 0)), quality=95)
    assert b"Adobe" in path.read_bytes()
    assert np.abs(decode(path)[8, 8].astype(int) - [255, 0, 0]).max() <= 3


def test_cmyk_tiff(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.tiff", Image.new("CMYK", (1, 1), (255, 0, 255, 0)))
    assert decode(path)[0, 0].tolist() == [0, 255, 0]


def cie_lab(rgb: tuple[int, int, int]) -> np.ndarray:
    """CIE L*a*b* of an sRGB colour under D50, from the standards' formulas."""
    scaled = np.array(rgb) / 255
    linear = np.where(scaled <= 0.04045, scaled / 12.92, ((scaled + 0.055) / 1.055) ** 2.4)
    to_xyz = [
        [0.4360747, 0.3850649, 0.1430804],
        [0.2225045, 0.7168786, 0.0606169],
        [0.0139322, 0.0971045, 0.7141733],
    ]
    x, y, z = np.cbrt(to_xyz @ linear / [0.96422, 1.0, 0.82521])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("rgb", [(255, 255, 255), (200, 120, 90), (90, 140, 190), (80, 150, 100)])
def test_lab_becomes_the_srgb_colour_it_stands_for(
    tmp_path: Path, rgb: tuple[int, int, int]
) -> None:
    lightness, a, b = cie_lab(rgb).round()
    stored = bytes([round(lightness * 2.55), int(a) % 256, int(b) % 256])
    path = saved(tmp_path / "a.tiff", Image.frombytes("LAB", (1, 1), stored))
    assert np.abs(decode(path)[0, 0].astype(int) - rgb).max() <= 3


def test_ycbcr_and_one_bit(tmp_path: Path) -> None:
    grey = saved(tmp_path / "a.tiff", Image.new("YCbCr", (1, 1), (90, 128, 128)))
    assert decode(grey)[0, 0].tolist() == [90, 90, 90]
    bits = Image.new("1", (2, 1))
    bits.putpixel((1, 0), 1)
    assert decode(saved(tmp_path / "b.png", bits))[0].tolist() == [[0] * 3, [255] * 3]


@pytest.mark.parametrize("suffix", ["gif", "webp", "png", "tiff"])
def test_an_animation_gives_its_first_frame(tmp_path: Path, suffix: str) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "lime", "blue")]
    options = {"lossless": True} if suffix == "webp" else {}
    path = tmp_path / f"a.{suffix}"
    frames[0].save(path, save_all=True, append_images=frames[1:], **options)
    assert decode(path)[4, 4].tolist() == [255, 0, 0]


def test_the_pixels_may_be_written_to(tmp_path: Path) -> None:
    for mode in ("RGB", "L", "RGBA", "I;16"):
        pixels = decode(saved(tmp_path / "a.png", Image.new(mode, (2, 2))))
        assert pixels.flags.writeable
        assert pixels.flags.c_contiguous


HEIC = b"\x00\x00\x00\x18ftypheic" + bytes(64)
CONTENTS = {
    b"": "zero bytes",
    b"<!DOCTYPE html><html><body>404": "a web page, not an image",
    b"\xef\xbb\xbf  <html lang='en'>": "a web page, not an image",
    b"<?xml version='1.0'?><svg xmlns='x'/>": "an SVG drawing; save it as PNG",
    "Zürich, 7 Uhr\n".encode(): "text, not an image",
    pickle.dumps({"a": 1}): "a pickle, not an image",
    b"PK\x03\x04" + bytes(64): "a zip archive, not an image",
    b"%PDF-1.7": "a PDF, not an image",
    b"%!PS-Adobe-3.0 EPSF-3.0": "PostScript, not an image",
    b"version https://git-lfs.github.com/spec/v1\n": "a Git LFS pointer; run 'git lfs pull'",
    HEIC: "HEIC; save it as JPEG",
    HEIC.replace(b"heic", b"mp42"): "a video, not an image",
    bytes(range(128, 256)): "not an image in a known format",
    b"\xff\xd8\xff\xe0": "truncated or damaged",
}


@pytest.mark.parametrize("content", CONTENTS)
def test_a_file_that_is_no_picture_says_what_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    assert examine(path) == (0, 0, CONTENTS[content])
    with pytest.raises(DataError) as caught:
        decode(path)
    assert str(caught.value) == f"{path}: {CONTENTS[content]}"


def test_a_pickle_is_never_opened(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.touch, (tmp_path / "sprung",)

    (tmp_path / "a.jpg").write_bytes(pickle.dumps(Trap()))
    assert examine(tmp_path / "a.jpg")[2] == "a pickle, not an image"
    assert not (tmp_path / "sprung").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_is_not_a_regular_file_is_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    assert examine(tmp_path / "pipe.jpg")[2] == "not a regular file (named pipe)"
    assert examine(Path(os.devnull))[2] == "not a regular file (device)"
    (tmp_path / "a.jpg").mkdir()
    assert examine(tmp_path / "a.jpg")[2] == "a folder, not an image"


def test_a_socket_is_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket may be only about 100 bytes long
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("a.jpg")
        assert examine(Path("a.jpg"))[2] == "not a regular file (socket)"


def test_links_are_followed_only_inside_the_folder(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    for folder in (inside, outside):
        saved(folder / "a.png", Image.fromarray(PHOTO))
    (inside / "near.png").symlink_to("a.png")
    (inside / "far.png").symlink_to(outside / "a.png")
    (inside / "folder").symlink_to(outside)
    (inside / "broken.png").symlink_to("nothing.png")
    (inside / "circle.png").symlink_to("circle.png")
    assert np.array_equal(decode(inside / "near.png", inside), PHOTO)
    assert np.array_equal(decode(inside / "far.png"), PHOTO)
    for name in ("far.png", "folder/a.png", "../out/a.png"):
        assert examine(inside / name, inside)[2] == "a link out of the image folder"
    assert examine(inside / "broken.png", inside)[2] == "a broken link"
    assert "circle" in examine(inside / "circle.png", inside)[2] or os.name == "nt"
    assert examine(inside / "no.png", inside)[2] == "not there"


def test_a_folder_that_is_itself_a_link_is_no_way_out(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    saved(tmp_path / "real" / "a.png", Image.fromarray(PHOTO))
    (tmp_path / "link").symlink_to("real")
    assert np.array_equal(decode(tmp_path / "link" / "a.png", tmp_path / "link"), PHOTO)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_says_so(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", Image.fromarray(PHOTO))
    path.chmod(0)
    assert examine(path)[2] == "cannot be read (permission denied)"


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def test_a_pixel_bomb_is_refused_by_its_header(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png_header(12000, 12000))
    assert examine(path)[2] == "12000x12000 pixels, more than the limit of 89478485"
    path.write_bytes(png_header(2**31 - 1, 2**31 - 1))
    assert examine(path)[2] == "too many pixels, more than the limit of 89478485"


def test_the_limit_counts_pixels(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", Image.fromarray(PHOTO))
    assert decode(path, max_pixels=37 * 53).shape == (37, 53, 3)
    with pytest.raises(DataError, match="53x37 pixels, more than the limit of 1960"):
        decode(path, max_pixels=37 * 53 - 1)


def encoded(suffix: str) -> bytes:
    file = io.BytesIO()
    options = {"compression": "tiff_lzw"} if suffix == "TIFF" else {}
    Image.fromarray(PHOTO).save(file, suffix, **options)
    return file.getvalue()


FORMATS = ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "JPEG2000", "PPM", "AVIF"]


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_file_cut_short_is_refused_unless_every_pixel_is_there(
    tmp_path: Path, suffix: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a"
    whole = encoded(suffix)
    path.write_bytes(whole)
    pixels = decode(path)
    for length in [*range(8, len(whole), len(whole) // 40), *range(len(whole) - 6, len(whole))]:
        path.write_bytes(whole[:length])
        status = examine(path)[2]
        if status == "ok":
            assert np.array_equal(decode(path), pixels)
        elif length > 64:
            assert "truncated" in status
    path.write_bytes(whole[: len(whole) * 2 // 3])
    assert "truncated" in examine(path)[2]
    assert capfd.readouterr() == ("", "")


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), suffix=st.sampled_from(FORMATS))
def test_damaged_bytes_give_a_picture_or_a_reason(
    tmp_path: Path, data: st.DataObject, suffix: str
) -> None:
    raw = bytearray(encoded(suffix))
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "a"
    path.write_bytes(bytes(raw))
    height, width, status = examine(path, max_pixels=10**6)
    assert (height * width > 0) == (status == "ok")
    assert status


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(raw=st.binary(min_size=1, max_size=300))
def test_any_bytes_give_a_reason(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(raw)
    assert isinstance(examine(path, max_pixels=10**6)[2], str)


def test_warnings_stay_in_and_the_filters_stay_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path / "a.png", Image.fromarray(PHOTO))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 37 * 53 - 1)
    with pytest.warns(Image.DecompressionBombWarning):
        Image.open(path).close()
    before = list(warnings.filters)
    start = threading.Barrier(4)

    def work(_: int) -> int:
        start.wait()
        return sum(decode(path).shape[0] for _ in range(50))

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(4))) == [37 * 50] * 4
    assert warnings.filters == before
