"""Requests: a person's wish from another process, kept until the service has seen to it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from watcher.journal.rows import REQUEST_COLUMNS, to_request
from watcher.journal.tables import records, requests
from watcher.journal.transactions import serialise
from watcher.model.records import Record, Request, RequestKind

_OPEN = (
    select(*REQUEST_COLUMNS).join_from(requests, records).where(requests.c.finished.is_(None)).order_by(requests.c.id)
)


def add(connection: Connection, kind: RequestKind, record: Record, by: str, at: datetime) -> Request:
    """The new request; or the open one, where the same was asked for already."""
    serialise(connection, f"request {record.id}")
    same = _OPEN.where(requests.c.record_id == record.id, requests.c.kind == kind)
    row = connection.execute(same).one_or_none()
    if row is None:
        values = {"kind": kind, "record_id": record.id, "asked_by": by, "at": at}
        connection.execute(insert(requests).values(**values))
        row = connection.execute(same).one()
    return to_request(row)


def open_requests(connection: Connection) -> tuple[Request, ...]:
    """Those not yet finished, oldest first."""
    return tuple(to_request(row) for row in connection.execute(_OPEN))


def finish(connection: Connection, request: Request, at: datetime, outcome: str) -> None:
    """Close it; if it was closed before, its first outcome stays."""
    unfinished = update(requests).where(requests.c.id == request.id, requests.c.finished.is_(None))
    connection.execute(unfinished.values(finished=at, outcome=outcome))
