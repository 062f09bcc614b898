"""What a kind of task offers to the engine, and where kinds are found by name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from netgloss.server.errors import RequestError

if TYPE_CHECKING:
    from netgloss.answers.format import Answer
    from netgloss.server.people.models import Person
    from netgloss.server.tasks.models import Assignment, Task
    from netgloss.study import Study

__all__ = ["KINDS", "Candidate", "Kind", "kind_of"]

KINDS = {"annotate": "netgloss.server.annotate.kind:Annotate"}
"""Where each kind of task lives, by its name."""


@dataclass(frozen=True)
class Candidate:
    """Something that a person can be asked about.

    Attributes:
        evidence: The heat map's identifier.
        image: The identifier of its image.
    """

    evidence: str
    image: str


class Kind(Protocol):
    """One kind of task: what it asks about, what it shows, and which answers it takes.

    Attributes:
        name: What the task is called in addresses and in the answer format.
        title: What people read above it, unless the organiser says otherwise.
        consent: The consent page to begin with, Markdown.
        instructions: The instructions to begin with, Markdown.
    """

    name: str
    title: str

    @property
    def consent(self) -> str: ...  # noqa: D102 - said above

    @property
    def instructions(self) -> str: ...  # noqa: D102 - said above

    def items(self, study: Study, method: str) -> Iterable[Candidate]:
        """What of the study can be asked about."""
        ...

    def shown(self, assignment: Assignment) -> dict[str, Any]:
        """What the page needs to show; nothing in it tells the class or the file's name.

        Args:
            assignment: With its item and task at hand.
        """
        ...

    def check(self, assignment: Assignment, body: Any, draft: bool = False) -> dict[str, Any]:
        """The body as it is stored.

        Args:
            assignment: What the body is about, with its item and task at hand.
            body: What the page sent.
            draft: It need not be complete yet.

        Raises:
            RequestError: 422 ``incomplete`` or ``malformed``, with ``where``.
        """
        ...

    def passes(self, body: dict[str, Any], expected: dict[str, Any]) -> bool:
        """Whether the answer to a control item is as expected."""
        ...

    def expectation(self, expected: Any) -> dict[str, Any]:
        """What is expected of a control item, as it is stored.

        Raises:
            RequestError: 422 ``malformed``: it could never be met.
        """
        ...

    def to_answer(self, assignment: Assignment) -> Answer:
        """The answered assignment in the answer format."""
        ...

    def words(self, task: Task, person: Person) -> dict[str, Any]:
        """Words to offer while the person types: their own, and where allowed everybody's."""
        ...


def kind_of(name: str) -> Kind:
    """The kind of task of this name.

    Raises:
        RequestError: 404: there is none.
    """
    if name not in KINDS:
        raise RequestError(404, "unknown", "There is no such task.")
    module, _, attribute = KINDS[name].partition(":")
    return cast(Kind, getattr(import_module(module), attribute)())
