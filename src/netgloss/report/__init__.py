"""The report: one self-contained HTML page."""

from __future__ import annotations

from netgloss.report.data import ReportData
from netgloss.report.page import write_report

__all__ = ["ReportData", "write_report"]
