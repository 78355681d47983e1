"""Compares the pictures of a drop with the students of an earlier one: who has none, and which picture is nobody's.

A picture is a student's if its name without the suffix is the student's value in one column, as written. Both findings
are warnings: a new student may be on the next roster, and not everybody was there when the pictures were taken.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from watcher.model.findings import Occurrence, Severity
from watcher.model.report import FileReport
from watcher.schema.model import Dataset, FileSchema
from watcher.text import nearest, printable
from watcher.validation.findings.collect import Collector, occurrence
from watcher.validation.findings.occurrences import shown
from watcher.validation.reading.layout import Layout, open_layout
from watcher.validation.reading.source import NotRegularError, open_source


@dataclass(frozen=True, slots=True)
class Roster:
    """The students: the values of a column of one file. `told` calls the file by name, for the findings."""

    path: Path
    schema: FileSchema
    column: str
    told: str


class _UnusableError(Exception):
    """The file holds no such column, or is none that can be read; the text says which, without values."""


def compare(files: Iterable[FileReport], dataset: Dataset, roster: Roster, collector: Collector) -> None:
    """Tell of pictures without a student, and of students without a picture; of a dataset without pictures nothing."""
    if not dataset.has_pictures:
        return
    names = {PurePath(file.name).stem: file.name for file in files if _is_picture(file, dataset)}
    try:
        students = _students(roster)
    except _UnusableError as error:
        collector.add(not_compared(str(error), roster.told))
    except NotRegularError as error:
        collector.add(not_compared(f"it is {error.kind}", roster.told))
    except OSError as error:
        collector.add(not_compared(f"it could not be read: {error.strerror}", roster.told))
    else:
        where = f"{roster.told}, column {printable(roster.column, 80)}"
        collector.add_all(_without_student(names, students, where))
        collector.add_all(_without_picture(names, students, where))


def _is_picture(file: FileReport, dataset: Dataset) -> bool:
    schema = dataset.schema_for(file.name)
    return schema is not None and schema.picture is not None


def _without_student(names: Mapping[str, str], students: Collection[str], where: str) -> Iterator[Occurrence]:
    message = f"the name of the picture is not in {where}, expected that of a student"
    for stem, name in names.items():
        if stem not in students:
            yield occurrence("picture-without-student", message, severity=Severity.WARNING, value=shown(name))


def _without_picture(names: Collection[str], students: Iterable[str], where: str) -> Iterator[Occurrence]:
    message = f"the student is in {where}, and no picture is called so"
    for student in students:
        if student not in names:
            yield occurrence("student-without-picture", message, severity=Severity.WARNING, value=shown(student))


def not_compared(reason: str, told: str) -> Occurrence:
    """That nobody knows whose the pictures are; `told` says in words with what they were to be compared."""
    message = f"the pictures were not compared with {told}: {reason}"
    return occurrence("roster-not-compared", message, severity=Severity.WARNING)


def _students(roster: Roster) -> dict[str, None]:
    """The distinct values of the column, in the order of the file. Raises _UnusableError, OSError, NotRegularError."""
    found: dict[str, None] = {}
    with open_source(roster.path) as source:
        layout = open_layout(source, roster.schema, "roster", Collector())
        if layout is None:
            raise _UnusableError("it has no header line that can be read")
        position = str(_position(layout, roster.column))
        for chunk in layout.chunks(source):
            found.update(dict.fromkeys(chunk.frame[position].drop_nulls().to_list()))
    return found


def _position(layout: Layout, column: str) -> int:
    """Where the column stands in the file, by its name in the schema, or the header's for one that is in no schema."""
    named = {name: position for position, name in layout.header.others}
    named |= {bound.column.name: bound.position for bound in layout.header.bound}
    if column not in named:
        near = nearest(column, named)
        hint = f"; did you mean {printable(near, 80)}?" if near else ""
        raise _UnusableError(f"it has no column {printable(column, 80)}{hint}")
    return named[column]
