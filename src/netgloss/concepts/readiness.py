"""What an analysis asks of a table first: can it be tested, and which columns say the same?"""

from __future__ import annotations

import numpy as np

from netgloss.concepts.table import ConceptTable
from netgloss.errors import NetglossError

__all__ = ["require_label", "same_columns", "usable"]


def usable(table: ConceptTable) -> ConceptTable:
    """The table itself, once it is known that something can be tested on it.

    Raises:
        NetglossError: It has no image, no concept, or one label only.
    """
    if not len(table.images):
        raise NetglossError(
            "the concept table has no image with both answers and a predicted label; "
            f"{table.without_label} annotated images lack a prediction"
        )
    if not len(table.concepts):
        raise NetglossError(
            f"nobody named a concept on any of the {len(table.images)} images; "
            "collect answers first"
        )
    only = np.unique(table.labels)
    if len(only) == 1:
        raise NetglossError(
            f"every annotated image is predicted {str(only[0])!r}; an association needs images "
            "of two labels at least, so annotate images of another class"
        )
    return table


def require_label(table: ConceptTable, label: str) -> None:
    """Checks that some image is predicted as this label.

    Raises:
        NetglossError: None is.
    """
    present = [str(name) for name in np.unique(table.labels)]
    if label not in present:
        raise NetglossError(
            f"label {label!r} is predicted for no annotated image; "
            f"the labels are {', '.join(present)}"
        )


def same_columns(table: ConceptTable) -> list[list[int]]:
    """For each column the columns, itself among them, that hold on exactly the same images."""
    columns = table.matrix.sorted_indices()
    held: dict[bytes, list[int]] = {}
    groups = []
    for number in range(columns.shape[1]):
        start, stop = columns.indptr[number : number + 2]
        group = held.setdefault(columns.indices[start:stop].tobytes(), [])
        group.append(number)
        groups.append(group)
    return groups
