from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netgloss.errors import DataError
from netgloss.words.handmap import as_key, read_hand_map, read_words


def test_json_and_csv_give_the_same_map(tmp_path: Path) -> None:
    pairs = {"Lonster_claw": "lobster claw", "light yellow": "yellow", "junk": ""}
    (tmp_path / "map.json").write_text(json.dumps(pairs), encoding="utf-8")
    rows = "".join(f"{raw},{concept}\n" for raw, concept in pairs.items())
    (tmp_path / "map.csv").write_text("raw,concept\n" + rows, encoding="utf-8")
    expected = {"lonster_claw": "lobster claw", "light_yellow": "yellow", "junk": ""}
    assert read_hand_map(tmp_path / "map.json") == expected
    assert read_hand_map(tmp_path / "map.csv") == expected


@settings(deadline=None)
@given(st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=6))
def test_any_json_object_of_texts_is_read_or_refused_with_its_line(
    tmp_path_factory: pytest.TempPathFactory, pairs: dict[str, str]
) -> None:
    path = tmp_path_factory.mktemp("map") / "map.json"
    path.write_text(json.dumps(pairs, ensure_ascii=False, indent=1), encoding="utf-8", newline="\n")
    keys = [as_key(raw) for raw in pairs]
    if "" in keys or len(set(keys)) < len(keys):
        message = _refusal(path)
        assert "line " in message or not message
    else:
        assert read_hand_map(path) == {as_key(raw): concept for raw, concept in pairs.items()}


def _refusal(path: Path) -> str:
    """The message that refuses a map; empty where two equal terms have one concept."""
    try:
        read_hand_map(path)
    except DataError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": "b",\n "c": }', "line 2 is not valid JSON"),
        ('["a"]', "line 1: an object"),
        ('"a"', "line 1: an object"),
        ('{"a": "b",\n "c": ["d"]}', "line 2 maps 'c' to"),
        ('{"a": "b",\n "?!": "d"}', "line 2 maps '\\?!', which holds no word"),
        ('{"sea weed": "plant",\n "sea_weed": "water"}', "line 2 .* but line 1 maps it to 'plant'"),
        ('{"a": "b",\n "a": "c"}', "line 2 maps 'a' to 'c', but line 1"),
    ],
)
def test_a_broken_map_is_refused_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "map.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_hand_map(path)


def test_a_csv_without_its_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    path.write_text("term,concept\na,b\n", encoding="utf-8")
    with pytest.raises(DataError, match="line 1 lacks the column 'raw'"):
        read_hand_map(path)


def test_a_word_list_has_words_and_comments(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text(
        "T-shirt # sold by the lake\n\ntench tench\n#all\nSea_horse\n", encoding="utf-8"
    )
    assert read_words(path) == ("t", "shirt", "tench", "sea", "horse")


def test_a_list_that_is_missing_or_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.txt: cannot be read"):
        read_words(tmp_path / "gone.txt")
    (tmp_path / "binary.txt").write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(DataError, match="not UTF-8"):
        read_words(tmp_path / "binary.txt")
