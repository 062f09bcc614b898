"""The concept table: images x concepts, boolean, with each image's predicted label (SECA C4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from netgloss.errors import DataError, OptionError
from netgloss.store.tables import read_table, write_table

if TYPE_CHECKING:
    from netgloss.concepts.query import QueryResult
    from netgloss.concepts.tree import ConceptTree

__all__ = ["KINDS", "ConceptTable", "concept_columns"]

KINDS = ("type", "attribute", "pair", "combination")


@dataclass(frozen=True, eq=False)
class ConceptTable:
    """What people named on each image, beside what the model said of it.

    Attributes:
        images: Identifiers of the annotated images that have a predicted label.
        labels: The predicted label of each image, shape (image,).
        concepts: One row a column of the matrix: ``concept`` (its name) and ``kind``.
        matrix: 0/1, shape (image, concept).
        without_label: How many annotated images were left out for want of a predicted label.

    Example:
        >>> regions = pd.DataFrame({
        ...     "image": ["a.jpg", "b.jpg"], "person": ["P1", "P1"],
        ...     "type": ["stripe", "sky"], "attributes": [["orange"], []]})
        >>> table = ConceptTable.build(
        ...     regions, {"a.jpg": "ambulance", "b.jpg": "van"}, ["a.jpg", "b.jpg"])
        >>> table.keys
        ['type:sky', 'type:stripe', 'attribute:orange', 'pair:orange-stripe']
        >>> table.query("stripe AND NOT sky").finding["label"]
        'ambulance'
    """

    images: Sequence[str]
    labels: NDArray[np.str_]
    concepts: pd.DataFrame
    matrix: sparse.csc_array
    without_label: int = 0

    @classmethod
    def build(
        cls,
        regions: pd.DataFrame,
        labels: Mapping[str, str] | pd.Series[Any],
        annotated: Iterable[str],
        *,
        answers: pd.DataFrame | None = None,
        min_worker_share: float = 0.0,
    ) -> ConceptTable:
        """Builds the table from the words that people gave to regions of images.

        A region sets its type, each attribute, each attribute-type pair and, with two
        attributes or more, the combination of all of them. Persons and regions are united.

        Args:
            regions: One row a region: ``image``, ``person``, ``type`` (may be empty) and
                ``attributes`` (a list, may be empty), in the words of the vocabulary.
            labels: The predicted label of each image.
            annotated: The images that people answered; without a region they are zero rows.
            answers: Who answered which image (``image``, ``person``), so that a person who
                named nothing counts too; the persons in ``regions`` when None.
            min_worker_share: Share of an image's own persons who must have named a concept; 0,
                as in the paper, keeps what anybody named.

        Raises:
            DataError: A word holds a hyphen, which is what joins an attribute to its type.
        """
        known = dict(labels)
        every = list(dict.fromkeys([*annotated, *regions["image"]]))
        images = [image for image in every if _is_text(known.get(image))]
        said = _Statements(regions, {image: row for row, image in enumerate(images)})
        rows, columns, persons = said.counted()
        answered = regions if answers is None else answers
        enough = persons >= _needed_persons(answered, images, min_worker_share)[rows]
        rows, columns = rows[enough], columns[enough]
        keys, order = _in_order(said.keys, columns)
        return cls(
            images=images,
            labels=np.array([str(known[image]) for image in images], dtype=str),
            concepts=_concept_frame(keys),
            matrix=_zero_one(rows, order[columns], (len(images), len(keys))),
            without_label=len(every) - len(images),
        )

    @classmethod
    def load(cls, path: Path) -> ConceptTable:
        """Reads ``concepts.parquet``.

        Raises:
            StudyError: The file is missing or cut short.
            DataError: It is not a concept table.
        """
        frame = read_table(path)
        _check_frame(frame, path)
        keys = [name for name in frame.columns if name not in ("image", "label")]
        held = [np.flatnonzero(frame[key].to_numpy(dtype=bool)) for key in keys]
        rows = np.concatenate([np.empty(0, dtype=np.int64), *held])
        columns = np.repeat(np.arange(len(keys)), np.array([len(part) for part in held], dtype=int))
        return cls(
            images=frame["image"].tolist(),
            labels=np.array(frame["label"].tolist(), dtype=str),
            concepts=_concept_frame(keys),
            matrix=_zero_one(rows, columns, (len(frame), len(keys))),
        )

    def save(self, path: Path) -> None:
        """Writes the table as Parquet: image, label, then one boolean column a concept."""
        columns: dict[str, Any] = {
            "image": pd.array(list(self.images), dtype="string"),
            "label": pd.array(self.labels.tolist(), dtype="string"),
        }
        for number, key in enumerate(self.keys):
            columns[key] = self.column(number)
        write_table(pd.DataFrame(columns), path)

    @cached_property
    def keys(self) -> list[str]:
        """The name of each column with its kind, for example ``pair:orange-stripe``."""
        pairs = zip(self.concepts["kind"], self.concepts["concept"], strict=True)
        return [f"{kind}:{concept}" for kind, concept in pairs]

    @cached_property
    def position(self) -> dict[str, int]:
        """The number of each column by its name with kind."""
        return {key: number for number, key in enumerate(self.keys)}

    def column(self, number: int) -> NDArray[np.bool_]:
        """Which images carry the concept of this column, shape (image,)."""
        held = np.zeros(len(self.images), dtype=bool)
        start, stop = self.matrix.indptr[number : number + 2]
        held[self.matrix.indices[start:stop]] = True
        return held

    def subset(self, kinds: Sequence[str]) -> ConceptTable:
        """The same images with the concepts of these kinds only.

        Raises:
            OptionError: A kind has another name.
        """
        for kind in kinds:
            if kind not in KINDS:
                raise OptionError(f"kind {kind!r} is not known; choose among {', '.join(KINDS)}")
        kept = np.flatnonzero(self.concepts["kind"].isin(list(kinds)).to_numpy())
        return ConceptTable(
            images=self.images,
            labels=self.labels,
            concepts=self.concepts.iloc[kept].reset_index(drop=True),
            matrix=self.matrix[:, kept],
            without_label=self.without_label,
        )

    def rank(self, **options: Any) -> pd.DataFrame:
        """Ranked findings: see :func:`netgloss.concepts.association.rank`."""
        from netgloss.concepts.association import rank

        return rank(self, **options)

    def query(self, text: str, **options: Any) -> QueryResult:
        """Tests one expression in words: see :func:`netgloss.concepts.query.query`."""
        from netgloss.concepts.query import query

        return query(self, text, **options)

    def rules(self, **options: Any) -> pd.DataFrame:
        """Association rules: see :func:`netgloss.concepts.rules.rules`."""
        from netgloss.concepts.rules import rules

        return rules(self, **options)

    def tree(self, **options: Any) -> ConceptTree:
        """A decision tree and its rules: see :func:`netgloss.concepts.tree.tree`."""
        from netgloss.concepts.tree import tree

        return tree(self, **options)


def concept_columns(kind_type: str, attributes: tuple[str, ...]) -> tuple[str, ...]:
    """The columns that one region sets.

    Args:
        kind_type: The region's type; may be empty.
        attributes: The region's attributes in any order.

    Raises:
        DataError: A word holds a hyphen.

    Example:
        >>> concept_columns("hair", ("short", "black"))[3:]
        ('pair:black-hair', 'pair:short-hair', 'combination:black-short-hair')
    """
    words = tuple(sorted({word for word in attributes if word}))
    for word in (kind_type, *words):
        if "-" in word:
            raise DataError(
                f"concept {word!r} holds a hyphen, which joins an attribute to its type; "
                "write it with _ in vocabulary.csv"
            )
    columns = [f"type:{kind_type}"] if kind_type else []
    columns += [f"attribute:{word}" for word in words]
    if kind_type:
        columns += [f"pair:{word}-{kind_type}" for word in words]
        if len(words) > 1:
            columns.append(f"combination:{'-'.join((*words, kind_type))}")
    return tuple(columns)


class _Statements:
    """Who named which column on which image, as numbers: each distinct region is read once.

    Args:
        regions: As for :meth:`ConceptTable.build`.
        place: The row of each image that counts.
    """

    def __init__(self, regions: pd.DataFrame, place: Mapping[str, int]) -> None:
        self.keys: dict[str, int] = {}
        self.columns_of: list[list[int]] = []
        seen: dict[tuple[str, tuple[str, ...]], int] = {}
        self.rows, self.shapes = [], []
        columns = (regions[name].tolist() for name in ("image", "type", "attributes"))
        for image, kind_type, attributes in zip(*columns, strict=True):
            noun = kind_type if _is_text(kind_type) else ""
            words = _words(attributes)
            if (noun, words) not in seen:
                seen[noun, words] = len(seen)
                self.columns_of.append(self._numbers(noun, words))
            self.rows.append(place.get(image, -1))
            self.shapes.append(seen[noun, words])
        self.persons, _ = pd.factorize(regions["person"])

    def counted(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """The row and column of each thing named, and how many persons named it."""
        lengths = np.array([len(columns) for columns in self.columns_of], dtype=np.int64)
        starts = np.cumsum(lengths) - lengths
        flat = np.array([key for columns in self.columns_of for key in columns], dtype=np.int64)
        shapes = np.array(self.shapes, dtype=np.int64)
        times = lengths[shapes]
        within = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
        column = flat[np.repeat(starts[shapes], times) + within]
        row = np.repeat(np.array(self.rows, dtype=np.int64), times)
        cell = row * max(1, len(self.keys)) + column
        person = np.repeat(self.persons.astype(np.int64), times)
        people = max(1, len(self.persons))
        once = np.unique((cell * people + person)[row >= 0]) // people
        cells, persons = np.unique(once, return_counts=True)
        return *np.divmod(cells, max(1, len(self.keys))), persons

    def _numbers(self, noun: str, words: tuple[str, ...]) -> list[int]:
        keys = concept_columns(noun, words)
        return [self.keys.setdefault(key, len(self.keys)) for key in keys]


def _in_order(
    keys: Mapping[str, int], used: NDArray[np.int64]
) -> tuple[list[str], NDArray[np.int64]]:
    """The columns in use sorted by kind and name, and the new number of each old one."""
    held = np.zeros(len(keys), dtype=bool)
    held[used] = True
    kept = sorted((key for key, number in keys.items() if held[number]), key=_key_order)
    order = np.zeros(len(keys), dtype=np.int64)
    order[[keys[key] for key in kept]] = np.arange(len(kept))
    return kept, order


def _needed_persons(
    answers: pd.DataFrame, images: Sequence[str], share: float
) -> NDArray[np.float64]:
    """How many persons must have named a concept on each image for it to count."""
    if not 0 <= share <= 1:
        raise OptionError(f"min_worker_share is {share}; it is a share between 0 and 1")
    persons = answers.groupby("image")["person"].nunique().reindex(images, fill_value=0)
    # 0.6 of 5 persons is 3, not the 3.0000000000000004 of floating point.
    needed: NDArray[np.float64] = share * persons.to_numpy(dtype=np.float64) - 1e-9
    return needed


def _words(attributes: object) -> tuple[str, ...]:
    """A region's attributes, whatever kind of list Parquet or pandas keeps them in."""
    if isinstance(attributes, str):
        raise DataError(f"attributes {attributes!r} are one text; a list of words was expected")
    return tuple(attributes) if isinstance(attributes, Iterable) else ()


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _key_order(key: str) -> tuple[int, str]:
    kind, _, concept = key.partition(":")
    return KINDS.index(kind), concept


def _concept_frame(keys: Sequence[str]) -> pd.DataFrame:
    parts = [key.partition(":") for key in keys]
    return pd.DataFrame(
        {
            "concept": pd.array([concept for _, _, concept in parts], dtype="string"),
            "kind": pd.array([kind for kind, _, _ in parts], dtype="string"),
        }
    )


def _zero_one(
    rows: NDArray[np.integer], columns: NDArray[np.integer], shape: tuple[int, int]
) -> sparse.csc_array:
    ones = np.ones(len(rows), dtype=np.int8)
    # 32-bit indices: half the memory, and what scikit-learn's trees ask for.
    places = (rows.astype(np.int32), columns.astype(np.int32))
    matrix = sparse.csc_array((ones, places), shape=shape)
    matrix.sort_indices()
    return matrix


def _check_frame(frame: pd.DataFrame, path: Path) -> None:
    """Refuses a Parquet file that is not a concept table."""
    advice = "build it again with netgloss words"
    for name in ("image", "label"):
        if name not in frame.columns:
            raise DataError(f"{path}: column {name!r} is missing; {advice}")
    if frame["image"].duplicated().any():
        twice = frame["image"][frame["image"].duplicated()].iloc[0]
        raise DataError(f"{path}: image {twice!r} stands in two rows; {advice}")
    for name in frame.columns.difference(["image", "label"]):
        kind, _, concept = str(name).partition(":")
        if kind not in KINDS or not concept or frame[name].dtype != np.bool_:
            raise DataError(f"{path}: column {name!r} is not a boolean concept column; {advice}")
