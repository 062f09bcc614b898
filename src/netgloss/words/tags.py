"""From the tags of games to words: split, stop-words, irrelevant words (thesis, 3.5; methods 7).

What is left goes through the same spelling and synonyms as the words typed into boxes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import pandas as pd

from netgloss.errors import DataError
from netgloss.words.handmap import as_key
from netgloss.words.normalise import normalise, tokens
from netgloss.words.stop_words import ENGLISH, IRRELEVANT, NEGATIONS
from netgloss.words.translation import LEFT_OUT, Translation, Translations

__all__ = [
    "TagOptions",
    "as_answers",
    "game_words",
    "meanings",
    "split",
    "tag_words",
    "untranslated",
]

# A negation holds to the end of its clause.
_CLAUSES = re.compile(r"[,;:!?()\[\]。、，；：！？،؛؟।]|\.(?=\s|$)|(?=\bbut\b)")
# Articles and prepositions that Romance languages write together with their noun: l'auto.
_ELIDED = re.compile(r"\b(?:l|d|un|gl|dell|all|dall|nell|sull|quell|quest|c|qu|j|n|s)['’](?=\w{2})")
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_SKIN = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
_JOINERS = "-_‐‑"
# Symbols from the arrows on can be pictures; these two and the empty braille cell show nothing.
_FIRST_PICTURE, _NO_PICTURES = "\u2190", frozenset("\ufffc\ufffd\u2800")
# Older names say black and white for filled and outlined.
_FIRST_EMOJI = "\U0001f000"


@dataclass(frozen=True)
class TagOptions:
    """Which words of tags count nowhere, and what words of other languages stand for.

    Attributes:
        stop_words: Words of the closed classes.
        irrelevant: Words that say nothing of a picture.
        translations: The study's dictionary.
    """

    stop_words: Collection[str] = ENGLISH
    irrelevant: Collection[str] = IRRELEVANT
    translations: Translations = field(default_factory=Translations)


@lru_cache(maxsize=2**16)
def split(tag: str) -> tuple[str, ...]:
    """The words of a tag in lower case, in the order in which they were typed.

    White space and punctuation of any script part words; a hyphen within a word does not, and a
    script that writes without spaces stays as it is. An emoji is a word. A negation binds what
    follows it in its clause: "no wheel" does not say wheel.

    Examples:
        >>> split("The driver's RED t-shirt, without a hat")
        ('the', 'drivers', 'red', 't-shirt', 'without a hat')
        >>> split("红色的汽车🚗"), split("l'auto rossa")
        (('红色的汽车', '🚗'), ('auto', 'rossa'))
    """
    found: list[str] = []
    for clause in _CLAUSES.split(_ELIDED.sub(" ", normalise(tag))):
        words = list(_words(clause))
        place = next((at for at, word in enumerate(words) if word in NEGATIONS), len(words))
        found += words[:place]
        if words[place + 1 :]:
            found.append(" ".join(words[place:]))
    return tuple(found)


def tag_words(games: pd.DataFrame) -> pd.DataFrame:
    """The words that each game's tags are made of, each once a game.

    Args:
        games: Columns answer, evidence and tags, as in ``games.parquet``.

    Returns:
        Columns answer, evidence, raw, in the order of the games.

    Source:
        Methods 7: a game and a word are counted once, even if typed twice.
    """
    rows = [
        (answer, evidence, word)
        for answer, evidence, tags in zip(
            games["answer"], games["evidence"], games["tags"], strict=True
        )
        for word in dict.fromkeys(word for tag in tags for word in split(tag))
    ]
    return pd.DataFrame(rows, columns=["answer", "evidence", "raw"]).astype("str")


def as_answers(games: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The games as the tables ``answers`` and ``terms``: each word is something named, not drawn.

    Args:
        games: As in ``games.parquet``.

    Returns:
        The columns of ``answers.parquet`` with the task ``play``, and those of ``terms.parquet``.
    """
    answers = games[["answer", "person", "image", "seconds", "source"]].copy()
    answers.insert(1, "task", pd.Series("play", index=answers.index, dtype="string"))
    words = tag_words(games)
    terms = pd.DataFrame(
        {
            "answer": words["answer"].astype("string"),
            "box": words.groupby("answer").cumcount().astype("Int32"),
            "type": words["raw"].astype("string"),
            "attributes": pd.Series([[] for _ in range(len(words))], dtype=object),
        }
    )
    for corner in ("x0", "y0", "x1", "y1"):
        terms[corner] = pd.Series(float("nan"), index=terms.index, dtype="float64")
    return answers.reset_index(drop=True), terms


def game_words(games: pd.DataFrame, vocabulary: pd.DataFrame) -> pd.DataFrame:
    """What each game says of its heat map in words of the vocabulary, each word once a game.

    Args:
        games: Columns answer, evidence and tags, as in ``games.parquet``.
        vocabulary: Columns raw, kind and concept, as ``read_vocabulary`` gives them.

    Returns:
        Columns answer, evidence, word; words that the vocabulary leaves out are not there.

    Raises:
        DataError: A word is not in the vocabulary.

    Example:
        >>> games = pd.DataFrame({"answer": ["1"], "evidence": ["anv/000003"],
        ...     "tags": [["red wheels", "wheel"]]})
        >>> vocabulary = pd.DataFrame({"raw": ["red", "wheel", "wheels"], "kind": "type",
        ...     "concept": ["red", "wheel", "wheel"]})
        >>> game_words(games, vocabulary)["word"].tolist()
        ['red', 'wheel']
    """
    types = vocabulary[vocabulary["kind"] == "type"]
    concepts = dict(zip(types["raw"], types["concept"], strict=True))
    words = tag_words(games)
    unknown = words.loc[~words["raw"].isin(concepts), "raw"]
    if len(unknown):
        raise DataError(
            f"the word {unknown.iloc[0]!r} of a game is not in the vocabulary; make the "
            "vocabulary again (netgloss words)"
        )
    said = words.assign(word=words["raw"].map(concepts).astype("str"))
    said = said.loc[said["word"] != "", ["answer", "evidence", "word"]]
    return said.drop_duplicates(ignore_index=True)


def meanings(
    words: Iterable[str], options: TagOptions, hand_map: Mapping[str, str] | None = None
) -> dict[str, tuple[str, str]]:
    """What words stand for before spelling and synonyms, and why; others go on as they are.

    A row of the dictionary beats every list; what it says is looked up in the lists again where
    nobody has checked it.

    Args:
        words: As :func:`split` gives them.
        options: The lists.
        hand_map: A person's map; its words are left to it.

    Returns:
        Word to (what it stands for, step); empty where it is left out.

    Example:
        >>> known = Translations({"esso": Translation("Esso", checked=True)})
        >>> found = meanings(["esso", "the", "seems", "car"], TagOptions(translations=known))
        >>> found["esso"], found["the"], "car" in found
        (('Esso', 'translation: esso -> Esso'), ('', 'stop-word: the'), False)
    """
    mapped = {as_key(term) for term in hand_map or {}}
    found = {}
    for word in words:
        if as_key(word) not in mapped or not as_key(word):
            meaning = _meaning(word, options)
            if meaning is not None:
                found[word] = meaning
    return found


def untranslated(
    words: Iterable[str], options: TagOptions, languages: Collection[str], known: Collection[str]
) -> list[str]:
    """The words that wait for somebody to say them in English.

    Without another language these are the words in other letters than a to z. With one, they are
    all words that the English dictionary lacks.

    Args:
        words: As :func:`split` gives them.
        options: The lists; their words do not wait.
        languages: What the tags are written in.
        known: Words that need no translation, for example those of class names.
    """
    from netgloss.words.spelling import dictionary

    foreign = any(language != "en" for language in languages)
    return [
        word
        for word in dict.fromkeys(words)
        if _meaning(word, options) is None
        and any(map(str.isalpha, word))
        and " " not in word
        and (foreign or not _is_latin(word))
        and not all(part in known or part in dictionary() for part in tokens(word))
    ]


def _meaning(word: str, options: TagOptions) -> tuple[str, str] | None:
    entry = options.translations.entries.get(word, Translation())
    if entry.english:
        return _translated(word, entry, options)
    reason = _why_left_out(word, options)
    if reason:
        return "", reason
    name = _picture_name(word)
    return (name, f"emoji: {word} -> {name}") if name else None


def _translated(word: str, entry: Translation, options: TagOptions) -> tuple[str, str]:
    if entry.english == LEFT_OUT:
        return "", f"translation: {word} -> left out"
    step = f"translation: {word} -> {entry.english}"
    english = normalise(entry.english)
    # A name that is the same in English is no stop-word: somebody says so.
    sure = entry.checked or english == word
    reason = "" if sure else _why_left_out(english, options)
    return ("", f"{step}; {reason}") if reason else (entry.english, step)


def _why_left_out(word: str, options: TagOptions) -> str:
    """The step that leaves a word out; empty where it stays."""
    first, *rest = word.split() or [""]
    # "not sure" is as empty as "sure".
    said = rest if first in NEGATIONS and rest else [first, *rest]
    plain = [part.replace("'", "") for part in said]
    if all(part in options.stop_words for part in plain):
        return f"stop-word: {word}"
    if all(part in options.stop_words or part in options.irrelevant for part in plain):
        return f"irrelevant: {word}"
    return ""


def _words(clause: str) -> Iterator[str]:
    """The words of a clause: runs of letters, marks and digits, and pictures one by one."""
    parts = _FLAG.sub(lambda flag: f" {flag[0]} ", clause.translate(_INVISIBLE))
    spaced = "".join(f" {letter} " if _is_picture(letter) else letter for letter in parts)
    for part in spaced.split():
        if _FLAG.fullmatch(part) or _is_picture(part[0]):
            yield part
        else:
            yield from _plain_words(part)


def _plain_words(part: str) -> Iterator[str]:
    held = "".join(letter if _is_of_a_word(letter) else " " for letter in part)
    for word in held.split():
        trimmed = word.strip(_JOINERS)
        if any(map(str.isalnum, trimmed)):
            yield trimmed


# Apostrophes vanish, as in ``normalise.tokens``; so do the marks that choose an emoji's drawing.
_INVISIBLE = dict.fromkeys(map(ord, "'`\u00b4\u2018\u2019\u201b\u2032\ufe0e\ufe0f"))
_INVISIBLE |= dict.fromkeys(map(ord, _SKIN))


def _is_of_a_word(letter: str) -> bool:
    return letter in _JOINERS or unicodedata.category(letter)[0] in "LMN"


def _is_picture(letter: str) -> bool:
    return (
        letter >= _FIRST_PICTURE
        and letter not in _NO_PICTURES
        and unicodedata.category(letter) == "So"
        and not _FLAG.fullmatch(letter * 2)
    )


def _is_latin(word: str) -> bool:
    """Whether a word holds no letters but a to z, with whatever accents ("café")."""
    plain = unicodedata.normalize("NFD", word)
    return all(letter.isascii() for letter in plain if letter.isalpha())


def _picture_name(word: str) -> str:
    """The English name that Unicode gives to an emoji; empty for anything else."""
    if _FLAG.fullmatch(word):
        return "flag"
    if len(word) != 1 or not _is_picture(word):
        return ""
    name = unicodedata.name(word, "").lower()
    return name if word >= _FIRST_EMOJI else re.sub(r"\b(?:heavy|black|white) ", "", name)
