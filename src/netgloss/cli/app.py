"""The command's verbs and their common options."""

from __future__ import annotations

from typing import Annotated

import typer

from netgloss.cli import (
    analysis,
    evidence,
    exchange,
    explaining,
    making,
    mturk,
    rehearsing,
    serving,
    world,
)

__all__ = ["app"]

app = typer.Typer(
    name="netgloss",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from netgloss import __version__

        typer.echo(f"netgloss {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Print the version and end."
        ),
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks of errors.")] = False,
) -> None:
    """What does this image classifier look at, in words people chose, and is that true?

    \b
    A study is one folder. It walks through these verbs:
      new -> extract -> serve (people annotate) -> words -> rank, query, rules, tree -> report

    \b
    Try it without any data of yours:
      netgloss demo
    """


for verbs in (making, evidence, serving, rehearsing, exchange, analysis, explaining, world, mturk):
    verbs.register(app)
