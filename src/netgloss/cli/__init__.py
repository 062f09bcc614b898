"""The front door: one verb a stage. Verbs parse and print; the work is in :class:`Study`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

__all__ = ["run"]

_STOPPED = 130  # by the person: 128 and the number of the signal, as shells count


def run(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status.

    Returns:
        0 done; 1 the data or the model is at fault; 2 the command line is at fault; 130 the
        person stopped it.
    """
    from netgloss.cli.app import app
    from netgloss.cli.show import note
    from netgloss.errors import NetglossError, OptionError

    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words or bool(os.environ.get("NETGLOSS_DEBUG"))
    try:
        app(args=words, prog_name="netgloss")
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(bool(end.code))
        if status == _STOPPED:
            note("netgloss: stopped; the same command goes on from here")
        return status
    except NetglossError as error:
        if debug:
            raise
        note(f"netgloss: {error}")
        return 2 if isinstance(error, OptionError) else 1
    except Exception as error:  # a fault of ours: no traceback unless the person asks for one
        if debug:
            raise
        note(
            f"netgloss: unexpected {type(error).__name__}: {error}; "
            "run it again with --debug and report what it prints"
        )
        return 1
    return 0
