"""The annotation task as the engine sees it (SECA, section 4, C2)."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from typing import TYPE_CHECKING, Any, ClassVar

from netgloss.answers.format import Answer, Box, answer_id
from netgloss.server.annotate.body import check_body
from netgloss.server.annotate.words import own_words, shared_words
from netgloss.server.drawing import Ahead, Picture, salient_boxes
from netgloss.server.errors import RequestError
from netgloss.server.pictures import address
from netgloss.server.tasks.evidence import stored_evidence
from netgloss.server.tasks.kinds import Candidate, KindBase
from netgloss.study.heat import shown_methods
from netgloss.words.forms import base_form
from netgloss.words.normalise import as_typed, tokens

if TYPE_CHECKING:
    from netgloss.server.people.models import Person
    from netgloss.server.tasks.models import Assignment, Task
    from netgloss.study import Study

__all__ = ["Annotate"]

_MOST_EXPECTED = 50


class Annotate(KindBase):
    """Boxes round what is bright, each with a noun and adjectives, or "nothing recognisable"."""

    name: ClassVar[str] = "annotate"
    title: ClassVar[str] = "Describe what the bright areas show"
    ahead: ClassVar[Ahead] = ((Picture.IMAGE, 0), (Picture.HEAT, 0))

    @property
    def consent(self) -> str:
        """The consent page to begin with."""
        return _text("consent.md")

    @property
    def instructions(self) -> str:
        """The instructions to begin with."""
        return _text("instructions.md")

    def methods(self, study: Study) -> list[str]:
        """Those with one map an image."""
        return shown_methods(study.folder)

    def items(self, study: Study, method: str) -> Iterable[Candidate]:
        """Every heat map of the method that has something in it."""
        evidence = stored_evidence(method, study.folder)
        return [Candidate(name, evidence.image(name).image) for name in evidence]

    def shown(self, assignment: Assignment) -> dict[str, Any]:
        """Addresses of the image and its heat map, its size, and where it is bright."""
        evidence, method = assignment.item.evidence, assignment.task.method
        image = stored_evidence(method).image(evidence)
        return {
            "image": address(Picture.IMAGE, assignment.pk),
            "heat": address(Picture.HEAT, assignment.pk),
            "width": image.width,
            "height": image.height,
            "salient": salient_boxes(method, evidence),
        }

    def check(self, assignment: Assignment, body: Any, draft: bool = False) -> dict[str, Any]:
        """The annotation as it is kept, its boxes within the image."""
        image = stored_evidence(assignment.task.method).image(assignment.item.evidence)
        return check_body(body, image.width, image.height, draft)

    def passes(self, body: dict[str, Any], expected: dict[str, Any]) -> bool:
        """Whether one of the expected types was typed, in whatever case, number or company.

        Example:
            >>> seen = {"boxes": [{"type": "Red Claws"}], "nothing": False}
            >>> Annotate().passes(seen, {"types": ["claw", "pincer"]})
            True
        """
        typed = [_words(box["type"]) for box in body["boxes"]]
        wanted = [_words(one) for one in expected["types"]]
        return any(one and one <= words for one in wanted for words in typed)

    def expectation(self, expected: Any) -> dict[str, Any]:
        """``{"types": [...]}`` with at least one word."""
        types = expected.get("types") if isinstance(expected, dict) else None
        if not isinstance(types, list) or not all(isinstance(one, str) for one in types):
            raise _unmeetable("Name the nouns that count, as a list.")
        kept = [as_typed(one) for one in types if _words(one)]
        if not kept or len(kept) > _MOST_EXPECTED:
            raise _unmeetable(f"Name 1 to {_MOST_EXPECTED} nouns that count.")
        return {"types": kept}

    def to_answer(self, assignment: Assignment) -> Answer:
        """The annotation in the answer format, under the person's pseudonym."""
        body: dict[str, Any] = assignment.answer or {"boxes": []}
        return Answer(
            answer=answer_id("server", str(assignment.pk)),
            task=self.name,
            person=assignment.person.pseudonym,
            image=assignment.image,
            seconds=round(assignment.seconds, 1),
            source="server",
            boxes=tuple(
                Box(
                    box["type"],
                    tuple(box["attributes"]),
                    box["x0"],
                    box["y0"],
                    box["x1"],
                    box["y1"],
                )
                for box in body["boxes"]
            ),
        )

    def words(self, task: Task, person: Person) -> dict[str, Any]:
        """``own`` words, and ``shared`` ones where the organiser offers them."""
        nobodys: dict[str, list[str]] = {"types": [], "attributes": []}
        return {
            "own": own_words(task, person),
            "shared": shared_words(task) if task.suggestions else nobodys,
        }


def _words(term: str) -> frozenset[str]:
    """The words of a term as the words stage compares them."""
    return frozenset(base_form(word) for word in tokens(term))


def _text(name: str) -> str:
    return (files("netgloss.server.annotate") / name).read_text(encoding="utf-8")


def _unmeetable(message: str) -> RequestError:
    return RequestError(422, "malformed", message, where="expected")
