"""Gathers occurrences into findings: exact counts, bounded samples, one for each code (and rule), file and column."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from watcher.model.codes import CODES
from watcher.model.findings import Finding, Level, Occurrence, Sample, Severity
from watcher.text import printable

Sink = Callable[[Occurrence], None]

#: How many places a finding shows.
SAMPLES = 20
#: How many characters of a cell are shown.
SHOWN_CHARACTERS = 80


def shown(value: str) -> str:
    """A cell's text, bounded and printable."""
    return printable(value, SHOWN_CHARACTERS)


def occurrence(
    code: str,
    message: str,
    *,
    severity: Severity = Severity.ERROR,
    file: str | None = None,
    line: int | None = None,
    column: str | None = None,
    record: int | None = None,
    value: str | None = None,
    advice: str | None = None,
    rule: str | None = None,
) -> Occurrence:
    """An occurrence of a code in the table, with the table's level and, unless a better one is given, its advice."""
    about = CODES[code]
    return Occurrence(
        code=code,
        severity=severity,
        level=about.level,
        message=message,
        file=file,
        line=line,
        column=column,
        record=record,
        value=value,
        advice=about.advice if advice is None else advice,
        rule=rule,
    )


@dataclass(slots=True)
class _Group:
    """A finding in the making."""

    code: str
    severity: Severity
    level: Level
    message: str
    file: str | None
    column: str | None
    advice: str
    rule: str | None
    line: int | None
    count: int = 0
    samples: list[Sample] = field(default_factory=list)
    #: set where samples were grouped by value and take the place of single ones
    grouped: tuple[Sample, ...] = ()


class Collector:
    """Takes occurrences one by one; `sink`, if any, sees each of them as it comes."""

    def __init__(self, sink: Sink | None = None, samples: int = SAMPLES) -> None:
        self._sink = sink
        self._samples = samples
        self._groups: dict[tuple[str, str | None, str | None, str | None], _Group] = {}

    def add(self, found: Occurrence, *, summary: str | None = None) -> None:
        """Count one. `summary` is the finding's message where that of a single occurrence would say too much."""
        group = self._groups.get((found.code, found.file, found.column, found.rule))
        if group is None:
            group = self._start(found, summary)
        group.count += 1
        if found.line is not None and (group.line is None or found.line < group.line):
            group.line = found.line
        if found.severity is Severity.ERROR:
            group.severity = Severity.ERROR
        if len(group.samples) < self._samples and (found.line is not None or found.value is not None):
            group.samples.append(Sample(found.line, found.record, found.value))
        if self._sink is not None:
            self._sink(found)

    def add_all(self, found: Iterable[Occurrence]) -> None:
        """Count each."""
        for one in found:
            self.add(one)

    def show_grouped(self, code: str, file: str, column: str | None, samples: Iterable[Sample]) -> None:
        """Show these samples, each the count of one value, in place of single ones."""
        group = self._groups.get((code, file, column, None))
        if group is not None:
            group.grouped = tuple(samples)[: self._samples]

    def count(self, file: str, severity: Severity) -> int:
        """How many occurrences of this severity a file has so far."""
        return sum(g.count for g in self._groups.values() if g.file == file and g.severity is severity)

    def findings(self) -> tuple[Finding, ...]:
        """All of them, in the order in which each was first met."""
        return tuple(_finding(group) for group in self._groups.values())

    def _start(self, found: Occurrence, summary: str | None) -> _Group:
        group = _Group(
            code=found.code,
            severity=found.severity,
            level=found.level,
            message=found.message if summary is None else summary,
            file=found.file,
            column=found.column,
            advice=found.advice,
            rule=found.rule,
            line=found.line,
        )
        self._groups[found.code, found.file, found.column, found.rule] = group
        return group


def _finding(group: _Group) -> Finding:
    samples = group.grouped or tuple(sorted(group.samples, key=lambda sample: (sample.line or 0, sample.record or 0)))
    return Finding(
        code=group.code,
        severity=group.severity,
        level=group.level,
        message=group.message,
        file=group.file,
        line=group.line,
        column=group.column,
        count=group.count,
        samples=samples,
        advice=group.advice,
        rule=group.rule,
    )
