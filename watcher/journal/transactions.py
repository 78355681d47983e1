"""What every transaction needs: the driver's trouble in our words, and a lock on one subject."""

from __future__ import annotations

import zlib

from sqlalchemy import Connection, Insert, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError, StatementError

from watcher.errors import JournalError

#: The first half of our advisory locks on a PostgreSQL server, so that they don't meet another program's ("EpWa").
_LOCK_CLASS = 0x45705761


def journal_trouble(error: SQLAlchemyError, where: str) -> JournalError:
    """The driver's first line, without statement and values: those could hold what must not be logged."""
    cause: BaseException = (error.orig if isinstance(error, DBAPIError | StatementError) else None) or error
    first = next(iter(str(cause).splitlines()), "") or type(cause).__name__
    return JournalError(f"the journal {where}: {first}")


def serialise(connection: Connection, subject: str) -> None:
    """Until this transaction ends, let no other one pass here with the same subject.

    SQLite's writing transactions exclude each other anyway.
    """
    if connection.dialect.name == "postgresql":
        key = zlib.crc32(subject.encode()) - 2**31
        connection.execute(text("SELECT pg_advisory_xact_lock(:class, :key)"), {"class": _LOCK_CLASS, "key": key})


def new_id(connection: Connection, insert: Insert) -> int:
    """Insert one row and return its number; without RETURNING, which SQLite has only since 3.35."""
    key = connection.execute(insert).inserted_primary_key
    assert key is not None  # noqa: S101 (single inserts have one)
    return int(key[0])
