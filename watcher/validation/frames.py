"""The rows of an accepted file as typed data frames, for loaders."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Iterator

import numpy as np
import polars as pl

from watcher.errors import WatcherError
from watcher.model.findings import Severity
from watcher.schema.dates import read_date, read_moment
from watcher.schema.model import Column, ColumnType, FileSchema
from watcher.text import printable
from watcher.validation.cells.cells import BoundColumn
from watcher.validation.cells.convert import booleans
from watcher.validation.findings.collect import Collector
from watcher.validation.reading.header import HeaderMatch
from watcher.validation.reading.layout import Layout, open_layout
from watcher.validation.reading.leftout import record_numbers, without
from watcher.validation.reading.rows import Chunk
from watcher.validation.reading.source import NotRegularError, open_source

_SCALARS: dict[ColumnType, pl.DataType] = {
    ColumnType.STRING: pl.String(),
    ColumnType.INTEGER: pl.Int64(),
    ColumnType.NUMBER: pl.Float64(),
    ColumnType.BOOLEAN: pl.Boolean(),
}


def typed_frames(
    path: str | os.PathLike[str], schema: FileSchema, *, skip: Iterable[int] = ()
) -> Iterator[pl.DataFrame]:
    """The rows of a file that was accepted, in batches of bounded size, in file order.

    The first batch has no rows: a file without any still tells its columns. Columns stand in file order under the
    schema's names; columns that the schema does not know are text under their own names. An empty cell is null.
    Types: String, Int64, Float64, Boolean, List for an array (of List for a list of lists), Date for `format: date`,
    Datetime (microseconds, UTC) for `format: date-time`.

    `skip` are the numbers of records, from 1, that are left out: `FileReport.skipped` of the file's report.

    Raises WatcherError if the file can't be read, or is not one that validation would accept as readable.
    """
    skipped = record_numbers(skip)
    name = printable(os.path.basename(os.fspath(path)), 120)
    try:
        with open_source(path) as source:
            collector = Collector()
            layout = open_layout(source, schema, name, collector)
            if layout is None:
                raise WatcherError(f"{name}: {_first_error(collector)}; only an accepted file can be loaded")
            yield _typed(_no_rows(layout), layout)
            for chunk in (without(chunk, skipped) for chunk in layout.chunks(source)):
                if fault := next(chunk.unread(), None):
                    raise WatcherError(f"{name}:{fault.line}: {fault.code}; only an accepted file can be loaded")
                yield _typed(_in_file_order(chunk), layout)
    except NotRegularError as error:
        raise WatcherError(f"{name}: it is {error.kind}, expected an ordinary file") from error
    except OSError as error:
        raise WatcherError(f"{name}: {error.strerror}") from error


def _in_file_order(chunk: Chunk) -> pl.DataFrame:
    """The rows of a chunk; those that were looked at one by one stand behind the others."""
    if (chunk.numbers[1:] > chunk.numbers[:-1]).all():
        return chunk.frame
    return chunk.frame[np.argsort(chunk.numbers)]


def _no_rows(layout: Layout) -> pl.DataFrame:
    return pl.DataFrame(schema={str(position): pl.String for position in range(layout.header.width)})


def _first_error(collector: Collector) -> str:
    """The message of the first error among the findings on the header."""
    return next((f.message for f in collector.findings() if f.severity is Severity.ERROR), "it has no usable header")


def _typed(frame: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """A chunk's frame with names and types; repeated columns of the file are left out."""
    bound, names = {b.position: b for b in layout.header.bound}, _names(layout.header)
    columns: dict[str, pl.Series] = {}
    for position, name in names.items():
        cells = frame[str(position)]
        columns.setdefault(name, typed_cells(cells, bound[position]) if position in bound else cells)
    return pl.DataFrame([cells.alias(name) for name, cells in columns.items()])


def _names(header: HeaderMatch) -> dict[int, str]:
    """The name of each column in the frame by its position, in file order: that of the schema, else its own.

    One without a name, or with that of a schema column, is told by its position: `column_2`, with an underscore more
    where the file has a column of that name.
    """
    names = {b.position: b.column.name for b in header.bound}
    of_schema = set(names.values())
    taken = of_schema | {name for _, name in header.others}
    for position, name in header.others:
        names[position] = name
        if not name.strip() or name in of_schema:
            names[position] = _free_name(f"column_{position + 1}", taken)
    return dict(sorted(names.items()))


def _free_name(name: str, taken: Container[str]) -> str:
    while name in taken:
        name += "_"
    return name


def typed_cells(cells: pl.Series, bound: BoundColumn) -> pl.Series:
    """The cells of one column as text, converted; what is not of its type is null."""
    column = bound.column
    if column.format == "date":
        return _dates(cells, column)
    if column.format == "date-time":
        return _by_value(cells, read_moment, pl.Datetime("us", "UTC"))
    if column.type is ColumnType.ARRAY:
        return _arrays(cells, column)
    return _scalar(cells, column)


def _dates(cells: pl.Series, column: Column) -> pl.Series:
    """Dates by their declared formats; a date that no format reads was a warning, and is null."""
    formats = column.formats or ("%Y-%m-%d",)
    return _by_value(cells, lambda text: read_date(text, formats), pl.Date())


def _by_value(cells: pl.Series, read: object, kind: pl.DataType) -> pl.Series:
    """Each distinct text converted once."""
    texts = cells.drop_nulls().unique()
    values = pl.Series([read(text) for text in texts.to_list()], dtype=kind)  # type: ignore[operator]
    return cells.replace_strict(texts, values, default=None, return_dtype=kind)


def _scalar(cells: pl.Series, column: Column) -> pl.Series:
    if column.type is ColumnType.BOOLEAN:
        return cells.replace_strict(booleans(column), default=None, return_dtype=pl.Boolean())
    return cells.cast(_SCALARS[column.type], strict=False)


def _arrays(cells: pl.Series, column: Column) -> pl.Series:
    lists, kind = cells.str.split(column.separator), pl.List(_SCALARS[column.value_type])
    if column.is_nested:
        return lists.list.eval(_inner_list(column)).cast(pl.List(kind), strict=False)
    if column.value_type is ColumnType.BOOLEAN:
        lists = lists.list.eval(_boolean(column))
    return lists.cast(kind, strict=False)


def _inner_list(column: Column) -> pl.Expr:
    """The values of an item that is itself a list; an empty one has none, where `split` gives one empty text."""
    values = pl.element().str.split(column.inner_separator)
    values = pl.when(pl.element().ne("")).then(values).otherwise(values.list.head(0))
    return values.list.eval(_boolean(column)) if column.value_type is ColumnType.BOOLEAN else values


def _boolean(column: Column) -> pl.Expr:
    return pl.element().replace_strict(booleans(column), default=None, return_dtype=pl.Boolean())
