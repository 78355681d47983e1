"""The tables as they are after the last migration; a test holds the two together.

All names begin with `journal_`, so that the journal can share a PostgreSQL database with what the loaders fill.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    text,
)
from sqlalchemy.types import TypeEngine

from watcher.journal.columns import FreeText, SourceText, UtcTime, Word, Words
from watcher.model.records import DropKind, Ending, RequestKind, Step
from watcher.model.states import Folder, State

#: The last migration, as `VERSION_TABLE` names it. Migrations are numbered without gaps.
VERSION = "0001"
VERSION_TABLE = "journal_version"

metadata = MetaData()

#: SQLite numbers rows by itself only where the type is exactly INTEGER.
_Number = BigInteger().with_variant(Integer(), "sqlite")


def _ordered_name() -> TypeEngine[str]:
    """Root or epoch: ASCII, compared byte by byte, whatever the server's locale."""
    return Text().with_variant(Text(collation="C"), "postgresql")


def _number_column() -> Column[int]:
    return Column("id", _Number, primary_key=True)


def _flag_index(name: str, columns: tuple[Column[Any], ...], flag: Column[bool]) -> None:
    """Only rows with the flag set; SQLite uses the index only where its condition is written as the query's is."""
    Index(name, *columns, sqlite_where=text(f"{flag.name} = 1"), postgresql_where=flag)


def _null_index(name: str, columns: tuple[Column[Any], ...], empty: Column[Any], *, unique: bool = False) -> None:
    """Only rows in which that column is empty."""
    Index(name, *columns, unique=unique, sqlite_where=empty.is_(None), postgresql_where=empty.is_(None))


records = Table(
    "journal_records",
    metadata,
    _number_column(),
    Column("root", _ordered_name(), nullable=False),
    Column("epoch", _ordered_name(), nullable=False),
    Column("take", Integer, nullable=False),
    Column("kind", Word(DropKind), nullable=False),
    Column("state", Word(State), nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("place", Word(Folder), nullable=False),
    Column("source", SourceText, nullable=False),
    Column("run", Integer, nullable=False),
    Column("dataset", FreeText),
    Column("key", FreeText),
    Column("reason", FreeText, nullable=False),
    Column("retry_at", UtcTime),
    Column("deferrals", Integer, nullable=False),
    Column("source_left", Boolean, nullable=False),
    Column("delivered", Boolean, nullable=False),
    Column("loaded_by", Words, nullable=False),
    Column("files", BigInteger),
    Column("size_bytes", BigInteger),
    Column("rows", BigInteger),
    Column("errors", BigInteger),
    Column("warnings", BigInteger),
    # The two below follow from the others; they are columns so that a partial index can stand on them.
    Column("is_open", Boolean, nullable=False),
    Column("was_loaded", Boolean, nullable=False),
)
Index("journal_records_take", records.c.root, records.c.epoch, records.c.take, unique=True)
Index("journal_records_history", records.c.root, records.c.id)
Index("journal_records_states", records.c.root, records.c.state, records.c.id)
# A million finished records must cost a look nothing: what is asked at each look has an index of its own.
_flag_index("journal_records_open", (records.c.root, records.c.epoch, records.c.take), records.c.is_open)
_flag_index("journal_records_loaded", (records.c.root, records.c.epoch, records.c.take), records.c.was_loaded)
_flag_index("journal_records_left", (records.c.root, records.c.id), records.c.source_left)

transitions = Table(
    "journal_transitions",
    metadata,
    _number_column(),
    Column("record_id", _Number, ForeignKey(records.c.id), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("before", Word(State)),
    Column("after", Word(State), nullable=False),
    Column("reason", FreeText, nullable=False),
)
Index("journal_transitions_record", transitions.c.record_id, transitions.c.id)

attempts = Table(
    "journal_attempts",
    metadata,
    _number_column(),
    Column("record_id", _Number, ForeignKey(records.c.id), nullable=False),
    Column("run", Integer, nullable=False),
    Column("step", Word(Step), nullable=False),
    Column("loader", FreeText),
    Column("started", UtcTime, nullable=False),
    Column("ended", UtcTime),
    Column("ending", Word(Ending)),
    Column("reason", FreeText, nullable=False),
)
Index("journal_attempts_record", attempts.c.record_id, attempts.c.id)
_null_index("journal_attempts_unended", (attempts.c.id,), attempts.c.ended)

notices = Table(
    "journal_notices",
    metadata,
    _number_column(),
    # of root, kind, subject and identity: names from disk can be longer than PostgreSQL's index entries
    Column("digest", Text, nullable=False),
    Column("root", _ordered_name(), nullable=False),
    Column("kind", FreeText, nullable=False),
    Column("subject", FreeText, nullable=False),
    Column("identity", FreeText, nullable=False),
    Column("text", FreeText, nullable=False),
    Column("at", UtcTime, nullable=False),
)
Index("journal_notices_digest", notices.c.digest, unique=True)
Index("journal_notices_root", notices.c.root, notices.c.id)

requests = Table(
    "journal_requests",
    metadata,
    _number_column(),
    Column("kind", Word(RequestKind), nullable=False),
    Column("record_id", _Number, ForeignKey(records.c.id), nullable=False),
    Column("asked_by", FreeText, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("finished", UtcTime),
    Column("outcome", FreeText),
)
_null_index("journal_requests_open", (requests.c.id,), requests.c.finished)
_null_index("journal_requests_once", (requests.c.record_id, requests.c.kind), requests.c.finished, unique=True)
