"""The report: one page of HTML with all questions, verdicts, figures and tables."""

from benchmark.report.page import Page, page
from benchmark.report.render import render

__all__ = ["Page", "page", "render"]
