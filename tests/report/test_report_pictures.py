"""Pictures are embedded once, and look like what they were made from."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from netgloss.errors import DataError
from netgloss.report.pictures import PictureBank


def _decoded(uri: str) -> NDArray[np.int64]:
    data = base64.b64decode(uri.removeprefix("data:image/webp;base64,"), validate=True)
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(np.int64)


def _photo(_: str) -> NDArray[np.uint8]:
    rows, columns = np.mgrid[:90, :120]
    return np.stack([rows, columns, rows + columns], axis=2).astype(np.uint8)


def _hot_corner(_: str) -> NDArray[np.float32]:
    heat = np.zeros((90, 120), np.float32)
    heat[:30, :40] = 7.0
    return heat


def test_a_heat_map_changes_the_picture_where_it_is_hot_and_only_there() -> None:
    bank = PictureBank(_photo, _hot_corner)
    bank.want("a.png")
    bank.fill()
    stored = bank.stored["a.png"]
    assert stored.heat is not None
    difference = np.abs(_decoded(stored.heat) - _decoded(stored.plain)).mean(axis=2)
    assert difference[5:25, 5:35].mean() > 60
    assert difference[45:, 60:].mean() < 3
    assert np.abs(_decoded(stored.plain) - _photo("")).mean() < 4


def test_a_large_photograph_is_shrunk_but_keeps_its_own_pixels_for_boxes() -> None:
    bank = PictureBank(
        lambda _: np.zeros((1500, 3000, 3), np.uint8),
        lambda _: np.ones((1500, 3000), np.float32).cumsum(axis=1),
        longest=300,
    )
    bank.want("a.png")
    bank.fill()
    stored = bank.stored["a.png"]
    assert (stored.width, stored.height) == (3000, 1500)
    assert stored.heat is not None
    assert _decoded(stored.plain).shape == _decoded(stored.heat).shape == (150, 300, 3)


@pytest.mark.parametrize("value", [0.0, 3.5])
def test_a_flat_heat_map_is_called_empty_and_not_drawn(value: float) -> None:
    bank = PictureBank(_photo, lambda _: np.full((90, 120), value, np.float32))
    bank.want("a.png")
    bank.fill()
    assert bank.stored["a.png"].heat is None
    assert bank.stored["a.png"].empty_heat


def test_a_picture_is_drawn_once_however_often_it_is_wanted() -> None:
    asked: list[str] = []

    def pixels(image: str) -> NDArray[np.uint8]:
        asked.append(image)
        return _photo(image)

    bank = PictureBank(pixels, lambda _: None)
    assert all(bank.want(image) for image in ("a", "b", "a", "a"))
    bank.fill()
    assert asked == ["a", "b"]
    assert len({stored.key for stored in bank.stored.values()}) == 2


def test_the_page_takes_no_more_pictures_than_it_may_hold() -> None:
    bank = PictureBank(_photo, lambda _: None, limit=2)
    assert [bank.want(image) for image in ("a", "b", "c", "a")] == [True, True, False, True]


def test_a_picture_that_cannot_be_read_is_noted_and_the_others_are_drawn() -> None:
    def pixels(image: str) -> NDArray[np.uint8]:
        if image == "b":
            raise DataError("b: truncated")
        return _photo(image)

    bank = PictureBank(pixels, lambda _: None)
    for image in "abc":
        bank.want(image)
    bank.fill()
    assert list(bank.stored) == ["a", "c"]
    assert bank.unreadable == {"b": "b: truncated"}
