"""What people do before they answer: once each, in turn, and nothing after the answer."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from netgloss.server.errors import RequestError

# ---------------------------------------------------------------------------------- once, in turn


def test_an_action_sent_again_gets_the_same_reply_and_has_no_second_effect(
    desk: Any, game: Any
) -> None:
    from netgloss.server.tasks import engine

    person, key = desk.guest(), uuid.uuid4()
    assignment = game.begin(person)
    first = game.hint(assignment, person, key)
    assert first == {"shown": {"hints": 1, "over": False}, "seconds_to_wait": 0.0}
    assert game.hint(assignment, person)["shown"]["hints"] == 2
    assert game.hint(assignment, person, key) == first
    game.say(assignment, person)
    assert game.hint(assignment, person, key) == first
    engine.finish_batch(assignment.batch_id, person)
    assert game.hint(assignment, person, key) == first
    assignment.refresh_from_db()
    assert (assignment.course["hints"], len(assignment.acted)) == (2, 2)


def test_twenty_equal_actions_at_once_count_once(desk: Any, game: Any) -> None:
    person, key = desk.guest(), uuid.uuid4()
    assignment = game.begin(person)
    replies = desk.at_once([partial(game.hint, assignment, person, key)] * 20)
    assert replies == [{"shown": {"hints": 1, "over": False}, "seconds_to_wait": 0.0}] * 20
    assignment.refresh_from_db()
    assert (assignment.course["hints"], len(assignment.acted)) == (1, 1)


def test_of_twenty_hints_at_once_as_many_count_as_there_are(desk: Any, game: Any) -> None:
    person = desk.guest()
    assignment = game.begin(person)
    replies = desk.at_once([partial(game.hint, assignment, person)] * 20)
    shown = [one["shown"]["hints"] for one in replies if isinstance(one, dict)]
    assert sorted(shown) == [1, 2, 3, 4, 5]
    assert Counter(one.code for one in replies if isinstance(one, RequestError)) == {"no_hints": 15}
    assignment.refresh_from_db()
    assert assignment.course["hints"] == game.MOST


def test_hints_and_answers_at_once_take_one_order(desk: Any, game: Any, guess: Any) -> None:
    person = desk.guest()
    assignment = game.begin(person)
    works = [partial(game.hint, assignment, person), partial(game.say, assignment, person)] * 10
    done = desk.at_once(works)
    codes = Counter(one.code for one in done if isinstance(one, RequestError))
    assert set(codes) <= {"answered", "no_hints"}
    assert guess.settled == [assignment.pk]
    assignment.refresh_from_db()
    # The answer saw every hint that was acknowledged, and none came after it.
    assert assignment.answer["hints"] == assignment.course["hints"] == len(assignment.acted)
    assert sum(isinstance(one, dict) for one in done) == 1 + assignment.course["hints"]


def test_there_is_an_end_to_what_is_remembered(
    desk: Any, game: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from netgloss.server.tasks import acting

    monkeypatch.setattr(acting, "_ACTIONS", 2)
    person = desk.guest()
    assignment = game.begin(person)
    game.hint(assignment, person)
    game.hint(assignment, person)
    desk.refused(lambda: game.hint(assignment, person), "too_many")


# ------------------------------------------------------------------------------- what is refused


def test_an_action_that_is_refused_changes_nothing(desk: Any, game: Any) -> None:
    person = desk.guest()
    assignment = game.begin(person)
    before = type(assignment).objects.values().get(pk=assignment.pk)
    desk.refused(lambda: game.hint(assignment, person, action="peek"), "unknown", 404)
    desk.refused(lambda: game.hint(assignment, desk.guest()), "unknown", 404)
    assert type(assignment).objects.values().get(pk=assignment.pk) == before


def test_an_action_comes_before_the_answer(desk: Any, game: Any) -> None:
    from netgloss.server.tasks import engine

    person = desk.guest()
    assignment = game.begin(person)
    game.say(assignment, person)
    desk.refused(lambda: game.hint(assignment, person), "answered")
    engine.finish_batch(assignment.batch_id, person)
    desk.refused(lambda: game.hint(assignment, person), "finished")


def test_a_retired_image_is_replaced_by_another_that_is_dealt_anew(desk: Any, game: Any) -> None:
    person = desk.guest()
    assignment = game.begin(person, label="tench")
    game.task.items.filter(pk=assignment.item_id).update(retired=True)
    desk.refused(lambda: game.hint(assignment, person), "gone")
    other = game.begin(person)
    assert other.pk != assignment.pk
    assert other.course == {
        "hints": 0, "dealt": other.item.evidence, "to": str(assignment.batch_id),
    }  # fmt: skip
    # What was wished for holds for the image in its place too.
    assert "tench" in other.image


def test_an_excluded_person_does_nothing_more(desk: Any, game: Any) -> None:
    from netgloss.server.people.models import Person

    person, key = desk.guest(), uuid.uuid4()
    assignment = game.begin(person)
    game.hint(assignment, person, key)
    Person.objects.filter(pk=person.pk).update(excluded_at="2026-01-01T00:00Z")
    desk.refused(lambda: game.hint(assignment, person, key), "excluded", 403)


def test_annotating_knows_no_actions(desk: Any, task: Any) -> None:
    from netgloss.server.tasks import engine

    person = desk.guest()
    first, *_ = desk.live(desk.open_batch(person))
    work = partial(engine.act, first.pk, person, uuid.uuid4(), "hint", {})
    desk.refused(work, "unknown", 404)


def test_an_action_starts_the_clock_and_is_time_spent(desk: Any, game: Any, clock: Any) -> None:
    person = desk.guest()
    assignment = game.begin(person)
    type(assignment.task).objects.update(min_seconds=3)
    assert game.hint(assignment, person)["seconds_to_wait"] == 3
    clock.pass_by(2)
    assert game.hint(assignment, person)["seconds_to_wait"] == 1
    clock.pass_by(2)
    game.say(assignment, person)
    assignment.refresh_from_db()
    assert assignment.seconds == 4


# ---------------------------------------------------------------------- answers that are settled


def test_where_answers_cannot_be_corrected_the_first_stands(
    desk: Any, game: Any, guess: Any
) -> None:
    from netgloss.server.tasks import engine

    person, key = desk.guest(), uuid.uuid4()
    assignment = game.begin(person)
    receipt = game.say(assignment, person, key)
    shown = {"hints": 0, "over": True}
    assert receipt == {"position": 0, "done": 1, "size": 1, "shown": shown, "after": None}
    desk.refused(lambda: game.say(assignment, person, word="tail"), "answered")
    desk.refused(lambda: engine.save_draft(assignment.pk, person, 1, {"word": "tail"}), "answered")
    assert game.say(assignment, person, key, word="tail") == receipt
    assignment.refresh_from_db()
    assert (assignment.answer["word"], assignment.earlier) == ("claw", [])
    assert guess.settled == [assignment.pk]


def test_of_twenty_answers_at_once_one_is_kept_and_settled(
    desk: Any, game: Any, guess: Any
) -> None:
    person = desk.guest()
    assignment = game.begin(person)
    works = [partial(game.say, assignment, person, word=f"word {number}") for number in range(20)]
    done = desk.at_once(works)
    assert sum(isinstance(one, dict) for one in done) == 1
    assert Counter(one.code for one in done if isinstance(one, RequestError)) == {"answered": 19}
    assert guess.settled == [assignment.pk]


def test_an_answer_that_cannot_be_settled_is_not_kept(
    desk: Any, game: Any, guess: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guess, "unsettled", True)
    person = desk.guest()
    assignment = game.begin(person)
    desk.refused(lambda: game.say(assignment, person), "unsettled")
    assignment.refresh_from_db()
    assert (assignment.state, assignment.answer) == ("open", None)


def test_a_page_acts_wishes_and_sees_how_it_ended(visitor: Callable[[], Any], game: Any) -> None:
    somebody = visitor()
    somebody.post("/guests")
    batch = somebody.post("/tasks/guess/batch", {"label": "tench"}).json()
    (waiting,) = batch["assignments"]
    assert waiting["shown"] == {"hints": 0, "over": False}
    path = f"/assignments/{waiting['id']}"
    asked = {"key": str(uuid.uuid4()), "action": "hint", "body": {}}
    replies = [somebody.post(f"{path}/actions", asked) for _ in range(2)]
    assert [one.status_code for one in replies] == [200, 200]
    assert replies[0].json() == replies[1].json()
    assert replies[0].json() == {"shown": {"hints": 1, "over": False}, "seconds_to_wait": 0.0}
    somebody.post(f"{path}/answer", {"key": str(uuid.uuid4()), "body": {"word": "claw"}})
    assert somebody.post(f"/batches/{batch['id']}/finish").json()["finished"] is True
    (ended,) = somebody.get(f"/batches/{batch['id']}").json()["assignments"]
    assert (ended["state"], ended["shown"]) == ("answered", {"hints": 1, "over": True})
    # Neither the course nor what is remembered of actions is anybody's to see.
    assert not {"course", "acted"} & set(ended)
    assert visitor().post(f"{path}/actions", asked).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {"key": "no key", "action": "hint"},
        {"action": "hint"},
        {"key": str(uuid.UUID(int=1)), "action": 7},
        {"key": str(uuid.UUID(int=1)), "action": "h" * 21},
        {"key": str(uuid.UUID(int=1)), "action": "hint", "body": []},
    ],
)
def test_an_action_that_is_none_is_malformed(
    visitor: Callable[[], Any], game: Any, body: dict[str, Any]
) -> None:
    somebody = visitor()
    somebody.post("/guests")
    (waiting,) = somebody.post("/tasks/guess/batch").json()["assignments"]
    assert somebody.post(f"/assignments/{waiting['id']}/actions", body).status_code == 422
