"""Connections to the two databases, set up so that a committed transaction survives a power cut.

SQLite: write-ahead log, full synchronisation, foreign keys, and every writing transaction takes the write lock at its
start (BEGIN IMMEDIATE), so that two processes wait for each other instead of failing half way. A new file is its
owner's alone (0600); SQLite gives its companions `-wal` and `-shm` the same mode.
PostgreSQL: at least local durability on commit, whatever the server's default.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from watcher.errors import JournalError

#: How long a transaction waits for another process's before it gives up.
BUSY_SECONDS = 30.0
#: Execution option that marks a transaction as writing.
WRITES = "journal_writes"
_CONNECT_SECONDS = 10
_RETRY_SECONDS = 0.02
_DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg", "sqlite+pysqlite": "sqlite"}


def parse_url(text: str) -> URL:
    """The journal's URL with its driver. Raises JournalError, never with a password in its text."""
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise JournalError(
            "the journal's URL is not one: expected sqlite:////path/to/journal.db or postgresql://user@host/database"
        ) from error
    url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
    if url.drivername not in ("sqlite", "postgresql+psycopg"):
        raise JournalError(f"journal: expected sqlite or postgresql, found {url.drivername!r}")
    if url.drivername == "sqlite" and url.database in (None, "", ":memory:"):
        raise JournalError("journal: the URL names no file; write sqlite:////path/to/journal.db")
    return url


def build_engine(url: URL, *, read_only: bool) -> Engine:
    """A pool of connections; a SQLite file is created if it is absent and may be written. Raises JournalError."""
    if url.drivername == "sqlite":
        return _sqlite_engine(url, read_only=read_only)
    try:
        engine = create_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=True,
            connect_args={"connect_timeout": _CONNECT_SECONDS, "application_name": "epoch-watcher"},
        )
    except (ImportError, NoSuchModuleError) as error:
        raise JournalError(
            "journal: PostgreSQL's driver is not installed; pip install 'epoch-watcher[postgresql]'"
        ) from error
    event.listen(engine, "connect", _read_only_postgres if read_only else _durable_postgres)
    return engine


def _durable_postgres(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    """A commit must not return before it is on disk; stricter defaults of the server stay."""
    del entry
    cursor = connection.cursor()
    cursor.execute(
        "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
    )
    cursor.close()
    connection.commit()


def _read_only_postgres(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    del entry
    cursor = connection.cursor()
    cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
    cursor.close()
    connection.commit()


def _sqlite_engine(url: URL, *, read_only: bool) -> Engine:
    path = Path(os.path.abspath(url.database or ""))
    if read_only:
        _check_readable(path)
    else:
        _create_file(path)
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        hide_parameters=True,
        creator=_sqlite_connector(path, read_only=read_only),
        # Only this process's threads share it; a thread waits for the write lock in Journal, never for a connection.
        max_overflow=-1,
    )
    event.listen(engine, "begin", _begin_sqlite)
    if not read_only:
        _use_write_ahead_log(engine, path)
    return engine


def _check_readable(path: Path) -> None:
    try:
        if not path.is_file():
            raise JournalError(f"there is no journal at {path}; the service creates it when it first starts")
    except PermissionError as error:
        raise JournalError(f"the journal {path} can't be reached by this user; run as the service's user") from error
    if not os.access(path, os.R_OK):
        raise JournalError(f"the journal {path} can't be read by this user; run as the service's user")


def _create_file(path: Path) -> None:
    """Make an empty file for its owner alone, and its name durable. An existing file is left as it is.

    It is opened only if it is new: closing a second descriptor would drop SQLite's locks of this process.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except FileExistsError:
        return
    except OSError as error:
        raise JournalError(f"the journal {path} can't be created: {error.strerror}") from error


def _sqlite_connector(path: Path, *, read_only: bool) -> Callable[[], sqlite3.Connection]:
    uri = f"{path.as_uri()}?mode={'ro' if read_only else 'rw'}"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            uri,
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,  # transactions are begun by us
            check_same_thread=False,  # the pool hands a connection to one thread at a time
        )
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = FULL")
        except BaseException:
            connection.close()
            raise
        return connection

    return connect


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _use_write_ahead_log(engine: Engine, path: Path) -> None:
    """Switch the file, once for good. SQLite does not wait by itself while another process switches, so we do."""
    deadline = time.monotonic() + BUSY_SECONDS
    try:
        with closing(engine.raw_connection()) as connection:
            while (mode := _switch(connection, give_up=time.monotonic() > deadline)) == "busy":
                time.sleep(_RETRY_SECONDS)
    except (sqlite3.Error, DBAPIError) as error:
        engine.dispose()
        cause = error.orig if isinstance(error, DBAPIError) else error
        raise JournalError(f"the journal {path} can't be opened: {cause}") from error
    if mode != "wal":
        raise JournalError(f"the journal {path} can't keep a write-ahead log there; put it on a local disk")


def _switch(connection: DBAPIConnection, *, give_up: bool) -> str:
    cursor = connection.cursor()
    try:
        cursor.execute("PRAGMA journal_mode = WAL")
        return str((cursor.fetchone() or [""])[0])
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or give_up:
            raise
        return "busy"
    finally:
        cursor.close()
