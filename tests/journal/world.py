"""Builders: a record in any state in one line."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from watcher.journal import Journal
from watcher.model.records import DropKind, Record, Source, SourceEntry
from watcher.model.states import State, folder_of

NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
ENTRY = SourceEntry("users.csv", "users.csv", 7, 120, 1_700_000_000_123_456_789, 1_700_000_000_123_456_790)
SOURCE = Source(2049, 11, (ENTRY,))

_WAYS = {
    State.CLAIMING: (),
    State.CLAIMED: (State.CLAIMED,),
    State.ACCEPTED: (State.CLAIMED, State.ACCEPTED),
    State.DEFERRED: (State.CLAIMED, State.ACCEPTED, State.DEFERRED),
    State.HELD: (State.CLAIMED, State.ACCEPTED, State.HELD),
    State.LOADED: (State.CLAIMED, State.ACCEPTED, State.LOADED),
    State.REJECTED: (State.CLAIMED, State.REJECTED),
    State.FAILED: (State.CLAIMED, State.FAILED),
    State.SUPERSEDED: (State.CLAIMED, State.SUPERSEDED),
    State.WITHDRAWN: (State.WITHDRAWN,),
}


def intend(journal: Journal, root: str = "north", epoch: str = "20260301-120000", source: Source = SOURCE) -> Record:
    return journal.intend(root, epoch, DropKind.EPOCH, source, files=1, size_bytes=120, at=NOON)


def record_in(
    journal: Journal, state: State, root: str = "north", epoch: str = "20260301-120000", **changes: Any
) -> Record:
    """A record brought to the state step by step, lying in the state's folder, then changed so."""
    record = intend(journal, root, epoch)
    for after in _WAYS[state]:
        record = journal.move(record, after, at=NOON, place=folder_of(after))
    return journal.note(record, **changes) if changes else record
