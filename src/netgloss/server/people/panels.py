"""People whom a panel sends: known by what the panel writes into the address."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from django.contrib.auth import login
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from netgloss.server.errors import RequestError
from netgloss.server.mturk.sites import PREVIEW
from netgloss.server.people import throttle
from netgloss.server.people.auth import BACKEND
from netgloss.server.people.models import ACCOUNT, PANEL, Panel, Person

if TYPE_CHECKING:
    from netgloss.server.tasks.models import Batch

__all__ = ["Outcome", "arrive", "arrive_in_frame", "completion", "failed_controls"]
__all__ += ["find_panel", "panel_person"]

Outcome = Literal["completed", "failed", "screened_out"]

_LONGEST = 100
_BUILT_IN = {
    "prolific": {"completion_url": "https://app.prolific.com/submissions/complete?cc={code}"},
    "mturk": {
        "person_parameter": "workerId",
        "study_parameter": "hitId",
        "session_parameter": "assignmentId",
    },
}


def find_panel(name: str) -> Panel:
    """The panel as the organiser set it up, or as it is built in (``prolific``, ``mturk``).

    Raises:
        RequestError: 404 ``panel``: there is none of this name.
    """
    found = Panel.objects.filter(name=name).first() if "\0" not in name else None
    if found is not None:
        return found
    if name not in _BUILT_IN:
        raise RequestError(
            404, "panel", "This link names no panel of this study; check it with whoever sent it."
        )
    return Panel(name=name, **_BUILT_IN[name])


def arrive(request: HttpRequest, name: str) -> Person:
    """Signs in the person whom the panel sent; the same person again goes on where they were.

    Args:
        request: Its address carries the panel's parameters.
        name: The panel's.

    Raises:
        RequestError: 404 ``panel``; 422 ``panel_person``: the identifier is missing or unusable;
            422 ``preview``: the task is not accepted yet;
            409 ``sign_in``: the person has an account by now, and its password is asked for;
            429 ``too_often``.
    """
    throttle.spend("guest from an address", throttle.address_of(request))
    panel = find_panel(name)
    visit = [_parameter(request, name) for name in (panel.study_parameter, panel.session_parameter)]
    _require_accepted(visit[-1])
    person = panel_person(panel, _parameter(request, panel.person_parameter))
    here = request.user == person
    if not here and person.kind != ACCOUNT:
        login(request, person, backend=BACKEND)
    # Remembered before a sign-in too, which keeps it: the batch that follows is the panel's.
    request.session["panel_session"] = "/".join(visit)
    if not here and person.kind == ACCOUNT:
        # Whoever knows the panel's identifier must not get into an account without its password.
        raise _has_account()
    return person


def arrive_in_frame(name: str, identifier: str, study: str, session: str) -> tuple[Person, str]:
    """The person in a panel's frame, which has no cookies, and the panel's session.

    Args:
        name: The panel's.
        identifier: What the panel calls the person.
        study: The panel's name for its study.
        session: The panel's name for the person's visit.

    Raises:
        RequestError: 404 ``panel``, 422 ``panel_person``, 422 ``preview``: the task is not accepted
            yet; or 409 ``sign_in``: no password can be asked for in a frame, so an account is not
            entered.
    """
    panel = find_panel(name)
    _require_accepted(session)
    person = panel_person(panel, _kept(identifier))
    if person.kind == ACCOUNT:
        raise _has_account()
    return person, f"{_kept(study)}/{_kept(session)}"


def panel_person(panel: Panel, identifier: str) -> Person:
    """The person whom the panel calls so; new the first time.

    Raises:
        RequestError: 422 ``panel_person``: the identifier is missing, too long or unreadable.
    """
    if not identifier:
        raise RequestError(
            422,
            "panel_person",
            "This link does not say who you are; open the study from the panel's own page again.",
        )
    person, _new = Person.objects.get_or_create(
        panel=panel.name,
        panel_person=identifier,
        defaults={"kind": PANEL, "password": make_password(None)},
    )
    return person


def completion(
    person: Person, batch: Batch | None = None, outcome: Outcome | None = None
) -> dict[str, str] | None:
    """The code, and the address, by which the panel learns that the person is done.

    Args:
        person: Who is done.
        batch: What they finished; the last of its visit where that has several.
        outcome: ``completed``, ``failed`` or ``screened_out``. By itself: ``screened_out`` for
            somebody excluded, ``failed`` after a visit whose control images all failed, else
            ``completed``. A failed batch gets the code of a completed one where the panel has
            none for it.

    Returns:
        ``{"code": …, "url": …}``; None for people whom no panel sent, and without a code.
    """
    if not person.panel:
        return None
    panel = find_panel(person.panel)
    code = _code(panel, outcome or _outcome(person, batch))
    if not code:
        return None
    fill = {
        "{code}": code,
        "{person}": person.panel_person,
        "{session}": batch.panel_session.rpartition("/")[2] if batch else "",
    }
    url = panel.completion_url
    for blank, value in fill.items():
        url = url.replace(blank, quote(value, safe=""))
    return {"code": code, "url": url if url.startswith(("https://", "http://")) else ""}


def failed_controls(results: Iterable[bool | None]) -> bool:
    """Whether work counts as failed: some of its control images were, and none was passed.

    Args:
        results: Of the control images; None where one could not be judged.

    Example:
        >>> failed_controls([False, None]), failed_controls([False, True]), failed_controls([])
        (True, False, False)
    """
    found = set(results)
    return False in found and True not in found


def _code(panel: Panel, outcome: Outcome) -> str:
    if outcome == "screened_out":
        return panel.screened_out_code
    if outcome == "failed":
        return panel.failed_code or panel.completed_code
    return panel.completed_code


def _outcome(person: Person, batch: Batch | None) -> Outcome:
    if person.excluded_at is not None:
        return "screened_out"
    if batch is None:
        return "completed"
    from netgloss.server.tasks.models import Assignment
    from netgloss.server.tasks.visits import batches_of_visit

    controls = Assignment.objects.filter(batch__in=batches_of_visit(batch), control=True)
    results = controls.values_list("passed", flat=True)
    return "failed" if failed_controls(results) else "completed"


def _require_accepted(session: str) -> None:
    """Refuses somebody who only looks, before anything is written."""
    if session == PREVIEW:
        raise RequestError(422, "preview", "Please accept the task first.")


def _has_account() -> RequestError:
    return RequestError(409, "sign_in", "You have made an account here; please sign in.")


def _parameter(request: HttpRequest, name: str) -> str:
    """One of the address's parameters; empty where it is missing or nothing to keep."""
    return _kept(request.GET.get(name, "")) if name else ""


def _kept(value: str) -> str:
    value = value.strip()
    return value if value.isprintable() and len(value) < _LONGEST else ""
