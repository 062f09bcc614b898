from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from netgloss.errors import DataError
from netgloss.words.wordnet import Database, WordNet

# A family of six meanings: colour > (red, blue > navy), and limb = arm, and the weapon arm.
NOUNS = [
    (["color", "colour"], []),
    (["red"], [0]),
    (["blue"], [0]),
    (["navy", "navy_blue"], [2]),
    (["arm", "limb"], []),
    (["weapon", "arm"], []),
]
SENSES = {
    "color": [0], "colour": [0], "red": [1], "blue": [2], "navy": [3], "navy_blue": [3],
    "arm": [4, 5], "limb": [4], "weapon": [5],
}  # fmt: skip


def _write_database(folder: Path) -> list[int]:
    """A WordNet in the format of wndb(5WN); returns the byte offset of each noun meaning."""
    folder.mkdir(parents=True)
    offsets = _write_data(folder / "data.noun")
    lines = ["  1 A licence stands here  "]
    for word, meanings in sorted(SENSES.items()):
        places = " ".join(f"{offsets[place]:08d}" for place in meanings)
        lines.append(f"{word} n {len(meanings)} 1 @ {len(meanings)} 0 {places}  ")
    (folder / "index.noun").write_text("\n".join(lines) + "\n", encoding="ascii")
    (folder / "noun.exc").write_text("limbz limb\n", encoding="ascii")
    head = f"{0:08d} 00 a 01 big 0 001 & 00000000 a 0000 | large\n"
    satellite = f"{len(head):08d} 00 s 02 large 0 Huge 0 001 & 00000000 a 0000 | big\n"
    (folder / "data.adj").write_text(head + satellite, encoding="ascii")
    index = f"  1\nbig a 1 1 & 1 0 00000000  \nlarge a 1 1 & 1 0 {len(head):08d}  \n"
    (folder / "index.adj").write_text(index, encoding="ascii")
    return offsets


def _write_data(path: Path) -> list[int]:
    start = "  1 A licence stands here  \n"
    lengths = [len(_noun_line(0, *noun, [0] * len(NOUNS))) for noun in NOUNS]
    offsets = [len(start) + sum(lengths[:place]) for place in range(len(NOUNS))]
    lines = [
        _noun_line(offset, words, above, offsets)
        for offset, (words, above) in zip(offsets, NOUNS, strict=True)
    ]
    path.write_text(start + "".join(lines), encoding="ascii")
    return offsets


def _noun_line(offset: int, words: list[str], above: list[int], offsets: list[int]) -> str:
    named = " ".join(f"{word} 0" for word in words)
    up = "".join(f" @ {offsets[place]:08d} n 0000" for place in above)
    return f"{offset:08d} 07 n {len(words):02x} {named} {len(above):03d}{up} | a meaning  \n"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[int]]:
    folder = tmp_path_factory.mktemp("wordnet") / "dict"
    return folder, _write_database(folder)


def test_senses_come_in_the_order_of_the_index(small: tuple[Path, list[int]]) -> None:
    folder, offsets = small
    assert Database(folder).senses("arm", "noun") == [("noun", offsets[4]), ("noun", offsets[5])]
    assert Database(folder).senses("unheard", "noun") == []


@pytest.mark.parametrize("form", ["limb", "limbs", "limbz"])
def test_plurals_regular_and_irregular_find_their_word(
    small: tuple[Path, list[int]], form: str
) -> None:
    folder, offsets = small
    assert Database(folder).senses(form, "noun") == [("noun", offsets[4])]


def test_ancestors_carry_the_fewest_steps_up(small: tuple[Path, list[int]]) -> None:
    folder, offsets = small
    color, _, blue, navy, *_ = (("noun", offset) for offset in offsets)
    assert Database(folder).ancestors(navy, 4) == {navy: 0, blue: 1, color: 2}
    assert Database(folder).ancestors(navy, 1) == {navy: 0, blue: 1}


def test_a_satellite_adjective_has_its_head_above_and_not_the_reverse(
    small: tuple[Path, list[int]],
) -> None:
    database = Database(small[0])
    (big,), (large,) = database.senses("big", "adj"), database.senses("large", "adj")
    assert database.ancestors(large, 4) == {large: 0, big: 1}
    assert database.ancestors(big, 4) == {big: 0}
    assert database.words(large) == ["large", "huge"]


def test_cosines_follow_from_halving_each_step_and_each_rank(
    small: tuple[Path, list[int]],
) -> None:
    words = ["colour", "color", "red", "blue", "navy", "limb", "arm", "unheard"]
    vectors = WordNet(small[0]).embed(words)
    cosine = dict(zip(words, (vectors @ vectors.T), strict=True))
    at = {word: place for place, word in enumerate(words)}
    one_up, two_up = np.sqrt(1 + 1 / 4), np.sqrt(1 + 1 / 4 + 1 / 16)
    assert cosine["colour"][at["color"]] == pytest.approx(1.0)
    assert cosine["red"][at["blue"]] == pytest.approx(0.25 / one_up**2)
    assert cosine["navy"][at["blue"]] == pytest.approx((0.5 + 0.125) / one_up / two_up)
    assert cosine["limb"][at["arm"]] == pytest.approx(1 / np.sqrt(1 + 1 / 4))
    np.testing.assert_allclose(cosine["unheard"], np.eye(len(words))[-1], atol=1e-12)


@pytest.mark.parametrize("inner", ["", "dict", "corpora/wordnet"])
def test_folders_of_debian_and_of_nltk_are_found(tmp_path: Path, inner: str) -> None:
    _write_database(tmp_path / "data" / inner)
    vectors = WordNet(tmp_path / "data").embed(["color", "colour"])
    assert vectors[0] @ vectors[1] == pytest.approx(1.0)


def test_the_archive_that_nltk_leaves_packed_is_read(
    small: tuple[Path, list[int]], tmp_path: Path
) -> None:
    archive = tmp_path / "corpora" / "wordnet.zip"
    archive.parent.mkdir()
    with zipfile.ZipFile(archive, "w") as packed:
        for file in small[0].iterdir():
            packed.write(file, f"wordnet/{file.name}")
    words = ["arm", "limb", "red"]
    np.testing.assert_array_equal(WordNet(tmp_path).embed(words), WordNet(small[0]).embed(words))


def test_a_variable_of_the_environment_names_the_place(
    small: tuple[Path, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WNHOME", str(small[0].parent))
    assert WordNet().place == small[0]


def test_no_wordnet_says_where_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no WordNet in .*wordnet-base"):
        WordNet(tmp_path)


def test_a_missing_file_and_a_damaged_one_are_named(tmp_path: Path) -> None:
    _write_database(tmp_path / "whole")
    (tmp_path / "whole" / "data.adj").unlink()
    with pytest.raises(DataError, match=r"data\.adj cannot be read"):
        WordNet(tmp_path / "whole").embed(["red"])
    _write_database(tmp_path / "cut")
    (tmp_path / "cut" / "data.noun").write_text("cut short", encoding="ascii")
    with pytest.raises(DataError, match=r"data\.noun has no entry at byte"):
        WordNet(tmp_path / "cut").embed(["red"])


def test_the_real_wordnet_tells_synonyms_from_sisters() -> None:
    try:
        wordnet = WordNet()
    except DataError:
        pytest.skip("WordNet is not installed in a usual place")
    pairs = ["tooth teeth", "gray grey", "eye eyes", "sofa couch", "red blue", "hand finger"]
    cosines = [np.prod(wordnet.embed(pair.split()), axis=0).sum() for pair in pairs]
    assert [bool(cosine >= wordnet.merge_from) for cosine in cosines] == [True] * 4 + [False] * 2
