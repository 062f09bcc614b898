"""The stages words and concepts of a study: from what people typed to the concept table."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netgloss.errors import DataError, OptionError, StudyError
from netgloss.progress import Tracker
from netgloss.store.atomic import write_text
from netgloss.store.locks import writing
from netgloss.store.records import is_fresh, write_record
from netgloss.store.tables import write_csv
from netgloss.study.settings import Settings, relative_to_study

if TYPE_CHECKING:
    import pandas as pd

    from netgloss.concepts.table import ConceptTable
    from netgloss.words.options import WordOptions
    from netgloss.words.vocabulary import Vocabulary

__all__ = ["build", "concept_table", "regions", "with_options", "word_options"]

_FILES = ("map", "protect", "stop_words")
_KNOWN = ("preset", "embedding", "clusters", "min_seconds", "min_worker_share", *_FILES)


def with_options(folder: Path, settings: Settings, given: Mapping[str, Any]) -> Settings:
    """The settings with the options of this run; the others stay as they were.

    A preset starts afresh: it puts aside what earlier runs had chosen.
    """
    unknown = sorted(set(given) - set(_KNOWN))
    if unknown:
        raise TypeError(f"words() has no option {', '.join(unknown)}; known: {', '.join(_KNOWN)}")
    chosen = {key: value for key, value in given.items() if value is not None}
    for key in _FILES:
        if key in chosen:
            file = Path(chosen[key])
            if not file.is_file():
                raise DataError(f"{file}: no such file (--{key.replace('_', '-')})")
            chosen[key] = relative_to_study(file, folder)
    if "embedding" in chosen:
        name, colon, path = str(chosen["embedding"]).partition(":")
        if colon and path:
            chosen["embedding"] = f"{name}:{relative_to_study(Path(path), folder)}"
    before = {} if "preset" in chosen else settings.stage("words")
    return settings.with_stage("words", {**before, **chosen})


def word_options(folder: Path, stage: Mapping[str, Any]) -> WordOptions:
    """The options of the words stage as the words room takes them.

    Args:
        folder: The study folder; files are relative to it.
        stage: From ``study.toml``: preset, embedding, clusters, protect, stop_words,
            min_seconds, min_worker_share.

    Raises:
        OptionError: There is no such preset or number of clusters.
        StudyError: ``study.toml`` has a setting that does not exist.
        DataError: A file of words cannot be read.
    """
    from dataclasses import replace

    from netgloss.words.handmap import read_words
    from netgloss.words.options import PRESETS

    for key in stage:
        if key not in _KNOWN:
            raise StudyError(
                f"{folder / 'study.toml'}: [words] has no setting '{key}'; "
                f"known: {', '.join(_KNOWN)}"
            )
    preset = stage.get("preset", "default")
    if preset not in PRESETS:
        raise OptionError(f"words: preset {preset!r} is not known; use {' or '.join(PRESETS)}")
    chosen: dict[str, Any] = {
        key: stage[key] for key in ("min_seconds", "min_worker_share") if key in stage
    }
    if "embedding" in stage:
        chosen["embedding"] = _anchored_embedding(folder, str(stage["embedding"]))
        chosen["clusters"] = "none" if stage["embedding"] == "none" else "auto"
    if "clusters" in stage:
        chosen["clusters"] = _clusters(stage["clusters"])
    if "protect" in stage:
        chosen["protected"] = read_words(folder / stage["protect"])
    if "stop_words" in stage:
        chosen["stop_words"] = read_words(folder / stage["stop_words"])
    return replace(PRESETS[preset], **chosen)


def build(folder: Path, settings: Settings, images: pd.DataFrame, track: Tracker) -> Vocabulary:
    """Writes ``vocabulary.csv``; what a person edited in it stays.

    Raises:
        StudyError: There are no answers yet.
        DataError: No term is left, or a file given as an option is malformed.
    """
    from netgloss.words.edits import detect_edits
    from netgloss.words.handmap import read_hand_map
    from netgloss.words.terms import typed_terms
    from netgloss.words.vocabulary import build_vocabulary

    options = word_options(folder, settings.stage("words"))
    place, last = folder / "vocabulary.csv", folder / ".netgloss" / "vocabulary.csv"
    with writing(folder, "vocabulary"):
        answers, terms = _answers(folder, options.min_seconds)
        hand_map = settings.stage("words").get("map")
        vocabulary = build_vocabulary(
            typed_terms(answers, terms),
            options,
            class_names=sorted(set(images["prediction"].dropna()) | set(images["truth"].dropna())),
            hand_map=read_hand_map(folder / hand_map) if hand_map else None,
            edits=detect_edits(place, last),
            track=track,
        )
        write_csv(vocabulary.frame, place)
        write_text(last, place.read_text(encoding="utf-8"))
        write_record(
            folder,
            "words",
            settings.stage("words"),
            [],
            notes=list(vocabulary.notes),
            unsure=vocabulary.unsure.to_dict("records"),
        )
    return vocabulary


def concept_table(folder: Path, settings: Settings, images: pd.DataFrame) -> ConceptTable:
    """The concept table, from disk when nothing it was made from has changed."""
    from netgloss.concepts.table import ConceptTable

    options = word_options(folder, settings.stage("words"))
    kept = {"min_seconds": options.min_seconds, "min_worker_share": options.min_worker_share}
    inputs = [folder / "images.parquet", folder / "vocabulary.csv"]
    inputs += [folder / "answers" / "answers.parquet", folder / "answers" / "terms.parquet"]
    place = folder / "concepts.parquet"
    if is_fresh(folder, "concepts", kept, inputs, [place]):
        # A damaged table is no loss: it is made from the other files.
        with suppress(StudyError, DataError):
            return ConceptTable.load(place)
    with writing(folder, "concepts"):
        answers, areas = regions(folder, settings)
        predicted = images.dropna(subset=["prediction"]).set_index("image")["prediction"]
        table = ConceptTable.build(
            areas,
            predicted,
            answers["image"].unique(),
            answers=answers,
            min_worker_share=options.min_worker_share,
        )
        table.save(place)
        write_record(folder, "concepts", kept, inputs)
    return table


def regions(folder: Path, settings: Settings) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The answers that count, and every area they describe in words of the vocabulary.

    Returns:
        The answers (answer, person, image, seconds, ...); and the areas: answer, box, image,
        person, type (a concept or empty), attributes (list of concepts), x0, y0, x1, y1.

    Raises:
        StudyError: The vocabulary is missing.
    """
    from netgloss.words.edits import read_vocabulary
    from netgloss.words.terms import apply_vocabulary

    options = word_options(folder, settings.stage("words"))
    place = folder / "vocabulary.csv"
    if not place.is_file():
        raise StudyError(f"{folder}: no vocabulary yet; make it with: netgloss words {folder}")
    answers, terms = _answers(folder, options.min_seconds)
    areas = apply_vocabulary(read_vocabulary(place), terms)
    boxes = terms[["answer", "box", "x0", "y0", "x1", "y1"]]
    people = answers[["answer", "image", "person"]]
    return answers, areas.merge(boxes, on=["answer", "box"]).merge(people, on="answer")


def _answers(folder: Path, min_seconds: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    from netgloss.answers.format import read_answers
    from netgloss.answers.trust import filter_answers

    answers, terms = read_answers(folder)
    if answers.empty:
        raise StudyError(
            f"{folder}: no answers yet; bring some in with: netgloss import {folder} csv FILE"
        )
    answers, terms, _ = filter_answers(answers, terms, min_seconds=min_seconds)
    if answers.empty:
        raise StudyError(
            f"{folder}: every answer took less than {min_seconds:g} seconds; lower --min-seconds"
        )
    return answers, terms


def _clusters(value: object) -> str | int:
    text = str(value)
    if text in ("auto", "none"):
        return text
    if text.isdigit() and int(text) > 0:
        return int(text)
    raise OptionError(f"words: clusters {text!r} is neither auto, none nor a number above 0")


def _anchored_embedding(folder: Path, text: str) -> str:
    """The embedding with its path, if it has one, anchored at the study folder."""
    name, colon, path = text.partition(":")
    return f"{name}:{folder / path}" if colon and path else text
