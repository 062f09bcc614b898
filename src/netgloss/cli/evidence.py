"""The verb that extracts evidence."""

from __future__ import annotations

from typing import Annotated

import typer

from netgloss.cli.options import StudyFolder, split

__all__ = ["register"]

_SHOWN = 10  # of the images left out


def register(app: typer.Typer) -> None:
    """Adds the verb to the command."""
    app.command()(extract)


def extract(
    study: StudyFolder,
    method: Annotated[str, typer.Argument(help="smoothgrad, integrated-gradients, anv, ...")],
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
        str | None,
        typer.Option(
            help="Class explained; the predicted one by default. anv also takes truth and both."
        ),
    ] = None,
    layers: Annotated[
        str | None, typer.Option(help="anv: layers, with commas between (default the last 9).")
    ] = None,
    weighting: Annotated[
        str | None,
        typer.Option(
            help="anv: guided-relu (default), grad-cam, grad-cam-positive, grad-cam++, score-cam, "
            "score-cam-probability or ablation-cam."
        ),
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(help="anv: least weight of a feature map, in mean weights (default 0.896)."),
    ] = None,
    embed: Annotated[
        str | None, typer.Option(help="anv: where maps are compared: pca (default) or tsne.")
    ] = None,
    fewest: Annotated[
        int | None, typer.Option(help="anv: least clusters tried a layer (default 3).")
    ] = None,
    most: Annotated[
        int | None, typer.Option(help="anv: most clusters tried a layer (default 8).")
    ] = None,
    merge_on: Annotated[
        str | None, typer.Option(help="anv: what is added up: raw (default) or norm.")
    ] = None,
    only: Annotated[
        str | None, typer.Option(help="anv: right (default) leaves out wrongly named images; all.")
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
      netgloss extract cars anv --limit 50
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
        "layers": split(layers) if layers else None,
        "weighting": weighting,
        "threshold": threshold,
        "embed": embed,
        "fewest": fewest,
        "most": most,
        "merge_on": merge_on,
        "only": only,
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
    for skipped in report.skipped[:_SHOWN]:
        note(f"{skipped.image}: left out: {skipped.reason}")
    if len(report.skipped) > _SHOWN:
        note(f"{len(report.skipped) - _SHOWN} more images left out")
    note(f"next: let people describe them: netgloss serve {study}")
