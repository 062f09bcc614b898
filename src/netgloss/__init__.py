"""What does this image classifier look at, in words people chose, and is that true?

The public names load on first use, so that ``import netgloss`` stays instant and the
analysis of words never pays for the tensor library.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from netgloss.concepts.table import ConceptTable
    from netgloss.errors import NetglossError
    from netgloss.evidence.smoothgrad import SmoothGrad
    from netgloss.study import Study
    from netgloss.vision.classifier import Classifier

__version__ = "0.1.0"
__all__ = ["Classifier", "ConceptTable", "NetglossError", "SmoothGrad", "Study", "__version__"]

_HOMES = {
    "Classifier": "netgloss.vision.classifier",
    "ConceptTable": "netgloss.concepts.table",
    "NetglossError": "netgloss.errors",
    "SmoothGrad": "netgloss.evidence.smoothgrad",
    "Study": "netgloss.study",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'netgloss' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
