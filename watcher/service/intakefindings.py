"""What the intake found out about a drop before its files are judged: findings like any other in the report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from watcher.intake.envelope import FILES, HARD_LINK, UNREADABLE, claim_notes
from watcher.model.facts import Kind
from watcher.model.findings import Occurrence, Severity
from watcher.model.names import has_possible_time, is_temporary_name, safe_name
from watcher.model.occurrences import occurrence
from watcher.model.records import Record
from watcher.text import counted, some_of

#: So many names of each day, and so many days, are told where the files are of several.
_NAMES_TOLD, _DAYS_TOLD = 5, 4


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a drop came, as its record has it and its files don't say; names that files came under are printable."""

    #: files that were expected and did not come in time
    missing: tuple[str, ...] = ()
    #: files for which older ones were set aside: the name in the drop, the one it came under, how many
    older: tuple[tuple[str, str, int], ...] = ()
    #: of a drop of several days its files with a date: the name that each came under, its day in eight digits
    days: tuple[tuple[str, str], ...] = ()
    #: what loose files were called
    came_as: tuple[str, ...] = ()


def arrival_of(record: Record) -> Arrival:
    """How the drop of a record came."""
    source = record.source
    older = tuple((e.target, safe_name(e.name), e.older) for e in source.entries if e.older)
    return Arrival(source.missing, older, source.days, record.came_as)


def intake_findings(envelope: Path, epoch: str, arrival: Arrival) -> Iterator[Occurrence]:
    """What is to stand in the report beside what the files themselves say, their zips unpacked."""
    if not has_possible_time(epoch):
        message = f"the epoch's name {epoch} is no possible date and time"
        yield occurrence("impossible-epoch-time", message, severity=Severity.WARNING)
    for name in arrival.missing:
        if not (envelope / FILES / name).exists():  # else it came in a zip
            yield _missing(name)
    for name, came_as, count in arrival.older:
        others = counted(count, "older file")
        message = f"{came_as} was taken as the newest; {others} of its kind beside it not looked at"
        yield occurrence("older-files-set-aside", message, severity=Severity.WARNING, file=safe_name(name))
    if arrival.days:
        yield _mixed(arrival.days)
    for name, kind in claim_notes(envelope):
        if not is_temporary_name(name):
            yield _noted(name, kind)


def _missing(name: str) -> Occurrence:
    message = f"{name} was expected together with the others and did not come in time"
    advice = f"upload {name} at the same time as the other files"
    return occurrence("expected-file-missing", message, severity=Severity.WARNING, file=name, advice=advice)


def _mixed(days: tuple[tuple[str, str], ...]) -> Occurrence:
    """Which file is of which day, the earliest day first: mostly one file is late, and the others are of the last."""
    names: dict[str, list[str]] = {}
    for name, day in sorted(days, key=lambda each: (each[1], each[0])):
        names.setdefault(day, []).append(name)
    told = [f"{some_of(of_day, _NAMES_TOLD)} of {day}" for day, of_day in names.items()]
    message = f"the files are of different days: {'; '.join(told[:_DAYS_TOLD])}"
    if len(told) > _DAYS_TOLD:
        message += f"; and more of {counted(len(told) - _DAYS_TOLD, 'other day')}"
    return occurrence("files-of-different-days", message, severity=Severity.WARNING)


def _noted(name: str, kind: str) -> Occurrence:
    """What the validation says of such an entry where it finds it: a drop's verdict is the same, renamed or copied.

    The name is printable.
    """
    if kind == Kind.DIRECTORY:
        message = "it is a folder, and folders are not looked into"
        return occurrence("directory-in-epoch", message, severity=Severity.WARNING, file=name)
    if kind == UNREADABLE:
        return occurrence("unreadable-file", "the file could not be read when it was taken", file=name)
    if kind == HARD_LINK:
        message = "it has another name elsewhere, expected one of its own"
        return occurrence("hard-link", message, severity=Severity.WARNING, file=name)
    return occurrence("not-a-regular-file", f"it is a {kind}, expected an ordinary file", file=name)
