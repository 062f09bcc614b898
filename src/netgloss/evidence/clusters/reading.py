"""Reads the cluster maps of a study and what was written down about their layers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from netgloss.errors import StudyError
from netgloss.evidence.items import read_items
from netgloss.evidence.writer import evidence_folder
from netgloss.store.tables import read_table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LAYERS", "LAYER_COLUMNS", "METHOD", "read_cluster_maps", "read_layers"]

METHOD = "anv"
LAYERS = "layers"
"""The table's name beside ``items.parquet``."""

LAYER_COLUMNS = {
    "image": "string",
    "target": "string",
    "layer": "string",
    "depth": "int32",
    "channels": "int32",
    "active": "int32",
    "kept": "int32",
    "flat": "int32",
    "clusters": "int32",
    "shown": "int32",
    "leftover": "float64",
    "silhouette": "float64",
    "height": "int32",
    "width": "int32",
    "empty": "bool",
}
"""The columns of :func:`read_layers`, which docs/architecture.md explains."""


def read_layers(study_folder: Path) -> pd.DataFrame:
    """What was found in each layer of each decision, one row an image, target and layer.

    Sorted by image, target and depth.

    Raises:
        StudyError: There are no cluster maps yet, or the file is damaged.
    """
    path = evidence_folder(study_folder, METHOD) / f"{LAYERS}.parquet"
    if not path.exists():
        raise StudyError(
            f"{study_folder}: holds no cluster maps; run `netgloss extract {study_folder} "
            f"{METHOD}` first"
        )
    frame = read_table(path, list(LAYER_COLUMNS)).astype(LAYER_COLUMNS)
    return frame.sort_values(["image", "target", "depth"], ignore_index=True)


def read_cluster_maps(study_folder: Path) -> pd.DataFrame:
    """The table of cluster maps with the depth of their layer, 0 for the shallowest explained.

    The columns are those of ``items.parquet`` and ``depth``; sorted by image, target, depth and
    unit (0 for a layer's heaviest).

    Raises:
        StudyError: There are no cluster maps yet, or a file is damaged.
    """
    items = read_items(study_folder, METHOD)
    where = ["image", "target", "layer"]
    depths = read_layers(study_folder)[[*where, "depth"]]
    joined = items.merge(depths, on=where, how="left", validate="many_to_one")
    if joined["depth"].isna().any():
        lost = joined.loc[joined["depth"].isna(), "evidence"].iloc[0]
        raise StudyError(
            f"{study_folder}: nothing is written down about the layer of {lost}; run `netgloss "
            f"extract {study_folder} {METHOD} --restart`"
        )
    joined["depth"] = joined["depth"].astype("int32")
    return joined.sort_values(["image", "target", "depth", "unit"], ignore_index=True)
