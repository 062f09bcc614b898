"""A guest who signs in to an account: work moves, nobody has an image twice, slots stay counted."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

PASSWORD = "seven green lobsters"
ANN = {"name": "Ann", "password": PASSWORD}
_order = count()

Visits = Callable[[], Any]


def person_of(visitor: Any) -> Any:
    from netgloss.server.people.models import Person

    return Person.objects.get(id=visitor.client.session["_auth_user_id"])


def give(person: Any, images: str, finished: bool = True, answered: str | None = None) -> Any:
    """A batch of these images (one letter each), answered all or as said."""
    from django.utils import timezone

    from netgloss.server.tasks.models import Assignment, Batch, Item, Task

    task, _ = Task.objects.get_or_create(name="annotate", defaults={"method": "smoothgrad"})
    now = timezone.now()
    batch = Batch.objects.create(task=task, person=person, finished_at=now if finished else None)
    for position, image in enumerate(images):
        item, _ = Item.objects.get_or_create(
            task=task,
            evidence=image,
            defaults={"image": image, "quota": 3, "order": next(_order)},
        )
        done = answered is None or image in answered
        item.taken += 1
        item.save()
        Assignment.objects.create(
            task=task,
            item=item,
            person=person,
            batch=batch,
            image=image,
            position=position,
            slot=item.taken,
            quota=3,
            leased_until=now,
            state="answered" if done else "open",
            answer={"boxes": [], "nothing": True} if done else None,
            answered_at=now if done else None,
        )
    return batch


def images_of(person: Any) -> str:
    from netgloss.server.tasks.models import Assignment

    held = Assignment.objects.filter(person=person).values_list("image", flat=True)
    return "".join(sorted(held))


@pytest.fixture
def both(visitor: Visits) -> tuple[Any, Any, Any]:
    """A browser with a guest, the guest, and the account they will sign in to."""
    from netgloss.server.people.models import Person

    visitor().post("/accounts", ANN)
    somebody = visitor()
    somebody.post("/guests")
    return somebody, person_of(somebody), Person.objects.get(name="Ann")


def sign_in(somebody: Any) -> Any:
    answer = somebody.post("/session", {"login": "Ann", "password": PASSWORD})
    assert answer.status_code == 200, answer.content
    return answer.json()


def check_slots() -> None:
    """What the database cannot check itself: every item counts its holders rightly."""
    from netgloss.server.tasks.models import Assignment, Item

    for item in Item.objects.all():
        assert item.taken == Assignment.objects.filter(item=item, slot__isnull=False).count()
    for one in Assignment.objects.select_related("batch"):
        assert one.batch.person_id == one.person_id


def test_work_that_does_not_collide_moves_whole(both: Any) -> None:
    from netgloss.server.people.models import Person

    somebody, guest, account = both
    batch = give(guest, "abc")
    give(account, "xy")
    me = sign_in(somebody)
    assert me["tasks"][0]["answered"] == 5
    assert images_of(account) == "abcxy"
    batch.refresh_from_db()
    assert batch.person == account
    assert not Person.objects.filter(id=guest.id).exists(), "nothing is left of the guest"
    check_slots()


def test_what_collides_stays_with_the_guest_and_keeps_its_slot(both: Any) -> None:
    from netgloss.server.tasks.models import Item

    somebody, guest, account = both
    give(guest, "abc")
    give(account, "bx")
    sign_in(somebody)
    assert (images_of(account), images_of(guest)) == ("abcx", "b")
    assert Item.objects.get(evidence="b").taken == 2
    check_slots()


def test_an_open_batch_is_gone_on_with(both: Any) -> None:
    somebody, guest, account = both
    batch = give(guest, "abc", finished=False, answered="a")
    me = sign_in(somebody)
    assert me["tasks"][0]["open_batch"] == str(batch.id)
    assert images_of(account) == "abc"
    check_slots()


def test_beside_an_open_batch_of_the_account_only_the_answers_move(both: Any) -> None:
    somebody, guest, account = both
    give(guest, "abc", finished=False, answered="a")
    own = give(account, "x", finished=False, answered="")
    me = sign_in(somebody)
    assert me["tasks"][0]["open_batch"] == str(own.id)
    assert (images_of(account), images_of(guest)) == ("ax", "bc")
    check_slots()


def test_forms_and_consents_follow_what_they_are_about(both: Any) -> None:
    from netgloss.server.tasks.models import Consent, Form, Task

    somebody, guest, account = both
    batch = give(guest, "ab")
    task = Task.objects.get()
    Form.objects.create(person=guest, task=task, batch=batch, name="difficulty", answers=[3])
    Form.objects.create(person=guest, task=task, name="sus", answers=[1])
    Form.objects.create(person=account, task=task, name="sus", answers=[5])
    Form.objects.create(person=guest, task=task, name="tlx", answers=[2])
    for person, text in ((guest, "new"), (guest, "old"), (account, "old")):
        Consent.objects.create(person=person, task=task, text=text)
    sign_in(somebody)
    forms = Form.objects.filter(person=account).order_by("name").values_list("name", "answers")
    assert list(forms) == [("difficulty", [3]), ("sus", [5]), ("tlx", [2])]
    assert set(account.consents.values_list("text", flat=True)) == {"new", "old"}


def test_the_panels_person_is_the_account_from_then_on(visitor: Visits, both: Any) -> None:
    _, _, account = both
    somebody = visitor()
    somebody.client.get("/from/prolific?PROLIFIC_PID=5f3a&SESSION_ID=t1")
    give(person_of(somebody), "ab")
    sign_in(somebody)
    account.refresh_from_db()
    assert (account.panel, account.panel_person) == ("prolific", "5f3a")
    assert images_of(account) == "ab"
    assert somebody.client.session["panel_session"] == "/t1"


def test_an_excluded_guest_does_not_bring_their_answers_along(both: Any) -> None:
    from django.utils import timezone

    from netgloss.server.people.models import Person

    somebody, guest, account = both
    give(guest, "abc")
    Person.objects.filter(id=guest.id).update(excluded_at=timezone.now())
    sign_in(somebody)
    assert (images_of(account), images_of(guest)) == ("", "abc")


def test_a_wrong_password_moves_nothing(both: Any) -> None:
    somebody, guest, _ = both
    give(guest, "abc")
    assert somebody.post("/session", {"login": "Ann", "password": "wrong"}).status_code == 401
    assert images_of(guest) == "abc"
    assert person_of(somebody) == guest


def test_a_guest_who_signs_up_keeps_batch_and_progress(visitor: Visits) -> None:
    somebody = visitor()
    somebody.post("/guests")
    batch = give(person_of(somebody), "abc", finished=False, answered="ab")
    me = somebody.post("/accounts", ANN).json()
    assert me["tasks"][0]["answered"] == 2
    assert me["tasks"][0]["open_batch"] == str(batch.id)


# ---------------------------------------------------------------- own data


def test_everything_kept_about_a_person_can_be_had_but_no_file_names(visitor: Visits) -> None:
    from netgloss.server.tasks.models import Assignment, Form, Task

    somebody = visitor()
    somebody.post("/accounts", {**ANN, "email": "ann@example.org"})
    ann = person_of(somebody)
    give(ann, "a")
    Assignment.objects.update(image="lobster/n0198.png", draft={"note": "a draft"})
    Form.objects.create(person=ann, task=Task.objects.get(), name="sus", answers=[4], remark="Fine")
    answer = somebody.get("/me/data")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    kept = answer.json()
    assert kept["person"]["email"] == "ann@example.org"
    assert kept["answers"][0]["answer"] == {"boxes": [], "nothing": True}
    assert kept["answers"][0]["draft"] == {"note": "a draft"}
    assert kept["forms"][0]["remark"] == "Fine"
    assert len(kept["batches"]) == 1
    text = answer.content.decode()
    for hidden in ("n0198", "lobster", "argon2", "control"):
        assert hidden not in text


def test_every_column_about_a_person_is_told_or_left_out_on_purpose(database: None) -> None:
    """A column that is added later must be thought about."""
    from netgloss.server.people.data import everything_about
    from netgloss.server.people.models import Person
    from netgloss.server.tasks.models import Assignment, Batch, Consent, Form

    person = Person.objects.guest()
    give(person, "a")
    told = everything_about(person)
    hidden = {
        Person: {"name_key", "password"},
        Assignment: {
            *("person_id", "item_id", "image", "control", "passed", "slot", "quota"),
            *("leased_until", "draft_number", "key", "receipt", "course", "acted"),
        },
        Batch: {"person_id"},
        Consent: {"id", "person_id"},
        Form: {"id", "person_id"},
    }
    rows = {Assignment: told["answers"], Batch: told["batches"]}
    for model, left_out in hidden.items():
        columns = {field.attname for field in model._meta.concrete_fields} - left_out
        if model is Person:
            assert columns <= set(told["person"])
        elif model in rows:
            assert set(rows[model][0]) == columns


def test_whoever_goes_takes_everything_along_and_frees_their_slots(visitor: Visits) -> None:
    from netgloss.server.people.models import Person
    from netgloss.server.tasks.models import Assignment, Item

    somebody, other = visitor(), visitor()
    for one, images in ((somebody, "ab"), (other, "b")):
        one.post("/guests")
        give(person_of(one), images)
    assert somebody.delete("/me").status_code == 204
    assert somebody.get("/me").json()["person"] is None
    assert Person.objects.count() == 1
    assert Assignment.objects.count() == 1
    assert {item.evidence: item.taken for item in Item.objects.all()} == {"a": 0, "b": 1}


def test_the_only_organiser_cannot_go(visitor: Visits) -> None:
    from netgloss.server.people.models import Person

    somebody = visitor()
    somebody.post("/accounts", ANN)
    Person.objects.update(role="organiser")
    assert somebody.delete("/me").json()["error"]["code"] == "last_organiser"
    assert Person.objects.count() == 1
