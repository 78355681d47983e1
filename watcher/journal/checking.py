"""Tries whether the journal can do its work: read, sound, written. Nothing stays of the try."""

from __future__ import annotations

from sqlalchemy import Connection, column, select, table, text, update
from sqlalchemy.exc import SQLAlchemyError

from watcher.errors import JournalError
from watcher.journal.engine import WRITES, build_engine, parse_url
from watcher.journal.opening import open_journal
from watcher.journal.tables import VERSION, VERSION_TABLE
from watcher.journal.transactions import journal_trouble


def check_journal(url: str) -> str:
    """The journal's version, once a write into it was tried and taken back.

    An SQLite file is read through for damage. Raises JournalError where it is absent, of another version, damaged or
    not to be written; it is never made, migrated or changed.
    """
    open_journal(url, read_only=True).close()
    parsed = parse_url(url)
    engine = build_engine(parsed, read_only=False)
    try:
        with engine.connect() as connection:
            _check_soundness(connection)
        with engine.connect().execution_options(**{WRITES: True}) as connection:
            _write_and_take_back(connection)
    except SQLAlchemyError as error:
        raise journal_trouble(error, parsed.render_as_string(hide_password=True)) from error
    finally:
        engine.dispose()
    return VERSION


def _check_soundness(connection: Connection) -> None:
    """PostgreSQL looks after its own files; an SQLite file on a failing disk is told by nobody else."""
    if connection.dialect.name == "sqlite":
        found = connection.scalar(text("PRAGMA quick_check(1)"))
        if found != "ok":
            raise JournalError(f"the journal is damaged: {str(found).splitlines()[0]}")


def _write_and_take_back(connection: Connection) -> None:
    version = table(VERSION_TABLE, column("version_num"))
    connection.execute(update(version).values(version_num=select(version.c.version_num).scalar_subquery()))
    connection.rollback()
