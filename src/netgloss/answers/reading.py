"""What all importers share: findings over a whole file, texts, numbers, JSON with limits."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from netgloss.errors import DataError

__all__ = [
    "Findings",
    "agreed",
    "clean_text",
    "join_attributes",
    "join_tags",
    "listed",
    "number",
    "parse_json",
    "quote",
    "read_json",
    "split_attributes",
    "split_tags",
    "text",
]

_LISTED = 10
_JSON_BYTES = 512 * 2**20


class Findings:
    """What a reader finds in one file: problems, which forbid its import, and notes.

    Args:
        path: The file; its name opens every message.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[str] = []
        self._notes: Counter[str] = Counter()

    @contextmanager
    def at(self, where: str) -> Iterator[None]:
        """Collects what the block cannot use, so that reading goes on to the end of the file."""
        try:
            yield
        except DataError as error:
            self.problems.append(f"{where}: {error}")

    def note(self, what: str, count: int = 1) -> None:
        """Counts something left out or mended, for example ``rejected assignments left out``."""
        self._notes[what] += count

    @property
    def notes(self) -> tuple[str, ...]:
        """One sentence a kind of note, with its count."""
        return tuple(f"{what}: {count}" for what, count in self._notes.items() if count)

    def check(self) -> None:
        """Ends the import when anything was malformed.

        Raises:
            DataError: Lists the first ten problems and counts the rest.
        """
        if self.problems:
            raise DataError(
                f"{self.path}: nothing was imported; {listed(self.problems)}; "
                "mend the file, then import it again"
            )


def listed(items: Sequence[str], separator: str = "; ") -> str:
    """The first ten items in one line, and how many more there are.

    Example:
        >>> listed([str(item) for item in range(12)], ", ")
        '0, 1, 2, 3, 4, 5, 6, 7, 8, 9, and 2 more'
    """
    more = len(items) - _LISTED
    return separator.join(items[:_LISTED]) + (f"{separator}and {more} more" if more > 0 else "")


def quote(value: object) -> str:
    """What somebody wrote, in quotes and cut to a length that fits a message.

    Example:
        >>> quote("x" * 99)
        "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..."
    """
    shown = repr(value)
    return shown if len(shown) <= 41 else shown[:38] + "..."


def clean_text(value: str) -> str:
    r"""The text without what no file format carries: NUL and halves of surrogate pairs.

    Browsers cut an emoji in two where a field's length ends; its half becomes U+FFFD.

    Example:
        >>> clean_text("claw \ud83e") == "claw \ufffd"
        True
    """
    if value.isascii() and "\0" not in value:
        return value
    whole = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\0", "\ufffd")


def text(value: object, what: str, *, needed: bool = False) -> str:
    """A cell or field as text; nothing at all counts as empty.

    Args:
        value: The cell or field.
        what: Its name, for messages.
        needed: Whether it must hold something; then blanks around it go too.

    Raises:
        DataError: It is a list, an object or a truth value, or empty though needed.
    """
    if value is None:
        value = ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise DataError(f"{what} {quote(value)} is not a text")
    cleaned = clean_text(str(value))
    if not needed:
        return cleaned
    if not cleaned.strip():
        raise DataError(f"{what} is empty")
    return cleaned.strip()


def number(value: object, what: str, *, least: float = -math.inf) -> float:
    """A cell or field as a finite number.

    Args:
        value: The cell or field; a text that holds a number will do.
        what: Its name, for messages.
        least: The smallest number that makes sense.

    Raises:
        DataError: It is no number, not finite, or smaller than ``least``.

    Example:
        >>> number(" 12.5", "width", least=0)
        12.5
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float) or "_" in str(value):
        raise DataError(f"{what} {quote(value)} is not a number")
    try:
        result = float(value)
    except (ValueError, OverflowError) as error:
        raise DataError(f"{what} {quote(value)} is not a number") from error
    if not math.isfinite(result):
        raise DataError(f"{what} {quote(value)} is not a finite number")
    if result < least:
        raise DataError(f"{what} {quote(value)} is smaller than {least:g}")
    return result


def agreed(values: Sequence[Any], what: str) -> Any:
    """The one value that all parts of an answer give; None when none gives any.

    Raises:
        DataError: They differ.
    """
    given = [value for value in values if value not in (None, "")]
    for value in given[1:]:
        if value != given[0]:
            raise DataError(f"one answer gives two {what}, {quote(given[0])} and {quote(value)}")
    return given[0] if given else None


def split_attributes(cell: str) -> tuple[str, ...]:
    """The attributes that stand in one text, as typed but for the blanks around each.

    Commas and semicolons part them. A JSON list of texts is taken word for word; that is how an
    attribute that holds a comma is written.

    Example:
        >>> split_attributes("orange, big;shiny,,")
        ('orange', 'big', 'shiny')
        >>> split_attributes('["1,5 m", "big"]')
        ('1,5 m', 'big')
    """
    listed = _text_list(cell)
    if listed is not None:
        return tuple(item for item in listed if item.strip())
    return tuple(part for item in re.split("[,;]", cell) if (part := item.strip()))


def join_attributes(attributes: Sequence[str]) -> str:
    """One text from which :func:`split_attributes` makes the same attributes.

    Example:
        >>> join_attributes(["orange", "big"]), join_attributes(["1,5 m"])
        ('orange, big', '["1,5 m"]')
    """
    plain = ", ".join(attributes)
    if split_attributes(plain) == tuple(attributes):
        return plain
    return json.dumps(list(attributes), ensure_ascii=False)


def split_tags(cell: str) -> tuple[str, ...]:
    """The tags that stand in one text, as typed but for the blanks around each.

    Semicolons part them, since a tag may be a phrase with commas. A JSON list of texts is taken
    word for word; that is how a tag that holds a semicolon is written.

    Example:
        >>> split_tags("red, white stripe; wheel;")
        ('red, white stripe', 'wheel')
    """
    listed = _text_list(cell)
    if listed is not None:
        return tuple(item for item in listed if item.strip())
    return tuple(part for item in cell.split(";") if (part := item.strip()))


def join_tags(tags: Sequence[str]) -> str:
    """One text from which :func:`split_tags` makes the same tags.

    Example:
        >>> join_tags(["red stripe", "wheel"]), join_tags(["; )"])
        ('red stripe; wheel', '["; )"]')
    """
    plain = "; ".join(tags)
    return plain if split_tags(plain) == tuple(tags) else json.dumps(tags, ensure_ascii=False)


def read_json(path: Path) -> Any:
    """The content of a JSON file.

    Raises:
        DataError: The file cannot be read, is larger than 512 MiB, or is not JSON.
    """
    try:
        size = path.stat().st_size
        if size > _JSON_BYTES:
            raise DataError(f"{path}: {size >> 20} MiB; export at most 512 MiB a file")
        raw = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        return parse_json(raw)
    except DataError as error:
        raise DataError(f"{path}: {error}; export it again as JSON") from error


def parse_json(raw: str | bytes) -> Any:
    """The value that a JSON text stands for; NaN and Infinity are no JSON.

    Raises:
        DataError: The text is broken, nested too deeply, or not text.
    """
    try:
        return json.loads(raw, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise DataError("the JSON is nested too deeply") from error
    except ValueError as error:
        raise DataError(f"not valid JSON ({error})") from error


def _text_list(cell: str) -> list[str] | None:
    """The texts of a JSON list; None where the cell is anything else."""
    if not cell.lstrip().startswith("["):
        return None
    try:
        value = parse_json(cell)
    except DataError:
        return None
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        return None
    return [clean_text(item) for item in value]


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number that JSON knows")
