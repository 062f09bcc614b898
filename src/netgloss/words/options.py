"""The settings of the words stage, and the presets that bundle them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

__all__ = ["PRESETS", "STOP_WORDS", "WordOptions"]

# "not", "no" and "without" stay: "not red" is no kind of red.
# fmt: off
STOP_WORDS = (
    "a", "an", "the", "of", "in", "on", "at", "by", "to", "for", "from", "with", "into",
    "onto", "over", "under", "near", "and", "or", "this", "that", "these", "those", "its",
    "it", "his", "her", "their", "my", "some", "any", "very", "is", "are",
)
# fmt: on
"""English articles, prepositions and the like, which no one means to name."""


@dataclass(frozen=True)
class WordOptions:
    """How typed terms become concepts.

    Attributes:
        preset: The preset these settings started from.
        spelling: ``token`` corrects word by word, ``whole`` the term as one string, ``none``
            not at all.
        protect_shared: Leave words alone that two people or one person often typed, and
            class names.
        protected: Further words to leave alone.
        embedding: What clusters are made by; see ``parse_embedding``.
        clusters: ``auto``, a number, or ``none``.
        pooled: Cluster the words of types and attributes together, as the paper does, instead
            of each kind on its own.
        merge_from: Least cosine of a merge; None leaves it to the embedding.
        stop_words: Words dropped from every term.
        join_spacing: Take "sea weed" and "seaweed" for one term, by its more frequent form.
        min_seconds: Least time a person spent on an image; used where answers are filtered.
        min_worker_share: Least share of an image's people who name a term; likewise.
        seed: Of k-means.
    """

    preset: str = "default"
    spelling: Literal["token", "whole", "none"] = "token"
    protect_shared: bool = True
    protected: tuple[str, ...] = ()
    embedding: str = "ngrams"
    clusters: Literal["auto", "none"] | int = "auto"
    pooled: bool = False
    merge_from: float | None = None
    stop_words: tuple[str, ...] = STOP_WORDS
    join_spacing: bool = True
    min_seconds: float = 0.0
    min_worker_share: float = 0.0
    seed: int = 0

    def as_record(self) -> dict[str, Any]:
        """The settings as plain values, for a stage record."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }


PRESETS = {
    "default": WordOptions(),
    "seca-2021": WordOptions(
        preset="seca-2021",
        spelling="whole",
        protect_shared=False,
        embedding="none",
        clusters="none",
        stop_words=(),
        join_spacing=False,
    ),
}
"""``default``, and ``seca-2021``: what the published code of SECA does with typed terms."""
