"""What evidence is, what a method that makes it looks like, and where methods are found."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from netgloss.errors import NetglossError, OptionError
from netgloss.progress import Tracker, untracked

if TYPE_CHECKING:
    from netgloss.vision.classifier import Classifier
    from netgloss.vision.images import Image

__all__ = [
    "ENTRY_POINTS",
    "IMPORTED",
    "Detail",
    "Evidence",
    "EvidenceMethod",
    "Skipped",
    "evidence_method",
    "evidence_methods",
]

ENTRY_POINTS = "netgloss.evidence"
IMPORTED = "heatmaps"  # the method's name of maps that were made elsewhere


@dataclass(frozen=True, eq=False)
class Evidence:
    """One heat map on one image for one target.

    Attributes:
        image: The image's identifier.
        method: Name of the method that made it.
        target: The class explained.
        weight: Share of the positive evidence, in [0, 1]; 1 for one map an image.
        heat: Values ≥ 0 at the method's own resolution, shape (height, width), float32.
        layer: The layer it was read at, where the method has one.
        unit: The feature of that layer, where the method has one; of a cluster map its rank in
            the layer, 0 for the heaviest.
        maps: The layer's feature maps that went into it, ascending, where several did.
    """

    image: str
    method: str
    target: str
    weight: float
    heat: NDArray[np.float32]
    layer: str | None = None
    unit: int | None = None
    maps: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Detail:
    """One row of a table that a method keeps beside its maps: ``<table>.parquet``.

    It lies on disk before the image's maps count, and goes when the image is made anew.

    Attributes:
        image: The image's identifier; the table's first column.
        table: The table's name, without the ending.
        values: The other columns; each always of one type.
    """

    image: str
    table: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Skipped:
    """An image that a method could not work on, and why."""

    image: str
    reason: str


class EvidenceMethod(Protocol):
    """What a method offers; its options are its constructor's arguments."""

    name: ClassVar[str]

    def options(self) -> dict[str, Any]:
        """The options that decide the maps, for JSON; what only affects speed stays out."""
        ...

    def extract(
        self, classifier: Classifier, images: Sequence[Image], track: Tracker = untracked
    ) -> Iterator[Evidence | Detail | Skipped]:
        """Yields the maps image by image, in the images' order, or why an image has none.

        All maps and details of one image come one after the other: an interrupted run goes on
        after the last whole image.
        """
        ...


def evidence_methods() -> dict[str, type[EvidenceMethod]]:
    """The installed methods by name, ours and third parties' alike, sorted.

    A package whose method cannot be imported is left out here, so that it breaks no other;
    :func:`evidence_method` says what is wrong with it.

    Example:
        >>> evidence_methods()["smoothgrad"].__name__
        'SmoothGrad'
    """
    found = {}
    for point in _points().values():
        try:
            found[point.name] = _load(point)
        except NetglossError:
            continue
    return found


def evidence_method(name: str, options: Mapping[str, Any] | None = None) -> EvidenceMethod:
    """The method of that name with these options.

    Args:
        name: One of :func:`evidence_methods`.
        options: Arguments of the method; its defaults for the rest. A ``seed`` is passed over
            where the method has nothing random.

    Raises:
        OptionError: There is no such method or option, or an option is out of range.
        NetglossError: The method's package cannot be imported.

    Example:
        >>> evidence_method("smoothgrad", {"samples": 25}).options()["samples"]
        25
    """
    points = _points()
    if name not in points:
        raise OptionError(
            f"evidence method {name!r} is not installed; the known methods are {', '.join(points)}"
        )
    method = _load(points[name])
    known = list(inspect.signature(method).parameters)
    given = {
        option: value
        for option, value in (options or {}).items()
        if option in known or option != "seed"
    }
    if unknown := sorted(set(given) - set(known)):
        raise OptionError(
            f"evidence method {name!r} has no option {unknown[0]!r}; it has {', '.join(known)}"
        )
    return method(**given)


def _points() -> dict[str, EntryPoint]:
    return {point.name: point for point in sorted(entry_points(group=ENTRY_POINTS))}


def _load(point: EntryPoint) -> type[EvidenceMethod]:
    try:
        method = point.load()
    except Exception as error:  # a third party's module may raise anything while it loads
        raise NetglossError(
            f"evidence method {point.name!r} ({point.value}) cannot be imported: {error}; "
            "reinstall or remove the package that provides it"
        ) from error
    return cast("type[EvidenceMethod]", method)
