"""The questionnaires people fill in after a task: texts, scales and how they score (methods 12)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from netgloss.errors import OptionError

__all__ = [
    "NASA_TLX",
    "QUESTIONNAIRES",
    "SECA_DIFFICULTY",
    "SUS",
    "Item",
    "Questionnaire",
    "questionnaire",
]


@dataclass(frozen=True)
class Item:
    """One question.

    Args:
        name: What it is called in tables.
        text: What the person reads.
        low: What stands at the low end of the scale.
        high: What stands at its high end.
        is_reversed: Whether a high value counts against the score.
    """

    name: str
    text: str
    low: str
    high: str
    is_reversed: bool = False


@dataclass(frozen=True)
class Questionnaire:
    """A set of questions on one scale, and the score they add up to.

    A person's score lies as far between ``worst`` and ``best`` as the mean of the items, turned
    round where they are reversed, lies between ``lowest`` and ``highest``.

    Args:
        name: What it is called in tables.
        title: What the person reads above it.
        items: The questions in their order.
        lowest: Smallest value that can be chosen.
        highest: Largest value.
        step: Distance between two values.
        bottom: The score where every item says the least.
        top: The score where every item says the most.
        means: What a high score says, for whoever reads it.
        usual: The mean score over many published studies; None where there is none.
    """

    name: str
    title: str
    items: tuple[Item, ...]
    lowest: float
    highest: float
    bottom: float
    top: float
    means: str
    step: float = 1.0
    usual: float | None = None

    @property
    def middle(self) -> float:
        """The middle of the scale: what an item left out counts as."""
        return (self.lowest + self.highest) / 2

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the items in their order."""
        return tuple(item.name for item in self.items)

    @property
    def values(self) -> tuple[float, ...]:
        """Every value that can be chosen, rising.

        Example:
            >>> SUS.values
            (1.0, 2.0, 3.0, 4.0, 5.0)
        """
        steps = round((self.highest - self.lowest) / self.step)
        return tuple(self.lowest + number * self.step for number in range(steps + 1))


def _agreement(name: str, text: str, *, is_reversed: bool = False) -> Item:
    return Item(name, text, "strongly disagree", "strongly agree", is_reversed)


def _alternating(texts: Sequence[str]) -> tuple[Item, ...]:
    """Items in which every second one counts against the score."""
    return tuple(
        _agreement(f"sus_{number:02}", text, is_reversed=number % 2 == 0)
        for number, text in enumerate(texts, start=1)
    )


SUS = Questionnaire(
    name="sus",
    title="How usable was it?",
    items=_alternating(
        (
            "I think that I would like to use this system frequently.",
            "I found the system unnecessarily complex.",
            "I thought the system was easy to use.",
            (
                "I think that I would need the support of a technical person to be able to use "
                "this system."
            ),
            "I found the various functions in this system were well integrated.",
            "I thought there was too much inconsistency in this system.",
            "I would imagine that most people would learn to use this system very quickly.",
            "I found the system very cumbersome to use.",
            "I felt very confident using the system.",
            "I needed to learn a lot of things before I could get going with this system.",
        )
    ),
    lowest=1,
    highest=5,
    bottom=0,
    top=100,
    means="more usable",
    usual=68.0,
)
"""The System Usability Scale (Brooke 1996) in its standard wording, 0 to 100."""

NASA_TLX = Questionnaire(
    name="nasa_tlx",
    title="How hard was the task?",
    items=(
        Item(
            "mental_demand",
            "How much thinking, looking and deciding did the task ask of you?",
            "very little",
            "very much",
        ),
        Item(
            "physical_demand",
            "How much bodily effort did the task ask of you?",
            "very little",
            "very much",
        ),
        Item("temporal_demand", "How rushed did you feel?", "not at all", "very"),
        # A high value is failure, so it adds to the load as it is: nothing to reverse.
        Item("performance", "How well did you do what was asked?", "perfectly", "I failed"),
        Item("effort", "How hard did you have to try to do as well as you did?", "not", "very"),
        Item(
            "frustration",
            "How annoyed, discouraged or unsure of yourself were you?",
            "not at all",
            "very",
        ),
    ),
    lowest=0,
    highest=10,
    step=0.5,
    bottom=0,
    top=100,
    means="more load",
)
"""The raw NASA Task Load Index: six scales without weights, 0 to 100."""

SECA_DIFFICULTY = Questionnaire(
    name="seca_difficulty",
    title="How difficult were the parts of the task?",
    items=(
        Item("salient_areas", "To see which areas are highlighted was", "easy", "difficult"),
        Item("boxes", "To draw boxes around them was", "easy", "difficult"),
        Item("types", "To say what is in a box was", "easy", "difficult"),
        Item("attributes", "To say what it looks like was", "easy", "difficult"),
    ),
    lowest=1,
    highest=5,
    bottom=1,
    top=5,
    means="more difficult",
)
"""The four parts of SECA's annotation task (section 6.4.1), 1 easy to 5 difficult."""

QUESTIONNAIRES = {one.name: one for one in (SUS, NASA_TLX, SECA_DIFFICULTY)}
"""Every questionnaire by its name."""


def questionnaire(name: str) -> Questionnaire:
    """The questionnaire of this name.

    Raises:
        OptionError: There is none.

    Example:
        >>> questionnaire("sus").items[1].text
        'I found the system unnecessarily complex.'
    """
    if name not in QUESTIONNAIRES:
        known = ", ".join(QUESTIONNAIRES)
        raise OptionError(f"questionnaire {name!r} is not known; choose among {known}")
    return QUESTIONNAIRES[name]
