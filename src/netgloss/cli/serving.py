"""The verb that puts a study before people: serve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from netgloss.cli.options import StudyFolder

if TYPE_CHECKING:
    from netgloss.server.serving import Ready

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Adds the verb to the command."""
    app.command()(serve)


def serve(
    study: StudyFolder,
    port: Annotated[int, typer.Option(help="Where to listen; 0 takes a free port.")] = 8000,
    host: Annotated[
        str, typer.Option(help="Address to listen at; 0.0.0.0 lets other machines connect.")
    ] = "127.0.0.1",
    address: Annotated[
        str,
        typer.Option(
            metavar="URL", help="Where people reach it, for links in mails; by default host:port."
        ),
    ] = "",
    https: Annotated[
        bool,
        typer.Option(
            "--https", help="A proxy in front speaks HTTPS; an --address with https:// says so too."
        ),
    ] = False,
    database: Annotated[
        str,
        typer.Option(
            metavar="URL",
            envvar="NETGLOSS_DATABASE",
            help="postgresql://user:password@host/name; by default STUDY/answers.sqlite3.",
        ),
    ] = "",
    mail: Annotated[
        str,
        typer.Option(
            metavar="URL",
            envvar="NETGLOSS_MAIL",
            help="smtp://user:password@host:port for forgotten passwords; by default printed.",
        ),
    ] = "",
    sender: Annotated[str, typer.Option(help="Address that mails come from.")] = "",
    workers: Annotated[int, typer.Option(help="Processes.")] = 2,
    threads: Annotated[int, typer.Option(help="Requests at a time in each process.")] = 4,
    mturk_site: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL",
            help="A page of your own that imitates Mechanical Turk, for rehearsals.",
        ),
    ] = None,
) -> None:
    """Put a study before people, in the browser.

    They describe its heat maps, and with cluster maps (netgloss extract STUDY anv) they play the
    game Deep Reveal. The first start prints a link that makes the organiser's account. Ctrl+C stops
    the server once the requests in flight are answered; the same command goes on from there.

    \b
    Examples:
      netgloss serve ambulances
      netgloss serve ambulances --host 0.0.0.0 --address http://lab.example.org:8000
      netgloss serve ambulances --address https://study.example.org \\
        --database postgresql://netgloss@db/study --mail smtp://mail.example.org:25
    """
    from netgloss.server.serving import Serving
    from netgloss.server.serving import serve as run

    def announce(ready: Ready) -> None:
        _announce(study.name or str(study.resolve()), ready)

    run(
        Serving(
            study=study,
            host=host,
            port=port,
            address=address,
            https=https,
            database=database,
            mail=mail,
            sender=sender,
            workers=workers,
            threads=threads,
            mturk_sites=tuple(mturk_site or ()),
        ),
        announce,
    )


def _announce(study: str, ready: Ready) -> None:
    from netgloss.cli.show import note, say

    say(f"{study} is at {ready.address}")
    if ready.first_organiser:
        say(f"the first organiser signs up at {ready.first_organiser}")
    for line in ready.notes:
        note(line)
    note("stop with Ctrl+C")
