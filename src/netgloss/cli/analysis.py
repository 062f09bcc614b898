"""Verbs from words to report: words, rank, query, rules, tree, compare, report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netgloss.cli.options import (
    Format,
    FormatOption,
    KindsOption,
    LimitOption,
    StudyFolder,
    split,
)

if TYPE_CHECKING:
    import pandas as pd

    from netgloss.concepts.tree import ConceptTree

__all__ = ["register"]

ALL_KINDS = "type,attribute,pair,combination"


def register(app: typer.Typer) -> None:
    """Adds the verbs to the command."""
    for verb in (words, rank, query, rules, tree, compare, report):
        app.command()(verb)


def words(
    study: StudyFolder,
    preset: Annotated[
        str | None,
        typer.Option(help="default, or seca-2021 (the published study's own settings)."),
    ] = None,
    map_: Annotated[
        Path | None,
        typer.Option("--map", help="A hand-made map, JSON or CSV: raw,concept. It wins."),
    ] = None,
    embedding: Annotated[
        str | None,
        typer.Option(
            help="ngrams, fasttext:FILE, sentences:FOLDER, wordnet, wordnet:FOLDER or none."
        ),
    ] = None,
    clusters: Annotated[
        str | None, typer.Option(help="How many clusters of words: auto, none or a number.")
    ] = None,
    protect: Annotated[
        Path | None, typer.Option(help="File of words that spelling must leave alone.")
    ] = None,
    stop_words: Annotated[
        Path | None, typer.Option(help="File of words to leave out, instead of the built-in ones.")
    ] = None,
    irrelevant: Annotated[
        Path | None,
        typer.Option(help="Of tags: file of words that say nothing of a picture, instead of ours."),
    ] = None,
    languages: Annotated[
        str | None,
        typer.Option(help="Of tags: what else than English people typed, for example it,de."),
    ] = None,
    task: Annotated[
        str | None,
        typer.Option(help="What rank, query and report are about: annotate, play or both."),
    ] = None,
    min_seconds: Annotated[
        float | None, typer.Option(min=0, help="Answers faster than this an image do not count.")
    ] = None,
    min_worker_share: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, help="A concept counts on an image if this share of its people named it."
        ),
    ] = None,
) -> None:
    """Make one vocabulary of what people typed, into boxes and as tags of games.

    Spelling, synonyms, names of several words. Edit the column 'concept' of vocabulary.csv and
    run this again: your edit wins. Words of tags in other languages are listed in
    translations.csv; what you write there wins as well.

    \b
    Examples:
      netgloss words fish
      netgloss words fish --embedding fasttext:cc.en.300.bin --clusters auto
      netgloss words fish --preset seca-2021 --map word_map.json
      netgloss words cars --languages it --task play
    """
    from netgloss.cli.show import note, say, track
    from netgloss.study import Study

    made = Study.open(study).words(
        track=track,
        preset=preset,
        map=map_,
        embedding=embedding,
        clusters=clusters,
        protect=protect,
        stop_words=stop_words,
        irrelevant=irrelevant,
        languages=languages,
        task=task,
        min_seconds=min_seconds,
        min_worker_share=min_worker_share,
    )
    for line in made.notes:
        say(line)
    note(f"read and edit {study / 'vocabulary.csv'}; next: netgloss rank {study}")


def rank(
    study: StudyFolder,
    label: Annotated[
        str | None, typer.Option(help="Only what speaks for this label, strongest first.")
    ] = None,
    kinds: KindsOption = ALL_KINDS,
    explore: Annotated[
        bool, typer.Option("--explore", help="Also NOT x, and x AND y of every two concepts.")
    ] = False,
    pairs: Annotated[
        str, typer.Option(help="With --explore: combine all columns, or only significant ones.")
    ] = "all",
    min_support: Annotated[
        float, typer.Option(min=0, max=1, help="With --explore: smallest share of images.")
    ] = 0.03,
    keep_redundant: Annotated[
        bool,
        typer.Option(
            "--keep-redundant", help="With --explore: also what says no more than one of its sides."
        ),
    ] = False,
    alpha: Annotated[float, typer.Option(min=0, max=1, help="Level of significance.")] = 0.05,
    bias_corrected: Annotated[
        bool, typer.Option("--bias-corrected", help="Cramér's V with Bergsma's correction.")
    ] = False,
    limit: LimitOption = None,
    output: FormatOption = Format.table,
) -> None:
    """Rank the concepts by association with the label.

    \b
    Examples:
      netgloss rank cars --label ambulance
      netgloss rank cars --explore --format csv --limit 0
    """
    from netgloss.cli.show import listing, track
    from netgloss.study import Study

    opened = Study.open(study)
    found = opened.rank(
        track=track,
        label=label,
        kinds=tuple(split(kinds)),
        explore=explore,
        pairs=pairs,
        min_support=min_support,
        keep_redundant=keep_redundant,
        alpha=alpha,
        bias_corrected=bias_corrected,
    )
    listing(found, output, _finding_columns(found), limit)


def query(
    study: StudyFolder,
    expression: Annotated[
        str, typer.Argument(help='Concepts with AND, OR, NOT: "orange-stripe AND NOT water".')
    ],
    output: FormatOption = Format.table,
) -> None:
    """Test an expression over concepts.

    It is tested against the predicted labels, and the report answers it again.

    \b
    Examples:
      netgloss query cars "orange-stripe AND light AND NOT chassis"
      netgloss query fish "type:orange OR 'lobster claw'" --format json
    """
    import pandas as pd

    from netgloss.cli.show import bar, listing, note, print_json, print_table, say
    from netgloss.study import Study

    result = Study.open(study).query(expression)
    if output is Format.json:
        print_json(result.finding)
        return
    if output is Format.csv:
        listing(pd.DataFrame([result.finding]), output, [])
        return
    finding = result.finding
    say(f"{_words(finding['concept'])}")
    say(
        f"holds for {finding['count']} of {len(result.images)} images; "
        f"V = {finding['cramers_v']:.4f}, χ² = {finding['chi2']:.4f}, "
        f"p {_p(finding['p_value'], '= ')}"
    )
    print_table(
        [
            {"label": label, "share": share, "phi": finding["association"].get(label)}
            for label, share in finding["frequency"].items()
        ],
        [
            ("predicted label", lambda row: str(row["label"])),
            ("images where it holds", lambda row: f"{row['share']:.1%}"),
            ("", lambda row: bar(row["share"], 20)),
            ("association", lambda row: f"{row['phi']:+.2f}"),
        ],
    )
    if finding["p_value"] > 0.05:
        note("it may well be independent of the label: p is above .05")


def rules(
    study: StudyFolder,
    label: Annotated[str | None, typer.Option(help="Only rules for this label.")] = None,
    kinds: KindsOption = ALL_KINDS,
    min_support: Annotated[
        float, typer.Option(min=0, max=1, help="Share of images with body and label.")
    ] = 0.1,
    min_confidence: Annotated[
        float, typer.Option(min=0, max=1, help="Share of the body's images with the label.")
    ] = 0.3,
    min_lift: Annotated[float, typer.Option(min=0, help="Confidence over the label's share.")] = 1,
    max_body: Annotated[
        int, typer.Option(min=0, help="Most concepts in a body; 0 for no bound.")
    ] = 4,
    keep_redundant: Annotated[
        bool,
        typer.Option(
            "--keep-redundant", help="Keep bodies that say a thing twice (hair, black-hair)."
        ),
    ] = False,
    limit: LimitOption = None,
    output: FormatOption = Format.table,
) -> None:
    """List association rules: if these concepts, then this label.

    \b
    Example:
      netgloss rules cars --label ambulance --min-support 0.05
    """
    from netgloss.cli.show import bar, listing
    from netgloss.study import Study

    found = Study.open(study).rules(
        label=label,
        kinds=tuple(split(kinds)),
        min_support=min_support,
        min_confidence=min_confidence,
        min_lift=min_lift,
        max_body=max_body,
        keep_redundant=keep_redundant,
    )
    columns = [
        ("if the image shows", lambda row: " and ".join(_words(name) for name in row["body"])),
        ("then", lambda row: _words(row["label"])),
        ("support", lambda row: f"{row['support']:.3f}"),
        ("confidence", lambda row: f"{row['confidence']:.3f}"),
        ("lift", lambda row: f"{row['lift']:.2f}"),
        ("", lambda row: bar(row["confidence"])),
        ("images", lambda row: str(row["count"])),
    ]
    listing(found, output, columns, limit)


def tree(
    study: StudyFolder,
    kinds: KindsOption = ALL_KINDS,
    max_depth: Annotated[int, typer.Option(min=1, help="Most questions in a row.")] = 5,
    min_leaf: Annotated[int, typer.Option(min=1, help="Fewest images a branch may end with.")] = 5,
    output: FormatOption = Format.table,
) -> None:
    """Grow a decision tree over the concepts.

    Its branches are read as rules.

    \b
    Example:
      netgloss tree cars --max-depth 3
    """
    from netgloss.cli.show import listing, note, print_json, say
    from netgloss.study import Study

    grown = Study.open(study).tree(
        kinds=tuple(split(kinds)), max_depth=max_depth, min_samples_leaf=min_leaf
    )
    if output is Format.json:
        print_json(_tree_record(grown))
        return
    columns = [
        ("branch", lambda row: _words(row["rule"]) or "(every image)"),
        ("label", lambda row: _words(row["label"])),
        ("accuracy", lambda row: f"{row['accuracy']:.3f}"),
        ("of all images", lambda row: f"{row['frequency']:.1%}"),
        ("images", lambda row: str(row["count"])),
    ]
    if output is Format.csv:
        listing(grown.rules, output, columns, 0)
        return
    say(grown.text)
    listing(grown.rules, output, columns, 0)
    held_out = "" if grown.cross_validated is None else f"{grown.cross_validated:.3f}"
    note(
        f"accuracy {grown.accuracy:.3f} on the images it grew from, "
        f"{held_out or 'unknown'} on images held out ({grown.folds} folds)"
    )
    if grown.warning:
        note(grown.warning)


def compare(
    first: Annotated[Path, typer.Argument(metavar="A", help="A study.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Another study.")],
    kinds: KindsOption = ALL_KINDS,
    limit: LimitOption = None,
    output: FormatOption = Format.table,
) -> None:
    """Compare two studies concept by concept.

    For example two classifiers on the same images.

    \b
    Example:
      netgloss compare inception vgg --limit 0 --format csv
    """
    from netgloss.cli.show import listing, note, track
    from netgloss.concepts.compare import compare as compare_tables
    from netgloss.study import Study

    a, b = Study.open(first).concepts(), Study.open(second).concepts()
    found = compare_tables(a, b, tuple(split(kinds)), track=track)
    note(f"{found.attrs['same_images']} images are in both")
    columns = [
        ("concept", lambda row: _words(row["concept"])),
        ("kind", lambda row: row["kind"]),
        (f"V in {first.name}", lambda row: _number(row["cramers_v_a"])),
        (f"V in {second.name}", lambda row: _number(row["cramers_v_b"])),
        ("difference", lambda row: _number(row["difference"], "+.2f")),
        ("q", lambda row: "" if row["q_value"] != row["q_value"] else _p(row["q_value"])),
        (f"speaks in {first.name} for", lambda row: _words(row["label_a"] or "")),
        (f"speaks in {second.name} for", lambda row: _words(row["label_b"] or "")),
    ]
    listing(found, output, columns, limit)


def report(study: StudyFolder) -> None:
    """Write report.html, one page with everything.

    It carries its pictures and needs no network.

    \b
    Example:
      netgloss report cars
    """
    from netgloss.cli.show import say, track
    from netgloss.study import Study

    say(f"wrote {Study.open(study).report(track=track)}")


def _tree_record(grown: ConceptTree) -> dict[str, Any]:
    return {
        "rules": grown.rules.to_dict("records"),
        "importances": grown.importances.to_dict("records"),
        "accuracy": grown.accuracy,
        "cross_validated": grown.cross_validated,
        "folds": grown.folds,
        "warning": grown.warning,
    }


def _finding_columns(found: pd.DataFrame) -> list[Any]:
    from netgloss.cli.show import bar

    labels = list(found["frequency"].iloc[0]) if len(found) else []
    columns: list[Any] = [
        ("rank", lambda row: str(row["rank"])),
        ("concept", lambda row: _words(row["concept"])),
        ("kind", lambda row: row["kind"]),
        ("speaks for", lambda row: ", ".join(_words(label) for label in row["labels"])),
        ("V", lambda row: f"{row['cramers_v']:.2f}"),
        ("", lambda row: bar(row["cramers_v"])),
        ("p", lambda row: _p(row["p_value"])),
        ("q", lambda row: _p(row["q_value"])),
        ("images", lambda row: str(row["count"])),
    ]
    return columns + [(f"in {_words(label)}", _share_in(label)) for label in labels[:6]]


def _share_in(label: str) -> Any:
    return lambda row: f"{row['frequency'][label]:.0%}"


def _words(name: str) -> str:
    return str(name).replace("_", " ")


def _p(value: float, equals: str = "") -> str:
    if value < 0.001:
        return "<.001"
    return equals + (f"{value:.3f}".lstrip("0") if value < 0.9995 else "1")


def _number(value: float | None, style: str = ".2f") -> str:
    return "" if value is None or value != value else format(value, style)
