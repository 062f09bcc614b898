"""Prints listings as a table for people, or as CSV or JSON for programs; draws progress bars."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from netgloss.cli.options import Format

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

__all__ = ["bar", "listing", "note", "print_json", "print_table", "say", "track"]

T = TypeVar("T")
Column = tuple[str, Callable[[Mapping[str, Any]], str]]


def say(text: str) -> None:
    """Prints one line of the result on standard output."""
    typer.echo(text)


def note(text: str) -> None:
    """Prints one line beside the result, on standard error."""
    typer.echo(text, err=True)


def listing(
    frame: pd.DataFrame,
    style: Format,
    columns: Sequence[Column],
    limit: int | None = 0,
    title: str | None = None,
) -> None:
    """Prints a frame: all its columns for programs, the chosen ones for people.

    Args:
        frame: One row an entry, in the order to print.
        style: ``table``, ``csv`` or ``json``.
        columns: Heading and text of each column of the table.
        limit: How many rows; 0 for all; None for ten in a table and all elsewhere, since a
            program wants them all and a person the first.
        title: Printed above the table.
    """
    if limit is None:
        limit = 10 if style is Format.table else 0
    shown = frame.head(limit) if limit else frame
    if style is Format.json:
        print_json(shown.to_dict("records"))
    elif style is Format.csv:
        flat = shown.map(lambda value: json.dumps(plain(value)) if _is_nested(value) else value)
        flat.to_csv(sys.stdout, index=False, lineterminator="\n")
    else:
        print_table([dict(row) for row in shown.to_dict("records")], columns, title)
        if len(shown) < len(frame):
            note(f"{len(shown)} of {len(frame)} shown; --limit 0 shows all")


def print_table(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[Column], title: str | None = None
) -> None:
    """Prints rows as an aligned table; numbers stand to the right."""
    from rich.console import Console
    from rich.table import Table

    table: Table = Table(
        title=title, box=None, title_justify="left", title_style="bold", pad_edge=False
    )
    cells = [[text(row) for _, text in columns] for row in rows]
    for place, (heading, _) in enumerate(columns):
        numeric = bool(cells) and all(_looks_numeric(line[place]) for line in cells)
        table.add_column(heading, justify="right" if numeric else "left", overflow="fold")
    for line in cells:
        table.add_row(*line)
    # Words from people may hold square brackets: they are no markup.
    console = Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console = Console(
            file=sys.stdout, highlight=False, markup=False, emoji=False, width=160, no_color=True
        )
    console.print(table)


def print_json(value: object) -> None:
    """Prints JSON that every reader takes: no NaN, no infinity (both become null)."""
    typer.echo(json.dumps(plain(value), ensure_ascii=False, indent=1, allow_nan=False))


def plain(value: Any) -> Any:
    """A value as JSON knows it."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return None if value != value else str(value)


def bar(share: float, width: int = 10) -> str:
    """A bar of block characters for a share in [0, 1]."""
    eighths = round(max(0.0, min(1.0, share)) * width * 8)
    full, rest = divmod(eighths, 8)
    return "█" * full + ("▏▎▍▌▋▊▉"[rest - 1] if rest else "")


def track(items: Iterable[T], *, total: int, what: str) -> Iterator[T]:
    """Passes the items through under a progress bar on standard error, with the time left."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(what, total=total)
        for item in items:
            yield item
            progress.advance(task)


def _is_nested(value: object) -> bool:
    return isinstance(value, (dict, list, tuple, set)) or hasattr(value, "tolist")


def _looks_numeric(text: str) -> bool:
    return not text or text[0].isdigit() or text[0] in "-+<.∞"
