"""How names and numbers read on the page: concepts as words, shares in per cent, p as printed."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

__all__ = ["concept_words", "counted", "joined", "measure", "percent", "plain_label", "probability"]

_PREFIX = re.compile(r"\b(type|attribute|attr|pair|combination):")


def concept_words(concept: str) -> str:
    """A concept or expression as words.

    Operators stay in capitals, prefixes and quotes go.

    >>> concept_words("orange-lobster_claw AND NOT type:water")
    'orange lobster claw AND NOT water'
    """
    words = _PREFIX.sub("", concept).replace('"', "")
    return re.sub(r"\s+", " ", words.replace("_", " ").replace("-", " ")).strip()


def plain_label(label: str) -> str:
    """A class name as words.

    >>> plain_label("American_lobster")
    'American lobster'
    """
    return label.replace("_", " ")


def measure(value: float) -> str:
    """A number between -1 and 1 with two decimals and no leading zero; a dash for NaN.

    >>> measure(0.8601), measure(-0.25), measure(1.0), measure(float("nan"))
    ('.86', '−.25', '1.00', '–')
    """
    if not math.isfinite(value):
        return "∞" if value > 0 else "–"
    text = f"{abs(value):.2f}"
    text = text[1:] if text.startswith("0.") else text
    return f"−{text}" if round(value, 2) < 0 else text


def probability(value: float) -> str:
    """A p- or q-value as it is printed in papers, with its relation sign.

    >>> probability(0.0312), probability(3e-49), probability(1.0)
    ('= .031', '< .0001', '= 1')
    """
    if not math.isfinite(value):
        return "= –"
    if value < 1e-4:
        return "< .0001"
    if value >= 0.9995:
        return "= 1"
    return "= " + (f"{value:.4f}" if value < 1e-3 else f"{value:.3f}")[1:]


def percent(share: float) -> str:
    r"""A share in per cent, without decimals unless it would round to nothing or all.

    >>> percent(0.81), percent(0.004), percent(0.0), percent(0.997)
    ('81\xa0%', '0.4\xa0%', '0\xa0%', '99.7\xa0%')
    """
    if not math.isfinite(share):
        return "–"
    value = 100 * share
    whole = f"{value:.0f}"
    if whole in {"0", "100"} and not math.isclose(value, float(whole), abs_tol=1e-9):
        whole = f"{value:.1f}"
    return f"{whole}\N{NO-BREAK SPACE}%"


def counted(count: int, thing: str, things: str | None = None) -> str:
    r"""A count with its noun, which no line break parts.

    >>> counted(1, "image"), counted(1616, "box", "boxes")
    ('1\xa0image', '1,616\xa0boxes')
    """
    noun = thing if count == 1 else things or f"{thing}s"
    return f"{count:,}\N{NO-BREAK SPACE}{noun}"


def joined(items: Sequence[str], last: str = "and") -> str:
    """Items as a phrase.

    >>> joined(["a", "b", "c"]), joined(["a"], "or")
    ('a, b and c', 'a')
    """
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"
