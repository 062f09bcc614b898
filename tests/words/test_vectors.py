from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netgloss.errors import DataError
from netgloss.words.vectors import FastText, Sentences

LINES = "the red lobster claw lies on the grey plate\na shark fin cuts grey water\n" * 40


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    """A FastText model trained on a few lines, and its file."""
    fasttext = pytest.importorskip("fasttext")
    folder = tmp_path_factory.mktemp("fasttext")
    (folder / "lines.txt").write_text(LINES, encoding="utf-8")
    # The package fills a tenth of the first weights a thread: with fewer than ten, the rest is
    # whatever the memory held, at times NaN.
    model = fasttext.train_unsupervised(
        str(folder / "lines.txt"), dim=12, minCount=1, epoch=2, bucket=500, thread=10, verbose=0
    )
    model.save_model(str(folder / "model.bin"))
    return model, folder / "model.bin"


def test_a_binary_model_gives_its_own_vectors_for_seen_and_unseen_words(
    trained: tuple[Any, Path],
) -> None:
    model, path = trained
    words = ["lobster", "lobsters", "claw", "never"]
    expected = np.array([model.get_word_vector(word) for word in words], dtype=np.float64)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(FastText(path).embed(words), expected, atol=1e-6)


@pytest.mark.parametrize("header", [True, False])
def test_a_text_file_gives_the_vectors_it_holds_and_sets_other_words_apart(
    trained: tuple[Any, Path], tmp_path: Path, header: bool
) -> None:
    model, _ = trained
    path = tmp_path / "model.vec"
    lines = [
        f"{word} {' '.join(str(float(x)) for x in model.get_word_vector(word))} "
        for word in model.words
    ]
    first = [f"{len(lines)} 12"] if header else []
    path.write_text("\n".join(first + lines) + "\n", encoding="utf-8")
    vectors = FastText(path).embed(["shark", "unseen", "grey", "strange"])
    cosines = vectors @ vectors.T
    shark, grey = model.get_word_vector("shark"), model.get_word_vector("grey")
    expected = shark @ grey / np.linalg.norm(shark) / np.linalg.norm(grey)
    assert cosines[0, 2] == pytest.approx(expected, abs=1e-6)
    np.testing.assert_allclose(cosines[[1, 3]], np.eye(4)[[1, 3]], atol=1e-12)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("2 many\n", "line 1 ends in 'many'"),
        ("1 3\nshark 1 2\n", "line 2 holds 2 numbers instead of 3"),
        ("eye 1 2 3\nshark 1 x 3\n", "line 2 holds something that is no number"),
        ("eye 1 2 3\nshark 1 nan 3\n", "line 2"),
    ],
)
def test_a_broken_text_file_is_refused_with_its_line(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "broken.vec"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        FastText(path).embed(["shark"])


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("fasttext")
    path = tmp_path / "no.bin"
    path.write_bytes(b"not a model")
    with pytest.raises(DataError, match=r"no\.bin: not a FastText model"):
        FastText(path).embed(["shark"])


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "vectors.zip"
    path.touch()
    with pytest.raises(DataError, match=r"ends in '\.zip'"):
        FastText(path)


def test_a_missing_package_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fasttext.FastText", None)
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    (tmp_path / "model.bin").touch()
    with pytest.raises(DataError, match=r"netgloss\[fasttext\]"):
        FastText(tmp_path / "model.bin").embed(["shark"])
    with pytest.raises(DataError, match=r"netgloss\[sentences\]"):
        Sentences(tmp_path).embed(["shark"])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_a_sentence_encoder_from_disk_gives_its_own_vectors(tmp_path: Path) -> None:
    package = pytest.importorskip("sentence_transformers")
    folder = _tiny_encoder(tmp_path)
    words = ["shark", "grey", "claw"]
    expected = package.SentenceTransformer(str(folder), device="cpu").encode(
        words, normalize_embeddings=True
    )
    np.testing.assert_allclose(Sentences(folder).embed(words), expected, atol=1e-6)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_a_folder_without_an_encoder_is_refused_and_nothing_is_downloaded(tmp_path: Path) -> None:
    pytest.importorskip("sentence_transformers")
    with pytest.raises(DataError, match="not a sentence-transformer that can be loaded"):
        Sentences(tmp_path).embed(["shark"])


def _tiny_encoder(folder: Path) -> Path:
    """A sentence encoder of random weights, built without the network."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.manual_seed(0)
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "shark", "grey", "claw", "##s"]
    (folder / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
    )
    BertModel(config).save_pretrained(folder / "bert")
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder / "bert")
    modules = [Transformer(str(folder / "bert")), Pooling(16)]
    model = SentenceTransformer(modules=modules, device="cpu")
    model.save(str(folder / "encoder"))
    return folder / "encoder"
