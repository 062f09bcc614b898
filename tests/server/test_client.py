"""A person's side of the API: what it sends again, what it never does, and a whole visit."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread, Timer
from typing import Any

import pytest

from netgloss.errors import DataError, OptionError, StudyError
from netgloss.server.client import Client, Refused, UnansweredError

CLAW = {"type": "claw", "attributes": ["red"], "x0": 1, "y0": 2, "x1": 30, "y1": 40}
SEEN = {"boxes": [CLAW], "nothing": False}


@contextmanager
def answering(server: Any) -> Iterator[str]:
    """Serves in a thread of its own; the address."""
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


# ------------------------------------------------------------------- a server that does as told


@contextmanager
def scripted(*replies: Any) -> Iterator[tuple[str, list[Any]]]:
    """A server that says these replies in turn, and what it was asked.

    A reply is a status, a content and headers, or None: the connection breaks off once the request
    is read.
    """
    asked: list[Any] = []
    left = list(replies)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 60

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline()
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked.append((self.command, self.path, json.loads(body) if body else None))
            reply = left.pop(0)
            if reply is None:
                self.close_connection = True
                return
            content = reply[1].encode()
            self.send_response(reply[0])
            for name, value in {"Content-Length": str(len(content)), **dict(reply[2:])}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
            # Without a word of it, as servers do that have waited for long enough.
            self.close_connection = True

        def log_message(self, *_said: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    with answering(server) as address:
        yield address, asked


@pytest.fixture
def client() -> Iterator[Callable[..., Client]]:
    """Makes clients that are closed in the end."""
    made: list[Client] = []

    def make(address: str, **options: Any) -> Client:
        made.append(Client(address, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_an_answer_is_sent_again_with_the_key_it_had(client: Callable[..., Client]) -> None:
    receipt = '{"position": 0, "done": 1, "size": 10}'
    with scripted(None, None, (200, receipt)) as (address, asked):
        ann = client(address)
        assert ann.answer("a", SEEN) == {"position": 0, "done": 1, "size": 10}
    assert ann.sent_again == 2
    assert len(asked) == 3
    assert asked[0] == asked[1] == asked[2]
    assert asked[0][:2] == ("POST", "/api/assignments/a/answer")
    assert uuid.UUID(asked[0][2]["key"])


def test_two_answers_have_two_keys_unless_told_otherwise(client: Callable[..., Client]) -> None:
    with scripted(*4 * [(200, "{}")]) as (address, asked):
        ann = client(address)
        ann.answer("a", SEEN)
        ann.answer("a", SEEN)
        key = uuid.uuid4()
        ann.answer("a", SEEN, key)
        ann.answer("a", SEEN, str(key))
    first, second, third, fourth = (body["key"] for _, _, body in asked)
    assert first != second
    assert third == fourth == str(key)


@pytest.mark.parametrize(
    "visit",
    [
        lambda ann: ann.me(),
        lambda ann: ann.take_batch(),
        lambda ann: ann.finish("b"),
        lambda ann: ann.fill_in("b", "sus", []),
        lambda ann: ann.ask("DELETE", "/session"),
    ],
)
def test_what_is_the_same_said_twice_is_sent_again(
    client: Callable[..., Client], visit: Callable[[Client], Any]
) -> None:
    with scripted(None, (503, "busy"), (200, "{}")) as (address, asked):
        visit(client(address))
    assert len(asked) == 3


@pytest.mark.parametrize("path", ["/guests", "/accounts", "/session", "/organise/invitations"])
def test_what_would_be_done_twice_is_not_sent_again(
    client: Callable[..., Client], path: str
) -> None:
    with scripted((200, "{}"), None, (503, "")) as (address, asked):
        ann = client(address)
        ann.me()  # its connection is lost afterwards, which must not take the request with it
        with pytest.raises(UnansweredError, match="does not answer"):
            ann.ask("POST", path)
        with pytest.raises(Refused, match="503"):
            ann.ask("POST", path)
    assert len(asked) == 3
    assert ann.sent_again == 0


def test_a_server_that_starts_late_is_waited_for(client: Callable[..., Client]) -> None:
    with scripted((200, "{}")) as (address, _asked):
        pass
    port = int(address.rpartition(":")[2])
    server = ThreadingHTTPServer(("127.0.0.1", port), _Late, bind_and_activate=False)
    server.allow_reuse_address = True
    start = Timer(0.3, lambda: (server.server_bind(), server.server_activate()))
    start.start()
    ann = client(address)
    # Listening begins in the timer's thread; nothing was sent before, so that even this is safe.
    waiting = Thread(target=lambda: (start.join(), server.handle_request()))
    waiting.start()
    assert ann.ask("POST", "/guests") == {"late": True}
    waiting.join()
    server.server_close()
    assert ann.sent_again > 0


class _Late(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"late": true}')

    def log_message(self, *_said: Any) -> None:
        pass


def test_patience_ends_with_one_line(client: Callable[..., Client]) -> None:
    with scripted() as (address, _asked):
        pass
    with pytest.raises(UnansweredError) as caught:
        client(address, patience=0.2).me()
    assert isinstance(caught.value, StudyError)
    assert str(caught.value).startswith(f"{address}: does not answer (Connection refused); ")
    assert "\n" not in str(caught.value)


def test_another_program_is_not_taken_for_a_study(client: Callable[..., Client]) -> None:
    with scripted((200, "<html>"), (404, "<html>"), (400, '{"error": "no"}')) as (address, _asked):
        with pytest.raises(DataError, match="no server of a study"):
            client(address).me()
        for status in ("404 .Not Found.", "400 .Bad Request."):
            with pytest.raises(Refused, match=f"The server answered {status}") as caught:
                client(address).me()
            assert caught.value.code == "unreadable"


def test_who_is_sent_elsewhere_is_told_where(client: Callable[..., Client]) -> None:
    moved = (301, "", ("Location", "https://study.example.org/api/me"))
    elsewhere = pytest.raises(DataError, match=r"sends to https://study\.example\.org/api/me; give")
    with scripted(moved) as (address, _asked), elsewhere:
        client(address).me()


def test_an_attempt_is_made_once_and_tells_whatever_came(client: Callable[..., Client]) -> None:
    away = (503, '{"error": {"message": "The database is away."}}', ("Retry-After", "2"))
    with scripted(away, None, (200, '{"done": true}')) as (address, asked):
        person = client(address)
        first = person.attempt("POST", "/answers", {"key": 1})
        person.close()  # the server has, without a word
        with pytest.raises((OSError, HTTPException)):
            person.attempt("POST", "/answers", {"key": 2})
        last = person.attempt("POST", "/answers", {"key": 3})
    assert (first.status, first.headers["retry-after"]) == (503, "2")
    assert (last.status, last.body) == (200, {"done": True})
    assert len(asked) == 3


@pytest.mark.parametrize(
    "address",
    ["", "127.0.0.1:8000", "ftp://a", "http://", "http://a/study", "http://a:x", "http://a?b=c"],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(OptionError, match="is none; write it like"):
        Client(address)


def test_neither_django_nor_torch_is_loaded() -> None:
    look = (
        "import sys, netgloss.server.client; "
        "sys.exit(bool({'django', 'torch', 'numpy', 'ninja'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", look], check=False).returncode == 0


# ------------------------------------------------------------------------------ the real server


class Cut:
    """Takes the next acknowledgement away whose address ends so, after it was committed."""

    ending = ""

    def takes(self, path: str) -> bool:
        taken = bool(self.ending) and path.endswith(self.ending)
        if taken:
            self.ending = ""
        return taken


@pytest.fixture
def cut() -> Cut:
    return Cut()


@pytest.fixture
def live(database: None, served_study: Path, cut: Cut) -> Iterator[str]:
    """The address of the whole application with its task set up, listening on a socket."""
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

    from netgloss.server.tasks import engine
    from netgloss.server.wsgi import application
    from netgloss.study import Study

    class Handler(WSGIRequestHandler):
        def get_environ(self) -> dict[str, Any]:
            return {**super().get_environ(), "test.handler": self}

        def log_message(self, *_said: Any) -> None:
            pass

    def app(environ: dict[str, Any], start: Any) -> Any:
        content = application(environ, start)
        if cut.takes(environ["PATH_INFO"]):
            content.close()
            environ["test.handler"].close_connection = True
            raise ConnectionResetError  # which wsgiref takes for a client that has gone
        return content

    task = engine.set_up(Study.open(served_study))
    task.min_seconds, task.controls, task.batch_size, task.quota = 0, 0, 10, 1
    task.save()
    engine.set_quota(task, 1)
    server = ThreadedWSGIServer(("127.0.0.1", 0), Handler)
    server.set_app(app)
    with answering(server) as address:
        yield address


def arrived(client: Callable[..., Client], address: str) -> Client:
    ann = client(address)
    ann.arrive()
    ann.consent()
    return ann


def test_a_visit_leads_from_the_door_to_the_last_form(
    live: str, client: Callable[..., Client]
) -> None:
    from netgloss.server.tasks.models import ANSWERED, Assignment, Form

    ann = client(live)
    assert ann.me()["person"] is None
    assert ann.arrive()["person"]["kind"] == "guest"
    with pytest.raises(Refused) as early:
        ann.take_batch()
    assert (early.value.status, early.value.code) == (409, "consent_needed")
    ann.consent()
    ann.consent()
    sizes = []
    while (batch := ann.take_batch()) is not None:
        sizes.append(batch["size"])
        for place, assignment in enumerate(batch["assignments"]):
            assert ann.fetch(assignment["shown"]["image"])[8:12] == b"WEBP"
            assert ann.open(assignment["id"]) == 0
            assert ann.draft(assignment["id"], 1, SEEN) == 1
            assert ann.answer(assignment["id"], SEEN)["done"] == place + 1
        end = ann.finish(batch["id"])
        assert (end["finished"], end["forms"], end["completion"]) == (True, ["difficulty"], None)
        form = ann.ask("GET", "/forms/difficulty")
        ann.fill_in(batch["id"], "difficulty", [item["low"] for item in form["items"]], "fine")
    # 26 photographs, of which one has no heat map and one an empty one.
    assert sizes == [10, 10, 4]
    assert Assignment.objects.filter(state=ANSWERED).count() == 24
    assert Form.objects.filter(remark="fine").count() == 3
    assert ann.me()["tasks"][0]["answered"] == 24


def test_a_lost_acknowledgement_is_asked_for_again_and_the_answer_kept_once(
    live: str, client: Callable[..., Client], cut: Cut
) -> None:
    from netgloss.server.tasks.models import Assignment

    ann = arrived(client, live)
    cut.ending = "/batch"
    batch = ann.take_batch()
    assert batch is not None
    first = batch["assignments"][0]["id"]
    cut.ending = "/answer"
    receipt = ann.answer(first, SEEN)
    assert (receipt["done"], receipt["size"], ann.sent_again) == (1, 10, 2)
    kept = Assignment.objects.get(pk=first)
    assert (kept.earlier, {**kept.receipt, "after": None}) == ([], receipt)
    assert Assignment.objects.count() == 10


def test_a_guest_whose_welcome_is_lost_is_not_made_twice(
    live: str, client: Callable[..., Client], cut: Cut
) -> None:
    from netgloss.server.people.models import Person

    cut.ending = "/guests"
    with pytest.raises(UnansweredError):
        client(live).arrive()
    assert Person.objects.count() == 1


def test_a_panel_sends_the_same_person_twice(live: str, client: Callable[..., Client]) -> None:
    known = {"PROLIFIC_PID": "a b&c", "STUDY_ID": "s", "SESSION_ID": "1"}
    first = client(live).arrive("prolific", known)
    assert (first["person"]["kind"], first["person"]["role"]) == ("panel", "participant")
    ann = client(live)
    assert ann.arrive("prolific", known) == first
    ann.ask("POST", "/accounts", {"name": "Ann", "password": "seven green lobsters"})
    with pytest.raises(Refused) as caught:
        client(live).arrive("prolific", known)
    assert caught.value.code == "sign_in"
    with pytest.raises(Refused, match="404"):
        client(live).arrive("elsewhere", known)


def test_a_token_stands_for_the_cookies(live: str, client: Callable[..., Client]) -> None:
    body = {"panel": "mturk", "person": "W1", "study": "H1", "session": "A1"}
    given = client(live).ask("POST", "/panel-tokens", body)
    framed = client(live, token=given["token"])
    assert framed.me()["person"] == given["person"]
    framed.consent()
    assert framed.take_batch() is not None
    with pytest.raises(Refused) as caught:
        client(live, token="made up").take_batch()
    assert (caught.value.status, caught.value.code) == (401, "sign_in")


def test_a_refusal_says_what_the_server_said(live: str, client: Callable[..., Client]) -> None:
    from netgloss.server.tasks.models import Task

    ann = arrived(client, live)
    batch = ann.take_batch()
    assert batch is not None
    first = batch["assignments"][0]["id"]
    with pytest.raises(Refused) as caught:
        ann.answer(first, {"boxes": [{**CLAW, "attributes": []}]})
    assert (caught.value.status, caught.value.code) == (422, "incomplete")
    assert caught.value.details == {"where": "boxes.0.attributes"}
    ann.draft(first, 2, SEEN)
    with pytest.raises(Refused) as caught:
        ann.draft(first, 1, {})
    assert caught.value.details["number"] == 2
    Task.objects.update(min_seconds=60)
    with pytest.raises(Refused) as caught:
        ann.answer(first, SEEN)
    assert 0 < caught.value.details["seconds_to_wait"] <= 60
    Task.objects.update(paused=True)
    ann.ask("DELETE", "/session")
    with pytest.raises(Refused) as caught:
        ann.take_batch()
    assert caught.value.code == "sign_in"


def test_who_signs_out_is_nobody_and_may_come_again(
    live: str, client: Callable[..., Client]
) -> None:
    with closing(arrived(client, live)) as ann:
        before = ann.me()["person"]["pseudonym"]
        assert ann.ask("DELETE", "/session") is None
        assert "netgloss_session" not in ann.cookies
        assert ann.me()["person"] is None
        assert ann.arrive()["person"]["pseudonym"] != before


# -------------------------------------------------------------------- who answers for somebody


def test_every_image_is_known_by_the_picture_that_the_server_shows_of_it(
    live: str, served_study: Path
) -> None:
    from netgloss.server.pictures import Picture, picture_file
    from netgloss.server.tasks.evidence import stored_evidence
    from netgloss.server.visiting import Gallery
    from netgloss.study import Study

    gallery = Gallery(Study.open(served_study).usable_images())
    stored = stored_evidence("heatmaps")
    for evidence in stored:
        shown = picture_file(Picture.IMAGE, "heatmaps", evidence).read_bytes()
        assert gallery.recognise(shown) == stored.image(evidence).image
        with pytest.raises(DataError, match="the study does not have"):
            gallery.recognise(picture_file(Picture.HEAT, "heatmaps", evidence).read_bytes())
    with pytest.raises(DataError, match="no image"):
        Gallery([])


def test_what_has_gone_to_somebody_else_is_passed_over(
    live: str, served_study: Path, client: Callable[..., Client]
) -> None:
    from django.utils import timezone

    from netgloss.answers.format import Box
    from netgloss.server.tasks.models import ANSWERED, OPEN, Assignment
    from netgloss.server.visiting import Gallery, answer_batches
    from netgloss.study import Study

    gallery = Gallery(Study.open(served_study).usable_images())
    claw = Box("claw", ("red",), 1, 2, 30, 40)
    ann = answer_batches(arrived(client, live), gallery, lambda _: [claw])
    early = [next(ann)]
    Assignment.objects.filter(state=OPEN).update(leased_until=timezone.now())
    ben = list(answer_batches(arrived(client, live), gallery, lambda _: []))
    late = list(ann)
    assert (len(early), len(ben), len(late)) == (1, 23, 0)
    kept = Assignment.objects.filter(state=ANSWERED)
    assert {one.image for one in (*early, *ben)} == set(kept.values_list("image", flat=True))
    said = {one.image: one.answer for one in kept}
    assert said[early[0].image] == SEEN
    assert all(said[one.image] == {"boxes": [], "nothing": True} for one in ben)
