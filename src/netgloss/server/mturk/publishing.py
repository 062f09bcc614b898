"""Publishes a study as one HIT that as many people may do, each of them once.

``CreateHIT`` with an ``ExternalQuestion``: Mechanical Turk shows the study's own page in a frame.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from netgloss.errors import OptionError, StudyError
from netgloss.server.mturk.published import Hit, changing, keep, read_hits, require_hits
from netgloss.server.mturk.requester import code_of, refusals

__all__ = ["Offer", "Published", "add_people", "publish"]

_QUESTION = """<?xml version="1.0" encoding="UTF-8"?>
<ExternalQuestion xmlns="http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/\
2006-07-14/ExternalQuestion.xsd">
<ExternalURL>{url}</ExternalURL>
<FrameHeight>0</FrameHeight>
</ExternalQuestion>"""  # a height of 0 takes what the worker's window has
_REWARD = re.compile(r"[0-9]{1,4}(\.[0-9]{1,2})?")
_LONGEST = {"title": 128, "description": 2000, "keywords": 1000}
_MINUTES = (1, 365 * 24 * 60)
_DAYS = (1, 365)
# Amazon's longest: until then people look at the answers, and approve.
_AUTO_APPROVAL_SECONDS = 30 * 24 * 3600
_ALREADY = "AWS.MechanicalTurk.HitAlreadyExists"
_FEE_STEP = 10  # from so many people on Amazon charges more, and a HIT cannot grow past it


@dataclass(frozen=True)
class Offer:
    """What workers are offered.

    Args:
        address: Where they reach the server, such as ``https://study.example.org``.
        reward: Dollars for one batch, such as ``0.50``.
        title: What workers see in the list of tasks.
        description: What they see when they open it.
        keywords: For their search, separated by commas.
        minutes: How long a worker may take from accepting to handing in.
        days: How long the HIT can be found.
    """

    address: str
    reward: str
    title: str = "Say what you see in the bright areas of a few images"
    description: str = (
        "A network has sorted some images. Draw boxes round the parts that it used, and say in "
        "your own words what is there."
    )
    keywords: str = "image, annotation, labelling, boxes, words"
    minutes: int = 60
    days: int = 7

    def check(self) -> None:
        """Refuses what Amazon would refuse, or what nobody could do.

        Raises:
            OptionError: An option is unusable.
        """
        _check_address(self.address)
        _check_reward(self.reward)
        for name, longest in _LONGEST.items():
            text = getattr(self, name)
            if not text.strip() or len(text) > longest or not text.isprintable():
                raise OptionError(
                    f"--{name}: one line of 1 to {longest} characters is wanted, "
                    f"this has {len(text)}"
                )
        for name, (low, high) in (("minutes", _MINUTES), ("days", _DAYS)):
            if not low <= getattr(self, name) <= high:
                raise OptionError(f"--{name} {getattr(self, name)}: give {low} to {high}")

    def cost(self, people: int) -> str:
        """What so many people are paid together, in dollars; Amazon's fee comes on top.

        Args:
            people: How many.

        Example:
            >>> Offer("https://study.example.org", "0.5").cost(30)
            '15.00'
        """
        return f"{Decimal(self.reward) * people:.2f}"


@dataclass(frozen=True)
class Published:
    """A HIT, and whether this call made it.

    Attributes:
        hit: The HIT.
        new: False where it was published before, with the same options.
    """

    hit: Hit
    new: bool


def publish(
    study: Path, offer: Offer, people: int, client: Any, market: str, *, again: bool = False
) -> Published:
    """The HIT of this offer: made, or found where it was published before.

    A request that broke off is taken up: by its token Amazon makes no second HIT within a day,
    and afterwards the HIT is looked for by the same token in its annotation.

    Args:
        study: The study folder.
        offer: What is offered.
        people: How many people may do it.
        client: A boto3 client of the market.
        market: ``sandbox`` or ``live``, where the client leads.
        again: Make a further HIT of an offer that was published before.

    Raises:
        OptionError: An option is unusable.
        StudyError: Credentials are missing, Amazon refuses, or it cannot be reached.
    """
    offer.check()
    _check_people(people)
    with changing(study):
        known = [hit for hit in read_hits(study, market) if hit.options == asdict(offer)]
        unanswered = [hit for hit in known if not hit.hit]
        if unanswered:
            hit = replace(unanswered[-1], people=people)
            found = _find(client, hit.token)
        elif known and not again:
            return Published(known[-1], new=False)
        else:
            hit, found = Hit(asdict(offer), people), None
        # Written down before Amazon is asked, so that a break in between is no second HIT.
        keep(study, market, hit)
        made = found or _create(client, offer, hit)
        hit = replace(
            hit,
            hit=str(made["HITId"]),
            group=str(made.get("HITGroupId", "")),
            people=int(made.get("MaxAssignments", people)),
            published_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        keep(study, market, hit)
    return Published(hit, new=found is None)


def add_people(study: Path, people: int, client: Any, market: str, hit_id: str = "") -> Hit:
    """The HIT with more people; a request that broke off is taken up, and counts once.

    Args:
        study: The study folder.
        people: How many more.
        client: A boto3 client of the market.
        market: ``sandbox`` or ``live``, where the client leads.
        hit_id: Amazon's identifier; by default the study's latest HIT.

    Raises:
        OptionError: The number is unusable, or would lift a small HIT over nine people.
        StudyError: There is no such HIT, credentials are missing, or Amazon refuses.
    """
    _check_people(people)
    with changing(study):
        hit = _chosen(study, market, hit_id)
        now = _people_of(client, hit)
        if hit.adding is None or hit.adding[0] != people or now < hit.people + people:
            _add(study, people, client, market, replace(hit, people=now))
            now += people
        hit = replace(hit, people=now, adding=None)
        keep(study, market, hit)
    return hit


def _add(study: Path, people: int, client: Any, market: str, hit: Hit) -> None:
    if hit.people < _FEE_STEP <= hit.people + people:
        raise OptionError(
            f"--people {people}: a HIT for fewer than {_FEE_STEP} people cannot grow to "
            f"{_FEE_STEP} or more; publish a further one with: netgloss mturk publish --again"
        )
    hit, token = hit.begin_adding(people)
    keep(study, market, hit)
    with refusals(f"add people to HIT {hit.hit}"):
        client.create_additional_assignments_for_hit(
            HITId=hit.hit, NumberOfAdditionalAssignments=people, UniqueRequestToken=token
        )


def _people_of(client: Any, hit: Hit) -> int:
    """How many people Amazon lets do the HIT."""
    with refusals(f"look up HIT {hit.hit}"):
        return int(client.get_hit(HITId=hit.hit)["HIT"]["MaxAssignments"])


def _create(client: Any, offer: Offer, hit: Hit) -> dict[str, Any]:
    """Amazon's answer; that of the request before where that one got through."""
    from botocore.exceptions import ClientError

    with refusals("publish the HIT"):
        try:
            answer = client.create_hit(
                Title=offer.title,
                Description=offer.description,
                Keywords=offer.keywords,
                Reward=offer.reward,
                MaxAssignments=hit.people,
                LifetimeInSeconds=offer.days * 24 * 3600,
                AssignmentDurationInSeconds=offer.minutes * 60,
                AutoApprovalDelayInSeconds=_AUTO_APPROVAL_SECONDS,
                Question=_question(offer.address),
                RequesterAnnotation=_annotation(hit.token),
                UniqueRequestToken=hit.token,
            )
        except ClientError as fault:
            if code_of(fault) != _ALREADY:
                raise
            found = _find(client, hit.token)
            if found is None:
                raise
            return found
    made: dict[str, Any] = answer["HIT"]
    return made


def _find(client: Any, token: str) -> dict[str, Any] | None:
    """The HIT that carries the token in its annotation, among all of the account's."""
    with refusals("list the account's HITs"):
        pages = client.get_paginator("list_hits").paginate(PaginationConfig={"PageSize": 100})
        for page in pages:
            for hit in page.get("HITs", []):
                if hit.get("RequesterAnnotation") == _annotation(token):
                    found: dict[str, Any] = hit
                    return found
    return None


def _annotation(token: str) -> str:
    return f"netgloss {token}"


def _question(address: str) -> str:
    return _QUESTION.format(url=escape(f"{address.rstrip('/')}/mturk"))


def _chosen(study: Path, market: str, hit_id: str) -> Hit:
    hits = require_hits(study, market)
    if not hit_id:
        return hits[-1]
    found = [hit for hit in hits if hit.hit == hit_id]
    if not found:
        raise StudyError(
            f"{study}: has published no HIT '{hit_id}'; there are {', '.join(h.hit for h in hits)}"
        )
    return found[0]


def _check_address(address: str) -> None:
    parts = urlsplit(address)
    try:
        usable = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    more = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
    if not usable or more or not address.isprintable() or " " in address:
        raise OptionError(
            f"--address '{address}': Mechanical Turk shows pages over HTTPS only; "
            "write it like https://study.example.org"
        )


def _check_reward(reward: str) -> None:
    if not _REWARD.fullmatch(reward) or not Decimal(reward):
        raise OptionError(f"--reward '{reward}': give dollars and cents, like 0.50")


def _check_people(people: int) -> None:
    if not 1 <= people <= 1_000_000:
        raise OptionError(f"--people {people}: give 1 or more")
