"""The CSV files of a good drop as tables that a test can change and write again."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from watcher.schema.model import Case, Column, Dialect, FileSchema


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file: its name on disk, the names in its header line (none without one), its rows."""

    name: str
    schema: FileSchema
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def columns(self) -> Iterator[tuple[int, Column]]:
        """The columns of the schema that the file has, each with its position; of a group, the first that fits."""
        for column in self.schema.columns:
            place = next((i for i in range(self.width) if self._is(column, i)), None)
            if place is not None:
                yield place, column

    @property
    def width(self) -> int:
        return len(self.header) or len(self.rows[0])

    def name_of(self, place: int) -> str:
        """What a finding calls the column at a position."""
        named = next((column for i, column in self.columns if i == place and column.match is None), None)
        return self.header[place] if named is None else named.name

    def with_cell(self, place: int, value: str, row: int = 0) -> tuple[str, ...]:
        """A row with another value in one cell."""
        return (*self.rows[row][:place], value, *self.rows[row][place + 1 :])

    def without_column(self, place: int) -> Sheet:
        def cut(cells: tuple[str, ...]) -> tuple[str, ...]:
            return (*cells[:place], *cells[place + 1 :])

        return replace(self, header=cut(self.header), rows=tuple(map(cut, self.rows)))

    def with_header(self, *names: str) -> Sheet:
        return replace(self, header=names)

    def write(self, folder: Path) -> Path:
        """Write the file in the dialect of its schema."""
        dialect = self.schema.dialect
        text = io.StringIO(newline="")
        writer = csv.writer(
            text,
            delimiter=dialect.delimiter,
            quotechar=dialect.quote or None,
            quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
            lineterminator="\n",
        )
        writer.writerows((self.header, *self.rows) if self.header else self.rows)
        path = folder / self.name
        path.write_bytes(text.getvalue().encode(dialect.encoding))
        return path

    def _is(self, column: Column, place: int) -> bool:
        if not self.header:
            return place == self.schema.columns.index(column)
        if column.match is not None:
            return _fits_group(column, self.header[place], self.schema)
        known = (column.name, *column.aliases)
        if self.schema.header.case is Case.IGNORE:
            return self.header[place].casefold() in {name.casefold() for name in known}
        return self.header[place] in known


def read_sheet(path: Path, schema: FileSchema) -> Sheet:
    """The table in a file of a good drop."""
    rows = _rows(path.read_bytes().decode(schema.dialect.encoding).removeprefix("\ufeff"), schema.dialect)
    header, data = (rows[0], rows[1:]) if schema.dialect.header else ((), rows)
    return Sheet(path.name, schema, header, data)


def file_of(folder: Path, schema: FileSchema, match: str | None) -> Path | None:
    """The file of a drop that is judged by a schema."""
    if match is None:
        return folder / schema.file if (folder / schema.file).is_file() else None
    return next((path for path in sorted(folder.iterdir()) if fnmatchcase(path.name, match)), None)


def _rows(text: str, dialect: Dialect) -> tuple[tuple[str, ...], ...]:
    lines = io.StringIO(text, newline="")
    if dialect.quote is None:
        reader = csv.reader(lines, delimiter=dialect.delimiter, quoting=csv.QUOTE_NONE)
    else:
        reader = csv.reader(lines, delimiter=dialect.delimiter, quotechar=dialect.quote)
    return tuple(tuple(row) for row in reader if row)


def _fits_group(column: Column, name: str, schema: FileSchema) -> bool:
    named = {each for other in schema.columns if other.match is None for each in (other.name, *other.aliases)}
    return name not in named and re.fullmatch(column.match or "", name) is not None
