"""Arguments and options that several verbs share, declared once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "Format",
    "FormatOption",
    "KindsOption",
    "LimitOption",
    "StudyFolder",
    "numbers",
    "split",
]


class Format(StrEnum):
    """How a listing is printed."""

    table = "table"
    csv = "csv"
    json = "json"


StudyFolder = Annotated[Path, typer.Argument(metavar="STUDY", help="The study's folder.")]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print it.")]
LimitOption = Annotated[
    int | None,
    typer.Option(min=0, help="How many rows; 0 for all. By default 10 in a table, else all."),
]
KindsOption = Annotated[
    str,
    typer.Option(
        metavar="KIND,...",
        help="Which columns: type, attribute, pair (one attribute with its type), combination "
        "(all attributes of an area with its type).",
    ),
]


def split(text: str) -> list[str]:
    """The parts of a comma-separated option, without blanks."""
    return [part.strip() for part in text.split(",") if part.strip()]


def numbers(text: str, count: int, option: str) -> tuple[float, ...]:
    """``count`` numbers separated by commas (one number stands for all).

    Raises:
        typer.BadParameter: Not numbers, or not as many.
    """
    try:
        values = tuple(float(part) for part in split(text))
    except ValueError as error:
        raise typer.BadParameter(f"'{text}' is not numbers", param_hint=option) from error
    if len(values) == 1:
        values *= count
    if len(values) != count:
        raise typer.BadParameter(f"'{text}' is not {count} numbers", param_hint=option)
    return values
