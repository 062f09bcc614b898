"""What the served study holds to show: each heat map with its image, found by its identifier."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from netgloss.errors import StudyError
from netgloss.evidence.items import HeatReader, read_items
from netgloss.evidence.writer import evidence_folder
from netgloss.server.errors import RequestError
from netgloss.study import Study
from netgloss.vision.geometry import Placement
from netgloss.vision.images import Image

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["StoredEvidence", "or_try_later", "stored_evidence", "version_of"]

_RENEWED = "The images of this study are being renewed; please try again in a minute."
_KEPT = 4  # studies and methods in use at a time


class StoredEvidence:
    """One method's heat maps of one study; empty ones and those of lost images are left out.

    Args:
        study: The study.
        method: The evidence method.

    Attributes:
        classes: The classifier's; without one, those that images and heat maps name.

    Raises:
        StudyError: The study holds no heat maps of the method, or they cannot be read.
    """

    def __init__(self, study: Study, method: str) -> None:
        self.study = study
        self._reader = HeatReader(study.folder, method)
        images = {image.image: image for image in study.usable_images()}
        items = read_items(study.folder, method)
        self._items = {
            item.evidence: (item, images[item.image])
            for item in items[~items["empty"]].itertuples()
            if item.image in images
        }
        self._digests: dict[str, str] = {}
        self.classes = _classes(study, self._items.values())

    def __iter__(self) -> Iterator[str]:
        """The identifiers, in the table's order."""
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def row(self, evidence: str) -> Any:
        """The heat map's row of the table ``items``: ``target``, ``layer``, ``weight`` and more.

        Raises:
            StudyError: There is no such heat map (any more).
        """
        return self._found(evidence)[0]

    def image(self, evidence: str) -> Image:
        """The image that the heat map is of.

        Raises:
            StudyError: There is no such heat map (any more).
        """
        return self._found(evidence)[1]

    def placement(self, evidence: str) -> Placement | None:
        """Where the map's input lies on the image; None for a map of the whole image."""
        item, image = self._found(evidence)
        model = self.study.settings.model
        if model is None or item.covers == "original":
            return None
        return model.placement(image.width, image.height)

    def heat(self, evidence: str) -> NDArray[np.float32]:
        """The heat map at its own resolution, shape (height, width)."""
        return self._reader.heat(self._found(evidence)[0])

    def is_flat(self, evidence: str) -> bool:
        """Whether the heat map is the same everywhere, and so points to no place."""
        heat = self.heat(evidence)
        return bool(heat.min() == heat.max())

    def digest(self, evidence: str) -> str:
        """What tells this heat map and its place from any other; read once."""
        if evidence not in self._digests:
            heat = self.heat(evidence)
            digest = hashlib.sha256(f"{heat.shape} {self.placement(evidence)}".encode())
            digest.update(heat.tobytes())
            self._digests[evidence] = digest.hexdigest()
        return self._digests[evidence]

    def heat_on_image(self, evidence: str) -> NDArray[np.float32]:
        """The heat map on its image, shape (image.height, image.width)."""
        item, image = self._found(evidence)
        return self._reader.on_original(item, image, self.placement(evidence))

    def _found(self, evidence: str) -> tuple[Any, Image]:
        try:
            return self._items[evidence]
        except KeyError:
            raise StudyError(
                f"{self.study.folder}: the heat map {evidence!r} is no longer there; the server "
                "asks about those that are once nothing writes heat maps any more"
            ) from None


def stored_evidence(method: str, folder: Path | None = None) -> StoredEvidence:
    """The heat maps of a method; read again only when the study has changed.

    Args:
        method: The evidence method.
        folder: The study folder; the one that is served when None.
    """
    folder = settings.STUDY if folder is None else folder
    items = evidence_folder(folder, method) / "items.parquet"
    tables = (folder / "study.toml", folder / "images.parquet", items)
    return _read(folder, method, tuple(version_of(path) for path in tables))


@contextmanager
def or_try_later() -> Iterator[None]:
    """Tells people to try again where a heat map is not there at this moment.

    Pages do so by themselves; once heat maps are there again, or known to be gone, they hear which.

    Raises:
        RequestError: 503 ``renewed``.
    """
    try:
        yield
    except StudyError as fault:
        raise RequestError(503, "renewed", _RENEWED) from fault


def _classes(study: Study, items: Iterable[tuple[Any, Image]]) -> frozenset[str]:
    model = study.settings.model
    if model is not None:
        return frozenset(model.classes)
    named = ((item.target, image.truth, image.prediction) for item, image in items)
    return frozenset(name for names in named for name in names if name is not None)


@lru_cache(maxsize=_KEPT)
def _read(folder: Path, method: str, _versions: tuple[tuple[int, int], ...]) -> StoredEvidence:
    return StoredEvidence(Study.open(folder), method)


def version_of(path: Path) -> tuple[int, int]:
    """What changes when a file does: its size and time; zeros where there is none.

    Whoever reads the file then says what is wrong with it.
    """
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_size, status.st_mtime_ns
