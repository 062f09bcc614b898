"""Verbs that make a study and show what is in it: new, status, layers, demo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from netgloss.cli.options import Format, FormatOption, StudyFolder, numbers, split

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Adds the verbs to the command."""
    for verb in (new, status, layers, demo):
        app.command()(verb)


def new(
    study: StudyFolder,
    images: Annotated[
        Path,
        typer.Option(help="Folder of images (a sub-folder a class, or flat), or CSV: path,truth."),
    ],
    model: Annotated[
        str | None,
        typer.Option(help="Import path of the network: package.module:name or file.py:name."),
    ] = None,
    weights: Annotated[
        Path | None, typer.Option(help="Its weights: .safetensors, or a state dict of torch.")
    ] = None,
    classes: Annotated[
        str | None,
        typer.Option(help="Class names in the order of the outputs: a,b,c or a file, one a line."),
    ] = None,
    input_size: Annotated[
        str, typer.Option(help="Pixels the network takes: 224, or HEIGHTxWIDTH.")
    ] = "224",
    resize: Annotated[
        str, typer.Option(help="How an image gets to that size: squash or crop.")
    ] = "squash",
    crop_ratio: Annotated[
        float, typer.Option(help="With crop: crop side over resized side, as 224/256 = 0.875.")
    ] = 1.0,
    mean: Annotated[str, typer.Option(help="Mean a channel, after scaling to 0-1.")] = "0",
    std: Annotated[str, typer.Option(help="Deviation a channel, after scaling to 0-1.")] = "1",
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    precision: Annotated[str, typer.Option(help="float32, bfloat16 or float16.")] = "float32",
    predictions: Annotated[
        Path | None,
        typer.Option(help="Instead of a network: a CSV with image and predicted_label."),
    ] = None,
) -> None:
    """Make a study from images and a classifier.

    Where there is no classifier, its predictions will do.

    \b
    Examples:
      netgloss new cars --images photos/ --model nets.py:build --weights nets.pt \\
          --classes van,ambulance --input-size 224 --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225
      netgloss new fish --images photos/ --predictions predicted.csv
    """
    from netgloss.cli.show import note, say, track
    from netgloss.study import Study

    if (model is None) == (predictions is None):
        raise typer.BadParameter("give one of --model and --predictions", param_hint="--model")
    preparation: dict[str, Any] = {"resize": resize, "crop_ratio": crop_ratio}
    preparation |= {"mean": numbers(mean, 3, "--mean"), "std": numbers(std, 3, "--std")}
    preparation |= {"device": device, "precision": precision}
    made = Study.create(
        study,
        images,
        model=model,
        weights=weights,
        classes=_class_names(classes),
        input_size=_input_size(input_size),
        predictions=predictions,
        track=track,
        **preparation,
    )
    show_images(made)
    say(f"made {study}")
    if model is not None:
        note(f"next: netgloss extract {study} smoothgrad --limit 300")
    else:
        note(f"next: netgloss import {study} heatmaps DIR, then netgloss import {study} mturk FILE")


def status(study: StudyFolder) -> None:
    """Show what a study holds and what to do next.

    \b
    Example:
      netgloss status cars
    """
    from netgloss.cli.show import say
    from netgloss.study import Study
    from netgloss.study.overview import overview

    opened = Study.open(study)
    show_images(opened)
    for line in overview(opened):
        say(line)


def layers(study: StudyFolder, output: FormatOption = Format.table) -> None:
    """List the network's layers and their output shapes.

    The last convolution is marked.

    \b
    Example:
      netgloss layers cars
    """
    from dataclasses import asdict

    import pandas as pd

    from netgloss.cli.show import listing
    from netgloss.study import Study

    found = pd.DataFrame([asdict(layer) for layer in Study.open(study).classifier.layers()])
    listing(
        found,
        output,
        [
            ("layer", lambda row: row["name"]),
            ("kind", lambda row: row["kind"]),
            ("output", lambda row: " × ".join(str(n) for n in row["output_shape"])),
            ("", lambda row: "last convolution" if row["last_convolution"] else ""),
            ("", lambda row: f"used {row['calls']} times" if row["calls"] > 1 else ""),
        ],
    )


def demo(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the study goes.")] = Path(
        "demo-study"
    ),
) -> None:
    """Tell the whole story on drawn pictures, with no data of yours.

    \b
    Example:
      netgloss demo demo-study
    """
    from netgloss.cli.show import say, track
    from netgloss.experiments.demo import run_demo

    run_demo(folder, track=track, say=say)


def show_images(study: Any) -> None:
    """Prints how many images there are, by class, and how many were left out and why."""
    from netgloss.cli.show import print_table, say
    from netgloss.vision.sources import summary

    images = study.images()
    used = images[images["status"] == "ok"]
    say(f"{len(used)} images, {used['prediction'].nunique()} predicted classes")
    counted = used.groupby("prediction", observed=True).agg(
        images=("image", "size"), right=("image", lambda of: _right(used.loc[of.index]))
    )
    print_table(
        [{"label": label, **row} for label, row in counted.to_dict("index").items()],
        [
            ("predicted label", lambda row: str(row["label"])),
            ("images", lambda row: str(row["images"])),
            ("agree with the truth", lambda row: row["right"]),
        ],
    )
    left_out = summary(images)
    if len(left_out):
        say(f"{len(images) - len(used)} files left out:")
        print_table(
            left_out.to_dict("records"),
            [("files", lambda row: str(row["files"])), ("reason", lambda row: row["reason"])],
        )


def _right(rows: Any) -> str:
    known = rows[rows["truth"].notna()]
    if known.empty:
        return "truth unknown"
    share = (known["truth"] == known["prediction"]).mean()
    return f"{share:.1%}"


def _class_names(classes: str | None) -> list[str]:
    if classes is None:
        return []
    if Path(classes).is_file():
        return [
            line.strip() for line in Path(classes).read_text("utf-8").splitlines() if line.strip()
        ]
    return split(classes)


def _input_size(text: str) -> tuple[int, int]:
    parts = text.lower().split("x")
    if len(parts) > 2 or not all(part.strip().isdigit() and int(part) > 0 for part in parts):
        raise typer.BadParameter(f"'{text}' is not 224 or 224x224", param_hint="--input-size")
    return int(parts[0]), int(parts[-1])
