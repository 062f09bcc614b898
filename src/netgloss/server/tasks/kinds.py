"""What a kind of task offers to the engine, and where kinds are found by name."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, cast

from netgloss.server.errors import RequestError

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from netgloss.server.drawing import Ahead, Picture
    from netgloss.server.people.models import Person
    from netgloss.server.tasks.models import Assignment, Batch, Item, Task
    from netgloss.study import Study

__all__ = ["KINDS", "Candidate", "KindBase", "kind_of", "kinds"]

KINDS = {
    "annotate": "netgloss.server.annotate.kind:Annotate",
    "play": "netgloss.server.play.kind:Play",
}
"""Where each kind of task lives, by its name."""


@dataclass(frozen=True)
class Candidate:
    """Something that a person can be asked about.

    Attributes:
        evidence: The heat map's identifier.
        image: The identifier of its image.
        layer: The layer that the map is of; empty for a method with one map an image.
        weight: The map's share of the positive evidence, from 0 to 1.
    """

    evidence: str
    image: str
    layer: str = ""
    weight: float = 1.0


class KindBase(ABC):
    """One kind of task: what it asks about, what it shows, and which answers it takes.

    What a kind must say is abstract; the rest has defaults for a task whose answers may be
    corrected and in which nothing happens between seeing and answering.

    Attributes:
        name: What the task is called in addresses and in the answer format.
        title: What people read above it, unless the organiser says otherwise.
        defaults: Fields of a new :class:`~netgloss.server.tasks.models.Task` that differ from its
            own defaults.
        corrects: Whether an answer may be replaced while its batch is open.
        one_by_one: Whether a batch holds one item, so that control items come as batches of their
            own. Its clock starts when the batch is handed out, and its answer is told what is
            shown from then on and what comes after the batch.
        hides_images: Whether an image must not be seen elsewhere while it is asked about. Such a
            task hands out no image that the person has had in any task, and the other tasks hand
            out no image of the person's open assignments of this one.
        forms_after: Finished batches after which SUS and NASA-TLX are due.
        visit_batches: Batches that make a panel's visit.
        ahead: Pictures of each item to make before anybody asks.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    defaults: ClassVar[Mapping[str, Any]] = {}
    corrects: ClassVar[bool] = True
    one_by_one: ClassVar[bool] = False
    hides_images: ClassVar[bool] = False
    forms_after: ClassVar[int] = 1
    visit_batches: ClassVar[int] = 1
    ahead: ClassVar[Ahead] = ()

    # ------------------------------------------------------------------------- what is asked about

    @property
    @abstractmethod
    def consent(self) -> str:
        """The consent page to begin with, Markdown."""

    @property
    @abstractmethod
    def instructions(self) -> str:
        """The instructions to begin with, Markdown."""

    @abstractmethod
    def methods(self, study: Study) -> list[str]:
        """The evidence methods of the study that it can ask about, best first."""

    @abstractmethod
    def items(self, study: Study, method: str) -> Iterable[Candidate]:
        """What of the study can be asked about."""

    def synced(self, task: Task) -> None:  # noqa: B027 - most kinds have nothing to do
        """Follows a change of the task's items or controls, in the transaction that made it.

        Args:
            task: Locked; its items agree with the study's heat maps.
        """

    def check_options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """The organiser's settings of this kind, as they are stored in ``Task.options``.

        Raises:
            RequestError: 422 ``malformed``, with ``where``.
        """
        if options:
            raise RequestError(422, "malformed", "This task has no such settings.", where="options")
        return {}

    # -------------------------------------------------------------------------- what is handed out

    def check_wishes(self, task: Task, wishes: Mapping[str, Any]) -> dict[str, Any]:
        """What a person asks of a new batch, as it is stored in ``Batch.wishes``.

        Args:
            task: The task.
            wishes: What the page sent.

        Raises:
            RequestError: 422 ``malformed``, with ``where``.
        """
        del task
        if wishes:
            raise RequestError(422, "malformed", "This task has no such choice.", where="wishes")
        return {}

    def eligible(self, batch: Batch, items: QuerySet[Item]) -> QuerySet[Item]:
        """Those of the items that are as the person wished.

        Args:
            batch: With its task, person and wishes at hand; nobody asks where there are none.
            items: Items that the person may have, without control items.
        """
        del batch
        return items

    def controls_due(self, task: Task, person: Person) -> int:
        """How many control items the person's next batch should hold.

        By itself what the organiser set, one place being left for another item.

        Args:
            task: The task.
            person: Who is about to get a batch, locked.
        """
        del person
        return min(task.controls, task.batch_size - 1)

    def deal(self, assignment: Assignment) -> dict[str, Any]:
        """The course that an assignment starts with, kept by the server.

        Args:
            assignment: Not yet stored; with its item, task and batch at hand.
        """
        del assignment
        return {}

    # ------------------------------------------------------------------------------ what is shown

    @abstractmethod
    def shown(self, assignment: Assignment) -> dict[str, Any]:
        """What the page needs to show; before the end nothing in it tells the class or the file.

        Args:
            assignment: With its item and task at hand.
        """

    def reveals(self, assignment: Assignment, picture: Picture, part: int) -> bool:
        """Whether a picture of the assignment may be seen by now.

        Args:
            assignment: With its item and task at hand.
            picture: Which kind of picture.
            part: Which of its parts, from 0.
        """
        del assignment, picture
        return part == 0

    # --------------------------------------------------------------------------- what people do

    def act(self, assignment: Assignment, action: str, body: Mapping[str, Any]) -> None:
        """Changes ``assignment.course`` by what a person does before they answer.

        Args:
            assignment: Open, locked, with its item, task and batch at hand.
            action: What they do.
            body: What the page sent.

        Raises:
            RequestError: 404 ``unknown`` action, 409 where it is not its time, 422 ``malformed``.
        """
        del assignment, body
        raise RequestError(404, "unknown", f"There is no action {action!r} here.")

    @abstractmethod
    def check(self, assignment: Assignment, body: Any, draft: bool = False) -> dict[str, Any]:
        """The body as it is stored.

        Args:
            assignment: What the body is about, with its item and task at hand.
            body: What the page sent.
            draft: It need not be complete yet.

        Raises:
            RequestError: 422 ``incomplete`` or ``malformed``, with ``where``; 409 where it is not
                its time.
        """

    def settle(self, assignment: Assignment) -> None:  # noqa: B027 - most kinds keep nothing else
        """Follows an answer with what else the kind keeps, in the transaction that keeps it.

        The person is locked. Where answers may be corrected, each correction is settled too.

        Args:
            assignment: Answered, about to be written, with its item, task and batch at hand.
        """

    @abstractmethod
    def words(self, task: Task, person: Person) -> dict[str, Any]:
        """Words to offer while the person types: their own, and where allowed everybody's."""

    # ------------------------------------------------------------------------------ control items

    @abstractmethod
    def passes(self, body: dict[str, Any], expected: dict[str, Any]) -> bool:
        """Whether the answer to a control item is as expected."""

    @abstractmethod
    def expectation(self, expected: Any) -> dict[str, Any]:
        """What is expected of a control item, as it is stored.

        Raises:
            RequestError: 422 ``malformed``: it could never be met.
        """

    # ------------------------------------------------------------------ what is kept about people

    def merged(self, guest: Person, account: Person) -> None:  # noqa: B027 - as for settle
        """Follows a guest's assignments to the account that they were moved to.

        Both persons are locked. What stays the guest's is what collided with the account's own.

        Args:
            guest: Deleted afterwards if nothing is left of it, with all rows that refer to it.
            account: Who they are.
        """

    def kept_about(self, person: Person) -> dict[str, Any]:
        """What the kind keeps about a person besides their assignments, ready for JSON."""
        del person
        return {}


def kind_of(name: str) -> KindBase:
    """The kind of task of this name.

    Raises:
        RequestError: 404: there is none.
    """
    if name not in KINDS:
        raise RequestError(404, "unknown", "There is no such task.")
    module, _, attribute = KINDS[name].partition(":")
    return cast(KindBase, getattr(import_module(module), attribute)())


def kinds() -> list[KindBase]:
    """Every kind of task, by name."""
    return [kind_of(name) for name in sorted(KINDS)]
