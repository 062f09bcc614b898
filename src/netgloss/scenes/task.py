"""What a drawn task is made of: classes, cues that can be planted, and a plan for each picture.

Methods 9, controlled biases: classes, an injected or resampled cue, and the concepts under which
the cue should come out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property

from netgloss.errors import OptionError
from netgloss.scenes.plan import Plan

__all__ = ["Bias", "Cue", "Order", "Planted", "Task", "concepts"]


@dataclass(frozen=True)
class Bias:
    """Which cue is planted, and how closely it follows the class.

    Args:
        cue: A cue of the task.
        strength: Share of the pictures, from 0 to 1, in which the cue tells the class. In the
            others the cue is drawn by chance and the class shows its own signs instead.

    Raises:
        OptionError: The strength is outside 0 to 1.

    Example:
        >>> Bias("stripe", 1.5)
        Traceback (most recent call last):
        netgloss.errors.OptionError: bias 'stripe': strength 1.5 is not possible; ...
    """

    cue: str
    strength: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.strength <= 1:
            raise OptionError(
                f"bias '{self.cue}': strength {self.strength:g} is not possible; "
                "give one from 0 to 1"
            )


@dataclass(frozen=True)
class Order:
    """One picture to plan.

    Args:
        seed: Draws everything that varies.
        label: One of the task's classes.
        cue: The planted cue; the task's other cues vary at random.
        state: The cue's state in this picture.
        told: Whether the cue tells the class here. Then the class's own signs must not: they are
            drawn at random without a look at the label, or are hard to see.
    """

    seed: int
    label: str
    cue: str
    state: str
    told: bool


@dataclass(frozen=True)
class Planted:
    """The concepts that are the cue in words.

    Args:
        single: Patterns of concept names (``hour``, ``*-hour``), each of which is the cue.
        joined: Pairs of lists of patterns: an AND of two concepts, each with or without NOT, is
            the cue when one matches the left list and the other the right list.

    Example:
        >>> cue = Planted(("water", "*-water"), ((("city",), ("hour", "*-hour")),))
        >>> cue.matches("blue-water"), cue.matches("NOT city AND white-hour"), cue.matches("city")
        (True, True, False)
    """

    single: tuple[str, ...] = ()
    joined: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()

    def matches(self, expression: str) -> bool:
        """Whether a concept, or an AND of two, names the cue; NOT x is as good as x."""
        parts = [part.strip().removeprefix("NOT ") for part in expression.split(" AND ")]
        if len(parts) == 1:
            return _any(self.single, parts[0])
        if len(parts) > 2:
            return False
        one, two = parts
        return any(
            (_any(left, one) and _any(right, two)) or (_any(left, two) and _any(right, one))
            for left, right in self.joined
        )


@dataclass(frozen=True)
class Cue:
    """Something in a picture that can be made to follow the class.

    Args:
        about: What it is, for a person.
        states: Class to the states that belong to it, each as likely as the next; no state
            belongs to two classes.
        planted: The concepts that are the cue in words.
        exclusive_or: Whether no single concept tells the class, only two together.
    """

    about: str
    states: Mapping[str, tuple[str, ...]]
    planted: Planted
    exclusive_or: bool = False

    @cached_property
    def all_states(self) -> tuple[str, ...]:
        """Every state, class by class."""
        return tuple(state for states in self.states.values() for state in states)

    def expected_v(self, strength: float) -> float:
        """Cramér's V of the best single concept (of an AND of two, for an exclusive-or).

        Args:
            strength: As in :class:`Bias`; the classes are equally frequent.

        Source:
            Methods 9: 1 where one state belongs to each class, 1/sqrt(3) for a state of a
            balanced exclusive-or, both at strength 1.

        Example:
            >>> cue = Cue("", {"a": ("1", "4"), "b": ("2", "3")}, Planted(), exclusive_or=True)
            >>> round(cue.expected_v(1.0), 3)
            0.577
        """
        labels = list(self.states)
        per_class = 1 if not self.exclusive_or else len(self.states[labels[0]])
        # Share of the pictures that show it, in its own class and in each of the others.
        base = (1 - strength) / (len(labels) * per_class)
        own = strength / per_class + base
        mean = (own + (len(labels) - 1) * base) / len(labels)
        spread = ((own - mean) ** 2 + (len(labels) - 1) * (base - mean) ** 2) / len(labels)
        return float((spread / (mean * (1 - mean))) ** 0.5)


@dataclass(frozen=True)
class Task:
    """Classes, the cues that can tell them apart, and how to draw them.

    Args:
        name: What the user types.
        classes: The classes.
        cues: Cue name to what it is.
        groups: Type of an entity to what it belongs to: the whole that it is a part of
            (``lobster claw`` to ``lobster``), or for a thing of the background its coarse group
            (``cloud`` to ``nature``).
        plan: Plans a picture.
    """

    name: str
    classes: tuple[str, ...]
    cues: Mapping[str, Cue]
    groups: Mapping[str, str] = field(repr=False)
    plan: Callable[[Order], Plan] = field(repr=False)

    def cue(self, name: str) -> Cue:
        """The cue of that name.

        Raises:
            OptionError: There is none.
        """
        if name not in self.cues:
            raise OptionError(
                f"task '{self.name}': bias '{name}' is not known; "
                f"choose one of: {', '.join(self.cues)}"
            )
        return self.cues[name]


def concepts(*types: str) -> tuple[str, ...]:
    """The patterns of concept names that name one of the types, alone or with attributes.

    Example:
        >>> concepts("lane marking")
        ('lane_marking', '*-lane_marking')
    """
    names = [kind.replace(" ", "_") for kind in types]
    return tuple(pattern for name in names for pattern in (name, f"*-{name}"))


def _any(patterns: tuple[str, ...], name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
