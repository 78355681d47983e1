"""What was found wrong in a drop: data, never an exception.

An *occurrence* is one place; a *finding* is all occurrences of one code (and one rule) in one file and column, counted
exactly and shown by a bounded number of samples. A column that asks for two things of one code has a finding for each.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs."""

    #: the drop is rejected
    ERROR = "error"
    #: the row, or the file, is left out; the rest of the drop is used
    SKIPPED = "skipped"
    #: the drop is accepted all the same
    WARNING = "warning"


class Level(StrEnum):
    """What a finding is about, largest first."""

    EPOCH = "epoch"
    FILE = "file"
    HEADER = "header"
    ROW = "row"
    CELL = "cell"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One place where a rule was broken.

    `line` is the physical line, 1-based, header included; `record` the 1-based number of the data record.
    `rule` is the title of the row rule or check that was broken, or the name of the property of a manifest; None for
    anything else.
    `value` is what was found, already bounded and made printable; it may hold a student's data and must never
    reach a log, a metric or an exception. `message` says what was found and what was expected, without values of cells.
    `asked` tells what was asked for from other things of the same code and file, which are findings of their own.
    """

    code: str
    severity: Severity
    level: Level
    message: str
    file: str | None = None
    line: int | None = None
    column: str | None = None
    record: int | None = None
    value: str | None = None
    advice: str = ""
    rule: str | None = None
    asked: str | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """One of the shown occurrences of a finding; `count` rows have this very value where they were grouped by it."""

    line: int | None = None
    record: int | None = None
    value: str | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class Finding:
    """All occurrences of one code in one file and column.

    `line` is that of the first occurrence, `count` is exact, `samples` are bounded. `advice` says what to do next.
    """

    code: str
    severity: Severity
    level: Level
    message: str
    file: str | None = None
    line: int | None = None
    column: str | None = None
    count: int = 1
    samples: tuple[Sample, ...] = ()
    advice: str = ""
    rule: str | None = None
