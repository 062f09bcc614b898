"""The game as the engine sees it: a batch is one game (thesis, section 4.4)."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import TYPE_CHECKING, Any, ClassVar, cast

from netgloss.answers.rules import HINT, MOST_HINTS, TAG_BONUS, Outcome, streak_bonus, worth
from netgloss.evidence.clusters.reading import METHOD
from netgloss.evidence.items import has_cluster_maps, methods_present
from netgloss.server.drawing import Ahead, Picture
from netgloss.server.errors import RequestError
from netgloss.server.pictures import address
from netgloss.server.play import players
from netgloss.server.play.controls import EXPECTED, choose_control, is_control_due
from netgloss.server.play.game import Course, begin, check_tags, class_of, end, phase, take
from netgloss.server.play.levels import LEVELS, of_level
from netgloss.server.play.options import Options, check_options, options_of
from netgloss.server.play.words import own_tags
from netgloss.server.tasks.evidence import stored_evidence
from netgloss.server.tasks.kinds import Candidate, KindBase
from netgloss.server.tasks.models import ANSWERED, GONE

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from netgloss.server.people.models import Person
    from netgloss.server.tasks.models import Assignment, Batch, Item, Task
    from netgloss.study import Study

__all__ = ["Play"]

_FORMS_AFTER = 10
# Which classes are offered, and in which order, must not be guessed.
_dice = random.SystemRandom()


class Play(KindBase):
    """Guess the class from a part of the image; then say what gave it away."""

    name: ClassVar[str] = players.TASK
    title: ClassVar[str] = "Deep Reveal"
    defaults: ClassVar[Mapping[str, Any]] = {
        "batch_size": 1,
        "quota": 5,
        "controls": 1,
        "min_seconds": 1.0,
        "feedback": False,
        "forms": ["sus", "tlx"],
        "options": Options().model_dump(),
    }
    corrects: ClassVar[bool] = False
    one_by_one: ClassVar[bool] = True
    hides_images: ClassVar[bool] = True
    forms_after: ClassVar[int] = _FORMS_AFTER
    visit_batches: ClassVar[int] = _FORMS_AFTER
    # Each game begins with this one; the later steps, six times the disk, are made when asked for.
    ahead: ClassVar[Ahead] = ((Picture.REVEAL, 0),)

    @property
    def consent(self) -> str:
        """The consent page to begin with."""
        return _text("consent.md")

    @property
    def instructions(self) -> str:
        """The instructions to begin with."""
        return _text("instructions.md")

    def methods(self, study: Study) -> list[str]:
        """Those whose maps are parts of what a layer saw."""
        folder = study.folder
        present = [one for one in methods_present(folder) if has_cluster_maps(folder, one)]
        return sorted(present, key=lambda name: (name != METHOD, name))

    def items(self, study: Study, method: str) -> Iterable[Candidate]:
        """Every map that points to a place; none where there is only one class to name."""
        stored = stored_evidence(method, study.folder)
        if len(stored.classes) < 2:
            return []
        rows = (stored.row(name) for name in stored if not stored.is_flat(name))
        return [
            Candidate(row.evidence, row.image, _layer(row.layer), float(row.weight)) for row in rows
        ]

    def synced(self, task: Task) -> None:
        """Sees to it that there is a control where there should be one, and else none."""
        choose_control(task)

    def check_options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """See :class:`~netgloss.server.play.options.Options`."""
        return check_options(options)

    def check_wishes(self, task: Task, wishes: Mapping[str, Any]) -> dict[str, Any]:
        """``{"level": ...}`` where the organiser lets players choose."""
        if not wishes:
            return {}
        if not options_of(task).levels:
            return super().check_wishes(task, wishes)
        if set(wishes) != {"level"} or wishes["level"] not in LEVELS:
            raise RequestError(
                422, "malformed", f"level: choose among {', '.join(LEVELS)}.", where="level"
            )
        return dict(wishes)

    def eligible(self, batch: Batch, items: QuerySet[Item]) -> QuerySet[Item]:
        """Those of the level that the player chose; all where they chose none."""
        level = batch.wishes.get("level")
        return items if level is None else of_level(batch.task, items, level)

    def controls_due(self, task: Task, person: Person) -> int:
        """One in a person's third game, or where the organiser has it drawn."""
        return int(is_control_due(task, person))

    def deal(self, assignment: Assignment) -> dict[str, Any]:
        """The classes to choose from. The course alone decides the game from then on."""
        stored = stored_evidence(assignment.task.method)
        evidence = assignment.item.evidence
        row, image = stored.row(evidence), stored.image(evidence)
        return dict(begin(row.target, image.truth, stored.classes, _dice))

    def shown(self, assignment: Assignment) -> dict[str, Any]:
        """The picture reached and the options; the class once the game is over."""
        course = _course(assignment)
        now = phase(course, assignment.state == ANSWERED)
        guess = course["guess"]
        told = {
            "phase": now,
            "picture": address(Picture.REVEAL, assignment.pk, course["hints"]),
            "hints": course["hints"],
            "most_hints": MOST_HINTS,
            "points": worth(course["hints"]),
            "price": HINT,
            "tag_bonus": TAG_BONUS,
            "options": course["options"],
            "guess": None if guess is None else course["options"].index(guess),
        }
        return told if now != "over" else told | _end(assignment, course)

    def reveals(self, assignment: Assignment, picture: Picture, part: int) -> bool:
        """Each step once it was reached, the whole image once the game is over, else nothing."""
        if picture is Picture.REVEAL and assignment.state != GONE:
            return 0 <= part <= _course(assignment)["hints"]
        return picture is Picture.WHOLE and part == 0 and assignment.state == ANSWERED

    def act(self, assignment: Assignment, action: str, body: Mapping[str, Any]) -> None:
        """``hint`` or ``guess``."""
        assignment.course = dict(take(_course(assignment), action, body))

    def check(self, assignment: Assignment, body: Any, draft: bool = False) -> dict[str, Any]:
        """The game as it is kept, or tags that are still being typed."""
        if draft:
            return check_tags(body)
        ended = dict(end(_course(assignment), body))
        streak = 0
        if ended["outcome"] == Outcome.WIN:
            streak = players.player_of(assignment.batch.person).streak + 1
        options = options_of(assignment.task)
        bonus = streak_bonus(streak, options.streak_step, options.streak_most)
        return ended | {"bonus": bonus, "streak": streak}

    def settle(self, assignment: Assignment) -> None:
        """Counts the game."""
        players.count(assignment.batch.person, cast("dict[str, Any]", assignment.answer))

    def words(self, task: Task, person: Person) -> dict[str, Any]:
        """The person's own tags: other people's would tell them what to see."""
        return {"own": {"tags": own_tags(task, person)}, "shared": {"tags": []}}

    def passes(self, body: dict[str, Any], expected: dict[str, Any]) -> bool:
        """Whether the game was won."""
        return bool(body["right"] is expected["right"])

    def expectation(self, expected: Any) -> dict[str, Any]:
        """``{"right": true}``: the map is so easy that who does not win it did not try."""
        if expected != EXPECTED:
            raise RequestError(
                422,
                "malformed",
                'A control game is one to be won: {"right": true}.',
                where="expected",
            )
        return dict(EXPECTED)

    def merged(self, guest: Person, account: Person) -> None:
        """Counts both anew."""
        players.merged(guest, account)

    def kept_about(self, person: Person) -> dict[str, Any]:
        """The nickname and the standing."""
        player = players.player_of(person)
        if player._state.adding:
            return {}
        return {"nickname": player.nickname, **vars(players.standing_of(player))}


def _course(assignment: Assignment) -> Course:
    return cast(Course, assignment.course)


def _end(assignment: Assignment, course: Course) -> dict[str, Any]:
    """What the outcome page tells."""
    answer = cast("dict[str, Any]", assignment.answer)
    return {
        "outcome": answer["outcome"],
        "class": class_of(course),
        "whole": address(Picture.WHOLE, assignment.pk),
        "points": answer["points"],
        "bonus": answer["bonus"],
        "streak": answer["streak"],
        "score": players.player_of(assignment.person).score,
        "tags": answer["tags"],
    }


def _layer(name: Any) -> str:
    """A layer's name; empty where the table has none."""
    return name if isinstance(name, str) else ""


def _text(name: str) -> str:
    return (files("netgloss.server.play") / name).read_text(encoding="utf-8")
