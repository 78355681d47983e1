"""The tables of the SQL loader: their names, their columns, and bringing the database's up to date.

A file's table is called like the file without `.csv`, behind the prefix. It has `_root` and `_epoch`, since districts
share it, and one column per column of the file. A name that the database would cut or confuse with another (letter
case does not tell them apart) gets the first digits of its own SHA-256 behind it, so that it is the same every time.

Column types, PostgreSQL / SQLite:

    String    TEXT
    Int64     BIGINT
    Float64   DOUBLE PRECISION / DOUBLE
    Boolean   BOOLEAN (SQLite: 0 and 1)
    Date      DATE (SQLite: text, 2026-09-01)
    Datetime  TIMESTAMP WITH TIME ZONE, or without where the file gives none / DATETIME (text; in UTC if it had a zone)
    List      JSONB / JSON (text), an array of the items
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import ExecutableDDLElement
from sqlalchemy.sql.compiler import DDLCompiler

from watcher.errors import PermanentError
from watcher.loading.batch import BatchFile
from watcher.text import printable, quoted

LOADS_TABLE = "epoch_watcher_loads"
ROOT_COLUMN, EPOCH_COLUMN = "_root", "_epoch"
#: PostgreSQL cuts longer names silently; the same limit everywhere, so that a move between databases changes no name.
_NAME_BYTES = 63
_DIGITS = 8
_JSON = sa.JSON().with_variant(JSONB(), "postgresql")


@dataclass(frozen=True, slots=True)
class FileTable:
    """A file and its table. `columns` are the frames' names, in the order of the table's after the first two.

    `key` are the table's names of the key's columns; a column that the file does not have is not among them. Where a
    file gives no frame, not even one without rows, there are no columns, and no table is made of it.
    """

    file: BatchFile
    table: sa.Table
    columns: tuple[str, ...]
    key: tuple[str, ...] = ()


def loads_table(prefix: str, schema: str | None) -> sa.Table:
    """Which batches are in: written in the transaction of their rows, so that neither is there without the other.

    `number` counts the loads of a root: its highest is the newest, whatever the clock said (`at`). A table from before
    there were numbers gets 0 in all its lines.
    """
    return sa.Table(
        prefix + LOADS_TABLE,
        sa.MetaData(schema=schema),
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("root", sa.Text, nullable=False),
        sa.Column("epoch", sa.Text, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
    )


def file_tables(files: Iterable[BatchFile], prefix: str, schema: str | None) -> tuple[FileTable, ...]:
    """A table for each file; reads the first rows of each to learn its columns."""
    chosen = sorted(files, key=lambda file: file.name)
    stems = [prefix + _stem(file.name) for file in chosen]
    names = identifiers(stems, taken=(prefix + LOADS_TABLE,))
    return tuple(_file_table(file, name, schema) for file, name in zip(chosen, names, strict=True))


def identifiers(wanted: Iterable[str], taken: Iterable[str] = ()) -> tuple[str, ...]:
    """A name for each wanted one, short enough and different from all others even without regard to letter case."""
    used = {name.casefold() for name in taken}
    result: list[str] = []
    for name in wanted:
        fits = len(name.encode()) <= _NAME_BYTES and name.casefold() not in used and name != ""
        result.append(name if fits else _digested(name))
        used.add(result[-1].casefold())
    return tuple(result)


def create_missing(connection: sa.Connection, tables: Iterable[sa.Table]) -> None:
    """Create tables that are not there, add columns that are not, and refuse a column whose type has changed.

    Raises PermanentError, which says what to do. Two loads that need this at once go one after the other.
    """
    wanted = tuple(tables)
    if not any(_lacks(connection, table) for table in wanted):
        return
    wait_for_turn(connection, LOADS_TABLE)
    for table in wanted:
        if not has_table(connection, table):
            table.create(connection)
            continue
        for column in _missing_columns(connection, table):
            connection.execute(_AddColumn(table, column))


def has_table(connection: sa.Connection, table: sa.Table) -> bool:
    """Asked anew each time: another process may have made it since."""
    return sa.inspect(connection).has_table(table.name, schema=table.schema)


def _lacks(connection: sa.Connection, table: sa.Table) -> bool:
    return not has_table(connection, table) or bool(_missing_columns(connection, table))


def _missing_columns(connection: sa.Connection, table: sa.Table) -> list[sa.Column[Any]]:
    same = _ascii_lower if connection.dialect.name == "sqlite" else str
    found = sa.inspect(connection).get_columns(table.name, schema=table.schema)
    present = {same(column["name"]): column["type"] for column in found}
    for column in table.columns:
        if same(column.name) in present:
            _compare_types(connection.dialect, table, column, present[same(column.name)])
    return [column for column in table.columns if same(column.name) not in present]


def _ascii_lower(name: str) -> str:
    """To SQLite `ID` is `id`, but `Ä` is not `ä`."""
    return name.encode().lower().decode()


def _compare_types(
    dialect: sa.Dialect, table: sa.Table, column: sa.Column[Any], present: sa.types.TypeEngine[Any]
) -> None:
    found, expected = present.compile(dialect), column.type.compile(dialect)
    if _kind(found) != _kind(expected):
        where = f"table {quoted(table.name)}: column {quoted(column.name)}"
        raise PermanentError(
            f"{where} is {found}, but the schema now makes it {expected}; change the column's type or rename the table "
            "(a new one is made), then replay the epoch"
        )


def _kind(type_text: str) -> str:
    """A type without its length; all character types are one."""
    base = type_text.split("(", maxsplit=1)[0].strip().upper()
    return "TEXT" if base in {"VARCHAR", "CHAR", "CHARACTER VARYING", "TEXT"} else base


def wait_for_turn(connection: sa.Connection, *about: str) -> None:
    """Wait for other transactions that asked for a turn about the same; ours ends with the transaction.

    SQLite has one writer anyway; PostgreSQL would let two create the same table, and fail the slower one.
    """
    if connection.dialect.name == "postgresql":
        number = int.from_bytes(hashlib.sha256("\n".join(about).encode()).digest()[:8], signed=True)
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))


class _AddColumn(ExecutableDDLElement):
    """`ALTER TABLE ... ADD COLUMN`, which SQLAlchemy has no element for; names are quoted as in its own DDL."""

    inherit_cache = False

    def __init__(self, table: sa.Table, column: sa.Column[Any]) -> None:
        self.table = table
        self.column = column


@compiles(_AddColumn)
def _add_column_text(element: _AddColumn, compiler: DDLCompiler, **_: object) -> str:
    table = compiler.preparer.format_table(element.table)
    return f"ALTER TABLE {table} ADD COLUMN {compiler.get_column_specification(element.column)}"


def _file_table(file: BatchFile, name: str, schema: str | None) -> FileTable:
    dtypes = _dtypes(file)
    names = identifiers(dtypes, taken=(ROOT_COLUMN, EPOCH_COLUMN))
    columns: list[sa.Column[Any]] = [
        sa.Column(ROOT_COLUMN, sa.Text, nullable=False),
        sa.Column(EPOCH_COLUMN, sa.Text, nullable=False),
        *(sa.Column(column, sql_type(dtype)) for column, dtype in zip(names, dtypes.values(), strict=True)),
    ]
    table = sa.Table(name, sa.MetaData(schema=schema), *columns)
    key = tuple(named for column, named in zip(dtypes, names, strict=True) if column in _key(file))
    (index,) = identifiers([f"ix_{name}_key"])
    sa.Index(index, *(table.columns[column] for column in (ROOT_COLUMN, *key)))
    return FileTable(file, table, tuple(dtypes), key)


def _key(file: BatchFile) -> tuple[str, ...]:
    return tuple(file.schema.key) if file.schema is not None else ()


def _dtypes(file: BatchFile) -> Mapping[str, pl.DataType]:
    """Column types of the file's frames; they are the same in each."""
    frame = next(iter(file.frames()), None)
    return {} if frame is None else dict(frame.schema)


def sql_type(dtype: pl.DataType) -> sa.types.TypeEngine[Any]:
    """The type of a column, as the table in this module's docstring says."""
    match dtype:
        case pl.Int64():
            return sa.BigInteger()
        case pl.Float64():
            return sa.Double()
        case pl.Boolean():
            return sa.Boolean(create_constraint=False)
        case pl.Date():
            return sa.Date()
        case pl.Datetime():
            return sa.DateTime(timezone=dtype.time_zone is not None)
        case pl.List():
            return _JSON
        case _:
            return sa.Text()


def _stem(name: str) -> str:
    return printable(name[:-4] if name.lower().endswith(".csv") else name)


def _digested(name: str) -> str:
    digits = hashlib.sha256(name.encode()).hexdigest()[:_DIGITS]
    room = _NAME_BYTES - _DIGITS - 1
    return f"{name.encode()[:room].decode(errors='ignore')}_{digits}"
