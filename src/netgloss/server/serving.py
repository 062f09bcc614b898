"""Serves a study: makes the database ready, says where to go, runs until it is told to stop.

The pages are served by granian as a plain WSGI application, a few processes with a few threads
each. Under ASGI every request would open a database connection of its own.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

from netgloss.errors import OptionError, StudyError
from netgloss.server.environment import Environment
from netgloss.server.mturk.sites import Sites
from netgloss.server.ports import PORTS, free_port

__all__ = ["Ready", "Serving", "serve"]

_APPLICATION = "netgloss.server.wsgi:application"
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared with, not bound to
_HERE = ("127.0.0.1", "localhost", "[::1]")
_START_SECONDS = 60
_LOOK_SECONDS = 0.1
_STOP_SECONDS = 30
_IDLE_SECONDS = 600  # the longest granian allows: a new thread would open a connection of its own
_GRANIAN_HANDLERS = ("console", "access")
# Granian's own lines, as those of the application are written.
_LOG = {
    "formatters": {"json": {"()": "netgloss.server.logs.JsonLines"}},
    "handlers": {
        name: {"class": "logging.StreamHandler", "formatter": "json"} for name in _GRANIAN_HANDLERS
    },
}


@dataclass(frozen=True)
class Serving:
    """What is served, and where.

    Args:
        study: The study folder.
        host: The address to listen at. By default only this machine can connect.
        port: The port; 0 takes one that is free.
        address: Where people reach the server, as links in mails begin; by default host and port.
        https: Whether a proxy in front speaks HTTPS; an address with ``https://`` says so too.
        database: ``postgresql://user:password@host/name``; by default SQLite in the study folder.
        mail: ``smtp://user:password@host:port`` or ``smtps://…``; by default mails are printed.
        sender: The address that mails come from.
        workers: Processes.
        threads: Requests at a time in each process.
        mturk_sites: Sites besides Amazon's own that may act as Mechanical Turk, for rehearsals.
    """

    study: Path
    host: str = "127.0.0.1"
    port: int = 8000
    address: str = ""
    https: bool = False
    database: str = ""
    mail: str = ""
    sender: str = ""
    workers: int = 2
    threads: int = 4
    mturk_sites: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """Where people reach the server, without a slash at the end."""
        return self.address.rstrip("/") or f"http://{_bracketed(self.host)}:{self.port}"

    @property
    def is_secure(self) -> bool:
        """Whether people reach it by HTTPS."""
        return self.url.startswith("https://")

    def check(self) -> None:
        """Refuses what cannot be served as it is.

        Raises:
            OptionError: An option is out of range, or two contradict each other.
        """
        if not 0 <= self.port < PORTS:
            raise OptionError(f"port {self.port} is none; give one from 1 to 65535, or 0 for any")
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not _has_place(self.url) or parts.path:
            raise OptionError(
                f"address '{self.address}' is none; write it like https://study.example.org"
            )
        if self.https and not self.is_secure:
            raise OptionError(
                f"--https: people reach the server at '{self.url}', which is not HTTPS; "
                "say where the proxy answers: --address https://study.example.org"
            )
        if self.host in _EVERYWHERE and not self.address:
            raise OptionError(
                f"host '{self.host}': this machine has several names; say by which one people "
                f"reach it: --address http://NAME:{self.port}"
            )
        for name, value in (("workers", self.workers), ("threads", self.threads)):
            if value < 1:
                raise OptionError(f"{name} {value} is too few; give at least 1")
        Sites.given(",".join(self.mturk_sites))
        if self.mail and not (
            urlsplit(self.mail).scheme in ("smtp", "smtps") and _has_place(self.mail)
        ):
            # Not quoted: it holds a password.
            raise OptionError(
                "--mail: that is no mail server; write it like smtp://user:password@host:587"
            )

    def environment(self) -> Environment:
        """What the processes are told."""
        own = urlsplit(self.url).hostname or ""
        names = [*_HERE, _bracketed(own)]
        if self.host not in _EVERYWHERE:
            names.append(_bracketed(self.host))
        return Environment(
            study=str(self.study.resolve()),
            database=self.database,
            address=self.url,
            hosts=",".join(dict.fromkeys(names)),
            https="1" if self.is_secure else "",
            mail=self.mail,
            sender=self.sender or f"netgloss@{own}",
            mturk=",".join(self.mturk_sites),
        )


@dataclass(frozen=True)
class Ready:
    """What to tell the person who started the server.

    Attributes:
        address: Where the study is.
        first_organiser: The link that makes the first organiser's account; empty once there is
            one.
        notes: What they should know.
    """

    address: str
    first_organiser: str = ""
    notes: tuple[str, ...] = ()


def serve(serving: Serving, announce: Callable[[Ready], None]) -> None:
    """Serves the study until SIGTERM or SIGINT; requests in flight are finished first.

    Args:
        serving: What and where.
        announce: Called once the server answers.

    Raises:
        StudyError: There is no study or no evidence, or the database does not answer.
        OptionError: An option is at fault, or the port is in use.
    """
    serving.check()
    _require_evidence(serving.study)
    serving = replace(serving, port=free_port(serving.host, serving.port))
    environment = serving.environment()
    environment.apply()
    token = _prepare(serving)
    ready = Ready(
        address=serving.url,
        first_organiser=f"{serving.url}/join/{token}" if token else "",
        notes=_notes(serving),
    )
    Thread(target=_announce, args=(serving, ready, announce), daemon=True).start()
    _run(serving)


def _require_evidence(folder: Path) -> None:
    from netgloss.evidence.items import methods_present
    from netgloss.study import Study

    Study.open(folder)
    if not methods_present(folder):
        raise StudyError(
            f"{folder}: has no evidence to show yet; make some with: "
            f"netgloss extract {folder} smoothgrad"
        )


def _prepare(serving: Serving) -> str:
    """Makes the tables and the tasks; returns the token of the first organiser's invitation."""
    import django

    from netgloss.store.locks import writing

    django.setup()
    # Two servers of one study that start together must not make the tables at the same time.
    with writing(serving.study, "server-start", seconds=_START_SECONDS):
        _migrate(serving)
        return _set_up(serving.study)


def _migrate(serving: Serving) -> None:
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import call_command
    from django.db import DatabaseError, InterfaceError, connection

    try:
        connection.ensure_connection()
        call_command("migrate", verbosity=0, interactive=False)
    except ImproperlyConfigured as fault:
        raise OptionError(
            f"database '{_unsecret(serving)}' needs the PostgreSQL client; "
            "install it with: pip install 'netgloss[postgresql]'"
        ) from fault
    except (DatabaseError, InterfaceError) as fault:
        reason = str(fault).strip().splitlines()[0] if str(fault).strip() else "no reason given"
        raise StudyError(
            f"database '{_unsecret(serving)}' does not answer: {reason}; "
            "check that it runs and that --database is right"
        ) from fault


def _set_up(study: Path) -> str:
    from django.db import connections
    from threadpoolctl import threadpool_limits

    # Everything that the processes will load: a fault in it is said once, here.
    import netgloss.server.urls  # noqa: F401
    from netgloss.server.drawing import warm
    from netgloss.server.people.invitations import first_organiser
    from netgloss.server.people.sessions import SessionStore
    from netgloss.server.people.throttle import forget_ended
    from netgloss.server.tasks.items import set_up_all
    from netgloss.server.tasks.kinds import kind_of
    from netgloss.server.tasks.watching import EvidenceWatch, watch
    from netgloss.study import Study

    seen = EvidenceWatch(study)
    tasks = set_up_all(Study.open(study))
    forget_ended()
    SessionStore.clear_expired()
    invitation = first_organiser()
    connections.close_all()
    threadpool_limits(1, user_api="blas")  # as wsgi.py does, and for its reason
    for task in tasks:
        warm(task.method, kind_of(task.name).ahead, study)
    watch(seen, lambda changed: warm(changed.method, kind_of(changed.name).ahead, study))
    return invitation.token if invitation else ""


def _notes(serving: Serving) -> tuple[str, ...]:
    from django.conf import settings

    notes = []
    if not (settings.FRONT_END / "index.html").is_file():
        notes.append("the pages are not built yet; build them with: make web")
    if not serving.is_secure and urlsplit(serving.url).hostname not in ("127.0.0.1", "localhost"):
        notes.append("people's passwords travel unencrypted; put an HTTPS proxy in front")
    if not serving.mail:
        notes.append("mails for forgotten passwords are printed here; send them with --mail")
    return tuple(notes)


def _announce(serving: Serving, ready: Ready, announce: Callable[[Ready], None]) -> None:
    """Tells where to go once the server answers."""
    while not _answers(serving):
        time.sleep(_LOOK_SECONDS)
    announce(ready)


def _answers(serving: Serving) -> bool:
    host = serving.host if serving.host not in _EVERYWHERE else "localhost"
    asked = http.client.HTTPConnection(host, serving.port, timeout=5)
    try:
        # What a proxy would add; without it the answer sends to HTTPS.
        asked.request(
            "GET", "/api/health", headers={"Host": "localhost", "X-Forwarded-Proto": "https"}
        )
        return asked.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        asked.close()


def _run(serving: Serving) -> None:
    """Runs granian until a signal; its processes are started afresh rather than forked.

    A fork would copy the threads' locks of whatever was at work in this process.
    """
    import multiprocessing

    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    multiprocessing.set_start_method("spawn", force=True)
    server = Granian(
        _APPLICATION,
        address=serving.host,
        port=serving.port,
        interface=Interfaces.WSGI,
        workers=serving.workers,
        blocking_threads=serving.threads,
        blocking_threads_idle_timeout=_IDLE_SECONDS,
        respawn_failed_workers=True,
        workers_kill_timeout=_STOP_SECONDS,
        log_level=LogLevels.warning,
        log_dictconfig=_LOG,
    )
    try:
        server.serve()
    except SystemExit as end:
        raise StudyError(
            f"{serving.study}: the server's processes ended by themselves; the lines above say why"
        ) from end


def _bracketed(host: str) -> str:
    """A host's name as an address has it: IPv6 in brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _has_place(url: str) -> bool:
    """Whether an address names a host, and a port that is one if any."""
    parts = urlsplit(url)
    try:
        # Reading the port checks it; 0 is one here, to be replaced by a free one.
        return bool(parts.hostname) and (parts.port or 0) >= 0
    except ValueError:
        return False


def _unsecret(serving: Serving) -> str:
    """The database's address without its password."""
    if not serving.database:
        return str(serving.study / "answers.sqlite3")
    parts = urlsplit(serving.database)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
