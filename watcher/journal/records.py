"""Writes records: the intent, each move along the transition table, and notes in between."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TypedDict

from sqlalchemy import Connection, bindparam, func, insert, select, update

from watcher.journal.errors import ForbiddenMove, NoSuchRecord, StaleRecord
from watcher.journal.rows import RECORD_COLUMNS, from_record, to_record
from watcher.journal.tables import records, transitions
from watcher.journal.transactions import new_id, serialise
from watcher.model.records import DropKind, Record, Source
from watcher.model.states import Folder, State, may_follow


class Changes(TypedDict, total=False):
    """What may change of a record besides its state; see Record for what each means."""

    dataset: str | None
    key: str | None
    retry_at: datetime | None
    deferrals: int
    loaded_by: tuple[str, ...]
    files: int | None
    size_bytes: int | None
    rows: int | None
    errors: int | None
    warnings: int | None
    source_left: bool
    delivered: bool
    run: int
    place: Folder


class Notes(Changes, total=False):
    """What may change without a step of state; with a step, the reason is the step's own."""

    reason: str


def intend(
    connection: Connection,
    root: str,
    epoch: str,
    kind: DropKind,
    source: Source,
    *,
    files: int | None,
    size_bytes: int | None,
    at: datetime,
) -> Record:
    """A new record with the epoch's next take."""
    serialise(connection, f"{root}/{epoch}")
    last = select(func.max(records.c.take)).where(records.c.root == root, records.c.epoch == epoch)
    record = Record(
        id=0,
        root=root,
        epoch=epoch,
        take=(connection.scalar(last) or 0) + 1,
        kind=kind,
        state=State.CLAIMING,
        since=at,
        created=at,
        place=Folder.STAGE,
        source=source,
        files=files,
        size_bytes=size_bytes,
    )
    new = insert(records).values(**from_record(record), was_loaded=False)
    record = _stored(connection, new_id(connection, new))
    _add_transition(connection, record, None, "")
    return record


def move(
    connection: Connection, record: Record, after: State, *, reason: str, at: datetime, changes: Changes
) -> Record:
    """The record in its new state. Raises StaleRecord, ForbiddenMove, NoSuchRecord."""
    stored = _current(connection, record)
    if not may_follow(stored.state, after):
        raise ForbiddenMove(record.id, stored.state, after)
    moved = replace(_changed(stored, {**changes, "reason": reason}), state=after, since=at)
    moved = _store(connection, moved)
    _add_transition(connection, moved, stored.state, reason)
    return moved


def note(connection: Connection, record: Record, changes: Notes) -> Record:
    """The record with these changes and the same state. Raises StaleRecord, NoSuchRecord."""
    return _store(connection, _changed(_current(connection, record), changes))


def _current(connection: Connection, record: Record) -> Record:
    """What is stored, locked until the transaction ends; changes are laid on it, not on what the caller has seen."""
    current = _stored(connection, record.id)
    # The run tells a record that was replayed meanwhile from the one that was seen, where the state does not.
    if (current.state, current.run) != (record.state, record.run):
        raise StaleRecord(record.id, seen=(record.state, record.run), stored=(current.state, current.run))
    return current


def _changed(record: Record, changes: Notes) -> Record:
    unknown = changes.keys() - Notes.__annotations__.keys()
    if unknown:
        raise TypeError(f"not for changing: {', '.join(sorted(unknown))}")
    return replace(record, **changes)


def _store(connection: Connection, record: Record) -> Record:
    columns = from_record(record)
    if record.state is State.LOADED:
        columns["was_loaded"] = True  # and stays so through a replay
    connection.execute(_UPDATE, {"number": record.id, **columns})
    return record


def _stored(connection: Connection, record_id: int) -> Record:
    row = connection.execute(_SELECT, {"number": record_id}).one_or_none()
    if row is None:
        raise NoSuchRecord(record_id)
    return to_record(row)


def _add_transition(connection: Connection, record: Record, before: State | None, reason: str) -> None:
    values = {"record_id": record.id, "at": record.since, "before": before, "after": record.state, "reason": reason}
    connection.execute(insert(transitions), values)


# Made once: SQLAlchemy would spend as long on making them anew at each write as SQLite on the write.
_UPDATE = update(records).where(records.c.id == bindparam("number"))
_SELECT = select(*RECORD_COLUMNS).where(records.c.id == bindparam("number")).with_for_update()
