"""Pre-trained word vectors read from disk: FastText (SECA, section C3) and sentence encoders.

Both packages are optional and nothing is ever downloaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netgloss.errors import DataError
from netgloss.words.embeddings import stand_alone

__all__ = ["FastText", "Sentences"]


class FastText:
    """FastText vectors: a ``.bin`` model, or a ``.vec`` text file of which only needed lines stay.

    A ``.bin`` model makes up a vector for a word it has not seen from its n-grams. A ``.vec``
    file has no n-grams, so a token that it lacks is left alone.

    Args:
        path: The ``.bin`` or ``.vec`` file.

    Raises:
        DataError: The file is missing or has another ending.

    Source:
        SECA, section C3: pre-trained FastText embeddings.
    """

    name = "fasttext"
    merge_from = 0.8
    report_from = 0.6

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise DataError(f"{path}: no such file; give a FastText model (.bin) or vectors (.vec)")
        if path.suffix not in {".bin", ".vec"}:
            raise DataError(f"{path}: ends in {path.suffix!r}; a .bin or .vec file was expected")
        self.path = path

    @property
    def says(self) -> str:
        """What FastText vectors can and cannot merge."""
        rest = "unseen words by their letters" if self.path.suffix == ".bin" else "no unseen words"
        return (
            f"FastText vectors ({self.path.name}) merge words used alike, {rest}; opposites and "
            "sisters (red, blue) can lie as close as synonyms."
        )

    def embed(self, tokens: Sequence[str]) -> NDArray[np.float64]:
        """One vector of length 1 a token, shape (token, dimension).

        Raises:
            DataError: The package is missing, or the file is not in its format.
        """
        if self.path.suffix == ".vec":
            return stand_alone(_read_vec(self.path, tokens))
        model = self._model()
        vectors = [model.get_word_vector(token) for token in tokens]
        return stand_alone(np.array(vectors, dtype=np.float64).reshape(len(tokens), -1))

    def _model(self) -> Any:
        try:
            from fasttext.FastText import _FastText
        except ImportError as error:
            raise DataError(
                f"{self.path}: reading it needs the package fasttext; "
                "run: pip install 'netgloss[fasttext]'"
            ) from error
        try:
            return _FastText(model_path=str(self.path))
        except ValueError as error:
            raise DataError(f"{self.path}: not a FastText model; download it again") from error


class Sentences:
    """A sentence-transformers encoder in a folder on disk.

    Args:
        path: The folder, as ``SentenceTransformer.save`` writes it.

    Raises:
        DataError: The folder is missing.
    """

    name = "sentences"
    merge_from = 0.85
    report_from = 0.7

    def __init__(self, path: Path) -> None:
        if not path.is_dir():
            raise DataError(f"{path}: no such folder; give one that holds a sentence-transformer")
        self.path = path

    @property
    def says(self) -> str:
        """What a sentence encoder can and cannot merge."""
        return (
            f"The sentence encoder {self.path.name} merges words of like meaning; "
            "sisters (red, blue) can lie close too."
        )

    def embed(self, tokens: Sequence[str]) -> NDArray[np.float64]:
        """One vector of length 1 a token, shape (token, dimension).

        Raises:
            DataError: The package is missing, or the folder holds no such model.
        """
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise DataError(
                f"{self.path}: reading it needs the package sentence-transformers; "
                "run: pip install 'netgloss[sentences]'"
            ) from error
        try:
            model = SentenceTransformer(str(self.path), device="cpu", local_files_only=True)
        except (OSError, ValueError, KeyError) as error:
            reason = str(error).splitlines()[0]
            raise DataError(
                f"{self.path}: not a sentence-transformer that can be loaded ({reason}); "
                "save the model into this folder again"
            ) from error
        vectors = model.encode(list(tokens), show_progress_bar=False, convert_to_numpy=True)
        return stand_alone(np.asarray(vectors, dtype=np.float64))


def _read_vec(path: Path, tokens: Sequence[str]) -> NDArray[np.float64]:
    """The vectors of the tokens from a text file; zeros for the ones it lacks."""
    wanted = set(tokens)
    found: dict[str, NDArray[np.float64]] = {}
    width = 0
    with path.open(encoding="utf-8", errors="replace", newline="\n") as lines:
        for number, line in enumerate(lines, start=1):
            cells = line.rstrip().split(" ")
            if number == 1 and len(cells) == 2:
                width = _whole(cells[1], path)
                continue
            width = width or len(cells) - 1
            if cells[0] in wanted and cells[0] not in found:
                found[cells[0]] = _numbers(cells[1:], width, path, number)
                if len(found) == len(wanted):
                    break
    if not width:
        raise DataError(f"{path}: empty; lines of a word and its numbers were expected")
    blank = np.zeros(width)
    return np.array([found.get(token, blank) for token in tokens]).reshape(len(tokens), width)


def _whole(cell: str, path: Path) -> int:
    """The dimension given by the optional first line, "words dimension"."""
    if not cell.isdecimal():
        raise DataError(f"{path}: line 1 ends in {cell!r}; the vectors' dimension was expected")
    return int(cell)


def _numbers(cells: list[str], width: int, path: Path, number: int) -> NDArray[np.float64]:
    try:
        vector = np.array(cells, dtype=np.float64)
    except ValueError as error:
        raise DataError(f"{path}: line {number} holds something that is no number") from error
    if len(vector) != width or not np.isfinite(vector).all():
        raise DataError(f"{path}: line {number} holds {len(vector)} numbers instead of {width}")
    return vector
