"""One usable image of a study, and the names by which other programs call it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from netgloss.vision.decode import decode
from netgloss.vision.names import resolve_names

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Image", "resolve_names", "usable"]


@dataclass(frozen=True)
class Image:
    """One image that the study uses.

    Args:
        image: Its identifier: the path relative to the source, with ``/``.
        path: Where the file lies.
        width: Pixels, after the EXIF orientation.
        height: Pixels, after the EXIF orientation.
        truth: The true class; None when unknown.
        prediction: The class the model says; None before it was asked.
        root: The folder the file must not lead out of; None for a manifest, whose writer
            chose every path.
    """

    image: str
    path: Path
    width: int
    height: int
    truth: str | None = None
    prediction: str | None = None
    root: Path | None = field(default=None, repr=False, compare=False)

    def pixels(self) -> NDArray[np.uint8]:
        """Decodes the file, shape (height, width, 3), 8-bit RGB.

        Raises:
            DataError: The file has gone or changed since the scan and is no usable picture.
        """
        return decode(self.path, self.root)


def usable(images: pd.DataFrame, source: Path) -> list[Image]:
    """The images whose status is ``ok``, in the table's order.

    Args:
        images: The columns of ``images.parquet``; ``truth`` and ``prediction`` may be missing.
        source: What was scanned: the folder, or the manifest.
    """
    base, root = (source, source) if source.is_dir() else (source.parent, None)
    return [
        Image(
            image=str(row["image"]),
            path=base / row["path"],
            width=int(row["width"]),
            height=int(row["height"]),
            truth=_text(row.get("truth")),
            prediction=_text(row.get("prediction")),
            root=root,
        )
        for row in images[images["status"] == "ok"].to_dict("records")
    ]


def _text(value: Any) -> str | None:
    """The text of a cell; None for each way in which pandas says that there is none."""
    return value if isinstance(value, str) else None
