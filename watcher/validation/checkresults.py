"""What the rows of a check's result say, and of which place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from watcher.model.findings import Occurrence
from watcher.schema.checksql import PLACES, Query
from watcher.schema.model import Dataset
from watcher.validation.checktables import Table
from watcher.validation.occurrences import Breaches, Numbers, occurrence, shown

Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class RecordLines:
    """Which record of a file begins on a line. `lines` is sorted; `records` are theirs."""

    lines: Numbers
    records: Numbers

    def record(self, line: int) -> int | None:
        """The record that begins on this line, None if none does."""
        at = int(np.searchsorted(self.lines, line))
        return int(self.records[at]) if at < len(self.lines) and self.lines[at] == line else None


@dataclass(slots=True)
class _Places:
    """Rows of one file that broke a check, in one column of it or none."""

    lines: list[int] = field(default_factory=list)
    records: list[int] = field(default_factory=list)
    values: list[str | None] = field(default_factory=list)


class Results:
    """Turns the rows of one check's result into findings. A row that names a record of a file goes into a batch."""

    def __init__(
        self, query: Query, dataset: Dataset, came: Mapping[str, Table], records: Mapping[str, RecordLines]
    ) -> None:
        self._query, self._came, self._records = query, came, records
        self._file, self._line, self._record, self._column, self._value = map(self._cell_of, PLACES)
        named = dataset.named_files()
        self._stems = {name: f.schema.stem for f in named for name in (f.schema.file, f.schema.stem)}

    def found(self, rows: Sequence[Row]) -> tuple[list[Occurrence], list[Breaches]]:
        """Places one by one, and batches of them."""
        singles: list[Occurrence] = []
        places: defaultdict[tuple[str, str | None], _Places] = defaultdict(_Places)
        for row in rows:
            stem = self._stem(row)
            line, record = self._place(row, stem)
            column, value = self._column_of(row, stem), _text(self._value(row))
            if stem is None or line is None or record is None:
                singles.append(self._single(stem, line, record, column, value))
            else:
                place = places[stem, column]
                place.lines.append(line)
                place.records.append(record)
                place.values.append(value)
        return singles, [self._batch(*key, place) for key, place in places.items()]

    def _cell_of(self, place: str) -> Callable[[Row], Any]:
        """What a row holds for one of the places, None where the result has no such column."""
        if place not in self._query.places:
            return lambda _: None
        at = self._query.places.index(place)
        return lambda row: row[at]

    def _stem(self, row: Row) -> str | None:
        """The file that came and that a row names, else the only one that the query reads.

        Names that are none of the dataset's are not taken up: they might be cells, a million of them.
        """
        named = self._file(row)
        stem = self._stems.get(named) if isinstance(named, str) else None
        stem = stem or self._query.only_table
        return stem if stem in self._came else None

    def _place(self, row: Row, stem: str | None) -> tuple[int | None, int | None]:
        """Line and record; they mean nothing without a file. The record follows from the line."""
        if stem is None:
            return None, None
        line, record = _whole(self._line(row)), _whole(self._record(row))
        if line is not None and record is None and stem in self._records:
            record = self._records[stem].record(line)
        return line, record

    def _column_of(self, row: Row, stem: str | None) -> str | None:
        name = self._column(row)
        if stem is None or not isinstance(name, str) or self._came[stem].schema.column(name) is None:
            return None
        return shown(name)

    def _single(
        self, stem: str | None, line: int | None, record: int | None, column: str | None, value: str | None
    ) -> Occurrence:
        check = self._query.check
        return occurrence(
            "check",
            _expected(self._query),
            severity=check.severity,
            file=None if stem is None else self._came[stem].name,
            line=line,
            column=column,
            record=record,
            value=None if value is None else shown(value),
            advice=check.advice or None,
            rule=check.title,
        )

    def _batch(self, stem: str, column: str | None, places: _Places) -> Breaches:
        check = self._query.check
        return Breaches(
            code="check",
            message=_expected(self._query),
            file=self._came[stem].name,
            lines=np.array(places.lines, dtype=np.int64),
            records=np.array(places.records, dtype=np.int64),
            column=column,
            values=pl.Series(places.values, dtype=pl.String),
            severity=check.severity,
            advice=check.advice or None,
            rule=check.title,
        )


def _expected(query: Query) -> str:
    return f"expected: {query.check.title}"


def _whole(value: object) -> int | None:
    """A line or a record: anything but a whole number from 1 on is none."""
    return value if isinstance(value, int) and value > 0 else None


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
