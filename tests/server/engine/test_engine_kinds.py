"""What a kind of task decides: what is handed out, what is hidden, when it is enough."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

import pytest

# ------------------------------------------------------------------------ what is handed out


def test_each_assignment_is_dealt_as_it_is_handed_out(desk: Any, game: Any) -> None:
    person = desk.guest()
    assignment = game.begin(person)
    assert assignment.course["dealt"] == assignment.item.evidence
    assert game.begin(person).course == assignment.course
    assert assignment.item.weight == 0.5


def test_nothing_is_handed_out_while_the_heat_maps_are_away(
    desk: Any, game: Any, guess: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from netgloss.server.tasks.models import Batch

    monkeypatch.setattr(guess, "unreadable", True)
    person = desk.guest()
    desk.refused(lambda: game.begin(person), "renewed", 503)
    assert not Batch.objects.exists()
    desk.check_counts()


def test_a_wish_decides_which_items_a_batch_is_made_of(desk: Any, game: Any) -> None:
    people = [desk.guest() for _ in range(6)]
    assert all("tench" in game.begin(person, label="tench").image for person in people)
    # An open batch goes on as it is.
    assert "tench" in game.begin(people[0], label="lobster").image
    desk.refused(lambda: game.begin(desk.guest(), label="whale"), "nothing_left")


def test_a_task_without_choices_takes_none(desk: Any, task: Any) -> None:
    from netgloss.server.tasks import engine

    person = desk.guest()
    work = partial(engine.open_batch, "annotate", person, "", {"label": "tench"})
    assert desk.refused(work, "malformed", 422).details["where"] == "wishes"
    assert engine.open_batch("annotate", person, "", {}).person_id == person.pk


def test_a_control_item_may_be_alone_in_its_batch(
    desk: Any, game: Any, guess: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    easy = game.task.items.order_by("pk").first()
    game.task.items.filter(pk=easy.pk).update(expected={"word": "claw"})
    person, other = desk.guest(), desk.guest()
    assert not game.play(person).control
    monkeypatch.setattr(guess, "due", 1)
    control = game.play(person)
    assert (control.control, control.item_id, control.position) == (True, easy.pk, 0)
    control.refresh_from_db()
    assert control.passed is True
    # Each has it once; where none is left, the game is one like the others.
    assert not game.play(person).control
    assert game.begin(other).item_id == easy.pk
    desk.check_counts()


def test_a_batch_holds_no_more_control_items_than_it_has_places(
    desk: Any, game: Any, guess: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    game.task.items.update(expected={"word": "claw"})
    monkeypatch.setattr(guess, "due", 7)
    assert game.begin(desk.guest()).control


def test_the_last_items_are_handed_out_to_their_quota_and_never_twice(desk: Any, game: Any) -> None:
    keep = list(game.task.items.values_list("pk", flat=True)[:4])
    game.task.items.exclude(pk__in=keep).update(retired=True)
    people = [desk.guest() for _ in range(5)]
    for person in people:
        assert {game.play(person).item_id for _ in range(4)} == set(keep)
        desk.refused(partial(game.begin, person), "nothing_left")
    desk.check_counts()
    assert set(game.task.items.filter(pk__in=keep).values_list("taken", flat=True)) == {5}


# -------------------------------------------------------------------- images that are hidden


def test_a_hiding_task_hands_out_no_image_that_the_person_had_anywhere(
    desk: Any, task: Any, game: Any
) -> None:
    person = desk.guest()
    type(task).objects.filter(pk="annotate").update(batch_size=20)
    seen = {one.image for one in desk.live(desk.open_batch(person))}
    played = {game.play(person).image for _ in range(4)}
    assert len(played) == 4
    assert not played & seen
    desk.refused(lambda: game.begin(person), "nothing_left")


def test_other_tasks_hand_out_no_image_of_an_open_game_but_those_of_games_that_are_over(
    desk: Any, task: Any, game: Any
) -> None:
    person = desk.guest()
    type(task).objects.filter(pk="annotate").update(batch_size=24)
    over, running = game.play(person), game.begin(person)
    seen = {one.image for one in desk.live(desk.open_batch(person))}
    assert running.image not in seen
    assert over.image in seen
    assert len(seen) == 23
    # Nobody else is kept from it.
    assert running.image in {one.image for one in desk.live(desk.open_batch(desk.guest()))}


def test_asking_for_both_tasks_at_once_shows_no_image_in_both(
    desk: Any, task: Any, game: Any
) -> None:
    from netgloss.server.tasks.models import Assignment

    type(task).objects.filter(pk="annotate").update(batch_size=12, quota=9)
    task.items.update(quota=9)
    people = [desk.guest() for _ in range(6)]
    desk.at_once([partial(work, one) for one in people for work in (desk.open_batch, game.begin)])
    for person in people:
        rows = list(Assignment.objects.filter(person=person).values_list("task", "image"))
        assert Counter(name for name, _ in rows) == {"annotate": 12, "guess": 1}
        assert len({image for _, image in rows}) == 13


# ------------------------------------------------------------------------------- afterwards


def test_forms_are_due_once_enough_was_done(
    desk: Any, game: Any, guess: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from netgloss.server.tasks import forms

    monkeypatch.setattr(guess, "forms_after", 3)
    type(game.task).objects.update(forms=["sus"], feedback=False)
    person = desk.guest()
    due = []
    for _ in range(4):
        batch = game.play(person).batch
        due.append(forms.due(forms.Batch.objects.select_related("task").get(pk=batch.pk)))
    assert due == [[], [], ["sus"], ["sus"]]
    forms.fill_in(batch, "sus", {})
    assert forms.due(batch) == []


def test_a_visit_may_have_several_batches(
    desk: Any, game: Any, guess: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from netgloss.server.tasks import engine
    from netgloss.server.tasks.visits import finished_on, is_enough

    monkeypatch.setattr(guess, "visit_batches", 3)
    person = desk.guest()
    for games in range(1, 4):
        assert finished_on(person, "s/1") is None
        batch = engine.open_batch("guess", person, "s/1")
        game.say(batch.assignments.get(), person)
        engine.finish_batch(batch.pk, person)
        assert is_enough(batch) is (games == 3)
    assert finished_on(person, "s/1") == finished_on(person, "s/1", "guess") == batch
    assert finished_on(person, "s/1", "annotate") is None
    work = partial(engine.open_batch, "guess", person, "s/1")
    assert desk.refused(work, "visit_done").details["batch"] == str(batch.pk)
    assert engine.open_batch("guess", person, "s/2").pk != batch.pk


def test_a_visit_that_cannot_go_on_ends_with_the_panels_code(
    desk: Any, game: Any, guess: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from netgloss.server.people.models import Panel, Person
    from netgloss.server.tasks import engine

    Panel.objects.create(name="lab", completed_code="C0DE")
    monkeypatch.setattr(guess, "visit_batches", 3)
    keep = game.task.items.order_by("pk").first()
    game.task.items.exclude(pk=keep.pk).update(retired=True)
    sent, other = (
        Person.objects.create(kind="panel", panel="lab", panel_person=name) for name in "ab"
    )
    batch = engine.open_batch("guess", sent, "s/1")
    game.say(batch.assignments.get(), sent)
    engine.finish_batch(batch.pk, sent)
    fault = desk.refused(partial(engine.open_batch, "guess", sent, "s/1"), "nothing_left")
    assert fault.details["completion"]["code"] == "C0DE"
    game.task.items.update(retired=True)
    # Who did nothing is owed nothing; nor is anybody whom no panel sent.
    for person in (other, desk.guest()):
        fault = desk.refused(partial(engine.open_batch, "guess", person, "s/2"), "nothing_left")
        assert fault.details == {}


@pytest.mark.parametrize(("words", "code"), [("ab", "FAILED"), ("cb", "DONE"), ("bc", "DONE")])
def test_a_visit_is_judged_by_all_its_control_items(
    desk: Any, game: Any, guess: Any, monkeypatch: pytest.MonkeyPatch, words: str, code: str
) -> None:
    from netgloss.server.people.models import Panel, Person
    from netgloss.server.people.panels import completion
    from netgloss.server.tasks import engine

    Panel.objects.create(name="lab", completed_code="DONE", failed_code="FAILED")
    monkeypatch.setattr(guess, "visit_batches", 3)
    monkeypatch.setattr(guess, "due", 1)
    easy = game.task.items.order_by("pk").values_list("pk", flat=True)[:2]
    game.task.items.filter(pk__in=list(easy)).update(expected={"word": "c"})
    person = Person.objects.create(kind="panel", panel="lab", panel_person="a")
    for word in f"{words}d":
        batch = engine.open_batch("guess", person, "s/1")
        game.say(batch.assignments.get(), person, word=word)
        engine.finish_batch(batch.pk, person)
    assert completion(person, batch) == {"code": code, "url": ""}


def test_items_follow_the_layer_and_the_weight_of_their_maps(desk: Any, game: Any) -> None:
    from netgloss.server.tasks import engine
    from netgloss.study import Study

    study, first = Study.open(desk.folder), game.task.items.order_by("pk").first()
    assert engine.sync_items(study, game.task) == engine.Synced(0, 0, 0)
    game.task.items.filter(pk=first.pk).update(weight=0.25)
    assert engine.sync_items(study, game.task) == engine.Synced(new=1, retired=1, returned=0)
    old = game.task.items.get(pk=first.pk)
    assert (old.retired, old.weight, old.evidence) == (True, 0.25, f"replaced/{old.pk}")
    assert game.task.items.get(evidence=first.evidence).weight == 0.5
    assert engine.sync_items(study, game.task) == engine.Synced(0, 0, 0)


def test_every_kind_with_heat_maps_is_set_up_and_one_without_rests(
    desk: Any, guess: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from netgloss.server.tasks import engine
    from netgloss.study import Study

    study = Study.open(desk.folder)
    assert [task.name for task in engine.set_up_all(study)] == ["annotate", "guess"]
    person = desk.guest()
    batch = engine.open_batch("guess", person)
    monkeypatch.setattr(guess, "methods", lambda *_: [])
    assert [task.name for task in engine.set_up_all(study)] == ["annotate"]
    desk.refused(lambda: engine.open_batch("guess", desk.guest()), "nothing_left")
    assert engine.task_of("guess").items.filter(retired=False).count() == 0
    monkeypatch.undo()
    assert batch.assignments.get().course["hints"] == 0


# --------------------------------------------------------------------- guests who sign in


def merged(guest: Any, account: Any) -> None:
    from netgloss.server.people.merging import merge

    merge(guest, account)


def images(person: Any, task: str) -> set[str]:
    from netgloss.server.tasks.models import Assignment

    held = Assignment.objects.filter(person=person, task=task)
    return set(held.values_list("image", flat=True))


def test_an_open_game_moves_unless_the_account_knows_its_image(
    desk: Any, task: Any, game: Any
) -> None:
    type(task).objects.filter(pk="annotate").update(batch_size=24)
    guest, knowing, new = desk.guest(), desk.guest(), desk.guest()
    over, running = game.play(guest), game.begin(guest)
    desk.open_batch(knowing)
    merged(guest, knowing)
    # The game that is over counts for the account; the open one would show what is hidden.
    assert images(knowing, "guess") == {over.image}
    assert images(guest, "guess") == {running.image}
    merged(guest, new)
    assert images(new, "guess") == {running.image}
    assert game.begin(new).pk == running.pk
    desk.check_counts()


def test_an_open_batch_stays_behind_if_it_shows_what_the_accounts_game_hides(
    desk: Any, task: Any, game: Any
) -> None:
    type(task).objects.filter(pk="annotate").update(batch_size=23)
    guest, account = desk.guest(), desk.guest()
    hidden = game.begin(account).image
    first, second, *_ = sorted(
        desk.live(desk.open_batch(guest)), key=lambda one: one.image != hidden
    )
    assert first.image == hidden
    desk.submit(second, guest)
    merged(guest, account)
    assert images(account, "annotate") == {second.image}
    assert hidden in images(guest, "annotate")
    desk.check_counts()


def test_a_kind_hears_of_the_merge_before_the_guest_is_gone(
    desk: Any, game: Any, guess: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from netgloss.server.people.models import Person

    heard = []
    there = Person.objects.filter
    monkeypatch.setattr(
        guess, "merged", lambda _kind, *both: heard.append((both, there(pk=both[0].pk).exists()))
    )
    guest, account = desk.guest(), desk.guest()
    played = game.play(guest)
    merged(guest, account)
    assert heard == [((guest, account), True)]
    assert not there(pk=guest.pk).exists()
    assert images(account, "guess") == {played.image}


def test_what_a_kind_keeps_about_a_person_is_theirs_to_see(
    desk: Any, guess: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from netgloss.server.people.data import everything_about

    person = desk.guest()
    assert "guess" not in everything_about(person)["kept_by_tasks"]
    monkeypatch.setattr(guess, "kept_about", lambda _kind, one: {"pseudonym": one.pseudonym})
    kept = everything_about(person)["kept_by_tasks"]["guess"]
    assert kept == {"pseudonym": person.pseudonym}
