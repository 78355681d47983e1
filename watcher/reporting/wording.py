"""The words and the order that the letter and the page have in common.

Everything here is plain text without markup; a renderer escapes it as its own form needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from watcher.model.findings import Finding, Level, Sample, Severity
from watcher.model.report import FileReport, Report, Verdict

_SEVERITIES = tuple(Severity)
_LEVELS = tuple(Level)


@dataclass(frozen=True, slots=True)
class Section:
    """The findings of one file, most severe first. `name` is None for what concerns the drop as a whole.

    `file` is None too where a finding names a file that did not come.
    """

    name: str | None
    file: FileReport | None
    findings: tuple[Finding, ...]

    @property
    def title(self) -> str:
        return "The drop as a whole" if self.name is None else self.name

    @property
    def summary(self) -> str:
        """`2 errors and 1 warning in 1,200 rows`, or without the rows where there is no such file."""
        tally = counts(_total(self.findings, Severity.ERROR), _total(self.findings, Severity.WARNING))
        rows = "" if self.file is None else rows_of(self.file)
        return f"{tally} in {rows}" if rows else tally


def sections(report: Report) -> tuple[Section, ...]:
    """The findings by file: the drop as a whole first, then files with errors, then the others, by name."""
    files = {file.name: file for file in report.files}
    ordered = sorted(report.findings, key=lambda finding: finding.file or "")
    grouped = [
        Section(name or None, files.get(name), tuple(sorted(found, key=_weight)))
        for name, found in groupby(ordered, key=lambda finding: finding.file or "")
    ]
    return tuple(sorted(grouped, key=_section_weight))


def headline(report: Report) -> str:
    """`REJECTED: 3 errors and 1 warning`."""
    return f"{report.verdict.upper()}: {counts(report.errors, report.warnings)}"


def opening(report: Report) -> str:
    """One or two sentences that say what was checked and what came of it."""
    what = f"the drop {report.epoch}" if report.epoch else "what was given"
    checked = f'We checked {what} ({plural(len(report.files), "file")}) against the dataset "{report.dataset}".'
    match report.verdict:
        case Verdict.ACCEPTED if report.warnings:
            return f"{checked} It is accepted; some things in it look wrong all the same."
        case Verdict.ACCEPTED:
            return f"{checked} Nothing in it is wrong. It is accepted."
        case Verdict.REJECTED:
            return f"{checked} It has errors, so nothing of it is used."


def steps(report: Report) -> tuple[str, ...]:
    """What the sender should do, in order; empty if there is nothing to do."""
    warned = "Look at the warnings below as well: they did not cause the rejection, but they are likely mistakes."
    if report.errors:
        return (
            "Correct the errors below where the files are made: most often in the export of your school's own system.",
            "Send the complete set of files again, not only the corrected ones.",
            *((warned,) if report.warnings else ()),
        )
    if report.warnings:
        return ("Nothing needs to be sent again. Look at the warnings below and correct them before the next drop.",)
    return ()


def place(finding: Finding) -> str:
    """`column grades, line 3`, or `column grades, 1,204 times, first on line 3`; empty for a whole file."""
    parts = [] if finding.column is None else [f"column {finding.column}"]
    if finding.count > 1:
        parts.append(f"{number(finding.count)} times")
    if finding.line is not None:
        parts.append(f"first on line {number(finding.line)}" if finding.count > 1 else f"line {number(finding.line)}")
    return ", ".join(parts)


def rest(finding: Finding) -> int:
    """How many occurrences the samples don't show."""
    return max(0, finding.count - sum(sample.count for sample in finding.samples))


def samples_with_values(finding: Finding) -> tuple[Sample, ...]:
    """The samples, if any of them has a value to show."""
    return finding.samples if any(sample.value is not None for sample in finding.samples) else ()


def lines(finding: Finding) -> str:
    """`On lines 14, 19 and 1,200 more.` for samples without values; empty if that adds nothing to the place."""
    shown = [number(sample.line) for sample in finding.samples if sample.line is not None]
    if samples_with_values(finding) or len(shown) < 2:  # noqa: PLR2004 (one line is the place itself)
        return ""
    more = [f"{number(rest(finding))} more"] if rest(finding) else []
    *first, last = shown + more
    return f"On lines {', '.join(first)} and {last}."


def value_of(sample: Sample) -> str:
    """The value in quotes, or `an empty cell`; empty text where there is none to show."""
    if sample.value is None:
        return ""
    return f'"{sample.value}"' if sample.value else "an empty cell"


def line_of(sample: Sample) -> str:
    """`line 1,204`; `row 7` where no line is known."""
    if sample.line is not None:
        return f"line {number(sample.line)}"
    return "" if sample.record is None else f"row {number(sample.record)}"


def rows_of(file: FileReport) -> str:
    """`1,200 rows`; empty for a file that the dataset does not know, which nobody has read."""
    return "" if file.schema is None else plural(file.rows, "row")


def result_of(file: FileReport) -> str:
    """What was found in a file, in a few words."""
    return "not part of the dataset" if file.schema is None else counts(file.errors, file.warnings)


def counts(errors: int, warnings: int) -> str:
    """`no errors`, `1 error`, `2 errors and 1 warning`, `3 warnings`."""
    parts = [plural(errors, "error")] if errors else []
    parts += [plural(warnings, "warning")] if warnings else []
    return " and ".join(parts) or "no errors"


def plural(count: int, noun: str) -> str:
    """`1 row`, `1,200 rows`."""
    return f"{number(count)} {noun}" if count == 1 else f"{number(count)} {noun}s"


def number(count: int) -> str:
    """Grouped by thousands: `40,000`."""
    return f"{count:,}"


def size(size_bytes: int) -> str:
    """A size for people, in powers of 1,000: `812 bytes`, `1.4 MB`."""
    amount = float(size_bytes)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":  # noqa: PLR2004 (a thousand is a thousand)
            break
        amount /= 1000
    return f"{number(size_bytes)} bytes" if unit == "bytes" else f"{amount:,.1f} {unit}"


def _weight(finding: Finding) -> tuple[int, int, int, str, str]:
    return (
        _SEVERITIES.index(finding.severity),
        _LEVELS.index(finding.level),
        finding.line or 0,
        finding.column or "",
        finding.code,
    )


def _section_weight(section: Section) -> tuple[bool, bool, str]:
    has_errors = any(finding.severity is Severity.ERROR for finding in section.findings)
    return section.name is not None, not has_errors, section.name or ""


def _total(findings: tuple[Finding, ...], severity: Severity) -> int:
    return sum(finding.count for finding in findings if finding.severity is severity)
