"""Plans for the drops that the journal knows: the next step of each, on its way to its end.

One drop of a root at a time is validated or loaded, in the order of their names.
"""

from __future__ import annotations

from collections.abc import Iterator

from watcher.config import Late
from watcher.model.actions import (
    Action,
    Fail,
    FileAway,
    Finish,
    ForgetSource,
    Hold,
    Load,
    Reject,
    ResumeClaim,
    Supersede,
    Validate,
    WaitFor,
    Waiting,
)
from watcher.model.deliveries import is_older
from watcher.model.names import safe_name
from watcher.model.records import DropKind, Record, Step
from watcher.model.states import State
from watcher.service import plan_reports
from watcher.service.situation import Situation

#: So many newer names are told of a drop that they took the place of.
_NEWER_TOLD = 3


def tidy(at: Situation) -> Iterator[Action | Waiting]:
    """What has ended is put in its place, and its sender is told."""
    for record in at.records.open:
        if record.is_misplaced:
            yield FileAway(record)
        elif record.is_outdated and record.state is State.CLAIMED:
            yield Supersede(record, _why_outdated(record))
        elif plan_reports.awaits_its_report(record):
            yield plan_reports.step(at, record)
    if not at.facts.problem:
        here = {epoch.name for epoch in at.facts.epochs} | {item.entry.name for item in at.facts.loose}
        for record in at.records.left:
            names = {record.epoch} if record.kind is DropKind.EPOCH else {e.name for e in record.source.entries}
            # An empty mount point shows none of them either.
            if not names & here and record.source.device in (0, at.facts.device):
                yield ForgetSource(record)


def _why_outdated(record: Record) -> str:
    """The first newer names: their number is bounded by nothing but the sender's patience."""
    names = [safe_name(name) for name in record.source.newer]
    more = f" and {len(names) - _NEWER_TOLD} more" if len(names) > _NEWER_TOLD else ""
    return f"newer than its files: {', '.join(names[:_NEWER_TOLD])}{more}"


def resume(at: Situation) -> Iterator[Action | Waiting]:
    """Claims that have begun are gone on with."""
    for record in at.records.open:
        if record.state is State.CLAIMING and not record.is_misplaced:
            wait = at.retry_wait(record, WaitFor.WRITER) or _root_wait(at, record)
            patience_is_over = at.age(record.created) >= at.policy.gather_timeout_seconds
            yield wait or ResumeClaim(record, settle_for_copy=patience_is_over)


def _root_wait(at: Situation, record: Record) -> Waiting | None:
    """An empty mount point looks like a root from which the sender took everything back."""
    if not at.facts.problem:
        return None
    return Waiting(record.epoch, WaitFor.ACCESS, "its claim has begun, and the root is unavailable")


def work(at: Situation) -> Iterator[Action | Waiting]:
    """The next validation or load of the first drop in line; the others wait for it."""
    head: Record | None = None
    for record in at.records.open:
        if record.is_misplaced or not _is_in_line(at, record):
            continue
        if head is not None:
            yield Waiting(record.epoch, WaitFor.TURN, f"waits for {head.epoch}, which comes first")
            continue
        head = record
        if record.state is not State.CLAIMING:
            yield _next_step(at, record)


def _is_in_line(at: Situation, record: Record) -> bool:
    if record.is_outdated:
        return False  # it is kept, and never worked on
    if record.state is State.CLAIMING:
        # It keeps its place in the order, but not for ever.
        return at.age(record.created) < at.policy.gather_timeout_seconds
    return record.state in (State.CLAIMED, State.ACCEPTED, State.DEFERRED)


def _next_step(at: Situation, record: Record) -> Action | Waiting:
    if at.records.busy:
        # The busy one need not be the first: an older epoch may have come while a newer one was being worked on.
        reason = "a worker is at it" if record.id in at.records.busy else "a worker is at another drop of the root"
        return Waiting(record.epoch, WaitFor.WORK, reason)
    wait = at.retry_wait(record, WaitFor.RETRY)
    if wait is not None:
        return wait
    if record.state is State.CLAIMED:
        return _validate(at, record)
    return _out_of_order(at, record) or _load(at, record)


def _validate(at: Situation, record: Record) -> Action:
    broken = at.records.attempts.get((record.id, Step.VALIDATE, None), 0)
    if broken >= at.policy.attempts:
        return Fail(record, f"its validation broke {broken} times; {_why_it_broke(record)}")
    return Validate(record)


def _out_of_order(at: Situation, record: Record) -> Action | None:
    reason = "" if record.loaded_by or record.run > 1 else _why_late(at, record)
    if not reason:
        return None
    match at.policy.late:
        case Late.HOLD:
            return Hold(record, reason)
        case Late.REJECT:
            return Reject(record, reason)
        case Late.LOAD:
            return None


def _why_late(at: Situation, record: Record) -> str:
    """A gather is named by the time when it was made: what it holds may be older than what was loaded before."""
    newest = at.records.newest_loaded
    if newest is not None and record.epoch < newest:
        return f"it is late: {newest} is newer and was loaded before"
    for entry in record.source.entries:
        known = at.records.newest_stamps.get(entry.target, "")
        if is_older(entry.stamp, known):
            return f"it is late: {safe_name(entry.name)} is older than the one of {known}, which was loaded before"
    return ""


def _load(at: Situation, record: Record) -> Action:
    loader = next((name for name in at.policy.loaders if name not in record.loaded_by), None)
    if loader is None:
        return Finish(record)
    broken = at.records.attempts.get((record.id, Step.LOAD, loader), 0)
    if broken >= at.policy.attempts:
        return Fail(record, f"loader {loader} broke {broken} times; {_why_it_broke(record)}")
    if record.state is State.DEFERRED and at.age(record.since) >= at.policy.load_give_up_seconds:
        return Fail(record, f"loader {loader} asked for a later try for too long; {record.reason}")
    return Load(record, loader)


def _why_it_broke(record: Record) -> str:
    """A try that broke leaves its reason and the time of the next; one that was cut off leaves neither."""
    return record.reason if record.reason and record.retry_at is not None else "the service was cut off"
