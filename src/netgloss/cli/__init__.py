"""The front door: one verb a stage. Verbs parse and print; the work is in :class:`Study`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

__all__ = ["run"]


def run(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status.

    Returns:
        0 done; 1 the data or the model is at fault; 2 the command line is at fault; 130 the
        person stopped it.
    """
    from netgloss.cli.app import app
    from netgloss.errors import NetglossError, OptionError

    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words or bool(os.environ.get("NETGLOSS_DEBUG"))
    try:
        app(args=words, prog_name="netgloss")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    except NetglossError as error:
        if debug:
            raise
        print(f"netgloss: {error}", file=sys.stderr)  # noqa: T201
        return 2 if isinstance(error, OptionError) else 1
    except Exception as error:
        if debug:
            raise
        print(  # noqa: T201
            f"netgloss: unexpected {type(error).__name__}: {error}; "
            "run it again with --debug and report what it prints",
            file=sys.stderr,
        )
        return 1
    return 0
