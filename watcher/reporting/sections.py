"""The findings of a report file by file, and its files line by line, as the letter and the page tell them.

What is wrong in the same way with many files, mostly pictures, is told once, with the first of their names: a thousand
chapters that say the same hide what the cause is.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TypeVar

from watcher.model.findings import Finding, Level, Sample, Severity
from watcher.model.report import FileReport, Report, Verdict
from watcher.reporting.wording import counts, left_out_of, number, plural, result_of, rows_of, size
from watcher.text import some_of

_SEVERITIES = tuple(Severity)
_LEVELS = tuple(Level)
#: What is wrong with rows that were read: often because others were not, or stand there twice.
_OF_SOUND_ROWS = frozenset({"rule", "check", "duplicate-key"})
#: Of more files than these that have the same to tell, they are told together.
_MOST_ALONE = 5
_MOST_NAMES = 3
#: As many samples as a finding has at most.
_MOST_SAMPLES = 20

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Section:
    """The findings of one file: the most severe first, and of those what is about most of it.

    `name` is None for what concerns the drop as a whole. `file` is None too where a finding names a file that did not
    come. Where it tells of several files with the same findings, `others` is the names of all but the first.
    """

    name: str | None
    file: FileReport | None
    findings: tuple[Finding, ...]
    others: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        if self.name is None:
            return "The drop as a whole"
        return f"{number(1 + len(self.others))} files" if self.others else self.name

    @property
    def summary(self) -> str:
        """`2 errors and 1 warning in 1,200 rows`, or without the rows where there is no such file."""
        errors, skipped, warnings = (_total(self.findings, severity) for severity in Severity)
        rows = rows_of(self.file) if self.file is not None and self.file.rows else ""
        left_out = "" if self.file is None else left_out_of(self.file)
        if left_out and self.others:
            left_out = "the files are left out"
        tally = counts(errors, warnings, skipped) + (f" in {rows}" if rows else "")
        return f"{tally}; {left_out}" if left_out else tally


@dataclass(frozen=True, slots=True)
class FileLine:
    """A line of the list of files: one, or several of a kind with the same result. `section` is the name of theirs."""

    name: str
    rows: str
    size: str
    result: str
    section: str | None


def sections(report: Report) -> tuple[Section, ...]:
    """The findings by file: the drop as a whole first, then those with the worst findings, by name.

    A manifest of another version comes before all other files.
    """
    files = {file.name: file for file in _told_files(report)}
    ordered = sorted(report.findings, key=lambda finding: finding.file or "")
    grouped = [
        Section(name or None, files.get(name), tuple(sorted(found, key=_weight)))
        for name, found in groupby(ordered, key=lambda finding: finding.file or "")
    ]
    return tuple(sorted(grouped, key=_section_weight))


def told_sections(report: Report) -> tuple[Section, ...]:
    """The same with many files that have the same findings in one section, where the first of them stands."""
    told = [_joined(alike) for alike in _grouped(sections(report), _what_is_wrong)]
    return tuple(sorted(told, key=_section_weight))


def file_lines(report: Report, told: Iterable[Section]) -> tuple[FileLine, ...]:
    """The files of the report; many of one kind that hold no rows and have the same result are one line."""
    where = {name: each.name for each in told for name in (each.name, *each.others)}
    return tuple(_line(files, where) for files in _grouped(_told_files(report), _what_it_is))


def _told_files(report: Report) -> tuple[FileReport, ...]:
    """The files of the report; nothing of a rejected drop is used, so there nothing is called left out."""
    if report.verdict is Verdict.ACCEPTED:
        return report.files
    return tuple(replace(file, skipped=(), is_left_out=False) for file in report.files)


def _grouped(items: Iterable[_Item], key: Callable[[_Item], Hashable]) -> Iterator[Sequence[_Item]]:
    """Items with the same key together where they are many, at the place of the first; the others alone."""
    listed = list(items)
    groups: dict[Hashable, list[_Item]] = {}
    for item in listed:
        groups.setdefault(key(item), []).append(item)
    for item in listed:
        group = groups[found] if (found := key(item)) is not None else [item]
        if len(group) <= _MOST_ALONE:
            yield [item]
        elif item is group[0]:
            yield group


def _what_is_wrong(section: Section) -> Hashable:
    """What sections of many files must share to be told as one; None for one that stands alone."""
    is_of_whole_file = all(finding.level is Level.FILE and finding.line is None for finding in section.findings)
    if section.name is None or not is_of_whole_file:
        return None
    what = tuple((each.code, each.severity, each.rule, each.advice) for each in section.findings)
    return what, section.file is None or left_out_of(section.file)


def _joined(alike: Sequence[Section]) -> Section:
    first, *others = alike
    if not others:
        return first
    findings = tuple(_joined_finding(same) for same in zip(*(each.findings for each in alike), strict=True))
    return replace(first, findings=findings, others=tuple(str(each.name) for each in others))


def _joined_finding(same: Sequence[Finding]) -> Finding:
    """One finding of many files; the names of the first are its samples."""
    first = same[0]
    is_same = all(each.message == first.message for each in same)
    return replace(
        first,
        message=first.message if is_same else f"for example: {first.message}",
        count=sum(each.count for each in same),
        samples=tuple(Sample(value=each.file, count=each.count) for each in same[:_MOST_SAMPLES]),
    )


def _what_it_is(file: FileReport) -> Hashable:
    return None if file.rows else (file.schema, result_of(file))


def _line(files: Sequence[FileReport], where: Mapping[str | None, str | None]) -> FileLine:
    """`1.jpg, 2.jpg, 3.jpg and 497 more`, with the size of all."""
    first, *others = files
    if not others:
        return FileLine(first.name, rows_of(first), size(first.size_bytes), result_of(first), where.get(first.name))
    names = some_of([file.name for file in files], _MOST_NAMES)
    total = size(sum(file.size_bytes for file in files))
    result = f"each: {result_of(first)}" if first.errors or first.warnings or first.skipped_errors else result_of(first)
    told = {where.get(file.name) for file in files}
    return FileLine(names, plural(len(files), "file"), total, result, told.pop() if len(told) == 1 else None)


def _weight(finding: Finding) -> tuple[int, int, bool, int, str, str]:
    return (
        _SEVERITIES.index(finding.severity),
        _LEVELS.index(finding.level),
        finding.code in _OF_SOUND_ROWS,
        finding.line or 0,
        finding.column or "",
        finding.code,
    )


def _section_weight(section: Section) -> tuple[bool, bool, int, str]:
    worst = min(_SEVERITIES.index(finding.severity) for finding in section.findings)
    # A set of another version breaks in every file: the manifest, which says why, is not to be one among many.
    explains = any(f.code == "manifest-wrong-value" and f.severity is Severity.ERROR for f in section.findings)
    return section.name is not None, not explains, worst, section.name or ""


def _total(findings: tuple[Finding, ...], severity: Severity) -> int:
    return sum(finding.count for finding in findings if finding.severity is severity)
