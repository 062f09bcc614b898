"""People who are excluded, leave or sign in while something of theirs is under way."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from netgloss.server.errors import RequestError


def organisers(count: int) -> list[Any]:
    from netgloss.server.people.models import Person

    return [
        Person.objects.create(kind="account", role="organiser", name=name, name_key=name)
        for name in map(str, range(count))
    ]


def test_signing_up_does_not_undo_an_exclusion(
    desk: Any, task: Any, visitor: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from netgloss.server.organise.people import exclude
    from netgloss.server.people import accounts
    from netgloss.server.people.models import Person

    browser = visitor()
    browser.post("/guests")
    guest = Person.objects.get()
    hashed = accounts.make_password

    def while_it_takes_its_time(password: str) -> str:
        exclude(guest.pk, True, "too fast")
        return hashed(password)

    monkeypatch.setattr(accounts, "make_password", while_it_takes_its_time)
    browser.post("/accounts", {"name": "Ann", "password": "seven green lobsters"})
    guest.refresh_from_db()
    assert (guest.name, guest.excluded_why) == ("Ann", "too fast")
    assert guest.excluded_at is not None


def test_answers_of_somebody_excluded_meanwhile_do_not_move_to_an_account(
    desk: Any, task: Any
) -> None:
    from netgloss.server.organise.people import exclude
    from netgloss.server.people.merging import merge

    cheat, account = desk.guest(), desk.guest()
    batch = desk.answer_all(cheat)
    # The sign-in holds the guest as they were before.
    exclude(cheat.pk, True, "copies")
    merge(cheat, account)
    batch.refresh_from_db()
    assert batch.person_id == cheat.pk
    assert {one.slot for one in desk.live(batch)} == {None}
    desk.check_counts()


def test_of_two_last_organisers_who_leave_at_once_one_stays(
    desk: Any, task: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from netgloss.server.people import data
    from netgloss.server.people.models import Person

    monkeypatch.setattr(data, "logout", lambda _request: None)
    results = desk.at_once([partial(data.delete_person, None, one) for one in organisers(2)])
    refusals = [one.code for one in results if isinstance(one, RequestError)]
    assert refusals == ["last_organiser"]
    assert Person.objects.filter(role="organiser").count() == 1


def test_changing_the_quota_while_everybody_comes_goes_through(desk: Any, task: Any) -> None:
    from netgloss.server.tasks import engine

    works: list[Callable[[], Any]] = [partial(desk.answer_all, desk.guest()) for _ in range(6)]
    works += [partial(engine.set_quota, task, quota) for quota in (3, 1, 4)]
    desk.at_once(works)
    desk.check_counts()
