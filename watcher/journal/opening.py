"""Opens the journal: finds its version with one cheap question, and brings it up to date only where it must."""

from __future__ import annotations

import threading

from sqlalchemy import URL, Connection, Engine, column, inspect, select, table
from sqlalchemy.exc import SQLAlchemyError

from watcher.clock import Clock
from watcher.errors import JournalError
from watcher.journal.engine import WRITES, build_engine, parse_url
from watcher.journal.journal import Journal
from watcher.journal.tables import VERSION, VERSION_TABLE
from watcher.journal.transactions import journal_trouble, serialise

#: Alembic keeps the migration in hand in a global of its module.
_ONE_MIGRATION = threading.Lock()


def open_journal(url: str, clock: Clock | None = None, *, read_only: bool = False) -> Journal:
    """The journal at this URL, created or brought up to date first.

    Args:
        url: `sqlite:////path/to/journal.db` or `postgresql://user@host/database`.
        clock: gives the time wherever a call is not told it.
        read_only: for listings by a person: nothing is created or migrated, and every writing call fails.

    Raises:
        JournalError: it can't be reached, is not a journal, or a newer version of this program has written it.
    """
    parsed = parse_url(url)
    engine = build_engine(parsed, read_only=read_only)
    try:
        _check_version(engine, parsed, read_only=read_only)
    except SQLAlchemyError as error:
        engine.dispose()
        raise journal_trouble(error, _printable(parsed)) from error
    except BaseException:
        engine.dispose()
        raise
    return Journal(engine, clock or Clock(), read_only=read_only)


def _printable(url: URL) -> str:
    return url.render_as_string(hide_password=True)


def _check_version(engine: Engine, url: URL, *, read_only: bool) -> None:
    with engine.connect() as connection:
        version = _version(connection)
    if _is_current(version, url):
        return
    if read_only:
        found = "is empty" if version is None else f"has version {version}, expected {VERSION}"
        raise JournalError(f"the journal {_printable(url)} {found}; the service brings it up to date when it starts")
    with _ONE_MIGRATION, engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        serialise(connection, "migration")
        # Another process may have done it while this one waited for the lock.
        if not _is_current(_version(connection), url):
            _migrate(connection)


def _version(connection: Connection) -> str | None:
    """The number of the last migration applied; None in an empty database."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.scalar(select(column("version_num")).select_from(table(VERSION_TABLE)))


def _is_current(version: str | None, url: URL) -> bool:
    """Whether nothing is to be done. Raises JournalError for a version that this program does not know."""
    if version is not None and (not version.isdecimal() or version > VERSION):
        raise JournalError(
            f"the journal {_printable(url)} has version {version!r}, but this version of Epoch Watcher knows only"
            f" {VERSION}: it was written by a newer one; install that, or restore the copy made before the upgrade"
        )
    return version == VERSION


def _migrate(connection: Connection) -> None:
    """Apply what is missing, in the caller's transaction: all of it or nothing."""
    # Alembic is wanted on one start in a hundred; commands that only look must not wait for its import.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "watcher.journal:migrations")
    command.upgrade(config, "head")
