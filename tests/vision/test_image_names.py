from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netgloss.errors import DataError
from netgloss.vision.images import resolve_names

KNOWN = ["cat/1.jpg", "cat/two words.jpg", "dog/3.png", "dog/a.b.jpg", "top.jpg"]


@pytest.mark.parametrize(
    ("name", "image"),
    [
        ("cat/1.jpg", "cat/1.jpg"),
        ("./cat/1.jpg", "cat/1.jpg"),
        ("1.jpg", "cat/1.jpg"),
        ("1", "cat/1.jpg"),
        ("cat/1", "cat/1.jpg"),
        ("1.npy", "cat/1.jpg"),
        ("photos\\cat\\1.jpg", "cat/1.jpg"),
        ("https://host/x/cat/1.jpg?size=big#top", "cat/1.jpg"),
        ("https://host/cat/two%20words.jpg", "cat/two words.jpg"),
        ("s3://bucket/dog/3.png", "dog/3.png"),
        ("/data/upload/12/a1b2c3d4-3.png", "dog/3.png"),
        ("a1b2c3d4-3", "dog/3.png"),
        ("/data/local-files/?d=photos/dog/3.png", "dog/3.png"),
        ("a.b.jpg", "dog/a.b.jpg"),
        ("a.b", "dog/a.b.jpg"),
        ("other/3.png", "dog/3.png"),
        ("/somewhere/top.jpg", "top.jpg"),
        (" top.jpg ", "top.jpg"),
        ("4.jpg", None),
        ("a1b2c3d4-4.jpg", None),
        ("", None),
        ("cat", None),
    ],
)
def test_a_name_as_other_programs_write_it(name: str, image: str | None) -> None:
    assert resolve_names([name], KNOWN) == {name: image}


def test_the_exact_name_wins_over_what_it_might_stand_for() -> None:
    known = ["a1b2c3d4-3.png", "3.png", "x/3.png"]
    assert resolve_names(known, known) == {name: name for name in known}


def test_folders_decide_between_equal_file_names() -> None:
    known = ["train/cat/1.jpg", "train/dog/1.jpg"]
    names = ["/data/dog/1.jpg", "https://host/train/cat/1.jpg"]
    assert list(resolve_names(names, known).values()) == ["train/dog/1.jpg", "train/cat/1.jpg"]


@pytest.mark.parametrize("name", ["1.jpg", "1", "a1b2c3d4-1.jpg", "https://host/bird/1.jpg"])
def test_an_ambiguous_name_names_both(name: str) -> None:
    with pytest.raises(DataError) as caught:
        resolve_names([name], ["cat/1.jpg", "dog/1.jpg"])
    assert str(caught.value) == (
        f"'{name}' could be 'cat/1.jpg' or 'dog/1.jpg'; write the whole path"
    )


def test_a_stem_shared_by_two_endings_is_ambiguous() -> None:
    with pytest.raises(DataError, match=r"'1' could be '1.jpg' or '1.png'"):
        resolve_names(["1"], ["1.jpg", "1.png"])
    assert resolve_names(["1.png"], ["1.jpg", "1.png"]) == {"1.png": "1.png"}


def test_a_list_about_more_images_does_not_touch_those_of_the_study() -> None:
    """Class folders often number their files alike; only one of these is the study's."""
    names = ["watch/1.jpg", "cat/1.jpg", "bonsai/1.jpg"]
    assert resolve_names(names, ["cat/1.jpg"]) == {
        "watch/1.jpg": None,
        "cat/1.jpg": "cat/1.jpg",
        "bonsai/1.jpg": None,
    }


def test_two_foreign_folders_for_one_image_name_both() -> None:
    with pytest.raises(DataError) as caught:
        resolve_names(["watch/1.jpg", "bonsai/1.jpg"], ["cat/1.jpg"])
    assert "'cat/1.jpg' could be meant by 'watch/1.jpg' or by 'bonsai/1.jpg'" in str(caught.value)


def test_one_image_uploaded_twice_is_one_image() -> None:
    names = ["/data/upload/1/a1b2c3d4-1.jpg", "/data/upload/2/ffffffff-1.jpg", "1.jpg"]
    assert resolve_names(names, ["cat/1.jpg"]) == dict.fromkeys(names, "cat/1.jpg")


def test_accents_compare_in_either_form() -> None:
    known = [unicodedata.normalize("NFD", "chat/été.jpg")]
    name = unicodedata.normalize("NFC", "été.jpg")
    assert resolve_names([name, *known], known) == {name: known[0], known[0]: known[0]}


part = st.text("abc1.- ", min_size=1, max_size=6).filter(lambda text: text.strip("./ ") == text)
paths = st.lists(part, min_size=1, max_size=3).map("/".join)


@given(st.lists(paths, unique=True, max_size=12))
def test_a_study_knows_its_own_names(known: list[str]) -> None:
    assert resolve_names(known, known) == {name: name for name in known}


@given(st.lists(paths, unique=True, max_size=12), part)
def test_every_image_is_found_below_another_root(known: list[str], root: str) -> None:
    names = [f"/{root}/x/{image}" for image in known]
    try:
        found = resolve_names(names, known)
    except DataError:
        # Only where one image's path is the end of another's can this be in doubt.
        assert any(a != b and f"/{a}".endswith(f"/{b}") for a in known for b in known)
    else:
        assert [found[name] for name in names] == known
