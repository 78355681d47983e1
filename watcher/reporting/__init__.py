"""A Report in the forms that people and programs read: text, JSON, HTML; and occurrences as CSV.

Here belongs how a report looks. What was found and how it is worded belongs to the validation. Renderers know nothing
of each other: each one gets a report whose names and values are already printable, and takes care of its own syntax.
"""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never

from watcher.model.report import Report
from watcher.reporting import jsonform, text
from watcher.reporting.clean import printable_report

__all__ = ["Form", "render"]


class Form(StrEnum):
    """The forms in which a whole report can be had."""

    #: a letter of at most 100 columns
    TEXT = "text"
    #: what programs read; described by report.schema.json
    JSON = "json"
    #: one page that needs nothing else
    HTML = "html"


def render(report: Report, format: str) -> str:  # noqa: A002 (the word of the command line)
    """The report in one form ("text", "json" or "html"), ending in a newline. Raises ValueError for another word."""
    clean = printable_report(report)
    match Form(format):
        case Form.TEXT:
            return text.render(clean)
        case Form.JSON:
            return jsonform.render(clean)
        case Form.HTML:
            from watcher.reporting import htmlpage  # noqa: PLC0415 (the others do without Jinja2)

            return htmlpage.render(clean)
        case other:
            assert_never(other)
