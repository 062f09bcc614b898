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
from netgloss.study.spoken import Said, chosen_task, said, understood

if TYPE_CHECKING:
    import pandas as pd

    from netgloss.concepts.table import ConceptTable
    from netgloss.words.options import WordOptions
    from netgloss.words.translation import Translator
    from netgloss.words.vocabulary import Vocabulary

__all__ = ["build", "concept_table", "counting", "regions", "with_options", "word_options"]

_FILES = ("map", "protect", "stop_words", "irrelevant")
_PLAIN = ("task", "languages", "preset", "embedding", "clusters", "min_seconds", "min_worker_share")
_KNOWN = (*_PLAIN, *_FILES)


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
            min_seconds, min_worker_share. What concerns tags is read in ``study.spoken``.

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


def build(
    folder: Path,
    settings: Settings,
    images: pd.DataFrame,
    track: Tracker,
    translator: Translator | None = None,
) -> Vocabulary:
    """Writes ``vocabulary.csv``, which covers boxes and games; what a person edited in it stays.

    Args:
        folder: The study folder.
        settings: Those of this run.
        images: ``images.parquet``.
        track: Draws progress.
        translator: Asked for words of tags that ``translations.csv`` lacks.

    Raises:
        StudyError: There are neither answers nor games yet.
        DataError: No term is left, or a file given as an option is malformed.
    """
    from dataclasses import replace

    from netgloss.words.edits import detect_edits
    from netgloss.words.handmap import read_hand_map
    from netgloss.words.normalise import tokens
    from netgloss.words.terms import typed_terms
    from netgloss.words.vocabulary import build_vocabulary

    stage = settings.stage("words")
    options = word_options(folder, stage)
    chosen_task(folder, stage)  # a wrong setting is told before the work
    place, last = folder / "vocabulary.csv", folder / ".netgloss" / "vocabulary.csv"
    with writing(folder, "vocabulary"):
        spoken = said(folder, "both", options.min_seconds)
        hand_map = read_hand_map(folder / stage["map"]) if "map" in stage else None
        edits = detect_edits(place, last)
        classes = sorted(set(images["prediction"].dropna()) | set(images["truth"].dropna()))
        decided = (*classes, *edits["raw"], *(hand_map or {}))
        known = {word for term in decided for word in tokens(term)}
        found = understood(folder, spoken, stage, known, hand_map, translator)
        vocabulary = build_vocabulary(
            typed_terms(spoken.answers, spoken.terms),
            options,
            class_names=classes,
            hand_map=hand_map,
            edits=edits,
            meant=found.meant,
            track=track,
        )
        vocabulary = replace(vocabulary, notes=(*found.notes, *vocabulary.notes))
        write_csv(vocabulary.frame, place)
        write_text(last, place.read_text(encoding="utf-8"))
        write_record(
            folder,
            "words",
            stage,
            [],
            notes=list(vocabulary.notes),
            unsure=vocabulary.unsure.to_dict("records"),
        )
    return vocabulary


def concept_table(folder: Path, settings: Settings, images: pd.DataFrame) -> ConceptTable:
    """The concept table, from disk when nothing it was made from has changed."""
    from netgloss.concepts.table import ConceptTable

    stage = settings.stage("words")
    options = word_options(folder, stage)
    kept: dict[str, Any] = {"task": chosen_task(folder, stage), "min_seconds": options.min_seconds}
    kept["min_worker_share"] = options.min_worker_share
    inputs = [folder / "images.parquet", folder / "vocabulary.csv"]
    inputs += [folder / "answers" / f"{name}.parquet" for name in ("answers", "terms", "games")]
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

    place = folder / "vocabulary.csv"
    if not place.is_file():
        raise StudyError(f"{folder}: no vocabulary yet; make it with: netgloss words {folder}")
    spoken = counting(folder, settings)
    areas = apply_vocabulary(read_vocabulary(place), spoken.terms)
    boxes = spoken.terms[["answer", "box", "x0", "y0", "x1", "y1"]]
    people = spoken.answers[["answer", "image", "person"]]
    return spoken.answers, areas.merge(boxes, on=["answer", "box"]).merge(people, on="answer")


def counting(folder: Path, settings: Settings) -> Said:
    """What people said and the analyses count, as ``[words]`` asks: in boxes, in games or in both.

    Raises:
        StudyError: There is nothing yet, or every answer took less than the least time.
    """
    stage = settings.stage("words")
    options = word_options(folder, stage)
    return said(folder, chosen_task(folder, stage), options.min_seconds)


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
