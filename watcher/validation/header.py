"""Finds the columns of a schema in a file's header line, and says what is wrong with the names.

One name that is nearly right is one finding, and the column counts as present: its cells are judged, and nobody reads a
million times that it is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from watcher.model.findings import Occurrence, Severity
from watcher.schema.model import Case, Column, Extra, FileSchema, Order
from watcher.text import nearest
from watcher.validation.cells import BoundColumn
from watcher.validation.collect import occurrence, shown
from watcher.validation.distance import is_near, normalised

_OTHER_DELIMITERS = {";": "a semicolon", "\t": "a tab", "|": "a bar", ",": "a comma"}


@dataclass(frozen=True, slots=True)
class HeaderMatch:
    """What the header line holds: the schema's columns with their positions, the other columns' positions and names.

    `is_usable` is false if rows can't be judged by it at all.
    """

    width: int
    bound: tuple[BoundColumn, ...]
    others: tuple[tuple[int, str], ...]
    found: tuple[Occurrence, ...]
    is_usable: bool = True


def without_header(schema: FileSchema, width: int) -> HeaderMatch:
    """The match for a file that has no header line: columns by position."""
    bound = tuple(BoundColumn(i, column) for i, column in enumerate(schema.columns))
    others = tuple((i, f"column_{i + 1}") for i in range(len(bound), width))
    return HeaderMatch(len(bound) or width, bound, others, ())


def match_header(names: tuple[str, ...], schema: FileSchema, file: str, line: int = 1) -> HeaderMatch:
    """The columns behind the names, in file order, with a finding for every name that is not exact."""
    matcher = _Matcher(names, schema, file, line)
    matcher.bind()
    delimiter = _other_delimiter(names, schema)
    if (schema.columns and not matcher.bound) or (delimiter and not schema.columns):
        found = (_no_header(names, schema, file, line, delimiter),)
        return HeaderMatch(len(names), (), tuple(enumerate(names)), found, is_usable=not schema.columns)
    bound = tuple(BoundColumn(i, column) for i, column in sorted(matcher.bound.items()))
    others = tuple((i, name) for i, name in enumerate(names) if i not in matcher.bound and i not in matcher.repeated)
    return HeaderMatch(len(names), bound, others, (*matcher.found, *matcher.remarks(others)))


class _Matcher:
    """Binds names to columns, surest first."""

    def __init__(self, names: tuple[str, ...], schema: FileSchema, file: str, line: int) -> None:
        self.names, self.schema, self.file, self.line = names, schema, file, line
        self.bound: dict[int, Column] = {}
        self.repeated: set[int] = set()
        self.found: list[Occurrence] = []

    def bind(self) -> None:
        self._bind_exact()
        self._bind_groups()
        for column in self._absent():
            self._bind_near(column, normalised_only=True)
        for column in self._absent():
            if column.required:
                self._bind_near(column, normalised_only=False)

    def remarks(self, others: tuple[tuple[int, str], ...]) -> Iterator[Occurrence]:
        """What is to be said of columns that are missing, unknown or out of order."""
        for column in self._absent():
            if column.required:
                message = f"the column {column.name!r} is missing, expected it in the header line"
                yield self._occurrence("missing-column", message, column.name, column.severity)
        yield from self._unknown(others)
        if self.schema.header.order is Order.STRICT:
            yield from self._order()

    def _bind_exact(self) -> None:
        known = {self._folded(name): column for column in self._named() for name in (column.name, *column.aliases)}
        for i, name in enumerate(self.names):
            column = known.get(self._folded(name))
            if column is None:
                continue
            if column in self.bound.values():
                self._repeat(i, column.name)
            else:
                self.bound[i] = column

    def _bind_groups(self) -> None:
        """Columns whose names only follow a pattern become columns of their own."""
        for group in (column for column in self.schema.columns if column.match is not None):
            pattern = re.compile(group.match or "")
            for i, name in self._free():
                if pattern.fullmatch(name):
                    taken = {column.name for column in self.bound.values()}
                    if name in taken:
                        self._repeat(i, name)
                    else:
                        self.bound[i] = replace(group, name=name, match=None)

    def _bind_near(self, column: Column, *, normalised_only: bool) -> None:
        for i, name in self._free():
            for wanted in (column.name, *column.aliases):
                if normalised(name) == normalised(wanted) or (not normalised_only and is_near(name, wanted)):
                    self.bound[i] = column
                    self._misnamed(name, column)
                    return

    def _misnamed(self, name: str, column: Column) -> None:
        is_error = column.required or self.schema.header.extra is Extra.ERROR
        severity = column.severity if is_error else Severity.WARNING
        message = f"found the column name {shown(name)!r}, expected {column.name!r}"
        advice = f"did you mean {column.name}? write the name exactly so"
        self.found.append(self._occurrence("misnamed-column", message, column.name, severity, advice))

    def _repeat(self, i: int, name: str) -> None:
        self.repeated.add(i)
        message = f"the column {shown(name)!r} stands twice, the second time as column {i + 1}"
        self.found.append(self._occurrence("duplicate-column", message, name))

    def _unknown(self, others: tuple[tuple[int, str], ...]) -> Iterator[Occurrence]:
        seen: set[str] = set()
        for i, name in others:
            if not name.strip():
                message = f"column {i + 1} has no name in the header line"
                yield self._occurrence("empty-header", message, None, self.schema.header.extra.severity)
            elif name in seen:
                message = f"the column {shown(name)!r} stands twice, the second time as column {i + 1}"
                yield self._occurrence("duplicate-column", message, name)
            elif self.schema.columns:
                yield from self._extra(name)
            seen.add(name)

    def _extra(self, name: str) -> Iterator[Occurrence]:
        severity = self.schema.header.extra.severity
        if severity is None:
            return
        hint = nearest(name, [column.name for column in self._absent()])
        message = f"the column {shown(name)!r} is not known here"
        advice = f"did you mean {hint}? otherwise remove the column" if hint else None
        yield self._occurrence("extra-column", message, name, severity, advice)

    def _order(self) -> Iterator[Occurrence]:
        present = [column.name for _, column in sorted(self.bound.items())]
        expected = [column.name for column in self._named() if column.name in present]
        ordered = [name for name in present if name in expected]
        if ordered != expected:
            first = next(i for i, name in enumerate(ordered) if name != expected[i])
            message = f"the columns stand in another order: found {ordered[first]!r}, expected {expected[first]!r}"
            advice = f"put the columns in this order: {', '.join(expected)}"
            yield self._occurrence("column-order", message, None, Severity.ERROR, advice)

    def _occurrence(
        self,
        code: str,
        message: str,
        column: str | None,
        severity: Severity | None = Severity.ERROR,
        advice: str | None = None,
    ) -> Occurrence:
        return occurrence(
            code,
            message,
            severity=severity or Severity.WARNING,
            file=self.file,
            line=self.line,
            column=None if column is None else shown(column),
            advice=advice,
        )

    def _named(self) -> Iterator[Column]:
        return (column for column in self.schema.columns if column.match is None)

    def _absent(self) -> list[Column]:
        present = list(self.bound.values())
        return [column for column in self._named() if column not in present]

    def _free(self) -> list[tuple[int, str]]:
        return [(i, n) for i, n in enumerate(self.names) if n and i not in self.bound and i not in self.repeated]

    def _folded(self, name: str) -> str:
        return name.casefold() if self.schema.header.case is Case.IGNORE else name


def _other_delimiter(names: tuple[str, ...], schema: FileSchema) -> str | None:
    """The delimiter that the file seems to have instead of the schema's, if its header is one single cell."""
    if len(names) != 1 or len(schema.columns) == 1:
        return None
    counts = {other: names[0].count(other) for other in _OTHER_DELIMITERS if other != schema.dialect.delimiter}
    best = max(counts, key=lambda other: counts[other])
    return best if counts[best] else None


def _no_header(names: tuple[str, ...], schema: FileSchema, file: str, line: int, delimiter: str | None) -> Occurrence:
    if delimiter is not None:
        wanted = _OTHER_DELIMITERS.get(schema.dialect.delimiter, repr(schema.dialect.delimiter))
        message = f"the cells seem to be separated by {_OTHER_DELIMITERS[delimiter]}, expected {wanted}"
        severity = Severity.ERROR if schema.columns else Severity.WARNING
        return occurrence("wrong-delimiter", message, file=file, line=line, severity=severity)
    expected = ", ".join(column.name for column in schema.columns[:6])
    message = f"none of the {len(names)} names on this line is a column's, expected {expected}"
    return occurrence("missing-header", message, file=file, line=line)
