from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netgloss.errors import DataError, OptionError
from netgloss.words.embeddings import NGrams, parse_embedding, stand_alone
from netgloss.words.forms import base_form


@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=5))
def test_ngram_vectors_have_length_one(tokens: list[str]) -> None:
    np.testing.assert_allclose(np.linalg.norm(NGrams().embed(tokens), axis=1), 1.0)


def test_ngram_cosines_are_those_of_counted_ngrams() -> None:
    words = ["lobster", "lob", "light", "flight", "yellow", "yellowish"]
    bags = [_counted(word) for word in words]
    sizes = [sum(n * n for n in bag.values()) ** 0.5 for bag in bags]
    slow = [
        [
            sum(n * other[gram] for gram, n in bag.items()) / (size * length)
            for other, length in zip(bags, sizes, strict=True)
        ]
        for bag, size in zip(bags, sizes, strict=True)
    ]
    vectors = NGrams(dimensions=2**20).embed(words)  # so long that no two n-grams collide
    np.testing.assert_allclose(vectors @ vectors.T, slow, atol=1e-12)


def _counted(word: str) -> Counter[str]:
    marked = f"<{word}>"
    pieces = [marked[a:b] for a in range(len(marked)) for b in range(a + 3, len(marked) + 1)]
    return Counter([marked, *(piece for piece in pieces if len(piece) <= 6)])


def test_ngrams_do_not_depend_on_pythons_hash_seed() -> None:
    code = (
        "from netgloss.words.embeddings import NGrams;"
        "print(NGrams().embed(['stripe', 'spot']).nonzero()[1].tolist())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "OMP_NUM_THREADS": "1"},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


@pytest.mark.parametrize(
    ("word", "base"),
    [
        ("legs", "leg"), ("boxes", "box"), ("branches", "branch"), ("berries", "berry"),
        ("glasses", "glass"), ("glass", "glass"), ("bus", "bus"), ("buses", "bus"), ("gas", "gas"),
        ("teeth", "tooth"), ("grey", "gray"), ("tyres", "tire"), ("ties", "tie"), ("iris", "iris"),
        ("horses", "horse"), ("eyes", "eye"),
    ],
)  # fmt: skip
def test_the_base_form_of_a_word(word: str, base: str) -> None:
    assert base_form(word) == base


def test_forms_of_one_word_share_a_vector_and_look_alikes_do_not_merge() -> None:
    ngrams = NGrams()
    for one, other in [("claw", "claws"), ("tooth", "teeth"), ("colour", "color")]:
        a, b = ngrams.embed([one, other])
        assert a @ b == pytest.approx(1.0)
    for one, other in [("light", "flight"), ("stripe", "strip"), ("round", "ground")]:
        a, b = ngrams.embed([one, other])
        assert a @ b < ngrams.merge_from


def test_tokens_without_a_vector_lie_apart_from_everything() -> None:
    vectors = stand_alone(np.array([[3.0, 4.0], [0.0, 0.0], [0.0, 0.0]]))
    np.testing.assert_allclose(vectors @ vectors.T, np.eye(3), atol=1e-15)


def test_the_setting_names_the_provider(tmp_path: Path) -> None:
    assert parse_embedding("none") is None
    ngrams = parse_embedding(" ngrams ")
    assert ngrams is not None
    assert ngrams.name == "ngrams"
    folder = parse_embedding(f"sentences:{tmp_path}")
    assert folder is not None
    assert folder.name == "sentences"


@pytest.mark.parametrize("text", ["word2vec", "fasttext", "fasttext:", "", "sentences"])
def test_an_unknown_setting_lists_the_choices(text: str) -> None:
    with pytest.raises(OptionError, match="choose ngrams, fasttext:PATH, sentences:PATH, wordnet"):
        parse_embedding(text)


@pytest.mark.parametrize("text", ["fasttext:gone.bin", "sentences:gone", "wordnet:gone"])
def test_a_missing_file_is_named(text: str) -> None:
    with pytest.raises(DataError, match="gone"):
        parse_embedding(text)
