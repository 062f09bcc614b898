"""A study published as a HIT: what Amazon is asked, and that nothing is published twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from botocore.exceptions import ConnectTimeoutError
from botocore.stub import ANY, Stubber

from netgloss.errors import OptionError, StudyError
from netgloss.server.mturk.publishing import Offer, add_people, publish
from netgloss.server.mturk.requester import MARKETS, connect

OFFER = Offer("https://study.example.org", "0.50")
HIT = "3XYZ0HIT"
SCHEMA = (
    "{http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2006-07-14/"
    "ExternalQuestion.xsd}"
)


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    return connect()


@pytest.fixture
def amazon(client: Any) -> Iterator[Stubber]:
    """Answers in the order given; what is not expected, and what is not asked, fails."""
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def made(people: int = 9, **more: Any) -> dict[str, Any]:
    return {"HIT": {"HITId": HIT, "HITGroupId": "3GROUP", "MaxAssignments": people, **more}}


def kept(study: Path, market: str = "sandbox") -> list[dict[str, Any]]:
    read = json.loads((study / ".netgloss" / "mturk.json").read_text())
    return list(read[market])


def asked(people: int = 9) -> dict[str, Any]:
    return {
        "Title": OFFER.title,
        "Description": OFFER.description,
        "Keywords": OFFER.keywords,
        "Reward": "0.50",
        "MaxAssignments": people,
        "LifetimeInSeconds": 7 * 24 * 3600,
        "AssignmentDurationInSeconds": 3600,
        "AutoApprovalDelayInSeconds": 30 * 24 * 3600,
        "Question": ANY,
        "RequesterAnnotation": ANY,
        "UniqueRequestToken": ANY,
    }


def test_one_hit_for_all_is_asked_for_and_written_down(
    tmp_path: Path, client: Any, amazon: Stubber
) -> None:
    amazon.add_response("create_hit", made(), asked())
    done = publish(tmp_path, OFFER, 9, client, "sandbox")
    assert (done.hit.hit, done.hit.people, done.new) == (HIT, 9, True)
    [row] = kept(tmp_path)
    assert (row["hit"], row["group"], row["options"]["reward"]) == (HIT, "3GROUP", "0.50")
    assert "key" not in json.dumps(row).replace("keywords", "")
    assert "secret" not in json.dumps(row)


def test_the_question_is_the_framed_page_at_its_full_height(
    tmp_path: Path, client: Any, amazon: Stubber
) -> None:
    sent: list[Any] = []
    client.meta.events.register_first(
        "provide-client-params.mturk.CreateHIT", lambda params, **_: sent.append(params)
    )
    amazon.add_response("create_hit", made())
    publish(tmp_path, OFFER, 9, client, "sandbox")
    question = ElementTree.fromstring(sent[0]["Question"])
    assert question.tag == f"{SCHEMA}ExternalQuestion"
    assert [(part.tag.removeprefix(SCHEMA), part.text) for part in question] == [
        ("ExternalURL", "https://study.example.org/mturk"),
        ("FrameHeight", "0"),
    ]
    assert sent[0]["RequesterAnnotation"] == f"netgloss {sent[0]['UniqueRequestToken']}"


def test_published_again_is_the_same_hit_and_amazon_is_not_asked(
    tmp_path: Path, client: Any, amazon: Stubber
) -> None:
    amazon.add_response("create_hit", made())
    first = publish(tmp_path, OFFER, 9, client, "sandbox")
    again = publish(tmp_path, OFFER, 20, client, "sandbox")
    assert (again.new, again.hit) == (False, first.hit)


def test_the_sandbox_the_market_other_offers_and_again_are_hits_of_their_own(
    tmp_path: Path, client: Any, amazon: Stubber
) -> None:
    for number in range(4):
        amazon.add_response("create_hit", made() | {"HIT": {"HITId": f"3HIT{number}"}})
    publish(tmp_path, OFFER, 9, client, "sandbox")
    publish(tmp_path, OFFER, 9, client, "live")
    publish(tmp_path, Offer(OFFER.address, "0.60"), 9, client, "sandbox")
    publish(tmp_path, OFFER, 9, client, "sandbox", again=True)
    assert [row["hit"] for row in kept(tmp_path)] == ["3HIT0", "3HIT2", "3HIT3"]
    assert [row["hit"] for row in kept(tmp_path, "live")] == ["3HIT1"]
    assert len({row["token"] for row in kept(tmp_path)}) == 3


def break_off(client: Any, operation: str) -> Any:
    """The way to Amazon breaks before an answer comes."""

    def fail(**_: Any) -> None:
        raise ConnectTimeoutError(endpoint_url=MARKETS["sandbox"])

    event = f"before-call.mturk.{operation}"
    client.meta.events.register_first(event, fail)
    return lambda: client.meta.events.unregister(event, fail)


def test_a_request_that_broke_off_is_repeated_under_its_token(
    tmp_path: Path, client: Any, amazon: Stubber
) -> None:
    mend = break_off(client, "CreateHIT")
    with pytest.raises(StudyError, match="could not be asked to publish the HIT"):
        publish(tmp_path, OFFER, 9, client, "sandbox")
    mend()
    [row] = kept(tmp_path)
    amazon.add_response("list_hits", {"HITs": []})
    amazon.add_response("create_hit", made(), asked() | {"UniqueRequestToken": row["token"]})
    assert publish(tmp_path, OFFER, 9, client, "sandbox").hit.token == row["token"]
    assert len(kept(tmp_path)) == 1


def test_a_hit_that_was_made_without_an_answer_is_found_on_whatever_page_it_stands(
    tmp_path: Path, client: Any, amazon: Stubber
) -> None:
    mend = break_off(client, "CreateHIT")
    with pytest.raises(StudyError):
        publish(tmp_path, OFFER, 9, client, "sandbox")
    mend()
    note = f"netgloss {kept(tmp_path)[0]['token']}"
    other = {"HITId": "3OTHER", "RequesterAnnotation": "netgloss somebody-else"}
    amazon.add_response("list_hits", {"HITs": [other], "NextToken": "next"}, {"MaxResults": 100})
    page = {"HITs": [{**made()["HIT"], "RequesterAnnotation": note}]}
    amazon.add_response("list_hits", page, {"MaxResults": 100, "NextToken": "next"})
    done = publish(tmp_path, OFFER, 9, client, "sandbox")
    assert (done.new, done.hit.hit) == (False, HIT)
    assert kept(tmp_path)[0]["hit"] == HIT


def test_what_amazon_says_exists_already_is_taken_over(
    tmp_path: Path, client: Any, amazon: Stubber
) -> None:
    """The first request got through after all, between looking and asking."""
    tokens: list[str] = []
    client.meta.events.register_first(
        "provide-client-params.mturk.CreateHIT",
        lambda params, **_: tokens.append(params["UniqueRequestToken"]),
    )
    amazon.add_client_error(
        "create_hit",
        "RequestError",
        "The request has been made before.",
        modeled_fields={"TurkErrorCode": "AWS.MechanicalTurk.HitAlreadyExists"},
    )
    client.meta.events.register_first(
        "after-call.mturk.ListHITs",
        lambda parsed, **_: parsed["HITs"][0].update(RequesterAnnotation=f"netgloss {tokens[0]}"),
    )
    amazon.add_response("list_hits", {"HITs": [{"HITId": HIT, "MaxAssignments": 9}]})
    assert publish(tmp_path, OFFER, 9, client, "sandbox").hit.hit == HIT


def test_what_amazon_refuses_is_one_line_with_its_own_words(
    tmp_path: Path, client: Any, amazon: Stubber
) -> None:
    amazon.add_client_error(
        "create_hit",
        "RequestError",
        "This Requester has insufficient funds\n in their account.",
        modeled_fields={"TurkErrorCode": "AWS.MechanicalTurk.InsufficientFunds"},
    )
    with pytest.raises(StudyError) as refused:
        publish(tmp_path, OFFER, 9, client, "live")
    assert str(refused.value) == (
        "Amazon refuses to publish the HIT: This Requester has insufficient funds in their "
        "account. (AWS.MechanicalTurk.InsufficientFunds)"
    )


@pytest.mark.parametrize("key", [None, "key"])
def test_without_credentials_it_is_said_where_to_put_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str | None
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    if key:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key)
    with pytest.raises(StudyError, match="AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"):
        publish(tmp_path, OFFER, 9, connect(endpoint="http://127.0.0.1:9"), "sandbox")


def test_without_boto3_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(StudyError, match=r"pip install 'netgloss\[mturk\]'"):
        connect()


def test_a_profile_that_does_not_exist_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody-of-this-name")
    with pytest.raises(StudyError, match="nobody-of-this-name"):
        connect()


def test_only_live_leads_to_the_real_market(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_MTURK", MARKETS["live"])
    monkeypatch.setenv("AWS_ENDPOINT_URL", MARKETS["live"])
    assert connect().meta.endpoint_url == MARKETS["sandbox"]
    assert "sandbox" in MARKETS["sandbox"]
    assert connect(live=True).meta.endpoint_url == MARKETS["live"]
    assert "sandbox" not in MARKETS["live"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"address": "http://study.example.org"}, "HTTPS only"),
        ({"address": "study.example.org"}, "HTTPS only"),
        ({"address": "https://"}, "HTTPS only"),
        ({"address": "https://study.example.org/mturk"}, "HTTPS only"),
        ({"address": "https://ann:x@study.example.org"}, "HTTPS only"),
        ({"address": "https://study.example.org?a=1"}, "HTTPS only"),
        ({"address": "https://study.example.org:99999"}, "HTTPS only"),
        ({"reward": "0"}, "dollars and cents"),
        ({"reward": "0.00"}, "dollars and cents"),
        ({"reward": "-1"}, "dollars and cents"),
        ({"reward": "0.505"}, "dollars and cents"),
        ({"reward": "1e2"}, "dollars and cents"),
        ({"reward": "$1"}, "dollars and cents"),
        ({"reward": "0,50"}, "dollars and cents"),
        ({"reward": "٣"}, "dollars and cents"),
        ({"title": ""}, "--title"),
        ({"title": "x" * 129}, "this has 129"),
        ({"title": "two\nlines"}, "--title"),
        ({"minutes": 0}, "--minutes 0"),
        ({"days": 366}, "--days 366"),
    ],
)
def test_what_amazon_could_not_use_is_refused_before_it_is_asked(
    tmp_path: Path, client: Any, amazon: Stubber, change: dict[str, Any], message: str
) -> None:
    options = {"address": OFFER.address, "reward": OFFER.reward, **change}
    with pytest.raises(OptionError, match=message):
        publish(tmp_path, Offer(**options), 9, client, "sandbox")
    assert not (tmp_path / ".netgloss").exists()


@pytest.mark.parametrize("people", [0, -1])
def test_a_hit_for_nobody_is_refused(tmp_path: Path, client: Any, people: int) -> None:
    with pytest.raises(OptionError, match="--people"):
        publish(tmp_path, OFFER, people, client, "sandbox")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": 2}'])
def test_a_broken_record_is_not_taken_for_an_empty_one(
    tmp_path: Path, client: Any, amazon: Stubber, text: str
) -> None:
    place = tmp_path / ".netgloss" / "mturk.json"
    place.parent.mkdir()
    place.write_text(text)
    with pytest.raises(StudyError, match=r"mturk\.json: cannot be read"):
        publish(tmp_path, OFFER, 9, client, "sandbox")
    assert place.read_text() == text


# -------------------------------------------------------------------------------- more people


@pytest.fixture
def published(tmp_path: Path, client: Any, amazon: Stubber) -> Path:
    amazon.add_response("create_hit", made(20))
    publish(tmp_path, OFFER, 20, client, "sandbox")
    return tmp_path


def looked_up(people: int) -> dict[str, Any]:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return made(people, Expiration=now, AssignmentDurationInSeconds=3600)


def more(people: int, token: Any = ANY) -> dict[str, Any]:
    return {
        "HITId": HIT,
        "NumberOfAdditionalAssignments": people,
        "UniqueRequestToken": token,
    }


def test_people_are_added_as_often_as_it_is_asked(
    published: Path, client: Any, amazon: Stubber
) -> None:
    for before in (20, 25):
        amazon.add_response("get_hit", looked_up(before), {"HITId": HIT})
        amazon.add_response("create_additional_assignments_for_hit", {}, more(5))
        assert add_people(published, 5, client, "sandbox").people == before + 5
    assert kept(published)[0]["people"] == 30


@pytest.mark.parametrize("got_through", [True, False])
def test_an_addition_that_broke_off_counts_once(
    published: Path, client: Any, amazon: Stubber, got_through: bool
) -> None:
    amazon.add_response("get_hit", looked_up(20))
    mend = break_off(client, "CreateAdditionalAssignmentsForHIT")
    with pytest.raises(StudyError, match="could not be asked"):
        add_people(published, 5, client, "sandbox")
    mend()
    token = kept(published)[0]["adding"][1]
    amazon.add_response("get_hit", looked_up(25 if got_through else 20))
    if not got_through:
        amazon.add_response("create_additional_assignments_for_hit", {}, more(5, token))
    assert add_people(published, 5, client, "sandbox").people == 25
    assert kept(published)[0]["adding"] is None


def test_a_small_hit_does_not_grow_past_nine(tmp_path: Path, client: Any, amazon: Stubber) -> None:
    amazon.add_response("create_hit", made(9))
    publish(tmp_path, OFFER, 9, client, "sandbox")
    amazon.add_response("get_hit", looked_up(9))
    with pytest.raises(OptionError, match="cannot grow to 10"):
        add_people(tmp_path, 1, client, "sandbox")


def test_a_hit_that_is_not_the_studys_is_not_touched(
    published: Path, client: Any, amazon: Stubber
) -> None:
    with pytest.raises(StudyError, match=f"no HIT '3OTHER'; there are {HIT}"):
        add_people(published, 5, client, "sandbox", "3OTHER")
    with pytest.raises(StudyError, match="nothing is published in Mechanical Turk itself"):
        add_people(published, 5, client, "live")
