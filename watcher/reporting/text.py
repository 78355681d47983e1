"""A report as a letter: the verdict, what to do, then what was found, at most 96 columns wide.

Lines are broken between words only: a name or value longer than a line stays whole, for it is there to be searched for.
"""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from watcher.model.findings import Finding
from watcher.model.report import Report
from watcher.reporting import wording
from watcher.reporting.sections import FileLine, Section, file_lines, told_sections

WIDTH = 96


def render(report: Report) -> str:
    """The letter, ending in a newline. Expects a printable report."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield wording.headline(report)
    yield ""
    yield from _about(report)
    yield from _paragraph(wording.opening(report))
    yield ""
    yield from _steps(report)
    told = told_sections(report)
    for section in told:
        yield from _section(section)
    if report.files:
        yield from _files(file_lines(report, told))


def _about(report: Report) -> Iterator[str]:
    for label, value in (("Root", report.root), ("Epoch", report.epoch)):
        if value is not None:
            yield f"{label + ':':9}{value}"
    if report.came_as:
        yield from _paragraph(wording.came_as(report), "Sent as: ", " " * 9)
    yield f"{'Dataset:':9}{report.dataset}"
    yield ""


def _steps(report: Report) -> Iterator[str]:
    steps = wording.steps(report)
    if not steps:
        return
    yield "What to do"
    for index, step in enumerate(steps, 1):
        yield from _paragraph(step, f"  {index}. ", "     ")
    yield ""


def _section(section: Section) -> Iterator[str]:
    title = f"{section.title}: {section.summary}"
    yield title
    yield "-" * min(len(title), WIDTH)
    for finding in section.findings:
        yield from _finding(finding)
        yield ""


def _finding(finding: Finding) -> Iterator[str]:
    place = wording.place(finding)
    yield f"{finding.severity.upper()} {finding.code}" + (f": {place}" if place else "")
    yield from _paragraph(finding.message, "  ", "  ")
    yield from _samples(finding)
    if finding.advice:
        yield from _paragraph(finding.advice, "  Next: ", "        ")


def _samples(finding: Finding) -> Iterator[str]:
    yield from _paragraph(wording.lines(finding), "  ", "  ")
    shown = wording.places(finding)
    if not shown:
        return
    width = max(len(place.where) for place in shown)
    for place in shown:
        times = f"  ({wording.plural(place.rows, 'row')})" if place.rows > 1 else ""
        yield f"    {place.where:{width}}  {place.found}{times}".rstrip()
    if hidden := wording.rest(finding):
        yield f"    and {wording.number(hidden)} more"


def _files(files: tuple[FileLine, ...]) -> Iterator[str]:
    yield "Files received"
    yield "--------------"
    width = max(len(file.name) for file in files)
    for file in files:
        yield f"  {file.name:{width}}  {file.rows:>16}  {file.size:>12}  {file.result}"


def _paragraph(text: str, first: str = "", others: str = "") -> list[str]:
    """The text in lines, the first and the others indented by these."""
    return wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )
