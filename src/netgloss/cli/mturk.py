"""Verbs about Amazon Mechanical Turk: mturk publish, add, sync, approve."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netgloss.cli.options import Format, FormatOption, LimitOption, StudyFolder

if TYPE_CHECKING:
    from netgloss.server.mturk.approving import Approval
    from netgloss.server.mturk.reconciling import Line
    from netgloss.server.mturk.shell import Found

__all__ = ["register"]

Live = Annotated[
    bool,
    typer.Option("--live", help="The real market, which spends money; by default the sandbox."),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask before money is spent.")]
Database = Annotated[
    str,
    typer.Option(
        metavar="URL",
        envvar="NETGLOSS_DATABASE",
        help="The server's, if it is not STUDY/answers.sqlite3.",
    ),
]
_WORKERS = {
    "sandbox": "https://workersandbox.mturk.com/mturk/preview?groupId=",
    "live": "https://worker.mturk.com/mturk/preview?groupId=",
}

verbs = typer.Typer(
    name="mturk",
    no_args_is_help=True,
    rich_markup_mode=None,
    help="""Publish on Amazon Mechanical Turk, look up the work, pay it.

    Everything happens in Amazon's sandbox, where nothing is paid, unless --live is given.

    \b
    Examples:
      netgloss mturk publish ambulances --address https://study.example.org \\
        --reward 0.50 --people 30
      netgloss mturk sync ambulances
      netgloss mturk approve ambulances --dry-run
    """,
)


def register(app: typer.Typer) -> None:
    """Adds the verbs to the command."""
    app.add_typer(verbs)


@verbs.command()
def publish(
    study: StudyFolder,
    address: Annotated[
        str, typer.Option(metavar="URL", help="Where workers reach the server; HTTPS only.")
    ],
    reward: Annotated[str, typer.Option(metavar="DOLLARS", help="For one batch, like 0.50.")],
    people: Annotated[int, typer.Option(help="How many people may do it, each of them once.")],
    title: Annotated[str, typer.Option(help="What workers see in the list of tasks.")] = "",
    description: Annotated[str, typer.Option(help="What they see when they open it.")] = "",
    keywords: Annotated[str, typer.Option(metavar="WORD,...", help="For their search.")] = "",
    minutes: Annotated[int, typer.Option(help="Time from accepting to handing in.")] = 60,
    days: Annotated[int, typer.Option(help="How long it can be found.")] = 7,
    again: Annotated[
        bool, typer.Option("--again", help="A further HIT of what is published already.")
    ] = False,
    live: Live = False,
    yes: Yes = False,
) -> None:
    """Publish the study as one HIT; the same again is the same HIT.

    The server must run, reachable at the address. Without --live nothing is paid: the sandbox is
    Amazon's place to try things out.

    \b
    Examples:
      netgloss mturk publish cars --address https://study.example.org --reward 0.50 --people 9
      netgloss mturk publish cars --address https://study.example.org --reward 0.50 --people 9 \\
        --live
    """
    from netgloss.cli.show import note, say
    from netgloss.server.mturk.publishing import Offer
    from netgloss.server.mturk.publishing import publish as run
    from netgloss.server.mturk.requester import market_of
    from netgloss.study import Study

    Study.open(study)
    texts = {"title": title, "description": description, "keywords": keywords}
    chosen = {name: text for name, text in texts.items() if text}
    offer = Offer(address, reward, **chosen, minutes=minutes, days=days)
    offer.check()
    market, client = market_of(live), _connect(live)
    cost = f"{people} people at ${reward}: ${offer.cost(people)}, and Amazon's fee on top"
    _ask(live and not yes, f"This spends money: {cost}. Publish?")
    done = run(study, offer, people, client, market, again=again)
    if done.new:
        say(f"published HIT {done.hit.hit} in {_place(live)}: {cost}")
    else:
        say(f"HIT {done.hit.hit} is published in {_place(live)} already, for {done.hit.people}")
        note(f"more people: netgloss mturk add {study}; the same once more: --again")
    say(f"workers find it at {_WORKERS[market]}{done.hit.group}")
    note(f"next: netgloss mturk sync {study}{_also(live)}")


@verbs.command()
def add(
    study: StudyFolder,
    people: Annotated[int, typer.Option(help="How many more people.")],
    hit: Annotated[str, typer.Option(metavar="HIT", help="Which; by default the latest.")] = "",
    live: Live = False,
    yes: Yes = False,
) -> None:
    """Let more people do a HIT that is published.

    \b
    Examples:
      netgloss mturk add cars --people 20
    """
    from netgloss.cli.show import say
    from netgloss.server.mturk.publishing import add_people
    from netgloss.server.mturk.requester import market_of

    _ask(live and not yes, f"This spends money: {people} more people. Add them?")
    grown = add_people(study, people, _connect(live), market_of(live), hit)
    say(f"HIT {grown.hit} in {_place(live)} is for {grown.people} people now")


@verbs.command()
def sync(
    study: StudyFolder,
    live: Live = False,
    database: Database = "",
    limit: LimitOption = None,
    style: FormatOption = Format.table,
) -> None:
    """Compare what Amazon lists with what the study's database knows.

    \b
    Examples:
      netgloss mturk sync cars
      netgloss mturk sync cars --live --format csv
    """
    import pandas as pd

    from netgloss.cli.show import listing, note

    found = _look_up(study, live, database)
    for one in found.hits:
        note(
            f"HIT {one.hit}: {len(one.handed_in)} of {one.people} handed in, can be found until "
            f"{one.ends_at:%Y-%m-%d %H:%M %Z}"
        )
    for hit in found.forgotten:
        note(f"HIT {hit}: Amazon no longer knows it, so its assignments are not listed")
    columns = [
        ("worker", lambda row: row["worker"]),
        ("assignment", lambda row: row["assignment"]),
        ("state", lambda row: row["state"]),
    ]
    names = ("hit", "assignment", "worker", "state", "amazon", "here", "batch")
    frame = pd.DataFrame([_row(line) for line in found.lines], columns=names)
    listing(frame, style, columns, limit)
    for state, count in Counter(line.state.value for line in found.lines).most_common():
        note(f"{count} {state}")
    if any(line.state.name == "ready" for line in found.lines):
        note(f"next: netgloss mturk approve {study}{_also(live)}")


@verbs.command()
def approve(
    study: StudyFolder,
    dry: Annotated[bool, typer.Option("--dry-run", help="Only say which.")] = False,
    live: Live = False,
    yes: Yes = False,
    database: Database = "",
    style: FormatOption = Format.table,
) -> None:
    """Approve, and so pay, what is finished on both sides.

    Nothing is ever rejected. Left alone are batches of excluded people, those whose control images
    all failed, and what was handed in without being finished here: look at those yourself.

    \b
    Examples:
      netgloss mturk approve cars --dry-run
      netgloss mturk approve cars --live
    """
    from netgloss.cli.show import track
    from netgloss.errors import StudyError
    from netgloss.server.mturk.approving import approve as run

    found = _look_up(study, live, database)
    ready = sum(line.state.name == "ready" for line in found.lines)
    spends = live and bool(ready) and not dry and not yes
    _ask(spends, f"This spends money: {ready} assignments are paid. Approve?")
    approvals = run(found.lines, _connect(live), dry=dry, track=track)
    _tell(approvals, found.lines, dry, style)
    refused = sum(bool(approval.fault) for approval in approvals)
    if refused:
        raise StudyError(
            f"{refused} of {len(approvals)} assignments could not be approved, as listed; "
            f"run the same again: netgloss mturk approve {study}{_also(live)}"
        )


def _tell(approvals: list[Approval], lines: list[Line], dry: bool, style: Format) -> None:
    """Lists what was approved and what not, and counts what was left alone."""
    import pandas as pd

    from netgloss.cli.show import listing, note

    ready = "would be approved" if dry else "approved now"
    results = [{**_row(one.line), "result": one.fault or ready} for one in approvals]
    columns = [
        ("worker", lambda row: row["worker"]),
        ("assignment", lambda row: row["assignment"]),
        ("result", lambda row: row["result"]),
    ]
    names = ("hit", "assignment", "worker", "state", "amazon", "here", "batch", "result")
    listing(pd.DataFrame(results, columns=names), style, columns)
    others = Counter(line.state.value for line in lines if line.state.name != "ready")
    for state, count in others.most_common():
        note(f"left alone: {count} {state}")


def _look_up(study: Path, live: bool, database: str) -> Found:
    from netgloss.cli.show import track
    from netgloss.server.mturk.requester import market_of
    from netgloss.server.mturk.shell import look_up

    return look_up(study, _connect(live), market_of(live), database, track)


def _connect(live: bool) -> Any:
    from netgloss.server.mturk import requester

    return requester.connect(live)


def _row(line: Line) -> dict[str, str]:
    return {**asdict(line), "state": line.state.value}


def _ask(needed: bool, question: str) -> None:
    if needed:
        typer.confirm(question, abort=True)


def _place(live: bool) -> str:
    return "Mechanical Turk" if live else "the sandbox, where nothing is paid"


def _also(live: bool) -> str:
    return " --live" if live else ""
