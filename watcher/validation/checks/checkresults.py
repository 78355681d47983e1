"""What the rows of a check's result say, and of which place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from watcher.model.findings import Occurrence
from watcher.schema.checksql import Query
from watcher.schema.model import Dataset
from watcher.validation.checks.checktables import Table
from watcher.validation.findings.occurrences import Breaches, Numbers, occurrence, shown


def _none() -> Numbers:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class RecordLines:
    """Which record of a file begins on a line. `lines` is sorted; `records`, sorted with them, are theirs."""

    lines: Numbers = field(default_factory=_none)
    records: Numbers = field(default_factory=_none)

    def records_on(self, lines: Numbers) -> Numbers:
        """The record that begins on each line, 0 where none does."""
        return _looked_up(lines, self.lines, self.records)

    def lines_of(self, records: Numbers) -> Numbers:
        """The line on which each record begins, 0 for one that is not there or could not be read."""
        return _looked_up(records, self.records, self.lines)


def _looked_up(wanted: Numbers, known: Numbers, values: Numbers) -> Numbers:
    """The value that belongs to each wanted number; 0 for one that is not among the known, which are sorted."""
    if not len(known):
        return np.zeros_like(wanted)
    at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.where(known[at] == wanted, values[at], 0)


class Results:
    """Turns the rows of one check's result into findings. A row that names a record of a file goes into a batch."""

    def __init__(
        self, query: Query, dataset: Dataset, came: Mapping[str, Table], records: Mapping[str, RecordLines]
    ) -> None:
        self._query, self._came, self._records = query, came, records
        named = dataset.named_files()
        self._stems = {name: f.schema.stem for f in named for name in (f.schema.file, f.schema.stem)}

    def found(self, rows: Sequence[Sequence[Any]]) -> tuple[list[Occurrence], list[Breaches]]:
        """Places one by one, and batches of them. `rows` is not empty."""
        cells = dict(zip(self._query.places, zip(*rows, strict=True), strict=True))
        singles: list[Occurrence] = []
        batches: list[Breaches] = []
        for (stem, column), chosen in self._by_place(cells, len(rows)).items():
            lines, records = self._positions(cells, chosen, stem)
            values = [_text(cells["value"][i]) for i in chosen] if "value" in cells else [None] * len(chosen)
            sure = (lines > 0) & (records > 0)
            if stem is not None and sure.any():
                shown_values = pl.Series(values, dtype=pl.String).filter(sure)
                batches.append(self._batch(stem, lines[sure], records[sure], column, shown_values))
            singles += [
                self._single(stem, int(lines[i]) or None, int(records[i]) or None, column, values[i])
                for i in np.flatnonzero(~sure).tolist()
            ]
        return singles, batches

    def _by_place(
        self, cells: Mapping[str, Sequence[Any]], count: int
    ) -> Mapping[tuple[str | None, str | None], Sequence[int]]:
        """Which rows are about which file and column."""
        if "file" not in cells and "column" not in cells:
            return {(self._stem(None), None): range(count)}
        files, columns = cells.get("file", [None] * count), cells.get("column", [None] * count)
        groups: defaultdict[tuple[str | None, str | None], list[int]] = defaultdict(list)
        for i in range(count):
            stem = self._stem(files[i])
            groups[stem, self._column(stem, columns[i])].append(i)
        return groups

    def _stem(self, named: object) -> str | None:
        """The file that came and that a row names, else the only one that the query reads.

        Names that are none of the dataset's are not taken up: they might be cells, a million of them.
        """
        stem = self._stems.get(named) if isinstance(named, str) else None
        stem = stem or self._query.only_table
        return stem if stem in self._came else None

    def _column(self, stem: str | None, name: object) -> str | None:
        if stem is None or not isinstance(name, str) or self._came[stem].schema.column(name) is None:
            return None
        return shown(name)

    def _positions(
        self, cells: Mapping[str, Sequence[Any]], chosen: Sequence[int], stem: str | None
    ) -> tuple[Numbers, Numbers]:
        """Lines and records, 0 for none; they mean nothing without a file. Each follows from the other.

        A record that is not there is none: what is skipped of a file must be rows of it.
        """
        lines, records = (
            np.array(
                [_whole(cells[place][i]) for i in chosen] if place in cells and stem else [0] * len(chosen), np.int64
            )
            for place in ("line", "record")
        )
        known = self._records.get(stem or "", RecordLines())
        begun = known.lines_of(records)
        lines = np.where(begun > 0, begun, lines)
        return lines, known.records_on(lines)

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

    def _batch(self, stem: str, lines: Numbers, records: Numbers, column: str | None, values: pl.Series) -> Breaches:
        check = self._query.check
        return Breaches(
            code="check",
            message=_expected(self._query),
            file=self._came[stem].name,
            lines=lines,
            records=records,
            column=column,
            values=values,
            severity=check.severity,
            advice=check.advice or None,
            rule=check.title,
        )


def _expected(query: Query) -> str:
    return f"expected: {query.check.title}"


def _whole(value: object) -> int:
    """A line or a record; 0 for anything but a whole number from 1 on."""
    return value if isinstance(value, int) and value > 0 else 0


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
