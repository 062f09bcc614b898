"""Coarser words for what is in a picture: SECA's granularities of types and of attributes.

SECA, section 6.1.1: types as whole and background (E1), with the background in groups (E2), or
as they are (E3); attributes in seven main colours and one pattern (A1a), dark or light (A1b), or
as they are (A2).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Literal, get_args

from netgloss.errors import DataError
from netgloss.scenes.scene import Entity

__all__ = [
    "ATTRIBUTE_LEVELS",
    "BACKGROUND",
    "TYPE_LEVELS",
    "WHOLES",
    "AttributeLevel",
    "TypeLevel",
    "check_levels",
    "coarse_attribute",
    "coarse_attributes",
    "coarse_type",
    "coarser_attributes",
    "coarser_types",
]

TypeLevel = Literal["E1", "E2", "E3"]
AttributeLevel = Literal["A1a", "A1b", "A2"]

TYPE_LEVELS: tuple[TypeLevel, ...] = get_args(TypeLevel)
ATTRIBUTE_LEVELS: tuple[AttributeLevel, ...] = get_args(AttributeLevel)

WHOLES = frozenset({"person", "vehicle", "lobster", "shark", "tench"})
"""The groups that are objects of a class; every other group is a part of the background."""
BACKGROUND = "background"

# Each colour's main colour, and whether its ordinary shade is dark or light.
_COLOURS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "white": ("white", "light"),
        "ivory": ("white", "light"),
        "black": ("black", "dark"),
        "grey": ("grey", "light"),
        "gray": ("grey", "light"),
        "silver": ("grey", "light"),
        "charcoal": ("grey", "dark"),
        "red": ("red", "dark"),
        "maroon": ("red", "dark"),
        "ginger": ("red", "light"),
        "auburn": ("red", "dark"),
        "orange": ("red", "light"),
        "pink": ("red", "light"),
        "salmon": ("red", "light"),
        "yellow": ("yellow", "light"),
        "golden": ("yellow", "light"),
        "blond": ("yellow", "light"),
        "cream": ("yellow", "light"),
        "beige": ("yellow", "light"),
        "tan": ("yellow", "light"),
        "brown": ("yellow", "dark"),
        "chestnut": ("yellow", "dark"),
        "green": ("green", "dark"),
        "olive": ("green", "dark"),
        "blue": ("blue", "dark"),
        "navy": ("blue", "dark"),
        "teal": ("blue", "dark"),
        "turquoise": ("blue", "light"),
        "purple": ("blue", "dark"),
        "lilac": ("blue", "light"),
    }
)
_SHADES = {
    **dict.fromkeys(("dark", "deep", "tanned"), "dark"),
    **dict.fromkeys(("light", "pale", "bright"), "light"),
}
_PATTERNS = ("striped", "checked", "dotted", "speckled", "scaly", "sandy", "wooden")


def check_levels(types: str, attributes: str) -> None:
    """Refuses a granularity that does not exist.

    Raises:
        DataError: ``types`` is none of E1, E2, E3 or ``attributes`` none of A1a, A1b, A2.
    """
    for what, level, levels in (
        ("types", types, TYPE_LEVELS),
        ("attributes", attributes, ATTRIBUTE_LEVELS),
    ):
        if level not in levels:
            raise DataError(
                f"granularity of the {what} '{level}' is not known; "
                f"choose one of: {', '.join(levels)}"
            )


def coarse_type(entity: Entity, level: TypeLevel) -> str:
    """What a person who speaks at that level calls the entity.

    An entity without a group is called by its type, since nothing coarser is known.

    Args:
        entity: Something in a picture.
        level: ``E1``: a part of the object by the whole's name, all else ``background``; ``E2``:
            a part by its own name, all else by its coarse group; ``E3``: the type.

    Raises:
        DataError: There is no such level.

    Example:
        >>> import numpy as np
        >>> claw = Entity("lobster claw", ("red",), np.ones((1, 1), bool), group="lobster")
        >>> [coarse_type(claw, level) for level in TYPE_LEVELS]
        ['lobster', 'lobster claw', 'lobster claw']
    """
    check_levels(level, "A2")
    return _coarser(entity.type, entity.group, entity.background, level)


def coarser_types(
    groups: Mapping[str, str], level: TypeLevel, wholes: Collection[str] = WHOLES
) -> dict[str, str]:
    """Each of a task's types to what it is called at that level.

    Args:
        groups: Type to group, as a task has it.
        level: As in :func:`coarse_type`.
        wholes: The groups that are objects of a class.

    Raises:
        DataError: There is no such level.

    Example:
        >>> coarser_types({"wheel": "vehicle", "cloud": "nature"}, "E1")
        {'wheel': 'vehicle', 'cloud': 'background'}
    """
    check_levels(level, "A2")
    return {
        name: _coarser(name, group, group not in wholes, level) for name, group in groups.items()
    }


def coarse_attribute(name: str, level: AttributeLevel) -> str:
    """What a person who speaks at that level calls the look; an unknown word stays as it is.

    Args:
        name: An attribute, for example ``dark blue``.
        level: ``A1a``: one of seven main colours, or ``patterned`` for a texture; ``A1b``:
            ``dark`` or ``light`` for a colour; ``A2``: as it is.

    Raises:
        DataError: There is no such level.

    Example:
        >>> [coarse_attribute(name, "A1a") for name in ("dark blue", "striped", "long")]
        ['blue', 'patterned', 'long']
        >>> [coarse_attribute(name, "A1b") for name in ("dark blue", "cream", "long")]
        ['dark', 'light', 'long']
    """
    check_levels("E3", level)
    if level == "A1a":
        return "patterned" if name in _PATTERNS else _main_colour(name)
    return _dark_or_light(name) if level == "A1b" else name


def coarse_attributes(names: Iterable[str], level: AttributeLevel) -> tuple[str, ...]:
    """The looks of one thing at that level, none said twice.

    Example:
        >>> coarse_attributes(("brown", "cream", "short"), "A1a")
        ('yellow', 'short')
    """
    return tuple(dict.fromkeys(coarse_attribute(name, level) for name in names))


def coarser_attributes(names: Iterable[str], level: AttributeLevel) -> dict[str, str]:
    """Each attribute to what it is called at that level; see :func:`coarse_attribute`.

    Example:
        >>> coarser_attributes(("olive", "pink"), "A1a")
        {'olive': 'green', 'pink': 'red'}
    """
    return {name: coarse_attribute(name, level) for name in names}


def _coarser(name: str, group: str, background: bool, level: TypeLevel) -> str:
    if level == "E1":
        return BACKGROUND if background else group or name
    return group or name if level == "E2" and background else name


def _main_colour(name: str) -> str:
    """The main colour of the last word, whose hue it is: a blue grey is a grey."""
    hue = name.split(" ")[-1]
    return _COLOURS[hue][0] if hue in _COLOURS else name


def _dark_or_light(name: str) -> str:
    shade, *rest = name.split(" ")
    if shade in _SHADES and all(word in _COLOURS for word in rest):
        return _SHADES[shade]
    hue = rest[-1] if rest else shade
    return _COLOURS[hue][1] if hue in _COLOURS else name
