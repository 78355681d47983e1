"""A report as one HTML page: no script, no outside link, readable on paper and on a dark screen.

Jinja2 escapes everything that the template is handed; the template marks nothing as safe. A content policy in the page
forbids script and outside requests a second time, in the browser.
"""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from watcher.model.report import Report
from watcher.reporting import wording
from watcher.reporting.sections import file_lines, told_sections


def render(report: Report) -> str:
    """The page, ending in a newline. Expects a printable report."""
    told = told_sections(report)
    return _template().render(report=report, sections=told, files=file_lines(report, told), say=wording)


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("watcher.reporting", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("report.html")
