"""Brings a file of changes into a table that holds the rows of earlier files.

A row that came takes the place of the root's row with the same key; every other row stays, with the `_epoch` that
brought it. Nothing is removed because a row says so: that a `status` means "deleted" is the reader's to decide.

1. Keys are the same if all their cells are, compared by the database in the column's own type; letter case counts.
2. An empty cell is the same as an empty cell. But a key of which every cell is empty is nobody's: such a row is put
   in, and takes nothing away.
3. Several rows of one file with the same key, where the dataset tolerates them, are all put in.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
import sqlalchemy as sa

from watcher.errors import PermanentError
from watcher.loading.sqlrows import insert_frames
from watcher.loading.sqltables import ROOT_COLUMN, FileTable, identifiers
from watcher.model.names import safe_name
from watcher.text import quoted

_COMING_TABLE = "epoch_watcher_coming"


def require_key(target: FileTable) -> None:
    """Raise PermanentError for a file of changes whose rows can't be told apart by a key."""
    wanted = target.file.schema.key if target.file.schema is not None else ()
    lacking = [name for name in wanted if name not in target.columns]
    if wanted and not lacking:
        return
    why = f"it has no column {quoted(lacking[0])}, which is in the key" if lacking else "its schema has no key"
    raise PermanentError(
        f"{safe_name(target.file.name)}: brings changes only, and {why}, so nobody knows which rows they change; "
        "nothing was loaded; give the schema a key that the file has and replay the epoch, or let the sender send the "
        "whole list"
    )


def merge_frames(connection: sa.Connection, target: FileTable, root: str, frames: Iterator[pl.DataFrame]) -> int:
    """Put the rows of prepared frames in place of the root's rows with the same keys; the number of those that came.

    They lie in a temporary table first: so the file is read once, and all old rows are gone before a new one comes,
    which a unique index of the reader's may ask for.
    """
    coming = _coming_table(target.table)
    coming.create(connection)
    rows = insert_frames(connection, coming, frames)
    for empty in _empty_cells(connection, coming, target.key):
        connection.execute(_removal(target, coming, root, empty))
    connection.execute(target.table.insert().from_select(list(coming.columns.keys()), sa.select(coming)))
    coming.drop(connection)
    return rows


def _coming_table(table: sa.Table) -> sa.Table:
    """A temporary table with the same columns; its name hides no other."""
    (name,) = identifiers([_COMING_TABLE], taken=[table.name])
    columns = [sa.Column(column.name, column.type) for column in table.columns]
    return sa.Table(name, sa.MetaData(), *columns, prefixes=["TEMPORARY"], postgresql_on_commit="DROP")


def _empty_cells(connection: sa.Connection, coming: sa.Table, key: tuple[str, ...]) -> list[frozenset[str]]:
    """Which cells of the keys are empty together: nearly always none, so one empty set."""
    flags = [coming.c[name].is_(sa.null()) for name in key]
    found = connection.execute(sa.select(*flags).distinct()).all()
    empty = [frozenset(name for name, is_empty in zip(key, row, strict=True) if is_empty) for row in found]
    return [names for names in empty if len(names) < len(key)]


def _removal(target: FileTable, coming: sa.Table, root: str, empty: frozenset[str]) -> sa.Delete:
    """Take away the root's rows whose key comes, with just these cells of it empty.

    A comparison that takes empty for equal would pass over the index, and look at all of a table for each row.
    """
    table = target.table
    filled = [name for name in target.key if name not in empty]
    keys = sa.select(*(coming.c[name] for name in filled)).where(*_emptiness(coming, empty))
    same = sa.tuple_(*(table.c[name] for name in filled)) if len(filled) > 1 else table.c[filled[0]]
    return table.delete().where(table.c[ROOT_COLUMN] == root, *_emptiness(table, empty), same.in_(keys))


def _emptiness(table: sa.Table, empty: frozenset[str]) -> list[sa.ColumnElement[bool]]:
    return [table.c[name].is_(sa.null()) for name in sorted(empty)]
