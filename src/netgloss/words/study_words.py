"""Which words of a study can be trusted to be meant as they are typed (methods, 8.1 step 3).

The published way corrects every word that the dictionary lacks, and with it the words that
only the people of the study's field know ("tshirt" became "shirt", "gry" became "gay").
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from netgloss.words.normalise import tokens

__all__ = ["trusted_words"]

# A slip of the finger seldom happens the same way five times ...
_OFTEN = 5
# ... and when it does, the word it stands for was typed far more often.
_FAR_MORE = 10


def trusted_words(
    counts: Mapping[str, int],
    shared: Collection[str],
    class_names: Iterable[str] = (),
    listed: Iterable[str] = (),
    *,
    share: bool = True,
) -> tuple[dict[str, int], dict[str, str]]:
    """The words to correct towards, and the words to leave alone.

    Args:
        counts: How often each word was typed.
        shared: Words that two or more people typed.
        class_names: The classifier's classes, whose words are trusted.
        listed: Words that the user protects.
        share: Trust words by how many people typed them, or how often; the class names too.
            Without it only ``listed`` words are.

    Returns:
        Trusted words with their counts, and the same words with the reason to trust them.

    Examples:
        >>> known, reasons = trusted_words({"tshirt": 37, "lobter": 1}, shared=[])
        >>> reasons
        {'tshirt': 'typed 37 times'}
    """
    reasons: dict[str, str] = {}
    if share:
        often = {word: n for word, n in counts.items() if n >= _OFTEN}
        reasons |= {
            word: f"typed {n} times" for word, n in often.items() if not _is_slip(word, often)
        }
        reasons |= {word: "two people typed it" for word in counts if word in shared}
        reasons |= {word: "in a class name" for name in class_names for word in tokens(name)}
    reasons |= {word: "on your list" for term in listed for word in tokens(term)}
    return {word: counts.get(word, 0) for word in reasons}, reasons


def _is_slip(word: str, counts: Mapping[str, int]) -> bool:
    """Whether a word one letter away was typed ten times as often."""
    from rapidfuzz.distance import OSA

    return any(
        n >= _FAR_MORE * counts[word] and OSA.distance(word, other, score_cutoff=1) == 1
        for other, n in counts.items()
        if other != word
    )
