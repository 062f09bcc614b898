"""The shapes of what the tasks' addresses take and give."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ninja import Field, Schema

__all__ = [
    "ActedOut",
    "ActionIn",
    "AssignmentOut",
    "BatchOut",
    "ConsentIn",
    "DraftIn",
    "DraftOut",
    "FilledIn",
    "FinishedOut",
    "FormOut",
    "OpenedOut",
    "ReceiptOut",
    "SubmitIn",
    "TaskOut",
]

_LARGEST = 2**31 - 1


class Progress(Schema):
    """How far a person is."""

    answered: int
    batches: int


class TaskOut(Schema):
    """A task as its page shows it."""

    name: str
    title: str
    paused: bool
    consent: str = Field(description="HTML; empty: nothing to agree to.")
    consent_version: str
    consented: bool
    instructions: str = Field(description="HTML.")
    batch_size: int
    min_seconds: float
    suggestions: bool
    feedback: bool
    forms: list[str]
    progress: Progress


class ConsentIn(Schema):
    """Which text the person agrees to."""

    version: str = Field(max_length=64)


class AssignmentOut(Schema):
    """One image to answer."""

    id: UUID
    position: int
    state: str
    shown: dict[str, Any] = Field(description="By the kind of task.")
    draft: dict[str, Any] | None
    draft_number: int
    answer: dict[str, Any] | None
    seconds_to_wait: float


class BatchOut(Schema):
    """A handful of images to answer in a row."""

    id: UUID
    task: str
    size: int
    done: int
    finished: bool
    assignments: list[AssignmentOut]


class OpenedOut(Schema):
    """How long until an answer is taken."""

    seconds_to_wait: float


class ActionIn(Schema):
    """Something done before the answer; a retry carries the same key."""

    key: UUID
    action: str = Field(max_length=20)
    body: dict[str, Any] = Field(default_factory=dict, description="By the kind of task.")


class ActedOut(Schema):
    """What is shown from then on, and how long until an answer is taken."""

    shown: dict[str, Any] = Field(description="By the kind of task.")
    seconds_to_wait: float


class DraftIn(Schema):
    """An unfinished answer; each has a higher number than the one before."""

    number: int = Field(ge=1, le=_LARGEST)
    body: dict[str, Any]


class DraftOut(Schema):
    """The draft that is kept."""

    number: int


class SubmitIn(Schema):
    """An answer; a retry carries the same key."""

    key: UUID
    body: dict[str, Any]


class Completion(Schema):
    """What the panel wants to see."""

    code: str
    url: str


class AfterOut(Schema):
    """What comes after a batch."""

    forms: list[str]
    completion: Completion | None
    more: bool = Field(description="Whether another batch may be asked for.")


class FinishedOut(AfterOut):
    """That a batch is finished, and what comes after it."""

    finished: bool


class ReceiptOut(Schema):
    """That the answer is kept, and how far the batch is."""

    position: int
    done: int
    size: int
    shown: dict[str, Any] | None = Field(
        None,  # receipts of older versions do not have it
        description="From then on, by the kind of task; null where answers can be corrected.",
    )
    after: AfterOut | None = Field(
        description="What comes after a batch of one image, now that it is answered."
    )


class Question(Schema):
    """One item of a form, with its scale."""

    key: str
    text: str
    low: float
    high: float
    step: float
    low_label: str
    high_label: str


class FormOut(Schema):
    """A form to fill in."""

    name: str
    title: str
    items: list[Question]


class FilledIn(Schema):
    """A filled-in form: values by key, or in the items' order; null where one is left out."""

    answers: dict[str, Any] | list[Any]
    remark: str = Field("", max_length=2000)
