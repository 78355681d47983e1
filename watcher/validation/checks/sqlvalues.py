"""The rows of a chunk as SQLite takes them: numbers, texts and NULL."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from watcher.schema.model import ColumnType
from watcher.validation.cells.cells import BoundColumn
from watcher.validation.frames import typed_cells
from watcher.validation.reading.rows import Chunk

#: Rows that are handed over at once; a part of them is a Python object for each cell.
_ROWS_AT_ONCE = 20_000


def sql_rows(chunk: Chunk, bound: Sequence[BoundColumn], names: Sequence[str]) -> Iterator[list[tuple[Any, ...]]]:
    """The chunk's rows in parts: the cells of these columns of the schema, then line and record.

    An integer or number as such, a boolean as 0 or 1, a date as `2026-09-01`, a date-time in UTC with its Z, an array
    as JSON. A column that the file does not have is NULL.
    """
    by_name = {each.column.name: each for each in bound}
    cells = [_cells(chunk, by_name.get(name)) for name in names]
    columns = [*cells, pl.Series(chunk.lines), pl.Series(chunk.numbers)]
    frame = pl.DataFrame([column.alias(str(i)) for i, column in enumerate(columns)])
    for part in frame.iter_slices(_ROWS_AT_ONCE):
        yield part.rows()


def _cells(chunk: Chunk, bound: BoundColumn | None) -> pl.Series:
    if bound is None:
        return pl.Series([None], dtype=pl.String).new_from_index(0, chunk.frame.height)
    cells = _undamaged(chunk, bound)
    if bound.column.type is ColumnType.ARRAY:
        return _json(cells, bound)
    typed = typed_cells(cells, bound)
    if typed.dtype == pl.Date:
        return typed.cast(pl.String)
    if isinstance(typed.dtype, pl.Datetime):
        return typed.dt.to_string("%Y-%m-%dT%H:%M:%S%.fZ")
    return typed.cast(pl.Int8) if typed.dtype == pl.Boolean else typed


def _undamaged(chunk: Chunk, bound: BoundColumn) -> pl.Series:
    """The column's cells; those that hold a guess are null."""
    cells = chunk.frame[bound.key]
    rows = [row for row, position in chunk.damaged if position == bound.position]
    return cells.scatter(sorted(rows), None) if rows else cells


def _json(cells: pl.Series, bound: BoundColumn) -> pl.Series:
    """Each distinct list written once."""
    texts = cells.drop_nulls().unique()
    lists = [json.dumps(items, ensure_ascii=False) for items in typed_cells(texts, bound).to_list()]
    return cells.replace_strict(texts, pl.Series(lists, dtype=pl.String), default=None, return_dtype=pl.String)
