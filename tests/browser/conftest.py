"""The report's drawn study, for the browser's tests too."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

_SPEC = spec_from_file_location(
    "report_conftest", Path(__file__).resolve().parents[1] / "report" / "conftest.py"
)
assert _SPEC is not None
assert _SPEC.loader is not None
_MODULE = module_from_spec(_SPEC)
_SPEC.loader.exec_module(_MODULE)

drawn_study_fixture = _MODULE.drawn_study_fixture
