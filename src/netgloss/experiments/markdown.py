"""Tables in Markdown, as the pages of the experiments hold them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["table", "verdict_table"]

_MET = {True: "met", False: "**missed**", None: "not measured"}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown.

    Args:
        head: The names of the columns; one may be empty.
        rows: A text a column each.

    Example:
        >>> print(table(("", "V"), [("claw", ".91")]))
        | | V |
        |---|---|
        | claw | .91 |
    """
    return "\n".join([_line(head), "|---" * len(head) + "|", *(_line(row) for row in rows)])


def verdict_table(what: str, verdicts: Iterable[tuple[str, str, bool | None]]) -> str:
    """A table of promises, what was measured of each, and whether it is met.

    Args:
        what: What the promises are called.
        verdicts: Promise, what was measured, and whether that meets it; None where it could not
            be measured.
    """
    rows = ((promise, measured, _MET[met]) for promise, measured, met in verdicts)
    return table((what, "measured", ""), rows)


def _line(cells: Sequence[str]) -> str:
    return "".join(f"| {cell} " if cell else "| " for cell in cells) + "|"
