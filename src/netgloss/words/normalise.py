"""One spelling of a typed term's characters: Unicode form, case, spaces (SECA, section C3)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

__all__ = ["as_typed", "concept_name", "normalise", "tokens"]

_APOSTROPHES = str.maketrans("", "", "'`\u00b4\u2018\u2019\u201b\u2032")


def as_typed(term: str) -> str:
    """The term as the person typed it, without what nobody can see.

    Control and zero-width characters go, and white space becomes single spaces; case and
    punctuation stay. Vocabularies are keyed by this form, so that a row survives a spreadsheet.

    Examples:
        >>> as_typed("  Lobster   claw ")
        'Lobster claw'
    """
    return " ".join("".join(map(_visible, term)).split())


def normalise(term: str) -> str:
    """The term in NFKC form and lower case, with single spaces and nothing invisible.

    Examples:
        >>> normalise("  Ｌobster   CLAW ")
        'lobster claw'
    """
    text = unicodedata.normalize("NFKC", as_typed(term)).lower()
    return as_typed(unicodedata.normalize("NFKC", text))


def tokens(term: str) -> tuple[str, ...]:
    """The words of a term, in order: letters, marks and digits of any language.

    Underscores, hyphens and all other punctuation part words, except the apostrophe, which
    vanishes.

    Examples:
        >>> tokens("Light_yellow, t-shirt's")
        ('light', 'yellow', 't', 'shirts')
        >>> tokens("?!")
        ()
    """
    text = normalise(normalise(term).translate(_APOSTROPHES))
    parted = "".join(letter if _is_of_a_word(letter) else " " for letter in text)
    return tuple(word for word in parted.split() if any(map(str.isalnum, word)))


def concept_name(words: Iterable[str]) -> str:
    """Words joined into a concept name, which never holds a hyphen or a space.

    Examples:
        >>> concept_name(["lobster", "claw"])
        'lobster_claw'
    """
    return "_".join(words)


def _visible(letter: str) -> str:
    """The character, a space for any white space, or nothing for one that cannot be seen.

    A lone surrogate (Cs) cannot be written to a file at all.
    """
    if letter.isspace():
        return " "
    return "" if unicodedata.category(letter) in {"Cc", "Cf", "Cs"} else letter


def _is_of_a_word(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LMN"
