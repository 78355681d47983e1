"""Performs what people asked for through the journal, at the root's next look."""

from __future__ import annotations

from collections.abc import Iterable

from watcher.model.records import Record, Request, RequestKind
from watcher.model.states import State, may_follow
from watcher.service.context import Context
from watcher.service.droplog import log_of
from watcher.service.lane import Lane


def perform_requests(lane: Lane, context: Context) -> None:
    """Perform the lane's requests and close them, with what came of each."""
    for request in lane.requests:
        outcome = _perform(request, context)
        context.journal.finish_request(request, context.clock.utc(), outcome)
    lane.requests = ()


def hurry(records: Iterable[Record], context: Context) -> bool:
    """Have those that wait for a later try tried at once. Whether there were any."""
    now = context.clock.utc()
    waiting = [record for record in records if record.waits_for_a_try(now)]
    for record in waiting:
        context.journal.note(record, retry_at=now)
    return bool(waiting)


def _perform(request: Request, context: Context) -> str:
    record = context.journal.record(request.record_id)
    match request.kind:
        case RequestKind.REPLAY:
            return _replay(record, request, context)


def _replay(record: Record, request: Request, context: Context) -> str:
    if hurry([record], context):
        log_of(record).info("tried at once for {by}", by=request.by, event="hurried")
        return "tried at once"
    if record.since > request.at:  # the wish was for another try, and came too late for that
        return f"not replayed: it was tried since, and is {record.state}"
    if not may_follow(record.state, State.CLAIMED) or record.state is State.CLAIMING:
        return f"not replayed: it is {record.state}"
    context.journal.move(
        record,
        State.CLAIMED,
        reason=f"replayed by {request.by}",
        at=context.clock.utc(),
        run=record.run + 1,
        loaded_by=(),
        delivered=False,
        retry_at=None,
        deferrals=0,
    )
    log_of(record).info("replayed by {by}", by=request.by, event="replayed")
    return "replayed"
