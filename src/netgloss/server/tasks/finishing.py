"""What comes after a batch: a form, a panel's code, or another batch."""

from __future__ import annotations

from typing import TypedDict

from netgloss.server.people.panels import completion
from netgloss.server.tasks.forms import due
from netgloss.server.tasks.models import Batch
from netgloss.server.tasks.visits import is_enough, is_one_visit

__all__ = ["After", "after"]


class After(TypedDict):
    """What comes after a batch.

    Attributes:
        forms: Still to fill in, by their names.
        completion: What the panel wants to see; None where the visit goes on or no panel sent them.
        more: Whether another batch may be asked for on this visit.
    """

    forms: list[str]
    completion: dict[str, str] | None
    more: bool


def after(batch: Batch) -> After:
    """What comes after a batch that is finished, or of which all is answered.

    Args:
        batch: With its task and person at hand.
    """
    one_visit = is_one_visit(batch.panel_session)
    enough = bool(one_visit or batch.person.panel) and is_enough(batch)
    return After(
        forms=due(batch),
        completion=completion(batch.person, batch) if enough else None,
        more=not (one_visit and enough),
    )
