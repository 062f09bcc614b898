"""What people said in a study, in boxes and in games, as one pair of tables (SECA, C3; thesis 3.5).

Each word of a game's tags stands there as something named and not drawn, so that every analysis of
boxes runs on games too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from netgloss.errors import OptionError, StudyError
from netgloss.words.translation import (
    FILE,
    LEFT_OUT,
    Translation,
    Translations,
    Translator,
    read_translations,
    write_translations,
)

if TYPE_CHECKING:
    import pandas as pd

    from netgloss.answers.games import GameFiltering

__all__ = ["TASKS", "Meanings", "Said", "Task", "chosen_task", "said", "understood"]

Task = Literal["annotate", "play", "both"]
TASKS: tuple[Task, ...] = ("annotate", "play", "both")
"""What the analyses can be about: boxes, games, or both."""


@dataclass(frozen=True)
class Said:
    """The answers that count, and the terms in them.

    Attributes:
        answers: Columns of ``answers.parquet``.
        terms: Columns of ``terms.parquet``.
        games: The games among them, as ``games.parquet`` has them.
        filtering: Which games were left out; None where none were asked for.
    """

    answers: pd.DataFrame
    terms: pd.DataFrame
    games: pd.DataFrame
    filtering: GameFiltering | None


@dataclass(frozen=True)
class Meanings:
    """What words of tags stand for before spelling and synonyms.

    Attributes:
        meant: Word to (English or empty, step).
        notes: Sentences for the person who reads the report.
    """

    meant: Mapping[str, tuple[str, str]]
    notes: tuple[str, ...]


def chosen_task(folder: Path, stage: Mapping[str, Any]) -> Task:
    """What the analyses of a study are about: boxes where there are any, unless it says otherwise.

    Args:
        folder: The study.
        stage: The settings of ``[words]``.

    Raises:
        OptionError: The setting ``task`` is none of :data:`TASKS`.
    """
    from netgloss.answers.format import read_answers

    if "task" in stage:
        for task in TASKS:
            if stage["task"] == task:
                return task
        raise OptionError(f"words: task {stage['task']!r} is not known; use {', '.join(TASKS)}")
    if (folder / "answers" / "games.parquet").is_file() and read_answers(folder)[0].empty:
        return "play"
    return "annotate"


def said(folder: Path, task: Task, min_seconds: float = 0.0) -> Said:
    """What people said in boxes, in games or in both, without those who do not count.

    Games of people who failed a control game, and control games themselves, do not count.

    Args:
        folder: The study.
        task: Which to take.
        min_seconds: Least time of an answer in seconds.

    Raises:
        StudyError: There is nothing, or every answer took less time.
    """
    import pandas as pd

    from netgloss.answers.games import filter_games, read_games
    from netgloss.words.tags import as_answers

    games, filtering = read_games(folder).iloc[:0], None
    parts = []
    if task != "play":
        parts.append(_boxes(folder, min_seconds))
    if task != "annotate":
        games, filtering = filter_games(read_games(folder), min_seconds)
        parts.append(as_answers(games))
    held = [(answers, terms) for answers, terms in parts if len(answers)]
    if not held:
        raise StudyError(_nothing(folder, task, min_seconds))
    answers, terms = (pd.concat(frames, ignore_index=True) for frames in zip(*held, strict=True))
    return Said(answers, terms, games, filtering)


def understood(
    folder: Path,
    spoken: Said,
    stage: Mapping[str, Any],
    known: Collection[str] = (),
    hand_map: Mapping[str, str] | None = None,
    translator: Translator | None = None,
) -> Meanings:
    """What the words of the games' tags stand for; ``translations.csv`` lists those that wait.

    Args:
        folder: The study; its files of words are relative to it.
        spoken: From :func:`said`.
        stage: The settings of ``[words]``: languages, stop_words, irrelevant.
        known: Words that need no translation, for example those of class names.
        hand_map: A person's map from terms to concepts; its words are left to it.
        translator: Asked for words that ``translations.csv`` lacks; what it says stands there
            afterwards, not yet checked.

    Raises:
        DataError: A file of words or the dictionary is malformed.
        OptionError: There are no stop-words for a language.
    """
    from netgloss.words.tags import TagOptions, meanings, tag_words, untranslated

    words = tag_words(spoken.games)["raw"]
    if words.empty:
        return Meanings({}, ())
    counts = {str(word): int(n) for word, n in words.value_counts().items()}
    languages = _languages(stage)
    options = TagOptions(**_lists(folder, stage, languages))
    options = replace(options, translations=read_translations(folder / FILE))
    waiting = untranslated(counts, options, languages, known)
    if translator is not None and waiting:
        foreign = [language for language in languages if language != "en"] or [""]
        asked = options.translations.asking(translator, waiting, foreign)
        options = replace(options, translations=asked)
        waiting = untranslated(counts, options, languages, known)
    if waiting or options.translations.entries:
        write_translations(folder / FILE, options.translations, waiting, counts)
    waits = {word: (word, "waits for a translation") for word in waiting}
    meant = waits | meanings(counts, options, hand_map)
    notes = _notes(spoken.filtering, counts, meant, options.translations, waiting)
    return Meanings(meant, notes)


def _boxes(folder: Path, min_seconds: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    from netgloss.answers.format import read_answers
    from netgloss.answers.trust import filter_answers

    answers, terms, _ = filter_answers(*read_answers(folder), min_seconds=min_seconds)
    return answers, terms


def _nothing(folder: Path, task: Task, min_seconds: float) -> str:
    """Why nothing is left, and what to do."""
    from netgloss.answers.format import read_answers
    from netgloss.answers.games import filter_games, read_games

    answers, games = read_answers(folder)[0], read_games(folder)
    if task != "play" and len(answers):
        return f"{folder}: every answer took less than {min_seconds:g} seconds; lower --min-seconds"
    if task != "annotate" and len(games):
        if filter_games(games)[0].empty:
            return (
                f"{folder}: only control games, and games of people who failed one, have been "
                "played; wait for more games"
            )
        return f"{folder}: every game took less than {min_seconds:g} seconds; lower --min-seconds"
    if task == "play":
        return f"{folder}: no games yet; bring some in with: netgloss import {folder} games FILE"
    return f"{folder}: no answers yet; bring some in with: netgloss import {folder} csv FILE"


def _languages(stage: Mapping[str, Any]) -> tuple[str, ...]:
    """The languages that tags are written in, English always among them."""
    given = stage.get("languages", ())
    listed = given.split(",") if isinstance(given, str) else given
    return tuple(dict.fromkeys(["en", *(str(one).strip().lower() for one in listed)]))


def _lists(folder: Path, stage: Mapping[str, Any], languages: Sequence[str]) -> dict[str, Any]:
    """The user's own lists where ``study.toml`` names them."""
    from netgloss.words.handmap import read_words
    from netgloss.words.stop_words import stop_words

    lists: dict[str, Any] = {"stop_words": stop_words(languages)}
    for name in ("stop_words", "irrelevant"):
        if name in stage:
            lists[name] = frozenset(read_words(folder / stage[name]))
    return lists


def _used(known: Translations, words: Collection[str]) -> list[Translation]:
    """The filled-in translations of words that people typed."""
    filled = [entry for word, entry in known.entries.items() if word in words]
    return [entry for entry in filled if entry.english and entry.english != LEFT_OUT]


def _notes(
    filtering: GameFiltering | None,
    counts: Mapping[str, int],
    meant: Mapping[str, tuple[str, str]],
    known: Translations,
    waiting: Sequence[str],
) -> tuple[str, ...]:
    steps = [step for _, step in meant.values()]
    used = _used(known, counts)
    stopped = sum("stop-word: " in step for step in steps)
    empty = sum("irrelevant: " in step for step in steps)
    words = (
        f"Words of tags: {len(counts)}; {stopped} are stop-words, {empty} say nothing of a "
        f"picture, {len(used)} are translated."
    )
    notes = [words]
    if filtering is not None and (filtering.controls or filtering.inattentive):
        notes.insert(
            0,
            f"Games: {filtering.kept} count; left out are {filtering.controls} control games and "
            f"{filtering.theirs} games of {filtering.inattentive} people who failed one.",
        )
    unchecked = sum(not entry.checked for entry in used)
    if unchecked:
        notes.append(f"Translations that nobody has checked: {unchecked}; look at {FILE}.")
    if waiting:
        notes.append(
            f"Words that wait for a translation: {len(waiting)}; fill in the column english of "
            f"{FILE}, then run this again."
        )
    return tuple(notes)
