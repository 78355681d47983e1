"""Writes the rows of data frames into a table, one frame at a time: the SQL loader's only way in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import polars as pl
import sqlalchemy as sa

from watcher.loading.batch import Batch
from watcher.loading.sqltables import EPOCH_COLUMN, ROOT_COLUMN, FileTable


def insert_frames(connection: sa.Connection, table: sa.Table, frames: Iterator[pl.DataFrame]) -> int:
    """Put the rows of prepared frames into a table; their number."""
    return _copy(connection, table, frames) if is_postgresql(connection) else _insert(connection, table, frames)


def is_postgresql(connection: sa.Connection) -> bool:
    """Whether it is PostgreSQL, with psycopg; else it is SQLite."""
    return connection.dialect.name == "postgresql"


def prepared(frame: pl.DataFrame, batch: Batch, target: FileTable, dialect: sa.Dialect) -> pl.DataFrame:
    """The frame as the table has it: our two columns first, everything but numbers and booleans as text."""
    with_zone = dialect.name == "postgresql"
    ours = [pl.lit(batch.root).alias(ROOT_COLUMN), pl.lit(batch.epoch).alias(EPOCH_COLUMN)]
    names = [column.name for column in target.table.columns][len(ours) :]
    theirs = [
        _as_text(frame[column], with_zone=with_zone).alias(name)
        for column, name in zip(target.columns, names, strict=True)
    ]
    return pl.DataFrame(theirs, height=frame.height).select(*ours, *names)


def _as_text(series: pl.Series, *, with_zone: bool) -> pl.Series:
    match series.dtype:
        case pl.Date():
            return series.dt.to_string("%Y-%m-%d")
        case pl.Datetime() as dtype:
            zoned = dtype.time_zone is not None
            moment = series.dt.convert_time_zone("UTC") if zoned else series
            return moment.dt.to_string("%Y-%m-%d %H:%M:%S%.6f" + ("+00:00" if zoned and with_zone else ""))
        case pl.List():
            texts = [None if items is None else json.dumps(items, ensure_ascii=False) for items in series.to_list()]
            return pl.Series(texts, dtype=pl.String)
        case _:
            return series


def _insert(connection: sa.Connection, table: sa.Table, frames: Iterator[pl.DataFrame]) -> int:
    statement = str(table.insert().compile(dialect=connection.dialect))
    rows = 0
    for frame in frames:
        if frame.height:
            connection.exec_driver_sql(statement, frame.rows())
            rows += frame.height
    return rows


def _copy(connection: sa.Connection, table: sa.Table, frames: Iterator[pl.DataFrame]) -> int:
    """COPY is several times quicker than INSERT. Strings are always quoted, so that a bare nothing can only be null."""
    from psycopg import sql  # noqa: PLC0415 (psycopg is an extra; SQLite does without)

    name = sql.Identifier(*filter(None, (table.schema, table.name)))
    columns = sql.SQL(",").join(sql.Identifier(column.name) for column in table.columns)
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv, NULL '', ENCODING 'UTF8')").format(name, columns)
    rows = 0
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for frame in frames:
            copy.write(frame.write_csv(include_header=False, quote_style="non_numeric"))
            rows += frame.height
    return rows
