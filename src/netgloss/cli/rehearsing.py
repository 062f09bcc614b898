"""The verb that tries a server out before anybody is paid: rehearse."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from netgloss.cli.options import StudyFolder

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Adds the verb to the command."""
    app.command()(rehearse)


def rehearse(
    study: StudyFolder,
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="Where it is served, as serve printed it.")
    ],
    people: Annotated[int, typer.Option(help="How many come, all at the same time.")] = 30,
    task: Annotated[str, typer.Option(help="What they do: annotate or play.")] = "annotate",
    batches: Annotated[
        int, typer.Option(help="How many batches, or games, each does, as far as there are any.")
    ] = 2,
    expert: Annotated[
        bool, typer.Option("--expert", help="They miss nothing and never mistype.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Another seed gives other answers.")] = 0,
) -> None:
    """Let simulated people answer on a running server.

    It needs a study of drawn pictures, such as that of netgloss demo. The people come as
    guests, see what anybody sees and wait as long as the task demands; then their answers are in
    the server's database like those of others. Rehearse on a copy of a study that people are to
    answer.

    \b
    Examples:
      netgloss rehearse demo-study/vehicles http://127.0.0.1:8000
      netgloss rehearse demo-study/vehicles http://127.0.0.1:8000 --people 5 --batches 1 --expert
      netgloss rehearse demo-study/vehicles http://127.0.0.1:8000 --task play --batches 12
    """
    from dataclasses import replace

    from netgloss.answers.populations import CROWD, EXPERT
    from netgloss.cli.show import note, say, track
    from netgloss.errors import OptionError
    from netgloss.server.rehearsal import MOST_PEOPLE
    from netgloss.server.rehearsal import rehearse as run
    from netgloss.study import Study

    if not 1 <= people <= MOST_PEOPLE:
        raise OptionError(f"--people {people}: give a number from 1 to {MOST_PEOPLE}")
    population = replace(EXPERT if expert else CROWD, size=people, pool=0)
    options: dict[str, Any] = {"task": task, "batches": batches, "seed": seed, "track": track}
    done = run(Study.open(study), address, population, **options)
    what = f"played {done.answers} games" if task == "play" else f"gave {done.answers} answers"
    say(f"{done.people} people {what}")
    if not done.answers:
        note("every image has its answers; more are asked for with a higher quota in the settings")
    if done.left_out:
        note(f"{done.left_out} boxes were left out: without an adjective, or too small")
    note(f"next: look at {address.rstrip('/')}/organise")
