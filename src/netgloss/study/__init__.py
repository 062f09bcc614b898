"""The façade that walks a study through its stages."""

from netgloss.study.facade import Study
from netgloss.study.settings import ModelSettings, Settings

__all__ = ["ModelSettings", "Settings", "Study"]
