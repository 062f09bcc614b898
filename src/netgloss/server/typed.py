"""What people type, checked and brought into the form in which it is kept."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from netgloss.server.errors import RequestError
from netgloss.words.normalise import as_typed

__all__ = ["LONGEST_WORD", "Strict", "Word", "distinct", "malformed"]

LONGEST_WORD = 60
"""Characters of a noun, an adjective or a tag."""

_CONTROL = {"Cc", "Cs"}


def _word(text: str) -> str:
    """The word in composed form with single spaces, as it is shown to its author again."""
    if any(unicodedata.category(letter) in _CONTROL for letter in text):
        raise ValueError("contains a character that cannot be typed")
    word = as_typed(unicodedata.normalize("NFC", text))
    if len(word) > LONGEST_WORD:
        raise ValueError(f"is longer than {LONGEST_WORD} characters")
    return word


# The bound before the check keeps a megabyte of text from being normalised.
Word = Annotated[str, Field(max_length=4 * LONGEST_WORD), AfterValidator(_word)]
"""A term of a word or a few, without what nobody can see."""


class Strict(BaseModel):
    """Numbers are not read out of texts, and what is not known here is not kept."""

    model_config = ConfigDict(strict=True, extra="ignore")


def distinct(words: Iterable[str]) -> list[str]:
    """The words, each once, as it was typed first; empty ones are left out.

    Example:
        >>> distinct(["red", "", "Red", "wet"])
        ['red', 'wet']
    """
    kept: dict[str, str] = {}
    for word in words:
        if word:
            kept.setdefault(word.casefold(), word)
    return list(kept.values())


def malformed(fault: ValidationError) -> RequestError:
    """The refusal of a body of the wrong shape: 422 with ``where`` and what is wrong there.

    Args:
        fault: What pydantic found; the first of it is said.
    """
    first = fault.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    said = first["msg"].removeprefix("Value error, ")
    return RequestError(422, "malformed", f"{where or 'body'}: {said}.", where=where)
