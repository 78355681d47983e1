"""Finds the columns of a schema in a file's header line, and says what is wrong with the names.

One name that is nearly right is one finding, and the column counts as present: its cells are judged, and nobody reads a
million times that it is missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from watcher.model.findings import Occurrence, Severity
from watcher.schema.model import Case, Column, Extra, FileSchema, Order
from watcher.text import nearest, quoted
from watcher.validation.cells.cells import BoundColumn
from watcher.validation.cells.matching import Matcher
from watcher.validation.findings.occurrences import SHOWN_CHARACTERS, occurrence, shown
from watcher.validation.reading.columnorder import misplaced
from watcher.validation.reading.distance import differs_unseen, is_near, normalised
from watcher.validation.reading.nameless import nameless_at_end, nameless_column

#: A longer name is not held against the pattern of a group.
MAX_NAME_CHARACTERS = 500
#: So many pairs of names are compared letter by letter, so many unknown names get a hint: a header line is hostile.
_MOST_COMPARISONS = 5_000
_MOST_HINTS = 50


@dataclass(frozen=True, slots=True)
class HeaderMatch:
    """What the header line holds: the schema's columns with their positions, the other columns' positions and names.

    `width` is how many cells a row has. `is_usable` is false if rows can't be judged by it at all. `nameless` are the
    positions of columns without name behind the last one that has one. `surplus`: each row has so many cells more than
    the header line, all empty; they are in `width`.
    """

    width: int
    bound: tuple[BoundColumn, ...]
    others: tuple[tuple[int, str], ...]
    found: tuple[Occurrence, ...]
    is_usable: bool = True
    nameless: tuple[int, ...] = ()
    surplus: int = 0

    @property
    def told_missing(self) -> frozenset[str]:
        """The columns of which a finding says that they are missing."""
        return frozenset(f.column for f in self.found if f.code == "missing-column" and f.column is not None)


def without_header(schema: FileSchema, width: int) -> HeaderMatch:
    """The match for a file that has no header line: columns by position, as many as the schema or else a row has."""
    bound = tuple(BoundColumn(i, column) for i, column in enumerate(schema.columns))
    others = () if bound else tuple((i, f"column_{i + 1}") for i in range(width))
    return HeaderMatch(len(bound) or width, bound, others, ())


def match_header(names: tuple[str, ...], schema: FileSchema, file: str, line: int = 1) -> HeaderMatch:
    """The columns behind the names, in file order, with a finding for every name that is not exact."""
    binding = _Binding(names, schema, file, line)
    if schema.columns and not binding.bound and not may_lack_all(schema):
        found = _no_header(names, schema, file, line)
        return HeaderMatch(len(names), (), tuple(enumerate(names)), (found,), is_usable=False)
    bound = tuple(BoundColumn(i, column) for i, column in sorted(binding.bound.items()))
    others = tuple((i, name) for i, name in enumerate(names) if i not in binding.bound and i not in binding.repeated)
    nameless = nameless_at_end(names)
    found_all = (*binding.found, *binding.remarks(others[: len(others) - len(nameless)]))
    return HeaderMatch(len(names), bound, others, found_all, nameless=nameless)


class _Binding:
    """Names bound to columns, surest first: exact ones, groups, nearly exact ones, slips of the fingers."""

    def __init__(self, names: tuple[str, ...], schema: FileSchema, file: str, line: int) -> None:
        self.names, self.schema, self.file, self.line = names, schema, file, line
        self.bound: dict[int, Column] = {}
        self.repeated: set[int] = set()
        self.found: list[Occurrence] = []
        self._present: set[str] = set()
        self._groups: dict[int, str] = {}
        self._bind_exact()
        self._bind_groups()
        self._bind_nearly_exact()
        self._bind_slips()

    def remarks(self, others: tuple[tuple[int, str], ...]) -> Iterator[Occurrence]:
        """What is to be said of columns that are missing, unknown or out of order."""
        for column in self._absent():
            severity = _if_missing(column, self.schema)
            if severity is not None:
                message = f"the column {quoted(column.name)} is missing, expected it in the header line"
                yield self._occurrence("missing-column", message, column.name, severity)
        yield from self._unknown(others)
        if self.schema.header.order is Order.STRICT:
            yield from self._order()

    def _bind_exact(self) -> None:
        known = {self._folded(name): column for column in self._named() for name in (column.name, *column.aliases)}
        for i, name in enumerate(self.names):
            column = known.get(self._folded(name))
            if column is not None:
                self._bind(i, column)
                self._note_alias(i, column)

    def _bind_groups(self) -> None:
        """Columns whose names only follow a pattern become columns of their own."""
        for group in (column for column in self.schema.columns if column.match is not None):
            free = [(i, name) for i, name in self._free() if len(name) <= MAX_NAME_CHARACTERS]
            fits = Matcher(group.match or "", full=True).found_all([name for _, name in free])
            for (i, name), does_fit in zip(free, fits, strict=True):
                if does_fit:
                    self._bind(i, replace(group, name=name, match=None))
                    self._groups[i] = group.match or ""

    def _bind_nearly_exact(self) -> None:
        """Names that differ from a column's in case, spaces, punctuation or unseen characters only."""
        by_normalised: dict[str, list[int]] = {}
        for i, name in self._free():
            by_normalised.setdefault(normalised(name), []).append(i)
        for column in self._absent():
            wanted = dict.fromkeys(normalised(name) for name in (column.name, *column.aliases))
            near = [i for each in wanted for i in by_normalised.get(each, ()) if i not in self.bound]
            if near:
                # The one that looks most like it; what is left of them can't be told from it.
                best = min(near, key=lambda i: (self.names[i].strip().casefold() != column.name.casefold(), i))
                self._bind_near(best, column)
                for i in near:
                    if i != best:
                        self._repeat(i, column.name, self.names[i])

    def _bind_slips(self) -> None:
        """Names that are a slip of the fingers away from a column of which it would be said that it is missing."""
        comparisons = 0
        for column in self._absent():
            for i, name in self._free() if _if_missing(column, self.schema) else ():
                comparisons += 1
                if comparisons > _MOST_COMPARISONS:
                    return
                if any(is_near(name, wanted) for wanted in (column.name, *column.aliases)):
                    self._bind_near(i, column)
                    break

    def _bind(self, i: int, column: Column) -> None:
        if column.name in self._present:
            self._repeat(i, column.name, self.names[i])
        else:
            self.bound[i] = column
            self._present.add(column.name)

    def _bind_near(self, i: int, column: Column) -> None:
        self._bind(i, column)
        name = self.names[i]
        is_error = column.required or self.schema.header.extra is Extra.ERROR
        severity = column.severity if is_error else _if_missing(column, self.schema) or Severity.WARNING
        message = f"found the column name {_quoted(name)}, expected {quoted(column.name)}"
        advice = f"did you mean {column.name}? write the name exactly so"
        if name.strip(" \t") == column.name:
            message += "; it stands between spaces"
            advice = f"take away the spaces before or behind the name {column.name}"
        elif differs_unseen(name, column.name):
            message += "; they differ in characters that can't be seen"
            advice = f"type the name {column.name} anew, without copying it"
        self.found.append(self._occurrence("misnamed-column", message, column.name, severity, advice))

    def _note_alias(self, i: int, column: Column) -> None:
        """What is to be said of a column that was found under another of its names."""
        name, severity = self.names[i], self.schema.header.aliases.severity
        if severity is None or self.bound.get(i) is not column or self._folded(name) == self._folded(column.name):
            return
        message = f"found the column name {_quoted(name)}, expected {quoted(column.name)}"
        advice = f"the cells are taken all the same; rename the column to {column.name}"
        self.found.append(self._occurrence("misnamed-column", message, column.name, severity, advice))

    def _repeat(self, i: int, column: str, name: str) -> None:
        self.repeated.add(i)
        called = "" if name == column else f" as {_quoted(name)}"
        message = f"the column {_quoted(column)} stands twice, the second time{called} as column {i + 1}"
        self.found.append(self._occurrence("duplicate-column", message, column))

    def _unknown(self, others: tuple[tuple[int, str], ...]) -> Iterator[Occurrence]:
        seen: set[str] = set()
        hints = _MOST_HINTS
        for i, name in others:
            if not name.strip():
                yield self.nameless(i)
            elif name in seen:
                message = f"the column {_quoted(name)} stands twice, the second time as column {i + 1}"
                yield self._occurrence("duplicate-column", message, name)
            elif self.schema.columns:
                yield from self._extra(name, is_hinted=hints > 0)
                hints -= 1
            seen.add(name)

    def nameless(self, i: int) -> Occurrence:
        return nameless_column(i, self.schema, self.file, self.line)

    def _extra(self, name: str, *, is_hinted: bool) -> Iterator[Occurrence]:
        severity = self.schema.header.extra.severity
        if severity is None:
            return
        can_be_near = is_hinted and len(name) <= MAX_NAME_CHARACTERS
        hint = nearest(name, [column.name for column in self._absent()]) if can_be_near else None
        message = f"the column {_quoted(name)} is not known here"
        advice = f"did you mean {hint}? otherwise remove the column" if hint else None
        yield self._occurrence("extra-column", message, name, severity, advice)

    def _order(self) -> Iterator[Occurrence]:
        for each in misplaced(self.bound, self._groups, self.schema):
            yield self._occurrence("column-order", each.message, each.column, Severity.ERROR, each.advice)

    def _occurrence(
        self,
        code: str,
        message: str,
        column: str | None,
        severity: Severity = Severity.ERROR,
        advice: str | None = None,
    ) -> Occurrence:
        return occurrence(
            code,
            message,
            severity=severity,
            file=self.file,
            line=self.line,
            column=None if column is None else shown(column),
            advice=advice,
        )

    def _named(self) -> Iterator[Column]:
        return (column for column in self.schema.columns if column.match is None)

    def _absent(self) -> list[Column]:
        return [column for column in self._named() if column.name not in self._present]

    def _free(self) -> list[tuple[int, str]]:
        return [(i, n) for i, n in enumerate(self.names) if n and i not in self.bound and i not in self.repeated]

    def _folded(self, name: str) -> str:
        return name.casefold() if self.schema.header.case is Case.IGNORE else name


def _if_missing(column: Column, schema: FileSchema) -> Severity | None:
    """What is said where the column is not there; None for nothing."""
    return column.severity if column.required else (column.missing or schema.header.missing).severity


def may_lack_all(schema: FileSchema) -> bool:
    """Whether a header line may name none of the columns: others are free, and each that is missing gets a warning.

    Where a missing column is passed over, a file without a header line would be read as one whose first row is lost.
    """
    is_told = all(_if_missing(column, schema) is Severity.WARNING for column in schema.columns)
    return is_told and schema.header.extra is Extra.IGNORE and all(column.match is None for column in schema.columns)


def _no_header(names: tuple[str, ...], schema: FileSchema, file: str, line: int) -> Occurrence:
    return occurrence("missing-header", no_name_known(len(names), schema), file=file, line=line)


def no_name_known(cells: int, schema: FileSchema) -> str:
    """That a line of so many cells names none of the columns."""
    expected = ", ".join(column.name for column in schema.columns[:6])
    found = "the only name on this line is no" if cells == 1 else f"none of the {cells} names on this line is a"
    return f"{found} column's, expected {expected}"


def _quoted(name: str) -> str:
    """A name out of the file, bounded."""
    return quoted(name, SHOWN_CHARACTERS)
