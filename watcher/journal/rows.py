"""Between rows and values: the columns of a table bear the names of the value's fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from watcher.journal.tables import attempts, notices, records, requests, transitions
from watcher.model.records import Attempt, Notice, Record, Request, Transition
from watcher.model.states import OPEN_STATES, State

#: Ends of which the sender is told; until that is done the record stays open.
_TOLD_STATES = frozenset({State.LOADED, State.REJECTED, State.HELD, State.FAILED})

_RECORD_FIELDS = tuple(field.name for field in fields(Record))

RECORD_COLUMNS = tuple(records.c[name] for name in _RECORD_FIELDS)
ATTEMPT_COLUMNS = tuple(attempts.c[field.name] for field in fields(Attempt))
NOTICE_COLUMNS = tuple(notices.c[field.name] for field in fields(Notice))
TRANSITION_COLUMNS = tuple(transitions.c[field.name] for field in fields(Transition))
REQUEST_COLUMNS = (
    *(requests.c.id, requests.c.kind, requests.c.record_id),
    *(records.c.root, requests.c.asked_by, requests.c.at),
)


def to_record(row: Sequence[Any]) -> Record:
    """Of a row of RECORD_COLUMNS."""
    return Record(*row)


def to_attempt(row: Sequence[Any]) -> Attempt:
    """Of a row of ATTEMPT_COLUMNS."""
    return Attempt(*row)


def to_notice(row: Sequence[Any]) -> Notice:
    """Of a row of NOTICE_COLUMNS."""
    return Notice(*row)


def to_transition(row: Sequence[Any]) -> Transition:
    """Of a row of TRANSITION_COLUMNS."""
    return Transition(*row)


def to_request(row: Sequence[Any]) -> Request:
    """Of a row of REQUEST_COLUMNS."""
    return Request(*row)


def from_record(record: Record) -> dict[str, object]:
    """The columns of a record but its number and `was_loaded`, which only ever becomes true."""
    values = {name: getattr(record, name) for name in _RECORD_FIELDS if name != "id"}
    return {**values, "is_open": needs_a_look(record)}


def needs_a_look(record: Record) -> bool:
    """Whether the service has something left to do for it by itself: a step, a move, or a word to the sender."""
    untold = record.state in _TOLD_STATES and not record.delivered
    return record.state in OPEN_STATES or record.is_misplaced or untold
