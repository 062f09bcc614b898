"""Names that people may take: readable, and no two that look alike.

Two names are the same where Unicode's compatibility form (NFKC), case-folded, is the same.
"""

from __future__ import annotations

import unicodedata

from netgloss.server.errors import RequestError

__all__ = ["clean_email", "clean_name", "name_key"]

_LONGEST = 40
# Control and format characters (zero-width, right-to-left marks), surrogates, private use,
# unassigned, and what ends a line or paragraph.
_REFUSED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
# Letters and marks that fonts draw as nothing: joiners, fillers, selectors, an empty braille cell.
_INVISIBLE = {*map(chr, (0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x2800))}
_INVISIBLE |= {
    chr(code) for code in (0x3164, 0xFFA0, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
}
# Scripts whose letters look like each other's.
_ALIKE = {"LATIN", "CYRILLIC", "GREEK"}
_MOST_MARKS = 2


def clean_name(text: str) -> str:
    """The name as it is kept: NFKC, with single spaces.

    Args:
        text: What the person typed.

    Raises:
        RequestError: It is empty or longer than 40 characters, holds an ``@`` (an e-mail address
            signs in as well), characters that cannot be seen, more than two marks on a letter, or
            mixes scripts whose letters look alike. The code is ``name``.

    Example:
        >>> clean_name("  Ann   Lee ")
        'Ann Lee'
    """
    name = " ".join(unicodedata.normalize("NFKC", text).split())
    if not 0 < len(name) <= _LONGEST:
        raise _refused(f"A name has 1 to {_LONGEST} characters.")
    if "@" in name:
        raise _refused("A name holds no @; write your e-mail address in its own field.")
    if any(unicodedata.category(letter) in _REFUSED or letter in _INVISIBLE for letter in name):
        raise _refused("This name holds characters that cannot be seen; type it again.")
    if not any(letter.isalnum() for letter in name):
        raise _refused("A name holds at least one letter or digit.")
    if _most_marks(name) > _MOST_MARKS:
        raise _refused("This name has too many marks on one letter.")
    if len(_scripts(name)) > 1:
        raise _refused("This name mixes letters of scripts that look alike; use one of them.")
    return name


def name_key(name: str) -> str:
    """What two names that look the same have in common; empty for what cannot be a name.

    Example:
        >>> name_key("ＡＮＮ") == name_key("ann")
        True
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    key = " ".join(unicodedata.normalize("NFKC", folded).split())
    return "" if "\0" in key else key


def clean_email(text: str) -> str:
    """The e-mail address as it is kept: without blanks, in lower case; empty stays empty.

    Raises:
        RequestError: It is none; the code is ``email``.

    Example:
        >>> clean_email(" Ann@Example.org ")
        'ann@example.org'
    """
    from django.core.exceptions import ValidationError
    from django.core.validators import validate_email

    email = text.strip().lower()
    if not email:
        return ""
    try:
        validate_email(email)
    except ValidationError as fault:
        raise RequestError(
            422, "email", "This is no e-mail address; write it like ann@example.org."
        ) from fault
    return email


def _refused(sentence: str) -> RequestError:
    return RequestError(422, "name", sentence)


def _scripts(name: str) -> set[str]:
    """Which of the scripts with look-alike letters the name uses."""
    first_words = {unicodedata.name(letter, "").partition(" ")[0] for letter in name}
    return first_words & _ALIKE


def _most_marks(name: str) -> int:
    """The longest run of combining marks, once those that have a letter of their own are in it."""
    longest = run = 0
    for letter in name:
        run = run + 1 if unicodedata.combining(letter) else 0
        longest = max(longest, run)
    return longest
