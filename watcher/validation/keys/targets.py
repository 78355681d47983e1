"""The columns that references look into: which texts they hold, on the rows that count."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from watcher.schema.model import ColumnType
from watcher.validation.cells.cells import BoundColumn
from watcher.validation.findings.occurrences import Numbers
from watcher.validation.keys.hashes import DistinctHashes, Flags, Hasher, Hashes, distinct

Rows = npt.NDArray[np.uint32]


def values_of(frame: pl.DataFrame, bound: BoundColumn) -> pl.DataFrame:
    """The values of a column's cells, those of lists one by one: columns `row` (of the frame) and `value`."""
    rows = pl.int_range(frame.height, dtype=pl.UInt32, eager=True).alias("row")
    values = pl.DataFrame([rows, frame[bound.key].alias("value")]).drop_nulls()
    if bound.column.type is ColumnType.ARRAY:
        values = _split(values, bound.column.separator)
        if bound.column.is_nested:  # where an empty item is a list without values
            values = _split(values.filter(pl.col("value").ne("")), bound.column.inner_separator)
    return values


def _split(values: pl.DataFrame, separator: str) -> pl.DataFrame:
    return values.with_columns(pl.col("value").str.split(separator)).explode("value")


class FrameHashes:
    """The hashes of a chunk's columns, each made once: a column may be key, target and reference."""

    def __init__(self, frame: pl.DataFrame, hasher: Hasher) -> None:
        self.frame = frame
        self._hasher = hasher
        self._cells: dict[int, Hashes] = {}

    def cells(self, bound: BoundColumn) -> Hashes:
        """One hash for each row; an empty cell has one too."""
        if bound.position not in self._cells:
            self._cells[bound.position] = self._hasher(self.frame[bound.key])
        return self._cells[bound.position]

    def has_text(self, bound: BoundColumn) -> Flags:
        """Which cells are not empty."""
        return self.frame[bound.key].is_not_null().to_numpy()

    def values(self, bound: BoundColumn) -> Hashes:
        """The hashes of the values in a column, each once, sorted."""
        if bound.column.type is ColumnType.ARRAY:
            return distinct(np.sort(self._hasher(values_of(self.frame, bound)["value"])))
        return distinct(np.sort(self.cells(bound)[self.has_text(bound)]))

    def values_by_row(self, bound: BoundColumn, counts: Flags) -> tuple[Hashes, Rows]:
        """The hash of each value in a column, and its row in the frame, of the rows that count."""
        if bound.column.type is not ColumnType.ARRAY:
            rows = np.flatnonzero(counts & self.has_text(bound)).astype(np.uint32)
            return self.cells(bound)[rows], rows
        values = values_of(self.frame, bound)
        rows = values["row"].to_numpy()
        return self._hasher(values["value"])[counts[rows]], rows[counts[rows]]


@dataclass(frozen=True, slots=True)
class TargetPart:
    """One chunk of a target: hashes, and the rows of the chunk that hold them, where records are kept."""

    hashes: Hashes
    rows: Rows | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """The values of one column on the rows where the columns of `where` hold one of their texts, exactly as written.

    The empty text stands for an empty cell.

    With `keeps_records` a row may be left out later: then each value is kept with its record number, sixteen bytes.
    """

    bound: BoundColumn
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    keeps_records: bool = False
    _values: DistinctHashes = field(default_factory=DistinctHashes)
    _parts: list[tuple[Hashes, Numbers]] = field(default_factory=list)

    def part_of(self, hashes: FrameHashes) -> TargetPart:
        """The values of a chunk. Changes nothing."""
        if not self.where and not self.keeps_records:
            return TargetPart(hashes.values(self.bound))
        values, rows = hashes.values_by_row(self.bound, self._counts(hashes.frame))
        return TargetPart(values, rows) if self.keeps_records else TargetPart(distinct(np.sort(values)))

    def take(self, part: TargetPart, numbers: Numbers) -> None:
        """Remember a chunk's values; `numbers` are the record numbers of its rows."""
        if part.rows is None:
            self._values.add(part.hashes)
        else:
            self._parts.append((part.hashes, numbers[part.rows]))

    def values(self, left_out: Numbers) -> Hashes:
        """The hashes of the values, sorted, without those of records (sorted) that are left out."""
        if not self.keeps_records:
            return self._values.ordered()
        kept = [hashes[~np.isin(numbers, left_out, kind="sort")] for hashes, numbers in self._parts]
        return distinct(np.sort(np.concatenate(kept))) if kept else self._values.ordered()

    def _counts(self, frame: pl.DataFrame) -> Flags:
        """Which rows meet `where`."""
        counts = np.ones(frame.height, dtype=bool)
        for key, texts in self.where:
            # An empty cell is null here, so that it is none of the texts, but the empty one.
            counts &= frame[key].is_in(list(texts)).fill_null(value="" in texts).to_numpy()
        return counts
