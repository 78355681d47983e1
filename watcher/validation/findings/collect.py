"""Gathers occurrences into findings: exact counts, bounded samples, one for each code, rule, severity, file and column.

A column that asks for several things of one code, two patterns say, has a finding for each of them.

Many places of one rule come as `Breaches` and cost next to nothing unless a sink wants to see each of them.
"""

from __future__ import annotations

import heapq
from bisect import insort
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from operator import itemgetter

from watcher.model.findings import Finding, Level, Occurrence, Sample, Severity
from watcher.model.report import Reason
from watcher.validation.findings.badrecords import BadRecords
from watcher.validation.findings.occurrences import SHOWN_CHARACTERS, Breaches, Numbers, occurrence, shown
from watcher.validation.findings.policy import Policy

__all__ = ["SAMPLES", "SHOWN_CHARACTERS", "Breaches", "Collector", "Sink", "occurrence", "shown"]

Sink = Callable[[Occurrence], None]

#: How many places a finding shows.
SAMPLES = 20
#: How many values the advice of a finding is for.
ADVISED = 20

_Key = tuple[str, str | None, str | None, str | None, str | None, Severity]


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
    #: the first in the file, in its order
    samples: list[Sample] = field(default_factory=list)
    #: set where samples were grouped by value and take the place of single ones
    grouped: tuple[Sample, ...] = ()
    #: the values that its advice is for, the first in the file, while more may come; None for one that was too long
    advised: list[str | None] = field(default_factory=list)

    def take(self, count: int, line: int | None) -> None:
        self.count += count
        if line is not None and (self.line is None or line < self.line):
            self.line = line

    def advise(self, found: Breaches) -> None:
        """Advice on the first values of the finding, in whatever many batches they come."""
        room = ADVISED - len(self.advised)
        if found.advice_for is None or found.message != self.message or room <= 0:
            return
        self.advised += found.first_values(room)
        self.advice = found.advice_on([value for value in self.advised if value is not None])
        if len(self.advised) == ADVISED:
            self.advised = [None] * ADVISED  # the texts are of no more use

    def show(self, sample: Sample, most: int) -> None:
        """Keep the sample if it is among the first so many of the file."""
        if len(self.samples) < most or _place(sample) < _place(self.samples[-1]):
            insort(self.samples, sample, key=_place)
            del self.samples[most:]


class Collector:
    """Takes occurrences; `sink`, if any, sees each of them as it comes, with the severity that `policy` gives it.

    A row that is to be skipped is only known to be one when its file is done; the sink sees its findings as
    `skipped` all the same, and `too-many-skipped-rows` where they were too many. So it is with the findings of files
    that are to be left out, and `nothing-left`.
    """

    def __init__(self, sink: Sink | None = None, samples: int = SAMPLES, policy: Policy | None = None) -> None:
        self._sink = sink
        self._samples = samples
        self._policy = Policy() if policy is None else policy
        self._groups: dict[_Key, _Group] = {}
        self._counts: dict[tuple[str | None, Severity], int] = {}
        self._bad: dict[str, BadRecords] = {}
        self._lost: set[str] = set()

    @property
    def policy(self) -> Policy:
        return self._policy

    def lose(self, file: str) -> None:
        """What is found of a file from here on is why its rows can't be read: no tolerance makes up for that."""
        self._lost.add(file)

    def is_lost(self, file: str) -> bool:
        return file in self._lost

    def add(self, found: Occurrence, *, summary: str | None = None) -> None:
        """Count one. `summary` is the finding's message where that of a single occurrence would say too much."""
        weighed = self._weighed(found)
        self._count(weighed, summary)
        if self._sink is not None:
            self._sink(weighed)

    def add_all(self, found: Iterable[Occurrence]) -> None:
        """Count each."""
        for one in found:
            self.add(one)

    def add_chunk(self, faults: Iterable[Occurrence], batches: Iterable[Breaches]) -> None:
        """Count all that was found in a chunk; the sink sees it by line, the same whatever the chunks are."""
        singles = sorted((self._weighed(fault) for fault in faults), key=_line)
        many = [self._weighed_batch(batch) for batch in batches if len(batch)]
        together: list[Occurrence | Breaches] = [*singles, *many]
        for found in sorted(together, key=_first_told):
            if isinstance(found, Breaches):
                self._count_batch(found)
            else:
                self._count(found, None)
        if self._sink is not None:
            by_line = ((_line(one), one) for one in singles)
            for _, one in heapq.merge(by_line, *(batch.occurrences() for batch in many), key=itemgetter(0)):
                self._sink(one)

    def summarise(
        self, finding: tuple[str, str, str | None], *, message: str, advice: str, samples: Iterable[Sample]
    ) -> None:
        """Let the finding of this code, file and column tell of all its places; each sample is the count of a value."""
        chosen = tuple(samples)[: self._samples]
        for severity in Severity:
            group = self._groups.get((*finding, None, None, severity))
            if group is not None:
                group.message, group.advice, group.grouped = message, advice, chosen

    def count(self, file: str | None, severity: Severity) -> int:
        """How many occurrences of this severity a file has so far."""
        return self._counts.get((file, severity), 0)

    def bad_records(self, file: str) -> Numbers:
        """The record numbers of a file's rows that are to be skipped so far: sorted, each once.

        Always none for a file whose rows are not skipped.
        """
        return self._bad[file].numbers() if file in self._bad else BadRecords().numbers()

    def reasons(self, file: str) -> tuple[Reason, ...]:
        """Why rows of a file are to be skipped, in the words that each of them is told."""
        bad = self._bad.get(file)
        return () if bad is None else bad.reasons()

    def unskip(self, files: Collection[str]) -> None:
        """Make the skipped findings of some files errors again: neither they nor their rows may be left out."""
        for group in self._groups.values():
            if group.file in files and group.severity is Severity.SKIPPED:
                group.severity = Severity.ERROR
        for file in files:
            skipped = self._counts.pop((file, Severity.SKIPPED), 0)
            self._counts[file, Severity.ERROR] = self.count(file, Severity.ERROR) + skipped
            self._bad.pop(file, None)

    def findings(self) -> tuple[Finding, ...]:
        """All of them, in the order in which each was first met."""
        return tuple(_finding(group) for group in self._groups.values())

    def _weighed(self, found: Occurrence) -> Occurrence:
        severity = self._policy.weigh(
            found.severity,
            found.code,
            found.level,
            found.file,
            found.column,
            has_record=found.record is not None,
            is_lost=found.file in self._lost,
        )
        return found if severity is found.severity else replace(found, severity=severity)

    def _weighed_batch(self, found: Breaches) -> Breaches:
        severity = self._policy.weigh(
            found.severity, found.code, found.level, found.file, found.column, has_record=True
        )
        return found if severity is found.severity else replace(found, severity=severity)

    def _count(self, found: Occurrence, summary: str | None) -> None:
        group = self._group(found, found.message if summary is None else summary, found.advice)
        group.take(1, found.line)
        self._tally(found.file, found.severity, 1)
        if found.line is not None or found.value is not None:
            group.show(Sample(found.line, found.record, found.value), self._samples)
        if found.severity is Severity.SKIPPED and found.record is not None and found.file is not None:
            self._bad_of(found.file).because(found.code, found.column, found.message, found.record)

    def _count_batch(self, found: Breaches) -> None:
        group = self._group(found, found.message, found.plain_advice)
        group.advise(found)
        group.take(len(found), found.first_line)
        self._tally(found.file, found.severity, len(found))
        if len(group.samples) < self._samples or found.first_line <= _place(group.samples[-1])[0]:
            for sample in found.samples(self._samples):
                group.show(sample, self._samples)
        if found.severity is Severity.SKIPPED:
            self._bad_of(found.file).because(found.code, found.column, found.message, found.records)

    def _bad_of(self, file: str) -> BadRecords:
        if file not in self._bad:
            self._bad[file] = BadRecords(is_kept=self._policy.skips_rows(file))
        return self._bad[file]

    def _tally(self, file: str | None, severity: Severity, count: int) -> None:
        self._counts[file, severity] = self._counts.get((file, severity), 0) + count

    def _group(self, found: Occurrence | Breaches, message: str, advice: str) -> _Group:
        key = (found.code, found.file, found.column, found.rule, found.asked, found.severity)
        group = self._groups.get(key)
        if group is None:
            group = _Group(
                code=found.code,
                severity=found.severity,
                level=found.level,
                message=message,
                file=found.file,
                column=found.column,
                advice=advice,
                rule=found.rule,
                line=None,
            )
            self._groups[key] = group
        return group


def _line(found: Occurrence) -> int:
    return found.line or 0


def _first_told(found: Occurrence | Breaches) -> int:
    return found.first_told if isinstance(found, Breaches) else found.line or 0


def _place(sample: Sample) -> tuple[int, int]:
    return sample.line or 0, sample.record or 0


def _finding(group: _Group) -> Finding:
    return Finding(
        code=group.code,
        severity=group.severity,
        level=group.level,
        message=group.message,
        file=group.file,
        line=group.line,
        column=group.column,
        count=group.count,
        samples=group.grouped or tuple(group.samples),
        advice=group.advice,
        rule=group.rule,
    )
