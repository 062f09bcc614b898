"""``Study``: one folder, walked through its stages."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netgloss.errors import ModelError
from netgloss.progress import Tracker, untracked
from netgloss.store.tables import read_table
from netgloss.study import words
from netgloss.study.creation import build_classifier, create_study
from netgloss.study.results import keep, remember_query, require_significant
from netgloss.study.settings import ModelSettings, Settings

if TYPE_CHECKING:
    import pandas as pd

    from netgloss.answers.format import Answer, Merge
    from netgloss.answers.games import Game
    from netgloss.concepts.query import QueryResult
    from netgloss.concepts.table import ConceptTable
    from netgloss.concepts.tree import ConceptTree
    from netgloss.evidence.base import EvidenceMethod
    from netgloss.evidence.imported import HeatmapImport
    from netgloss.evidence.items import ExtractionReport
    from netgloss.explanations.local import LocalExplanation
    from netgloss.explanations.merging import Average
    from netgloss.explanations.overall import GlobalExplanation
    from netgloss.study.explaining import Written
    from netgloss.vision.classifier import Classifier
    from netgloss.vision.images import Image
    from netgloss.words.translation import Translator
    from netgloss.words.vocabulary import Vocabulary

__all__ = ["Study"]


class Study:
    """A classifier, images, and everything found out about them, in one folder.

    Example:
        >>> import netgloss as ng
        >>> ng.Study.open("nowhere")
        Traceback (most recent call last):
        netgloss.errors.StudyError: nowhere: no study here (study.toml is missing); ...
    """

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder = folder
        self.settings = settings

    @classmethod
    def open(cls, folder: str | Path) -> Study:
        """The study in ``folder``.

        Raises:
            StudyError: There is none, or its ``study.toml`` cannot be read.
        """
        folder = Path(folder)
        return cls(folder, Settings.load(folder))

    @classmethod
    def create(
        cls,
        folder: str | Path,
        images: str | Path,
        *,
        model: str | None = None,
        weights: str | Path | None = None,
        classes: Sequence[str] = (),
        input_size: int | tuple[int, int] = 224,
        predictions: str | Path | None = None,
        track: Tracker = untracked,
        **preparation: Any,
    ) -> Study:
        """Makes a study and predicts the class of every image.

        Args:
            folder: Where; it must not exist yet, or be empty.
            images: A folder with a sub-folder a class, a flat folder, or a CSV (path, truth).
            model: ``package.module:name`` or ``path/to/file.py:name``.
            weights: ``.safetensors``, or a state dict saved by torch.
            classes: Class names in the order of the model's outputs.
            input_size: Pixels; one number for a square, or (height, width).
            predictions: A CSV (image, predicted_label) instead of a model.
            track: Draws progress.
            **preparation: ``resize``, ``crop_ratio``, ``mean``, ``std``, ``device``,
                ``precision`` of :class:`~netgloss.study.settings.ModelSettings`.

        Raises:
            NetglossError: Something does not fit; no folder is left behind.
        """
        folder = Path(folder)
        size = (input_size, input_size) if isinstance(input_size, int) else input_size
        settings = None
        if model is not None:
            if not classes:
                raise ModelError(f"{model}: needs the names of its classes (--classes a,b,c)")
            settings = ModelSettings(
                factory=model,
                classes=tuple(classes),
                input_size=size,
                weights=str(weights) if weights is not None else None,
                **preparation,
            )
        given = Path(predictions) if predictions is not None else None
        create_study(folder, Path(images), settings, given, track)
        study = cls.open(folder)
        if model is not None:
            study.predict(track=track)
        return study

    # ------------------------------------------------------------------ images and classifier

    @property
    def source(self) -> Path:
        """The folder or CSV that the images come from."""
        return self.folder / self.settings.source

    def images(self) -> pd.DataFrame:
        """One row a file of the source: image, path, size, truth, prediction, score, status."""
        return read_table(self.folder / "images.parquet")

    def usable_images(self) -> list[Image]:
        """The images that can be read and have a prediction."""
        from netgloss.vision.images import usable

        images = self.images()
        return usable(images[images["prediction"].notna()], self.source)

    @cached_property
    def classifier(self) -> Classifier:
        """The classifier, built on first use.

        Raises:
            ModelError: The study has none (predictions were given), or it cannot be built.
        """
        if self.settings.model is None:
            raise ModelError(
                f"{self.folder}: made from predictions, without a classifier; "
                f"bring heat maps with: netgloss import {self.folder} heatmaps DIR"
            )
        return build_classifier(self.settings.model, self.folder)

    def predict(self, batch_size: int = 32, track: Tracker = untracked) -> int:
        """Predicts the images that have no prediction yet; returns how many those were.

        What is done is saved every few seconds, so that an interrupted run goes on.
        """
        from netgloss.study.classifying import predict

        return predict(self, batch_size, track)

    # ------------------------------------------------------------------ evidence

    def extract(
        self,
        method: EvidenceMethod,
        *,
        limit: int = 0,
        seed: int = 0,
        restart: bool = False,
        track: Tracker = untracked,
    ) -> ExtractionReport:
        """Extracts heat maps for images drawn at random, balanced by predicted class.

        Args:
            method: For example ``SmoothGrad(samples=10, noise=0.05)``.
            limit: How many images; 0 for all. A larger limit later keeps what is there.
            seed: Of the draw.
            restart: Throw away maps made with other options.
            track: Draws progress.
        """
        from netgloss.study.classifying import extract

        return extract(self, method, limit=limit, seed=seed, restart=restart, track=track)

    def import_heatmaps(
        self, folder: Path, blend: float = 0.5, track: Tracker = untracked
    ) -> HeatmapImport:
        """Takes in heat maps that another program made, matched to images by file name.

        Args:
            folder: Where they are; sub-folders are read too.
            blend: The map's share where it is mixed with the photograph, in (0, 1].
            track: Draws progress.
        """
        from netgloss.evidence.imported import import_heatmaps

        return import_heatmaps(self.folder, folder, self.usable_images(), blend, track)

    def export_overlays(self, folder: Path, track: Tracker = untracked) -> int:
        """Writes the heat maps over their photographs, for people who annotate elsewhere."""
        from netgloss.study.heat import write_overlays

        return write_overlays(self, folder, track)

    # ------------------------------------------------------------------ answers

    def import_answers(
        self, kind: str, file: Path, skip_unknown: bool = False, track: Tracker = untracked
    ) -> tuple[Merge, tuple[str, ...]]:
        """Takes in answers from a file: all of it, or nothing where a row is malformed.

        Args:
            kind: ``mturk``, ``label-studio``, ``coco`` or ``csv``.
            file: The file.
            skip_unknown: Leave out answers about images that the study lacks.
            track: Draws progress.

        Returns:
            What is new, changed and unchanged; and notes for the person.
        """
        from netgloss.answers.readers import read_file

        read = read_file(kind, file, self.images(), skip_unknown=skip_unknown, track=track)
        return self.add_answers(read.answers), read.notes

    def add_answers(self, answers: Sequence[Answer]) -> Merge:
        """Adds answers; one with an identifier that is there already replaces it."""
        from netgloss.answers.format import merge_answers

        return merge_answers(self.folder, answers)

    def export_answers(self, kind: str, file: Path) -> None:
        """Writes all answers as ``csv``, ``coco`` or ``label-studio``."""
        from netgloss.answers.export import export_answers

        export_answers(self.folder, kind, file, self.images())

    def import_games(
        self, file: Path, skip_unknown: bool = False, track: Tracker = untracked
    ) -> tuple[Merge, tuple[str, ...]]:
        """Takes in games from a file: all of it, or nothing where a row is malformed.

        Args:
            file: A CSV, JSON or Parquet file, by its ending.
            skip_unknown: Leave out games about images or heat maps that the study lacks.
            track: Draws progress.

        Returns:
            What is new, changed and unchanged; and notes for the person.
        """
        from netgloss.answers.game_import import read_game_file
        from netgloss.evidence.items import methods_present, read_items

        tables = [read_items(self.folder, method) for method in methods_present(self.folder)]
        evidence = {
            str(name): str(image)
            for items in tables
            for name, image in zip(items["evidence"], items["image"], strict=True)
        }
        images = self.images()
        read = read_game_file(file, images, evidence, skip_unknown=skip_unknown, track=track)
        return self.add_games(read.games), read.notes

    def add_games(self, games: Sequence[Game]) -> Merge:
        """Adds games; one with an identifier that is there already replaces it."""
        from netgloss.answers.games import merge_games

        return merge_games(self.folder, games)

    def games(self) -> pd.DataFrame:
        """All games, one a row: see :func:`netgloss.answers.games.read_games`."""
        from netgloss.answers.games import read_games

        return read_games(self.folder)

    def export_games(self, file: Path, kind: str = "") -> int:
        """Writes all games as ``csv``, ``json`` or ``parquet`` and says how many they are."""
        from netgloss.answers.game_files import export_games

        return export_games(self.folder, file, kind)

    # ------------------------------------------------------------------ words and concepts

    def words(
        self, track: Tracker = untracked, translator: Translator | None = None, **options: Any
    ) -> Vocabulary:
        """Builds the vocabulary, keeping what a person edited in ``vocabulary.csv``.

        Args:
            track: Draws progress.
            translator: Asked for words of tags that ``translations.csv`` lacks; nobody when None.
            **options: See :func:`netgloss.study.words.word_options`; options that are not
                given stay as the last run had them.
        """
        settings = words.with_options(self.folder, self.settings, options)
        vocabulary = words.build(self.folder, settings, self.images(), track, translator)
        # Only options that led to a vocabulary are kept.
        if settings.stage("words") != self.settings.stage("words"):
            settings.save(self.folder)
            self.settings = settings
        return vocabulary

    def concepts(self) -> ConceptTable:
        """The image × concept table, rebuilt when answers or vocabulary changed."""
        return words.concept_table(self.folder, self.settings, self.images())

    def rank(self, track: Tracker = untracked, **options: Any) -> pd.DataFrame:
        """Ranks the concepts and keeps the findings in ``results/``.

        Args:
            track: Draws progress of the combinations.
            **options: See :func:`netgloss.concepts.association.rank`.

        Raises:
            NetglossError: No concept is significant; the message says what to do.
        """
        found = self.concepts().rank(track=track, **options)
        require_significant(self.folder, found, options)
        keep(self.folder, "findings", found)
        return found

    def query(self, expression: str) -> QueryResult:
        """Tests an expression over concepts and remembers it for the report."""
        result = self.concepts().query(expression)
        remember_query(self.folder, result.expression)
        return result

    def rules(self, track: Tracker = untracked, **options: Any) -> pd.DataFrame:
        """Mines association rules and keeps them in ``results/``.

        Args:
            track: Draws progress.
            **options: See :func:`netgloss.concepts.rules.rules`.
        """
        found = self.concepts().rules(track=track, **options)
        keep(self.folder, "rules", found)
        return found

    def tree(self, **options: Any) -> ConceptTree:
        """Grows a decision tree and keeps its rules in ``results/``.

        Args:
            **options: See :func:`netgloss.concepts.tree.tree`.
        """
        grown = self.concepts().tree(**options)
        keep(self.folder, "tree", grown.rules)
        return grown

    # ------------------------------------------------------------------ explanations and report

    def explain(
        self, image: str, target: str | None = None, average: Average = "all"
    ) -> LocalExplanation:
        """What every layer saw on one image: its Abstract Network Visualization.

        Args:
            image: The image's identifier, or the end of it that no other image shares.
            target: The class explained; the predicted one when None.
            average: How merged cluster maps share their scores; see
                :func:`netgloss.explanations.merging.contributions`.

        Raises:
            NetglossError: The study has no such image, or no cluster maps of it; the message
                says what to do.
        """
        from netgloss.explanations.reading import explain_image
        from netgloss.study.explaining import material_of

        return explain_image(material_of(self), image, target, average)

    def explain_class(self, name: str, group: int | None = 3) -> GlobalExplanation:
        """What the layers saw over all explained images of a class.

        Args:
            name: The class.
            group: How many consecutive layers make a group; None for all.
        """
        from netgloss.study.explaining import explain_class, material_of

        return explain_class(material_of(self), name, group)

    def explain_all(self, group: int | None = 3, track: Tracker = untracked) -> Written:
        """Writes ``results/explanations``: every explained image and class, and an index.

        Args:
            group: As for :meth:`explain_class`.
            track: Draws progress.
        """
        from netgloss.study.explaining import write_all

        return write_all(self, group, track)

    def report(self, track: Tracker = untracked) -> Path:
        """Writes ``report.html``, one self-contained page, and returns its path."""
        from netgloss.report.page import write_report
        from netgloss.study.reporting import report_data

        return write_report(report_data(self), self.folder / "report.html", track=track)
