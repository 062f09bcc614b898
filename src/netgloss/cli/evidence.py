"""The verb that extracts evidence."""

from __future__ import annotations

from typing import Annotated

import typer

from netgloss.cli.options import StudyFolder

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Adds the verb to the command."""
    app.command()(extract)


def extract(
    study: StudyFolder,
    method: Annotated[str, typer.Argument(help="smoothgrad, integrated-gradients, ...")],
    limit: Annotated[
        int, typer.Option(min=0, help="How many images, drawn at random, balanced; 0 for all.")
    ] = 0,
    samples: Annotated[
        int | None, typer.Option(min=1, help="Noisy copies an image (default 10).")
    ] = None,
    noise: Annotated[
        float | None, typer.Option(help="Noise level: share of the image's range (default 0.05).")
    ] = None,
    mode: Annotated[
        str | None, typer.Option(help="Average of gradients: squared (default), mean or abs.")
    ] = None,
    score: Annotated[
        str | None, typer.Option(help="What is explained: logit (default) or probability.")
    ] = None,
    target: Annotated[
        str | None, typer.Option(help="Class explained; the predicted one by default.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the draw and the noise.")] = 0,
    batch_size: Annotated[
        int | None, typer.Option(min=1, help="Images × samples in flight at once.")
    ] = None,
    restart: Annotated[
        bool, typer.Option("--restart", help="Throw away maps made with other options.")
    ] = False,
) -> None:
    """Extract heat maps: where on each image the network looks.

    \b
    Examples:
      netgloss extract cars smoothgrad --limit 300
      netgloss extract cars smoothgrad --samples 25 --noise 0.15 --mode mean --restart
    """
    from netgloss.cli.show import note, say, track
    from netgloss.evidence.base import evidence_method
    from netgloss.study import Study

    given = {
        "samples": samples,
        "noise": noise,
        "mode": mode,
        "score": score,
        "target": target,
        "seed": seed,
        "batch_size": batch_size,
    }
    chosen = evidence_method(method, {k: v for k, v in given.items() if v is not None})
    opened = Study.open(study)
    report = opened.extract(chosen, limit=limit, seed=seed, restart=restart, track=track)
    if report.made == 0:
        say(f"nothing to do: all {report.already} heat maps are there")
    else:
        say(f"{report.made} heat maps made, {report.already} were there")
    if report.empty:
        note(f"{report.empty} heat maps have nothing in them")
    for skipped in report.skipped:
        note(f"{skipped.image}: left out: {skipped.reason}")
    note(f"next: let people describe them: netgloss serve {study}")
