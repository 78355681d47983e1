"""Loads accepted rows into tables of SQLite or PostgreSQL.

One transaction per epoch: the rows of every file and the batch's key in `epoch_watcher_loads`. So a reader sees all of
an epoch or nothing of it, and a batch that comes again finds its key and changes nothing, also while another process
loads it: loads of one root wait for each other. Tables are made and widened as the schemas ask (see `sqltables`), never
narrowed.

`mode: replace`: a file's table holds the rows of the epoch that the root loaded last. A file that did not come leaves
its table as it is (`_epoch` tells how old it is). A file that brings changes only is merged by its key (see
`sqlchanges`): the rows that it does not have stay. Only the root's newest load is known again; an earlier one, which a
person replays or a district sends once more, is loaded afresh and is then the newest.

`mode: append`: it holds the rows of every epoch, whole lists and changes alike. A batch that was ever loaded is known
again.

A file for which the dataset has no schema is left out, and so are pictures. A file that the batch leaves out for its
errors is one that did not come. Rows that are left out are in no table, in `replace` also where the epoch before had
them; but what is left out of a file of changes changes nothing.

What a schema says of rows that are gone (`absent`) is for whoever compares drops; here a whole list replaces a whole
list.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import sqlalchemy as sa

from watcher.clock import utc_now
from watcher.errors import ConfigError
from watcher.loading.batch import Batch
from watcher.loading.loader import Loaded
from watcher.loading.sqlchanges import merge_frames, require_key
from watcher.loading.sqlerrors import database_errors
from watcher.loading.sqlrows import insert_frames, prepared
from watcher.loading.sqltables import (
    ROOT_COLUMN,
    FileTable,
    create_missing,
    file_tables,
    has_table,
    loads_table,
    wait_for_turn,
)
from watcher.text import counted, printable, quoted

_BUSY_SECONDS = 30
_CONNECT_SECONDS = 10
_URLS = "expected sqlite:////folder/file.db or postgresql://user@host/database"


class SqlLoader:
    """See the module's text; the options are in `options_schema`."""

    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "required": ["url"],
        "additionalProperties": False,
        "properties": {
            "url": {"type": "string", "minLength": 1, "description": _URLS},
            "mode": {
                "enum": ["replace", "append"],
                "default": "replace",
                "description": "replace: a table holds a root's newest whole list and the changes since; "
                "append: it holds all epochs",
            },
            "table_prefix": {
                "type": "string",
                "maxLength": 30,
                "default": "",
                "description": "put before every table's name, that of epoch_watcher_loads too",
            },
            "schema": {
                "type": "string",
                "minLength": 1,
                "description": "an existing schema of PostgreSQL; without it the login's default one",
            },
        },
    }

    def __init__(self, name: str, options: Mapping[str, Any]) -> None:
        self._url = _parse_url(name, str(options["url"]))
        self._appends = options.get("mode", "replace") == "append"
        self._prefix = str(options.get("table_prefix", ""))
        self._schema: str | None = options.get("schema")
        if self._schema is not None and self._url.get_backend_name() == "sqlite":
            raise ConfigError((f"loaders.{name}.schema: SQLite has no schemas; leave it out",))
        self._where = _shown(self._url)
        self._engine = _engine(name, self._url)
        self._loads = loads_table(self._prefix, self._schema)

    def check(self) -> None:
        """Connect and see that the table of loads is there or could be made; nothing stays."""
        with database_errors(self._where), self._engine.connect() as connection:
            create_missing(connection, [self._loads])
            connection.execute(sa.select(self._loads.c.key).limit(1)).all()
            connection.rollback()

    def load(self, batch: Batch) -> Loaded:
        with database_errors(self._where), self._engine.begin() as connection:
            wait_for_turn(connection, self._schema or "", self._loads.name, batch.root)  # the only lock before DDL's
            create_missing(connection, [self._loads])
            number, rows_before = self._newest_or_same(connection, batch)
            if rows_before is not None:
                return Loaded(rows_before, already=True)
            known = [file for file in batch.files if file.has_rows]
            tables = file_tables(known, self._prefix, self._schema)
            create_missing(connection, [each.table for each in tables if each.columns])
            rows = sum(self._load_file(connection, batch, each) for each in tables)
            self._note_load(connection, batch, number + 1, rows)
        merged = 0 if self._appends else sum(file.brings_changes for file in known)
        pictures = sum(file.schema is not None and file.schema.picture is not None for file in batch.files)
        return Loaded(rows, note=_note(len(tables), merged, pictures, len(batch.files) - len(known) - pictures))

    def close(self) -> None:
        self._engine.dispose()

    def _newest_or_same(self, connection: sa.Connection, batch: Batch) -> tuple[int, int | None]:
        """The number of the root's newest load, 0 without any; and the batch's rows if it is in the tables already."""
        loads = self._loads.c
        of_root = sa.select(loads.key, loads.number, loads.rows).where(loads.root == batch.root)
        newest = connection.execute(of_root.order_by(loads.number.desc(), loads.at.desc()).limit(1)).first()
        if newest is None:
            return 0, None
        same = connection.execute(of_root.where(loads.key == batch.key)).first() if self._appends else newest
        return newest.number, same.rows if same is not None and same.key == batch.key else None

    def _note_load(self, connection: sa.Connection, batch: Batch, number: int, rows: int) -> None:
        """Make the batch its root's newest load: one line per key, whichever time it came."""
        connection.execute(self._loads.delete().where(self._loads.c.key == batch.key))
        values = {"key": batch.key, "root": batch.root, "epoch": batch.epoch, "number": number}
        connection.execute(self._loads.insert().values(values | {"at": utc_now(), "rows": rows}))

    def _load_file(self, connection: sa.Connection, batch: Batch, target: FileTable) -> int:
        table = target.table
        with database_errors(f"{self._where}: table {quoted(table.name)}"):
            if not target.columns and (target.file.brings_changes or not has_table(connection, table)):
                return 0
            frames = (prepared(frame, batch, target, connection.dialect) for frame in target.file.frames())
            if target.file.brings_changes and not self._appends:
                require_key(target)
                return merge_frames(connection, target, batch.root, frames)
            if not self._appends:
                connection.execute(table.delete().where(table.c[ROOT_COLUMN] == batch.root))
            return insert_frames(connection, table, frames)


def _parse_url(name: str, text: str) -> sa.URL:
    """The URL with the driver that we come with. The text may hold a password and is never shown."""
    try:
        url = sa.make_url(text)
        if not url.database or url.database == ":memory:":
            raise ValueError  # SQLite's memory goes with our process, and with it what was loaded
        drivers = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
        return url.set(drivername=drivers[url.drivername.split("+")[0]])
    except (sa.exc.ArgumentError, ValueError, KeyError):
        raise ConfigError((f"loaders.{name}.url: {_URLS}",)) from None


def _shown(url: sa.URL) -> str:
    host = f"{url.host or ''}:{url.port}" if url.port else url.host or ""
    return printable(f"{url.get_backend_name()} {host}/{url.database or ''}" if host else f"{url.database}")


def _engine(name: str, url: sa.URL) -> sa.Engine:
    is_sqlite = url.get_backend_name() == "sqlite"
    options: dict[str, Any] = {"connect_args": {"timeout": _BUSY_SECONDS}}
    if not is_sqlite:
        # whoever waited for his turn must see what the one before him wrote, whatever the server's default is
        options = {"connect_args": {"connect_timeout": _CONNECT_SECONDS}, "isolation_level": "READ COMMITTED"}
    try:
        engine = sa.create_engine(url, poolclass=sa.NullPool, hide_parameters=True, **options)
    except ModuleNotFoundError as error:
        text = f"loaders.{name}.url: needs {error.name}; install epoch-watcher[postgresql]"
        raise ConfigError((text,)) from error
    if is_sqlite:
        _take_transactions_in_hand(engine)
    return engine


def _take_transactions_in_hand(engine: sa.Engine) -> None:
    """Python's sqlite3 begins a transaction late and not for DDL; and a reader that turns writer may deadlock."""

    @sa.event.listens_for(engine, "connect")
    def _no_transactions_of_its_own(connection: Any, _record: object) -> None:
        connection.isolation_level = None

    @sa.event.listens_for(engine, "begin")
    def _begin_as_writer(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _note(tables: int, merged: int, pictures: int, unknown: int) -> str:
    parts = [counted(tables, "table")]
    parts += [f"changes merged into {merged}"] if merged else []
    parts += [f"{counted(pictures, 'picture')} left out"] if pictures else []
    parts += [f"{unknown} without a schema left out"] if unknown else []
    return ", ".join(parts)
