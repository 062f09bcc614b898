"""Who may show the study in a frame and who is told of the end: one list, on the server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netgloss.errors import OptionError
from netgloss.server.mturk.sites import PREVIEW, Sites, origin

WORKER = {"panel": "mturk", "person": "AW1", "study": "H1", "session": "A1"}


@pytest.mark.parametrize(
    ("submit_to", "address"),
    [
        ("https://www.mturk.com", "https://www.mturk.com/mturk/externalSubmit"),
        ("https://www.mturk.com/", "https://www.mturk.com/mturk/externalSubmit"),
        ("https://WWW.mturk.com:443", "https://www.mturk.com/mturk/externalSubmit"),
        (
            "https://workersandbox.mturk.com",
            "https://workersandbox.mturk.com/mturk/externalSubmit",
        ),
        ("http://127.0.0.1:9000/", "http://127.0.0.1:9000/mturk/externalSubmit"),
    ],
)
def test_the_end_is_told_to_sites_on_the_list(submit_to: str, address: str) -> None:
    assert Sites.given("http://127.0.0.1:9000").hand_in(submit_to) == address


@pytest.mark.parametrize(
    "submit_to",
    [
        "",
        "http://www.mturk.com",
        "https://www.mturk.com.evil.example",
        "https://evil.example/?https://www.mturk.com",
        "https://www.mturk.com@evil.example",
        "https://www.mturk.com:444",
        "https://www.mturk.com/elsewhere",
        "https://www.mturk.com\\@evil.example",
        "//www.mturk.com",
        "javascript:alert(1)",
        "https://worker.mturk.com",
        "http://127.0.0.1:9000",
    ],
)
def test_the_end_is_told_to_nobody_else(submit_to: str) -> None:
    assert Sites().hand_in(submit_to) == ""


@given(st.text(max_size=60) | st.from_regex(r"https?://\S{0,40}", fullmatch=True))
def test_what_is_told_goes_to_the_list_whatever_is_asked(submit_to: str) -> None:
    allowed = {f"{site}/mturk/externalSubmit" for site in Sites().forms}
    assert Sites().hand_in(submit_to) in {"", *allowed}


@pytest.mark.parametrize(
    "site",
    [
        "mturk.com",
        "ftp://a.example",
        "https://",
        "https://a.example/page",
        "https://a.example;script-src *",
        "https://a.example 'unsafe-inline'",
        "https://*",
        "https://a.example:0",
        "https://a.example:99999",
        "https://ann:x@a.example",
    ],
)
def test_a_site_for_rehearsals_is_an_origin_and_nothing_more(site: str) -> None:
    with pytest.raises(OptionError, match="--mturk-site"):
        Sites.given(site)


def test_an_origin_is_written_in_one_way() -> None:
    assert origin("http://LocalHost:8080/") == "http://localhost:8080"
    assert origin("http://[::1]:80") == "http://[::1]"


def test_serving_passes_the_sites_of_a_rehearsal_on_or_refuses_them() -> None:
    from netgloss.server.serving import Serving

    study = Path("study")
    serving = Serving(study, mturk_sites=("http://a.example", "http://b.example:81"))
    serving.check()
    assert Sites.given(serving.environment().mturk).forms[2:] == serving.mturk_sites
    with pytest.raises(OptionError, match=r"--mturk-site 'a\.example'"):
        Serving(study, mturk_sites=("a.example",)).check()


def test_the_framed_pages_policy_names_the_sites_of_a_rehearsal(settings_of: Any) -> None:
    from django.test import Client

    settings_of(MTURK=Sites.given("http://127.0.0.1:9000"))
    policy = Client().get("/mturk").headers["Content-Security-Policy"]
    parts = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    frames = "https://worker.mturk.com https://workersandbox.mturk.com http://127.0.0.1:9000"
    assert parts["frame-ancestors"] == frames
    assert "http://127.0.0.1:9000" in parts["form-action"].split()
    elsewhere = Client().get("/annotate").headers["Content-Security-Policy"]
    assert "127.0.0.1:9000" not in elsewhere


@pytest.fixture
def settings_of(database: None) -> Any:
    from django.test import override_settings

    changes = []

    def change(**settings: Any) -> None:
        changes.append(override_settings(**settings))
        changes[-1].enable()

    yield change
    for one in changes:
        one.disable()


@pytest.mark.parametrize(
    ("submit_to", "address"),
    [
        ("https://www.mturk.com", "https://www.mturk.com/mturk/externalSubmit"),
        ("https://evil.example", ""),
        ("", ""),
    ],
)
def test_the_frame_learns_from_the_server_where_to_hand_in(
    visitor: Any, submit_to: str, address: str
) -> None:
    entered = visitor().post("/panel-tokens", {**WORKER, "submit_to": submit_to})
    assert entered.status_code == 201
    assert (entered.json()["hand_in"], entered.json()["finished"]) == (address, None)
    assert "netgloss_session" not in entered.cookies


@pytest.mark.parametrize("missing", [{"person": ""}, {"session": PREVIEW}])
def test_somebody_who_only_looks_is_nobody(visitor: Any, missing: dict[str, str]) -> None:
    from netgloss.server.people.models import Person, Session

    assert visitor().post("/panel-tokens", {**WORKER, **missing}).status_code == 422
    query = f"/from/mturk?workerId=AW1&hitId=H1&assignmentId={PREVIEW}"
    assert visitor().client.get(query).status_code == 422
    assert not Person.objects.exists()
    assert not Session.objects.exists()
