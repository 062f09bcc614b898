"""The base form of an English word: plural and spelling variants, by rule, without a dictionary.

The plural rules follow Harman's S-stemmer ("How effective is suffixing?", 1991), which touches
only the endings -ies, -es and -s; endings after a hiss and in -ves are added.
"""

from __future__ import annotations

from functools import cache

__all__ = ["base_form"]

_IRREGULAR = {
    "antennae": "antenna",
    "buses": "bus",
    "cactuses": "cactus",
    "calves": "calf",
    "children": "child",
    "feet": "foot",
    "geese": "goose",
    "halves": "half",
    "hooves": "hoof",
    "knives": "knife",
    "leaves": "leaf",
    "loaves": "loaf",
    "men": "man",
    "mice": "mouse",
    "octopuses": "octopus",
    "people": "person",
    "scarves": "scarf",
    "shelves": "shelf",
    "teeth": "tooth",
    "wolves": "wolf",
    "women": "woman",
}
# British to American, where both appear in descriptions of pictures.
_VARIANTS = {
    "aluminium": "aluminum",
    "centre": "center",
    "colour": "color",
    "coloured": "colored",
    "colourful": "colorful",
    "fibre": "fiber",
    "grey": "gray",
    "greyish": "grayish",
    "jewellery": "jewelry",
    "metre": "meter",
    "mould": "mold",
    "moustache": "mustache",
    "plough": "plow",
    "tyre": "tire",
}
_HISSES = ("ches", "shes", "sses", "xes", "zzes")


@cache
def base_form(word: str) -> str:
    """The singular of a plural and the American spelling of a British word.

    The result is a key for comparison and need not be a word ("trousers" gives "trouser").

    Examples:
        >>> [base_form(word) for word in ("claws", "boxes", "berries", "teeth", "greys", "glass")]
        ['claw', 'box', 'berry', 'tooth', 'gray', 'glass']
    """
    single = _IRREGULAR.get(word) or _singular(word)
    return _VARIANTS.get(single, single)


def _singular(word: str) -> str:
    if len(word) < 4 or not word.endswith("s") or word.endswith(("us", "ss", "is")):
        return word
    if word.endswith("ies") and not word.endswith(("eies", "aies")) and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(_HISSES):
        return word[:-2]
    return word[:-1]
