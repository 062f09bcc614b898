"""Which images are worked on when not all are: a balanced draw that only ever grows."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["draw_balanced"]


def draw_balanced(images: pd.DataFrame, limit: int, seed: int = 0) -> list[str]:
    """A random choice of images, balanced over the predicted classes.

    Classes take turns, in an order drawn anew each round, and a class without images left is
    passed over: the numbers a class differ by more than one only where a class is too small.
    The draw of a smaller limit is the start of the draw of a larger one, so that raising the
    limit adds images and drops none.

    Args:
        images: One row an image, with the columns ``image`` and ``prediction``; the order of
            the rows does not matter, and images without a prediction form a class.
        limit: How many; 0 takes all.
        seed: Another seed draws other images.

    Returns:
        Identifiers in the order drawn.

    Example:
        >>> import pandas as pd
        >>> images = pd.DataFrame({"image": ["a", "b", "c", "d"], "prediction": list("xxxy")})
        >>> "d" in draw_balanced(images, 2)
        True
        >>> draw_balanced(images, 3)[:2] == draw_balanced(images, 2)
        True
    """
    if limit < 0:
        raise ValueError(f"limit must be 0 (all) or more, not {limit}")
    if images.empty:
        return []
    random = np.random.default_rng(seed)
    known = images[["image", "prediction"]].astype({"prediction": "string"})
    known = known.assign(prediction=known["prediction"].fillna(""))
    # A fixed order first: the draw depends on what there is, not on how it was listed.
    known = known.sort_values(["prediction", "image"], ignore_index=True)
    known = known.iloc[random.permutation(len(known))]
    turn = known.groupby("prediction").cumcount()
    drawn = known.assign(turn=turn, lot=random.random(len(known)))
    drawn = drawn.sort_values(["turn", "lot"])["image"]
    return cast("list[str]", drawn.tolist()[: limit or None])
