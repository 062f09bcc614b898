"""Joins cluster maps that share a best label: the thesis's Algorithm 1 as connected components.

The algorithm merges any two clusters of a layer that share a best label, and repeats until
nothing changes. A merged cluster has the best labels of both, so every cluster it can reach is
tied to one of its originals by a shared label: what remains are the connected components,
whatever the order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from netgloss.errors import OptionError

__all__ = ["Average", "Chain", "chains", "components", "contributions", "merge_scores", "shares"]

Average = Literal["all", "having"]


@dataclass(frozen=True)
class Chain:
    """Cluster maps that are one only because a tie between labels bridges them.

    Attributes:
        members: The places of the cluster maps that became one.
        ties: Place of each bridging cluster map -> its tied labels, sorted. Without that one
            cluster map the rest would fall apart.
    """

    members: tuple[int, ...]
    ties: Mapping[int, tuple[str, ...]]


def components(best: Sequence[Set[str]]) -> list[tuple[int, ...]]:
    """Which clusters become one, as their places; each group ascending, groups by first member.

    A cluster without labels stays alone.

    Args:
        best: The best labels of each cluster of one layer.

    Source:
        Abstract Network Visualizations (2023), Algorithm 1. It prints "until changes" where
        "until unchanged" is meant.

    Example:
        >>> components([{"sky"}, {"fin"}, set(), {"sky", "sea"}, {"sea"}])
        [(0, 3, 4), (1,), (2,)]
    """
    root = list(range(len(best)))
    first: dict[str, int] = {}
    for place, labels in enumerate(best):
        for label in labels:
            root[_root(root, place)] = _root(root, first.setdefault(label, place))
    groups: dict[int, list[int]] = {}
    for place in range(len(best)):
        groups.setdefault(_root(root, place), []).append(place)
    return [tuple(members) for members in groups.values()]


def chains(best: Sequence[Set[str]]) -> list[Chain]:
    """The groups that hang together by a tie alone; see :class:`Chain`.

    Args:
        best: The best labels of each cluster of one layer.

    Example:
        >>> chains([{"brass"}, {"brass", "horn"}, {"horn"}])
        [Chain(members=(0, 1, 2), ties={1: ('brass', 'horn')})]
    """
    found = []
    for members in components(best):
        ties = {
            place: tuple(sorted(best[place])) for place in members if _bridges(place, members, best)
        }
        if ties:
            found.append(Chain(members, ties))
    return found


def shares(weights: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of each part in the whole, shape (part,); equal where no part has any weight.

    Example:
        >>> shares([0.3, 0.1]).round(2).tolist(), shares([0.0, 0.0]).tolist()
        ([0.75, 0.25], [0.5, 0.5])
    """
    given = np.asarray(weights, dtype=np.float64)
    total = given.sum()
    return given / total if total > 0 else np.full(len(given), 1 / max(1, len(given)))


def contributions(
    weights: Sequence[float], scores: Sequence[Mapping[str, float]], average: Average = "all"
) -> dict[str, tuple[float, ...]]:
    """What each part adds to the merged score of each label, by falling sum, then by label.

    Args:
        weights: Of the parts, shape (part,).
        scores: Of each part, label -> score.
        average: ``all`` counts a part without the label as 0; ``having`` averages only over the
            parts that have it.

    Raises:
        OptionError: ``average`` is neither.

    Source:
        Abstract Network Visualizations (2023), section 3.5 ("a weighted average of their
        score") and Figure 20, which stacks what each part adds.

    Example:
        >>> contributions([3.0, 1.0], [{"fin": 2.0}, {"fin": 4.0, "sea": 2.0}])
        {'fin': (1.5, 1.0), 'sea': (0.0, 0.5)}
    """
    if average not in get_args(Average):
        raise OptionError(f"average {average!r} is unknown; use 'all' or 'having'")
    given = np.asarray(weights, dtype=np.float64)
    found = {}
    for label in sorted({label for known in scores for label in known}):
        counted = np.array([average == "all" or label in known for known in scores])
        used = np.zeros(len(given))
        used[counted] = shares(given[counted])
        added = used * np.array([known.get(label, 0.0) for known in scores])
        found[label] = tuple(added.tolist())
    return dict(sorted(found.items(), key=lambda entry: (-round(sum(entry[1]), 9), entry[0])))


def merge_scores(
    weights: Sequence[float], scores: Sequence[Mapping[str, float]], average: Average = "all"
) -> dict[str, float]:
    """The merged score of each label, highest first; the sums of :func:`contributions`."""
    added = contributions(weights, scores, average)
    return {label: float(sum(parts)) for label, parts in added.items()}


def _root(root: list[int], place: int) -> int:
    while root[place] != place:
        root[place] = root[root[place]]
        place = root[place]
    return place


def _bridges(place: int, members: Iterable[int], best: Sequence[Set[str]]) -> bool:
    """Whether the others of its group fall apart without this cluster and its tie."""
    others = [best[member] for member in members if member != place]
    return len(best[place]) > 1 and len(components(others)) > 1
