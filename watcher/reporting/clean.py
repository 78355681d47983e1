"""Makes everything in a report printable, once, before any renderer sees it.

File names and cell values come from strangers. Validation escapes them already; this is the last gate before a
terminal, a browser or a spreadsheet, and it doesn't trust the first. Escaping twice changes nothing.
"""

from __future__ import annotations

from dataclasses import replace

from watcher.model.findings import Finding, Sample
from watcher.model.report import FileReport, Report
from watcher.text import printable

#: Characters of a file, column, dataset or root name.
NAME_LIMIT = 120
#: Characters of a cell value: validation shortens to less; a loader's own check may not.
VALUE_LIMIT = 200
#: Characters of a message or an advice; an expected list of some hundred words still fits.
PROSE_LIMIT = 2000


def printable_report(report: Report) -> Report:
    """The same report with every text in it printable and bounded; counts and places are untouched."""
    return replace(
        report,
        dataset=_name(report.dataset),
        root=_optional(report.root, NAME_LIMIT),
        epoch=_optional(report.epoch, NAME_LIMIT),
        came_as=tuple(map(_name, report.came_as)),
        files=tuple(_file(file) for file in report.files),
        findings=tuple(_finding(finding) for finding in report.findings),
    )


def _file(file: FileReport) -> FileReport:
    return replace(
        file,
        name=_name(file.name),
        schema=_optional(file.schema, NAME_LIMIT),
        sha256=_name(file.sha256),
        mode=_optional(file.mode, NAME_LIMIT),
    )


def _finding(finding: Finding) -> Finding:
    return replace(
        finding,
        code=_name(finding.code),
        message=printable(finding.message, PROSE_LIMIT),
        file=_optional(finding.file, NAME_LIMIT),
        column=_optional(finding.column, NAME_LIMIT),
        rule=_optional(finding.rule, VALUE_LIMIT),
        samples=tuple(_sample(sample) for sample in finding.samples),
        advice=printable(finding.advice, PROSE_LIMIT),
    )


def _sample(sample: Sample) -> Sample:
    return replace(sample, value=_optional(sample.value, VALUE_LIMIT))


def _name(text: str) -> str:
    return printable(text, NAME_LIMIT)


def _optional(text: str | None, limit: int) -> str | None:
    return None if text is None else printable(text, limit)
