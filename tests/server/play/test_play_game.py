"""One game as a machine: whatever is sent, hints only grow, and the points follow the formula."""

from __future__ import annotations

import copy
from random import Random
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from netgloss.answers.rules import OPTIONS
from netgloss.server.errors import RequestError
from netgloss.server.play.game import (
    MOST_TAGS,
    Course,
    begin,
    check_tags,
    class_of,
    end,
    phase,
    take,
)

CLASSES = ("tench", "lobster", "shark", "finch", "church", "pump", "horn")
# What a page that cheats might add to what it sends.
LIES: dict[str, Any] = {
    "points": 9000, "hints": 0, "guess": "tench", "right": True, "truth": "tench",
    "outcome": "win", "bonus": 50, "streak": 99, "options": ["tench"], "control": False,
}  # fmt: skip

EMPTY = ("...", " ", "\u200b", "")
tags = st.lists(st.sampled_from(["red stripe", "Fin", "fin", "鱼鳍", "🐟", *EMPTY]), max_size=5)


def game(target: str = "tench", truth: str | None = None, seed: int = 1) -> Course:
    return begin(target, truth, CLASSES, Random(seed))


def refused(course: Course, *action: Any) -> str:
    with pytest.raises(RequestError) as caught:
        take(course, *action) if len(action) == 2 else end(course, *action)
    return f"{caught.value.status} {caught.value.code}"


def guessed(course: Course, name: str) -> Course:
    return take(course, "guess", {"option": course["options"].index(name)})


class Played(RuleBasedStateMachine):
    """A game beside a second account of it: a list of what was done that counted."""

    @initialize(
        made_for=st.sampled_from(CLASSES),
        truth=st.none() | st.sampled_from(CLASSES),
        seed=st.integers(),
    )
    def deal(self, made_for: str, truth: str | None, seed: int) -> None:
        self.course = game(made_for, truth, seed)
        self.answer = made_for if truth is None else truth
        self.begun = copy.deepcopy(self.course)
        self.done: list[str] = []

    @property
    def hints(self) -> int:
        return self.done.count("hint")

    @property
    def has_guessed(self) -> bool:
        return len(self.done) > self.hints

    @rule(lies=st.sampled_from([{}, LIES]))
    def hint(self, lies: dict[str, Any]) -> None:
        before = copy.deepcopy(self.course)
        if self.has_guessed or self.hints == 5:
            code = "too_late" if self.has_guessed else "no_hints"
            assert refused(self.course, "hint", lies) == f"409 {code}"
        else:
            after = take(self.course, "hint", lies)
            self.done.append("hint")
            assert after == {**before, "hints": before["hints"] + 1}
            assert self.course == before, "the course given is not changed"
            self.course = after

    @rule(option=st.integers(-2, 7), lies=st.sampled_from([{}, LIES]))
    def guess(self, option: int, lies: dict[str, Any]) -> None:
        body = {**lies, "option": option}
        if self.has_guessed:
            assert refused(self.course, "guess", body) == "409 too_late"
        elif not 0 <= option < len(self.course["options"]):
            assert refused(self.course, "guess", body) == "422 malformed"
        else:
            after = take(self.course, "guess", body)
            assert after == {**self.course, "guess": self.begun["options"][option]}
            self.done.append(self.begun["options"][option])
            self.course = after

    @rule(said=tags, lies=st.sampled_from([{}, LIES]))
    def tag(self, said: list[str], lies: dict[str, Any]) -> None:
        body = {**lies, "tags": said}
        if not self.has_guessed:
            assert refused(self.course, body) == "409 guess_first"
            return
        ended = end(self.course, body)
        won = self.done[-1] == self.answer
        assert ended["guess"] == self.done[-1]
        assert ended["right"] is won
        assert ended["outcome"] == ("win" if won else "loss")
        assert ended["hints"] == self.hints
        has_word = any(one not in EMPTY for one in said)
        assert ended["points"] == (300 - 50 * self.hints) * won + 25 * has_word
        assert ended.keys() == {
            "tags", "resigned", "guess", "right", "outcome", "hints", "points",
        }  # fmt: skip

    @rule(lies=st.sampled_from([{}, LIES]))
    def resign(self, lies: dict[str, Any]) -> None:
        body = {**lies, "resign": True}
        if self.has_guessed:
            assert refused(self.course, body) == "409 too_late"
        elif self.hints < 5:
            assert refused(self.course, body) == "409 hints_left"
        else:
            ended = end(self.course, body)
            assert (ended["outcome"], ended["points"], ended["tags"]) == ("resign", 0, [])
            assert ended["guess"] is None
            assert ended["resigned"] is True
            assert ended["right"] is False

    @precondition(lambda self: self.has_guessed)
    @rule(action=st.sampled_from(["hint", "guess"]))
    def go_on(self, action: str) -> None:
        assert refused(self.course, action, {"option": 0}) == "409 too_late"

    @invariant()
    def what_was_dealt_stays(self) -> None:
        for name in ("options", "target", "truth"):
            assert self.course[name] == self.begun[name]
        assert 0 <= self.course["hints"] == self.hints <= 5
        assert phase(self.course, False) == ("tag" if self.has_guessed else "guess")
        assert phase(self.course, True) == "over"


TestPlayed = Played.TestCase


@given(st.sampled_from(CLASSES), st.none() | st.sampled_from(CLASSES), st.integers())
def test_six_options_hold_the_class_to_name_and_the_one_it_was_taken_for(
    target: str, truth: str | None, seed: int
) -> None:
    course = game(target, truth, seed)
    assert len(set(course["options"])) == len(course["options"]) == OPTIONS
    assert class_of(course) == (truth or target)
    assert {class_of(course), target} <= set(course["options"])


def test_two_classes_make_two_options() -> None:
    course = begin("cat", None, ["cat", "dog"], Random(0))
    assert sorted(course["options"]) == ["cat", "dog"]


def test_a_wrongly_classified_image_is_won_by_its_truth() -> None:
    course = game("tench", "shark")
    assert end(guessed(course, "shark"), {"tags": []})["right"] is True
    assert end(guessed(course, "tench"), {"tags": []})["right"] is False


@pytest.mark.parametrize("option", [None, "0", 0.0, True, [0], -1, 6, 10**30])
def test_an_option_is_a_number_of_those_shown(option: Any) -> None:
    assert refused(game(), "guess", {"option": option}) == "422 malformed"


def test_other_actions_are_unknown_even_after_the_guess() -> None:
    for course in (game(), guessed(game(), "tench")):
        assert refused(course, "win", {}) == "404 unknown"


@pytest.mark.parametrize(
    "body",
    [
        None, [], "tags", {"tags": "fin"}, {"tags": [1]}, {"tags": ["a" * 61]},
        {"tags": ["a\x00b"]}, {"tags": ["a\x1bb"]}, {"tags": ["a\ud800"]}, {"resign": 1},
        {"tags": ["a"] * (MOST_TAGS + 1)}, {"resign": "yes"}, {"tags": None},
    ],
)  # fmt: skip
def test_a_malformed_body_is_refused_whole(body: Any) -> None:
    course = guessed(game(), "tench")
    assert refused(course, body) == "422 malformed"


def test_who_resigns_gives_no_tags() -> None:
    course = game()
    for _ in range(5):
        course = take(course, "hint", {})
    assert refused(course, {"resign": True, "tags": ["fin"]}) == "422 malformed"
    assert end(course, {"resign": True, "tags": []})["outcome"] == "resign"


def test_tags_of_any_language_are_kept_as_typed_each_once() -> None:
    typed = ["  rote   Flosse", "Rote Flosse", "鱼鳍", "плавник", "", "?!", "a" * 60]
    course = guessed(game(), "tench")
    ended = end(course, {"tags": typed})
    assert ended["tags"] == ["rote Flosse", "鱼鳍", "плавник", "a" * 60]
    assert ended["points"] == 325


def test_twenty_tags_pay_once() -> None:
    course = guessed(game(), "tench")
    assert end(course, {"tags": [f"tag {n}" for n in range(MOST_TAGS)]})["points"] == 325


def test_tags_without_a_word_earn_nothing() -> None:
    course = guessed(game(), "shark")
    assert end(course, {"tags": ["...", "\u200b", " "]})["points"] == 0


anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=70),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["tags", "resign", "option"]), inner, max_size=3)
    ),
)


@given(anything, st.integers(0, 5), st.booleans())
def test_whatever_is_sent_is_refused_in_words_or_kept_in_bounds(
    body: Any, hints: int, has_guessed: bool
) -> None:
    course = Course({**game(), "hints": hints, "guess": "tench" if has_guessed else None})
    try:
        ended = end(course, body)
    except RequestError as fault:
        event(fault.code)
        return
    assert 0 <= ended["points"] <= 325
    assert all(0 < len(tag) <= 60 for tag in ended["tags"])
    assert check_tags(ended)["tags"] == ended["tags"], "what is kept is kept again as it is"
