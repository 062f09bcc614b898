"""Verbs about the drawn world: scenes, experiment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from netgloss.cli.options import split
from netgloss.experiments.registry import EXPERIMENTS

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Adds the verbs to the command."""
    app.command()(scenes)
    app.command(epilog=_questions())(experiment)


def scenes(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The folder that gets the pictures.")],
    task: Annotated[str, typer.Option(help="pedestrians, fish or vehicles.")],
    bias: Annotated[
        str | None,
        typer.Option(
            help="What is planted. pedestrians: date, colour, date-city, coloured-date, "
            "orientation; fish: background; vehicles: background, stripe, light."
        ),
    ] = None,
    strength: Annotated[
        float, typer.Option(help="Share of the pictures, 0-1, in which it tells the class.")
    ] = 1.0,
    images: Annotated[int, typer.Option(help="How many pictures.")] = 200,
    seed: Annotated[int, typer.Option(help="Another seed draws other pictures.")] = 0,
    size: Annotated[int, typer.Option(help="Side of a picture in pixels.")] = 128,
    network: Annotated[
        str | None,
        typer.Option(help="Train one on more such pictures as well: vgg or inception."),
    ] = None,
) -> None:
    """Draw pictures with known truth, and train a network on them.

    OUT gets images/<class>/*.png, masks/, truth.json (COCO with masks), contact-sheet.png and,
    with --network, the network's weights.

    \b
    Examples:
      netgloss scenes world --task vehicles --bias background --images 300
      netgloss scenes biased --task pedestrians --bias date-city --network vgg
    """
    from netgloss.cli.show import note, say, track
    from netgloss.scenes.contact_sheet import write_contact_sheet
    from netgloss.scenes.scene_set import SceneSet
    from netgloss.scenes.task import Bias
    from netgloss.scenes.truth import write_scenes
    from netgloss.scenes.world import find_task

    if network is not None:
        from netgloss.scenes.architectures import find_architecture

        find_architecture(network)
    # At a strength of 0 the cue shows by chance. A task's last cue is the place or the pose, which
    # every picture has anyway; another would put stamps or stripes on it.
    planted = Bias(bias, strength) if bias else Bias(list(find_task(task).cues)[-1], 0.0)
    pictures = SceneSet(task, planted, images, seed, size)
    drawn, sheet = write_scenes(pictures, out, track), out / "contact-sheet.png"
    if drawn or not sheet.is_file():
        write_contact_sheet(pictures, sheet)
    say(f"{'drew' if drawn else 'nothing to do:'} {images} pictures in {out / 'images'}")
    say(f"planted: {pictures.cue.about}, strength {strength:g}" if bias else "planted: nothing")
    classes = ",".join(pictures.classes)
    if network is None:
        note(f"next: netgloss new STUDY --images {out / 'images'} --classes {classes} --model ...")
        return
    from netgloss.scenes.architectures import MEAN, STD
    from netgloss.scenes.training import trained

    made = trained(pictures, network, out, track=track)
    say(
        f"{made.weights}: names {made.accuracy:.1%} of new pictures rightly; with the cue swapped "
        f"{made.flip_rate:.1%} of its answers change"
    )
    mean, std = (",".join(f"{value:g}" for value in values) for values in (MEAN, STD))
    path = find_architecture(network).path
    note(
        f"next: netgloss new STUDY --images {out / 'images'} --model {path} --weights "
        f"{made.weights} --classes {classes} --input-size {size} --mean {mean} --std {std}"
    )


def experiment(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help=f"{', '.join(EXPERIMENTS)}; see below."),
    ],
    out: Annotated[Path, typer.Option(help="Gets NAME.csv, NAME.png and NAME.md.")] = Path(
        "docs/results"
    ),
    work: Annotated[
        Path, typer.Option(help="Keeps what is drawn and trained; a second run goes on there.")
    ] = Path("experiment-work"),
    sets: Annotated[
        str | None, typer.Option(help="Which drawn sets: D1,D2,D3,D4,D5.1,D5.2,BM1.1,...,BM2.2.")
    ] = None,
    networks: Annotated[str | None, typer.Option(help="vgg, inception or both.")] = None,
    seeds: Annotated[int | None, typer.Option(min=1, help="How many seeds, from 0.")] = None,
    images: Annotated[int | None, typer.Option(min=20, help="Pictures a run.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes at a time.")] = 1,
) -> None:
    """Run one of the SECA paper's experiments on the drawn world.

    The same options give the same CSV. Without options it is the run that docs/results holds.

    \b
    Examples:
      netgloss experiment correctness --sets D1,D3 --seeds 2 --out /tmp/results
      netgloss experiment number-of-images
    """
    from netgloss.cli.show import say, track
    from netgloss.experiments.registry import run_experiment

    chosen: dict[str, Any] = {
        "sets": tuple(split(sets)) if sets else None,
        "networks": tuple(split(networks)) if networks else None,
        "seeds": seeds,
        "images": images,
        "jobs": jobs if jobs > 1 else None,
    }
    given = {key: value for key, value in chosen.items() if value is not None}
    for path in run_experiment(name, out, work, given, track=track):
        say(str(path))


def _questions() -> str:
    """What each experiment asks, a line each, as the help shows it."""
    wide = max(map(len, EXPERIMENTS))
    lines = (f"  {name:{wide}}  {one.asks}" for name, one in EXPERIMENTS.items())
    return "\n".join(["\b", "What they ask:", *lines])
