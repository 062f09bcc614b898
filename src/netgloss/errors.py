"""The errors a user can mend: one sentence that says what is wrong, where, and what to do."""

from __future__ import annotations

__all__ = [
    "DataError",
    "ModelError",
    "NetglossError",
    "OptionError",
    "QueryError",
    "StudyError",
]


class NetglossError(Exception):
    """Any fault in the data, the model or the study that the user can mend.

    The message is one sentence: what is wrong, where, what to do. The command line prints it
    on standard error and ends with exit status 1.
    """


class DataError(NetglossError):
    """A file that people or other programs made cannot be used as it is."""


class ModelError(NetglossError):
    """The classifier cannot be built, loaded or explained."""


class StudyError(NetglossError):
    """The study folder lacks something, or cannot be read or written."""


class OptionError(NetglossError):
    """An option has a value that does not exist or is out of range; the exit status is 2."""


class QueryError(NetglossError):
    """An expression over concepts is malformed or names an unknown concept."""
