"""The experiment on clusters as a figure and a page: which space gives the same clusters twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netgloss.experiments.figures import COLOURS, QUIET, band, coloured_words, new_figure, styled
from netgloss.experiments.markdown import table

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["figure", "page"]

_NAMES = {"pca": "principal components", "tsne": "t-SNE of them"}
_PANELS = (
    ("noise", "agrees with itself after noise of 1e-6"),
    ("purity", "shows what its cluster shows"),
    ("truth", "clusters and things agree (AMI)"),
)
_COLUMNS = (
    ("noise", "ARI, noise"),
    ("seeds", "ARI, seeds"),
    ("other", "ARI, the other"),
    ("purity", "purity"),
    ("chance", "by chance"),
    ("truth", "AMI, truth"),
    ("clusters", "clusters"),
)

_PAGE = """\
# Do feature maps come together the same way twice?

The thesis clusters the feature maps of a layer on a t-SNE embedding of their principal components.
Here the same maps are clustered there and on the components themselves:
{setting}.
All feature maps with a positive weight count, in layers where there are at least ten of them.

- *Noise*: adjusted Rand index (ARI) of the clusters with those of the same maps after noise of a
  millionth of their range. *Seeds*: the same with another seed. *The other*: between the two.
- A feature map shows the thing of the picture that takes the most of its hottest 8 %. *Purity*: the
  share of the feature maps, by weight, that show what most of their cluster shows. *By chance*: the
  same of groups of the same sizes drawn at random. *AMI*: adjusted mutual information of the
  clusters with what the feature maps show; 0 by chance.

Made by `netgloss experiment cluster-stability`.

![Agreement with itself and purity by layer](cluster-stability.png)

{table}

{seen}
"""


@styled
def figure(frame: pd.DataFrame) -> Figure:
    """Agreement with itself and purity by layer, one colour an embedding.

    Args:
        frame: As :func:`netgloss.experiments.cluster_stability.run` gives it.
    """
    drawn, panels = new_figure(1, len(_PANELS), height=2.7, sharey=True)
    colours = dict(zip(_NAMES, COLOURS, strict=False))
    for axes, (column, title) in zip(panels, _PANELS, strict=True):
        for how, colour in colours.items():
            own = frame[frame["embedding"] == how]
            band(axes, own.pivot_table(column, "depth", ["set", "image"]), colour)
        if column == "purity":
            chance = frame.pivot_table("chance", "depth", ["set", "image"])
            band(axes, chance, QUIET, spread=False, linestyle=":")
        axes.set_title(title)
        axes.set_xlabel("layer, 0 the shallowest")
        axes.set_ylim(0, 1.02)
    words = [(_NAMES[how], colour) for how, colour in colours.items()]
    coloured_words(drawn, [*words, ("groups drawn at random", QUIET)])
    return drawn


def page(frame: pd.DataFrame) -> str:
    """The experiment as Markdown.

    Args:
        frame: As for :func:`figure`.
    """
    head = ("set", "clustered on", *(title for _, title in _COLUMNS))
    sets = ", ".join(dict.fromkeys(frame["set"]))
    pictures = frame.groupby(["set", "network", "seed"])["image"].nunique().sum()
    layers = len(frame) // 2
    return _PAGE.format(
        setting=f"{layers} layers of {pictures} rightly named pictures ({sets})",
        table=table(head, _rows(frame)),
        seen=_seen(frame),
    )


def _rows(frame: pd.DataFrame) -> Iterator[list[str]]:
    together = frame.assign(set="all")
    for part in (frame, together):
        means = part.groupby(["set", "embedding"])[[name for name, _ in _COLUMNS]].mean()
        for (name, how), row in means.iterrows():
            yield [str(name), _NAMES[str(how)], *(f"{value:.2f}" for value in row)]


def _seen(frame: pd.DataFrame) -> str:
    mean = frame.groupby("embedding")[["noise", "seeds", "purity", "chance", "truth"]].mean()
    (pca, tsne) = (mean.loc[how] for how in _NAMES)
    gains = [one["purity"] - one["chance"] for one in (pca, tsne)]
    return (
        "After noise the clusters on the components agree with the former ones at "
        f"{pca['noise']:.2f}, those on t-SNE at {tsne['noise']:.2f}; at another seed at "
        f"{pca['seeds']:.2f} and {tsne['seeds']:.2f}. They are purer than chance by {gains[0]:.2f} "
        f"and {gains[1]:.2f}, and their AMI with the truth is {pca['truth']:.2f} and "
        f"{tsne['truth']:.2f}."
    )
